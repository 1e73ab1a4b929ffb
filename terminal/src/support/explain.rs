//! One fact: where it is in its chain, who signed it, what it says, and what became of it.

use courier_domain::{FactBody, UnixMs};

use super::chain::{Chain, Judged, Signed, chains};
use super::folder::Folder;
use super::outbox::word;
use super::report::Report;
use crate::told::{instant, time, told, verdict};

/// Shortest beginning of an id or a hash that is looked for.
const SHORTEST: usize = 6;

/// Explains the fact that `wanted` means.
///
/// # Errors
/// Words for whoever called: there is none, or there are several.
pub(super) fn fact(folder: &Folder, wanted: &str) -> Result<Report, String> {
    let (inc, seq) = find(folder, wanted)?;
    let chains = chains(folder);
    let chain = chains.iter().find(|chain| chain.inc == inc).ok_or("no such chain")?;
    let judged = chain.facts.get(&seq).ok_or("no such fact")?;
    let stored = folder.facts.get(&(inc, seq)).ok_or("no such fact")?;
    let mut report = Report::default();
    report.about(format!("Fact {}", stored.id));
    place(folder, chain, seq, judged, &mut report);
    says(folder, judged, stored.has_private, &mut report);
    became(folder, &chains, (inc, seq), judged, &mut report);
    Ok(report)
}

/// By its place, its id, or the beginning of its id or hash.
fn find(folder: &Folder, wanted: &str) -> Result<(u32, u64), String> {
    let facts = &folder.facts;
    let place = wanted.split_once('/').and_then(|(inc, seq)| Some((inc.parse().ok()?, seq.parse().ok()?)));
    let found: Vec<_> = facts
        .iter()
        .filter(|(at, fact)| {
            Some(**at) == place
                || fact.id == wanted
                || wanted.len() >= SHORTEST && (fact.id.starts_with(wanted) || fact.hash.starts_with(wanted))
        })
        .map(|(at, _)| *at)
        .collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(format!(
            "no fact {wanted} in this folder: give its id, the beginning of its id or hash, or INCARNATION/NUMBER"
        )),
        [first, .., last] => Err(format!(
            "{} facts begin with {wanted}, from {}/{} to {}/{}: give more of it",
            found.len(),
            first.0,
            first.1,
            last.0,
            last.1
        )),
    }
}

fn place(folder: &Folder, chain: &Chain, seq: u64, judged: &Judged, report: &mut Report) {
    let (inc, (first, last)) = (chain.inc, chain.ends().unwrap_or((seq, seq)));
    report.ok(format!("number {seq} of incarnation {inc}; the chain here goes from {first} to {last}"));
    if judged.faults.is_empty() {
        report.ok("its bytes have their hash");
        match seq.checked_sub(1).filter(|before| *before > 0) {
            None => report.ok("it begins its chain"),
            Some(before) if chain.facts.contains_key(&before) => {
                report.ok(format!("it follows {inc}/{before}"));
            }
            Some(before) => report.note(format!("it names what it follows; {inc}/{before} is not here")),
        }
    }
    for fault in &judged.faults {
        report.wrong(
            format!("it {}", fault.words()),
            "do not rely on it: compare with what the server has under its id",
        );
    }
    match judged.signed {
        Signed::ByDay => report.ok("signed with the key that a day of its chain names"),
        Signed::ByDevice => {
            report.note("signed with the device's key; not checked, its public half is not in the folder");
        }
        Signed::DayGone => report.note("signature not checked: the begin of its day is not in the folder"),
        Signed::No => {}
    }
    let place = (inc, seq);
    if !folder.contents.facts.contains_key(&place) {
        report.wrong(
            "read from the log: it is not in the journal any more",
            "the app puts the journal together when it is opened again",
        );
    } else if folder.contents.log.facts.contains_key(&place) {
        report.ok("it is in the log, too");
    } else {
        report.note("it is not in the log: only the journal has it");
    }
}

fn says(folder: &Folder, judged: &Judged, has_private: bool, report: &mut Report) {
    report.about("What it says");
    let Some(payload) = &judged.payload else {
        report.note("nothing that can be read");
        return;
    };
    report.ok(format!("{} at {}: {}", payload.body.kind(), time(payload.at.best()), told(&payload.body)));
    if let FactBody::Incident { kind, lost } = &payload.body {
        report.note(format!(
            "incident `{}`, {} lost",
            word(kind),
            super::checks::count(lost.unwrap_or(0), "fact")
        ));
    }
    if let Some(stop) = &payload.stop {
        report.note(format!(
            "at stop {stop}, as the phone knew it in revision {}",
            payload.stop_rev.unwrap_or(0)
        ));
    }
    if payload.body.kind() == "code_tried" {
        let counted = folder.contents.tries.contains(payload.id.as_str());
        if counted {
            report.ok("the entry was counted before it was looked at");
        } else {
            report.note("the count of this entry is not here");
        }
    }
    match (&payload.private, has_private) {
        (None, _) => report.ok("nothing personal belongs to it"),
        (Some(_), true) => report.note("its personal part is here and sealed: not shown"),
        (Some(_), false) => {
            report.note("its personal part is gone, as it should be a week after the server has it");
        }
    }
}

fn became(folder: &Folder, chains: &[Chain], place: (u32, u64), judged: &Judged, report: &mut Report) {
    report.about("What became of it");
    match folder.contents.acks.get(&place) {
        None => report.note("it waits: the server has not acknowledged it"),
        Some(ack) => {
            let when = instant(UnixMs(ack.wall));
            if folder.is_acknowledged(place) {
                report.ok(format!(
                    "the server acknowledged it at {when} by the phone's clock: {}",
                    word(&ack.status)
                ));
            } else {
                report.note(format!(
                    "it waits again: acknowledged at {when}, before the server was restored or asked for it again"
                ));
            }
            for flag in &ack.flags {
                report.note(format!("the server flagged it `{}`", word(flag)));
            }
            match &ack.verdict {
                Some((is, why)) => report.ok(format!("the judge: {} ({})", verdict(*is), word(why))),
                None => report.note("no verdict: the judge has not seen it, or does not judge its kind"),
            }
        }
    }
    let covered = chains.iter().find(|chain| chain.inc == place.0).and_then(|chain| chain.receipt.as_ref());
    if covered.is_some_and(|receipt| receipt.seq >= place.1) {
        report.ok("the server has signed for its chain up to it");
    }
    let Some(id) = judged.payload.as_ref().map(|payload| &payload.id) else { return };
    for chain in chains {
        for (seq, later) in &chain.facts {
            match later.payload.as_ref().map(|payload| &payload.body) {
                Some(FactBody::Withdrawn { fact }) if fact == id => {
                    report.note(format!("{}/{seq} takes it back", chain.inc));
                }
                Some(FactBody::ProofAdded { fact, files }) if fact == id => {
                    report.note(format!(
                        "{}/{seq} adds {} to it",
                        chain.inc,
                        super::checks::count(files.len() as u64, "file")
                    ));
                }
                Some(FactBody::HandedOver { code_try: Some(code), .. }) if code == id => {
                    report.note(format!("{}/{seq} hands over because of it", chain.inc));
                }
                _ => {}
            }
        }
    }
}
