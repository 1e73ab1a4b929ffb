//! Schemas of what is on the wire and defined elsewhere: types of the core, which know nothing of schemas, and forms.
//! Tests hold every answer against them.

use schemars::JsonSchema;
use serde_json::Value;

/// RFC 9457.
#[derive(JsonSchema)]
#[allow(dead_code)]
pub(super) struct Problem {
    /// Stable, such as `urn:courier:problem:not-found`.
    #[schemars(rename = "type", regex(pattern = r"^urn:courier:problem:[a-z-]+$"))]
    kind: String,
    /// The same in words.
    title: String,
    /// HTTP status.
    #[schemars(range(min = 400, max = 599))]
    status: u16,
    /// What exactly.
    #[schemars(skip_serializing_if = "Option::is_none", default)]
    detail: Option<String>,
}

macro_rules! wire {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => { $(
        $(#[$doc])*
        #[derive(JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code)]
        pub(super) struct $name { $($(#[$field_doc])* $field: $type,)* }
    )* };
}

wire! {
    /// A public key, P-256 (RFC 7517).
    Jwk { kty: String, crv: String, x: String, y: String, }
    /// The keys that receipts are signed with.
    Jwks { keys: Vec<ReceiptKey>, }
    ReceiptKey { kty: String, crv: String, x: String, y: String, kid: String, alg: String, #[serde(rename = "use")] usage: String, }
    Enrol {
        /// 10 characters of base32.
        code: String,
        install: String,
        device_jwk: Jwk,
        key: KeyLevel,
        platform: String,
        app: String,
        /// JWS by the device key.
        proof: String,
    }
    Enrolled { courier: CourierInfo, evidence_keys: Vec<EvidenceKey>, epoch: String, server_ms: i64, }
    CourierInfo { id: String, name: String, }
    EvidenceKey { x25519: String, }
    TokenWish {
        /// JWS by the device key, at most five minutes old, taken once.
        assertion: String,
    }
    Token {
        access_token: String,
        /// Seconds.
        expires_in: u32,
        scope: Scope,
        /// Why it may only be used to hand in facts.
        #[serde(default)] cause: Option<DrainCause>,
        #[serde(default)] evidence_keys: Vec<EvidenceKey>,
        epoch: String,
        server_ms: i64,
    }
    Facts { install: String, inc: u32, epoch: String, #[schemars(length(max = 200))] facts: Vec<Fact>, }
    Fact {
        /// Compact JWS, opaque here.
        jws: String,
        #[serde(default)] private: Option<String>,
    }
    FactsAnswer {
        request: String,
        epoch: String,
        server_ms: i64,
        results: Vec<FactResult>,
        #[serde(default)] receipt: Option<String>,
    }
    FactResult {
        hash: String,
        #[serde(default)] id: Option<String>,
        status: FactStatus,
        dup: bool,
        flags: Vec<String>,
        #[serde(default)] verdict: Option<FactVerdict>,
        #[serde(default)] want: Option<Want>,
        #[serde(default)] after_ms: Option<u64>,
    }
    FactVerdict { verdict: String, why: String, }
    Want { from: u64, to: u64, }
    Changes {
        epoch: String,
        server_ms: i64,
        cursor: String,
        more: bool,
        ops: Vec<Op>,
        #[serde(default)] digest: Option<String>,
    }
    Op {
        op: OpKind,
        #[serde(rename = "type")] kind: String,
        id: String,
        rev: u64,
        #[serde(default)] why: Option<String>,
        #[serde(default)] data: Option<serde_json::Map<String, Value>>,
    }
    /// An instruction as a customer gives it.
    Wish {
        kind: String,
        #[serde(default)] data: Value,
        #[serde(default)] rev: Option<u64>,
    }
    Courier { name: String, }
    CourierId { id: String, }
    Enrolment { code: String, server: String, }
    Publication {
        courier: String,
        #[schemars(extend("format" = "date"))] day: String,
    }
    Published { route: String, }
    Cancellation {
        /// At most 200 bytes on one line.
        why: String,
    }
    Reassignment {
        /// Who gets it; absent = nobody yet.
        #[serde(default)] courier: Option<String>,
    }
    Order {
        /// Every stop of the route, once.
        order: Vec<String>,
        /// The first stays the first, also when the courier changes the order.
        #[serde(default)] first_is_fixed: bool,
        /// The last stays the last.
        #[serde(default)] last_is_fixed: bool,
    }
    Matrix {
        /// Stops of the route, each once: all, or some.
        stops: Vec<String>,
        /// From each of them to each of them, in seconds: at most a day.
        seconds: Vec<Vec<u32>>,
    }
    SequenceWish {
        /// When the courier sets out, `HH:MM` of the delivery day; without it at 8.
        #[serde(default)] begins: Option<String>,
    }
    Split {
        #[schemars(extend("format" = "date"))] day: String,
        /// Who shares the day, each once.
        couriers: Vec<String>,
    }
    Shares { shares: Vec<crate::planning::Share>, }
    /// What a phone exported.
    Export {
        courier_export: u32,
        /// JWS by the device key.
        proof: String,
        /// Sealed to the backend's evidence key, as base64url.
        sealed: String,
    }
    Reissue { request_id: String, }
    Reviews { reviews: Vec<crate::decision::Review>, }
    /// A delivery day.
    Day {
        #[schemars(extend("format" = "date"))] day: String,
        /// IANA time zone.
        tz: String,
        #[serde(default)] courier: Option<String>,
        #[serde(default)] depot: Option<Value>,
        shipments: Vec<crate::import::Imported>,
    }
    NeighbourForm { neighbour: String, #[serde(default)] rev: Option<u64>, }
    LoginForm { csrf: String, name: String, password: String, }
    CsrfForm { csrf: String, }
    PasswordForm { csrf: String, old: String, new: String, }
    InvitationForm { csrf: String, role: crate::office::Role, }
    KeyForm { csrf: String, name: String, reach: crate::office::Reach, sender: String, }
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum KeyLevel {
    Hardware,
    Software,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum Scope {
    Full,
    Drain,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum DrainCause {
    Dismissed,
    Suspended,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum FactStatus {
    Stored,
    Parked,
    Retry,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum OpKind {
    Put,
    Gone,
}
