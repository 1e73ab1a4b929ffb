//! The embedded database: one file beside the keys, one connection.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::sql::Result as SqlResult;
use crate::entropy::{Entropy, random_secret};
use crate::error::ServiceError;

const APPLICATION_ID: i32 = 0x4343_4231; // "CCB1"
/// What leads from each version of the database to the next; the first makes it.
const UPGRADES: [&str; 12] = [
    include_str!("schema.sql"),
    include_str!("upgrade-2.sql"),
    include_str!("upgrade-3.sql"),
    include_str!("upgrade-4.sql"),
    include_str!("upgrade-5.sql"),
    include_str!("upgrade-6.sql"),
    include_str!("upgrade-7.sql"),
    include_str!("upgrade-8.sql"),
    include_str!("upgrade-9.sql"),
    include_str!("upgrade-10.sql"),
    include_str!("upgrade-11.sql"),
    include_str!("upgrade-12.sql"),
];

/// An open file.
pub(super) struct Sqlite(Mutex<Connection>);

impl Sqlite {
    /// Opens or creates it, and brings it to the newest version.
    pub(super) fn open(path: &Path, rng: &mut Entropy) -> Result<Self, ServiceError> {
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
        Ok(Self(Mutex::new(db)))
    }

    /// Does something in a transaction of its own.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(Transaction<'_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let mut db = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        work(db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// What was deleted is not in the log of changes either.
    pub(super) fn forget_for_good(&self) -> SqlResult<()> {
        let db = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever reads meanwhile holds it up: the next one does it.
        Ok(db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// Copies a database that may be in use, as it is at one instant.
    pub(super) fn back_up(database: &Path, to: &Path) -> Result<(), ServiceError> {
        let db = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        db.execute_batch("PRAGMA busy_timeout=60000")?;
        let to = to.to_str().ok_or_else(|| ServiceError::fault("backup: a path that is no text"))?;
        db.execute("VACUUM INTO ?1", [to])?;
        Ok(())
    }

    /// Checks that a file is a whole database of this backend, and changes nothing.
    pub(super) fn check(database: &Path) -> Result<(), ServiceError> {
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

#[cfg(test)]
mod tests {
    use courier_domain::UnixMs;

    use super::*;
    use crate::entropy::from_seed;
    use crate::storage::{CodeStanding, Storage, id};

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
        let storage = Storage::embedded(&path, &mut from_seed(1)).unwrap();
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
            let storage = Storage::embedded(&path, &mut from_seed(1)).unwrap();
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
            assert!(Storage::embedded(&path, &mut from_seed(1)).is_err(), "{pragma}");
            Connection::open(&path).unwrap().pragma_update(None, "user_version", UPGRADES.len()).unwrap();
        }
    }
}
