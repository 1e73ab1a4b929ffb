//! A day over HTTP: what every answer has in common, and what is too large.

use std::io::Write;

use courier_domain::UnixMs;
use courier_protocol::header;
use serde_json::{Value, json};

use crate::world::{Backend, CSV, FORM, JSON, MORNING, OPS, SHOP};

#[test]
fn a_day_from_the_file_to_the_tracking_page() {
    let backend = Backend::start();
    assert_eq!(backend.import_csv(CSV).json(), json!({"created": 1, "unchanged": 0, "errors": []}));
    assert_eq!(backend.import_csv(CSV).json()["unchanged"], 1);
    assert!(backend.publish("2026-11-24").json()["route"].is_string());
    let shipment = backend.get("/v1/shipments/r1?sender=Feinwerk", SHOP).json();
    assert_eq!((&shipment["state"], &shipment["attempts"][0]["no"]), (&json!("on_the_way"), &json!(1)));
    assert_eq!(shipment["parcels"][1]["barcode"], "B2");
    assert_eq!(shipment["parcels"][1]["handed_over"], false);
    let path = format!("/t/{}", shipment["tracking"].as_str().unwrap().split_once("/t/").unwrap().1);
    let data = || backend.ask("GET", &path, &["accept: application/json"], b"").json();
    let digits = data()["code"]["digits"].as_str().unwrap().to_owned();
    let html = backend.ask("GET", &path, &["accept: text/html"], b"");
    assert!(
        html.text().contains(&digits) && html.text().contains("<svg") && !html.text().contains("<script")
    );
    for header in ["cache-control: no-store", "referrer-policy: no-referrer", "x-robots-tag: noindex"] {
        assert!(html.head.contains(header), "{header}");
    }
    for text in
        [shipment.to_string(), backend.get("/v1/totals", OPS).text(), backend.get("/v1/reviews", OPS).text()]
    {
        assert!(!text.contains(&digits) && !text.contains("50000"), "{text}");
    }
    // No wish can switch the code off, and the page stays as it is.
    let wishes = format!("{path}/instructions");
    for wish in [
        json!({"kind": "code", "data": false}),
        json!({"kind": "code", "data": {}}),
        json!({"kind": "safe_place", "data": {"place": "shed"}}),
    ] {
        assert_eq!(backend.post(&wishes, "", &wish).status, 422, "{wish}");
    }
    let saved = backend.ask("POST", &wishes, &[FORM], b"neighbour=Huber");
    assert!(saved.status == 303 && saved.head.contains("location: /t/"), "{}", saved.head);
    assert_eq!(data()["code"]["digits"], digits.as_str());
    assert_eq!(data()["instructions"][0]["data"]["name"], "Huber");
    let stale = json!({"kind": "household", "data": {}, "rev": 1});
    assert_eq!(backend.post(&wishes, "", &stale).status, 409);
}

#[test]
fn codes_change_on_request_of_those_who_may_and_no_answer_tells_one() {
    let backend = Backend::start();
    backend.import_csv(CSV);
    backend.publish("2026-11-24");
    let shipment = backend.get("/v1/shipments/r1?sender=Feinwerk", SHOP).json();
    let page = format!("/t/{}", shipment["tracking"].as_str().unwrap().split_once("/t/").unwrap().1);
    let reissue = format!("/v1/attempts/{}/reissue", shipment["attempts"][0]["id"].as_str().unwrap());
    let digits = || {
        let data = backend.ask("GET", &page, &["accept: application/json"], b"").json();
        data["code"]["digits"].as_str().unwrap().to_owned()
    };
    let first = digits();
    let (_, token) = backend.enrol();
    let body = json!({"request_id": "r1"});
    assert_eq!(backend.post(&reissue, "", &body).status, 401);
    assert_eq!(backend.post(&reissue, SHOP, &body).status, 403, "a shop asked for a code");
    assert_eq!(backend.post(&reissue, &token, &body).status, 404, "another courier asked for a code");
    assert_eq!(backend.post(&reissue, OPS, &json!({})).status, 400);
    let answer = backend.post(&reissue, OPS, &body);
    assert_eq!((answer.status, answer.text().as_str()), (202, ""));
    let second = digits();
    assert_ne!(first, second);

    // The customer's forms need no script, and each is answered with the page.
    let html = backend.ask("GET", &page, &["accept: text/html"], b"").text();
    for form in ["codes", "reissue", "disputes"] {
        assert!(html.contains(&format!("action=\"{page}/{form}?lang=en\"")), "{form} is missing: {html}");
    }
    for (form, body) in [
        ("codes", "name=Huber"),
        ("reissue", "request_id=seen"),
        ("disputes", "kind=told_by_phone&text=&request_id=seen"),
    ] {
        let answer = backend.ask("POST", &format!("{page}/{form}"), &[FORM], body.as_bytes());
        assert!(answer.status == 303 && answer.head.contains("location: /t/"), "{form}: {}", answer.head);
    }
    assert_eq!(backend.ask("POST", &format!("{page}/disputes"), &[FORM], b"kind=stolen").status, 400);
    let again = backend.post(&format!("{page}/reissue"), "", &json!({"request_id": "other"}));
    assert_eq!(again.status, 409);
    let objection = json!({"kind": "not_me", "text": "Ich war nicht da."});
    assert_eq!(backend.post(&format!("{page}/disputes"), "", &objection).status, 201);
    let reviews = backend.get("/v1/reviews", OPS).text();
    assert!(reviews.contains("dispute-told-by-phone") && reviews.contains("Ich war nicht da."), "{reviews}");
    let data = backend.ask("GET", &page, &["accept: application/json"], b"").json();
    assert_eq!((&data["state"], &data["code"]), (&json!("frozen"), &Value::Null));
}

#[test]
fn a_suspension_is_lifted_by_the_office_only() {
    let backend = Backend::start();
    let courier = backend.post("/v1/couriers", OPS, &json!({"name": "Ada"})).json()["id"].clone();
    let path = format!("/v1/couriers/{}/reinstate", courier.as_str().unwrap());
    assert_eq!(backend.post(&path, SHOP, &json!({})).status, 403);
    assert_eq!(backend.post(&path, OPS, &json!({})).status, 204);
    assert_eq!(backend.post("/v1/couriers/nobody/reinstate", OPS, &json!({})).status, 404);
}

#[test]
fn every_answer_tells_clock_and_epoch_and_every_refusal_is_a_problem_document() {
    let backend = Backend::start();
    let epoch = backend.running().service.epoch().to_owned();
    for (method, path, body, status) in [
        ("GET", "/healthz", "", 200),
        ("GET", "/.well-known/jwks.json", "", 200),
        ("GET", "/nowhere", "", 404),
        ("GET", "/t/guessed", "", 404),
        ("GET", "/v1/totals", "", 401),
        ("GET", "/v1/reviews", "", 401),
        ("GET", "/v1/route/changes", "", 401),
        ("POST", "/v1/facts", "{}", 401),
        ("POST", "/v1/enrol", "{\"code\":1}", 400),
        ("POST", "/v1/token", "{", 400),
    ] {
        let answer = backend.ask(method, path, &[JSON], body.as_bytes());
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.head.contains(&format!("courier-server-ms: {MORNING}")), "{path}: {}", answer.head);
        assert!(answer.head.contains(&format!("courier-epoch: {epoch}")), "{path}: {}", answer.head);
        if status >= 400 {
            assert!(answer.head.contains("application/problem+json"), "{path}: {}", answer.head);
            assert_eq!(answer.json()["status"], status, "{path}");
        }
    }
    assert_eq!(backend.get("/v1/totals", SHOP).status, 403, "a shop reads the office's sums");
    let unknown = backend.post("/v1/couriers", OPS, &json!({"name": "Ada", "code": false})).json();
    assert!(unknown["detail"].as_str().unwrap().contains("code"), "{unknown}");
}

#[test]
fn facts_are_taken_in_their_form_and_up_to_their_size_only() {
    let backend = Backend::start();
    let (install, token) = backend.enrol();
    let auth = format!("authorization: Bearer {token}");
    let batch = |install: &str, facts: &[Value]| {
        json!({"install": install, "inc": 1, "epoch": "e", "facts": facts}).to_string().into_bytes()
    };
    let one = batch(install.as_str(), &[json!({"jws": "unreadable"})]);
    let zip = |plain: &[u8]| {
        let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        zipped.write_all(plain).unwrap();
        zipped.finish().unwrap()
    };
    let send = |headers: &[&str], body: &[u8]| {
        let all: Vec<_> = [auth.as_str(), JSON].into_iter().chain(headers.iter().copied()).collect();
        backend.ask("POST", "/v1/facts", &all, body)
    };
    let (request, gzip) = ("courier-request: abc", "content-encoding: gzip");
    let answer = send(&[request, gzip], &zip(&one));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.head.contains(header::FACTS_MEDIA_TYPE));
    assert_eq!(
        (&answer.json()["request"], &answer.json()["results"][0]["status"]),
        (&json!("abc"), &json!("parked"))
    );
    assert_eq!(send(&[request], &one).json()["results"][0]["dup"], true);
    assert_eq!(send(&[], &one).status, 400, "there is nothing to echo");
    assert_eq!(send(&[request, gzip], b"not gzip").status, 400);
    assert_eq!(send(&[request, "content-encoding: br"], b"").status, 415);
    let bomb = zip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    assert_eq!(send(&[request, gzip], &bomb).status, 413);
    assert_eq!(send(&[request], &vec![b' '; 5 << 20]).status, 413);
    let many: Vec<_> = (0..201).map(|n| json!({"jws": n.to_string()})).collect();
    assert_eq!(send(&[request], &batch(install.as_str(), &many)).status, 413);
    assert_eq!(send(&[request], &batch("other", &[])).status, 403);
    assert_eq!(backend.get("/v1/route/changes", &token).status, 204);
    assert_eq!(backend.get("/v1/route/changes?cursor=foreign", &token).status, 410);
    assert_eq!(backend.get("/v1/totals", OPS).json()["facts"], json!({"parked": 1}));
}

#[cfg(feature = "test-endpoints")]
#[test]
fn tests_may_have_the_due_work_done() {
    let backend = Backend::start();
    backend.import_csv(&CSV.replace("2026-11-24", "2026-11-25"));
    backend.publish("2026-11-25");
    assert_eq!(backend.post("/test/tick", "", &json!({})).json()["mails"], 0, "it is not yet six o'clock");
    backend.running().service.clock().set(UnixMs(MORNING + 22 * 3_600_000));
    assert_eq!(backend.post("/test/tick", "", &json!({})).json()["mails"], 1);
    assert_eq!(backend.get("/test/mails", "").json()[0]["template"], "your_code");
}

#[test]
fn a_version_of_the_protocol_that_is_not_spoken_is_told_so_and_an_old_phone_is_not_refused() {
    let backend = Backend::start();
    let ask = |headers: &[&str]| backend.ask("GET", "/v1/route/changes", headers, b"");
    for known in [&[][..], &["courier-protocol: 1"]] {
        assert_eq!(ask(known).status, 401, "{known:?}");
    }
    let refused = ask(&["courier-protocol: 2"]);
    assert_eq!(
        (refused.status, refused.json()["type"].as_str()),
        (426, Some("urn:courier:problem:protocol"))
    );
    assert_eq!(refused.json()["detail"], "spoken here: 1");
    assert!(
        refused.head.contains("courier-server-ms:"),
        "the phone learns no time from it: {}",
        refused.head
    );
}
