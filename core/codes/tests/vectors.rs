//! The frozen vectors in `vectors/`: what was issued, sealed and signed once must be read for ever, and by other
//! implementations. They were made from seeded randomness; `COURIER_WRITE_VECTORS=1` writes a file that is missing
//! and never replaces one.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use courier_codes::encoding::{decode, encode_typed};
use courier_codes::{
    Entry, EvidenceContext, EvidenceSecret, IssueSpec, KDF, RowAad, RowKey, Sign, SigningKey, check,
    evidence, fact_hash, issue, private, read_jws, sign_jws, thumbprint,
};
use courier_domain::{AttemptId, Base64Url, CodeEntry, CodeId, FactId, InstallId, Jwk, UnixMs, Verifier};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(0x00c0_ffee)
}

fn frozen<T: Serialize + DeserializeOwned>(name: &str, make: impl FnOnce() -> T) -> T {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    if !path.exists() && std::env::var_os("COURIER_WRITE_VECTORS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&make()).unwrap() + "\n").unwrap();
    }
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()
}

#[derive(Serialize, Deserialize)]
struct CodeVector {
    digits: String,
    token: String,
    wrong: String,
    verifier: Verifier,
}

#[test]
fn the_tag_of_a_code() {
    let spec = IssueSpec {
        attempt: AttemptId::new("attempt-1").unwrap(),
        code_id: CodeId::new("code-1").unwrap(),
        holder: "recipient".into(),
        kdf: KDF,
        salt: *b"sixteen bytes ..",
        k: 10,
        not_before: UnixMs(1_795_000_000_000),
        not_after: UnixMs(1_795_086_399_999),
    };
    let fresh = issue(&mut rng(), spec).unwrap();
    let vector = frozen("code.json", || CodeVector {
        digits: fresh.code.digits().into(),
        token: fresh.token.qr_text().to_string(),
        wrong: "000000".into(),
        verifier: fresh.verifier.clone(),
    });
    assert_eq!(fresh.verifier, vector.verifier, "issuing changed");
    let verifiers = [vector.verifier];
    let fits = |entry: CodeEntry| check(&Entry::parse(&entry).unwrap(), &verifiers).unwrap().is_some();
    assert!(fits(CodeEntry::Digits(vector.digits)));
    assert!(fits(CodeEntry::Token(vector.token)));
    assert!(!fits(CodeEntry::Digits(vector.wrong)));
}

#[derive(Serialize, Deserialize)]
struct EvidenceVector {
    secret: Base64Url,
    fact: FactId,
    install: InstallId,
    attempts: Vec<AttemptId>,
    digits: String,
    evidence: Base64Url,
}

#[test]
fn evidence_opens() {
    let vector = frozen("evidence.json", || {
        let secret = EvidenceSecret::generate(&mut rng());
        let (fact, install) = (FactId::new("fact-1").unwrap(), InstallId::new("install-1").unwrap());
        let attempts = vec![AttemptId::new("attempt-1").unwrap()];
        let context = EvidenceContext { fact: &fact, install: &install, attempts: &attempts };
        let entry = Entry::parse(&CodeEntry::Digits("012345".into())).unwrap();
        let evidence = evidence::seal(&mut rng(), &entry, secret.public(), &context).unwrap();
        let secret = encode_typed(secret.to_bytes().as_ref());
        EvidenceVector { secret, fact, install, attempts, digits: "012345".into(), evidence }
    });
    let secret = EvidenceSecret::from_bytes(&bytes(&vector.secret).try_into().unwrap()).unwrap();
    let context =
        EvidenceContext { fact: &vector.fact, install: &vector.install, attempts: &vector.attempts };
    let entry = Entry::parse(&CodeEntry::Digits(vector.digits)).unwrap();
    assert!(evidence::open(&vector.evidence, &[secret], &context).is_ok_and(|opened| opened == entry));
}

#[derive(Serialize, Deserialize)]
struct JwsVector {
    secret: Base64Url,
    jwk: Jwk,
    thumbprint: String,
    typ: String,
    payload: String,
    jws: String,
    hash: String,
}

#[test]
fn a_signed_fact_verifies() {
    let vector = frozen("jws.json", || {
        let key = SigningKey::generate(&mut rng());
        let (typ, payload) = ("courier-fact+jws", r#"{"v":1}"#);
        let jws = sign_jws(typ, payload.as_bytes(), &key).unwrap();
        JwsVector {
            secret: encode_typed(key.to_bytes().as_ref()),
            jwk: key.jwk(),
            thumbprint: thumbprint(&key.jwk()),
            typ: typ.into(),
            payload: payload.into(),
            hash: fact_hash(&jws).as_str().into(),
            jws,
        }
    });
    let key = SigningKey::from_bytes(&bytes(&vector.secret)).unwrap();
    assert_eq!((key.jwk(), thumbprint(&vector.jwk)), (vector.jwk.clone(), vector.thumbprint));
    let read = read_jws(&vector.jws).unwrap();
    assert_eq!(read.verify(&vector.jwk, &vector.typ).unwrap(), vector.payload.as_bytes());
    assert_eq!(fact_hash(&vector.jws).as_str(), vector.hash);
    // Deterministic ECDSA (RFC 6979): the same bytes again.
    assert_eq!(sign_jws(&vector.typ, vector.payload.as_bytes(), &key).unwrap(), vector.jws);
}

#[derive(Serialize, Deserialize)]
struct RowVector {
    key: Base64Url,
    table: String,
    id: String,
    rev: u64,
    plain: String,
    sealed: Base64Url,
    private: String,
    commitment: Base64Url,
}

#[test]
fn a_sealed_row_and_a_private_part_open() {
    let vector = frozen("rest.json", || {
        let key = RowKey::generate(&mut rng());
        let sealed = key.seal(&mut rng(), &RowAad { table: "object", id: "stop-1", rev: 3 }, b"{}").unwrap();
        let (private, commitment) = private::pack(&mut rng(), b"{}");
        RowVector {
            key: encode_typed(key.to_bytes().as_ref()),
            table: "object".into(),
            id: "stop-1".into(),
            rev: 3,
            plain: "{}".into(),
            sealed: encode_typed(&sealed),
            private,
            commitment,
        }
    });
    let key = RowKey::from_bytes(&bytes(&vector.key)).unwrap();
    let aad = RowAad { table: &vector.table, id: &vector.id, rev: vector.rev };
    assert_eq!(key.open(&aad, &bytes(&vector.sealed)).unwrap().as_slice(), vector.plain.as_bytes());
    assert_eq!(private::unpack(&vector.private, &vector.commitment).unwrap(), vector.plain.as_bytes());
}

fn bytes(text: &Base64Url) -> Vec<u8> {
    decode(text.as_str()).unwrap()
}
