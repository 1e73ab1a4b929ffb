//! The backend over HTTP, without the phone: what every answer has in common, who gets in, what is too large.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;

use courier_backend::api::{Running, serve};
use courier_backend::config::Config;
use courier_backend::entropy::{self, ServiceClock};
use courier_codes::encoding::hash_of;
use courier_codes::{Sign, SigningKey, sign_jws};
use courier_domain::{InstallId, KdfParams, UnixMs};
use courier_protocol::{Assertion, EnrolProof, header};
use serde_json::{Value, json};
use tempfile::TempDir;

const MORNING: i64 = 1_795_503_600_000; // 2026-11-24, 08:00 in Berlin
const OPS: &str = "the office's own key";
const SHOP: &str = "the key of the shop";
const JSON: &str = "content-type: application/json";
const FORM: &str = "content-type: application/x-www-form-urlencoded";

struct Backend {
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    _dir: TempDir,
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.head, self.text()))
    }
}

impl Backend {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config =
            Config { listen: "127.0.0.1:0".into(), data_dir: dir.path().to_owned(), ..Config::default() };
        config.code.kdf = KdfParams { m: 8, t: 1, p: 1 };
        (config.keys.ops, config.keys.shop) = (Some(OPS.into()), Some(SHOP.into()));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let clock = ServiceClock::Set(Mutex::new(UnixMs(MORNING)));
        let running = runtime.block_on(serve(config, clock, entropy::from_seed(3))).unwrap();
        Self { runtime, running: Some(running), _dir: dir }
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    fn ask(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        let host = self.running().url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let mut request = format!("{method} {path} HTTP/1.0\r\nhost: {host}\r\n");
        for header in headers {
            request.push_str(header);
            request.push_str("\r\n");
        }
        write!(request, "content-length: {}\r\n\r\n", body.len()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let _ = stream.write_all(body); // a server that refuses early may stop reading
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Answer { status, head, body: bytes.split_off(end) }
    }

    fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let auth = format!("authorization: Bearer {key}");
        self.ask("POST", path, &[&auth, JSON], body.to_string().as_bytes())
    }

    fn get(&self, path: &str, key: &str) -> Answer {
        self.ask("GET", path, &[&format!("authorization: Bearer {key}")], b"")
    }

    fn import_csv(&self, text: &str) -> Answer {
        let auth = format!("authorization: Bearer {SHOP}");
        self.ask("POST", "/v1/import", &[&auth, "content-type: text/csv"], text.as_bytes())
    }

    fn publish(&self, day: &str) -> Answer {
        let courier = self.post("/v1/couriers", OPS, &json!({"name": "Ada"})).json()["id"].clone();
        self.post("/v1/routes/publish", OPS, &json!({"courier": courier, "day": day}))
    }

    /// A phone's installation and access token.
    fn enrol(&self) -> (InstallId, String) {
        let service = &self.running().service;
        let code = service.add_enrolment(&service.add_courier("Ada").unwrap()).unwrap();
        let device = SigningKey::generate(&mut entropy::from_seed(4));
        let install = InstallId::new("phone-1").unwrap();
        let proof = EnrolProof { code: code.clone(), install: install.clone() };
        let proof = sign_jws(header::TYP_ENROL, &serde_json::to_vec(&proof).unwrap(), &device).unwrap();
        let request = json!({"code": code, "install": install, "device_jwk": device.jwk(), "key": "software",
            "platform": "test", "app": "test", "proof": proof});
        assert_eq!(self.post("/v1/enrol", "", &request).status, 200);
        let assertion = Assertion {
            iss: install.clone(),
            aud: self.running().url.clone(),
            iat: UnixMs(MORNING),
            jti: "once".into(),
        };
        let signed =
            sign_jws(header::TYP_ASSERTION, &serde_json::to_vec(&assertion).unwrap(), &device).unwrap();
        let request = json!({ "assertion": signed });
        let token = self.post("/v1/token", "", &request);
        assert_eq!(self.post("/v1/token", "", &request).status, 401, "an assertion was taken twice");
        (install, token.json()["access_token"].as_str().unwrap().to_owned())
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }
}

const CSV: &str = "day,tz,ref,order_ref,sender,customer.email,customer.lang,recipient.name,address.street,address.house,\
address.postcode,address.city,address.country,pin.lat,pin.lon,item.value,item.currency,parcel.barcode\n\
2026-11-24,Europe/Berlin,r1,o1,Feinwerk,a@b.example,en,Kaya,Breite Str.,1,10178,Berlin,DE,52.5,13.4,90000,EUR,B1\n\
2026-11-24,Europe/Berlin,r1,o1,Feinwerk,a@b.example,en,Kaya,Breite Str.,1,10178,Berlin,DE,52.5,13.4,90000,EUR,B2\n";

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
    assert_eq!(backend.post(&reissue, SHOP, &body).status, 401, "a shop asked for a code");
    assert_eq!(backend.post(&reissue, &token, &body).status, 404, "another courier asked for a code");
    assert_eq!(backend.post(&reissue, OPS, &json!({})).status, 400);
    let answer = backend.post(&reissue, OPS, &body);
    assert_eq!((answer.status, answer.text().as_str()), (202, ""));
    let second = digits();
    assert_ne!(first, second);

    // The customer's forms need no script, and each is answered with the page.
    let html = backend.ask("GET", &page, &["accept: text/html"], b"").text();
    for form in ["codes", "reissue", "disputes"] {
        assert!(html.contains(&format!("action=\"{page}/{form}\"")), "{form} is missing: {html}");
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
    let epoch = backend.running().service.epoch().to_ascii_lowercase();
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

#[test]
fn evidence_files_are_taken_from_phones_and_shown_to_the_office_only() {
    let backend = Backend::start();
    let (_, token) = backend.enrol();
    let auth = format!("authorization: Bearer {token}");
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let path = format!("/v1/blobs/{}", hash_of(svg).as_str());
    let (echo, to) = ("courier-request: abc", svg.len() - 1);
    let put = |range: &str, body: &[u8]| {
        backend.ask("PUT", &path, &[&auth, echo, &format!("content-range: {range}")], body)
    };
    let there = backend.ask("HEAD", &path, &[&auth, echo], b"");
    assert_eq!(there.status, 204);
    assert!(there.head.contains("courier-have: 0") && there.head.contains("courier-request: abc"));
    for wrong in ["", "bytes 0-9/*", "bytes 9-0/10", "bytes 0-9999999/9999999"] {
        assert_eq!(put(wrong, svg).status, 400, "{wrong:?}");
    }
    let part = put(&format!("bytes 0-9/{}", svg.len()), &svg[..10]);
    assert_eq!(part.status, 202);
    assert!(part.head.contains("courier-have: 10") && part.head.contains("courier-request: abc"));
    let elsewhere = put(&format!("bytes 20-{to}/{}", svg.len()), &svg[20..]);
    assert_eq!(elsewhere.status, 409);
    assert!(elsewhere.head.contains("courier-have: 10"));
    assert_eq!(backend.get(&path, OPS).status, 404, "half of it is nothing to look at");
    assert_eq!(put(&format!("bytes 10-{to}/{}", svg.len()), &svg[10..]).status, 201);
    assert_eq!(backend.ask("HEAD", &path, &[&auth, echo], b"").status, 200);

    let shown = backend.get(&path, OPS);
    assert_eq!((shown.status, shown.body.as_slice()), (200, &svg[..]));
    assert!(shown.head.contains("image/svg+xml") && shown.head.contains("sandbox"), "{}", shown.head);
    assert!(shown.head.contains("nosniff") && shown.head.contains("no-store"), "{}", shown.head);
    assert_eq!(backend.get(&path, SHOP).status, 403);
    assert_eq!(backend.get(&path, &token).status, 401, "a phone need not see it again");
    for stranger in [OPS, SHOP, "nobody"] {
        let auth = format!("authorization: Bearer {stranger}");
        assert_eq!(backend.ask("PUT", &path, &[&auth, echo], svg).status, 401, "{stranger}");
        assert_eq!(backend.ask("HEAD", &path, &[&auth, echo], b"").status, 401, "{stranger}");
    }
    for bad in ["/v1/blobs/..%2F..%2Fbackend.db", "/v1/blobs/short"] {
        assert_eq!(backend.get(bad, OPS).status, 404, "{bad}");
        assert_eq!(backend.ask("HEAD", bad, &[&auth, echo], b"").status, 404, "{bad}");
    }
}

#[test]
fn who_guesses_keys_waits() {
    let backend = Backend::start();
    let log_in = |key: &str| backend.ask("POST", "/login", &[FORM], format!("key={key}").as_bytes());
    let right = OPS.replace(' ', "+").replace('\'', "%27");
    let first = log_in(&right);
    assert!(first.status == 303 && first.head.contains("httponly; samesite=strict"), "{}", first.head);
    for _ in 0..20 {
        assert_eq!(log_in("wrong").status, 403);
    }
    let blocked = log_in(&right);
    assert!(blocked.status == 429 && blocked.head.contains("retry-after: 60"), "{}", blocked.head);
    assert!(backend.running().service.clock().set(UnixMs(MORNING + 60_000)));
    assert_eq!(log_in(&right).status, 303);
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
