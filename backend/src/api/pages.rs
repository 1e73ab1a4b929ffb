//! Pages: HTML from the server, without scripts, readable on an old phone.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Form, FromRequest, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header as http};
use axum::response::{IntoResponse, Redirect, Response};
use courier_domain::InstructionKind;
use courier_protocol::ProblemKind;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::App;
use super::answer::{Refusal, Strict, blocking, body, media_type, read_strict};
use super::office::is_key;
use crate::dispute::Dispute;
use crate::error::ServiceError;
use crate::tracking::{LiveCode, State as Stage, Tracking};

const STYLE: &str = "body{font:1.1em/1.5 system-ui,sans-serif;max-width:38em;margin:1em auto;padding:0 1em}\
.code{font:bold 3.2em/1.3 ui-monospace,monospace;letter-spacing:.12em}svg{width:11em;height:11em}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2em .6em .2em 0;border-bottom:1px solid #ccc}\
.box{border:2px solid #234;border-radius:.5em;padding:.6em 1em}@media print{form{display:none}}";

fn page(lang: &str, title: &str, content: &Markup) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (content) }
        }
    };
    let mut response =
        ([(http::CONTENT_TYPE, "text/html; charset=utf-8")], markup.into_string()).into_response();
    keep_private(&mut response);
    response
}

/// Neither caches nor other sites nor search engines get to see it.
fn keep_private(response: &mut Response) {
    for (name, value) in [
        (http::CACHE_CONTROL, "no-store"),
        (http::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
        (http::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
}

pub(super) async fn tracking(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let asked = token.clone();
    let shown = blocking(&app, move |service| service.tracking(&asked)).await?;
    if wants_json(&headers) {
        let mut response = axum::Json(shown).into_response();
        keep_private(&mut response);
        return Ok(response);
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
    page(&shown.lang, &shown.sender, &content)
}

fn code_box(title: &str, code: &LiveCode, warning: &str) -> Markup {
    html! {
        div.box {
            p { (title) }
            p.code { (code.digits) }
            (qr(&code.qr))
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

fn qr(text: &str) -> Markup {
    let svg = qrcode::QrCode::new(text)
        .map(|code| code.render::<qrcode::render::svg::Color<'_>>().build())
        .unwrap_or_default();
    // The library's SVG begins with an XML declaration, which HTML does not have.
    PreEscaped(svg.find("<svg").map(|at| svg[at..].to_owned()).unwrap_or_default())
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

pub(super) async fn instruct(
    State(app): State<App>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    if is_form(&request) {
        let form: NeighbourForm = read_form(request, &app, "a neighbour's name is needed").await?;
        let back = format!("/t/{token}");
        let kind = InstructionKind::Neighbour { name: form.neighbour, flat: None };
        blocking(&app, move |service| service.instruct(&token, kind, form.rev)).await?;
        return Ok(Redirect::to(&back).into_response());
    }
    let bytes = body(request, &app).await?;
    let wish: Wish = read_strict(&bytes)?;
    let kind = serde_json::json!({ "kind": wish.kind, "data": wish.data });
    let kind = serde_json::from_value(kind).map_err(|_| {
        ServiceError::refused(ProblemKind::Refused, "data: wrong for this kind of instruction")
    })?;
    blocking(&app, move |service| service.instruct(&token, kind, wish.rev)).await?;
    Ok(StatusCode::OK.into_response())
}

fn is_form(request: &Request) -> bool {
    media_type(request.headers()) == "application/x-www-form-urlencoded"
}

async fn read_form<T: DeserializeOwned>(
    request: Request,
    app: &App,
    needed: &str,
) -> Result<T, ServiceError> {
    let form = Form::<T>::from_request(request, app).await;
    form.map(|Form(form)| form).map_err(|_| ServiceError::refused(ProblemKind::BadRequest, needed))
}

/// What a form or a program sent. A form is answered with the page, a program with `done`.
async fn read_either<T: DeserializeOwned>(
    request: Request,
    app: &App,
    (token, done): (&str, StatusCode),
) -> Result<(T, Response), Refusal> {
    if is_form(&request) {
        let read = read_form(request, app, "a field of the form is missing or unknown").await?;
        return Ok((read, Redirect::to(&format!("/t/{token}")).into_response()));
    }
    let Strict(read) = Strict::<T>::from_request(request, app).await?;
    Ok((read, done.into_response()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NeighbourCode {
    name: String,
}

/// A code of their own for a neighbour.
pub(super) async fn neighbour_code(
    State(app): State<App>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let (wish, answer) = read_either::<NeighbourCode>(request, &app, (&token, StatusCode::CREATED)).await?;
    blocking(&app, move |service| service.neighbour_code(&token, &wish.name)).await?;
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCode {
    request_id: String,
}

/// A new code in place of the old.
pub(super) async fn reissue(
    State(app): State<App>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let (wish, answer) = read_either::<NewCode>(request, &app, (&token, StatusCode::ACCEPTED)).await?;
    blocking(&app, move |service| service.reissue_for_customer(&token, &wish.request_id)).await?;
    Ok(answer)
}

/// The customer objects.
pub(super) async fn dispute(
    State(app): State<App>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let (what, answer) = read_either::<Dispute>(request, &app, (&token, StatusCode::CREATED)).await?;
    blocking(&app, move |service| service.dispute(&token, what)).await?;
    Ok(answer)
}

const SESSION: &str = "courier_session";

/// What proves that somebody logged in with this key.
fn session_of(key: &str) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(format!("courier/board/v1\0{key}")) {
        use std::fmt::Write;
        let _ = write!(text, "{byte:02x}");
    }
    text
}

pub(super) async fn login() -> Response {
    page(
        "en",
        "Log in",
        &html! {
            h1 { "Dispatcher board" }
            form method="post" action="/login" {
                label { "Key " input type="password" name="key" required autocomplete="current-password"; }
                button { "Log in" }
            }
        },
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginForm {
    key: String,
}

pub(super) async fn log_in(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Form(form): Form<LoginForm>,
) -> Result<Response, Refusal> {
    let now = app.service.clock().now();
    app.guesses.allow(peer.ip(), now)?;
    if !is_key(app.service.config().keys.ops.as_ref(), &form.key) {
        app.guesses.wrong(peer.ip(), now);
        return Ok((StatusCode::FORBIDDEN, "wrong key\n").into_response());
    }
    let secure = if app.service.public_url().starts_with("https:") { "; Secure" } else { "" };
    let cookie = format!("{SESSION}={}; HttpOnly; SameSite=Strict; Path=/{secure}", session_of(&form.key));
    Ok(([(http::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

fn is_logged_in(app: &App, headers: &HeaderMap) -> bool {
    let Some(key) = &app.service.config().keys.ops else { return false };
    let wanted = format!("{SESSION}={}", session_of(key));
    let cookies = headers.get(http::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    cookies.split(';').any(|cookie| is_key(Some(&wanted), cookie.trim()))
}

/// The board: sums and shipments. It changes nothing, so it needs no forms.
pub(super) async fn board(State(app): State<App>, headers: HeaderMap) -> Result<Response, Refusal> {
    if !is_logged_in(&app, &headers) {
        return Ok(Redirect::to("/login").into_response());
    }
    let totals = blocking(&app, crate::service::Service::totals).await?;
    let sums = [
        ("Shipments", &totals.shipments),
        ("Facts", &totals.facts),
        ("Mails", &totals.mails),
        ("Reviews", &totals.reviews),
    ];
    let content = html! {
        h1 { "Dispatcher board" }
        p { (totals.parcels_handed) " parcels handed over" }
        @for (title, sum) in sums {
            h2 { (title) }
            table { @for (word, count) in sum { tr { td { (word) } td { (count) } } } }
        }
    };
    Ok(page("en", "Board", &content))
}
