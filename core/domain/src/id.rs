//! Identifiers. Each is its own type, so that a stop can never be taken for a shipment.

use serde::{Deserialize, Serialize};

/// Longest identifier accepted, in bytes.
pub const MAX_LEN: usize = 64;

/// A text that is no identifier: empty, longer than [`MAX_LEN`], or with characters other than
/// ASCII letters, digits, `-`, `_`, `.` and `:`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind}: expected 1 to {MAX_LEN} of A-Z a-z 0-9 - _ . :")]
pub struct InvalidId {
    /// Which identifier was expected.
    pub kind: &'static str,
}

fn is_valid(text: &str) -> bool {
    (1..=MAX_LEN).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and wraps a text.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                if is_valid(&text) { Ok(Self(text)) } else { Err(InvalidId { kind: stringify!($name) }) }
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A person who delivers.
    CourierId;
    /// One installed app with its own keys; 128 random bits, made at first start.
    InstallId;
    /// The ordered stops of one courier on one delivery day.
    RouteId;
    /// One place to visit.
    StopId;
    /// What one sender sends one recipient.
    ShipmentId;
    /// One physical piece with a barcode.
    ParcelId;
    /// One try to deliver a shipment on one day.
    AttemptId;
    /// One issued code, and its verifier on the phone.
    CodeId;
    /// One delivery instruction.
    InstructionId;
    /// A fact; UUIDv7, made once, before the first send.
    FactId;
    /// SHA-256 of a fact's compact JWS, base64url without padding.
    FactHash;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_refuses_what_could_break_a_path_or_a_log() {
        for bad in ["", "a b", "../x", "ä", "a\n", &"x".repeat(65)] {
            assert!(StopId::new(bad).is_err(), "{bad:?} was accepted");
        }
        assert_eq!(StopId::new("stop-1_a.B:2").unwrap().as_str(), "stop-1_a.B:2");
    }

    #[test]
    fn deserialising_checks_too() {
        assert!(serde_json::from_str::<StopId>("\"a b\"").is_err());
    }
}
