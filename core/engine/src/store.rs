//! What is on the phone's disk: the only place with SQL.
//!
//! - [`journal`]: facts, tries, drafts, identity: small and precious. Never deleted by this code.
//! - [`blobs`]: photos and signatures that are not on the server yet.
//! - [`route_cache`]: what the office sent: disposable, fetched again when it breaks.

pub(crate) mod blobs;
mod connection;
mod error;
pub(crate) mod journal;
pub(crate) mod route_cache;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use blobs::Blobs;
pub(crate) use connection::{number, stored};
pub use error::StoreError;
use journal::Journal;
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
}

impl Store {
    /// Opens, makes or migrates the databases in `dir`.
    ///
    /// A journal that is corrupt or of a newer version is an error and stays as it is. A route cache that is
    /// damaged is replaced by an empty one.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir).map_err(|_| StoreError::Io)?;
        let journal = Journal::open(&dir.join(journal::FILE))?;
        let route = RouteCache::open_or_replace(&dir.join(route_cache::FILE))?;
        let blobs = Blobs::open(&dir.join("blobs"))?;
        Ok(Self { journal, route, blobs, dir: dir.to_owned() })
    }

    /// Where the databases are.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// How often the journal was opened by a machine.
    pub fn opens(&self) -> Result<u64, StoreError> {
        Ok(self.journal.identity()?.map_or(0, |identity| identity.opens))
    }

    /// Writes both logs into their databases and closes them: after it no file of theirs is open, also if it fails.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        let (journal, route) = (self.journal.close(), self.route.close());
        journal.and(route)
    }

    /// Drops everything that the office sent. The next contact fetches it again.
    pub(crate) fn replace_route(&mut self) -> Result<(), StoreError> {
        self.route.let_go()?;
        self.route = RouteCache::replace(&self.dir.join(route_cache::FILE))?;
        Ok(())
    }
}
