//! Configuration: one TOML file, every key optional, `COURIER_*` variables above it. A wrong key or value stops the
//! start with file, line and what is allowed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, Weekday};
use courier_codes::kdf::TAG_BITS;
use courier_codes::{KDF, check_params};
use courier_domain::KdfParams;
use serde::Deserialize;

use crate::planted::Planted;

/// What an operator configures.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub listen: String,
    /// The address that phones, mails and pages use; default: where it listens.
    pub public_url: Option<String>,
    /// Folder of database, keys and mail spool.
    pub data_dir: PathBuf,
    /// Codes.
    pub code: CodeConfig,
    /// Delivery days.
    pub days: DaysConfig,
    /// Mails.
    pub mail: MailConfig,
    /// Keys of other programs.
    pub keys: KeysConfig,
    /// A bug on purpose, in builds for tests only.
    #[serde(skip)]
    pub planted: Planted,
}

/// When a code is issued, and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodeConfig {
    /// Per currency, in minor units: an item strictly above it needs a code. It is told to nobody.
    pub threshold: BTreeMap<String, u64>,
    /// Bits of the tag on the phone, 6 to 12; 0 = phones cannot check a code, only the backend can.
    pub k: u8,
    /// Parameters of the hash.
    pub kdf: KdfParams,
}

/// On which days is delivered.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DaysConfig {
    /// Days of the week.
    pub weekdays: Vec<Weekday>,
    /// Days without delivery.
    pub holidays: Vec<NaiveDate>,
}

/// Mails.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailConfig {
    /// Sender.
    pub from: String,
    /// Folder for `.eml` files; default: `spool` in the data folder.
    pub spool: Option<PathBuf>,
    /// Local hour before which no code is mailed.
    pub not_before_hour: u32,
}

/// Keys of other programs, at least 16 characters each.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeysConfig {
    /// May do everything; also the password of the board.
    pub ops: Option<String>,
    /// May import shipments and ask about them.
    pub shop: Option<String>,
}

/// A configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct BadConfig {
    /// File and line, or variable.
    pub place: String,
    /// What is wrong, and what is allowed.
    pub problem: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            public_url: None,
            data_dir: "courier-data".into(),
            code: CodeConfig::default(),
            days: DaysConfig::default(),
            mail: MailConfig::default(),
            keys: KeysConfig::default(),
            planted: Planted::default(),
        }
    }
}

impl Default for CodeConfig {
    fn default() -> Self {
        Self { threshold: BTreeMap::from([("EUR".into(), 50_000)]), k: 10, kdf: KDF }
    }
}

impl Default for DaysConfig {
    fn default() -> Self {
        use Weekday::{Fri, Mon, Sat, Thu, Tue, Wed};
        Self { weekdays: vec![Mon, Tue, Wed, Thu, Fri, Sat], holidays: Vec::new() }
    }
}

impl Default for MailConfig {
    fn default() -> Self {
        Self { from: "Delivery <delivery@courier.example>".into(), spool: None, not_before_hour: 6 }
    }
}

impl Config {
    /// Reads a file, if one is given, then the variables `COURIER_LISTEN`, `COURIER_PUBLIC_URL`,
    /// `COURIER_DATA_DIR`, `COURIER_OPS_KEY` and `COURIER_SHOP_KEY`.
    pub fn load(file: Option<&Path>, variable: impl Fn(&str) -> Option<String>) -> Result<Self, BadConfig> {
        let mut text = String::new();
        let name = file.map(|path| path.display().to_string()).unwrap_or_default();
        let mut config = match file {
            None => Self::default(),
            Some(path) => {
                text = std::fs::read_to_string(path)
                    .map_err(|error| BadConfig { place: name.clone(), problem: error.to_string() })?;
                Self::parse(&name, &text)?
            }
        };
        if let Some(listen) = variable("COURIER_LISTEN") {
            config.listen = listen;
        }
        config.public_url = variable("COURIER_PUBLIC_URL").or(config.public_url);
        if let Some(dir) = variable("COURIER_DATA_DIR") {
            config.data_dir = dir.into();
        }
        config.keys.ops = variable("COURIER_OPS_KEY").or(config.keys.ops);
        config.keys.shop = variable("COURIER_SHOP_KEY").or(config.keys.shop);
        config.check().map_err(|bad| {
            let from_variable =
                VARIABLES.iter().find(|(key, name)| *key == bad.place && variable(name).is_some());
            let place = match (from_variable, line_of(&text, &bad.place)) {
                (Some((_, name)), _) => format!("{name} ({})", bad.place),
                (None, Some(line)) => format!("{name}:{line} ({})", bad.place),
                (None, None) => bad.place,
            };
            BadConfig { place, ..bad }
        })?;
        Ok(config)
    }

    /// Reads the text of a file called `place`.
    pub fn parse(place: &str, text: &str) -> Result<Self, BadConfig> {
        toml::from_str(text).map_err(|error| {
            let line =
                error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            BadConfig { place: format!("{place}:{line}"), problem: error.message().to_owned() }
        })
    }

    fn check(&self) -> Result<(), BadConfig> {
        let bad =
            |place: &str, problem: &str| Err(BadConfig { place: place.into(), problem: problem.into() });
        if self.listen.parse::<std::net::SocketAddr>().is_err() {
            return bad("listen", "expected an address and a port, such as 127.0.0.1:8080");
        }
        if self.code.k != 0 && !TAG_BITS.contains(&self.code.k) {
            return bad("code.k", "6 to 12 bits are allowed, or 0: only the backend checks");
        }
        if check_params(&self.code.kdf).is_err() {
            return bad("code.kdf", "m 8 to 65536 KiB, t 1 to 10, p 1 to 4 are allowed");
        }
        if !self.code.threshold.keys().all(|code| is_currency(code)) {
            return bad("code.threshold", "currencies are three capital letters (ISO 4217)");
        }
        if self.days.weekdays.is_empty() {
            return bad("days.weekdays", "at least one day is needed");
        }
        if self.mail.from.parse::<lettre::message::Mailbox>().is_err() {
            return bad("mail.from", "expected an address such as Delivery <delivery@courier.example>");
        }
        if self.mail.not_before_hour > 23 {
            return bad("mail.not_before_hour", "0 to 23 are allowed");
        }
        for (name, key) in [("keys.ops", &self.keys.ops), ("keys.shop", &self.keys.shop)] {
            if key.as_ref().is_some_and(|key| key.len() < 16) {
                return bad(name, "at least 16 characters are needed");
            }
        }
        Ok(())
    }

    /// File of the backend's own keys.
    pub fn keys_file(&self) -> PathBuf {
        self.data_dir.join("keys.json")
    }

    /// Folder of the `.eml` files.
    pub fn spool(&self) -> PathBuf {
        self.mail.spool.clone().unwrap_or_else(|| self.data_dir.join("spool"))
    }
}

/// Keys that a variable stands above.
const VARIABLES: [(&str, &str); 3] =
    [("listen", "COURIER_LISTEN"), ("keys.ops", "COURIER_OPS_KEY"), ("keys.shop", "COURIER_SHOP_KEY")];

/// The line, from 1, at which a file that was read sets a key or its table.
fn line_of(text: &str, key: &str) -> Option<usize> {
    let mut table = String::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            name.trim().clone_into(&mut table);
            if table == key {
                return Some(number);
            }
        } else if let Some((name, _)) = line.split_once('=') {
            let name = name.trim();
            let full = if table.is_empty() { name.to_owned() } else { format!("{table}.{name}") };
            if full == key || full.starts_with(&format!("{key}.")) {
                return Some(number);
            }
        }
    }
    None
}

/// Whether a text has the form of a currency (ISO 4217).
pub fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_key_is_named_with_its_line_and_what_is_allowed() {
        let bad = Config::parse("backend.toml", "listen = \"127.0.0.1:1\"\n[code]\nkk = 10\n").unwrap_err();
        assert_eq!(bad.place, "backend.toml:3");
        assert!(bad.problem.contains("kk") && bad.problem.contains("threshold"), "{bad}");
    }

    #[test]
    fn a_wrong_value_is_named_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("backend.toml");
        for (text, place) in [
            ("# k\n[code]\n\nk = 64\n", "backend.toml:4 (code.k)"),
            ("[code]\nkdf.m = 1\nkdf.t = 1\nkdf.p = 1\n", "backend.toml:2 (code.kdf)"),
            ("listen = \"here\"", "backend.toml:1 (listen)"),
            ("[code.threshold]\neuro = 1", "backend.toml:1 (code.threshold)"),
        ] {
            std::fs::write(&file, text).unwrap();
            let bad = Config::load(Some(&file), |_| None).unwrap_err();
            assert!(bad.place.ends_with(place), "{bad}");
        }
    }

    #[test]
    fn wrong_values_stop_the_start() {
        for (name, value, place) in [
            ("COURIER_LISTEN", "here", "COURIER_LISTEN (listen)"),
            ("COURIER_OPS_KEY", "short", "COURIER_OPS_KEY (keys.ops)"),
        ] {
            let config = Config::load(None, |asked| (asked == name).then(|| value.to_owned()));
            assert_eq!(config.unwrap_err().place, place);
        }
        let mut config = Config::default();
        config.code.k = 64;
        assert_eq!(config.check().unwrap_err().place, "code.k");
        assert!(Config::default().check().is_ok());
    }
}
