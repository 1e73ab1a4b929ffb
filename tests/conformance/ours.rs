//! The office of the reference backend for `courier-conformance`: it runs the backend as a process of its own, with a clock by
//! hand, and does through its API what it is told, a line of JSON each.
//!
//! `courier-conformance-ours BACKEND [ADDRESS]`: BACKEND is a build with test endpoints, ADDRESS where it listens.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, NaiveDate};
use courier_scenario::{Backend, Failure};
use courier_tests::world::MORNING;
use serde::Deserialize;
use serde_json::{Value, json};

/// What one of ours costs, in cents, with a code and without: the threshold is 50,000.
const PRICES: [u32; 2] = [1_000, 90_000];
/// How far Berlin is ahead of UTC in the winter that these days are in.
const BERLIN_MS: i64 = 3_600_000;

#[derive(Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
enum Wish {
    Hello,
    Day { shipments: Vec<Wanted> },
    Add { courier: String, shipments: Vec<Wanted> },
    Enrolment { courier: String },
    Digits { recipient: String },
    Cancel { recipient: String },
    Dismiss { courier: String },
    Kill,
    Backup,
    Restore,
    Advance { ms: i64 },
}

#[derive(Deserialize)]
struct Wanted {
    recipient: String,
    coded: bool,
    parcels: u32,
}

struct Ours {
    backend: Backend,
    /// How many couriers there are on each day.
    couriers: BTreeMap<NaiveDate, u32>,
}

type Done = Result<Value, Failure>;

impl Ours {
    fn do_it(&mut self, wish: Wish) -> Done {
        let nothing = || Ok(json!({}));
        match wish {
            Wish::Hello => Ok(json!({"url": self.backend.url})),
            Wish::Day { shipments } => {
                let number = self.couriers.entry(self.today()?).or_default();
                *number += 1;
                let courier = self.backend.add_courier(&format!("Courier {number}"))?;
                self.publish(&courier, &shipments)?;
                Ok(json!({"courier": courier, "code": self.backend.enrolment_code(&courier)?}))
            }
            Wish::Add { courier, shipments } => self.publish(&courier, &shipments).and_then(|()| nothing()),
            Wish::Enrolment { courier } => Ok(json!({"code": self.backend.enrolment_code(&courier)?})),
            Wish::Digits { recipient } => {
                let code = self.backend.page(&recipient)?["code"].clone();
                Ok(json!({"digits": code["digits"], "qr": code["qr"]}))
            }
            Wish::Cancel { recipient } => {
                let shipment = self.backend.shipment_id(&recipient)?;
                self.post(&format!("/v1/shipments/{shipment}/cancel"), &json!({"why": "cancelled"}))
            }
            Wish::Dismiss { courier } => self.post(&format!("/v1/couriers/{courier}/dismiss"), &json!({})),
            Wish::Kill => self.backend.kill_and_start().and_then(|()| nothing()),
            Wish::Backup => self.backend.back_up().and_then(|()| nothing()),
            Wish::Restore => self.backend.restore().and_then(|()| nothing()),
            Wish::Advance { ms } => {
                self.backend.set_clock(self.backend.now_ms() + ms).and_then(|()| nothing())
            }
        }
    }

    fn today(&self) -> Result<NaiveDate, Failure> {
        let local = DateTime::from_timestamp_millis(self.backend.now_ms() + BERLIN_MS);
        local.map(|time| time.date_naive()).ok_or_else(|| Failure("the clock tells no time".into()))
    }

    fn publish(&self, courier: &str, wanted: &[Wanted]) -> Result<(), Failure> {
        if wanted.is_empty() {
            return Ok(());
        }
        let shipments: Vec<_> = wanted.iter().map(shipment).collect();
        let day = self.today()?;
        for answer in [self.backend.import(day, &shipments)?, self.backend.publish(courier, day)?] {
            if answer.status != 200 {
                return Err(Failure(format!("status {}: {}", answer.status, answer.body)));
            }
        }
        Ok(())
    }

    fn post(&self, path: &str, body: &Value) -> Done {
        let answer = self.backend.post(path, body)?;
        if answer.status < 300 { Ok(json!({})) } else { Err(Failure(answer.body)) }
    }
}

fn shipment(wanted: &Wanted) -> Value {
    let Wanted { recipient, coded, parcels } = wanted;
    let barcodes: Vec<_> = (0..*parcels).map(|n| json!({"barcode": format!("{recipient}P{n}")})).collect();
    json!({"ref": recipient, "value": PRICES[usize::from(*coded)], "parcels": barcodes})
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(program) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: courier-conformance-ours BACKEND [ADDRESS]");
        return ExitCode::from(2);
    };
    let listen = arguments.next().unwrap_or_else(|| "127.0.0.1:0".into());
    let backend = match Backend::start_on(&program, &listen, MORNING) {
        Ok(backend) => backend,
        Err(problem) => {
            eprintln!("courier-conformance-ours: {problem}");
            return ExitCode::FAILURE;
        }
    };
    let mut ours = Ours { backend, couriers: BTreeMap::new() };
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let said = match serde_json::from_str::<Wish>(&line) {
            Ok(wish) => {
                ours.do_it(wish).map_or_else(|error| json!({"error": error.0}), |done| json!({ "ok": done }))
            }
            Err(error) => json!({"unsupported": error.to_string()}),
        };
        if writeln!(std::io::stdout(), "{said}").is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}
