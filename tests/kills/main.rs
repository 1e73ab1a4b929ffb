//! Phone and backend as processes of their own, over real HTTP through a proxy that spoils every third exchange: each is
//! killed (SIGKILL) again and again. What the phone has shown arrives, and everything arrives once.

#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(unix)]

mod backend;
mod proxy;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use courier_domain::{Command, Receiver, ReceiverDetails};
use courier_engine::CommandResult;
use courier_tests::phone::{HandClock, Phone};
use courier_tests::world::MORNING;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rusqlite::{Connection, OpenFlags};

use backend::Backend;
use proxy::Proxy;

/// Kills of the phone in an ordinary run, and as many of the backend at every fourth of them.
const KILLS: u32 = 24;
const SHIPMENTS: usize = 12;
const SIGKILL: i32 = 9;

/// What the phone's process is told.
const FILES: &str = "COURIER_KILLS_FILES";
const SERVER: &str = "COURIER_KILLS_SERVER";
/// What it says: a fact that is shown, and that everything is handed in.
const FACT: &str = "phone: fact ";
const HANDED_IN: &str = "phone: nothing pending";

fn phone_process(dir: &Path, server: &str) -> Process {
    let mut process = Process::new(std::env::current_exe().unwrap());
    process
        .args(["--exact", "--ignored", "--nocapture", "a_phone_that_works_until_it_is_killed"])
        .env(FILES, dir)
        .env(SERVER, server)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    process
}

/// Lets the phone work for a while and kills it. The facts that it showed.
fn work_and_kill(dir: &Path, server: &str, delay: Duration) -> Vec<String> {
    let mut process = phone_process(dir, server).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut shown: Vec<String> = Vec::new();
    let mut hear = |line: &str| shown.extend(line.split_once(FACT).map(|(_, fact)| fact.to_owned()));
    // The time runs from its first fact, so that every phone has something to lose.
    for line in lines.by_ref() {
        hear(&line);
        if line.contains(FACT) {
            break;
        }
    }
    std::thread::sleep(delay);
    process.kill().unwrap();
    let status = process.wait().unwrap();
    assert_eq!(status.signal(), Some(SIGKILL), "the phone ended by itself: {status}");
    lines.for_each(|line| hear(&line));
    shown
}

#[test]
fn phone_and_backend_are_killed_again_and_again_and_every_fact_arrives_once() {
    let kills = std::env::var("COURIER_KILLS").map_or(KILLS, |text| text.parse().expect("a number"));
    let dir = tempfile::tempdir().unwrap();
    let (phone_dir, backend_dir) = (dir.path().join("phone"), dir.path().join("backend"));
    std::fs::create_dir_all(&backend_dir).unwrap();
    let proxy = Proxy::start(7);
    let mut backend = Backend::start(&backend_dir, &proxy.url);
    proxy.leads_to(&backend.url);
    let code = backend.prepare(SHIPMENTS);
    let clock = HandClock::new(MORNING);
    let mut phone = Phone::open(&phone_dir, &proxy.url, clock);
    phone.core().enrol_blocking(&code).unwrap();
    phone.sync();
    phone.go(Command::StartDay).unwrap();
    phone.close();
    drop(phone);

    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let (mut shown, mut of_backend) = (BTreeSet::new(), 0);
    proxy.set_calm(false);
    let began = Instant::now();
    for kill in 0..kills {
        let delay = Duration::from_micros(rng.next_u64() % 60_000);
        if kill % 4 == 3 {
            // The backend dies while the phone talks to it.
            let (at, dir, url) = (delay / 2, backend_dir.clone(), proxy.url.clone());
            std::thread::scope(|scope| {
                let killer = scope.spawn(|| {
                    std::thread::sleep(at + Duration::from_millis(80));
                    backend.kill_and_start(&dir, &url);
                    proxy.leads_to(&backend.url);
                });
                shown.extend(work_and_kill(&phone_dir, &proxy.url, delay + Duration::from_millis(120)));
                killer.join().unwrap();
            });
            of_backend += 1;
        } else {
            shown.extend(work_and_kill(&phone_dir, &proxy.url, delay));
        }
    }
    proxy.set_calm(true);
    drain(&phone_dir, &proxy.url);
    println!(
        "{kills} kills of the phone and {of_backend} of the backend in {:?}, {} exchanges spoilt, {} facts shown",
        began.elapsed(),
        proxy.spoilt(),
        shown.len()
    );
    check(&backend_dir, &shown, kills);
}

/// The network works, and the phone may finish.
fn drain(dir: &Path, server: &str) {
    let mut process = phone_process(dir, server).env("COURIER_KILLS_DRAIN", "1").spawn().unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    let done = lines.into_iter().any(|line| line.contains(HANDED_IN));
    let _ = process.wait();
    assert!(done, "with a network that works something stays pending");
}

fn check(backend_dir: &Path, shown: &BTreeSet<String>, kills: u32) {
    let db = backend_dir.join("data").join("backend.db");
    let db = Connection::open_with_flags(db, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut query = db.prepare("SELECT id, flags FROM fact ORDER BY install, inc, seq").unwrap();
    let stored: Vec<(String, String)> =
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let ids: BTreeSet<_> = stored.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(ids.len(), stored.len(), "a fact is there twice");
    let lost: Vec<_> = shown.difference(&ids).collect();
    assert!(lost.is_empty(), "{} of {} facts that were shown never arrived", lost.len(), shown.len());
    assert!(shown.len() >= kills as usize, "only {} facts in {kills} lives", shown.len());
    let flagged: Vec<_> = stored.iter().filter(|(_, flags)| flags != "[]").collect();
    assert!(flagged.is_empty(), "an honest phone is flagged: {flagged:?}");
    let gaps: u64 = db
        .query_row(
            "SELECT count(*) FROM fact WHERE seq > 1 AND NOT EXISTS
             (SELECT 1 FROM fact AS before WHERE before.install = fact.install AND before.inc = fact.inc AND before.seq = fact.seq - 1)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(gaps, 0, "the chain has gaps");
}

#[test]
#[ignore = "the phone that the test above kills; it needs its environment"]
fn a_phone_that_works_until_it_is_killed() {
    let told = |name: &str| std::env::var(name).unwrap();
    let phone = Phone::open(Path::new(&told(FILES)), &told(SERVER), HandClock::new(MORNING));
    if std::env::var_os("COURIER_KILLS_DRAIN").is_some() {
        for _ in 0..100 {
            if phone.sync().pending == 0 {
                println!("{HANDED_IN}");
                return;
            }
        }
        return;
    }
    // Whoever started this process may be gone: it must not stay for ever.
    let began = Instant::now();
    while began.elapsed() < Duration::from_mins(1) {
        for line in phone.route().stops {
            let stop = phone.core().stop(&line.id).unwrap();
            let door = &stop.doors[0];
            let command = if let Some(fact) = &door.undo {
                Command::Withdraw { fact: fact.clone() }
            } else {
                let _ = phone.go(Command::Arrive { stop: stop.id.clone() });
                phone
                    .go(Command::Scan { stop: stop.id.clone(), barcode: door.parcels[0].barcode.clone() })
                    .unwrap();
                let details = ReceiverDetails::default();
                let attempt = door.attempt.clone();
                Command::HandOver { attempt, parcels: Vec::new(), receiver: Receiver::Recipient, details }
            };
            if let CommandResult::Done { fact: Some(fact) } = phone.go(command).unwrap() {
                println!("{FACT}{fact}");
            }
            let _ = phone.core().sync_blocking(2_000);
        }
    }
}
