//! Whatever a courier, the office and the network do: what is shown is what is stored, and all of it arrives.

use courier_domain::{AttemptId, CodeEntry, Command, ParcelId, Reason, Receiver, ReceiverDetails};
use courier_protocol::ObjectKind;
use proptest::prelude::*;

use crate::backend::Fault;
use crate::world::{World, stop};

#[derive(Debug, Clone)]
enum Deed {
    Do(Command),
    Enter(bool),
    WithdrawLast,
    Pump,
    Reopen,
    Reboot,
    Wait(u64),
    TakeAway(&'static str),
    Fault(Fault),
}

fn attempt(id: &str) -> AttemptId {
    AttemptId::new(id).unwrap()
}

fn deed() -> impl Strategy<Value = Deed> {
    let doors = prop_oneof![Just("door-1"), Just("door-2")];
    let barcode =
        prop_oneof![Just("P-coded-0"), Just("P-coded-1"), Just("P-plain-0"), Just("P-other-0"), Just("?")];
    let attempts = prop_oneof![Just("a-coded"), Just("a-plain"), Just("a-other")];
    let reason = prop_oneof![Just(Reason::NotHome), Just(Reason::CodeNotAvailable), Just(Reason::Damaged)];
    let fault = prop_oneof![
        Just(Fault::LoseAnswer),
        Just(Fault::Offline),
        Just(Fault::Portal),
        Just(Fault::Unauthorized),
        Just(Fault::Shuffled),
        Just(Fault::Status(503, Some(2))),
    ];
    let gone = prop_oneof![Just("coded"), Just("plain"), Just("other")];
    prop_oneof![
        2 => doors.clone().prop_map(|id| Deed::Do(Command::Arrive { stop: stop(id) })),
        6 => (doors, barcode)
            .prop_map(|(id, barcode)| Deed::Do(Command::Scan { stop: stop(id), barcode: barcode.into() })),
        3 => any::<bool>().prop_map(Deed::Enter),
        3 => attempts.clone().prop_map(|id| Deed::Do(Command::HandOver {
            attempt: attempt(id),
            parcels: Vec::new(),
            receiver: Receiver::Household,
            details: ReceiverDetails { name: Some("Kim".into()), ..ReceiverDetails::default() },
        })),
        2 => (attempts, reason).prop_map(|(id, reason)| Deed::Do(Command::NotDelivered {
            attempt: attempt(id),
            parcels: Vec::new(),
            reason,
            note: Some("note".into()),
        })),
        1 => Just(Deed::Do(Command::Return { parcels: vec![ParcelId::new("p-other-0").unwrap()] })),
        2 => Just(Deed::WithdrawLast),
        3 => Just(Deed::Pump),
        2 => Just(Deed::Reopen),
        1 => Just(Deed::Reboot),
        2 => (0u64..200_000).prop_map(Deed::Wait),
        1 => gone.prop_map(Deed::TakeAway),
        3 => fault.prop_map(Deed::Fault),
    ]
}

fn do_it(world: &mut World, deed: Deed) {
    match deed {
        Deed::Do(command) => drop(world.submit(command)),
        Deed::Enter(right) => {
            let digits = if right { world.right() } else { world.wrong() };
            let entry = CodeEntry::Digits(digits);
            drop(world.submit(Command::EnterCode { stop: stop("door-1"), entry }));
        }
        Deed::WithdrawLast => {
            let now = world.now.clone();
            let view = world.machine().stop_view(&stop("door-1"), &now);
            let undo = view.and_then(|view| view.doors.into_iter().find_map(|door| door.undo));
            if let Some(fact) = undo {
                drop(world.submit(Command::Withdraw { fact }));
            }
        }
        Deed::Pump => drop(world.pump()),
        Deed::Reopen => world.assert_reopens_the_same(),
        Deed::Reboot => world.reboot(),
        Deed::Wait(ms) => world.tick(ms),
        Deed::TakeAway(id) => world.backend.take_away(ObjectKind::Shipment, id, "cancelled"),
        Deed::Fault(fault) => world.backend.facts_faults.push_back(fault),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_is_what_is_stored_and_all_of_it_arrives(deeds in prop::collection::vec(deed(), 1..40)) {
        let mut world = World::started();
        for deed in deeds {
            do_it(&mut world, deed);
        }
        world.assert_reopens_the_same();
        let now = world.now.clone();
        let facts = world.machine().diagnostics(&now).unwrap().facts;
        world.backend.facts_faults.clear();
        world.pump_patiently(3);
        prop_assert_eq!(world.pending(), 0);
        let seqs: Vec<_> = world.backend.chain().iter().map(|held| held.payload.seq).collect();
        prop_assert_eq!(seqs, (1..=facts).collect::<Vec<_>>());
        world.assert_reopens_the_same();
    }
}
