//! The board: a day with its routes, what needs somebody, and publishing.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use courier_domain::CourierId;
use maud::{Markup, html};
use serde::Deserialize;

use super::reader::{Lang, Reader};
use super::{form, map, office_page, words};
use crate::api::App;
use crate::api::answer::{Refusal, StrictForm, blocking};
use crate::api::caller::{Session, check_csrf};
use crate::board::{Attention, Overview, RouteLine, Standing};
use crate::office::Actor;

/// Columns of the table of routes, after courier and stops.
const COLUMNS: [Standing; 6] = [
    Standing::Unreported,
    Standing::Late,
    Standing::Open,
    Standing::Failed,
    Standing::Handed,
    Standing::Delivered,
];

#[derive(Deserialize)]
pub(in crate::api) struct Which {
    /// Empty, if the field of the form is.
    #[serde(default)]
    day: String,
}

/// A day at a glance.
pub(in crate::api) async fn board(
    State(app): State<App>,
    reader: Reader,
    session: Result<Session, Refusal>,
    Query(which): Query<Which>,
) -> Result<Response, Refusal> {
    let Ok(session) = session else { return Ok(Redirect::to("/login").into_response()) };
    let day = which.day.parse::<NaiveDate>().ok();
    let shown = blocking(&app, move |service| service.overview(day)).await?;
    let lang = reader.lang;
    let title = format!("{} {}", reader.say("Zustelltag", "Delivery day"), words::day(lang, shown.day));
    let content = html! {
        h1 { (title) }
        form method="get" action="/" {
            label { (reader.say("Tag", "Day")) " " input type="date" name="day" value=(shown.day) required; } " "
            button { (reader.say("Zeigen", "Show")) }
        }
        section #attention data-live aria-label=(reader.say("Was jemanden braucht", "What needs somebody")) {
            (attention(lang, &shown.attention))
        }
        section #routes data-live { (routes(lang, &shown)) }
        section { (publication(&reader, &session, &shown)) }
    };
    Ok(office_page(&reader, &session, &title, &content))
}

fn attention(lang: Lang, of: &Attention) -> Markup {
    let unreported: u32 = of.unreported.iter().map(|(_, n)| n).sum();
    let cards = [
        (of.reviews, "/board/reviews", lang.say("zu prüfen", "to review")),
        (of.parked, "/board/alarms", lang.say("geparkte Meldungen", "parked facts")),
        (of.incidents, "/board/alarms", lang.say("Vorfälle", "incidents")),
        (of.suspended, "/board/alarms", lang.say("gesperrte Zusteller", "suspended couriers")),
    ];
    html! {
        p data-announce { (of.reviews) " " (lang.say("zu prüfen", "to review")) ", " (unreported) " "
            (lang.say("nicht gemeldet", "unreported")) }
        ul.cards {
            @for (n, to, what) in cards { @if n > 0 { li { a href=(to) { strong { (n) } " " (what) } } } }
            @if of.mails > 0 {
                li { strong { (of.mails) } " " (lang.say("Mails aufgegeben", "mails given up")) }
            }
            @for (day, n) in &of.unreported {
                li { a.unreported href={ "/?day=" (day) } {
                    strong { (n) } " " (lang.say("nicht gemeldet am", "unreported, day")) " " (words::day(lang, *day))
                } }
            }
        }
    }
}

fn count(route: &RouteLine, wanted: Standing) -> usize {
    route.stops.iter().filter(|(_, standing)| *standing == wanted).count()
}

fn routes(lang: Lang, shown: &Overview) -> Markup {
    if shown.routes.is_empty() {
        return html! { p { (lang.say("An diesem Tag ist keine Tour veröffentlicht.", "No route of this day is published.")) } };
    }
    let stops: usize = shown.routes.iter().map(|route| route.stops.len()).sum();
    let label = if lang == Lang::De {
        format!("Karte: {} Touren mit {stops} Stopps; die Tabelle darunter sagt dasselbe", shown.routes.len())
    } else {
        format!("Map: {} routes with {stops} stops; the table below says the same", shown.routes.len())
    };
    let lines: Vec<_> = shown.routes.iter().map(|route| route.stops.as_slice()).collect();
    let total = |wanted| shown.routes.iter().map(|route| count(route, wanted)).sum::<usize>();
    html! {
        (map::of_day(lang, &label, &lines))
        table.stack {
            caption { (lang.say("Touren, in Stopps", "Routes, in stops")) }
            thead { tr {
                th scope="col" { (lang.say("Zusteller", "Courier")) }
                th.number scope="col" { (lang.say("Stopps", "Stops")) }
                @for standing in COLUMNS { th.number scope="col" { (words::standing(lang, standing)) } }
            } }
            tbody {
                @for route in &shown.routes {
                    tr {
                        th scope="row" { a href={ "/board/routes/" (route.id) } {
                            @if route.courier.is_empty() { (route.id) } @else { (route.courier) }
                        } }
                        td.number data-label=(lang.say("Stopps", "Stops")) { (route.stops.len()) }
                        @for standing in COLUMNS {
                            @let n = count(route, standing);
                            td.number data-label=(words::standing(lang, standing)) {
                                @if n > 0 { span class=(words::class(standing)) { (n) } } @else { "0" }
                            }
                        }
                    }
                }
                tr {
                    th scope="row" { (lang.say("Alle", "All")) }
                    td.number data-label=(lang.say("Stopps", "Stops")) { (stops) }
                    @for standing in COLUMNS {
                        td.number data-label=(words::standing(lang, standing)) { (total(standing)) }
                    }
                }
            }
        }
    }
}

fn publication(reader: &Reader, session: &Session, shown: &Overview) -> Markup {
    let able = || shown.couriers.iter().filter(|it| it.dismissed_at.is_none() && it.suspended_at.is_none());
    html! {
        h2 { (reader.say("Veröffentlichen", "Publish")) }
        p { (shown.planned) " " (reader.say(
            "Sendungen warten für diesen Tag oder einen früheren.", "shipments wait for this day or an earlier one."
        )) }
        @if able().next().is_none() {
            p { a href="/board/couriers" { (reader.say("Zuerst einen Zusteller anlegen", "Add a courier first")) } }
        } @else {
            (form(session, "/board/publish", &html! {
                p { label { (reader.say("Zusteller", "Courier")) " " select name="courier" required {
                    @for it in able() { option value=(it.id) { (it.name) } }
                } } }
                p { label { (reader.say("Tag", "Day")) " "
                    input type="date" name="day" value=(shown.day.max(shown.today)) required; } }
                button { (reader.say("Tour veröffentlichen", "Publish the route")) }
            }))
        }
    }
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Publication {
    csrf: String,
    #[schemars(with = "String")]
    courier: CourierId,
    #[schemars(with = "String", extend("format" = "date"))]
    day: NaiveDate,
}

/// Publishes a route, and shows it.
pub(in crate::api) async fn publish(
    State(app): State<App>,
    session: Session,
    StrictForm(form): StrictForm<Publication>,
) -> Result<Response, Refusal> {
    check_csrf(&session.secret, form.csrf.as_bytes())?;
    let by = Actor::Account(session.who.account);
    let route = blocking(&app, move |service| service.office(by).publish(&form.courier, form.day)).await?;
    Ok(Redirect::to(&format!("/board/routes/{route}")).into_response())
}
