//! Binary data in JSON.

use serde::{Deserialize, Serialize};

/// Bytes as base64url text without padding (RFC 4648 § 5). The alphabet is checked here; decoding belongs
/// to the crates that use the bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Base64Url(String);

/// A text with characters outside the base64url alphabet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not base64url without padding")]
pub struct NotBase64Url;

impl Base64Url {
    /// Checks the alphabet and wraps the text.
    pub fn new(text: impl Into<String>) -> Result<Self, NotBase64Url> {
        let text = text.into();
        let ok =
            text.len() % 4 != 1 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if ok { Ok(Self(text)) } else { Err(NotBase64Url) }
    }

    /// The encoded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Base64Url {
    type Error = NotBase64Url;
    fn try_from(text: String) -> Result<Self, NotBase64Url> {
        Self::new(text)
    }
}

impl From<Base64Url> for String {
    fn from(bytes: Base64Url) -> String {
        bytes.0
    }
}
