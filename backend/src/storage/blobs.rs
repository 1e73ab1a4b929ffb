//! Which evidence files there are. Their bytes are in files.

use courier_domain::{InstallId, UnixMs};

use super::Tx;
use super::sql::{OptionalExtension, params};
use crate::error::ServiceError;

/// An evidence file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRow {
    /// SHA-256 of its bytes: its name.
    pub sha256: String,
    /// The installation that began to send it.
    pub install: InstallId,
    /// Its length, as its first part said.
    pub size: usize,
    /// When its first part came.
    pub received_at: UnixMs,
    /// All of it is there, and its hash was checked.
    pub complete: bool,
}

impl Tx<'_> {
    /// A file.
    pub fn blob(&self, sha256: &str) -> Result<Option<BlobRow>, ServiceError> {
        let sql = "SELECT install, size, received_at, complete FROM blob WHERE sha256 = ?1";
        let read = self
            .db
            .prepare_cached(sql)?
            .query_row([sha256], |row| {
                Ok((row.get::<String>(0)?, row.get(1)?, row.get::<i64>(2)?, row.get(3)?))
            })
            .optional()?;
        let Some((install, size, at, complete)) = read else { return Ok(None) };
        let (sha256, received_at) = (sha256.to_owned(), UnixMs(at));
        Ok(Some(BlobRow { sha256, install: super::id(install)?, size, received_at, complete }))
    }

    /// Stores what is known of a file.
    pub fn put_blob(&mut self, row: &BlobRow) -> Result<(), ServiceError> {
        let sql =
            "INSERT INTO blob (sha256, install, size, received_at, complete) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (sha256) DO UPDATE SET size = ?3, complete = ?5";
        let given = params![row.sha256, row.install.as_str(), row.size, row.received_at.0, row.complete];
        self.db.prepare_cached(sql)?.execute(given)?;
        Ok(())
    }

    /// Bytes of the files that an installation began to send since then.
    pub fn blob_bytes_since(&self, install: &InstallId, since: UnixMs) -> Result<u64, ServiceError> {
        let sql = "SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM blob WHERE install = ?1 AND received_at >= ?2";
        Ok(self.db.prepare_cached(sql)?.query_row(params![install.as_str(), since.0], |row| row.get(0))?)
    }

    /// How many files are complete.
    pub fn complete_blobs(&self) -> Result<u64, ServiceError> {
        let sql = "SELECT count(*) FROM blob WHERE complete = 1";
        Ok(self.db.prepare_cached(sql)?.query_row(params![], |row| row.get(0))?)
    }

    /// Files that came before then.
    pub fn blobs_before(&self, before: UnixMs) -> Result<Vec<String>, ServiceError> {
        let mut query = self.db.prepare_cached("SELECT sha256 FROM blob WHERE received_at < ?1")?;
        let rows = query.query_map([before.0], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets a file.
    pub fn forget_blob(&mut self, sha256: &str) -> Result<(), ServiceError> {
        self.db.prepare_cached("DELETE FROM blob WHERE sha256 = ?1")?.execute([sha256])?;
        Ok(())
    }
}
