//! Couriers and their phones.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use courier_domain::CourierId;
use courier_protocol::OfficeQr;
use maud::{Markup, html};
use serde::Deserialize;

use super::office::Csrf;
use super::reader::Reader;
use super::{form, office_page, qr};
use crate::api::App;
use crate::api::answer::{Refusal, StrictForm, blocking};
use crate::api::caller::{Session, check_csrf};
use crate::error::ServiceError;
use crate::office::Actor;
use crate::service::Service;
use crate::storage::CourierRow;

pub(in crate::api) async fn show(
    State(app): State<App>,
    reader: Reader,
    session: Session,
) -> Result<Response, Refusal> {
    let couriers = blocking(&app, Service::couriers).await?;
    let title = reader.say("Zusteller", "Couriers");
    let content = html! {
        h1 { (title) }
        table.stack {
            caption { (couriers.len()) " " (title) }
            thead { tr {
                th scope="col" { "Name" }
                th.number scope="col" { (reader.say("Telefone", "Phones")) }
                th scope="col" { (reader.say("Stand", "State")) }
                th scope="col" { (reader.say("Tun", "Do")) }
            } }
            tbody { @for it in &couriers { (row(&reader, &session, it)) } }
        }
        h2 { (reader.say("Neu", "New")) }
        (form(&session, "/board/couriers", &html! {
            p { label { "Name " input name="name" required maxlength="120" autocomplete="off"; } }
            button { (reader.say("Anlegen", "Add")) }
        }))
    };
    Ok(office_page(&reader, &session, title, &content))
}

fn row(reader: &Reader, session: &Session, it: &CourierRow) -> Markup {
    let button = |what: &str, words: &str| {
        let label = format!("{words}: {}", it.name);
        form(
            session,
            &format!("/board/couriers/{}/{what}", it.id),
            &html! { button aria-label=(label) { (words) } },
        )
    };
    html! {
        tr {
            th scope="row" { @if it.name.is_empty() { (it.id) } @else { (it.name) } }
            td.number data-label=(reader.say("Telefone", "Phones")) { (it.phones) }
            td {
                @if it.dismissed_at.is_some() { (reader.say("ausgeschieden", "dismissed")) }
                @else if it.suspended_at.is_some() { span.late { (reader.say("gesperrt", "suspended")) } }
                @else { (reader.say("aktiv", "active")) }
            }
            td {
                @if it.dismissed_at.is_none() {
                    (button("enrol", reader.say("Telefon einrichten", "Set up a phone")))
                    @if it.suspended_at.is_some() { (button("reinstate", reader.say("Sperre aufheben", "Reinstate"))) }
                    details id={ "dismiss-" (it.id) } {
                        summary { (reader.say("Ausscheiden", "Dismissal")) }
                        p { (reader.say(
                            "Danach gibt der Zusteller noch eine Woche lang ab, was offen ist, und bekommt nichts mehr.",
                            "From then on the phone hands in what is open, for a week, and gets nothing more."
                        )) }
                        (button("dismiss", reader.say("Scheidet aus", "Dismiss")))
                    }
                }
            }
        }
    }
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewCourier {
    csrf: String,
    name: String,
}

pub(in crate::api) async fn add(
    State(app): State<App>,
    session: Session,
    StrictForm(form): StrictForm<NewCourier>,
) -> Result<Response, Refusal> {
    check_csrf(&session.secret, form.csrf.as_bytes())?;
    let by = Actor::Account(session.who.account);
    blocking(&app, move |service| service.office(by).add_courier(form.name.trim())).await?;
    Ok(Redirect::to("/board/couriers").into_response())
}

/// Enrols a phone, dismisses or reinstates a courier.
pub(in crate::api) async fn change(
    State(app): State<App>,
    reader: Reader,
    session: Session,
    Path((id, what)): Path<(String, String)>,
    StrictForm(form): StrictForm<Csrf>,
) -> Result<Response, Refusal> {
    check_csrf(&session.secret, form.csrf.as_bytes())?;
    let id = CourierId::new(id).map_err(|_| ServiceError::not_found())?;
    let by = Actor::Account(session.who.account.clone());
    match what.as_str() {
        "enrol" => {
            let code = blocking(&app, move |service| service.office(by).add_enrolment(&id)).await?;
            return Ok(enrolment(&app, &reader, &session, &code));
        }
        "dismiss" => blocking(&app, move |service| service.office(by).dismiss(&id)).await?,
        "reinstate" => blocking(&app, move |service| service.office(by).reinstate(&id)).await?,
        _ => return Err(ServiceError::not_found().into()),
    }
    Ok(Redirect::to("/board/couriers").into_response())
}

/// What a courier's phone needs, once.
fn enrolment(app: &App, reader: &Reader, session: &Session, code: &str) -> Response {
    let (title, server) = (reader.say("Telefon einrichten", "Set up a phone"), app.service.public_url());
    let scanned = OfficeQr { server: server.to_owned(), code: code.to_owned() };
    let content = html! {
        h1 { (title) }
        p { (reader.say(
            "Einmal und einen Tag lang gültig. Wird nicht noch einmal gezeigt.",
            "Valid once and for a day. It is not shown again."
        )) }
        dl {
            dt { "Server" } dd.secret { (server) }
            dt { "Code" } dd.secret #code { (code) }
        }
        (qr(&scanned.to_text(), reader.say("QR-Code mit Server und Code", "QR code with server and code")))
    };
    office_page(reader, session, title, &content)
}
