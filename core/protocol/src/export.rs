//! Facts that never reached the server by the network, as a file that somebody carries to the office.
//!
//! The facts in it are the same bytes as on the facts lane, in the same batches, so whatever is taken in twice counts once.
//! It holds what is personal about them too, and is therefore sealed: only the backend can read it.

use courier_domain::{Base64Url, InstallId, UnixMs};
use serde::{Deserialize, Serialize};

/// Version of the form below.
pub const VERSION: u32 = 1;
/// Bytes of all batches after decompression, at most.
pub const MAX_PLAIN: usize = 64 << 20;

/// The file, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportFile {
    /// [`VERSION`].
    pub courier_export: u32,
    /// JWS of [`ExportPayload`] by the device key, type [`crate::header::TYP_EXPORT`].
    pub proof: String,
    /// gzip of a JSON list of [`crate::FactsRequest`], sealed to the backend's evidence key.
    pub sealed: Base64Url,
}

/// What the phone signs about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPayload {
    /// Whose facts.
    pub install: InstallId,
    /// How many.
    pub facts: u64,
    /// When it was made, by the phone's best clock.
    pub made: UnixMs,
    /// SHA-256 of the sealed bytes.
    pub sha256: Base64Url,
}
