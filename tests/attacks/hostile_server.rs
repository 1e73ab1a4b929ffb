//! A server that means harm: every value that it may send is bounded, or refused, or does no harm.
//!
//! `core/engine/tests/engine/hostile.rs` has answers that make no sense, pages without end, tags and hashes out of
//! bounds and portals; here are values that make sense and are absurd, and answers that are too large.

use courier_codes::kdf::check_verifier;
use courier_domain::{AttemptState, KdfParams, Receiver};
use courier_protocol::{Changes, Data, header};
use courier_tests::world::{World, shipment};
use serde_json::{Value, json};

use crate::day::verifier_of;
use crate::liar::{Liar, Lie};

#[test]
fn parameters_out_of_bounds_are_refused_before_any_memory_is_taken() {
    let world = World::with(&[shipment("Kaya", 90_000, |_| {})]);
    let good = verifier_of(&world, "Kaya");
    assert_eq!(check_verifier(&good), Ok(()));
    for (m, t, p) in [
        (2_097_152, 1, 1),
        (u32::MAX, u32::MAX, u32::MAX),
        (65_537, 1, 1),
        (8, 11, 1),
        (8, u32::MAX, 1),
        (64, 1, 5),
        (7, 1, 1),
        (8, 0, 1),
        (8, 1, 0),
        (0, 0, 0),
    ] {
        let mut bad = good.clone();
        bad.kdf = KdfParams { m, t, p };
        assert!(check_verifier(&bad).is_err(), "a hash of {m} KiB, {t} passes, {p} lanes was accepted");
    }
    for (k, tag) in
        [(1, 0), (5, 0), (13, 0), (16, 0), (64, 0), (255, 0), (6, 64), (10, 1_024), (12, u16::MAX)]
    {
        let mut bad = good.clone();
        (bad.k, bad.tag) = (k, tag);
        assert!(check_verifier(&bad).is_err(), "a tag of {k} bits with the value {tag} was accepted");
    }
}

/// A phone with something unsent, asked to talk to a server that answers the route with this.
fn face(route: Lie) -> World {
    let mut world = World::with(&[shipment("Kaya", 90_000, |_| {}), shipment("Plain", 100, |_| {})]);
    world.phone.scan("Plain");
    world.phone.hand_over("Plain", Receiver::Recipient, None).unwrap();
    let liar = Liar::new(move |path| match path {
        "/v1/token" => Lie::token(),
        "/v1/facts" => Lie::of("text/html", "<h1>no</h1>"),
        _ => route.clone(),
    });
    world.phone.talk_to(&liar.url);
    world.phone.restart();
    world.phone.sync();
    let asked = liar.asked.lock().unwrap();
    assert!(asked.iter().any(|path| path.starts_with("/v1/route")), "the lie was not heard: {asked:?}");
    assert!(asked.len() < 20, "the phone went round and round: {} requests", asked.len());
    drop(asked);
    assert_eq!(world.phone.count("panic"), 0, "the phone's machine broke");
    world
}

/// The courier goes on: the views are drawn, nothing unsent is lost, the honest server mends the rest.
fn assert_goes_on(world: &mut World, what: &str) {
    assert!(world.phone.core().diagnostics().unwrap().pending > 0, "{what}: something was acknowledged");
    for line in world.phone.route().stops {
        let stop = world.phone.core().stop(&line.id).unwrap();
        assert!(
            stop.doors.iter().all(|door| door.state != AttemptState::Open || !door.exits.is_empty()),
            "{what}"
        );
    }
    let url = world.url.clone();
    world.phone.talk_to(&url);
    world.phone.restart();
    world.phone.sync();
    let pending = world.phone.core().diagnostics().unwrap().pending;
    assert_eq!(pending, 0, "{what}: something unsent was lost or stuck");
    assert_eq!(world.tracking("Plain").state.word(), "delivered");
    assert_eq!(world.phone.count("panic"), 0);
}

fn json_lie(body: impl Into<Vec<u8>>) -> Lie {
    Lie::of("application/json", body)
}

fn page(ops: &str) -> String {
    format!(
        r#"{{"epoch":"e","server_ms":1795503600000,"cursor":"1.0","more":false,"digest":"x","ops":[{ops}]}}"#
    )
}

#[test]
fn answers_without_measure_are_not_read_to_their_end() {
    let million: String = (0..1_000_000)
        .map(|number| format!(r#"{{"op":"gone","type":"stop","id":"s{number}","rev":1}}"#))
        .collect::<Vec<_>>()
        .join(",");
    let deep = format!(
        r#"{{"op":"put","type":"x","id":"a","rev":1,"data":{}1{}}}"#,
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    for (what, lie) in [
        ("a million stops", json_lie(page(&million))),
        ("20 MB of nothing", json_lie(vec![b' '; 20 << 20])),
        ("a deep object", json_lie(page(&deep))),
        ("a redirect", Lie { status: 302, ..json_lie("").and("location: http://127.0.0.1:9/elsewhere") }),
        ("a body that says to be packed", json_lie(vec![0x1f, 0x8b, 8, 0]).and("content-encoding: gzip")),
        ("a header of 1 MB", json_lie(page("")).and(format!("x-long: {}", "x".repeat(1 << 20)))),
        ("5,000 headers", (0..5_000).fold(json_lie(page("")), |lie, n| lie.and(format!("x-{n}: 1")))),
        ("a clock of the end of time", json_lie("").and(format!("{}: {}", header::SERVER_MS, i64::MAX))),
        ("a clock before time", json_lie("").and(format!("{}: {}", header::SERVER_MS, i64::MIN))),
        ("an epoch of 100 KB", json_lie("").and(format!("{}: {}", header::EPOCH, "e".repeat(100_000)))),
    ] {
        let mut world = face(lie);
        assert_eq!(world.phone.route().stops.len(), 2, "{what}: the route changed");
        assert_goes_on(&mut world, what);
    }
}

#[test]
fn pages_that_are_large_and_never_the_last_are_given_up() {
    let page = |more: bool| {
        let note = "x".repeat(8 << 20);
        format!(
            r#"{{"epoch":"e","server_ms":1795503600000,"cursor":"1.0","more":{more},"ops":[{{"op":"put","type":"x","id":"a","rev":1,"data":{{"note":"{note}"}}}}]}}"#
        )
    };
    let mut world = face(json_lie(page(true)));
    assert!(world.phone.log().iter().any(|line| line.ends_with("route-refused too-large")));
    assert_goes_on(&mut world, "8 MB, again and again");
}

/// In words, the type of object, and what is done to its data.
type Distortion = (&'static str, &'static str, Box<dyn Fn(&mut Value)>);

/// The honest snapshot of a world, with a change to the data of every object of one type.
fn distorted(kind: &str, change: impl Fn(&mut Value)) -> Lie {
    let world = World::with(&[shipment("Kaya", 90_000, |_| {}), shipment("Plain", 100, |_| {})]);
    let mut changes: Changes = world.service().changes(&world.courier, None).unwrap().unwrap();
    let mut changed = 0;
    for op in changes.ops.iter_mut().filter(|op| op.kind == kind) {
        let mut data = op.data.as_ref().unwrap().read().unwrap();
        change(&mut data);
        op.data = Some(Data::of(&data).unwrap());
        changed += 1;
    }
    assert!(changed > 0);
    json_lie(serde_json::to_vec(&changes).unwrap())
}

#[test]
fn absurd_values_that_are_well_formed_break_nothing() {
    let long = "x".repeat(1 << 20);
    let distortions: [Distortion; 9] = [
        ("times at the end of time", "verifier", Box::new(|it| it["not_before"] = json!(i64::MAX))),
        (
            "a window of all time",
            "verifier",
            Box::new(|it| {
                it["not_before"] = json!(i64::MIN);
                it["not_after"] = json!(i64::MAX);
            }),
        ),
        (
            "a window that ends before it begins",
            "stop",
            Box::new(|it| {
                it["window"] = json!({"from": i64::MAX, "to": i64::MIN});
            }),
        ),
        ("a service time of a century", "stop", Box::new(|it| it["service_s"] = json!(u32::MAX))),
        ("tries without end", "shipment", Box::new(|it| it["tries_used"] = json!(u32::MAX))),
        ("a name of 1 MB", "shipment", Box::new(move |it| it["recipient_name"] = json!(long))),
        ("a shipment without parcels", "shipment", Box::new(|it| it["parcels"] = json!([]))),
        (
            "ten thousand parcels",
            "shipment",
            Box::new(|it| {
                it["parcels"] = (0..10_000)
                    .map(|n| json!({"id": format!("p{n}"), "barcodes": [format!("B{n}")]}))
                    .collect();
            }),
        ),
        (
            "a route with every stop a thousand times",
            "route",
            Box::new(|it| {
                let order = it["order"].as_array().unwrap().clone();
                it["order"] = std::iter::repeat_n(order, 1_000).flatten().collect();
            }),
        ),
    ];
    for (what, kind, change) in distortions {
        let mut world = face(distorted(kind, change));
        assert_goes_on(&mut world, what);
    }
}
