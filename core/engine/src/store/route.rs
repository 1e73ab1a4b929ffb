//! `route.db`: what the office sent. It can be deleted at any time; the next answer is a snapshot.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::error::EngineError;

const APPLICATION_ID: i32 = 0x4343_5231; // "CCR1"

const MIGRATIONS: &[&str] = &["
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE object (
  type     TEXT NOT NULL,
  id       TEXT NOT NULL,
  rev      INTEGER NOT NULL,
  why      TEXT,             -- why the office took it away
  data_rev INTEGER,          -- the revision that the data were sealed under
  data     BLOB,
  PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;
"];

/// An object as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Its type, as on the wire.
    pub kind: String,
    /// Its identifier.
    pub id: String,
    /// Its revision.
    pub rev: u64,
    /// Why the office took it away, if it did.
    pub why: Option<String>,
    /// Its data, sealed, with the revision that they were sealed under.
    pub data: Option<(u64, Vec<u8>)>,
}

/// The open store of the route.
pub struct RouteStore {
    db: Connection,
}

impl RouteStore {
    /// Opens or creates it. A file that is no database any more is thrown away: the server has it all.
    pub fn open(path: &Path) -> Result<Self, EngineError> {
        let first = super::open(path, APPLICATION_ID, MIGRATIONS).and_then(|db| {
            let sound: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if sound == "ok" { Ok(db) } else { Err(EngineError::storage("route.db is damaged")) }
        });
        if let Ok(db) = first {
            return Ok(Self { db });
        }
        for suffix in ["", "-wal", "-shm"] {
            let mut file = path.as_os_str().to_owned();
            file.push(suffix);
            let _ = std::fs::remove_file(PathBuf::from(file));
        }
        Ok(Self { db: super::open(path, APPLICATION_ID, MIGRATIONS)? })
    }

    /// The cursor of the last checkpoint, and the epoch of the server that gave it.
    pub fn cursor(&self) -> Result<Option<(String, String)>, EngineError> {
        let value = |name: &str| -> Result<Option<String>, EngineError> {
            let mut query = self.db.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
            Ok(query.query_row([name], |row| row.get(0)).optional()?)
        };
        Ok(value("cursor")?.zip(value("epoch")?))
    }

    /// Every object.
    pub fn objects(&self) -> Result<Vec<StoredObject>, EngineError> {
        let mut query =
            self.db.prepare("SELECT type, id, rev, why, data_rev, data FROM object ORDER BY type, id")?;
        let rows = query.query_map([], |row| {
            let data: Option<u64> = row.get(4)?;
            let bytes: Option<Vec<u8>> = row.get(5)?;
            Ok(StoredObject {
                kind: row.get(0)?,
                id: row.get(1)?,
                rev: row.get(2)?,
                why: row.get(3)?,
                data: data.zip(bytes),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The sealed data of an object that is not gone.
    pub fn data(&self, kind: &str, id: &str) -> Result<Option<(u64, Vec<u8>)>, EngineError> {
        let sql = "SELECT data_rev, data FROM object WHERE type = ?1 AND id = ?2 AND why IS NULL AND data IS NOT NULL";
        Ok(self
            .db
            .prepare_cached(sql)?
            .query_row([kind, id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?)
    }

    /// Applies a complete checkpoint in one transaction; `check` sees what would be live and may refuse it all.
    pub fn apply(
        &mut self,
        snapshot: bool,
        objects: &[StoredObject],
        cursor: (&str, &str),
        check: impl FnOnce(&[(String, String, u64)]) -> bool,
    ) -> Result<bool, EngineError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if snapshot {
            tx.execute("DELETE FROM object", [])?;
        }
        for object in objects {
            let (data_rev, data) = object.data.clone().unzip();
            if object.why.is_some() {
                // The data of what is gone stay until the next snapshot, except a verifier's: nobody needs it.
                tx.prepare_cached(
                    "UPDATE object SET rev = ?3, why = ?4, data = CASE type WHEN 'verifier' THEN NULL ELSE data END
                     WHERE type = ?1 AND id = ?2",
                )?
                .execute(params![object.kind, object.id, object.rev, object.why])?;
            } else {
                tx.prepare_cached(
                    "INSERT OR REPLACE INTO object (type, id, rev, why, data_rev, data) VALUES (?1, ?2, ?3, NULL, ?4, ?5)",
                )?
                .execute(params![object.kind, object.id, object.rev, data_rev, data])?;
            }
        }
        let live: Vec<(String, String, u64)> = {
            let mut query = tx.prepare_cached("SELECT type, id, rev FROM object WHERE why IS NULL")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        if !check(&live) {
            return Ok(false);
        }
        for (name, value) in [("cursor", cursor.0), ("epoch", cursor.1)] {
            tx.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)", [name, value])?;
        }
        tx.commit()?;
        Ok(true)
    }

    /// Forgets the cursor, so that the next answer is a snapshot.
    pub fn forget_cursor(&mut self) -> Result<(), EngineError> {
        self.db.execute("DELETE FROM meta WHERE name = 'cursor'", [])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(id: &str, rev: u64, why: Option<&str>) -> StoredObject {
        let data = why.is_none().then(|| (rev, vec![1]));
        StoredObject { kind: "stop".into(), id: id.into(), rev, why: why.map(Into::into), data }
    }

    #[test]
    fn a_refused_checkpoint_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = RouteStore::open(&dir.path().join("route.db")).unwrap();
        assert!(store.apply(true, &[object("a", 1, None)], ("c1", "e"), |_| true).unwrap());
        let before = store.objects().unwrap();
        assert!(!store.apply(true, &[object("b", 2, None)], ("c2", "e"), |live| live.len() == 2).unwrap());
        assert_eq!(
            (store.objects().unwrap(), store.cursor().unwrap()),
            (before, Some(("c1".into(), "e".into())))
        );
    }

    #[test]
    fn what_is_gone_is_not_live_and_keeps_its_data() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = RouteStore::open(&dir.path().join("route.db")).unwrap();
        store.apply(true, &[object("a", 1, None)], ("c1", "e"), |_| true).unwrap();
        store.apply(false, &[object("a", 2, Some("cancelled"))], ("c2", "e"), <[_]>::is_empty).unwrap();
        let kept = store.objects().unwrap().remove(0);
        assert_eq!((kept.rev, kept.why.as_deref(), kept.data), (2, Some("cancelled"), Some((1, vec![1]))));
        assert_eq!(store.data("stop", "a").unwrap(), None);
    }

    #[test]
    fn a_broken_file_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("route.db");
        std::fs::write(&path, b"this is no database, and long enough to be looked at as one").unwrap();
        assert_eq!(RouteStore::open(&path).unwrap().cursor().unwrap(), None);
    }
}
