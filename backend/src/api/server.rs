//! The server below the router: requests that come slowly end, connections are counted, and an end is an orderly one.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower_service::Service as _;

use crate::config::LimitsConfig;

/// Longest head of a request, in bytes, and most headers in it.
const MAX_HEAD: usize = 32 << 10;
const MAX_HEADERS: usize = 100;
/// How long requests under way may still take when the server ends.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// Answers until `stopped`, and then what was begun.
pub(super) async fn run(
    listener: TcpListener,
    app: Router,
    limits: LimitsConfig,
    stopped: impl Future<Output = ()>,
) {
    let free = Arc::new(Semaphore::new(limits.connections as usize));
    let (end, ending) = watch::channel(());
    let mut stopped = std::pin::pin!(stopped);
    loop {
        let Ok(place) = Arc::clone(&free).acquire_owned().await else { break };
        let (stream, peer) = tokio::select! {
            () = &mut stopped => break,
            accepted = listener.accept() => {
                let Ok(accepted) = accepted else {
                    // No file handles are left, or the peer has gone: others may still be answered.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                accepted
            }
        };
        let (app, ending) = (app.clone(), ending.clone());
        let slowest = Duration::from_secs(limits.request_s.into());
        tokio::spawn(async move {
            answer(stream, peer, app, slowest, ending).await;
            drop(place);
        });
    }
    drop((listener, ending));
    let _ = end.send(());
    // Each connection holds a receiver as long as it is open.
    let _ = tokio::time::timeout(LAST_ANSWERS, end.closed()).await;
}

async fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    slowest: Duration,
    mut ending: watch::Receiver<()>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut app = app.clone();
        async move { Ok::<_, Infallible>(app.call(request).await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(slowest)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // How a connection ends is its peer's matter.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = ending.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
