//! What the storage says to its database, whichever that is: statements in the SQL that both understand, with `?1` for
//! what is given, and values of a few types.

use std::fmt;

use super::postgres;
use crate::error::ServiceError;

/// A value on its way into a statement or out of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A value for longer than what it was made from.
pub(super) enum OwnedValue {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<Value<'_>> for OwnedValue {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Int(number) => Self::Int(number),
            Value::Text(text) => Self::Text(text.to_owned()),
            Value::Bytes(bytes) => Self::Bytes(bytes.to_owned()),
        }
    }
}

impl OwnedValue {
    pub(super) fn as_value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(number) => Value::Int(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

/// Why the database did not answer.
#[derive(Debug)]
pub(super) enum SqlError {
    /// There is no such row.
    NoRow,
    /// A number that does not fit.
    Range,
    /// A value of another type than was asked for.
    Type,
    /// What the database says.
    Database(String),
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRow => f.write_str("there is no such row"),
            Self::Range => f.write_str("a number is out of range"),
            Self::Type => f.write_str("a value of another type"),
            Self::Database(what) => f.write_str(what),
        }
    }
}

impl From<rusqlite::Error> for SqlError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::QueryReturnedNoRows => Self::NoRow,
            error => Self::Database(error.to_string()),
        }
    }
}

impl From<SqlError> for ServiceError {
    fn from(error: SqlError) -> Self {
        Self::fault(format!("database: {error}"))
    }
}

pub(super) type Result<T> = std::result::Result<T, SqlError>;

/// A row that may not be there.
pub(super) trait OptionalExtension<T> {
    fn optional(self) -> Result<Option<T>>;
}

impl<T> OptionalExtension<T> for Result<T> {
    fn optional(self) -> Result<Option<T>> {
        match self {
            Ok(found) => Ok(Some(found)),
            Err(SqlError::NoRow) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What can be given to a statement.
pub(super) trait ToSql {
    fn value(&self) -> Result<Value<'_>>;
}

/// What can be read from a row.
pub(super) trait FromSql: Sized {
    fn read(value: Value<'_>) -> Result<Self>;
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl ToSql for $type {
            fn value(&self) -> Result<Value<'_>> {
                i64::try_from(*self).map(Value::Int).map_err(|_| SqlError::Range)
            }
        }
        impl FromSql for $type {
            fn read(value: Value<'_>) -> Result<Self> {
                let Value::Int(number) = value else { return Err(SqlError::Type) };
                <$type>::try_from(number).map_err(|_| SqlError::Range)
            }
        }
    )*};
}
integers!(i64, u64, u32, usize, u8);

impl ToSql for bool {
    fn value(&self) -> Result<Value<'_>> {
        Ok(Value::Int(i64::from(*self)))
    }
}

impl FromSql for bool {
    fn read(value: Value<'_>) -> Result<Self> {
        i64::read(value).map(|number| number != 0)
    }
}

impl ToSql for str {
    fn value(&self) -> Result<Value<'_>> {
        Ok(Value::Text(self))
    }
}

impl ToSql for String {
    fn value(&self) -> Result<Value<'_>> {
        Ok(Value::Text(self))
    }
}

impl FromSql for String {
    fn read(value: Value<'_>) -> Result<Self> {
        let Value::Text(text) = value else { return Err(SqlError::Type) };
        Ok(text.to_owned())
    }
}

impl ToSql for [u8] {
    fn value(&self) -> Result<Value<'_>> {
        Ok(Value::Bytes(self))
    }
}

impl ToSql for Vec<u8> {
    fn value(&self) -> Result<Value<'_>> {
        Ok(Value::Bytes(self))
    }
}

impl FromSql for Vec<u8> {
    fn read(value: Value<'_>) -> Result<Self> {
        let Value::Bytes(bytes) = value else { return Err(SqlError::Type) };
        Ok(bytes.to_owned())
    }
}

impl<T: ToSql> ToSql for Option<T> {
    fn value(&self) -> Result<Value<'_>> {
        self.as_ref().map_or(Ok(Value::Null), ToSql::value)
    }
}

impl<T: FromSql> FromSql for Option<T> {
    fn read(value: Value<'_>) -> Result<Self> {
        if value == Value::Null { Ok(None) } else { T::read(value).map(Some) }
    }
}

impl<T: ToSql + ?Sized> ToSql for &T {
    fn value(&self) -> Result<Value<'_>> {
        (**self).value()
    }
}

/// Everything that is given to a statement, in its order.
pub(super) trait Given {
    fn values(&self) -> Result<Vec<Value<'_>>>;
}

impl Given for &[&dyn ToSql] {
    fn values(&self) -> Result<Vec<Value<'_>>> {
        self.iter().map(ToSql::value).collect()
    }
}

impl<T: ToSql, const N: usize> Given for [T; N] {
    fn values(&self) -> Result<Vec<Value<'_>>> {
        self.iter().map(ToSql::value).collect()
    }
}

/// Things of different types that are given to a statement.
macro_rules! params {
    ($($one:expr),* $(,)?) => {
        &[$(&$one as &dyn $crate::storage::sql::ToSql),*] as &[&dyn $crate::storage::sql::ToSql]
    };
}
pub(super) use params;

/// A row of an answer.
pub(super) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// What is in a column, counted from 0.
    pub(super) fn get<T: FromSql>(&self, column: usize) -> Result<T> {
        self.value(column).and_then(T::read)
    }

    /// The same, whatever it is.
    pub(super) fn value(&self, column: usize) -> Result<Value<'_>> {
        use rusqlite::types::ValueRef;
        match self {
            Self::Sqlite(row) => Ok(match row.get_ref(column)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Int(number),
                ValueRef::Text(bytes) => Value::Text(std::str::from_utf8(bytes).map_err(|_| SqlError::Type)?),
                ValueRef::Blob(bytes) => Value::Bytes(bytes),
                ValueRef::Real(_) => return Err(SqlError::Type),
            }),
            Self::Postgres(row) => postgres::value(row, column),
        }
    }
}

/// A transaction of a database.
pub(super) enum Db<'a> {
    Sqlite(rusqlite::Transaction<'a>),
    Postgres(postgres::Transaction<'a>),
}

impl Db<'_> {
    /// A statement that is kept for the next time.
    pub(super) fn prepare_cached(&self, sql: &str) -> Result<Statement<'_>> {
        Ok(match self {
            Self::Sqlite(db) => Statement::Sqlite(db.prepare_cached(sql)?),
            Self::Postgres(db) => Statement::Postgres(db, db.prepare(sql)?),
        })
    }

    /// Carries a statement out. On a server nobody waits for that: see [`postgres::Transaction`].
    pub(super) fn execute(&self, sql: &str, given: impl Given) -> Result<()> {
        self.prepare_cached(sql)?.execute(given)
    }

    /// Carries a statement out, and says how many rows it changed.
    pub(super) fn change(&self, sql: &str, given: impl Given) -> Result<usize> {
        self.prepare_cached(sql)?.change(given)
    }

    /// The first row of an answer.
    pub(super) fn query_row<T>(
        &self,
        sql: &str,
        given: impl Given,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        self.prepare_cached(sql)?.query_row(given, read)
    }

    /// All of it is stored, durably.
    pub(super) fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(db) => Ok(db.commit()?),
            Self::Postgres(db) => db.commit(),
        }
    }
}

/// A statement that the database has read.
pub(super) enum Statement<'a> {
    Sqlite(rusqlite::CachedStatement<'a>),
    Postgres(&'a postgres::Transaction<'a>, tokio_postgres::Statement),
}

#[allow(clippy::needless_pass_by_value)] // what is given are arrays and slices, written where they are needed
impl Statement<'_> {
    /// Carries it out.
    pub(super) fn execute(&mut self, given: impl Given) -> Result<()> {
        let values = given.values()?;
        match self {
            Self::Sqlite(statement) => Ok(statement.execute(rusqlite::params_from_iter(values)).map(drop)?),
            Self::Postgres(db, statement) => db.execute(statement, &values),
        }
    }

    /// Carries it out, and says how many rows it changed.
    fn change(&mut self, given: impl Given) -> Result<usize> {
        let values = given.values()?;
        match self {
            Self::Sqlite(statement) => Ok(statement.execute(rusqlite::params_from_iter(values))?),
            Self::Postgres(db, statement) => db.change(statement, &values),
        }
    }

    /// The first row.
    pub(super) fn query_row<T>(
        &mut self,
        given: impl Given,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        let values = given.values()?;
        match self {
            Self::Sqlite(statement) => {
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                read(&Row::Sqlite(rows.next()?.ok_or(SqlError::NoRow)?))
            }
            Self::Postgres(db, statement) => {
                let rows = db.query(statement, &values)?;
                read(&Row::Postgres(rows.first().ok_or(SqlError::NoRow)?))
            }
        }
    }

    /// The first row for each of what is given, where there is one. A server is asked for all of them at once.
    pub(super) fn query_each<T>(
        &mut self,
        each: impl IntoIterator<Item = impl Given>,
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        match self {
            Self::Sqlite(statement) => {
                for given in each {
                    let mut rows = statement.query(rusqlite::params_from_iter(given.values()?))?;
                    found.extend(rows.next()?.map(|row| read(&Row::Sqlite(row))));
                }
            }
            Self::Postgres(db, statement) => {
                let each: Vec<_> = each.into_iter().collect();
                let each = each.iter().map(Given::values).collect::<Result<Vec<_>>>()?;
                let answers = db.query_each(statement, &each)?;
                found.extend(
                    answers.iter().filter_map(|rows| rows.first()).map(|row| read(&Row::Postgres(row))),
                );
            }
        }
        found.into_iter().collect()
    }

    /// Every row.
    pub(super) fn query_map<T>(
        &mut self,
        given: impl Given,
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<std::vec::IntoIter<Result<T>>> {
        let values = given.values()?;
        let mut found = Vec::new();
        match self {
            Self::Sqlite(statement) => {
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                while let Some(row) = rows.next()? {
                    found.push(read(&Row::Sqlite(row)));
                }
            }
            Self::Postgres(db, statement) => {
                found.extend(db.query(statement, &values)?.iter().map(|row| read(&Row::Postgres(row))));
            }
        }
        Ok(found.into_iter())
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::ValueRef;
        Ok(rusqlite::types::ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
