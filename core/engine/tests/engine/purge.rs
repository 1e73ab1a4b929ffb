//! What is on the phone goes a week after its day, and nothing else does.

use courier_domain::{Command, Dot, FactBody, Signature};
use courier_engine::{Goes, KeptKind};
use courier_protocol::Object;
use rusqlite::Connection;

use crate::backend::Fault;
use crate::world::{World, hand_over_plain, route_of, stop, stop_at};

const DAY: u64 = 24 * 3_600_000;

/// Facts, private parts, entries and drafts in the journal.
fn journal(world: &World) -> [u64; 4] {
    let db = Connection::open(world.data().join("journal.db")).unwrap();
    ["fact", "fact WHERE private IS NOT NULL", "try", "draft"]
        .map(|from| db.query_row(&format!("SELECT count(*) FROM {from}"), [], |row| row.get(0)).unwrap())
}

/// A day with a wrong entry and a handover with a name, all handed in.
fn day() -> World {
    let mut world = World::at_the_door();
    let wrong = world.wrong();
    world.enter(&wrong).unwrap();
    world.go(hand_over_plain());
    world.pump_patiently(1);
    assert_eq!(world.pending(), 0);
    world
}

fn lie_in_a_drawer(world: &mut World, days: u64) {
    world.machine = None;
    world.tick(days * DAY);
    world.open();
}

fn cache_keys(world: &World) -> usize {
    ["cache-key-0", "cache-key-1"].into_iter().filter(|name| world.secret(name).is_some()).count()
}

#[test]
fn a_week_after_its_day_the_route_its_facts_and_their_names_are_gone_and_the_chain_goes_on() {
    let mut world = day();
    let facts = world.backend.chain().len() as u64;
    assert_eq!(journal(&world), [facts, 1, 1, 1]);
    lie_in_a_drawer(&mut world, 7);
    assert!(world.machine().state().route().is_some(), "a week is not over");
    assert_eq!((journal(&world)[0], cache_keys(&world)), (facts, 1));

    world.backend.forget_route();
    lie_in_a_drawer(&mut world, 3);
    assert!(world.machine().state().route().is_none());
    assert_eq!((journal(&world), cache_keys(&world)), ([1, 0, 0, 0], 0));
    world.assert_reopens_the_same();
    world.pump();

    world.backend.put(&Object::Route(route_of("route-2", "2027-01-25", &[stop("door-9")])));
    world.backend.put(&Object::Stop(stop_at(&stop("door-9"))));
    world.tick(61_000);
    world.pump();
    world.go(Command::StartDay);
    world.pump_patiently(1);
    let seqs: Vec<_> = world.backend.chain().iter().map(|held| held.payload.seq).collect();
    assert_eq!(seqs, (1..=facts + 1).collect::<Vec<_>>());
    let [.., before, last] = world.backend.chain()[..] else { panic!("no chain") };
    let prev = last.payload.prev.as_ref().unwrap().as_str();
    assert_eq!(world.backend.stored[prev].payload, before.payload, "the chain broke");
    assert!(matches!(last.payload.body, FactBody::DayStarted { .. }));
}

/// What the day's own chain keeps is not what is asked here: a phone out of a backup goes on with another one.
#[test]
fn facts_stay_a_week_from_when_the_server_had_them_whatever_the_clock_of_the_phone_says() {
    let mut world = World::at_the_door();
    let (right_time, behind) = (world.now.wall, world.now.wall.plus_ms(-8 * i64::try_from(DAY).unwrap()));
    world.now.wall = behind;
    world.go(hand_over_plain());
    world.pump_patiently(1);
    assert_eq!(world.pending(), 0);
    let facts = journal(&world)[0];
    world.now.wall = right_time;
    world.machine = None;
    std::fs::write(world.dir.path().join("secure").join("journal-token"), "of another time").unwrap();
    world.tick(2 * 3_600_000);
    world.open();
    world.pump();
    world.tick(2 * 3_600_000);
    world.pump();
    assert!(world.has_seen("incarnation-raised"));
    assert_eq!(journal(&world)[0], facts, "facts of today are gone");
    world.tick(8 * DAY);
    world.pump();
    assert!(journal(&world)[0] < facts, "facts of last week are still there");
}

/// What there is on the phone, and when it goes.
fn kept(world: &mut World) -> Vec<(KeptKind, u64, Goes)> {
    let now = world.now.clone();
    let kept = world.machine().diagnostics(&now).unwrap().kept;
    assert!(kept.iter().all(|it| it.bytes > 0), "{kept:?}");
    kept.into_iter().map(|it| (it.kind, it.count, it.goes)).collect()
}

#[test]
fn what_is_on_the_phone_goes_when_the_phone_says_so() {
    let mut world = day();
    let drawn =
        Signature { width: 300, height: 100, strokes: vec![vec![Dot { x: 1, y: 2 }, Dot { x: 30, y: 4 }]] };
    world.go(Command::Sign { stop: stop("door-1"), signature: drawn });
    let facts = world.backend.chain().len() as u64;
    let before = kept(&mut world);
    let Some(&(_, _, Goes::By(ms))) = before.first() else { panic!("{before:?}") };
    let objects = before[2].1;
    assert_eq!(
        before,
        [
            (KeptKind::Facts, facts, Goes::By(ms)),
            (KeptKind::Entries, 1, Goes::By(ms)),
            (KeptKind::Route, objects, Goes::By(ms)),
            (KeptKind::Drafts, 1, Goes::By(ms)),
            (KeptKind::Files, 1, Goes::By(ms)),
        ]
    );
    assert!(objects > 5, "a route is more than its stops");
    world.backend.forget_route();
    let left = u64::try_from(ms - world.now.wall.0).unwrap();
    let mut wait = |ms: u64| {
        world.machine = None;
        world.tick(ms);
        world.open();
        kept(&mut world)
    };
    // Phone and server differ by some seconds.
    let minute = 60_000;
    assert_eq!(wait(left - minute), before, "gone too early");
    let after = wait(2 * minute);
    assert_eq!(
        after,
        [(KeptKind::Facts, 1, Goes::Stays)],
        "the newest stays for its chain, and nothing else"
    );
}

#[test]
fn what_the_server_does_not_have_is_said_to_stay_until_then() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    let goes: Vec<_> = kept(&mut world).into_iter().map(|(kind, _, goes)| (kind, goes)).collect();
    assert_eq!(goes[0], (KeptKind::Facts, Goes::OnceStored));
    world.pump_patiently(1);
    assert!(matches!(kept(&mut world)[0], (KeptKind::Facts, _, Goes::By(_))));
}

#[test]
fn a_clock_that_nobody_vouches_for_takes_nothing_away() {
    let mut world = day();
    let before = journal(&world);
    world.now.wall = world.now.wall.plus_ms(4_000 * 24 * 3_600_000);
    world.reboot();
    let now = world.now.clone();
    let _ = world.machine().next(&now);
    assert!(world.machine().state().route().is_some(), "the route is gone in a cellar");
    assert_eq!(journal(&world), before);
    // The server knows that it is the same day.
    world.pump_patiently(1);
    assert_eq!(journal(&world), before);
}

#[test]
fn what_the_server_does_not_have_stays_for_ever() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    world.backend.facts_faults.extend(std::iter::repeat_n(Fault::Offline, 10_000));
    let unsent = world.pending();
    assert!(unsent > 0);
    world.backend.forget_route();
    for _ in 0..40 {
        lie_in_a_drawer(&mut world, 1);
        world.pump();
    }
    assert!(world.machine().state().route().is_none());
    assert_eq!(world.pending(), unsent);
    world.backend.facts_faults.clear();
    world.pump_patiently(2);
    assert_eq!(world.pending(), 0);
    assert!(world.backend.chain().iter().any(|held| held.private.is_some()), "the name did not arrive");
}
