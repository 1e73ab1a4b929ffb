//! The courier app, typed.

use std::process::{Command, Stdio};

use tempfile::tempdir;

use crate::office::Office;
use crate::pty::Program;

const ESC: &str = "\u{1b}";
const ENTER: &str = "\r";
const TAB: &str = "\t";
const DOWN: &str = "\u{1b}[B";
const CTRL_S: &str = "\u{13}";

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_courier_enrols_hands_over_against_a_code_and_the_backend_has_it() {
    let office = Office::open();
    let dir = tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let mut app = Program::start(&["--data", data], &[], (100, 30));
    app.wait_for("Enrolment code");
    app.type_text(&office.url());
    app.type_text(ENTER);
    app.type_text(&office.enrolment());
    app.type_text(ENTER);
    app.wait_for("Welcome, Ada.");
    app.wait_for("Breite Straße 1");
    app.type_text("s");
    app.wait_for("started");
    app.type_text(ENTER);
    app.wait_for("not arrived");
    app.type_text("a");
    app.wait_for("you are here");
    app.type_text(ENTER);
    app.wait_for("[Scan]");
    app.type_text("label-kaya\r");
    app.wait_for("[Code]");
    let digits = office.digits("Kaya");
    app.type_text(&digits);
    app.wait_for("••••••");
    app.type_text(ENTER);
    app.wait_for("code accepted");
    app.wait_for("[Receiver]");
    app.type_text(ENTER);
    app.wait_for("Name:");
    app.type_text(ENTER);
    app.wait_for("handed over, confirmed");
    app.wait_for("outbox empty");
    assert!(!contains(&app.bytes(), &digits), "the code was to be read");
    app.type_text(ESC);
    app.wait_for("you are here");
    app.type_text("q");
    assert!(app.end().success());
    app.assert_terminal_is_normal();
    let totals = office.totals();
    assert_eq!(totals.facts["handed_over"], 1);
    assert_eq!(totals.shipments["delivered"], 1);

    // The next start knows server, courier and what was done.
    let mut app = Program::start(&["--data", data], &[], (80, 24));
    app.wait_for("1/2 stops");
    app.type_text("\u{3}");
    assert!(app.end().success());
}

#[test]
fn a_whole_day_goes_through_every_place() {
    let office = Office::open();
    let dir = tempdir().unwrap();
    let arguments = ["--data", dir.path().to_str().unwrap(), "--server", &office.url()];
    let mut app = Program::start(&arguments, &[], (80, 24));
    let play = |steps: &[(&str, &str)]| {
        for (typed, read) in steps {
            app.type_text(typed);
            app.wait_for(read);
        }
    };
    app.wait_for("Enrolment code");
    app.type_text(&office.enrolment());
    play(&[
        (ENTER, "Breite Straße 1"),
        ("s", "started"),
        ("l", "0 scanned, 2 on the route"),
        ("\u{1b}[200~LABEL-KAYA\nFOREIGN\u{1b}[201~", "2 scanned"),
        (CTRL_S, "1 found, 1 missing, 1 foreign"),
        (ESC, "Enter opens"),
        // A mis-tap at Huber's door, taken back.
        ("/huber", "Search: huber"),
        (ENTER, "Enter opens"),
        (ENTER, "not arrived"),
        ("a", "you are here"),
        (ENTER, "[Scan]"),
        ("LABEL-HUBER\r", "[Receiver]"),
        (TAB, "[Not delivered]"),
        (ENTER, "Not delivered: not home"),
        (ENTER, "not delivered, confirmed"),
        ("u", "[Receiver]"),
        (ENTER, "Hand over: recipient"),
        (ENTER, "handed over, confirmed"),
        (ESC, "you are here"),
        (ESC, "Search: huber"),
        (ESC, "Breite Straße 1"),
        // Nobody at Kaya's door has the code. Huber's was visited first, and so comes before it.
        ("n", "Enter opens"),
        (ENTER, "not arrived"),
        ("a", "you are here"),
        (ENTER, "[Scan]"),
        ("LABEL-KAYA\r", "[Code]"),
        (TAB, "the code comes first"),
        (TAB, "> not home"),
        (DOWN, "> code not available"),
        (ENTER, "Note for the office"),
        (ENTER, "not delivered, confirmed"),
        (ESC, "you are here"),
        (ESC, "2/2 stops"),
        ("r", "[ ] LABEL-KAYA"),
        (" ", "[x] LABEL-KAYA"),
        (CTRL_S, "Recorded."),
        (ESC, "Enter opens"),
        ("i", "u sync · Esc back"), // its last line: while it is drawn, that of the day is still there
        (ESC, "Enter opens"),
        ("e", "the day runs"),
        ("c", "Close the day?"),
        ("y", "the day is over"),
        ("", "the backend has everything"),
    ]);
    app.type_text("q");
    assert!(app.end().success());
    app.assert_terminal_is_normal();
    let facts = office.totals().facts;
    for (kind, count) in [
        ("load_checked", 1),
        ("arrived", 2),
        ("handed_over", 1),
        ("not_delivered", 2),
        ("withdrawn", 1),
        ("returned", 1),
        ("day_closed", 1),
    ] {
        assert_eq!(facts.get(kind), Some(&count), "{kind}: {facts:?}");
    }
}

#[test]
fn a_wrong_server_and_a_wrong_code_say_so_and_lose_nothing() {
    let office = Office::open();
    let dir = tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let mut app = Program::start(&["--data", data, "--server", "http://127.0.0.1:9"], &[], (80, 24));
    app.wait_for("Enrolment code");
    app.type_text("ABCDE23456\r");
    app.wait_for("No answer from this server");
    // The other line, emptied.
    app.type_text("\t\u{15}ftp://courier.example\t\r");
    app.wait_for("begin with https://");
    app.type_text("\t\u{15}");
    app.type_text(&office.url());
    app.type_text("\t\r");
    app.wait_for("The server refused this code");
    app.type_text("\u{15}ABC\r");
    app.wait_for("has 10 characters");
    app.type_text("\u{15}");
    app.type_text(&office.enrolment());
    app.type_text(ENTER);
    app.wait_for("Welcome, Ada.");
    app.type_text("q");
    assert!(app.end().success());
    app.assert_terminal_is_normal();
}

#[test]
fn without_a_terminal_the_app_says_what_it_needs() {
    let dir = tempdir().unwrap();
    let told = Command::new(env!("CARGO_BIN_EXE_courier-terminal"))
        .arg("--data")
        .arg(dir.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!told.status.success());
    assert!(String::from_utf8_lossy(&told.stderr).contains("needs a terminal"));
}

#[test]
fn no_color_means_no_colour() {
    let dir = tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let coloured = |bytes: &[u8]| ["\u{1b}[38;", "\u{1b}[48;"].iter().any(|start| contains(bytes, start));
    for (environment, expected) in [(&[("NO_COLOR", "1")][..], false), (&[][..], true)] {
        let mut app = Program::start(&["--data", data, "--server", "ftp://x"], environment, (80, 24));
        app.wait_for("has to begin with https://");
        app.type_text(ESC);
        assert!(app.end().success());
        assert_eq!(coloured(&app.bytes()), expected, "{environment:?}");
    }
}
