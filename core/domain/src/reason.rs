//! Why a parcel was not delivered, and what follows. What follows from which reason is the [`Policy`](crate::policy)'s.

use serde::{Deserialize, Serialize};

/// The reason of a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl Reason {
    /// Every reason, in the order in which a shell lists them.
    pub const ALL: [Self; 14] = [
        Self::NotHome,
        Self::CodeNotAvailable,
        Self::TriesUsedUp,
        Self::CodeFrozen,
        Self::NoPermittedReceiver,
        Self::AgeOrIdentityNotProven,
        Self::Refused,
        Self::AccessBlocked,
        Self::WindowMissed,
        Self::AddressNotFound,
        Self::Damaged,
        Self::MissingInVan,
        Self::Unsafe,
        Self::Recalled,
    ];
}

/// What happens to a parcel that was not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
