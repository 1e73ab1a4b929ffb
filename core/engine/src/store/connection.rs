//! Opening a database: version, settings, migrations.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{Amount, StoreError};

/// Older versions lose commits when a checkpoint and a writer meet in the WAL.
const OLDEST_SQLITE: i32 = 3_051_003;

/// What every connection is set to, and asserted to be: name, value to set, value read back.
///
/// FULL, because with NORMAL a power loss takes the last commits (measured: in 66 % of crash images). The two
/// `fullfsync` matter on Apple's systems only. `recursive_triggers`, because without it REPLACE deletes a row
/// past the triggers that forbid it.
const PRAGMAS: [(&str, &str, &str); 11] = [
    ("synchronous", "FULL", "2"),
    ("fullfsync", "1", "1"),
    ("checkpoint_fullfsync", "1", "1"),
    ("busy_timeout", "5000", "5000"),
    ("temp_store", "MEMORY", "2"),
    ("trusted_schema", "OFF", "0"),
    ("cell_size_check", "ON", "1"),
    ("secure_delete", "ON", "1"),
    ("recursive_triggers", "ON", "1"),
    ("wal_autocheckpoint", "1000", "1000"),
    ("journal_size_limit", "4194304", "4194304"),
];

/// The form of one database.
pub(super) struct Schema {
    /// Says whose file it is (`PRAGMA application_id`).
    pub(super) application_id: i32,
    /// Step `n` leads from version `n` to `n + 1`. Steps are never changed, only added.
    pub(super) migrations: &'static [&'static str],
}

impl Schema {
    fn version(&self) -> i32 {
        i32::try_from(self.migrations.len()).unwrap_or(i32::MAX)
    }
}

/// How many rows a table has, and how many bytes `bytes` reckons for all of them.
pub(super) fn amount(db: &Connection, table: &str, bytes: &str) -> Result<Amount, StoreError> {
    let sql = format!("SELECT count(*), ifnull(sum({bytes}), 0) FROM {table}");
    let read =
        |row: &rusqlite::Row<'_>| Ok(Amount { count: number(row.get(0)?), bytes: number(row.get(1)?) });
    Ok(db.prepare_cached(&sql)?.query_row([], read)?)
}

/// Where the copy goes that a migration leaves.
pub(super) type PlaceOfCopy<'a> = &'a dyn Fn() -> Result<PathBuf, StoreError>;

/// Opens the file, refuses what is not ours or too new before touching it, sets and asserts every setting, and
/// migrates, after a copy was made if a place for it is named.
pub(super) fn open(
    path: &Path,
    schema: &Schema,
    copy: Option<PlaceOfCopy<'_>>,
) -> Result<Connection, StoreError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(StoreError::Setup);
    }
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    check_owner(&connection, schema)?;
    set(&connection, "journal_mode", "WAL", "wal")?;
    prepare(&mut connection, schema, copy)?;
    Ok(connection)
}

/// The same without a file, for a disk that does not let a broken one go.
pub(super) fn open_in_memory(schema: &Schema) -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory()?;
    prepare(&mut connection, schema, None)?;
    Ok(connection)
}

fn prepare(
    connection: &mut Connection,
    schema: &Schema,
    copy: Option<PlaceOfCopy<'_>>,
) -> Result<(), StoreError> {
    for (name, value, expected) in PRAGMAS {
        set(connection, name, value, expected)?;
    }
    connection.set_prepared_statement_cache_capacity(64);
    migrate(connection, schema, copy)
}

fn set(connection: &Connection, name: &str, value: &str, expected: &str) -> Result<(), StoreError> {
    connection.pragma_update(None, name, value)?;
    if read(connection, name)? == expected { Ok(()) } else { Err(StoreError::Setup) }
}

fn read(connection: &Connection, name: &str) -> Result<String, StoreError> {
    let value: rusqlite::types::Value = connection.pragma_query_value(None, name, |row| row.get(0))?;
    Ok(match value {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        _ => String::new(),
    })
}

fn user_version(connection: &Connection) -> Result<i32, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn check_owner(connection: &Connection, schema: &Schema) -> Result<(), StoreError> {
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = user_version(connection)?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (id, version, tables) {
        (0, 0, 0) => Ok(()),
        (id, ..) if id != schema.application_id => Err(StoreError::Corrupt),
        (_, version, _) if version > schema.version() => Err(StoreError::Newer),
        _ => Ok(()),
    }
}

/// Forward only, one transaction per step. Before the first step of an existing database a copy of it is made, so that
/// a step that turns out wrong has lost nothing.
fn migrate(
    connection: &mut Connection,
    schema: &Schema,
    copy: Option<PlaceOfCopy<'_>>,
) -> Result<(), StoreError> {
    let from = user_version(connection)?;
    if from > 0
        && from < schema.version()
        && let Some(place) = copy
    {
        connection.execute("VACUUM INTO ?1", [place()?.to_string_lossy()])?;
    }
    for (step, to) in schema.migrations.iter().zip(1i32..).skip(usize::try_from(from).unwrap_or(0)) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", schema.application_id)?;
        transaction.pragma_update(None, "user_version", to)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Writes the log into the database and empties it: until then deleted rows are still in it.
pub(super) fn truncate_log(connection: &Connection) -> Result<(), StoreError> {
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy == 0 { Ok(()) } else { Err(StoreError::Busy) }
}

/// Empties the log and closes. The file is closed also if that fails: what was committed is in the log then.
pub(super) fn close(connection: Connection) -> Result<(), StoreError> {
    let emptied = truncate_log(&connection);
    let closed = connection.close().map_err(|(_, error)| StoreError::from(error));
    emptied.and(closed)
}

/// A number as SQLite stores it. Counters of this crate stay far below 2⁶³.
pub(crate) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A stored number; what is negative was never written by this crate and reads as 0.
pub(crate) fn number(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: Schema =
        Schema { application_id: 77, migrations: &["CREATE TABLE one(a INTEGER) STRICT;"] };
    const NEXT: Schema = Schema {
        application_id: 77,
        migrations: &["CREATE TABLE one(a INTEGER) STRICT;", "CREATE TABLE two(a INTEGER) STRICT;"],
    };

    #[test]
    fn every_setting_is_as_it_has_to_be() {
        let dir = tempfile::tempdir().unwrap();
        let connection = open(&dir.path().join("x.db"), &SCHEMA, None).unwrap();
        assert_eq!(read(&connection, "journal_mode").unwrap(), "wal");
        for (name, _, expected) in PRAGMAS {
            assert_eq!(read(&connection, name).unwrap(), expected, "PRAGMA {name}");
        }
        assert_eq!(read(&connection, "application_id").unwrap(), "77");
        assert!(rusqlite::version_number() >= OLDEST_SQLITE);
    }

    #[test]
    fn a_migration_keeps_the_rows_and_leaves_a_copy() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        open(&path, &SCHEMA, None).unwrap().execute("INSERT INTO one VALUES (5)", []).unwrap();
        let copy = dir.path().join("copy.db");
        let connection = open(&path, &NEXT, Some(&|| Ok(copy.clone()))).unwrap();
        let kept: i64 = connection.query_row("SELECT a FROM one", [], |row| row.get(0)).unwrap();
        assert_eq!((kept, user_version(&connection).unwrap()), (5, 2));
        let copy = Connection::open(copy).unwrap();
        let kept: i64 = copy.query_row("SELECT a FROM one", [], |row| row.get(0)).unwrap();
        assert_eq!((kept, user_version(&copy).unwrap()), (5, 1), "the copy is not what was there");
    }

    #[test]
    fn a_newer_or_foreign_database_is_refused_and_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        drop(open(&path, &NEXT, None).unwrap());
        let before = std::fs::read(&path).unwrap();
        assert_eq!(open(&path, &SCHEMA, None).unwrap_err(), StoreError::Newer);
        let other = Schema { application_id: 78, ..SCHEMA };
        assert_eq!(open(&path, &other, None).unwrap_err(), StoreError::Corrupt);
        assert_eq!(std::fs::read(&path).unwrap(), before, "the refused file was changed");
    }
}
