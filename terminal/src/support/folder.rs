//! A copied data folder. What SQLite has to open is copied aside first, into a folder that only this user can read and that
//! is gone afterwards: SQLite makes files beside a database, even when it only reads, and a case for support is evidence.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use courier_engine::store::inspect::{self, Contents, DATABASES, Fact, Identity};

/// Facts by incarnation and number.
pub(super) type Facts = BTreeMap<(u32, u64), Fact>;

/// What else belongs to a phone, and is not opened.
const OTHERS: [&str; 9] = [
    "journal.db-shm",
    "route.db-shm",
    "lock.db",
    "lock.db-journal",
    "ballast",
    "journal.coming",
    "journal.coming-wal",
    "journal.coming-shm",
    "journal.whole",
];

/// Files of a folder below.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// See the module.
pub(super) struct Folder {
    /// What can be read of it.
    pub(super) contents: Contents,
    /// The facts: of the journal, and of its log where the journal has none.
    pub(super) facts: Facts,
    /// Names and sizes of what belongs to a phone.
    pub(super) files: BTreeMap<String, u64>,
    /// What lies there and is none of a phone's. Its names are told to nobody.
    pub(super) foreign: u64,
    /// Photos and signatures.
    pub(super) blobs: Amount,
    /// What was put aside.
    pub(super) aside: Amount,
}

impl Folder {
    /// Looks at a folder.
    pub(super) fn open(given: &Path) -> Result<Self, String> {
        let folder = data_folder(given)?;
        let (files, foreign) = list(&folder)?;
        let copy = tempfile::tempdir().map_err(|error| format!("no room for a copy: {error}"))?;
        for name in files.keys().filter(|name| is_read(name)) {
            fs::copy(folder.join(name), copy.path().join(name))
                .map_err(|error| format!("{name}: {error}"))?;
        }
        let contents = inspect::read(copy.path()).map_err(|error| format!("{}: {error}", given.display()))?;
        let (blobs, aside) = (amount(&folder.join("blobs")), amount(&folder.join("aside")));
        let mut facts = contents.log.facts.clone();
        facts.extend(contents.facts.iter().map(|(place, fact)| (*place, fact.clone())));
        Ok(Self { contents, facts, files, foreign, blobs, aside })
    }

    pub(super) fn has(&self, file: &str) -> bool {
        self.files.contains_key(file)
    }

    pub(super) fn identity(&self) -> Option<&Identity> {
        self.contents.identity.as_ref()
    }

    /// Whether the server that the phone talks to now has this fact for sure.
    pub(super) fn is_acknowledged(&self, place: (u32, u64)) -> bool {
        let epoch = self.identity().map_or("", |identity| identity.epoch.as_str());
        self.contents.acks.get(&place).is_some_and(|ack| !ack.epoch.is_empty() && ack.epoch == epoch)
    }
}

/// The folder itself, or the one that an app keeps its data in below it.
fn data_folder(given: &Path) -> Result<PathBuf, String> {
    for folder in [given.to_owned(), given.join("data")] {
        if list(&folder).is_ok_and(|(files, _)| files.keys().any(|name| is_read(name))) {
            return Ok(folder);
        }
    }
    match fs::read_dir(given) {
        Err(error) => Err(format!("{}: {error}", given.display())),
        Ok(_) => Err(format!(
            "{}: no data folder of a phone: neither databases ({}) nor logs are in it",
            given.display(),
            DATABASES.join(", ")
        )),
    }
}

/// Files of a phone with their sizes, and how many there are that are not.
fn list(folder: &Path) -> Result<(BTreeMap<String, u64>, u64), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let (mut files, mut foreign) = (BTreeMap::new(), 0);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (name, is) = (entry.file_name(), entry.metadata().map_err(failed)?);
        match name.to_str() {
            Some("blobs" | "aside") if is.is_dir() => {}
            // Only what is a file itself: a link leads out of the folder, and a pipe never ends.
            Some(name) if is.is_file() && (is_read(name) || OTHERS.contains(&name)) => {
                files.insert(name.to_owned(), is.len());
            }
            _ => foreign += 1,
        }
    }
    Ok((files, foreign))
}

/// Whether there is something to be read in it.
fn is_read(name: &str) -> bool {
    let is_day = |day: &str| !day.is_empty() && day.bytes().all(|byte| byte.is_ascii_digit());
    let log = name.strip_prefix("facts-").and_then(|rest| rest.strip_suffix(".log"));
    DATABASES
        .iter()
        .any(|database| name.strip_prefix(database).is_some_and(|rest| ["", "-wal"].contains(&rest)))
        || name == "identity.log"
        || log.is_some_and(is_day)
}

fn amount(folder: &Path) -> Amount {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes: Vec<u64> = files.filter_map(|file| Some(file.metadata().ok()?.len())).collect();
    Amount { files: sizes.len() as u64, bytes: sizes.iter().sum() }
}
