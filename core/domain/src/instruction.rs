//! Delivery instructions: what recipient, sender and law allow.

use serde::{Deserialize, Serialize};

use crate::id::InstructionId;
use crate::time::UnixMs;

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
    /// The parcel may be put into the recipient's mailbox.
    Mailbox {},
    /// Reception or concierge may receive.
    Concierge {},
    /// The parcel may be brought to this pick-up point.
    PickupPoint {
        /// Which.
        place: String,
    },
    /// Whoever receives signs.
    Signature {},
    /// Whoever receives shows that they are old enough.
    AgeCheck {
        /// Years, at least.
        min_age: u8,
    },
    /// The recipient shows who they are.
    IdentityCheck {},
    /// Opens the way to the door.
    AccessCode {
        /// As it is typed.
        code: String,
    },
    /// A time that is liked better. The stop's own window holds.
    PreferredWindow {
        /// First instant.
        from: UnixMs,
        /// Last instant.
        to: UnixMs,
    },
    /// Where to meet.
    Meet {
        /// There.
        at: MeetingPlace,
    },
    /// A kind that this version does not know. It allows nothing by itself; the courier is told to ask.
    #[serde(untagged)]
    Unknown {
        /// Its name.
        #[serde(deserialize_with = "unknown_kind")]
        kind: String,
    },
}

/// Where courier and recipient meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeetingPlace {
    /// At the door of the flat.
    Door,
    /// In the entrance hall.
    Lobby,
    /// In front of the house.
    Outside,
}

/// The kinds above, so that a known kind with wrong data is an error and not an unknown kind.
const KNOWN: [&str; 16] = [
    "neighbour",
    "no_neighbours",
    "not_neighbour",
    "safe_place",
    "named_person",
    "household",
    "note",
    "mailbox",
    "concierge",
    "pickup_point",
    "signature",
    "age_check",
    "identity_check",
    "access_code",
    "preferred_window",
    "meet",
];

impl InstructionKind {
    /// Whether a person has to prove something, which no place can.
    pub fn is_check(&self) -> bool {
        matches!(self, Self::Signature {} | Self::AgeCheck { .. } | Self::IdentityCheck {})
    }

    /// Whether it cannot be followed: a kind that this version does not know, or one that names nobody and nothing. It is
    /// shown, and never guessed.
    pub fn is_unreadable(&self) -> bool {
        match self {
            Self::Unknown { .. } => true,
            Self::Neighbour { name: text, .. }
            | Self::NotNeighbour { name: text }
            | Self::NamedPerson { name: text }
            | Self::SafePlace { place: text }
            | Self::PickupPoint { place: text }
            | Self::AccessCode { code: text }
            | Self::Note { text } => words(text).is_empty(),
            Self::PreferredWindow { from, to } => from > to,
            Self::NoNeighbours {}
            | Self::Household {}
            | Self::Mailbox {}
            | Self::Concierge {}
            | Self::Signature {}
            | Self::AgeCheck { .. }
            | Self::IdentityCheck {}
            | Self::Meet { .. } => false,
        }
    }
}

fn unknown_kind<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let kind = String::deserialize(from)?;
    if KNOWN.contains(&kind.as_str()) {
        return Err(serde::de::Error::custom(format_args!("wrong data for an instruction of kind {kind}")));
    }
    Ok(kind)
}

/// Whether two names mean the same person for an instruction: case, white space, and characters that cannot be seen do
/// not count.
pub fn same_name(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    !one.is_empty() && one == other
}

/// Whether somebody called `name` may be the one whom an instruction excludes: every word of one is in the other, in any
/// order. "Anna Meyer" may be "Meyer"; whoever excludes somebody is taken at their word.
pub fn may_be(name: &str, excluded: &str) -> bool {
    let bare = |text: &str| -> Vec<String> {
        let bare = |word: String| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        words(text).into_iter().map(bare).filter(|word| !word.is_empty()).collect()
    };
    let (name, excluded) = (bare(name), bare(excluded));
    let within =
        |some: &[String], all: &[String]| !some.is_empty() && some.iter().all(|word| all.contains(word));
    within(&name, &excluded) || within(&excluded, &name)
}

/// The words of a name, in lower case, without characters that cannot be seen: a right-to-left mark makes no other
/// neighbour.
fn words(text: &str) -> Vec<String> {
    let seen = |c: &char| !c.is_control() && !is_format(*c) || c.is_whitespace();
    let text: String = text.chars().filter(seen).collect();
    text.split_whitespace().map(str::to_lowercase).collect()
}

/// Marks of direction, joiners and the like (Unicode category Cf) that keyboards and copied texts bring along.
fn is_format(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
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
    fn a_moment_is_a_window_and_one_that_ends_before_it_begins_is_none() {
        let window = |from, to| InstructionKind::PreferredWindow { from: UnixMs(from), to: UnixMs(to) };
        assert!(!window(1, 1).is_unreadable() && !window(1, 2).is_unreadable());
        assert!(window(2, 1).is_unreadable());
    }

    #[test]
    fn names_are_compared_without_case_and_spacing() {
        assert!(same_name(" Anna  MEYER ", "anna meyer"));
        assert!(!same_name("Meyer", "Meier"));
        assert!(!same_name("", " "));
    }

    #[test]
    fn marks_that_cannot_be_seen_make_no_other_person() {
        assert!(same_name("Me\u{200b}yer\u{200f}", "meyer"));
        assert!(may_be("\u{202e}Meyer", "Meyer"));
        assert!(!same_name("\u{200f}", "\u{200f}"), "nothing that can be seen is nobody");
    }

    #[test]
    fn whoever_may_be_the_excluded_one_is_taken_for_them() {
        for (name, excluded) in [
            ("Anna Meyer", "Meyer"),
            ("Meyer", "Anna Meyer"),
            ("Meyer, Anna", "anna meyer"),
            ("MEYER", "Meyer"),
        ] {
            assert!(may_be(name, excluded), "{name} passes for somebody else than {excluded}");
        }
        for (name, excluded) in
            [("Meier", "Meyer"), ("Anna Kim", "Anna Meyer"), ("", "Meyer"), ("Meyer", " , ")]
        {
            assert!(!may_be(name, excluded), "{name} is taken for {excluded}");
        }
    }

    #[test]
    fn an_instruction_that_names_nobody_is_unreadable() {
        for kind in [
            InstructionKind::Unknown { kind: "by_drone".into() },
            InstructionKind::NamedPerson { name: " \u{200f}".into() },
            InstructionKind::SafePlace { place: String::new() },
            InstructionKind::PreferredWindow { from: UnixMs(2), to: UnixMs(1) },
        ] {
            assert!(kind.is_unreadable(), "{kind:?}");
        }
        assert!(!InstructionKind::Note { text: "ring twice".into() }.is_unreadable());
    }

    #[test]
    fn every_known_kind_is_known_to_be_known() {
        for (kind, data) in [
            ("neighbour", r#"{"name":"Huber"}"#),
            ("no_neighbours", "{}"),
            ("not_neighbour", r#"{"name":"Huber"}"#),
            ("safe_place", r#"{"place":"shed"}"#),
            ("named_person", r#"{"name":"Ada"}"#),
            ("household", "{}"),
            ("note", r#"{"text":"ring twice"}"#),
            ("mailbox", "{}"),
            ("concierge", "{}"),
            ("pickup_point", r#"{"place":"kiosk"}"#),
            ("signature", "{}"),
            ("age_check", r#"{"min_age":18}"#),
            ("identity_check", "{}"),
            ("access_code", r#"{"code":"12#"}"#),
            ("preferred_window", r#"{"from":1,"to":2}"#),
            ("meet", r#"{"at":"lobby"}"#),
        ] {
            let json = format!(r#"{{"id":"i1","origin":"sender","kind":"{kind}","data":{data},"rev":1}}"#);
            let read: Instruction = serde_json::from_str(&json).unwrap();
            assert!(!read.kind.is_unreadable(), "{kind}");
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
            assert!(KNOWN.contains(&kind));
        }
    }
}
