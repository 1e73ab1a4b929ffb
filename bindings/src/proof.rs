//! What proves an outcome: `courier_domain::proof`.

use courier_domain::view::Addition;
use courier_domain::{
    Base64Url, Check, Demand, Excuse, ExcuseReason, FactId, FileKind, Origin, Position, Proof, ProofFile,
    ProofRule, Receiver, ReceiverOption, ShipmentId, StopView,
};
use courier_engine::CourierError;

uniffi::custom_type!(Base64Url, String, {
    remote,
    try_lift: |text| Ok(Base64Url::new(text).map_err(|_| CourierError::NotFound)?),
    lower: |text| text.into(),
});

/// A kind of proof.
#[uniffi::remote(Enum)]
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

/// How much a proof is asked for.
#[uniffi::remote(Enum)]
pub enum Demand {
    /// Not without it, or a recorded reason.
    Required,
    /// The shell warns when it is missing, and goes on.
    Warn,
    /// It may be given.
    Optional,
    /// It is not taken.
    Forbidden,
}

/// What is asked for at a door.
#[uniffi::remote(Record)]
pub struct ProofRule {
    /// What.
    proof: Proof,
    /// How much.
    demand: Demand,
    /// Who stands behind that.
    by: Origin,
    /// For an age check: years, at least.
    min_age: Option<u8>,
}

/// A file that proves something. It travels by itself; a fact holds its hash.
#[uniffi::remote(Record)]
pub struct ProofFile {
    /// What is on it.
    kind: FileKind,
    /// SHA-256 of its bytes.
    sha256: Base64Url,
}

/// What is on a file.
#[uniffi::remote(Enum)]
pub enum FileKind {
    /// A signature.
    Signature,
    /// A photo.
    Photo,
}

/// What a courier saw in a document that was shown. Neither its kind nor its number nor a date is kept.
#[uniffi::remote(Enum)]
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
#[uniffi::remote(Record)]
pub struct Excuse {
    /// What is not there.
    proof: Proof,
    /// Why.
    why: ExcuseReason,
}

/// Why a proof is not there.
#[uniffi::remote(Enum)]
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
#[uniffi::remote(Record)]
pub struct Position {
    /// Latitude in millionths of a degree, −90 000 000 to 90 000 000.
    lat_e6: i32,
    /// Longitude in millionths of a degree, −180 000 000 to 180 000 000.
    lon_e6: i32,
    /// Radius within which it is, in metres.
    accuracy_m: u32,
    /// Milliseconds since it was found.
    age_ms: u64,
}

/// A position from degrees and metres, as phones have them. What is no place on earth is none: not a number, out of range,
/// a negative radius.
#[uniffi::export]
pub fn position_of_degrees(lat: f64, lon: f64, accuracy_m: f64, age_ms: u64) -> Option<Position> {
    Position::of_degrees(lat, lon, accuracy_m, age_ms)
}

/// How much a proof is asked for of this receiver: by a rule of the option, or as always.
#[uniffi::export]
pub fn proof_demand(option: &ReceiverOption, proof: Proof) -> Demand {
    proof.demand(option.receiver, &option.proofs)
}

/// What was taken at a stop and may prove a handover of this shipment to this receiver. Nothing if it is not there.
#[uniffi::export]
#[allow(clippy::needless_pass_by_value)] // what comes over the border is owned here
pub fn files_for(stop: &StopView, shipment: ShipmentId, receiver: Receiver) -> Vec<ProofFile> {
    stop.door(&shipment).map(|door| stop.files_for(door, receiver)).unwrap_or_default()
}

/// What was taken at a stop and may be added to what is recorded of this shipment. Nothing if it is not there.
#[uniffi::export]
#[allow(clippy::needless_pass_by_value)] // what comes over the border is owned here
pub fn additions(stop: &StopView, shipment: ShipmentId) -> Vec<Addition> {
    stop.door(&shipment).map(|door| stop.additions(door)).unwrap_or_default()
}

/// Files for one `AddProof`.
#[uniffi::remote(Record)]
pub struct Addition {
    /// The outcome that they prove.
    fact: FactId,
    /// What was taken, never empty.
    files: Vec<ProofFile>,
}
