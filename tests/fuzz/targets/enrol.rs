//! An enrolment request, its proof and its key.
#![no_main]

mod jws;
mod request;

use courier_codes::key::check_jwk;
use courier_codes::{read_jws, thumbprint};
use courier_protocol::header::TYP_ENROL;
use courier_protocol::{EnrolProof, EnrolRequest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, &str)| {
    let (at, text) = input;
    let Some(asked) = request::read::<EnrolRequest>(text) else { return };
    jws::check(&asked.proof, TYP_ENROL, at.into());
    if let Ok(read) = read_jws(&asked.proof)
        && read.verify(&asked.device_jwk, TYP_ENROL).is_ok()
    {
        assert!(check_jwk(&asked.device_jwk).is_ok());
        assert_eq!(read.kid, thumbprint(&asked.device_jwk));
    }
    let proof = EnrolProof { code: asked.code, install: asked.install };
    jws::sign_and_change(&serde_json::to_vec(&proof).unwrap(), TYP_ENROL, at.into());
});
