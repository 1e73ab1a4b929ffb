//! Figures for Prometheus, and a line in the log for each request if that is wanted. Routes are told, addresses are not.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, header as http};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::App;
use super::answer::{Refusal, blocking};
use super::caller::Metrics as Caller;
use crate::log;
use crate::service::{Service, Totals};

/// Upper bounds of the classes of durations, in milliseconds.
const BOUNDS_MS: [u64; 8] = [1, 5, 10, 50, 100, 500, 1_000, 10_000];

/// Requests of one route.
#[derive(Debug, Default, Clone)]
struct Of {
    /// By status.
    answers: BTreeMap<u16, u64>,
    /// By duration; the last class has no bound.
    classes: [u64; BOUNDS_MS.len() + 1],
    took: Duration,
}

/// What was counted since the start: per method and route, of which there are only so many.
#[derive(Debug, Default)]
pub(crate) struct Counts(Mutex<BTreeMap<(&'static str, String), Of>>);

/// Counts every answer.
pub(super) async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = word(request.method());
    let begun = Instant::now();
    let response = next.run(request).await;
    let (took, status) = (begun.elapsed(), response.status().as_u16());
    if app.service.config().log.requests {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let fields = [
            ("method", method.into()),
            ("route", route.clone().into()),
            ("status", status.into()),
            ("took_us", us.into()),
        ];
        log::event("request", &fields);
    }
    app.counts.add(method, route, status, took);
    response
}

/// Methods that are none of ours are one.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        _ => "other",
    }
}

impl Counts {
    fn add(&self, method: &'static str, route: String, status: u16, took: Duration) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = counts.entry((method, route)).or_default();
        *of.answers.entry(status).or_default() += 1;
        let class = BOUNDS_MS.iter().position(|bound| took <= Duration::from_millis(*bound));
        of.classes[class.unwrap_or(BOUNDS_MS.len())] += 1;
        of.took += took;
    }

    fn write(&self, text: &mut String) {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        head(text, "courier_http_requests_total", "counter", "Answers.");
        for ((method, route), of) in &counts {
            for (status, count) in &of.answers {
                let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
                let _ = writeln!(text, "courier_http_requests_total{{{labels}}} {count}");
            }
        }
        let name = "courier_http_request_duration_seconds";
        head(text, name, "histogram", "Time from a request's head to its answer's.");
        for ((method, route), of) in &counts {
            let labels = format!("method=\"{method}\",route=\"{route}\"");
            let mut sum = 0;
            let bounds = BOUNDS_MS.iter().map(|ms| Duration::from_millis(*ms).as_secs_f64().to_string());
            for (count, bound) in of.classes.iter().zip(bounds.chain(["+Inf".to_owned()])) {
                sum += count;
                let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {sum}");
            }
            let _ = writeln!(text, "{name}_sum{{{labels}}} {}", of.took.as_secs_f64());
            let _ = writeln!(text, "{name}_count{{{labels}}} {sum}");
        }
    }
}

/// The text format of Prometheus, version 0.0.4.
pub(super) async fn show(State(app): State<App>, _: Caller) -> Result<Response, Refusal> {
    let totals = blocking(&app, Service::totals).await?;
    let mut text = String::new();
    app.counts.write(&mut text);
    write_totals(&mut text, &totals);
    Ok(([(http::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

fn write_totals(text: &mut String, totals: &Totals) {
    for (name, label, what, map) in [
        ("courier_facts", "kind", "Facts that are stored.", &totals.facts),
        ("courier_shipments", "state", "Shipments by where they stand.", &totals.shipments),
        ("courier_mails", "template", "Mails that were sent or are due.", &totals.mails),
        ("courier_reviews", "cause", "What a person should look at.", &totals.reviews),
    ] {
        head(text, name, "gauge", what);
        for (word, count) in map {
            // Words of facts come from phones.
            let word: String =
                word.chars().filter(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect();
            let _ = writeln!(text, "{name}{{{label}=\"{word}\"}} {count}");
        }
    }
    for (name, what, count) in [
        ("courier_parcels_handed_over", "Parcels that somebody has.", totals.parcels_handed),
        ("courier_evidence_files", "Evidence files that are complete.", totals.files),
        ("courier_mails_waiting", "Mails that are due and not sent.", totals.mails_waiting),
        ("courier_mails_given_up", "Mails that could not be sent.", totals.mails_given_up),
    ] {
        head(text, name, "gauge", what);
        let _ = writeln!(text, "{name} {count}");
    }
}

fn head(text: &mut String, name: &str, kind: &str, what: &str) {
    let _ = writeln!(text, "# HELP {name} {what}\n# TYPE {name} {kind}");
}
