//! The program: `courier-backend [serve | restored | rotate-evidence-key] [[--config] CONFIG.toml]`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::api::serve;
use crate::config::Config;
use crate::entropy::{self, ServiceClock};
use crate::keys::Keys;
use crate::service::Service;

/// Does what the arguments say.
pub fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("courier-backend: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let (what, file) = read_arguments(std::env::args_os().skip(1))?;
    let variable = |name: &str| std::env::var(name).ok();
    let config = Config::load(file.as_deref(), variable).map_err(words)?;
    let (clock, rng) = sources(variable)?;
    match what {
        What::Serve => serve_for_ever(config, clock, rng),
        What::Restored => {
            let public_url = config.public_url.clone().unwrap_or_default();
            let service = Service::open(config, public_url, clock, rng).map_err(words)?;
            service.restored().map_err(words)?;
            println!("phones will offer again what they have handed in; start the backend now");
            Ok(())
        }
        What::RotateEvidenceKey => {
            let mut rng = rng;
            Keys::rotate_evidence(&config.keys_file(), &mut rng).map_err(words)?;
            println!("phones are told of the fresh key from the next start on");
            Ok(())
        }
    }
}

fn serve_for_ever(config: Config, clock: ServiceClock, rng: entropy::Entropy) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(words)?;
    runtime.block_on(async {
        let running = serve(config, clock, rng).await.map_err(words)?;
        println!("listening on {}", running.url);
        std::future::pending::<()>().await;
        Ok(())
    })
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

const USAGE: &str = "usage: courier-backend [serve | restored | rotate-evidence-key] [[--config] CONFIG.toml]
  serve                 runs the backend; so it does without a word
  restored              to be called once, before the start, after its folder was put back from a backup: phones then
                        offer again what was handed in since
  rotate-evidence-key   makes a fresh key for the entries that phones seal, from the next start on; what was sealed to the
                        old ones still opens";

/// What the program is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Serve,
    Restored,
    RotateEvidenceKey,
}

const COMMANDS: [(&str, What); 3] =
    [("serve", What::Serve), ("restored", What::Restored), ("rotate-evidence-key", What::RotateEvidenceKey)];

/// What to do, and the configuration file that the arguments name, if they name one.
fn read_arguments(arguments: impl Iterator<Item = OsString>) -> Result<(What, Option<PathBuf>), String> {
    let mut arguments = arguments.peekable();
    let command = COMMANDS.iter().find(|(word, _)| arguments.next_if(|argument| argument == word).is_some());
    let what = command.map_or(What::Serve, |(_, what)| *what);
    let named = arguments.next_if(|argument| argument == "--config").is_some();
    let file = arguments.next();
    let is_flag = |file: &OsString| file.to_string_lossy().starts_with('-');
    if arguments.next().is_some() || (named && file.is_none()) || file.as_ref().is_some_and(is_flag) {
        return Err(USAGE.into());
    }
    Ok((what, file.map(PathBuf::from)))
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
        let read = |line: &str| read_arguments(line.split_whitespace().map(OsString::from));
        for (line, what) in [&[("", What::Serve)], &COMMANDS[..]].concat() {
            assert_eq!(read(line), Ok((what, None)), "{line}");
            for named in ["a.toml", "--config a.toml"] {
                assert_eq!(
                    read(&format!("{line} {named}")),
                    Ok((what, Some("a.toml".into()))),
                    "{line} {named}"
                );
            }
        }
        for line in
            ["--help", "serve --config", "a.toml b.toml", "--config --config", "restored serve x.toml"]
        {
            assert_eq!(read(line), Err(USAGE.into()), "{line}");
        }
    }
}
