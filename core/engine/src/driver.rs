//! Moves bytes between the machine and the server. It decides nothing.

use std::time::Duration;

use crate::config::Config;
use crate::error::EngineError;
use crate::http::{HttpRequest, HttpResponse, MAX_ANSWER, Method, NetError};

const CONNECT: Duration = Duration::from_secs(10);
const WHOLE_EXCHANGE: Duration = Duration::from_secs(45);

/// An HTTP client for one server.
pub(crate) struct Http {
    client: reqwest::Client,
    server: String,
}

impl Http {
    pub(crate) fn new(config: &Config) -> Result<Self, EngineError> {
        let bad = |what| EngineError::InvalidInput { what };
        let url = reqwest::Url::parse(&config.server).map_err(|_| bad("the server's address"))?;
        let is_this_machine = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        if !(url.scheme() == "https" || url.scheme() == "http" && is_this_machine) {
            return Err(bad("the server's address (https is needed)"));
        }
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(config)?)
            .connect_timeout(CONNECT)
            .timeout(WHOLE_EXCHANGE)
            // Portals redirect; our server never does.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|_| EngineError::internal("http-client"))?;
        Ok(Self { client, server: config.server.trim_end_matches('/').to_owned() })
    }

    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, NetError> {
        let url = format!("{}{}", self.server, request.path);
        let mut builder = match request.method {
            Method::Get => self.client.get(url),
            Method::Post => self.client.post(url).body(request.body),
        };
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        let mut response = builder.send().await.map_err(|error| net_error(&error))?;
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| net_error(&error))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(NetError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpResponse { status, headers, body })
    }
}

fn net_error(error: &reqwest::Error) -> NetError {
    if error.is_timeout() { NetError::Timeout } else { NetError::Unreachable }
}

/// Mozilla's roots, and the operator's own. The platform's verifier is not used: on Android it panics without its
/// own set-up through JNI.
fn tls(config: &Config) -> Result<rustls::ClientConfig, EngineError> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = &config.extra_roots_pem {
        let bad = || EngineError::InvalidInput { what: "the certificate of the operator's authority" };
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots.add(certificate.map_err(|_| bad())?).map_err(|_| bad())?;
        }
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| EngineError::internal("tls"))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
