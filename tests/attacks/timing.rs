//! How long a check takes must tell nothing. What is asserted is the path: the same number of slow hashes, the same
//! events in the same order, the same number of commits. Times themselves are measured by the ignored test, which
//! prints Welch's t as in "Dude, is my code constant time?" (Reparaz, Balasch, Verbauwhede, 2017).

use std::time::Instant;

use courier_codes::{Entry, check};
use courier_domain::{CodeEntry, Verifier};
use courier_tests::world::{World, shipment};

use crate::day::{decoy, enter, misses, verifier_of};

fn world() -> World {
    let world = World::with(&["Kaya", "Huber", "Ayse"].map(|name| {
        shipment(name, 90_000, |it| {
            it["address"]["house"] = serde_json::json!("1");
        })
    }));
    for name in ["Kaya", "Huber", "Ayse"] {
        world.phone.scan(name);
    }
    world
}

/// Entries that must not differ: right for the first, right for the last, fitting and wrong, wrong.
fn entries(world: &World) -> (Vec<Verifier>, Vec<(&'static str, String)>) {
    let verifiers: Vec<_> = ["Kaya", "Huber", "Ayse"].iter().map(|name| verifier_of(world, name)).collect();
    let entries = vec![
        ("right for the first", world.digits("Kaya")),
        ("right for the last", world.digits("Ayse")),
        ("a decoy", decoy(&verifiers[0], &world.digits("Kaya"))),
        ("wrong", misses(&verifiers, 223_606).next().unwrap()),
    ];
    (verifiers, entries)
}

fn read(text: &str) -> Entry {
    Entry::parse(&CodeEntry::Digits(text.into())).unwrap()
}

#[cfg(feature = "planted-bugs")] // counts slow hashes
#[test]
fn right_fitting_and_wrong_entries_cost_the_same_slow_hashes() {
    let world = world();
    let (verifiers, entries) = entries(&world);
    for (what, text) in entries {
        let before = courier_codes::planted::slow_hashes();
        check(&read(&text), &verifiers).unwrap();
        let cost = courier_codes::planted::slow_hashes() - before;
        assert_eq!(cost, 3, "an entry that is {what} costs {cost} slow hashes for three attempts");
    }
}

/// Committed transactions in the log of a database: frames that end one hold the size of the database.
fn commits(world: &World) -> usize {
    let log = std::fs::read(world.phone.dir().join("data/journal.db-wal")).unwrap();
    let page = usize::try_from(u32::from_be_bytes(log[8..12].try_into().unwrap())).unwrap();
    let salts = &log[16..24];
    let frames = log[32..].chunks_exact(24 + page).take_while(|frame| &frame[8..16] == salts);
    frames.filter(|frame| frame[4..8] != [0; 4]).count()
}

#[test]
fn right_fitting_and_wrong_entries_take_the_same_path_through_the_phone() {
    let mut paths = Vec::new();
    for at in 0..4 {
        let world = world();
        let (_, entries) = entries(&world);
        let (what, text) = &entries[at];
        let (log, before) = (world.phone.log().len(), commits(&world));
        enter(&world, &world.phone, "Kaya", text).unwrap();
        let events: Vec<_> = world.phone.log()[log..]
            .iter()
            .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
            .collect();
        paths.push((*what, events, commits(&world) - before));
    }
    for (what, events, commits) in &paths {
        let counted_first = ["Debug try-counted", "Debug entry-checked", "Info fact-recorded"];
        assert_eq!(events[..], counted_first, "{what}: the order of events");
        assert_eq!(*commits, 2, "{what}: a try and a fact are two commits");
    }
}

/// Welch's t of two series.
fn welch(one: &[f64], other: &[f64]) -> f64 {
    let mean = |series: &[f64]| series.iter().sum::<f64>() / series.len() as f64;
    let spread = |series: &[f64]| {
        let mean = mean(series);
        series.iter().map(|it| (it - mean).powi(2)).sum::<f64>()
            / (series.len() - 1) as f64
            / series.len() as f64
    };
    (mean(one) - mean(other)) / (spread(one) + spread(other)).sqrt()
}

/// The lower nine tenths: what the machine did besides is in the rest.
fn cropped(mut series: Vec<f64>) -> Vec<f64> {
    series.sort_by(f64::total_cmp);
    series.truncate(series.len() * 9 / 10);
    series
}

#[test]
#[ignore = "a measurement: wants a quiet machine"]
fn welchs_t_of_right_and_other_entries_stays_small() {
    const ROUNDS: usize = 20_000;
    let world = world();
    let (verifiers, entries) = entries(&world);
    let entries: Vec<_> = entries.into_iter().map(|(what, text)| (what, read(&text))).collect();
    let mut worst: f64 = 0.0;
    for retry in 0..3 {
        let mut times = vec![Vec::with_capacity(ROUNDS); entries.len()];
        for round in 0..ROUNDS * entries.len() {
            // Interleaved, so that whatever drifts drifts for all of them; in an order that is not always the same.
            let at = (round * 7 + round / 11) % entries.len();
            let began = Instant::now();
            std::hint::black_box(check(&entries[at].1, &verifiers).unwrap());
            times[at].push(began.elapsed().as_nanos() as f64);
        }
        let times: Vec<_> = times.into_iter().map(cropped).collect();
        worst = 0.0;
        for at in 1..entries.len() {
            let t = welch(&times[0], &times[at]);
            let mean = times[at].iter().sum::<f64>() / times[at].len() as f64;
            println!("t = {t:6.2} between {} and {} (mean {mean:.0} ns)", entries[0].0, entries[at].0);
            worst = worst.max(t.abs());
        }
        if worst < 4.5 {
            return;
        }
        println!("try {}: |t| {worst:.1}", retry + 1);
    }
    // What differs by design: a match names a code and its holder, two allocations.
    assert!(worst < 50.0, "entries can be told apart by time: |t| {worst:.1}");
}
