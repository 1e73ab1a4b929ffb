//! The demo day, with a terminal and without.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::film::{self, Film};
use crate::pty::{Program, bare};

fn totals(text: &str) -> usize {
    assert!(!text.contains('≠'), "{text}");
    text.lines().filter(|line| line.contains(" = ")).count()
}

#[test]
fn in_a_terminal_the_day_is_shown_live_and_ends_with_the_summary_and_the_terminal_as_it_was() {
    let mut demo = Program::start(&["demo", "--speed", "0"], &[], (100, 60));
    demo.wait_for("At the door");
    assert!(demo.screen().alternate_screen());
    let status = demo.end();
    let screen = demo.screen().contents();
    assert!(status.success(), "{screen}");
    demo.assert_terminal_is_normal();
    assert!(totals(&screen) >= 10, "{screen}");
    for wanted in ["The day took", "Board:", "/t/", "spool"] {
        assert!(screen.contains(wanted), "{wanted} is missing:\n{screen}");
    }
}

#[test]
fn a_key_ends_the_live_day_and_gives_the_terminal_back() {
    let mut demo = Program::start(&["demo", "--speed", "30"], &[], (40, 12));
    demo.wait_for("outbox");
    demo.type_text("q");
    assert!(!demo.end().success(), "a day that was not played to its end agrees with nothing");
    demo.assert_terminal_is_normal();
    assert!(demo.screen().contents().contains("ended early"), "{}", demo.screen().contents());
}

#[test]
fn without_a_terminal_the_day_is_plain_lines() {
    let told = Command::new(env!("CARGO_BIN_EXE_courier-terminal"))
        .arg("demo")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(told.status.success(), "{text}\n{}", String::from_utf8_lossy(&told.stderr));
    assert!(!text.contains('\u{1b}'), "it draws without a terminal");
    assert!(totals(&text) >= 10 && text.contains("\nThe day took"), "{text}");
    for wanted in ["refuted by the judge, code frozen", "--keep", "Board:", "SIGKILL"] {
        assert!(text.contains(wanted), "{wanted} is missing:\n{text}");
    }
}

#[test]
fn a_dumb_terminal_gets_plain_lines() {
    let mut demo = Program::start(&["demo"], &[("TERM", "dumb")], (80, 24));
    assert!(demo.end().success());
    assert!(!demo.bytes().contains(&0x1b), "it draws on a dumb terminal");
}

/// The moving picture of README.md is made by this with `COURIER_WRITE_PICTURES=1`, slower.
#[test]
fn the_day_can_be_filmed() {
    let writes = std::env::var_os("COURIER_WRITE_PICTURES").is_some();
    let (speed, distance) = if writes { ("0.3", 250) } else { ("0", 50) };
    let (size, distance) = ((100, 30), Duration::from_millis(distance));
    let mut demo = Program::start(&["demo", "--speed", speed], &[], size);
    // The last row: the first screen is whole.
    demo.wait_for("q ends it");
    let mut film = Film::new(size, distance);
    let mut last = demo.screen();
    loop {
        film.take(&last);
        std::thread::sleep(distance);
        let now = demo.screen();
        if !now.alternate_screen() {
            break;
        }
        last = now;
    }
    assert!(demo.end().success(), "{}", demo.screen().contents());
    let svg = film.svg("A courier's day in a terminal: cargo demo");
    let read = film::lines_at_the_end(&svg, size);
    let screen: Vec<_> = last.rows(0, size.0).map(|row| bare(&row).trim_end().to_owned()).collect();
    assert_eq!(read, screen, "the film ends otherwise than the day");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/screens/terminal/demo.svg");
    if writes {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &svg).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    let (shows, today) = (film::still(&kept), film::still(&svg));
    assert!(shows.iter().any(|words| words.contains("At the door")), "{shows:?}");
    let gone: BTreeSet<_> = shows.difference(&today).collect();
    assert!(gone.is_empty(), "{} has what the screen has not: {gone:?}", path.display());
}
