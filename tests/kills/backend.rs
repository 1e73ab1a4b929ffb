//! The backend as a process of its own, to be killed.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use courier_tests::ask;
use courier_tests::world::{DAY, MORNING, OPS_KEY, shipment};
use serde_json::{Value, json};

pub(crate) struct Backend {
    process: Child,
    pub(crate) url: String,
    starts: u32,
}

const SIGKILL: i32 = 9;

fn run(dir: &Path, public_url: &str, starts: u32) -> (Child, String) {
    let config = dir.join("backend.toml");
    std::fs::write(&config, "[code.kdf]\nm = 8\nt = 1\np = 1\n").unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_scenario-backend"))
        .arg("serve")
        .arg(&config)
        .env("COURIER_LISTEN", "127.0.0.1:0")
        .env("COURIER_PUBLIC_URL", public_url)
        .env("COURIER_DATA_DIR", dir.join("data"))
        .env("COURIER_OPS_KEY", OPS_KEY)
        .env("COURIER_TEST_NOW_MS", MORNING.to_string())
        .env("COURIER_TEST_SEED", starts.to_string())
        .stdin(Stdio::piped()) // it ends with it
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("no backend: {line}"));
    (process, url.to_owned())
}

impl Backend {
    pub(crate) fn start(dir: &Path, public_url: &str) -> Self {
        let (process, url) = run(dir, public_url, 1);
        Self { process, url, starts: 1 }
    }

    /// SIGKILL, and it starts again on the same files.
    pub(crate) fn kill_and_start(&mut self, dir: &Path, public_url: &str) {
        self.kill();
        self.starts += 1;
        (self.process, self.url) = run(dir, public_url, self.starts);
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        let status = self.process.wait().unwrap();
        assert_eq!(status.signal(), Some(SIGKILL), "the backend ended by itself: {status}");
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let auth = format!("authorization: Bearer {OPS_KEY}");
        let headers = [auth.as_str(), "content-type: application/json"];
        let answer = ask(&self.url, "POST", path, &headers, body.to_string().as_bytes());
        assert!(answer.status < 300, "{path}: {} {}", answer.status, answer.body);
        serde_json::from_str(&answer.body).unwrap_or_default()
    }

    /// A day with so many shipments for a courier; the code that enrols their phone.
    pub(crate) fn prepare(&self, shipments: usize) -> String {
        let courier = self.post("/v1/couriers", &json!({"name": "Ada"}))["id"].clone();
        let all: Vec<_> = (0..shipments).map(|n| shipment(&format!("N{n}"), 10, |_| {})).collect();
        self.post("/v1/import", &json!({"day": DAY, "tz": "Europe/Berlin", "shipments": all}));
        self.post("/v1/routes/publish", &json!({"courier": courier, "day": DAY}));
        let id = courier.as_str().unwrap();
        self.post(&format!("/v1/couriers/{id}/enrolments"), &json!({}))["code"].as_str().unwrap().to_owned()
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
