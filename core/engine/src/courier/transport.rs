//! Carrying requests: tokio and reqwest, with roots of its own. It decides nothing and remembers nothing.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Url};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};

use super::config::Config;
use crate::error::{EngineError, InvalidInput};
use crate::http::{HttpRequest, HttpResponse, MAX_BODY, Method, NetError};

const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(30);

/// A client for one server: what phones ask with, and whoever checks a server as they do.
#[derive(Clone)]
pub struct Transport {
    client: Client,
    base: Arc<str>,
}

impl Transport {
    /// A client for the server of a configuration. Nothing is asked yet.
    pub fn new(config: &Config) -> Result<Self, EngineError> {
        Self::patient(config, CONNECT, WHOLE)
    }

    /// A client that waits so long for a connection, TLS included, and for the end of an answer.
    fn patient(config: &Config, connect: Duration, whole: Duration) -> Result<Self, EngineError> {
        let base = check_url(&config.server)?;
        let roots = roots(config.operator_ca_pem.as_deref())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| EngineError::Internal("tls"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            // A portal redirects. Our server does not.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(connect)
            .timeout(whole)
            .build()
            .map_err(|_| EngineError::Internal("http client"))?;
        Ok(Self { client, base: base.into() })
    }

    /// Sends a request. What came back as gzip is still packed, see [`HttpResponse::unpacked`].
    pub async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, NetError> {
        let url = format!("{}{}", self.base, request.path);
        let mut builder = match request.method {
            Method::Get => self.client.get(url),
            Method::Post => self.client.post(url).body(request.body),
            Method::Head => self.client.head(url),
            Method::Put => self.client.put(url).body(request.body),
        };
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        let mut answer = builder.send().await.map_err(|error| net_error(&error))?;
        let headers = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
        let mut response =
            HttpResponse { status: answer.status().as_u16(), headers: headers.collect(), body: Vec::new() };
        while let Some(chunk) = answer.chunk().await.map_err(|error| net_error(&error))? {
            if response.body.len() + chunk.len() > MAX_BODY {
                return Err(NetError::TooLarge);
            }
            response.body.extend_from_slice(&chunk);
        }
        Ok(response)
    }
}

fn net_error(error: &reqwest::Error) -> NetError {
    if error.is_timeout() { NetError::Timeout } else { NetError::Offline }
}

/// The base without a slash at its end. Codes and tokens travel in the open with `http`, so that is for servers
/// on this machine only: demo and tests.
fn check_url(server: &str) -> Result<String, InvalidInput> {
    let url = Url::parse(server).map_err(|_| InvalidInput::ServerUrl)?;
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    let is_here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    let ok = match url.scheme() {
        "https" => !host.is_empty(),
        "http" => is_here,
        _ => false,
    };
    let plain = url.username().is_empty() && url.password().is_none();
    if ok && plain && url.query().is_none() && url.fragment().is_none() {
        Ok(server.trim_end_matches('/').to_owned())
    } else {
        Err(InvalidInput::ServerUrl)
    }
}

fn roots(operator: Option<&str>) -> Result<RootCertStore, InvalidInput> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let Some(pem) = operator else { return Ok(roots) };
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|_| InvalidInput::Certificate)?;
        roots.add(certificate).map_err(|_| InvalidInput::Certificate)?;
    }
    if roots.len() > before { Ok(roots) } else { Err(InvalidInput::Certificate) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// A server that takes connections, says this to the first bytes that come, and then nothing for ever.
    fn hang(said: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 4_096]);
                let _ = stream.write_all(said.as_bytes());
                open.push(stream);
            }
        });
        port
    }

    /// What a request to this server ends in for somebody who waits a little for one thing and long for the other.
    fn outcome(server: &str, connect_ms: u64, whole_ms: u64) -> Result<HttpResponse, NetError> {
        let config = Config::new("unused", server);
        let (connect, whole) = (Duration::from_millis(connect_ms), Duration::from_millis(whole_ms));
        let transport = Transport::patient(&config, connect, whole).unwrap();
        let request = HttpRequest {
            id: 1,
            method: Method::Get,
            path: "/".into(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(transport.carry(request))
    }

    #[test]
    fn a_server_that_hangs_ends_in_a_timeout() {
        let long = 600_000;
        for (what, scheme, said, connect_ms, whole_ms) in [
            ("the handshake", "https", "", 200, long),
            ("the answer", "http", "", long, 300),
            ("the headers", "http", "HTTP/1.1 200 OK\r\n", long, 300),
            ("the body", "http", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", long, 300),
        ] {
            let server = format!("{scheme}://localhost:{}", hang(said));
            assert_eq!(outcome(&server, connect_ms, whole_ms), Err(NetError::Timeout), "in {what}");
        }
    }

    #[test]
    fn without_a_connection_the_phone_is_offline() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert_eq!(outcome(&format!("http://127.0.0.1:{port}"), 60_000, 60_000), Err(NetError::Offline));
    }

    #[test]
    fn the_open_web_needs_tls_and_this_machine_does_not() {
        for good in ["https://courier.example", "https://courier.example/api/", "http://127.0.0.1:8080"] {
            assert!(check_url(good).is_ok(), "{good} was refused");
        }
        assert!(check_url("http://localhost:1").is_ok() && check_url("http://[::1]:1").is_ok());
        for bad in [
            "http://courier.example",
            "http://127.0.0.1.example",
            "http://192.168.1.2",
            "ftp://localhost",
            "https://user:pass@courier.example",
            "https://courier.example/?x",
            "courier.example",
            "",
        ] {
            assert!(check_url(bad).is_err(), "{bad} was taken");
        }
    }

    #[test]
    fn a_certificate_that_cannot_be_read_is_refused_at_once() {
        assert!(roots(None).is_ok());
        for bad in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(roots(Some(bad)).is_err(), "{bad:?} was taken");
        }
    }
}
