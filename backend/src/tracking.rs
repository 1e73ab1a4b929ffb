//! What a customer sees of a shipment.

use chrono::NaiveDate;
use courier_domain::{Instruction, Reason, UnixMs};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::arrival::{Arrival, arrival};
use crate::error::ServiceError;
use crate::issue::{neighbour_of, open_code};
use crate::seal::Sealer;
use crate::storage::{AttemptRow, AttemptState, CodeRow, CodeStanding, ShipmentRow, Tx};

/// The tracking page as data.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Tracking {
    /// Who sent it.
    pub sender: String,
    /// The customer's order.
    pub order_ref: String,
    /// `de` or `en`.
    pub lang: String,
    /// Where it stands.
    pub state: State,
    /// The delivery day of the current attempt.
    #[schemars(with = "String", extend("format" = "date"))]
    pub day: NaiveDate,
    /// When the courier comes, once their day has begun and as long as they are heard of.
    pub arrival: Option<Arrival>,
    /// The time zone of the delivery. For the page only.
    #[serde(skip)]
    pub tz: String,
    /// The code, while it is live.
    pub code: Option<LiveCode>,
    /// The codes of neighbours, while they are live.
    pub neighbours: Vec<NeighbourCode>,
    /// What makes a form of this page the same when it is sent twice.
    #[serde(skip)]
    pub request_id: String,
    /// What the customer asked for.
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")]
    pub instructions: Vec<Instruction>,
    /// The revision to send with a change.
    pub rev: u64,
    /// Its attempts, first to last. For the page only.
    #[serde(skip)]
    pub history: Vec<Try>,
}

/// An attempt, as its customer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Try {
    /// The delivery day.
    pub day: NaiveDate,
    /// Where it stands.
    pub state: AttemptState,
    /// Why it failed.
    pub reason: Option<Reason>,
}

/// A code that can be entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LiveCode {
    /// The six digits.
    pub digits: String,
    /// What the QR holds.
    pub qr: String,
    /// Last instant at which it is valid.
    #[schemars(with = "i64")]
    pub until: UnixMs,
}

/// A neighbour's code that can be entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NeighbourCode {
    /// Whose it is.
    pub name: String,
    /// The code.
    #[serde(flatten)]
    pub code: LiveCode,
}

/// Where a shipment stands for its customer. *Delivered* only when that is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its day comes.
    Announced,
    /// It is on a route.
    OnTheWay,
    /// No code opens the door any more; a new try follows.
    Frozen,
    /// The courier says that it was handed over; that is being checked.
    HandedOver,
    /// It was handed over.
    Delivered,
    /// It could not be delivered, and goes elsewhere.
    NotDelivered,
    /// The office cancelled it.
    Cancelled,
}

impl State {
    /// A stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::OnTheWay => "on_the_way",
            Self::Frozen => "frozen",
            Self::HandedOver => "handed_over",
            Self::Delivered => "delivered",
            Self::NotDelivered => "not_delivered",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The shipment of a tracking token.
pub fn shipment_of_token(tx: &Tx<'_>, token: &str) -> Result<ShipmentRow, ServiceError> {
    tx.shipment_by_tracking(&Sha256::digest(token))?.ok_or_else(ServiceError::not_found)
}

/// The token of a shipment's page: for the customer, and the shop's own account page.
pub fn token_of(shipment: &ShipmentRow, seal: &Sealer<'_>) -> Result<String, ServiceError> {
    let bytes = seal.open("tracking", shipment.id.as_str(), &shipment.tracking_sealed)?;
    String::from_utf8(bytes).map_err(|_| ServiceError::fault("a tracking token is damaged"))
}

/// What a customer wrote when they objected, unless it was purged.
pub(crate) fn objection(
    tx: &Tx<'_>,
    dispute: &str,
    seal: &Sealer<'_>,
) -> Result<Option<String>, ServiceError> {
    let Some(sealed) = tx.dispute_text(dispute)? else { return Ok(None) };
    let plain = seal.open("dispute", dispute, &sealed)?;
    Ok(Some(String::from_utf8_lossy(&plain).into_owned()))
}

/// Whether no later fact made it needless.
fn is_needed(attempt: &AttemptRow) -> bool {
    attempt.state != AttemptState::Superseded
}

/// The last attempt. Those that a later fact made needless do not count.
pub fn current_attempt(tx: &Tx<'_>, shipment: &ShipmentRow) -> Result<Option<AttemptRow>, ServiceError> {
    let mut attempts = tx.attempts(&shipment.id)?.into_iter();
    Ok(attempts.rfind(is_needed))
}

/// Where a shipment stands.
pub fn state_of(tx: &Tx<'_>, shipment: &ShipmentRow) -> Result<State, ServiceError> {
    let Some(last) = current_attempt(tx, shipment)? else {
        return Ok(if shipment.cancelled.is_some() { State::Cancelled } else { State::Announced });
    };
    let codes = tx.codes_of(&last.id)?;
    let frozen =
        codes.iter().any(|code| code.state == CodeStanding::Frozen) && !codes.iter().any(CodeRow::is_live);
    Ok(match last.state {
        // What happened at the door stands, whatever the office wanted.
        AttemptState::Handed => State::HandedOver,
        AttemptState::Delivered => State::Delivered,
        _ if shipment.cancelled.is_some() => State::Cancelled,
        AttemptState::Open if frozen => State::Frozen,
        AttemptState::Planned | AttemptState::Superseded => State::Announced,
        AttemptState::Open => State::OnTheWay,
        AttemptState::Failed => State::NotDelivered,
    })
}

/// The page of a token.
pub fn tracking(tx: &Tx<'_>, token: &str, seal: &Sealer<'_>, now: UnixMs) -> Result<Tracking, ServiceError> {
    let shipment = shipment_of_token(tx, token)?;
    let state = state_of(tx, &shipment)?;
    let mut attempts = tx.attempts(&shipment.id)?;
    attempts.retain(is_needed);
    let last = attempts.last().ok_or_else(|| ServiceError::fault("an attempt is missing"))?;
    let (mut code, mut neighbours) = (None, Vec::new());
    let mut request_id = last.id.as_str().to_owned();
    for row in tx.codes_of(&last.id)? {
        // Codes change with what these forms do.
        row.verifier.code_id.as_str().clone_into(&mut request_id);
        if row.is_live() && now <= row.verifier.not_after && matches!(state, State::OnTheWay) {
            let (digits, token) = open_code(seal, &row)?;
            let live = LiveCode {
                digits: digits.digits().into(),
                qr: token.qr_text().to_string(),
                until: row.verifier.not_after,
            };
            match neighbour_of(&row.verifier.holder) {
                Some(name) => neighbours.push(NeighbourCode { name: name.into(), code: live }),
                None => code = Some(live),
            }
        }
    }
    let instructions = tx.instructions(&shipment.id)?;
    let arrival = if state == State::OnTheWay { arrival(tx, last, now)? } else { None };
    let history = attempts.iter().map(|it| Try { day: it.day, state: it.state, reason: it.reason }).collect();
    Ok(Tracking {
        sender: shipment.sender,
        order_ref: shipment.order_ref,
        lang: shipment.lang,
        state,
        day: last.day,
        arrival,
        tz: shipment.tz,
        code,
        neighbours,
        request_id,
        rev: tx.last_rev()?,
        instructions,
        history,
    })
}
