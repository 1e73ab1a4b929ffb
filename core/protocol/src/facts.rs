//! The facts lane: `POST /v1/facts`.

use courier_domain::{FactHash, FactId, InstallId, UnixMs, Verdict};
use serde::{Deserialize, Serialize};

/// Facts in one request, at most.
pub const MAX_FACTS: usize = 200;
/// Bytes of one request after decompression, at most.
pub const MAX_BODY: usize = 4 << 20;

/// A batch of facts of one installation, gzip-compressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactsRequest {
    /// Whose facts.
    pub install: InstallId,
    /// Incarnation of the installation.
    pub inc: u32,
    /// The server's epoch as last seen by the phone.
    pub epoch: String,
    /// In order of `seq`; opaque here, so that one unreadable item harms no other.
    pub facts: Vec<FactItem>,
}

/// One fact as it was first written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactItem {
    /// Compact JWS of a [`courier_domain::FactPayload`].
    pub jws: String,
    /// base64url of 32 random bytes followed by the JSON of a [`courier_domain::PrivatePart`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<String>,
}

/// Answer to a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsAnswer {
    /// Echo of [`crate::header::REQUEST`].
    pub request: String,
    /// See [`crate::header::EPOCH`].
    pub epoch: String,
    /// The server's clock.
    pub server_ms: UnixMs,
    /// One per item, in their order.
    pub results: Vec<FactResult>,
    /// JWS of a [`ReceiptPayload`] over the chain head; absent when nothing of a chain was stored yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactResult {
    /// SHA-256 of the item's JWS text.
    pub hash: FactHash,
    /// The fact's id, if it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<FactId>,
    /// Whether the phone may forget it.
    pub status: FactStatus,
    /// It was there already.
    pub dup: bool,
    /// Stable words: `gap`, `id-conflict`, `sequence-fork`, `stale-code`, `after-removal` …
    pub flags: Vec<String>,
    /// What the judge decided, for facts that are judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<FactVerdict>,
    /// Facts that the server misses before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub want: Option<Want>,
    /// For [`FactStatus::Retry`]: not before this many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<u64>,
}

/// Whether an item is safe with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactStatus {
    /// Stored: a final acknowledgement.
    Stored,
    /// Its bytes are stored for a person to look at: a final acknowledgement too.
    Parked,
    /// Not stored; offer it again.
    Retry,
}

/// A verdict, and stable words why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactVerdict {
    /// What was decided.
    pub verdict: Verdict,
    /// Such as `right-code` or `wrong-code`.
    pub why: String,
}

/// A range of sequence numbers, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Want {
    /// First missing.
    pub from: u64,
    /// Last missing.
    pub to: u64,
}

/// What a receipt says: the server has stored this installation's chain up to here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptPayload {
    /// Whose chain.
    pub install: InstallId,
    /// Incarnation.
    pub inc: u32,
    /// Sequence number of the head.
    pub seq: u64,
    /// Hash of the head.
    pub hash: FactHash,
    /// The server's clock.
    pub server_ms: UnixMs,
}
