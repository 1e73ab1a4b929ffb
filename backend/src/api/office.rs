//! What shops and dispatchers ask for.

// A method of `Office<'_>` by its path is one of a single lifetime.
#![allow(clippy::redundant_closure_for_method_calls)]

use axum::Json;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use courier_codes::thumbprint;
use courier_domain::{AttemptId, CourierId, ParcelId, Reason, RouteId, ShipmentId, StopId};
use courier_protocol::{ExportFile, ProblemKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::App;
use super::answer::{MAX_BODY, Refusal, Strict, blocking, body, media_type};
use super::caller::{Caller, Office, Shop};
use crate::decision::Decision;
use crate::dispatch::RouteOrder;
use crate::error::ServiceError;
use crate::facts::receipt_jwk;
use crate::import::{ImportReport, RowProblem, read_csv, read_json};
use crate::office::{self, Reach};
use crate::received::Received;
use crate::service::Service;
use crate::storage::{AttemptRow, AttemptState, ShipmentRow};
use crate::tracking;

pub(super) async fn import(
    State(app): State<App>,
    Shop(by): Shop,
    request: Request,
) -> Result<Response, Refusal> {
    let is_csv = match media_type(request.headers()) {
        "application/json" => false,
        "text/csv" => true,
        _ => {
            let what = "application/json or text/csv is needed";
            return Err(ServiceError::refused(ProblemKind::UnsupportedMedia, what).into());
        }
    };
    let bytes = body(request, &app, MAX_BODY).await?;
    let report = blocking(&app, move |service| {
        let day = if is_csv { read_csv(&bytes) } else { read_json(&bytes) };
        let day = match day {
            Ok(day) => day,
            Err(errors) => return Ok(ImportReport { errors, ..ImportReport::default() }),
        };
        let foreign =
            day.shipments.iter().filter(|(_, it)| by.sender.as_ref().is_some_and(|own| *own != it.sender));
        let errors: Vec<_> = foreign
            .map(|(row, _)| RowProblem::new(*row, "sender", "this key is for another sender"))
            .collect();
        if errors.is_empty() {
            return service.office(by.actor).import(&day);
        }
        Ok(ImportReport { errors, ..ImportReport::default() })
    })
    .await?;
    let status = if report.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Json(report)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCourier {
    name: String,
}

pub(super) async fn add_courier(
    State(app): State<App>,
    Office(by): Office,
    Strict(new): Strict<NewCourier>,
) -> Result<Response, Refusal> {
    let id = blocking(&app, move |service| service.office(by.actor).add_courier(&new.name)).await?;
    Ok(Json(json!({ "id": id })).into_response())
}

/// Does something about a courier, in the name of the office.
async fn about_courier<T: Send + 'static>(
    app: &App,
    id: String,
    by: Caller,
    work: impl FnOnce(&office::Office<'_>, &CourierId) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let id = CourierId::new(id).map_err(|_| ServiceError::not_found())?;
    blocking(app, move |service| work(&service.office(by.actor), &id)).await
}

pub(super) async fn add_enrolment(
    State(app): State<App>,
    Office(by): Office,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let code = about_courier(&app, id, by, |office, id| office.add_enrolment(id)).await?;
    Ok(Json(json!({ "code": code, "server": app.service.public_url() })).into_response())
}

pub(super) async fn dismiss(
    State(app): State<App>,
    Office(by): Office,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    about_courier(&app, id, by, |office, id| office.dismiss(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn reinstate(
    State(app): State<App>,
    Office(by): Office,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    about_courier(&app, id, by, |office, id| office.reinstate(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Publication {
    courier: CourierId,
    day: NaiveDate,
}

pub(super) async fn publish(
    State(app): State<App>,
    Office(by): Office,
    Strict(what): Strict<Publication>,
) -> Result<Response, Refusal> {
    let route =
        blocking(&app, move |service| service.office(by.actor).publish(&what.courier, what.day)).await?;
    Ok(Json(json!({ "route": route })).into_response())
}

/// `name` is an identifier, or with `?sender=` that sender's reference.
#[derive(Deserialize)]
pub(super) struct Named {
    sender: Option<String>,
}

/// A shipment that this shop may see.
fn find(
    service: &Service,
    by: &Caller,
    named: &Named,
    name: &str,
) -> Result<(ShipmentRow, Vec<AttemptRow>), ServiceError> {
    let found = service.find_shipment(named.sender.as_deref(), name)?;
    match &by.sender {
        Some(own) if *own != found.0.sender => Err(ServiceError::not_found()),
        _ => Ok(found),
    }
}

pub(super) async fn shipment(
    State(app): State<App>,
    Shop(by): Shop,
    Path(name): Path<String>,
    Query(named): Query<Named>,
) -> Result<Response, Refusal> {
    let view = blocking(&app, move |service| {
        let (row, attempts) = find(service, &by, &named, &name)?;
        let parcels = service.parcels(&row)?.into_iter().map(|(it, receiver)| ParcelView {
            handed_over: it.is_handed(),
            reason: it.outcome.and_then(|outcome| outcome.failed),
            id: it.id,
            barcode: it.barcode,
            receiver,
        });
        // Who plans with whom is not for a shop.
        let is_office = by.reach == Reach::Office;
        let attempts = attempts.into_iter().map(|it| AttemptView {
            id: it.id,
            no: it.no,
            day: it.day,
            route: it.route.filter(|_| is_office),
            stop: it.stop.filter(|_| is_office),
            state: it.state,
            reason: it.reason,
        });
        let tracking = match row.forgotten {
            Some(_) => None,
            None => Some(format!("{}/t/{}", service.public_url(), service.tracking_token(&row)?)),
        };
        Ok(ShipmentView {
            state: service.state(&row)?,
            attempts: attempts.collect(),
            parcels: parcels.collect(),
            tracking,
            id: row.id,
        })
    });
    Ok(Json(view.await?).into_response())
}

/// A shipment as its shop sees it.
#[derive(Serialize, JsonSchema)]
pub(super) struct ShipmentView {
    #[schemars(with = "String")]
    id: ShipmentId,
    state: tracking::State,
    attempts: Vec<AttemptView>,
    parcels: Vec<ParcelView>,
    /// The tracking page, until its names and addresses are purged.
    tracking: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct AttemptView {
    #[schemars(with = "String")]
    id: AttemptId,
    no: u32,
    #[schemars(with = "String", extend("format" = "date"))]
    day: NaiveDate,
    /// The route that it is on. Only the office is told.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<RouteId>,
    /// The stop that it is at, as the order of a route names it. Only the office is told.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<StopId>,
    #[schemars(with = "String")]
    state: AttemptState,
    #[schemars(with = "Option<String>")]
    reason: Option<Reason>,
}

#[derive(Serialize, JsonSchema)]
struct ParcelView {
    #[schemars(with = "String")]
    id: ParcelId,
    barcode: String,
    handed_over: bool,
    /// Who has it, as the courier recorded it.
    receiver: Option<Received>,
    /// Why it was not delivered.
    #[schemars(with = "Option<String>")]
    reason: Option<Reason>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cancellation {
    why: String,
}

pub(super) async fn cancel(
    State(app): State<App>,
    Office(by): Office,
    Path(name): Path<String>,
    Strict(what): Strict<Cancellation>,
) -> Result<StatusCode, Refusal> {
    let id = ShipmentId::new(name).map_err(|_| ServiceError::not_found())?;
    blocking(&app, move |service| service.office(by.actor).cancel(&id, &what.why)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reassignment {
    /// Who gets it; absent = nobody yet.
    courier: Option<CourierId>,
}

pub(super) async fn reassign(
    State(app): State<App>,
    Office(by): Office,
    Path(name): Path<String>,
    Strict(what): Strict<Reassignment>,
) -> Result<StatusCode, Refusal> {
    let id = ShipmentId::new(name).map_err(|_| ServiceError::not_found())?;
    blocking(&app, move |service| service.office(by.actor).reassign(&id, what.courier.as_ref())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The office has handed it over itself.
pub(super) async fn delivered(
    State(app): State<App>,
    Office(by): Office,
    Path(name): Path<String>,
) -> Result<StatusCode, Refusal> {
    let id = ShipmentId::new(name).map_err(|_| ServiceError::not_found())?;
    blocking(&app, move |service| service.office(by.actor).delivered_by_hand(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    order: Vec<StopId>,
    #[serde(default)]
    first_is_fixed: bool,
    #[serde(default)]
    last_is_fixed: bool,
}

pub(super) async fn reorder(
    State(app): State<App>,
    Office(by): Office,
    Path(id): Path<String>,
    Strict(what): Strict<Order>,
) -> Result<StatusCode, Refusal> {
    let id = RouteId::new(id).map_err(|_| ServiceError::not_found())?;
    let order = RouteOrder {
        order: what.order,
        is_first_fixed: what.first_is_fixed,
        is_last_fixed: what.last_is_fixed,
    };
    blocking(&app, move |service| service.office(by.actor).reorder(&id, &order)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the backend vouches for, and the signed facts of every attempt, word for word: any JOSE library can check them.
pub(super) async fn receipt(
    State(app): State<App>,
    Shop(by): Shop,
    Path(name): Path<String>,
    Query(named): Query<Named>,
) -> Result<Response, Refusal> {
    let receipt = blocking(&app, move |service| {
        let (row, attempts) = find(service, &by, &named, &name)?;
        service.receipt(&row, &attempts)
    })
    .await?;
    Ok(Json(receipt).into_response())
}

/// Facts that a phone could not send, brought as a file.
pub(super) async fn take_export(
    State(app): State<App>,
    Office(by): Office,
    request: Request,
) -> Result<Response, Refusal> {
    let Strict(file) = Strict::<ExportFile>::read(request, &app, MAX_BODY).await?;
    let taken = blocking(&app, move |service| service.office(by.actor).take_export(&file)).await?;
    Ok(Json(taken).into_response())
}

/// What a person should look at, oldest first.
pub(super) async fn reviews(State(app): State<App>, _: Office) -> Result<Response, Refusal> {
    let reviews = blocking(&app, crate::service::Service::reviews).await?;
    Ok(Json(json!({ "reviews": reviews })).into_response())
}

/// The number of a review, as it stands in a path.
pub(super) fn review_number(text: &str) -> Result<u64, ServiceError> {
    text.parse().ok().filter(|n| i64::try_from(*n).is_ok()).ok_or_else(ServiceError::not_found)
}

/// Decides a review, once.
pub(super) async fn decide(
    State(app): State<App>,
    Office(by): Office,
    Path(id): Path<String>,
    Strict(decision): Strict<Decision>,
) -> Result<StatusCode, Refusal> {
    let id = review_number(&id)?;
    blocking(&app, move |service| service.office(by.actor).decide(id, &decision)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn totals(State(app): State<App>, _: Office) -> Result<Response, Refusal> {
    Ok(Json(blocking(&app, crate::service::Service::totals).await?).into_response())
}

/// The keys that receipts are signed with (RFC 7517).
pub(super) async fn jwks(State(app): State<App>) -> Response {
    let jwk = receipt_jwk(app.service.keys());
    let kid = thumbprint(&jwk);
    Json(json!({"keys": [{"kty": jwk.kty, "crv": jwk.crv, "x": jwk.x, "y": jwk.y, "kid": kid, "alg": "ES256", "use": "sig"}]}))
        .into_response()
}

/// Whether the backend can do its work.
pub(super) async fn health(State(app): State<App>) -> Result<&'static str, Refusal> {
    blocking(&app, |service| service.look(|tx, _| tx.epoch())).await?;
    Ok("ok\n")
}
