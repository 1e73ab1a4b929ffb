//! The tracking page: for customers, without scripts, readable on an old phone. Its token is what lets them in, also into
//! its forms: it stands in their address, which no other site knows.

use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header as http};
use axum::response::{IntoResponse, Redirect, Response};
use courier_domain::InstructionKind;
use courier_protocol::ProblemKind;
use courier_texts::Words;
use maud::{Markup, html};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::reader::Lang;
use super::{qr, words};
use crate::api::App;
use crate::api::answer::{Refusal, Strict, StrictForm, blocking, is_form};
use crate::api::caller::Peer;
use crate::api::limit::Rule;
use crate::dispute::Dispute;
use crate::error::ServiceError;
use crate::service::Service;
use crate::storage::AttemptState;
use crate::tracking::{LiveCode, State as Stage, Tracking, Try};

/// The language that was chosen on the page, if it is one that we speak.
fn chosen(uri: &Uri) -> Option<Lang> {
    #[derive(Deserialize)]
    struct Chosen {
        lang: Lang,
    }
    Query::<Chosen>::try_from_uri(uri).ok().map(|Query(chosen)| chosen.lang)
}

pub(in crate::api) async fn tracking(
    State(app): State<App>,
    Peer(peer): Peer,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let shown = at(&app, &peer, &token, Service::tracking).await?;
    if wants_json(&headers) {
        return Ok(axum::Json(shown).into_response());
    }
    let lang = chosen(&uri).unwrap_or_else(|| Lang::of(&shown.lang));
    Ok(tracking_page(&shown, &token, lang))
}

fn wants_json(headers: &HeaderMap) -> bool {
    headers.get(http::ACCEPT).is_some_and(|kind| kind.as_bytes() == b"application/json")
}

fn tracking_page(shown: &Tracking, token: &str, lang: Lang) -> Response {
    let say = |de: &'static str, en: &'static str| lang.say(de, en);
    let warning = say(
        "Nennen Sie den Code erst an der Tür, von Angesicht zu Angesicht – nie am Telefon, nie über die Sprechanlage.",
        "Tell the code only at the door, face to face – never by phone, never by intercom.",
    );
    let page = TrackingPage { shown, token, lang };
    let content = html! {
        h1 { (shown.sender) }
        p { (say("Bestellung", "Order")) " " (shown.order_ref) " · " (words::day(lang, shown.day)) }
        p.state { strong { (state(lang, shown.state)) } }
        @if let Some(arrival) = &shown.arrival {
            p.arrival {
                (say("Voraussichtlich", "Expected")) " "
                time datetime=(words::rfc3339(arrival.from)) { (words::clock(arrival.from, &shown.tz)) } "–"
                time datetime=(words::rfc3339(arrival.to)) { (words::clock(arrival.to, &shown.tz)) }
                (say(" Uhr", ""))
            }
        }
        @if let Some(code) = &shown.code {
            (code_box(say("Ihr Zustellcode", "Your delivery code"), code, warning))
            p {
                (say("Für Nachbarn zum Weitergeben: ", "To pass on to a neighbour: "))
                em { (text_for_neighbour(&shown.sender, &code.digits, lang)) }
            }
        }
        @for held in &shown.neighbours {
            (code_box(&format!("{} {}", say("Code für", "Code for"), held.name), &held.code, warning))
            p { em { (text_for_neighbour(&shown.sender, &held.code.digits, lang)) } }
        }
        (page.instructions())
        @if shown.code.is_some() { (page.code_forms()) }
        @if matches!(shown.state, Stage::HandedOver | Stage::Delivered) {
            h2 { (say("Stimmt das nicht?", "Is that not right?")) }
            (page.dispute_form(&[
                ("not_me", say("Das war nicht ich", "That was not me")),
                ("not_received", say("Ich habe nichts bekommen", "I have received nothing")),
            ]))
        }
        (history(lang, &shown.history))
        p { a lang=(lang.other().tag()) href={ "/t/" (token) "?lang=" (lang.other().tag()) } { (lang.other().name()) } }
    };
    super::page(lang, &shown.sender, &content)
}

fn state(lang: Lang, stage: Stage) -> &'static str {
    match stage {
        Stage::Announced => lang.say("Angekündigt", "Announced"),
        Stage::OnTheWay => lang.say("Unterwegs", "On its way"),
        Stage::Frozen => lang.say(
            "Der Code ist gesperrt. Am nächsten Zustelltag kommt ein neuer.",
            "The code is frozen. A new one comes on the next delivery day.",
        ),
        Stage::HandedOver => lang.say("Übergeben – wird noch bestätigt", "Handed over – being confirmed"),
        Stage::Delivered => lang.say("Zugestellt", "Delivered"),
        Stage::NotDelivered => lang.say("Nicht zugestellt", "Not delivered"),
        Stage::Cancelled => lang.say("Storniert", "Cancelled"),
    }
}

/// Each attempt, and how it ended.
fn history(lang: Lang, tries: &[Try]) -> Markup {
    html! {
        h2 { (lang.say("Verlauf", "History")) }
        ol { @for it in tries {
            li {
                (words::day(lang, it.day)) ": "
                (match it.state {
                    AttemptState::Planned => lang.say("geplant", "planned"),
                    AttemptState::Open => lang.say("unterwegs", "on its way"),
                    AttemptState::Handed => lang.say("übergeben, wird noch bestätigt", "handed over, being confirmed"),
                    AttemptState::Delivered => lang.say("zugestellt", "delivered"),
                    AttemptState::Failed | AttemptState::Superseded => lang.say("nicht zugestellt", "not delivered"),
                })
                @if let Some(reason) = it.reason { " – " (Words::of(lang.tag()).reason(reason)) }
            }
        } }
    }
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

fn text_for_neighbour(sender: &str, digits: &str, lang: Lang) -> String {
    match lang {
        Lang::De => format!("Bitte nimm die Sendung von {sender} an. Der Code ist {digits}."),
        Lang::En => format!("Please take the shipment from {sender}. The code is {digits}."),
    }
}

/// What the forms of a page have in common.
struct TrackingPage<'a> {
    shown: &'a Tracking,
    token: &'a str,
    lang: Lang,
}

impl TrackingPage<'_> {
    fn say(&self, de: &'static str, en: &'static str) -> &'static str {
        self.lang.say(de, en)
    }

    /// Where a form goes. Whoever sends it comes back to the page in its language.
    fn action(&self, what: &str) -> String {
        format!("/t/{}/{what}?lang={}", self.token, self.lang.tag())
    }

    /// What the customer asked for, and a form as long as that can change something.
    fn instructions(&self) -> Markup {
        let words = Words::of(self.lang.tag());
        html! {
            @if !self.shown.instructions.is_empty() {
                h2 { (self.say("Was gilt", "What holds")) }
                ul { @for given in &self.shown.instructions { li { (words.instruction_kind(&given.kind)) } } }
            }
            @if matches!(self.shown.state, Stage::Announced | Stage::OnTheWay) {
                form method="post" action=(self.action("instructions")) {
                    p { label {
                        (self.say("Ein Nachbar darf annehmen: ", "A neighbour may receive: "))
                        input name="neighbour" maxlength="120" required autocomplete="off";
                    } }
                    input type="hidden" name="rev" value=(self.shown.rev);
                    button { (self.say("Speichern", "Save")) }
                }
            }
        }
    }

    /// What can be done about a code: one for a neighbour, a new one, and the alarm.
    fn code_forms(&self) -> Markup {
        html! {
            h2 { "Codes" }
            form method="post" action=(self.action("codes")) {
                p { label {
                    (self.say("Ein eigener Code für einen Nachbarn: ", "A code of their own for a neighbour: "))
                    input name="name" maxlength="60" required autocomplete="off";
                } }
                button { (self.say("Code anlegen", "Create the code")) }
            }
            form method="post" action=(self.action("reissue")) {
                input type="hidden" name="request_id" value=(self.shown.request_id);
                p { (self.say("Kennt jemand den Code, der ihn nicht kennen soll? ", "Does somebody know the code who should not? ")) }
                button { (self.say("Neuen Code anfordern", "Get a new code")) }
            }
            (self.dispute_form(&[(
                "told_by_phone",
                self.say("Ich habe den Code am Telefon oder an der Sprechanlage gesagt", "I told the code by phone or intercom"),
            )]))
        }
    }

    fn dispute_form(&self, kinds: &[(&str, &str)]) -> Markup {
        html! {
            form method="post" action=(self.action("disputes")) {
                input type="hidden" name="request_id" value=(self.shown.request_id);
                fieldset {
                    legend { (self.say("Etwas melden", "Report something")) }
                    @for (n, (kind, words)) in kinds.iter().enumerate() {
                        p { label { input type="radio" name="kind" value=(kind) checked[n == 0]; " " (words) } }
                    }
                    p { label {
                        (self.say("Was ist geschehen? (freiwillig) ", "What happened? (optional) "))
                        input name="text" maxlength="1000" autocomplete="off";
                    } }
                    button { (self.say("Melden", "Report")) }
                }
            }
        }
    }
}

/// Back to the page, in the language that its form was in.
fn back(token: &str, uri: &Uri) -> Response {
    let query = chosen(uri).map(|lang| format!("?lang={}", lang.tag())).unwrap_or_default();
    Redirect::to(&format!("/t/{token}{query}")).into_response()
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
        let answer = back(&token, request.uri());
        let StrictForm(form) = StrictForm::<NeighbourForm>::from_request(request, &app).await?;
        let kind = InstructionKind::Neighbour { name: form.neighbour, flat: None };
        at(&app, &peer, &token, move |service, token| service.instruct(token, kind, form.rev)).await?;
        return Ok(answer);
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
        let answer = back(token, request.uri());
        let StrictForm(read) = StrictForm::<T>::from_request(request, app).await?;
        return Ok((read, answer));
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
