//! The board, and the page of admins.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::page;
use crate::api::App;
use crate::api::answer::{Refusal, StrictForm, blocking};
use crate::api::caller::{Admin, Session, check_csrf, csrf_of};
use crate::office::{Actor, NewKey, NewLink, Reach, Role};
use crate::storage::{AccountRow, ApiKeyRow, AuditRow};

/// Lines of the audit that are shown.
const AUDIT_LINES: u32 = 200;

/// A form that only pages of ours can send.
fn form(session: &Session, action: &str, fields: &Markup) -> Markup {
    html! {
        form method="post" action=(action) {
            input type="hidden" name="csrf" value=(csrf_of(&session.secret));
            (fields)
        }
    }
}

fn navigation(session: &Session) -> Markup {
    html! {
        nav {
            a href="/" { "Board" }
            a href="/account" { (session.who.name) }
            @if session.who.role == Role::Admin { a href="/admin" { "People and keys" } }
            (form(session, "/logout", &html! { button { "Log out" } }))
        }
    }
}

/// The board: sums and shipments.
pub(in crate::api) async fn board(
    State(app): State<App>,
    session: Result<Session, Refusal>,
) -> Result<Response, Refusal> {
    let Ok(session) = session else { return Ok(Redirect::to("/login").into_response()) };
    let totals = blocking(&app, crate::service::Service::totals).await?;
    let sums = [
        ("Shipments", &totals.shipments),
        ("Facts", &totals.facts),
        ("Mails", &totals.mails),
        ("Reviews", &totals.reviews),
    ];
    let content = html! {
        (navigation(&session))
        h1 { "Dispatcher board" }
        p { (totals.parcels_handed) " parcels handed over" }
        @for (title, sum) in sums {
            h2 { (title) }
            table { @for (word, count) in sum { tr { td { (word) } td { (count) } } } }
        }
    };
    Ok(page("en", "Board", &content))
}

pub(in crate::api) async fn account(session: Session) -> Response {
    let fields = html! {
        p { label { "Old password " input type="password" name="old" required autocomplete="current-password"; } }
        p { label { "New password " input type="password" name="new" required minlength="12" autocomplete="new-password"; } }
        button { "Change it" }
    };
    let content = html! {
        (navigation(&session))
        h1 { (session.who.name) }
        p { "You are " (session.who.role.word()) "." }
        (form(&session, "/account/password", &fields))
        p { "After that you log in again, on every device." }
    };
    page("en", "Account", &content)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewPassword {
    csrf: String,
    old: String,
    new: String,
}

pub(in crate::api) async fn change_password(
    State(app): State<App>,
    session: Session,
    StrictForm(form): StrictForm<NewPassword>,
) -> Result<Response, Refusal> {
    check_csrf(&session.secret, form.csrf.as_bytes())?;
    let account = session.who.account;
    blocking(&app, move |service| service.change_password(&account, &form.old, &form.new)).await?;
    Ok(Redirect::to("/login").into_response())
}

/// Who may what, and what was done.
pub(in crate::api) async fn admin(
    State(app): State<App>,
    Admin(session): Admin,
) -> Result<Response, Refusal> {
    let by = Actor::Account(session.who.account.clone());
    let (accounts, keys, audit) = blocking(&app, move |service| {
        let office = service.office(by);
        Ok((office.accounts()?, office.keys()?, office.audit(AUDIT_LINES)?))
    })
    .await?;
    let content = html! {
        (navigation(&session))
        h1 { "People and keys" }
        (people(&session, &accounts))
        (programs(&session, &keys))
        (done(&audit))
    };
    Ok(page("en", "People and keys", &content))
}

fn people(session: &Session, accounts: &[AccountRow]) -> Markup {
    let button = |action: String, words: &str| form(session, &action, &html! { button { (words) } });
    html! {
        h2 { "People" }
        table {
            @for it in accounts {
                tr {
                    td { (it.name) }
                    td { (it.role.word()) }
                    td { (button(format!("/admin/accounts/{}/reset", it.id), "New password")) }
                    td {
                        @if it.disabled.is_some() {
                            (button(format!("/admin/accounts/{}/enable", it.id), "Let in again"))
                        } @else {
                            (button(format!("/admin/accounts/{}/disable", it.id), "Lock out"))
                        }
                    }
                }
            }
        }
        (form(session, "/admin/accounts", &html! {
            label { "Invite somebody as " select name="role" { option { "office" } option { "admin" } } }
            button { "Make a link" }
        }))
    }
}

fn programs(session: &Session, keys: &[ApiKeyRow]) -> Markup {
    html! {
        h2 { "Keys of programs" }
        table {
            @for it in keys {
                tr {
                    td { (it.name) }
                    td { (it.reach.word()) @if let Some(sender) = &it.sender { " of " (sender) } }
                    td {
                        @if it.revoked.is_some() {
                            "revoked"
                        } @else {
                            (form(session, &format!("/admin/keys/{}/revoke", it.id), &html! { button { "Revoke" } }))
                        }
                    }
                }
            }
        }
        (form(session, "/admin/keys", &html! {
            p { label { "Name " input name="name" required maxlength="120"; } }
            p { label { "May do what a " select name="reach" { option { "shop" } option { "office" } option { "metrics" } } " does" } }
            p { label { "For the shipments of one sender only (optional) " input name="sender" maxlength="120"; } }
            button { "Make a key" }
        }))
    }
}

fn done(audit: &[AuditRow]) -> Markup {
    html! {
        h2 { "What was done" }
        table {
            @for it in audit {
                tr {
                    td { (chrono::DateTime::from_timestamp_millis(it.at.0).unwrap_or_default().format("%F %T UTC")) }
                    td { (it.who) }
                    td { (it.what) }
                    td { (it.about) }
                }
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Csrf {
    csrf: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Invitation {
    csrf: String,
    role: Role,
}

/// Something that is shown once.
fn show_once(session: &Session, title: &str, words: &str, secret: &str) -> Response {
    let content = html! {
        (navigation(session))
        h1 { (title) }
        p { (words) }
        p.secret { (secret) }
    };
    page("en", title, &content)
}

fn show_link(app: &App, session: &Session, link: &NewLink) -> Response {
    let address = format!("{}/welcome/{}", app.service.public_url(), link.secret);
    let words = "Whoever opens it first sets the password. It is valid for a day and is not shown again.";
    show_once(session, "A link for one use", words, &address)
}

pub(in crate::api) async fn invite(
    State(app): State<App>,
    Admin(session): Admin,
    StrictForm(form): StrictForm<Invitation>,
) -> Result<Response, Refusal> {
    check_csrf(&session.secret, form.csrf.as_bytes())?;
    let by = Actor::Account(session.who.account.clone());
    let link = blocking(&app, move |service| service.office(by).invite(form.role)).await?;
    Ok(show_link(&app, &session, &link))
}

/// What an admin does to an account.
pub(in crate::api) async fn change_account(
    State(app): State<App>,
    Admin(session): Admin,
    Path((id, what)): Path<(String, String)>,
    StrictForm(form): StrictForm<Csrf>,
) -> Result<Response, Refusal> {
    check_csrf(&session.secret, form.csrf.as_bytes())?;
    let by = Actor::Account(session.who.account.clone());
    match what.as_str() {
        "reset" => {
            let link = blocking(&app, move |service| service.office(by).reset(&id)).await?;
            Ok(show_link(&app, &session, &link))
        }
        "disable" | "enable" => {
            let disabled = what == "disable";
            blocking(&app, move |service| service.office(by).set_disabled(&id, disabled)).await?;
            Ok(Redirect::to("/admin").into_response())
        }
        _ => Err(crate::error::ServiceError::not_found().into()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct KeyWish {
    csrf: String,
    name: String,
    reach: Reach,
    sender: String,
}

pub(in crate::api) async fn add_key(
    State(app): State<App>,
    Admin(session): Admin,
    StrictForm(form): StrictForm<KeyWish>,
) -> Result<Response, Refusal> {
    check_csrf(&session.secret, form.csrf.as_bytes())?;
    let by = Actor::Account(session.who.account.clone());
    let made =
        blocking(&app, move |service| service.office(by).add_key(&form.name, form.reach, Some(&form.sender)));
    let NewKey { secret, .. } = made.await?;
    let words = "The program sends it as a bearer token. It is not shown again.";
    Ok(show_once(&session, "A key", words, &secret))
}

pub(in crate::api) async fn revoke_key(
    State(app): State<App>,
    Admin(session): Admin,
    Path(id): Path<String>,
    StrictForm(form): StrictForm<Csrf>,
) -> Result<Response, Refusal> {
    check_csrf(&session.secret, form.csrf.as_bytes())?;
    let by = Actor::Account(session.who.account.clone());
    blocking(&app, move |service| service.office(by).revoke_key(&id)).await?;
    Ok(Redirect::to("/admin").into_response())
}
