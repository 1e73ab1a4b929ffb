//! Importing a day by uploading a file.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use courier_protocol::ProblemKind;
use maud::{Markup, html};

use super::german::said;
use super::reader::Reader;
use super::{form_with_file, office_page};
use crate::api::App;
use crate::api::answer::{MAX_BODY, Refusal, blocking, body};
use crate::api::caller::{Session, check_csrf};
use crate::api::upload::{boundary, fields};
use crate::error::ServiceError;
use crate::import::{ImportReport, read_csv, read_json};
use crate::office::Actor;

/// Problems that are shown.
const MOST: usize = 200;

/// What the form sends.
#[derive(schemars::JsonSchema)]
#[allow(dead_code)]
pub(in crate::api) struct UploadForm {
    csrf: String,
    /// A delivery day as JSON or CSV.
    file: String,
}

pub(in crate::api) async fn show(reader: Reader, session: Session) -> Response {
    page(&reader, &session, None)
}

fn page(reader: &Reader, session: &Session, report: Option<&ImportReport>) -> Response {
    let content = html! {
        h1 { "Import" }
        @if let Some(report) = report { (told(reader, report)) }
        p { (reader.say(
            "Ein Zustelltag als JSON oder CSV. Entweder wird alles übernommen oder nichts.",
            "A delivery day as JSON or CSV. Either all of it is taken, or nothing."
        )) }
        (form_with_file(session, "/board/import", &html! {
            p { label { (reader.say("Datei", "File")) " " input type="file" name="file" required accept=".json,.csv"; } }
            button { (reader.say("Importieren", "Import it")) }
        }))
    };
    office_page(reader, session, "Import", &content)
}

fn told(reader: &Reader, report: &ImportReport) -> Markup {
    html! {
        @if report.errors.is_empty() {
            p.box role="status" {
                strong { (report.created) } " " (reader.say("Sendungen neu,", "shipments are new,")) " "
                (report.unchanged) " " (reader.say("waren schon da.", "were there already.")) " "
                a href="/" { (reader.say("Zur Übersicht", "To the board")) }
            }
        } @else {
            div.box role="alert" {
                p { strong { (reader.say("Nichts wurde importiert.", "Nothing was imported.")) } " "
                    (report.errors.len()) " " (reader.say("Fehler", "problems")) }
            }
            div.wide tabindex="0" role="region" aria-label=(reader.say("Fehler", "Problems")) { table {
                caption { (reader.say("Fehler der Datei", "Problems of the file")) }
                thead { tr {
                    th.number scope="col" { (reader.say("Zeile", "Row")) }
                    th scope="col" { (reader.say("Feld", "Field")) }
                    th scope="col" { (reader.say("Was daran falsch ist", "What is wrong with it")) }
                } }
                tbody { @for it in report.errors.iter().take(MOST) {
                    @let (lang, problem) = said(reader.lang, &it.problem);
                    tr { td.number { (it.row) } td { (it.field) } td lang=(lang.tag()) { (problem) } }
                } }
            } }
            @if report.errors.len() > MOST { p { (reader.say("Es gibt mehr.", "There are more.")) } }
        }
    }
}

pub(in crate::api) async fn import(
    State(app): State<App>,
    reader: Reader,
    session: Session,
    request: Request,
) -> Result<Response, Refusal> {
    let Some(boundary) = boundary(request.headers()).map(str::to_owned) else {
        return Err(
            ServiceError::refused(ProblemKind::UnsupportedMedia, "a form with a file is needed").into()
        );
    };
    let bytes = body(request, &app, MAX_BODY).await?;
    let (mut csrf, mut file) = (None, None);
    for (name, value) in fields(&boundary, &bytes).ok_or_else(wrong)? {
        let place = match name.as_str() {
            "csrf" => &mut csrf,
            "file" => &mut file,
            _ => return Err(wrong().into()),
        };
        if place.replace(value.to_vec()).is_some() {
            return Err(wrong().into());
        }
    }
    check_csrf(&session.secret, &csrf.unwrap_or_default())?;
    let file = file.ok_or_else(wrong)?;
    let by = Actor::Account(session.who.account.clone());
    let report = blocking(&app, move |service| {
        let is_json = file.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        let day = if is_json { read_json(&file) } else { read_csv(&file) };
        match day {
            Ok(day) => service.office(by).import(&day),
            Err(errors) => Ok(ImportReport { errors, ..ImportReport::default() }),
        }
    })
    .await?;
    let status = if report.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, page(&reader, &session, Some(&report))).into_response())
}

fn wrong() -> ServiceError {
    ServiceError::refused(ProblemKind::BadRequest, "a field of the form is missing, wrong or unknown")
}
