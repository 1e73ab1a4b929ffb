//! The program: `courier-backend [COMMAND] [WORDS] [[--config] CONFIG.toml]`, see [`USAGE`].

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::api::serve;
use crate::backup;
use crate::config::Config;
use crate::entropy::{self, ServiceClock};
use crate::import::{read_csv, read_json};
use crate::keys::Keys;
use crate::office::{Actor, Reach, Role};
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
    let arguments = read_arguments(std::env::args_os().skip(1))?;
    let variable = |name: &str| std::env::var(name).ok();
    let config = Config::load(arguments.config.as_deref(), variable).map_err(words)?;
    let (clock, rng) = sources(variable)?;
    let mut config = config;
    // What is played by a clock that is set by hand has the same result every time.
    config.mail.at_once = matches!(clock, ServiceClock::Set(_));
    let word = |n: usize| arguments.words.get(n).map(|word| word.to_string_lossy().into_owned());
    let path = |n: usize| arguments.words.get(n).map(PathBuf::from).unwrap_or_default();
    let open = |config: Config, clock, rng| {
        let public_url = config.public_url.clone().unwrap_or_default();
        Service::open(config, public_url, clock, rng).map_err(words)
    };
    match arguments.what {
        What::Serve => serve_until_told(config, clock, rng),
        What::CheckConfig => {
            crate::mail::outbox::Outbox::open(&config, "").map_err(words)?;
            crate::blobs::check(&config).map_err(words)?;
            println!("the configuration can be used");
            Ok(())
        }
        What::Backup => {
            backup::back_up(&config, &path(0)).map_err(words)?;
            let what = if config.database.is_some() { "keys" } else { "database, keys" };
            println!("{what} and evidence files are in {}", path(0).display());
            if config.files.is_some() {
                println!("what lies in the bucket is not: that is for the bucket's own backup");
            }
            Ok(())
        }
        What::Restore => {
            backup::restore(config, &path(0), clock, rng).map_err(words)?;
            println!("phones will offer again what they have handed in since; start the backend now");
            Ok(())
        }
        What::Move => {
            let rows = backup::move_to_server(&config, rng).map_err(words)?;
            println!("{rows} rows are on the server; start the backend now");
            Ok(())
        }
        What::Restored => {
            open(config, clock, rng)?.restored().map_err(words)?;
            println!("phones will offer again what they have handed in; start the backend now");
            Ok(())
        }
        What::Purge => {
            let purged = open(config, clock, rng)?.purge().map_err(words)?;
            println!("{}", serde_json::to_string(&purged).map_err(words)?);
            Ok(())
        }
        What::Import => import(&open(config, clock, rng)?, &path(0)),
        What::Invite => {
            let role = match word(0).as_deref() {
                Some("admin") => Role::Admin,
                Some("office") => Role::Office,
                _ => return Err("invite: admin or office".into()),
            };
            let link =
                open(config.clone(), clock, rng)?.office(Actor::Machine).invite(role).map_err(words)?;
            let public_url = config.public_url.unwrap_or_else(|| format!("http://{}", config.listen));
            println!("{public_url}/welcome/{}", link.secret);
            Ok(())
        }
        What::AddKey => {
            let reach =
                word(0).as_deref().and_then(Reach::from_word).ok_or("add-key: shop, office or metrics")?;
            let service = open(config, clock, rng)?;
            let (name, sender) = (word(1).unwrap_or_default(), word(2));
            let key =
                service.office(Actor::Machine).add_key(&name, reach, sender.as_deref()).map_err(words)?;
            println!("{} {}", key.id, key.secret);
            Ok(())
        }
        What::RevokeKey => {
            let service = open(config, clock, rng)?;
            let revoked = service.office(Actor::Machine).revoke_key(&word(0).unwrap_or_default());
            revoked.map_err(|_| "there is no such key".to_owned())
        }
        What::Keys => {
            for key in open(config, clock, rng)?.office(Actor::Machine).keys().map_err(words)? {
                let state = if key.revoked.is_some() { "revoked" } else { "valid" };
                println!("{} {} {state} {}", key.id, key.reach.word(), key.name);
            }
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

fn serve_until_told(config: Config, clock: ServiceClock, rng: entropy::Entropy) -> Result<(), String> {
    // From here on these signals end the program in an orderly way only.
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(words)?;
    let (end, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = signals.forever().next();
        let _ = end.send(());
        // Whoever is in a hurry asks twice.
        let _ = signals.forever().next();
        std::process::exit(1);
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(words)?;
    runtime.block_on(async {
        let running = serve(config, clock, rng).await.map_err(words)?;
        println!("listening on {}", running.url);
        if let Some(link) = running.service.first_link().map_err(words)? {
            let public_url = running.service.public_url();
            say(&format!(
                "nobody works here yet: {public_url}/welcome/{} makes the first admin",
                link.secret
            ));
            say("the link is valid for a day and for one use; the next start makes another");
        }
        let _ = ended.await;
        running.shutdown().await;
        say("ended");
        Ok(())
    })
}

/// Says something that whoever started the program may not read any more.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Imports a file as `POST /v1/import` does.
fn import(service: &Service, file: &Path) -> Result<(), String> {
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let is_csv = file.extension().is_some_and(|it| it.eq_ignore_ascii_case("csv"));
    let day = if is_csv { read_csv(&bytes) } else { read_json(&bytes) };
    let report = match day {
        Ok(day) => service.import(&day).map_err(words)?,
        Err(errors) => crate::import::ImportReport { errors, ..Default::default() },
    };
    for problem in &report.errors {
        eprintln!("{}:{}: {}: {}", file.display(), problem.row, problem.field, problem.problem);
    }
    if !report.errors.is_empty() {
        return Err("nothing was imported".into());
    }
    println!("{} created, {} unchanged", report.created, report.unchanged);
    Ok(())
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

const USAGE: &str = "usage: courier-backend [COMMAND] [[--config] CONFIG.toml]
  serve                 runs the backend until SIGTERM or SIGINT; so it does without a word
  check-config          says whether the configuration can be used, and if not, what is allowed
  backup FOLDER         copies database, keys and evidence files into a new folder; the backend may run
  restore FOLDER        puts a backup into an empty data folder; phones then offer again what was handed in since
  move                  moves everything from the database in the data folder to the one that [database] names; the
                        backend must not run
  purge                 purges what is older than [retention] wants to keep; the backend does so once a day
  import FILE           imports a delivery day, as .json or .csv
  invite admin|office   prints a link with which somebody makes an account
  add-key shop|office|metrics NAME [SENDER]
                        makes a key of a program, and prints its identifier and the key, once
  revoke-key ID         revokes it
  keys                  lists the keys
  restored              to be called once, before the start, after the data folder was put back by other means
  rotate-evidence-key   makes a fresh key for the entries that phones seal, from the next start on; what was sealed to the
                        old ones still opens";

/// What the program is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Serve,
    CheckConfig,
    Backup,
    Restore,
    Move,
    Restored,
    Purge,
    Import,
    Invite,
    AddKey,
    RevokeKey,
    Keys,
    RotateEvidenceKey,
}

/// With how many words each comes, at least and at most.
const COMMANDS: [(&str, What, usize, usize); 13] = [
    ("serve", What::Serve, 0, 0),
    ("check-config", What::CheckConfig, 0, 0),
    ("backup", What::Backup, 1, 1),
    ("restore", What::Restore, 1, 1),
    ("move", What::Move, 0, 0),
    ("restored", What::Restored, 0, 0),
    ("purge", What::Purge, 0, 0),
    ("import", What::Import, 1, 1),
    ("invite", What::Invite, 1, 1),
    ("add-key", What::AddKey, 2, 3),
    ("revoke-key", What::RevokeKey, 1, 1),
    ("keys", What::Keys, 0, 0),
    ("rotate-evidence-key", What::RotateEvidenceKey, 0, 0),
];

#[derive(Debug, PartialEq, Eq)]
struct Arguments {
    what: What,
    words: Vec<OsString>,
    config: Option<PathBuf>,
}

/// What to do, with what, and the configuration file that the arguments name, if they name one.
fn read_arguments(arguments: impl Iterator<Item = OsString>) -> Result<Arguments, String> {
    let mut arguments = arguments.peekable();
    let is_flag = |word: &OsString| word.to_string_lossy().starts_with('-');
    let command = COMMANDS.iter().find(|(word, ..)| arguments.next_if(|argument| argument == word).is_some());
    let (_, what, least, most) = command.unwrap_or(&COMMANDS[0]);
    let mut words = Vec::new();
    while words.len() < *most && arguments.peek().is_some_and(|word| !is_flag(word)) {
        words.extend(arguments.next());
    }
    let named = arguments.next_if(|argument| argument == "--config").is_some();
    let file = arguments.next();
    if words.len() < *least
        || arguments.next().is_some()
        || (named && file.is_none())
        || file.as_ref().is_some_and(is_flag)
    {
        return Err(USAGE.into());
    }
    Ok(Arguments { what: *what, words, config: file.map(PathBuf::from) })
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

    fn read(line: &str) -> Result<Arguments, String> {
        read_arguments(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn the_configuration_may_be_named_in_every_usual_way() {
        let commands = COMMANDS.iter().map(|(word, what, least, most)| (*word, *what, *least, *most));
        for (word, what, least, most) in [("", What::Serve, 0, 0)].into_iter().chain(commands) {
            for count in least..=most {
                let words: Vec<_> = (0..count).map(|n| OsString::from(format!("w{n}"))).collect();
                let line = format!("{word} {}", words.join(" ".as_ref()).to_string_lossy());
                let told = |config: Option<&str>| {
                    Ok(Arguments { what, words: words.clone(), config: config.map(PathBuf::from) })
                };
                assert_eq!(read(&line), told(None), "{line}");
                assert_eq!(read(&format!("{line} --config a.toml")), told(Some("a.toml")), "{line}");
                if count == most {
                    assert_eq!(read(&format!("{line} a.toml")), told(Some("a.toml")), "{line}");
                }
            }
        }
        for line in [
            "--help",
            "serve --config",
            "a.toml b.toml",
            "--config --config",
            "restored serve x.toml",
            "backup",
            "backup --config a.toml",
            "backup a b c",
            "add-key shop --config a.toml",
        ] {
            assert_eq!(read(line), Err(USAGE.into()), "{line}");
        }
    }

    #[test]
    fn every_command_is_in_the_usage() {
        for (word, ..) in COMMANDS {
            assert!(USAGE.lines().any(|line| line.trim_start().split(' ').next() == Some(word)), "{word}");
        }
    }
}
