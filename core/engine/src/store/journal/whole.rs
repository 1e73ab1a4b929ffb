//! Whether a journal is whole, and a whole one out of what was salvaged.

use std::path::Path;

use courier_codes::fact_hash;
use rusqlite::{TransactionBehavior, params};

use super::row::{ACKS, insert_fact, insert_try, put_ack, read_ack, write_identity};
use super::{Incident, Journal, SCHEMA};
use crate::store::salvage::Salvaged;
use crate::store::{StoreError, connection, stored};

/// The one rule that what was salvaged need not keep: the facts between may be lost.
const NO_GAP: &str = "facts_have_no_gap";

impl Journal {
    /// Reads everything once: SQLite's pages, and that each fact is as it was committed. What is damaged is found when
    /// the phone starts, and not when somebody stands at a door. The facts are kept for whoever asks for them first.
    pub(in crate::store) fn check(&mut self) -> Result<(), StoreError> {
        let found: String = self.db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if found != "ok" {
            return Err(StoreError::Corrupt);
        }
        let facts = self.facts()?;
        if facts.iter().any(|fact| fact_hash(&fact.jws) != fact.hash) {
            return Err(StoreError::Corrupt);
        }
        let mut statement = self.db.prepare(ACKS)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            read_ack(row)?;
        }
        drop(rows);
        drop(statement);
        self.unsettled_tries()?;
        self.checked = Some(facts);
        Ok(())
    }

    /// Whether nothing was ever written.
    pub(in crate::store) fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(self.identity()?.is_none() && self.counts("")?.facts == 0)
    }

    /// Writes a new journal, whole, synced and closed.
    pub(in crate::store) fn put_together(path: &Path, found: &Salvaged) -> Result<(), StoreError> {
        let mut db = connection::open(path, &SCHEMA, None)?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let rule: String =
            tx.query_row("SELECT sql FROM sqlite_schema WHERE name = ?1", [NO_GAP], |row| row.get(0))?;
        tx.execute_batch(&format!("DROP TRIGGER {NO_GAP}"))?;
        if let Some(identity) = &found.identity {
            write_identity(&tx, identity)?;
        }
        for fact in found.facts.values() {
            insert_fact(&tx, fact)?;
        }
        for (place, (ack, epoch, wall)) in &found.acks {
            if found.facts.contains_key(place) {
                put_ack(&tx, *place, ack, epoch, *wall)?;
            }
        }
        for (inc, jws) in &found.receipts {
            tx.execute("INSERT INTO receipt VALUES (?1, ?2)", params![inc, jws])?;
        }
        for it in found.tries.values() {
            insert_try(&tx, it)?;
        }
        for (stop, (rev, body)) in &found.drafts {
            tx.execute("INSERT INTO draft VALUES (?1, ?2, ?3)", params![stop, stored(*rev), body])?;
        }
        if let Some(key) = &found.day_key {
            tx.execute("INSERT INTO day_key VALUES (1, ?1, ?2, ?3)", params![key.inc, key.kid, key.sealed])?;
        }
        if let Some(time) = &found.server_time {
            tx.execute(
                "INSERT INTO server_time VALUES (1, ?1, ?2, ?3, ?4)",
                params![time.server_ms, stored(time.plus_minus_ms), stored(time.boot_ms), time.boot],
            )?;
        }
        tx.execute(
            "INSERT INTO incident (kind, lost) VALUES (?1, ?2)",
            params![Incident::SALVAGED, stored(found.lost)],
        )?;
        tx.execute_batch(&rule)?;
        tx.commit()?;
        connection::close(db)
    }
}
