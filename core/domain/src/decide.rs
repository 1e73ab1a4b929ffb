//! What a command may do now. Pure: time comes in as data, and nothing happens here.

use serde::{Deserialize, Serialize};

use crate::attempt::AttemptState;
use crate::code::{CodeNeed, CodeState, LockedBy};
use crate::command::{CodeEntry, Command, ReceiverDetails};
use crate::fact::{FactBody, PrivatePart};
use crate::id::{AttemptId, CodeId, FactId, ParcelId, RouteId, ShipmentId, StopId};
use crate::instruction::{InstructionKind, Origin};
use crate::policy::{Case, Why, exits};
use crate::reason::Reason;
use crate::receiver::Receiver;
use crate::route::Shipment;
use crate::state::{DayState, Draft, Held, plain_barcode};
use crate::time::At;
use crate::view::scene;

/// Longest barcode taken, in characters.
pub const MAX_BARCODE: usize = 64;
/// Most barcodes in one load check.
pub const MAX_BARCODES: usize = 2_000;
/// Longest name, relation or flat, in characters.
pub const MAX_NAME: usize = 120;
/// Longest note, in characters.
pub const MAX_NOTE: usize = 1_000;

/// What is not in the state and still counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Now, by every clock of the phone.
    pub at: At,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Build, sign and commit this fact.
    Record {
        /// The stop it was made at.
        stop: Option<StopId>,
        /// What happened.
        body: FactBody,
        /// What is personal about it.
        private: PrivatePart,
    },
    /// Make a day key, and record `day_started` signed by the device key.
    StartDay {
        /// The route of the day.
        route: RouteId,
    },
    /// Commit the try, then compare the entry with these codes, then record `code_tried`.
    CheckCode {
        /// Where.
        stop: StopId,
        /// Every attempt that a miss counts for.
        attempts: Vec<AttemptId>,
        /// The codes that may fit.
        codes: Vec<CodeId>,
        /// If none fits, the entry is sealed unjudged: one of the attempts has a code that only the backend can check.
        ask: bool,
    },
    /// Remember what is on the screen.
    SaveDraft {
        /// Of which stop.
        stop: StopId,
        /// What is on it.
        draft: Draft,
        /// What was scanned.
        scan: ScanResult,
    },
    /// It is so already.
    Nothing,
}

/// What a scanned barcode is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scan", rename_all = "snake_case")]
pub enum ScanResult {
    /// A parcel of this stop.
    Here {
        /// Its shipment.
        shipment: ShipmentId,
        /// The parcel.
        parcel: ParcelId,
    },
    /// A parcel of another stop of this route.
    OtherStop {
        /// The number of that stop.
        no: u32,
        /// That stop.
        stop: StopId,
    },
    /// Not on this route.
    Unknown,
}

/// Why a command is not possible now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "rejection", rename_all = "snake_case")]
pub enum Rejection {
    /// There is no route yet.
    #[error("there is no route yet")]
    NoRoute,
    /// The day has not begun.
    #[error("the day has not begun")]
    DayNotStarted,
    /// The day is over.
    #[error("the day is over")]
    DayClosed,
    /// What the command names is not on this route.
    #[error("not on this route")]
    NotOnRoute,
    /// The office took it away before anything was done.
    #[error("the office took it away: {why}")]
    Gone {
        /// Stable word why.
        why: String,
    },
    /// Every parcel that the command names has an outcome.
    #[error("it has an outcome already")]
    NotOpen,
    /// The parcel has to be scanned at the door first.
    #[error("scan the parcel first")]
    ScanFirst,
    /// No scanned parcel needs a code.
    #[error("no code is needed")]
    NoCodeNeeded,
    /// A code that fits was entered already.
    #[error("the code was entered already")]
    CodeMatchedAlready,
    /// The next entry is taken later.
    #[error("the next code is taken in {wait_ms} ms")]
    Wait {
        /// Milliseconds.
        wait_ms: u64,
    },
    /// No entry is taken.
    #[error("no code is taken any more")]
    Locked {
        /// Why.
        by: LockedBy,
    },
    /// The last entry is on its way to the backend, which alone can check it.
    #[error("the backend has not yet answered the last code")]
    CodeAsked,
    /// The code is not valid yet.
    #[error("the code is not valid yet")]
    NotYet,
    /// The code is not valid any more.
    #[error("the code is not valid any more")]
    Expired,
    /// The phone holds no code to compare with.
    #[error("this phone cannot check the code")]
    CodeMissing,
    /// The parcel may not go there.
    #[error("{}", why.words())]
    NotAllowed {
        /// The rule.
        why: Why,
        /// Who stands behind it.
        by: Origin,
    },
    /// The name of the person who receives is needed.
    #[error("the receiver's name is needed")]
    NameNeeded,
    /// This reason is not offered now.
    #[error("this reason does not apply now")]
    ReasonNotOffered,
    /// Not an outcome of this phone that could be taken back.
    #[error("nothing to take back")]
    NothingToWithdraw,
    /// A parcel that was handed over cannot come back to the depot.
    #[error("a handed over parcel does not come back")]
    HandedOver,
    /// The office gives no new code for this attempt now.
    #[error("there is no new code for this now")]
    NoNewCode,
    /// A text is empty or too long.
    #[error("{field}: 1 to {max} characters")]
    BadText {
        /// Which.
        field: String,
        /// Longest accepted, in characters.
        max: u32,
    },
}

/// Decides about a command. Nothing changes: the caller records, then folds.
pub fn decide(state: &DayState, command: &Command, context: &Context) -> Result<Decision, Rejection> {
    let (route, _) = state.route().ok_or(Rejection::NoRoute)?;
    let day = state.day();
    match (command, day.started, day.closed) {
        (_, _, true) => return Err(Rejection::DayClosed),
        (Command::StartDay, true, false) => return Ok(Decision::Nothing),
        (Command::StartDay, false, false) => return Ok(Decision::StartDay { route: route.id.clone() }),
        (_, false, false) => return Err(Rejection::DayNotStarted),
        (_, true, false) => {}
    }
    match command {
        Command::StartDay => Ok(Decision::Nothing),
        Command::CloseDay => Ok(record(None, FactBody::DayClosed {})),
        Command::CheckLoad { barcodes } => check_load(state, barcodes),
        Command::Arrive { stop } => arrive(state, stop),
        Command::Scan { stop, barcode } => scan(state, stop, barcode),
        Command::EnterCode { stop, entry } => enter_code(state, stop, entry, context),
        Command::HandOver { attempt, parcels, receiver, details } => {
            hand_over(state, attempt, parcels, *receiver, details, context)
        }
        Command::NotDelivered { attempt, parcels, reason, note } => {
            not_delivered(state, attempt, parcels, *reason, note.as_deref(), context)
        }
        Command::Withdraw { fact } => withdraw(state, fact),
        Command::Return { parcels } => give_back(state, parcels),
    }
}

fn record(stop: Option<&StopId>, body: FactBody) -> Decision {
    Decision::Record { stop: stop.cloned(), body, private: PrivatePart::default() }
}

fn check_load(state: &DayState, barcodes: &[String]) -> Result<Decision, Rejection> {
    if barcodes.len() > MAX_BARCODES {
        let max = u32::try_from(MAX_BARCODES).unwrap_or(u32::MAX);
        return Err(Rejection::BadText { field: "barcodes".into(), max });
    }
    let (mut found, mut foreign) = (Vec::new(), Vec::new());
    for barcode in barcodes {
        check_text("barcode", barcode, MAX_BARCODE)?;
        match state.find_barcode(barcode) {
            Some((held, parcel)) if state.gone_why(held).is_none() => found.push(parcel.id.clone()),
            _ => foreign.push(plain_barcode(barcode)),
        }
    }
    found.sort_unstable();
    found.dedup();
    foreign.sort_unstable();
    foreign.dedup();
    let missing = state
        .shipments()
        .filter(|held| state.gone_why(held).is_none())
        .flat_map(|held| &held.object.parcels)
        .map(|parcel| parcel.id.clone())
        .filter(|id| found.binary_search(id).is_err())
        .collect();
    Ok(record(None, FactBody::LoadChecked { found, missing, foreign }))
}

fn arrive(state: &DayState, stop: &StopId) -> Result<Decision, Rejection> {
    let held = state.stop(stop).ok_or(Rejection::NotOnRoute)?;
    if state.has_arrived(stop) {
        return Ok(Decision::Nothing);
    }
    match &held.gone {
        Some(why) => Err(Rejection::Gone { why: why.clone() }),
        None => Ok(record(Some(stop), FactBody::Arrived {})),
    }
}

fn scan(state: &DayState, stop: &StopId, barcode: &str) -> Result<Decision, Rejection> {
    state.stop(stop).ok_or(Rejection::NotOnRoute)?;
    check_text("barcode", barcode, MAX_BARCODE)?;
    let mut draft = state.draft(stop);
    let scan = match state.find_barcode(barcode) {
        None => ScanResult::Unknown,
        Some((held, parcel)) if held.object.stop == *stop => {
            if let AttemptState::Gone { why } = state.attempt_state(held) {
                return Err(Rejection::Gone { why });
            }
            draft.scanned.insert(parcel.id.clone());
            ScanResult::Here { shipment: held.object.id.clone(), parcel: parcel.id.clone() }
        }
        Some((held, _)) => ScanResult::OtherStop {
            no: state.number_of(&held.object.stop).unwrap_or(0),
            stop: held.object.stop.clone(),
        },
    };
    Ok(Decision::SaveDraft { stop: stop.clone(), draft, scan })
}

fn enter_code(
    state: &DayState,
    stop: &StopId,
    entry: &CodeEntry,
    context: &Context,
) -> Result<Decision, Rejection> {
    state.stop(stop).ok_or(Rejection::NotOnRoute)?;
    let scanned: Vec<&Shipment> = state
        .shipments_of(stop)
        .map(|held| &held.object)
        .filter(|shipment| is_any_scanned(state, shipment))
        .collect();
    if scanned.is_empty() {
        return Err(Rejection::ScanFirst);
    }
    // A QR token cannot be guessed: it is taken without waiting, and when all tries are used.
    let is_token = matches!(entry, CodeEntry::Token(_));
    let (mut attempts, mut refusal, mut ask) = (Vec::new(), Rejection::NoCodeNeeded, false);
    for shipment in scanned {
        match state.code_state(shipment, &context.at) {
            CodeState::Needed { wait_ms, .. } if wait_ms > 0 && !is_token => {
                return Err(Rejection::Wait { wait_ms });
            }
            CodeState::Needed { .. } => {
                attempts.push(shipment.attempt.id.clone());
                ask |= shipment.code == CodeNeed::OnlineOnly && !is_token;
            }
            CodeState::Locked { by: LockedBy::TriesUsed } if is_token => {
                attempts.push(shipment.attempt.id.clone());
            }
            CodeState::NotNeeded => {}
            CodeState::Matched { .. } => refusal = Rejection::CodeMatchedAlready,
            CodeState::Asked => refusal = Rejection::CodeAsked,
            CodeState::Locked { by } => refusal = Rejection::Locked { by },
            CodeState::NotYet => refusal = Rejection::NotYet,
            CodeState::Expired => refusal = Rejection::Expired,
            CodeState::Missing => refusal = Rejection::CodeMissing,
        }
    }
    if attempts.is_empty() {
        return Err(refusal);
    }
    let codes = attempts
        .iter()
        .flat_map(|attempt| state.codes_of(attempt))
        .filter(|(_, info)| info.is_valid(&context.at) && (info.k > 0 || is_token))
        .map(|(id, _)| id.clone())
        .collect();
    Ok(Decision::CheckCode { stop: stop.clone(), attempts, codes, ask })
}

fn hand_over(
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
    if !parcels.iter().all(|parcel| state.is_scanned(&shipment.stop, parcel)) {
        return Err(Rejection::ScanFirst);
    }
    let code = state.code_state(shipment, &context.at);
    let mut private = private_part(details)?;
    complete_from_instructions(&mut private, receiver, shipment);
    let option =
        Case { instructions: &shipment.instructions, code: &code }.option(receiver, private.name.as_deref());
    if !option.allowed {
        return Err(Rejection::NotAllowed { why: option.why, by: option.source });
    }
    if receiver != Receiver::Recipient && receiver.is_person() && private.name.is_none() {
        return Err(Rejection::NameNeeded);
    }
    let code_try = state.opening_entry(shipment).cloned();
    let body = FactBody::HandedOver {
        attempt: attempt.clone(),
        scanned: parcels.clone(),
        parcels,
        receiver,
        code_try,
        proofs: Vec::new(),
        overrides: Vec::new(),
    };
    Ok(Decision::Record { stop: Some(shipment.stop.clone()), body, private })
}

fn not_delivered(
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
    if !exits(&code, scene(state, shipment)).iter().any(|exit| exit.reason == reason) {
        return Err(Rejection::ReasonNotOffered);
    }
    let private = PrivatePart { note: text("note", note, MAX_NOTE)?, ..PrivatePart::default() };
    let body = FactBody::NotDelivered { attempt: attempt.clone(), parcels, reason };
    Ok(Decision::Record { stop: Some(shipment.stop.clone()), body, private })
}

fn withdraw(state: &DayState, fact: &FactId) -> Result<Decision, Rejection> {
    let held = state
        .shipments()
        .find(|held| {
            let outcomes = &state.progress_of(&held.object.attempt.id).outcomes;
            outcomes.values().any(|outcome| outcome.fact() == fact)
        })
        .ok_or(Rejection::NothingToWithdraw)?;
    Ok(record(Some(&held.object.stop), FactBody::Withdrawn { fact: fact.clone() }))
}

fn give_back(state: &DayState, parcels: &[ParcelId]) -> Result<Decision, Rejection> {
    let mut back = Vec::new();
    for parcel in parcels {
        let held = state
            .shipments()
            .find(|held| held.object.parcels.iter().any(|known| known.id == *parcel))
            .ok_or(Rejection::NotOnRoute)?;
        let outcomes = &state.progress_of(&held.object.attempt.id).outcomes;
        if matches!(outcomes.get(parcel), Some(crate::attempt::Outcome::HandedOver { .. })) {
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

fn is_any_scanned(state: &DayState, shipment: &Shipment) -> bool {
    state.open_parcels(shipment).iter().any(|parcel| state.is_scanned(&shipment.stop, &parcel.id))
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

fn private_part(details: &ReceiverDetails) -> Result<PrivatePart, Rejection> {
    Ok(PrivatePart {
        name: text("name", details.name.as_deref(), MAX_NAME)?,
        relation: text("relation", details.relation.as_deref(), MAX_NAME)?,
        flat: text("flat", details.flat.as_deref(), MAX_NAME)?,
        note: text("note", details.note.as_deref(), MAX_NOTE)?,
    })
}

/// A text without white space around it; nothing left means nothing was given.
fn text(field: &str, given: Option<&str>, max: usize) -> Result<Option<String>, Rejection> {
    match given.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => check_text(field, text, max).map(|()| Some(text.to_owned())),
    }
}

fn check_text(field: &str, text: &str, max: usize) -> Result<(), Rejection> {
    if text.trim().is_empty() || text.chars().count() > max {
        return Err(Rejection::BadText { field: field.into(), max: u32::try_from(max).unwrap_or(u32::MAX) });
    }
    Ok(())
}
