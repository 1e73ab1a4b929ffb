//! A token request and its assertion.
#![no_main]

mod jws;
mod request;

use courier_protocol::header::TYP_ASSERTION;
use courier_protocol::{Assertion, TokenRequest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, &str)| {
    let (at, text) = input;
    if let Some(asked) = request::read::<TokenRequest>(text)
        && let Some(payload) = jws::check(&asked.assertion, TYP_ASSERTION, at.into())
    {
        let _ = std::str::from_utf8(&payload).ok().and_then(request::read::<Assertion>);
    }
    // The fuzzer does not write base64url: it also gives the payload as it is.
    if let Some(assertion) = request::read::<Assertion>(text) {
        jws::sign_and_change(&serde_json::to_vec(&assertion).unwrap(), TYP_ASSERTION, at.into());
    }
});
