//! The backend as scenarios need it: with a clock that can be set, faults of the network, and a list of mails.

fn main() -> std::process::ExitCode {
    courier_backend::command::main()
}
