//! What goes when its time is over.

use std::io;

use rusqlite::params;

use super::Journal;
use super::row::{FACTS, read_fact};
use crate::store::fact_log::Entry;
use crate::store::{StoreError, connection, stored};

impl Journal {
    /// Whether there is more than what the chains go on from, see [`Journal::purge`].
    pub(crate) fn has_to_purge(&self) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM fact WHERE private IS NOT NULL
                   OR seq < (SELECT max(seq) FROM fact AS newer WHERE newer.inc = fact.inc)";
        Ok(self.db.prepare_cached(sql)?.exists([])?)
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
}
