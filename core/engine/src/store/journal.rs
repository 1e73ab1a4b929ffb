//! `journal.db`: what happened on this phone. Facts are appended, acknowledged and otherwise left alone; triggers
//! of the schema hold that against every mistake of this code.

mod incident;
mod whole;

use std::io;
use std::path::Path;
use std::sync::Arc;

use courier_domain::{AttemptId, FactHash, FactId, InstallId, StopId, Verdict};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::aside::Aside;
use super::ballast::Ballast;
use super::connection::{self, Schema};
use super::disk::Disk;
use super::fact_log::{Entry, FactLog};
use super::{Amount, StoreError, number, stored};
use crate::clock::ServerTime;

pub(crate) use incident::Incident;

pub(super) const FILE: &str = "journal.db";
pub(super) const VERSION: i32 = 2;
pub(super) const APPLICATION: i32 = 0x6372_6a6c;

const SCHEMA: Schema = Schema {
    application_id: APPLICATION,
    migrations: &[include_str!("journal.sql"), include_str!("journal-2.sql")],
};

pub(super) const IDENTITY: &str =
    "SELECT install, inc, token, token_next, opens, courier, courier_name, evidence_key, epoch FROM identity";
pub(super) const SERVER_TIME: &str = "SELECT server_ms, plus_minus_ms, boot_ms, boot FROM server_time";
pub(super) const DAY_KEY: &str = "SELECT inc, kid, key FROM day_key";
pub(super) const FACTS: &str = "SELECT inc, seq, id, hash, kind, jws, private FROM fact";
pub(super) const ACKS: &str = "SELECT inc, seq, acked_wall, epoch, status, flags, verdict, why FROM ack";
pub(super) const TRIES: &str = "SELECT id, attempts, stop, wall, boot_ms, boot FROM try";
pub(super) const DRAFTS: &str = "SELECT stop, rev, body FROM draft";

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

/// Every fact before this place is acknowledged under this epoch: whoever looks for what is due begins here, and not
/// at the facts of a week ago.
#[derive(Debug)]
struct Settled {
    epoch: String,
    inc: u32,
    seq: u64,
}

/// Who this installation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) install: InstallId,
    pub(crate) inc: u32,
    pub(crate) token: String,
    pub(crate) token_next: String,
    pub(crate) opens: u64,
    /// Courier, sealed name, evidence key; absent before the enrolment.
    pub(crate) enrolment: Option<StoredEnrolment>,
    /// The server's epoch as last seen; empty before the first answer.
    pub(crate) epoch: String,
}

/// What the enrolment brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredEnrolment {
    pub(crate) courier: String,
    pub(crate) sealed_name: Vec<u8>,
    pub(crate) evidence_key: String,
}

/// The end of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: u64,
    pub(crate) hash: FactHash,
}

/// A fact to be written, or as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredFact {
    pub(crate) inc: u32,
    pub(crate) seq: u64,
    pub(crate) id: FactId,
    pub(crate) hash: FactHash,
    pub(crate) kind: String,
    pub(crate) jws: String,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::fact_log::as_text")]
    pub(crate) sealed_private: Option<Vec<u8>>,
}

/// A day key to be written with its `day_started`, and the stops whose drafts stay.
pub(crate) struct NewDay<'a> {
    pub(crate) key: SealedDayKey,
    pub(crate) stops: &'a [StopId],
}

/// A day key at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SealedDayKey {
    pub(crate) inc: u32,
    pub(crate) kid: String,
    pub(crate) sealed: Vec<u8>,
}

/// A counted entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Try {
    pub(crate) id: FactId,
    pub(crate) attempts: Vec<AttemptId>,
    pub(crate) stop: StopId,
    pub(crate) wall: i64,
    pub(crate) boot_ms: u64,
    pub(crate) boot: String,
}

/// What the server said of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ack {
    pub(crate) inc: u32,
    pub(crate) seq: u64,
    pub(crate) status: String,
    pub(crate) flags: Vec<String>,
    pub(crate) verdict: Option<(Verdict, String)>,
}

/// What is committed together with a fact.
pub(crate) enum Along<'a> {
    Nothing,
    /// The day that it starts.
    Day(NewDay<'a>),
    /// The incident that it tells.
    Incident(i64),
    /// What is left of a stop's draft once what was filled in is recorded.
    Draft(&'a SealedDraft),
}

/// A draft as it is stored.
pub(crate) struct SealedDraft {
    pub(crate) stop: StopId,
    pub(crate) rev: u64,
    pub(crate) body: Vec<u8>,
}

/// How many facts there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) facts: u64,
    pub(crate) pending: u64,
    pub(crate) tries: u64,
}

const OUTBOX: &str = "FROM fact LEFT JOIN ack USING (inc, seq) WHERE (ack.seq IS NULL OR ack.epoch <> ?1)";

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

    /// Stop, revision of the row, sealed draft.
    pub(crate) fn drafts(&self) -> Result<Vec<(String, u64, Vec<u8>)>, StoreError> {
        let mut statement = self.db.prepare_cached(&format!("{DRAFTS} ORDER BY stop"))?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, number(row.get(1)?), row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The revision that the next draft of a stop has.
    pub(crate) fn next_draft_rev(&self, stop: &StopId) -> Result<u64, StoreError> {
        let rev: Option<i64> = self
            .db
            .prepare_cached("SELECT rev FROM draft WHERE stop = ?1")?
            .query_row([stop.as_str()], |row| row.get(0))
            .optional()?;
        Ok(rev.map_or(1, |rev| number(rev) + 1))
    }

    pub(crate) fn set_draft(&mut self, draft: &SealedDraft) -> Result<(), StoreError> {
        self.write(|tx| put_draft(tx, draft))
    }
}

fn put_draft(tx: &Connection, draft: &SealedDraft) -> Result<(), StoreError> {
    let sql = "INSERT INTO draft VALUES (?1, ?2, ?3) ON CONFLICT (stop) DO UPDATE SET rev = ?2, body = ?3";
    let SealedDraft { stop, rev, body } = draft;
    tx.prepare_cached(sql)?.execute(params![stop.as_str(), stored(*rev), body])?;
    Ok(())
}

// What goes to the server, and what it says.
impl Journal {
    /// Facts that the server of this epoch does not have for sure, in order, of those after a place: those of one
    /// incarnation, at most `count` of them and `bytes` of text, but at least one.
    pub(crate) fn outbox(
        &self,
        epoch: &str,
        after: Option<(u32, u64)>,
        count: usize,
        bytes: usize,
    ) -> Result<Vec<StoredFact>, StoreError> {
        let sql = format!(
            "SELECT inc, seq, id, hash, kind, jws, private {OUTBOX} AND (inc, seq) >= (?2, ?3) ORDER BY inc, seq"
        );
        let (inc, seq) = after.map_or_else(|| self.search_from(epoch), |(inc, seq)| (inc, seq + 1));
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query(params![epoch, inc, stored(seq)])?;
        let (mut batch, mut size): (Vec<StoredFact>, _) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let fact = read_fact(row)?;
            size += fact.jws.len() + fact.sealed_private.as_ref().map_or(0, |part| part.len() * 4 / 3) + 32;
            let full = batch.len() >= count || size > bytes;
            if batch.first().is_some_and(|first| first.inc != fact.inc || full) {
                break;
            }
            batch.push(fact);
        }
        Ok(batch)
    }

    /// Incarnation and number of the first such fact.
    pub(crate) fn first_due(&mut self, epoch: &str) -> Result<Option<(u32, u64)>, StoreError> {
        let sql = format!("SELECT inc, seq {OUTBOX} AND (inc, seq) >= (?2, ?3) ORDER BY inc, seq LIMIT 1");
        let (inc, seq) = self.search_from(epoch);
        let place = |row: &Row<'_>| Ok((row.get(0)?, number(row.get(1)?)));
        let due =
            self.db.prepare_cached(&sql)?.query_row(params![epoch, inc, stored(seq)], place).optional()?;
        let last = "SELECT inc, seq FROM fact ORDER BY inc DESC, seq DESC LIMIT 1";
        let settled = match due {
            Some(due) => Some(due),
            None => self.db.prepare_cached(last)?.query_row([], place).optional()?,
        };
        self.settled = settled.map(|(inc, seq)| Settled { epoch: epoch.to_owned(), inc, seq });
        Ok(due)
    }

    /// Whether there is such a fact.
    pub(crate) fn has_outbox(&mut self, epoch: &str) -> Result<bool, StoreError> {
        Ok(self.first_due(epoch)?.is_some())
    }

    fn search_from(&self, epoch: &str) -> (u32, u64) {
        let settled = self.settled.as_ref().filter(|settled| settled.epoch == epoch);
        settled.map_or((0, 0), |settled| (settled.inc, settled.seq))
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

    /// Whether there is more than what the chains go on from, see [`Journal::purge`].
    pub(crate) fn has_to_purge(&self) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM fact WHERE private IS NOT NULL
                   OR seq < (SELECT max(seq) FROM fact AS newer WHERE newer.inc = fact.inc)";
        Ok(self.db.prepare_cached(sql)?.exists([])?)
    }

    /// How much there is of entries of codes.
    pub(crate) fn amount_of_tries(&self) -> Result<Amount, StoreError> {
        connection::amount(&self.db, "try", "octet_length(id) + octet_length(attempts) + octet_length(stop)")
    }

    /// How much there is of drafts.
    pub(crate) fn amount_of_drafts(&self) -> Result<Amount, StoreError> {
        connection::amount(&self.db, "draft", "octet_length(body)")
    }

    /// When the server last acknowledged a fact, by its clock as far as the phone knew it.
    pub(crate) fn last_acknowledged(&self) -> Result<Option<i64>, StoreError> {
        Ok(self.db.prepare_cached("SELECT max(acked_wall) FROM ack")?.query_row([], |row| row.get(0))?)
    }

    /// Notes what the server said, and its receipt, in one transaction; `at` is by its clock as far as the phone knows it.
    pub(crate) fn acknowledge(
        &mut self,
        acks: &[Ack],
        epoch: &str,
        at: i64,
        receipt: Option<(u32, &str)>,
    ) -> Result<(), StoreError> {
        if self.settled.as_ref().is_some_and(|settled| settled.epoch != epoch) {
            self.settled = None;
        }
        self.write(|tx| {
            for ack in acks {
                put_ack(tx, (ack.inc, ack.seq), ack, epoch, at)?;
            }
            if let Some((inc, jws)) = receipt {
                tx.execute(
                    "INSERT INTO receipt VALUES (?1, ?2) ON CONFLICT (inc) DO UPDATE SET jws = ?2",
                    params![inc, jws],
                )?;
            }
            Ok(())
        })
    }

    /// The server misses these: they are sent again, though acknowledged. Returns how many there are.
    pub(crate) fn offer_again(&mut self, inc: u32, from: u64, to: u64) -> Result<usize, StoreError> {
        self.settled = None;
        self.write(|tx| {
            let changed = tx.execute(
                "UPDATE ack SET epoch = '' WHERE inc = ?1 AND seq BETWEEN ?2 AND ?3 AND epoch <> ''",
                params![inc, stored(from), stored(to)],
            )?;
            Ok(changed)
        })
    }

    /// Deletes facts that the server of this epoch has had since before `kept_since` (its clock, milliseconds), with the
    /// entries that they tell of. What a chain goes on from stays, without its private part: the newest fact of each
    /// incarnation. What `today` recorded since its last day began stays whatever the clock said: the route that is
    /// shown rests on it. Returns how many facts are gone.
    pub(crate) fn purge(
        &mut self,
        epoch: &str,
        today: Option<u32>,
        kept_since: i64,
    ) -> Result<usize, StoreError> {
        let old = "SELECT inc, seq FROM fact JOIN ack USING (inc, seq) WHERE epoch = ?1 AND acked_wall < ?3
             AND NOT (inc IS ?2 AND seq >= (SELECT ifnull(max(seq), 0) FROM fact AS day
                                            WHERE day.inc = ?2 AND day.kind = 'day_started'))";
        // Whether there is anything is cheaper to ask than to delete nothing.
        let mut any = self.db.prepare_cached("SELECT 1 FROM ack WHERE epoch = ?1 AND acked_wall < ?2")?;
        if !any.exists(params![epoch, kept_since])? {
            return Ok(0);
        }
        drop(any);
        let past = format!("{old} AND seq < (SELECT max(seq) FROM fact AS newer WHERE newer.inc = fact.inc)");
        let given = params![epoch, today, kept_since];
        let gone = self.write(|tx| {
            tx.execute(
                &format!("DELETE FROM try WHERE id IN (SELECT id FROM fact WHERE (inc, seq) IN ({past}))"),
                given,
            )?;
            let gone = tx.execute(&format!("DELETE FROM fact WHERE (inc, seq) IN ({past})"), given)?;
            tx.execute("DELETE FROM ack WHERE NOT EXISTS (SELECT 1 FROM fact WHERE fact.inc = ack.inc AND fact.seq = ack.seq)", [])?;
            let bared = tx.execute(
                &format!("UPDATE fact SET private = NULL WHERE private IS NOT NULL AND (inc, seq) IN ({old})"),
                given,
            )?;
            Ok((gone, bared))
        })?;
        if gone != (0, 0) {
            (self.settled, self.checked) = (None, None);
            connection::truncate_log(&self.db)?;
            self.purge_log()?;
        }
        Ok(gone.0)
    }

    /// Of the log, too, nothing stays that the journal does not have any more.
    fn purge_log(&self) -> Result<(), StoreError> {
        let of_fact = format!("{FACTS} WHERE inc = ?1 AND seq = ?2");
        let kept = |entry: &Entry| -> Result<Option<Entry>, StoreError> {
            match entry {
                Entry::Fact(fact) => {
                    let mut statement = self.db.prepare_cached(&of_fact)?;
                    let mut rows = statement.query(params![fact.inc, stored(fact.seq)])?;
                    Ok(rows.next()?.map(read_fact).transpose()?.map(Entry::Fact))
                }
                Entry::Try(it) => {
                    let mut statement = self.db.prepare_cached("SELECT 1 FROM try WHERE id = ?1")?;
                    Ok(statement.exists([it.id.as_str()])?.then(|| entry.clone()))
                }
                Entry::Identity(_) | Entry::Head(..) => Ok(None),
            }
        };
        self.log.purge(|entry| kept(entry).map_err(io::Error::other)).map_err(|_| StoreError::Io)
    }

    /// Whether everything since the start is in the log as well.
    pub(crate) fn is_logged(&self) -> bool {
        !self.log.incomplete
    }

    /// Deletes what was begun at doors of a route that is gone.
    pub(crate) fn drop_drafts(&mut self) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.execute("DELETE FROM draft", [])?;
            Ok(())
        })
    }

    /// Facts that the server of this epoch has, with its verdict on them.
    pub(crate) fn acknowledged(&self, epoch: &str) -> Result<Vec<(FactId, Option<Verdict>)>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT fact.id, ack.verdict FROM ack JOIN fact USING (inc, seq) WHERE ack.epoch = ?1 ORDER BY inc, seq",
        )?;
        let mut rows = statement.query([epoch])?;
        let mut facts = Vec::new();
        while let Some(row) = rows.next()? {
            let verdict = row.get::<_, Option<String>>(1)?.map(|text| from_json(&text)).transpose()?;
            facts.push((parse(FactId::new(row.get::<_, String>(0)?))?, verdict));
        }
        Ok(facts)
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

    /// The server's last receipt for a chain.
    pub(crate) fn receipt(&self, inc: u32) -> Result<Option<String>, StoreError> {
        let read = self.db.query_row("SELECT jws FROM receipt WHERE inc = ?1", [inc], |row| row.get(0));
        Ok(read.optional()?)
    }
}

fn write_identity(tx: &Transaction<'_>, identity: &Identity) -> Result<(), StoreError> {
    let enrolment = identity.enrolment.as_ref();
    tx.execute(
        "INSERT INTO identity VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (one) DO UPDATE SET install = ?1, inc = ?2, token = ?3, token_next = ?4,
         opens = ?5, courier = ?6, courier_name = ?7, evidence_key = ?8, epoch = ?9",
        params![
            identity.install.as_str(),
            identity.inc,
            identity.token,
            identity.token_next,
            stored(identity.opens),
            enrolment.map(|it| &it.courier),
            enrolment.map(|it| &it.sealed_name),
            enrolment.map(|it| &it.evidence_key),
            identity.epoch,
        ],
    )?;
    Ok(())
}

fn insert_fact(tx: &Transaction<'_>, fact: &StoredFact) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO fact VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(params![
        fact.inc,
        stored(fact.seq),
        fact.id.as_str(),
        fact.hash.as_str(),
        fact.kind,
        fact.jws,
        fact.sealed_private,
    ])?;
    Ok(())
}

/// A verdict that there is stays where the newer answer brings none.
fn put_ack(
    tx: &Transaction<'_>,
    (inc, seq): (u32, u64),
    ack: &Ack,
    epoch: &str,
    wall: i64,
) -> Result<(), StoreError> {
    let verdict = ack.verdict.as_ref();
    tx.prepare_cached(
        "INSERT INTO ack VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (inc, seq) DO UPDATE
         SET epoch = ?4, status = ?5, flags = ?6, verdict = ifnull(?7, verdict), why = ifnull(?8, why)",
    )?
    .execute(params![
        inc,
        stored(seq),
        wall,
        epoch,
        ack.status,
        to_json(&ack.flags)?,
        verdict.map(|(verdict, _)| to_json(verdict)).transpose()?,
        verdict.map(|(_, why)| why),
    ])?;
    Ok(())
}

fn insert_try(tx: &Transaction<'_>, it: &Try) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO try VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
        it.id.as_str(),
        to_json(&it.attempts)?,
        it.stop.as_str(),
        it.wall,
        stored(it.boot_ms),
        it.boot,
    ])?;
    Ok(())
}

pub(super) fn read_identity(row: &Row<'_>) -> Result<Identity, StoreError> {
    let enrolment = match (row.get(5)?, row.get(6)?, row.get(7)?) {
        (Some(courier), Some(sealed_name), Some(evidence_key)) => {
            Some(StoredEnrolment { courier, sealed_name, evidence_key })
        }
        _ => None,
    };
    Ok(Identity {
        install: parse(InstallId::new(row.get::<_, String>(0)?))?,
        inc: row.get(1)?,
        token: row.get(2)?,
        token_next: row.get(3)?,
        opens: number(row.get(4)?),
        enrolment,
        epoch: row.get(8)?,
    })
}

pub(super) fn read_server_time(row: &Row<'_>) -> rusqlite::Result<ServerTime> {
    Ok(ServerTime {
        server_ms: row.get(0)?,
        plus_minus_ms: number(row.get(1)?),
        boot_ms: number(row.get(2)?),
        boot: row.get(3)?,
    })
}

pub(super) fn read_day_key(row: &Row<'_>) -> rusqlite::Result<SealedDayKey> {
    Ok(SealedDayKey { inc: row.get(0)?, kid: row.get(1)?, sealed: row.get(2)? })
}

pub(super) fn read_try(row: &Row<'_>) -> Result<Try, StoreError> {
    Ok(Try {
        id: parse(FactId::new(row.get::<_, String>(0)?))?,
        attempts: from_json(&row.get::<_, String>(1)?)?,
        stop: parse(StopId::new(row.get::<_, String>(2)?))?,
        wall: row.get(3)?,
        boot_ms: number(row.get(4)?),
        boot: row.get(5)?,
    })
}

/// With the epoch and the wall clock under which it came.
pub(super) fn read_ack(row: &Row<'_>) -> Result<(Ack, String, i64), StoreError> {
    let verdict = row.get::<_, Option<String>>(6)?.map(|text| from_json(&text)).transpose()?;
    let why: Option<String> = row.get(7)?;
    let ack = Ack {
        inc: row.get(0)?,
        seq: number(row.get(1)?),
        status: row.get(4)?,
        flags: from_json(&row.get::<_, String>(5)?)?,
        verdict: verdict.map(|verdict| (verdict, why.unwrap_or_default())),
    };
    Ok((ack, row.get(3)?, row.get(2)?))
}

pub(super) fn read_fact(row: &Row<'_>) -> Result<StoredFact, StoreError> {
    Ok(StoredFact {
        inc: row.get(0)?,
        seq: number(row.get(1)?),
        id: parse(FactId::new(row.get::<_, String>(2)?))?,
        hash: parse(FactHash::new(row.get::<_, String>(3)?))?,
        kind: row.get(4)?,
        jws: row.get(5)?,
        sealed_private: row.get(6)?,
    })
}

fn parse<T, E>(read: Result<T, E>) -> Result<T, StoreError> {
    read.map_err(|_| StoreError::Corrupt)
}

fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Other)
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(seq: u64) -> StoredFact {
        StoredFact {
            inc: 1,
            seq,
            id: FactId::new(format!("fact-{seq}")).unwrap(),
            hash: FactHash::new(format!("hash-{seq}")).unwrap(),
            kind: "arrived".into(),
            jws: format!("jws-{seq}"),
            sealed_private: (seq == 1).then(|| vec![1]),
        }
    }

    fn ack(seq: u64) -> Ack {
        Ack { inc: 1, seq, status: "stored".into(), flags: Vec::new(), verdict: None }
    }

    fn journal() -> (tempfile::TempDir, Journal) {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(dir.path(), &crate::store::phone_disk()).unwrap();
        for seq in 1..=3 {
            journal.append(&fact(seq), &Along::Nothing).unwrap();
        }
        (dir, journal)
    }

    #[test]
    fn the_schema_forbids_what_would_lose_a_fact_or_forgive_a_try() {
        let (_dir, mut journal) = journal();
        journal.acknowledge(&[ack(1)], "e1", 5, None).unwrap();
        journal
            .count_try(&Try {
                id: FactId::new("try-1").unwrap(),
                attempts: Vec::new(),
                stop: StopId::new("s").unwrap(),
                wall: 1,
                boot_ms: 1,
                boot: "b".into(),
            })
            .unwrap();
        let identity = Identity {
            install: InstallId::new("i").unwrap(),
            inc: 4,
            token: String::new(),
            token_next: String::new(),
            opens: 7,
            enrolment: None,
            epoch: String::new(),
        };
        journal.set_identity(&identity).unwrap();
        for forbidden in [
            "UPDATE fact SET jws = 'x' WHERE seq = 1",
            "UPDATE fact SET seq = 9 WHERE seq = 3",
            "UPDATE fact SET private = x'02' WHERE seq = 1",
            "DELETE FROM fact WHERE seq = 2",
            "DELETE FROM fact",
            "INSERT INTO fact VALUES (1, 5, 'i', 'h', 'k', 'j', NULL)",
            "INSERT INTO fact VALUES (2, 2, 'i', 'h', 'k', 'j', NULL)",
            "INSERT OR REPLACE INTO fact VALUES (1, 2, 'i', 'h', 'k', 'j', NULL)",
            "INSERT OR REPLACE INTO fact VALUES (1, 4, 'fact-2', 'h', 'k', 'j', NULL)",
            "DELETE FROM ack",
            "INSERT INTO ack VALUES (1, 9, 1, 'e', 'stored', '[]', NULL, NULL)",
            "UPDATE try SET attempts = '[]'",
            "DELETE FROM try",
            "INSERT OR REPLACE INTO try VALUES ('try-1', '[]', 's', 1, 1, 'b')",
            "UPDATE identity SET inc = 3",
            "UPDATE identity SET opens = 6",
            "DELETE FROM identity",
        ] {
            let refused = journal.db.execute_batch(forbidden).map_err(StoreError::from);
            assert_eq!(refused, Err(StoreError::Forbidden), "allowed: {forbidden}");
        }
        journal.db.execute("UPDATE fact SET private = NULL WHERE seq = 1", []).unwrap();
        assert_eq!(journal.facts().unwrap().len(), 3);
    }

    #[test]
    fn a_fact_is_offered_until_acknowledged_and_again_under_another_epoch() {
        let (_dir, mut journal) = journal();
        let seqs = |journal: &Journal, epoch: &str| -> Vec<u64> {
            journal.outbox(epoch, None, 10, 1_000).unwrap().iter().map(|fact| fact.seq).collect()
        };
        journal.acknowledge(&[ack(1), ack(3)], "e1", 5, None).unwrap();
        assert_eq!(seqs(&journal, "e1"), [2]);
        assert_eq!(seqs(&journal, "e2"), [1, 2, 3]);
        assert_eq!(journal.offer_again(1, 3, u64::MAX).unwrap(), 1);
        assert_eq!(seqs(&journal, "e1"), [2, 3]);
        assert_eq!(
            journal.acknowledged("e1").unwrap().len(),
            1,
            "what is offered again is not there for sure"
        );
    }

    #[test]
    fn whoever_looks_for_what_is_due_misses_nothing_that_was_settled_before() {
        let (_dir, mut journal) = journal();
        let due = |journal: &mut Journal, epoch: &str| {
            let seqs = journal
                .outbox(epoch, None, 10, 1_000)
                .unwrap()
                .iter()
                .map(|fact| fact.seq)
                .collect::<Vec<_>>();
            assert_eq!(journal.has_outbox(epoch).unwrap(), !seqs.is_empty());
            seqs
        };
        journal.acknowledge(&[ack(1), ack(2), ack(3)], "e1", 5, None).unwrap();
        assert!(due(&mut journal, "e1").is_empty());
        journal.append(&fact(4), &Along::Nothing).unwrap();
        assert_eq!(due(&mut journal, "e1"), [4]);
        let (id, hash) = (FactId::new("fact-5").unwrap(), FactHash::new("hash-5").unwrap());
        journal.append(&StoredFact { inc: 2, id, hash, ..fact(1) }, &Along::Nothing).unwrap();
        assert_eq!(due(&mut journal, "e1"), [4], "a batch is of one incarnation");
        journal.acknowledge(&[ack(4)], "e1", 5, None).unwrap();
        assert_eq!(due(&mut journal, "e1"), [1]);
        journal.offer_again(1, 2, 3).unwrap();
        assert_eq!(due(&mut journal, "e1"), [2, 3]);
        journal.acknowledge(&[ack(2)], "e2", 5, None).unwrap();
        assert_eq!(due(&mut journal, "e2"), [1, 3, 4]);
        assert_eq!(due(&mut journal, "e1"), [2, 3]);
    }

    #[test]
    fn a_batch_has_bounds_but_is_never_empty() {
        let (_dir, journal) = journal();
        assert_eq!(journal.outbox("e", None, 2, 1_000).unwrap().len(), 2);
        assert_eq!(journal.outbox("e", None, 10, 1).unwrap().len(), 1);
    }
}
