//! `courier-backend [serve] [[--config] CONFIG.toml]`: the reference backend in one process.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use courier_backend::api::serve;
use courier_backend::config::Config;
use courier_backend::entropy::{self, ServiceClock};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("courier-backend: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let file = config_file(std::env::args_os().skip(1))?;
    let variable = |name: &str| std::env::var(name).ok();
    let config = Config::load(file.as_deref(), variable).map_err(|error| error.to_string())?;
    let (clock, rng) = sources(variable)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let running = serve(config, clock, rng).await.map_err(|error| error.to_string())?;
        println!("listening on {}", running.url);
        std::future::pending::<()>().await;
        Ok(())
    })
}

const USAGE: &str = "usage: courier-backend [serve] [[--config] CONFIG.toml]";

/// The configuration file that the arguments name, if they name one.
fn config_file(arguments: impl Iterator<Item = OsString>) -> Result<Option<PathBuf>, String> {
    let mut arguments = arguments.peekable();
    arguments.next_if(|argument| argument == "serve");
    let named = arguments.next_if(|argument| argument == "--config").is_some();
    let file = arguments.next();
    let is_flag = |file: &OsString| file.to_string_lossy().starts_with('-');
    if arguments.next().is_some() || (named && file.is_none()) || file.as_ref().is_some_and(is_flag) {
        return Err(USAGE.into());
    }
    Ok(file.map(PathBuf::from))
}

/// The machine's clock and randomness; in builds for tests the clock of `COURIER_TEST_NOW_MS` and the seed of
/// `COURIER_TEST_SEED`, if they are set.
fn sources(variable: impl Fn(&str) -> Option<String>) -> Result<(ServiceClock, entropy::Entropy), String> {
    if cfg!(feature = "test-endpoints") {
        let number = |name: &str| variable(name).and_then(|text| text.parse::<i64>().ok());
        if let (Some(now), Some(seed)) = (number("COURIER_TEST_NOW_MS"), number("COURIER_TEST_SEED")) {
            let clock = ServiceClock::Set(std::sync::Mutex::new(courier_domain::UnixMs(now)));
            return Ok((clock, entropy::from_seed(seed.unsigned_abs())));
        }
    }
    let rng = entropy::from_system().map_err(|error| error.to_string())?;
    Ok((ServiceClock::System, rng))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_may_be_named_in_every_usual_way() {
        let read = |line: &str| config_file(line.split_whitespace().map(OsString::from));
        for line in ["", "serve"] {
            assert_eq!(read(line), Ok(None));
        }
        for line in ["a.toml", "serve a.toml", "--config a.toml", "serve --config a.toml"] {
            assert_eq!(read(line), Ok(Some("a.toml".into())), "{line}");
        }
        for line in ["--help", "serve --config", "a.toml b.toml", "--config --config"] {
            assert_eq!(read(line), Err(USAGE.into()), "{line}");
        }
    }
}
