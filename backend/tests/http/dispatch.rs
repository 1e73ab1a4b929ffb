//! What a dispatcher changes on a route that is out.

use courier_backend::office::Actor;
use courier_domain::CourierId;
use serde_json::{Value, json};

use crate::world::{Backend, CSV, JSON, OPS, SHOP};

/// The route of a courier as their phone gets it: the operation that puts it, with its `id` and `data`.
fn put_route_of(backend: &Backend, courier: &str) -> Value {
    let changes = backend.service().changes(&CourierId::new(courier).unwrap(), None).unwrap().unwrap();
    let ops = serde_json::to_value(changes).unwrap()["ops"].clone();
    ops.as_array().unwrap().iter().rfind(|op| op["type"] == "route").unwrap().clone()
}

#[test]
fn the_office_is_told_which_stops_it_puts_in_order_and_a_shop_is_not() {
    let backend = Backend::with(|_| {});
    backend.import_csv(CSV);
    let ada = backend.post("/v1/couriers", OPS, &json!({ "name": "Ada" })).json()["id"].clone();
    let attempt = |key: &str| {
        let shipment = backend.get("/v1/shipments/r1?sender=Feinwerk", key).json();
        shipment["attempts"][0].as_object().unwrap().clone()
    };
    assert!(!attempt(OPS).contains_key("stop"), "it is on no route yet");
    backend.post("/v1/routes/publish", OPS, &json!({"courier": ada, "day": "2026-11-24"}));
    let published = put_route_of(&backend, ada.as_str().unwrap());
    let told = attempt(OPS);
    assert_eq!(told["route"], published["id"]);
    assert!(published["data"]["order"].as_array().unwrap().contains(&told["stop"]), "{told:?}");
    let shop = attempt(SHOP);
    assert!(!shop.contains_key("route") && !shop.contains_key("stop"), "{shop:?}");
}

#[test]
fn what_a_dispatcher_changes_is_written_down_and_keeps_the_rules_of_the_route() {
    let backend = Backend::with(|config| config.policy.name = Some("austria".into()));
    backend.import_csv(CSV);
    let courier = |name: &str| {
        let answer = backend.post("/v1/couriers", OPS, &json!({ "name": name })).json();
        answer["id"].as_str().unwrap().to_owned()
    };
    let (ada, ben) = (courier("Ada"), courier("Ben"));
    backend.post("/v1/routes/publish", OPS, &json!({"courier": ada, "day": "2026-11-24"}));
    let shipment = backend.get("/v1/shipments/r1?sender=Feinwerk", SHOP).json()["id"].clone();
    let about = format!("/v1/shipments/{}", shipment.as_str().unwrap());
    let put = |key: &str, path: &str, body: &Value| {
        let auth = format!("authorization: Bearer {key}");
        backend.ask("PUT", path, &[&auth, JSON], body.to_string().as_bytes())
    };
    let published = put_route_of(&backend, &ada);
    let order = format!("/v1/routes/{}/order", published["id"].as_str().unwrap());
    let stops = json!({ "order": published["data"]["order"] });
    let export = json!({"courier_export": 1, "proof": "not signed", "sealed": "eA"});
    for (path, body) in [
        (format!("{about}/reassign"), json!({ "courier": ben })),
        (format!("{about}/delivered"), json!({})),
        ("/v1/exports".into(), export.clone()),
    ] {
        assert_eq!(backend.post(&path, SHOP, &body).status, 403, "{path}");
    }
    assert_eq!(put(SHOP, &order, &stops).status, 403);

    assert_eq!(put(OPS, &order, &json!({ "order": [] })).status, 409);
    assert_eq!(put(OPS, &order, &stops).status, 204);
    assert!(!published["data"]["policy"].is_null());
    assert_eq!(
        put_route_of(&backend, &ada)["data"]["policy"],
        published["data"]["policy"],
        "the rules are gone"
    );
    assert_eq!(backend.post(&format!("{about}/reassign"), OPS, &json!({ "courier": ben })).status, 204);
    assert_eq!(
        put_route_of(&backend, &ben)["data"]["policy"],
        published["data"]["policy"],
        "another route has no rules"
    );
    assert_eq!(backend.post(&format!("{about}/delivered"), OPS, &json!({})).status, 204);
    assert_eq!(backend.post(&format!("{about}/delivered"), OPS, &json!({})).status, 409);
    assert_eq!(backend.post("/v1/exports", OPS, &export).status, 400);
    let audit = backend.service().office(Actor::Machine).audit(100).unwrap();
    let told: Vec<_> = audit.iter().rev().map(|it| it.what.as_str()).collect();
    let wanted =
        ["import", "add-courier", "add-courier", "publish", "reorder", "reassign", "delivered-by-hand"];
    assert_eq!(told, wanted, "what was refused is not written down");
    assert!(audit.iter().all(|it| it.who.starts_with("configuration/")));
    assert_eq!(audit[0].about, shipment.as_str().unwrap());
}
