//! Shipments of a scenario: what a shop would import, with everything that does not matter filled in.

use serde_json::{Value, json};

/// A whole shipment for the import. `short` names its `ref`, which is also the recipient's name, the `value` of its one
/// item in cents, and whatever else is not as usual, word for word.
pub fn shipment(short: &Value) -> Value {
    let reference = short["ref"].as_str().unwrap_or_default();
    let mut whole = json!({
        "ref": reference,
        "order_ref": format!("order {reference}"),
        "sender": SENDER,
        "customer": {"email": format!("{}@customers.example", reference.to_lowercase()), "lang": "de"},
        "recipient": {"name": reference},
        "address": {"street": "Breite Straße", "house": reference, "postcode": "10178", "city": "Berlin", "country": "DE"},
        "pin": {"lat": 52.515, "lon": 13.403},
        "items": [{"value": short["value"], "currency": "EUR"}],
        "parcels": [{"barcode": format!("LABEL-{}", reference.to_uppercase())}],
        "instructions": [],
    });
    for (name, value) in short.as_object().into_iter().flatten().filter(|(name, _)| *name != "value") {
        whole[name] = value.clone();
    }
    whole
}

/// Who sends everything.
pub(crate) const SENDER: &str = "Feinwerk";
