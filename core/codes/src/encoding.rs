//! base64url without padding (RFC 4648 § 5), strict: the unused bits of the last character must be zero, so that
//! every byte string has exactly one text.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use courier_domain::Base64Url;
use sha2::{Digest, Sha256};

/// A text that is not strict base64url, or of another length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not base64url, or of another length")]
pub struct BadEncoding;

/// The text of `bytes`.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The same as a domain value. The alphabet is right by construction, so the fallback is never taken.
pub fn encode_typed(bytes: &[u8]) -> Base64Url {
    Base64Url::new(encode(bytes)).unwrap_or_else(|_| unreachable!("base64url is base64url"))
}

/// SHA-256 of `bytes`: the name of an evidence file.
pub fn hash_of(bytes: &[u8]) -> Base64Url {
    encode_typed(&Sha256::digest(bytes))
}

/// The bytes of a text.
pub fn decode(text: &str) -> Result<Vec<u8>, BadEncoding> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| BadEncoding)
}

/// The bytes of a text that has to hold `N` of them.
pub fn decode_array<const N: usize>(text: &str) -> Result<[u8; N], BadEncoding> {
    decode(text)?.try_into().map_err(|_| BadEncoding)
}
