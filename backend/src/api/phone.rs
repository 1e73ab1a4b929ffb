//! What phones ask for.

use std::io::Read;

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header as http};
use axum::response::{IntoResponse, Response};
use courier_domain::{AttemptId, RouteId};
use courier_protocol::facts::MAX_BODY;
use courier_protocol::{EnrolRequest, FactsRequest, ProblemKind, Scope, TokenRequest, header};
use serde::Deserialize;

use super::App;
use super::answer::{Refusal, Strict, blocking, body, read_strict};
use super::caller::{Office, Peer, of_key};
use super::limit::Rule;
use crate::error::ServiceError;
use crate::storage::Installation;

pub(super) async fn enrol(
    State(app): State<App>,
    Peer(peer): Peer,
    Strict(request): Strict<EnrolRequest>,
) -> Result<Response, Refusal> {
    let now = app.service.clock().now();
    let install = request.install.as_str().to_owned();
    app.limits.check(Rule::EnrolmentsByAddress, &peer, now)?;
    app.limits.check(Rule::EnrolmentsByInstallation, &install, now)?;
    let answer = blocking(&app, move |service| service.enrol(&request)).await;
    if let Err(ServiceError::Refused(ProblemKind::EnrolmentCode, _)) = &answer {
        app.limits.count(Rule::EnrolmentsByAddress, &peer, now);
        app.limits.count(Rule::EnrolmentsByInstallation, &install, now);
    }
    Ok(Json(answer?).into_response())
}

pub(super) async fn token(
    State(app): State<App>,
    Strict(request): Strict<TokenRequest>,
) -> Result<Response, Refusal> {
    Ok(Json(blocking(&app, move |service| service.token(&request)).await?).into_response())
}

/// The bearer token of a request (RFC 6750).
pub(super) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(http::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(|token| token.trim().to_owned())
}

pub(super) async fn installation(
    app: &App,
    headers: &HeaderMap,
) -> Result<(Installation, Scope), ServiceError> {
    let token = bearer(headers).ok_or_else(|| ServiceError::refused(ProblemKind::Unauthorized, ""))?;
    blocking(app, move |service| service.authenticate(&token)).await
}

pub(super) async fn facts(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let headers = request.headers().clone();
    let (from, _) = installation(&app, &headers).await?;
    let echo = headers.get(header::REQUEST).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let echo = echo
        .filter(|echo| (1..=100).contains(&echo.len()))
        .ok_or_else(|| ServiceError::refused(ProblemKind::BadRequest, "courier-request is missing"))?;
    let bytes = body(request, &app, MAX_BODY + 1).await?;
    let bytes = match headers.get(http::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None if bytes.len() > MAX_BODY => return Err(ServiceError::refused(ProblemKind::TooLarge, "").into()),
        None => bytes.to_vec(),
        Some(b"gzip") => inflate(&bytes)?,
        Some(_) => {
            return Err(ServiceError::refused(ProblemKind::UnsupportedMedia, "gzip is accepted").into());
        }
    };
    let facts: FactsRequest = read_strict(&bytes)?;
    let answer = blocking(&app, move |service| service.accept(&from, &facts, &echo)).await?;
    let mut response = Json(answer).into_response();
    response.headers_mut().insert(http::CONTENT_TYPE, HeaderValue::from_static(header::FACTS_MEDIA_TYPE));
    Ok(response)
}

/// Unpacks gzip, and no more than is allowed.
fn inflate(bytes: &[u8]) -> Result<Vec<u8>, ServiceError> {
    let mut plain = Vec::new();
    let limit = MAX_BODY as u64 + 1;
    flate2::read::GzDecoder::new(bytes)
        .take(limit)
        .read_to_end(&mut plain)
        .map_err(|_| ServiceError::refused(ProblemKind::BadRequest, "not gzip"))?;
    if plain.len() > MAX_BODY {
        return Err(ServiceError::refused(ProblemKind::TooLarge, ""));
    }
    Ok(plain)
}

#[derive(Deserialize)]
pub(super) struct Since {
    cursor: Option<String>,
    /// The route that the phone's courier is not done with.
    route: Option<String>,
}

pub(super) async fn changes(
    State(app): State<App>,
    Query(since): Query<Since>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (from, scope) = installation(&app, &headers).await?;
    if scope != Scope::Full {
        return Err(ServiceError::refused(ProblemKind::Forbidden, "").into());
    }
    let told = blocking(&app, move |service| {
        let named = since.route.and_then(|id| RouteId::new(id).ok());
        service.told(&from.courier, named.as_ref(), since.cursor.as_deref())
    })
    .await?;
    let mut answer = match told.changes {
        Some(changes) => Json(changes).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    };
    if let Some(day) = told.next_day.and_then(|day| day.to_string().try_into().ok()) {
        answer.headers_mut().insert(header::NEXT_DAY, day);
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reissue {
    request_id: String,
}

/// New codes for an attempt. The office may ask for any, a phone for those of its courier's routes.
pub(super) async fn reissue(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Result<StatusCode, Refusal> {
    let (mut parts, body) = request.into_parts();
    // A phone's token is none of an office's keys; everything else is somebody of the office, or nobody.
    let of_phone = match bearer(&parts.headers) {
        Some(given) if of_key(&app, &given).await?.is_none() => {
            Some(installation(&app, &parts.headers).await?)
        }
        _ => None,
    };
    let by = match of_phone {
        Some((from, scope)) if scope != Scope::Full || from.suspended_at.is_some() => {
            return Err(ServiceError::refused(ProblemKind::Forbidden, "").into());
        }
        Some((from, _)) => Err(from.courier),
        None => Office::from_request_parts(&mut parts, &app).await.map(|Office(by)| Ok(by.actor))?,
    };
    let Strict(what) = Strict::<Reissue>::from_request(Request::from_parts(parts, body), &app).await?;
    let id = AttemptId::new(id).map_err(|_| ServiceError::not_found())?;
    blocking(&app, move |service| match by {
        Ok(actor) => service.office(actor).reissue(&id, &what.request_id),
        Err(courier) => service.reissue(&id, &what.request_id, Some(&courier)),
    })
    .await?;
    Ok(StatusCode::ACCEPTED)
}
