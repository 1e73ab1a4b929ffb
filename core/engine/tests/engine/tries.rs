//! Entries are counted before they are looked at, and a kill forgives none.

use std::panic::{AssertUnwindSafe, catch_unwind};

use courier_domain::{AttemptId, CodeTryResult, FactBody, LockedBy, Rejection};
use courier_engine::{CommandResult, EngineError, StoreError};

use crate::world::World;

fn misses(world: &mut World) -> u32 {
    world.machine().state().progress_of(&AttemptId::new("a-coded").unwrap()).misses
}

/// Enters digits and kills the app at an event; true if it got that far.
fn enter_and_kill(world: &mut World, digits: &str, at: &'static str) -> bool {
    *world.events.kill_at.lock().unwrap() = Some(at);
    let killed = catch_unwind(AssertUnwindSafe(|| world.enter(digits))).is_err();
    *world.events.kill_at.lock().unwrap() = None;
    world.machine = None;
    killed
}

#[test]
fn two_hundred_kills_between_try_and_check_forgive_nothing() {
    std::panic::set_hook(Box::new(|_| {}));
    for round in 0..40 {
        let mut world = World::at_the_door();
        let digits = if round % 2 == 0 { world.wrong() } else { world.right() };
        for kill in 1..=5 {
            assert!(enter_and_kill(&mut world, &digits, "try-counted"), "not killed");
            if round % 3 == 0 {
                world.reboot();
            } else {
                world.open();
            }
            assert_eq!(misses(&mut world), kill, "a try was forgiven");
            world.tick(120_000);
        }
        let locked = EngineError::Rejected(Rejection::Locked { by: LockedBy::TriesUsed });
        let right = world.right();
        assert_eq!(world.enter(&right), Err(locked), "the right code was taken after five tries");
        world.pump();
        let interrupted = world
            .backend
            .chain()
            .iter()
            .filter(|held| {
                matches!(held.payload.body, FactBody::CodeTried { result: CodeTryResult::Interrupted, .. })
            })
            .count();
        assert_eq!(interrupted, 5);
    }
    let _ = std::panic::take_hook();
}

#[test]
fn a_kill_when_the_entry_was_looked_at_forgives_nothing() {
    let mut world = World::at_the_door();
    for (tries, digits) in (1..).zip([world.wrong(), world.right()]) {
        assert!(enter_and_kill(&mut world, &digits, "entry-checked"), "not killed");
        world.open();
        assert_eq!(misses(&mut world), tries, "a look at the entry was free");
    }
}

#[test]
fn a_kill_after_the_fact_counts_the_try_once() {
    let mut world = World::at_the_door();
    let wrong = world.wrong();
    assert!(enter_and_kill(&mut world, &wrong, "fact-recorded"));
    world.open();
    assert_eq!(misses(&mut world), 1);
    world.assert_reopens_the_same();
}

#[test]
fn the_wait_starts_again_with_a_restart_of_the_device() {
    let mut world = World::at_the_door();
    let wrong = world.wrong();
    for _ in 0..3 {
        world.enter(&wrong).unwrap();
    }
    world.tick(29_000);
    assert!(matches!(world.enter(&wrong), Err(EngineError::Rejected(Rejection::Wait { wait_ms: 1_000 }))));
    world.reboot();
    assert!(matches!(world.enter(&wrong), Err(EngineError::Rejected(Rejection::Wait { .. }))));
    world.tick(30_000);
    assert!(matches!(world.enter(&wrong), Ok(CommandResult::CodeWrong { tries_left: 1, .. })));
}

#[test]
fn a_try_whose_fact_could_not_be_written_is_counted_before_the_next_command() {
    let mut world = World::at_the_door();
    let (right, wrong) = (world.right(), world.wrong());
    world.enter(&wrong).unwrap();
    let blocker = rusqlite::Connection::open(world.data().join("journal.db")).unwrap();
    blocker
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON fact BEGIN SELECT RAISE(ABORT, 'full'); END;")
        .unwrap();
    assert_eq!(world.enter(&right), Err(EngineError::Store(StoreError::Forbidden)));
    assert!(world.enter(&right).is_err(), "recording went on over an uncounted try");
    blocker.execute_batch("DROP TRIGGER full").unwrap();
    world.enter(&wrong).unwrap();
    assert_eq!(misses(&mut world), 3);
    world.pump();
    world.assert_reopens_the_same();
}

#[test]
fn the_servers_count_is_never_lowered_by_the_phone_nor_the_phones_by_the_server() {
    let mut world = World::at_the_door();
    let wrong = world.wrong();
    world.enter(&wrong).unwrap();
    world.backend.oldest_cursor = u64::MAX;
    world.tick(61_000);
    world.pump();
    assert!(matches!(world.enter(&wrong), Ok(CommandResult::CodeWrong { tries_left: 3, .. })));
}
