//! Verdicts by their number: what somebody follows who wants to know what happened.

use courier_domain::{FactBody, FactId, InstallId, UnixMs, Verdict};

use super::shipments::of_word;
use super::sql::{ToSql, params};
use super::{FactRow, Tx, id};
use crate::error::ServiceError;
use crate::facts::payload_of;

/// A verdict as it was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedVerdict {
    /// Its number; they rise, and none is taken twice.
    pub n: u64,
    /// The fact that it is about.
    pub fact: FactId,
    /// What was decided.
    pub verdict: Verdict,
    /// Why, a stable word.
    pub why: String,
    /// When.
    pub at: UnixMs,
}

impl Tx<'_> {
    /// The number of the newest verdict; 0 = there is none.
    pub fn last_verdict(&self) -> Result<u64, ServiceError> {
        let mut query = self.db.prepare_cached("SELECT coalesce(max(n), 0) FROM verdict")?;
        Ok(query.query_row(params![], |row| row.get(0))?)
    }

    /// Verdicts after this number, oldest first, at most so many.
    pub fn verdicts_after(&self, n: u64, most: usize) -> Result<Vec<NumberedVerdict>, ServiceError> {
        self.verdicts_where("WHERE n > ?1 ORDER BY n LIMIT ?2", params![n, most])
    }

    /// Every verdict on a fact, oldest first.
    pub fn verdicts(&self, fact: &FactId) -> Result<Vec<NumberedVerdict>, ServiceError> {
        self.verdicts_where("WHERE fact = ?1 ORDER BY n", params![fact.as_str()])
    }

    fn verdicts_where(&self, rest: &str, given: &[&dyn ToSql]) -> Result<Vec<NumberedVerdict>, ServiceError> {
        let sql = format!("SELECT n, fact, verdict, why, decided_at FROM verdict {rest}");
        let mut query = self.db.prepare_cached(&sql)?;
        let rows = query.query_map(given, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<String>(2)?, row.get(3)?, UnixMs(row.get(4)?)))
        })?;
        rows.map(|row| {
            let (n, fact, verdict, why, at) = row?;
            Ok(NumberedVerdict { n, fact: id(fact)?, verdict: of_word(verdict)?, why, at })
        })
        .collect()
    }

    /// The stored facts of an installation that take this one back.
    pub fn withdrawals_of(&self, fact: &FactId, install: &InstallId) -> Result<Vec<FactRow>, ServiceError> {
        let rest = "WHERE install = ?1 AND kind = 'withdrawn' AND status = 'stored' ORDER BY rowid";
        let mut rows = self.facts_where(rest, params![install.as_str()])?;
        rows.retain(|row| {
            matches!(payload_of(row).map(|it| it.body), Some(FactBody::Withdrawn { fact: taken }) if taken == *fact)
        });
        Ok(rows)
    }
}
