//! The courier's own order and what belongs to it, on a phone that is killed, synchronised and started again.

use courier_codes::private;
use courier_domain::{Command, FactBody, KeepOrder, Position, PrivatePart, Rejection, RouteEdit};
use courier_engine::CommandResult;

use crate::world::{World, stop};

/// Where both stops are.
fn at_the_pin() -> Position {
    Position::of_degrees(53.5, 10.0, 8.0, 0).unwrap()
}

/// Some 330 metres north.
fn far_away() -> Position {
    Position::of_degrees(53.503, 10.0, 8.0, 0).unwrap()
}

fn think(world: &mut World) {
    let now = world.now.clone();
    if let Some(search) = world.machine().think(&now) {
        let found = search.run();
        world.machine().found(found);
    }
}

/// Stops in the order that is shown, with their positions.
fn shown(world: &mut World) -> Vec<(String, Option<u32>)> {
    think(world);
    let now = world.now.clone();
    let route = world.machine().route_view(&now).unwrap();
    route.stops.into_iter().map(|line| (line.id.to_string(), line.position)).collect()
}

fn line(stop: &str, position: u32) -> (String, Option<u32>) {
    (stop.into(), Some(position))
}

fn edited(world: &World) -> Vec<String> {
    let why = |fact: &&crate::backend::Held| match &fact.payload.body {
        FactBody::RouteEdited { why, order } => Some(format!("{why}: {}", order[0])),
        _ => None,
    };
    world.backend.chain().iter().filter_map(why).collect()
}

#[test]
fn an_edit_is_a_fact_that_survives_a_restart_and_is_handed_in() {
    let mut world = World::started();
    assert_eq!(shown(&mut world), [line("door-1", 1), line("door-2", 2)]);
    world.go(Command::EditRoute { stop: stop("door-1"), edit: RouteEdit::Skip });
    let after = [line("door-2", 1), line("door-1", 2)];
    assert_eq!(shown(&mut world), after);
    let again = world.go(Command::EditRoute { stop: stop("door-1"), edit: RouteEdit::Skip });
    assert_eq!(again, CommandResult::Done { fact: None }, "a double tap is a second fact");
    world.assert_reopens_the_same();
    assert_eq!(shown(&mut world), after);
    world.pump_patiently(1);
    assert_eq!(edited(&world), ["skip: door-2"]);
    let rejection = world.rejection(Command::TakeProposal { proposal: 1 });
    assert_eq!(rejection, Rejection::ProposalOver);
    let rejection = world.rejection(Command::EditRoute { stop: stop("nowhere"), edit: RouteEdit::Next });
    assert_eq!(rejection, Rejection::NotOnRoute);
}

#[test]
fn arrivals_are_shown_from_the_beginning_of_the_day_to_its_end() {
    let mut world = World::started();
    let eta = |world: &mut World| {
        think(world);
        let now = world.now.clone();
        world.machine().stop_view(&stop("door-2"), &now).unwrap().eta
    };
    let told = eta(&mut world).unwrap();
    assert!(told.p50 > world.now.wall && told.p80 > told.p50);
    world.open();
    assert_eq!(eta(&mut world), Some(told), "another range is told after a restart");
    world.go(Command::CloseDay);
    assert_eq!(eta(&mut world), None);
}

#[test]
fn what_the_courier_prefers_is_kept_and_nothing_of_the_plan_is_to_be_read_in_the_file() {
    let mut world = World::started();
    world.go(Command::PreferOrder { keep: KeepOrder::Strict });
    think(&mut world);
    world.open();
    let now = world.now.clone();
    assert_eq!(world.machine().route_view(&now).unwrap().keep, KeepOrder::Strict);
    let log = std::fs::read(world.data().join("route.db-wal")).unwrap_or_default();
    let bytes = [std::fs::read(world.data().join("route.db")).unwrap(), log].concat();
    for word in ["strict", "told", "salt", "Lindenallee"] {
        assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word} is to be read");
    }
}

#[test]
fn fixes_record_an_arrival_once_and_are_not_looked_at_without_a_day() {
    let mut world = World::new();
    world.enrol();
    let walk = |world: &mut World, position: Position| {
        let mut arrived = Vec::new();
        for _ in 0..10 {
            world.tick(5_000);
            let now = world.now.clone();
            let tracking = world.machine().fix(Some(position), None, &now).unwrap();
            arrived.push((tracking.sampling, tracking.arrived));
        }
        arrived
    };
    assert!(walk(&mut world, at_the_pin()).iter().all(|seen| *seen == (false, None)));
    world.pump();
    world.go(Command::StartDay);
    let seen = walk(&mut world, at_the_pin());
    let arrived: Vec<_> = seen.iter().filter_map(|(_, arrived)| arrived.clone()).collect();
    assert_eq!(arrived, [stop("door-1")]);
    world.pump_patiently(1);
    let chain = world.backend.chain();
    let arrivals: Vec<_> =
        chain.iter().filter(|fact| matches!(fact.payload.body, FactBody::Arrived {})).collect();
    assert_eq!((arrivals.len(), arrivals[0].private.as_ref()), (1, None), "a position went with it");
}

#[test]
fn a_position_goes_with_an_arrival_only_if_it_is_far_from_the_pin() {
    let mut world = World::started();
    let now = world.now.clone();
    world.machine().fix(Some(far_away()), None, &now).unwrap();
    world.tick(3_000);
    world.go(Command::Arrive { stop: stop("door-1") });
    let now = world.now.clone();
    let away = world.machine().stop_view(&stop("door-1"), &now).unwrap().away_m.unwrap();
    assert!((300..370).contains(&away), "{away} m");
    world.pump_patiently(1);
    let chain = world.backend.chain();
    let fact = chain.iter().find(|fact| matches!(fact.payload.body, FactBody::Arrived {})).unwrap();
    let commitment = fact.payload.private.as_ref().unwrap();
    let opened = private::unpack(fact.private.as_ref().unwrap(), commitment).unwrap();
    let part: PrivatePart = serde_json::from_slice(&opened).unwrap();
    assert_eq!(part.position, Some(Position { age_ms: 3_000, ..far_away() }));

    // An hour later nobody knows where the phone is.
    world.tick(3_600_000);
    world.go(Command::Arrive { stop: stop("door-2") });
    let now = world.now.clone();
    assert_eq!(world.machine().stop_view(&stop("door-2"), &now).unwrap().away_m, None);
}
