//! The tracking page: for customers, without scripts, readable on an old phone. Its token is what lets them in, also into
//! its forms: it stands in their address, which no other site knows.

use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header as http};
use axum::response::{IntoResponse, Redirect, Response};
use courier_domain::InstructionKind;
use courier_protocol::ProblemKind;
use maud::{Markup, html};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::reader::Lang;
use super::{page, qr};
use crate::api::App;
use crate::api::answer::{Refusal, Strict, StrictForm, blocking, is_form};
use crate::api::caller::Peer;
use crate::api::limit::Rule;
use crate::dispute::Dispute;
use crate::error::ServiceError;
use crate::service::Service;
use crate::tracking::{LiveCode, State as Stage, Tracking};

pub(in crate::api) async fn tracking(
    State(app): State<App>,
    Peer(peer): Peer,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let shown = at(&app, &peer, &token, Service::tracking).await?;
    if wants_json(&headers) {
        return Ok(axum::Json(shown).into_response());
    }
    Ok(tracking_page(&shown, &token))
}

fn wants_json(headers: &HeaderMap) -> bool {
    headers.get(http::ACCEPT).is_some_and(|kind| kind.as_bytes() == b"application/json")
}

fn tracking_page(shown: &Tracking, token: &str) -> Response {
    let german = shown.lang == "de";
    let say = |de: &'static str, en: &'static str| if german { de } else { en };
    let state = match shown.state {
        Stage::Announced => say("Angekündigt", "Announced"),
        Stage::OnTheWay => say("Unterwegs", "On its way"),
        Stage::Frozen => say(
            "Der Code ist gesperrt. Am nächsten Zustelltag kommt ein neuer.",
            "The code is frozen. A new one comes on the next delivery day.",
        ),
        Stage::HandedOver => say("Übergeben – wird noch bestätigt", "Handed over – being confirmed"),
        Stage::Delivered => say("Zugestellt", "Delivered"),
        Stage::NotDelivered => say("Nicht zugestellt", "Not delivered"),
        Stage::Cancelled => say("Storniert", "Cancelled"),
    };
    let warning = say(
        "Nennen Sie den Code erst an der Tür, von Angesicht zu Angesicht – nie am Telefon, nie über die Sprechanlage.",
        "Tell the code only at the door, face to face – never by phone, never by intercom.",
    );
    let content = html! {
        h1 { (shown.sender) }
        p { (say("Bestellung", "Order")) " " (shown.order_ref) " · " (shown.day) }
        p.state { strong { (state) } }
        @if let Some(code) = &shown.code {
            (code_box(say("Ihr Zustellcode", "Your delivery code"), code, warning))
            p {
                (say("Für Nachbarn zum Weitergeben: ", "To pass on to a neighbour: "))
                em { (text_for_neighbour(&shown.sender, &code.digits, german)) }
            }
        }
        @for held in &shown.neighbours {
            (code_box(&format!("{} {}", say("Code für", "Code for"), held.name), &held.code, warning))
            p { em { (text_for_neighbour(&shown.sender, &held.code.digits, german)) } }
        }
        @if shown.code.is_some() {
            (code_forms(shown, token, german))
        }
        @if matches!(shown.state, Stage::Announced | Stage::OnTheWay) {
            form method="post" action={ "/t/" (token) "/instructions" } {
                label {
                    (say("Ein Nachbar darf annehmen: ", "A neighbour may receive: "))
                    input name="neighbour" maxlength="120" required;
                }
                input type="hidden" name="rev" value=(shown.rev);
                button { (say("Speichern", "Save")) }
            }
        }
        @if matches!(shown.state, Stage::HandedOver | Stage::Delivered) {
            p { (say("Stimmt das nicht?", "Is that not right?")) }
            (dispute_form(shown, token, &[
                ("not_me", say("Das war nicht ich", "That was not me")),
                ("not_received", say("Ich habe nichts bekommen", "I have received nothing")),
            ], german))
        }
        ul {
            @for given in &shown.instructions {
                @if let InstructionKind::Neighbour { name, .. } = &given.kind {
                    li { (say("Nachbar: ", "Neighbour: ")) (name) }
                }
            }
        }
    };
    page(Lang::of(&shown.lang), &shown.sender, &content)
}

fn code_box(title: &str, code: &LiveCode, warning: &str) -> Markup {
    html! {
        div.box {
            p { (title) }
            p.code { (code.digits) }
            (qr(&code.qr, title))
            p { (warning) }
        }
    }
}

fn text_for_neighbour(sender: &str, digits: &str, german: bool) -> String {
    if german {
        format!("Bitte nimm die Sendung von {sender} an. Der Code ist {digits}.")
    } else {
        format!("Please take the shipment from {sender}. The code is {digits}.")
    }
}

/// What can be done about a code: one for a neighbour, a new one, and the alarm.
fn code_forms(shown: &Tracking, token: &str, german: bool) -> Markup {
    let say = |de: &'static str, en: &'static str| if german { de } else { en };
    html! {
        form method="post" action={ "/t/" (token) "/codes" } {
            label {
                (say("Ein eigener Code für einen Nachbarn: ", "A code of their own for a neighbour: "))
                input name="name" maxlength="60" required;
            }
            button { (say("Code anlegen", "Create the code")) }
        }
        form method="post" action={ "/t/" (token) "/reissue" } {
            input type="hidden" name="request_id" value=(shown.request_id);
            p { (say("Kennt jemand den Code, der ihn nicht kennen soll? ", "Does somebody know the code who should not? ")) }
            button { (say("Neuen Code anfordern", "Get a new code")) }
        }
        (dispute_form(shown, token, &[(
            "told_by_phone",
            say("Ich habe den Code am Telefon oder an der Sprechanlage gesagt", "I told the code by phone or intercom"),
        )], german))
    }
}

fn dispute_form(shown: &Tracking, token: &str, kinds: &[(&str, &str)], german: bool) -> Markup {
    let say = |de: &'static str, en: &'static str| if german { de } else { en };
    html! {
        form method="post" action={ "/t/" (token) "/disputes" } {
            input type="hidden" name="request_id" value=(shown.request_id);
            @for (n, (kind, words)) in kinds.iter().enumerate() {
                p { label { input type="radio" name="kind" value=(kind) checked[n == 0]; " " (words) } }
            }
            p {
                label {
                    (say("Was ist geschehen? (freiwillig) ", "What happened? (optional) "))
                    input name="text" maxlength="1000";
                }
            }
            button { (say("Melden", "Report")) }
        }
    }
}

/// As JSON. Nothing else is accepted: no wish can switch a code on or off.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    kind: String,
    #[serde(default)]
    data: serde_json::Value,
    rev: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NeighbourForm {
    neighbour: String,
    rev: Option<u64>,
}

pub(in crate::api) async fn instruct(
    State(app): State<App>,
    Peer(peer): Peer,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    if is_form(request.headers()) {
        let StrictForm(form) = StrictForm::<NeighbourForm>::from_request(request, &app).await?;
        let kind = InstructionKind::Neighbour { name: form.neighbour, flat: None };
        at(&app, &peer, &token, move |service, token| service.instruct(token, kind, form.rev)).await?;
        return Ok(Redirect::to(&format!("/t/{token}")).into_response());
    }
    let Strict(wish) = Strict::<Wish>::from_request(request, &app).await?;
    let kind = serde_json::json!({ "kind": wish.kind, "data": wish.data });
    let kind = serde_json::from_value(kind).map_err(|_| {
        ServiceError::refused(ProblemKind::Refused, "data: wrong for this kind of instruction")
    })?;
    at(&app, &peer, &token, move |service, token| service.instruct(token, kind, wish.rev)).await?;
    Ok(StatusCode::OK.into_response())
}

/// What a form or a program sent. A form is answered with the page, a program with `done`.
async fn read_either<T: DeserializeOwned>(
    request: Request,
    app: &App,
    (token, done): (&str, StatusCode),
) -> Result<(T, Response), Refusal> {
    if is_form(request.headers()) {
        let StrictForm(read) = StrictForm::<T>::from_request(request, app).await?;
        return Ok((read, Redirect::to(&format!("/t/{token}")).into_response()));
    }
    let Strict(read) = Strict::<T>::from_request(request, app).await?;
    Ok((read, done.into_response()))
}

/// Does something about the shipment of a token. Who guesses tokens waits, and so does who asks too often about one.
async fn at<T: Send + 'static>(
    app: &App,
    peer: &str,
    token: &str,
    work: impl FnOnce(&Service, &str) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, Refusal> {
    let now = app.service.clock().now();
    app.limits.check(Rule::TrackingByAddress, peer, now)?;
    app.limits.check(Rule::TrackingByToken, token, now)?;
    let asked = token.to_owned();
    let done = blocking(app, move |service| work(service, &asked)).await;
    let rule = match &done {
        Err(ServiceError::Refused(ProblemKind::NotFound, _)) => (Rule::TrackingByAddress, peer),
        _ => (Rule::TrackingByToken, token),
    };
    app.limits.count(rule.0, rule.1, now);
    done.map_err(Into::into)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NeighbourCode {
    name: String,
}

/// A code of their own for a neighbour.
pub(in crate::api) async fn neighbour_code(
    State(app): State<App>,
    Peer(peer): Peer,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let (wish, answer) = read_either::<NeighbourCode>(request, &app, (&token, StatusCode::CREATED)).await?;
    at(&app, &peer, &token, move |service, token| service.neighbour_code(token, &wish.name)).await?;
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCode {
    request_id: String,
}

/// A new code in place of the old.
pub(in crate::api) async fn reissue(
    State(app): State<App>,
    Peer(peer): Peer,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let (wish, answer) = read_either::<NewCode>(request, &app, (&token, StatusCode::ACCEPTED)).await?;
    let reissue = move |service: &Service, token: &str| service.reissue_for_customer(token, &wish.request_id);
    at(&app, &peer, &token, reissue).await?;
    Ok(answer)
}

/// The customer objects.
pub(in crate::api) async fn dispute(
    State(app): State<App>,
    Peer(peer): Peer,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let (what, answer) = read_either::<Dispute>(request, &app, (&token, StatusCode::CREATED)).await?;
    at(&app, &peer, &token, move |service, token| service.dispute(token, what)).await?;
    Ok(answer)
}
