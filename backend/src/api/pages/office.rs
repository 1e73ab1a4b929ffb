//! One's own account, and the page of admins.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::reader::Reader;
use super::{form, office_page};
use crate::api::App;
use crate::api::answer::{Refusal, StrictForm, blocking};
use crate::api::caller::{Admin, Session, check_csrf};
use crate::office::{Actor, NewKey, NewLink, Reach, Role};
use crate::storage::{AccountRow, ApiKeyRow, AuditRow};

/// Lines of the audit that are shown.
const AUDIT_LINES: u32 = 200;

pub(in crate::api) async fn account(reader: Reader, session: Session) -> Response {
    let fields = html! {
        p { label { (reader.say("Altes Passwort", "Old password")) " "
            input type="password" name="old" required autocomplete="current-password"; } }
        p { label { (reader.say("Neues Passwort", "New password")) " "
            input type="password" name="new" required minlength="12" autocomplete="new-password"; } }
        button { (reader.say("Ändern", "Change it")) }
    };
    let content = html! {
        h1 { (session.who.name) }
        p { (reader.say("Rolle", "Role")) ": " (session.who.role.word()) }
        (form(&session, "/account/password", &fields))
        p { (reader.say(
            "Danach melden Sie sich auf jedem Gerät neu an.", "After that you log in again, on every device."
        )) }
    };
    office_page(&reader, &session, reader.say("Konto", "Account"), &content)
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
    reader: Reader,
    Admin(session): Admin,
) -> Result<Response, Refusal> {
    let by = Actor::Account(session.who.account.clone());
    let (accounts, keys, audit) = blocking(&app, move |service| {
        let office = service.office(by);
        Ok((office.accounts()?, office.keys()?, office.audit(AUDIT_LINES)?))
    })
    .await?;
    let title = reader.say("Personen und Schlüssel", "People and keys");
    let content = html! {
        h1 { (title) }
        (people(&reader, &session, &accounts))
        (programs(&reader, &session, &keys))
        (done(&reader, &audit))
    };
    Ok(office_page(&reader, &session, title, &content))
}

fn people(reader: &Reader, session: &Session, accounts: &[AccountRow]) -> Markup {
    let button = |it: &AccountRow, what: &str, words: &str| {
        let label = format!("{words}: {}", it.name);
        form(
            session,
            &format!("/admin/accounts/{}/{what}", it.id),
            &html! { button aria-label=(label) { (words) } },
        )
    };
    html! {
        h2 { (reader.say("Personen", "People")) }
        table.stack {
            thead { tr {
                th scope="col" { "Name" }
                th scope="col" { (reader.say("Rolle", "Role")) }
                th scope="col" { (reader.say("Passwort", "Password")) }
                th scope="col" { (reader.say("Zugang", "Access")) }
            } }
            tbody { @for it in accounts {
                tr {
                    th scope="row" { (it.name) }
                    td { (it.role.word()) }
                    td { (button(it, "reset", reader.say("Neues Passwort", "New password"))) }
                    td {
                        @if it.disabled.is_some() {
                            (button(it, "enable", reader.say("Wieder zulassen", "Let in again")))
                        } @else {
                            (button(it, "disable", reader.say("Aussperren", "Lock out")))
                        }
                    }
                }
            } }
        }
        (form(session, "/admin/accounts", &html! {
            p { label { (reader.say("Einladen als", "Invite somebody as")) " "
                select name="role" { option { "office" } option { "admin" } } } }
            button { (reader.say("Link erzeugen", "Make a link")) }
        }))
    }
}

fn programs(reader: &Reader, session: &Session, keys: &[ApiKeyRow]) -> Markup {
    let label = |it: &ApiKeyRow| format!("{}: {}", reader.say("Zurückziehen", "Revoke"), it.name);
    html! {
        h2 { (reader.say("Schlüssel von Programmen", "Keys of programs")) }
        @if !keys.is_empty() { table.stack {
            thead { tr {
                th scope="col" { "Name" }
                th scope="col" { (reader.say("Reicht für", "Reaches")) }
                th scope="col" { (reader.say("Stand", "State")) }
            } }
            tbody { @for it in keys {
                tr {
                    th scope="row" { (it.name) }
                    td { (it.reach.word()) @if let Some(sender) = &it.sender { " – " (sender) } }
                    td {
                        @if it.revoked.is_some() {
                            (reader.say("zurückgezogen", "revoked"))
                        } @else {
                            (form(session, &format!("/admin/keys/{}/revoke", it.id), &html! {
                                button aria-label=(label(it)) { (reader.say("Zurückziehen", "Revoke")) }
                            }))
                        }
                    }
                }
            } }
        } }
        (form(session, "/admin/keys", &html! {
            p { label { "Name " input name="name" required maxlength="120" autocomplete="off"; } }
            p { label { (reader.say("Darf, was darf:", "May do what it does:")) " "
                select name="reach" { option { "shop" } option { "office" } option { "metrics" } } } }
            p { label { (reader.say("Nur für einen Absender (freiwillig)", "For one sender only (optional)")) " "
                input name="sender" maxlength="120" autocomplete="off"; } }
            button { (reader.say("Schlüssel erzeugen", "Make a key")) }
        }))
    }
}

fn done(reader: &Reader, audit: &[AuditRow]) -> Markup {
    html! {
        h2 { (reader.say("Was getan wurde", "What was done")) }
        div.wide tabindex="0" role="region" aria-label=(reader.say("Was getan wurde", "What was done")) { table {
            thead { tr {
                th scope="col" { (reader.say("Wann", "When")) }
                th scope="col" { (reader.say("Wer", "Who")) }
                th scope="col" { (reader.say("Was", "What")) }
                th scope="col" { (reader.say("Woran", "About")) }
            } }
            tbody { @for it in audit {
                tr {
                    td { (chrono::DateTime::from_timestamp_millis(it.at.0).unwrap_or_default().format("%F %T UTC")) }
                    td { (it.who) }
                    td { (it.what) }
                    td { (it.about) }
                }
            } }
        } }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Csrf {
    pub(super) csrf: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Invitation {
    csrf: String,
    role: Role,
}

/// Something that is shown once.
fn show_once(reader: &Reader, session: &Session, (title, words): (&str, &str), secret: &str) -> Response {
    let content = html! {
        h1 { (title) }
        p { (words) }
        p.secret { (secret) }
    };
    office_page(reader, session, title, &content)
}

fn show_link(app: &App, reader: &Reader, session: &Session, link: &NewLink) -> Response {
    let address = format!("{}/welcome/{}", app.service.public_url(), link.secret);
    let title = reader.say("Ein Link für einmal", "A link for one use");
    let words = reader.say(
        "Wer ihn zuerst öffnet, setzt das Passwort. Er gilt einen Tag und wird nicht noch einmal gezeigt.",
        "Whoever opens it first sets the password. It is valid for a day and is not shown again.",
    );
    show_once(reader, session, (title, words), &address)
}

pub(in crate::api) async fn invite(
    State(app): State<App>,
    reader: Reader,
    Admin(session): Admin,
    StrictForm(form): StrictForm<Invitation>,
) -> Result<Response, Refusal> {
    check_csrf(&session.secret, form.csrf.as_bytes())?;
    let by = Actor::Account(session.who.account.clone());
    let link = blocking(&app, move |service| service.office(by).invite(form.role)).await?;
    Ok(show_link(&app, &reader, &session, &link))
}

/// What an admin does to an account.
pub(in crate::api) async fn change_account(
    State(app): State<App>,
    reader: Reader,
    Admin(session): Admin,
    Path((id, what)): Path<(String, String)>,
    StrictForm(form): StrictForm<Csrf>,
) -> Result<Response, Refusal> {
    check_csrf(&session.secret, form.csrf.as_bytes())?;
    let by = Actor::Account(session.who.account.clone());
    match what.as_str() {
        "reset" => {
            let link = blocking(&app, move |service| service.office(by).reset(&id)).await?;
            Ok(show_link(&app, &reader, &session, &link))
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
    reader: Reader,
    Admin(session): Admin,
    StrictForm(form): StrictForm<KeyWish>,
) -> Result<Response, Refusal> {
    check_csrf(&session.secret, form.csrf.as_bytes())?;
    let by = Actor::Account(session.who.account.clone());
    let made =
        blocking(&app, move |service| service.office(by).add_key(&form.name, form.reach, Some(&form.sender)));
    let NewKey { secret, .. } = made.await?;
    let words = reader.say(
        "Das Programm schickt ihn als Bearer-Token. Er wird nicht noch einmal gezeigt.",
        "The program sends it as a bearer token. It is not shown again.",
    );
    Ok(show_once(&reader, &session, (reader.say("Ein Schlüssel", "A key"), words), &secret))
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
