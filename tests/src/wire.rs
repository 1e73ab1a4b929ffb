//! Somebody on the wire between phones and backend, who keeps every byte. Nothing is changed on the way.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// One connection: what the phone said, what it was answered.
#[derive(Debug, Clone, Default)]
pub struct Talk {
    /// Requests, one after the other.
    pub asked: Vec<u8>,
    /// Answers, one after the other.
    pub answered: Vec<u8>,
}

/// One request or answer.
#[derive(Debug, Clone)]
pub struct Message {
    /// First line and headers.
    pub head: String,
    /// Body, unpacked.
    pub body: Vec<u8>,
}

#[derive(Debug, Default)]
struct Heard {
    /// Host and port of the backend.
    to: String,
    talks: Vec<Talk>,
}

/// See the module.
#[derive(Debug)]
pub struct Wire {
    /// Where phones call.
    pub url: String,
    heard: Arc<Mutex<Heard>>,
}

impl Default for Wire {
    fn default() -> Self {
        Self::new()
    }
}

impl Wire {
    /// Listens; [`Wire::lead_to`] says where it leads.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Heard::default()));
        let shared = Arc::clone(&heard);
        std::thread::spawn(move || {
            for phone in listener.incoming().map_while(Result::ok) {
                carry(phone, &shared);
            }
        });
        Self { url, heard }
    }

    /// Where it leads.
    pub fn lead_to(&self, url: &str) {
        url.trim_start_matches("http://").clone_into(&mut self.heard.lock().unwrap().to);
    }

    /// Every byte so far.
    pub fn talks(&self) -> Vec<Talk> {
        self.heard.lock().unwrap().talks.clone()
    }

    /// Every request with its answer, in the order of each connection.
    pub fn exchanges(&self) -> Vec<(Message, Message)> {
        self.talks()
            .iter()
            .flat_map(|talk| messages(&talk.asked).into_iter().zip(messages(&talk.answered)))
            .collect()
    }
}

fn carry(phone: TcpStream, heard: &Arc<Mutex<Heard>>) {
    let (to, number) = {
        let mut heard = heard.lock().unwrap();
        heard.talks.push(Talk::default());
        (heard.to.clone(), heard.talks.len() - 1)
    };
    let Ok(backend) = TcpStream::connect(to) else { return };
    for (mut from, mut to, is_phone) in
        [(phone.try_clone().unwrap(), backend.try_clone().unwrap(), true), (backend, phone, false)]
    {
        let heard = Arc::clone(heard);
        std::thread::spawn(move || {
            let mut buffer = [0; 16 << 10];
            while let Ok(length @ 1..) = from.read(&mut buffer) {
                let bytes = &buffer[..length];
                let mut heard = heard.lock().unwrap();
                let talk = &mut heard.talks[number];
                if is_phone { &mut talk.asked } else { &mut talk.answered }.extend(bytes);
                drop(heard);
                if to.write_all(bytes).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(Shutdown::Write);
        });
    }
}

/// The messages in one direction of a connection.
fn messages(mut bytes: &[u8]) -> Vec<Message> {
    let mut found = Vec::new();
    while let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length = value(&head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        assert!(value(&head, "transfer-encoding").is_none(), "bodies of known length are expected");
        let rest = &bytes[end + 4..];
        let (body, rest) = rest.split_at(rest.len().min(length));
        let is_packed = value(&head, "content-encoding").is_some_and(|coding| coding == "gzip");
        let body = if is_packed { unpack(body) } else { body.to_vec() };
        found.push(Message { head, body });
        bytes = rest;
    }
    found
}

/// The value of a header.
pub fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn unpack(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}
