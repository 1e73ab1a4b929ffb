//! What proves a handover, and how much of it is asked for.

use serde::{Deserialize, Serialize};

use crate::encoded::Base64Url;
use crate::instruction::Origin;
use crate::receiver::Receiver;

/// A kind of proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The code. Whether it is needed is the shipment's matter, and no policy makes less of it.
    Code,
    /// The parcel was scanned at the door, or its number typed.
    Scan,
    /// Name of the person who receives.
    Name,
    /// How that person belongs to the recipient.
    Relation,
    /// Flat or floor where the parcel is afterwards.
    Flat,
    /// Something for the recipient, or for the office.
    Note,
    /// A signature.
    Signature,
    /// A photo of the parcel in its place; never of people.
    Photo,
    /// The person was old enough, as a document showed. Of the document nothing is kept.
    AgeCheck,
    /// The person was who they should be, as a document showed. Of the document nothing is kept.
    IdentityCheck,
    /// Where the phone was.
    Position,
}

impl Proof {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Code,
        Self::Scan,
        Self::Name,
        Self::Relation,
        Self::Flat,
        Self::Note,
        Self::Signature,
        Self::Photo,
        Self::AgeCheck,
        Self::IdentityCheck,
        Self::Position,
    ];

    /// Its word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Scan => "scan",
            Self::Name => "name",
            Self::Relation => "relation",
            Self::Flat => "flat",
            Self::Note => "note",
            Self::Signature => "signature",
            Self::Photo => "photo",
            Self::AgeCheck => "age_check",
            Self::IdentityCheck => "identity_check",
            Self::Position => "position",
        }
    }

    /// Whether a recorded reason may stand in for it. A code, a name and what the law asks for it may not.
    pub fn is_excusable(self) -> bool {
        !matches!(self, Self::Code | Self::Name | Self::AgeCheck | Self::IdentityCheck)
    }

    /// How much it is asked for of a receiver under these rules.
    pub fn demand(self, receiver: Receiver, rules: &[ProofRule]) -> Demand {
        let rule = rules.iter().find(|rule| rule.proof == self);
        rule.map_or_else(|| self.usual_demand(receiver), |rule| rule.demand)
    }

    /// What holds for it wherever neither policy nor instructions say anything: a name of whoever is not the recipient,
    /// no photo of people, no signature of a place.
    pub fn usual_demand(self, receiver: Receiver) -> Demand {
        match self {
            Self::Code | Self::Scan => Demand::Required,
            Self::Name if receiver.is_person() && receiver != Receiver::Recipient => Demand::Required,
            Self::Photo if receiver.is_person() => Demand::Forbidden,
            Self::Signature | Self::AgeCheck | Self::IdentityCheck if !receiver.is_person() => {
                Demand::Forbidden
            }
            _ => Demand::Optional,
        }
    }
}

/// How much a proof is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// Not without it, or a recorded reason.
    Required,
    /// The shell warns when it is missing, and goes on.
    Warn,
    /// It may be given.
    #[default]
    Optional,
    /// It is not taken.
    Forbidden,
}

impl Demand {
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
    pub(crate) fn is_optional(&self) -> bool {
        *self == Self::Optional
    }
}

/// What is asked for at a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofRule {
    /// What.
    pub proof: Proof,
    /// How much.
    pub demand: Demand,
    /// Who stands behind that.
    pub by: Origin,
    /// For an age check: years, at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_age: Option<u8>,
}

/// A file that proves something. It travels by itself; a fact holds its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofFile {
    /// What is on it.
    pub kind: FileKind,
    /// SHA-256 of its bytes.
    pub sha256: Base64Url,
}

/// What is on a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A signature.
    Signature,
    /// A photo.
    Photo,
}

impl FileKind {
    /// The proof that it is.
    pub fn proof(self) -> Proof {
        match self {
            Self::Signature => Proof::Signature,
            Self::Photo => Proof::Photo,
        }
    }
}

/// What a courier saw in a document that was shown. Neither its kind nor its number nor a date is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// The person is at least so old.
    Age {
        /// Years.
        min: u8,
    },
    /// The person is who they should be.
    Identity {},
}

/// A proof that is not there, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excuse {
    /// What is not there.
    pub proof: Proof,
    /// Why.
    pub why: ExcuseReason,
}

impl Excuse {
    /// As a fact records it, such as `scan:barcode_damaged`.
    pub fn word(self) -> String {
        let why = match self.why {
            ExcuseReason::BarcodeDamaged => "barcode_damaged",
            ExcuseReason::Declined => "declined",
            ExcuseReason::DeviceFailed => "device_failed",
            ExcuseReason::NotPossible => "not_possible",
        };
        format!("{}:{why}", self.proof.word())
    }
}

/// Why a proof is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExcuseReason {
    /// The label can neither be scanned nor read.
    BarcodeDamaged,
    /// The person did not want to.
    Declined,
    /// Camera, screen or receiver of the phone failed.
    DeviceFailed,
    /// It could not be done here.
    NotPossible,
}

/// Where the phone was, and how well it knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Latitude in millionths of a degree, −90 000 000 to 90 000 000.
    pub lat_e6: i32,
    /// Longitude in millionths of a degree, −180 000 000 to 180 000 000.
    pub lon_e6: i32,
    /// Radius within which it is, in metres.
    pub accuracy_m: u32,
    /// Milliseconds since it was found.
    pub age_ms: u64,
}

impl Position {
    /// From degrees and metres, as phones have them. What is no place on earth is none: not a number, out of range, a
    /// negative radius.
    #[must_use]
    pub fn of_degrees(lat: f64, lon: f64, accuracy_m: f64, age_ms: u64) -> Option<Self> {
        let e6 = |degrees: f64, max: f64| {
            // A NaN is in no range; within the range nothing is cut off.
            #[allow(clippy::cast_possible_truncation)]
            (-max..=max).contains(&degrees).then(|| (degrees * 1e6).round() as i32)
        };
        if accuracy_m.is_nan() || accuracy_m < 0.0 {
            return None;
        }
        // A float that is too large becomes the largest number.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let accuracy_m = accuracy_m.ceil() as u32;
        Some(Self { lat_e6: e6(lat, 90.0)?, lon_e6: e6(lon, 180.0)?, accuracy_m, age_ms })
    }

    /// Whether it is a place on earth.
    pub fn is_on_earth(self) -> bool {
        self.lat_e6.unsigned_abs() <= 90_000_000 && self.lon_e6.unsigned_abs() <= 180_000_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_proof_is_called_as_on_the_wire() {
        for proof in Proof::ALL {
            assert_eq!(serde_json::to_value(proof).unwrap(), proof.word());
        }
        let excuse = Excuse { proof: Proof::Scan, why: ExcuseReason::BarcodeDamaged };
        assert_eq!(excuse.word(), "scan:barcode_damaged");
        for why in [
            ExcuseReason::BarcodeDamaged,
            ExcuseReason::Declined,
            ExcuseReason::DeviceFailed,
            ExcuseReason::NotPossible,
        ] {
            let word = serde_json::to_value(why).unwrap();
            assert_eq!(
                Excuse { proof: Proof::Photo, why }.word(),
                format!("photo:{}", word.as_str().unwrap())
            );
        }
    }

    #[test]
    fn code_and_scan_are_needed_of_whomever_and_a_name_of_whoever_is_not_the_recipient() {
        let place = Receiver::Place(crate::receiver::PlaceKind::Safe);
        for receiver in [Receiver::Recipient, Receiver::Household, place] {
            assert_eq!(Proof::Code.usual_demand(receiver), Demand::Required);
            assert_eq!(Proof::Scan.usual_demand(receiver), Demand::Required);
        }
        assert_eq!(Proof::Name.usual_demand(Receiver::Household), Demand::Required);
        assert_eq!(Proof::Name.usual_demand(Receiver::Recipient), Demand::Optional);
        assert_eq!(Proof::Name.usual_demand(place), Demand::Optional);
        assert!(Demand::Optional.is_optional() && !Demand::Required.is_optional());
    }

    #[test]
    fn a_position_without_a_radius_is_exact() {
        let exact = Position::of_degrees(52.5, -13.25, 0.0, 7).unwrap();
        assert_eq!(
            (exact.lat_e6, exact.lon_e6, exact.accuracy_m, exact.age_ms),
            (52_500_000, -13_250_000, 0, 7)
        );
        assert_eq!(Position::of_degrees(0.0, 0.0, 0.1, 0).unwrap().accuracy_m, 1, "no better than it is");
    }

    #[test]
    fn what_is_no_place_on_earth_is_no_position() {
        for (lat, lon, accuracy) in [
            (f64::NAN, 0.0, 1.0),
            (0.0, f64::INFINITY, 1.0),
            (90.1, 0.0, 1.0),
            (0.0, -180.1, 1.0),
            (0.0, 0.0, f64::NAN),
            (0.0, 0.0, -1.0),
        ] {
            assert_eq!(Position::of_degrees(lat, lon, accuracy, 0), None, "{lat} {lon} {accuracy}");
        }
        let linden = Position::of_degrees(52.517, -13.391, 4.2, 7).unwrap();
        assert_eq!((linden.lat_e6, linden.lon_e6, linden.accuracy_m), (52_517_000, -13_391_000, 5));
    }

    proptest! {
        #[test]
        fn any_numbers_are_a_place_on_earth_or_none(lat: f64, lon: f64, accuracy: f64) {
            prop_assert!(Position::of_degrees(lat, lon, accuracy, 0).is_none_or(Position::is_on_earth));
        }
    }
}
