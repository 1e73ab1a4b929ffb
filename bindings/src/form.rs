//! What is filled in at a door, and the names that are offered for it: `courier_domain::{form, suggestion}`.

use courier_domain::{
    DoorChoice, DoorForm, ParcelId, Reason, Receiver, ReceiverDetails, ShipmentId, Suggestion,
};

/// What is filled in at a door and not recorded yet.
#[uniffi::remote(Record)]
pub struct DoorForm {
    /// At which shipment.
    shipment: ShipmentId,
    /// What the courier chose.
    choice: DoorChoice,
    /// What is personal about it; of a reason only the note is looked at. Files and position are not kept with it.
    details: ReceiverDetails,
    /// Parcels that are to stay as they are.
    #[uniffi(default = [])]
    left_out: Vec<ParcelId>,
}

/// What a courier is about to record.
#[uniffi::remote(Enum)]
pub enum DoorChoice {
    /// A handover.
    HandOver {
        /// To whom, or where.
        receiver: Receiver,
    },
    /// That it was not delivered.
    NotDelivered {
        /// Why.
        reason: Reason,
    },
}

/// A name that may be meant.
#[uniffi::remote(Record)]
pub struct Suggestion {
    /// As what.
    receiver: Receiver,
    /// The name.
    name: String,
    /// Flat or floor, where one is known.
    flat: Option<String>,
}
