//! The one error that crosses: `courier_engine::error`.

use courier_domain::{Form, LockedBy, Origin, Proof, Rejection, Why};
use courier_engine::{CourierError, StorageProblem};

/// `InvalidInput` under a name that is not also a variant of [`CourierError`], which Kotlin would take for it.
type InputProblem = courier_engine::InvalidInput;

/// What a shell gets.
#[uniffi::remote(Error)]
pub enum CourierError {
    /// What was given cannot be meant: let it be typed again.
    InvalidInput {
        /// What exactly.
        what: InputProblem,
    },
    /// The command is not possible now; the reason says what is.
    Rejected {
        /// Why.
        reason: Rejection,
    },
    /// There is no such thing on this phone.
    NotFound,
    /// No server answered: it works without one, except for enrolment.
    Offline,
    /// The phone is not enrolled, or may no longer be used.
    Auth,
    /// A key cannot be used now: unlock the phone and try again.
    KeyUnavailable,
    /// The phone's storage did not do its part; nothing was recorded.
    Storage {
        /// What is wrong with it.
        why: StorageProblem,
    },
    /// The app is shutting down.
    Closed,
    /// A fault of this program.
    Internal {
        /// Names the event in the log.
        incident: String,
    },
}

/// What was given and cannot be meant.
#[uniffi::remote(Enum)]
pub enum InputProblem {
    /// Not six decimal digits. No try was used.
    NotSixDigits,
    /// Not the text of a customer's QR. No try was used.
    NotAToken,
    /// Not 10 characters of A–Z and 2–7.
    EnrolmentCode,
    /// The server's address is no `https` URL (`http` is taken for this machine only).
    ServerUrl,
    /// The operator's certificate cannot be read.
    Certificate,
    /// The photo's file is not there or cannot be read.
    PhotoUnreadable,
    /// Not a whole JPEG file.
    NotAPhoto,
    /// More than 2 MiB without what the camera wrote into it.
    PhotoTooLarge,
}

/// What is wrong with the phone's storage.
#[uniffi::remote(Enum)]
pub enum StorageProblem {
    /// No room is left: delete something else, and try again.
    Full,
    /// It cannot be read or written now, such as on an iPhone that is locked: wait, and try again. Nothing is broken.
    NotNow,
    /// Another process, or another engine of this one, works on the same data.
    InUse,
    /// A newer version of the app has written it: install that. Nothing was changed.
    Newer,
    /// Damaged. It is put together again when it is opened the next time: try again.
    Broken,
}

/// Why a command is not possible now.
#[uniffi::remote(Enum)]
pub enum Rejection {
    /// There is no route yet.
    NoRoute,
    /// The day has not begun.
    DayNotStarted,
    /// The day is over.
    DayClosed,
    /// What the command names is not on this route.
    NotOnRoute,
    /// The office took it away before anything was done.
    Gone {
        /// Stable word why.
        why: String,
    },
    /// Every parcel that the command names has an outcome.
    NotOpen,
    /// The parcel has to be scanned at the door first.
    ScanFirst,
    /// The check digit is wrong: it was misread or mistyped.
    Misread {
        /// The form that it would have.
        form: Form,
    },
    /// No scanned parcel needs a code.
    NoCodeNeeded,
    /// A code that fits was entered already.
    CodeMatchedAlready,
    /// The next entry is taken later.
    Wait {
        /// Milliseconds.
        wait_ms: u64,
    },
    /// No entry is taken.
    Locked {
        /// Why.
        by: LockedBy,
    },
    /// The last entry is on its way to the backend, which alone can check it.
    CodeAsked,
    /// The code is not valid yet.
    NotYet,
    /// The code is not valid any more.
    Expired,
    /// The phone holds no code to compare with.
    CodeMissing,
    /// The parcel may not go there.
    NotAllowed {
        /// The rule.
        why: Why,
        /// Who stands behind it.
        by: Origin,
    },
    /// The name of the person who receives is needed.
    NameNeeded,
    /// This reason is not offered now.
    ReasonNotOffered,
    /// Not an outcome of this phone that could be taken back.
    NothingToWithdraw,
    /// A parcel that was handed over cannot come back to the depot.
    HandedOver,
    /// The office gives no new code for this attempt now.
    NoNewCode,
    /// Something that would prove it is missing. A recorded reason may stand in for most.
    ProofNeeded {
        /// What.
        proof: Proof,
    },
    /// Something that must not be taken here, such as a photo of people.
    ProofForbidden {
        /// What.
        proof: Proof,
    },
    /// Not an outcome of this phone that something could be added to.
    NothingToProve,
    /// A photo or signature that was not taken at this stop, or is part of a fact already.
    FileNotTaken,
    /// Nobody signed: nothing was drawn, or not within the field.
    NotSigned,
    /// The stop has a fixed place, or the courier is there, or the place is not free to be taken.
    PlaceFixed,
    /// The proposal is not there any more: the route has changed, or it was answered.
    ProposalOver,
    /// A text is empty, too long, or has characters that are none.
    BadText {
        /// Which.
        field: String,
        /// Longest accepted, in characters.
        max: u32,
    },
}
