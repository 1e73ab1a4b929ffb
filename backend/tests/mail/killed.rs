//! The program itself, killed while it writes mails.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use chrono::Timelike;
use serde_json::{Value, json};

const KEY: &str = "the office's own key";
const MAILS: usize = 300;

struct Program {
    child: Child,
    host: String,
}

impl Program {
    fn start(dir: &Path) -> Self {
        let file = dir.join("backend.toml");
        std::fs::write(&file, "[code.kdf]\nm = 8\nt = 1\np = 1\n[mail]\nnot_before_hour = 0\n").unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_courier-backend"))
            .args(["serve", "--config"])
            .arg(&file)
            .env("COURIER_LISTEN", "127.0.0.1:0")
            .env("COURIER_DATA_DIR", dir.join("data"))
            .env("COURIER_OPS_KEY", KEY)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let host = line.trim().strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line}"));
        Self { host: host.to_owned(), child }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.0\r\nauthorization: Bearer {KEY}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + body).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.0 200"), "{answer}");
        serde_json::from_str(body).unwrap()
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn now_utc() -> chrono::DateTime<chrono::Utc> {
    std::time::SystemTime::now().into()
}

fn files(spool: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(spool).map(|dir| dir.flatten().collect::<Vec<_>>()).unwrap_or_default();
    let names = entries.into_iter().map(|entry| entry.file_name().into_string().unwrap());
    names.filter(|name| Path::new(name).extension().is_some_and(|it| it == "eml")).collect()
}

#[test]
fn a_kill_loses_no_mail_and_spools_none_twice() {
    let dir = tempfile::tempdir().unwrap();
    let spool = dir.path().join("data/spool");
    let program = Program::start(dir.path());
    // Wherever it is about noon now, so that the day is neither over nor yet to come.
    let now = now_utc();
    let east = 12 - i64::from(now.hour());
    let (tz, date) = (format!("Etc/GMT{:+}", -east), (now + chrono::TimeDelta::hours(east)).date_naive());
    let shipments: Vec<_> = (0..MAILS)
        .map(|n| {
            json!({
                "ref": n.to_string(), "order_ref": "o", "sender": "Feinwerk",
                "customer": {"email": format!("c{n}@customers.example"), "lang": "en"}, "recipient": {"name": "Kaya"},
                "address": {"street": "Broad Street", "house": "1", "postcode": "1", "city": "X", "country": "DE"},
                "pin": {"lat": 0.0, "lon": 0.0}, "items": [{"value": 90_000, "currency": "EUR"}],
                "parcels": [{"barcode": format!("L{n}")}]
            })
        })
        .collect();
    let day = json!({"day": date, "tz": tz, "shipments": shipments});
    assert_eq!(program.ask("POST", "/v1/import", &day.to_string())["created"], MAILS);
    let courier = program.ask("POST", "/v1/couriers", "{\"name\":\"Ada\"}")["id"].clone();
    program.ask("POST", "/v1/routes/publish", &json!({"courier": courier, "day": date}).to_string());
    program.kill();
    let early = files(&spool).len();
    let mut runs = 0;
    loop {
        let program = Program::start(dir.path());
        let waiting = program.ask("GET", "/v1/totals", "")["mails_waiting"].as_u64().unwrap();
        if waiting == 0 {
            program.kill();
            break;
        }
        // A few more are written each time before it is killed again.
        std::thread::sleep(std::time::Duration::from_millis(100));
        program.kill();
        runs += 1;
        assert!(runs < 200, "mails are not sent: {waiting} wait");
    }
    let mut told: Vec<_> = files(&spool)
        .iter()
        .map(|name| {
            let mail = std::fs::read_to_string(spool.join(name)).unwrap();
            mail.lines().find_map(|line| line.strip_prefix("To: ")).unwrap().to_owned()
        })
        .collect();
    assert_eq!(told.len(), MAILS, "{early} were there after the first kill");
    told.sort();
    told.dedup();
    assert_eq!(told.len(), MAILS, "somebody got two");
}
