//! This test program, started once more as a process of its own.

use std::process::Command;

/// What starts a program that was built for another machine, such as `qemu-aarch64-static -p 4096`. Cargo knows it and
/// does not tell the tests.
const RUNNER: &str = "COURIER_TEST_RUNNER";

/// Ready for arguments.
pub(crate) fn again() -> Command {
    let this = std::env::current_exe().unwrap();
    let runner = std::env::var(RUNNER).unwrap_or_default();
    let mut words = runner.split_whitespace();
    let Some(program) = words.next() else { return Command::new(this) };
    let mut command = Command::new(program);
    command.args(words).arg(this);
    command
}
