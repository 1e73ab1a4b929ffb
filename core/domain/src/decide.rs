//! What a command may do now. Pure: time comes in as data, and nothing happens here.

use serde::{Deserialize, Serialize};

use crate::barcode::Form;
use crate::code::{CodeNeed, CodeState, LockedBy};
use crate::command::{CodeEntry, Command};
use crate::fact::{FactBody, PrivatePart};
use crate::id::{AttemptId, CodeId, RouteId, StopId};
use crate::instruction::Origin;
use crate::permission::Why;
use crate::plan::{KeepOrder, RouteEdit};
use crate::proof::{FileKind, Proof, ProofFile};
use crate::route::Shipment;
use crate::state::{DayState, Draft};
use crate::time::At;

mod form;
mod outcome;
mod proof;
mod scan;

pub use proof::MAX_FILES;
pub(crate) use proof::may_add;
pub use scan::{MAX_BARCODES, ScanResult};

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
    /// Remember what is filled in.
    SaveForm {
        /// Of which stop.
        stop: StopId,
        /// What is on its screen.
        draft: Draft,
    },
    /// Keep a file, then remember that it is on the screen.
    TakeFile {
        /// Of which stop.
        stop: StopId,
        /// What is on it.
        kind: FileKind,
        /// Its bytes.
        source: FileSource,
    },
    /// Remember that a file is not on the screen any more, then let it go.
    DropFile {
        /// Of which stop.
        stop: StopId,
        /// Which.
        file: ProofFile,
    },
    /// Find the order that the courier wants, and record it.
    EditRoute {
        /// The stop, which is open.
        stop: StopId,
        /// Where it is to come.
        edit: RouteEdit,
    },
    /// Record the proposed order, or let it go.
    AnswerProposal {
        /// Which.
        proposal: u32,
        /// Whether it is taken.
        take: bool,
    },
    /// Remember it.
    PreferOrder {
        /// How much another order has to save.
        keep: KeepOrder,
    },
    /// It is so already.
    Nothing,
}

/// Where the bytes of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileSource {
    /// In a JPEG file of this path.
    Jpeg(String),
    /// Here.
    Bytes(Vec<u8>),
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
    /// The check digit is wrong: it was misread or mistyped.
    #[error("misread: the check digit of {} is wrong", form.name())]
    Misread {
        /// The form that it would have.
        form: Form,
    },
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
    /// Something that would prove it is missing. A recorded reason may stand in for most.
    #[error("needed: {}", proof.word())]
    ProofNeeded {
        /// What.
        proof: Proof,
    },
    /// Something that must not be taken here, such as a photo of people.
    #[error("not to be taken here: {}", proof.word())]
    ProofForbidden {
        /// What.
        proof: Proof,
    },
    /// Not an outcome of this phone that something could be added to.
    #[error("nothing to prove")]
    NothingToProve,
    /// A photo or signature that was not taken at this stop, or is part of a fact already.
    #[error("this file was not taken here")]
    FileNotTaken,
    /// Nobody signed: nothing was drawn, or not within the field.
    #[error("nobody signed")]
    NotSigned,
    /// The stop has a fixed place, or the courier is there, or the place is not free to be taken.
    #[error("its place is fixed")]
    PlaceFixed,
    /// The proposal is not there any more: the route has changed, or it was answered.
    #[error("this proposal is over")]
    ProposalOver,
    /// A text is empty, too long, or has characters that are none.
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
    if let Command::PreferOrder { keep } = command {
        return Ok(Decision::PreferOrder { keep: *keep });
    }
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
        Command::StartDay | Command::PreferOrder { .. } => Ok(Decision::Nothing),
        Command::CloseDay => Ok(record(None, FactBody::DayClosed {})),
        Command::CheckLoad { barcodes } => scan::check_load(state, barcodes),
        Command::Arrive { stop } => arrive(state, stop),
        Command::Scan { stop, barcode } => scan::scan(state, stop, barcode),
        Command::TakePhoto { stop, path } => {
            proof::take(state, stop, FileKind::Photo, FileSource::Jpeg(path.clone()))
        }
        Command::Sign { stop, signature } => proof::sign(state, stop, signature),
        Command::DropFile { stop, sha256 } => proof::drop_file(state, stop, sha256),
        Command::SaveForm { stop, form } => form::save(state, stop, form.as_ref()),
        Command::EnterCode { stop, entry } => enter_code(state, stop, entry, context),
        Command::HandOver { attempt, parcels, receiver, details } => {
            outcome::hand_over(state, attempt, parcels, *receiver, details, context)
        }
        Command::NotDelivered { attempt, parcels, reason, note } => {
            outcome::not_delivered(state, attempt, parcels, *reason, note.as_deref(), context)
        }
        Command::Withdraw { fact } => outcome::withdraw(state, fact),
        Command::AddProof { fact, files } => proof::add(state, fact, files),
        Command::Return { parcels } => outcome::give_back(state, parcels),
        Command::EditRoute { stop, edit } => edit_route(state, stop, *edit),
        Command::TakeProposal { proposal } => {
            Ok(Decision::AnswerProposal { proposal: *proposal, take: true })
        }
        Command::DropProposal { proposal } => {
            Ok(Decision::AnswerProposal { proposal: *proposal, take: false })
        }
    }
}

fn record(stop: Option<&StopId>, body: FactBody) -> Decision {
    Decision::Record { stop: stop.cloned(), body, private: PrivatePart::default() }
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

fn edit_route(state: &DayState, stop: &StopId, edit: RouteEdit) -> Result<Decision, Rejection> {
    let held = state.stop(stop).ok_or(Rejection::NotOnRoute)?;
    if state.open_stops().contains(stop) {
        return Ok(Decision::EditRoute { stop: stop.clone(), edit });
    }
    Err(held.gone.clone().map_or(Rejection::NotOpen, |why| Rejection::Gone { why }))
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

fn is_any_scanned(state: &DayState, shipment: &Shipment) -> bool {
    state.open_parcels(shipment).iter().any(|parcel| state.is_scanned(&shipment.stop, &parcel.id))
}

/// A text without white space around it; nothing left means nothing was given.
fn text(field: &str, given: Option<&str>, max: usize) -> Result<Option<String>, Rejection> {
    match given.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => check_text(field, text, max).map(|()| Some(text.to_owned())),
    }
}

fn check_text(field: &str, text: &str, max: usize) -> Result<(), Rejection> {
    // Lines are kept, whatever else steers a printer or a terminal is not.
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{1d}');
    if text.trim().is_empty() || text.chars().count() > max || !text.chars().all(is_text) {
        return Err(Rejection::BadText { field: field.into(), max: u32::try_from(max).unwrap_or(u32::MAX) });
    }
    Ok(())
}
