//! A server that answers whatever it likes.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use courier_tests::wire::value;

/// An answer as it goes over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Lie {
    /// Status.
    pub(crate) status: u16,
    /// Whole lines.
    pub(crate) headers: Vec<String>,
    /// Body.
    pub(crate) body: Vec<u8>,
}

impl Lie {
    /// An answer of 200 with a body of this type.
    pub(crate) fn of(media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: vec![format!("content-type: {media_type}")], body: body.into() }
    }

    /// An answer to a token request.
    pub(crate) fn token() -> Self {
        let body =
            r#"{"access_token":"a","expires_in":3600,"scope":"full","epoch":"e","server_ms":1795503600000}"#;
        Self::of("application/json", body)
    }

    /// With one more header.
    pub(crate) fn and(mut self, header: impl Into<String>) -> Self {
        self.headers.push(header.into());
        self
    }
}

type Answers = dyn Fn(&str) -> Lie + Send + Sync;

/// See the module.
pub(crate) struct Liar {
    /// Where it listens.
    pub(crate) url: String,
    /// Paths that were asked for.
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Liar {
    /// Listens, and answers each path with what `answers` makes of it.
    pub(crate) fn new(answers: impl Fn(&str) -> Lie + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (answers, asked): (Arc<Answers>, _) = (Arc::new(answers), Arc::new(Mutex::new(Vec::new())));
        let paths = Arc::clone(&asked);
        std::thread::spawn(move || {
            for phone in listener.incoming().map_while(Result::ok) {
                let (answers, paths) = (Arc::clone(&answers), Arc::clone(&paths));
                std::thread::spawn(move || serve(phone, answers.as_ref(), &paths));
            }
        });
        Self { url, asked }
    }
}

/// One request for each connection is enough.
fn serve(mut phone: TcpStream, answers: &Answers, paths: &Mutex<Vec<String>>) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 << 10];
    let path = loop {
        let Ok(length @ 1..) = phone.read(&mut buffer) else { return };
        bytes.extend(&buffer[..length]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let body: usize = value(&head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        if bytes.len() >= end + 4 + body {
            break head.split(' ').nth(1).unwrap().to_owned();
        }
    };
    paths.lock().unwrap().push(path.clone());
    let lie = answers(&path);
    let mut answer = format!("HTTP/1.1 {} OK\r\nconnection: close\r\n", lie.status);
    for header in &lie.headers {
        answer.push_str(header);
        answer.push_str("\r\n");
    }
    let _ = write!(answer, "content-length: {}\r\n\r\n", lie.body.len());
    // A phone that has read enough hangs up.
    let _ = phone.write_all(answer.as_bytes());
    let _ = phone.write_all(&lie.body);
}
