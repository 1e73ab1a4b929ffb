//! A fault of the program while it draws.

use crate::pty::Program;

#[path = "../../src/screen.rs"]
#[allow(dead_code)]
mod screen;

#[test]
#[ignore = "is run in a terminal by the test below"]
fn draws_and_panics() {
    let mut screen = screen::Screen::open().unwrap();
    screen.draw(|frame| frame.render_widget("drawn", frame.area())).unwrap();
    panic!("a planted fault");
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let this = std::env::current_exe().unwrap();
    let half = ["--exact", "panic::draws_and_panics", "--ignored", "--nocapture"];
    let mut program = Program::start_of(&this, &half, &[], (100, 60));
    assert!(!program.end().success());
    program.assert_terminal_is_normal();
    let screen = program.screen().contents();
    assert!(screen.contains("a planted fault") && !screen.contains("drawn"), "{screen}");
}
