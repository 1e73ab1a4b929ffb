//! The small server on a port of this machine, with or without TLS, and a phone that reaches it over a socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use courier_engine::ports::software::{FileStore, SoftwareKey};
use courier_engine::{Clock, Config, Courier, HttpRequest, Method, PortError, Ports};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::backend::Backend;
use crate::world::{Events, World};

/// Moves only when it is asked: two runs read the same times.
pub(crate) struct StepClock(AtomicU64);

impl Clock for StepClock {
    fn wall_ms(&self) -> Result<i64, PortError> {
        Ok(1_800_000_003_000)
    }
    fn boot_ms(&self) -> Result<u64, PortError> {
        Ok(self.0.load(Ordering::SeqCst))
    }
    fn boot_id(&self) -> Result<String, PortError> {
        Ok("boot-1".into())
    }
}

/// The server, one request per connection.
pub(crate) struct Served {
    pub(crate) backend: Arc<Mutex<Backend>>,
    pub(crate) url: String,
    /// Takes connections and never answers.
    pub(crate) mute: Arc<AtomicBool>,
    /// What it proves itself with; without, it speaks in the open.
    pub(crate) identity: Arc<Mutex<Option<Arc<ServerConfig>>>>,
}

pub(crate) fn serve(backend: Backend) -> Served {
    serve_as(backend, "127.0.0.1", None)
}

/// The server under this name; with an identity it speaks TLS.
pub(crate) fn serve_as(mut backend: Backend, host: &str, identity: Option<Arc<ServerConfig>>) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let scheme = if identity.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{host}:{}", listener.local_addr().unwrap().port());
    backend.url.clone_from(&url);
    let served = Served {
        backend: Arc::new(Mutex::new(backend)),
        url,
        mute: Arc::default(),
        identity: Arc::new(Mutex::new(identity)),
    };
    let (backend, mute) = (Arc::clone(&served.backend), Arc::clone(&served.mute));
    let identity = Arc::clone(&served.identity);
    std::thread::spawn(move || {
        let mut unanswered = Vec::new();
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            if mute.load(Ordering::SeqCst) {
                unanswered.push(stream);
                continue;
            }
            // A client that leaves in the middle is its own affair.
            let _ = match identity.lock().unwrap().clone() {
                Some(identity) => {
                    let connection = ServerConnection::new(identity).unwrap();
                    answer(StreamOwned::new(connection, stream), &backend)
                }
                None => answer(stream, &backend),
            };
        }
    });
    served
}

fn answer(stream: impl Read + Write, backend: &Mutex<Backend>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let method = if words.next() == Some("POST") { Method::Post } else { Method::Get };
    let path = words.next().unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let request = HttpRequest { id: 0, method, path, headers, body: Vec::new() };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    if request.path.is_empty() {
        return Ok(());
    }
    let Some(answer) = backend.lock().unwrap().answer(&HttpRequest { body, ..request }) else {
        return Ok(());
    };
    let mut text = format!("HTTP/1.1 {} X\r\nconnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    text.extend(["content-length: ", &answer.body.len().to_string(), "\r\n\r\n"]);
    let stream = reader.get_mut();
    stream.write_all(text.as_bytes())?;
    stream.write_all(&answer.body)?;
    stream.flush()
}

/// A server with the route of [`World`].
pub(crate) fn published() -> Backend {
    World::new().backend
}

/// A phone of that server.
pub(crate) struct Phone {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) clock: Arc<StepClock>,
    pub(crate) events: Arc<Events>,
    pub(crate) server: String,
    pub(crate) operator_ca_pem: Option<String>,
    pub(crate) auto_sync: bool,
}

impl Phone {
    pub(crate) fn new(served: &Served) -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            clock: Arc::new(StepClock(AtomicU64::new(10_000))),
            events: Arc::new(Events::default()),
            server: served.url.clone(),
            operator_ca_pem: None,
            auto_sync: false,
        }
    }

    pub(crate) fn open(&self) -> Courier {
        let files = FileStore::open(&self.dir.path().join("secure")).unwrap();
        let device = SoftwareKey::open(&files, &mut ChaCha20Rng::seed_from_u64(1)).unwrap();
        let ports = Ports {
            clock: self.clock.clone(),
            device_key: Arc::new(device),
            secure: Arc::new(files),
            log: self.events.clone(),
        };
        let mut config = Config::new(self.dir.path().join("data"), self.server.as_str());
        config.entropy = Some([5; 32]);
        config.auto_sync = self.auto_sync;
        config.operator_ca_pem.clone_from(&self.operator_ca_pem);
        Courier::open(config, ports).unwrap()
    }

    pub(crate) fn tick(&self, ms: u64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }
}
