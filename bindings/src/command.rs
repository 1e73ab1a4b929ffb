//! What a shell may ask for, and what comes of it: `courier_domain::command`, `courier_engine::receipt`.

use courier_domain::{
    AttemptId, CodeEntry, CodeId, Command, FactId, LockedBy, ParcelId, Reason, Receiver, ReceiverDetails,
    ScanResult, ShipmentId, StopId, Strength,
};
use courier_engine::{CommandResult, Receipt};

/// A courier's wish. It mirrors the fact kinds, plus what leads to them.
#[uniffi::remote(Enum)]
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
    /// Parcels go to somebody, or to a place.
    HandOver {
        /// The attempt.
        attempt: AttemptId,
        /// Which parcels; empty = all that are open.
        parcels: Vec<ParcelId>,
        /// Who or what receives.
        receiver: Receiver,
        /// What is personal about it.
        details: ReceiverDetails,
    },
    /// Parcels stay undelivered.
    NotDelivered {
        /// The attempt.
        attempt: AttemptId,
        /// Which parcels; empty = all that are open.
        parcels: Vec<ParcelId>,
        /// Why.
        reason: Reason,
        /// For the office.
        note: Option<String>,
    },
    /// An outcome was a mistake: reopen it.
    Withdraw {
        /// The fact that recorded it.
        fact: FactId,
    },
    /// Parcels are back at the depot.
    Return {
        /// Which.
        parcels: Vec<ParcelId>,
    },
    /// The day is over.
    CloseDay,
}

/// What was entered. It is never written, logged or shown again, and so has no `Debug` of its own.
#[uniffi::remote(Enum)]
pub enum CodeEntry {
    /// Six digits, as read out.
    Digits(String),
    /// The token of the customer's QR, as scanned or typed.
    Token(String),
}

/// What is personal about a handover.
#[uniffi::remote(Record)]
pub struct ReceiverDetails {
    /// Name of the person who receives.
    name: Option<String>,
    /// How that person belongs to the recipient.
    relation: Option<String>,
    /// Flat or floor where the parcel is afterwards.
    flat: Option<String>,
    /// For the recipient.
    note: Option<String>,
}

/// The answer to a command; everything in it is committed.
#[uniffi::remote(Record)]
pub struct Receipt {
    /// What is shown after it is at least of this revision.
    revision: u64,
    /// What came of it.
    result: CommandResult,
}

/// What came of a command.
#[uniffi::remote(Enum)]
pub enum CommandResult {
    /// It is recorded.
    Done {
        /// The fact; absent when it was so already.
        fact: Option<FactId>,
    },
    /// The entry fits: accepted, provisional until the backend confirms.
    CodeMatched {
        /// The `code_tried` fact.
        fact: FactId,
        /// Which code.
        code_id: CodeId,
        /// Who holds it, in words.
        holder: String,
        /// How strongly it fits.
        strength: Strength,
    },
    /// Only the backend can check this code: the entry is sealed and on its way. Offline there is no answer.
    CodeAsked {
        /// The `code_tried` fact.
        fact: FactId,
    },
    /// The entry does not fit.
    CodeWrong {
        /// Wrong entries left.
        tries_left: u32,
        /// Milliseconds until the next entry is taken.
        wait_ms: u64,
    },
    /// The entry does not fit, and no other is taken.
    CodeLocked {
        /// Why.
        by: LockedBy,
    },
    /// What was scanned.
    Scanned {
        /// Where it belongs.
        scan: ScanResult,
    },
}

/// What a scanned barcode is.
#[uniffi::remote(Enum)]
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
