//! The slow hash of a code, its tags of every length, and the hash of a token.

use argon2::{Algorithm, Argon2, Params, Version};
use courier_codes::encoding::encode_typed;
use courier_codes::kdf::{TAG_BITS, tag_of};
use courier_codes::{BadVerifier, Code, Entry, KDF, Token, check};
use courier_domain::{AttemptId, Base64Url, CodeEntry, CodeId, KdfParams, Strength, UnixMs, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::given::Given;
use crate::{bytes, drawn, frozen};

#[derive(Serialize, Deserialize)]
struct TagVector {
    digits: String,
    salt: Base64Url,
    kdf: KdfParams,
    /// `H`.
    hash: Base64Url,
    key: Base64Url,
    code_id: CodeId,
    /// The whole HMAC, of which a tag is the beginning.
    mac: Base64Url,
    tags: Vec<Tag>,
}

#[derive(Serialize, Deserialize)]
struct Tag {
    k: u8,
    tag: u16,
}

const ABOUT: &str = "hash = Argon2id 0x13 (six ASCII digits, salt, kdf: m in KiB, t passes, p lanes; 32 bytes). \
     mac = HMAC-SHA-256(key, \"courier/tag/v1\" 00 || u16be(length of code_id) || code_id || hash). \
     A tag is the first k bits of mac, as a number; k is 6 to 12. k = 0 means that a phone cannot check. \
     Bytes are base64url without padding.";

fn tag_vector(digits: &str, kdf: KdfParams, code_id: &str) -> TagVector {
    let (salt, key) = (&drawn("salt")[..16], drawn(code_id));
    let mut hash = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(kdf.m, kdf.t, kdf.p, Some(32)).unwrap())
        .hash_password_into(digits.as_bytes(), salt, &mut hash)
        .unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(b"courier/tag/v1\0");
    mac.update(&u16::try_from(code_id.len()).unwrap().to_be_bytes());
    mac.update(code_id.as_bytes());
    mac.update(&hash);
    let mac = mac.finalize().into_bytes();
    let start = u16::from_be_bytes([mac[0], mac[1]]);
    TagVector {
        digits: digits.into(),
        salt: encode_typed(salt),
        kdf,
        hash: encode_typed(&hash),
        key: encode_typed(&key),
        code_id: CodeId::new(code_id).unwrap(),
        mac: encode_typed(&mac),
        tags: TAG_BITS.map(|k| Tag { k, tag: start >> (16 - k) }).collect(),
    }
}

fn verifier(vector: &TagVector, k: u8, tag: u16) -> Verifier {
    Verifier {
        attempt: AttemptId::new("attempt-1").unwrap(),
        code_id: vector.code_id.clone(),
        holder: "recipient".into(),
        kdf: vector.kdf,
        salt: vector.salt.clone(),
        key: vector.key.clone(),
        k,
        tag,
        token_sha256: None,
        not_before: UnixMs(0),
        not_after: UnixMs(1),
    }
}

#[test]
fn the_tag_of_a_code_at_every_length() {
    let made = vec![
        tag_vector("307628", KDF, "code-1"),
        tag_vector("000000", KDF, "0197f2c0-7a31-7cc2-9f6b-3f0c8f2a5b11"),
        tag_vector("999999", KdfParams { m: 256, t: 3, p: 4 }, &"c".repeat(64)),
    ];
    for vector in frozen("tag.json", ABOUT, made) {
        let code = Code::parse(&vector.digits).unwrap();
        let entry = Entry::Digits(code.clone());
        assert!(!vector.tags.is_empty());
        for Tag { k, tag } in &vector.tags {
            let verifier = verifier(&vector, *k, *tag);
            assert_eq!(tag_of(&code, &verifier), Ok(*tag));
            let found = check(&entry, std::slice::from_ref(&verifier)).unwrap();
            assert_eq!(found.map(|it| it.strength), Some(Strength::Tag), "{k} bits");
            let other = Verifier { tag: tag ^ 1, ..verifier };
            assert_eq!(check(&entry, &[other]), Ok(None), "{k} bits");
        }
        let unchecked = verifier(&vector, 0, 0);
        assert_eq!(tag_of(&code, &unchecked), Err(BadVerifier::TagBits));
        assert_eq!(check(&entry, &[unchecked]), Ok(None));
    }
}

#[derive(Serialize, Deserialize)]
struct TokenVector {
    token: Base64Url,
    qr: String,
    sha256: Base64Url,
}

#[test]
fn the_hash_of_a_token() {
    let made = [[0; 16], [0xff; 16], drawn("token")[..16].try_into().unwrap()].map(|bytes: [u8; 16]| {
        let token = Token::random(&mut Given(&bytes));
        TokenVector { token: encode_typed(&bytes), qr: token.qr_text().to_string(), sha256: token.sha256() }
    });
    let about = "The QR holds \"courier:1:\" and the token, 16 bytes. A verifier's token_sha256 is the SHA-256 of those bytes.";
    for vector in frozen("token.json", about, Vec::from(made)) {
        assert_eq!(bytes(&vector.token).len(), 16);
        let Ok(Entry::Token(token)) = Entry::parse(&CodeEntry::Token(vector.qr)) else { panic!("no token") };
        assert_eq!(token.sha256(), vector.sha256);
    }
}
