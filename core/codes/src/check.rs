//! Comparing an entry with the verifiers of the phone.

use courier_domain::{CodeId, KdfParams, Strength, Verifier};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::entry::Entry;
use crate::kdf::{BadVerifier, Opened, slow_hash, tag};
use crate::planted::{self, Weakness};

/// The code that an entry fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Which code.
    pub code_id: CodeId,
    /// Who holds it.
    pub holder: String,
    /// How strongly it fits.
    pub strength: Strength,
}

/// The first of `verifiers` that the entry fits.
///
/// Costs one Argon2id run per distinct salt. Every verifier is checked before any memory is taken; one bad
/// verifier fails the whole check, since a phone that skipped it could be told which codes to ignore.
pub fn check(entry: &Entry, verifiers: &[Verifier]) -> Result<Option<Match>, BadVerifier> {
    let opened = verifiers.iter().map(Opened::read).collect::<Result<Vec<_>, _>>()?;
    // With room for all of them: a vector that grows leaves its old place behind, unwiped.
    let mut hashes: Vec<([u8; 16], KdfParams, Zeroizing<[u8; 32]>)> = Vec::with_capacity(verifiers.len());
    let mut found = None;
    for (verifier, parts) in verifiers.iter().zip(&opened) {
        let fits = match entry {
            Entry::Token(token) => parts
                .token_sha256
                .is_some_and(|known| Sha256::digest(token.bytes()).as_slice().ct_eq(&known[..]).into()),
            Entry::Digits(_) if verifier.k == 0 => false,
            Entry::Digits(code) => {
                let known = hashes.iter().find(|(salt, kdf, _)| *salt == parts.salt && *kdf == verifier.kdf);
                let hash = if let Some((.., hash)) = known {
                    hash.clone()
                } else {
                    let hash = slow_hash(code, &parts.salt, &verifier.kdf)?;
                    hashes.push((parts.salt, verifier.kdf, hash.clone()));
                    hash
                };
                let own = tag(&parts.key, verifier.code_id.as_str(), &hash, verifier.k)?;
                own.ct_eq(&verifier.tag).into()
            }
        };
        // The loop goes on: how long it takes must not tell which verifier fitted.
        if fits && found.is_none() {
            let strength = match entry {
                Entry::Digits(_) => Strength::Tag,
                Entry::Token(_) => Strength::Token,
            };
            found =
                Some(Match { code_id: verifier.code_id.clone(), holder: verifier.holder.clone(), strength });
            if planted::is(Weakness::CheckStopsEarly) {
                break;
            }
        }
    }
    Ok(found)
}
