//! Facts, their private parts and verdicts. Nothing here is ever changed or deleted.

use super::shipments::{of_word, word};
use super::sql::{OptionalExtension, Row, ToSql, params};
use super::{Tx, id};
use crate::error::ServiceError;
use courier_domain::{AttemptId, CodeId, CourierId, FactHash, FactId, InstallId, UnixMs, Verdict};

/// A fact as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactRow {
    /// Hash of `jws`.
    pub hash: FactHash,
    /// Who handed it in.
    pub install: InstallId,
    /// Incarnation and number, if it could be read.
    pub place: Option<(u32, u64)>,
    /// Identifier, if it could be read.
    pub id: Option<FactId>,
    /// Kind, if it could be read.
    pub kind: Option<String>,
    /// The attempt that it is about.
    pub attempt: Option<AttemptId>,
    /// Its bytes.
    pub jws: String,
    /// When it came.
    pub received_at: UnixMs,
    /// Stored, or parked for a person.
    pub parked: bool,
    /// Stable words.
    pub flags: Vec<String>,
}

/// Flag of a fact whose signature does not fit, or fits no key that is known.
pub const BAD_SIGNATURE: &str = "bad-signature";

impl FactRow {
    /// Whether it was signed by a key that was known when it came.
    pub fn is_signed(&self) -> bool {
        !self.flags.iter().any(|flag| flag == BAD_SIGNATURE)
    }
}

/// A verdict as it was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What was decided.
    pub verdict: Verdict,
    /// Why, a stable word.
    pub why: String,
    /// The code that the entry proved.
    pub code: Option<CodeId>,
}

const FACT: &str =
    "SELECT hash, install, inc, seq, id, kind, attempt, jws, received_at, status, flags FROM fact";

impl Tx<'_> {
    /// Stores a fact, with its sealed private part.
    pub fn add_fact(&mut self, row: &FactRow, private: Option<&[u8]>) -> Result<(), ServiceError> {
        let sql =
            "INSERT INTO fact (hash, install, inc, seq, id, kind, attempt, jws, received_at, status, flags)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let (inc, seq) = row.place.unzip();
        self.db.prepare_cached(sql)?.execute(params![
            row.hash.as_str(),
            row.install.as_str(),
            inc,
            seq,
            row.id.as_ref().map(FactId::as_str),
            row.kind,
            row.attempt.as_ref().map(AttemptId::as_str),
            row.jws,
            row.received_at.0,
            if row.parked { "parked" } else { "stored" },
            serde_json::to_string(&row.flags)?,
        ])?;
        if let Some(bytes) = private {
            let sql = "INSERT INTO fact_private (hash, bytes) VALUES (?1, ?2)";
            self.db.prepare_cached(sql)?.execute(params![row.hash.as_str(), bytes])?;
        }
        Ok(())
    }

    pub(super) fn facts_where(&self, rest: &str, given: &[&dyn ToSql]) -> Result<Vec<FactRow>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{FACT} {rest}"))?;
        let rows = query.query_map(given, |row| Ok(fact_row(row)))?;
        rows.map(|row| row?).collect()
    }

    /// The facts with these hashes that are there.
    pub fn facts_by_hash<'a>(
        &self,
        hashes: impl IntoIterator<Item = &'a FactHash>,
    ) -> Result<Vec<FactRow>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{FACT} WHERE hash = ?1"))?;
        let each = hashes.into_iter().map(|hash| [hash.as_str()]);
        query.query_each(each, |row| Ok(fact_row(row)))?.into_iter().collect()
    }

    /// Those of these identifiers that a stored fact has.
    pub fn stored_ids<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a FactId>,
    ) -> Result<Vec<FactId>, ServiceError> {
        let sql = "SELECT id FROM fact WHERE id = ?1 AND status = 'stored' LIMIT 1";
        let each = ids.into_iter().map(|id| [id.as_str()]);
        let found = self.db.prepare_cached(sql)?.query_each(each, |row| row.get::<String>(0))?;
        found.into_iter().map(id).collect()
    }

    /// The first stored fact with this identifier.
    pub fn fact_by_id(&self, id: &FactId) -> Result<Option<FactRow>, ServiceError> {
        let rest = "WHERE id = ?1 AND status = 'stored' ORDER BY rowid LIMIT 1";
        Ok(self.facts_where(rest, params![id.as_str()])?.pop())
    }

    /// What the first stored fact with this identifier is: its kind, and the attempt that it is about.
    pub fn subject_of(&self, id: &FactId) -> Result<Option<(String, Option<AttemptId>)>, ServiceError> {
        let sql = "SELECT kind, attempt FROM fact WHERE id = ?1 AND status = 'stored' ORDER BY rowid LIMIT 1";
        let mut query = self.db.prepare_cached(sql)?;
        let found = query.query_row([id.as_str()], |row| Ok((row.get(0)?, row.get::<Option<String>>(1)?)));
        let Some((kind, attempt)) = found.optional()? else { return Ok(None) };
        Ok(Some((kind, attempt.map(super::id).transpose()?)))
    }

    /// The facts at a place of a chain; more than one means that the chain forked.
    pub fn facts_at(&self, install: &InstallId, inc: u32, seq: u64) -> Result<Vec<FactRow>, ServiceError> {
        let rest = "WHERE install = ?1 AND inc = ?2 AND seq = ?3 ORDER BY rowid";
        self.facts_where(rest, params![install.as_str(), inc, seq])
    }

    /// The facts about an attempt, in the order in which they came.
    pub fn facts_about(&self, attempt: &AttemptId) -> Result<Vec<FactRow>, ServiceError> {
        self.facts_where("WHERE attempt = ?1 ORDER BY rowid", params![attempt.as_str()])
    }

    /// The `day_started` facts of an installation.
    pub fn day_starts(&self, install: &InstallId) -> Result<Vec<FactRow>, ServiceError> {
        let rest = "WHERE install = ?1 AND kind = 'day_started' AND status = 'stored' ORDER BY rowid DESC";
        self.facts_where(rest, params![install.as_str()])
    }

    /// The facts of an installation that nobody's key had signed when they came, in the order of their chains.
    pub fn unsigned_facts(&self, install: &InstallId) -> Result<Vec<FactRow>, ServiceError> {
        let rest = "WHERE install = ?1 AND status = 'stored'
                    AND flags LIKE ?2 ORDER BY inc, seq, rowid";
        self.facts_where(rest, params![install.as_str(), format!("%\"{BAD_SIGNATURE}\"%")])
    }

    /// The last number of a chain.
    pub fn last_seq(&self, install: &InstallId, inc: u32) -> Result<u64, ServiceError> {
        let sql = "SELECT coalesce(max(seq), 0) FROM fact WHERE install = ?1 AND inc = ?2";
        Ok(self.db.prepare_cached(sql)?.query_row(params![install.as_str(), inc], |row| row.get(0))?)
    }

    /// The newest incarnation of an installation; 0 = none yet.
    pub fn last_inc(&self, install: &InstallId) -> Result<u32, ServiceError> {
        let sql = "SELECT coalesce(max(inc), 0) FROM fact WHERE install = ?1";
        Ok(self.db.prepare_cached(sql)?.query_row([install.as_str()], |row| row.get(0))?)
    }

    /// The end of the newest chain: incarnation and number.
    pub fn last_place(&self, install: &InstallId) -> Result<Option<(u32, u64)>, ServiceError> {
        let sql = "SELECT inc, seq FROM fact WHERE install = ?1 AND inc IS NOT NULL ORDER BY inc DESC, seq DESC LIMIT 1";
        let place = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        Ok(self.db.prepare_cached(sql)?.query_row([install.as_str()], place).optional()?)
    }

    /// The sealed private part of a fact.
    pub fn private_of(&self, hash: &FactHash) -> Result<Option<Vec<u8>>, ServiceError> {
        let mut query = self.db.prepare_cached("SELECT bytes FROM fact_private WHERE hash = ?1")?;
        Ok(query.query_row([hash.as_str()], |row| row.get(0)).optional()?)
    }

    /// Appends a verdict.
    pub fn add_verdict(
        &mut self,
        fact: &FactId,
        verdict: Verdict,
        why: &str,
        code: Option<&CodeId>,
        now: UnixMs,
    ) -> Result<(), ServiceError> {
        let sql = "INSERT INTO verdict (fact, verdict, why, code, decided_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let given = params![fact.as_str(), word(&verdict)?, why, code.map(CodeId::as_str), now.0];
        self.db.prepare_cached(sql)?.execute(given)?;
        Ok(())
    }

    /// The last verdict on a fact.
    pub fn verdict(&self, fact: &FactId) -> Result<Option<Judged>, ServiceError> {
        let sql = "SELECT verdict, why, code FROM verdict WHERE fact = ?1 ORDER BY n DESC LIMIT 1";
        let row = self
            .db
            .prepare_cached(sql)?
            .query_row([fact.as_str()], |row| {
                Ok((row.get::<String>(0)?, row.get(1)?, row.get::<Option<String>>(2)?))
            })
            .optional()?;
        row.map(|(verdict, why, code)| {
            Ok(Judged { verdict: of_word(verdict)?, why, code: code.map(id).transpose()? })
        })
        .transpose()
    }

    /// At how many other attempts the phones of a courier handed in a decoy since then. What came before the courier
    /// was last reinstated does not count any more.
    pub fn other_decoys_of(
        &self,
        courier: &CourierId,
        attempt: &AttemptId,
        since: UnixMs,
    ) -> Result<u32, ServiceError> {
        let sql = "SELECT count(DISTINCT fact.attempt) FROM verdict
                   JOIN fact ON fact.id = verdict.fact AND fact.kind = 'code_tried'
                   JOIN installation ON installation.install = fact.install
                   JOIN courier ON courier.id = installation.courier
                   WHERE courier.id = ?1 AND verdict.why = 'wrong-code' AND verdict.decided_at >= ?2
                   AND verdict.decided_at > coalesce(courier.reinstated_at, ?2 - 1) AND fact.attempt <> ?3";
        let mut query = self.db.prepare_cached(sql)?;
        Ok(query.query_row(params![courier.as_str(), since.0, attempt.as_str()], |row| row.get(0))?)
    }

    /// How many facts of each kind there are; parked ones count as `parked`.
    pub fn fact_counts(&self) -> Result<Vec<(String, u64)>, ServiceError> {
        let sql = "SELECT CASE status WHEN 'parked' THEN 'parked' ELSE kind END AS k, count(*) FROM fact GROUP BY k ORDER BY k";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map(params![], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn fact_row(row: &Row<'_>) -> Result<FactRow, ServiceError> {
    let inc: Option<u32> = row.get(2)?;
    let seq: Option<u64> = row.get(3)?;
    Ok(FactRow {
        hash: id(row.get(0)?)?,
        install: id(row.get(1)?)?,
        place: inc.zip(seq),
        id: row.get::<Option<String>>(4)?.map(id).transpose()?,
        kind: row.get(5)?,
        attempt: row.get::<Option<String>>(6)?.map(id).transpose()?,
        jws: row.get(7)?,
        received_at: UnixMs(row.get(8)?),
        parked: row.get::<String>(9)? == "parked",
        flags: serde_json::from_str(&row.get::<String>(10)?)?,
    })
}
