//! The database. One typed transaction, [`Tx`], is all that the service sees of it, so that another database is
//! another `Tx` and not another backend.

mod blobs;
mod board;
mod codes;
mod disputes;
mod facts;
mod feed;
mod mails;
mod moving;
mod office;
mod people;
mod postgres;
mod purge;
mod reviews;
mod routes;
mod shipments;
mod sql;
mod sqlite;
mod travel;
mod whereabouts;

use std::cell::RefCell;
use std::path::Path;

use courier_domain::{CourierId, RouteId};
use postgres::{Access, Postgres};
use sql::{Db, OptionalExtension};
use sqlite::Sqlite;

pub use blobs::BlobRow;
pub use board::{CourierRow, MailStanding, MapStop};
pub use codes::{CodeRow, CodeStanding};
pub use disputes::DisputeRow;
pub use facts::{BAD_SIGNATURE, FactRow, Judged};
pub use feed::NumberedVerdict;
pub use mails::MailRow;
pub use office::{AccountRow, ApiKeyRow, AuditRow, InvitationRow, SessionRow};
pub use people::Installation;
pub use reviews::{ReviewRow, StoredReview};
pub use routes::{ChangeMark, RouteRow, StopRow};
pub use shipments::{AttemptRow, AttemptState, OutcomeRow, ParcelRow, ShipmentRow};
pub use travel::TravelTime;
pub use whereabouts::Whereabouts;

use crate::config::DatabaseConfig;
use crate::entropy::Entropy;
use crate::error::ServiceError;

/// Where everything is stored.
pub struct Storage {
    database: Database,
}

enum Database {
    Embedded(Sqlite),
    Server(Postgres),
}

/// One transaction.
pub struct Tx<'a> {
    db: Db<'a>,
    rev: Option<u64>,
    /// The route that was asked for last, and whose it is, which never changes: the facts of a batch are of one.
    owner: RefCell<Option<(RouteId, CourierId)>>,
}

impl Storage {
    /// Opens or creates the embedded database.
    pub fn embedded(path: &Path, rng: &mut Entropy) -> Result<Self, ServiceError> {
        Ok(Self { database: Database::Embedded(Sqlite::open(path, rng)?) })
    }

    /// Connects to a PostgreSQL server.
    pub fn on_server(config: &DatabaseConfig, rng: &mut Entropy) -> Result<Self, ServiceError> {
        Ok(Self { database: Database::Server(Postgres::open(config, rng)?) })
    }

    /// A schema for a data folder on a server, so that every test can run there.
    #[cfg(feature = "test-endpoints")]
    pub(crate) fn schema_for_test(server: &str, data_dir: &Path) -> Option<DatabaseConfig> {
        Postgres::schema_for_test(server, data_dir)
    }

    /// Runs `work` in one transaction: all of it is stored, durably, or nothing.
    pub fn transact<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let run = |db: Db<'_>| {
            let mut tx = Tx { db, rev: None, owner: RefCell::default() };
            let result = work(&mut tx)?;
            tx.db.commit()?;
            Ok(result)
        };
        match &self.database {
            Database::Embedded(file) => file.with(|transaction| run(Db::Sqlite(transaction))),
            Database::Server(server) => run(Db::Postgres(server.begin(Access::Writes)?)),
        }
    }

    /// Whether other backends may use it at the same time.
    pub fn is_shared(&self) -> bool {
        matches!(self.database, Database::Server(_))
    }

    /// Runs `work`, which changes nothing, on what is stored at one instant. With a server it waits for nobody.
    pub fn look<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T, ServiceError>) -> Result<T, ServiceError> {
        match &self.database {
            Database::Embedded(_) => self.transact(|tx| work(tx)),
            Database::Server(server) => {
                let db = Db::Postgres(server.begin(Access::Reads)?);
                work(&Tx { db, rev: None, owner: RefCell::default() })
            }
        }
    }

    /// What was deleted is not in the embedded database's log of changes either. A server keeps its own.
    pub fn forget_for_good(&self) -> Result<(), ServiceError> {
        match &self.database {
            Database::Embedded(file) => Ok(file.forget_for_good()?),
            Database::Server(_) => Ok(()),
        }
    }

    /// Copies an embedded database that no backend uses at present to a server's that is empty; says how many rows.
    pub fn move_to_server(
        file: &Path,
        server: &DatabaseConfig,
        rng: &mut Entropy,
    ) -> Result<u64, ServiceError> {
        moving::move_to_server(file, server, rng)
    }

    /// Copies an embedded database that may be in use, as it is at one instant.
    pub fn back_up(database: &Path, to: &Path) -> Result<(), ServiceError> {
        Sqlite::back_up(database, to)
    }

    /// Checks that a file is a whole database of this backend, and changes nothing.
    pub fn check(database: &Path) -> Result<(), ServiceError> {
        Sqlite::check(database)
    }
}

impl Tx<'_> {
    fn meta(&self, name: &str) -> Result<String, ServiceError> {
        let mut query = self.db.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
        let found = query.query_row([name], |row| row.get(0)).optional()?;
        found.ok_or_else(|| ServiceError::fault(format!("meta {name} is missing")))
    }

    /// Changes when the server was restored from a backup.
    pub fn epoch(&self) -> Result<String, ServiceError> {
        self.meta("epoch")
    }

    /// Changes it.
    pub fn set_epoch(&mut self, epoch: &str) -> Result<(), ServiceError> {
        self.db.execute("UPDATE meta SET value = ?1 WHERE name = 'epoch'", [epoch])?;
        Ok(())
    }

    /// The receipt key of the backend that made this database, in its public form.
    pub fn receipt_key(&self) -> Result<Option<String>, ServiceError> {
        let sql = "SELECT value FROM meta WHERE name = 'receipt_key'";
        Ok(self.db.query_row(sql, sql::params![], |row| row.get(0)).optional()?)
    }

    /// Remembers it.
    pub fn set_receipt_key(&mut self, key: &str) -> Result<(), ServiceError> {
        self.db.execute("INSERT INTO meta (name, value) VALUES ('receipt_key', ?1)", [key])?;
        Ok(())
    }

    /// The revision of the last change of anything.
    pub fn last_rev(&self) -> Result<u64, ServiceError> {
        self.meta("rev")?.parse().map_err(|_| ServiceError::fault("meta rev is no number"))
    }

    /// The revision of this transaction: one counter for everything, raised once.
    pub fn rev(&mut self) -> Result<u64, ServiceError> {
        if let Some(rev) = self.rev {
            return Ok(rev);
        }
        let rev = self.last_rev()? + 1;
        self.db.execute("UPDATE meta SET value = ?1 WHERE name = 'rev'", [rev.to_string()])?;
        self.rev = Some(rev);
        Ok(rev)
    }
}

/// Reads an identifier that was checked when it was stored.
/// An identifier, or another text of which not every one is allowed.
fn id<T: TryFrom<String>>(text: String) -> Result<T, ServiceError> {
    T::try_from(text).map_err(|_| ServiceError::fault("a stored identifier or number is unreadable"))
}
