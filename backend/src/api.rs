//! The HTTP API and the pages. Handlers parse, authenticate and call the service.

mod answer;
mod blobs;
mod caller;
mod events;
mod limit;
mod live;
mod metrics;
mod office;
mod openapi;
mod pages;
mod phone;
mod planning;
mod routes;
mod schema;
mod server;
mod speak;
#[cfg(feature = "test-endpoints")]
mod testing;
mod upload;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use courier_protocol::ProblemKind;

use crate::config::Config;
use crate::entropy::{Entropy, ServiceClock};
use crate::error::ServiceError;
use crate::log;
use crate::mail::worker::Worker;
use crate::retention::Purged;
use crate::service::Service;
use crate::travel;

/// What handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) service: Arc<Service>,
    pub(crate) limits: Arc<limit::Limits>,
    pub(crate) counts: Arc<metrics::Counts>,
    pub(crate) document: Arc<openapi::Document>,
    pub(crate) live: live::Live,
    #[cfg(feature = "test-endpoints")]
    pub(crate) net: Arc<testing::Net>,
}

/// A backend that runs.
pub struct Running {
    /// Where it listens, such as `http://127.0.0.1:8080`.
    pub url: String,
    /// The service behind it.
    pub service: Arc<Service>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    /// Ends it; requests under way are answered.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = self.task.await;
    }
}

/// Starts a backend on the address of its configuration.
pub async fn serve(config: Config, clock: ServiceClock, rng: Entropy) -> Result<Running, ServiceError> {
    let fault = |error: std::io::Error| ServiceError::fault(format!("listening: {error}"));
    let address: SocketAddr = config.listen.parse().map_err(|_| ServiceError::fault("listen: no address"))?;
    let listener = TcpListener::bind(address).await.map_err(fault)?;
    let url = format!("http://{}", listener.local_addr().map_err(fault)?);
    let public_url = config.public_url.clone().unwrap_or_else(|| url.clone());
    let service = Arc::new(Service::open(config, public_url, clock, rng)?);
    let (stop, stopped) = oneshot::channel();
    let (watcher, live) = live::watch(Arc::clone(&service));
    let app = router_with(Arc::clone(&service), live);
    let limits = service.config().limits.clone();
    let worker = Worker::start(Arc::clone(&service));
    let purging = tokio::spawn(purge_daily(Arc::clone(&service)));
    let asking = tokio::spawn(travel::keep_asking(Arc::clone(&service)));
    let task = tokio::spawn(async move {
        let stopping = async {
            let _ = stopped.await;
            // Boards that are open would hold up the end.
            watcher.abort();
        };
        server::run(listener, app, limits, stopping).await;
        purging.abort();
        asking.abort();
        // It finishes the mail under way.
        let _ = tokio::task::spawn_blocking(move || drop(worker)).await;
    });
    Ok(Running { url, service, stop: Some(stop), task })
}

/// Purges once a day. The clock is looked at often, since it may be set.
async fn purge_daily(service: Arc<Service>) {
    loop {
        let asked = Arc::clone(&service);
        match tokio::task::spawn_blocking(move || asked.purge_if_due()).await {
            Ok(Ok(Some(purged))) if purged != Purged::default() => {
                log::event("purged", &[("counts", serde_json::to_value(purged).unwrap_or_default())]);
            }
            Ok(Err(error)) => log::problem("purge", &error),
            Ok(Ok(_)) | Err(_) => {}
        }
        tokio::time::sleep(std::time::Duration::from_mins(1)).await;
    }
}

/// Everything that a backend answers. Whoever asks it without a listener puts a `ConnectInfo` into each request.
pub fn router(service: Arc<Service>) -> Router {
    router_with(service, live::Live::default())
}

fn router_with(service: Arc<Service>, live: live::Live) -> Router {
    let mut app = App {
        service,
        limits: Arc::default(),
        counts: Arc::default(),
        document: Arc::default(),
        live,
        #[cfg(feature = "test-endpoints")]
        net: Arc::default(),
    };
    let (routes, document) = routes::routes(&app).finish();
    app.document = Arc::new(document);
    routes
        .fallback(|| async { answer::Refusal::from(ServiceError::not_found()) })
        .method_not_allowed_fallback(|| async {
            answer::Refusal::from(ServiceError::refused(ProblemKind::MethodNotAllowed, ""))
        })
        .layer(axum::middleware::from_fn_with_state(app.clone(), answer::stamp))
        .layer(axum::middleware::from_fn_with_state(app.clone(), metrics::count))
        .with_state(app)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::entropy;

    #[test]
    fn every_route_of_the_router_is_in_the_document() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config { data_dir: dir.path().to_owned(), ..Config::default() };
        let service =
            Service::open(config, String::new(), ServiceClock::System, entropy::from_seed(1)).unwrap();
        let app = App {
            service: Arc::new(service),
            limits: Arc::default(),
            counts: Arc::default(),
            document: Arc::default(),
            live: live::Live::default(),
            #[cfg(feature = "test-endpoints")]
            net: Arc::default(),
        };
        let (router, document) = routes::routes(&app).finish();
        // axum tells its routes in its debugging text only.
        let told = format!("{router:?}");
        let is_ours = |text: &&str| {
            text.starts_with('/') && !text.starts_with("/test/") && !text.contains("__private__axum")
        };
        let known: BTreeSet<_> = told.split('"').filter(is_ours).collect();
        let documented: BTreeSet<_> =
            document.get()["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        assert!(known.len() > 30, "the routes are not in {told}");
        assert_eq!(known, documented);
    }
}
