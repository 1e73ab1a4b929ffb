//! How much one backend takes, and how much several do on one PostgreSQL server: facts with their signatures checked,
//! polls of phones while nothing changes, a morning's import, a board of 10,000 stops. The load comes from this process,
//! over HTTP on loopback; the backends are processes of their own. All share the machine.
//!
//! `cargo bench -p courier-tests --bench load`; `COURIER_TEST_DATABASE` names a server (`host=… user=…`), without it only the
//! embedded database is measured. `COURIER_PLOTS` names the folder for `load-*.svg`. With `COURIER_SOAK_MINUTES` it is a soak instead: backends that are killed again and again.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod backend;
mod phone;
#[path = "../plot/mod.rs"]
mod plot;
mod soak;

use std::path::Path;
use std::time::{Duration, Instant};

use backend::{Backends, Client};
use phone::Phone;
use plot::Plot;
use serde_json::json;
use tokio::task::JoinSet;

const PHONES: usize = 8;
const BATCHES: usize = 20;
const POLLS: usize = 2_000;
/// Polls a second: 500 phones ask every 30 seconds, and this is ten times of it.
const POLLS_PER_SECOND: u32 = 167;
const ROUTES: usize = 50;
const STOPS: usize = 200;
const LOOKS: usize = 20;

fn main() {
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let server = std::env::var("COURIER_TEST_DATABASE").ok();
    if let Ok(minutes) = std::env::var("COURIER_SOAK_MINUTES") {
        let minutes = minutes.parse().expect("COURIER_SOAK_MINUTES is a number");
        return runtime.block_on(soak::soak(minutes, server.as_deref()));
    }
    println!(
        "backends, database:  facts/s   poll p50, p99 ms   import of 10,000 s   50 routes out s   board p50, p99 ms   MiB each"
    );
    let embedded = runtime.block_on(measure(1, None));
    let on_server: Vec<_> = server
        .iter()
        .flat_map(|server| [1, 2, 4].map(|processes| runtime.block_on(measure(processes, Some(server)))))
        .collect();
    if let Some(folder) = plot::folder() {
        draw(&folder, &embedded, &on_server).unwrap();
    }
}

/// What some backends on one database did.
struct Measured {
    processes: usize,
    facts_per_s: f64,
    /// Milliseconds that 99 of 100 do not exceed.
    poll: f64,
    board: f64,
}

fn draw(
    folder: &Path,
    embedded: &Measured,
    on_server: &[Measured],
) -> Result<(), Box<dyn std::error::Error>> {
    let line = |all: &[Measured], of: fn(&Measured) -> f64| {
        #[allow(clippy::cast_precision_loss)]
        all.iter().map(|it| (it.processes as f64, of(it))).collect::<Vec<_>>()
    };
    let embedded = std::slice::from_ref(embedded);
    let across = "backends, on the same two cores as the load and the database";
    Plot { title: "Facts, with their signatures checked", across, up: "a second" }.save(
        folder,
        "load-facts",
        &[
            ("PostgreSQL", line(on_server, |it| it.facts_per_s)),
            ("SQLite", line(embedded, |it| it.facts_per_s)),
        ],
    )?;
    Plot { title: "What 99 of 100 do not wait longer for", across, up: "ms" }.save(
        folder,
        "load-waits",
        &[
            ("board of 10,000 stops, PostgreSQL", line(on_server, |it| it.board)),
            ("board, SQLite", line(embedded, |it| it.board)),
            ("poll, PostgreSQL", line(on_server, |it| it.poll)),
            ("poll, SQLite", line(embedded, |it| it.poll)),
        ],
    )
}

async fn measure(processes: usize, server: Option<&str>) -> Measured {
    let backends = Backends::start(processes, server);
    let client = Client::new();
    let facts = facts(&backends, &client).await;
    let (polls, phone) = polls(&backends, &client).await;
    drop(phone);
    let (imported, published, board) = morning(&backends, &client).await;
    println!(
        "{processes}, {:<10} {facts:12.0}   {:8.1} {:8.1}   {imported:18.1}   {published:15.1}   {:8.0} {:8.0}   {}",
        if server.is_some() { "PostgreSQL" } else { "SQLite" },
        share(&polls, 50),
        share(&polls, 99),
        share(&board, 50),
        share(&board, 99),
        backends.memory_mib(),
    );
    Measured { processes, facts_per_s: facts, poll: share(&polls, 99), board: share(&board, 99) }
}

/// Phones that hand in what they had recorded without a network, each to one of the backends.
async fn facts(backends: &Backends, client: &Client) -> f64 {
    let mut phones = Vec::new();
    for n in 0..PHONES {
        let phone = Phone::enrol(backends.url(n), client, n).await;
        phones.push((phone.batches(BATCHES), phone));
    }
    let count: usize = phones.iter().flat_map(|(batches, _)| batches).map(|batch| batch.facts.len()).sum();
    let mut sending = JoinSet::new();
    let began = Instant::now();
    for (batches, phone) in phones {
        let client = client.clone();
        sending.spawn(async move {
            for batch in batches {
                let answer = client
                    .post(&phone.url, "/v1/facts", &phone.token, &serde_json::to_value(batch).unwrap())
                    .await;
                assert!(
                    answer["results"]
                        .as_array()
                        .is_some_and(|all| all.iter().all(|it| it["flags"] == json!([]))),
                    "{answer}"
                );
            }
        });
    }
    while let Some(done) = sending.join_next().await {
        done.unwrap();
    }
    #[allow(clippy::cast_precision_loss)]
    let count = count as f64;
    count / began.elapsed().as_secs_f64()
}

/// Milliseconds of each poll of a phone that has everything.
async fn polls(backends: &Backends, client: &Client) -> (Vec<f64>, Phone) {
    let phone = Phone::enrol(backends.url(0), client, PHONES).await;
    let urls: Vec<String> = (0..backends.len()).map(|n| backends.url(n).to_owned()).collect();
    let mut asking = JoinSet::new();
    let mut beat = tokio::time::interval(Duration::from_secs(1) / POLLS_PER_SECOND);
    for n in 0..POLLS {
        beat.tick().await;
        let (client, url, token) = (client.clone(), urls[n % urls.len()].clone(), phone.token.clone());
        asking.spawn(async move {
            let began = Instant::now();
            client.get(&url, "/v1/route/changes", &format!("Bearer {token}"), "").await;
            began.elapsed()
        });
    }
    (millis(&asking.join_all().await), phone)
}

/// Seconds of an import, seconds until its routes are out, and milliseconds of each look at the board.
async fn morning(backends: &Backends, client: &Client) -> (f64, f64, Vec<f64>) {
    let shipments: Vec<_> = (0..ROUTES * STOPS).map(backend::shipment).collect();
    let began = Instant::now();
    for (n, part) in shipments.chunks(2_000).enumerate() {
        let day = json!({"day": backends.day, "tz": "UTC", "shipments": part});
        let answer = client.post(backends.url(n), "/v1/import", backend::KEY, &day).await;
        assert_eq!(answer["created"], 2_000, "{answer}");
    }
    let imported = began.elapsed().as_secs_f64();
    let shares = backends.split(client, ROUTES).await;
    let began = Instant::now();
    for (n, courier) in shares.iter().enumerate() {
        let body = json!({"courier": courier, "day": backends.day});
        client.post(backends.url(n), "/v1/routes/publish", backend::KEY, &body).await;
    }
    let published = began.elapsed().as_secs_f64();
    let cookie = backends.log_in(client).await;
    let mut looks = Vec::new();
    for n in 0..LOOKS {
        let began = Instant::now();
        let page = client.get(backends.url(n), &format!("/?day={}", backends.day), "", &cookie).await;
        looks.push(began.elapsed());
        assert!(page.contains("<svg"), "{page}");
    }
    (imported, published, millis(&looks))
}

fn millis(times: &[Duration]) -> Vec<f64> {
    let mut millis: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1_000.0).collect();
    millis.sort_by(f64::total_cmp);
    millis
}

/// The value that so many percent do not exceed.
fn share(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent).div_ceil(100) - 1]
}
