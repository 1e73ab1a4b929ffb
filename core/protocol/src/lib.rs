//! Wire types of the sync API (version 1), shared by the phone's engine, the backend and tests.
//!
//! - [`enrol`]: how an installation becomes known, and gets its access tokens.
//! - [`export`]: what a phone could not send, as a file.
//! - [`facts`]: phone → server; append-only, acknowledged item by item.
//! - [`handover`]: the receipt of a handover, for third parties.
//! - [`route`]: server → phone; ops under a cursor, checked by a digest.
//! - [`problem`]: errors (RFC 9457).
//! - [`header`]: the header names of both directions, and the `typ` of every JWS.

pub mod blobs;
pub mod data;
mod enrol;
pub mod export;
pub mod facts;
pub mod handover;
pub mod header;
pub mod problem;
pub mod route;

pub use data::Data;
pub use enrol::{
    Assertion, CourierInfo, DrainCause, EnrolAnswer, EnrolProof, EnrolRequest, EvidenceKeyInfo, KeyLevel,
    OfficeQr, Scope, TokenAnswer, TokenRequest,
};
pub use export::{ExportFile, ExportPayload};
pub use facts::{
    FactItem, FactResult, FactStatus, FactVerdict, FactsAnswer, FactsRequest, ReceiptPayload, Want,
};
pub use handover::HandoverPayload;
pub use problem::{Problem, ProblemKind};
pub use route::{BadOp, Change, Changes, Object, ObjectKind, OpKind, RouteOp, SortedDigest, digest};
