//! What operators must know: noted when it happens, told by a fact as soon as there is a chain for it.

use rusqlite::{OptionalExtension, params};

use super::Journal;
use crate::store::{StoreError, number, stored};

/// Something that happened to this phone's storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Incident {
    pub(crate) no: i64,
    pub(crate) kind: String,
    pub(crate) lost: u64,
}

/// How often the journal was salvaged, and what that cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Salvages {
    pub(crate) count: u64,
    pub(crate) lost: u64,
}

impl Incident {
    /// The journal was damaged.
    pub(crate) const SALVAGED: &str = "journal-salvaged";
    /// A photo or signature was not what it had been, and proves nothing.
    pub(crate) const FILE_DAMAGED: &str = "file-damaged";
    /// The disk was full, and the ballast was given up.
    pub(crate) const FULL: &str = "disk-full";
}

impl Journal {
    /// Notes one that has not happened since the last was told.
    pub(crate) fn note_incident(&mut self, kind: &str, lost: u64) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.execute(
                "INSERT INTO incident (kind, lost) SELECT ?1, ?2
                 WHERE ?2 > 0 OR NOT EXISTS (SELECT 1 FROM incident WHERE kind = ?1 AND fact IS NULL)",
                params![kind, stored(lost)],
            )?;
            Ok(())
        })
    }

    /// The oldest that no fact tells yet.
    pub(crate) fn untold_incident(&self) -> Result<Option<Incident>, StoreError> {
        let mut statement = self
            .db
            .prepare_cached("SELECT no, kind, lost FROM incident WHERE fact IS NULL ORDER BY no LIMIT 1")?;
        let incident = |row: &rusqlite::Row<'_>| {
            Ok(Incident { no: row.get(0)?, kind: row.get(1)?, lost: number(row.get(2)?) })
        };
        Ok(statement.query_row([], incident).optional()?)
    }

    /// How often the journal was salvaged.
    pub(crate) fn salvages(&self) -> Result<Salvages, StoreError> {
        let sql = "SELECT count(*), ifnull(sum(lost), 0) FROM incident WHERE kind = ?1";
        let read =
            |row: &rusqlite::Row<'_>| Ok(Salvages { count: number(row.get(0)?), lost: number(row.get(1)?) });
        Ok(self.db.prepare_cached(sql)?.query_row([Incident::SALVAGED], read)?)
    }
}
