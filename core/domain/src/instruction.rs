//! Delivery instructions: what recipient, sender and law allow.

use serde::{Deserialize, Serialize};

use crate::id::InstructionId;

/// One instruction of a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruction {
    /// Its identifier.
    pub id: InstructionId,
    /// Who gave it.
    pub origin: Origin,
    /// What it says.
    #[serde(flatten)]
    pub kind: InstructionKind,
    /// The backend's revision when it was last changed: one counter for everything, so an instruction whose
    /// `rev` is above the route's was changed after publication.
    pub rev: u64,
}

/// Who stands behind a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The recipient, or the customer for them.
    Recipient,
    /// The sender.
    Sender,
    /// The carrier's service: the rules of secure delivery.
    Service,
    /// The law, § 13 `PostG` in Germany.
    Law,
}

/// What an instruction says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum InstructionKind {
    /// This neighbour may receive.
    Neighbour {
        /// As on the doorbell.
        name: String,
        /// Flat or floor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flat: Option<String>,
    },
    /// No neighbour may receive.
    NoNeighbours {},
    /// This neighbour may not receive.
    NotNeighbour {
        /// As on the doorbell.
        name: String,
    },
    /// The parcel may be left here.
    SafePlace {
        /// Description of the place.
        place: String,
    },
    /// Only this person may receive.
    NamedPerson {
        /// Full name.
        name: String,
    },
    /// Any member of the household may receive.
    Household {},
    /// Something the courier should read.
    Note {
        /// Free text.
        text: String,
    },
    /// A kind that this version does not know. It allows nothing by itself; the courier is told to ask.
    #[serde(untagged)]
    Unknown {
        /// Its name.
        #[serde(deserialize_with = "unknown_kind")]
        kind: String,
    },
}

/// The kinds above, so that a known kind with wrong data is an error and not an unknown kind.
const KNOWN: [&str; 7] =
    ["neighbour", "no_neighbours", "not_neighbour", "safe_place", "named_person", "household", "note"];

fn unknown_kind<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let kind = String::deserialize(from)?;
    if KNOWN.contains(&kind.as_str()) {
        return Err(serde::de::Error::custom(format_args!("wrong data for an instruction of kind {kind}")));
    }
    Ok(kind)
}

/// Whether two names mean the same person for an instruction: case and surrounding or doubled white space
/// do not count.
pub fn same_name(one: &str, other: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
    let (one, other) = (words(one), words(other));
    !one.is_empty() && one == other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_kind_is_kept_apart_and_does_not_fail() {
        let json = r#"{"id":"i1","origin":"recipient","kind":"by_drone","data":{"roof":true},"rev":3}"#;
        let read: Instruction = serde_json::from_str(json).unwrap();
        assert_eq!(read.kind, InstructionKind::Unknown { kind: "by_drone".into() });
    }

    #[test]
    fn a_known_kind_with_wrong_data_is_refused() {
        let json = r#"{"id":"i1","origin":"recipient","kind":"not_neighbour","data":{},"rev":3}"#;
        assert!(serde_json::from_str::<Instruction>(json).is_err());
    }

    #[test]
    fn a_known_kind_travels_as_kind_and_data() {
        let json = r#"{"id":"i1","origin":"recipient","kind":"neighbour","data":{"name":"Huber"},"rev":1}"#;
        let read: Instruction = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }

    #[test]
    fn names_are_compared_without_case_and_spacing() {
        assert!(same_name(" Anna  MEYER ", "anna meyer"));
        assert!(!same_name("Meyer", "Meier"));
        assert!(!same_name("", " "));
    }
}
