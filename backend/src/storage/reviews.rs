//! What a person should look at, and what they decided.

use courier_domain::{AttemptId, FactId, UnixMs};

use super::Tx;
use super::sql::{Row, ToSql, params};
use crate::error::ServiceError;

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRow {
    /// Why, a stable word.
    pub cause: String,
    /// The fact that caused it.
    pub fact: Option<String>,
    /// The attempt that it is about.
    pub attempt: Option<String>,
    /// Since when.
    pub opened: UnixMs,
    /// What the customer says about it.
    pub dispute: Option<String>,
}

/// One that was stored, and what was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReview {
    /// Its number.
    pub n: u64,
    /// What it is about.
    pub row: ReviewRow,
    /// When it was decided, and how, a stable word.
    pub decided: Option<(UnixMs, String)>,
}

const REVIEW: &str =
    "SELECT id, cause, fact, attempt, opened, dispute, decided_at, coalesce(decision, '') FROM review";

impl Tx<'_> {
    /// Asks a person to look at something.
    pub fn open_review(
        &mut self,
        cause: &str,
        fact: Option<&FactId>,
        attempt: Option<&AttemptId>,
        now: UnixMs,
    ) -> Result<(), ServiceError> {
        self.add_review(&ReviewRow {
            cause: cause.into(),
            fact: fact.map(|fact| fact.as_str().into()),
            attempt: attempt.map(|attempt| attempt.as_str().into()),
            opened: now,
            dispute: None,
        })
    }

    /// Stores a review.
    pub fn add_review(&mut self, row: &ReviewRow) -> Result<(), ServiceError> {
        let sql = "INSERT INTO review (cause, fact, attempt, opened, dispute) VALUES (?1, ?2, ?3, ?4, ?5)";
        let given = params![row.cause, row.fact, row.attempt, row.opened.0, row.dispute];
        self.db.prepare_cached(sql)?.execute(given)?;
        Ok(())
    }

    fn reviews_where(&self, rest: &str, given: &[&dyn ToSql]) -> Result<Vec<StoredReview>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{REVIEW} {rest}"))?;
        let rows = query.query_map(given, review_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What a person should look at and has not yet, oldest first.
    pub fn reviews(&self) -> Result<Vec<StoredReview>, ServiceError> {
        self.reviews_where("WHERE decided_at IS NULL ORDER BY id", params![])
    }

    /// How many of them there are.
    pub fn count_reviews(&self) -> Result<u32, ServiceError> {
        let sql = "SELECT count(*) FROM review WHERE decided_at IS NULL";
        Ok(self.db.prepare_cached(sql)?.query_row(params![], |row| row.get(0))?)
    }

    /// The review with this number.
    pub fn review(&self, n: u64) -> Result<Option<StoredReview>, ServiceError> {
        Ok(self.reviews_where("WHERE id = ?1", params![n])?.pop())
    }

    /// Every review about an attempt, oldest first.
    pub fn reviews_about(&self, attempt: &AttemptId) -> Result<Vec<StoredReview>, ServiceError> {
        self.reviews_where("WHERE attempt = ?1 ORDER BY id", params![attempt.as_str()])
    }

    /// A person decided; `note` is sealed.
    pub fn decide_review(
        &mut self,
        n: u64,
        (by, decision): (&str, &str),
        note: Option<&[u8]>,
        now: UnixMs,
    ) -> Result<(), ServiceError> {
        let sql = "UPDATE review SET decided_at = ?2, decided_by = ?3, decision = ?4, note = ?5
                   WHERE id = ?1 AND decided_at IS NULL";
        self.db.execute(sql, params![n, now.0, by, decision, note])?;
        Ok(())
    }

    /// What who decided wrote, sealed.
    pub fn review_note(&self, n: u64) -> Result<Option<Vec<u8>>, ServiceError> {
        let mut query = self.db.prepare_cached("SELECT note FROM review WHERE id = ?1")?;
        Ok(query.query_row([n], |row| row.get(0))?)
    }
}

fn review_row(row: &Row<'_>) -> super::sql::Result<StoredReview> {
    let at: Option<i64> = row.get(6)?;
    let decision: String = row.get(7)?;
    Ok(StoredReview {
        n: row.get(0)?,
        row: ReviewRow {
            cause: row.get(1)?,
            fact: row.get(2)?,
            attempt: row.get(3)?,
            opened: UnixMs(row.get(4)?),
            dispute: row.get(5)?,
        },
        decided: at.map(|at| (UnixMs(at), decision)),
    })
}
