//! `journal.db`: what happened on this phone. Facts are appended, acknowledged and otherwise left alone; triggers
//! of the schema hold that against every mistake of this code.

mod draft;
mod incident;
mod outbox;
mod purge;
mod row;
mod whole;

use std::path::Path;
use std::sync::Arc;

use courier_domain::{FactHash, FactId};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::aside::Aside;
use super::ballast::Ballast;
use super::connection::{self, Schema};
use super::disk::Disk;
use super::fact_log::{Entry, FactLog};
use super::{Amount, StoreError, number, stored};
use crate::clock::ServerTime;
use outbox::Settled;
use row::{insert_fact, insert_try, parse, put_draft, to_json, write_identity};

pub(crate) use incident::Incident;
pub(super) use row::{
    ACKS, DAY_KEY, DRAFTS, FACTS, IDENTITY, SERVER_TIME, TRIES, read_ack, read_day_key, read_fact,
    read_identity, read_server_time, read_try,
};
pub(crate) use row::{
    Ack, Along, Counts, Head, Identity, NewDay, SealedDayKey, SealedDraft, StoredEnrolment, StoredFact, Try,
};

pub(super) const FILE: &str = "journal.db";
pub(super) const VERSION: i32 = 2;
pub(super) const APPLICATION: i32 = 0x6372_6a6c;

const SCHEMA: Schema = Schema {
    application_id: APPLICATION,
    migrations: &[include_str!("journal.sql"), include_str!("journal-2.sql")],
};

/// The journal, with its one connection.
#[derive(Debug)]
pub(crate) struct Journal {
    db: Connection,
    settled: Option<Settled>,
    /// Every fact, since the journal was [checked](Self::check) and until somebody asks or one is added.
    checked: Option<Vec<StoredFact>>,
    log: FactLog,
    pub(crate) ballast: Ballast,
}

impl Journal {
    /// Opens, makes or migrates the journal in `dir`, and takes room for it.
    pub(super) fn open(dir: &Path, disk: &Arc<dyn Disk>) -> Result<Self, StoreError> {
        let copy = || Aside::new(disk.as_ref(), dir).place("before").map_err(|_| StoreError::Io);
        let db = connection::open(&dir.join(FILE), &SCHEMA, Some(&copy))?;
        let log = FactLog::new(Arc::clone(disk), dir);
        Ok(Self { db, settled: None, checked: None, log, ballast: Ballast::take(Arc::clone(disk), dir) })
    }

    pub(super) fn close(self) -> Result<(), StoreError> {
        connection::close(self.db)
    }

    /// Lets go of the file.
    pub(super) fn let_go(&mut self) -> Result<(), StoreError> {
        self.db = Connection::open_in_memory()?;
        (self.settled, self.checked) = (None, None);
        Ok(())
    }

    /// In one transaction. On a full disk the room that was kept is given up for it.
    fn write<T>(
        &mut self,
        change: impl Fn(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self.write_once(&change) {
            Err(StoreError::Full) if self.ballast.give_up() => {
                let done = self.write_once(&change)?;
                // What was asked for is done. If even this does not fit, the next one on a full disk says so.
                let _ = self.note_incident(Incident::FULL, 0);
                Ok(done)
            }
            done => done,
        }
    }

    fn write_once<T>(
        &mut self,
        change: impl Fn(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = change(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }
}

// Who this is.
impl Journal {
    pub(crate) fn identity(&self) -> Result<Option<Identity>, StoreError> {
        let mut statement = self.db.prepare_cached(IDENTITY)?;
        let mut rows = statement.query([])?;
        rows.next()?.map(read_identity).transpose()
    }

    /// Writes the whole identity.
    pub(crate) fn set_identity(&mut self, identity: &Identity) -> Result<(), StoreError> {
        self.write(|tx| write_identity(tx, identity))?;
        let head = self.head(identity.inc)?.map(|head| (identity.inc, head.seq));
        self.log.set_identity(identity, head);
        Ok(())
    }

    pub(crate) fn server_time(&self) -> Result<Option<ServerTime>, StoreError> {
        Ok(self.db.query_row(SERVER_TIME, [], read_server_time).optional()?)
    }

    pub(crate) fn set_server_time(&mut self, time: &ServerTime) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.execute(
                "INSERT INTO server_time VALUES (1, ?1, ?2, ?3, ?4) ON CONFLICT (one) DO UPDATE
                 SET server_ms = ?1, plus_minus_ms = ?2, boot_ms = ?3, boot = ?4",
                params![time.server_ms, stored(time.plus_minus_ms), stored(time.boot_ms), time.boot],
            )?;
            Ok(())
        })
    }

    pub(crate) fn day_key(&self) -> Result<Option<SealedDayKey>, StoreError> {
        Ok(self.db.query_row(DAY_KEY, [], read_day_key).optional()?)
    }
}

// Facts and what leads to them.
impl Journal {
    pub(crate) fn head(&self, inc: u32) -> Result<Option<Head>, StoreError> {
        let mut statement =
            self.db.prepare_cached("SELECT seq, hash FROM fact WHERE inc = ?1 ORDER BY seq DESC LIMIT 1")?;
        let mut rows = statement.query([inc])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(Head { seq: number(row.get(0)?), hash: parse(FactHash::new(row.get::<_, String>(1)?))? }))
    }

    /// Every fact, in order.
    pub(crate) fn facts(&mut self) -> Result<Vec<StoredFact>, StoreError> {
        if let Some(facts) = self.checked.take() {
            return Ok(facts);
        }
        let mut statement = self.db.prepare_cached(&format!("{FACTS} ORDER BY inc, seq"))?;
        let mut rows = statement.query([])?;
        let mut facts = Vec::new();
        while let Some(row) = rows.next()? {
            facts.push(read_fact(row)?);
        }
        Ok(facts)
    }

    /// Commits a fact; with what comes along with it. Fails if its `seq` is not the next.
    pub(crate) fn append(&mut self, fact: &StoredFact, along: &Along<'_>) -> Result<(), StoreError> {
        self.checked = None;
        self.write(|tx| {
            insert_fact(tx, fact)?;
            let day = match along {
                Along::Nothing => return Ok(()),
                Along::Incident(no) => {
                    tx.execute("UPDATE incident SET fact = ?2 WHERE no = ?1", params![no, fact.id.as_str()])?;
                    return Ok(());
                }
                Along::Draft(draft) => return put_draft(tx, draft),
                Along::Day(day) => day,
            };
            tx.execute(
                "INSERT INTO day_key VALUES (1, ?1, ?2, ?3)
                 ON CONFLICT (one) DO UPDATE SET inc = ?1, kid = ?2, key = ?3",
                params![day.key.inc, day.key.kid, day.key.sealed],
            )?;
            tx.execute(
                "DELETE FROM draft WHERE stop NOT IN (SELECT value FROM json_each(?1))",
                [to_json(&day.stops)?],
            )?;
            Ok(())
        })?;
        self.log.add(fact.id.as_str(), &Entry::Fact(fact.clone()));
        Ok(())
    }

    /// Counts an entry. It is durable when this returns.
    pub(crate) fn count_try(&mut self, it: &Try) -> Result<(), StoreError> {
        self.write(|tx| insert_try(tx, it))?;
        self.log.add(it.id.as_str(), &Entry::Try(it.clone()));
        Ok(())
    }

    /// Entries that were counted and have no fact, oldest first.
    pub(crate) fn unsettled_tries(&self) -> Result<Vec<Try>, StoreError> {
        let sql = format!("{TRIES} WHERE NOT EXISTS (SELECT 1 FROM fact WHERE fact.id = try.id) ORDER BY id");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut tries = Vec::new();
        while let Some(row) = rows.next()? {
            tries.push(read_try(row)?);
        }
        Ok(tries)
    }

    /// The identifier of every fact.
    pub(crate) fn fact_ids(&self) -> Result<Vec<FactId>, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT id FROM fact")?;
        let mut rows = statement.query([])?;
        let mut ids = Vec::new();
        while let Some(row) = rows.next()? {
            ids.push(parse(FactId::new(row.get::<_, String>(0)?))?);
        }
        Ok(ids)
    }

    pub(crate) fn counts(&self, epoch: &str) -> Result<Counts, StoreError> {
        // Nothing is acknowledged without a fact, and to count rows is to read the smallest index of each table.
        let sql = "SELECT (SELECT count(*) FROM fact), (SELECT count(*) FROM ack WHERE epoch = ?1),
                   (SELECT count(*) FROM try)";
        Ok(self.db.prepare_cached(sql)?.query_row([epoch], |row| {
            let (facts, settled) = (number(row.get(0)?), number(row.get(1)?));
            Ok(Counts { facts, pending: facts.saturating_sub(settled), tries: number(row.get(2)?) })
        })?)
    }

    /// How much there is of facts.
    pub(crate) fn amount_of_facts(&self) -> Result<Amount, StoreError> {
        connection::amount(&self.db, "fact", "octet_length(jws) + ifnull(octet_length(private), 0)")
    }

    /// How much there is of entries of codes.
    pub(crate) fn amount_of_tries(&self) -> Result<Amount, StoreError> {
        connection::amount(&self.db, "try", "octet_length(id) + octet_length(attempts) + octet_length(stop)")
    }

    /// Whether everything since the start is in the log as well.
    pub(crate) fn is_logged(&self) -> bool {
        !self.log.incomplete
    }
}

#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
mod tests;
