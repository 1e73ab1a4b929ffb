//! The demo day, with a terminal and without.

use std::process::{Command, Stdio};

use crate::pty::Program;

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
