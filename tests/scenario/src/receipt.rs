//! What a stranger can check: the signed facts about a shipment, and what the backend vouches for.

use std::collections::BTreeMap;

use courier_codes::{fact_hash, read_jws, thumbprint};
use courier_domain::{FactBody, FactPayload, Jwk};
use courier_protocol::{HandoverPayload, header};

use crate::backend::Backend;
use crate::office::json_of;
use crate::shipment::SENDER;
use crate::{Failure, Result, failed};

/// From the device's key to the day's key to every fact, and from the backend's published key to what it says of them.
pub(crate) fn verify(backend: &Backend, name: &str) -> Result<()> {
    let path = format!("/v1/shipments/{name}/receipt?sender={SENDER}");
    let receipt = json_of(&backend.get(&path, "application/json")?)?;
    let wrong = |what: &str| Failure(format!("the receipt of {name}: {what}"));
    let texts = |field: &str| -> Vec<String> {
        let list = receipt[field].as_array().into_iter().flatten();
        list.filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let devices: Vec<Jwk> = serde_json::from_value(receipt["device_keys"].clone()).map_err(failed)?;
    let mut days = BTreeMap::new();
    for jws in texts("days") {
        let read = read_jws(&jws).map_err(failed)?;
        let device = devices.iter().find(|key| thumbprint(key) == read.kid);
        let device = device.ok_or_else(|| wrong("a day of an unknown device"))?;
        let payload = read.verify(device, header::TYP_FACT).map_err(|_| wrong("a day that is not signed"))?;
        let fact: FactPayload = serde_json::from_slice(payload).map_err(failed)?;
        if let FactBody::DayStarted { day_jwk } = fact.body {
            days.insert(thumbprint(&day_jwk), day_jwk);
        }
    }
    let mut known = Vec::new();
    for jws in texts("facts") {
        let read = read_jws(&jws).map_err(failed)?;
        let day = days.get(&read.kid).ok_or_else(|| wrong("a fact of an unknown day"))?;
        read.verify(day, header::TYP_FACT).map_err(|_| wrong("a fact that is not signed"))?;
        known.push(fact_hash(&jws));
    }
    let keys = json_of(&backend.get("/.well-known/jwks.json", "application/json")?)?;
    let ours: Vec<Jwk> = keys["keys"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|key| serde_json::from_value::<Jwk>(key.clone()).map_err(failed))
        .collect::<Result<_>>()?;
    let receipts = texts("receipts");
    for jws in &receipts {
        let read = read_jws(jws).map_err(failed)?;
        let key =
            ours.iter().find(|key| thumbprint(key) == read.kid).ok_or_else(|| wrong("an unknown key"))?;
        let payload = read.verify(key, header::TYP_HANDOVER).map_err(|_| wrong("it is not signed"))?;
        let handover: HandoverPayload = serde_json::from_slice(payload).map_err(failed)?;
        if !known.contains(&handover.hash) {
            return Err(wrong("it speaks of another fact"));
        }
    }
    if known.is_empty() || receipts.is_empty() { Err(wrong("there is nothing to verify")) } else { Ok(()) }
}
