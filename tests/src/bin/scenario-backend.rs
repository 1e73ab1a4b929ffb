//! The backend as scenarios need it: with a clock that can be set, faults of the network, and a list of mails.
//!
//! `serve` ends with its standard input: a test that crashes leaves no backend behind, which would hold the test runner's
//! output open for ever.

use std::io::Read;

fn main() -> std::process::ExitCode {
    if std::env::args().nth(1).is_some_and(|what| what == "serve") {
        std::thread::spawn(|| {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            std::process::exit(0);
        });
    }
    courier_backend::command::main()
}
