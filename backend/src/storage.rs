//! The database. One typed transaction, [`Tx`], is all that the service sees of it, so that another database is
//! another `Tx` and not another backend.

mod blobs;
mod board;
mod codes;
mod disputes;
mod facts;
mod feed;
mod mails;
mod office;
mod people;
mod purge;
mod reviews;
mod routes;
mod shipments;
mod travel;
mod whereabouts;

use std::cell::RefCell;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use courier_domain::{CourierId, RouteId};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};

pub use blobs::BlobRow;
pub use board::{CourierRow, MailStanding, MapStop};
pub use codes::{CodeRow, CodeStanding};
pub use disputes::DisputeRow;
pub use facts::{BAD_SIGNATURE, FactRow, Judged};
pub use feed::NumberedVerdict;
pub use mails::MailRow;
pub use office::{AccountRow, ApiKeyRow, AuditRow, InvitationRow, SessionRow};
pub use people::Installation;
pub use reviews::{ReviewRow, StoredReview};
pub use routes::{ChangeMark, RouteRow, StopRow};
pub use shipments::{AttemptRow, AttemptState, OutcomeRow, ParcelRow, ShipmentRow};
pub use travel::TravelTime;
pub use whereabouts::Whereabouts;

use crate::entropy::{Entropy, random_secret};
use crate::error::ServiceError;

const APPLICATION_ID: i32 = 0x4343_4231; // "CCB1"
/// What leads from each version of the database to the next; the first makes it.
const UPGRADES: [&str; 10] = [
    include_str!("storage/schema.sql"),
    include_str!("storage/upgrade-2.sql"),
    include_str!("storage/upgrade-3.sql"),
    include_str!("storage/upgrade-4.sql"),
    include_str!("storage/upgrade-5.sql"),
    include_str!("storage/upgrade-6.sql"),
    include_str!("storage/upgrade-7.sql"),
    include_str!("storage/upgrade-8.sql"),
    include_str!("storage/upgrade-9.sql"),
    include_str!("storage/upgrade-10.sql"),
];

/// The embedded database.
pub struct Storage {
    db: Mutex<Connection>,
}

/// One transaction.
pub struct Tx<'a> {
    db: Transaction<'a>,
    rev: Option<u64>,
    /// The route that was asked for last, and whose it is, which never changes: the facts of a batch are of one.
    owner: RefCell<Option<(RouteId, CourierId)>>,
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
            "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000; PRAGMA trusted_schema=OFF; PRAGMA secure_delete=ON;",
        )?;
        // Else SQLite, which is built with statistics of values, compiles a statement again whenever it is given others:
        // half of the time of a batch.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // One fact takes some 20 different statements; SQLite's own 16 would compile them again for each.
        db.set_prepared_statement_cache_capacity(128);
        let mut db = db;
        upgrade(&mut db, rng)?;
        Ok(Self { db: Mutex::new(db) })
    }

    /// Runs `work` in one transaction: all of it is stored, durably, or nothing.
    pub fn transact<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let mut db = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut tx = Tx { db: transaction, rev: None, owner: RefCell::default() };
        let result = work(&mut tx)?;
        tx.db.commit()?;
        Ok(result)
    }
}

impl Storage {
    /// Does something outside of a transaction.
    fn with_connection<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        work(&self.db.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Copies a database that may be in use, as it is at one instant.
    pub fn back_up(database: &Path, to: &Path) -> Result<(), ServiceError> {
        let db = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        db.execute_batch("PRAGMA busy_timeout=60000")?;
        let to = to.to_str().ok_or_else(|| ServiceError::fault("backup: a path that is no text"))?;
        db.execute("VACUUM INTO ?1", [to])?;
        Ok(())
    }

    /// Checks that a file is a whole database of this backend, and changes nothing.
    pub fn check(database: &Path) -> Result<(), ServiceError> {
        let db = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let application: i32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let version: usize = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let whole: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if application != APPLICATION_ID || version > UPGRADES.len() {
            return Err(ServiceError::fault(
                "the database is not one of this backend, or of a newer version",
            ));
        }
        if whole != "ok" {
            return Err(ServiceError::fault("the database is damaged"));
        }
        Ok(())
    }
}

/// Brings the database to the newest version, completely or not at all.
fn upgrade(db: &mut Connection, rng: &mut Entropy) -> Result<(), ServiceError> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: usize = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i32 = tx.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if version > UPGRADES.len() {
        return Err(ServiceError::fault("the database was made by a newer version"));
    }
    if version > 0 && application != APPLICATION_ID {
        return Err(ServiceError::fault("the database is not one of this backend"));
    }
    for step in &UPGRADES[version..] {
        tx.execute_batch(step)?;
    }
    if version == 0 {
        let epoch = random_secret(rng);
        tx.execute("INSERT INTO meta (name, value) VALUES ('epoch', ?1), ('rev', '0')", [epoch])?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    tx.pragma_update(None, "user_version", UPGRADES.len())?;
    tx.commit()?;
    Ok(())
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

    /// Changes it.
    pub fn set_epoch(&mut self, epoch: &str) -> Result<(), ServiceError> {
        self.db.execute("UPDATE meta SET value = ?1 WHERE name = 'epoch'", [epoch])?;
        Ok(())
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

#[cfg(test)]
mod tests {
    use courier_domain::UnixMs;

    use super::*;
    use crate::entropy::from_seed;

    #[test]
    fn a_database_of_the_second_version_keeps_its_codes_verdicts_and_tries() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("backend.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(&UPGRADES[..2].concat()).unwrap();
        let verifier = r#"{"attempt":"a","code_id":"c","holder":"recipient","kdf":{"m":8,"t":1,"p":1},"salt":"AA","key":"AA",
            "k":10,"tag":1,"not_before":0,"not_after":9}"#;
        old.execute_batch(&format!(
            "PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version=2;
             INSERT INTO meta VALUES ('epoch', 'e'), ('rev', '7');
             INSERT INTO courier VALUES ('ada', 'Ada', NULL);
             INSERT INTO shipment VALUES ('s', 'F', 'r', 'o', x'00', 'a@b.example', 'de', 'K', '{{}}', 'UTC', 1, NULL, x'00', x'00');
             INSERT INTO attempt VALUES ('a', 's', 1, '2026-11-24', NULL, NULL, 'failed', NULL, 4, NULL);
             INSERT INTO code VALUES ('c', 'a', x'00', '{verifier}', 'superseded');
             INSERT INTO verdict VALUES (1, 'f', 'confirmed', 'right-code', 0);
             INSERT INTO review VALUES (1, 'f', 'a', 'decoy', 0);"
        ))
        .unwrap();
        drop(old);
        let storage = Storage::open(&path, &mut from_seed(1)).unwrap();
        storage
            .transact(|tx| {
                let mut attempt = tx.attempts(&id("s".to_owned())?)?.remove(0);
                assert_eq!((attempt.tries_used, attempt.budget, attempt.budget_rev), (4, 5, 0));
                assert_eq!(tx.codes_of(&attempt.id)?[0].state, CodeStanding::Lapsed);
                assert_eq!(tx.verdict(&id("f".to_owned())?)?.unwrap().code, None);
                assert_eq!(tx.reviews()?[0].row.dispute, None);
                let ada = id("ada".to_owned())?;
                assert!(!tx.is_suspended(&ada)?);
                tx.suspend(&ada, UnixMs(1))?;
                assert!(tx.is_suspended(&ada)?);
                attempt.budget = 9;
                tx.put_attempt(&attempt)?;
                attempt.budget = 8;
                assert!(tx.put_attempt(&attempt).is_err(), "a budget went down");
                Ok(())
            })
            .unwrap();
        drop(storage);
        let db = Connection::open(&path).unwrap();
        for forbidden in ["UPDATE verdict SET why = 'x'", "DELETE FROM verdict"] {
            assert!(db.execute(forbidden, []).is_err(), "{forbidden}");
        }
    }

    #[test]
    fn a_database_of_the_first_version_is_upgraded_and_keeps_what_it_knows() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("backend.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(UPGRADES[0]).unwrap();
        old.execute_batch(&format!(
            "PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version=1;
             INSERT INTO meta VALUES ('epoch', 'e'), ('rev', '7');
             INSERT INTO shipment VALUES ('s', 'F', 'r', 'o', x'00', 'a@b.example', 'de', 'K', '{{}}', 'UTC', 0, NULL, x'00', x'00');
             INSERT INTO parcel VALUES ('p1', 's', 'B1', 'f'), ('p2', 's', 'B2', NULL);
             INSERT INTO attempt VALUES ('a', 's', 1, '2026-11-24', NULL, NULL, 'open', NULL, 2);
             INSERT INTO fact VALUES ('h', 'i', 1, 1, 'f', 'handed_over', 'a', 'x', 0, 'stored', '[]');"
        ))
        .unwrap();
        drop(old);
        for _ in 0..2 {
            let storage = Storage::open(&path, &mut from_seed(1)).unwrap();
            storage
                .transact(|tx| {
                    let parcels = tx.parcels(&id("s".to_owned())?)?;
                    assert_eq!(parcels[0].outcome.as_ref().unwrap().attempt.as_str(), "a");
                    assert!(parcels[0].is_handed() && parcels[1].outcome.is_none());
                    assert_eq!((tx.epoch()?.as_str(), tx.last_rev()?), ("e", 7));
                    assert_eq!(tx.attempts(&id("s".to_owned())?)?[0].tries_used, 2);
                    Ok(())
                })
                .unwrap();
        }
        for (pragma, value) in [("user_version", 99), ("application_id", 1)] {
            Connection::open(&path).unwrap().pragma_update(None, pragma, value).unwrap();
            assert!(Storage::open(&path, &mut from_seed(1)).is_err(), "{pragma}");
            Connection::open(&path).unwrap().pragma_update(None, "user_version", UPGRADES.len()).unwrap();
        }
    }
}
