//! What every answer has in common: the server's clock and epoch, strict headers, problem documents, strict JSON.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Form, FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header as http};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use courier_protocol::{Problem, ProblemKind, header};
use serde::de::DeserializeOwned;

use super::pages::reader::{Lang, wanted};
use super::{App, pages};
use crate::error::ServiceError;
use crate::log;
use crate::service::Service;

/// Longest body that is read, in bytes: a day's import, a phone's export.
pub(super) const MAX_BODY: usize = 8 << 20;
/// Longest body of most requests, in bytes.
const SMALL_BODY: usize = 64 << 10;

/// A refusal as an answer.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) error: ServiceError,
    pub(super) retry_after_s: Option<u32>,
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        Self { error, retry_after_s: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if let ServiceError::Fault(what) = &self.error {
            log::problem("request", what);
        }
        let mut response = document(self.error.problem());
        if let Some(after_s) = self.retry_after_s {
            response.headers_mut().insert(http::RETRY_AFTER, HeaderValue::from(after_s));
        }
        response
    }
}

/// A problem document. Whoever wants a page gets one of it, see [`stamp`].
fn document(problem: Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(&problem)).into_response();
    response.headers_mut().insert(http::CONTENT_TYPE, HeaderValue::from_static(header::PROBLEM_MEDIA_TYPE));
    response.extensions_mut().insert(problem);
    response
}

/// On every answer. No page has a script or a style inside, and none may be framed; pages of the office may load ours.
const STRICT: [(HeaderName, &str); 8] = [
    (
        http::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (http::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (http::X_FRAME_OPTIONS, "DENY"),
    (http::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

/// Puts the server's clock and epoch on every answer, so that a 204 tells the time too, and the strict headers. Every
/// refusal is a problem document, or a page of it for people.
pub(super) async fn stamp(State(app): State<App>, request: Request, next: Next) -> Response {
    let page_in = accepts_page(request.headers()).then(|| wanted(request.headers()));
    let mut response = next.run(request).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        response = told(response, page_in);
    }
    let headers = response.headers_mut();
    if let Ok(epoch) = HeaderValue::from_str(app.service.epoch()) {
        headers.insert(header::SERVER_MS, HeaderValue::from(app.service.clock().now().0));
        headers.insert(header::EPOCH, epoch);
    }
    for (name, value) in STRICT {
        // Files that a stranger made are stricter still.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if app.service.public_url().starts_with("https:") {
        let a_year = HeaderValue::from_static("max-age=31536000");
        headers.insert(http::STRICT_TRANSPORT_SECURITY, a_year);
    }
    headers.entry(http::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn told(mut response: Response, page_in: Option<Lang>) -> Response {
    let problem = response.extensions_mut().remove::<Problem>();
    let kind = response.headers().get(http::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    // What became of a part of a file is told in a header.
    let is_told = kind.starts_with(b"text/html")
        || kind == b"application/json"
        || response.headers().contains_key(header::HAVE);
    let mut answer = match (problem, page_in) {
        (Some(problem), Some(lang)) => pages::problem(lang, &problem),
        (Some(_), None) => return response,
        (None, _) if is_told => return response,
        // Of the router itself, such as a path that is no text.
        (None, _) => document(Problem::new(kind_of(response.status()))),
    };
    for kept in [http::RETRY_AFTER, http::ALLOW, http::SET_COOKIE] {
        if let Some(value) = response.headers_mut().remove(&kept) {
            answer.headers_mut().insert(kept, value);
        }
    }
    answer
}

fn kind_of(status: StatusCode) -> ProblemKind {
    let known = ProblemKind::ALL.iter().find(|kind| kind.status() == status.as_u16());
    known.copied().unwrap_or(if status.is_server_error() {
        ProblemKind::Internal
    } else {
        ProblemKind::BadRequest
    })
}

/// Whether a browser asks, rather than a program.
fn accepts_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(http::ACCEPT).and_then(|kinds| kinds.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|kind| kind.trim().starts_with("text/html"))
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
    let kind = headers.get(http::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim()
}

/// A JSON body in which nothing is unknown; an error names the field and quotes nothing.
pub(super) struct Strict<T>(pub(super) T);

impl<T: DeserializeOwned> Strict<T> {
    /// Reads one of at most so many bytes.
    pub(super) async fn read(request: Request, app: &App, most: usize) -> Result<Self, Refusal> {
        if media_type(request.headers()) != "application/json" {
            return Err(
                ServiceError::refused(ProblemKind::UnsupportedMedia, "application/json is needed").into()
            );
        }
        let bytes = body(request, app, most).await?;
        read_strict(&bytes).map(Self).map_err(Into::into)
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Strict<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        Self::read(request, app, SMALL_BODY).await
    }
}

/// Whether a form of a page was sent.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    media_type(headers) == "application/x-www-form-urlencoded"
}

/// A form of a page in which nothing is unknown.
pub(super) struct StrictForm<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for StrictForm<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let refused = |kind, what: &str| Refusal::from(ServiceError::refused(kind, what));
        if !is_form(request.headers()) {
            return Err(refused(ProblemKind::UnsupportedMedia, "a form is needed"));
        }
        let (mut parts, sent) = request.into_parts();
        let bytes = body(Request::new(sent), app, SMALL_BODY).await?;
        // However it came, it is read as a body.
        parts.method = axum::http::Method::POST;
        let form = Form::<T>::from_request(Request::from_parts(parts, Body::from(bytes)), app).await;
        form.map(|Form(form)| Self(form))
            .map_err(|_| refused(ProblemKind::BadRequest, "a field of the form is missing, wrong or unknown"))
    }
}

/// The whole body, if it is not too long and comes in time.
pub(super) async fn body(request: Request, app: &App, most: usize) -> Result<Bytes, Refusal> {
    let time = Duration::from_secs(app.service.config().limits.request_s.into());
    let whole = tokio::time::timeout(time, axum::body::to_bytes(request.into_body(), most)).await;
    let refused = |kind, what: &str| Refusal::from(ServiceError::refused(kind, what));
    whole
        .map_err(|_| refused(ProblemKind::Timeout, ""))?
        .map_err(|_| refused(ProblemKind::TooLarge, "the body is too long or broke off"))
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
