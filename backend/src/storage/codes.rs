//! Codes: digits and token sealed, the verifier as phones get it.

use courier_domain::{AttemptId, CodeId, UnixMs, Verifier};
use serde::{Deserialize, Serialize};

use super::Tx;
use super::shipments::{of_word, word};
use super::sql::{OptionalExtension, Row, params};
use crate::error::ServiceError;

/// A code.
#[derive(Debug, Clone)]
pub struct CodeRow {
    /// Digits and token, sealed.
    pub sealed: Vec<u8>,
    /// What phones get.
    pub verifier: Verifier,
    /// Where it stands.
    pub state: CodeStanding,
}

/// Where a code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeStanding {
    /// It can be entered.
    Live,
    /// It was entered rightly.
    Proven,
    /// The parcel was handed over against it.
    Used,
    /// A wrong entry fitted its tag, or its customer says that somebody else knows it.
    Frozen,
    /// Another took its place.
    Superseded,
    /// Its attempt ended without it. It lives again when that end is withdrawn.
    Lapsed,
}

impl CodeRow {
    /// Whether it opens a door: it may be entered, or was already.
    pub fn is_live(&self) -> bool {
        matches!(self.state, CodeStanding::Live | CodeStanding::Proven)
    }
}

const CODE: &str = "SELECT sealed, verifier, state FROM code";

impl Tx<'_> {
    /// Stores an issued code.
    pub fn add_code(&mut self, row: &CodeRow) -> Result<(), ServiceError> {
        let sql = "INSERT INTO code (id, attempt, sealed, verifier, state) VALUES (?1, ?2, ?3, ?4, ?5)";
        let verifier = serde_json::to_string(&row.verifier)?;
        let (id, attempt) = (row.verifier.code_id.as_str(), row.verifier.attempt.as_str());
        self.db.prepare_cached(sql)?.execute(params![
            id,
            attempt,
            row.sealed,
            verifier,
            word(&row.state)?
        ])?;
        Ok(())
    }

    /// A code.
    pub fn code(&self, id: &CodeId) -> Result<Option<CodeRow>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{CODE} WHERE id = ?1"))?;
        query.query_row([id.as_str()], |row| Ok(code_row(row))).optional()?.transpose()
    }

    /// The codes of an attempt, oldest first.
    pub fn codes_of(&self, attempt: &AttemptId) -> Result<Vec<CodeRow>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{CODE} WHERE attempt = ?1 ORDER BY rowid"))?;
        let rows = query.query_map([attempt.as_str()], |row| Ok(code_row(row)))?;
        rows.map(|row| row?).collect()
    }

    /// A code now stands so.
    pub fn set_code_state(&mut self, id: &CodeId, state: CodeStanding) -> Result<(), ServiceError> {
        let sql = "UPDATE code SET state = ?2 WHERE id = ?1";
        self.db.prepare_cached(sql)?.execute([id.as_str(), &word(&state)?])?;
        Ok(())
    }

    /// Remembers that an attempt got new codes, for a request that is answered once.
    pub fn add_reissue(
        &mut self,
        attempt: &AttemptId,
        request: &str,
        asked_by: &str,
        now: UnixMs,
    ) -> Result<(), ServiceError> {
        let sql = "INSERT INTO reissue (attempt, request, asked_by, at) VALUES (?1, ?2, ?3, ?4)";
        self.db.prepare_cached(sql)?.execute(params![attempt.as_str(), request, asked_by, now.0])?;
        Ok(())
    }

    /// Whether a request for new codes was answered already.
    pub fn has_reissue(&self, attempt: &AttemptId, request: &str) -> Result<bool, ServiceError> {
        let sql = "SELECT count(*) FROM reissue WHERE attempt = ?1 AND request = ?2";
        let mut query = self.db.prepare_cached(sql)?;
        Ok(query.query_row([attempt.as_str(), request], |row| row.get::<u32>(0))? > 0)
    }

    /// How often an attempt got new codes since then.
    pub fn reissues_since(&self, attempt: &AttemptId, since: UnixMs) -> Result<u32, ServiceError> {
        let sql = "SELECT count(*) FROM reissue WHERE attempt = ?1 AND at >= ?2";
        let mut query = self.db.prepare_cached(sql)?;
        Ok(query.query_row(params![attempt.as_str(), since.0], |row| row.get(0))?)
    }
}

fn code_row(row: &Row<'_>) -> Result<CodeRow, ServiceError> {
    Ok(CodeRow {
        sealed: row.get(0)?,
        verifier: serde_json::from_str(&row.get::<String>(1)?)?,
        state: of_word(row.get(2)?)?,
    })
}
