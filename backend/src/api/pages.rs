//! Pages: HTML from the server, without scripts, readable on an old phone.

pub(super) mod office;
pub(super) mod people;
pub(super) mod tracking;

use axum::http::{StatusCode, header as http};
use axum::response::{IntoResponse, Response};
use courier_protocol::Problem;
use maud::{DOCTYPE, Markup, html};

const STYLE: &str = include_str!("pages/style.css");

/// The style of every page. It is no secret, and may be kept for an hour.
pub(super) async fn style() -> Response {
    let headers = [(http::CONTENT_TYPE, "text/css; charset=utf-8"), (http::CACHE_CONTROL, "max-age=3600")];
    (headers, STYLE).into_response()
}

fn page(lang: &str, title: &str, content: &Markup) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="stylesheet" href="/style.css";
            }
            body { main { (content) } }
        }
    };
    ([(http::CONTENT_TYPE, "text/html; charset=utf-8")], markup.into_string()).into_response()
}

/// A refusal for people.
pub(super) fn problem(problem: &Problem) -> Response {
    let content = html! {
        h1 { (problem.title) }
        @if let Some(detail) = &problem.detail { p { (detail) } }
        @if problem.status == 401 { p { a href="/login" { "Log in" } } }
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, page("en", &problem.title, &content)).into_response()
}
