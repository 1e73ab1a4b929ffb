//! A proxy between phone and backend, with faults drawn from a seed.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use courier_tests::carry::{exchange, read_request};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub(crate) struct Proxy {
    pub(crate) url: String,
    /// Where the backend is now.
    backend: Arc<Mutex<String>>,
    calm: Arc<AtomicBool>,
    /// How many exchanges it has spoilt.
    spoilt: Arc<AtomicU64>,
}

impl Proxy {
    pub(crate) fn start(seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            backend: Arc::default(),
            calm: Arc::new(AtomicBool::new(true)),
            spoilt: Arc::default(),
        };
        let (backend, calm, spoilt) =
            (Arc::clone(&proxy.backend), Arc::clone(&proxy.calm), Arc::clone(&proxy.spoilt));
        std::thread::spawn(move || {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            for client in listener.incoming().map_while(Result::ok) {
                let fault = if calm.load(Ordering::SeqCst) { u32::MAX } else { rng.next_u32() % 20 };
                let (backend, spoilt) = (backend.lock().unwrap().clone(), Arc::clone(&spoilt));
                std::thread::spawn(move || {
                    if carry(client, &backend, fault).is_none() {
                        spoilt.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        proxy
    }

    pub(crate) fn leads_to(&self, url: &str) {
        url.trim_start_matches("http://").clone_into(&mut self.backend.lock().unwrap());
    }

    pub(crate) fn set_calm(&self, calm: bool) {
        self.calm.store(calm, Ordering::SeqCst);
    }

    pub(crate) fn spoilt(&self) -> u64 {
        self.spoilt.load(Ordering::SeqCst)
    }
}

/// One request and its answer; `None` = something went wrong on the way, on purpose or because somebody died.
fn carry(mut client: TcpStream, backend: &str, fault: u32) -> Option<()> {
    client.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let request = read_request(&mut client)?;
    let mut answer = match fault {
        // It never arrives.
        0 | 1 => return None,
        2 => page("200 OK", "<html>Welcome on board</html>"),
        3 => page("500 Internal Server Error", "no"),
        4 => page("429 Too Many Requests", "no"),
        5 => page("401 Unauthorized", "no"),
        6 => page("413 Content Too Large", "no"),
        // Half of it arrives.
        7 => {
            TcpStream::connect(backend).ok()?.write_all(&request[..request.len() / 2]).ok()?;
            return None;
        }
        // It arrives twice.
        8 => {
            exchange(backend, &request)?;
            exchange(backend, &request)?
        }
        _ => exchange(backend, &request)?,
    };
    match fault {
        // The answer is lost, cut, or slow.
        9 | 10 => return None,
        11 => answer.truncate(answer.len() / 2),
        12 => std::thread::sleep(Duration::from_millis(50)),
        _ => {}
    }
    client.write_all(&answer).ok()?;
    (fault > 12 || fault == 8).then_some(())
}

fn page(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}
