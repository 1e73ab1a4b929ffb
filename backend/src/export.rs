//! Facts that a phone could not send, taken in from a file that somebody brought.

use std::io::Read;

use courier_codes::encoding::decode;
use courier_codes::{read_jws, sealed_file};
use courier_protocol::export::{MAX_PLAIN, VERSION};
use courier_protocol::{ExportFile, ExportPayload, FactsRequest, ProblemKind, header};
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::ServiceError;
use crate::keys::Keys;
use crate::storage::{Installation, Tx};

/// What became of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Taken {
    /// Facts in it.
    pub facts: u64,
    /// Of these, not known before.
    pub new: u64,
}

/// Checks whose file it is, that it is whole, and opens it. What a dismissed courier brings is taken without a limit of
/// time: whoever brings it stands in the office.
pub(crate) fn open(
    tx: &Tx<'_>,
    file: &ExportFile,
    keys: &Keys,
) -> Result<(Installation, Vec<FactsRequest>), ServiceError> {
    let bad = |what: &str| ServiceError::refused(ProblemKind::BadRequest, what);
    if file.courier_export != VERSION {
        return Err(bad("courier_export: another version"));
    }
    let jws = read_jws(&file.proof).map_err(|_| bad("proof: not signed"))?;
    // What is not verified yet only tells whose key to take.
    let claimed: ExportPayload =
        serde_json::from_slice(&jws.payload).map_err(|_| bad("proof: wrong form"))?;
    let from =
        tx.installation(&claimed.install)?.ok_or_else(|| bad("proof: of no phone that is known here"))?;
    jws.verify(&from.device_jwk, header::TYP_EXPORT).map_err(|_| bad("proof: wrong signature"))?;
    let sealed = decode(file.sealed.as_str()).map_err(|_| bad("sealed: not base64url"))?;
    if sealed_file::sha256(&sealed) != claimed.sha256 {
        return Err(bad("sealed: not what the proof speaks of"));
    }
    let packed = sealed_file::open(&sealed, &keys.evidence, &claimed.install)
        .map_err(|error| bad(&format!("sealed: {error}")))?;
    let mut plain = Vec::new();
    let mut gzip = flate2::read::GzDecoder::new(packed.as_slice()).take(MAX_PLAIN as u64 + 1);
    gzip.read_to_end(&mut plain).map_err(|_| bad("sealed: not gzip"))?;
    if plain.len() > MAX_PLAIN {
        return Err(ServiceError::refused(ProblemKind::TooLarge, "sealed: too much"));
    }
    let requests: Vec<FactsRequest> =
        serde_json::from_slice(&plain).map_err(|_| bad("sealed: no batches of facts"))?;
    Ok((from, requests))
}
