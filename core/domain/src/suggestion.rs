//! Names that a courier is offered when somebody receives: from this stop only, never from other stops or earlier days.

use serde::{Deserialize, Serialize};

use crate::instruction::{Instruction, InstructionKind, may_be, same_name};
use crate::receiver::Receiver;
use crate::route::Shipment;

/// A name that may be meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// As what.
    pub receiver: Receiver,
    /// The name.
    pub name: String,
    /// Flat or floor, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flat: Option<String>,
}

/// The names for one shipment among those of its stop: who is on its label, who else has a parcel here, and who is named
/// by its instructions. Whoever may be somebody whom it excludes is left out.
pub(crate) fn suggestions(shipment: &Shipment, stop: &[&Shipment]) -> Vec<Suggestion> {
    let mut found: Vec<Suggestion> = Vec::new();
    let mut offer = |receiver: Receiver, name: &str, flat: Option<&String>| {
        let is_neighbour = matches!(receiver, Receiver::NamedNeighbour | Receiver::OtherNeighbour);
        let is_known = found.iter().any(|it| it.receiver == receiver && same_name(&it.name, name));
        // A name that cannot be seen is none.
        let is_name = same_name(name, name);
        if is_name && !is_known && !(is_neighbour && is_excluded(name, &shipment.instructions)) {
            found.push(Suggestion { receiver, name: name.into(), flat: flat.cloned() });
        }
    };
    offer(Receiver::Recipient, &shipment.recipient_name, None);
    for given in &shipment.instructions {
        match &given.kind {
            InstructionKind::Neighbour { name, flat } => {
                offer(Receiver::NamedNeighbour, name, flat.as_ref());
            }
            InstructionKind::NamedPerson { name } => offer(Receiver::NamedPerson, name, None),
            _ => {}
        }
    }
    // Who lives there has the name on the label, or another label.
    offer(Receiver::Household, &shipment.recipient_name, None);
    for other in stop.iter().filter(|other| !same_name(&other.recipient_name, &shipment.recipient_name)) {
        offer(Receiver::Household, &other.recipient_name, None);
        offer(Receiver::OtherNeighbour, &other.recipient_name, None);
    }
    found
}

fn is_excluded(name: &str, instructions: &[Instruction]) -> bool {
    let excludes = |given: &Instruction| matches!(&given.kind, InstructionKind::NotNeighbour { name: not } if may_be(name, not));
    instructions.iter().any(excludes)
}
