//! What needs a person: reviews with their decision, and alarms.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono_tz::Tz;
use maud::{Markup, html};
use serde::Deserialize;

use super::reader::{Lang, Reader};
use super::{form, office_page, words};
use crate::api::App;
use crate::api::answer::{Refusal, StrictForm, blocking};
use crate::api::caller::{Session, check_csrf};
use crate::decision::{Decided, Decision, Review};
use crate::office::Actor;
use crate::service::Service;
use crate::storage::FactRow;

/// Reviews that a page shows.
const MOST: usize = 50;

pub(in crate::api) async fn show(
    State(app): State<App>,
    reader: Reader,
    session: Session,
) -> Result<Response, Refusal> {
    let reviews = blocking(&app, Service::reviews).await?;
    let title = reader.say("Prüfungen", "Reviews");
    let content = html! {
        h1 { (title) }
        p { (reader.say(
            "Was an der Tür geschah, bleibt stehen; entschieden wird, ob eine Übergabe gilt.",
            "What happened at the door stands; what is decided is whether a handover counts."
        )) }
        section #reviews data-live {
            p data-announce { (reviews.len()) " " (reader.say("zu prüfen", "to review")) }
            @for review in reviews.iter().take(MOST) { (one(&reader, &session, review)) }
            @if reviews.len() > MOST {
                p { (reader.say("Die ältesten stehen hier; es gibt mehr.", "These are the oldest; there are more.")) }
            }
        }
    };
    Ok(office_page(&reader, &session, title, &content))
}

fn one(reader: &Reader, session: &Session, review: &Review) -> Markup {
    let choices: &[(Decided, &str)] = if review.can_be_ruled_on {
        &[
            (Decided::Confirmed, reader.say("Übergabe gilt", "The handover counts")),
            (Decided::Refuted, reader.say("Übergabe gilt nicht", "It does not count")),
            (Decided::Seen, reader.say("Nur gesehen", "Only seen")),
        ]
    } else {
        &[(Decided::Seen, reader.say("Gesehen", "Seen"))]
    };
    let fields = html! {
        p { label { (reader.say("Notiz (freiwillig)", "Note (optional)")) " "
            input name="note" maxlength="1000" id={ "note-" (review.id) }; } }
        @for (decided, words) in choices { button name="verdict" value=(decided.word()) { (words) } " " }
    };
    html! {
        article.box id={ "review-" (review.id) } {
            h2 { (words::why(reader.lang, &review.cause)) }
            p { (reader.say("seit", "since")) " " (words::at(reader.lang, review.opened, Tz::UTC)) " UTC" }
            @if let Some(text) = &review.text {
                p { (reader.say("Der Kunde schreibt:", "The customer writes:")) " " q { (text) } }
            }
            @if let Some(attempt) = &review.attempt {
                p { a href={ "/board/attempts/" (attempt) } { (reader.say("Geschichte der Sendung", "Story of the shipment")) } }
            }
            (form(session, &format!("/board/reviews/{}", review.id), &fields))
        }
    }
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct DecisionForm {
    csrf: String,
    verdict: Decided,
    #[serde(default)]
    note: Option<String>,
}

pub(in crate::api) async fn decide(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    StrictForm(form): StrictForm<DecisionForm>,
) -> Result<Response, Refusal> {
    check_csrf(&session.secret, form.csrf.as_bytes())?;
    let id = crate::api::office::review_number(&id)?;
    let by = Actor::Account(session.who.account);
    let decision = Decision { verdict: form.verdict, note: form.note };
    blocking(&app, move |service| service.office(by).decide(id, &decision)).await?;
    Ok(Redirect::to("/board/reviews").into_response())
}

/// What needs a look, and no decision.
pub(in crate::api) async fn alarms(
    State(app): State<App>,
    reader: Reader,
    session: Session,
) -> Result<Response, Refusal> {
    let alarms = blocking(&app, Service::alarms).await?;
    let (lang, title) = (reader.lang, reader.say("Alarme", "Alarms"));
    let content = html! {
        h1 { (title) }
        section #alarms data-live {
            h2 { (reader.say("Gesperrte Zusteller", "Suspended couriers")) }
            @if alarms.suspended.is_empty() { p { (reader.say("Keine", "None")) } }
            ul { @for it in &alarms.suspended { li { a href="/board/couriers" { (it.name) } } } }
            (facts(lang, reader.say("Vorfälle", "Incidents"), &alarms.incidents, "incident"))
            (facts(lang, reader.say("Geparkte Meldungen", "Parked facts"), &alarms.parked, "parked"))
        }
    };
    Ok(office_page(&reader, &session, title, &content))
}

fn facts(lang: Lang, title: &str, (rows, all): &(Vec<FactRow>, u32), id: &str) -> Markup {
    html! {
        h2 { (title) " (" (all) ")" }
        ul.story { @for row in rows { (fact(lang, row, &format!("{id}-{}", row.hash))) } }
        @if rows.len() < *all as usize {
            p { (lang.say("Die neuesten stehen hier; es gibt mehr.", "These are the newest; there are more.")) }
        }
    }
}

/// A fact as it came.
pub(super) fn fact(lang: Lang, row: &FactRow, id: &str) -> Markup {
    html! {
        li {
            time { (words::at(lang, row.received_at, Tz::UTC)) " UTC" }
            (words::fact(lang, row.kind.as_deref().unwrap_or(lang.say("nicht lesbar", "unreadable"))))
            @for flag in &row.flags { " · " (flag) }
            (signed(lang, row, id))
        }
    }
}

/// The signed bytes of a fact, and where they stand in the chain of its phone.
pub(super) fn signed(lang: Lang, row: &FactRow, id: &str) -> Markup {
    html! {
        details id=(id) {
            summary { (lang.say("Signierte Meldung", "Signed fact")) }
            p {
                (lang.say("Telefon", "Phone")) " " (row.install)
                @if let Some((inc, seq)) = row.place { ", " (lang.say("Kette", "chain")) " " (inc) "/" (seq) }
                ", SHA-256 " (row.hash)
            }
            pre tabindex="0" { (row.jws) }
        }
    }
}
