//! What happens to parcels: handed over, not delivered, taken back, returned.

use super::{Context, Decision, MAX_NAME, MAX_NOTE, Rejection, proof, record, text};
use crate::attempt::{AttemptState, Outcome};
use crate::code::CodeState;
use crate::command::ReceiverDetails;
use crate::exit::exits;
use crate::fact::{FactBody, PrivatePart};
use crate::id::{AttemptId, FactId, ParcelId};
use crate::instruction::InstructionKind;
use crate::permission::Case;
use crate::proof::{Demand, Proof};
use crate::reason::Reason;
use crate::receiver::Receiver;
use crate::route::Shipment;
use crate::state::{DayState, Held};
use crate::view::scene;

/// Parcels go to somebody, or to a place.
pub(super) fn hand_over(
    state: &DayState,
    attempt: &AttemptId,
    parcels: &[ParcelId],
    receiver: Receiver,
    details: &ReceiverDetails,
    context: &Context,
) -> Result<Decision, Rejection> {
    let held = open_shipment(state, attempt)?;
    let shipment = &held.object;
    let parcels = open_among(state, shipment, parcels)?;
    let code = state.code_state(shipment, &context.at);
    let mut scanned = parcels.clone();
    scanned.retain(|parcel| state.is_scanned(&shipment.stop, parcel));
    // A parcel with a code is always scanned: nothing else tells which code it needs.
    let is_excused = code == CodeState::NotNeeded && proof::is_excused(details, Proof::Scan);
    if scanned.len() < parcels.len() && !is_excused {
        return Err(Rejection::ScanFirst);
    }
    let mut private = private_part(details)?;
    complete_from_instructions(&mut private, receiver, shipment);
    let case = Case { policy: state.policy(), instructions: &shipment.instructions, code: &code };
    let option = case.option(receiver, private.name.as_deref());
    if !option.allowed {
        return Err(Rejection::NotAllowed { why: option.why, by: option.source });
    }
    proof::check_files(state, &shipment.stop, &details.files)?;
    proof::check(receiver, &option.proofs, &private, details)?;
    let body = FactBody::HandedOver {
        attempt: attempt.clone(),
        scanned,
        parcels,
        receiver,
        code_try: state.opening_entry(shipment).cloned(),
        proofs: details.files.iter().map(|file| file.sha256.as_str().to_owned()).collect(),
        overrides: details.without.iter().map(|excuse| excuse.word()).collect(),
        checks: details.checks.clone(),
    };
    Ok(Decision::Record { stop: Some(shipment.stop.clone()), body, private })
}

/// Parcels stay undelivered.
pub(super) fn not_delivered(
    state: &DayState,
    attempt: &AttemptId,
    parcels: &[ParcelId],
    reason: Reason,
    note: Option<&str>,
    context: &Context,
) -> Result<Decision, Rejection> {
    let held = open_shipment(state, attempt)?;
    let shipment = &held.object;
    let parcels = open_among(state, shipment, parcels)?;
    let code = state.code_state(shipment, &context.at);
    let exits = exits(state.policy(), &code, &scene(state, held, &context.at));
    let exit = exits.iter().find(|exit| exit.reason == reason).ok_or(Rejection::ReasonNotOffered)?;
    let private = PrivatePart { note: text("note", note, MAX_NOTE)?, ..PrivatePart::default() };
    if exit.note == Demand::Required && private.note.is_none() {
        return Err(Rejection::ProofNeeded { proof: Proof::Note });
    }
    let body = FactBody::NotDelivered { attempt: attempt.clone(), parcels, reason };
    Ok(Decision::Record { stop: Some(shipment.stop.clone()), body, private })
}

/// An outcome was a mistake.
pub(super) fn withdraw(state: &DayState, fact: &FactId) -> Result<Decision, Rejection> {
    let (held, _) = state.outcome_of(fact).ok_or(Rejection::NothingToWithdraw)?;
    Ok(record(Some(&held.object.stop), FactBody::Withdrawn { fact: fact.clone() }))
}

/// Parcels are back at the depot.
pub(super) fn give_back(state: &DayState, parcels: &[ParcelId]) -> Result<Decision, Rejection> {
    let mut back = Vec::new();
    for parcel in parcels {
        let held = state
            .shipments()
            .find(|held| held.object.parcels.iter().any(|known| known.id == *parcel))
            .ok_or(Rejection::NotOnRoute)?;
        let outcomes = &state.progress_of(&held.object.attempt.id).outcomes;
        if matches!(outcomes.get(parcel), Some(Outcome::HandedOver { .. })) {
            return Err(Rejection::HandedOver);
        }
        if !state.is_returned(parcel) && !back.contains(parcel) {
            back.push(parcel.clone());
        }
    }
    if back.is_empty() {
        return Ok(Decision::Nothing);
    }
    Ok(record(None, FactBody::Returned { parcels: back }))
}

fn open_shipment<'a>(state: &'a DayState, attempt: &AttemptId) -> Result<&'a Held<Shipment>, Rejection> {
    let held = state.shipment_of(attempt).ok_or(Rejection::NotOnRoute)?;
    match state.attempt_state(held) {
        AttemptState::Open => Ok(held),
        AttemptState::Closed { .. } => Err(Rejection::NotOpen),
        AttemptState::Gone { why } => Err(Rejection::Gone { why }),
    }
}

/// The named parcels, or all that are open when none is named.
fn open_among(state: &DayState, shipment: &Shipment, named: &[ParcelId]) -> Result<Vec<ParcelId>, Rejection> {
    let open: Vec<ParcelId> =
        state.open_parcels(shipment).into_iter().map(|parcel| parcel.id.clone()).collect();
    if named.is_empty() {
        return Ok(open);
    }
    if named.iter().any(|id| !shipment.parcels.iter().any(|parcel| parcel.id == *id)) {
        return Err(Rejection::NotOnRoute);
    }
    if named.iter().any(|id| !open.contains(id)) {
        return Err(Rejection::NotOpen);
    }
    Ok(open.into_iter().filter(|id| named.contains(id)).collect())
}

/// When exactly one instruction names the receiver, the courier need not type the name again.
fn complete_from_instructions(private: &mut PrivatePart, receiver: Receiver, shipment: &Shipment) {
    if private.name.is_some() {
        return;
    }
    let mut named = shipment.instructions.iter().filter_map(|given| match (&given.kind, receiver) {
        (InstructionKind::Neighbour { name, flat }, Receiver::NamedNeighbour) => Some((name, flat.clone())),
        (InstructionKind::NamedPerson { name }, Receiver::NamedPerson) => Some((name, None)),
        _ => None,
    });
    if let (Some((name, flat)), None) = (named.next(), named.next()) {
        private.name = Some(name.clone());
        private.flat = private.flat.take().or(flat);
    }
}

pub(super) fn private_part(details: &ReceiverDetails) -> Result<PrivatePart, Rejection> {
    Ok(PrivatePart {
        name: text("name", details.name.as_deref(), MAX_NAME)?,
        relation: text("relation", details.relation.as_deref(), MAX_NAME)?,
        flat: text("flat", details.flat.as_deref(), MAX_NAME)?,
        note: text("note", details.note.as_deref(), MAX_NOTE)?,
        // A place that is none says nothing, and stops nobody.
        position: details.position.filter(|position| position.is_on_earth()),
    })
}
