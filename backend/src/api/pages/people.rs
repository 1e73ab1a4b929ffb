//! Logging in and out, and the one-time links.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header as http};
use axum::response::{IntoResponse, Redirect, Response};
use courier_protocol::ProblemKind;
use maud::{Markup, html};
use serde::Deserialize;

use super::page_for;
use super::reader::Reader;
use crate::api::App;
use crate::api::answer::{Refusal, StrictForm, blocking};
use crate::api::caller::{Cookie, Peer, Session, check_csrf, csrf_of};
use crate::api::limit::Rule;
use crate::entropy::random_secret;
use crate::error::ServiceError;

/// A page whose form is sent by somebody who is not logged in. What it sends back follows from a cookie of its own, so
/// that no other site can log anybody in.
fn page_before_login(
    (app, reader): (&App, &Reader),
    headers: &HeaderMap,
    title: &str,
    content: impl FnOnce(&Markup) -> Markup,
) -> Response {
    let secret = Cookie::Login.read(app, headers);
    let secret = secret.unwrap_or_else(|| random_secret(&mut app.service.fresh_entropy()));
    let field = html! { input type="hidden" name="csrf" value=(csrf_of(&secret)); };
    let cookie = [(http::SET_COOKIE, Cookie::Login.write(app, &secret))];
    (cookie, page_for(reader, title, &content(&field))).into_response()
}

fn check_before_login(app: &App, headers: &HeaderMap, given: &str) -> Result<(), Refusal> {
    let secret = Cookie::Login.read(app, headers);
    let missing = || ServiceError::refused(ProblemKind::Forbidden, "load the page again, with cookies");
    check_csrf(&secret.ok_or_else(missing)?, given.as_bytes())
}

pub(in crate::api) async fn login(State(app): State<App>, reader: Reader, headers: HeaderMap) -> Response {
    login_page(&app, &reader, &headers, None)
}

fn login_page(app: &App, reader: &Reader, headers: &HeaderMap, problem: Option<&str>) -> Response {
    page_before_login((app, reader), headers, reader.say("Anmelden", "Log in"), |csrf| {
        html! {
            h1 { (reader.say("Anmelden", "Log in")) }
            @if let Some(problem) = problem { p role="alert" { strong { (problem) } } }
            form method="post" action="/login" {
                (csrf)
                p { label { "Name " input name="name" required autocomplete="username"; } }
                p { label { (reader.say("Passwort", "Password")) " "
                    input type="password" name="password" required autocomplete="current-password"; } }
                button { (reader.say("Anmelden", "Log in")) }
            }
        }
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct LoginForm {
    csrf: String,
    name: String,
    password: String,
}

pub(in crate::api) async fn log_in(
    State(app): State<App>,
    Peer(peer): Peer,
    reader: Reader,
    headers: HeaderMap,
    StrictForm(form): StrictForm<LoginForm>,
) -> Result<Response, Refusal> {
    check_before_login(&app, &headers, &form.csrf)?;
    let now = app.service.clock().now();
    let name = form.name.trim().to_lowercase();
    app.limits.check(Rule::SecretsByAddress, &peer, now)?;
    app.limits.check(Rule::PasswordsByName, &name, now)?;
    // Counted before it is known to be wrong: guesses that run side by side count too.
    app.limits.count(Rule::SecretsByAddress, &peer, now);
    app.limits.count(Rule::PasswordsByName, &name, now);
    let before = Cookie::Session.read(&app, &headers);
    let secret =
        blocking(&app, move |service| service.log_in(&form.name, &form.password, before.as_deref())).await?;
    let Some(secret) = secret else {
        let wrong = reader.say("Name oder Passwort ist falsch.", "The name or the password is wrong.");
        let page = login_page(&app, &reader, &headers, Some(wrong));
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    };
    app.limits.uncount(Rule::SecretsByAddress, &peer);
    app.limits.uncount(Rule::PasswordsByName, &name);
    Ok(([(http::SET_COOKIE, Cookie::Session.write(&app, &secret))], Redirect::to("/")).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Logout {
    csrf: String,
}

pub(in crate::api) async fn log_out(
    State(app): State<App>,
    session: Session,
    StrictForm(form): StrictForm<Logout>,
) -> Result<Response, Refusal> {
    check_csrf(&session.secret, form.csrf.as_bytes())?;
    blocking(&app, move |service| service.log_out(&session.secret)).await?;
    Ok(([(http::SET_COOKIE, Cookie::Session.write(&app, ""))], Redirect::to("/login")).into_response())
}

/// Who guesses links waits.
async fn link(app: &App, peer: &str, secret: &str) -> Result<Option<String>, Refusal> {
    let now = app.service.clock().now();
    app.limits.check(Rule::SecretsByAddress, peer, now)?;
    let asked = secret.to_owned();
    let found = blocking(app, move |service| service.link(&asked)).await;
    if found.is_err() {
        app.limits.count(Rule::SecretsByAddress, peer, now);
    }
    Ok(found?)
}

/// The page of a one-time link.
pub(in crate::api) async fn welcome(
    State(app): State<App>,
    Peer(peer): Peer,
    Path(secret): Path<String>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let name = link(&app, &peer, &secret).await?;
    let title = reader.say("Willkommen", "Welcome");
    Ok(page_before_login((&app, &reader), &headers, title, |csrf| {
        html! {
            h1 { (title) }
            form method="post" action={ "/welcome/" (secret) } {
                (csrf)
                @if let Some(name) = &name {
                    p { (reader.say("Ein neues Passwort für", "A new password for")) " " strong { (name) } }
                    input type="hidden" name="name" value=(name) autocomplete="username";
                } @else {
                    p { label { (reader.say("Ihr Name", "Your name")) " " input name="name" required maxlength="120" autocomplete="username"; } }
                }
                p { label { (reader.say("Passwort, mindestens 12 Zeichen", "Password, 12 characters at least")) " "
                    input type="password" name="password" required minlength="12" autocomplete="new-password"; } }
                button { (reader.say("Setzen", "Set it")) }
            }
        }
    }))
}

pub(in crate::api) async fn accept(
    State(app): State<App>,
    Peer(peer): Peer,
    Path(secret): Path<String>,
    headers: HeaderMap,
    StrictForm(form): StrictForm<LoginForm>,
) -> Result<Response, Refusal> {
    check_before_login(&app, &headers, &form.csrf)?;
    link(&app, &peer, &secret).await?;
    blocking(&app, move |service| service.use_link(&secret, &form.name, &form.password)).await?;
    Ok(Redirect::to("/login").into_response())
}
