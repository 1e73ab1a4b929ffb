//! Header names, media types and JWS types.

/// The protocol version that a phone speaks; sent with every request.
pub const PROTOCOL: &str = "courier-protocol";
/// Value of [`PROTOCOL`].
pub const PROTOCOL_VERSION: &str = "1";
/// Values of [`PROTOCOL`] that a server of this version takes; the facts lane takes each for at least 90 days after it was
/// replaced.
pub const SPOKEN: [&str; 1] = [PROTOCOL_VERSION];
/// Random per HTTP attempt; the answer to `POST /v1/facts` echoes it in its body, an answer about an evidence file as a
/// header.
pub const REQUEST: &str = "courier-request";
/// The server's clock in every answer, milliseconds since 1970 UTC, so that a 204 carries it too.
pub const SERVER_MS: &str = "courier-server-ms";
/// The server's epoch in every answer: it changes when the server was restored from a backup.
pub const EPOCH: &str = "courier-epoch";
/// The day of the route that waits until the courier is done with the one that was asked for by name, in an answer of the
/// route lane: `YYYY-MM-DD`.
pub const NEXT_DAY: &str = "courier-next-day";
/// How many bytes of an evidence file the server has, in every answer about one.
pub const HAVE: &str = "courier-have";

/// Media type of the answer to `POST /v1/facts`. A captive portal answers 200 too, but not with this.
pub const FACTS_MEDIA_TYPE: &str = "application/vnd.courier.facts+json";
/// Media type of [`crate::Problem`] (RFC 9457).
pub const PROBLEM_MEDIA_TYPE: &str = "application/problem+json";

/// JWS `typ` of a fact.
pub const TYP_FACT: &str = "courier-fact+jws";
/// JWS `typ` of the proof in an enrolment.
pub const TYP_ENROL: &str = "courier-enrol+jws";
/// JWS `typ` of the proof of an export.
pub const TYP_EXPORT: &str = "courier-export+jws";
/// JWS `typ` of a token assertion.
pub const TYP_ASSERTION: &str = "courier-assertion+jws";
/// JWS `typ` of a handover's receipt, for shops and customers.
pub const TYP_HANDOVER: &str = "courier-handover+jws";
/// JWS `typ` of a receipt.
pub const TYP_RECEIPT: &str = "courier-receipt+jws";
