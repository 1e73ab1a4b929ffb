//! One-time codes, evidence, signed facts and sealed rows: pure cryptography shared by phone and backend.
//!
//! - [`code`], [`token`], [`entry`]: the secrets, which nothing prints.
//! - [`kdf`], [`issue`], [`check`]: the tag, made once by the backend, compared on the phone.
//! - [`evidence`]: an entry sealed to the backend (HPKE).
//! - [`jws`], [`key`]: signed facts, assertions and receipts (ES256).
//! - [`private`]: what is personal, bound to a fact by a commitment.
//! - [`row`]: rows at rest.
//! - [`sealed_file`]: a file that only the backend can read.
//! - [`encoding`]: bytes as text.
//! - [`wipe`]: what a check leaves on the stack.
//! - [`planted`]: weaknesses on purpose, in builds for tests only.
//!
//! Randomness is always passed in. Nothing here knows a clock, a file or a network.

pub mod check;
pub mod code;
pub mod encoding;
pub mod entry;
pub mod evidence;
pub mod issue;
pub mod jws;
pub mod kdf;
pub mod key;
pub mod planted;
pub mod private;
pub mod row;
pub mod sealed_file;
pub mod token;
pub mod wipe;

#[cfg(test)]
mod wycheproof;

pub use check::{Match, check};
pub use code::Code;
pub use entry::{Entry, InvalidCode};
pub use evidence::{EvidenceContext, EvidenceKey, EvidenceSecret};
pub use issue::{Drawn, IssueSpec, Issued, draw, issue, second_tag};
pub use jws::{BadJws, Unverified, fact_hash, read_jws, sign_jws};
pub use kdf::{BadVerifier, KDF, check_params};
pub use key::{Sign, SignError, SigningKey, jwk_from_sec1, signature_from_raw_or_der, thumbprint};
pub use row::{RowAad, RowKey};
pub use token::Token;
