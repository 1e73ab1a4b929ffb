//! Whether a handover is proven as it is asked for, and proof that is added later.

use super::{Decision, Rejection, record};
use crate::attempt::Outcome;
use crate::command::ReceiverDetails;
use crate::fact::{FactBody, PrivatePart};
use crate::id::FactId;
use crate::proof::{Check, Demand, FileKind, Proof, ProofFile, ProofRule};
use crate::receiver::Receiver;
use crate::state::DayState;

/// Most files of one command.
pub const MAX_FILES: usize = 12;
/// A SHA-256 in base64url without padding.
const HASH_LEN: usize = 43;

/// Whether a recorded reason stands in for a proof.
pub(super) fn is_excused(details: &ReceiverDetails, proof: Proof) -> bool {
    proof.is_excusable() && details.without.iter().any(|excuse| excuse.proof == proof)
}

/// Scan and code are not looked at here: the command is refused before without them.
pub(super) fn check(
    receiver: Receiver,
    rules: &[ProofRule],
    private: &PrivatePart,
    details: &ReceiverDetails,
) -> Result<(), Rejection> {
    check_files(&details.files)?;
    for proof in Proof::ALL {
        let rule = rules.iter().find(|rule| rule.proof == proof);
        let demand = rule.map_or_else(|| proof.usual_demand(receiver), |rule| rule.demand);
        let min_age = rule.and_then(|rule| rule.min_age).unwrap_or(0);
        let is_given = match proof {
            Proof::Code | Proof::Scan => continue,
            Proof::Name => private.name.is_some(),
            Proof::Relation => private.relation.is_some(),
            Proof::Flat => private.flat.is_some(),
            Proof::Note => private.note.is_some(),
            Proof::Position => private.position.is_some(),
            Proof::Signature => has(&details.files, FileKind::Signature),
            Proof::Photo => has(&details.files, FileKind::Photo),
            Proof::AgeCheck => {
                details.checks.iter().any(|check| matches!(check, Check::Age { min } if *min >= min_age))
            }
            Proof::IdentityCheck => details.checks.contains(&Check::Identity {}),
        };
        match demand {
            Demand::Required if !is_given && proof == Proof::Name => return Err(Rejection::NameNeeded),
            Demand::Required if !is_given && !is_excused(details, proof) => {
                return Err(Rejection::ProofNeeded { proof });
            }
            Demand::Forbidden if is_given => return Err(Rejection::ProofForbidden { proof }),
            _ => {}
        }
    }
    Ok(())
}

/// Files are added to an outcome that is recorded.
pub(super) fn add(state: &DayState, fact: &FactId, files: &[ProofFile]) -> Result<Decision, Rejection> {
    check_files(files)?;
    let (held, outcome) = state.outcome_of(fact).ok_or(Rejection::NothingToProve)?;
    for file in files {
        let proof = file.kind.proof();
        let is_forbidden = match outcome {
            Outcome::HandedOver { receiver, .. } => {
                let rule = state.policy().receiver(*receiver).and_then(|rule| rule.proofs.get(&proof));
                rule.copied().unwrap_or_else(|| proof.usual_demand(*receiver)) == Demand::Forbidden
            }
            // Of a parcel that stays there may be a photo, and nobody signs for it.
            Outcome::NotDelivered { .. } => file.kind != FileKind::Photo,
        };
        if is_forbidden {
            return Err(Rejection::ProofForbidden { proof });
        }
    }
    if files.is_empty() {
        return Ok(Decision::Nothing);
    }
    let files = files.iter().map(|file| file.sha256.as_str().to_owned()).collect();
    Ok(record(Some(&held.object.stop), FactBody::ProofAdded { fact: fact.clone(), files }))
}

fn has(files: &[ProofFile], kind: FileKind) -> bool {
    files.iter().any(|file| file.kind == kind)
}

fn check_files(files: &[ProofFile]) -> Result<(), Rejection> {
    let bad = |field: &str, max: usize| Rejection::BadText {
        field: field.into(),
        max: u32::try_from(max).unwrap_or(u32::MAX),
    };
    if files.len() > MAX_FILES {
        return Err(bad("files", MAX_FILES));
    }
    if files.iter().all(|file| file.sha256.as_str().len() == HASH_LEN) {
        Ok(())
    } else {
        Err(bad("sha256", HASH_LEN))
    }
}
