//! Somebody who has every secret of a phone: they enrol like a phone and keep the verifiers, which a phone seals.

use courier_codes::{Entry, Sign, SigningKey, check, sign_jws};
use courier_domain::{CodeEntry, InstallId, UnixMs, Verifier};
use courier_protocol::{
    Assertion, Change, Changes, EnrolProof, EnrolRequest, KeyLevel, Object, TokenAnswer, TokenRequest, header,
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde::Serialize;
use serde_json::json;

use crate::backend::Backend;
use crate::http::ask;
use crate::office::json_of;
use crate::{Result, failed};

/// The verifiers of the courier's route.
pub(crate) fn verifiers(backend: &Backend, enrolment_code: &str, now_ms: i64) -> Result<Vec<Verifier>> {
    let key = SigningKey::generate(&mut ChaCha20Rng::seed_from_u64(666));
    let install = InstallId::new("thief").map_err(failed)?;
    let proof = EnrolProof { code: enrolment_code.into(), install: install.clone() };
    let request = EnrolRequest {
        code: enrolment_code.into(),
        install: install.clone(),
        device_jwk: key.jwk(),
        key: KeyLevel::Software,
        platform: "thief".into(),
        app: "thief".into(),
        proof: signed(header::TYP_ENROL, &proof, &key)?,
    };
    json_of(&backend.post("/v1/enrol", &json!(request))?)?;
    let assertion =
        Assertion { iss: install, aud: backend.url.clone(), iat: UnixMs(now_ms), jti: "thief".into() };
    let request = TokenRequest { assertion: signed(header::TYP_ASSERTION, &assertion, &key)? };
    let answer = json_of(&backend.post("/v1/token", &json!(request))?)?;
    let token: TokenAnswer = serde_json::from_value(answer).map_err(failed)?;
    let auth = format!("authorization: Bearer {}", token.access_token);
    let answer = json_of(&ask(&backend.url, "GET", "/v1/route/changes", &[&auth], b"").map_err(failed)?)?;
    let changes: Changes = serde_json::from_value(answer).map_err(failed)?;
    let mut found = Vec::new();
    for op in &changes.ops {
        if let Change::Put(object) = op.read().map_err(failed)?
            && let Object::Verifier(verifier) = *object
        {
            found.push(verifier);
        }
    }
    Ok(found)
}

fn signed(typ: &str, payload: &impl Serialize, key: &SigningKey) -> Result<String> {
    sign_jws(typ, &serde_json::to_vec(payload).map_err(failed)?, key).map_err(failed)
}

/// Digits other than the right ones that fit the tag. One in 1,024 does.
pub(crate) fn decoy(verifier: &Verifier, right: &str) -> Result<String> {
    for number in 0..1_000_000 {
        let text = format!("{number:06}");
        if text == right {
            continue;
        }
        let entry = Entry::parse(&CodeEntry::Digits(text.clone())).map_err(failed)?;
        if check(&entry, std::slice::from_ref(verifier)).map_err(failed)?.is_some() {
            return Ok(text);
        }
    }
    Err(failed("no decoy fits"))
}
