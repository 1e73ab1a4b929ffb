//! The terminal as support tool, on the folder of a real phone that has lived through a day.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Output};

use courier_domain::view::StopView;
use courier_domain::{CodeEntry, Command, Receiver, ReceiverDetails};
use courier_engine::{CommandResult, Config, Courier, Ports};
use memchr::memmem;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde_json::Value;
use tempfile::TempDir;

use crate::office::Office;

const NEIGHBOUR: &str = "Yılmaz-Öztürk";
const NOTE: &str = "behind the green door";

/// A phone after a part of its day, and what must not be told of it.
struct Case {
    dir: TempDir,
    personal: Vec<String>,
}

/// A folder's every file with its bytes and the time of its last change.
type Everything = BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)>;

impl Case {
    /// Kaya's parcel was handed over against the code and the backend has it, Huber's afterwards in the cellar.
    fn new() -> Self {
        let (office, dir) = (Office::open(), tempfile::tempdir().unwrap());
        let ports =
            Ports::software(&dir.path().join("secrets"), &mut ChaCha20Rng::from_seed([7; 32])).unwrap();
        let config =
            Config { auto_sync: false, ..Config::new(dir.path().join("data"), office.url().as_str()) };
        let phone = Courier::open(config, ports).unwrap();
        phone.enrol_blocking(&office.enrolment()).unwrap();
        phone.sync_blocking(20_000).unwrap();
        let submit = |command| phone.submit(command).unwrap().result;
        submit(Command::StartDay);
        let digits = office.digits("Kaya");
        let (coded, stop) = door(&phone, "Kaya");
        submit(Command::Arrive { stop: stop.id.clone() });
        submit(scan(&stop));
        let wrong = if digits == "123456" { "654321" } else { "123456" };
        for entry in [wrong, digits.as_str()] {
            submit(Command::EnterCode { stop: stop.id.clone(), entry: CodeEntry::Digits(entry.into()) });
        }
        let details = ReceiverDetails { name: Some(NEIGHBOUR.into()), ..ReceiverDetails::default() };
        let handed =
            Command::HandOver { attempt: coded, parcels: Vec::new(), receiver: Receiver::Household, details };
        assert!(matches!(submit(handed), CommandResult::Done { fact: Some(_) }));
        phone.sync_blocking(20_000).unwrap();
        let (plain, stop) = door(&phone, "Huber");
        submit(Command::Arrive { stop: stop.id.clone() });
        submit(scan(&stop));
        let details = ReceiverDetails {
            name: Some(NEIGHBOUR.into()),
            note: Some(NOTE.into()),
            ..ReceiverDetails::default()
        };
        submit(Command::HandOver {
            attempt: plain,
            parcels: Vec::new(),
            receiver: Receiver::Household,
            details,
        });
        phone.shutdown();
        let mut personal: Vec<String> = [
            "Kaya",
            "Huber",
            "Ada",
            NEIGHBOUR,
            NOTE,
            "Breite",
            "10178",
            "Berlin",
            "Feinwerk",
            "LABEL-",
            "customer@shop.example",
            office.courier.as_str(),
            digits.as_str(),
            wrong,
            stop.id.as_str(),
        ]
        .map(str::to_owned)
        .to_vec();
        personal.extend(stop.doors.iter().flat_map(|door| {
            door.parcels.iter().map(|parcel| parcel.id.to_string()).chain([door.attempt.to_string()])
        }));
        Self { dir, personal }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn everything(&self) -> Everything {
        let mut found = Everything::new();
        read(self.dir.path(), &mut found);
        found
    }

    /// Runs the terminal on the folder, and holds that nothing in it has changed.
    fn run(&self, arguments: &[&str]) -> (bool, String) {
        let before = self.everything();
        let Output { status, stdout, stderr } =
            Process::new(env!("CARGO_BIN_EXE_courier-terminal")).args(arguments).output().unwrap();
        assert!(self.everything() == before, "{arguments:?} changed something in the folder");
        let text = format!("{}{}", String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        (status.success(), text)
    }

    fn doctor(&self) -> (bool, String) {
        self.run(&["doctor", self.data().to_str().unwrap()])
    }

    fn explain(&self, fact: &str) -> (bool, String) {
        self.run(&["explain", self.data().to_str().unwrap(), fact])
    }

    fn change(&self, file: &str, change: impl Fn(&mut Vec<u8>)) {
        let file = self.data().join(file);
        let mut bytes = fs::read(&file).unwrap();
        change(&mut bytes);
        fs::write(file, bytes).unwrap();
    }

    /// The redacted export, and its text.
    fn export(&self) -> (Value, String) {
        let out = tempfile::tempdir().unwrap();
        let file = out.path().join("case.json");
        let arguments = ["export", "--redacted", self.data().to_str().unwrap(), file.to_str().unwrap()]
            .map(str::to_owned);
        let (ended_well, said) = self.run(&arguments.each_ref().map(String::as_str));
        assert!(ended_well, "{said}");
        let text = fs::read_to_string(&file).unwrap();
        (serde_json::from_str(&text).unwrap(), text)
    }

    fn assert_nothing_personal_in(&self, text: &str) {
        for personal in &self.personal {
            assert!(
                memmem::find(text.as_bytes(), personal.as_bytes()).is_none(),
                "{personal:?} is in:\n{text}"
            );
        }
    }
}

fn read(folder: &Path, found: &mut Everything) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, found);
        } else {
            let changed = fs::metadata(&path).unwrap().modified().unwrap();
            found.insert(path.clone(), (fs::read(&path).unwrap(), changed));
        }
    }
}

fn door(phone: &Courier, name: &str) -> (courier_domain::AttemptId, StopView) {
    let stops = phone.route().unwrap().unwrap().stops;
    let stop = stops.iter().find(|stop| stop.names.iter().any(|it| it == name)).unwrap();
    let stop = phone.stop(&stop.id).unwrap();
    (stop.doors[0].attempt.clone(), stop)
}

fn scan(stop: &StopView) -> Command {
    Command::Scan { stop: stop.id.clone(), barcode: stop.doors[0].parcels[0].barcode.clone() }
}

fn assert_says(text: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(text.contains(wanted), "{wanted:?} is missing:\n{text}");
    }
}

#[test]
fn a_healthy_folder_is_found_healthy_and_what_waits_is_told() {
    let case = Case::new();
    let (well, text) = case.doctor();
    assert!(well && !text.contains("WRONG"), "{text}");
    assert_says(
        &text,
        &[
            "journal.db is whole; schema 2",
            "route.db is whole",
            "each fact has its hash, and follows the one before it",
            "signed with the key of a day",
            "2 facts wait; the first is 1/6",
            "bring the phone into a network",
            "judged: 2 confirmed",
            "2 entries counted",
            "room for handovers is kept free",
            "keys are not in this folder",
            "names, flats, notes, positions): 2 there, 0 gone",
        ],
    );
    case.assert_nothing_personal_in(&text);
    // The folder of the app has it one below.
    let (_, same) = case.run(&["doctor", case.dir.path().to_str().unwrap()]);
    assert_eq!(same, text);
}

#[test]
fn a_log_of_sqlites_that_was_copied_along_is_read_and_stays() {
    let case = Case::new();
    // As in a folder that was copied while the app ran, or after it was killed: nothing is in the database yet.
    let golden = case.dir.path().join("running");
    let ports =
        Ports::software(&case.dir.path().join("secrets"), &mut ChaCha20Rng::from_seed([7; 32])).unwrap();
    let config = Config { auto_sync: false, ..Config::new(case.data(), "http://127.0.0.1:9") };
    let phone = Courier::open(config, ports).unwrap();
    phone.submit(Command::CloseDay).unwrap();
    fs::create_dir(&golden).unwrap();
    for name in ["journal.db", "journal.db-wal", "route.db"] {
        fs::copy(case.data().join(name), golden.join(name)).unwrap();
    }
    phone.shutdown();
    assert!(fs::metadata(golden.join("journal.db-wal")).unwrap().len() > 0, "there is no log to be read");
    let (well, text) = case.run(&["doctor", golden.to_str().unwrap()]);
    assert!(well, "{text}");
    assert_says(&text, &["3 facts wait", "no log of facts", "no room is kept free"]);
}

#[test]
fn a_byte_changed_in_a_fact_is_found_and_named() {
    let case = Case::new();
    let (export, _) = case.export();
    let id = export["chains"][0]["facts"][2]["id"].as_str().unwrap().to_owned();
    case.change("journal.db", |bytes| {
        let is_it = |at: &usize| {
            let ends = |byte: &u8| !byte.is_ascii_alphanumeric() && !b"-_.".contains(byte);
            let end = at + bytes[*at..].iter().position(ends).unwrap();
            let jws = courier_codes::read_jws(std::str::from_utf8(&bytes[*at..end]).unwrap());
            jws.is_ok_and(|jws| memmem::find(&jws.payload, id.as_bytes()).is_some())
        };
        // Where the third fact is, and in it the signature, behind the second dot.
        let at = memmem::find_iter(&*bytes, b"eyJhbGciOiJFUzI1NiIs").find(is_it).unwrap();
        let signature = at + memmem::find_iter(&bytes[at..], b".").nth(1).unwrap() + 10;
        bytes[signature] = if bytes[signature] == b'A' { b'B' } else { b'A' };
    });
    let (well, text) = case.doctor();
    assert!(!well, "{text}");
    assert_says(
        &text,
        &[
            "journal.db is whole",
            "WRONG  1/3 was changed after it was committed",
            "WRONG  1/3 has a signature that does not fit",
            "2 things are wrong",
        ],
    );
    let (well, text) = case.explain("1/3");
    assert!(!well, "{text}");
    assert_says(&text, &["do not rely on it"]);
    assert!(case.explain("1/2").0, "its neighbour is well");
}

#[test]
fn a_truncated_journal_is_found_and_the_log_is_told_of() {
    let case = Case::new();
    case.change("journal.db", |bytes| bytes.truncate(bytes.len() / 2));
    let (well, text) = case.doctor();
    assert!(!well, "{text}");
    assert_says(&text, &["journal.db is damaged", "puts it together from journal and logs"]);
    case.change("journal.db", |bytes| bytes.truncate(70));
    let (well, text) = case.doctor();
    assert!(!well, "{text}");
    assert_says(&text, &["journal.db is no database of a phone", "Chain of incarnation 1: 7 facts"]);
    case.assert_nothing_personal_in(&case.export().1);
}

#[test]
fn a_missing_file_is_found() {
    let case = Case::new();
    fs::remove_file(case.data().join("route.db")).unwrap();
    fs::remove_file(case.data().join("ballast")).unwrap();
    let (well, text) = case.doctor();
    assert!(well, "what the office sends again is not wrong: {text}");
    assert_says(&text, &["route.db is missing", "fetches the route again", "no room is kept free"]);
    fs::remove_file(case.data().join("journal.db")).unwrap();
    let (well, text) = case.doctor();
    assert!(!well, "{text}");
    assert_says(
        &text,
        &["journal.db is missing, and there are logs", "7 facts", "follows the one before it"],
    );
    let (well, text) = case.explain("1/4");
    assert!(!well, "{text}");
    assert_says(&text, &["read from the log", "an entry, matched"]);
}

#[test]
fn a_newer_schema_is_named_and_not_read() {
    let case = Case::new();
    // `user_version`, 4 bytes at 60 (SQLite's file format).
    case.change("journal.db", |bytes| bytes[60..64].copy_from_slice(&99u32.to_be_bytes()));
    let (well, text) = case.doctor();
    assert!(!well, "{text}");
    assert_says(
        &text,
        &["written by a newer version: schema 99, 2 is known here", "install the newer one again"],
    );
}

#[test]
fn folders_of_older_versions_are_read_as_they_are_and_a_receipt_for_another_fact_is_a_fork() {
    // Phones that earlier versions left, in the engine's tests. The server that they talked to signs for a hash of nothing.
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/engine/tests/golden");
    let told = |name: &str| {
        let arguments =
            [std::ffi::OsStr::new("doctor"), golden.join(name).as_os_str()].map(ToOwned::to_owned);
        let output = Process::new(env!("CARGO_BIN_EXE_courier-terminal")).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let text = told("journal-1-route-1");
    assert_says(
        &text,
        &[
            "journal.db is whole; schema 1, an app of this version brings it to 2",
            "Chain of incarnation 1: 7 facts",
            "WRONG  1/3 is another one than the server has signed for",
            "4 facts wait; the first is 1/4",
            "2 entries counted",
        ],
    );
    assert_says(&told("journal-2-route-2"), &["journal.db is whole; schema 2", "4 facts wait"]);
}

#[test]
fn an_older_journal_that_was_put_back_is_noticed() {
    let case = Case::new();
    let before = fs::read(case.data().join("journal.db")).unwrap();
    let ports =
        Ports::software(&case.dir.path().join("secrets"), &mut ChaCha20Rng::from_seed([7; 32])).unwrap();
    let config = Config { auto_sync: false, ..Config::new(case.data(), "http://127.0.0.1:9") };
    let phone = Courier::open(config, ports).unwrap();
    phone.submit(Command::CloseDay).unwrap();
    phone.shutdown();
    // Somebody put an older journal back.
    fs::write(case.data().join("journal.db"), before).unwrap();
    let (well, text) = case.doctor();
    assert!(!well, "{text}");
    assert_says(&text, &["WRONG  1 fact in the log, and not in the journal any more", "without these"]);
    // Without the log, the newest number is all that is left of it.
    let is_log = |name: &str| name.starts_with("facts-");
    for file in fs::read_dir(case.data()).unwrap().map(Result::unwrap) {
        if is_log(file.file_name().to_str().unwrap()) {
            fs::remove_file(file.path()).unwrap();
        }
    }
    let (well, text) = case.doctor();
    assert!(!well, "{text}");
    assert_says(&text, &["WRONG  a gap: 8 to 8 are missing", "no log of facts"]);
}

#[test]
fn a_folder_that_must_not_be_written_is_read_all_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let case = Case::new();
    let set = |mode: u32, of_files: u32| {
        for entry in fs::read_dir(case.data()).unwrap() {
            let path = entry.unwrap().path();
            let mode = if path.is_dir() { mode } else { of_files };
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::set_permissions(case.data(), fs::Permissions::from_mode(mode)).unwrap();
    };
    set(0o500, 0o400);
    let (well, text) = case.doctor();
    set(0o700, 0o600);
    assert!(well, "{text}");
}

#[test]
fn a_fact_is_explained_from_its_place_to_its_verdict() {
    let case = Case::new();
    let (well, text) = case.explain("1/5");
    assert!(well, "{text}");
    assert_says(
        &text,
        &[
            "number 5 of incarnation 1; the chain here goes from 1 to 7",
            "it follows 1/4",
            "signed with the key that a day of its chain names",
            "it is in the log, too",
            "handed_over at 20",
            "1 parcels, household, against a code",
            "its personal part is here and sealed: not shown",
            "the server acknowledged it",
            "the judge: confirmed (right-code)",
            "the server has signed for its chain up to it",
        ],
    );
    let (_, text) = case.explain("1/4");
    assert_says(
        &text,
        &["an entry, matched", "1/5 hands over because of it", "counted before it was looked at"],
    );
    assert_says(&case.explain("1/7").1, &["it waits: the server has not acknowledged it"]);
    let id = text.lines().next().unwrap().trim_start_matches("Fact ").trim_end_matches(':').to_owned();
    assert_eq!(case.explain(&id).1, text, "by its id it is another");
    let (well, text) = case.explain("9/9");
    assert!(!well && text.contains("no fact 9/9"), "{text}");
}

#[test]
fn the_redacted_export_tells_what_support_needs_and_nothing_personal() {
    let case = Case::new();
    fs::write(case.data().join("Frau Huber.txt"), "Breite Straße").unwrap();
    let (export, text) = case.export();
    case.assert_nothing_personal_in(&text);
    let facts = export["chains"][0]["facts"].as_array().unwrap();
    assert_eq!(facts.len(), 7);
    assert_eq!(facts[4]["kind"], "handed_over");
    assert_eq!(facts[4]["says"]["receiver"], "household");
    assert_eq!(facts[4]["ack"]["verdict"]["is"], "confirmed");
    assert_eq!((&facts[4]["stop"], &facts[5]["stop"]), (&1.into(), &2.into()));
    assert_eq!(facts[5]["ack"], Value::Null);
    assert_eq!((&export["other_files"], &export["tries"]), (&1.into(), &2.into()));
    // What is searched for is where it is allowed to be: else the search finds nothing anywhere.
    let journal = case.everything().remove(&case.data().join("journal.db")).unwrap().0;
    assert!(memmem::find(&journal, case.personal.last().unwrap().as_bytes()).is_none(), "JWS is base64");
    assert!(memmem::find(&journal, case.personal[11].as_bytes()).is_some(), "the courier is in the journal");
}

#[test]
fn an_export_overwrites_nothing_and_does_not_go_into_the_folder() {
    let case = Case::new();
    let out = tempfile::tempdir().unwrap();
    let there = out.path().join("there.json");
    fs::write(&there, "mine").unwrap();
    let (data, inside) = (case.data(), case.data().join("case.json"));
    for file in [&there, &inside] {
        let (well, text) =
            case.run(&["export", "--redacted", data.to_str().unwrap(), file.to_str().unwrap()]);
        assert!(!well, "{text}");
    }
    assert_eq!(fs::read_to_string(there).unwrap(), "mine");
    assert!(
        !case.run(&["export", data.to_str().unwrap(), "x.json"]).0,
        "there is no other export than a redacted one"
    );
}

#[test]
fn a_folder_that_is_none_of_a_phone_is_refused() {
    let case = Case::new();
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("holiday.jpg"), "x").unwrap();
    for folder in [other.path().to_owned(), other.path().join("not-there")] {
        let (well, text) = case.run(&["doctor", folder.to_str().unwrap()]);
        assert!(!well && text.contains("courier-terminal: "), "{text}");
    }
}
