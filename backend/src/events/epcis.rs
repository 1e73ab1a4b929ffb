//! The feed as GS1 EPCIS 2.0 in JSON-LD: an object event for each of ours.
//!
//! What is taken back is the event that told it once more, with an error declaration, as the standard asks for.
//! What EPCIS has no words for stands in fields of our own, `courier:`.

use chrono::SecondsFormat;
use courier_domain::UnixMs;
use courier_domain::barcode::{Barcode, Form};
use serde_json::{Map, Value, json};

use super::{Effect, Event, EventParcel, Written, instant};
use crate::error::ServiceError;
use crate::publish::time_zone;

const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
/// What `courier:` stands for.
const OWN: &str = "urn:courier:epcis:";

/// Writes a document.
pub(super) fn write(events: &[&Event], now: UnixMs) -> Result<Written, ServiceError> {
    let list = events.iter().map(|event| object_event(event)).collect::<Result<Vec<_>, _>>()?;
    let document = json!({
        "@context": [CONTEXT, {"courier": OWN}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": time(now),
        "epcisBody": {"eventList": list},
    });
    let lossy = events.iter().any(|event| event.codes.epcis.lossy);
    Ok(Written { text: document.to_string(), lossy })
}

fn object_event(event: &Event) -> Result<Value, ServiceError> {
    let codes = event.codes.epcis;
    let tz = time_zone(&event.tz)?;
    let local = instant(event.happened_ms).unwrap_or_default().with_timezone(&tz);
    let told = event.takes_back.as_ref().unwrap_or(&event.id);
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("type", json!("ObjectEvent"));
    put("eventID", json!(format!("urn:courier:event:{told}")));
    put("eventTime", json!(time(event.happened_ms)));
    put("eventTimeZoneOffset", json!(local.format("%:z").to_string()));
    put("recordTime", json!(time(event.judged_ms)));
    put("action", json!("OBSERVE"));
    put("epcList", event.parcels.iter().map(epc).collect());
    put("bizStep", json!(codes.biz_step));
    if let Some(disposition) = codes.disposition {
        put("disposition", json!(disposition));
    }
    if event.effect == Effect::TakenBack {
        put("errorDeclaration", json!({"declarationTime": time(event.judged_ms), "reason": "did_not_occur"}));
    }
    put("courier:outcome", json!(event.outcome.word()));
    put("courier:lossy", json!(codes.lossy));
    put("courier:sender", json!(event.sender));
    put("courier:reference", json!(event.reference));
    put("courier:orderReference", json!(event.order_ref));
    put("courier:shipment", json!(event.shipment));
    put("courier:barcodes", event.parcels.iter().map(|parcel| json!(parcel.barcode)).collect());
    Ok(Value::Object(fields))
}

/// A parcel as a URI: a GS1 Digital Link, if it has an SSCC.
fn epc(parcel: &EventParcel) -> Value {
    let read = Barcode::read(&parcel.barcode);
    let sscc = read.keys.iter().find(|key| key.len() == 18 && key.bytes().all(|b| b.is_ascii_digit()));
    match sscc {
        Some(sscc) if read.forms.contains(&Form::Sscc) => json!(format!("https://id.gs1.org/00/{sscc}")),
        _ => json!(format!("urn:courier:parcel:{}", parcel.id)),
    }
}

fn time(ms: UnixMs) -> String {
    instant(ms).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}
