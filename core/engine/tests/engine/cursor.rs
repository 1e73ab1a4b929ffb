//! The cursor protocol against a model: whatever the office changes and the network spoils, in whatever pages it comes, the
//! phone shows what the server tells, or what it told at some earlier moment.

use std::collections::{BTreeMap, BTreeSet};

use courier_domain::CodeNeed;
use courier_protocol::{Object, ObjectKind};
use proptest::prelude::*;

use crate::backend::Fault;
use crate::world::{World, route_of, shipment, stop, stop_at};

const STOPS: [&str; 4] = ["door-1", "door-2", "door-3", "door-4"];
const SHIPMENTS: [&str; 4] = ["plain", "other", "third", "fourth"];

#[derive(Debug, Clone)]
enum Deed {
    PutStop(usize),
    PutShipment(usize, usize),
    TakeStop(usize),
    TakeShipment(usize),
    Turn,
    Pages(usize),
    CursorsEnd,
    AnotherEpoch,
    Fault(Fault),
    Poll,
    Reopen,
}

fn deed() -> impl Strategy<Value = Deed> {
    let fault = prop_oneof![
        Just(Fault::LoseAnswer),
        Just(Fault::Offline),
        Just(Fault::Portal),
        Just(Fault::Nothing),
        Just(Fault::Unauthorized),
        Just(Fault::Status(500, None)),
        Just(Fault::Body("{\"half\":".into())),
    ];
    prop_oneof![
        2 => (0..4usize).prop_map(Deed::PutStop),
        4 => (0..4usize, 0..4usize).prop_map(|(id, at)| Deed::PutShipment(id, at)),
        1 => (0..4usize).prop_map(Deed::TakeStop),
        3 => (0..4usize).prop_map(Deed::TakeShipment),
        1 => Just(Deed::Turn),
        2 => (1..6usize).prop_map(Deed::Pages),
        1 => Just(Deed::CursorsEnd),
        1 => Just(Deed::AnotherEpoch),
        3 => fault.prop_map(Deed::Fault),
        5 => Just(Deed::Poll),
        1 => Just(Deed::Reopen),
    ]
}

/// What is told, or shown: stops and shipments by their revisions, and the revision of the route.
type Told = (BTreeMap<String, u64>, Option<u64>);

fn told(world: &World) -> Told {
    let live = world.backend.live();
    let named = live.iter().filter(|((kind, _), _)| kind == "stop" || kind == "shipment");
    let route = live.iter().find(|((kind, _), _)| kind == "route").map(|(_, rev)| *rev);
    (named.map(|((kind, id), rev)| (format!("{kind} {id}"), *rev)).collect(), route)
}

fn shown(world: &mut World) -> Told {
    let state = world.machine().state();
    let stops = state.stops_in_order().into_iter().filter(|held| held.gone.is_none());
    let stops = stops.map(|held| (format!("stop {}", held.object.id), held.rev));
    let shipments = state.shipments().filter(|held| held.gone.is_none());
    let shipments = shipments.map(|held| (format!("shipment {}", held.object.id), held.rev));
    (stops.chain(shipments).collect(), state.route().map(|(_, rev)| rev))
}

fn do_it(world: &mut World, deed: Deed) {
    match deed {
        Deed::PutStop(n) => world.backend.put(&Object::Stop(stop_at(&stop(STOPS[n])))),
        Deed::PutShipment(n, at) => {
            let it = shipment(SHIPMENTS[n], &stop(STOPS[at]), CodeNeed::None, 1);
            world.backend.put(&Object::Shipment(it));
        }
        Deed::TakeStop(n) if world.backend.has(ObjectKind::Stop, STOPS[n]) => {
            world.backend.take_away(ObjectKind::Stop, STOPS[n], "moved");
        }
        Deed::TakeShipment(n) if world.backend.has(ObjectKind::Shipment, SHIPMENTS[n]) => {
            world.backend.take_away(ObjectKind::Shipment, SHIPMENTS[n], "cancelled");
        }
        Deed::TakeStop(_) | Deed::TakeShipment(_) => {}
        Deed::Turn => {
            let turned = [stop("door-2"), stop("door-1")];
            world.backend.put(&Object::Route(route_of("route-1", "2027-01-15", &turned)));
        }
        Deed::Pages(size) => world.backend.page = size,
        Deed::CursorsEnd => world.backend.oldest_cursor = world.backend.rev,
        Deed::AnotherEpoch => world.backend.epoch.push('+'),
        Deed::Fault(fault) => world.backend.route_faults.push_back(fault),
        Deed::Poll => {
            world.tick(61_000);
            world.pump();
        }
        Deed::Reopen => world.assert_reopens_the_same(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_was_told_at_some_moment_and_in_the_end_it_is_what_is_told(
        deeds in prop::collection::vec(deed(), 1..40)
    ) {
        let mut world = World::started();
        let mut ever = BTreeSet::from([told(&world)]);
        for deed in deeds {
            do_it(&mut world, deed);
            ever.insert(told(&world));
            let now = shown(&mut world);
            prop_assert!(ever.contains(&now), "nobody has told this: {now:?}");
        }
        world.backend.route_faults.clear();
        world.pump_patiently(4);
        prop_assert_eq!(shown(&mut world), told(&world));
        world.assert_reopens_the_same();
    }
}
