//! PostgreSQL, for several backends on one database.
//!
//! One transaction that changes something runs at a time, over all processes: it holds a lock of the database's until it
//! ends. So every rule of the service that holds with the embedded database holds here too, revisions are seen in their
//! order, and nothing has to be tried again. What takes time (signatures, key derivations, mails) is done outside of
//! transactions, and what only reads does not wait for the lock.

use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::BytesMut;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio::runtime::Runtime;
use tokio_postgres::config::SslMode;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Config, NoTls, Statement};

use super::sql::{OwnedValue, Result, Row, SqlError, Value};
use crate::config::DatabaseConfig;
use crate::entropy::{Entropy, random_secret};
use crate::error::ServiceError;
use crate::tls;
use crate::waiting::{poll_once, wait, wait_on};

/// What leads from each version of the database to the next; the first makes it.
const UPGRADES: [&str; 2] = [include_str!("schema.postgres.sql"), include_str!("upgrade-2.postgres.sql")];
/// The lock that whoever changes something holds, "CCB1" and the schema: databases of several firms do not wait for each other.
const BEGIN_TO_WRITE: &str = "BEGIN; SELECT pg_advisory_xact_lock(1128481329, hashtext(current_schema()))";
/// How many statements may be on their way to the server, unanswered.
const UNHEARD: usize = 256;
/// How long to wait for a server that does not answer.
const CONNECT: Duration = Duration::from_secs(10);

/// Connections to a database.
pub(super) struct Postgres {
    pool: Pool,
    /// Drives the connections. None only while it is dropped.
    runtime: Option<Runtime>,
}

/// Whether something will be changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Reads,
    Writes,
}

impl Postgres {
    /// Connects, and brings the database to the newest version.
    pub(super) fn open(
        wanted: &DatabaseConfig,
        rng: &mut Entropy,
    ) -> std::result::Result<Self, ServiceError> {
        let it = Self::connect(wanted)?;
        let transaction = it.begin(Access::Writes)?;
        upgrade(&transaction, rng)?;
        transaction.commit()?;
        Ok(it)
    }

    fn connect(wanted: &DatabaseConfig) -> std::result::Result<Self, ServiceError> {
        let fault = |what: &dyn std::fmt::Display| ServiceError::fault(format!("database: {what}"));
        let mut config: Config = wanted.url.parse().map_err(|error| fault(&error))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_application_name().is_none() {
            config.application_name("courier-backend");
        }
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = if config.get_ssl_mode() == SslMode::Disable {
            Manager::from_config(config, NoTls, recycling)
        } else {
            let tls = tls::client(wanted.ca.as_deref()).map_err(|what| fault(&what))?;
            let tls = tokio_postgres_rustls::MakeRustlsConnect::new(tls);
            Manager::from_config(config, tls, recycling)
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("courier-database")
            .enable_all()
            .build()
            .map_err(|error| fault(&error))?;
        let pool = Pool::builder(manager)
            .max_size(wanted.connections as usize)
            .build()
            .map_err(|error| fault(&error))?;
        Ok(Self { pool, runtime: Some(runtime) })
    }

    /// Begins a transaction.
    pub(super) fn begin(&self, access: Access) -> Result<Transaction<'_>> {
        let runtime = self.runtime.as_ref().ok_or_else(|| SqlError::Database("it is closed".into()))?;
        let client = {
            let _driven = runtime.enter();
            wait(self.pool.get()).map_err(|error| match error {
                deadpool_postgres::PoolError::Backend(error) => said(&error),
                error => SqlError::Database(error.to_string()),
            })?
        };
        let transaction =
            Transaction { unheard: RefCell::default(), client: Some(Arc::new(client)), _of: self };
        match access {
            Access::Reads => transaction.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?,
            Access::Writes => transaction.batch(BEGIN_TO_WRITE)?,
        }
        Ok(transaction)
    }
}

#[cfg(feature = "test-endpoints")]
impl Postgres {
    /// A schema for each data folder, on a server.
    pub(super) fn schema_for_test(server: &str, data_dir: &std::path::Path) -> Option<DatabaseConfig> {
        use sha2::{Digest, Sha256};
        let hash = Sha256::digest(data_dir.to_string_lossy().as_bytes());
        let schema = hash.iter().take(8).fold("test_".to_owned(), |name, byte| format!("{name}{byte:02x}"));
        let config = DatabaseConfig { url: server.to_owned(), ..DatabaseConfig::default() };
        let it = Self::connect(&config).ok()?;
        let transaction = it.begin(Access::Writes).ok()?;
        transaction.batch(&format!("CREATE SCHEMA IF NOT EXISTS {schema}")).ok()?;
        transaction.commit().ok()?;
        Some(DatabaseConfig { url: format!("{server} options='-c search_path={schema}'"), ..config })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.pool.close();
        if let Some(runtime) = self.runtime.take() {
            // It may be dropped where waiting is forbidden.
            runtime.shutdown_background();
        }
    }
}

/// A transaction; what is not committed is rolled back.
///
/// What only changes something is sent without waiting: its answer is heard before the next one that somebody needs, and all
/// of them before the commit is believed. A way to the server and back takes longer than most statements.
pub(super) struct Transaction<'a> {
    unheard: RefCell<Vec<Unheard>>,
    /// None once it has ended.
    client: Option<Arc<Object>>,
    _of: &'a Postgres,
}

/// An answer that is on its way.
type Unheard = Pin<Box<dyn Future<Output = Answer<()>> + Send>>;
type Answer<T> = std::result::Result<T, tokio_postgres::Error>;

impl Transaction<'_> {
    fn client(&self) -> Result<&Arc<Object>> {
        self.client.as_ref().ok_or_else(|| SqlError::Database("the transaction has ended".into()))
    }

    /// What the server answers; whatever was sent before has succeeded then.
    fn hear<T>(&self, asked: impl Future<Output = Answer<T>>) -> Result<T> {
        let mut asked = pin!(asked);
        // It is on its way before anything is waited for.
        let at_once = poll_once(asked.as_mut());
        self.hear_all()?;
        wait_on(at_once, asked).map_err(|error| said(&error))
    }

    /// Of several failures the first is the reason of the others.
    fn hear_all(&self) -> Result<()> {
        let unheard = std::mem::take(&mut *self.unheard.borrow_mut());
        unheard.into_iter().try_for_each(|answer| wait(answer).map_err(|error| said(&error)))
    }

    pub(super) fn batch(&self, sql: &str) -> Result<()> {
        self.hear(self.client()?.batch_execute(sql))
    }

    pub(super) fn prepare(&self, sql: &str) -> Result<Statement> {
        // It names what is given by `$1`; no statement holds a question mark for anything else.
        self.hear_if_asked(self.client()?.prepare_cached(&sql.replace('?', "$")))
    }

    /// The same for what may be known without asking: then nothing is waited for.
    fn hear_if_asked<T>(&self, asked: impl Future<Output = Answer<T>>) -> Result<T> {
        let mut asked = pin!(asked);
        match poll_once(asked.as_mut()) {
            Poll::Ready(answer) => answer.map_err(|error| said(&error)),
            Poll::Pending => self.hear(asked),
        }
    }

    /// Sends it. Whether it succeeded is heard later.
    pub(super) fn execute(&self, statement: &Statement, values: &[Value<'_>]) -> Result<()> {
        let (client, statement) = (Arc::clone(self.client()?), statement.clone());
        let values: Vec<_> = values.iter().map(|value| OwnedValue::from(*value)).collect();
        let mut sent: Unheard = Box::pin(async move {
            let values: Vec<_> = values.iter().map(OwnedValue::as_value).collect();
            client.execute(&statement, &given(&values)).await.map(drop)
        });
        if let Poll::Ready(answer) = poll_once(sent.as_mut()) {
            return answer.map_err(|error| said(&error));
        }
        self.unheard.borrow_mut().push(sent);
        if self.unheard.borrow().len() >= UNHEARD { self.hear_all() } else { Ok(()) }
    }

    /// Carries it out; says how many rows it changed.
    pub(super) fn change(&self, statement: &Statement, values: &[Value<'_>]) -> Result<usize> {
        let changed = self.hear(self.client()?.execute(statement, &given(values)))?;
        usize::try_from(changed).map_err(|_| SqlError::Range)
    }

    pub(super) fn query(
        &self,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Vec<tokio_postgres::Row>> {
        self.hear(self.client()?.query(statement, &given(values)))
    }

    /// The same with each of several values, all of them on their way at once.
    pub(super) fn query_each(
        &self,
        statement: &Statement,
        each: &[Vec<Value<'_>>],
    ) -> Result<Vec<Vec<tokio_postgres::Row>>> {
        let client = self.client()?;
        let each: Vec<_> = each.iter().map(|values| given(values)).collect();
        let mut asked: Vec<_> = each.iter().map(|values| Box::pin(client.query(statement, values))).collect();
        let at_once: Vec<_> = asked.iter_mut().map(|asked| poll_once(asked.as_mut())).collect();
        self.hear_all()?;
        let answers = at_once.into_iter().zip(asked).map(|(at_once, asked)| wait_on(at_once, asked));
        answers.map(|answer| answer.map_err(|error| said(&error))).collect()
    }

    pub(super) fn commit(mut self) -> Result<()> {
        // A transaction in which something failed is rolled back at a commit, and that is no error of the server's.
        self.batch("COMMIT")?;
        self.client = None;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // They hold the connection too.
        self.unheard.borrow_mut().clear();
        if let Some(client) = self.client.take()
            && wait(client.batch_execute("ROLLBACK")).is_err()
            && let Ok(client) = Arc::try_unwrap(client)
        {
            // Nobody knows how it stands there: another connection is made.
            drop(Object::take(client));
        }
    }
}

fn given<'a>(values: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// What the server says, without the values that it is about.
fn said(error: &tokio_postgres::Error) -> SqlError {
    SqlError::Database(match error.as_db_error() {
        Some(error) => format!("{} ({})", error.message(), error.code().code()),
        None => match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    })
}

/// The value of a column.
pub(super) fn value(row: &tokio_postgres::Row, column: usize) -> Result<Value<'_>> {
    let kind = row.columns().get(column).ok_or(SqlError::Type)?.type_();
    let read = match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(column).map(|it| it.map(Value::Int)),
        Type::INT4 => row.try_get::<_, Option<i32>>(column).map(|it| it.map(|it| Value::Int(it.into()))),
        Type::BOOL => row.try_get::<_, Option<bool>>(column).map(|it| it.map(|it| Value::Int(it.into()))),
        Type::TEXT => row.try_get::<_, Option<&str>>(column).map(|it| it.map(Value::Text)),
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(column).map(|it| it.map(Value::Bytes)),
        _ => return Err(SqlError::Type),
    };
    Ok(read.map_err(|error| said(&error))?.unwrap_or(Value::Null))
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, kind) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(kind, out),
            (Self::Int(number), &Type::INT8) => number.to_sql(kind, out),
            (Self::Text(text), &Type::TEXT) => text.to_sql(kind, out),
            (Self::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(kind, out),
            _ => Err(format!("a value of another type than {kind}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn upgrade(db: &Transaction<'_>, rng: &mut Entropy) -> std::result::Result<(), ServiceError> {
    let one = |sql: &str| -> Result<i64> {
        let rows = db.query(&db.prepare(sql)?, &[])?;
        rows.first().map_or(Err(SqlError::NoRow), |row| Row::Postgres(row).get(0))
    };
    // In the schema that this user's tables go to, and in no other one that is looked through.
    let is_there = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = ";
    let version = if one(&format!("{is_there}'courier_schema'"))? == 0 {
        if one(&format!("{is_there}'meta'"))? != 0 {
            return Err(ServiceError::fault("the database is not one of this backend"));
        }
        0
    } else {
        usize::try_from(one("SELECT version FROM courier_schema")?)
            .map_err(|_| ServiceError::fault("the database's version is unreadable"))?
    };
    if version > UPGRADES.len() {
        return Err(ServiceError::fault("the database was made by a newer version"));
    }
    for step in &UPGRADES[version..] {
        db.batch(step)?;
    }
    if version == 0 {
        let sql = "INSERT INTO meta (name, value) VALUES ('epoch', ?1), ('rev', '0')";
        db.execute(&db.prepare(sql)?, &[Value::Text(&random_secret(rng))])?;
    }
    if version < UPGRADES.len() {
        db.batch(&format!("UPDATE courier_schema SET version = {}", UPGRADES.len()))?;
    }
    Ok(())
}
