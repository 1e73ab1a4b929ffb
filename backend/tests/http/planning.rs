//! Orders that the backend finds, and times between stops that it is told.

use courier_backend::office::Actor;
use courier_backend::service::Service;
use courier_domain::CourierId;
use serde_json::{Value, json};

use crate::world::{Backend, JSON, OPS, SHOP};

/// A day of shipments in a line from west to east, in this order.
pub(crate) fn in_a_line(day: &str, places: &[u32]) -> Value {
    in_a_line_with(day, places, |_, _| ())
}

/// The same, each with something more.
fn in_a_line_with(day: &str, places: &[u32], more: impl Fn(u32, &mut Value)) -> Value {
    let shipment = |place: &u32| {
        let mut shipment = json!({
            "ref": format!("{day}-{place}"), "order_ref": "o", "sender": "Feinwerk",
            "customer": {"email": "a@b.example", "lang": "en"}, "recipient": {"name": "Kaya"},
            "address": {"street": "Breite Str.", "house": place.to_string(), "postcode": "10178", "city": "Berlin", "country": "DE"},
            "pin": {"lat": 52.5, "lon": 13.0 + f64::from(*place) / 100.0},
            "items": [{"value": 100, "currency": "EUR"}], "parcels": [{"barcode": format!("{day}-B{place}")}],
            "instructions": [],
        });
        more(*place, &mut shipment);
        shipment
    };
    let shipments: Vec<Value> = places.iter().map(shipment).collect();
    json!({"day": day, "tz": "Europe/Berlin", "shipments": shipments})
}

pub(crate) fn import(backend: &Backend, places: &[u32]) {
    import_with(backend, places, |_, _| ());
}

fn import_with(backend: &Backend, places: &[u32], more: impl Fn(u32, &mut Value)) {
    let answer = backend.post("/v1/import", SHOP, &in_a_line_with("2026-11-24", places, more));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

pub(crate) fn courier(backend: &Backend, name: &str) -> String {
    let answer = backend.post("/v1/couriers", OPS, &json!({ "name": name })).json();
    answer["id"].as_str().unwrap().to_owned()
}

pub(crate) fn put(backend: &Backend, path: &str, body: &Value) -> u16 {
    let auth = format!("authorization: Bearer {OPS}");
    backend.ask("PUT", path, &[&auth, JSON], body.to_string().as_bytes()).status
}

/// What a courier's phones get of this type.
pub(crate) fn on_phone(service: &Service, courier: &str, kind: &str) -> Vec<Value> {
    let changes = service.changes(&CourierId::new(courier).unwrap(), None).unwrap().unwrap();
    let ops = serde_json::to_value(changes).unwrap()["ops"].clone();
    ops.as_array().unwrap().iter().filter(|op| op["type"] == kind).cloned().collect()
}

pub(crate) fn published(backend: &Backend, courier: &str) -> String {
    let answer = backend.post("/v1/routes/publish", OPS, &json!({"courier": courier, "day": "2026-11-24"}));
    answer.json()["route"].as_str().unwrap().to_owned()
}

#[test]
fn a_route_is_put_in_order_and_says_what_that_brings() {
    let backend = Backend::start();
    import(&backend, &[1, 8, 2, 7, 3, 6, 4, 5]);
    let ada = courier(&backend, "Ada");
    let route = published(&backend, &ada);
    let path = format!("/v1/routes/{route}/sequence");
    assert_eq!(backend.post(&path, SHOP, &json!({})).status, 403);
    assert_eq!(backend.post(&path, OPS, &json!({"begins": "8 o'clock"})).status, 400);
    assert_eq!(backend.post("/v1/routes/none/sequence", OPS, &json!({})).status, 404);
    let found = backend.post(&path, OPS, &json!({"begins": "07:30"})).json();
    let (now, before) =
        (found["now"]["travel_s"].as_i64().unwrap(), found["before"]["travel_s"].as_i64().unwrap());
    assert!(now * 2 < before, "{now} s after {before} s");
    let told = on_phone(backend.service(), &ada, "route");
    assert_eq!(told.last().unwrap()["data"]["order"], found["order"]);
    let again = backend.post(&path, OPS, &json!({})).json();
    assert_eq!(again["now"]["travel_s"], found["now"]["travel_s"]);
    let audit = backend.service().office(Actor::Machine).audit(100).unwrap();
    let sequenced = audit.iter().filter(|it| it.what == "sequence" && it.about == route).count();
    assert_eq!(sequenced, 2, "what was refused is written down, or what was done is not");
}

#[test]
fn a_matrix_is_checked_reaches_the_phone_and_counts_for_the_order() {
    let backend = Backend::start();
    import(&backend, &[1, 2, 3]);
    let ada = courier(&backend, "Ada");
    let route = published(&backend, &ada);
    let order = on_phone(backend.service(), &ada, "route")[0]["data"]["order"].clone();
    let path = format!("/v1/routes/{route}/matrix");
    let (one, far) = (json!([0, 9, 9]), json!([9, 0, 5]));
    for (stops, seconds) in [
        (json!(["nowhere"]), json!([[0]])),
        (order.clone(), json!([one, one])),
        (order.clone(), json!([[0], [0], [0]])),
        (order.clone(), json!([[0, 86_401, 9], one, one])),
        (json!([order[0], order[0]]), json!([[0, 1], [1, 0]])),
    ] {
        let body = json!({"stops": stops, "seconds": seconds});
        assert_eq!(put(&backend, &path, &body), 422, "{body}");
    }
    assert!(on_phone(backend.service(), &ada, "matrix").is_empty());
    // The second is best reached from the third, whatever the map says.
    let body = json!({"stops": order, "seconds": [[0, 4_000, 10], [4_000, 0, 4_000], [4_000, 10, 0]]});
    assert_eq!(put(&backend, &path, &body), 204);
    let told = on_phone(backend.service(), &ada, "matrix");
    assert_eq!(told[0]["data"]["seconds"], json!([0, 4_000, 10, 4_000, 0, 4_000, 4_000, 10, 0]), "{far}");
    let found = backend.post(&format!("/v1/routes/{route}/sequence"), OPS, &json!({})).json();
    assert_eq!(found["order"], json!([order[0], order[2], order[1]]));
    assert_eq!(found["now"]["travel_s"], 20);
}

#[test]
fn what_lies_together_in_the_van_is_brought_together_and_the_courier_sees_where_it_lies() {
    let backend = Backend::start();
    import_with(&backend, &[1, 2, 3, 4, 5, 6], |place, shipment| {
        // Some 70 metres apart, in two bags; the van cannot stand at the last door.
        shipment["pin"]["lon"] = (13.0 + f64::from(place) / 1_000.0).into();
        shipment["van_place"] = if place % 2 == 0 { "bag 2" } else { "bag 1" }.into();
        if place == 6 {
            shipment["parking_pin"] = json!({"lat": 52.5, "lon": 13.0061});
        }
    });
    let ada = courier(&backend, "Ada");
    let route = published(&backend, &ada);
    let stops = on_phone(backend.service(), &ada, "stop");
    let found = backend.post(&format!("/v1/routes/{route}/sequence"), OPS, &json!({})).json();
    let bag = |id: &Value| {
        let stop = stops.iter().find(|stop| stop["id"] == *id).unwrap();
        stop["data"]["van_place"].as_str().unwrap().to_owned()
    };
    let bags: Vec<String> = found["order"].as_array().unwrap().iter().map(bag).collect();
    assert_eq!(bags.windows(2).filter(|pair| pair[0] != pair[1]).count(), 1, "{bags:?}");
    let parked: Vec<_> = stops.iter().filter(|stop| stop["data"].get("parking_pin").is_some()).collect();
    assert_eq!(parked.len(), 1);
    assert_eq!(parked[0]["data"]["parking_pin"], json!({"lat": 52.5, "lon": 13.0061}));
}

#[test]
fn a_day_is_shared_by_direction_and_each_courier_gets_their_own() {
    let backend = Backend::start();
    import(&backend, &[1, 30, 2, 31, 3, 32]);
    let (ada, ben) = (courier(&backend, "Ada"), courier(&backend, "Ben"));
    let split = |couriers: Value| {
        backend.post("/v1/days/split", OPS, &json!({"day": "2026-11-24", "couriers": couriers}))
    };
    for wrong in [json!([]), json!([ada, ada]), json!([ada, "nobody"])] {
        assert_eq!(split(wrong.clone()).status, 422, "{wrong}");
    }
    let shares = split(json!([ada, ben])).json()["shares"].clone();
    let share = |courier: &str| json!({"courier": courier, "stops": 3, "shipments": 3});
    assert_eq!(shares, json!([share(&ada), share(&ben)]));
    for courier in [&ada, &ben] {
        published(&backend, courier);
        let east = |stop: &Value| stop["data"]["door_pin"]["lon"].as_f64().unwrap() > 13.2;
        let stops = on_phone(backend.service(), courier, "stop");
        let in_the_east = stops.iter().filter(|stop| east(stop)).count();
        assert!(stops.len() == 3 && [0, 3].contains(&in_the_east), "{stops:?}");
    }
}
