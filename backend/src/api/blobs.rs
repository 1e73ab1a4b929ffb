//! Evidence files: phones bring them, the office looks at them.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header as http};
use axum::response::{IntoResponse, Response};
use courier_protocol::blobs::{MAX_PART, Part};
use courier_protocol::{ProblemKind, header};

use super::App;
use super::answer::{Refusal, blocking, body};
use super::caller::Office;
use super::phone::installation;
use crate::blobs::{BlobName, Have, Taken};
use crate::error::ServiceError;

fn name_of(text: &str) -> Result<BlobName, ServiceError> {
    BlobName::parse(text).ok_or_else(ServiceError::not_found)
}

/// How much there is, for the request that asked: whoever else answers does not know its name.
fn answer(status: StatusCode, have: usize, asked: &HeaderMap) -> Response {
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert(header::HAVE, HeaderValue::from(have));
    if let Some(echo) = asked.get(header::REQUEST).filter(|echo| echo.len() <= 100) {
        headers.insert(header::REQUEST, echo.clone());
    }
    response
}

pub(super) async fn have(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    installation(&app, &headers).await?;
    let name = name_of(&name)?;
    Ok(match blocking(&app, move |service| service.have_blob(&name)).await? {
        Have::Complete(size) => answer(StatusCode::OK, size, &headers),
        Have::Bytes(bytes) => answer(StatusCode::NO_CONTENT, bytes, &headers),
    })
}

pub(super) async fn put(
    State(app): State<App>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let headers = request.headers().clone();
    let (from, _) = installation(&app, &headers).await?;
    let name = name_of(&name)?;
    let range = headers.get(http::CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let part = range.and_then(Part::from_header).ok_or_else(|| {
        let what =
            format!("content-range: bytes FROM-LAST/SIZE, {MAX_PART} bytes and a file of 2 MiB at most");
        ServiceError::refused(ProblemKind::BadRequest, what)
    })?;
    let bytes = body(request, &app, MAX_PART).await?;
    let taken = blocking(&app, move |service| service.take_part(&from, &name, part, &bytes)).await?;
    Ok(match taken {
        Taken::Complete(size) => answer(StatusCode::CREATED, size, &headers),
        Taken::More(have) => answer(StatusCode::ACCEPTED, have, &headers),
        Taken::Elsewhere(have) => answer(StatusCode::CONFLICT, have, &headers),
        Taken::WrongHash => answer(StatusCode::UNPROCESSABLE_ENTITY, 0, &headers),
    })
}

/// A file for the office. What a phone sent is shown and nothing in it is run.
pub(super) async fn get(
    State(app): State<App>,
    _: Office,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let name = name_of(&name)?;
    let bytes =
        blocking(&app, move |service| service.blob(&name)).await?.ok_or_else(ServiceError::not_found)?;
    let kind = match bytes.as_slice() {
        [0xFF, 0xD8, ..] => "image/jpeg",
        [b'<', b's', b'v', b'g', ..] => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let headers = [(http::CONTENT_TYPE, kind), (http::CONTENT_SECURITY_POLICY, NOTHING_RUNS)];
    Ok((headers, bytes).into_response())
}

/// A signature may style itself, and no more.
const NOTHING_RUNS: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox";
