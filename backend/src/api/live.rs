//! Tells open boards that something changed. What changed they ask for themselves, as whoever is logged in.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::header as http;
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};

use super::App;
use super::caller::Session;
use crate::log;
use crate::service::Service;

/// How often the database is asked whether something changed. Another process may have changed it.
const LOOK: Duration = Duration::from_secs(1);
/// Something is sent at least as often, so that proxies and dead connections are noticed.
const ALIVE: Duration = Duration::from_secs(15);
/// A browser asks again after that, and is asked for its session.
const LONGEST: Duration = Duration::from_mins(10);

/// What the board shows has this mark.
#[derive(Debug, Clone)]
pub(crate) struct Live(watch::Receiver<String>);

impl Default for Live {
    /// One that never changes.
    fn default() -> Self {
        Self(watch::channel(String::new()).1)
    }
}

/// Looks for changes as long as somebody wants to know.
pub(super) fn watch(service: Arc<Service>) -> (JoinHandle<()>, Live) {
    let (sender, receiver) = watch::channel(String::new());
    let watcher = tokio::spawn(async move {
        loop {
            sleep(LOOK).await;
            // One is kept for those who come.
            if sender.receiver_count() <= 1 {
                continue;
            }
            let asked = Arc::clone(&service);
            match tokio::task::spawn_blocking(move || asked.board_mark()).await {
                Ok(Ok(mark)) => {
                    sender.send_if_modified(|known| {
                        let changed = *known != mark;
                        *known = mark;
                        changed
                    });
                }
                Ok(Err(error)) => log::problem("board", &error),
                Err(_) => {}
            }
        }
    });
    (watcher, Live(receiver))
}

/// Server-sent events: `changed` now, and whenever something changed. There is nothing in them but a mark.
pub(super) async fn events(State(app): State<App>, _: Session) -> Response {
    let (to, from) = mpsc::channel(1);
    tokio::spawn(feed(app.live.0, to));
    let headers = [(http::CONTENT_TYPE, "text/event-stream"), (http::CACHE_CONTROL, "no-store")];
    (headers, Body::new(Feed(from))).into_response()
}

async fn feed(mut live: watch::Receiver<String>, to: mpsc::Sender<Bytes>) {
    let end = Instant::now() + LONGEST;
    let mut mark = live.borrow_and_update().clone();
    while to.send(Bytes::from(format!("event: changed\ndata: {mark}\n\n"))).await.is_ok() {
        loop {
            match timeout_at((Instant::now() + ALIVE).min(end), live.changed()).await {
                Ok(Ok(())) => break,
                Ok(Err(_)) => return,
                Err(_) if Instant::now() >= end => return,
                Err(_) => {
                    if to.send(Bytes::from_static(b":\n\n")).await.is_err() {
                        return;
                    }
                }
            }
        }
        live.borrow_and_update().clone_into(&mut mark);
    }
}

/// A body that is written as it comes.
struct Feed(mpsc::Receiver<Bytes>);

impl HttpBody for Feed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}
