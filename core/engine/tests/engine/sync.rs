//! Answers that are lost, wrong, late or somebody else's.

use courier_domain::Command;
use courier_protocol::{ObjectKind, Scope};

use crate::backend::Fault;
use crate::world::{World, hand_over_plain, route_of, stop};
use courier_engine::{HttpResponse, Step};
use courier_protocol::Object;

/// Whether everything recorded arrived once, in one chain.
fn assert_stored_once(world: &mut World, facts: usize) {
    assert_eq!(world.pending(), 0, "facts are still pending");
    let seqs: Vec<_> = world.backend.chain().iter().map(|held| held.payload.seq).collect();
    assert_eq!(seqs, (1..=facts as u64).collect::<Vec<_>>());
}

#[test]
fn an_answer_lost_twice_leaves_one_fact() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    world.backend.facts_faults.extend([Fault::LoseAnswer, Fault::LoseAnswer]);
    world.pump();
    assert!(world.pending() > 0, "a fact was acknowledged without an answer");
    world.pump_patiently(3);
    assert_stored_once(&mut world, 3);
    assert!(world.backend.arrivals > 3, "nothing was sent again");
}

#[test]
fn a_long_outbox_packed_ahead_goes_in_order_whatever_becomes_of_the_batch_before() {
    for faults in [
        vec![],
        vec![Fault::LoseAnswer],
        vec![Fault::Retry(10)],
        vec![Fault::OtherHashes],
        vec![Fault::Status(413, None), Fault::LoseAnswer],
        vec![Fault::Want(1, 1), Fault::LoseAnswer],
    ] {
        let mut world = World::started();
        for n in 0..450 {
            world.go(Command::CheckLoad { barcodes: vec![format!("X-{n}")] });
        }
        let (before, repeats) = (world.backend.arrivals, faults.len());
        world.backend.facts_faults.extend(faults);
        world.pump_patiently(3);
        assert_stored_once(&mut world, 451);
        let arrivals = world.backend.arrivals - before;
        assert!((450..=450 + 400 * repeats).contains(&arrivals), "{arrivals} facts arrived");
    }
}

#[test]
fn nothing_is_acknowledged_by_an_answer_that_is_not_ours() {
    for fault in [
        Fault::Portal,
        Fault::PortalWithOurType,
        Fault::OtherRequest,
        Fault::OtherHashes,
        Fault::OtherType,
        Fault::Nothing,
        Fault::Status(200, None),
        Fault::Status(302, None),
        Fault::Status(500, None),
        Fault::Status(503, Some(30)),
        Fault::Retry(5_000),
        Fault::Body("{".into()),
    ] {
        let mut world = World::at_the_door();
        world.go(hand_over_plain());
        let pending = world.pending();
        world.backend.facts_faults.push_back(fault.clone());
        world.pump();
        assert_eq!(world.pending(), pending, "{fault:?} acknowledged something");
        world.assert_reopens_the_same();
        world.pump_patiently(2);
        assert_stored_once(&mut world, 3);
    }
}

#[test]
fn results_in_another_order_acknowledge_only_what_is_in_its_place() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    world.go(Command::Arrive { stop: stop("door-2") });
    // Three facts: reversed, only the middle one is in its place.
    world.backend.facts_faults.push_back(Fault::Shuffled);
    let now = world.now.clone();
    let Step::Send(request) = world.machine().next(&now) else { panic!("nothing to send") };
    let answer = world.backend.answer(&request).unwrap();
    world.machine().received(request.id, Ok(answer), &now);
    assert_eq!(world.pending(), 2);
    assert!(world.has_seen("acknowledgement-of-another-fact"));
    world.pump_patiently(1);
    assert_stored_once(&mut world, 4);
}

#[test]
fn a_refused_token_is_renewed_once_and_recording_goes_on() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    world.backend.facts_faults.push_back(Fault::Unauthorized);
    let before = world.backend.token_requests;
    world.pump();
    assert_eq!(world.backend.token_requests, before + 1);
    assert_stored_once(&mut world, 3);
    // Refused again and again: one renewal, then patience.
    world.go(Command::Arrive { stop: stop("door-2") });
    world.backend.facts_faults.extend(std::iter::repeat_n(Fault::Unauthorized, 3));
    let before = world.backend.arrivals;
    let carried = world.pump();
    let tries = carried.iter().filter(|path| *path == "/v1/facts").count();
    assert!(tries <= 2, "a refused token was tried {tries} times at once");
    assert_eq!(world.backend.arrivals, before);
    world.go(Command::Scan { stop: stop("door-2"), barcode: "P-other-0".into() });
    world.pump_patiently(4);
    assert_stored_once(&mut world, 4);
}

#[test]
fn a_gap_that_the_server_finds_is_filled_from_the_journal() {
    let mut world = World::at_the_door();
    world.pump();
    let lost: Vec<_> = world
        .backend
        .stored
        .iter()
        .filter(|(_, held)| held.payload.seq <= 2)
        .map(|(hash, _)| hash.clone())
        .collect();
    for hash in &lost {
        world.backend.stored.remove(hash);
    }
    world.go(hand_over_plain());
    world.backend.facts_faults.push_back(Fault::Want(1, 2));
    world.pump();
    assert_eq!(world.pending(), 2, "the missing range is not offered");
    world.assert_reopens_the_same();
    world.pump_patiently(1);
    assert_stored_once(&mut world, 3);
}

#[test]
fn a_server_that_wants_for_ever_is_answered_with_pauses() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    world.backend.facts_faults.extend(std::iter::repeat_n(Fault::Want(0, u64::MAX), 500));
    let carried = world.pump();
    assert!(carried.len() < 40, "{} requests without a pause", carried.len());
}

#[test]
fn a_restored_server_gets_everything_again() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    world.pump();
    assert_stored_once(&mut world, 3);
    world.backend.stored.clear();
    world.backend.epoch = "epoch-2".into();
    world.tick(61_000);
    world.pump();
    world.pump_patiently(1);
    assert_stored_once(&mut world, 3);
    world.assert_reopens_the_same();
}

#[test]
fn facts_go_out_while_the_route_lane_is_stuck_and_the_other_way_round() {
    let mut world = World::at_the_door();
    world.backend.route_faults.extend(std::iter::repeat_n(Fault::Status(500, Some(3_600)), 50));
    world.tick(61_000);
    world.pump();
    world.go(hand_over_plain());
    world.pump();
    assert_stored_once(&mut world, 3);

    let mut world = World::at_the_door();
    world.backend.facts_faults.extend(std::iter::repeat_n(Fault::Status(500, Some(3_600)), 50));
    world.pump();
    world.backend.take_away(ObjectKind::Stop, "door-2", "moved");
    world.tick(61_000);
    world.pump();
    assert!(world.machine().state().stop(&stop("door-2")).unwrap().gone.is_some());
}

#[test]
fn sync_now_skips_our_own_waiting_and_never_the_servers() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    world.backend.facts_faults.extend(std::iter::repeat_n(Fault::Offline, 6));
    for _ in 0..6 {
        world.machine().sync_now();
        assert!(world.pump().iter().any(|path| path == "/v1/facts"), "our own waiting was kept");
    }
    world.backend.facts_faults.push_back(Fault::Status(503, Some(20)));
    world.machine().sync_now();
    world.pump();
    world.machine().sync_now();
    assert!(!world.pump().iter().any(|path| path == "/v1/facts"), "the server's wish was ignored");
    world.tick(21_000);
    world.machine().sync_now();
    world.pump();
    assert_stored_once(&mut world, 3);
}

#[test]
fn the_route_follows_facts_and_is_polled_once_a_minute() {
    let mut world = World::started();
    assert_eq!(world.pump(), Vec::<String>::new());
    let now = world.now.clone();
    let Step::SleepUntil(at) = world.machine().next(&now) else { panic!("no poll is planned") };
    assert!((50_000..=60_000).contains(&(at - now.boot_ms)));
    world.tick(60_000);
    assert_eq!(world.pump().len(), 1);
    world.go(Command::Arrive { stop: stop("door-1") });
    let carried = world.pump();
    assert_eq!(carried[0], "/v1/facts");
    assert!(carried[1].starts_with("/v1/route/changes?cursor="));
}

#[test]
fn a_dismissed_courier_hands_in_facts_and_gets_no_route() {
    let mut world = World::at_the_door();
    world.backend.scope = Scope::Drain;
    world.tick(4_000_000);
    world.go(hand_over_plain());
    let carried = world.pump();
    assert!(!carried.iter().any(|path| path.contains("route")), "{carried:?}");
    assert_stored_once(&mut world, 3);
}

#[test]
fn a_checkpoint_of_many_pages_is_applied_whole_or_not_at_all() {
    let mut world = World::new();
    world.backend.page = 2;
    world.enrol();
    world.backend.route_faults.extend([Fault::LoseAnswer, Fault::LoseAnswer]);
    world.pump();
    assert!(world.machine().state().route().is_none());
    world.pump_patiently(3);
    assert_eq!(world.machine().state().stops_in_order().len(), 2);
    world.assert_reopens_the_same();
}

#[test]
fn a_cursor_that_is_gone_brings_a_snapshot() {
    let mut world = World::started();
    world.backend.take_away(ObjectKind::Stop, "door-2", "moved");
    world.backend.oldest_cursor = u64::MAX;
    world.tick(61_000);
    let carried = world.pump();
    assert_eq!(carried.last().unwrap(), "/v1/route/changes");
    assert!(world.machine().state().stop(&stop("door-2")).is_none());
    world.assert_reopens_the_same();
}

#[test]
fn a_wrong_digest_brings_a_snapshot_and_a_wrong_snapshot_changes_nothing() {
    let mut world = World::started();
    // The phone's route differs from what the server thinks it has.
    world.backend.put(&Object::Stop(crate::world::stop_at(&stop("door-3"))));
    let bad = r#"{"epoch":"epoch-1","server_ms":1800000000000,"cursor":"9.0","more":false,"ops":[{"op":"gone","type":"stop","id":"door-1","rev":99,"why":"x"}],"digest":"wrong"}"#;
    world.backend.route_faults.push_back(Fault::Body(bad.into()));
    world.tick(61_000);
    let carried = world.pump();
    assert_eq!(carried.last().unwrap(), "/v1/route/changes");
    assert_eq!(world.machine().state().stops_in_order().len(), 3);
    assert!(world.machine().state().stop(&stop("door-1")).unwrap().gone.is_none());

    let before = world.machine().state().clone();
    world.backend.route_faults.extend([Fault::Status(410, None), Fault::Body(bad.into())]);
    world.tick(61_000);
    world.pump();
    assert_eq!(*world.machine().state(), before);
    world.assert_reopens_the_same();
}

#[test]
fn nothing_new_counts_only_from_our_server() {
    let mut world = World::started();
    world.backend.take_away(ObjectKind::Stop, "door-2", "moved");
    world.backend.route_faults.push_back(Fault::Nothing);
    world.tick(61_000);
    world.pump();
    assert!(world.has_seen("route-refused not-an-answer"));
    world.tick(2_000);
    world.pump();
    assert!(world.machine().state().stop(&stop("door-2")).unwrap().gone.is_some());
}

#[test]
fn a_new_day_is_sealed_under_its_own_key() {
    let mut world = World::started();
    let old = world.secret("cache-key-1");
    world.backend.forget_route();
    world.backend.put(&Object::Route(route_of("route-2", "2027-01-16", &[stop("door-9")])));
    world.backend.put(&Object::Stop(crate::world::stop_at(&stop("door-9"))));
    world.tick(61_000);
    world.pump();
    assert_eq!(world.machine().state().route().unwrap().0.id.as_str(), "route-2");
    assert!(old.is_some());
    assert_eq!(world.secret("cache-key-1"), None, "yesterday's key is still there");
    world.assert_reopens_the_same();
}

#[test]
fn what_the_office_does_to_a_route_on_the_road_is_told_while_another_day_waits() {
    let mut world = World::at_the_door();
    world.backend.next_day = Some("2027-01-16".into());
    let next_day = |world: &mut World| {
        let now = world.now.clone();
        world.machine().route_view(&now).unwrap().next_day
    };
    // Nothing new of this day, and the next one is out.
    world.tick(61_000);
    world.pump();
    assert_eq!(next_day(&mut world), Some("2027-01-16".parse().unwrap()));
    world.backend.take_away(ObjectKind::Stop, "door-2", "moved");
    world.tick(61_000);
    world.pump();
    assert!(world.machine().state().stop(&stop("door-2")).unwrap().gone.is_some());
    assert!(next_day(&mut world).is_some());
    // Put back from a backup it tells all of this route again.
    world.backend.epoch = "epoch-2".into();
    world.backend.oldest_cursor = u64::MAX;
    world.tick(61_000);
    world.pump();
    assert!(next_day(&mut world).is_some());
    assert_eq!(world.machine().state().route().unwrap().0.id.as_str(), "route-1");
    // The office takes the next day back.
    world.backend.next_day = None;
    world.tick(61_000);
    world.pump();
    assert_eq!(next_day(&mut world), None);
    world.assert_reopens_the_same();
}

#[test]
fn a_day_that_is_not_closed_stays_readable_until_it_is() {
    let mut world = World::at_the_door();
    world.backend.forget_route();
    world.backend.put(&Object::Route(route_of("route-2", "2027-01-16", &[stop("door-9")])));
    world.backend.put(&Object::Stop(crate::world::stop_at(&stop("door-9"))));
    world.tick(61_000);
    world.pump();
    let now = world.now.clone();
    let shown = world.machine().route_view(&now).unwrap();
    assert_eq!((shown.route.as_str(), shown.next_day), ("route-1", Some("2027-01-16".parse().unwrap())));
    world.go(hand_over_plain());
    world.pump();
    assert_eq!(world.pending(), 0, "yesterday's facts do not drain");
    let asked = |carried: &[String]| carried.iter().filter(|path| path.contains("route")).count();
    world.tick(61_000);
    assert_eq!(asked(&world.pump()), 0, "what waits is fetched again and again");
    world.go(Command::CloseDay);
    world.pump();
    let now = world.now.clone();
    let shown = world.machine().route_view(&now).unwrap();
    assert_eq!((shown.route.as_str(), shown.next_day), ("route-2", None));
    world.assert_reopens_the_same();
}

#[test]
fn late_and_unasked_answers_are_ignored() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    let now = world.now.clone();
    world.machine().received(4_711, Ok(HttpResponse { status: 200, ..HttpResponse::default() }), &now);
    let Step::Send(request) = world.machine().next(&now) else { panic!("nothing to send") };
    let answer = world.backend.answer(&request).unwrap();
    // The driver slept over it; the request was given up, and its answer means nothing any more.
    world.tick(200_000);
    let now = world.now.clone();
    let _ = world.machine().next(&now);
    let pending = world.pending();
    world.machine().received(request.id, Ok(answer), &now);
    assert_eq!(world.pending(), pending);
    assert!(world.has_seen("late-answer"));
    world.tick(200_000);
    world.pump_patiently(3);
    assert_stored_once(&mut world, 3);
}
