//! How many codes a backend issues in a second, on all cores, beside the slow hash alone on one; how many entries and
//! handovers it judges; what an entry that fits costs a phone beside the hash; and how much memory a check takes, and gives
//! back.
//!
//! `cargo bench -p courier-tests --bench codes`

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_precision_loss)]

use std::sync::Mutex;
use std::thread::available_parallelism;
use std::time::Instant;

use argon2::{Algorithm, Argon2, Params, Version};
use courier_backend::api::serve;
use courier_backend::config::Config;
use courier_backend::entropy::{self, ServiceClock};
use courier_backend::import::read_json;
use courier_codes::{Entry, IssueSpec, KDF, check, issue, read_jws};
use courier_domain::{AttemptId, CodeEntry, CodeId, Command, FactPayload, Receiver, ReceiverDetails, UnixMs};
use courier_protocol::facts::MAX_FACTS;
use courier_protocol::{FactItem, FactsRequest};
use courier_tests::world::{DAY, MORNING, World, shipment};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde_json::json;

const CODES: usize = 1_000;
const HASHES: usize = 50;

/// Seconds to publish a route with so many codes, with the hash that ships.
fn publish() -> f64 {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let config =
        Config { listen: "127.0.0.1:0".into(), data_dir: dir.path().to_owned(), ..Config::default() };
    assert_eq!(config.code.kdf, KDF);
    let clock = ServiceClock::Set(Mutex::new(UnixMs(MORNING)));
    let backend = runtime.block_on(serve(config, clock, entropy::from_seed(1))).unwrap();
    let shipments: Vec<_> = (0..CODES).map(|n| shipment(&format!("N{n}"), 90_000, |_| {})).collect();
    let file = json!({"day": DAY, "tz": "Europe/Berlin", "shipments": shipments}).to_string();
    let courier = backend.service.add_courier("Ada").unwrap();
    let report = backend.service.import(&read_json(file.as_bytes()).unwrap()).unwrap();
    assert_eq!(report.errors, []);
    let began = Instant::now();
    backend.service.publish(&courier, DAY.parse().unwrap()).unwrap();
    began.elapsed().as_secs_f64()
}

/// Seconds for so many hashes, one after the other.
fn hash() -> f64 {
    let params = Params::new(KDF.m, KDF.t, KDF.p, Some(32)).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut out = [0; 32];
    let began = Instant::now();
    for _ in 0..HASHES {
        argon2.hash_password_into(b"123456", &[7; 16], &mut out).unwrap();
    }
    began.elapsed().as_secs_f64()
}

/// A figure of `/proc/self/status`, in KiB.
fn memory(name: &str) -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().unwrap()
}

/// KiB that a check takes at most, and that are left of it, in a process that has done one before.
fn check_memory() -> (i64, i64) {
    let spec = IssueSpec {
        attempt: AttemptId::new("attempt").unwrap(),
        code_id: CodeId::new("code").unwrap(),
        holder: "recipient".into(),
        kdf: KDF,
        salt: [7; 16],
        k: 10,
        not_before: UnixMs(0),
        not_after: UnixMs(1),
    };
    let verifiers = [issue(&mut ChaCha20Rng::seed_from_u64(1), spec).unwrap().verifier];
    let entry = Entry::parse(&CodeEntry::Digits("123456".into())).unwrap();
    check(&entry, &verifiers).unwrap();
    // The peak begins again at what is in use now (proc(5)).
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS");
    check(&entry, &verifiers).unwrap();
    (memory("VmHWM") - before, memory("VmRSS") - before)
}

/// Milliseconds for an entry that fits, with a hash that costs next to nothing, until it is sealed, signed and committed;
/// and facts that the backend checks, judges and commits in a second, half of them such entries, half handovers.
fn match_and_judge() -> (f64, f64) {
    const DOORS: usize = 300;
    let shipments: Vec<_> = (0..DOORS).map(|n| shipment(&format!("N{n}"), 90_000, |_| {})).collect();
    let world = World::as_served(&shipments);
    world.phone.sync();
    let mut entering = 0.0;
    for n in 0..DOORS {
        let name = format!("N{n}");
        let digits = world.digits(&name);
        world.phone.scan(&name);
        let (stop, door) = world.phone.door(&name);
        let (attempt, entry) = (door.attempt, CodeEntry::Digits(digits));
        let began = Instant::now();
        world.phone.go(Command::EnterCode { stop: stop.id, entry }).unwrap();
        entering += began.elapsed().as_secs_f64();
        let details = ReceiverDetails::default();
        let handed =
            Command::HandOver { attempt, parcels: Vec::new(), receiver: Receiver::Recipient, details };
        world.phone.go(handed).unwrap();
    }
    let journal = rusqlite::Connection::open(world.phone.dir().join("data/journal.db")).unwrap();
    let mut query = journal.prepare("SELECT jws FROM fact ORDER BY inc, seq").unwrap();
    let facts: Vec<String> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let first: FactPayload = serde_json::from_slice(&read_jws(&facts[0]).unwrap().payload).unwrap();
    let from = world.service().installation(&first.install).unwrap();
    let batches: Vec<_> = facts
        .chunks(MAX_FACTS)
        .map(|batch| FactsRequest {
            install: first.install.clone(),
            inc: first.inc,
            epoch: world.service().epoch().to_owned(),
            facts: batch.iter().map(|jws| FactItem { jws: jws.clone(), private: None }).collect(),
        })
        .collect();
    let began = Instant::now();
    for batch in &batches {
        world.service().accept(&from, batch, "bench").unwrap();
    }
    let judging = began.elapsed().as_secs_f64();
    assert!(world.service().reviews().unwrap().is_empty(), "the judge found something wrong");
    (entering / DOORS as f64 * 1_000.0, facts.len() as f64 / judging)
}

fn main() {
    if !std::env::args().any(|arg| arg == "--bench") {
        return; // `cargo test --benches` only wants to know that it builds
    }
    let (peak, left) = check_memory();
    println!(
        "a check takes {peak} KiB at most and leaves {left} KiB (the hash is told to take {} KiB)",
        KDF.m
    );
    let mut days = [(); 3].map(|()| match_and_judge());
    days.sort_by(|one, other| one.1.total_cmp(&other.1));
    let (entry, judged) = days[1];
    println!("an entry that fits: {entry:.2} ms beside the hash, until it is committed");
    println!("{judged:.0} facts per second checked, judged and committed (the middle of three days)");
    let cores = available_parallelism().map_or(1, usize::from);
    let alone = HASHES as f64 / hash();
    let issued = CODES as f64 / publish();
    println!("{CODES} codes issued on {cores} cores    {issued:8.1} per second");
    println!("the hash alone on one core        {alone:8.1} per second");
}
