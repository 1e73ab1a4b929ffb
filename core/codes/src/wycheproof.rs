//! Project Wycheproof's vectors (`tests/vectors/wycheproof/`), with the crates and features of this crate, and through
//! its own calls where they take any input.

use std::io::Read;
use std::path::PathBuf;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use p256::ecdsa::Signature;
use serde::Deserialize;
use sha2::Sha256;

use crate::jws::Unverified;
use crate::{jwk_from_sec1, signature_from_raw_or_der, thumbprint};

/// A file of Wycheproof; `G` is what a group has beside its tests, `T` what a test has beside its result.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Suite<G, T> {
    number_of_tests: usize,
    test_groups: Vec<Group<G, T>>,
}

#[derive(Deserialize)]
struct Group<G, T> {
    #[serde(flatten)]
    of: G,
    tests: Vec<Case<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case<T> {
    tc_id: u32,
    comment: String,
    result: Expected,
    #[serde(flatten)]
    input: T,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Expected {
    Valid,
    /// Right, but a library may refuse it.
    Acceptable,
    Invalid,
}

#[derive(Deserialize)]
struct Nothing {}

/// Bytes as hexadecimal text.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Hex(Vec<u8>);

impl TryFrom<String> for Hex {
    type Error = std::num::ParseIntError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(text.get(at..at + 2).unwrap_or("odd"), 16))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// Runs every test of a file: `run` tells whether the input was accepted. What is merely acceptable may be refused.
fn all<G, T>(name: &str, run: impl Fn(&G, &T) -> bool)
where
    G: serde::de::DeserializeOwned,
    T: serde::de::DeserializeOwned,
{
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/vectors/wycheproof")
        .join(format!("{name}.json.gz"));
    let mut json = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(&path).unwrap()).read_to_string(&mut json).unwrap();
    let suite: Suite<G, T> = serde_json::from_str(&json).unwrap();
    let (mut ran, mut wrong) = (0, Vec::new());
    for group in &suite.test_groups {
        for case in &group.tests {
            ran += 1;
            let accepted = run(&group.of, &case.input);
            let right = match case.result {
                Expected::Valid => accepted,
                Expected::Acceptable => true,
                Expected::Invalid => !accepted,
            };
            if !right {
                wrong.push(format!("{} {}: accepted = {accepted}", case.tc_id, case.comment));
            }
        }
    }
    assert!(wrong.is_empty(), "{name}: {} of {ran} wrong: {wrong:#?}", wrong.len());
    assert_eq!(ran, suite.number_of_tests);
    println!("{name}: {ran} tests");
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EcGroup {
    public_key: EcPublicKey,
}

#[derive(Deserialize)]
struct EcPublicKey {
    uncompressed: Hex,
}

#[derive(Deserialize)]
struct SignatureCase {
    msg: Hex,
    sig: Hex,
}

/// Verifies as a JWS is verified.
fn verifies(key: &EcGroup, message: &[u8], signature: Signature) -> bool {
    let Ok(jwk) = jwk_from_sec1(&key.public_key.uncompressed.0) else { return false };
    let jws = Unverified {
        kid: thumbprint(&jwk),
        typ: "t".into(),
        payload: Vec::new(),
        signed: message.to_vec(),
        signature,
    };
    jws.verify(&jwk, "t").is_ok()
}

#[test]
fn signatures_of_a_jws() {
    all::<EcGroup, SignatureCase>("ecdsa_secp256r1_sha256_p1363", |key, case| {
        Signature::from_slice(&case.sig.0).is_ok_and(|signature| verifies(key, &case.msg.0, signature))
    });
}

#[test]
fn signatures_of_a_phone() {
    all::<EcGroup, SignatureCase>("ecdsa_secp256r1_sha256", |key, case| {
        signature_from_raw_or_der(&case.sig.0)
            .is_ok_and(|raw| verifies(key, &case.msg.0, Signature::from_slice(&raw).unwrap()))
    });
}

#[derive(Deserialize)]
struct DhCase {
    public: Hex,
    private: Hex,
    shared: Hex,
}

#[test]
fn x25519() {
    all::<Nothing, DhCase>("x25519", |_, case| {
        let (Ok(private), Ok(public)) =
            (<[u8; 32]>::try_from(&*case.private.0), <[u8; 32]>::try_from(&*case.public.0))
        else {
            return false;
        };
        let public = x25519_dalek::PublicKey::from(public);
        let shared = x25519_dalek::StaticSecret::from(private).diffie_hellman(&public);
        assert_eq!(shared.as_bytes().as_slice(), case.shared.0, "another shared secret");
        // What evidence may not be sealed with: RFC 9180 § 7.1.4 forbids a shared secret of zeros.
        shared.was_contributory() == (case.shared.0 != [0; 32])
    });
}

#[derive(Deserialize)]
struct AeadCase {
    key: Hex,
    iv: Hex,
    aad: Hex,
    msg: Hex,
    ct: Hex,
    tag: Hex,
}

/// Whether `case` opens; what opens has to be the message, and has to be sealed to the same bytes.
fn opens<const NONCE: usize, C: Aead + KeyInit>(
    case: &AeadCase,
    nonce: impl Fn([u8; NONCE]) -> chacha20poly1305::aead::Nonce<C>,
) -> bool {
    let Ok(cipher) = C::new_from_slice(&case.key.0) else { return false };
    let Ok(iv) = <[u8; NONCE]>::try_from(&*case.iv.0) else { return false };
    let sealed = [case.ct.0.as_slice(), &case.tag.0].concat();
    let Ok(opened) = cipher.decrypt(&nonce(iv), Payload { msg: &sealed, aad: &case.aad.0 }) else {
        return false;
    };
    assert_eq!(opened, case.msg.0, "another message");
    let again = cipher.encrypt(&nonce(iv), Payload { msg: &case.msg.0, aad: &case.aad.0 }).unwrap();
    assert_eq!(again, sealed, "other ciphertext");
    true
}

#[test]
fn chacha20_poly1305() {
    all::<Nothing, AeadCase>("chacha20_poly1305", |_, case| opens::<12, ChaCha20Poly1305>(case, Nonce::from));
}

#[test]
fn xchacha20_poly1305() {
    all::<Nothing, AeadCase>("xchacha20_poly1305", |_, case| {
        opens::<24, XChaCha20Poly1305>(case, XNonce::from)
    });
}

#[derive(Deserialize)]
struct MacCase {
    key: Hex,
    msg: Hex,
    tag: Hex,
}

#[test]
fn hmac_sha256() {
    all::<Nothing, MacCase>("hmac_sha256", |_, case| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&case.key.0).unwrap();
        mac.update(&case.msg.0);
        mac.verify_truncated_left(&case.tag.0).is_ok()
    });
}

#[derive(Deserialize)]
struct KdfCase {
    ikm: Hex,
    salt: Hex,
    info: Hex,
    size: usize,
    okm: Hex,
}

#[test]
fn hkdf_sha256() {
    all::<Nothing, KdfCase>("hkdf_sha256", |_, case| {
        let mut okm = vec![0; case.size];
        let expanded = Hkdf::<Sha256>::new(Some(&case.salt.0), &case.ikm.0).expand(&case.info.0, &mut okm);
        expanded.is_ok() && okm == case.okm.0
    });
}
