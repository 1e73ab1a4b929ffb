//! What a phone feels of the facts that it has not sent yet: what one more takes, how long a start takes, and how fast
//! they are gone. A real engine and backend, HTTP on loopback; beside each figure what SQLite alone takes for the same bytes.
//!
//! `cargo bench -p courier-tests --bench outbox`; with `COURIER_PLOTS=FOLDER` it draws them, too.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_precision_loss)]

#[path = "../plot/mod.rs"]
mod plot;

use std::path::Path;
use std::time::Instant;

use courier_domain::Command;
use courier_tests::phone::Phone;
use courier_tests::world::{World, shipment};
use plot::Plot;
use rusqlite::Connection;

const SIZES: [usize; 5] = [1_000, 2_500, 5_000, 10_000, 20_000];
const ROUNDS: usize = 3;
const COMMITS: usize = 200;
const OPENS: usize = 5;
/// Few, since a load check names every parcel that is missing: it then has about the size of a handover.
const SHIPMENTS: usize = 8;

fn record(phone: &Phone, n: usize) {
    let barcodes = vec![format!("LABEL-N{}", n % SHIPMENTS), format!("X-{n}")];
    phone.go(Command::CheckLoad { barcodes }).unwrap();
}

fn ms(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64() * 1_000.0
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Medians of one outbox.
#[derive(Debug, Clone, Copy, Default)]
struct Figures {
    commit: f64,
    bare_commit: f64,
    open: f64,
    bare_read: f64,
    drained_per_s: f64,
    bytes: f64,
}

/// Milliseconds of a durable commit, by SQLite alone, of what a fact is made of, behind `stored` rows of the same.
fn bare_commit(journal: &Path) -> f64 {
    let dir = tempfile::tempdir().unwrap();
    let db = Connection::open(dir.path().join("bare.db")).unwrap();
    db.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON").unwrap();
    db.execute("ATTACH ?1 AS phone", [journal.to_str().unwrap()]).unwrap();
    db.execute_batch(
        "CREATE TABLE fact (inc INTEGER NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE,
         hash TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, jws TEXT NOT NULL, private BLOB,
         PRIMARY KEY (inc, seq)) STRICT, WITHOUT ROWID;
         INSERT INTO fact SELECT * FROM phone.fact;",
    )
    .unwrap();
    let mut next = db
        .prepare("INSERT INTO main.fact SELECT inc + ?1, seq, id || ?1, hash || ?1, kind, jws, private FROM phone.fact
                  ORDER BY inc DESC, seq DESC LIMIT 1")
        .unwrap();
    median((1..=COMMITS).map(|n| ms(|| assert_eq!(next.execute([n]).unwrap(), 1))).collect())
}

/// Bytes of a signed fact, on average.
fn size_of_a_fact(journal: &Path) -> f64 {
    let db = Connection::open(journal).unwrap();
    db.query_row("SELECT avg(length(jws)) FROM fact", [], |row| row.get(0)).unwrap()
}

/// Milliseconds to read every row of the journal's facts, by SQLite alone.
fn bare_read(journal: &Path) -> f64 {
    let read = || {
        let db = Connection::open(journal).unwrap();
        let mut all = db.prepare("SELECT inc, seq, id, hash, kind, jws, private FROM fact").unwrap();
        let mut rows = all.query([]).unwrap();
        let mut bytes = 0;
        while let Some(row) = rows.next().unwrap() {
            bytes += row.get_ref(5).unwrap().as_str().unwrap().len();
        }
        assert!(bytes > 0);
    };
    median((0..OPENS).map(|_| ms(read)).collect())
}

fn measure(size: usize) -> Figures {
    let shipments: Vec<_> = (0..SHIPMENTS).map(|n| shipment(&format!("N{n}"), 10, |_| {})).collect();
    let mut world = World::as_served(&shipments);
    world.phone.sync();
    for n in COMMITS..size {
        record(&world.phone, n);
    }
    let commit = median((0..COMMITS).map(|n| ms(|| record(&world.phone, n))).collect());
    let open = median(
        (0..OPENS)
            .map(|_| {
                world.phone.close();
                ms(|| {
                    world.phone.restart();
                    assert!(!world.phone.route().stops.is_empty());
                })
            })
            .collect(),
    );
    world.phone.close();
    let journal = world.phone.dir().join("data/journal.db");
    let (bytes, bare_read, bare_commit) =
        (size_of_a_fact(&journal), bare_read(&journal), bare_commit(&journal));
    world.phone.restart();
    let mut report = None;
    let drained = ms(|| report = Some(world.phone.core().sync_blocking(600_000).unwrap()));
    let report = report.unwrap();
    assert!(report.acked >= size as u64 && report.pending == 0 && report.error.is_none(), "{report:?}");
    let drained_per_s = report.acked as f64 / drained * 1_000.0;
    Figures { commit, bare_commit, open, bare_read, drained_per_s, bytes }
}

fn medians(size: usize) -> Figures {
    let rounds: Vec<_> = (0..ROUNDS).map(|_| measure(size)).collect();
    let of = |figure: fn(&Figures) -> f64| median(rounds.iter().map(figure).collect());
    Figures {
        commit: of(|it| it.commit),
        bare_commit: of(|it| it.bare_commit),
        open: of(|it| it.open),
        bare_read: of(|it| it.bare_read),
        drained_per_s: of(|it| it.drained_per_s),
        bytes: of(|it| it.bytes),
    }
}

fn draw(folder: &Path, figures: &[(usize, Figures)]) {
    let line = |figure: fn(&Figures) -> f64| -> Vec<(f64, f64)> {
        figures.iter().map(|(size, it)| (*size as f64, figure(it))).collect()
    };
    let across = "facts in the outbox";
    let plot = |title, up| Plot { title, across, up };
    plot("One more fact, until it is durable", "milliseconds")
        .save(
            folder,
            "commit",
            &[("courier core", line(|it| it.commit)), ("SQLite alone", line(|it| it.bare_commit))],
        )
        .unwrap();
    plot("Start, until the route can be shown", "milliseconds")
        .save(
            folder,
            "open",
            &[("courier core", line(|it| it.open)), ("SQLite alone reads them", line(|it| it.bare_read))],
        )
        .unwrap();
    plot("Drained over loopback, every signature checked", "facts per second")
        .save(folder, "drain", &[("courier core", line(|it| it.drained_per_s))])
        .unwrap();
}

fn main() {
    // `cargo bench` passes its own flags; `cargo test --benches` must not run for minutes.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    println!("{ROUNDS} rounds, medians; milliseconds, and facts per second");
    println!("   unsent  one more (SQLite alone)  start (SQLite alone reads)  drained     bytes each");
    let figures = SIZES.map(|size| {
        let it = medians(size);
        println!(
            "{size:9}  {:8.3} ({:12.3})  {:6.1} ({:18.1})  {:7.0} /s  {:6.0}",
            it.commit, it.bare_commit, it.open, it.bare_read, it.drained_per_s, it.bytes
        );
        (size, it)
    });
    if let Some(folder) = plot::folder() {
        draw(&folder, &figures);
    }
}
