//! A courier leaves a phone: nothing of theirs stays, and nothing that is only there is lost.

use std::io::Read;

use courier_codes::encoding::decode;
use courier_codes::{fact_hash, read_jws, sealed_file};
use courier_domain::Command;
use courier_engine::{EngineError, LogOut};
use courier_protocol::header::TYP_EXPORT;
use courier_protocol::{DrainCause, ExportFile, ExportPayload, FactsRequest, Scope};

use crate::backend::{ENROLMENT, Fault};
use crate::world::{NAME, World, files, hand_over_plain, stop};

fn log_out(world: &mut World, export_to: Option<&std::path::Path>) -> LogOut {
    let now = world.now.clone();
    world.machine().log_out(export_to, &now).unwrap()
}

#[test]
fn what_is_only_on_this_phone_keeps_its_courier_there() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    assert_eq!(log_out(&mut world, None), LogOut::Unsent { facts: 2, files: 0 });
    assert_eq!(world.pending(), 2);
    assert!(world.machine().is_enrolled() && world.machine().state().route().is_some());
    world.backend.facts_faults.push_back(Fault::LoseAnswer);
    world.pump();
    assert_eq!(
        log_out(&mut world, None),
        LogOut::Unsent { facts: 2, files: 0 },
        "the phone cannot know that it is there"
    );
    world.pump_patiently(2);
    assert_eq!(world.backend.chain().len(), 3);
    assert_eq!(log_out(&mut world, None), LogOut::Done { exported: 0 });
}

#[test]
fn after_a_log_out_the_phone_is_as_at_its_first_start() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    world.pump_patiently(1);
    let now = world.now.clone();
    let before = world.machine().diagnostics(&now).unwrap().install;
    assert_eq!(log_out(&mut world, None), LogOut::Done { exported: 0 });
    let left: Vec<_> = files(&world.data()).into_iter().map(|(name, _)| name).collect();
    assert!(left.iter().all(|name| name.ends_with("/lock.db")), "files are left: {left:?}");
    for name in ["journal-key", "journal-token", "cache-key-0", "cache-key-1"] {
        assert_eq!(world.secret(name), None, "{name} is left");
    }
    world.open();
    let phone = world.machine().diagnostics(&now).unwrap();
    assert_eq!((phone.courier, phone.facts, phone.route, phone.inc), (None, 0, None, 1));
    assert_ne!(phone.install, before, "two couriers would have one chain");
    world.enrol();
    world.pump();
    assert!(world.machine().state().route().is_some());
}

#[test]
fn an_export_holds_every_unsent_fact_for_the_backend_alone() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    let file = world.dir.path().join("for the office.json");
    assert_eq!(log_out(&mut world, Some(&file)), LogOut::Done { exported: 2 });
    let bytes = std::fs::read(&file).unwrap();
    for word in [NAME, "handed_over", "Kim"] {
        assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word} can be read");
    }
    let export: ExportFile = serde_json::from_slice(&bytes).unwrap();
    let (install, jwk) = world.backend.enrolled.clone().unwrap();
    let proof = read_jws(&export.proof).unwrap();
    let proof: ExportPayload = serde_json::from_slice(proof.verify(&jwk, TYP_EXPORT).unwrap()).unwrap();
    let sealed = decode(export.sealed.as_str()).unwrap();
    assert_eq!(
        (proof.install, proof.facts, proof.sha256),
        (install.clone(), 2, sealed_file::sha256(&sealed))
    );
    let packed = sealed_file::open(&sealed, std::slice::from_ref(&world.backend.evidence), &install).unwrap();
    let mut plain = String::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut plain).unwrap();
    let batches: Vec<FactsRequest> = serde_json::from_str(&plain).unwrap();
    assert_eq!(batches.iter().map(|batch| batch.facts.len()).sum::<usize>(), 2);
    assert!(batches[0].facts[1].private.is_some(), "who received it is not in the file");
    let first = world.backend.chain()[0].payload.clone();
    let second = read_jws(&batches[0].facts[0].jws).unwrap().payload;
    let second: courier_domain::FactPayload = serde_json::from_slice(&second).unwrap();
    assert_eq!(
        (second.install, second.seq),
        (first.install, first.seq + 1),
        "it does not go on from what is there"
    );
    assert_ne!(fact_hash(&batches[0].facts[0].jws), fact_hash(&batches[0].facts[1].jws));
    world.open();
    assert!(!world.machine().is_enrolled());
}

#[test]
fn a_file_that_cannot_be_written_keeps_everything() {
    let mut world = World::at_the_door();
    let now = world.now.clone();
    let nowhere = world.dir.path().join("no such folder").join("file.json");
    assert!(world.machine().log_out(Some(&nowhere), &now).is_err());
    assert_eq!(world.pending(), 1);
    world.pump_patiently(1);
    assert_eq!(world.backend.chain().len(), 2);
}

#[test]
fn a_suspended_courier_is_not_told_to_be_dismissed_and_hears_when_it_is_lifted() {
    for (cause, shown) in [
        (Some(DrainCause::Suspended), courier_engine::machine::Trouble::Suspended),
        (Some(DrainCause::Dismissed), courier_engine::machine::Trouble::Dismissed),
        (None, courier_engine::machine::Trouble::Dismissed),
    ] {
        let mut world = World::started();
        (world.backend.scope, world.backend.cause) = (Scope::Drain, cause);
        world.tick(4_000_000);
        world.pump();
        assert_eq!(world.machine().traffic().problem, Some(shown));
        (world.backend.scope, world.backend.cause) = (Scope::Full, None);
        world.tick(61_000);
        world.machine().sync_now();
        let carried = world.pump();
        assert!(carried.iter().any(|path| path.contains("route")), "{carried:?}");
        assert_eq!(world.machine().traffic().problem, None);
    }
}

#[test]
fn a_phone_that_a_restored_server_does_not_know_is_enrolled_again_and_loses_nothing() {
    let mut world = World::at_the_door();
    assert_eq!(world.machine().enrol(ENROLMENT), Err(EngineError::EnrolledAlready));
    world.go(hand_over_plain());
    world.backend.facts_faults.push_back(Fault::Unauthorized);
    world.backend.token_faults.extend([Fault::Status(401, None), Fault::Status(401, None)]);
    world.pump();
    assert_eq!(world.machine().traffic().problem, Some(courier_engine::machine::Trouble::Auth));
    let before = world.machine().state().clone();
    world.enrol();
    assert_eq!(*world.machine().state(), before);
    world.pump_patiently(2);
    assert_eq!((world.pending(), world.backend.chain().len()), (0, 3));
}

#[test]
fn an_outbox_that_nobody_empties_is_told_of_once() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    world.backend.facts_faults.push_back(Fault::Unauthorized);
    world.backend.token_faults.extend((0..200).map(|_| Fault::Status(500, None)));
    world.tick(4_000_000); // the token is over, and the app was asleep: nobody could have tried
    for _ in 0..40 {
        world.pump();
        world.tick(30_000);
        world.machine().sync_now();
    }
    world.backend.token_faults.clear();
    world.pump_patiently(2);
    let incidents =
        world.backend.chain().iter().filter(|held| held.payload.body.kind() == "incident").count();
    assert_eq!((world.pending(), incidents), (0, 1));
}

#[test]
fn what_was_stuck_while_nothing_could_be_signed_is_told_once_something_can() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    // The phone is put back from a backup: another incarnation, which has no key before its first fact.
    world.machine = None;
    let backup = files(&world.data());
    world.open();
    world.machine = None;
    for (path, _) in files(&world.data()) {
        std::fs::remove_file(path).unwrap();
    }
    for (path, bytes) in &backup {
        std::fs::write(path, bytes).unwrap();
    }
    world.open();
    assert!(world.has_seen("incarnation-raised"));
    world.backend.facts_faults.push_back(Fault::Unauthorized);
    world.backend.token_faults.extend((0..400).map(|_| Fault::Status(500, None)));
    world.tick(4_000_000);
    let stuck = |world: &mut World| {
        for _ in 0..40 {
            world.pump();
            world.tick(30_000);
            world.machine().sync_now();
        }
    };
    stuck(&mut world);
    world.go(Command::Arrive { stop: stop("door-2") });
    stuck(&mut world);
    world.backend.token_faults.clear();
    world.pump_patiently(2);
    let kinds = world.backend.chain().iter().filter(|held| held.payload.body.kind() == "incident").count();
    assert_eq!((world.pending(), kinds), (0, 1));
}

#[test]
fn whoever_was_offline_or_asleep_is_no_incident() {
    let mut world = World::at_the_door();
    world.backend.facts_faults.extend((0..200).map(|_| Fault::Offline));
    for _ in 0..40 {
        world.pump();
        world.tick(30_000);
    }
    world.backend.facts_faults.clear();
    for _ in 0..3 {
        world.tick(3_600_000);
        world.pump();
    }
    world.pump_patiently(2);
    assert!(world.backend.chain().iter().all(|held| held.payload.body.kind() != "incident"));
}
