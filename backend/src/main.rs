//! See [`courier_backend::command`].

fn main() -> std::process::ExitCode {
    courier_backend::command::main()
}
