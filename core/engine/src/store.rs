//! The phone's two databases: `journal.db`, small and precious, and `route.db`, which can be fetched again.

pub mod journal;
pub mod route;

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::error::EngineError;

/// The oldest SQLite that is accepted: before it, a bug of the write-ahead log could lose commits.
const MIN_SQLITE: i32 = 3_051_003;

/// Opens a database with the settings under which a commit survives power loss, and asserts that they took.
fn open(path: &Path, application_id: i32, migrations: &[&str]) -> Result<Connection, EngineError> {
    if rusqlite::version_number() < MIN_SQLITE {
        return Err(EngineError::storage("SQLite is older than 3.51.3"));
    }
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    set_pragmas(&db)?;
    migrate(&db, application_id, migrations)?;
    Ok(db)
}

fn set_pragmas(db: &Connection) -> Result<(), EngineError> {
    let mode: String = db.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(EngineError::storage("no write-ahead log here"));
    }
    for (name, value) in [
        ("synchronous", 2), // FULL: with NORMAL 66 % of power losses took a commit along
        ("fullfsync", 1),
        ("checkpoint_fullfsync", 1),
        ("busy_timeout", 5000),
        ("temp_store", 2),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("secure_delete", 1),
        ("foreign_keys", 1),
    ] {
        db.pragma_update(None, name, value)?;
        let set: i64 = db.pragma_query_value(None, name, |row| row.get(0))?;
        if set != value {
            return Err(EngineError::storage(format!("PRAGMA {name} is {set}, not {value}")));
        }
    }
    db.pragma_update(None, "wal_autocheckpoint", 1000)?;
    db.pragma_update(None, "journal_size_limit", 8 << 20)?;
    Ok(())
}

/// Brings the schema to its newest version. A database of a newer app is refused, never reset.
fn migrate(db: &Connection, application_id: i32, migrations: &[&str]) -> Result<(), EngineError> {
    let found: i32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: usize = db.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))? as usize;
    if version > 0 && found != application_id {
        return Err(EngineError::storage("this database belongs to another application"));
    }
    if version > migrations.len() {
        return Err(EngineError::storage("this database was made by a newer version"));
    }
    for (from, sql) in migrations.iter().enumerate().skip(version) {
        db.execute_batch(&format!(
            "BEGIN IMMEDIATE; {sql} PRAGMA application_id={application_id}; PRAGMA user_version={}; COMMIT;",
            from + 1
        ))?;
    }
    Ok(())
}
