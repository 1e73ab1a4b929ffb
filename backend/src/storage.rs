//! The database. One typed transaction, [`Tx`], is all that the service sees of it, so that another database is
//! another `Tx` and not another backend.

mod codes;
mod facts;
mod mails;
mod people;
mod routes;
mod shipments;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

pub use codes::{CodeRow, CodeStanding};
pub use facts::FactRow;
pub use mails::MailRow;
pub use people::Installation;
pub use routes::{RouteRow, StopRow};
pub use shipments::{AttemptRow, AttemptState, Item, ParcelRow, ShipmentRow};

use crate::entropy::{Entropy, random_secret};
use crate::error::ServiceError;

const APPLICATION_ID: i32 = 0x4343_4231; // "CCB1"
const SCHEMA: &str = include_str!("storage/schema.sql");
const VERSION: u32 = 1;

/// The embedded database.
pub struct Storage {
    db: Mutex<Connection>,
}

/// One transaction.
pub struct Tx<'a> {
    db: Transaction<'a>,
    rev: Option<u64>,
}

impl Storage {
    /// Opens or creates the database.
    pub fn open(path: &Path, rng: &mut Entropy) -> Result<Self, ServiceError> {
        let db = Connection::open(path)?;
        let mode: String = db.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(ServiceError::fault("no write-ahead log in this folder"));
        }
        db.execute_batch(
            "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000; PRAGMA trusted_schema=OFF;",
        )?;
        let version: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match version {
            0 => {
                db.execute_batch(&format!(
                    "BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={VERSION}; COMMIT;"
                ))?;
                let epoch = random_secret(rng);
                db.execute("INSERT INTO meta (name, value) VALUES ('epoch', ?1), ('rev', '0')", [epoch])?;
            }
            VERSION => {}
            _ => return Err(ServiceError::fault("the database was made by a newer version")),
        }
        Ok(Self { db: Mutex::new(db) })
    }

    /// Runs `work` in one transaction: all of it is stored, durably, or nothing.
    pub fn transact<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let mut db = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut tx = Tx { db: transaction, rev: None };
        let result = work(&mut tx)?;
        tx.db.commit()?;
        Ok(result)
    }
}

impl Tx<'_> {
    fn meta(&self, name: &str) -> Result<String, ServiceError> {
        let mut query = self.db.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
        let found = query.query_row([name], |row| row.get(0)).optional()?;
        found.ok_or_else(|| ServiceError::fault(format!("meta {name} is missing")))
    }

    /// Changes when the server was restored from a backup.
    pub fn epoch(&self) -> Result<String, ServiceError> {
        self.meta("epoch")
    }

    /// The revision of the last change of anything.
    pub fn last_rev(&self) -> Result<u64, ServiceError> {
        self.meta("rev")?.parse().map_err(|_| ServiceError::fault("meta rev is no number"))
    }

    /// The revision of this transaction: one counter for everything, raised once.
    pub fn rev(&mut self) -> Result<u64, ServiceError> {
        if let Some(rev) = self.rev {
            return Ok(rev);
        }
        let rev = self.last_rev()? + 1;
        self.db.execute("UPDATE meta SET value = ?1 WHERE name = 'rev'", [rev.to_string()])?;
        self.rev = Some(rev);
        Ok(rev)
    }
}

/// Reads an identifier that was checked when it was stored.
fn id<T: TryFrom<String>>(text: String) -> Result<T, ServiceError> {
    T::try_from(text).map_err(|_| ServiceError::fault("a stored identifier is unreadable"))
}
