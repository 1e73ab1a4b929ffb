//! What a shell draws: `courier_domain::view`.

use courier_domain::state::Load;
use courier_domain::view::{
    Ask, Counts, DoorView, InstructionLine, ParcelLine, Provable, StopLine, StopState,
};
use courier_domain::{
    Address, AttemptId, AttemptState, CodeState, Conflict, DoorForm, Eta, Exit, FactId, FileKind,
    Instruction, KeepOrder, Outcome, ParcelId, PhoneNumber, Pin, ProofFile, Proposal, ReceiverOption,
    RouteId, RouteView, ShipmentId, Standing, StopId, StopView, Suggestion, TimeWindow, UnixMs,
};

use crate::value::Day;

/// The day at a glance.
#[uniffi::remote(Record)]
pub struct RouteView {
    /// The route.
    route: RouteId,
    /// Its revision.
    rev: u64,
    /// The delivery day.
    day: Day,
    /// IANA name of its time zone.
    tz: String,
    /// The day has begun.
    started: bool,
    /// The day is over.
    closed: bool,
    /// The day of another route that has come and waits until this day is closed.
    next_day: Option<Day>,
    /// The stop where something is filled in and not recorded: a killed app comes back there.
    #[uniffi(default = None)]
    unfinished: Option<StopId>,
    /// The last load check.
    load: Option<Load>,
    /// The stops in the courier's own order, which is the office's until the courier changes it.
    stops: Vec<StopLine>,
    /// How much is done.
    counts: Counts,
    /// How much another order has to save before it is proposed.
    keep: KeepOrder,
    /// When the last stop is done, as it was told last.
    #[uniffi(default = None)]
    ends: Option<UnixMs>,
    /// Another order, if there is one that is worth a question. Unless the courier takes it, nothing changes.
    #[uniffi(default = None)]
    proposal: Option<Proposal>,
}

/// A stop in the list. Nothing in it tells whether a parcel needs a code.
#[uniffi::remote(Record)]
pub struct StopLine {
    /// Its number in the office's order, from 1: it stays when the courier changes the order.
    no: u32,
    /// The stop.
    id: StopId,
    /// Where.
    address: Address,
    /// Flat or floor.
    flat: Option<String>,
    /// The names on the labels.
    names: Vec<String>,
    /// How many parcels.
    parcels: u32,
    /// When.
    window: Option<TimeWindow>,
    /// Where the door is.
    pin: Pin,
    /// The courier said to be there.
    arrived: bool,
    /// How far it is done.
    state: StopState,
    /// How sure the outcomes are; the one that needs most attention.
    standing: Option<Standing>,
    /// Which of the open stops it is, from 1; none once nothing is left to do there. The first is where the courier is, or
    /// goes next.
    #[uniffi(default = None)]
    position: Option<u32>,
    /// When it is reached; none before the day begins, and where the courier is or nothing is left to do.
    #[uniffi(default = None)]
    eta: Option<Eta>,
}

/// How far a stop is done.
#[uniffi::remote(Enum)]
pub enum StopState {
    /// No parcel has an outcome.
    Open,
    /// Some parcels have one.
    Partly,
    /// Every parcel has one.
    Done,
    /// The office took it away.
    Gone,
}

/// Sums over the route. Parcels unless it says otherwise.
#[uniffi::remote(Record)]
pub struct Counts {
    /// Stops that were not taken away.
    stops: u32,
    /// Stops where every parcel has an outcome.
    stops_done: u32,
    /// All parcels that were not taken away.
    parcels: u32,
    /// Handed over to a person or a place.
    handed_over: u32,
    /// Not delivered.
    not_delivered: u32,
    /// Outcomes recorded on this phone only.
    on_phone: u32,
    /// Outcomes stored by the backend, not judged yet.
    stored: u32,
    /// Outcomes that the judge confirmed.
    confirmed: u32,
    /// Outcomes that a person looks at.
    under_review: u32,
    /// Outcomes that the judge refuted.
    refuted: u32,
}

/// One stop with everything that can be done there.
#[uniffi::remote(Record)]
pub struct StopView {
    /// Its number, from 1.
    no: u32,
    /// The stop.
    id: StopId,
    /// Where.
    address: Address,
    /// Flat or floor.
    flat: Option<String>,
    /// Where the door is.
    door_pin: Pin,
    /// Where the van stands.
    parking_pin: Option<Pin>,
    /// When.
    window: Option<TimeWindow>,
    /// How to get to the door.
    access_notes: Option<String>,
    /// Where the parcels lie in the van.
    van_place: Option<String>,
    /// The courier said to be there.
    arrived: bool,
    /// Stable word why the office took the stop away, if it did: a banner, the screen stays.
    gone: Option<String>,
    /// Photos and signatures that were taken here and are no part of a fact yet.
    #[uniffi(default = [])]
    files: Vec<ProofFile>,
    /// What is filled in at one of its doors and not recorded.
    #[uniffi(default = None)]
    form: Option<DoorForm>,
    /// One per shipment.
    doors: Vec<DoorView>,
    /// As in a line of the route.
    #[uniffi(default = None)]
    position: Option<u32>,
    /// As in a line of the route.
    #[uniffi(default = None)]
    eta: Option<Eta>,
    /// How far from both pins the phone was when the courier said to be there, in metres, if it was far. Perhaps the pin is
    /// wrong.
    #[uniffi(default = None)]
    away_m: Option<u32>,
}

/// One shipment at the door.
#[uniffi::remote(Record)]
pub struct DoorView {
    /// The shipment.
    shipment: ShipmentId,
    /// Its current attempt.
    attempt: AttemptId,
    /// 1 for the first.
    attempt_no: u32,
    /// The name on the label.
    recipient_name: String,
    /// The number to call when nobody opens. Absent once nothing is open: then nobody has a reason to.
    #[uniffi(default = None)]
    recipient_phone: Option<PhoneNumber>,
    /// The customer's language, BCP 47.
    lang: String,
    /// Who sent it.
    sender_name: String,
    /// Its pieces.
    parcels: Vec<ParcelLine>,
    /// What recipient, sender and law allow.
    instructions: Vec<InstructionLine>,
    /// Instructions that do not go together.
    conflicts: Vec<Conflict>,
    /// Where the attempt stands.
    state: AttemptState,
    /// Stable word why the office took the shipment away, if it did.
    gone: Option<String>,
    /// What the courier does next.
    ask: Ask,
    /// Where it stands with its code. Absent until a parcel is scanned, so that nothing marks the valuable one.
    code: Option<CodeState>,
    /// Who may receive, in order of precedence. Empty until a parcel is scanned.
    options: Vec<ReceiverOption>,
    /// Names to offer when somebody receives, all of them of this stop. Empty until a parcel is scanned.
    #[uniffi(default = [])]
    suggestions: Vec<Suggestion>,
    /// The reasons that may be given instead. Never empty while a parcel is open.
    exits: Vec<Exit>,
    /// The newest outcome, to be taken back by a withdrawal until the day is closed.
    undo: Option<FactId>,
    /// What may still be added to what is recorded, each kind of file once, until the day is closed.
    #[uniffi(default = [])]
    provable: Vec<Provable>,
    /// The outcome to be withdrawn for a second try today, while the time window allows one.
    second_try: Option<FactId>,
}

/// A kind of file that may be added to an outcome which is recorded (`AddProof`).
#[uniffi::remote(Record)]
pub struct Provable {
    /// Photo or signature.
    kind: FileKind,
    /// The newest outcome that it may prove: a photo that of the damaged parcel, though the others were handed over since.
    fact: FactId,
}

/// A parcel at the door.
#[uniffi::remote(Record)]
pub struct ParcelLine {
    /// The parcel.
    id: ParcelId,
    /// What is printed on its label.
    barcode: String,
    /// It was scanned at this door.
    scanned: bool,
    /// What happened to it.
    outcome: Option<Outcome>,
    /// It is back at the depot.
    returned: bool,
}

/// An instruction, and whether the customer changed it after the route was published.
#[uniffi::remote(Record)]
pub struct InstructionLine {
    /// What it says.
    instruction: Instruction,
    /// It is new: highlight it.
    changed: bool,
    /// It cannot be followed: read it, ask the office, guess nothing.
    unreadable: bool,
}

/// What the courier does next at a door.
#[uniffi::remote(Enum)]
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

/// A load check.
#[uniffi::remote(Record)]
pub struct Load {
    /// Parcels that are there.
    found: Vec<ParcelId>,
    /// Parcels that should be there.
    missing: Vec<ParcelId>,
    /// Barcodes that do not belong to the route.
    foreign: Vec<String>,
}
