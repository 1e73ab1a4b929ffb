//! What is filled in at a door and not recorded yet. The core keeps it with the draft of the stop, so that an app that is
//! killed, as by its own camera, comes back to the same door in the same step. Digits of a code are never part of it.

use serde::{Deserialize, Serialize};

use crate::command::ReceiverDetails;
use crate::id::{ParcelId, ShipmentId};
use crate::reason::Reason;
use crate::receiver::Receiver;

/// What is filled in at a door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoorForm {
    /// At which shipment.
    pub shipment: ShipmentId,
    /// What the courier chose.
    pub choice: DoorChoice,
    /// What is personal about it; of a reason only the note is looked at. Its files are those of the stop.
    #[serde(default)]
    pub details: ReceiverDetails,
    /// Parcels that are to stay as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<ParcelId>,
}

/// What a courier is about to record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
