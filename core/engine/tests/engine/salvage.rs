//! A journal that breaks: what is left of it and of the log is put together, and what is not is told.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use courier_domain::{Command, FactBody, LockedBy, Rejection};
use courier_engine::{EngineError, StoreDiagnostics, StoreError};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rusqlite::Connection;

use crate::world::{World, files, hand_over_coded, hand_over_plain, stop};

const PAGE: usize = 4_096;

fn journal(world: &World) -> PathBuf {
    world.data().join("journal.db")
}

/// Hashes of the facts in the journal.
fn facts(world: &World) -> BTreeSet<String> {
    let db = Connection::open(journal(world)).unwrap();
    let mut query = db.prepare("SELECT hash FROM fact").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn shown(world: &mut World) -> StoreDiagnostics {
    let now = world.now.clone();
    world.machine().diagnostics(&now).unwrap().store
}

fn lost(world: &World) -> Vec<Option<u64>> {
    let bodies = world.backend.chain().into_iter().map(|held| held.payload.body.clone());
    bodies
        .filter_map(|body| match body {
            FactBody::Incident { kind, lost } if kind == "journal-salvaged" => Some(lost),
            _ => None,
        })
        .collect()
}

/// A day with entries wrong and right and two handovers, of which the last things are not handed in.
fn day() -> World {
    let mut world = World::at_the_door();
    let (wrong, right) = (world.wrong(), world.right());
    world.enter(&wrong).unwrap();
    world.pump();
    world.tick(130_000);
    world.enter(&right).unwrap();
    world.go(hand_over_coded());
    world.go(hand_over_plain());
    world
}

#[test]
fn a_journal_that_is_no_database_any_more_comes_back_from_the_log() {
    let mut world = day();
    let before = facts(&world);
    let doors = world.machine().state().clone();
    world.machine = None;
    fs::write(journal(&world), b"this is no database any more, and nobody knows why").unwrap();
    world.open();
    let after = facts(&world);
    assert!(after.is_superset(&before), "facts were lost that the log has");
    let shipments: Vec<_> = doors.shipments().collect();
    for held in shipments {
        let state = world.machine().state();
        assert_eq!(
            state.progress_of(&held.object.attempt.id).misses,
            doors.progress_of(&held.object.attempt.id).misses
        );
        let open = |state: &courier_domain::DayState| {
            matches!(state.attempt_state(held), courier_domain::attempt::AttemptState::Open)
        };
        assert_eq!(open(state), open(&doors));
    }
    assert_eq!((shown(&mut world).salvages, shown(&mut world).lost), (1, 0));
    world.pump_patiently(2);
    assert_eq!(world.pending(), 0);
    let there: BTreeSet<_> = world.backend.stored.keys().cloned().collect();
    assert!(there.is_superset(&before));
    assert_eq!(lost(&world), [Some(0)], "the operators are told once");
    let named = world.backend.chain().iter().any(|held| held.private.is_some());
    assert!(named, "a private part of the log does not open");
    world.go(Command::CloseDay);
    world.assert_reopens_the_same();
}

#[test]
fn a_journal_that_vanished_or_is_empty_is_a_damaged_one() {
    for what in ["gone", "empty", "cut"] {
        let mut world = day();
        let before = facts(&world);
        world.machine = None;
        for ending in ["", "-wal", "-shm"] {
            let file = world.data().join(format!("journal.db{ending}"));
            match what {
                "gone" => drop(fs::remove_file(file)),
                "empty" if ending.is_empty() => fs::write(file, b"").unwrap(),
                "cut" if ending.is_empty() => {
                    let bytes = fs::read(&file).unwrap();
                    fs::write(file, &bytes[..PAGE]).unwrap();
                }
                _ => {}
            }
        }
        world.open();
        assert!(facts(&world).is_superset(&before), "{what}: facts were lost");
        assert_eq!(shown(&mut world).salvages, 1, "{what}: nobody is told");
    }
}

/// SQLite finds nothing wrong with a table that is not there.
#[test]
fn a_journal_without_one_of_its_tables_is_a_damaged_one() {
    for table in ["try", "ack", "fact"] {
        let mut world = day();
        let before = facts(&world);
        world.machine = None;
        let db = Connection::open(journal(&world)).unwrap();
        db.execute_batch(&format!("PRAGMA foreign_keys = OFF; DROP TABLE {table}")).unwrap();
        drop(db);
        world.open();
        assert!(facts(&world).is_superset(&before), "{table}: facts were lost");
        assert_eq!(shown(&mut world).salvages, 1, "{table}: nobody is told");
        world.pump_patiently(2);
        assert_eq!(world.pending(), 0, "{table}");
    }
}

#[test]
fn a_changed_byte_in_a_fact_is_found_when_the_phone_starts_and_mended() {
    let mut world = day();
    let before = facts(&world);
    world.machine = None;
    let db = Connection::open(journal(&world)).unwrap();
    db.execute_batch(
        "DROP TRIGGER a_fact_is_never_changed;
         UPDATE fact SET jws = replace(jws, substr(jws, 40, 3), 'AAA') WHERE seq = 3;",
    )
    .unwrap();
    drop(db);
    world.open();
    assert!(facts(&world).is_superset(&before));
    assert_eq!((shown(&mut world).salvages, shown(&mut world).lost), (1, 0));
    world.pump_patiently(2);
    assert_eq!(lost(&world), [Some(0)]);
}

#[test]
fn what_breaks_while_the_app_runs_is_noticed_and_mended_by_opening_again() {
    let mut world = day();
    let before = facts(&world);
    let db = Connection::open(journal(&world)).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(db);
    let mut bytes = fs::read(journal(&world)).unwrap();
    bytes[PAGE..].fill(0x5a);
    fs::write(journal(&world), bytes).unwrap();
    world.machine().sync_now();
    let now = world.now.clone();
    let mut refused = 0;
    for _ in 0..3 {
        refused += u32::from(world.submit(Command::CheckLoad { barcodes: Vec::new() }).is_err());
        let _ = world.machine().next(&now);
    }
    if refused > 0 {
        assert!(world.machine().is_damaged(), "nobody noticed");
    }
    world.open();
    assert!(facts(&world).is_superset(&before));
}

#[test]
fn neither_a_lost_journal_nor_a_second_one_forgives_a_try() {
    let mut world = World::at_the_door();
    let (wrong, right) = (world.wrong(), world.right());
    for round in 1..=5 {
        // What was begun at a door is not in the log.
        for barcode in ["P-coded-0", "P-coded-1"] {
            world.go(Command::Scan { stop: stop("door-1"), barcode: barcode.into() });
        }
        world.enter(&wrong).unwrap();
        world.tick(2_000_000);
        world.machine = None;
        fs::write(journal(&world), b"broken once more").unwrap();
        world.open();
        let misses =
            world.machine().state().progress_of(&courier_domain::AttemptId::new("a-coded").unwrap()).misses;
        assert_eq!(misses, round, "a try was forgiven");
    }
    for barcode in ["P-coded-0", "P-coded-1"] {
        world.go(Command::Scan { stop: stop("door-1"), barcode: barcode.into() });
    }
    let locked = Rejection::Locked { by: LockedBy::TriesUsed };
    assert_eq!(world.enter(&right), Err(EngineError::Rejected(locked)));
}

#[test]
fn damaged_files_lie_aside_three_at_most_and_for_a_week() {
    let mut world = day();
    for _ in 0..5 {
        world.machine = None;
        fs::write(journal(&world), b"broken once more").unwrap();
        world.open();
    }
    let aside = world.data().join("aside");
    let there = || files(&aside).len();
    assert_eq!(there(), 3);
    assert_eq!(shown(&mut world).aside, 3);
    let now =
        std::time::UNIX_EPOCH + std::time::Duration::from_millis(u64::try_from(world.now.wall.0).unwrap());
    for (file, _) in files(&aside) {
        fs::File::options().write(true).open(file).unwrap().set_modified(now).unwrap();
    }
    world.pump_patiently(2);
    for (days, left) in [(6, 3), (2, 0)] {
        world.machine = None;
        world.tick(days * 24 * 3_600_000);
        world.open();
        assert_eq!(there(), left, "after {days} days more");
    }
}

#[test]
fn a_journal_that_cannot_be_read_now_is_left_as_it_is() {
    let mut world = day();
    let before = facts(&world);
    world.machine = None;
    let aside = world.data().join("kept");
    fs::rename(journal(&world), &aside).unwrap();
    fs::create_dir(journal(&world)).unwrap();
    assert_eq!(world.try_open(), Err(EngineError::Store(StoreError::Io)));
    assert!(!world.data().join("aside").exists(), "something was put aside");
    fs::remove_dir(journal(&world)).unwrap();
    fs::rename(&aside, journal(&world)).unwrap();
    world.open();
    assert_eq!(facts(&world), before);
    assert_eq!(shown(&mut world).salvages, 0);
}

#[test]
fn a_journal_of_a_newer_version_is_refused_and_never_reset() {
    let mut world = day();
    world.machine = None;
    let db = Connection::open(journal(&world)).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let before = fs::read(journal(&world)).unwrap();
    assert_eq!(world.try_open(), Err(EngineError::Store(StoreError::Newer)));
    assert_eq!(fs::read(journal(&world)).unwrap(), before);
}

#[test]
fn a_second_engine_on_the_same_data_is_refused_until_the_first_is_closed() {
    let mut world = day();
    let first = world.machine.take().unwrap();
    assert_eq!(world.try_open(), Err(EngineError::Store(StoreError::InUse)));
    first.close().unwrap();
    world.open();
    assert_eq!(shown(&mut world).salvages, 0);
}

/// A phone with so many unsent facts.
fn full_of(unsent: usize) -> World {
    let mut world = World::started();
    for n in 0..unsent {
        world.go(Command::CheckLoad { barcodes: vec![format!("X-{n}")] });
    }
    world.machine = None;
    world
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for (file, bytes) in files(from) {
        let name = Path::new(&file).strip_prefix(from).unwrap().to_owned();
        fs::create_dir_all(to.join(&name).parent().unwrap()).unwrap();
        fs::write(to.join(name), bytes).unwrap();
    }
}

/// Destroys a page or two, or the end, of a file.
fn destroy(file: &Path, rng: &mut ChaCha20Rng) {
    let mut bytes = fs::read(file).unwrap();
    let pages = bytes.len().div_ceil(PAGE) as u64;
    if rng.next_u32().is_multiple_of(4) {
        let cut = 1 + rng.next_u64() % (2 * PAGE as u64);
        bytes.truncate(bytes.len().saturating_sub(usize::try_from(cut).unwrap()));
    } else {
        let at = usize::try_from(rng.next_u64() % pages).unwrap() * PAGE;
        let end = (at + PAGE).min(bytes.len());
        match rng.next_u32() % 3 {
            0 => bytes[at..end].fill(0),
            1 => rng.fill_bytes(&mut bytes[at..end]),
            _ => bytes.copy_within(0..end - at, at),
        }
    }
    fs::write(file, bytes).unwrap();
}

/// SQLite reads nothing of a file that is shorter than it says, and here there is no log that would have it all.
#[test]
fn of_a_journal_whose_end_is_cut_off_what_is_before_it_comes_back() {
    let mut world = full_of(200);
    let before = facts(&world);
    let db = Connection::open(journal(&world)).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(db);
    let bytes = fs::read(journal(&world)).unwrap();
    fs::write(journal(&world), &bytes[..bytes.len() / PAGE * 3 / 4 * PAGE]).unwrap();
    for (log, _) in files(&world.data()).into_iter().filter(|(name, _)| name.contains("/facts-")) {
        fs::remove_file(log).unwrap();
    }
    world.open();
    let after = before.intersection(&facts(&world)).count();
    assert!(after * 2 > before.len(), "{after} of {} facts came back", before.len());
    let told = shown(&mut world);
    assert_eq!(told.salvages, 1);
    assert!(told.lost >= u64::try_from(before.len() - after).unwrap(), "{} are told to be lost", told.lost);
}

#[test]
fn of_pages_and_ends_destroyed_in_both_files_nearly_every_fact_comes_back_and_the_rest_is_told() {
    const SEEDS: u64 = 60;
    let mut world = full_of(400);
    let (pristine, before) = (tempfile::tempdir().unwrap(), facts(&world));
    let secrets = world.dir.path().join("secure");
    copy(&world.data(), &pristine.path().join("data"));
    copy(&secrets, &pristine.path().join("secure"));
    let (mut back, mut silent, mut untold) = (0, 0, 0);
    for seed in 0..SEEDS {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        world.machine = None;
        fs::remove_dir_all(world.data()).unwrap();
        copy(&pristine.path().join("data"), &world.data());
        copy(&pristine.path().join("secure"), &secrets);
        destroy(&journal(&world), &mut rng);
        let (log, _) = files(&world.data()).into_iter().find(|(name, _)| name.contains("/facts-")).unwrap();
        destroy(Path::new(&log), &mut rng);
        world.open();
        let gone = before.len() - before.intersection(&facts(&world)).count();
        back += before.len() - gone;
        let told = shown(&mut world);
        silent += u32::from(gone > 0 && told.salvages == 0);
        untold += u64::try_from(gone).unwrap().saturating_sub(told.lost);
    }
    let all = before.len() * usize::try_from(SEEDS).unwrap();
    println!("{back} of {all} facts came back; {untold} lost ones are not in the number told");
    assert!(back * 1_000 >= all * 995, "{back} of {all} facts came back");
    assert_eq!(silent, 0, "facts were lost, and nobody was told");
    assert_eq!(untold, 0, "lost facts are not in the number that is told");
}
