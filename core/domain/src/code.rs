//! What is known about codes without any cryptography.

use serde::{Deserialize, Serialize};

use crate::attempt::Verdict;
use crate::encoded::Base64Url;
use crate::id::{AttemptId, CodeId};
use crate::time::UnixMs;

/// Wrong entries that one attempt allows, and each new code of it again.
pub const TRY_BUDGET: u32 = 5;

/// How long the courier waits before the next entry after `misses` wrong ones, in milliseconds:
/// three at once, then 30 s and 120 s.
pub fn wait_after_ms(misses: u32) -> u64 {
    match misses {
        0..=2 => 0,
        3 => 30_000,
        _ => 120_000,
    }
}

/// Whether a shipment is handed over against a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeNeed {
    /// No code.
    None,
    /// A code that the phone can check.
    Required,
    /// A code that only the backend can check.
    OnlineOnly,
}

/// Argon2id parameters (RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KdfParams {
    /// Memory in KiB.
    pub m: u32,
    /// Passes.
    pub t: u32,
    /// Lanes.
    pub p: u32,
}

/// The stored row that lets a phone filter typos without knowing the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifier {
    /// The attempt that the code belongs to.
    pub attempt: AttemptId,
    /// The code.
    pub code_id: CodeId,
    /// Who holds the code, in words for the courier.
    pub holder: String,
    /// Parameters of the hash.
    pub kdf: KdfParams,
    /// Salt, 16 bytes, one per attempt.
    pub salt: Base64Url,
    /// Key of the tag, 32 bytes, one per code.
    pub key: Base64Url,
    /// Bits of the tag: 0 (no offline check) or 6..=12.
    pub k: u8,
    /// The first `k` bits of the keyed hash, as a number.
    pub tag: u16,
    /// SHA-256 of the QR token, if the customer has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_sha256: Option<Base64Url>,
    /// First instant at which the code is valid.
    pub not_before: UnixMs,
    /// Last instant at which the code is valid: the end of the delivery day.
    pub not_after: UnixMs,
}

/// How strongly an entry matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// The truncated tag fits: provisional until the backend confirms.
    Tag,
    /// The 128-bit token of the QR fits.
    Token,
    /// Only the backend could tell, and it confirmed the entry.
    Backend,
}

/// Where an attempt stands with its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CodeState {
    /// No code is needed.
    NotNeeded,
    /// A code is to be entered.
    Needed {
        /// Wrong entries left.
        tries_left: u32,
        /// Milliseconds to wait before the next entry is taken; 0 = none.
        wait_ms: u64,
    },
    /// A code was entered that fits.
    Matched {
        /// Which code; absent when only the backend knows.
        code_id: Option<CodeId>,
        /// Who holds it; empty when only the backend knows.
        holder: String,
        /// How strongly it fits.
        strength: Strength,
        /// What the backend says of it, if it answered already.
        verdict: Option<Verdict>,
    },
    /// An entry is on its way to the backend, which alone can tell what it is worth. No other is taken until it answers.
    Asked,
    /// No entry is taken.
    Locked {
        /// Why.
        by: LockedBy,
    },
    /// The code is not valid yet.
    NotYet,
    /// The code is not valid any more.
    Expired,
    /// The phone holds no code to check against; only the office can help with one.
    Missing,
}

/// Why no entry is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockedBy {
    /// All tries were wrong.
    TriesUsed,
    /// The backend refused an entry and froze the code.
    Frozen,
}
