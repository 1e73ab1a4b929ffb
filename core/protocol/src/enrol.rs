//! Enrolment and access tokens.

use courier_domain::{Base64Url, CourierId, InstallId, Jwk, UnixMs};
use serde::{Deserialize, Serialize};

/// How the device key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyLevel {
    /// In Android Keystore or Secure Enclave.
    Hardware,
    /// In a file; says so openly.
    Software,
}

/// `POST /v1/enrol`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// The enrolment code, 10 characters of base32 (RFC 4648), valid once and for 24 h.
    pub code: String,
    /// The installation.
    pub install: InstallId,
    /// Public half of its device key.
    pub device_jwk: Jwk,
    /// How that key is kept.
    pub key: KeyLevel,
    /// Such as `android-15`.
    pub platform: String,
    /// App name and version.
    pub app: String,
    /// JWS of [`EnrolProof`] by the device key, type [`crate::header::TYP_ENROL`].
    pub proof: String,
}

/// Payload of the proof: the key's holder wants exactly this enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolProof {
    /// The same code as in the request.
    pub code: String,
    /// The same installation as in the request.
    pub install: InstallId,
}

/// Answer to an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolAnswer {
    /// Who the phone belongs to.
    pub courier: CourierInfo,
    /// Keys that entries are sealed to; the first one is used.
    pub evidence_keys: Vec<EvidenceKeyInfo>,
    /// See [`crate::header::EPOCH`].
    pub epoch: String,
    /// The server's clock.
    pub server_ms: UnixMs,
}

/// A courier, as their phone may know them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourierInfo {
    /// Identifier.
    pub id: CourierId,
    /// Name to greet.
    pub name: String,
}

/// A public evidence key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceKeyInfo {
    /// X25519 public key, 32 bytes.
    pub x25519: Base64Url,
}

/// `POST /v1/token`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// JWS of [`Assertion`] by the device key, type [`crate::header::TYP_ASSERTION`].
    pub assertion: String,
}

/// Payload of a token assertion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// The installation.
    pub iss: InstallId,
    /// The `public_url` of the server that it is meant for.
    pub aud: String,
    /// When it was made, milliseconds since 1970 UTC by the phone's best clock; at most 5 min off.
    pub iat: UnixMs,
    /// Random; each is taken once.
    pub jti: String,
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything a phone does.
    Full,
    /// Only hand in facts and files: the courier was dismissed or suspended.
    Drain,
}

/// Why a token may only be used to hand in facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrainCause {
    /// The courier no longer works here.
    Dismissed,
    /// The courier is suspended until the office has looked at something.
    Suspended,
}

/// Answer to a token request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenAnswer {
    /// Bearer token (RFC 6750).
    pub access_token: String,
    /// Seconds.
    pub expires_in: u32,
    /// What it may be used for.
    pub scope: Scope,
    /// Why it is [`Scope::Drain`]; absent with [`Scope::Full`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<DrainCause>,
    /// Keys that entries are sealed to from now on; the first one is used. Absent = those that the phone has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence_keys: Vec<EvidenceKeyInfo>,
    /// See [`crate::header::EPOCH`].
    pub epoch: String,
    /// The server's clock.
    pub server_ms: UnixMs,
}
