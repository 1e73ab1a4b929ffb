//! Evidence: an entry that matched, sealed to the backend (HPKE base mode, RFC 9180: DHKEM(X25519, HKDF-SHA-256),
//! HKDF-SHA-256, ChaCha20-Poly1305). The phone cannot open it again, and it tells nobody whether the entry was right.

use courier_domain::{AttemptId, Base64Url, FactId, InstallId};
use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256,
};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::code::{Code, DIGITS};
use crate::encoding::{decode, decode_array, encode_typed};
use crate::entry::Entry;
use crate::planted::{self, Weakness};
use crate::token::Token;

type Kem = X25519HkdfSha256;

const VERSION: u8 = 1;
const INFO: &[u8] = b"courier/evidence/v1";
pub(crate) const KEY_ID: usize = 8;
pub(crate) const ENC: usize = 32;
/// Kind, then the entry, padded: digits and tokens are of one length.
const PLAIN: usize = 1 + 16;

/// The backend's public evidence key (X25519).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceKey([u8; 32]);

/// The backend's secret evidence key.
pub struct EvidenceSecret {
    private: <Kem as hpke::Kem>::PrivateKey,
    public: EvidenceKey,
}

/// What evidence is bound to: opened beside any other fact it fails.
#[derive(Debug, Clone, Copy)]
pub struct EvidenceContext<'a> {
    /// The `code_tried` fact.
    pub fact: &'a FactId,
    /// The installation that makes it.
    pub install: &'a InstallId,
    /// The attempts that the fact names.
    pub attempts: &'a [AttemptId],
}

/// The key is no X25519 key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an X25519 key")]
pub struct BadKey;

/// Evidence that cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadEvidence {
    /// Not the form of evidence, or of another version.
    #[error("not evidence of this version")]
    Form,
    /// Sealed to a key that is not among those given.
    #[error("sealed to an unknown key")]
    UnknownKey,
    /// Changed, or moved here from another fact.
    #[error("changed, or of another fact")]
    Seal,
}

impl EvidenceKey {
    /// Reads a key as the enrolment answer brings it.
    pub fn from_base64(text: &Base64Url) -> Result<Self, BadKey> {
        let bytes = decode_array(text.as_str()).map_err(|_| BadKey)?;
        <Kem as hpke::Kem>::PublicKey::from_bytes(&bytes).map_err(|_| BadKey)?;
        Ok(Self(bytes))
    }

    /// The key as text.
    pub fn to_base64(&self) -> Base64Url {
        encode_typed(&self.0)
    }

    fn kem_key(&self) -> Result<<Kem as hpke::Kem>::PublicKey, BadKey> {
        <Kem as hpke::Kem>::PublicKey::from_bytes(&self.0).map_err(|_| BadKey)
    }

    pub(crate) fn id(&self) -> [u8; KEY_ID] {
        let mut id = [0; KEY_ID];
        id.copy_from_slice(&Sha256::digest(self.0)[..KEY_ID]);
        id
    }
}

impl EvidenceSecret {
    /// A fresh key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let (private, public) = Kem::gen_keypair_with_rng(rng);
        Self { private, public: public_bytes(&public) }
    }

    /// A stored key, 32 bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, BadKey> {
        let private = <Kem as hpke::Kem>::PrivateKey::from_bytes(bytes).map_err(|_| BadKey)?;
        let public = public_bytes(&Kem::sk_to_pk(&private));
        Ok(Self { private, public })
    }

    /// The key to be stored, 32 bytes.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        bytes.copy_from_slice(&self.private.to_bytes());
        bytes
    }

    /// Its public half.
    pub fn public(&self) -> &EvidenceKey {
        &self.public
    }
}

fn public_bytes(key: &<Kem as hpke::Kem>::PublicKey) -> EvidenceKey {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&key.to_bytes());
    EvidenceKey(bytes)
}

impl EvidenceContext<'_> {
    /// Length-prefixed, so that no two contexts have one encoding.
    fn aad(&self) -> Vec<u8> {
        let mut aad = b"courier/evidence/v1\0".to_vec();
        if planted::is(Weakness::EvidenceUnbound) {
            return aad;
        }
        let parts = [self.fact.as_str(), self.install.as_str()];
        for part in parts.into_iter().chain(self.attempts.iter().map(AttemptId::as_str)) {
            aad.extend(u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
            aad.extend(part.as_bytes());
        }
        aad
    }
}

/// Seals an entry: `0x01 ‖ first 8 bytes of SHA-256(key) ‖ encapsulated key ‖ ciphertext`.
pub fn seal(
    rng: &mut impl CryptoRng,
    entry: &Entry,
    to: &EvidenceKey,
    context: &EvidenceContext<'_>,
) -> Result<Base64Url, BadKey> {
    let mut plain = Zeroizing::new([0; PLAIN]);
    match entry {
        Entry::Digits(code) => {
            plain[0] = 1;
            plain[1..=DIGITS].copy_from_slice(code.bytes());
        }
        Entry::Token(token) => {
            plain[0] = 2;
            plain[1..].copy_from_slice(token.bytes());
        }
    }
    let digits_only = planted::is(Weakness::EvidenceUnpadded) && plain[0] == 1;
    let plain = if digits_only { &plain[..=DIGITS] } else { &plain[..] };
    seal_blob(rng, plain, to, INFO, &context.aad()).map(|blob| encode_typed(&blob))
}

/// Opens evidence with the secret that it was sealed to.
pub fn open(
    evidence: &Base64Url,
    secrets: &[EvidenceSecret],
    context: &EvidenceContext<'_>,
) -> Result<Entry, BadEvidence> {
    let blob = decode(evidence.as_str()).map_err(|_| BadEvidence::Form)?;
    let mut plain = open_blob(&blob, secrets, INFO, &context.aad())?;
    let entry = read(&plain);
    plain.zeroize();
    entry.ok_or(BadEvidence::Form)
}

/// `0x01 ‖ first 8 bytes of SHA-256(key) ‖ encapsulated key ‖ ciphertext`.
pub(crate) fn seal_blob(
    rng: &mut impl CryptoRng,
    plain: &[u8],
    to: &EvidenceKey,
    info: &[u8],
    aad: &[u8],
) -> Result<Vec<u8>, BadKey> {
    let key = to.kem_key()?;
    let (enc, sealed) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeS::Base,
        &key,
        info,
        plain,
        aad,
        rng,
    )
    .map_err(|_| BadKey)?;
    let mut blob = vec![VERSION];
    blob.extend(to.id());
    blob.extend(enc.to_bytes());
    blob.extend(sealed);
    Ok(blob)
}

/// Opens what [`seal_blob`] sealed to one of the secrets.
pub(crate) fn open_blob(
    blob: &[u8],
    secrets: &[EvidenceSecret],
    info: &[u8],
    aad: &[u8],
) -> Result<Vec<u8>, BadEvidence> {
    let Some((&VERSION, rest)) = blob.split_first() else { return Err(BadEvidence::Form) };
    let (id, rest) = rest.split_at_checked(KEY_ID).ok_or(BadEvidence::Form)?;
    let (enc, sealed) = rest.split_at_checked(ENC).ok_or(BadEvidence::Form)?;
    let secret = secrets.iter().find(|secret| secret.public.id() == *id).ok_or(BadEvidence::UnknownKey)?;
    let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(enc).map_err(|_| BadEvidence::Form)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &secret.private,
        &enc,
        info,
        sealed,
        aad,
    )
    .map_err(|_| BadEvidence::Seal)
}

fn read(plain: &[u8]) -> Option<Entry> {
    let (kind, body) = plain.split_first()?;
    let body: [u8; PLAIN - 1] = if planted::is(Weakness::EvidenceUnpadded) && body.len() == DIGITS {
        let mut padded = [0; PLAIN - 1];
        padded[..DIGITS].copy_from_slice(body);
        padded
    } else {
        body.try_into().ok()?
    };
    match kind {
        1 => std::str::from_utf8(&body[..DIGITS])
            .ok()
            .and_then(|text| Code::parse(text).ok())
            .map(Entry::Digits),
        2 => Some(Entry::Token(Token::from_bytes(body))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_in_one_length_only() {
        let mut digits = [0; PLAIN];
        digits[0] = 1;
        digits[1..=DIGITS].copy_from_slice(b"123456");
        assert!(read(&digits).is_some());
        assert!(read(&digits[..=DIGITS]).is_none(), "how long it is would tell what was entered");
        assert!(read(&digits[..PLAIN - 1]).is_none() && read(&[]).is_none());
        digits[0] = 2;
        assert!(matches!(read(&digits), Some(Entry::Token(_))));
        digits[0] = 3;
        assert!(read(&digits).is_none());
    }
}
