//! What the service says when it does not do what it was asked.

use courier_protocol::{Problem, ProblemKind};

/// A refusal, or a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// Refused, with the kind that the caller sees and words for the person who has to fix it.
    #[error("{1}")]
    Refused(ProblemKind, String),
    /// Our own fault: logged here, told to nobody.
    #[error("{0}")]
    Fault(String),
}

impl ServiceError {
    /// A refusal.
    pub fn refused(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self::Refused(kind, detail.into())
    }

    /// A fault.
    pub fn fault(what: impl Into<String>) -> Self {
        Self::Fault(what.into())
    }

    /// Nothing there.
    pub fn not_found() -> Self {
        Self::refused(ProblemKind::NotFound, "")
    }

    /// The document that the caller gets.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused(kind, detail) if detail.is_empty() => Problem::new(*kind),
            Self::Refused(kind, detail) => Problem::new(*kind).detail(detail.as_str()),
            Self::Fault(_) => Problem::new(ProblemKind::Internal),
        }
    }
}

impl From<rusqlite::Error> for ServiceError {
    fn from(error: rusqlite::Error) -> Self {
        Self::fault(format!("database: {error}"))
    }
}

impl From<serde_json::Error> for ServiceError {
    fn from(error: serde_json::Error) -> Self {
        Self::fault(format!("stored JSON: {error}"))
    }
}
