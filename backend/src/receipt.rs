//! The receipt of a handover: what the backend vouches for, signed, to be checked without it.

use std::collections::BTreeMap;

use courier_codes::{read_jws, sign_jws};
use courier_domain::{FactBody, FactId, FactPayload, ParcelId, UnixMs};
use courier_protocol::{HandoverPayload, header};

use crate::error::ServiceError;
use crate::keys::Keys;
use crate::storage::{AttemptRow, Tx};

/// The receipts of what was handed over at these attempts, one per fact. What was withdrawn or refuted has none.
pub(crate) fn handovers(
    tx: &Tx<'_>,
    reference: &str,
    attempts: &[AttemptRow],
    keys: &Keys,
    now: UnixMs,
) -> Result<Vec<String>, ServiceError> {
    let Some(first) = attempts.first() else { return Ok(Vec::new()) };
    let mut handed: BTreeMap<FactId, Vec<ParcelId>> = BTreeMap::new();
    for parcel in tx.parcels(&first.shipment)?.into_iter().filter(crate::storage::ParcelRow::is_handed) {
        if let Some(outcome) = parcel.outcome {
            handed.entry(outcome.fact).or_default().push(parcel.id);
        }
    }
    let receipts = handed.into_iter().map(|(fact, parcels)| {
        let payload = payload(tx, reference, fact, parcels, now)?;
        sign_jws(header::TYP_HANDOVER, &serde_json::to_vec(&payload)?, &keys.receipt)
            .map_err(|_| ServiceError::fault("signing a receipt"))
    });
    receipts.collect()
}

fn payload(
    tx: &Tx<'_>,
    reference: &str,
    fact: FactId,
    parcels: Vec<ParcelId>,
    now: UnixMs,
) -> Result<HandoverPayload, ServiceError> {
    let missing = || ServiceError::fault("a handover is not stored as it was judged");
    let row = tx.fact_by_id(&fact)?.ok_or_else(missing)?;
    let judged = tx.verdict(&fact)?.ok_or_else(missing)?;
    let said = read(&row.jws).ok_or_else(missing)?;
    let FactBody::HandedOver { attempt, receiver, code_try, .. } = said.body else { return Err(missing()) };
    let entry = match code_try {
        Some(entry) => tx.fact_by_id(&entry)?.and_then(|row| read(&row.jws)),
        None => None,
    };
    let strength = match entry.map(|entry| entry.body) {
        Some(FactBody::CodeTried { strength, .. }) => strength,
        _ => None,
    };
    Ok(HandoverPayload {
        v: 1,
        reference: reference.into(),
        attempt,
        fact,
        hash: row.hash,
        install: row.install,
        inc: said.inc,
        seq: said.seq,
        parcels,
        receiver,
        verdict: judged.verdict,
        why: judged.why,
        strength,
        delivered_at: said.at.best().ms(),
        issued_at: now,
    })
}

fn read(jws: &str) -> Option<FactPayload> {
    serde_json::from_slice(&read_jws(jws).ok()?.payload).ok()
}
