//! The board: a day from its upload to its routes, what needs somebody, languages, events.

use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::office::{Browser, coded, csrf_in};
use crate::world::{Answer, Backend, JSON, OPS};

/// What would run if it were not escaped.
const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

fn shipment(n: u32, text: &str) -> Value {
    json!({
        "ref": format!("r{n}"), "order_ref": format!("order {text}"), "sender": "Feinwerk",
        "customer": {"email": "kaya@customers.example", "lang": "en"}, "recipient": {"name": format!("{text} {n}")},
        "address": {"street": text, "house": format!("{n}"), "postcode": "10178", "city": "Berlin", "country": "DE"},
        "window": {"from": "09:00", "to": "12:00"},
        "pin": {"lat": 52.4 + f64::from(n % 100) * 0.002, "lon": 13.3 + f64::from(n / 100) * 0.002},
        "items": [{"value": 100, "currency": "EUR"}], "parcels": [{"barcode": format!("B{n}")}]
    })
}

fn day(shipments: &[Value]) -> String {
    json!({"day": "2026-11-24", "tz": "Europe/Berlin", "shipments": shipments}).to_string()
}

/// Sends a file as a browser does.
fn upload(browser: &mut Browser, backend: &Backend, csrf: &str, file: &str) -> Answer {
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--x\r\ncontent-disposition: form-data; \
         name=\"file\"; filename=\"day.json\"\r\ncontent-type: application/json\r\n\r\n{file}\r\n--x--\r\n"
    );
    let kind = "content-type: multipart/form-data; boundary=x";
    browser.ask(backend, "POST", "/board/import", &[kind], &body)
}

/// Somebody of the office with a courier and these shipments on a route; and the path of the route's page.
fn published(backend: &Backend, shipments: &[Value]) -> (Browser, String) {
    let mut grace = Browser::of(backend, "Grace");
    let csrf = csrf_in(&grace.get(backend, "/board/import").text());
    let told = upload(&mut grace, backend, &csrf, &day(shipments));
    assert!(told.status == 200 && told.text().contains("shipments are new"), "{}", told.text());
    grace.submit(backend, "/board/couriers", "/board/couriers", "name=Ada");
    let courier = backend.service().couriers().unwrap()[0].id.clone();
    let fields = format!("courier={courier}&day=2026-11-24");
    let answer = grace.submit(backend, "/", "/board/publish", &fields);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let route = answer.header("location").unwrap().to_owned();
    (grace, route)
}

#[test]
fn a_day_is_uploaded_published_found_and_told_and_nothing_in_it_is_taken_for_html() {
    let backend = Backend::start();
    let (mut grace, route) = published(&backend, &[shipment(1, HOSTILE), shipment(2, "Meyer")]);
    let story = backend.service().find_shipment(Some("Feinwerk"), "r1").unwrap().0;
    let search = format!("/board/search?q={}&day=2026-11-24", coded("ALERT(1)"));
    for path in ["/", &route, &search, &format!("/board/shipments/{}", story.id)] {
        let page = grace.get(&backend, path);
        let text = page.text();
        assert_eq!(page.status, 200, "{path}: {text}");
        assert!(!text.contains("<script>") && !text.contains("<img"), "{path}: {text}");
        assert!(path == "/" || text.contains("&lt;script&gt;"), "{path} does not show it: {text}");
    }
    for (q, found) in
        [("r2", "Meyer"), ("b2", "Meyer"), ("ORDER mey", "Meyer"), ("eyer", "Meyer"), ("R9", "Found: 0")]
    {
        let page = grace.get(&backend, &format!("/board/search?q={}&day=2026-11-24", coded(q))).text();
        assert!(page.contains(found) && !page.contains("alert(1)"), "{q}: {page}");
    }
    let attempt = backend.service().find_shipment(Some("Feinwerk"), "r2").unwrap().1[0].id.clone();
    let to = grace.get(&backend, &format!("/board/attempts/{attempt}"));
    assert!(to.header("location").unwrap().starts_with("/board/shipments/"));
    for gone in ["/board/routes/x", "/board/shipments/x", "/board/attempts/x"] {
        assert_eq!(grace.get(&backend, gone).status, 404, "{gone}");
    }
}

#[test]
fn a_file_that_is_wrong_changes_nothing_and_every_problem_is_told_with_row_and_field() {
    let backend = Backend::start();
    let mut grace = Browser::of(&backend, "Grace");
    let csrf = csrf_in(&grace.get(&backend, "/board/import").text());
    let mut wrong = shipment(2, "Meyer");
    wrong["customer"]["lang"] = json!("<b>xx</b>");
    wrong["parcels"] = json!([]);
    wrong["recipient"]["phone"] = json!("*#06#");
    let told = upload(&mut grace, &backend, &csrf, &day(&[shipment(1, "Kaya"), wrong]));
    let text = told.text();
    assert_eq!(told.status, 422);
    for part in ["Nothing was imported.", "customer.lang", "parcels", "recipient.phone"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("<b>xx"), "{text}");
    assert_eq!(upload(&mut grace, &backend, &csrf, "no,day\r\n1,2").status, 422);
    assert_eq!(upload(&mut grace, &backend, "another", &day(&[shipment(1, "Kaya")])).status, 403);
    let kind = "content-type: multipart/form-data; boundary=x";
    for body in ["", "--x", "--x\r\n\r\n--x--", "--y--"] {
        assert_eq!(grace.ask(&backend, "POST", "/board/import", &[kind], body).status, 400, "{body}");
    }
    grace.set("courier_language", "de");
    let mut wrong = shipment(2, "Meyer");
    wrong["parcels"] = json!([]);
    let text = upload(&mut grace, &backend, &csrf, &day(&[wrong])).text();
    assert!(text.contains("<td lang=\"de\">mindestens eines ist nötig</td>"), "{text}");
    let text = grace.ask(&backend, "POST", "/board/import", &[kind], "--y--").text();
    for part in ["<h1>Die Anfrage war nicht zu lesen</h1>", "ein Feld des Formulars fehlt"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(backend.service().totals().unwrap().shipments.is_empty(), "something was imported");
}

#[test]
fn a_stop_is_late_after_its_window_and_unreported_after_its_day() {
    let backend = Backend::start();
    let (mut grace, route) = published(&backend, &[shipment(1, "Kaya")]);
    for (hours, word) in [(0, "open"), (5, "late"), (20, "unreported")] {
        backend.advance(hours * 3_600_000);
        grace.log_in(&backend, "Grace", crate::office::PASSWORD);
        let class = format!("<span class=\"{word}\">");
        for path in ["/?day=2026-11-24", &route] {
            let page = grace.get(&backend, path).text();
            assert!(page.contains(&class), "{path} {word}: {page}");
        }
    }
    assert!(grace.get(&backend, "/").text().contains("<a class=\"unreported\" href=\"/?day=2026-11-24\">"));
    let shipment = backend.service().find_shipment(Some("Feinwerk"), "r1").unwrap().0;
    backend.service().cancel(&shipment.id, "lost").unwrap();
    assert!(
        !grace.get(&backend, "/").text().contains("class=\"unreported\""),
        "what was cancelled is missed"
    );
}

#[test]
fn a_review_is_decided_by_form_or_by_program() {
    let backend = Backend::start();
    let (mut grace, _) = published(&backend, &[shipment(1, "Kaya")]);
    let service = backend.service();
    let token = service.tracking_token(&service.find_shipment(Some("Feinwerk"), "r1").unwrap().0).unwrap();
    let path = format!("/t/{token}/disputes");
    for text in [HOSTILE, "again"] {
        let body = json!({"kind": "not_received", "text": text}).to_string();
        assert_eq!(backend.ask("POST", &path, &[JSON], body.as_bytes()).status, 201);
    }
    let page = grace.get(&backend, "/board/reviews").text();
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>"), "{page}");
    let reviews = backend.get("/v1/reviews", OPS).json()["reviews"].clone();
    let ids: Vec<_> = (0..2).map(|n| reviews[n]["id"].as_u64().unwrap()).collect();
    let form = format!("/board/reviews/{}", ids[0]);
    assert_eq!(grace.submit(&backend, "/board/reviews", &form, "verdict=confirmed&note=").status, 409);
    assert_eq!(grace.submit(&backend, "/board/reviews", &form, "verdict=seen&note=ok").status, 303);
    let call = format!("/v1/reviews/{}/decision", ids[1]);
    for (body, status) in [
        (json!({"verdict": "under_review"}), 400),
        (json!({"verdict": "seen", "more": 1}), 400),
        (json!({"verdict": "seen", "note": "ok"}), 204),
        (json!({"verdict": "seen"}), 409),
    ] {
        assert_eq!(backend.post(&call, OPS, &body).status, status, "{body}");
    }
    assert_eq!(backend.post("/v1/reviews/x/decision", OPS, &json!({"verdict": "seen"})).status, 404);
    assert_eq!(backend.get("/v1/reviews", OPS).json()["reviews"], json!([]));
}

#[test]
fn couriers_are_added_get_phones_and_leave_by_form() {
    let backend = Backend::start();
    let mut grace = Browser::of(&backend, "Grace");
    let form = "/board/couriers";
    assert_eq!(grace.submit(&backend, form, form, &format!("name={}", coded(HOSTILE))).status, 303);
    let page = grace.get(&backend, form).text();
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"), "{page}");
    let id = backend.service().couriers().unwrap()[0].id.clone();
    let shown = grace.submit(&backend, form, &format!("{form}/{id}/enrol"), "").text();
    let (_, code) = shown.split_once("id=\"code\">").unwrap();
    let code = &code[..10];
    assert!(shown.contains("<svg class=\"qr\""), "{shown}");
    assert_eq!(backend.try_to_enrol("phone-1", code).status, 200);
    assert!(grace.get(&backend, form).text().contains("<td class=\"number\" data-label=\"Phones\">1</td>"));
    assert_eq!(grace.submit(&backend, form, &format!("{form}/{id}/dismiss"), "").status, 303);
    assert!(grace.get(&backend, form).text().contains("dismissed"));
    assert_eq!(grace.submit(&backend, form, &format!("{form}/{id}/praise"), "").status, 404);
    assert_eq!(grace.submit(&backend, form, &format!("{form}/nobody/enrol"), "").status, 404);
}

#[test]
fn no_form_of_the_board_is_taken_from_another_site_or_without_a_session() {
    let backend = Backend::start();
    let mut grace = Browser::of(&backend, "Grace");
    for (form, fields) in [
        ("/board/publish", "&courier=x&day=2026-11-24"),
        ("/board/reviews/1", "&verdict=seen"),
        ("/board/couriers", "&name=x"),
        ("/board/couriers/x/enrol", ""),
        ("/board/couriers/x/dismiss", ""),
    ] {
        assert_eq!(grace.post(&backend, form, &format!("csrf=x{fields}")).status, 403, "{form}");
        assert_eq!(Browser::default().post(&backend, form, &format!("csrf=x{fields}")).status, 401, "{form}");
    }
    assert_eq!(Browser::default().get(&backend, "/board/events").status, 401);
}

#[test]
fn pages_are_in_the_language_of_the_browser_or_in_the_one_that_was_chosen() {
    let backend = Backend::start();
    let mut grace = Browser::of(&backend, "Grace");
    let paths = [
        "/",
        "/board/reviews",
        "/board/alarms",
        "/board/search",
        "/board/import",
        "/board/couriers",
        "/admin",
    ];
    for path in paths {
        let page = grace.ask(&backend, "GET", path, &["accept-language: de-AT,de;q=0.9"], "").text();
        assert!(page.contains("<html lang=\"de\">") && page.contains("Zum Inhalt"), "{path}: {page}");
        assert!(grace.get(&backend, path).text().contains("<html lang=\"en\">"), "{path}");
    }
    let chosen = grace.post(&backend, "/language", "to=de&back=%2Fboard%2Freviews");
    assert_eq!((chosen.status, chosen.header("location")), (303, Some("/board/reviews")));
    assert!(
        grace.ask(&backend, "GET", "/", &["accept-language: en"], "").text().contains("<html lang=\"de\">")
    );
    let away = grace.post(&backend, "/language", "to=en&back=%2F%2Fevil.example");
    assert_eq!(away.header("location"), Some("/"));
    assert_eq!(grace.post(&backend, "/language", "to=fr&back=%2F").status, 400);
}

#[test]
fn an_open_board_is_told_of_changes_and_ended_in_an_orderly_way() {
    let backend = Backend::start();
    let grace = Browser::of(&backend, "Grace");
    let mut stream = backend.connect();
    let session = grace.cookie("courier_session").unwrap();
    let host = backend.running().url.strip_prefix("http://").unwrap().to_owned();
    write!(stream, "GET /board/events HTTP/1.1\r\nhost: {host}\r\ncookie: courier_session={session}\r\n\r\n")
        .unwrap();
    let mut told = String::new();
    let mut read_until = |told: &mut String, done: &dyn Fn(&str) -> bool| {
        let mut some = [0; 512];
        while !done(told) {
            let n = stream.read(&mut some).unwrap();
            assert!(n > 0, "it ended: {told}");
            told.push_str(&String::from_utf8_lossy(&some[..n]));
        }
    };
    read_until(&mut told, &|told| told.contains("event: changed"));
    assert!(told.to_ascii_lowercase().contains("content-type: text/event-stream"), "{told}");
    let marks = |told: &str| told.lines().filter(|line| line.starts_with("data: ") && line.len() > 6).count();
    read_until(&mut told, &|told| marks(told) > 0);
    let before = marks(&told);
    backend.service().add_courier("Ada").unwrap();
    read_until(&mut told, &|told| marks(told) > before);
    assert!(!told.contains("Ada"), "{told}");
    let (runtime, running, _, _dir) = backend.into_parts();
    runtime.block_on(running.shutdown());
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "the stream was cut: {rest:?}");
}

/// Times are printed for a person, sizes are held: `cargo test --test http -- --ignored --nocapture fifty_routes`.
#[test]
#[ignore = "takes a while"]
fn a_day_of_fifty_routes_of_two_hundred_stops_fits_into_small_pages() {
    let backend = Backend::start();
    let mut grace = Browser::of(&backend, "Grace");
    let service = backend.service();
    let mut route = String::new();
    for n in 0..50 {
        let shipments: Vec<_> = (n * 200..(n + 1) * 200).map(|n| shipment(n, "Kaya")).collect();
        let read = courier_backend::import::read_json(day(&shipments).as_bytes()).unwrap();
        assert_eq!(service.import(&read).unwrap().errors, []);
        let courier = service.add_courier(&format!("Courier {n}")).unwrap();
        route = service.publish(&courier, "2026-11-24".parse().unwrap()).unwrap().to_string();
    }
    backend.advance(5 * 3_600_000);
    grace.log_in(&backend, "Grace", crate::office::PASSWORD);
    let shipment = service.find_shipment(Some("Feinwerk"), "r1").unwrap().0.id;
    for (path, most) in [
        ("/", 200_000),
        (&format!("/board/routes/{route}"), 150_000),
        ("/board/search?q=r1&day=2026-11-24", 40_000),
        ("/board/search?q=aya%209999&day=2026-11-24", 40_000),
        (&format!("/board/shipments/{shipment}"), 40_000),
    ] {
        let mut times: Vec<_> = (0..50)
            .map(|_| {
                let begun = std::time::Instant::now();
                let page = grace.get(&backend, path);
                assert_eq!(page.status, 200, "{path}");
                assert!(page.body.len() < most, "{path}: {} bytes", page.body.len());
                (begun.elapsed(), page.body.len())
            })
            .collect();
        times.sort();
        println!("{path}: median {:?}, slowest {:?}, {} bytes", times[25].0, times[49].0, times[49].1);
    }
}
