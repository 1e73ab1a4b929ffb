//! Bugs planted in phone and backend: each is caught within fifty days, by the promise that it breaks.

use std::sync::Mutex;

use courier_backend::planted::{Bug as ServerBug, Planted as PlantedInServer};
use courier_engine::Planted;
use courier_engine::planted::Bug;

use crate::day::Bugs;
use crate::plan::Plan;
use crate::wrong_with;

/// Days within which a bug has to show.
const DAYS: u64 = 50;

/// Bugs of the phone that days show too seldom; the engine's own tests catch them.
const ELSEWHERE: [Bug; 4] = [
    Bug::AcknowledgeWithoutEcho,
    Bug::TryCountedAfterCheck,
    Bug::ServersWaitIgnored,
    Bug::TokenRenewedForEver,
];

fn caught(bugs: Bugs) -> Option<(u64, String)> {
    (1..=DAYS).find_map(|seed| wrong_with(&Plan::whole(seed), bugs).map(|(what, _)| (seed, what)))
}

/// All of them, with what is planted where.
fn all() -> Vec<(&'static str, &'static str, Bugs)> {
    let phones = Bug::ALL
        .iter()
        .filter(|bug| !ELSEWHERE.contains(bug))
        .map(|bug| ("phone", bug.name(), Bugs { phone: Planted::bug(*bug), ..Bugs::default() }));
    let servers = ServerBug::ALL
        .iter()
        .map(|bug| ("backend", bug.name(), Bugs { server: PlantedInServer::bug(*bug), ..Bugs::default() }));
    phones.chain(servers).collect()
}

#[test]
fn planted_bugs_are_each_caught_within_fifty_days() {
    let all = all();
    assert!(all.len() >= 30, "only {} bugs are planted", all.len());
    let only = std::env::var("COURIER_SIM_BUG").ok();
    let wanted = all.into_iter().filter(|(_, name, _)| only.as_deref().is_none_or(|one| one == *name));
    let (left, missed) = (Mutex::new(wanted), Mutex::new(Vec::new()));
    println!("| planted in | bug | caught on day | by |\n| --- | --- | --- | --- |");
    let next = || left.lock().unwrap().next();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((place, name, bugs)) = next() {
                    match caught(bugs) {
                        Some((day, what)) => println!("| {place} | {name} | {day} | {what} |"),
                        None => missed.lock().unwrap().push(name),
                    }
                }
            });
        }
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "not caught in {DAYS} days: {missed:?}");
}
