//! One shipment at a door: what is known about it, and what can be done.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::attempt::{AttemptState, Outcome};
use crate::code::CodeState;
use crate::decide::may_add;
use crate::exit::{Exit, Scene, exits};
use crate::id::{AttemptId, FactId, ParcelId, ShipmentId};
use crate::instruction::{Instruction, InstructionKind};
use crate::permission::{Case, Conflict, ReceiverOption, conflicts};
use crate::phone_number::PhoneNumber;
use crate::proof::FileKind;
use crate::route::Shipment;
use crate::state::{DayState, Held};
use crate::suggestion::{Suggestion, suggestions};
use crate::time::At;

/// One shipment at the door.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DoorView {
    /// The shipment.
    pub shipment: ShipmentId,
    /// Its current attempt.
    pub attempt: AttemptId,
    /// 1 for the first.
    pub attempt_no: u32,
    /// The name on the label.
    pub recipient_name: String,
    /// The number to call when nobody opens. Absent once nothing is open: then nobody has a reason to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient_phone: Option<PhoneNumber>,
    /// The customer's language, BCP 47.
    pub lang: String,
    /// Who sent it.
    pub sender_name: String,
    /// Its pieces.
    pub parcels: Vec<ParcelLine>,
    /// What recipient, sender and law allow.
    pub instructions: Vec<InstructionLine>,
    /// Instructions that do not go together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Conflict>,
    /// Where the attempt stands.
    pub state: AttemptState,
    /// Stable word why the office took the shipment away, if it did.
    pub gone: Option<String>,
    /// What the courier does next.
    pub ask: Ask,
    /// Where it stands with its code. Absent until a parcel is scanned, so that nothing marks the valuable one.
    pub code: Option<CodeState>,
    /// Who may receive, in order of precedence. Empty until a parcel is scanned.
    pub options: Vec<ReceiverOption>,
    /// Names to offer when somebody receives, all of them of this stop. Empty until a parcel is scanned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<Suggestion>,
    /// The reasons that may be given instead. Never empty while a parcel is open.
    pub exits: Vec<Exit>,
    /// The newest outcome, to be taken back by a withdrawal until the day is closed.
    pub undo: Option<FactId>,
    /// What may still be added to what is recorded, each kind of file once, until the day is closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provable: Vec<Provable>,
    /// The outcome to be withdrawn for a second try today, while the time window allows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_try: Option<FactId>,
}

/// A kind of file that may be added to an outcome which is recorded ([`Command::AddProof`](crate::Command::AddProof)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provable {
    /// Photo or signature.
    pub kind: FileKind,
    /// The newest outcome that it may prove: a photo that of the damaged parcel, though the others were handed over since.
    pub fact: FactId,
}

/// A parcel at the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelLine {
    /// The parcel.
    pub id: ParcelId,
    /// What is printed on its label.
    pub barcode: String,
    /// It was scanned at this door.
    pub scanned: bool,
    /// What happened to it.
    pub outcome: Option<Outcome>,
    /// It is back at the depot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub returned: bool,
}

/// An instruction, and whether the customer changed it after the route was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstructionLine {
    /// What it says.
    pub instruction: Instruction,
    /// It is new: highlight it.
    pub changed: bool,
    /// It cannot be followed: read it, ask the office, guess nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreadable: bool,
}

/// What the courier does next at a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Scan a parcel.
    Scan,
    /// Ask for the code.
    Code,
    /// Wait for the backend, which alone can check the code that was entered.
    Verdict,
    /// Say who receives.
    Receiver,
    /// Nobody can receive now: choose a reason.
    Exit,
    /// Nothing: every parcel has an outcome.
    Done,
}

pub(super) fn door_view(state: &DayState, held: &Held<Shipment>, at: &At) -> DoorView {
    let shipment = &held.object;
    let attempt_state = state.attempt_state(held);
    let is_open = attempt_state == AttemptState::Open;
    let scene = scene(state, held, at);
    let code = state.code_state(shipment, at);
    let outcomes = &state.progress_of(&shipment.attempt.id).outcomes;
    // As the stop came to this phone; a change of the order does not make an old instruction new, or a new one old.
    let published = state.stop(&shipment.stop).map_or(u64::MAX, |stop| stop.rev);
    let parcels = shipment.parcels.iter().map(|parcel| ParcelLine {
        id: parcel.id.clone(),
        barcode: parcel.barcodes.first().cloned().unwrap_or_default(),
        scanned: state.is_scanned(&shipment.stop, &parcel.id),
        outcome: outcomes.get(&parcel.id).cloned(),
        returned: state.is_returned(&parcel.id),
    });
    let instructions = shipment.instructions.iter().map(|instruction| InstructionLine {
        instruction: instruction.clone(),
        changed: instruction.rev > published,
        unreadable: instruction.kind.is_unreadable(),
    });
    let at_stop = || state.shipments_of(&shipment.stop).map(|held| &held.object).collect::<Vec<_>>();
    let case = Case { policy: state.policy(), instructions: &shipment.instructions, code: &code };
    let mut newest_first: Vec<_> = outcomes.values().filter(|_| !state.day().closed).collect();
    // UUIDv7 ids sort by the time they were made.
    newest_first.sort_unstable_by_key(|outcome| Reverse(outcome.fact()));
    DoorView {
        shipment: shipment.id.clone(),
        attempt: shipment.attempt.id.clone(),
        attempt_no: shipment.attempt.no,
        recipient_name: shipment.recipient_name.clone(),
        recipient_phone: shipment.recipient_phone.clone().filter(|_| is_open),
        lang: shipment.lang.clone(),
        sender_name: shipment.sender_name.clone(),
        parcels: parcels.collect(),
        instructions: instructions.collect(),
        conflicts: conflicts(&shipment.instructions),
        gone: state.gone_why(held),
        ask: if is_open { ask(&scene, &code) } else { Ask::Done },
        options: if is_open && scene.scanned { case.options() } else { Vec::new() },
        suggestions: if is_open && scene.scanned { suggestions(shipment, &at_stop()) } else { Vec::new() },
        exits: if is_open { exits(state.policy(), &code, &scene) } else { Vec::new() },
        undo: newest_first.first().map(|outcome| outcome.fact().clone()),
        provable: provable(state, &newest_first),
        second_try: second_try(state, held, at),
        state: attempt_state,
        code: (scene.scanned || !outcomes.is_empty()).then_some(code),
    }
}

fn provable(state: &DayState, newest_first: &[&Outcome]) -> Vec<Provable> {
    let of_kind = |kind| {
        let outcome = newest_first.iter().find(|outcome| may_add(state, outcome, kind))?;
        Some(Provable { kind, fact: outcome.fact().clone() })
    };
    [FileKind::Signature, FileKind::Photo].into_iter().filter_map(of_kind).collect()
}

/// Where courier and parcels are, as the rules see it.
pub(crate) fn scene(state: &DayState, held: &Held<Shipment>, at: &At) -> Scene {
    let shipment = &held.object;
    let open = state.open_parcels(shipment);
    let load = &state.day().load;
    Scene {
        arrived: state.has_arrived(&shipment.stop),
        scanned: open.iter().any(|parcel| state.is_scanned(&shipment.stop, &parcel.id)),
        missing: load
            .as_ref()
            .is_some_and(|load| open.iter().any(|parcel| load.missing.contains(&parcel.id))),
        check_asked: shipment.instructions.iter().any(|given| {
            matches!(given.kind, InstructionKind::AgeCheck { .. } | InstructionKind::IdentityCheck {})
        }),
        recalled: state.gone_why(held).is_some(),
        window_left_min: window_left_min(state, shipment, at),
        attempt_no: shipment.attempt.no,
    }
}

fn window_left_min(state: &DayState, shipment: &Shipment, at: &At) -> Option<i64> {
    let window = state.stop(&shipment.stop)?.object.window?;
    Some(window.to.0.saturating_sub(at.best().ms().0) / 60_000)
}

/// The failure that may be withdrawn for a second try today.
fn second_try(state: &DayState, held: &Held<Shipment>, at: &At) -> Option<FactId> {
    let left = window_left_min(state, &held.object, at)?;
    if left < i64::from(state.policy().second_try_min) {
        return None;
    }
    let again = |reason| state.policy().reason(reason).is_some_and(|rule| rule.again_today);
    let outcomes = &state.progress_of(&held.object.attempt.id).outcomes;
    outcomes.values().find_map(|outcome| match outcome {
        Outcome::NotDelivered { fact, reason } if again(*reason) => Some(fact.clone()),
        _ => None,
    })
}

fn ask(scene: &Scene, code: &CodeState) -> Ask {
    match code {
        _ if !scene.scanned => Ask::Scan,
        CodeState::NotNeeded | CodeState::Matched { .. } => Ask::Receiver,
        CodeState::Needed { .. } => Ask::Code,
        CodeState::Asked => Ask::Verdict,
        CodeState::Locked { .. } | CodeState::NotYet | CodeState::Expired | CodeState::Missing => Ask::Exit,
    }
}
