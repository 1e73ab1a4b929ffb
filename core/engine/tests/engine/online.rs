//! What only the backend can tell, and what a courier asks of it.

use courier_codes::{Entry, EvidenceContext, EvidenceSecret, evidence};
use courier_domain::{
    AttemptId, Base64Url, CodeNeed, CodeState, CodeTryResult, Command, FactBody, FactId, Rejection, Verdict,
    Verifier,
};
use courier_engine::{CommandResult, EngineError};
use courier_protocol::{EvidenceKeyInfo, Object};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use crate::backend::Fault;
use crate::world::{World, hand_over_coded, shipment, stop};

fn coded() -> AttemptId {
    AttemptId::new("a-coded").unwrap()
}

/// At the door of a shipment whose code only the backend can check.
fn online_only() -> World {
    let mut world = World::started();
    world.backend.put(&Object::Shipment(shipment("coded", &stop("door-1"), CodeNeed::OnlineOnly, 2)));
    let unchecked = Verifier { k: 0, tag: 0, ..world.codes[0].verifier.clone() };
    world.backend.put(&Object::Verifier(unchecked));
    world.tick(61_000);
    world.pump();
    world.go(Command::Arrive { stop: stop("door-1") });
    for barcode in ["P-coded-0", "P-coded-1"] {
        world.go(Command::Scan { stop: stop("door-1"), barcode: barcode.into() });
    }
    world
}

fn code_state(world: &mut World) -> CodeState {
    let now = world.now.clone();
    let view = world.machine().stop_view(&stop("door-1"), &now).unwrap();
    view.doors.into_iter().find(|door| door.attempt == coded()).unwrap().code.unwrap()
}

fn ask(world: &mut World, digits: &str) -> FactId {
    match world.enter(digits).unwrap() {
        CommandResult::CodeAsked { fact } => fact,
        other => panic!("an entry that nobody can check became {other:?}"),
    }
}

#[test]
fn an_entry_that_only_the_backend_can_check_reaches_it_sealed_and_opens_the_handover_when_it_is_confirmed() {
    let mut world = online_only();
    let right = world.right();
    let fact = ask(&mut world, &right);
    assert_eq!(code_state(&mut world), CodeState::Asked);
    assert_eq!(world.enter(&right), Err(EngineError::Rejected(Rejection::CodeAsked)));
    assert!(matches!(world.rejection(hand_over_coded()), Rejection::NotAllowed { .. }));
    world.assert_reopens_the_same();
    world.pump();
    let chain = world.backend.chain();
    let sent = &chain.last().unwrap().payload;
    let FactBody::CodeTried { attempts, result, code_id, evidence: sealed, .. } = &sent.body else {
        panic!("{:?} is no entry", sent.body)
    };
    assert_eq!((*result, code_id, &sent.id), (CodeTryResult::Unjudged, &None, &fact));
    let context = EvidenceContext { fact: &fact, install: &sent.install, attempts };
    let opened =
        evidence::open(sealed.as_ref().unwrap(), std::slice::from_ref(&world.backend.evidence), &context)
            .unwrap();
    assert!(matches!(opened, Entry::Digits(code) if code.digits() == right));
    world.backend.judge(&fact, Verdict::Confirmed);
    world.tick(61_000);
    world.pump();
    world.go(hand_over_coded());
    world.assert_reopens_the_same();
}

/// The courier came up from a cellar and the network is back, which nobody told the core.
#[test]
fn an_entry_goes_at_once_even_where_facts_would_wait_for_minutes() {
    let mut world = World::at_the_door();
    world.backend.facts_faults.extend(std::iter::repeat_n(Fault::Offline, 12));
    while !world.backend.facts_faults.is_empty() {
        world.machine().sync_now();
        world.pump();
    }
    assert_eq!(world.pump(), Vec::<String>::new(), "nothing waits, and the test means nothing");
    let wrong = world.wrong();
    world.enter(&wrong).unwrap();
    assert_eq!(world.pump(), Vec::<String>::new(), "nobody waits for what the phone knows to be wrong");
    let right = world.right();
    world.enter(&right).unwrap();
    // No time has passed when the verdict is there: nothing is waited for but the network.
    let sent = world.pump();
    assert_eq!(sent.first().map(String::as_str), Some("/v1/facts"), "{sent:?}");
    assert_eq!(world.pending(), 0);
}

#[test]
fn an_entry_waits_as_long_as_the_server_wishes() {
    let mut world = World::at_the_door();
    world.backend.facts_faults.push_back(Fault::Status(503, Some(20)));
    world.pump();
    let right = world.right();
    world.enter(&right).unwrap();
    world.tick(19_000);
    assert!(!world.pump().iter().any(|path| path == "/v1/facts"), "the server's wish was ignored");
    world.tick(2_000);
    assert!(world.pump().iter().any(|path| path == "/v1/facts"));
    assert_eq!(world.pending(), 0);
}

#[test]
fn an_entry_that_the_backend_refutes_is_a_miss_also_after_a_restart() {
    let mut world = online_only();
    let wrong = world.wrong();
    let fact = ask(&mut world, &wrong);
    world.pump();
    world.backend.judge(&fact, Verdict::Refuted);
    world.tick(61_000);
    world.pump();
    world.open();
    assert_eq!(code_state(&mut world), CodeState::Needed { tries_left: 4, wait_ms: 0 });
}

#[test]
fn a_new_code_is_asked_for_once_with_a_name_of_its_own_and_its_verifier_is_fetched_at_once() {
    let mut world = World::at_the_door();
    for _ in 0..2 {
        world.machine().request_reissue(&coded()).unwrap();
        let carried = world.pump();
        assert_eq!(world.machine().take_reissue(), Some(Ok(())));
        assert!(carried.iter().any(|path| path.starts_with("/v1/route/changes")), "{carried:?}");
        assert_eq!(world.machine().take_reissue(), None, "it ended twice");
    }
    let asked = &world.backend.reissues;
    assert!(asked.iter().all(|(path, _)| path == "/v1/attempts/a-coded/reissue"), "{asked:?}");
    assert!(asked.len() == 2 && asked[0].1 != asked[1].1, "two wishes have one name: {asked:?}");
}

#[test]
fn whatever_else_answers_a_wish_for_a_new_code_is_told_apart() {
    let refused = EngineError::Rejected(Rejection::NoNewCode);
    for (fault, told) in [
        (Fault::Status(409, None), refused),
        (Fault::Status(503, None), EngineError::Offline),
        (Fault::Portal, EngineError::Offline),
        (Fault::Offline, EngineError::Offline),
        (Fault::Unauthorized, EngineError::NotEnrolled),
    ] {
        let mut world = World::at_the_door();
        world.backend.reissue_faults.push_back(fault.clone());
        world.machine().request_reissue(&coded()).unwrap();
        world.pump();
        assert_eq!(world.machine().take_reissue(), Some(Err(told)), "{fault:?}");
    }
    let mut world = World::at_the_door();
    world.tick(3_600_000);
    world.backend.token_faults.push_back(Fault::Offline);
    world.machine().request_reissue(&coded()).unwrap();
    world.pump();
    assert_eq!(world.machine().take_reissue(), Some(Err(EngineError::Offline)), "without a token");
    let elsewhere = AttemptId::new("a-nobodys").unwrap();
    assert_eq!(world.machine().request_reissue(&elsewhere), Err(EngineError::NotFound));
}

/// Enters the right code after the backend has named another key, and opens what was sealed.
fn entry_opens(world: &mut World, named: Base64Url, secret: &EvidenceSecret) -> bool {
    world.backend.new_evidence_keys = vec![EvidenceKeyInfo { x25519: named }];
    world.tick(4_000_000);
    world.pump();
    world.open();
    let right = world.right();
    assert!(matches!(world.enter(&right), Ok(CommandResult::CodeMatched { .. })));
    world.pump();
    let chain = world.backend.chain();
    let fact = &chain.last().unwrap().payload;
    let FactBody::CodeTried { attempts, evidence: Some(sealed), .. } = &fact.body else {
        panic!("{:?} holds no evidence", fact.body)
    };
    let context = EvidenceContext { fact: &fact.id, install: &fact.install, attempts };
    evidence::open(sealed, std::slice::from_ref(secret), &context).is_ok()
}

#[test]
fn entries_are_sealed_to_the_backends_newest_key() {
    let newest = EvidenceSecret::generate(&mut ChaCha20Rng::seed_from_u64(5));
    assert!(entry_opens(&mut World::at_the_door(), newest.public().to_base64(), &newest));
}

#[test]
fn what_is_no_key_to_seal_to_is_not_taken() {
    let mut world = World::at_the_door();
    let old = EvidenceSecret::from_bytes(&world.backend.evidence.to_bytes()).unwrap();
    assert!(entry_opens(&mut world, Base64Url::new("AAAA").unwrap(), &old));
}
