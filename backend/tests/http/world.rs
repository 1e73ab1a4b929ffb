//! A backend, and just enough HTTP to ask it whatever one likes.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;

use courier_backend::api::{Running, serve};
use courier_backend::config::Config;
use courier_backend::entropy::{self, ServiceClock};
use courier_backend::service::Service;
use courier_codes::{Sign, SigningKey, sign_jws};
use courier_domain::{InstallId, KdfParams, UnixMs};
use courier_protocol::{Assertion, EnrolProof, header};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::document::Document;

pub(crate) const MORNING: i64 = 1_795_503_600_000; // 2026-11-24, 08:00 in Berlin
pub(crate) const OPS: &str = "the office's own key";
pub(crate) const SHOP: &str = "the key of the shop";
pub(crate) const JSON: &str = "content-type: application/json";
pub(crate) const FORM: &str = "content-type: application/x-www-form-urlencoded";

pub(crate) struct Backend {
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    document: RefCell<Document>,
    dir: TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head: lower_names(&head), body: bytes.split_off(end) }
    }

    /// A header that the answer has.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.head, self.text()))
    }
}

impl Backend {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config =
            Config { listen: "127.0.0.1:0".into(), data_dir: dir.path().to_owned(), ..Config::default() };
        config.code.kdf = KdfParams { m: 8, t: 1, p: 1 };
        config.mail.at_once = true;
        (config.keys.ops, config.keys.shop) = (Some(OPS.into()), Some(SHOP.into()));
        change(&mut config);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let clock = ServiceClock::Set(Mutex::new(UnixMs(MORNING)));
        let running = runtime.block_on(serve(config, clock, entropy::from_seed(3))).unwrap();
        let document = serde_json::from_slice(&exchange(&running.url, "GET", "/openapi.json", &[], b"").body);
        let document = RefCell::new(Document::new(document.unwrap()));
        Self { runtime, running: Some(running), document, dir }
    }

    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// The runtime, what runs in it, where, and its files.
    pub(crate) fn into_parts(mut self) -> (tokio::runtime::Runtime, Running, String, TempDir) {
        let running = self.running.take().unwrap();
        let url = running.url.clone();
        let idle = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let dir = std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap());
        (std::mem::replace(&mut self.runtime, idle), running, url, dir)
    }

    pub(crate) fn service(&self) -> &Service {
        &self.running().service
    }

    /// Time passes.
    pub(crate) fn advance(&self, ms: i64) {
        let clock = self.service().clock();
        assert!(clock.set(clock.now().plus_ms(ms)));
    }

    /// Everything that comes back for these bytes, which may be no request at all.
    pub(crate) fn send(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect();
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        Answer::read(stream)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(self.running().url.strip_prefix("http://").unwrap()).unwrap()
    }

    /// Asks, and holds the answer against the API's own document.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        let answer = exchange(&self.running().url, method, path, headers, body);
        self.document.borrow_mut().check(method, path, &answer);
        answer
    }

    pub(crate) fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let auth = format!("authorization: Bearer {key}");
        self.ask("POST", path, &[&auth, JSON], body.to_string().as_bytes())
    }

    pub(crate) fn get(&self, path: &str, key: &str) -> Answer {
        self.ask("GET", path, &[&format!("authorization: Bearer {key}")], b"")
    }

    pub(crate) fn import_csv(&self, text: &str) -> Answer {
        let auth = format!("authorization: Bearer {SHOP}");
        self.ask("POST", "/v1/import", &[&auth, "content-type: text/csv"], text.as_bytes())
    }

    pub(crate) fn publish(&self, day: &str) -> Answer {
        let courier = self.post("/v1/couriers", OPS, &json!({"name": "Ada"})).json()["id"].clone();
        self.post("/v1/routes/publish", OPS, &json!({"courier": courier, "day": day}))
    }

    /// What a phone gets that has a key of its own, and this code.
    pub(crate) fn try_to_enrol(&self, install: &str, code: &str) -> Answer {
        let device = SigningKey::generate(&mut entropy::from_seed(4));
        let proof = EnrolProof { code: code.into(), install: InstallId::new(install).unwrap() };
        let proof = sign_jws(header::TYP_ENROL, &serde_json::to_vec(&proof).unwrap(), &device).unwrap();
        let request = json!({"code": code, "install": install, "device_jwk": device.jwk(), "key": "software",
            "platform": "test", "app": "test", "proof": proof});
        self.post("/v1/enrol", "", &request)
    }

    /// A phone's installation and access token.
    pub(crate) fn enrol(&self) -> (InstallId, String) {
        let service = &self.running().service;
        let code = service.add_enrolment(&service.add_courier("Ada").unwrap()).unwrap();
        let device = SigningKey::generate(&mut entropy::from_seed(4));
        let install = InstallId::new("phone-1").unwrap();
        assert_eq!(self.try_to_enrol(install.as_str(), &code).status, 200);
        let assertion = Assertion {
            iss: install.clone(),
            aud: self.running().url.clone(),
            iat: UnixMs(MORNING),
            jti: "once".into(),
        };
        let signed =
            sign_jws(header::TYP_ASSERTION, &serde_json::to_vec(&assertion).unwrap(), &device).unwrap();
        let request = json!({ "assertion": signed });
        let token = self.post("/v1/token", "", &request);
        assert_eq!(self.post("/v1/token", "", &request).status, 401, "an assertion was taken twice");
        (install, token.json()["access_token"].as_str().unwrap().to_owned())
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }
}

fn exchange(url: &str, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let mut request = format!("{method} {path} HTTP/1.0\r\nhost: {host}\r\n");
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    write!(request, "content-length: {}\r\n\r\n", body.len()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let _ = stream.write_all(body); // a server that refuses early may stop reading
    Answer::read(stream)
}

fn lower_names(head: &str) -> String {
    let lines = head.lines().map(|line| match line.split_once(": ") {
        Some((name, value)) => format!("{}: {value}\r\n", name.to_ascii_lowercase()),
        None => format!("{line}\r\n"),
    });
    lines.collect()
}

pub(crate) const CSV: &str = "day,tz,ref,order_ref,sender,customer.email,customer.lang,recipient.name,address.street,address.house,\
address.postcode,address.city,address.country,pin.lat,pin.lon,item.value,item.currency,parcel.barcode\n\
2026-11-24,Europe/Berlin,r1,o1,Feinwerk,a@b.example,en,Kaya,Breite Str.,1,10178,Berlin,DE,52.5,13.4,90000,EUR,B1\n\
2026-11-24,Europe/Berlin,r1,o1,Feinwerk,a@b.example,en,Kaya,Breite Str.,1,10178,Berlin,DE,52.5,13.4,90000,EUR,B2\n";
