//! `journal.db`: facts, tries, drafts, identity.

use std::path::Path;

use courier_domain::{AttemptId, Draft, FactHash, FactId, RouteId, RouteRef, StopId};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::error::EngineError;

const APPLICATION_ID: i32 = 0x4343_4a31; // "CCJ1"

const MIGRATIONS: &[&str] = &["
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE fact (
  inc         INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  id          TEXT NOT NULL UNIQUE,
  hash        TEXT NOT NULL UNIQUE,
  kind        TEXT NOT NULL,
  jws         TEXT NOT NULL,
  private     BLOB,            -- sealed; emptied when it is purged
  acked_epoch TEXT,            -- the server's epoch under which it was acknowledged
  status      TEXT,
  verdict     TEXT,
  PRIMARY KEY (inc, seq)
) STRICT;
CREATE INDEX fact_unsent ON fact (acked_epoch, inc, seq);
CREATE TABLE try (
  fact  TEXT PRIMARY KEY,      -- the code_tried fact that this try becomes
  body  TEXT NOT NULL,         -- attempts, stop, route: what the fact needs after a crash
  done  INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE TABLE draft (stop TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE day (route TEXT PRIMARY KEY, key BLOB NOT NULL) STRICT, WITHOUT ROWID;

CREATE TRIGGER fact_is_immutable BEFORE UPDATE ON fact
WHEN old.inc IS NOT new.inc OR old.seq IS NOT new.seq OR old.id IS NOT new.id OR old.hash IS NOT new.hash
  OR old.kind IS NOT new.kind OR old.jws IS NOT new.jws
  OR (new.private IS NOT NULL AND old.private IS NOT new.private)
BEGIN SELECT RAISE(ABORT, 'a fact is immutable'); END;
CREATE TRIGGER fact_unsent_stays BEFORE DELETE ON fact WHEN old.acked_epoch IS NULL
BEGIN SELECT RAISE(ABORT, 'an unsent fact stays'); END;
CREATE TRIGGER try_stays BEFORE DELETE ON try
BEGIN SELECT RAISE(ABORT, 'a try stays'); END;
CREATE TRIGGER try_only_ends BEFORE UPDATE ON try
WHEN old.fact IS NOT new.fact OR old.body IS NOT new.body OR new.done < old.done
BEGIN SELECT RAISE(ABORT, 'a try only ends'); END;
CREATE TRIGGER day_key_stays BEFORE UPDATE ON day
BEGIN SELECT RAISE(ABORT, 'a day key stays'); END;
"];

/// A fact as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFact {
    /// Incarnation.
    pub inc: u32,
    /// Number within it.
    pub seq: u64,
    /// Identifier.
    pub id: FactId,
    /// Hash of `jws`.
    pub hash: FactHash,
    /// Kind, as on the wire.
    pub kind: String,
    /// The bytes as first written.
    pub jws: String,
    /// The packed private part, sealed.
    pub private: Option<Vec<u8>>,
    /// Whether the server has it.
    pub acked: bool,
    /// The judge's word in its answer.
    pub verdict: Option<String>,
}

/// What a try needs to become a fact after a crash.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TryBody {
    /// Attempts that it counts for.
    pub attempts: Vec<AttemptId>,
    /// Where.
    pub stop: StopId,
    /// The revision of the stop.
    pub stop_rev: Option<u64>,
    /// On which route.
    pub route: RouteRef,
}

/// The open journal.
pub struct Journal {
    db: Connection,
}

impl Journal {
    /// Opens or creates it.
    pub fn open(path: &Path) -> Result<Self, EngineError> {
        Ok(Self { db: super::open(path, APPLICATION_ID, MIGRATIONS)? })
    }

    fn begin(&mut self) -> Result<Transaction<'_>, EngineError> {
        Ok(self.db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// A value of the identity.
    pub fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, EngineError> {
        let mut query = self.db.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
        Ok(query.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Sets values of the identity, all or none.
    pub fn set_meta(&mut self, values: &[(&str, &[u8])]) -> Result<(), EngineError> {
        let tx = self.begin()?;
        for (name, value) in values {
            tx.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)", params![name, value])?;
        }
        Ok(tx.commit()?)
    }

    /// The last fact of an incarnation.
    pub fn head(&self, inc: u32) -> Result<Option<(u64, FactHash)>, EngineError> {
        let sql = "SELECT seq, hash FROM fact WHERE inc = ?1 ORDER BY seq DESC LIMIT 1";
        let row = self.db.query_row(sql, [inc], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?)));
        row.optional()?.map(|(seq, hash)| Ok((seq, read_id(FactHash::new(hash))?))).transpose()
    }

    /// Every fact, in the order in which they were made.
    pub fn facts(&self) -> Result<Vec<StoredFact>, EngineError> {
        self.select("ORDER BY inc, seq", params![])
    }

    /// Facts that the server of this epoch does not have, oldest first.
    pub fn unsent(&self, epoch: &str, limit: usize) -> Result<Vec<StoredFact>, EngineError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        self.select(
            "WHERE acked_epoch IS NULL OR acked_epoch IS NOT ?1 ORDER BY inc, seq LIMIT ?2",
            params![epoch, limit],
        )
    }

    /// How many facts the server of this epoch does not have.
    pub fn unsent_count(&self, epoch: &str) -> Result<u64, EngineError> {
        let sql = "SELECT count(*) FROM fact WHERE acked_epoch IS NULL OR acked_epoch IS NOT ?1";
        Ok(self.db.prepare_cached(sql)?.query_row([epoch], |row| row.get(0))?)
    }

    fn select(&self, rest: &str, given: &[&dyn rusqlite::ToSql]) -> Result<Vec<StoredFact>, EngineError> {
        let sql = format!(
            "SELECT inc, seq, id, hash, kind, jws, private, acked_epoch IS NOT NULL, verdict FROM fact {rest}"
        );
        let mut query = self.db.prepare_cached(&sql)?;
        let rows = query.query_map(given, |row| {
            Ok((
                (row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?),
                (row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?, row.get(8)?),
            ))
        })?;
        rows.map(|row| {
            let ((inc, seq, id, hash), (kind, jws, private, acked, verdict)) = row?;
            let (id, hash) = (read_id(FactId::new(id))?, read_id(FactHash::new(hash))?);
            Ok(StoredFact { inc, seq, id, hash, kind, jws, private, acked, verdict })
        })
        .collect()
    }

    /// Commits a fact as the next of its chain. `ends` is the try that it concludes, `day` the key of the day that
    /// it begins.
    pub fn append(
        &mut self,
        fact: &StoredFact,
        ends: Option<&FactId>,
        day: Option<(&RouteId, &[u8])>,
    ) -> Result<(), EngineError> {
        let tx = self.begin()?;
        let next: u64 = tx
            .prepare_cached("SELECT coalesce(max(seq), 0) + 1 FROM fact WHERE inc = ?1")?
            .query_row([fact.inc], |row| row.get(0))?;
        if next != fact.seq {
            return Err(EngineError::internal("sequence"));
        }
        tx.prepare_cached(
            "INSERT INTO fact (inc, seq, id, hash, kind, jws, private) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            fact.inc,
            fact.seq,
            fact.id.as_str(),
            fact.hash.as_str(),
            fact.kind,
            fact.jws,
            fact.private
        ])?;
        if let Some(id) = ends {
            tx.execute("UPDATE try SET done = 1 WHERE fact = ?1", [id.as_str()])?;
        }
        if let Some((route, key)) = day {
            tx.execute("INSERT INTO day (route, key) VALUES (?1, ?2)", params![route.as_str(), key])?;
        }
        Ok(tx.commit()?)
    }

    /// Commits that a code is about to be checked. Durable when this returns: killing the app gives no free guess.
    pub fn begin_try(&mut self, fact: &FactId, body: &TryBody) -> Result<(), EngineError> {
        let body = serde_json::to_string(body).map_err(|_| EngineError::internal("try"))?;
        let tx = self.begin()?;
        tx.execute("INSERT INTO try (fact, body) VALUES (?1, ?2)", params![fact.as_str(), body])?;
        Ok(tx.commit()?)
    }

    /// Tries that no fact concludes.
    pub fn open_tries(&self) -> Result<Vec<(FactId, TryBody)>, EngineError> {
        let mut query = self.db.prepare("SELECT fact, body FROM try WHERE done = 0 ORDER BY fact")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        rows.map(|row| {
            let (fact, body) = row?;
            let body =
                serde_json::from_str(&body).map_err(|_| EngineError::storage("a try is unreadable"))?;
            Ok((read_id(FactId::new(fact))?, body))
        })
        .collect()
    }

    /// Remembers what is on the screen of a stop.
    pub fn save_draft(&mut self, stop: &StopId, draft: &Draft) -> Result<(), EngineError> {
        let body = serde_json::to_string(draft).map_err(|_| EngineError::internal("draft"))?;
        let tx = self.begin()?;
        tx.execute(
            "INSERT OR REPLACE INTO draft (stop, body) VALUES (?1, ?2)",
            params![stop.as_str(), body],
        )?;
        Ok(tx.commit()?)
    }

    /// What was on the screens.
    pub fn drafts(&self) -> Result<Vec<(StopId, Draft)>, EngineError> {
        let mut query = self.db.prepare("SELECT stop, body FROM draft")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        rows.map(|row| {
            let (stop, body) = row?;
            let body =
                serde_json::from_str(&body).map_err(|_| EngineError::storage("a draft is unreadable"))?;
            Ok((read_id(StopId::new(stop))?, body))
        })
        .collect()
    }

    /// The sealed key of a day.
    pub fn day_key(&self, route: &RouteId) -> Result<Option<Vec<u8>>, EngineError> {
        let mut query = self.db.prepare_cached("SELECT key FROM day WHERE route = ?1")?;
        Ok(query.query_row([route.as_str()], |row| row.get(0)).optional()?)
    }

    /// Records what the server said of facts: `(hash, status, verdict)`.
    pub fn acknowledge(
        &mut self,
        epoch: &str,
        answers: &[(FactHash, &str, Option<String>)],
    ) -> Result<(), EngineError> {
        let tx = self.begin()?;
        for (hash, status, verdict) in answers {
            tx.prepare_cached(
                "UPDATE fact SET acked_epoch = ?1, status = ?2, verdict = coalesce(?3, verdict) WHERE hash = ?4",
            )?
            .execute(params![epoch, status, verdict, hash.as_str()])?;
        }
        Ok(tx.commit()?)
    }

    /// Offers facts again that the server misses, both ends included.
    pub fn offer_again(&mut self, inc: u32, from: u64, to: u64) -> Result<(), EngineError> {
        let tx = self.begin()?;
        tx.execute(
            "UPDATE fact SET acked_epoch = '' WHERE inc = ?1 AND seq BETWEEN ?2 AND ?3 AND acked_epoch IS NOT NULL",
            params![inc, from, to],
        )?;
        Ok(tx.commit()?)
    }
}

fn read_id<T, E>(id: Result<T, E>) -> Result<T, EngineError> {
    id.map_err(|_| EngineError::storage("an identifier is unreadable"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> (tempfile::TempDir, Journal) {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(&dir.path().join("journal.db")).unwrap();
        (dir, journal)
    }

    fn fact(seq: u64) -> StoredFact {
        StoredFact {
            inc: 1,
            seq,
            id: FactId::new(format!("id-{seq}")).unwrap(),
            hash: FactHash::new(format!("hash-{seq}")).unwrap(),
            kind: "arrived".into(),
            jws: "a.b.c".into(),
            private: Some(vec![1]),
            acked: false,
            verdict: None,
        }
    }

    #[test]
    fn the_database_itself_forbids_what_must_never_happen() {
        let (_dir, mut journal) = journal();
        journal.append(&fact(1), None, None).unwrap();
        let stop = StopId::new("s").unwrap();
        let route = RouteRef { id: RouteId::new("r").unwrap(), rev: 1 };
        let body = TryBody { attempts: Vec::new(), stop, stop_rev: None, route };
        journal.begin_try(&FactId::new("try").unwrap(), &body).unwrap();
        for forbidden in [
            "UPDATE fact SET jws = 'x.y.z'",
            "UPDATE fact SET private = x'02'",
            "DELETE FROM fact",
            "DELETE FROM try",
            "UPDATE try SET body = '{}'",
        ] {
            assert!(journal.db.execute(forbidden, []).is_err(), "{forbidden} went through");
        }
        journal.db.execute("UPDATE fact SET private = NULL", []).unwrap();
        journal.db.execute("UPDATE try SET done = 1", []).unwrap();
        assert!(journal.db.execute("UPDATE try SET done = 0", []).is_err(), "a try began again");
    }

    #[test]
    fn a_number_is_never_used_twice_and_never_left_out() {
        let (_dir, mut journal) = journal();
        journal.append(&fact(1), None, None).unwrap();
        assert_eq!(journal.append(&fact(1), None, None), Err(EngineError::internal("sequence")));
        assert_eq!(journal.append(&fact(3), None, None), Err(EngineError::internal("sequence")));
        assert_eq!(journal.head(1).unwrap().map(|(seq, _)| seq), Some(1));
    }

    #[test]
    fn what_another_epoch_acknowledged_is_offered_again() {
        let (_dir, mut journal) = journal();
        for seq in 1..=3 {
            journal.append(&fact(seq), None, None).unwrap();
        }
        let answers: Vec<_> = [1, 2].map(|seq| (fact(seq).hash, "stored", None)).into();
        journal.acknowledge("one", &answers).unwrap();
        assert_eq!(journal.unsent_count("one").unwrap(), 1);
        assert_eq!(journal.unsent_count("two").unwrap(), 3);
        journal.offer_again(1, 2, 2).unwrap();
        assert_eq!(journal.unsent("one", 9).unwrap().iter().map(|it| it.seq).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn a_database_of_a_newer_app_is_refused_and_not_reset() {
        let (dir, journal) = journal();
        journal.db.pragma_update(None, "user_version", 99).unwrap();
        drop(journal);
        assert!(Journal::open(&dir.path().join("journal.db")).is_err());
        let db = Connection::open(dir.path().join("journal.db")).unwrap();
        let tables: u32 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert!(tables > 5);
    }
}
