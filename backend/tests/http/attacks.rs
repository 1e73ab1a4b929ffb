//! Attacks on the backend: guessing, other people's shipments, scripts in every field, requests that are none.

use std::io::Write;

use courier_backend::office::{Actor, Reach};
use serde_json::json;

use crate::office::{Browser, PASSWORD, coded, without_our_script};
use crate::world::{Answer, Backend, CSV, FORM, JSON, OPS, SHOP};

#[test]
fn who_guesses_passwords_waits_by_address_and_by_name() {
    let backend = Backend::with(|config| config.limits.proxies = vec!["127.0.0.1".parse().unwrap()]);
    let mut browser = Browser::of(&backend, "Grace");
    let login = |browser: &mut Browser, from: &str, name: &str, password: &str| {
        let csrf = crate::office::csrf_in(&browser.get(&backend, "/login").text());
        let body = format!("csrf={csrf}&name={name}&password={}", coded(password));
        browser.ask(&backend, "POST", "/login", &[FORM, &format!("x-forwarded-for: {from}")], &body)
    };
    for n in 0..10 {
        assert_eq!(login(&mut browser, &format!("192.0.2.{n}"), "Grace", "wrong").status, 403);
    }
    // Many addresses do not help against one name, whatever its capitals …
    let blocked = login(&mut browser, "192.0.2.99", "gRACE", PASSWORD);
    assert_eq!((blocked.status, blocked.header("retry-after")), (429, Some("301")), "{}", blocked.head);
    // … and many names do not help one address.
    for n in 0..20 {
        assert_eq!(login(&mut browser, "198.51.100.1", &format!("name{n}"), "wrong").status, 403);
    }
    let blocked = login(&mut browser, "198.51.100.1", "Heidi", "wrong");
    assert_eq!((blocked.status, blocked.header("retry-after")), (429, Some("61")));
    assert_eq!(login(&mut browser, "198.51.100.2", "Heidi", "wrong").status, 403);
    assert_eq!(browser.get(&backend, "/").status, 200, "who is logged in is thrown out by strangers");
    backend.advance(5 * 60_000);
    for _ in 0..30 {
        assert_eq!(login(&mut browser, "192.0.2.99", "Grace", PASSWORD).status, 303, "being right counts");
    }
}

#[test]
fn who_guesses_keys_and_links_waits() {
    let backend = Backend::start();
    for n in 0..10 {
        assert_eq!(backend.get("/v1/totals", &format!("courier_guess{n}")).status, 401);
        assert_eq!(backend.ask("GET", &format!("/welcome/guess{n}"), &[], b"").status, 404);
    }
    assert_eq!(backend.get("/v1/totals", OPS).status, 429);
    assert_eq!(backend.ask("GET", "/welcome/guess", &[], b"").status, 429);
    backend.advance(60_000);
    assert_eq!(backend.get("/v1/totals", OPS).status, 200);
}

#[test]
fn who_guesses_enrolment_codes_waits_by_installation_and_by_address() {
    let backend = Backend::start();
    let guess = |install: &str| backend.try_to_enrol(install, "AAAAAAAAAA").status;
    for _ in 0..10 {
        assert_eq!(guess("one"), 422);
    }
    assert_eq!(guess("one"), 429);
    for _ in 0..10 {
        assert_eq!(guess("other"), 422);
    }
    let blocked = backend.try_to_enrol("third", "AAAAAAAAAA");
    assert_eq!((blocked.status, blocked.header("retry-after")), (429, Some("61")));
    assert_eq!(blocked.json()["type"], "urn:courier:problem:too-many");
    backend.advance(60_000);
    assert_eq!(guess("third"), 422);
}

#[test]
fn who_guesses_tracking_pages_waits_and_one_page_is_not_asked_for_without_end() {
    let backend = Backend::start();
    let path = tracking(&backend, "r1", "Feinwerk");
    for n in 0..30 {
        assert_eq!(backend.ask("GET", &format!("/t/guess{n}"), &[], b"").status, 404);
    }
    assert_eq!(backend.ask("GET", &path, &[], b"").status, 429);
    backend.advance(60_000);
    for n in 0..120 {
        assert_eq!(backend.ask("GET", &path, &[], b"").status, 200, "request {n}");
    }
    assert_eq!(backend.ask("GET", &path, &[], b"").status, 429);
    let form = backend.ask("POST", &format!("{path}/reissue"), &[FORM], b"request_id=x");
    assert_eq!(form.status, 429, "forms are not counted with their page");
    backend.advance(60_000);
    assert_eq!(backend.ask("GET", &path, &[], b"").status, 200);
}

/// The path of the tracking page of a shipment that is imported and published.
fn tracking(backend: &Backend, reference: &str, sender: &str) -> String {
    let csv = CSV.replace(",r1,", &format!(",{reference},")).replace(",Feinwerk,", &format!(",{sender},"));
    let csv = csv.replace(",B1", &format!(",{reference}B1")).replace(",B2", &format!(",{reference}B2"));
    assert_eq!(backend.import_csv(&csv).json()["errors"], json!([]));
    assert_eq!(backend.publish("2026-11-24").status, 200);
    let shipment = backend.get(&format!("/v1/shipments/{reference}?sender={sender}"), SHOP).json();
    let link = shipment["tracking"].as_str().unwrap();
    format!("/t/{}", link.split_once("/t/").unwrap().1)
}

#[test]
fn a_shop_reaches_its_own_shipments_only() {
    let backend = Backend::start();
    let office = backend.service().office(Actor::Machine);
    let key = |sender| office.add_key("shop", Reach::Shop, Some(sender)).unwrap().secret;
    let (ours, theirs) = (key("Feinwerk"), key("Juwelier"));
    tracking(&backend, "r1", "Feinwerk");
    let id = backend.get("/v1/shipments/r1?sender=Feinwerk", &ours).json()["id"].clone();
    let id = id.as_str().unwrap();
    for path in ["r1?sender=Feinwerk", id, &format!("{id}/receipt"), "r1/receipt?sender=Feinwerk"] {
        let path = format!("/v1/shipments/{path}");
        assert_eq!(backend.get(&path, &ours).status, 200, "{path}");
        let foreign = backend.get(&path, &theirs);
        let missing = backend.get("/v1/shipments/nothing", &theirs);
        assert_eq!((foreign.status, &foreign.body), (404, &missing.body), "{path} is told apart");
    }
    for (method, path) in [
        ("POST", format!("/v1/shipments/{id}/cancel")),
        ("POST", "/v1/couriers".into()),
        ("GET", "/v1/totals".into()),
        ("GET", "/v1/reviews".into()),
    ] {
        let auth = format!("authorization: Bearer {ours}");
        assert_eq!(backend.ask(method, &path, &[&auth, JSON], b"{}").status, 403, "{path}");
    }
    let import = |key: &str, text: &str| {
        let auth = format!("authorization: Bearer {key}");
        backend.ask("POST", "/v1/import", &[&auth, "content-type: text/csv"], text.as_bytes())
    };
    let refused = import(&theirs, &CSV.replace("r1", "r2"));
    assert_eq!((refused.status, &refused.json()["errors"][0]["field"]), (422, &json!("sender")));
    assert_eq!(backend.get("/v1/shipments/r2?sender=Feinwerk", &ours).status, 404, "it was imported");
    let again = import(&theirs, CSV);
    assert_eq!(again.json()["errors"][0]["field"], "sender", "it is told that the shipment is known");
    assert_eq!(import(&ours, &CSV.replace("r1", "r2").replace("B1", "B3").replace("B2", "B4")).status, 200);
}

#[test]
fn a_phone_reaches_its_own_courier_only() {
    let backend = Backend::start();
    tracking(&backend, "r1", "Feinwerk");
    let attempt = backend.get("/v1/shipments/r1?sender=Feinwerk", SHOP).json()["attempts"][0]["id"].clone();
    let (_, token) = backend.enrol();
    assert_eq!(backend.get("/v1/route/changes", &token).status, 204, "another courier's route is told");
    let reissue = format!("/v1/attempts/{}/reissue", attempt.as_str().unwrap());
    assert_eq!(backend.post(&reissue, &token, &json!({"request_id": "x"})).status, 404);
    for path in ["/v1/shipments/r1?sender=Feinwerk", "/v1/reviews", "/v1/totals"] {
        assert_eq!(backend.get(path, &token).status, 401, "a phone reads {path}");
    }
    let foreign = json!({"install": "somebody-else", "inc": 1, "epoch": "e", "facts": []});
    let auth = format!("authorization: Bearer {token}");
    let sent = backend.ask(
        "POST",
        "/v1/facts",
        &[&auth, JSON, "courier-request: x"],
        foreign.to_string().as_bytes(),
    );
    assert_eq!(sent.status, 403);
    assert_eq!(backend.get("/v1/route/changes", OPS).status, 401, "an office's key is no phone");
}

#[test]
fn a_customer_changes_their_own_shipment_only() {
    let backend = Backend::start();
    let (ours, theirs) = (tracking(&backend, "r1", "Feinwerk"), tracking(&backend, "r2", "Feinwerk"));
    let data = |path: &str| backend.ask("GET", path, &["accept: application/json"], b"").json();
    let before = data(&theirs);
    let other = before["instructions"].clone();
    for (form, body) in [
        ("instructions", "neighbour=Huber"),
        ("codes", "name=Huber"),
        ("reissue", "request_id=x"),
        ("disputes", "kind=told_by_phone&text=&request_id=x"),
    ] {
        assert_eq!(backend.ask("POST", &format!("{ours}/{form}"), &[FORM], body.as_bytes()).status, 303);
        // Nothing in a form names another shipment.
        let body = format!("{body}&shipment=r2&attempt=r2&token={}", &theirs[3..]);
        assert_eq!(backend.ask("POST", &format!("{ours}/{form}"), &[FORM], body.as_bytes()).status, 400);
    }
    assert_eq!(data(&ours)["instructions"][0]["data"]["name"], "Huber");
    let after = data(&theirs);
    assert_eq!(
        (&after["code"], &after["instructions"], &after["state"]),
        (&before["code"], &other, &before["state"])
    );
}

/// Would run in a page, in an attribute or in an address that did not escape it.
const SCRIPT: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>javascript:alert(1)&lt;";

#[test]
fn a_script_in_any_field_is_text_on_every_page() {
    let backend = Backend::start();
    let mut grace = Browser::of(&backend, SCRIPT);
    let office = backend.service().office(Actor::Machine);
    office.add_key(SCRIPT, Reach::Shop, Some(SCRIPT)).unwrap();
    let courier = backend.post("/v1/couriers", OPS, &json!({ "name": SCRIPT })).json()["id"].clone();
    let shipment = json!({
        "ref": SCRIPT, "order_ref": SCRIPT, "sender": SCRIPT,
        "customer": {"email": "kaya@customers.example", "lang": "de"}, "recipient": {"name": SCRIPT},
        "address": {"street": SCRIPT, "house": SCRIPT, "postcode": SCRIPT, "city": SCRIPT, "country": "DE"},
        "flat": SCRIPT, "access_notes": SCRIPT, "pin": {"lat": 52.5, "lon": 13.4},
        "items": [{"name": SCRIPT, "value": 90_000, "currency": "EUR"}], "parcels": [{"barcode": "LABEL-1"}],
        "instructions": [{"kind": "neighbour", "data": {"name": SCRIPT, "flat": SCRIPT}}, {"kind": "note", "data": {"text": SCRIPT}}]
    });
    let day = json!({"day": "2026-11-24", "tz": "Europe/Berlin", "shipments": [shipment]});
    assert_eq!(backend.post("/v1/import", SHOP, &day).json()["errors"], json!([]));
    backend.post("/v1/routes/publish", OPS, &json!({"courier": courier, "day": "2026-11-24"}));
    let row = backend.service().find_shipment(Some(SCRIPT), SCRIPT).unwrap().0;
    let path = format!("/t/{}", backend.service().tracking_token(&row).unwrap());
    let sixty: String = SCRIPT.chars().take(60).collect();
    let name = backend.post(&format!("{path}/codes"), "", &json!({ "name": sixty }));
    assert_eq!(name.status, 201, "{}", name.text());
    let text = json!({"kind": "told_by_phone", "text": SCRIPT, "request_id": "x"});
    assert_eq!(backend.post(&format!("{path}/disputes"), "", &text).status, 201);
    let mut escaped = 0;
    let shipment = format!("/board/shipments/{}", row.id);
    let search = format!("/board/search?q={}", crate::office::coded(SCRIPT));
    for path in
        [&path, "/", "/account", "/admin", "/login", "/board/reviews", "/board/couriers", &shipment, &search]
    {
        let page = without_our_script(&grace.get(&backend, path).text());
        assert!(page.starts_with("<!DOCTYPE html>"), "{path}: {page}");
        for live in ["<script", "<img", "\"'>"] {
            assert!(!page.contains(live), "{path} has {live}: {page}");
        }
        escaped += page.matches("&lt;script&gt;").count();
    }
    assert!(escaped >= 8, "the fields are not on the pages: {escaped}");
    // Mails are pages too.
    backend.service().send_mails().unwrap();
    let spool = backend.service().config().spool();
    for mail in std::fs::read_dir(spool).unwrap() {
        let mail = std::fs::read_to_string(mail.unwrap().path()).unwrap();
        let (_, html) = mail.split_once("text/html").unwrap();
        assert!(!html.replace("=\r\n", "").contains("<script") && !html.contains("<img"), "{html}");
        assert!(!mail.lines().any(|line| line.starts_with("<script")));
    }
    // Problems quote nothing.
    let wrong = backend.post("/v1/couriers", OPS, &json!({"name": "Ada", SCRIPT: 1}));
    assert!(wrong.status == 400 && wrong.head.contains("application/problem+json"), "{}", wrong.head);
    let page = grace.get(&backend, &format!("/{}", coded(SCRIPT)));
    assert!(page.status == 404 && !page.text().contains("<script>"), "{}", page.text());
}

#[test]
fn paths_that_are_tricks_lead_nowhere() {
    let backend = Backend::start();
    for path in [
        "/../keys.json",
        "/%2e%2e/keys.json",
        "/t/../../keys.json",
        "/t/%2e%2e%2fkeys.json",
        "/style.css/../../keys.json",
        "/t/%00",
        "/t/%ff%fe",
        "/v1/shipments/%2fetc%2fpasswd/receipt",
        "/v1/shipments/..%2f..?sender=%00",
        "//login",
        "/login/",
        "/LOGIN",
        "/t/",
        "/t/a/b/c",
        "/t/' OR 1=1 --",
    ] {
        let answer = backend.ask("GET", &path.replace(' ', "%20"), &["accept: application/json"], b"");
        assert!(matches!(answer.status, 400 | 401 | 404), "{path}: {} {}", answer.status, answer.text());
        assert!(answer.head.contains("application/problem+json"), "{path}: {}", answer.head);
        assert!(!answer.text().contains("keys.json"), "{path}: {}", answer.text());
    }
    let wrong = backend.ask("DELETE", "/v1/couriers", &[], b"");
    assert_eq!(
        (wrong.status, &wrong.json()["type"]),
        (405, &json!("urn:courier:problem:method-not-allowed"))
    );
    assert!(wrong.header("allow").unwrap().contains("POST"), "{}", wrong.head);
}

#[test]
fn what_is_no_request_or_too_large_is_refused_and_the_next_one_is_answered() {
    let backend = Backend::start();
    let status = |bytes: &[u8]| backend.send(bytes).status;
    assert_eq!(status(b"nonsense\r\n\r\n"), 400);
    assert_eq!(status(b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n"), 400);
    // The head alone: a connection that is closed with a body unread may be reset before its answer is read.
    let two =
        b"POST /v1/token HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n";
    assert!(matches!(status(two), 400 | 415), "a body of two lengths was read");
    let many = (0..200).fold(String::new(), |many, n| many + &format!("x-{n}: y\r\n"));
    assert_eq!(status(format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{many}\r\n").as_bytes()), 431);
    let long = "y".repeat(64 << 10);
    assert_eq!(status(format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {long}\r\n\r\n").as_bytes()), 431);
    assert!(matches!(status(format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()), 414 | 431));
    let body = json!({ "name": "x".repeat(70_000) }).to_string();
    let auth = format!("authorization: Bearer {OPS}");
    let large = backend.ask("POST", "/v1/couriers", &[&auth, JSON], body.as_bytes());
    assert_eq!((large.status, &large.json()["type"]), (413, &json!("urn:courier:problem:too-large")));
    let day = vec![b' '; 9 << 20];
    assert_eq!(backend.ask("POST", "/v1/import", &[&auth, JSON], &day).status, 413);
    let deep = "[".repeat(60_000);
    assert_eq!(backend.ask("POST", "/v1/couriers", &[&auth, JSON], deep.as_bytes()).status, 400);
    let deep = backend.ask("POST", "/v1/import", &[&auth, JSON], deep.as_bytes());
    assert_eq!(deep.status, 422, "{}", deep.text());
    assert_eq!(backend.ask("GET", "/healthz", &[], b"").status, 200);
}

#[test]
fn a_request_that_comes_too_slowly_ends_and_holds_nobody_up() {
    let backend = Backend::with(|config| (config.limits.request_s, config.limits.connections) = (1, 3));
    let mut half_a_head = backend.connect();
    half_a_head.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n").unwrap();
    let mut half_a_body = backend.connect();
    let auth = format!("authorization: Bearer {OPS}");
    let head = format!(
        "POST /v1/couriers HTTP/1.1\r\nhost: x\r\n{auth}\r\n{JSON}\r\ncontent-length: 15\r\n\r\n{{\"na"
    );
    half_a_body.write_all(head.as_bytes()).unwrap();
    let silent = backend.connect();
    // Nobody is left out for long although all places are taken.
    assert_eq!(backend.ask("GET", "/healthz", &[], b"").status, 200);
    let answer = Answer::read(half_a_body);
    assert_eq!((answer.status, &answer.json()["type"]), (408, &json!("urn:courier:problem:timeout")));
    assert!(matches!(Answer::read(half_a_head).status, 0 | 408));
    assert!(matches!(Answer::read(silent).status, 0 | 408));
    assert_eq!(backend.service().totals().unwrap().facts.len(), 0);
}
