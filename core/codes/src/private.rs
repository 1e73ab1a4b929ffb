//! The private part of a fact: it travels beside the signed part, which holds only a commitment to it. So it can
//! be purged while the chain stays valid.

use courier_domain::Base64Url;
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};

use crate::encoding::{decode, encode, encode_typed};
use crate::planted::{self, Weakness};

const SALT: usize = 32;

/// A private part that does not belong to the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the private part does not belong to this fact")]
pub struct NotOfThisFact;

/// Packs `bytes` for the way, base64url of `32 random bytes ‖ bytes`, with the commitment for the fact.
pub fn pack(rng: &mut impl CryptoRng, bytes: &[u8]) -> (String, Base64Url) {
    let mut packed = vec![0; SALT];
    if !planted::is(Weakness::CommitmentUnsalted) {
        rng.fill_bytes(&mut packed);
    }
    packed.extend(bytes);
    (encode(&packed), encode_typed(&Sha256::digest(&packed)))
}

/// The bytes, if they are what the fact commits to.
pub fn unpack(packed: &str, commitment: &Base64Url) -> Result<Vec<u8>, NotOfThisFact> {
    let packed = decode(packed).map_err(|_| NotOfThisFact)?;
    if packed.len() < SALT || encode_typed(&Sha256::digest(&packed)) != *commitment {
        return Err(NotOfThisFact);
    }
    Ok(packed[SALT..].to_vec())
}
