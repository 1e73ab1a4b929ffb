//! The courier app in a terminal.

use std::process::ExitCode;

fn main() -> ExitCode {
    eprintln!("The terminal app and its demo day are not here yet.");
    ExitCode::FAILURE
}
