//! A server that means harm, or a portal that pretends.

use courier_domain::{CodeState, Command};
use courier_protocol::{Object, RouteOp, digest};

use crate::backend::Fault;
use crate::world::{World, hand_over_plain, stop};

fn page(ops: &str) -> String {
    format!(
        r#"{{"epoch":"epoch-1","server_ms":1800000000000,"cursor":"1.0","more":false,"ops":[{ops}],"digest":"x"}}"#
    )
}

#[test]
fn answers_that_make_no_sense_change_nothing() {
    let many = vec![r#"{"op":"gone","type":"x","id":"1","rev":1}"#; 100_000].join(",");
    for body in [
        "null".to_owned(),
        "{".to_owned(),
        "[".repeat(100_000),
        r#"{"epoch":1}"#.to_owned(),
        page(&many),
        page(r#"{"op":"put","type":"stop","id":"door-1","rev":99}"#),
        page(r#"{"op":"put","type":"stop","id":"door-1","rev":99,"data":{"address":7}}"#),
        page(r#"{"op":"put","type":"stop","id":"../../etc","rev":99,"data":{}}"#),
        page(r#"{"op":"gone","type":"stop","id":"door-1","rev":18446744073709551615}"#),
        page(r#"{"op":"gone","type":"stop","id":"door-1","rev":99}"#).replace(r#","digest":"x""#, ""),
        page("").replace(r#""cursor":"1.0""#, &format!(r#""cursor":"{}""#, "c".repeat(10_000))),
    ] {
        let mut world = World::started();
        let before = world.machine().state().clone();
        world.backend.route_faults.push_back(Fault::Body(body.clone()));
        world.tick(61_000);
        world.pump();
        let shown: String = body.chars().take(80).collect();
        assert_eq!(*world.machine().state(), before, "{shown}");
        world.assert_reopens_the_same();
        world.pump_patiently(1);
        world.go(Command::Arrive { stop: stop("door-1") });
    }
}

/// A snapshot has one put for each object; what a restart would show must not rest on that.
#[test]
fn a_snapshot_that_says_a_thing_twice_or_that_it_is_gone_shows_what_a_restart_shows() {
    let stop_at = |rev: u64, flat: &str| {
        let data = format!(
            r#"{{"address":{{"street":"S","house":"1","postcode":"1","city":"C","country":"DE"}},"flat":"{flat}","door_pin":{{"lat":53.5,"lon":10.0}},"service_s":60}}"#
        );
        format!(r#"{{"op":"put","type":"stop","id":"a","rev":{rev},"data":{data}}}"#)
    };
    let gone = |rev: u64| format!(r#"{{"op":"gone","type":"stop","id":"a","rev":{rev},"why":"moved"}}"#);
    for (ops, live, shown) in [
        (vec![stop_at(1, "old")], vec![("stop", "a", 1)], Some("old")),
        (vec![stop_at(1, "old"), stop_at(2, "new")], vec![("stop", "a", 2)], Some("new")),
        (vec![stop_at(2, "new"), stop_at(1, "old")], vec![("stop", "a", 1)], Some("old")),
        (vec![stop_at(1, "old"), gone(2)], vec![], Some("old")),
        (vec![gone(1), stop_at(2, "new")], vec![("stop", "a", 2)], Some("new")),
        (vec![gone(1)], vec![], None),
    ] {
        let mut world = World::new();
        world.enrol();
        let body =
            page(&ops.join(",")).replace(r#""digest":"x""#, &format!(r#""digest":"{}""#, digest(live)));
        world.backend.route_faults.push_back(Fault::Body(body));
        world.pump();
        assert!(world.has_seen("route-applied"), "{ops:?}");
        let flat = world.machine().state().stop(&stop("a")).and_then(|held| held.object.flat.clone());
        assert_eq!(flat.as_deref(), shown, "{ops:?}");
        world.assert_reopens_the_same();
    }
}

#[test]
fn pages_without_end_are_given_up() {
    let mut world = World::started();
    let endless = page("").replace(r#""more":false"#, r#""more":true"#).replace(r#","digest":"x""#, "");
    world.backend.route_faults.extend(std::iter::repeat_n(Fault::Body(endless), 900));
    world.tick(61_000);
    assert!(world.pump().len() < 300);
    assert!(world.has_seen("route-refused too-many-pages"));
}

#[test]
fn a_hostile_verifier_is_refused_and_the_rest_of_the_route_goes_on() {
    for (k, tag, m) in
        [(64, 1, 8), (13, 1, 8), (5, 1, 8), (10, 1_024, 8), (10, 1, u32::MAX), (10, 1, 2_097_152)]
    {
        let mut world = World::at_the_door();
        let mut verifier = world.codes[0].verifier.clone();
        (verifier.k, verifier.tag, verifier.kdf.m) = (k, tag, m);
        world.backend.put(&Object::Verifier(verifier));
        world.tick(61_000);
        world.pump();
        assert!(world.has_seen("verifier-refused code-1"), "k {k}, m {m}");
        let right = world.right();
        assert!(world.enter(&right).is_err(), "k {k}, m {m}: a code was checked");
        let at = courier_domain::At {
            wall: world.now.wall,
            boot_ms: world.now.boot_ms,
            boot: world.now.boot.clone(),
            server_ms: None,
            plus_minus_ms: None,
        };
        let state = world.machine().state();
        let coded = state.shipments().find(|held| held.object.id.as_str() == "coded").unwrap();
        assert_eq!(state.code_state(&coded.object, &at), CodeState::Missing);
        world.go(hand_over_plain());
        world.assert_reopens_the_same();
    }
}

#[test]
fn an_unknown_type_is_kept_for_the_digest() {
    let mut world = World::started();
    world.backend.rev += 1;
    let mut op: RouteOp =
        serde_json::from_str(r#"{"op":"put","type":"weather","id":"w1","rev":0,"data":{"rain":true}}"#)
            .unwrap();
    op.rev = world.backend.rev;
    world.backend.put_op(op);
    world.tick(61_000);
    let carried = world.pump();
    assert_eq!(carried.len(), 1, "a snapshot was needed: {carried:?}");
    world.assert_reopens_the_same();
}

#[test]
fn a_token_that_would_add_headers_is_refused() {
    let mut world = World::new();
    world.enrol();
    let body =
        r#"{"access_token":"a\r\nx: y","expires_in":9,"scope":"full","epoch":"e","server_ms":1800000000000}"#;
    world.backend.token_faults.push_back(Fault::Body(body.into()));
    let carried = world.pump();
    assert_eq!(carried, ["/v1/token"]);
    assert!(world.has_seen("token-not-an-answer"));
}

#[test]
fn a_portal_in_front_of_every_lane_harms_nothing() {
    let mut world = World::at_the_door();
    world.go(hand_over_plain());
    let before = world.machine().state().clone();
    world.tick(4_000_000);
    world.backend.token_faults.extend(std::iter::repeat_n(Fault::Portal, 5));
    world.backend.facts_faults.extend(std::iter::repeat_n(Fault::Portal, 5));
    world.backend.route_faults.extend(std::iter::repeat_n(Fault::Portal, 5));
    world.pump_patiently(3);
    assert_eq!(*world.machine().state(), before);
    world.pump_patiently(12);
    assert_eq!(world.pending(), 0);
}
