//! Ways to guess without paying. However the phone is treated, an entry that is looked at is counted: five for each
//! attempt on one image of a phone, and five for all phones together as soon as they hear of each other.
//!
//! Being killed is proven in `core/engine/tests/engine` (`tries`, `killed`).

use std::path::{Path, PathBuf};

use courier_domain::{CodeState, LockedBy, Verifier};
use courier_engine::{CommandResult, CourierError};
use courier_tests::phone::{Phone, files_of};
use courier_tests::world::{World, shipment};
use tempfile::TempDir;

use crate::day::misses;

const BUDGET: usize = 5;
const LONGEST_WAIT: u64 = 120_000;

/// A world, and somebody who guesses in it.
struct Guesser {
    world: World,
    guesses: std::vec::IntoIter<String>,
}

impl Guesser {
    fn new() -> Self {
        let world = World::with(&[shipment("Kaya", 90_000, |_| {})]);
        let verifiers: Vec<Verifier> = world.verifiers();
        world.phone.scan("Kaya");
        Self { world, guesses: misses(&verifiers, 100_000).take(100).collect::<Vec<_>>().into_iter() }
    }

    /// One that has backed up its phone, then guessed three times and handed that in. The phone is closed.
    fn with_a_backup() -> (Self, TempDir) {
        let mut guesser = Self::new();
        let backup = tempfile::tempdir().unwrap();
        guesser.world.phone.close();
        copy(&data(&guesser.world.phone), &backup.path().join("data"));
        guesser.world.phone.restart();
        for _ in 0..3 {
            assert!(guesser.guess_at_home());
        }
        guesser.world.phone.sync();
        guesser.world.phone.close();
        (guesser, backup)
    }

    /// Guesses once; whether the guess was looked at.
    fn guess(&mut self, phone: &Phone) -> bool {
        let text = self.guesses.next().unwrap();
        guess(phone, &text)
    }

    fn guess_at_home(&mut self) -> bool {
        let text = self.guesses.next().unwrap();
        guess(&self.world.phone, &text)
    }

    /// As often as it can be done.
    fn guess_on(&mut self) -> usize {
        (0..10)
            .filter(|_| {
                self.world.advance(LONGEST_WAIT);
                self.guess_at_home()
            })
            .count()
    }

    fn assert_locked(&self, phone: &Phone) {
        let code = phone.door("Kaya").1.code;
        assert_eq!(code, Some(CodeState::Locked { by: LockedBy::TriesUsed }));
        assert!(!phone.door("Kaya").1.exits.is_empty(), "no way out of a locked code");
        let right = self.world.digits("Kaya");
        assert!(!guess(phone, &right), "the right code was looked at after the budget");
    }
}

/// Whether an entry was looked at.
fn guess(phone: &Phone, text: &str) -> bool {
    match phone.enter("Kaya", text) {
        Ok(
            CommandResult::CodeWrong { .. }
            | CommandResult::CodeLocked { .. }
            | CommandResult::CodeMatched { .. },
        ) => true,
        Ok(other) => panic!("{other:?}"),
        Err(
            CourierError::Rejected { .. }
            | CourierError::Auth
            | CourierError::NotFound
            | CourierError::Storage { .. },
        ) => false,
        Err(other) => panic!("{other:?}"),
    }
}

/// How often anything was looked at, as the phone's own log has it.
fn looks(phone: &Phone) -> usize {
    phone.count("entry-checked")
}

pub(crate) fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    for (path, bytes) in files_of(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, bytes).unwrap();
    }
}

fn remove(dir: &Path, name: &str) {
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(dir.join(format!("{name}{suffix}")));
    }
}

fn data(phone: &Phone) -> PathBuf {
    phone.dir().join("data")
}

#[test]
fn clocks_set_back_and_forward_give_no_guess_and_shorten_no_wait() {
    let mut guesser = Guesser::new();
    for ms in [86_400_000, -172_800_000, 0] {
        assert!(guesser.guess_at_home());
        guesser.world.clock.set_off(ms);
    }
    for ms in [3_600_000, -3_600_000, 86_400_000, -86_400_000] {
        guesser.world.clock.set_off(ms);
        assert!(!guesser.guess_at_home(), "a wall clock shortened the wait");
    }
    assert_eq!(guesser.guess_on(), 2);
    for ms in [86_400_000, -86_400_000] {
        guesser.world.clock.set_off(ms);
        assert!(!guesser.guess_at_home(), "a clock brought a guess");
    }
    assert_eq!(looks(&guesser.world.phone), BUDGET);
    guesser.assert_locked(&guesser.world.phone);
}

#[test]
fn restarts_of_the_device_and_the_app_give_no_guess_and_shorten_no_wait() {
    let mut guesser = Guesser::new();
    for _ in 0..3 {
        assert!(guesser.guess_at_home());
        guesser.world.phone.restart();
    }
    for _ in 0..5 {
        guesser.world.clock.reboot();
        guesser.world.phone.restart();
        assert!(!guesser.guess_at_home(), "a restart shortened the wait");
    }
    for _ in 0..10 {
        guesser.world.clock.advance(LONGEST_WAIT);
        guesser.guess_at_home();
        guesser.world.clock.reboot();
        guesser.world.phone.restart();
    }
    assert_eq!(looks(&guesser.world.phone), BUDGET);
    guesser.assert_locked(&guesser.world.phone);
}

#[test]
fn whoever_installs_the_app_again_goes_on_with_the_tries_that_the_server_knows() {
    let mut guesser = Guesser::new();
    for _ in 0..3 {
        assert!(guesser.guess_at_home());
    }
    guesser.world.phone.sync();
    let dir = tempfile::tempdir().unwrap();
    let fresh = guesser.world.another_phone(dir.path());
    fresh.scan("Kaya");
    // Without a network from here on: nothing that the server says can help.
    guesser.world.net("down", None);
    let mut more = 0;
    for _ in 0..10 {
        guesser.world.advance(LONGEST_WAIT);
        more += usize::from(guesser.guess(&fresh));
    }
    assert_eq!(more, BUDGET - 3, "an installation more, {more} guesses more");
    guesser.assert_locked(&fresh);
    guesser.world.net("ok", None);
    guesser.world.advance(LONGEST_WAIT);
    fresh.sync();
    guesser.assert_locked(&fresh);
}

#[test]
fn two_phones_in_turns_have_one_budget_as_soon_as_they_hear_of_each_other() {
    let mut guesser = Guesser::new();
    let dir = tempfile::tempdir().unwrap();
    let other = guesser.world.another_phone(dir.path());
    other.scan("Kaya");
    let mut looked_at = 0;
    for _ in 0..10 {
        guesser.world.advance(LONGEST_WAIT);
        guesser.world.phone.sync();
        looked_at += usize::from(guesser.guess_at_home());
        guesser.world.phone.sync();
        other.sync();
        guesser.world.advance(LONGEST_WAIT);
        looked_at += usize::from(guesser.guess(&other));
        other.sync();
    }
    assert_eq!(looked_at, BUDGET, "two phones, {looked_at} guesses");
    guesser.world.phone.sync();
    guesser.assert_locked(&guesser.world.phone);
    guesser.assert_locked(&other);
}

#[test]
fn two_phones_that_are_both_offline_have_a_budget_each_and_are_told_on_afterwards() {
    let mut guesser = Guesser::new();
    let dir = tempfile::tempdir().unwrap();
    let other = guesser.world.another_phone(dir.path());
    other.scan("Kaya");
    let mine = guesser.guess_on();
    let mut others = 0;
    for _ in 0..10 {
        guesser.world.advance(LONGEST_WAIT);
        others += usize::from(guesser.guess(&other));
    }
    assert_eq!((mine, others), (BUDGET, BUDGET));
    guesser.world.phone.sync();
    other.sync();
    let tries = guesser.world.service().totals().unwrap().facts["code_tried"];
    assert_eq!(tries, 10, "the server does not know of every try");
}

#[test]
fn a_restored_backup_is_another_incarnation_and_forgets_nothing_that_the_server_knows() {
    let (mut guesser, backup) = Guesser::with_a_backup();
    copy(&backup.path().join("data"), &data(&guesser.world.phone));
    guesser.world.phone.restart();
    assert_eq!(guesser.world.phone.count("incarnation-raised"), 1, "a backup goes on as if nothing had been");
    guesser.world.phone.sync();
    assert_eq!(guesser.guess_on(), BUDGET - 3, "a backup brought guesses");
    assert_eq!(looks(&guesser.world.phone), BUDGET);
    guesser.assert_locked(&guesser.world.phone);
}

#[test]
fn without_its_journal_a_phone_is_nobodys_and_without_its_route_it_has_nothing_to_compare_with() {
    let mut guesser = Guesser::new();
    for _ in 0..2 {
        assert!(guesser.guess_at_home());
    }
    guesser.world.phone.sync();
    // The route alone: every try is in the journal.
    guesser.world.phone.close();
    remove(&data(&guesser.world.phone), "route.db");
    guesser.world.phone.restart();
    assert!(guesser.world.phone.core().route().unwrap().is_none());
    guesser.world.phone.sync();
    guesser.world.advance(LONGEST_WAIT);
    assert!(guesser.guess_at_home());
    guesser.world.phone.sync();
    // The journal alone: all of it is in the log a second time.
    guesser.world.phone.close();
    remove(&data(&guesser.world.phone), "journal.db");
    guesser.world.phone.restart();
    assert_eq!(guesser.world.phone.count("incident"), 1, "a journal that vanished was not missed");
    assert!(guesser.world.phone.core().diagnostics().unwrap().tries >= 3);
    // With its log: an installation that nobody has enrolled checks nothing.
    guesser.world.phone.close();
    remove(&data(&guesser.world.phone), "journal.db");
    for (log, _) in files_of(&data(&guesser.world.phone)) {
        if log.extension().is_some_and(|ending| ending == "log") {
            std::fs::remove_file(log).unwrap();
        }
    }
    guesser.world.phone.restart();
    guesser.world.phone.go(courier_domain::Command::StartDay).unwrap();
    let stop = guesser.world.phone.route().stops[0].id.clone();
    let door = guesser.world.phone.core().stop(&stop).unwrap().doors.remove(0);
    let barcode = door.parcels[0].barcode.clone();
    guesser.world.phone.go(courier_domain::Command::Scan { stop, barcode }).unwrap();
    assert_eq!(guesser.guess_on(), 0, "a phone that is nobody's looked at an entry");
    guesser.world.enrol(&guesser.world.phone);
    guesser.world.phone.sync();
    assert_eq!(guesser.guess_on(), BUDGET - 3);
    assert_eq!(looks(&guesser.world.phone), BUDGET);
    guesser.assert_locked(&guesser.world.phone);
}

#[test]
fn a_journal_rolled_back_alone_brings_back_no_try_that_the_server_knows() {
    let (mut guesser, backup) = Guesser::with_a_backup();
    // The route of today with the journal of before: no word from the server is needed.
    for name in ["journal.db", "journal.db-wal", "journal.db-shm"] {
        let _ = std::fs::remove_file(data(&guesser.world.phone).join(name));
        let _ = std::fs::copy(backup.path().join("data").join(name), data(&guesser.world.phone).join(name));
    }
    guesser.world.net("down", None);
    guesser.world.phone.restart();
    assert_eq!(guesser.guess_on(), BUDGET - 3, "a journal of before brought guesses");
}

#[test]
fn rows_cut_out_of_the_journal_bring_back_no_try_that_has_its_fact() {
    let mut guesser = Guesser::new();
    for _ in 0..3 {
        assert!(guesser.guess_at_home());
    }
    let journal = || rusqlite::Connection::open(data(&guesser.world.phone).join("journal.db")).unwrap();
    // With the triggers in place nothing of it can be lowered.
    for sql in ["DELETE FROM fact", "UPDATE try SET boot_ms = 0", "UPDATE fact SET jws = ''"] {
        assert!(journal().execute_batch(sql).is_err(), "{sql} was taken");
    }
    let journal = journal();
    let triggers: Vec<String> = journal
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for trigger in triggers {
        journal.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    journal.execute_batch("DELETE FROM try").unwrap();
    drop(journal);
    guesser.world.phone.restart();
    assert_eq!(guesser.guess_on(), BUDGET - 3, "the facts alone have to count");
    guesser.world.phone.sync();
    // Facts that the server has are cut out in vain.
    guesser.world.phone.close();
    let journal = rusqlite::Connection::open(data(&guesser.world.phone).join("journal.db")).unwrap();
    journal
        .execute_batch("DELETE FROM ack; DELETE FROM fact WHERE kind = 'code_tried'; DELETE FROM try")
        .unwrap();
    drop(journal);
    guesser.world.phone.restart();
    assert_eq!(guesser.guess_on(), 0, "a fact that the server has was cut out and forgotten");
    guesser.assert_locked(&guesser.world.phone);
}
