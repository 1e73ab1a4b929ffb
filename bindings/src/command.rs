//! What a shell may ask for, and what comes of it: `courier_domain::command`, `courier_engine::receipt`.

use courier_domain::{
    AttemptId, Base64Url, Check, CodeEntry, CodeId, Command, DoorForm, Dot, Excuse, FactId, Form, KeepOrder,
    LockedBy, ParcelId, Position, ProofFile, Reason, Receiver, ReceiverDetails, RouteEdit, ScanResult,
    ShipmentId, Signature, StopId, Strength,
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
        /// What is filled in; nothing any more if absent. Never digits of a code.
        form: Option<DoorForm>,
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
    /// An open stop is to come at another place of the route. What the courier wants is done also where it makes something
    /// late: the view says what.
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

/// What a finger drew on a screen. Coordinates are of the drawing area, from its upper left corner.
#[uniffi::remote(Record)]
pub struct Signature {
    /// Width of the area, 1 or more, in any unit.
    width: u16,
    /// Height of the area, in the same unit.
    height: u16,
    /// From finger down to finger up, each.
    strokes: Vec<Vec<Dot>>,
}

/// Where the finger was.
#[uniffi::remote(Record)]
pub struct Dot {
    /// From the left.
    x: u16,
    /// From above.
    y: u16,
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
    /// Signature and photos, which travel by themselves.
    #[uniffi(default = [])]
    files: Vec<ProofFile>,
    /// What the courier saw in a document that was shown.
    #[uniffi(default = [])]
    checks: Vec<Check>,
    /// What is asked for and not there, and why.
    #[uniffi(default = [])]
    without: Vec<Excuse>,
    /// Where the phone was.
    #[uniffi(default = None)]
    position: Option<Position>,
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
    /// A photo or signature is on this phone, and on the screen of its stop.
    FileTaken {
        /// Which; a fact is told it.
        file: ProofFile,
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
    /// A parcel's number of a known form, and not on this route: somebody else's parcel.
    Foreign {
        /// Its form.
        form: Form,
    },
    /// The label's routing code, which many parcels share: the other barcode is the parcel's.
    RoutingCode,
    /// Not on this route.
    Unknown,
}

/// A form of a number on a label.
#[uniffi::remote(Enum)]
pub enum Form {
    /// GS1 serial shipping container code, 18 digits, also behind the application identifier 00.
    Sscc,
    /// UPU S10, such as `RB123456785GB`.
    S10,
    /// DHL Identcode, 12 digits: the parcel.
    Identcode,
    /// DHL Leitcode, 14 digits: the way to the address, on many parcels the same.
    Leitcode,
    /// DPD, 14 digits with a check character, or the whole barcode around them.
    Dpd,
    /// UPS, 18 characters that begin with `1Z`.
    Ups,
    /// USPS Intelligent Mail package barcode, 22 or 26 digits, also behind 420 and a ZIP code.
    Impb,
}
