//! Entries sealed to the backend with a known ephemeral key.

use courier_codes::encoding::encode_typed;
use courier_codes::{Entry, EvidenceContext, EvidenceSecret, evidence};
use courier_domain::{AttemptId, Base64Url, CodeEntry, FactId, InstallId};
use hpke::{Kem, Serializable, kem::X25519HkdfSha256};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::given::Given;
use crate::{bytes, drawn, frozen};

#[derive(Serialize, Deserialize)]
struct EvidenceVector {
    recipient_secret: Base64Url,
    recipient_public: Base64Url,
    key_id: Base64Url,
    ephemeral_ikm: Base64Url,
    ephemeral_secret: Base64Url,
    enc: Base64Url,
    info: String,
    fact: FactId,
    install: InstallId,
    attempts: Vec<AttemptId>,
    aad: Base64Url,
    entry: CodeEntry,
    plain: Base64Url,
    ciphertext: Base64Url,
    evidence: Base64Url,
}

const ABOUT: &str = "HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA-256), HKDF-SHA-256, ChaCha20-Poly1305. \
     evidence = 01 || key_id || enc || ciphertext. key_id = first 8 bytes of SHA-256(recipient_public). \
     The ephemeral key is DeriveKeyPair(ephemeral_ikm); on a phone it is random. \
     aad = \"courier/evidence/v1\" 00, then fact, install and each attempt, each after its length as u16be. \
     plain is 17 bytes: 01, six ASCII digits, zeros; or 02 and the token. Bytes are base64url without padding.";

fn evidence_vector(entry: CodeEntry, attempts: &[&str]) -> EvidenceVector {
    let secret = EvidenceSecret::from_bytes(&drawn("evidence key")).unwrap();
    let (fact, install) =
        (FactId::new("0197f2c0-7a31-7cc2-9f6b-3f0c8f2a5b11").unwrap(), InstallId::new("install-1").unwrap());
    let attempts: Vec<_> = attempts.iter().map(|id| AttemptId::new(*id).unwrap()).collect();

    let mut aad = b"courier/evidence/v1\0".to_vec();
    for part in [fact.as_str(), install.as_str()].into_iter().chain(attempts.iter().map(AttemptId::as_str)) {
        aad.extend(u16::try_from(part.len()).unwrap().to_be_bytes());
        aad.extend(part.as_bytes());
    }
    let mut plain = [0; 17];
    match &entry {
        CodeEntry::Digits(digits) => {
            plain[0] = 1;
            plain[1..7].copy_from_slice(digits.as_bytes());
        }
        CodeEntry::Token(qr) => {
            plain[0] = 2;
            plain[1..].copy_from_slice(&bytes(&Base64Url::new(&qr["courier:1:".len()..]).unwrap()));
        }
    }
    let ikm = drawn("ephemeral key");
    let (ephemeral, _) = X25519HkdfSha256::derive_keypair(&ikm);
    let context = EvidenceContext { fact: &fact, install: &install, attempts: &attempts };
    let read = Entry::parse(&entry).unwrap();
    let evidence = evidence::seal(&mut Given(&ikm), &read, secret.public(), &context).unwrap();
    let blob = bytes(&evidence);
    EvidenceVector {
        recipient_secret: encode_typed(secret.to_bytes().as_ref()),
        recipient_public: secret.public().to_base64(),
        key_id: encode_typed(&Sha256::digest(bytes(&secret.public().to_base64()))[..8]),
        ephemeral_ikm: encode_typed(&ikm),
        ephemeral_secret: encode_typed(&ephemeral.to_bytes()),
        enc: encode_typed(&blob[9..41]),
        info: "courier/evidence/v1".into(),
        aad: encode_typed(&aad),
        plain: encode_typed(&plain),
        ciphertext: encode_typed(&blob[41..]),
        evidence,
        fact,
        install,
        attempts,
        entry,
    }
}

#[test]
fn evidence_opens() {
    let qr = format!("courier:1:{}", encode_typed(&drawn("token")[..16]).as_str());
    let made = vec![
        evidence_vector(CodeEntry::Digits("012345".into()), &["attempt-1"]),
        evidence_vector(CodeEntry::Token(qr), &["attempt-1", "attempt-2"]),
    ];
    for vector in frozen("evidence-v1.json", ABOUT, made) {
        let secret = bytes(&vector.recipient_secret).try_into().unwrap();
        let secret = [EvidenceSecret::from_bytes(&secret).unwrap()];
        let context =
            EvidenceContext { fact: &vector.fact, install: &vector.install, attempts: &vector.attempts };
        let opened = evidence::open(&vector.evidence, &secret, &context).unwrap_or_else(|e| panic!("{e}"));
        assert!(opened == Entry::parse(&vector.entry).unwrap(), "another entry");

        // The same bytes by the parts that the file spells out, without the code under test.
        let blob =
            [&[1][..], &bytes(&vector.key_id), &bytes(&vector.enc), &bytes(&vector.ciphertext)].concat();
        assert_eq!(encode_typed(&blob), vector.evidence);
        let plain =
            hpke::single_shot_open::<hpke::aead::ChaCha20Poly1305, hpke::kdf::HkdfSha256, X25519HkdfSha256>(
                &hpke::OpModeR::Base,
                &hpke::Deserializable::from_bytes(&bytes(&vector.recipient_secret)).unwrap(),
                &hpke::Deserializable::from_bytes(&bytes(&vector.enc)).unwrap(),
                vector.info.as_bytes(),
                &bytes(&vector.ciphertext),
                &bytes(&vector.aad),
            )
            .unwrap();
        assert_eq!(plain, bytes(&vector.plain));
    }
}
