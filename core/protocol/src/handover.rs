//! The receipt of a handover, for shops and customers: to be checked without the backend.

use courier_domain::{AttemptId, FactHash, FactId, InstallId, ParcelId, Receiver, Strength, UnixMs, Verdict};
use serde::{Deserialize, Serialize};

/// Payload of a receipt, a compact JWS of type `courier-handover+jws` (RFC 7515, ES256), signed by the key that
/// `/.well-known/jwks.json` names. It holds nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoverPayload {
    /// Version: 1.
    pub v: u32,
    /// The sender's own reference.
    pub reference: String,
    /// The attempt.
    pub attempt: AttemptId,
    /// The `handed_over` fact.
    pub fact: FactId,
    /// SHA-256 of that fact's compact JWS.
    pub hash: FactHash,
    /// The installation that recorded it,
    pub install: InstallId,
    /// its incarnation,
    pub inc: u32,
    /// and the fact's number there.
    pub seq: u64,
    /// The parcels that are with their receiver by this fact.
    pub parcels: Vec<ParcelId>,
    /// Who or what received.
    pub receiver: Receiver,
    /// What the judge says of it.
    pub verdict: Verdict,
    /// Why, a stable word.
    pub why: String,
    /// How the code was checked at the door; `null` = there was none, or the backend alone checked it.
    pub strength: Option<Strength>,
    /// When it was handed over, by the phone's best clock.
    pub delivered_at: UnixMs,
    /// When this receipt was signed.
    pub issued_at: UnixMs,
}
