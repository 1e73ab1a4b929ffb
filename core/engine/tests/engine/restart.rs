//! Being closed, killed, restored and damaged.

use std::sync::atomic::Ordering;

use courier_domain::{Command, DoorChoice, DoorForm, FactBody, Receiver, ReceiverDetails, ShipmentId};
use courier_engine::{CommandResult, EngineError, StoreError};
use courier_protocol::{Object, ObjectKind};

use crate::world::{World, files, hand_over_coded, hand_over_plain, stop};

#[test]
fn a_restart_at_every_step_shows_the_same() {
    let mut world = World::new();
    world.assert_reopens_the_same();
    world.enrol();
    world.assert_reopens_the_same();
    world.pump();
    world.assert_reopens_the_same();
    let (right, wrong) = (world.right(), world.wrong());
    let entry = |digits: &str| Command::EnterCode {
        stop: stop("door-1"),
        entry: courier_domain::CodeEntry::Digits(digits.into()),
    };
    for command in [
        Command::StartDay,
        Command::CheckLoad { barcodes: vec!["P-plain-0".into(), "X".into()] },
        Command::Arrive { stop: stop("door-1") },
        Command::Scan { stop: stop("door-1"), barcode: "P-coded-0".into() },
        Command::Scan { stop: stop("door-1"), barcode: "P-coded-1".into() },
        Command::Scan { stop: stop("door-1"), barcode: "P-plain-0".into() },
        entry(&wrong),
        entry(&right),
        hand_over_coded(),
        hand_over_plain(),
    ] {
        world.go(command);
        world.assert_reopens_the_same();
        world.pump();
        world.assert_reopens_the_same();
    }
    world.backend.take_away(ObjectKind::Shipment, "other", "cancelled");
    world.backend.take_away(ObjectKind::Verifier, "code-1", "frozen");
    world.tick(61_000);
    world.pump();
    world.assert_reopens_the_same();
}

#[test]
fn a_frozen_code_stays_frozen_over_a_restart_until_a_new_one_comes() {
    let mut world = World::at_the_door();
    world.backend.take_away(ObjectKind::Verifier, "code-1", "frozen");
    world.tick(61_000);
    world.pump();
    world.assert_reopens_the_same();
    let right = world.right();
    assert!(world.enter(&right).is_err());
    world.issue_code("code-2", "a-coded", 2);
    world.tick(61_000);
    world.pump();
    world.assert_reopens_the_same();
    let new = world.codes[1].code.digits().to_owned();
    assert!(matches!(world.enter(&new), Ok(CommandResult::CodeMatched { .. })));
}

#[test]
fn what_could_not_be_written_is_not_shown() {
    let mut world = World::at_the_door();
    let before = world.machine().state().clone();
    let blocker = rusqlite::Connection::open(world.data().join("journal.db")).unwrap();
    blocker
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON fact BEGIN SELECT RAISE(ABORT, 'full'); END;")
        .unwrap();
    assert_eq!(world.submit(hand_over_plain()), Err(EngineError::Store(StoreError::Forbidden)));
    assert_eq!(*world.machine().state(), before, "a handover is shown that is not on the disk");
    blocker.execute_batch("DROP TRIGGER full").unwrap();
    world.go(hand_over_plain());
    world.assert_reopens_the_same();
}

#[test]
fn a_broken_route_file_is_fetched_again_and_no_fact_is_lost() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    let before = world.machine().state().clone();
    world.machine = None;
    std::fs::write(world.data().join("route.db"), vec![7; 9_000]).unwrap();
    let _ = std::fs::remove_file(world.data().join("route.db-wal"));
    world.open();
    assert!(world.machine().state().route().is_none());
    world.pump();
    assert_eq!(
        world.machine().state().attempt_state(before.shipments().next().unwrap()),
        before.attempt_state(before.shipments().next().unwrap())
    );
    assert_eq!(world.machine().state().stops_in_order().len(), 2);
    assert_eq!(world.pending(), 0);
}

#[test]
fn a_route_whose_key_is_gone_is_fetched_again() {
    let mut world = World::started();
    world.machine = None;
    for name in ["cache-key-0", "cache-key-1"] {
        courier_engine::SecureStore::delete(world.secure.as_ref(), name).unwrap();
    }
    world.open();
    assert!(world.machine().state().route().is_none());
    world.pump();
    assert_eq!(world.machine().state().stops_in_order().len(), 2);
}

#[test]
fn a_restored_backup_goes_on_as_another_incarnation_with_a_key_of_its_own() {
    let mut world = World::at_the_door();
    world.pump();
    world.machine = None;
    let backup: Vec<_> = crate::world::files(&world.data());
    world.open();
    world.go(hand_over_plain());
    world.pump();
    world.machine = None;
    for (path, _) in crate::world::files(&world.data()) {
        std::fs::remove_file(path).unwrap();
    }
    for (path, bytes) in &backup {
        std::fs::write(path, bytes).unwrap();
    }
    world.open();
    assert!(world.has_seen("incarnation-raised"));
    world.go(Command::Arrive { stop: stop("door-2") });
    world.pump_patiently(1);
    assert_eq!(world.pending(), 0);
    let second: Vec<_> = world
        .backend
        .chain()
        .into_iter()
        .filter(|held| held.payload.inc == 2)
        .map(|held| (held.payload.seq, held.payload.body.clone()))
        .collect();
    assert!(matches!(second[0], (1, FactBody::DayStarted { .. })), "{second:?}");
    assert!(matches!(second[1], (2, FactBody::Arrived {})));
    world.assert_reopens_the_same();
}

#[test]
fn a_lost_journal_key_costs_what_is_private_and_no_fact() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    world.machine = None;
    courier_engine::SecureStore::delete(world.secure.as_ref(), "journal-key").unwrap();
    world.open();
    world.go(Command::Arrive { stop: stop("door-2") });
    world.pump();
    assert_eq!(world.pending(), 0);
    let chain = world.backend.chain();
    let handed = chain
        .iter()
        .find(|held| matches!(held.payload.body, FactBody::HandedOver { receiver: Receiver::Household, .. }));
    assert!(handed.unwrap().private.is_none());
}

#[test]
fn a_secure_store_that_is_locked_stops_nothing_that_is_open() {
    let mut world = World::at_the_door();
    world.secure.broken.store(true, Ordering::SeqCst);
    world.go(hand_over_plain());
    world.pump();
    assert_eq!(world.pending(), 0);
    assert!(matches!(world.try_open(), Err(EngineError::Key(_))));
    world.secure.broken.store(false, Ordering::SeqCst);
    world.open();
}

#[test]
fn time_is_known_again_after_a_restart_of_the_app_but_not_of_the_device() {
    let mut world = World::started();
    let certain = |world: &mut World| {
        let now = world.now.clone();
        world.machine().diagnostics(&now).unwrap().time_is_certain
    };
    assert!(certain(&mut world));
    world.open();
    assert!(certain(&mut world));
    world.reboot();
    assert!(!certain(&mut world));
    world.pump();
    assert!(certain(&mut world));
}

#[test]
fn what_is_filled_in_is_there_after_a_kill_sealed_and_gone_with_the_outcome() {
    let mut world = World::at_the_door();
    let form = DoorForm {
        shipment: ShipmentId::new("plain").unwrap(),
        choice: DoorChoice::HandOver { receiver: Receiver::Household },
        details: ReceiverDetails { name: Some("Zerlina Quant".into()), ..ReceiverDetails::default() },
        left_out: Vec::new(),
    };
    world.go(Command::SaveForm { stop: stop("door-1"), form: Some(form.clone()) });
    let shown = |world: &mut World| {
        let now = world.now.clone();
        world.machine().stop_view(&stop("door-1"), &now).unwrap().form
    };
    world.open();
    assert_eq!(shown(&mut world), Some(form));
    let is_in = |bytes: &[u8]| bytes.windows(7).any(|some| some == b"Zerlina");
    assert!(!files(world.dir.path()).iter().any(|(_, bytes)| is_in(bytes)), "a name is in a file");

    world.go(hand_over_plain());
    assert_eq!(shown(&mut world), None);
    assert_eq!(world.machine().state().draft(&stop("door-1")).form, None, "it is still kept");
    world.assert_reopens_the_same();
}

#[test]
fn what_is_filled_in_at_one_door_stays_when_the_door_beside_it_is_done() {
    let mut world = World::at_the_door();
    let form = DoorForm {
        shipment: ShipmentId::new("coded").unwrap(),
        choice: DoorChoice::HandOver { receiver: Receiver::Household },
        details: ReceiverDetails::default(),
        left_out: Vec::new(),
    };
    world.go(Command::SaveForm { stop: stop("door-1"), form: Some(form.clone()) });
    world.go(hand_over_plain());
    assert_eq!(world.machine().state().draft(&stop("door-1")).form, Some(form));
    world.assert_reopens_the_same();
}

#[test]
fn drafts_of_another_route_end_with_the_start_of_the_new_day() {
    let mut world = World::at_the_door();
    world.go(Command::CloseDay);
    world.pump();
    world.backend.forget_route();
    let route = crate::world::route_of("route-2", "2027-01-16", &[stop("door-9")]);
    world.backend.put(&Object::Route(route));
    world.backend.put(&Object::Stop(crate::world::stop_at(&stop("door-9"))));
    world.tick(61_000);
    world.pump();
    assert!(!world.machine().state().draft(&stop("door-1")).scanned.is_empty());
    world.go(Command::StartDay);
    assert!(world.machine().state().draft(&stop("door-1")).scanned.is_empty());
    world.assert_reopens_the_same();
}
