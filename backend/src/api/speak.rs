//! What phones and backend speak: the protocol's versions, and gzip.

use std::io::Write;

use axum::extract::Request;
use axum::http::{HeaderValue, header as http};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use courier_protocol::{ProblemKind, header};
use flate2::{Compression, write::GzEncoder};

use super::answer::Refusal;
use crate::error::ServiceError;

/// Smaller answers are not worth packing, in bytes: they fit into one packet of the network anyway.
const WORTH_PACKING: usize = 1_000;

/// Packs what goes to phones, if they can unpack it, and refuses versions of the protocol that are not spoken here. A
/// phone that names none speaks the first.
pub(super) async fn speak(request: Request, next: Next) -> Response {
    let version = request.headers().get(header::PROTOCOL);
    if version.is_some_and(|version| !header::SPOKEN.iter().any(|known| *version == **known)) {
        let spoken = format!("spoken here: {}", header::SPOKEN.join(", "));
        return Refusal::from(ServiceError::refused(ProblemKind::Protocol, spoken)).into_response();
    }
    let packs = request.headers().get(http::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let packs = packs.is_some_and(|value| value.split(',').any(|one| one.trim().starts_with("gzip")));
    let response = next.run(request).await;
    if packs { pack(response).await } else { response }
}

async fn pack(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok(plain) = axum::body::to_bytes(body, usize::MAX).await else {
        return Refusal::from(ServiceError::fault("an answer broke off")).into_response();
    };
    if plain.len() < WORTH_PACKING || head.headers.contains_key(http::CONTENT_ENCODING) {
        return Response::from_parts(head, plain.into());
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = gzip.write_all(&plain).and_then(|()| gzip.finish());
    let Ok(packed) = packed else { return Response::from_parts(head, plain.into()) };
    head.headers.insert(http::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    head.headers.remove(http::CONTENT_LENGTH);
    Response::from_parts(head, packed.into())
}
