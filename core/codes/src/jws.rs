//! Compact JWS with ES256 (RFC 7515, RFC 7518 § 3.4). One form only: the header holds `alg`, `kid` and `typ`, and
//! any other algorithm, header or encoding is refused.

use courier_domain::{FactHash, Jwk};
use p256::ecdsa::Signature;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::encoding::{decode, encode};
use crate::key::{Sign, SignError, thumbprint, verifying_key};

/// Longest JWS read, in bytes.
pub const MAX_LEN: usize = 256 << 10;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

/// A JWS that was read and not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unverified {
    /// Thumbprint of the key that it claims to be signed with.
    pub kid: String,
    /// What it claims to be.
    pub typ: String,
    /// What it says, if it can be believed.
    pub payload: Vec<u8>,
    pub(crate) signed: Vec<u8>,
    pub(crate) signature: Signature,
}

/// Why a JWS is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadJws {
    /// Not a compact JWS of the one form, or too long.
    #[error("not a compact JWS with ES256")]
    Form,
    /// Of another type than expected.
    #[error("a JWS of another type")]
    Type,
    /// Signed by another key than expected.
    #[error("signed by another key")]
    Key,
    /// The signature does not fit.
    #[error("the signature does not fit")]
    Signature,
}

/// Signs `payload` as a JWS of type `typ`.
pub fn sign_jws(typ: &str, payload: &[u8], signer: &dyn Sign) -> Result<String, SignError> {
    let header = Header { alg: "ES256".into(), kid: thumbprint(&signer.jwk()), typ: typ.into() };
    let header = serde_json::to_vec(&header).map_err(|_| SignError::NotAKey)?;
    let mut jws = format!("{}.{}", encode(&header), encode(payload));
    let signature = signer.sign(jws.as_bytes())?;
    jws.push('.');
    jws.push_str(&encode(&signature));
    Ok(jws)
}

/// Reads a compact JWS without verifying it.
pub fn read_jws(compact: &str) -> Result<Unverified, BadJws> {
    if compact.len() > MAX_LEN {
        return Err(BadJws::Form);
    }
    let (signed, signature) = compact.rsplit_once('.').ok_or(BadJws::Form)?;
    let (header, payload) = signed.split_once('.').ok_or(BadJws::Form)?;
    let form = |_| BadJws::Form;
    let header: Header = serde_json::from_slice(&decode(header).map_err(form)?).map_err(|_| BadJws::Form)?;
    if header.alg != "ES256" {
        return Err(BadJws::Form);
    }
    let signature = decode(signature).map_err(form)?;
    Ok(Unverified {
        kid: header.kid,
        typ: header.typ,
        payload: decode(payload).map_err(form)?,
        signed: signed.as_bytes().to_vec(),
        signature: Signature::from_slice(&signature).map_err(|_| BadJws::Form)?,
    })
}

impl Unverified {
    /// The payload, if it is of type `typ` and signed by `key`.
    pub fn verify(&self, key: &Jwk, typ: &str) -> Result<&[u8], BadJws> {
        if self.typ != typ {
            return Err(BadJws::Type);
        }
        let point = verifying_key(key).map_err(|_| BadJws::Key)?.to_sec1_point(false);
        if self.kid != thumbprint(key) {
            return Err(BadJws::Key);
        }
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.as_bytes());
        key.verify(&self.signed, &self.signature.to_bytes()).map_err(|_| BadJws::Signature)?;
        Ok(&self.payload)
    }
}

/// The hash that chains a fact: SHA-256 of its compact JWS.
pub fn fact_hash(compact: &str) -> FactHash {
    FactHash::new(encode(&Sha256::digest(compact)))
        .unwrap_or_else(|_| unreachable!("base64url is an identifier"))
}
