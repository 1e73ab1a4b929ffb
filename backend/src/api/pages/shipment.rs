//! Searching, and the story of one shipment.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use chrono_tz::Tz;
use courier_domain::{AttemptId, FactBody};
use courier_texts::Words;
use maud::{Markup, html};
use serde::Deserialize;

use super::reader::{Lang, Reader};
use super::{office_page, reviews, route, words};
use crate::api::App;
use crate::api::answer::{Refusal, blocking};
use crate::api::caller::Session;
use crate::board::{Event, FOUND, Found, Story};
use crate::error::ServiceError;
use crate::storage::MailStanding;

/// Longest text that is searched for, in characters.
const MAX_WANTED: usize = 200;

#[derive(Deserialize)]
pub(in crate::api) struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    day: String,
}

pub(in crate::api) async fn search(
    State(app): State<App>,
    reader: Reader,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    let text: String = wanted.q.chars().take(MAX_WANTED).collect();
    let (asked, day) = (text.clone(), wanted.day.parse::<NaiveDate>().ok());
    let (day, found) = blocking(&app, move |service| {
        let day = day.map_or_else(|| service.newest_day(), Ok)?;
        Ok((day, service.search(&asked, day)?))
    })
    .await?;
    let title = reader.say("Suche", "Search");
    let content = html! {
        h1 { (title) }
        form method="get" action="/board/search" role="search" {
            p { label { (reader.say("Referenz, Bestellung, Barcode oder Empfänger", "Reference, order, barcode or recipient")) " "
                input type="search" name="q" value=(text) maxlength=(MAX_WANTED) required; } }
            p { label { (reader.say("Tag, für Empfänger", "Day, for recipients")) " " input type="date" name="day" value=(day); } }
            button { (reader.say("Suchen", "Search")) }
        }
        @if !text.trim().is_empty() { (results(reader.lang, &found)) }
    };
    Ok(office_page(&reader, &session, title, &content))
}

fn results(lang: Lang, found: &Found) -> Markup {
    html! {
        h2 { (lang.say("Gefunden", "Found")) ": " (found.shipments.len()) }
        ul { @for (row, state) in &found.shipments {
            li { a href={ "/board/shipments/" (row.id) } { (row.sender) " " (row.reference) }
                " · " (row.order_ref) @if !row.recipient_name.is_empty() { " · " (row.recipient_name) }
                " · " (words::state(lang, *state)) }
        } }
        @if found.more {
            p { (FOUND) " " (lang.say("werden gezeigt; es gibt mehr.", "are shown; there are more.")) }
        }
    }
}

/// The shipment of an attempt.
pub(in crate::api) async fn of_attempt(
    State(app): State<App>,
    _: Session,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = AttemptId::new(id).map_err(|_| ServiceError::not_found())?;
    let found = blocking(&app, move |service| {
        let attempt = service.look(|tx, _| tx.attempt(&id))?;
        attempt.map(|attempt| attempt.shipment).ok_or_else(ServiceError::not_found)
    });
    Ok(Redirect::to(&format!("/board/shipments/{}", found.await?)).into_response())
}

pub(in crate::api) async fn show(
    State(app): State<App>,
    reader: Reader,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let story = blocking(&app, move |service| {
        let (row, _) = service.find_shipment(None, &id)?;
        service.story(&row)
    })
    .await?;
    let title = format!("{} {}", story.row.sender, story.row.reference);
    let content = html! {
        h1 { (title) }
        section #story data-live { (whole(reader.lang, &story)) }
    };
    Ok(office_page(&reader, &session, &title, &content))
}

fn whole(lang: Lang, story: &Story) -> Markup {
    let (row, told) = (&story.row, Words::of(lang.tag()));
    let tz: Tz = row.tz.parse().unwrap_or(Tz::UTC);
    html! {
        dl {
            dt { (lang.say("Stand", "State")) } dd { strong { (words::state(lang, story.state)) }
                @if let Some(why) = &row.cancelled { " – " (why) } }
            dt { (lang.say("Bestellung", "Order")) } dd { (row.order_ref) }
            @if row.forgotten.is_some() {
                dt { (lang.say("Empfänger", "Recipient")) } dd { (lang.say("gelöscht", "purged")) }
            } @else {
                dt { (lang.say("Empfänger", "Recipient")) } dd { (row.recipient_name) }
                @if let Some(phone) = &row.recipient_phone {
                    dt { (lang.say("Telefon", "Telephone")) } dd { a href={ "tel:" (phone.as_str()) } { (phone.as_str()) } }
                }
                dt { (lang.say("Adresse", "Address")) } dd { (route::place(&row.place)) }
            }
            dt { "Code" } dd { (if row.code_required { lang.say("nötig", "needed") } else { lang.say("nicht nötig", "not needed") }) }
            @for (parcel, received) in &story.parcels {
                dt { (lang.say("Paket", "Parcel")) " " (parcel.barcode) }
                dd {
                    @match &parcel.outcome {
                        None => (lang.say("unterwegs", "under way")),
                        Some(outcome) => @match outcome.failed {
                            Some(reason) => { (lang.say("nicht zugestellt", "not delivered")) " – " (told.reason(reason)) }
                            None => (lang.say("übergeben", "handed over")),
                        },
                    }
                    @if let Some(it) = received {
                        ": " (told.receiver(it.kind)) @if let Some(name) = &it.name { ", " (name) }
                    }
                }
            }
            @for (attempt, courier) in &story.attempts {
                dt { (lang.say("Versuch", "Attempt")) " " (attempt.no) }
                dd {
                    (words::day(lang, attempt.day)) ", " (words::attempt(lang, attempt.state))
                    @if let Some(reason) = attempt.reason { " – " (told.reason(reason)) }
                    @if let Some(route) = &attempt.route {
                        ", " a href={ "/board/routes/" (route) } { (courier.as_deref().unwrap_or(lang.say("Tour", "route"))) }
                    }
                }
            }
            @for given in &story.instructions {
                dt { (told.origin(given.origin)) } dd { (told.instruction_kind(&given.kind)) }
            }
        }
        h2 { (lang.say("Was geschah", "What happened")) }
        p { (lang.say("Zeiten: wann dieser Server es erfuhr,", "Times: when this server came to know it,")) " " (tz.name()) }
        ol.story { @for (at, event) in &story.events {
            li { time { (words::at(lang, *at, tz)) } (line(lang, event)) }
        } }
    }
}

fn line(lang: Lang, event: &Event) -> Markup {
    let told = Words::of(lang.tag());
    html! {
        @match event {
            Event::Fact { row, body, private, courier } => {
                strong { (words::fact(lang, row.kind.as_deref().unwrap_or("?"))) }
                @match body {
                    Some(FactBody::HandedOver { receiver, .. }) => { ": " (told.receiver(*receiver)) }
                    Some(FactBody::NotDelivered { reason, .. }) => { ": " (told.reason(*reason)) }
                    Some(FactBody::Incident { kind, .. }) => { ": " (kind) }
                    _ => {}
                }
                @for text in [&private.name, &private.relation, &private.flat, &private.note].into_iter().flatten() {
                    ", " (text)
                }
                " (" (courier) ")"
                @for flag in &row.flags { " · " (flag) }
                (reviews::signed(lang, row, &format!("fact-{}", row.hash)))
            }
            Event::Verdict { verdict, why } => {
                (lang.say("Urteil: ", "Verdict: ")) strong { (words::verdict(lang, *verdict)) } " – " (words::why(lang, why))
            }
            Event::Review { n, cause } => {
                (lang.say("Zu prüfen", "To review")) ": " a href={ "/board/reviews#review-" (n) } { (words::why(lang, cause)) }
            }
            Event::Decided { n, decision, note } => {
                (lang.say("Entscheidung", "Decision")) " " (n) ": " strong { (words::decision(lang, decision)) }
                @if let Some(note) = note { " – " (note) }
            }
            Event::Dispute { kind, text } => {
                (lang.say("Der Kunde meldet", "The customer reports")) ": " (words::why(lang, kind))
                @if let Some(text) = text { " – " q { (text) } }
            }
            Event::Mail(mail) => { (mailed(lang, mail)) }
            Event::Office(what) => { (lang.say("Büro", "Office")) ": " (what) }
        }
    }
}

fn mailed(lang: Lang, mail: &MailStanding) -> Markup {
    let how = if mail.given_up.is_some() {
        lang.say("aufgegeben", "given up")
    } else if mail.sent.is_some() {
        lang.say("gesendet", "sent")
    } else {
        lang.say("wartet", "waits")
    };
    html! { "Mail: " (words::mail(lang, &mail.template)) ", " (how) }
}
