//! How fast a phone that was away gets rid of its facts: a real engine, HTTP on loopback, a real backend that checks
//! every signature, judges and commits before it answers. Beside it, in the same run, what can't be avoided: the
//! signatures alone, and SQLite alone.
//!
//! `cargo bench -p courier-tests`

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Instant;

use courier_codes::{fact_hash, read_jws};
use courier_domain::{AttemptId, Command, FactBody, FactPayload, Jwk, Receiver, ReceiverDetails};
use courier_protocol::facts::MAX_FACTS;
use courier_protocol::header::TYP_FACT;
use courier_tests::phone::fact;
use courier_tests::world::{World, shipment};
use rusqlite::Connection;

const FACTS: usize = 5_000;
const ROUNDS: usize = 5;
/// Doors of a day of handovers.
const DOORS: usize = 100;
/// Parcels of a load check. It names each that is missing: with these it has about the size of a handover.
const LOAD: usize = 8;

/// What a day is made of.
#[derive(Clone, Copy)]
enum Day {
    /// Load checks: signed, chained and stored, and nothing follows from them.
    Stored,
    /// Handovers, each taken back: the judge rules, parcels change hands, the route lane tells, customers get mail.
    Judged,
}

impl Day {
    fn name(self) -> &'static str {
        match self {
            Self::Stored => "load checks",
            Self::Judged => "handovers, each withdrawn",
        }
    }

    fn shipments(self) -> usize {
        match self {
            Self::Stored => LOAD,
            Self::Judged => DOORS,
        }
    }

    /// Records `FACTS` facts on a phone without a network.
    fn record(self, world: &World) {
        let doors = if let Self::Judged = self { doors(world) } else { Vec::new() };
        for n in 0..FACTS / 2 {
            match self {
                Self::Stored => {
                    for half in 0..2 {
                        let barcodes = vec![format!("LABEL-N{}", n % LOAD), format!("X-{n}-{half}")];
                        world.phone.go(Command::CheckLoad { barcodes }).unwrap();
                    }
                }
                Self::Judged => {
                    let command = Command::HandOver {
                        attempt: doors[n % doors.len()].clone(),
                        parcels: Vec::new(),
                        receiver: Receiver::Household,
                        details: ReceiverDetails { name: Some("Kim".into()), ..ReceiverDetails::default() },
                    };
                    let handed = fact(&world.phone.go(command).unwrap());
                    world.phone.go(Command::Withdraw { fact: handed }).unwrap();
                }
            }
        }
    }
}

/// Every door, with its parcel scanned.
fn doors(world: &World) -> Vec<AttemptId> {
    let doors = (0..DOORS).map(|n| {
        let name = format!("N{n}");
        let (stop, door) = world.phone.door(&name);
        for parcel in door.parcels {
            world.phone.go(Command::Scan { stop: stop.id.clone(), barcode: parcel.barcode }).unwrap();
        }
        door.attempt
    });
    doors.collect()
}

/// Seconds until the backend has everything.
fn drain(day: Day) -> (f64, World) {
    let shipments: Vec<_> = (0..day.shipments()).map(|n| shipment(&format!("N{n}"), 10, |_| {})).collect();
    let world = World::as_served(&shipments);
    world.phone.sync();
    day.record(&world);
    let began = Instant::now();
    let report = world.phone.core().sync_blocking(600_000).unwrap();
    let seconds = began.elapsed().as_secs_f64();
    assert_eq!((report.acked, report.pending, report.error), (FACTS as u64, 0, None));
    assert!(world.service().reviews().unwrap().is_empty(), "the backend found something wrong");
    (seconds, world)
}

/// The facts as the backend has them, and the key that signed them.
fn stored(world: &World) -> (Vec<String>, Jwk) {
    let db = Connection::open(world.backend_dir.path().join("backend.db")).unwrap();
    let mut query = db.prepare("SELECT jws FROM fact ORDER BY rowid").unwrap();
    let all: Vec<String> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let key = all.iter().find_map(|jws| {
        let payload: FactPayload = serde_json::from_slice(&read_jws(jws).unwrap().payload).unwrap();
        match payload.body {
            FactBody::DayStarted { day_jwk } => Some(day_jwk),
            _ => None,
        }
    });
    let key = key.unwrap();
    let kid = courier_codes::thumbprint(&key);
    (all.into_iter().filter(|jws| read_jws(jws).unwrap().kid == kid).collect(), key)
}

/// Seconds to check every signature, one after the other.
fn verify(facts: &[String], key: &Jwk) -> f64 {
    let began = Instant::now();
    for jws in facts {
        read_jws(jws).unwrap().verify(key, TYP_FACT).unwrap();
    }
    began.elapsed().as_secs_f64()
}

/// Seconds in which SQLite alone stores the same bytes, a durable commit for each full batch.
fn insert(facts: &[String]) -> f64 {
    let dir = tempfile::tempdir().unwrap();
    let db = Connection::open(dir.path().join("bare.db")).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
         CREATE TABLE fact (hash TEXT PRIMARY KEY, jws TEXT NOT NULL) STRICT;",
    )
    .unwrap();
    let began = Instant::now();
    for batch in facts.chunks(MAX_FACTS) {
        db.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut insert = db.prepare_cached("INSERT INTO fact VALUES (?1, ?2)").unwrap();
        for jws in batch {
            insert.execute([fact_hash(jws).as_str(), jws]).unwrap();
        }
        db.execute_batch("COMMIT").unwrap();
    }
    began.elapsed().as_secs_f64()
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

#[allow(clippy::cast_precision_loss)]
fn per_second(facts: usize, seconds: f64) -> f64 {
    facts as f64 / seconds
}

fn main() {
    // `cargo bench` passes its own flags; `cargo test --benches` must not run for minutes.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    println!("{FACTS} unsent facts, {ROUNDS} rounds, medians, facts per second");
    for day in [Day::Stored, Day::Judged] {
        let (mut drained, mut verified, mut inserted) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (seconds, world) = drain(day);
            let (facts, key) = stored(&world);
            assert!(facts.len() >= FACTS);
            drained.push(per_second(FACTS, seconds));
            verified.push(per_second(facts.len(), verify(&facts, &key)));
            inserted.push(per_second(facts.len(), insert(&facts)));
        }
        let (drained, verified, inserted) = (median(drained), median(verified), median(inserted));
        println!("{}:", day.name());
        println!("  drained over loopback            {drained:8.0}");
        println!("  signatures alone, one core       {verified:8.0}");
        println!("  SQLite alone, batches of {MAX_FACTS}     {inserted:8.0}");
    }
}
