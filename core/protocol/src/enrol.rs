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

/// What the office shows for a new phone as a QR code: two lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeQr {
    /// The server's `public_url`.
    pub server: String,
    /// The enrolment code.
    pub code: String,
}

impl OfficeQr {
    /// What the QR code holds.
    pub fn to_text(&self) -> String {
        format!("{}\n{}", self.server, self.code)
    }

    /// Reads what was scanned, however the scanner ends its lines; nothing of any other QR code. Whether a phone may ask that
    /// server, and whether the server takes the code, is found out when it is used: show the server before.
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.trim().lines().map(str::trim);
        let (Some(server), Some(code), None) = (lines.next(), lines.next(), lines.next()) else {
            return None;
        };
        let is_address = ["https://", "http://"].iter().any(|scheme| server.starts_with(scheme));
        let is_code = !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric());
        (is_address && is_code).then(|| Self { server: server.into(), code: code.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::OfficeQr;

    #[test]
    fn the_offices_qr_is_read_however_a_scanner_ends_its_lines() {
        let office = OfficeQr { server: "https://courier.example".into(), code: "ABCDE23456".into() };
        let text = office.to_text();
        for scanned in
            [text.clone(), text.replace('\n', "\r\n"), text.replace('\n', " \n"), format!("\n{text}\r\n ")]
        {
            assert_eq!(OfficeQr::read(&scanned).as_ref(), Some(&office), "{scanned:?}");
        }
    }

    #[test]
    fn any_other_qr_is_none() {
        for other in [
            "",
            "\n",
            "ABCDE23456",
            "https://courier.example",
            "https://courier.example\n",
            "https://courier.example\n\nABCDE23456",
            "https://courier.example\nABCDE23456\nmore",
            "https://courier.example\nABC DE",
            "ftp://courier.example\nABCDE23456",
            "courier:1:AAAAAAAAAAAAAAAAAAAAAA",
            "BEGIN:VCARD\nFN:Kaya\nEND:VCARD",
        ] {
            assert_eq!(OfficeQr::read(other), None, "{other:?}");
        }
    }
}
