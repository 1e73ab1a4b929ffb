//! Power losses: at every file operation of a phone's day, in every way that a disk may lose what was not synced.
//!
//! So it is while a damaged journal is put together, and while one of an older version is brought up to date.
//!
//! After each of them the phone opens; nothing that it ever showed is gone, no try is forgiven, nothing counts as handed in
//! that the server does not have, and the chain goes on. The engine is the real one, on SQLite on a [`disk`] of our own;
//! the server is that of the engine's tests.

mod disk;
mod phone;
mod vfs;

// The phone and the server of the engine's own tests, which use more of them.
#[allow(dead_code)]
#[path = "../../core/engine/tests/engine/backend.rs"]
mod backend;
#[allow(dead_code)]
#[path = "../../core/engine/tests/engine/world.rs"]
mod world;

use std::collections::BTreeSet;
use std::thread;

use disk::{Image, PowerLosses};
use phone::{Recording, Wrong};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

/// Ways to lose what is unsure, at each operation.
const IMAGES: usize = 24;
/// Looks at so many times more: `COURIER_CRASH_IMAGES=1000` for the long run.
const VARIABLE: &str = "COURIER_CRASH_IMAGES";

#[derive(Debug, Default)]
struct Found {
    operations: usize,
    /// Different ones of each operation.
    images: usize,
    wrong: Vec<String>,
}

/// Looks at the images of every `of`-th operation, beginning with the `nth`.
fn look(recording: &Recording, images: usize, nth: usize, of: usize) -> Found {
    vfs::install();
    let mut losses = PowerLosses::on(recording.start.clone());
    let mut found = Found::default();
    for (n, op) in recording.log.iter().enumerate() {
        losses.after(op);
        if n % of != nth {
            continue;
        }
        found.operations += 1;
        let ways = if losses.is_anything_unsure() { images } else { 1 };
        let mut looked_at = BTreeSet::new();
        for way in 0..ways {
            let mut rng = ChaCha20Rng::seed_from_u64((n * 10_000 + way) as u64);
            let (image, became) = losses.image(way, &mut rng);
            if !looked_at.insert(became) {
                continue;
            }
            found.images += 1;
            if let Err(Wrong(what)) = recording.check(&image, found.images.is_multiple_of(8)) {
                found.wrong.push(format!("operation {n}, way {way}: {what}"));
            }
        }
    }
    found
}

/// On two threads, each with files of its own.
fn look_everywhere(recording: &Recording, images: usize) -> Found {
    const THREADS: usize = 2;
    thread::scope(|scope| {
        let looks: Vec<_> =
            (0..THREADS).map(|nth| scope.spawn(move || look(recording, images, nth, THREADS))).collect();
        let mut all = Found::default();
        for found in looks.into_iter().map(|look| look.join().unwrap()) {
            all.operations += found.operations;
            all.images += found.images;
            all.wrong.extend(found.wrong);
        }
        all
    })
}

/// How many ways to lose what is unsure are drawn at each operation, without those that are the same.
fn images() -> usize {
    std::env::var(VARIABLE).map_or(IMAGES, |text| text.parse().expect("a number of images"))
}

fn assert_nothing_is_lost(what: &str, recording: &Recording) {
    let found = look_everywhere(recording, images());
    println!(
        "{what}: {} images of {} operations, {} wrong",
        found.images,
        found.operations,
        found.wrong.len()
    );
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    assert!(found.images > found.operations, "nothing was ever unsure");
}

#[test]
fn no_power_loss_takes_a_fact_forgives_a_try_or_leaves_a_phone_that_does_not_open() {
    assert_nothing_is_lost("days", &phone::record(false));
}

#[test]
fn no_power_loss_while_a_damaged_journal_is_put_together_costs_a_fact() {
    assert_nothing_is_lost("salvage", &phone::record_salvage());
}

#[test]
fn no_power_loss_while_a_journal_of_an_older_version_is_brought_up_to_date_costs_a_fact() {
    assert_nothing_is_lost("migration", &phone::record_migration());
}

#[test]
fn a_full_disk_takes_handovers_and_tells_it() {
    phone::fill_the_disk();
}

#[test]
fn a_disk_that_only_says_that_it_syncs_is_noticed() {
    let recording = phone::record(true);
    let found = look_everywhere(&recording, 4);
    assert!(!found.wrong.is_empty(), "facts were lost, and nobody noticed");
}

#[test]
fn an_image_without_anything_unsure_is_what_was_written() {
    let recording = phone::record(false);
    let mut losses = PowerLosses::on(recording.start.clone());
    recording.log.iter().for_each(|op| losses.after(op));
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (Image { mut files, .. }, _) = losses.image(1, &mut rng);
    files.retain(|_, content| !content.is_empty());
    let names: BTreeSet<_> = files.keys().filter_map(|path| path.rsplit('/').next()).collect();
    assert!(names.contains("journal.db") && names.contains("route.db"), "{names:?}");
    // A file that was only opened is there, and nothing was done to it.
    let mut written = recording.files.clone();
    written.retain(|_, content| !content.is_empty());
    assert!(files == written, "other files than were written");
}
