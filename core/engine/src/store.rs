//! What is on the phone's disk: the only place with SQL.
//!
//! - [`journal`]: facts, tries, drafts, identity: small and precious. Never deleted by this code.
//! - [`route_cache`]: what the office sent: disposable, fetched again when it breaks.

mod connection;
mod error;
pub(crate) mod journal;
pub(crate) mod route_cache;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

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

/// Both databases of an installation, each with its one connection. It belongs to one thread.
#[derive(Debug)]
pub struct Store {
    pub(crate) journal: Journal,
    pub(crate) route: RouteCache,
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
        Ok(Self { journal, route, dir: dir.to_owned() })
    }

    /// Where the databases are.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// How often the journal was opened by a machine.
    pub fn opens(&self) -> Result<u64, StoreError> {
        Ok(self.journal.identity()?.map_or(0, |identity| identity.opens))
    }

    /// Lets go of both databases and deletes every file: what the phone was is over. The journal goes last.
    pub(crate) fn erase(&mut self) -> Result<(), StoreError> {
        self.route.close()?;
        self.journal.close()?;
        let entries = std::fs::read_dir(&self.dir).map_err(|_| StoreError::Io)?;
        let mut paths: Vec<_> = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(|_| StoreError::Io)?;
        // Whoever holds the folder's lock still holds it.
        paths.retain(|path| path.file_name().is_some_and(|name| name != "lock"));
        paths.sort_by_key(|path| path.file_name().is_some_and(|name| name == journal::FILE));
        for path in paths {
            let gone = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
            gone.map_err(|_| StoreError::Io)?;
        }
        Ok(())
    }

    /// Drops everything that the office sent. The next contact fetches it again.
    pub(crate) fn replace_route(&mut self) -> Result<(), StoreError> {
        self.route.close()?;
        self.route = RouteCache::replace(&self.dir.join(route_cache::FILE))?;
        Ok(())
    }
}
