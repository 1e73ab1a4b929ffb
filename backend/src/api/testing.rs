//! Endpoints for tests and scenarios: a clock that can be set, faults of the network, a list of mails.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use courier_domain::UnixMs;
use courier_protocol::ProblemKind;
use serde::{Deserialize, Serialize};

use super::App;
use super::answer::{Refusal, Strict, blocking};
use crate::error::ServiceError;

/// What the network does with the requests of phones.
#[derive(Debug, Default)]
pub(crate) struct Net {
    fault: Mutex<Fault>,
    /// Requests that were carried out and never got their answer.
    unanswered: AtomicU32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// It works.
    #[default]
    Ok,
    /// The connection breaks before anything arrives.
    Down,
    /// A captive portal answers.
    Portal,
    /// The server works, and its answer is lost.
    LostAnswer,
    /// It works for `count` requests; then every connection breaks.
    DownAfter,
    /// The server works, and says nothing for as long as it is asked.
    Silent,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    mode: Mode,
    /// For how many requests; absent = until it is changed.
    #[serde(default)]
    count: Option<u32>,
}

impl Net {
    fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    fn next(&self) -> Mode {
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        let mode = fault.mode;
        if let Some(left) = &mut fault.count {
            *left = left.saturating_sub(1);
            if *left == 0 {
                let after = if mode == Mode::DownAfter { Mode::Down } else { Mode::Ok };
                *fault = Fault { mode: after, count: None };
            }
        }
        mode
    }
}

/// Puts the faults before the routes of phones, and adds the endpoints.
pub(super) fn add(phones: Router<App>, app: &App) -> Router<App> {
    phones
        .layer(from_fn_with_state(Arc::clone(&app.net), break_it))
        .route("/test/net", get(show_net).post(set_net))
        .route("/test/clock", get(clock).post(set_clock))
        .route("/test/mails", get(mails))
        .route("/test/tick", post(tick))
}

async fn break_it(State(net): State<Arc<Net>>, request: Request, next: Next) -> Response {
    match net.next() {
        Mode::Ok | Mode::DownAfter => next.run(request).await,
        Mode::Portal => Html("<h1>Welcome to the hotel</h1>").into_response(),
        Mode::Down => hang_up(),
        Mode::LostAnswer => {
            next.run(request).await;
            hang_up()
        }
        Mode::Silent => {
            next.run(request).await;
            net.unanswered.fetch_add(1, Ordering::SeqCst);
            std::future::pending().await
        }
    }
}

/// Ends the connection without an answer: the server's task for it unwinds, without the noise of a panic.
fn hang_up() -> Response {
    std::panic::resume_unwind(Box::new("the connection is dropped on purpose"))
}

async fn set_net(State(app): State<App>, Strict(fault): Strict<Fault>) -> StatusCode {
    app.net.set(fault);
    StatusCode::NO_CONTENT
}

async fn show_net(State(app): State<App>) -> Response {
    Json(serde_json::json!({ "unanswered": app.net.unanswered.load(Ordering::SeqCst) })).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetClock {
    now_ms: Option<i64>,
    advance_ms: Option<i64>,
}

async fn clock(State(app): State<App>) -> Response {
    Json(serde_json::json!({ "now_ms": app.service.clock().now() })).into_response()
}

async fn set_clock(State(app): State<App>, Strict(to): Strict<SetClock>) -> Result<Response, Refusal> {
    let old = app.service.clock().now();
    let new = UnixMs(to.now_ms.unwrap_or(old.0)).plus_ms(to.advance_ms.unwrap_or(0));
    if !app.service.clock().set(new) {
        return Err(ServiceError::refused(ProblemKind::Conflict, "this clock cannot be set").into());
    }
    blocking(&app, crate::service::Service::send_mails).await?;
    Ok(Json(serde_json::json!({ "now_ms": new })).into_response())
}

/// Does the work that is due, which a running backend does every few seconds.
async fn tick(State(app): State<App>) -> Result<Response, Refusal> {
    let sent = blocking(&app, crate::service::Service::send_mails).await?;
    Ok(Json(serde_json::json!({ "mails": sent })).into_response())
}

async fn mails(State(app): State<App>) -> Result<Response, Refusal> {
    Ok(Json(blocking(&app, crate::service::Service::sent_mails).await?).into_response())
}
