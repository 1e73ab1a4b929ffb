//! Sections 1 and 2: what every answer has in common, keys and signatures.

use courier_codes::encoding::encode;
use courier_codes::{Sign, SigningKey, read_jws, thumbprint};
use courier_domain::{FactBody, Jwk};
use courier_engine::{HttpResponse, Method};
use courier_protocol::{Assertion, ProblemKind, ReceiptPayload, header};
use serde::Serialize;
use serde_json::{Value, json};

use super::Rule;
use crate::phone::{KeyOf, Phone, bytes, enrolment, is_not_judged, new_install, sign};
use crate::report::{Check, Stop, broken, equal, holds};
use crate::world::{PLAIN, World, has_status, is_flagged, is_refused, read};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "P1.2", title: "Text that is no strict base64url is refused", check: base64_is_strict },
    Rule { id: "P1.4", title: "Every answer tells the clock and the epoch", check: clock_and_epoch },
    Rule {
        id: "P1.5",
        title: "Another version of the protocol is refused, none counts as 1",
        check: versions,
    },
    Rule { id: "P1.6", title: "A batch without courier-request is refused", check: without_request },
    Rule { id: "P1.7", title: "Refusals are problem documents", check: problems },
    Rule { id: "P1.8", title: "A request with an unknown field is refused", check: unknown_fields },
    Rule { id: "P2.1", title: "A JWS in any other form proves nothing", check: one_form },
    Rule { id: "P2.3", title: "A signature of one type proves nothing of another", check: types },
    Rule { id: "P2.5", title: "Receipts are signed by a published key", check: published_key },
];

fn base64_is_strict(world: &mut World) -> Check {
    let code = world.office.day(&[])?.code;
    let (install, device) = (new_install(world)?, SigningKey::generate(&mut world.rng));
    let mut request = enrolment(&code, &install, &device)?;
    request.proof.push('=');
    has_status(&world.post("/v1/enrol", &request)?, 400)
}

fn clock_and_epoch(world: &mut World) -> Check {
    let phone = world.any_phone()?;
    let name = "A".repeat(43);
    let mut epochs = Vec::new();
    let mut look = |what: &str, answer: &HttpResponse| -> Check {
        let clock = answer.header(header::SERVER_MS).and_then(|text| text.trim().parse::<i64>().ok());
        let is_clock = clock.is_some_and(|ms| (1_577_836_800_000..7_258_118_400_000).contains(&ms));
        holds(&format!("courier-server-ms of this century in {what}"), is_clock, format!("{clock:?}"))?;
        let epoch = answer.header(header::EPOCH).unwrap_or_default().to_owned();
        holds(&format!("courier-epoch in {what}"), (1..=4096).contains(&epoch.len()), format!("{epoch:?}"))?;
        epochs.push(epoch);
        Ok(())
    };
    look("a refusal", &world.post("/v1/token", &json!({}))?)?;
    look("a 401", &world.ask(Method::Get, "/v1/route/changes", &[], "")?)?;
    look("a 404", &phone.ask(world, Method::Head, "/v1/blobs/x", &[], "")?)?;
    look("a HEAD", &phone.ask(world, Method::Head, &format!("/v1/blobs/{name}"), &[], "")?)?;
    let snapshot = phone.ask(world, Method::Get, "/v1/route/changes", &[], "")?;
    look("a snapshot", &snapshot)?;
    let cursor = crate::route::Route::snapshot(world, &phone)?.cursor;
    look("a 204", &crate::route::ask(world, &phone, Some(&cursor))?)?;
    epochs.dedup();
    equal("the epoch in all of them", &epochs, &vec![phone.epoch])
}

fn versions(world: &mut World) -> Check {
    let path = "/v1/route/changes";
    let other = world.ask_barely(Method::Get, path, &[(header::PROTOCOL, "2")], "")?;
    is_refused(&other, ProblemKind::Protocol)?;
    has_status(&world.ask_barely(Method::Get, path, &[], "")?, 401)?;
    has_status(&world.ask_barely(Method::Get, path, &[(header::PROTOCOL, "1")], "")?, 401)
}

fn without_request(world: &mut World) -> Check {
    let phone = world.any_phone()?;
    let token = format!("Bearer {}", phone.token);
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let answer = world.ask(Method::Post, "/v1/facts", &headers, bytes(&phone.batch(&[])))?;
    has_status(&answer, 400)
}

fn problems(world: &mut World) -> Check {
    let phone = world.any_phone()?;
    let refused = [
        (world.post("/v1/enrol", &json!([]))?, ProblemKind::BadRequest),
        (world.ask(Method::Get, "/v1/route/changes", &[], "")?, ProblemKind::Unauthorized),
        (world.ask(Method::Get, "/v1/nowhere", &[], "")?, ProblemKind::NotFound),
        (world.ask(Method::Get, "/v1/enrol", &[], "")?, ProblemKind::MethodNotAllowed),
        (crate::route::ask(world, &phone, Some("no cursor"))?, ProblemKind::CursorGone),
    ];
    for (answer, kind) in refused {
        is_refused(&answer, kind)?;
        holds(
            &format!("media type {} of {}", header::PROBLEM_MEDIA_TYPE, kind.uri()),
            answer.is_of_type(header::PROBLEM_MEDIA_TYPE),
            format!("{:?}", answer.header("content-type")),
        )?;
    }
    Ok(())
}

/// The same with a member that no page names.
fn with_more(what: &impl Serialize) -> Value {
    let mut json = serde_json::to_value(what).unwrap_or_default();
    json["weather"] = "fine".into();
    json
}

fn unknown_fields(world: &mut World) -> Check {
    let code = world.office.day(&[])?.code;
    let (install, device) = (new_install(world)?, SigningKey::generate(&mut world.rng));
    let request = enrolment(&code, &install, &device)?;
    has_status(&world.post("/v1/enrol", &with_more(&request))?, 400)?;
    let phone = world.any_phone()?;
    let batch = with_more(&phone.batch(&[]));
    let json = [("content-type", "application/json")];
    has_status(&phone.ask(world, Method::Post, "/v1/facts", &json, batch.to_string())?, 400)?;
    has_status(&world.post("/v1/token", &json!({"assertion": "a.b.c", "weather": "fine"}))?, 400)
}

/// A compact JWS with any header.
fn jws(head: &Value, payload: &[u8], key: &SigningKey) -> Result<String, Stop> {
    let signed = format!("{}.{}", encode(head.to_string().as_bytes()), encode(payload));
    let signature = key.sign(signed.as_bytes()).map_err(|error| broken("a signature", error.to_string()))?;
    Ok(format!("{signed}.{}", encode(&signature)))
}

fn one_form(world: &mut World) -> Check {
    let phone = world.any_phone()?;
    let kid = thumbprint(&phone.device.jwk());
    let typ = header::TYP_ASSERTION;
    for (what, head) in [
        ("another member in the header", json!({"alg": "ES256", "kid": kid, "typ": typ, "crit": ["x"]})),
        ("another algorithm", json!({"alg": "none", "kid": kid, "typ": typ})),
        ("no kid", json!({"alg": "ES256", "typ": typ})),
        ("the kid of another key", json!({"alg": "ES256", "kid": thumbprint(&phone.day.jwk()), "typ": typ})),
    ] {
        let assertion = jws(&head, &bytes(&phone.assertion(world, |_| {})), &phone.device)?;
        let answer = world.post("/v1/token", &json!({ "assertion": assertion }))?;
        equal(&format!("status for {what}"), &answer.status, &401)?;
    }
    let good = json!({"alg": "ES256", "kid": kid, "typ": typ});
    let assertion = jws(&good, &bytes(&phone.assertion(world, |_| {})), &phone.device)?;
    has_status(&world.post("/v1/token", &json!({ "assertion": assertion }))?, 200)
}

fn types(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    let assertion: Assertion = phone.assertion(world, |_| {});
    let signed = sign(header::TYP_ENROL, &bytes(&assertion), &phone.device)?;
    has_status(&world.post("/v1/token", &json!({ "assertion": signed }))?, 401)?;
    phone.start_day(world)?;
    let id = Phone::new_id(world)?;
    let payload = bytes(&phone.payload(world, &id, FactBody::Arrived {}));
    let mut fact = phone.sign_next(&id, &payload, KeyOf::Day)?;
    fact.item.jws = sign(header::TYP_ASSERTION, &payload, &phone.day)?;
    let result = phone.send_one(world, &fact)?;
    is_flagged(&result.flags, "bad-signature", true)?;
    is_not_judged(&result)
}

fn published_key(world: &mut World) -> Check {
    let road = world.on_the_road(&[PLAIN])?;
    let mut phone = road.phone;
    let fact = phone.add(world, FactBody::Arrived {})?;
    let receipt = phone.send(world, &[&fact])?.receipt.ok_or_else(|| broken("a receipt", "none"))?;
    let signed = read_jws(&receipt).map_err(|error| broken("a JWS", error.to_string()))?;
    let keys: Value = read(&world.ask(Method::Get, "/.well-known/jwks.json", &[], "")?, 200)?;
    let all = keys["keys"].as_array().cloned().unwrap_or_default();
    let named = all.into_iter().find(|key| key["kid"] == signed.kid.as_str());
    let named =
        named.ok_or_else(|| broken(format!("the key {} in the set", signed.kid), keys.to_string()))?;
    let jwk: Jwk = serde_json::from_value(named).map_err(|error| broken("a JWK", error.to_string()))?;
    let payload = signed
        .verify(&jwk, header::TYP_RECEIPT)
        .map_err(|error| broken("a good signature", error.to_string()))?;
    let said = serde_json::from_slice::<ReceiptPayload>(payload);
    said.map(|_| ()).map_err(|error| broken("a receipt as in P5.17", error.to_string()))
}
