//! One route with its stops.

use axum::extract::{Path, State};
use axum::response::Response;
use courier_domain::RouteId;
use courier_texts::Words;
use maud::{Markup, html};

use super::reader::{Lang, Reader};
use super::{map, office_page, words};
use crate::api::App;
use crate::api::answer::{Refusal, blocking};
use crate::api::caller::Session;
use crate::board::{RouteOfDay, StopOfRoute};
use crate::error::ServiceError;
use crate::import::Place;

pub(in crate::api) async fn show(
    State(app): State<App>,
    reader: Reader,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = RouteId::new(id).map_err(|_| ServiceError::not_found())?;
    let route = blocking(&app, move |service| service.route_of_day(&id)).await?;
    let lang = reader.lang;
    let title = format!("{}, {}", route.courier, words::day(lang, route.row.day));
    let content = html! {
        p { a href={ "/?day=" (route.row.day) } { (reader.say("Alle Touren des Tages", "All routes of the day")) } }
        h1 { (title) }
        section #route data-live { (stops(lang, &route)) }
    };
    Ok(office_page(&reader, &session, &title, &content))
}

fn stops(lang: Lang, route: &RouteOfDay) -> Markup {
    let points: Vec<_> = route.stops.iter().map(|stop| (stop.place.pin, stop.standing)).collect();
    let label = lang.say(
        "Karte der Stopps; die Tabelle darunter sagt dasselbe",
        "Map of the stops; the table below says the same",
    );
    html! {
        (map::of_route(lang, label, &points))
        table.stack {
            caption { (route.stops.len()) " " (lang.say("Stopps", "stops")) }
            thead { tr {
                th.number scope="col" { (lang.say("Nr.", "No.")) }
                th scope="col" { (lang.say("Adresse", "Address")) }
                th scope="col" { (lang.say("Zeit", "Time")) }
                th scope="col" { (lang.say("Stand", "State")) }
                th scope="col" { (lang.say("Sendungen", "Shipments")) }
            } }
            tbody { @for (stop, n) in route.stops.iter().zip(1..) { (row(lang, stop, n)) } }
        }
    }
}

fn row(lang: Lang, stop: &StopOfRoute, n: u32) -> Markup {
    html! {
        tr {
            th.number scope="row" { (n) }
            td { (place(&stop.place)) }
            td { @if let Some(window) = stop.place.window {
                (window.from.format("%H:%M")) "–" (window.to.format("%H:%M"))
            } }
            td { span class=(words::class(stop.standing)) { (words::standing(lang, stop.standing)) } }
            td {
                @for (shipment, state, reason) in &stop.shipments {
                    div {
                        a href={ "/board/shipments/" (shipment.id) } {
                            @if shipment.recipient_name.is_empty() { (shipment.reference) }
                            @else { (shipment.recipient_name) " (" (shipment.reference) ")" }
                        }
                        ": "
                        @if shipment.cancelled.is_some() { (lang.say("storniert, ", "cancelled, ")) }
                        (words::attempt(lang, *state))
                        @if let Some(reason) = reason { " – " (Words::of(lang.tag()).reason(*reason)) }
                    }
                }
            }
        }
    }
}

/// An address on one line; nothing, once it was purged.
pub(super) fn place(place: &Place) -> String {
    let it = &place.address;
    let flat = place.flat.as_ref().map(|flat| format!(", {flat}")).unwrap_or_default();
    let line = format!("{} {}, {} {}{flat}", it.street, it.house, it.postcode, it.city);
    if it.street.is_empty() && it.city.is_empty() { String::new() } else { line }
}
