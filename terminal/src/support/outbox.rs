//! How far the facts are: what waits for the server, since when, and what the server said of the rest.

use std::collections::BTreeMap;

use courier_domain::{UnixMs, Verdict};

use super::chain::Chain;
use super::checks::count;
use super::folder::Folder;
use super::report::Report;
use crate::told::{instant, time};

/// Tells it.
pub(super) fn tell(folder: &Folder, chains: &[Chain], report: &mut Report) {
    waiting(folder, chains, report);
    answered(folder, report);
}

fn waiting(folder: &Folder, chains: &[Chain], report: &mut Report) {
    report.about("Waiting for the server");
    if folder.identity().is_none() {
        report.note("not known: how far facts are is only in the journal, and its identity cannot be read");
        return;
    }
    let contents = &folder.contents;
    let (mut never, mut again, mut overtaken, mut oldest) = (0, 0, Vec::new(), None);
    for chain in chains {
        let newest = chain.facts.keys().rev().find(|seq| folder.is_acknowledged((chain.inc, **seq)));
        for (seq, fact) in &chain.facts {
            let place = (chain.inc, *seq);
            if folder.is_acknowledged(place) {
                continue;
            }
            if contents.acks.contains_key(&place) {
                again += 1;
            } else {
                never += 1;
            }
            if newest.is_some_and(|newest| seq < newest) {
                overtaken.push(format!("{}/{seq}", chain.inc));
            }
            if oldest.is_none() {
                oldest = fact.payload.as_ref().map(|payload| (place, time(payload.at.best())));
            }
        }
    }
    match never + again {
        0 => report.ok("no fact waits"),
        all => {
            let since = oldest.map(|((inc, seq), at)| format!("; the first is {inc}/{seq}, made at {at}"));
            report
                .advise(format!("{} wait{}", count(all, "fact"), since.unwrap_or_default()), advice(folder));
        }
    }
    if again > 0 {
        report.note(format!(
            "{again} of these: acknowledged before, and then the server was restored from a backup or asked again"
        ));
    }
    if !overtaken.is_empty() {
        report.advise(
            format!("stuck: {} while later facts are acknowledged", overtaken.join(", ")),
            "the server answers that it cannot take it yet: its log says why, by the fact's id (`explain` tells it)",
        );
    }
    match folder.blobs.files {
        0 => report.ok("no photo or signature waits"),
        files => report.note(format!("{} waits (lane `blobs`)", count(files, "photo or signature"))),
    }
    if never + again > 0 || folder.blobs.files > 0 {
        report.note(
            "which lane failed, and when it tries again, is not on the disk: the phone shows it (\"What is on this phone\")",
        );
    }
    match contents.acks.values().map(|ack| ack.wall).max() {
        Some(wall) => report.note(format!(
            "the server last acknowledged something at {} by the phone's clock",
            instant(UnixMs(wall))
        )),
        None => report.note("the server has acknowledged nothing that is still here"),
    }
}

fn advice(folder: &Folder) -> &'static str {
    match folder.identity() {
        Some(identity) if !identity.is_enrolled => "enrol the phone: before, it has nobody to send to",
        Some(identity) if identity.epoch.is_empty() => {
            "the phone has never reached its server: check the server's address and certificate on the phone"
        }
        _ => {
            "bring the phone into a network and open the app; if it still waits, its screen says which lane fails, and \
              `logOut` with a file takes the facts to the office without a network"
        }
    }
}

fn answered(folder: &Folder, report: &mut Report) {
    report.about("What the server said");
    let contents = &folder.contents;
    let (mut stored, mut parked, mut flags) = (0u64, 0u64, BTreeMap::<&str, u64>::new());
    let mut verdicts = [(Verdict::Confirmed, 0u64), (Verdict::UnderReview, 0), (Verdict::Refuted, 0)];
    for (place, ack) in &contents.acks {
        if ack.status == "parked" {
            parked += 1;
        } else if folder.is_acknowledged(*place) {
            stored += 1;
        }
        for (verdict, count) in &mut verdicts {
            *count += u64::from(ack.verdict.as_ref().is_some_and(|(is, _)| is == verdict));
        }
        for flag in &ack.flags {
            *flags.entry(flag).or_default() += 1;
        }
    }
    report.ok(format!(
        "{} stored; judged: {} confirmed, {} under review, {} refuted",
        count(stored, "fact"),
        verdicts[0].1,
        verdicts[1].1,
        verdicts[2].1
    ));
    if parked > 0 {
        report.advise(
            format!("{} parked: the server has its bytes and could not read it", count(parked, "fact")),
            "somebody in the office has to look at it; the phone has nothing more to do",
        );
    }
    for (flag, number) in flags {
        let said = format!("{} flagged `{}`", count(number, "fact"), word(flag));
        if ["sequence-fork", "id-conflict"].contains(&flag) {
            report.wrong(said, "the server knows another fact in its place: a copy of this phone was in use, or its data were put back");
        } else {
            report.note(said);
        }
    }
}

/// A stable word of the protocol; what is none is not repeated.
pub(super) fn word(text: &str) -> &str {
    let is_word = (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'));
    if is_word { text } else { "?" }
}
