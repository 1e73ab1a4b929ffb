//! The reference backend as a process of its own on this machine, with a clock by hand and seeded randomness.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::{Answer, ask};
use crate::office::json_of;
use crate::{Failure, Result, failed};

/// The key of the office.
pub(crate) const OPS_KEY: &str = "the office's own key";

/// The backend, and the folders it may have.
pub struct Backend {
    program: PathBuf,
    folder: TempDir,
    process: Option<Child>,
    /// Which folder it runs on.
    data: &'static str,
    /// Seed of the next process: no two draw the same.
    seed: u32,
    now_ms: i64,
    /// Where it listens.
    pub url: String,
}

/// The cheapest code hash that phones take: finding a decoy takes a thousand of them.
const CONFIG: &str = "[code.kdf]\nm = 8\nt = 1\np = 1\n";
const CONFIG_FILE: &str = "backend.toml";

const OWN: &str = "own";
const COPY: &str = "copy";
const FOREIGN: &str = "foreign";

impl Backend {
    /// Starts it empty, on a free port.
    pub(crate) fn start(program: &Path, now_ms: i64) -> Result<Self> {
        Self::start_on(program, "127.0.0.1:0", now_ms)
    }

    /// Starts it empty, on this address. What the environment says of its configuration besides holds for it too.
    pub fn start_on(program: &Path, listen: &str, now_ms: i64) -> Result<Self> {
        let folder = tempfile::tempdir().map_err(failed)?;
        fs::write(folder.path().join(CONFIG_FILE), CONFIG).map_err(failed)?;
        let mut backend = Self {
            program: program.to_owned(),
            folder,
            process: None,
            data: OWN,
            seed: 0,
            now_ms,
            url: format!("http://{listen}"),
        };
        backend.run()?;
        Ok(backend)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, what: &[&OsStr]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(what)
            .arg("--config")
            .arg(self.path(CONFIG_FILE))
            .env("COURIER_LISTEN", self.url.trim_start_matches("http://"))
            .env("COURIER_DATA_DIR", self.path(self.data))
            .env("COURIER_OPS_KEY", OPS_KEY)
            .env("COURIER_TEST_NOW_MS", self.now_ms.to_string())
            .env("COURIER_TEST_SEED", self.seed.to_string());
        command
    }

    fn run(&mut self) -> Result<()> {
        self.seed += 1;
        // It ends when its standard input does, which the child's handle holds.
        let process = self.command(&["serve".as_ref()]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = process.map_err(|error| Failure(format!("{}: {error}", self.program.display())))?;
        let mut line = String::new();
        if let Some(out) = process.stdout.take() {
            BufReader::new(out).read_line(&mut line).map_err(failed)?;
        }
        self.process = Some(process);
        let url = line.trim().strip_prefix("listening on ");
        url.ok_or_else(|| failed("the backend does not start"))?.clone_into(&mut self.url);
        Ok(())
    }

    fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // As a machine that fails: nothing is said, nothing is tidied up.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Its clock tells this from now on; mails that are due by then are sent.
    pub fn set_clock(&mut self, now_ms: i64) -> Result<()> {
        self.now_ms = now_ms;
        self.test("/test/clock", &json!({ "now_ms": now_ms }))
    }

    /// What the network does with phones from now on.
    pub(crate) fn set_net(&self, mode: &str, count: Option<u32>) -> Result<()> {
        self.test("/test/net", &json!({ "mode": mode, "count": count }))
    }

    /// Requests of phones that were carried out and never got their answer.
    pub(crate) fn unanswered(&self) -> Result<u64> {
        let seen = json_of(&self.get("/test/net", "application/json")?)?;
        seen["unanswered"].as_u64().ok_or_else(|| failed("the backend does not say what it left unanswered"))
    }

    fn test(&self, path: &str, what: &Value) -> Result<()> {
        let answer = self.post(path, what)?;
        if answer.status < 300 { Ok(()) } else { Err(Failure(format!("{path}: {}", answer.body))) }
    }

    /// What its clock tells, in milliseconds since 1970 UTC.
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// The power fails, and comes back.
    pub fn kill_and_start(&mut self) -> Result<()> {
        self.stop();
        self.run()
    }

    /// Backs it up while it runs, as an operator does. An earlier backup is dropped.
    pub fn back_up(&self) -> Result<()> {
        if self.path(COPY).exists() {
            fs::remove_dir_all(self.path(COPY)).map_err(failed)?;
        }
        self.call(&["backup".as_ref(), self.path(COPY).as_os_str()])
    }

    /// Puts the backup back in place of what there is, as an operator does.
    pub fn restore(&mut self) -> Result<()> {
        self.stop();
        fs::remove_dir_all(self.path(self.data)).map_err(failed)?;
        self.call(&["restore".as_ref(), self.path(COPY).as_os_str()])?;
        self.run()
    }

    fn call(&self, what: &[&OsStr]) -> Result<()> {
        let told = self.command(what).stdout(Stdio::null()).status().map_err(failed)?;
        if told.success() { Ok(()) } else { Err(Failure(format!("the backend refuses: {what:?}"))) }
    }

    /// Another backend answers at the same address, or our own again.
    pub(crate) fn replace(&mut self, by_another: bool) -> Result<()> {
        let data = if by_another { FOREIGN } else { OWN };
        if self.data != data {
            self.stop();
            self.data = data;
            self.run()?;
        }
        Ok(())
    }

    pub(crate) fn get(&self, path: &str, accept: &str) -> Result<Answer> {
        ask(&self.url, "GET", path, &[&auth(), &format!("accept: {accept}")], b"").map_err(failed)
    }

    /// The office posts JSON.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send("POST", path, body)
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send("PUT", path, body)
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Result<Answer> {
        let headers = [auth(), "content-type: application/json".into()];
        let sent = ask(
            &self.url,
            method,
            path,
            &headers.each_ref().map(String::as_str),
            body.to_string().as_bytes(),
        );
        sent.map_err(failed)
    }
}

fn auth() -> String {
    format!("authorization: Bearer {OPS_KEY}")
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.stop();
    }
}
