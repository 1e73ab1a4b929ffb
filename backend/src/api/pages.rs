//! Pages: HTML from the server, readable on an old phone. Those of the office load a script that keeps them up to date;
//! everything else in them works without.

pub(super) mod board;
pub(super) mod couriers;
mod german;
mod map;
pub(super) mod office;
pub(super) mod people;
pub(super) mod reader;
pub(super) mod reviews;
pub(super) mod route;
pub(super) mod shipment;
pub(super) mod tracking;
pub(super) mod upload;
mod words;

use axum::http::{StatusCode, header as http};
use axum::response::{IntoResponse, Response};
use courier_protocol::Problem;
use maud::{DOCTYPE, Markup, html};

use super::caller::{Session, csrf_of};
use crate::office::Role;
use german::said;
use reader::{Lang, Reader};

const STYLE: &str = include_str!("pages/style.css");
const SCRIPT: &str = include_str!("pages/board.js");

/// What pages of the office may do beyond others: load our script, which asks us.
const OFFICE_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; \
                             form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The style of every page. It is no secret, and may be kept for an hour.
pub(super) async fn style() -> Response {
    file("text/css; charset=utf-8", STYLE)
}

/// The script of the office's pages. The same.
pub(super) async fn script() -> Response {
    file("text/javascript; charset=utf-8", SCRIPT)
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(http::CONTENT_TYPE, kind), (http::CACHE_CONTROL, "max-age=3600")], text).into_response()
}

fn document(lang: Lang, title: &str, head: &Markup, body: &Markup) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href="/style.css";
                (head)
            }
            body { (body) }
        }
    };
    ([(http::CONTENT_TYPE, "text/html; charset=utf-8")], markup.into_string()).into_response()
}

/// A page of text width, without a script.
fn page(lang: Lang, title: &str, content: &Markup) -> Response {
    document(lang, title, &html! {}, &html! { main.narrow { (content) } })
}

/// The same, with the choice of the other language below it.
fn page_for(reader: &Reader, title: &str, content: &Markup) -> Response {
    document(reader.lang, title, &html! {}, &html! { main.narrow { (content) } footer { (choice(reader)) } })
}

/// A form that chooses the other language.
fn choice(reader: &Reader) -> Markup {
    let other = reader.lang.other();
    html! {
        form.inline method="post" action="/language" {
            input type="hidden" name="to" value=(other.tag());
            input type="hidden" name="back" value=(reader.here);
            button lang=(other.tag()) { (other.name()) }
        }
    }
}

/// A form that only pages of ours can send.
fn form(session: &Session, action: &str, fields: &Markup) -> Markup {
    form_of(session, action, None, fields)
}

/// The same, which may send a file.
fn form_with_file(session: &Session, action: &str, fields: &Markup) -> Markup {
    form_of(session, action, Some("multipart/form-data"), fields)
}

fn form_of(session: &Session, action: &str, kind: Option<&str>, fields: &Markup) -> Markup {
    html! {
        form method="post" action=(action) enctype=[kind] {
            input type="hidden" name="csrf" value=(csrf_of(&session.secret));
            (fields)
        }
    }
}

/// A page of the office.
fn office_page(reader: &Reader, session: &Session, title: &str, content: &Markup) -> Response {
    let link = |to: &str, words: &str| {
        let current = (reader.here.split('?').next() == Some(to)).then_some("page");
        html! { li { a href=(to) aria-current=[current] { (words) } } }
    };
    let body = html! {
        a.skip href="#content" { (reader.say("Zum Inhalt", "Skip to content")) }
        header {
            nav aria-label=(reader.say("Seiten", "Pages")) {
                ul {
                    (link("/", reader.say("Übersicht", "Board")))
                    (link("/board/reviews", reader.say("Prüfungen", "Reviews")))
                    (link("/board/alarms", reader.say("Alarme", "Alarms")))
                    (link("/board/search", reader.say("Suche", "Search")))
                    (link("/board/import", "Import"))
                    (link("/board/couriers", reader.say("Zusteller", "Couriers")))
                    @if session.who.role == Role::Admin {
                        (link("/admin", reader.say("Personen und Schlüssel", "People and keys")))
                    }
                    (link("/account", &session.who.name))
                }
            }
            div.tools {
                (choice(reader))
                (form(session, "/logout", &html! { button { (reader.say("Abmelden", "Log out")) } }))
            }
        }
        main #content tabindex="-1" {
            (content)
            p #live role="status" data-on=(reader.say("Live", "Live"))
                data-off=(reader.say("Keine Verbindung: Seite neu laden", "No connection: reload the page"))
                data-held=(reader.say("Es gibt Neues: Seite neu laden", "There is something new: reload the page")) {
                a href=(reader.here) { (reader.say("Neu laden", "Reload")) }
            }
        }
    };
    let head = html! { script src="/board.js" defer {} };
    let mut response = document(reader.lang, title, &head, &body);
    let policy = axum::http::HeaderValue::from_static(OFFICE_POLICY);
    response.headers_mut().insert(http::CONTENT_SECURITY_POLICY, policy);
    response
}

/// A QR code; `label` says what it is to those who do not see it.
fn qr(text: &str, label: &str) -> Markup {
    let Ok(code) = qrcode::QrCode::new(text) else { return html! {} };
    let (width, mut path) = (code.width(), String::new());
    for (n, color) in code.to_colors().into_iter().enumerate() {
        if color == qrcode::Color::Dark {
            use std::fmt::Write as _;
            let _ = write!(path, "M{} {}h1v1h-1z", n % width + 4, n / width + 4);
        }
    }
    let size = width + 8; // four modules of quiet zone on each side
    html! {
        svg.qr role="img" aria-label=(label) viewBox={ "0 0 " (size) " " (size) } shape-rendering="crispEdges" {
            rect width=(size) height=(size) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    }
}

/// A refusal for people.
pub(super) fn problem(lang: Lang, problem: &Problem) -> Response {
    let (lang, title) = said(lang, &problem.title);
    let detail = problem.detail.as_ref().map(|detail| said(lang, detail));
    let content = html! {
        h1 { (title) }
        @if let Some((lang, detail)) = &detail { p lang=(lang.tag()) { (detail) } }
        @if problem.status == 401 { p { a href="/login" { (lang.say("Anmelden", "Log in")) } } }
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, page(lang, &title, &content)).into_response()
}
