//! The slow hash of a code, and its tag.

use argon2::{Algorithm, Argon2, Params, Version};
use courier_domain::{KdfParams, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::code::Code;
use crate::encoding;
use crate::planted::{self, Weakness};

/// Parameters of codes issued today (RFC 9106 § 4; 19 MiB, two passes): 14 ms on a desktop core.
pub const KDF: KdfParams = KdfParams { m: 19_456, t: 2, p: 1 };

/// Lengths of the tag that a phone accepts, in bits; also 0, which means that it cannot check offline.
pub const TAG_BITS: std::ops::RangeInclusive<u8> = 6..=12;

const DOMAIN: &[u8] = b"courier/tag/v1\0";

/// A verifier that is damaged, or that a hostile server made: refused before any memory is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadVerifier {
    /// Outside 8 KiB to 64 MiB, 1 to 10 passes, 1 to 4 lanes.
    #[error("parameters of the hash out of bounds")]
    Params,
    /// Not 0 and not 6 to 12 bits.
    #[error("length of the tag out of bounds")]
    TagBits,
    /// The tag has more bits than it says.
    #[error("the tag is longer than it says")]
    Tag,
    /// Salt, key or token hash have the wrong length.
    #[error("salt, key or token hash of the wrong length")]
    Encoding,
    /// The identifier is too long to be bound.
    #[error("the code's identifier is too long")]
    CodeId,
}

/// Checks the parameters of the hash: `m` 8 KiB × lanes to 64 MiB, `t` 1 to 10, `p` 1 to 4.
pub fn check_params(kdf: &KdfParams) -> Result<(), BadVerifier> {
    let ok = (1..=4).contains(&kdf.p) && (8 * kdf.p..=65_536).contains(&kdf.m) && (1..=10).contains(&kdf.t);
    if ok || planted::is(Weakness::BoundlessHash) { Ok(()) } else { Err(BadVerifier::Params) }
}

fn is_tag_length(k: u8) -> bool {
    TAG_BITS.contains(&k) || planted::is(Weakness::LongTag) && k == 16
}

/// `H`: Argon2id v0x13 over the six ASCII digits.
pub(crate) fn slow_hash(
    code: &Code,
    salt: &[u8; 16],
    kdf: &KdfParams,
) -> Result<Zeroizing<[u8; 32]>, BadVerifier> {
    check_params(kdf)?;
    planted::count_slow_hash();
    let params = Params::new(kdf.m, kdf.t, kdf.p, Some(32)).map_err(|_| BadVerifier::Params)?;
    let mut hash = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(code.bytes(), salt, hash.as_mut())
        .map_err(|_| BadVerifier::Params)?;
    Ok(hash)
}

/// The first `k` bits of `HMAC-SHA-256(key, "courier/tag/v1\0" ‖ u16be(len(code_id)) ‖ code_id ‖ H)`.
pub(crate) fn tag(key: &[u8; 32], code_id: &str, hash: &[u8; 32], k: u8) -> Result<u16, BadVerifier> {
    if !is_tag_length(k) {
        return Err(BadVerifier::TagBits);
    }
    let length = u16::try_from(code_id.len()).map_err(|_| BadVerifier::CodeId)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| BadVerifier::Encoding)?;
    mac.update(DOMAIN);
    mac.update(&length.to_be_bytes());
    mac.update(code_id.as_bytes());
    mac.update(hash);
    let full = mac.finalize().into_bytes();
    Ok(u16::from_be_bytes([full[0], full[1]]) >> (16 - k))
}

/// The tag of `code` under the salt and key of `verifier`.
pub fn tag_of(code: &Code, verifier: &Verifier) -> Result<u16, BadVerifier> {
    let opened = Opened::read(verifier)?;
    let hash = slow_hash(code, &opened.salt, &verifier.kdf)?;
    tag(&opened.key, verifier.code_id.as_str(), &hash, verifier.k)
}

/// The decoded and checked parts of a verifier.
pub(crate) struct Opened {
    pub(crate) salt: [u8; 16],
    pub(crate) key: Zeroizing<[u8; 32]>,
    pub(crate) token_sha256: Option<[u8; 32]>,
}

impl Opened {
    pub(crate) fn read(verifier: &Verifier) -> Result<Self, BadVerifier> {
        check_params(&verifier.kdf)?;
        match verifier.k {
            0 => {}
            k if !is_tag_length(k) => return Err(BadVerifier::TagBits),
            k if verifier.tag.checked_shr(k.into()).unwrap_or(0) != 0 => return Err(BadVerifier::Tag),
            _ => {}
        }
        let bad = |_| BadVerifier::Encoding;
        Ok(Self {
            salt: encoding::decode_array(verifier.salt.as_str()).map_err(bad)?,
            key: Zeroizing::new(encoding::decode_array(verifier.key.as_str()).map_err(bad)?),
            token_sha256: match &verifier.token_sha256 {
                Some(text) => Some(encoding::decode_array(text.as_str()).map_err(bad)?),
                None => None,
            },
        })
    }
}

/// Checks everything of a verifier that can be checked without a code. A phone does so before it stores one.
pub fn check_verifier(verifier: &Verifier) -> Result<(), BadVerifier> {
    Opened::read(verifier).map(|_| ())
}
