//! What goes to the server, and what it says.

use courier_domain::{FactId, Verdict};
use rusqlite::{OptionalExtension, Row, params};

use super::Journal;
use super::row::{Ack, StoredFact, from_json, parse, put_ack, read_fact};
use crate::store::{StoreError, number, stored};

/// Every fact before this place is acknowledged under this epoch: whoever looks for what is due begins here, and not
/// at the facts of a week ago.
#[derive(Debug)]
pub(super) struct Settled {
    epoch: String,
    inc: u32,
    seq: u64,
}

const OUTBOX: &str = "FROM fact LEFT JOIN ack USING (inc, seq) WHERE (ack.seq IS NULL OR ack.epoch <> ?1)";

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

    /// The server's last receipt for a chain.
    pub(crate) fn receipt(&self, inc: u32) -> Result<Option<String>, StoreError> {
        let read = self.db.query_row("SELECT jws FROM receipt WHERE inc = ?1", [inc], |row| row.get(0));
        Ok(read.optional()?)
    }
}
