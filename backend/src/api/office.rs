//! What shops and dispatchers ask for. Keys are bearer tokens.

use axum::Json;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use courier_codes::thumbprint;
use courier_domain::{CourierId, RouteId, ShipmentId, StopId};
use courier_protocol::{ExportFile, ProblemKind};
use serde::Deserialize;
use serde_json::json;
use subtle::ConstantTimeEq;

use super::App;
use super::answer::{Refusal, Strict, blocking, body, media_type};
use super::phone::bearer;
use crate::error::ServiceError;
use crate::facts::receipt_jwk;
use crate::import::{read_csv, read_json};
use crate::service::Service;

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Shops, and dispatchers.
    Shop,
    /// Dispatchers only.
    Ops,
}

/// Compares keys in constant time.
pub(super) fn is_key(known: Option<&String>, given: &str) -> bool {
    known.is_some_and(|known| known.as_bytes().ct_eq(given.as_bytes()).into())
}

/// Whether somebody asks in the name of the office.
pub(super) fn is_office(app: &App, headers: &HeaderMap) -> bool {
    bearer(headers).is_some_and(|given| is_key(app.service.config().keys.ops.as_ref(), &given))
}

/// Whether somebody asks in the name of the office; else why not.
pub(super) fn need_office(app: &App, headers: &HeaderMap) -> Result<(), ServiceError> {
    authorise(app, headers, Role::Ops)
}

fn authorise(app: &App, headers: &HeaderMap, role: Role) -> Result<(), ServiceError> {
    let given = bearer(headers).ok_or_else(|| ServiceError::refused(ProblemKind::Unauthorized, ""))?;
    let keys = &app.service.config().keys;
    match role {
        _ if is_key(keys.ops.as_ref(), &given) => Ok(()),
        Role::Shop if is_key(keys.shop.as_ref(), &given) => Ok(()),
        Role::Ops if is_key(keys.shop.as_ref(), &given) => {
            Err(ServiceError::refused(ProblemKind::Forbidden, ""))
        }
        _ => Err(ServiceError::refused(ProblemKind::Unauthorized, "")),
    }
}

pub(super) async fn import(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    authorise(&app, request.headers(), Role::Shop)?;
    let is_csv = match media_type(request.headers()) {
        "application/json" => false,
        "text/csv" => true,
        _ => {
            let what = "application/json or text/csv is needed";
            return Err(ServiceError::refused(ProblemKind::UnsupportedMedia, what).into());
        }
    };
    let bytes = body(request, &app).await?;
    let report = blocking(&app, move |service| {
        let day = if is_csv { read_csv(&bytes) } else { read_json(&bytes) };
        match day {
            Ok(day) => service.import(&day),
            Err(errors) => Ok(crate::import::ImportReport { errors, ..Default::default() }),
        }
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
    headers: HeaderMap,
    Strict(new): Strict<NewCourier>,
) -> Result<Response, Refusal> {
    authorise(&app, &headers, Role::Ops)?;
    let id = blocking(&app, move |service| service.add_courier(&new.name)).await?;
    Ok(Json(json!({ "id": id })).into_response())
}

/// Does something about a courier, in the name of the office.
async fn about_courier<T: Send + 'static>(
    app: &App,
    id: String,
    headers: &HeaderMap,
    work: impl FnOnce(&Service, &CourierId) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    authorise(app, headers, Role::Ops)?;
    let id = CourierId::new(id).map_err(|_| ServiceError::not_found())?;
    blocking(app, move |service| work(service, &id)).await
}

pub(super) async fn add_enrolment(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let code = about_courier(&app, id, &headers, Service::add_enrolment).await?;
    Ok(Json(json!({ "code": code, "server": app.service.public_url() })).into_response())
}

pub(super) async fn dismiss(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    about_courier(&app, id, &headers, Service::dismiss).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn reinstate(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    about_courier(&app, id, &headers, Service::reinstate).await?;
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
    headers: HeaderMap,
    Strict(what): Strict<Publication>,
) -> Result<Response, Refusal> {
    authorise(&app, &headers, Role::Ops)?;
    let route = blocking(&app, move |service| service.publish(&what.courier, what.day)).await?;
    Ok(Json(json!({ "route": route })).into_response())
}

/// `name` is an identifier, or with `?sender=` that sender's reference.
#[derive(Deserialize)]
pub(super) struct Named {
    sender: Option<String>,
}

pub(super) async fn shipment(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(named): Query<Named>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    authorise(&app, &headers, Role::Shop)?;
    let found = blocking(&app, move |service| {
        let (row, attempts) = service.find_shipment(named.sender.as_deref(), &name)?;
        let token = service.tracking_token(&row)?;
        let page = service.tracking(&token)?;
        let parcels = service.parcels(&row)?;
        Ok((row, attempts, token, page, parcels))
    });
    let (row, attempts, token, page, parcels) = found.await?;
    let parcels: Vec<_> = parcels
        .iter()
        .map(|(it, receiver)| {
            let failed = it.outcome.as_ref().and_then(|outcome| outcome.failed);
            json!({
                "id": it.id, "barcode": it.barcode, "handed_over": it.is_handed(), "receiver": receiver,
                "reason": failed,
            })
        })
        .collect();
    let attempts: Vec<_> = attempts
        .iter()
        .map(|it| json!({"id": it.id, "no": it.no, "day": it.day, "state": it.state, "reason": it.reason}))
        .collect();
    let tracking = format!("{}/t/{token}", app.service.public_url());
    Ok(Json(json!({ "id": row.id, "state": page.state, "attempts": attempts, "parcels": parcels, "tracking": tracking }))
        .into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cancellation {
    why: String,
}

pub(super) async fn cancel(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Strict(what): Strict<Cancellation>,
) -> Result<StatusCode, Refusal> {
    authorise(&app, &headers, Role::Ops)?;
    let id = ShipmentId::new(name).map_err(|_| ServiceError::not_found())?;
    blocking(&app, move |service| service.cancel(&id, &what.why)).await?;
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
    Path(name): Path<String>,
    headers: HeaderMap,
    Strict(what): Strict<Reassignment>,
) -> Result<StatusCode, Refusal> {
    authorise(&app, &headers, Role::Ops)?;
    let id = ShipmentId::new(name).map_err(|_| ServiceError::not_found())?;
    blocking(&app, move |service| service.reassign(&id, what.courier.as_ref())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The office has handed it over itself.
pub(super) async fn delivered(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    authorise(&app, &headers, Role::Ops)?;
    let id = ShipmentId::new(name).map_err(|_| ServiceError::not_found())?;
    blocking(&app, move |service| service.delivered_by_hand(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    order: Vec<StopId>,
}

pub(super) async fn reorder(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Strict(what): Strict<Order>,
) -> Result<StatusCode, Refusal> {
    authorise(&app, &headers, Role::Ops)?;
    let id = RouteId::new(id).map_err(|_| ServiceError::not_found())?;
    blocking(&app, move |service| service.reorder(&id, &what.order)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the backend vouches for, and the signed facts of every attempt, word for word: any JOSE library can check them.
pub(super) async fn receipt(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(named): Query<Named>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    authorise(&app, &headers, Role::Shop)?;
    let receipt = blocking(&app, move |service| {
        let (row, attempts) = service.find_shipment(named.sender.as_deref(), &name)?;
        service.receipt(&row, &attempts)
    })
    .await?;
    Ok(Json(receipt).into_response())
}

/// Facts that a phone could not send, brought as a file.
pub(super) async fn take_export(
    State(app): State<App>,
    headers: HeaderMap,
    Strict(file): Strict<ExportFile>,
) -> Result<Response, Refusal> {
    authorise(&app, &headers, Role::Ops)?;
    Ok(Json(blocking(&app, move |service| service.take_export(&file)).await?).into_response())
}

/// What a person should look at, oldest first.
pub(super) async fn reviews(State(app): State<App>, headers: HeaderMap) -> Result<Response, Refusal> {
    authorise(&app, &headers, Role::Ops)?;
    let reviews = blocking(&app, crate::service::Service::reviews).await?;
    Ok(Json(json!({ "reviews": reviews })).into_response())
}

pub(super) async fn totals(State(app): State<App>, headers: HeaderMap) -> Result<Response, Refusal> {
    authorise(&app, &headers, Role::Ops)?;
    Ok(Json(blocking(&app, crate::service::Service::totals).await?).into_response())
}

/// The keys that receipts are signed with (RFC 7517).
pub(super) async fn jwks(State(app): State<App>) -> Response {
    let jwk = receipt_jwk(app.service.keys());
    let kid = thumbprint(&jwk);
    Json(json!({"keys": [{"kty": jwk.kty, "crv": jwk.crv, "x": jwk.x, "y": jwk.y, "kid": kid, "alg": "ES256", "use": "sig"}]}))
        .into_response()
}
