//! The feed as events of the UPU (EMSEVT V3), in JSON: one for each parcel. The UPU's own messages go between posts, in a network
//! of theirs; these have the same codes, for systems that know them.

use courier_domain::UnixMs;
use courier_domain::barcode::{Barcode, Form};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Event, Written};
use crate::error::ServiceError;

/// What happened to parcels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UpuEvents {
    /// Oldest first.
    pub events: Vec<UpuEvent>,
}

/// What happened to a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UpuEvent {
    /// The event that it is of; each parcel of it has one.
    pub id: String,
    /// The event that it takes back; absent = it tells something.
    pub takes_back: Option<String>,
    /// EMSEVT V3: `EMI` final delivery, `EMH` unsuccessful delivery, `EDH` arrival at a collection point.
    pub event: &'static str,
    /// The parcel's barcode.
    pub item: String,
    /// It is an identifier of UPU S10.
    pub is_s10: bool,
    /// When it happened.
    #[schemars(with = "i64")]
    pub happened_ms: UnixMs,
    /// The sender's own reference.
    pub reference: String,
    /// Our own word for it.
    pub outcome: &'static str,
    /// The event alone does not say it.
    pub lossy: bool,
}

/// Writes them.
pub(super) fn write(events: &[&Event]) -> Result<Written, ServiceError> {
    let all = events.iter().flat_map(|event| {
        event.parcels.iter().map(|parcel| UpuEvent {
            id: event.id.clone(),
            takes_back: event.takes_back.clone(),
            event: event.codes.upu.event,
            item: parcel.barcode.clone(),
            is_s10: Barcode::read(&parcel.barcode).forms.contains(&Form::S10),
            happened_ms: event.happened_ms,
            reference: event.reference.clone(),
            outcome: event.outcome.word(),
            lossy: event.codes.upu.lossy,
        })
    });
    let lossy = events.iter().any(|event| event.codes.upu.lossy);
    Ok(Written { text: serde_json::to_string(&UpuEvents { events: all.collect() })?, lossy })
}
