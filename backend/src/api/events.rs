//! The feed of what happened, for shops.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header as http};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use courier_protocol::ProblemKind;
use serde::Deserialize;

use super::App;
use super::answer::{Refusal, blocking};
use super::caller::Shop;
use crate::error::ServiceError;
use crate::events::{Format, MAX_EVENTS, Wanted};

/// Asks for what comes after this answer.
const CURSOR: HeaderName = HeaderName::from_static("courier-cursor");
/// There is more already.
const MORE: HeaderName = HeaderName::from_static("courier-more");
/// Something in the answer is less than we know.
const LOSSY: HeaderName = HeaderName::from_static("courier-lossy");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    format: Option<String>,
    sender: Option<String>,
    after: Option<String>,
    from: Option<String>,
    until: Option<String>,
    limit: Option<String>,
}

impl Asked {
    /// What is asked for by somebody who sees shipments of this sender, or everybody's.
    fn read(self, own: Option<String>) -> Result<(Format, Wanted), ServiceError> {
        let format = self.format.as_deref().map_or(Ok(Format::Courier), Format::read)?;
        let sender = match (own, self.sender) {
            (Some(own), Some(asked)) if own != asked => return Err(ServiceError::not_found()),
            (own, asked) => own.or(asked),
        };
        let (from, until) = (day("from", self.from)?, day("until", self.until)?);
        if from.zip(until).is_some_and(|(from, until)| from > until) {
            return Err(bad("until: a day before `from`"));
        }
        let limit = match self.limit.map(|text| text.parse()) {
            None => None,
            Some(Ok(limit)) if (1..=MAX_EVENTS).contains(&limit) => Some(limit),
            Some(_) => return Err(bad(&format!("limit: 1 to {MAX_EVENTS}"))),
        };
        Ok((format, Wanted { sender, after: self.after, from, until, limit }))
    }
}

fn day(name: &str, text: Option<String>) -> Result<Option<NaiveDate>, ServiceError> {
    // chrono would also take a sign, and no leading zeros.
    let read = |text: String| text.parse().ok().filter(|day: &NaiveDate| day.to_string() == text);
    text.map(|text| read(text).ok_or_else(|| bad(&format!("{name}: a day as YYYY-MM-DD")))).transpose()
}

fn bad(what: &str) -> ServiceError {
    ServiceError::refused(ProblemKind::BadRequest, what)
}

/// What happened to shipments since a cursor.
pub(super) async fn events(
    State(app): State<App>,
    Shop(by): Shop,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(asked) =
        asked.map_err(|_| bad("format, sender, after, from, until and limit, each once and nothing else"))?;
    let (format, wanted) = asked.read(by.sender)?;
    let (page, written) = blocking(&app, move |service| {
        let page = service.events(&wanted)?;
        let written = page.write(format, service.clock().now())?;
        Ok((page, written))
    })
    .await?;
    let mut response = if written.text.is_empty() {
        StatusCode::NO_CONTENT.into_response()
    } else {
        ([(http::CONTENT_TYPE, format.media_type())], written.text).into_response()
    };
    let cursor =
        HeaderValue::from_str(&page.cursor).map_err(|_| ServiceError::fault("a cursor is no header"))?;
    let word = |is: bool| HeaderValue::from_static(if is { "true" } else { "false" });
    let headers = [(CURSOR, cursor), (MORE, word(page.more)), (LOSSY, word(written.lossy))];
    response.headers_mut().extend(headers.map(|(name, value)| (Some(name), value)));
    Ok(response)
}
