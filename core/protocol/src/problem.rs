//! Errors of the API: problem documents (RFC 9457) with a stable `type`.

use serde::{Deserialize, Serialize};

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of problem; stable.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What exactly, without personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $status:literal, $title:literal;)*) => {
        /// The stable kinds of problems.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemKind { $($(#[$doc])* $name,)* }

        impl ProblemKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The `type` of the document.
            pub fn uri(self) -> &'static str {
                match self { $(Self::$name => concat!("urn:courier:problem:", $word),)* }
            }

            /// The kind with this `type`.
            pub fn from_uri(uri: &str) -> Option<Self> {
                match uri { $(concat!("urn:courier:problem:", $word) => Some(Self::$name),)* _ => None }
            }

            /// HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The kind in words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

kinds! {
    /// The request could not be read.
    BadRequest = "bad-request", 400, "The request could not be read";
    /// No valid token.
    Unauthorized = "unauthorized", 401, "A valid access token is needed";
    /// The token does not reach this far.
    Forbidden = "forbidden", 403, "Not allowed";
    /// The courier was dismissed, and the time to hand in facts is over.
    Dismissed = "dismissed", 403, "This courier no longer works here";
    /// Nothing there.
    NotFound = "not-found", 404, "Not found";
    /// The path is there, and not for this method.
    MethodNotAllowed = "method-not-allowed", 405, "This method is not for this path";
    /// The request did not arrive in time.
    Timeout = "timeout", 408, "The request took too long to arrive";
    /// Somebody else changed it.
    Stale = "stale", 409, "It was changed in the meantime";
    /// It is in a state that does not allow this.
    Conflict = "conflict", 409, "Not possible in this state";
    /// The attempt has got as many new codes as a day allows.
    ReissueLimit = "reissue-limit", 409, "No more new codes for this attempt today";
    /// The cursor is too old or of another epoch: start again without one.
    CursorGone = "cursor-gone", 410, "The cursor is no longer valid";
    /// Too many bytes.
    TooLarge = "too-large", 413, "The request is too large";
    /// Not JSON, or wrongly compressed.
    UnsupportedMedia = "unsupported-media", 415, "This media type is not accepted";
    /// The phone speaks a version of the protocol that is not known here.
    Protocol = "protocol", 426, "This version of the protocol is not spoken here";
    /// Understood, and refused.
    Refused = "refused", 422, "Refused";
    /// The enrolment code is wrong, used or too old.
    EnrolmentCode = "enrolment-code", 422, "The enrolment code is not valid";
    /// Too often.
    TooMany = "too-many", 429, "Too many requests";
    /// A fault of the server; logged there.
    Internal = "internal", 500, "A fault of the server";
}

impl Problem {
    /// A document of this kind.
    pub fn new(kind: ProblemKind) -> Self {
        Self { kind: kind.uri().into(), title: kind.title().into(), status: kind.status(), detail: None }
    }

    /// The same with words for the person who has to fix it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}
