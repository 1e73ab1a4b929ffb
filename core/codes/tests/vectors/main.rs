//! The frozen vectors in `tests/vectors/`: what was issued, sealed and signed once must be read for ever, and by other
//! implementations. Everything in them is determined, so they are made again here and must come out byte for byte.
//!
//! `COURIER_WRITE_VECTORS=1` writes a file that is missing and never replaces one. `docs/vectors.md` says what each holds.

#![allow(clippy::unwrap_used)]

mod access;
mod evidence;
mod facts;
mod given;
mod page;
mod rfc;
mod row;
mod tag;

use std::path::PathBuf;

use courier_codes::encoding::{decode, encode_typed};
use courier_codes::{Sign, SigningKey, thumbprint};
use courier_domain::{Base64Url, Jwk};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// A file: what it is, and its vectors.
#[derive(Serialize, Deserialize)]
struct Frozen<T> {
    about: String,
    vectors: T,
}

/// What the file `name` holds, if it is byte for byte what is made today.
fn frozen<T: Serialize + DeserializeOwned>(name: &str, about: &str, vectors: T) -> T {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(name);
    let made = serde_json::to_string_pretty(&Frozen { about: about.into(), vectors }).unwrap() + "\n";
    if !path.exists() && std::env::var_os("COURIER_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    let differs = kept.lines().zip(made.lines()).find(|(kept, made)| kept != made);
    assert_eq!(differs, None, "{name} is made differently than it was (left: kept, made)");
    assert_eq!(kept.len(), made.len(), "{name} is made longer or shorter than it was");
    serde_json::from_str::<Frozen<T>>(&kept).unwrap().vectors
}

/// 32 bytes that nobody can have chosen: the hash of what they are for.
fn drawn(what: &str) -> [u8; 32] {
    Sha256::digest(format!("courier vector: {what}")).into()
}

/// A key that signs, with its secret half.
#[derive(Serialize, Deserialize)]
struct Signer {
    secret: Base64Url,
    jwk: Jwk,
    thumbprint: String,
}

impl Signer {
    fn new(what: &str) -> Self {
        let key = SigningKey::from_bytes(&drawn(what)).unwrap();
        Self {
            secret: encode_typed(key.to_bytes().as_ref()),
            jwk: key.jwk(),
            thumbprint: thumbprint(&key.jwk()),
        }
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_bytes(&bytes(&self.secret)).unwrap()
    }
}

fn bytes(text: &Base64Url) -> Vec<u8> {
    decode(text.as_str()).unwrap()
}
