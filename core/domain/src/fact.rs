//! Facts: immutable, signed records made on the phone.

use serde::{Deserialize, Serialize};

use crate::code::Strength;
use crate::encoded::Base64Url;
use crate::id::{AttemptId, CodeId, FactHash, FactId, InstallId, ParcelId, RouteId, StopId};
use crate::proof::{Check, Position};
use crate::reason::Reason;
use crate::receiver::Receiver;
use crate::time::At;

/// Version of the payload below.
pub const VERSION: u32 = 1;

/// What is signed. The fact itself is the compact JWS (RFC 7515, ES256) over this payload, its hash the
/// SHA-256 of the compact JWS bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactPayload {
    /// [`VERSION`].
    pub v: u32,
    /// `UUIDv7`, made once, before the first send.
    pub id: FactId,
    /// Which installation made it.
    pub install: InstallId,
    /// Incarnation of the installation: rises when its journal was replaced or repaired.
    pub inc: u32,
    /// 1, 2, 3 … per installation and incarnation.
    pub seq: u64,
    /// Hash of the fact before, absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<FactHash>,
    /// When it was made.
    pub at: At,
    /// The route it was made on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<RouteRef>,
    /// The stop it was made at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<StopId>,
    /// The revision of that stop on the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_rev: Option<u64>,
    /// `SHA-256(32 random bytes ‖ private part)`, if there is a private part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<Base64Url>,
    /// What happened.
    #[serde(flatten)]
    pub body: FactBody,
}

/// The route that a fact was made on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteRef {
    /// The route.
    pub id: RouteId,
    /// Its revision on the phone.
    pub rev: u64,
}

/// A public P-256 key (RFC 7517, RFC 7518 § 6.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// Always `EC`.
    pub kty: String,
    /// Always `P-256`.
    pub crv: String,
    /// Affine x, 32 bytes.
    pub x: Base64Url,
    /// Affine y, 32 bytes.
    pub y: Base64Url,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum FactBody {
    /// The day begins; names the key that signs the day's facts. Signed by the device key.
    DayStarted {
        /// Public half of the day key.
        day_jwk: Jwk,
    },
    /// The van was checked against the route.
    LoadChecked {
        /// Parcels that are there.
        found: Vec<ParcelId>,
        /// Parcels that should be there.
        missing: Vec<ParcelId>,
        /// Barcodes that do not belong to the route.
        foreign: Vec<String>,
    },
    /// The courier is at the stop.
    Arrived {},
    /// A code was entered. The digits are nowhere in it.
    CodeTried {
        /// Every attempt that the entry counts for.
        attempts: Vec<AttemptId>,
        /// What the phone made of it.
        result: CodeTryResult,
        /// The code that matched.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code_id: Option<CodeId>,
        /// How strongly it matched.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        strength: Option<Strength>,
        /// The entry, sealed to the backend.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<Base64Url>,
    },
    /// Parcels went to a person or to a place.
    HandedOver {
        /// The attempt.
        attempt: AttemptId,
        /// The parcels.
        parcels: Vec<ParcelId>,
        /// Who received.
        receiver: Receiver,
        /// The `code_tried` fact that allows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code_try: Option<FactId>,
        /// Parcels that were scanned at the door.
        scanned: Vec<ParcelId>,
        /// Hashes of evidence files.
        #[serde(default)]
        proofs: Vec<String>,
        /// Recorded reasons for proofs that are not there.
        #[serde(default)]
        overrides: Vec<String>,
        /// What the courier saw in a document that was shown. Of the document nothing is kept.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        checks: Vec<Check>,
    },
    /// Parcels were not delivered.
    NotDelivered {
        /// The attempt.
        attempt: AttemptId,
        /// The parcels.
        parcels: Vec<ParcelId>,
        /// Why.
        reason: Reason,
    },
    /// An earlier fact of this installation was a mistake.
    Withdrawn {
        /// Which.
        fact: FactId,
    },
    /// Evidence files were added to an earlier fact.
    ProofAdded {
        /// Which.
        fact: FactId,
        /// SHA-256 of each file.
        files: Vec<String>,
    },
    /// The courier changed the order of the stops.
    RouteEdited {
        /// The whole order.
        order: Vec<StopId>,
        /// Why.
        why: String,
    },
    /// Parcels came back to the depot.
    Returned {
        /// Which.
        parcels: Vec<ParcelId>,
    },
    /// The day is over.
    DayClosed {},
    /// Something that operators must know.
    Incident {
        /// Stable word, such as `journal-salvaged`.
        kind: String,
        /// Facts that are lost by it, as far as the phone can know; absent where nothing can be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lost: Option<u64>,
    },
}

impl FactBody {
    /// Hashes of the evidence files that it names.
    pub fn files(&self) -> &[String] {
        match self {
            Self::HandedOver { proofs: files, .. } | Self::ProofAdded { files, .. } => files,
            _ => &[],
        }
    }

    /// The kind's word on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::DayStarted { .. } => "day_started",
            Self::LoadChecked { .. } => "load_checked",
            Self::Arrived {} => "arrived",
            Self::CodeTried { .. } => "code_tried",
            Self::HandedOver { .. } => "handed_over",
            Self::NotDelivered { .. } => "not_delivered",
            Self::Withdrawn { .. } => "withdrawn",
            Self::ProofAdded { .. } => "proof_added",
            Self::RouteEdited { .. } => "route_edited",
            Self::Returned { .. } => "returned",
            Self::DayClosed {} => "day_closed",
            Self::Incident { .. } => "incident",
        }
    }
}

/// What the phone made of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeTryResult {
    /// It fits; the backend judges.
    Matched,
    /// It does not fit.
    Mismatch,
    /// The app ended between counting the try and checking it. It counts as a miss.
    Interrupted,
    /// The phone cannot check; only the backend can.
    Unjudged,
}

/// What is personal about a fact. It travels beside the signed part and can be purged without breaking the
/// chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivatePart {
    /// Name of the person who received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How that person belongs to the recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// Flat or floor where the parcel is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flat: Option<String>,
    /// For the recipient, or for the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the phone was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

impl PrivatePart {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixMs;

    #[test]
    fn a_kind_is_called_as_on_the_wire() {
        let (fact, none) = (FactId::new("f").unwrap(), Vec::new());
        let attempt = AttemptId::new("a").unwrap();
        let zero = Base64Url::new("AAAA").unwrap();
        for body in [
            FactBody::DayStarted {
                day_jwk: Jwk { kty: "EC".into(), crv: "P-256".into(), x: zero.clone(), y: zero },
            },
            FactBody::LoadChecked { found: Vec::new(), missing: Vec::new(), foreign: Vec::new() },
            FactBody::Arrived {},
            FactBody::CodeTried {
                attempts: Vec::new(),
                result: CodeTryResult::Mismatch,
                code_id: None,
                strength: None,
                evidence: None,
            },
            FactBody::HandedOver {
                attempt: attempt.clone(),
                parcels: Vec::new(),
                receiver: Receiver::Recipient,
                code_try: None,
                scanned: Vec::new(),
                proofs: Vec::new(),
                overrides: Vec::new(),
                checks: Vec::new(),
            },
            FactBody::NotDelivered { attempt, parcels: none, reason: Reason::NotHome },
            FactBody::Withdrawn { fact: fact.clone() },
            FactBody::ProofAdded { fact, files: Vec::new() },
            FactBody::RouteEdited { order: Vec::new(), why: String::new() },
            FactBody::Returned { parcels: Vec::new() },
            FactBody::DayClosed {},
            FactBody::Incident { kind: String::new(), lost: None },
        ] {
            assert_eq!(serde_json::to_value(&body).unwrap()["kind"], body.kind());
        }
    }

    #[test]
    fn the_wire_form_of_a_fact_is_frozen() {
        let fact = FactPayload {
            v: VERSION,
            id: FactId::new("0197-a").unwrap(),
            install: InstallId::new("inst").unwrap(),
            inc: 1,
            seq: 2,
            prev: Some(FactHash::new("aGFzaA").unwrap()),
            at: At {
                wall: UnixMs(1),
                boot_ms: 2,
                boot: "b".into(),
                server_ms: Some(UnixMs(3)),
                plus_minus_ms: Some(4),
            },
            route: Some(RouteRef { id: RouteId::new("r").unwrap(), rev: 5 }),
            stop: Some(StopId::new("s").unwrap()),
            stop_rev: Some(6),
            private: None,
            body: FactBody::NotDelivered {
                attempt: AttemptId::new("a").unwrap(),
                parcels: vec![ParcelId::new("p").unwrap()],
                reason: Reason::CodeNotAvailable,
            },
        };
        let json = r#"{"v":1,"id":"0197-a","install":"inst","inc":1,"seq":2,"prev":"aGFzaA","at":{"wall":1,"boot_ms":2,"boot":"b","server_ms":3,"plus_minus_ms":4},"route":{"id":"r","rev":5},"stop":"s","stop_rev":6,"kind":"not_delivered","body":{"attempt":"a","parcels":["p"],"reason":"code_not_available"}}"#;
        assert_eq!(serde_json::to_string(&fact).unwrap(), json);
        assert_eq!(serde_json::from_str::<FactPayload>(json).unwrap(), fact);
    }
}
