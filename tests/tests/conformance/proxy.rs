//! A proxy between kit and backend that changes what the backend says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use courier_tests::carry::{exchange, read_request};
use serde_json::Value;

/// What was asked.
pub(crate) struct Ask {
    /// Method and path.
    pub(crate) line: String,
    pub(crate) body: Vec<u8>,
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What a fault remembers.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) epoch: Option<String>,
    pub(crate) answers: BTreeMap<Vec<u8>, Answer>,
}

/// A fault: it may answer itself, or ask the backend and change what that says.
pub(crate) type Fault = fn(&mut Memory, &Ask, &dyn Fn() -> Answer) -> Answer;

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&bytes[..end]);
        let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        Self {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect(),
            body: bytes[end + 4..].to_vec(),
        }
    }

    fn write(&self, is_head: bool) -> Vec<u8> {
        let mut text = format!("HTTP/1.1 {} of the proxy\r\nconnection: close\r\n", self.status);
        let own = ["content-length", "connection"];
        for (name, value) in self.headers.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        if self.status != 204 && !is_head {
            write!(text, "content-length: {}\r\n", self.body.len()).unwrap();
        }
        text.push_str("\r\n");
        let body = if is_head || self.status == 204 { &[][..] } else { &self.body };
        [text.as_bytes(), body].concat()
    }

    /// Without a header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// With a header in place of what it said.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        let mut answer = self.without(name);
        answer.headers.push((name.into(), value.into()));
        answer
    }

    /// With another body, if it has JSON.
    pub(crate) fn json(mut self, change: impl FnOnce(&mut Value)) -> Self {
        if let Ok(mut json) = serde_json::from_slice(&self.body) {
            change(&mut json);
            self.body = json.to_string().into_bytes();
        }
        self
    }

    /// With other results of facts.
    pub(crate) fn results(self, mut change: impl FnMut(&mut Value)) -> Self {
        self.json(|json| json["results"].as_array_mut().into_iter().flatten().for_each(&mut change))
    }

    /// With other ops of the route.
    pub(crate) fn ops(self, change: impl FnOnce(&mut Vec<Value>)) -> Self {
        self.json(|json| json["ops"].as_array_mut().into_iter().for_each(change_once(change)))
    }
}

fn change_once<T>(change: impl FnOnce(&mut T)) -> impl FnMut(&mut T) {
    let mut change = Some(change);
    move |it| {
        if let Some(change) = change.take() {
            change(it);
        }
    }
}

/// Starts a proxy to `host:port` with this fault; answers where it listens.
pub(crate) fn start(backend: String, fault: Fault) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let memory = Arc::new(Mutex::new(Memory::default()));
    std::thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let (backend, memory) = (backend.clone(), Arc::clone(&memory));
            std::thread::spawn(move || {
                let Some(request) = read_request(&mut client) else { return };
                let end = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
                let head = String::from_utf8_lossy(&request[..end]).into_owned();
                // Answers that are packed could not be changed.
                let plain =
                    head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("accept-encoding"));
                let plain: Vec<_> = plain.collect();
                let request = [plain.join("\r\n").as_bytes(), &request[end..]].concat();
                let line = head.lines().next().unwrap_or_default().to_owned();
                let body_at = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
                let ask = Ask { line, body: request[body_at..].to_vec() };
                let carry = || Answer::read(&exchange(&backend, &request).expect("the backend answers"));
                let answer = fault(&mut memory.lock().unwrap(), &ask, &carry);
                let _ = client.write_all(&answer.write(ask.line.starts_with("HEAD")));
            });
        }
    });
    url
}
