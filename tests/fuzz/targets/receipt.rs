//! A receipt, and the answer to a batch that brings it, as a phone reads them.
#![no_main]

mod jws;

use courier_protocol::header::TYP_RECEIPT;
use courier_protocol::{FactsAnswer, ReceiptPayload};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, &str)| {
    let (at, text) = input;
    if let Ok(answer) = serde_json::from_str::<FactsAnswer>(text) {
        let written = serde_json::to_string(&answer).unwrap();
        assert_eq!(serde_json::from_str::<FactsAnswer>(&written).unwrap(), answer);
        if let Some(receipt) = &answer.receipt {
            jws::check(receipt, TYP_RECEIPT, at.into());
        }
    }
    let from_jws = jws::check(text, TYP_RECEIPT, at.into());
    let payload = from_jws.as_deref().unwrap_or(text.as_bytes());
    let Ok(receipt) = serde_json::from_slice::<ReceiptPayload>(payload) else { return };
    let written = serde_json::to_vec(&receipt).unwrap();
    assert_eq!(serde_json::from_slice::<ReceiptPayload>(&written).unwrap(), receipt);
    jws::sign_and_change(&written, TYP_RECEIPT, at.into());
});
