//! Orders found by the backend.

// A method of `Office<'_>` by its path is one of a single lifetime.
#![allow(clippy::redundant_closure_for_method_calls)]

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{NaiveDate, NaiveTime};
use courier_domain::{CourierId, RouteId, StopId};
use courier_protocol::ProblemKind;
use serde::Deserialize;
use serde_json::json;

use super::App;
use super::answer::{MAX_BODY, Refusal, Strict, blocking};
use super::caller::Office;
use crate::error::ServiceError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Matrix {
    stops: Vec<StopId>,
    seconds: Vec<Vec<u32>>,
}

pub(super) async fn put_matrix(
    State(app): State<App>,
    Office(by): Office,
    Path(id): Path<String>,
    request: Request,
) -> Result<StatusCode, Refusal> {
    let id = RouteId::new(id).map_err(|_| ServiceError::not_found())?;
    let Strict(what) = Strict::<Matrix>::read(request, &app, MAX_BODY).await?;
    blocking(&app, move |service| service.office(by.actor).put_matrix(&id, &what.stops, &what.seconds))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SequenceWish {
    begins: Option<String>,
}

pub(super) async fn sequence(
    State(app): State<App>,
    Office(by): Office,
    Path(id): Path<String>,
    Strict(what): Strict<SequenceWish>,
) -> Result<Response, Refusal> {
    let id = RouteId::new(id).map_err(|_| ServiceError::not_found())?;
    let begins = what.begins.as_deref().unwrap_or("08:00");
    let begins = NaiveTime::parse_from_str(begins, "%H:%M")
        .map_err(|_| ServiceError::refused(ProblemKind::BadRequest, "begins: HH:MM is needed"))?;
    let found = blocking(&app, move |service| service.office(by.actor).sequence(&id, begins)).await?;
    Ok(Json(found).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Split {
    day: NaiveDate,
    couriers: Vec<CourierId>,
}

pub(super) async fn split(
    State(app): State<App>,
    Office(by): Office,
    Strict(what): Strict<Split>,
) -> Result<Response, Refusal> {
    let shares =
        blocking(&app, move |service| service.office(by.actor).split(what.day, &what.couriers)).await?;
    Ok(Json(json!({ "shares": shares })).into_response())
}
