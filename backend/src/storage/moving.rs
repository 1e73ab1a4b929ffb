//! From the embedded database to a server, once: everything as it is, in one transaction.

use std::path::Path;

use super::postgres::{self, Access, Postgres};
use super::sql::{Row, SqlError, Value};
use super::sqlite::Sqlite;
use crate::config::DatabaseConfig;
use crate::entropy::Entropy;
use crate::error::ServiceError;

/// Every table, after those that it refers to.
const TABLES: [&str; 32] = [
    "meta",
    "courier",
    "enrolment",
    "installation",
    "token",
    "assertion",
    "shipment",
    "item",
    "parcel",
    "instruction",
    "route",
    "stop",
    "attempt",
    "code",
    "fact",
    "fact_private",
    "verdict",
    "route_object",
    "mail",
    "reissue",
    "dispute",
    "review",
    "miss",
    "blob",
    "removal",
    "account",
    "invitation",
    "session",
    "api_key",
    "audit",
    "whereabouts",
    "travel_time",
];

/// Copies a database that no backend uses at present to a server's that is empty; says how many rows there are.
pub(super) fn move_to_server(
    file: &Path,
    server: &DatabaseConfig,
    rng: &mut Entropy,
) -> Result<u64, ServiceError> {
    let fault = |what: String| ServiceError::fault(format!("move: {what}"));
    let from = Sqlite::open(file, rng)?;
    let server = Postgres::open(server, rng)?;
    from.with(|from| {
        let to = server.begin(Access::Writes)?;
        if number(&to, "SELECT (SELECT count(*) FROM courier) + (SELECT count(*) FROM shipment) + (SELECT count(*) FROM account)")? > 0 {
            return Err(fault("the database on the server is in use already (if it was moved there before, set backend.db aside by hand)".into()));
        }
        to.batch("DELETE FROM meta")?;
        let is_there: i64 = from.query_row(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            [],
            |row| row.get(0),
        )?;
        if usize::try_from(is_there) != Ok(TABLES.len()) {
            return Err(fault(format!("there are {is_there} tables, of which some are not known")));
        }
        let mut moved = 0;
        for table in TABLES {
            moved += copy(&from, &to, table)?;
        }
        to.commit()?;
        Ok(moved)
    })
}

fn copy(
    from: &rusqlite::Transaction<'_>,
    to: &postgres::Transaction<'_>,
    table: &str,
) -> Result<u64, ServiceError> {
    let sql = "SELECT column_name::text FROM information_schema.columns
               WHERE table_schema = current_schema() AND table_name::text = ?1 ORDER BY ordinal_position";
    let columns: Vec<String> = to
        .query(&to.prepare(sql)?, &[Value::Text(table)])?
        .iter()
        .map(|row| Row::Postgres(row).get(0))
        .collect::<Result<_, SqlError>>()?;
    let names = columns.join(", ");
    let places: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
    let insert = to.prepare(&format!("INSERT INTO {table} ({names}) VALUES ({})", places.join(", ")))?;
    let mut query = from.prepare(&format!("SELECT {names} FROM {table}"))?;
    let mut rows = query.query([])?;
    let mut copied = 0;
    while let Some(row) = rows.next()? {
        let row = Row::Sqlite(row);
        let values = (0..columns.len()).map(|column| row.value(column)).collect::<Result<Vec<_>, _>>()?;
        to.execute(&insert, &values)?;
        copied += 1;
    }
    // What comes next is numbered after what was copied.
    for column in ["rowid", "n", "id"] {
        let is_numbered =
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema()
                           AND table_name::text = ?1 AND column_name::text = ?2 AND is_identity = 'YES'";
        let found = to.query(&to.prepare(is_numbered)?, &[Value::Text(table), Value::Text(column)])?;
        let is_numbered: bool = found.first().map_or(Ok(false), |row| Row::Postgres(row).get(0))?;
        if is_numbered {
            to.batch(&format!(
                "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), coalesce(max({column}), 0) + 1, false) FROM {table}"
            ))?;
        }
    }
    let there = number(to, &format!("SELECT count(*) FROM {table}"))?;
    if there == copied {
        Ok(copied)
    } else {
        Err(ServiceError::fault(format!("move: {copied} rows of {table} became {there}")))
    }
}

fn number(db: &postgres::Transaction<'_>, sql: &str) -> Result<u64, SqlError> {
    let rows = db.query(&db.prepare(sql)?, &[])?;
    rows.first().map_or(Err(SqlError::NoRow), |row| Row::Postgres(row).get(0))
}
