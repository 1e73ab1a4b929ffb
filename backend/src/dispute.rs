//! What customers object to, on their tracking page.

use courier_protocol::ProblemKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entropy::random_id;
use crate::error::ServiceError;
use crate::issue::{Mint, check_request, codes_to_change, freeze_and_reissue};
use crate::storage::{AttemptRow, AttemptState, DisputeRow, ReviewRow, ShipmentRow, Tx};
use crate::tracking::current_attempt;

/// Objections about one shipment, at most.
const MAX_DISPUTES: u32 = 10;
/// Longest text of an objection, in characters.
const MAX_TEXT: usize = 1_000;

/// What a customer objects to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisputeKind {
    /// Somebody was told the code by phone or intercom.
    ToldByPhone,
    /// It is said to be handed over, and was not received.
    NotReceived,
    /// Somebody else received it.
    NotMe,
}

impl DisputeKind {
    /// Cause of the review, a stable word.
    fn cause(self) -> &'static str {
        match self {
            Self::ToldByPhone => "dispute-told-by-phone",
            Self::NotReceived => "dispute-not-received",
            Self::NotMe => "dispute-not-me",
        }
    }
}

/// An objection as it comes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dispute {
    /// To what.
    pub kind: DisputeKind,
    /// In the customer's words.
    pub text: Option<String>,
    /// Sent again with the same one it does nothing; absent = it is another one.
    pub request_id: Option<String>,
}

/// Takes an objection. A person looks at it in any case. Before the handover the codes are frozen and new ones issued;
/// after it nothing changes: what happened at the door stands, and so does its verdict.
pub(crate) fn dispute(
    tx: &mut Tx<'_>,
    shipment: &ShipmentRow,
    dispute: Dispute,
    mint: &mut Mint<'_, '_>,
) -> Result<(), ServiceError> {
    let text = dispute.text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > MAX_TEXT) {
        let what = format!("text: at most {MAX_TEXT} characters");
        return Err(ServiceError::refused(ProblemKind::BadRequest, what));
    }
    let request = dispute.request_id.unwrap_or_else(|| random_id(mint.seal.rng));
    check_request(&request)?;
    let kind = dispute.kind.cause();
    let request = format!("{kind}/{request}");
    let (known, count) = tx.disputes(&shipment.id, &request)?;
    if known {
        return Ok(());
    }
    if count >= MAX_DISPUTES {
        return Err(ServiceError::refused(ProblemKind::Conflict, "we know, and are looking at it"));
    }
    let id = random_id(mint.seal.rng);
    let text = text.map(|text| mint.seal.seal("dispute", &id, text.as_bytes())).transpose()?;
    tx.add_dispute(&DisputeRow {
        id: id.clone(),
        shipment: shipment.id.clone(),
        request: request.clone(),
        kind,
        text,
        at: mint.now,
    })?;
    let attempt = current_attempt(tx, shipment)?;
    tx.add_review(&ReviewRow {
        cause: kind.into(),
        fact: handover_of(tx, shipment)?,
        attempt: attempt.as_ref().map(|attempt| attempt.id.as_str().into()),
        opened: mint.now,
        dispute: Some(id),
    })?;
    match attempt {
        Some(attempt) if has_codes(tx, &attempt, shipment, mint)? => {
            freeze_and_reissue(tx, attempt, shipment, &request, mint)
        }
        _ => Ok(()),
    }
}

fn has_codes(
    tx: &Tx<'_>,
    attempt: &AttemptRow,
    shipment: &ShipmentRow,
    mint: &Mint<'_, '_>,
) -> Result<bool, ServiceError> {
    if attempt.state != AttemptState::Open {
        return Ok(false);
    }
    match codes_to_change(tx, attempt, shipment, mint.now) {
        Ok(_) => Ok(true),
        Err(ServiceError::Refused(..)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// The fact that handed the shipment over last, or a part of it.
fn handover_of(tx: &Tx<'_>, shipment: &ShipmentRow) -> Result<Option<String>, ServiceError> {
    let parcels = tx.parcels(&shipment.id)?.into_iter().rev();
    let outcome = parcels.filter(crate::storage::ParcelRow::is_handed).find_map(|parcel| parcel.outcome);
    Ok(outcome.map(|outcome| outcome.fact.as_str().to_owned()))
}
