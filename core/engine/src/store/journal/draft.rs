//! What was begun at doors and is no fact yet.

use courier_domain::StopId;
use rusqlite::OptionalExtension;

use super::Journal;
use super::row::{DRAFTS, SealedDraft, put_draft};
use crate::store::{Amount, StoreError, connection, number};

impl Journal {
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

    /// Deletes what was begun at doors of a route that is gone.
    pub(crate) fn drop_drafts(&mut self) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.execute("DELETE FROM draft", [])?;
            Ok(())
        })
    }

    /// How much there is of drafts.
    pub(crate) fn amount_of_drafts(&self) -> Result<Amount, StoreError> {
        connection::amount(&self.db, "draft", "octet_length(body)")
    }
}
