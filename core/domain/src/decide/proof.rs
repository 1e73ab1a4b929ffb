//! Whether a handover is proven as it is asked for, and proof that is added later.

use super::{Decision, FileSource, Rejection, record};
use crate::attempt::Outcome;
use crate::command::ReceiverDetails;
use crate::encoded::Base64Url;
use crate::fact::{FactBody, PrivatePart};
use crate::id::{FactId, StopId};
use crate::proof::{Check, Demand, FileKind, Proof, ProofFile, ProofRule};
use crate::receiver::Receiver;
use crate::signature::Signature;
use crate::state::DayState;

/// Most files of one command.
pub const MAX_FILES: usize = 12;

/// Whether a recorded reason stands in for a proof.
pub(super) fn is_excused(details: &ReceiverDetails, proof: Proof) -> bool {
    proof.is_excusable() && details.without.iter().any(|excuse| excuse.proof == proof)
}

/// A file may be kept at a stop of this route, as long as there are not too many.
pub(super) fn take(
    state: &DayState,
    stop: &StopId,
    kind: FileKind,
    source: FileSource,
) -> Result<Decision, Rejection> {
    state.stop(stop).ok_or(Rejection::NotOnRoute)?;
    if state.files_taken(stop).len() >= MAX_FILES {
        return Err(too_many());
    }
    Ok(Decision::TakeFile { stop: stop.clone(), kind, source })
}

pub(super) fn sign(state: &DayState, stop: &StopId, signature: &Signature) -> Result<Decision, Rejection> {
    if !signature.is_drawn() {
        return Err(Rejection::NotSigned);
    }
    take(state, stop, FileKind::Signature, FileSource::Bytes(signature.svg().into_bytes()))
}

/// Gone already is as good.
pub(super) fn drop_file(state: &DayState, stop: &StopId, sha256: &Base64Url) -> Result<Decision, Rejection> {
    state.stop(stop).ok_or(Rejection::NotOnRoute)?;
    let file = state.files_taken(stop).into_iter().find(|file| file.sha256 == *sha256);
    Ok(file.map_or(Decision::Nothing, |file| Decision::DropFile { stop: stop.clone(), file }))
}

/// Scan and code are not looked at here: the command is refused before without them.
pub(super) fn check(
    receiver: Receiver,
    rules: &[ProofRule],
    private: &PrivatePart,
    details: &ReceiverDetails,
) -> Result<(), Rejection> {
    for proof in Proof::ALL {
        let rule = rules.iter().find(|rule| rule.proof == proof);
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
        match proof.demand(receiver, rules) {
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
    let (held, outcome) = state.outcome_of(fact).ok_or(Rejection::NothingToProve)?;
    check_files(state, &held.object.stop, files)?;
    if let Some(file) = files.iter().find(|file| !may_add(state, outcome, file.kind)) {
        return Err(Rejection::ProofForbidden { proof: file.kind.proof() });
    }
    if files.is_empty() {
        return Ok(Decision::Nothing);
    }
    let files = files.iter().map(|file| file.sha256.as_str().to_owned()).collect();
    Ok(record(Some(&held.object.stop), FactBody::ProofAdded { fact: fact.clone(), files }))
}

/// Whether a file of this kind may prove an outcome that is recorded.
pub(crate) fn may_add(state: &DayState, outcome: &Outcome, kind: FileKind) -> bool {
    match outcome {
        Outcome::HandedOver { receiver, .. } => {
            let proof = kind.proof();
            let rule = state.policy().receiver(*receiver).and_then(|rule| rule.proofs.get(&proof));
            rule.copied().unwrap_or_else(|| proof.usual_demand(*receiver)) != Demand::Forbidden
        }
        // Of a parcel that stays there may be a photo, and nobody signs for it.
        Outcome::NotDelivered { .. } => kind == FileKind::Photo,
    }
}

fn has(files: &[ProofFile], kind: FileKind) -> bool {
    files.iter().any(|file| file.kind == kind)
}

/// What a fact names has to be on this phone: a hash without its bytes proves nothing.
pub(super) fn check_files(state: &DayState, stop: &StopId, files: &[ProofFile]) -> Result<(), Rejection> {
    if files.len() > MAX_FILES {
        return Err(too_many());
    }
    let taken = state.files_taken(stop);
    if files.iter().all(|file| taken.contains(file)) { Ok(()) } else { Err(Rejection::FileNotTaken) }
}

fn too_many() -> Rejection {
    Rejection::BadText { field: "files".into(), max: u32::try_from(MAX_FILES).unwrap_or(u32::MAX) }
}
