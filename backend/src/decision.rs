//! What a person decides about a review. A verdict is appended to those before it; nothing that happened is changed.

use courier_domain::{AttemptId, FactId, UnixMs, Verdict};
use courier_protocol::ProblemKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::ServiceError;
use crate::facts::{Desk, payload_of};
use crate::outcomes;
use crate::received::private_part;
use crate::service::Service;
use crate::storage::{ReviewRow, Tx};
use crate::tracking;

/// Longest note, in characters.
const MAX_NOTE: usize = 1_000;

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Review {
    /// Its number.
    pub id: u64,
    /// Why, a stable word.
    pub cause: String,
    /// The fact that caused it.
    pub fact: Option<String>,
    /// The attempt that it is about.
    pub attempt: Option<String>,
    /// Since when.
    #[schemars(with = "i64")]
    pub opened: UnixMs,
    /// What the customer says.
    pub text: Option<String>,
    /// Whether a verdict can be given: a handover that counts is behind it. Else it can be marked as seen.
    pub can_be_ruled_on: bool,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decided {
    /// The handover counts.
    Confirmed,
    /// It does not: its parcels are open again.
    Refuted,
    /// It was looked at, and nothing follows.
    Seen,
}

impl Decided {
    /// A stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
            Self::Seen => "seen",
        }
    }
}

/// A decision as it comes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What.
    pub verdict: Decided,
    /// Why, for the office; at most 1,000 characters.
    #[serde(default)]
    pub note: Option<String>,
}

impl Service {
    /// What a person should look at, oldest first.
    pub fn reviews(&self) -> Result<Vec<Review>, ServiceError> {
        self.transact(|tx, seal, _| {
            let rows = tx.reviews()?.into_iter();
            rows.map(|stored| {
                let can_be_ruled_on = can_be_ruled_on(tx, &stored.row)?;
                let row = stored.row;
                let text = row.dispute.as_deref().map(|id| tracking::objection(tx, id, seal)).transpose()?;
                let (cause, fact, attempt, opened) = (row.cause, row.fact, row.attempt, row.opened);
                Ok(Review {
                    id: stored.n,
                    cause,
                    fact,
                    attempt,
                    opened,
                    text: text.flatten(),
                    can_be_ruled_on,
                })
            })
            .collect()
        })
    }
}

/// Decides a review, once. A verdict needs a handover that counts; anything else can be marked as seen.
pub(crate) fn decide(
    tx: &mut Tx<'_>,
    n: u64,
    decision: &Decision,
    by: &str,
    desk: &mut Desk<'_, '_>,
) -> Result<(), ServiceError> {
    let note = decision.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    if note.is_some_and(|note| note.chars().count() > MAX_NOTE) {
        let what = format!("note: at most {MAX_NOTE} characters");
        return Err(ServiceError::refused(ProblemKind::BadRequest, what));
    }
    let review = tx.review(n)?.ok_or_else(ServiceError::not_found)?;
    if review.decided.is_some() {
        return Err(ServiceError::refused(ProblemKind::Conflict, "it was decided already"));
    }
    let counts = match decision.verdict {
        Decided::Seen => true,
        Decided::Confirmed => overrule(tx, &review.row, Verdict::Confirmed, desk)?,
        Decided::Refuted => overrule(tx, &review.row, Verdict::Refuted, desk)?,
    };
    if !counts {
        let what = "verdict: no handover that counts is behind it, so it can only be marked as seen";
        return Err(ServiceError::refused(ProblemKind::Conflict, what));
    }
    let note = note.map(|note| desk.seal.seal("review", &n.to_string(), note.as_bytes())).transpose()?;
    tx.decide_review(n, (by, decision.verdict.word()), note.as_deref(), desk.now)
}

/// Whether a verdict can be given: a handover is behind it, and it counts.
fn can_be_ruled_on(tx: &Tx<'_>, review: &ReviewRow) -> Result<bool, ServiceError> {
    let Some((id, attempt)) = review.fact.as_ref().zip(review.attempt.as_ref()) else { return Ok(false) };
    let (Ok(id), Ok(attempt)) = (FactId::new(id.as_str()), AttemptId::new(attempt.as_str())) else {
        return Ok(false);
    };
    let Some(attempt) = tx.attempt(&attempt)? else { return Ok(false) };
    Ok(!outcomes::handed_by(tx, &attempt, &id)?.is_empty())
}

fn overrule(
    tx: &mut Tx<'_>,
    review: &ReviewRow,
    verdict: Verdict,
    desk: &mut Desk<'_, '_>,
) -> Result<bool, ServiceError> {
    let Some(Ok(id)) = review.fact.as_deref().map(FactId::new) else { return Ok(false) };
    let Some(row) = tx.fact_by_id(&id)? else { return Ok(false) };
    let Some(from) = tx.installation(&row.install)? else { return Ok(false) };
    let Some(payload) = payload_of(&row) else { return Ok(false) };
    let private = private_part(tx, &row.hash, desk.seal)?;
    outcomes::overrule(tx, &mut desk.bench(&from, &payload, private), verdict)
}
