//! Who or what received a parcel.

use serde::{Deserialize, Serialize};

/// The kind of receiver, as the signed part of a fact records it. Names are private and travel beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl Receiver {
    /// Whether a person took the parcel, so that a code can be asked for.
    pub fn is_person(self) -> bool {
        !matches!(self, Self::Place(_))
    }
}

/// Where a parcel was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// The place that the instructions describe.
    Safe,
    /// The recipient's mailbox.
    Mailbox,
    /// A pick-up point.
    PickupPoint,
}
