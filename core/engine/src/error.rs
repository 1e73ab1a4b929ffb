//! What can go wrong, as shells see it. No personal data in any of it.

use courier_codes::InvalidCode;
use courier_domain::Rejection;

use crate::ports::PortError;

/// The one error of the engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// What was entered cannot be a code; no try was used.
    #[error(transparent)]
    Entry(#[from] InvalidCode),
    /// Something given to the engine is not usable.
    #[error("{what} is not usable")]
    InvalidInput {
        /// What.
        what: &'static str,
    },
    /// Not possible now.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Nothing there.
    #[error("not found")]
    NotFound,
    /// The server cannot be reached. Nothing is lost: it goes on by itself.
    #[error("the server cannot be reached")]
    Offline,
    /// The server does not let this installation in.
    #[error("the server refused: {kind}")]
    Auth {
        /// The problem's stable word.
        kind: String,
    },
    /// A key or the secure store is not available now.
    #[error("a key is not available")]
    KeyUnavailable,
    /// The database cannot be read or written.
    #[error("storage: {what}")]
    Storage {
        /// What, without data.
        what: String,
    },
    /// The core was shut down.
    #[error("the core is shut down")]
    Closed,
    /// A fault in the core itself.
    #[error("internal fault {incident}")]
    Internal {
        /// A word to find it by.
        incident: String,
    },
}

impl From<rusqlite::Error> for EngineError {
    fn from(error: rusqlite::Error) -> Self {
        // The message of an error can quote a value; its code cannot.
        let what = match &error {
            rusqlite::Error::SqliteFailure(code, _) => format!("sqlite {:?}", code.code),
            _ => "a row has an unexpected form".to_owned(),
        };
        Self::Storage { what }
    }
}

impl From<PortError> for EngineError {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Unavailable => Self::KeyUnavailable,
            PortError::Failed { what } => Self::Storage { what },
        }
    }
}

impl From<courier_codes::SignError> for EngineError {
    fn from(_: courier_codes::SignError) -> Self {
        Self::KeyUnavailable
    }
}

impl EngineError {
    pub(crate) fn storage(what: impl Into<String>) -> Self {
        Self::Storage { what: what.into() }
    }

    pub(crate) fn internal(incident: impl Into<String>) -> Self {
        Self::Internal { incident: incident.into() }
    }
}
