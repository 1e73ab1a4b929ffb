//! What a shell may ask for.

use serde::{Deserialize, Serialize};

use crate::encoded::Base64Url;
use crate::form::DoorForm;
use crate::id::{AttemptId, FactId, ParcelId, StopId};
use crate::plan::{KeepOrder, RouteEdit};
use crate::proof::{Check, Excuse, Position, ProofFile};
use crate::reason::Reason;
use crate::receiver::Receiver;
use crate::signature::Signature;

/// A courier's wish. It mirrors the fact kinds, plus what leads to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Begin the day.
    StartDay,
    /// Check the van: every barcode that was scanned in it.
    CheckLoad {
        /// As scanned or typed.
        barcodes: Vec<String>,
    },
    /// I am at this stop.
    Arrive {
        /// Which.
        stop: StopId,
    },
    /// A barcode was scanned or typed at this stop.
    Scan {
        /// Where.
        stop: StopId,
        /// As scanned or typed.
        barcode: String,
    },
    /// Somebody at the door said or showed a code. It counts for every scanned parcel that needs one.
    EnterCode {
        /// Where.
        stop: StopId,
        /// What was entered.
        entry: CodeEntry,
    },
    /// A photo was taken at this stop. The core keeps a copy of it without what the camera wrote into it; the file may go
    /// when the command has answered.
    TakePhoto {
        /// Where.
        stop: StopId,
        /// The JPEG file on this phone.
        path: String,
    },
    /// Somebody signed at this stop.
    Sign {
        /// Where.
        stop: StopId,
        /// What was drawn.
        signature: Signature,
    },
    /// A photo or signature that is no part of a fact yet is not wanted.
    DropFile {
        /// Where.
        stop: StopId,
        /// SHA-256 of its bytes.
        sha256: Base64Url,
    },
    /// What is filled in at a door is to be there again when the app was killed. It goes with the outcome.
    SaveForm {
        /// Where.
        stop: StopId,
        /// What is filled in; nothing any more if absent.
        #[serde(default)]
        form: Option<DoorForm>,
    },
    /// Parcels go to somebody, or to a place.
    HandOver {
        /// The attempt.
        attempt: AttemptId,
        /// Which parcels; empty = all that are open.
        #[serde(default)]
        parcels: Vec<ParcelId>,
        /// Who or what receives.
        receiver: Receiver,
        /// What is personal about it.
        #[serde(default)]
        details: ReceiverDetails,
    },
    /// Parcels stay undelivered.
    NotDelivered {
        /// The attempt.
        attempt: AttemptId,
        /// Which parcels; empty = all that are open.
        #[serde(default)]
        parcels: Vec<ParcelId>,
        /// Why.
        reason: Reason,
        /// For the office.
        #[serde(default)]
        note: Option<String>,
    },
    /// An outcome was a mistake: reopen it.
    Withdraw {
        /// The fact that recorded it.
        fact: FactId,
    },
    /// Files prove an outcome that is recorded already.
    AddProof {
        /// The fact that recorded it.
        fact: FactId,
        /// The files, which travel by themselves.
        files: Vec<ProofFile>,
    },
    /// Parcels are back at the depot.
    Return {
        /// Which.
        parcels: Vec<ParcelId>,
    },
    /// An open stop is to come at another place of the route. What the courier wants is done also where it makes
    /// something late: the view says what.
    EditRoute {
        /// The stop.
        stop: StopId,
        /// Where it is to come.
        edit: RouteEdit,
    },
    /// The proposed order is taken.
    TakeProposal {
        /// Which.
        proposal: u32,
    },
    /// The proposed order is not wanted.
    DropProposal {
        /// Which.
        proposal: u32,
    },
    /// How much another order has to save before it is proposed, from now on. Possible at any time.
    PreferOrder {
        /// How much.
        keep: KeepOrder,
    },
    /// The day is over.
    CloseDay,
}

/// What was entered. It is never written, logged or shown again, and so has no `Debug` of its own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "text", rename_all = "snake_case")]
pub enum CodeEntry {
    /// Six digits, as read out.
    Digits(String),
    /// The token of the customer's QR, as scanned or typed.
    Token(String),
}

impl std::fmt::Debug for CodeEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Digits(_) => "Digits(…)",
            Self::Token(_) => "Token(…)",
        })
    }
}

/// What is personal about a handover.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReceiverDetails {
    /// Name of the person who receives.
    pub name: Option<String>,
    /// How that person belongs to the recipient.
    pub relation: Option<String>,
    /// Flat or floor where the parcel is afterwards.
    pub flat: Option<String>,
    /// For the recipient.
    pub note: Option<String>,
    /// Signature and photos, which travel by themselves.
    pub files: Vec<ProofFile>,
    /// What the courier saw in a document that was shown.
    pub checks: Vec<Check>,
    /// What is asked for and not there, and why.
    pub without: Vec<Excuse>,
    /// Where the phone was.
    pub position: Option<Position>,
}
