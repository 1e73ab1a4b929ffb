//! A day at the door.

use courier_codes::{EvidenceContext, evidence, private};
use courier_domain::{CodeTryResult, Command, FactBody, LockedBy, PrivatePart, Rejection, Standing, Verdict};
use courier_engine::{CommandResult, EngineError, InvalidInput};

use crate::world::{NAME, World, files, hand_over_coded, hand_over_plain, stop};

#[test]
fn a_day_goes_from_enrolment_to_its_end_without_the_network_in_between() {
    let mut world = World::at_the_door();
    let right = world.right();
    assert!(matches!(world.enter(&right), Ok(CommandResult::CodeMatched { .. })));
    world.go(hand_over_coded());
    world.go(hand_over_plain());
    world.go(Command::CloseDay);
    assert!(world.pending() >= 5, "something was sent without being asked");
    world.pump();
    assert_eq!(world.pending(), 0);
    let kinds: Vec<_> = world.backend.chain().iter().map(|held| held.payload.body.clone()).collect();
    assert!(matches!(kinds.first(), Some(FactBody::DayStarted { .. })));
    assert!(matches!(kinds.last(), Some(FactBody::DayClosed {})));
    world.assert_reopens_the_same();
    assert_eq!(world.rejection(Command::StartDay), Rejection::DayClosed);
}

#[test]
fn facts_are_one_chain_with_rising_ids_and_the_best_time() {
    let mut world = World::at_the_door();
    world.now.wall = courier_domain::UnixMs(5);
    world.go(hand_over_plain());
    world.pump();
    let chain = world.backend.chain();
    for (seq, held) in (1u64..).zip(&chain) {
        let payload = &held.payload;
        assert_eq!((payload.v, payload.inc, payload.seq), (1, 1, seq));
        assert_eq!(payload.prev.is_none(), seq == 1);
    }
    let ids: Vec<_> = chain.iter().map(|held| held.payload.id.as_str()).collect();
    assert!(ids.is_sorted(), "ids do not rise: {ids:?}");
    let last = &chain.last().unwrap().payload;
    assert!(last.at.server_ms.is_some_and(|ms| ms.0 > 1_800_000_000_000), "the server's clock was forgotten");
    assert_eq!(last.route.as_ref().unwrap().id.as_str(), "route-1");
    assert!(last.stop_rev.is_some());
}

#[test]
fn what_is_personal_travels_beside_the_signed_part_and_fits_it() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    world.pump();
    let chain = world.backend.chain();
    let held = chain.last().unwrap();
    assert!(!serde_json::to_string(&held.payload).unwrap().contains(NAME));
    let commitment = held.payload.private.as_ref().unwrap();
    let bytes = private::unpack(held.private.as_ref().unwrap(), commitment).unwrap();
    let part: PrivatePart = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(part.name.as_deref(), Some(NAME));
}

#[test]
fn a_matching_entry_is_sealed_to_the_backend_and_bound_to_its_fact() {
    let mut world = World::at_the_door();
    let right = world.right();
    world.enter(&right).unwrap();
    world.pump();
    let chain = world.backend.chain();
    let payload = &chain.last().unwrap().payload;
    let FactBody::CodeTried { attempts, result, evidence: Some(sealed), .. } = &payload.body else {
        panic!("no evidence: {payload:?}")
    };
    assert_eq!((*result, attempts.len()), (CodeTryResult::Matched, 1));
    let context = EvidenceContext { fact: &payload.id, install: &payload.install, attempts };
    let secrets = std::slice::from_ref(&world.backend.evidence);
    let entry = evidence::open(sealed, secrets, &context).unwrap();
    assert!(entry == courier_codes::Entry::Digits(world.codes[0].code.clone()));
}

#[test]
fn the_qr_opens_what_five_wrong_entries_locked() {
    let mut world = World::at_the_door();
    let wrong = world.wrong();
    let mut left = Vec::new();
    for _ in 0..5 {
        match world.enter(&wrong).unwrap() {
            CommandResult::CodeWrong { tries_left, wait_ms } => {
                left.push(tries_left);
                world.tick(wait_ms);
            }
            CommandResult::CodeLocked { by } => assert_eq!(by, LockedBy::TriesUsed),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(left, [4, 3, 2, 1]);
    assert_eq!(
        world.enter(&wrong),
        Err(EngineError::Rejected(Rejection::Locked { by: LockedBy::TriesUsed }))
    );
    let token = world.codes[0].token.qr_text().to_string();
    let entry = courier_domain::CodeEntry::Token(token);
    let result = world.go(Command::EnterCode { stop: stop("door-1"), entry });
    assert!(matches!(result, CommandResult::CodeMatched { .. }));
    world.assert_reopens_the_same();
}

#[test]
fn what_is_no_code_uses_no_try() {
    let mut world = World::at_the_door();
    for text in ["", "12345", "1234567", "abcdef"] {
        assert_eq!(world.enter(text), Err(EngineError::Invalid(InvalidInput::NotSixDigits)));
    }
    let now = world.now.clone();
    assert_eq!(world.machine().diagnostics(&now).unwrap().tries, 0);
}

#[test]
fn no_digits_and_no_names_are_in_any_file_or_event() {
    let mut world = World::at_the_door();
    let (right, wrong) = (world.right(), world.wrong());
    world.enter(&wrong).unwrap();
    world.enter(&right).unwrap();
    world.go(hand_over_coded());
    world.go(hand_over_plain());
    world.pump();
    world.pump_patiently(2);
    // With the log files still there, and after a clean close.
    for closed in [false, true] {
        if closed {
            world.machine = None;
        }
        let has =
            |secret: &str, bytes: &[u8]| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(
            files(&world.data()).iter().any(|(_, bytes)| has("door-1", bytes)),
            "the search finds nothing"
        );
        for secret in [right.as_str(), wrong.as_str(), NAME, "Rosenbaum", "Lindenallee"] {
            for (path, bytes) in files(&world.data()) {
                assert!(!has(secret, &bytes), "{secret} is readable in {path}");
            }
            let events = world.events.seen.lock().unwrap();
            assert!(!events.iter().any(|event| event.contains(secret)), "{secret} was logged");
        }
    }
}

#[test]
fn verdicts_reach_the_door_by_both_lanes_and_the_route_lane_has_the_last_word() {
    let mut world = World::at_the_door();
    world.backend.verdict = Some(Verdict::UnderReview);
    let CommandResult::Done { fact: Some(fact) } = world.go(hand_over_plain()) else { panic!("no fact") };
    assert_eq!(world.machine().state().standing_of(&fact), Standing::OnPhone);
    world.pump();
    assert_eq!(world.machine().state().standing_of(&fact), Standing::UnderReview);
    world.backend.judge(&fact, Verdict::Confirmed);
    world.tick(61_000);
    world.pump();
    assert_eq!(world.machine().state().standing_of(&fact), Standing::Confirmed);
    world.assert_reopens_the_same();
    // The fact is sent again and gets its first verdict again, without a route that would repeat the second.
    world.go(Command::Arrive { stop: stop("door-2") });
    world.backend.facts_faults.push_back(crate::backend::Fault::Want(1, u64::MAX));
    world.pump();
    world.tick(2_000);
    world.pump();
    assert_eq!(world.pending(), 0);
    assert_eq!(world.machine().state().standing_of(&fact), Standing::Confirmed, "an old verdict came back");
    world.assert_reopens_the_same();
    world.backend.epoch = "epoch-2".into();
    world.tick(61_000);
    world.pump();
    assert_eq!(world.machine().state().standing_of(&fact), Standing::Confirmed, "an old verdict came back");
    world.assert_reopens_the_same();
}
