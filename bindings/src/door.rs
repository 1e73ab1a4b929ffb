//! What is true and what may be done at a door: `courier_domain::{attempt, code, instruction, policy, receiver, reason}`.

use courier_domain::{
    AttemptState, Closing, CodeId, CodeState, Conflict, Demand, Exit, FactId, Instruction, InstructionId,
    InstructionKind, LockedBy, MeetingPlace, NextStep, Origin, Outcome, PlaceKind, ProofRule, Reason,
    Receiver, ReceiverOption, Standing, Strength, UnixMs, Verdict, Why,
};

/// Where an attempt stands.
#[uniffi::remote(Enum)]
pub enum AttemptState {
    /// At least one parcel has no outcome yet.
    Open,
    /// Every parcel has an outcome.
    Closed {
        /// How it ended.
        closing: Closing,
        /// How sure that is.
        standing: Standing,
    },
    /// The office took it away before anything was done.
    Gone {
        /// Why.
        why: String,
    },
}

/// How an attempt ended.
#[uniffi::remote(Enum)]
pub enum Closing {
    /// All parcels were handed over.
    Handed,
    /// No parcel was handed over.
    Failed,
    /// Some were, some were not.
    Mixed,
}

/// What happened to one parcel.
#[uniffi::remote(Enum)]
pub enum Outcome {
    /// It went to somebody, or to a place.
    HandedOver {
        /// The fact that records it.
        fact: FactId,
        /// Who received.
        receiver: Receiver,
    },
    /// It was not delivered.
    NotDelivered {
        /// The fact that records it.
        fact: FactId,
        /// Why.
        reason: Reason,
    },
}

/// How far the truth about something has travelled.
#[uniffi::remote(Enum)]
pub enum Standing {
    /// Recorded on this phone only.
    OnPhone,
    /// Stored by the backend, no verdict yet.
    Stored,
    /// The judge confirmed it.
    Confirmed,
    /// A person looks at it.
    UnderReview,
    /// The judge refuted it.
    Refuted,
}

/// What the backend's judge decided.
#[uniffi::remote(Enum)]
pub enum Verdict {
    /// True.
    Confirmed,
    /// A person decides.
    UnderReview,
    /// Not true.
    Refuted,
}

/// Where an attempt stands with its code.
#[uniffi::remote(Enum)]
pub enum CodeState {
    /// No code is needed.
    NotNeeded,
    /// A code is to be entered.
    Needed {
        /// Wrong entries left.
        tries_left: u32,
        /// Milliseconds to wait before the next entry is taken; 0 = none.
        wait_ms: u64,
    },
    /// A code was entered that fits.
    Matched {
        /// Which code; absent when only the backend knows.
        code_id: Option<CodeId>,
        /// Who holds it; empty when only the backend knows.
        holder: String,
        /// How strongly it fits.
        strength: Strength,
        /// What the backend says of it, if it answered already.
        verdict: Option<Verdict>,
    },
    /// An entry is on its way to the backend, which alone can tell what it is worth. No other is taken until it answers.
    Asked,
    /// No entry is taken.
    Locked {
        /// Why.
        by: LockedBy,
    },
    /// The code is not valid yet.
    NotYet,
    /// The code is not valid any more.
    Expired,
    /// The phone holds no code to check against; only the office can help with one.
    Missing,
}

/// Why no entry is taken.
#[uniffi::remote(Enum)]
pub enum LockedBy {
    /// All tries were wrong.
    TriesUsed,
    /// The backend refused an entry and froze the code.
    Frozen,
}

/// How strongly an entry matched.
#[uniffi::remote(Enum)]
pub enum Strength {
    /// The truncated tag fits: provisional until the backend confirms.
    Tag,
    /// The 128-bit token of the QR fits.
    Token,
    /// Only the backend could tell, and it confirmed the entry.
    Backend,
}

/// One instruction of a shipment.
#[uniffi::remote(Record)]
pub struct Instruction {
    /// Its identifier.
    id: InstructionId,
    /// Who gave it.
    origin: Origin,
    /// What it says.
    kind: InstructionKind,
    /// The backend's revision when it was last changed: one counter for everything, so an instruction whose
    /// `rev` is above the route's was changed after publication.
    rev: u64,
}

/// What an instruction says.
#[uniffi::remote(Enum)]
pub enum InstructionKind {
    /// This neighbour may receive.
    Neighbour {
        /// As on the doorbell.
        name: String,
        /// Flat or floor.
        flat: Option<String>,
    },
    /// No neighbour may receive.
    NoNeighbours {},
    /// This neighbour may not receive.
    NotNeighbour {
        /// As on the doorbell.
        name: String,
    },
    /// The parcel may be left here.
    SafePlace {
        /// Description of the place.
        place: String,
    },
    /// Only this person may receive.
    NamedPerson {
        /// Full name.
        name: String,
    },
    /// Any member of the household may receive.
    Household {},
    /// Something the courier should read.
    Note {
        /// Free text.
        text: String,
    },
    /// The parcel may be put into the recipient's mailbox.
    Mailbox {},
    /// Reception or concierge may receive.
    Concierge {},
    /// The parcel may be brought to this pick-up point.
    PickupPoint {
        /// Which.
        place: String,
    },
    /// Whoever receives signs.
    Signature {},
    /// Whoever receives shows that they are old enough.
    AgeCheck {
        /// Years, at least.
        min_age: u8,
    },
    /// The recipient shows who they are.
    IdentityCheck {},
    /// Opens the way to the door.
    AccessCode {
        /// As it is typed.
        code: String,
    },
    /// A time that is liked better. The stop's own window holds.
    PreferredWindow {
        /// First instant.
        from: UnixMs,
        /// Last instant.
        to: UnixMs,
    },
    /// Where to meet.
    Meet {
        /// There.
        at: MeetingPlace,
    },
    /// A kind that this version does not know. It allows nothing by itself; the courier is told to ask.
    Unknown {
        /// Its name.
        kind: String,
    },
}

/// Where courier and recipient meet.
#[uniffi::remote(Enum)]
pub enum MeetingPlace {
    /// At the door of the flat.
    Door,
    /// In the entrance hall.
    Lobby,
    /// In front of the house.
    Outside,
}

/// Two instructions that do not go together. It is shown; which one holds follows from the rules, or none does.
#[uniffi::remote(Record)]
pub struct Conflict {
    /// One.
    one: InstructionId,
    /// The other.
    other: InstructionId,
    /// The one that holds: the stricter. Absent when nobody can tell.
    holds: Option<InstructionId>,
}

/// Who stands behind a rule.
#[uniffi::remote(Enum)]
pub enum Origin {
    /// The recipient, or the customer for them.
    Recipient,
    /// The sender.
    Sender,
    /// The carrier's service: the rules of secure delivery.
    Service,
    /// The law, § 13 `PostG` in Germany.
    Law,
}

/// One receiver, allowed or refused, and why.
#[uniffi::remote(Record)]
pub struct ReceiverOption {
    /// Who or what.
    receiver: Receiver,
    /// The person or the place that an instruction names.
    name: Option<String>,
    /// Flat or floor that an instruction names.
    flat: Option<String>,
    /// Whether the parcel may go there.
    allowed: bool,
    /// Why, or why not.
    why: Why,
    /// Who stands behind that rule.
    source: Origin,
    /// What is asked for here beyond what always is: scan and code, a name of whoever is not the recipient, no photo of
    /// people.
    proofs: Vec<ProofRule>,
}

/// The rule behind an option.
#[uniffi::remote(Enum)]
pub enum Why {
    /// Allowed: the instructions ask for it.
    AskedFor,
    /// Allowed: the person on the label.
    InPerson,
    /// Allowed: may receive for the recipient.
    Substitute,
    /// Allowed: whoever holds the code receives.
    HoldsTheCode,
    /// Refused: the code has to be entered first.
    CodeFirst,
    /// Refused: needs the code, hand over to a person.
    CodeNeedsPerson,
    /// Refused: the instructions say no neighbours.
    NoNeighbours,
    /// Refused: the instructions exclude this neighbour.
    NotThisNeighbour,
    /// Refused: the instructions allow one person only.
    NamedPersonOnly,
    /// Refused: nobody asked for it.
    NotAskedFor,
    /// Refused: a signature, an age or an identity is to be checked, hand over to a person.
    CheckNeedsPerson,
    /// Refused: the identity of the recipient is to be checked.
    RecipientOnly,
    /// Refused: the instructions contradict each other.
    Contradiction,
    /// Refused: the carrier does not do that.
    NotByPolicy,
}

/// A reason that may be given now, and what follows.
#[uniffi::remote(Record)]
pub struct Exit {
    /// Why the parcel is not delivered.
    reason: Reason,
    /// What happens to it then.
    next_step: NextStep,
    /// Whether the office wants to read something about it.
    note: Demand,
}

/// The kind of receiver, as the signed part of a fact records it. Names are private and travel beside it.
#[uniffi::remote(Enum)]
pub enum Receiver {
    /// The person on the label.
    Recipient,
    /// Somebody of the same household.
    Household,
    /// A neighbour whom the delivery instructions name.
    NamedNeighbour,
    /// Another neighbour.
    OtherNeighbour,
    /// The one person whom the instructions allow.
    NamedPerson,
    /// Reception or concierge.
    Concierge,
    /// Nobody: left in a place.
    Place(PlaceKind),
}

/// Where a parcel was left.
#[uniffi::remote(Enum)]
pub enum PlaceKind {
    /// The place that the instructions describe.
    Safe,
    /// The recipient's mailbox.
    Mailbox,
    /// A pick-up point.
    PickupPoint,
}

/// The reason of a failed attempt.
#[uniffi::remote(Enum)]
pub enum Reason {
    /// Nobody opened.
    NotHome,
    /// Somebody was there who may not receive.
    NoPermittedReceiver,
    /// A required age or identity was not proven.
    AgeOrIdentityNotProven,
    /// A code is needed and nobody at the door has it.
    CodeNotAvailable,
    /// All tries of the attempt were wrong.
    TriesUsedUp,
    /// The backend froze the code.
    CodeFrozen,
    /// The courier could not get to the door.
    AccessBlocked,
    /// The time window had passed.
    WindowMissed,
    /// The recipient does not want the parcel.
    Refused,
    /// The address does not exist or was not found.
    AddressNotFound,
    /// The parcel is damaged.
    Damaged,
    /// The load check found that the parcel is not in the van.
    MissingInVan,
    /// The place is not safe for the courier.
    Unsafe,
    /// The office recalled the parcel.
    Recalled,
}

/// What happens to a parcel that was not delivered.
#[uniffi::remote(Enum)]
pub enum NextStep {
    /// Once more today: the outcome is withdrawn when the courier is back. Else as on the next delivery day.
    LaterToday,
    /// A new attempt, with a new code where one is needed.
    NextDeliveryDay,
    /// Kept for the recipient at a pick-up point.
    HoldForPickup,
    /// Back to the sender.
    ReturnToSender,
    /// The dispatcher decides.
    Dispatcher,
}
