//! Backends as processes on one database, and what asks them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Of the office.
pub(crate) const KEY: &str = "the key of a load test";

/// What all of them are called.
pub(crate) const NAME: &str = "http://load.example";

pub(crate) fn now_ms() -> i64 {
    DateTime::<Utc>::from(SystemTime::now()).timestamp_millis()
}

/// One of 10,000, each at a door of its own.
pub(crate) fn shipment(n: usize) -> Value {
    #[allow(clippy::cast_precision_loss)]
    let (east, north) = ((n % 100) as f64 / 500.0, (n / 100) as f64 / 800.0);
    json!({"ref": format!("N{n}"), "order_ref": format!("O{n}"), "sender": "Feinwerk",
        "customer": {"email": format!("n{n}@customers.example"), "lang": "de"}, "recipient": {"name": format!("Name {n}")},
        "address": {"street": "Breite Straße", "house": n.to_string(), "postcode": "10178", "city": "Berlin", "country": "DE"},
        "pin": {"lat": 52.45 + north, "lon": 13.3 + east}, "items": [{"value": 1_000, "currency": "EUR"}],
        "parcels": [{"barcode": format!("B{n}")}]})
}

struct Backend {
    child: Child,
    url: String,
    /// Of those who have made no account yet.
    link: String,
}

impl Backend {
    /// On this data folder and, if there is one, this server.
    fn start(address: &str, data: &Path, server: Option<&str>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scenario-backend"));
        command
            .arg("serve")
            .env("COURIER_LISTEN", address)
            .env("COURIER_DATA_DIR", data)
            // The same name for phones, whichever they ask.
            .env("COURIER_PUBLIC_URL", NAME)
            .env("COURIER_OPS_KEY", KEY)
            .env_remove("COURIER_TEST_DATABASE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(server) = server {
            command.env("COURIER_TEST_DATABASE", server);
        }
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.next().unwrap().strip_prefix("listening on ").unwrap().to_owned();
        let welcome = lines.next().unwrap();
        let link = welcome.split_once("/welcome/").and_then(|(_, rest)| rest.split_whitespace().next());
        let link = link.unwrap_or_default().to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url, link }
    }

    fn memory_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() / 1_024
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Backends {
    all: Vec<Backend>,
    /// The day of everything.
    pub(crate) day: String,
    dir: tempfile::TempDir,
    server: Option<String>,
}

impl Backends {
    pub(crate) fn start(processes: usize, server: Option<&str>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let all = (0..processes).map(|_| Backend::start("127.0.0.1:0", &data, server)).collect();
        let day = DateTime::<Utc>::from(SystemTime::now()).date_naive().to_string();
        Self { all, day, dir, server: server.map(str::to_owned) }
    }

    /// Kills one of them (SIGKILL), and starts it again at the same address. What it held in memory.
    pub(crate) fn kill(&mut self, n: usize) -> u64 {
        let n = n % self.all.len();
        let memory = self.all[n].memory_mib();
        let address = self.all[n].url.trim_start_matches("http://").to_owned();
        self.all[n].child.kill().unwrap();
        self.all[n].child.wait().unwrap();
        self.all[n] = Backend::start(&address, &self.dir.path().join("data"), self.server.as_deref());
        memory
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// One after the other.
    pub(crate) fn url(&self, n: usize) -> &str {
        &self.all[n % self.all.len()].url
    }

    /// What the largest holds in memory.
    pub(crate) fn memory_mib(&self) -> u64 {
        self.all.iter().map(Backend::memory_mib).max().unwrap_or(0)
    }

    /// Couriers who have a share each of what was imported.
    pub(crate) async fn split(&self, client: &Client, routes: usize) -> Vec<Value> {
        let mut couriers = Vec::new();
        for n in 0..routes {
            let name = json!({"name": format!("Rider {n}")});
            couriers.push(client.post(self.url(n), "/v1/couriers", KEY, &name).await["id"].clone());
        }
        let body = json!({"day": self.day, "couriers": couriers});
        client.post(self.url(0), "/v1/days/split", KEY, &body).await;
        couriers
    }

    /// What makes the first admin: each that starts makes the link of the one before it void.
    fn link(&self) -> &str {
        &self.all[self.all.len() - 1].link
    }

    /// The cookies of somebody of the office.
    pub(crate) async fn log_in(&self, client: &Client) -> String {
        let who = "name=Grace&password=correct+horse+battery";
        client.fill_in(self.url(0), &format!("/welcome/{}", self.link()), who).await;
        client.fill_in(self.url(0), "/login", who).await
    }
}

/// Keeps its connections.
#[derive(Clone)]
pub(crate) struct Client(reqwest::Client);

impl Client {
    pub(crate) fn new() -> Self {
        // It speaks no TLS here, and wants to know all the same how it would.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Cookies are set by the answers that lead elsewhere.
        Self(reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap())
    }

    pub(crate) async fn post(&self, url: &str, path: &str, key: &str, body: &Value) -> Value {
        self.try_post(url, path, key, body).await.expect("an answer")
    }

    /// The same with somebody who may not answer; whoever answers has to take it.
    pub(crate) async fn try_post(
        &self,
        url: &str,
        path: &str,
        key: &str,
        body: &Value,
    ) -> reqwest::Result<Value> {
        let mut request = self
            .0
            .post(format!("{url}{path}"))
            .header("content-type", "application/json")
            .header(courier_protocol::header::REQUEST, "load");
        if !key.is_empty() {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let answer = request.body(body.to_string()).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        assert!(status.is_success(), "{path}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub(crate) async fn get(&self, url: &str, path: &str, authorization: &str, cookie: &str) -> String {
        self.try_get(url, path, authorization, cookie).await.expect("an answer")
    }

    /// The same with somebody who may not answer.
    pub(crate) async fn try_get(
        &self,
        url: &str,
        path: &str,
        authorization: &str,
        cookie: &str,
    ) -> reqwest::Result<String> {
        let mut request = self.0.get(format!("{url}{path}"));
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        if !cookie.is_empty() {
            request = request.header("cookie", cookie);
        }
        let answer = request.send().await?;
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.text().await
    }

    /// Fills a page's form in; the cookies that are set then.
    async fn fill_in(&self, url: &str, path: &str, fields: &str) -> String {
        let page = self.0.get(format!("{url}{path}")).send().await.unwrap();
        let mut cookies = cookies_of(&page);
        let text = page.text().await.unwrap();
        let token = text.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap();
        let request = self.0.post(format!("{url}{path}")).header("cookie", cookies.join("; "));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(format!("csrf={token}&{fields}")).send().await.unwrap();
        assert!(answer.status().as_u16() < 400, "{path}: {}", answer.status());
        cookies.extend(cookies_of(&answer));
        cookies.join("; ")
    }
}

fn cookies_of(answer: &reqwest::Response) -> Vec<String> {
    let set = answer.headers().get_all("set-cookie").into_iter().filter_map(|it| it.to_str().ok());
    set.map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned()).collect()
}
