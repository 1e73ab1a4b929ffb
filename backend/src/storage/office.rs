//! People of the office, what lets them and programs in, and what was done.

use courier_domain::UnixMs;

use super::Tx;
use super::shipments::{of_word, word};
use super::sql::{OptionalExtension, Row, ToSql, params};
use crate::error::ServiceError;
use crate::office::{Reach, Role};

/// Somebody who works in the office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Identifier.
    pub id: String,
    /// What they log in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Hash of the password, a PHC string.
    pub password: String,
    /// Since when.
    pub created: UnixMs,
    /// Since when they may not log in.
    pub disabled: Option<UnixMs>,
}

/// A one-time link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    /// Whose password it sets anew; absent = it makes an account.
    pub account: Option<String>,
    /// What the account may do.
    pub role: Role,
    /// Until when.
    pub expires: UnixMs,
}

/// Somebody who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Who.
    pub account: AccountRow,
    /// Since when.
    pub created: UnixMs,
    /// When something was last asked for.
    pub seen: UnixMs,
}

/// A key of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Identifier.
    pub id: String,
    /// For people.
    pub name: String,
    /// What it may do.
    pub reach: Reach,
    /// Whose shipments it reaches; absent = everybody's.
    pub sender: Option<String>,
    /// Since when.
    pub created: UnixMs,
    /// Since when it is not taken any more.
    pub revoked: Option<UnixMs>,
}

/// Something that was done in the office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// When.
    pub at: UnixMs,
    /// Who, such as `account/ID` or `key/ID`.
    pub who: String,
    /// What, a stable word.
    pub what: String,
    /// About what, an identifier.
    pub about: String,
}

const ACCOUNT: &str = "SELECT id, name, role, password, created, disabled FROM account";
const API_KEY: &str = "SELECT id, name, reach, sender, created, revoked FROM api_key";

impl Tx<'_> {
    /// Adds an account; says whether its name was free.
    pub fn add_account(&mut self, row: &AccountRow) -> Result<bool, ServiceError> {
        let sql = "INSERT INTO account (id, name, role, password, created) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT DO NOTHING";
        let given = params![row.id, row.name, word(&row.role)?, row.password, row.created.0];
        Ok(self.db.change(sql, given)? == 1)
    }

    fn accounts_where(&self, rest: &str, given: &[&dyn ToSql]) -> Result<Vec<AccountRow>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{ACCOUNT} {rest}"))?;
        let rows = query.query_map(given, |row| Ok(account_row(row)))?;
        rows.map(|row| row?).collect()
    }

    /// Everybody of the office.
    pub fn accounts(&self) -> Result<Vec<AccountRow>, ServiceError> {
        self.accounts_where("ORDER BY rowid", params![])
    }

    /// An account.
    pub fn account(&self, id: &str) -> Result<Option<AccountRow>, ServiceError> {
        Ok(self.accounts_where("WHERE id = ?1", params![id])?.pop())
    }

    /// The account of a name, whatever its capitals.
    pub fn account_called(&self, name: &str) -> Result<Option<AccountRow>, ServiceError> {
        Ok(self.accounts_where("WHERE lower(name) = ?1", params![name.to_ascii_lowercase()])?.pop())
    }

    /// Sets a password, and ends every session of its account.
    pub fn set_password(&mut self, account: &str, password: &str) -> Result<(), ServiceError> {
        self.db.execute("UPDATE account SET password = ?2 WHERE id = ?1", [account, password])?;
        self.end_sessions_of(account)
    }

    /// An account may not log in any more, or again.
    pub fn set_disabled(&mut self, account: &str, since: Option<UnixMs>) -> Result<(), ServiceError> {
        let sql = "UPDATE account SET disabled = ?2 WHERE id = ?1";
        self.db.execute(sql, params![account, since.map(|at| at.0)])?;
        self.end_sessions_of(account)
    }

    /// Remembers a one-time link by its hash.
    pub fn add_invitation(&mut self, sha256: &[u8], row: &InvitationRow) -> Result<(), ServiceError> {
        let sql = "INSERT INTO invitation (sha256, account, role, expires) VALUES (?1, ?2, ?3, ?4)";
        self.db.execute(sql, params![sha256, row.account, word(&row.role)?, row.expires.0])?;
        Ok(())
    }

    /// A link that is still valid.
    pub fn invitation(&self, sha256: &[u8], now: UnixMs) -> Result<Option<InvitationRow>, ServiceError> {
        let sql = "SELECT account, role, expires FROM invitation WHERE sha256 = ?1 AND expires > ?2";
        let found = self.db.query_row(sql, params![sha256, now.0], |row| {
            Ok((row.get(0)?, row.get::<String>(1)?, row.get(2)?))
        });
        let Some((account, role, expires)) = found.optional()? else { return Ok(None) };
        Ok(Some(InvitationRow { account, role: of_word(role)?, expires: UnixMs(expires) }))
    }

    /// A link is used up.
    pub fn drop_invitation(&mut self, sha256: &[u8]) -> Result<(), ServiceError> {
        self.db.execute("DELETE FROM invitation WHERE sha256 = ?1", [sha256])?;
        Ok(())
    }

    /// No link but the next one is valid for this account, or for a first one.
    pub fn drop_invitations_of(&mut self, account: Option<&str>) -> Result<(), ServiceError> {
        self.db.execute("DELETE FROM invitation WHERE account IS NOT DISTINCT FROM ?1", [account])?;
        Ok(())
    }

    /// Somebody logged in.
    pub fn add_session(&mut self, sha256: &[u8], account: &str, now: UnixMs) -> Result<(), ServiceError> {
        let sql = "INSERT INTO session (sha256, account, created, seen) VALUES (?1, ?2, ?3, ?3)";
        self.db.execute(sql, params![sha256, account, now.0])?;
        Ok(())
    }

    /// A session, however old it is.
    pub fn session(&self, sha256: &[u8]) -> Result<Option<SessionRow>, ServiceError> {
        let mut query =
            self.db.prepare_cached("SELECT account, created, seen FROM session WHERE sha256 = ?1")?;
        let found = query
            .query_row([sha256], |row| Ok((row.get::<String>(0)?, UnixMs(row.get(1)?), UnixMs(row.get(2)?))));
        let Some((account, created, seen)) = found.optional()? else { return Ok(None) };
        Ok(self.account(&account)?.map(|account| SessionRow { account, created, seen }))
    }

    /// Something was asked for in a session.
    pub fn see_session(&mut self, sha256: &[u8], now: UnixMs) -> Result<(), ServiceError> {
        self.db.execute("UPDATE session SET seen = ?2 WHERE sha256 = ?1", params![sha256, now.0])?;
        Ok(())
    }

    /// Ends a session.
    pub fn end_session(&mut self, sha256: &[u8]) -> Result<(), ServiceError> {
        self.db.execute("DELETE FROM session WHERE sha256 = ?1", [sha256])?;
        Ok(())
    }

    fn end_sessions_of(&mut self, account: &str) -> Result<(), ServiceError> {
        self.db.execute("DELETE FROM session WHERE account = ?1", [account])?;
        Ok(())
    }

    /// Ends the sessions that began, or were last seen, before these instants; and drops links that are over.
    pub fn end_old_sessions(
        &mut self,
        created: UnixMs,
        seen: UnixMs,
        now: UnixMs,
    ) -> Result<(), ServiceError> {
        let sql = "DELETE FROM session WHERE created <= ?1 OR seen <= ?2";
        self.db.execute(sql, params![created.0, seen.0])?;
        self.db.execute("DELETE FROM invitation WHERE expires <= ?1", [now.0])?;
        Ok(())
    }

    /// Adds a key, known by its hash only.
    pub fn add_api_key(&mut self, row: &ApiKeyRow, sha256: &[u8]) -> Result<(), ServiceError> {
        let sql =
            "INSERT INTO api_key (id, name, reach, sender, sha256, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let given = params![row.id, row.name, word(&row.reach)?, row.sender, sha256, row.created.0];
        self.db.execute(sql, given)?;
        Ok(())
    }

    fn keys_where(&self, rest: &str, given: &[&dyn ToSql]) -> Result<Vec<ApiKeyRow>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{API_KEY} {rest}"))?;
        let rows = query.query_map(given, |row| Ok(api_key_row(row)))?;
        rows.map(|row| row?).collect()
    }

    /// Every key that was ever made.
    pub fn api_keys(&self) -> Result<Vec<ApiKeyRow>, ServiceError> {
        self.keys_where("ORDER BY rowid", params![])
    }

    /// The key with this hash, unless it was revoked.
    pub fn api_key(&self, sha256: &[u8]) -> Result<Option<ApiKeyRow>, ServiceError> {
        Ok(self.keys_where("WHERE sha256 = ?1 AND revoked IS NULL", params![sha256])?.pop())
    }

    /// Revokes a key; says whether there is one.
    pub fn revoke_api_key(&mut self, id: &str, now: UnixMs) -> Result<bool, ServiceError> {
        let sql = "UPDATE api_key SET revoked = coalesce(revoked, ?2) WHERE id = ?1";
        Ok(self.db.change(sql, params![id, now.0])? == 1)
    }

    /// Appends to the audit.
    pub fn add_audit(&mut self, row: &AuditRow) -> Result<(), ServiceError> {
        let sql = "INSERT INTO audit (at, who, what, about) VALUES (?1, ?2, ?3, ?4)";
        self.db.prepare_cached(sql)?.execute(params![row.at.0, row.who, row.what, row.about])?;
        Ok(())
    }

    /// What was done last, newest first.
    pub fn audit(&self, most: u32) -> Result<Vec<AuditRow>, ServiceError> {
        let mut query =
            self.db.prepare_cached("SELECT at, who, what, about FROM audit ORDER BY n DESC LIMIT ?1")?;
        let rows = query.query_map([most], |row| {
            Ok(AuditRow { at: UnixMs(row.get(0)?), who: row.get(1)?, what: row.get(2)?, about: row.get(3)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn account_row(row: &Row<'_>) -> Result<AccountRow, ServiceError> {
    Ok(AccountRow {
        id: row.get(0)?,
        name: row.get(1)?,
        role: of_word(row.get(2)?)?,
        password: row.get(3)?,
        created: UnixMs(row.get(4)?),
        disabled: row.get::<Option<i64>>(5)?.map(UnixMs),
    })
}

fn api_key_row(row: &Row<'_>) -> Result<ApiKeyRow, ServiceError> {
    Ok(ApiKeyRow {
        id: row.get(0)?,
        name: row.get(1)?,
        reach: of_word(row.get(2)?)?,
        sender: row.get(3)?,
        created: UnixMs(row.get(4)?),
        revoked: row.get::<Option<i64>>(5)?.map(UnixMs),
    })
}
