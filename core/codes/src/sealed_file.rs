//! A file that only the backend can read, carried by hand: HPKE base mode (RFC 9180) to the evidence key, with the same
//! suite as [`crate::evidence`] and under another name, so that neither is ever taken for the other.

use courier_domain::{Base64Url, InstallId};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};

use crate::encoding::encode_typed;
use crate::evidence::{BadEvidence, BadKey, EvidenceKey, EvidenceSecret, open_blob, seal_blob};

const INFO: &[u8] = b"courier/file/v1";

/// Seals what an installation hands over: `0x01 ‖ first 8 bytes of SHA-256(key) ‖ encapsulated key ‖ ciphertext`.
pub fn seal(
    rng: &mut impl CryptoRng,
    plain: &[u8],
    to: &EvidenceKey,
    install: &InstallId,
) -> Result<Vec<u8>, BadKey> {
    seal_blob(rng, plain, to, INFO, install.as_str().as_bytes())
}

/// What the phone signs about a sealed file.
pub fn sha256(blob: &[u8]) -> Base64Url {
    encode_typed(&Sha256::digest(blob))
}

/// Opens it with the secret that it was sealed to.
pub fn open(blob: &[u8], secrets: &[EvidenceSecret], install: &InstallId) -> Result<Vec<u8>, BadEvidence> {
    open_blob(blob, secrets, INFO, install.as_str().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{ENC, KEY_ID};
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    #[test]
    fn only_its_own_key_opens_a_file_and_only_as_that_installations() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let [ours, other] = [(); 2].map(|()| EvidenceSecret::generate(&mut rng));
        let [phone, stranger] = ["phone", "stranger"].map(|id| InstallId::new(id).unwrap());
        let blob = seal(&mut rng, b"what is unsent", ours.public(), &phone).unwrap();
        assert!(!blob.windows(6).any(|part| part == b"unsent"));
        assert_eq!(open(&blob, std::slice::from_ref(&ours), &phone).unwrap(), b"what is unsent");
        let ours = std::slice::from_ref(&ours);
        assert_eq!(open(&blob, &[other], &phone), Err(BadEvidence::UnknownKey));
        assert_eq!(open(&blob, ours, &stranger), Err(BadEvidence::Seal));
        for at in [0, 1, KEY_ID + 1, KEY_ID + ENC + 1, blob.len() - 1] {
            let mut changed = blob.clone();
            changed[at] ^= 1;
            assert!(open(&changed, ours, &phone).is_err(), "byte {at}");
            assert!(open(&blob[..at], ours, &phone).is_err(), "cut at {at}");
        }
    }
}
