//! Configuration: one TOML file, every key optional, `COURIER_*` variables above it. A wrong key or value stops the
//! start with file, line and what is allowed.

mod database;
mod files;
mod matrix;
mod policy;
mod retention;
mod smtp;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, Weekday};
use courier_codes::kdf::TAG_BITS;
use courier_codes::{KDF, check_params};
use courier_domain::KdfParams;
use serde::Deserialize;

pub use database::DatabaseConfig;
pub use files::FilesConfig;
pub use matrix::MatrixConfig;
pub use policy::PolicyConfig;
pub use retention::RetentionConfig;
pub use smtp::{SmtpConfig, Tls};

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
    /// A server where everything is stored; without one, a database in the data folder.
    pub database: Option<DatabaseConfig>,
    /// A bucket for photos and signatures; without one, a folder in the data folder.
    pub files: Option<FilesConfig>,
    /// Codes.
    pub code: CodeConfig,
    /// Delivery days.
    pub days: DaysConfig,
    /// Mails.
    pub mail: MailConfig,
    /// A service of travel times; without one the straight way counts, and what the office says.
    pub matrix: Option<MatrixConfig>,
    /// Keys of other programs.
    pub keys: KeysConfig,
    /// What strangers may use up.
    pub limits: LimitsConfig,
    /// Who may receive, and what follows when nobody does.
    pub policy: PolicyConfig,
    /// How long personal data are kept.
    pub retention: RetentionConfig,
    /// What is written to the log.
    pub log: LogConfig,
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
    /// Folder for `.eml` files; default: `spool` in the data folder. Not used with `smtp`.
    pub spool: Option<PathBuf>,
    /// Server that mails are sent over.
    pub smtp: Option<SmtpConfig>,
    /// Local hour before which no code is mailed.
    pub not_before_hour: u32,
    /// Mails are sent before whatever causes them is answered, in the same thread: for tests that may not depend on
    /// the worker's pace. It cannot be configured.
    #[serde(skip)]
    pub at_once: bool,
}

/// Keys of other programs, at least 16 characters each.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeysConfig {
    /// May do everything about deliveries.
    pub ops: Option<String>,
    /// May import shipments and ask about them.
    pub shop: Option<String>,
}

/// What strangers may use up.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Connections at the same time, 1 to 100000; more wait.
    pub connections: u32,
    /// Seconds within which a request has to arrive, 1 to 600: first its head, then its body.
    pub request_s: u32,
    /// Addresses of proxies in front of the backend, whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
}

/// What is written to the log.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// A line for each request too, without what is personal in its address.
    pub requests: bool,
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
            database: None,
            files: None,
            code: CodeConfig::default(),
            days: DaysConfig::default(),
            mail: MailConfig::default(),
            matrix: None,
            keys: KeysConfig::default(),
            limits: LimitsConfig::default(),
            policy: PolicyConfig::default(),
            retention: RetentionConfig::default(),
            log: LogConfig::default(),
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

impl Default for LimitsConfig {
    fn default() -> Self {
        Self { connections: 1_000, request_s: 30, proxies: Vec::new() }
    }
}

impl Default for MailConfig {
    fn default() -> Self {
        Self {
            from: "Delivery <delivery@courier.example>".into(),
            spool: None,
            smtp: None,
            not_before_hour: 6,
            at_once: false,
        }
    }
}

impl Config {
    /// Reads a file, if one is given, then the variables `COURIER_LISTEN`, `COURIER_PUBLIC_URL`,
    /// `COURIER_DATA_DIR`, `COURIER_DATABASE_URL`, `COURIER_FILES_SECRET`, `COURIER_OPS_KEY` and `COURIER_SHOP_KEY`.
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
        if let Some(url) = variable("COURIER_DATABASE_URL") {
            config.database.get_or_insert_default().url = url;
        }
        if let Some(files) = &mut config.files {
            files.secret = variable("COURIER_FILES_SECRET").or(files.secret.take());
        }
        config.keys.ops = variable("COURIER_OPS_KEY").or(config.keys.ops);
        config.keys.shop = variable("COURIER_SHOP_KEY").or(config.keys.shop);
        config.check().and_then(|()| config.policy.load()).map_err(|bad| {
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
        if let Some(url) = &self.public_url
            && (!(url.starts_with("http://") || url.starts_with("https://"))
                || url.ends_with('/')
                || url.chars().any(|c| c.is_whitespace() || c.is_control() || "?#\"'<>".contains(c)))
        {
            return bad(
                "public_url",
                "expected an address such as https://courier.example, without / at its end",
            );
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
        self.mail.smtp.as_ref().map_or(Ok(()), SmtpConfig::check)?;
        self.matrix.as_ref().map_or(Ok(()), MatrixConfig::check)?;
        self.database.as_ref().map_or(Ok(()), DatabaseConfig::check)?;
        self.files.as_ref().map_or(Ok(()), FilesConfig::check)?;
        if !(1..=100_000).contains(&self.limits.connections) {
            return bad("limits.connections", "1 to 100000 are allowed");
        }
        if !(1..=600).contains(&self.limits.request_s) {
            return bad("limits.request_s", "1 to 600 seconds are allowed");
        }
        self.retention.check()?;
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
const VARIABLES: [(&str, &str); 5] = [
    ("listen", "COURIER_LISTEN"),
    ("database.url", "COURIER_DATABASE_URL"),
    ("public_url", "COURIER_PUBLIC_URL"),
    ("keys.ops", "COURIER_OPS_KEY"),
    ("keys.shop", "COURIER_SHOP_KEY"),
];

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
mod tests;
