//! Everything that the doctor looks at, in the order in which somebody wants to know it.

use std::collections::BTreeSet;

use courier_engine::store::inspect::{DATABASES, Database, State};

use super::chain::{Chain, Signed, chains};
use super::folder::Folder;
use super::outbox;
use super::report::Report;

/// What to do about a journal that is not whole.
const PUT_TOGETHER: &str = "the app puts it together from journal and logs when it is opened again, and says in an incident \
    what was lost; keep this copy until the server has everything";

/// What to do about a route cache that is not whole.
const FETCHED: &str =
    "nothing is lost: the app deletes it, and fetches the route again as soon as there is a network";

/// Looks at everything.
pub(super) fn all(folder: &Folder) -> Report {
    let (mut report, chains) = (Report::default(), chains(folder));
    files(folder, &mut report);
    databases(folder, &mut report);
    whose(folder, &mut report);
    for chain in &chains {
        of_chain(folder, chain, &mut report);
    }
    if chains.is_empty() {
        report.about("Facts");
        report.note("there are none that can be read");
    }
    outbox::tell(folder, &chains, &mut report);
    tries(folder, &chains, &mut report);
    storage(folder, &mut report);
    sealed(folder, &chains, &mut report);
    report
}

fn files(folder: &Folder, report: &mut Report) {
    report.about("Files");
    let bytes: u64 = folder.files.values().sum();
    report.ok(format!("{} of a phone, {}", count(folder.files.len() as u64, "file"), size(bytes)));
    let logs = folder.files.keys().filter(|name| name.starts_with("facts-")).count();
    if logs == 0 && !folder.contents.facts.is_empty() {
        report.note("no log of facts: the journal is all that there is of them");
    }
    if folder.foreign > 0 {
        report.note(format!("{} that no phone makes; not looked at", count(folder.foreign, "entry")));
    }
}

fn databases(folder: &Folder, report: &mut Report) {
    report.about("Databases");
    let (has_log, [journal, route]) = (!folder.contents.log.facts.is_empty(), &folder.contents.databases);
    match &journal.state {
        State::Missing if has_log => report.wrong("journal.db is missing, and there are logs of its facts", PUT_TOGETHER),
        State::Missing => report.wrong(
            "journal.db is missing, and with it every fact",
            "was the whole folder copied? If so, nothing was recorded here, or the folder was emptied: the server says what it has",
        ),
        state => database(DATABASES[0], journal, state, PUT_TOGETHER, report),
    }
    match &route.state {
        State::Missing => report.advise("route.db is missing", FETCHED),
        state => database(DATABASES[1], route, state, FETCHED, report),
    }
}

fn database(name: &str, is: &Database, state: &State, mended: &str, report: &mut Report) {
    let version = is.version.map_or_else(|| "none".to_owned(), |version| version.to_string());
    match state {
        State::Whole if is.version == Some(is.newest) => report.ok(format!("{name} is whole; schema {version}")),
        State::Whole => report.note(format!(
            "{name} is whole; schema {version}, an app of this version brings it to {}",
            is.newest
        )),
        State::Newer => report.wrong(
            format!("{name} was written by a newer version: schema {version}, {} is known here", is.newest),
            "the app must not be older than it was: install the newer one again. Nothing is lost, and nothing of it was read here: use the terminal of that version",
        ),
        State::Foreign => report.wrong(format!("{name} is no database of a phone, or its first page is damaged"), mended),
        State::Damaged(said) => report.wrong(format!("{name} is damaged; SQLite says: {said}"), mended),
        State::Missing => {}
    }
}

fn whose(folder: &Folder, report: &mut Report) {
    report.about("Whose it is");
    let Some(it) = folder.identity() else {
        report.note("the journal does not say");
        return;
    };
    report.ok(format!("installation {}, incarnation {}, opened {} times", it.install, it.inc, it.opens));
    if it.is_enrolled {
        report.ok("it was made a courier's");
    } else {
        report.advise(
            "it was never made a courier's",
            "nothing is sent before: enrol it with a code of the office",
        );
    }
    if it.epoch.is_empty() {
        report.note("no server ever answered it");
    }
    if it.inc > 1 {
        report.note("above incarnation 1: the data came out of a backup, or the journal was put together");
    }
}

fn of_chain(folder: &Folder, chain: &Chain, report: &mut Report) {
    let Some((first, last)) = chain.ends() else { return };
    let facts = count(chain.facts.len() as u64, "fact");
    report.about(format!("Chain of incarnation {}: {facts}, numbers {first} to {last}", chain.inc));
    let signed = |how: Signed| chain.facts.values().filter(|fact| fact.signed == how).count() as u64;
    if first > 1 {
        report.note(format!("it begins at {first}: facts go a week after the server has them"));
    }
    let only_logged =
        chain.facts.keys().filter(|seq| !folder.contents.facts.contains_key(&(chain.inc, **seq))).count();
    if only_logged > 0 {
        let advice = match folder.contents.databases[0].state {
            State::Whole => {
                "an older journal was put back: the app goes on as the next incarnation, without these; keep this folder, its logs are all that there is of them"
            }
            _ => PUT_TOGETHER,
        };
        let facts = count(only_logged as u64, "fact");
        report.wrong(format!("{facts} in the log, and not in the journal any more"), advice);
    }
    let handed_in = chain.receipt.as_ref().map_or(0, |receipt| receipt.seq);
    for (from, to) in &chain.gaps {
        let what = format!("a gap: {from} to {to} are missing");
        if *to <= handed_in {
            report.advise(what, "the server has signed that it has them: nothing is lost");
        } else {
            report.wrong(what, "look below for a journal that was put together; the rest of the chain counts, and the office is told");
        }
    }
    let mut faults = 0;
    for (seq, fact) in &chain.facts {
        for fault in &fact.faults {
            faults += 1;
            report.wrong(format!("{}/{seq} {}", chain.inc, fault.words()), fault.advice());
        }
    }
    if faults == 0 && chain.gaps.is_empty() {
        report.ok("each fact has its hash, and follows the one before it");
    }
    match signed(Signed::ByDay) {
        0 => {}
        fitting => report.ok(format!("{} signed with the key of a day", count(fitting, "fact"))),
    }
    if signed(Signed::ByDevice) > 0 {
        let days = count(signed(Signed::ByDevice), "begin of a day");
        report.note(format!("{days}: signatures not checked, the device's public key is not in the folder"));
    }
    if signed(Signed::DayGone) > 0 {
        let old = count(signed(Signed::DayGone), "fact");
        report.note(format!("{old}: signatures not checked, the begin of their day is not here"));
    }
    match &chain.receipt {
        Some(receipt) => report.note(format!(
            "the server has signed for everything up to {} (its signature is not checked: its keys are not here)",
            receipt.seq
        )),
        None => report.note("the server has signed for nothing of it yet"),
    }
}

/// Entries of codes are counted before they are looked at: so that none is free.
fn tries(folder: &Folder, chains: &[Chain], report: &mut Report) {
    report.about("Entries of codes");
    let (journal, log) = (&folder.contents.tries, &folder.contents.log.tries);
    let counted: BTreeSet<_> = journal.union(log).collect();
    let mut without = 0;
    let mut open = counted.clone();
    for fact in chains.iter().flat_map(|chain| chain.facts.values()).filter_map(|fact| fact.payload.as_ref())
    {
        if fact.body.kind() == "code_tried" && !open.remove(&fact.id.as_str().to_owned()) {
            without += 1;
        }
    }
    report.ok(format!("{} counted", count(counted.len() as u64, "entry")));
    if !open.is_empty() {
        report.advise(
            format!("{} counted without a fact", count(open.len() as u64, "entry")),
            "the app ended between the two, or the fact was lost; the next start records each as a miss",
        );
    }
    if without > 0 {
        report.wrong(
            format!("{} recorded that nobody counted", count(without, "entry")),
            "counts were lost with a damaged journal, or somebody changed the file: tell whoever looks after the codes",
        );
    }
    let lost = log.difference(journal).count() as u64;
    if lost > 0 && folder.contents.databases[0].state == State::Whole {
        report.wrong(
            format!("{} in the log that the journal does not count", count(lost, "entry")),
            "the journal was replaced by an older one, or changed: tell whoever looks after the codes",
        );
    }
}

fn storage(folder: &Folder, report: &mut Report) {
    report.about("Storage");
    if folder.has("ballast") {
        report.ok("room for handovers is kept free");
    } else {
        report.advise(
            "no room is kept free (no file `ballast`)",
            "the disk was full, or the file was not copied: make room on the phone, the app takes it again by itself",
        );
    }
    if folder.aside.files > 0 {
        let (files, bytes) = (count(folder.aside.files, "file"), size(folder.aside.bytes));
        report.note(format!(
            "{files} put aside, {bytes}: damaged ones, or copies from before an update. They go after a week"
        ));
    }
    if folder.files.keys().any(|name| name.starts_with("journal.coming") || name == "journal.whole") {
        report
            .advise("a journal was being put together when the app ended", "the next start goes on with it");
    }
    for incident in &folder.contents.incidents {
        let lost = if incident.lost > 0 {
            format!(", {} lost", count(incident.lost, "fact"))
        } else {
            String::new()
        };
        let told = if incident.is_told { "a fact tells it" } else { "no fact tells it yet" };
        let said = match incident.kind.as_str() {
            "journal-salvaged" => "the journal was damaged and was put together",
            "file-damaged" => "a photo or signature was damaged and proves nothing",
            "disk-full" => "the disk was full, and the room for handovers was given up",
            _ => "an incident that this version does not know",
        };
        report.note(format!("{said}{lost}; {told}"));
    }
}

fn sealed(folder: &Folder, chains: &[Chain], report: &mut Report) {
    report.about("Not read, since it is sealed and the keys are not in this folder");
    let facts = &folder.facts;
    let private = facts.values().filter(|fact| fact.has_private).count() as u64;
    let with = chains.iter().flat_map(|chain| chain.facts.values()).filter_map(|fact| fact.payload.as_ref());
    let had = with.filter(|payload| payload.private.is_some()).count() as u64;
    report.note(format!(
        "private parts of facts (names, flats, notes, positions): {private} there, {} gone",
        had.saturating_sub(private)
    ));
    report.note(format!(
        "{} of the office, {} half filled in, {} ({})",
        count(folder.contents.office_objects, "object"),
        count(folder.contents.drafts, "door"),
        count(folder.blobs.files, "photo or signature"),
        size(folder.blobs.bytes)
    ));
}

/// So many of these.
pub(super) fn count(number: u64, what: &str) -> String {
    match (number, what) {
        (1, what) => format!("1 {what}"),
        (number, "entry") => format!("{number} entries"),
        (number, "begin of a day") => format!("{number} begins of days"),
        (number, "photo or signature") => format!("{number} photos or signatures"),
        (number, what) => format!("{number} {what}s"),
    }
}

fn size(bytes: u64) -> String {
    if bytes < 10_240 { format!("{bytes} bytes") } else { format!("{} KiB", bytes / 1_024) }
}
