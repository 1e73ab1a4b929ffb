//! What is on the phone's disk: the only place with SQL.
//!
//! - [`journal`]: facts, tries, drafts, identity: small and precious. Never deleted by this code.
//! - [`fact_log`]: the same facts a second time, for [`salvage`] when the journal breaks.
//! - [`blobs`]: photos and signatures that are not on the server yet.
//! - [`route_cache`]: what the office sent: disposable, fetched again when it breaks.
//! - [`inspect`]: what lies in a folder, for support.
//! - [`lock`]: one engine on one folder. [`ballast`]: room for handovers on a full disk. [`aside`]: what is kept of
//!   damaged files.

mod aside;
mod ballast;
pub(crate) mod blobs;
mod connection;
mod disk;
mod error;
mod fact_log;
pub mod inspect;
pub(crate) mod journal;
mod lock;
pub(crate) mod route_cache;
mod salvage;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use aside::Aside;
use blobs::Blobs;
pub(crate) use connection::{number, stored};
pub use disk::Disk;
pub use error::StoreError;
use fact_log::FactLog;
use journal::Journal;
use lock::Lock;
use route_cache::RouteCache;

/// Versions of the databases' schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schemas {
    /// Of `journal.db`.
    pub journal: i32,
    /// Of `route.db`.
    pub route: i32,
}

/// The newest schemas of both databases, for diagnostics.
pub const SCHEMA_VERSIONS: Schemas = Schemas { journal: journal::VERSION, route: route_cache::VERSION };

/// Both databases of an installation, each with its one connection, and its evidence files. It belongs to one thread.
#[derive(Debug)]
pub struct Store {
    pub(crate) journal: Journal,
    pub(crate) route: RouteCache,
    pub(crate) blobs: Blobs,
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    /// Let go of last.
    _lock: Lock,
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) count: u64,
    pub(crate) bytes: u64,
}

/// How the files stand, for diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreDiagnostics {
    /// Whether room for handovers is kept free. Not on a full disk.
    pub has_ballast: bool,
    /// Whether everything that was recorded since the app started is in the second place, too.
    pub is_logged: bool,
    /// Files that lie aside: damaged ones, and copies from before an update. They go after a week.
    pub aside: u64,
    /// How often the journal was damaged and put together again.
    pub salvages: u64,
    /// Facts that were lost by it, as far as anybody can know.
    pub lost: u64,
}

/// The disk of the phone.
pub(crate) fn phone_disk() -> Arc<dyn Disk> {
    Arc::new(disk::PhoneDisk)
}

impl Store {
    /// Opens, makes or migrates the databases in `dir`.
    ///
    /// A journal of a newer version is an error and stays as it is, and so does one that cannot be read now. One that is
    /// damaged is put together again from whatever is left of it; diagnostics and an incident tell what was lost. A route
    /// cache that is damaged is replaced by an empty one.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::open_on(dir, phone_disk())
    }

    /// The same on another disk, for tests. SQLite brings its own files to the same place.
    pub fn open_on(dir: &Path, disk: Arc<dyn Disk>) -> Result<Self, StoreError> {
        disk.make_folder(dir).map_err(|_| StoreError::Io)?;
        let lock = Lock::take(dir)?;
        salvage::finish(dir, disk.as_ref())?;
        let journal = match whole_journal(dir, &disk) {
            Err(StoreError::Corrupt) => {
                salvage::salvage(dir, &disk)?;
                Journal::open(dir, &disk)?
            }
            opened => opened?,
        };
        let route = RouteCache::open_or_replace(&dir.join(route_cache::FILE))?;
        let blobs = Blobs::open(&dir.join("blobs"), &disk)?;
        Ok(Self { journal, route, blobs, dir: dir.to_owned(), disk, _lock: lock })
    }

    /// Where the databases are.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// How often the journal was opened by a machine.
    pub fn opens(&self) -> Result<u64, StoreError> {
        Ok(self.journal.identity()?.map_or(0, |identity| identity.opens))
    }

    /// How the files stand, with so many of them aside.
    pub(crate) fn diagnostics(&self, aside: u64) -> Result<StoreDiagnostics, StoreError> {
        let salvages = self.journal.salvages()?;
        Ok(StoreDiagnostics {
            has_ballast: self.journal.ballast.is_held(),
            is_logged: self.journal.is_logged(),
            aside,
            salvages: salvages.count,
            lost: salvages.lost,
        })
    }

    fn aside(&self) -> Aside<'_> {
        Aside::new(self.disk.as_ref(), &self.dir)
    }

    /// How much lies aside, and when the newest of it was changed, by the phone's wall clock.
    pub(crate) fn amount_aside(&self) -> Result<(Amount, Option<i64>), StoreError> {
        self.aside().amount().map_err(|_| StoreError::Io)
    }

    /// Deletes what has lain aside for longer than `kept_ms`.
    pub(crate) fn purge_aside(&self, now_ms: i64, kept_ms: i64) -> Result<(), StoreError> {
        self.aside().purge(now_ms, kept_ms).map_err(|_| StoreError::Io)
    }

    /// Writes both logs into their databases and closes them: after it no file of theirs is open, also if it fails.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        let (journal, route) = (self.journal.close(), self.route.close());
        journal.and(route)
    }

    /// Lets go of both databases and deletes every file: what the phone was is over. The journal goes last.
    pub(crate) fn erase(&mut self) -> Result<(), StoreError> {
        self.route.let_go()?;
        self.journal.let_go()?;
        let entries = std::fs::read_dir(&self.dir).map_err(|_| StoreError::Io)?;
        let mut paths: Vec<_> = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(|_| StoreError::Io)?;
        // Whoever holds the folder's lock still holds it.
        paths.retain(|path| path.file_name().is_some_and(|name| name != lock::FILE));
        paths.sort_by_key(|path| path.file_name().is_some_and(|name| name == journal::FILE));
        for path in paths {
            let gone = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
            gone.map_err(|_| StoreError::Io)?;
        }
        Ok(())
    }

    /// Drops everything that the office sent. The next contact fetches it again.
    pub(crate) fn replace_route(&mut self) -> Result<(), StoreError> {
        self.route.let_go()?;
        self.route = RouteCache::replace(&self.dir.join(route_cache::FILE))?;
        Ok(())
    }
}

/// The journal, if all of it can be read. One without anything beside a log with something is a damaged one.
fn whole_journal(dir: &Path, disk: &Arc<dyn Disk>) -> Result<Journal, StoreError> {
    let mut journal = Journal::open(dir, disk)?;
    // A table that is not there any more is no error of SQLite's.
    journal.check().map_err(|error| if error == StoreError::Other { StoreError::Corrupt } else { error })?;
    let has_log = || FactLog::new(Arc::clone(disk), dir).is_any().map_err(|_| StoreError::Io);
    if journal.is_empty()? && has_log()? { Err(StoreError::Corrupt) } else { Ok(journal) }
}
