//! What every answer has in common: the server's clock and epoch, problem documents, strict JSON.

use std::io::Write;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use courier_protocol::{ProblemKind, header};
use flate2::{Compression, write::GzEncoder};
use serde::de::DeserializeOwned;

use super::App;
use crate::error::ServiceError;
use crate::service::Service;

/// A refusal as an answer.
pub(super) struct Refusal(pub(super) ServiceError);

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if let ServiceError::Fault(what) = &self.0 {
            eprintln!("courier-backend: {what}");
        }
        let problem = self.0.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(problem)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(header::PROBLEM_MEDIA_TYPE));
        if status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}

/// Puts the server's clock and epoch on every answer, so that a 204 tells the time too.
pub(super) async fn stamp(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let epoch = HeaderValue::from_str(app.service.epoch());
    if let Ok(epoch) = epoch {
        let now = HeaderValue::from(app.service.clock().now().0);
        response.headers_mut().insert(header::SERVER_MS, now);
        response.headers_mut().insert(header::EPOCH, epoch);
    }
    response
}

/// Smaller answers are not worth packing, in bytes: they fit into one packet of the network anyway.
const WORTH_PACKING: usize = 1_000;

/// Packs what goes to phones, if they can unpack it, and refuses versions of the protocol that are not spoken here. A
/// phone that names none speaks the first.
pub(super) async fn speak(request: Request, next: Next) -> Response {
    let version = request.headers().get(header::PROTOCOL);
    if version.is_some_and(|version| !header::SPOKEN.iter().any(|known| *version == **known)) {
        let spoken = format!("spoken here: {}", header::SPOKEN.join(", "));
        return Refusal(ServiceError::refused(ProblemKind::Protocol, spoken)).into_response();
    }
    let packs = request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let packs = packs.is_some_and(|value| value.split(',').any(|one| one.trim().starts_with("gzip")));
    let response = next.run(request).await;
    if packs { pack(response).await } else { response }
}

async fn pack(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok(plain) = axum::body::to_bytes(body, usize::MAX).await else {
        return Refusal(ServiceError::fault("an answer broke off")).into_response();
    };
    if plain.len() < WORTH_PACKING || head.headers.contains_key(CONTENT_ENCODING) {
        return Response::from_parts(head, plain.into());
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = gzip.write_all(&plain).and_then(|()| gzip.finish());
    let Ok(packed) = packed else { return Response::from_parts(head, plain.into()) };
    head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, packed.into())
}

/// Calls the service where it may block.
pub(super) async fn blocking<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let service = std::sync::Arc::clone(&app.service);
    tokio::task::spawn_blocking(move || work(&service))
        .await
        .unwrap_or_else(|_| Err(ServiceError::fault("a request panicked")))
}

/// What the body says to be, parameters aside.
pub(super) fn media_type(headers: &HeaderMap) -> &str {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim()
}

/// A JSON body in which nothing is unknown; an error names the field and quotes nothing.
pub(super) struct Strict<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Strict<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        if media_type(request.headers()) != "application/json" {
            return Err(
                ServiceError::refused(ProblemKind::UnsupportedMedia, "application/json is needed").into()
            );
        }
        let bytes = body(request, app).await?;
        read_strict(&bytes).map(Self).map_err(Into::into)
    }
}

/// The whole body, if it is not too long.
pub(super) async fn body(request: Request, app: &App) -> Result<Bytes, Refusal> {
    Bytes::from_request(request, app)
        .await
        .map_err(|_| ServiceError::refused(ProblemKind::TooLarge, "the body is too long or broke off").into())
}

/// Reads strict JSON.
pub(super) fn read_strict<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ServiceError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, inner) = (error.path().to_string(), error.into_inner());
        let what = if inner.is_data() { "wrong or unknown field" } else { "not JSON" };
        let place = format!("line {}, column {}", inner.line(), inner.column());
        ServiceError::refused(ProblemKind::BadRequest, format!("{path}: {what} ({place})"))
    })?;
    json.end().map_err(|_| ServiceError::refused(ProblemKind::BadRequest, "more than one JSON value"))?;
    Ok(value)
}
