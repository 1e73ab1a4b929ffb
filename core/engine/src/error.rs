//! Two errors: [`EngineError`] inside, rich; [`CourierError`] outside, small enough to match on. One place
//! converts, and decides what is reported. Neither holds digits or anything personal.

use courier_codes::InvalidCode;
use courier_domain::Rejection;
use serde::{Deserialize, Serialize};

use crate::ports::{Level, Log, PortError};
use crate::store::StoreError;

/// What was given and cannot be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidInput {
    /// Not six decimal digits. No try was used.
    #[error("a code has six digits")]
    NotSixDigits,
    /// Not the text of a customer's QR. No try was used.
    #[error("this is not a delivery QR")]
    NotAToken,
    /// Not 10 characters of A–Z and 2–7.
    #[error("an enrolment code has 10 characters, A to Z and 2 to 7")]
    EnrolmentCode,
    /// The server's address is no `https` URL (`http` is taken for this machine only).
    #[error("the server's address has to begin with https://")]
    ServerUrl,
    /// The operator's certificate cannot be read.
    #[error("the operator's certificate is not PEM")]
    Certificate,
    /// The photo's file is not there or cannot be read.
    #[error("the photo cannot be read")]
    PhotoUnreadable,
    /// Not a whole JPEG file.
    #[error("a photo is a whole JPEG file")]
    NotAPhoto,
    /// More than 2 MiB without what the camera wrote into it.
    #[error("a photo has 2 MiB at most")]
    PhotoTooLarge,
}

impl From<InvalidCode> for InvalidInput {
    fn from(invalid: InvalidCode) -> Self {
        match invalid {
            InvalidCode::NotSixDigits => Self::NotSixDigits,
            InvalidCode::NotAToken => Self::NotAToken,
        }
    }
}

/// What went wrong inside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The command is not possible now.
    #[error("{0}")]
    Rejected(#[from] Rejection),
    /// What was given cannot be meant.
    #[error("{0}")]
    Invalid(#[from] InvalidInput),
    /// There is no such thing on this phone.
    #[error("not on this phone")]
    NotFound,
    /// The phone does not belong to a courier yet.
    #[error("the phone is not enrolled")]
    NotEnrolled,
    /// The phone belongs to a courier already.
    #[error("the phone is enrolled already")]
    EnrolledAlready,
    /// The server does not take the enrolment.
    #[error("the enrolment was refused")]
    EnrolmentRefused,
    /// No server answered.
    #[error("no answer from the server")]
    Offline,
    /// The server answered something that is no answer.
    #[error("the server's answer cannot be used: {0}")]
    BadAnswer(&'static str),
    /// The device key or the secure store did not do what it was asked.
    #[error("keys: {0}")]
    Key(#[from] PortError),
    /// The store.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// A clock could not be read.
    #[error("the clock cannot be read")]
    Clock,
    /// The engine was shut down.
    #[error("closed")]
    Closed,
    /// A fault of this program.
    #[error("internal: {0}")]
    Internal(&'static str),
}

/// What a shell gets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum CourierError {
    /// What was given cannot be meant: let it be typed again.
    #[error("{what}")]
    InvalidInput {
        /// What exactly.
        what: InvalidInput,
    },
    /// The command is not possible now; the reason says what is.
    #[error("{reason}")]
    Rejected {
        /// Why.
        reason: Rejection,
    },
    /// There is no such thing on this phone.
    #[error("not on this phone")]
    NotFound,
    /// No server answered: it works without one, except for enrolment.
    #[error("no answer from the server")]
    Offline,
    /// The phone is not enrolled, or may no longer be used.
    #[error("the phone is not enrolled, or was refused")]
    Auth,
    /// A key cannot be used now: unlock the phone and try again.
    #[error("a key cannot be used now")]
    KeyUnavailable,
    /// The phone's storage did not do its part; nothing was recorded.
    #[error("the phone's storage: {why}")]
    Storage {
        /// What is wrong with it.
        why: StorageProblem,
    },
    /// The app is shutting down.
    #[error("closed")]
    Closed,
    /// A fault of this program.
    #[error("internal fault {incident}")]
    Internal {
        /// Names the event in the log.
        incident: String,
    },
}

/// What is wrong with the phone's storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageProblem {
    /// No room is left: delete something else, and try again.
    #[error("it is full")]
    Full,
    /// It cannot be read or written now, such as on an iPhone that is locked: wait, and try again. Nothing is broken.
    #[error("it cannot be used now")]
    NotNow,
    /// Another process, or another engine of this one, works on the same data.
    #[error("another app uses it")]
    InUse,
    /// A newer version of the app has written it: install that. Nothing was changed.
    #[error("a newer version of this app has written it")]
    Newer,
    /// Damaged. It is put together again when it is opened the next time: try again.
    #[error("it is damaged")]
    Broken,
}

impl From<StoreError> for StorageProblem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::Full,
            StoreError::Io | StoreError::Busy => Self::NotNow,
            StoreError::InUse => Self::InUse,
            StoreError::Newer => Self::Newer,
            StoreError::Corrupt
            | StoreError::Forbidden
            | StoreError::Sealed
            | StoreError::Setup
            | StoreError::Digest
            | StoreError::Other => Self::Broken,
        }
    }
}

impl EngineError {
    /// The public form. What the courier cannot mend goes to the log, once, here.
    pub(crate) fn into_public(self, log: &dyn Log) -> CourierError {
        match self {
            Self::Rejected(reason) => CourierError::Rejected { reason },
            Self::Invalid(what) => CourierError::InvalidInput { what },
            Self::NotFound => CourierError::NotFound,
            Self::NotEnrolled | Self::EnrolledAlready | Self::EnrolmentRefused => CourierError::Auth,
            Self::Offline => CourierError::Offline,
            Self::Closed => CourierError::Closed,
            Self::Key(_) => {
                log.event(Level::Warn, "key-unavailable", &[]);
                CourierError::KeyUnavailable
            }
            Self::Store(error) => {
                log.event(Level::Error, "storage-failed", &[error.word()]);
                CourierError::Storage { why: error.into() }
            }
            // A portal's page, for whoever waits, is the same as no server.
            Self::BadAnswer(what) => {
                log.event(Level::Warn, "not-an-answer", &[what]);
                CourierError::Offline
            }
            Self::Internal(what) => {
                log.event(Level::Error, "internal", &[what]);
                CourierError::Internal { incident: what.replace(' ', "-") }
            }
            Self::Clock => {
                log.event(Level::Error, "internal", &["clock"]);
                CourierError::Internal { incident: "clock".into() }
            }
        }
    }
}
