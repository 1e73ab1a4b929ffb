//! One engine on one folder: two would write one chain.
//!
//! SQLite's own lock on an empty database, since it works wherever SQLite does. `std::fs::File::lock` does not on Android,
//! and its kind of lock is another one on each system. A process that ends lets go of it, however it ends.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// The empty database that is locked.
pub(super) const FILE: &str = "lock.db";

/// Held while the store is open.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "the lock is held by the open connection")] Connection);

impl Lock {
    /// Takes the lock, or fails at once with [`StoreError::InUse`].
    pub(super) fn take(dir: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(dir.join(FILE), flags)?;
        connection.busy_timeout(std::time::Duration::ZERO)?;
        match connection.execute_batch("BEGIN EXCLUSIVE").map_err(StoreError::from) {
            Ok(()) => Ok(Self(connection)),
            Err(StoreError::Busy) => Err(StoreError::InUse),
            Err(error) => Err(error),
        }
    }
}
