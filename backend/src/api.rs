//! The HTTP API and the pages. Handlers parse, authenticate and call the service.

mod answer;
mod blobs;
mod limit;
mod office;
mod pages;
mod phone;
#[cfg(feature = "test-endpoints")]
mod testing;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, head, post};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::entropy::{Entropy, ServiceClock};
use crate::error::ServiceError;
use crate::service::Service;

/// Longest body that is read, in bytes.
const MAX_BODY: usize = 8 << 20;

/// What handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) service: Arc<Service>,
    pub(crate) guesses: Arc<limit::Guesses>,
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
    let app = router(Arc::clone(&service));
    let mails = Arc::clone(&service);
    let task = tokio::spawn(async move {
        let spool = tokio::spawn(async move {
            loop {
                tokio::time::sleep(std::time::Duration::from_secs(10)).await;
                let service = Arc::clone(&mails);
                let _ = tokio::task::spawn_blocking(move || service.send_mails()).await;
            }
        });
        let serving = axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(async {
                let _ = stopped.await;
            });
        if let Err(error) = serving.await {
            eprintln!("courier-backend: {error}");
        }
        spool.abort();
    });
    Ok(Running { url, service, stop: Some(stop), task })
}

/// Everything that a backend answers. Whoever asks it without a listener puts a `ConnectInfo` into each request.
pub fn router(service: Arc<Service>) -> Router {
    let app = App {
        service,
        guesses: Arc::default(),
        #[cfg(feature = "test-endpoints")]
        net: Arc::default(),
    };
    let routes = Router::new()
        .route("/v1/attempts/{id}/reissue", post(phone::reissue))
        .route("/v1/enrol", post(phone::enrol))
        .route("/v1/token", post(phone::token))
        .route("/v1/facts", post(phone::facts))
        .route("/v1/route/changes", get(phone::changes))
        .route("/v1/blobs/{sha256}", head(blobs::have).get(blobs::get).put(blobs::put));
    let routes = routes.layer(axum::middleware::from_fn(answer::speak));
    #[cfg(feature = "test-endpoints")]
    let routes = testing::add(routes, &app);
    routes
        .route("/v1/import", post(office::import))
        .route("/v1/couriers", post(office::add_courier))
        .route("/v1/couriers/{id}/enrolments", post(office::add_enrolment))
        .route("/v1/couriers/{id}/dismiss", post(office::dismiss))
        .route("/v1/couriers/{id}/reinstate", post(office::reinstate))
        .route("/v1/routes/publish", post(office::publish))
        .route("/v1/shipments/{name}", get(office::shipment))
        .route("/v1/shipments/{name}/cancel", post(office::cancel))
        .route("/v1/shipments/{name}/reassign", post(office::reassign))
        .route("/v1/shipments/{name}/delivered", post(office::delivered))
        .route("/v1/routes/{id}/order", axum::routing::put(office::reorder))
        .route("/v1/shipments/{name}/receipt", get(office::receipt))
        .route("/v1/exports", post(office::take_export))
        .route("/v1/reviews", get(office::reviews))
        .route("/v1/totals", get(office::totals))
        .route("/.well-known/jwks.json", get(office::jwks))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/t/{token}", get(pages::tracking))
        .route("/t/{token}/instructions", post(pages::instruct))
        .route("/t/{token}/codes", post(pages::neighbour_code))
        .route("/t/{token}/reissue", post(pages::reissue))
        .route("/t/{token}/disputes", post(pages::dispute))
        .route("/", get(pages::board))
        .route("/login", get(pages::login).post(pages::log_in))
        .fallback(|| async { answer::Refusal(ServiceError::not_found()) })
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
        .layer(axum::middleware::from_fn_with_state(app.clone(), answer::stamp))
        .with_state(app)
}
