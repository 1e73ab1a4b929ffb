//! What every target of a JWS wants of it.

use std::sync::LazyLock;

use courier_codes::{Sign, SigningKey, fact_hash, read_jws, sign_jws};
use courier_domain::Jwk;

pub static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_bytes(&[7; 32]).unwrap());
static JWK: LazyLock<Jwk> = LazyLock::new(|| KEY.jwk());

/// Reads `text` as a JWS of `typ`. What is read was not signed by our key, since nobody can; but the same payload, signed
/// by it, verifies, and with another character anywhere does not. Answers the payload, if `text` was a JWS.
pub fn check(text: &str, typ: &str, at: usize) -> Option<Vec<u8>> {
    let read = read_jws(text).ok()?;
    assert_eq!(text.bytes().filter(|byte| *byte == b'.').count(), 2);
    assert!(read.verify(&JWK, typ).is_err(), "a signature of a key that nobody has");
    sign_and_change(&read.payload, typ, at);
    Some(read.payload)
}

/// The same for a payload that came without a signature.
pub fn sign_and_change(payload: &[u8], typ: &str, at: usize) {
    let jws = sign_jws(typ, payload, &*KEY).unwrap();
    if jws.len() > courier_codes::jws::MAX_LEN {
        return;
    }
    assert_eq!(
        read_jws(&jws).and_then(|read| read.verify(&JWK, typ).map(<[u8]>::to_vec)).as_deref(),
        Ok(payload)
    );
    let mut changed = jws.clone().into_bytes();
    let at = at % changed.len();
    changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    assert!(read_jws(&changed).and_then(|read| read.verify(&JWK, typ).map(<[u8]>::to_vec)).is_err());
    assert_ne!(fact_hash(&changed), fact_hash(&jws));
}
