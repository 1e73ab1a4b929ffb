//! A fact as it comes to the backend. A payload that is accepted is written with the same meaning as it was read.
#![no_main]

mod jws;

use courier_domain::FactPayload;
use courier_protocol::header::TYP_FACT;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, &str)| {
    let (at, text) = input;
    let from_jws = jws::check(text, TYP_FACT, at.into());
    // The fuzzer does not write base64url: it also gives the payload as it is.
    let payload = from_jws.as_deref().unwrap_or(text.as_bytes());
    let Ok(fact) = serde_json::from_slice::<FactPayload>(payload) else { return };
    let written = serde_json::to_vec(&fact).unwrap();
    assert_eq!(serde_json::from_slice::<FactPayload>(&written).unwrap(), fact);
    jws::sign_and_change(&written, TYP_FACT, at.into());
});
