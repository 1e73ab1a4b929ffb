//! An attempt: one try to deliver a shipment on one day.

use serde::{Deserialize, Serialize};

use crate::id::FactId;
use crate::reason::Reason;
use crate::receiver::Receiver;

/// What happened to one parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
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

impl Outcome {
    /// The fact that records this outcome.
    pub fn fact(&self) -> &FactId {
        match self {
            Self::HandedOver { fact, .. } | Self::NotDelivered { fact, .. } => fact,
        }
    }
}

/// Where an attempt stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// All parcels were handed over.
    Handed,
    /// No parcel was handed over.
    Failed,
    /// Some were, some were not.
    Mixed,
}

/// How far the truth about something has travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// True.
    Confirmed,
    /// A person decides.
    UnderReview,
    /// Not true.
    Refuted,
}

impl Standing {
    /// Which of the two needs more attention, when parcels of one attempt or stop differ.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let attention = |standing| match standing {
            Self::Confirmed => 0,
            Self::Stored => 1,
            Self::OnPhone => 2,
            Self::UnderReview => 3,
            Self::Refuted => 4,
        };
        if attention(other) > attention(self) { other } else { self }
    }
}

impl From<Verdict> for Standing {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Confirmed => Self::Confirmed,
            Verdict::UnderReview => Self::UnderReview,
            Verdict::Refuted => Self::Refuted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_standings_the_one_that_needs_more_attention_is_told() {
        use Standing::{Confirmed, OnPhone, Refuted, Stored, UnderReview};
        let by_attention = [Confirmed, Stored, OnPhone, UnderReview, Refuted];
        for (n, one) in by_attention.iter().enumerate() {
            for (m, other) in by_attention.iter().enumerate() {
                assert_eq!(one.worse(*other), by_attention[n.max(m)], "{one:?}, {other:?}");
            }
        }
    }
}
