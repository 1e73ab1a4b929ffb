//! Couriers, their installations, and what lets them in.

use courier_domain::{CourierId, InstallId, Jwk, UnixMs};

use super::sql::{OptionalExtension, params};
use super::{Tx, id};
use crate::error::ServiceError;

/// An enrolled phone.
#[derive(Debug, Clone)]
pub struct Installation {
    /// The installation.
    pub install: InstallId,
    /// Whose it is.
    pub courier: CourierId,
    /// Its device key.
    pub device_jwk: Jwk,
    /// When the courier was dismissed.
    pub dismissed_at: Option<UnixMs>,
    /// Since when the courier is suspended.
    pub suspended_at: Option<UnixMs>,
}

impl Tx<'_> {
    /// Adds a courier.
    pub fn add_courier(&mut self, id: &CourierId, name: &str) -> Result<(), ServiceError> {
        self.db.execute("INSERT INTO courier (id, name) VALUES (?1, ?2)", [id.as_str(), name])?;
        Ok(())
    }

    /// A courier's name.
    pub fn courier_name(&self, id: &CourierId) -> Result<Option<String>, ServiceError> {
        let mut query = self.db.prepare_cached("SELECT name FROM courier WHERE id = ?1")?;
        Ok(query.query_row([id.as_str()], |row| row.get(0)).optional()?)
    }

    /// Whether a courier was dismissed.
    pub fn is_dismissed(&self, id: &CourierId) -> Result<bool, ServiceError> {
        let sql = "SELECT count(*) FROM courier WHERE id = ?1 AND dismissed_at IS NOT NULL";
        Ok(self.db.query_row(sql, [id.as_str()], |row| row.get::<u32>(0))? > 0)
    }

    /// The couriers with this identifier or name who work here.
    pub fn couriers_called(&self, name: &str) -> Result<Vec<CourierId>, ServiceError> {
        let sql =
            "SELECT id FROM courier WHERE (id = ?1 OR name = ?1) AND dismissed_at IS NULL ORDER BY rowid";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([name], |row| row.get::<String>(0))?;
        rows.map(|row| id(row?)).collect()
    }

    /// Dismisses a courier; says whether there is one.
    pub fn dismiss(&mut self, id: &CourierId, now: UnixMs) -> Result<bool, ServiceError> {
        let sql = "UPDATE courier SET dismissed_at = coalesce(dismissed_at, ?2) WHERE id = ?1";
        Ok(self.db.change(sql, params![id.as_str(), now.0])? == 1)
    }

    /// Suspends a courier.
    pub fn suspend(&mut self, id: &CourierId, now: UnixMs) -> Result<(), ServiceError> {
        let sql = "UPDATE courier SET suspended_at = coalesce(suspended_at, ?2) WHERE id = ?1";
        self.db.execute(sql, params![id.as_str(), now.0])?;
        Ok(())
    }

    /// Whether a courier is suspended.
    pub fn is_suspended(&self, id: &CourierId) -> Result<bool, ServiceError> {
        let sql = "SELECT count(*) FROM courier WHERE id = ?1 AND suspended_at IS NOT NULL";
        Ok(self.db.query_row(sql, [id.as_str()], |row| row.get::<u32>(0))? > 0)
    }

    /// Lifts a suspension.
    pub fn reinstate(&mut self, id: &CourierId, now: UnixMs) -> Result<(), ServiceError> {
        let sql = "UPDATE courier SET suspended_at = NULL, reinstated_at = ?2 WHERE id = ?1 AND suspended_at IS NOT NULL";
        self.db.execute(sql, params![id.as_str(), now.0])?;
        Ok(())
    }

    /// Remembers an enrolment code by its hash.
    pub fn add_enrolment(
        &mut self,
        code_sha256: &[u8],
        courier: &CourierId,
        expires: UnixMs,
    ) -> Result<(), ServiceError> {
        let sql = "INSERT INTO enrolment (code_sha256, courier, expires) VALUES (?1, ?2, ?3)";
        self.db.execute(sql, params![code_sha256, courier.as_str(), expires.0])?;
        Ok(())
    }

    /// Uses an enrolment code up. It may be used again by the installation that used it: the answer may be lost.
    pub fn use_enrolment(
        &mut self,
        code_sha256: &[u8],
        install: &InstallId,
        now: UnixMs,
    ) -> Result<Option<CourierId>, ServiceError> {
        let sql = "UPDATE enrolment SET used_by = ?2 WHERE code_sha256 = ?1 AND expires > ?3
                   AND (used_by IS NULL OR used_by = ?2) RETURNING courier";
        let found: Option<String> = self
            .db
            .query_row(sql, params![code_sha256, install.as_str(), now.0], |row| row.get(0))
            .optional()?;
        found.map(id).transpose()
    }

    /// Stores an installation. Its key may not change: a stranger who knows the identifier gets nothing.
    pub fn put_installation(
        &mut self,
        install: &InstallId,
        courier: &CourierId,
        jwk: &Jwk,
        level: &str,
        now: UnixMs,
    ) -> Result<bool, ServiceError> {
        let jwk = serde_json::to_string(jwk)?;
        let sql = "INSERT INTO installation (install, courier, device_jwk, key_level, last_seen)
                   VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (install) DO UPDATE SET courier = ?2, last_seen = ?5 WHERE installation.device_jwk = ?3";
        let given = params![install.as_str(), courier.as_str(), jwk, level, now.0];
        Ok(self.db.change(sql, given)? == 1)
    }

    /// An installation.
    pub fn installation(&self, install: &InstallId) -> Result<Option<Installation>, ServiceError> {
        let sql = "SELECT i.courier, i.device_jwk, c.dismissed_at, c.suspended_at FROM installation i
                   JOIN courier c ON c.id = i.courier WHERE i.install = ?1";
        let row = self.db.prepare_cached(sql)?.query_row([install.as_str()], |row| {
            Ok((
                (row.get::<String>(0)?, row.get::<String>(1)?),
                (row.get::<Option<i64>>(2)?, row.get::<Option<i64>>(3)?),
            ))
        });
        let Some(((courier, jwk), (dismissed, suspended))) = row.optional()? else { return Ok(None) };
        Ok(Some(Installation {
            install: install.clone(),
            courier: id(courier)?,
            device_jwk: serde_json::from_str(&jwk)?,
            dismissed_at: dismissed.map(UnixMs),
            suspended_at: suspended.map(UnixMs),
        }))
    }

    /// Takes an assertion's identifier, once.
    pub fn take_assertion(&mut self, jti: &str, expires: UnixMs, now: UnixMs) -> Result<bool, ServiceError> {
        self.db.execute("DELETE FROM assertion WHERE expires < ?1", [now.0])?;
        let sql = "INSERT INTO assertion (jti, expires) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        Ok(self.db.change(sql, params![jti, expires.0])? == 1)
    }

    /// Remembers an access token by its hash.
    pub fn add_token(
        &mut self,
        sha256: &[u8],
        install: &InstallId,
        expires: UnixMs,
        now: UnixMs,
    ) -> Result<(), ServiceError> {
        self.db.execute("DELETE FROM token WHERE expires < ?1", [now.0])?;
        let sql = "INSERT INTO token (sha256, install, expires) VALUES (?1, ?2, ?3)";
        self.db.execute(sql, params![sha256, install.as_str(), expires.0])?;
        Ok(())
    }

    /// The installation of a valid token, and when the token expires.
    pub fn installation_of_token(
        &self,
        sha256: &[u8],
        now: UnixMs,
    ) -> Result<Option<(Installation, UnixMs)>, ServiceError> {
        let sql = "SELECT install, expires FROM token WHERE sha256 = ?1 AND expires > ?2";
        let mut query = self.db.prepare_cached(sql)?;
        let found = query.query_row(params![sha256, now.0], |row| Ok((row.get(0)?, UnixMs(row.get(1)?))));
        let Some((install, expires)) = found.optional()? else { return Ok(None) };
        Ok(self.installation(&id(install)?)?.map(|installation| (installation, expires)))
    }
}
