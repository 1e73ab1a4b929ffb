//! The thinnest whole day: a real phone and a real backend over real HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command as Process, Stdio};

use courier_codes::{Entry, check, read_jws};
use courier_domain::attempt::{AttemptState, Closing};
use courier_domain::receiver::PlaceKind;
use courier_domain::{
    CodeEntry, CodeState, FactBody, FactPayload, LockedBy, Reason, Receiver, Rejection, Standing, Verifier,
    Why,
};
use courier_engine::{CommandResult, CourierError};
use courier_scenario::http::Answer;
use courier_tests::ask;
use courier_tests::phone::{HandClock, Phone, files_of};
use courier_tests::world::{DAY, MORNING, OPS_KEY, World, shipment};
use serde_json::json;

const HOUR: u64 = 3_600_000;

fn fits(text: &str, verifier: &Verifier) -> bool {
    let entry = Entry::parse(&CodeEntry::Digits(text.into())).unwrap();
    check(&entry, std::slice::from_ref(verifier)).unwrap().is_some()
}

/// The first candidate from `start` on, other than the right one, that fits the tag or does not.
fn candidate(verifier: &Verifier, right: &str, fitting: bool, start: u32) -> String {
    (start..1_000_000)
        .map(|number| format!("{number:06}"))
        .find(|text| text != right && fits(text, verifier) == fitting)
        .unwrap()
}

fn wrong(world: &World, recipient: &str) -> String {
    candidate(&world.verifiers()[0], &world.digits(recipient), false, 271_828)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_only_an_item_strictly_above_the_threshold_needs_a_code_and_nobody_can_see_or_set_that() {
    let world = World::with(&[
        shipment("Above", 50_001, |_| {}),
        shipment("Equal", 50_000, |_| {}),
        shipment("Sum", 30_000, |it| {
            it["items"].as_array_mut().unwrap().push(json!({"value": 30_000, "currency": "EUR"}));
        }),
        shipment("Foreign", 90_000, |it| it["items"][0]["currency"] = json!("CHF")),
    ]);
    for (recipient, coded) in [("Above", true), ("Equal", false), ("Sum", false), ("Foreign", false)] {
        assert_eq!(world.phone.door(recipient).1.code, None, "nothing marks a parcel before it is scanned");
        world.phone.scan(recipient);
        let code = world.phone.door(recipient).1.code.unwrap();
        assert_eq!(code != CodeState::NotNeeded, coded, "{recipient}");
        assert_eq!(world.tracking(recipient).code.is_some(), coded, "{recipient}");
    }
    // Nobody is told the threshold.
    let ops = world.service().changes(&world.courier, None).unwrap();
    let mails: Vec<_> = world.service().sent_mails().unwrap().into_iter().map(|mail| mail.text).collect();
    for text in [serde_json::to_string(&ops).unwrap(), mails.join("\n"), world.page("Above").body] {
        assert!(!text.contains("50000") && !text.contains("50001") && !text.contains("threshold"), "{text}");
    }
    // Nobody can switch a code on or off.
    let auth = format!("authorization: Bearer {OPS_KEY}");
    let file = json!({"day": DAY, "tz": "Europe/Berlin", "shipments": [shipment("Sly", 90_000, |it| it["code"] = json!(false))]});
    let answer = ask(
        &world.url,
        "POST",
        "/v1/import",
        &[&auth, "content-type: application/json"],
        file.to_string().as_bytes(),
    );
    assert_eq!(answer.status, 422);
    assert!(
        answer.body.contains("\"row\":1") && answer.body.contains("unknown field `code`"),
        "{}",
        answer.body
    );
    let path = format!("{}/instructions", world.tracking_path("Above"));
    for wish in
        [json!({"kind": "code", "data": false}), json!({"kind": "household", "data": {}, "code": false})]
    {
        let answer =
            ask(&world.url, "POST", &path, &["content-type: application/json"], wish.to_string().as_bytes());
        assert!(matches!(answer.status, 400 | 422), "{} {}", answer.status, answer.body);
    }
    assert!(world.tracking("Above").code.is_some());
}

#[test]
fn b_mail_and_page_show_the_same_digits_and_the_phone_never_does() {
    let world = World::with(&[shipment("Kaya", 90_000, |_| {})]);
    let digits = world.digits("Kaya");
    let mails = world.service().sent_mails().unwrap();
    assert_eq!(
        (mails.len(), mails[0].to.as_str(), mails[0].template.as_str()),
        (1, "kaya@customers.example", "your_code")
    );
    assert!(mails[0].text.contains(&digits));
    let page = world.page("Kaya");
    assert!(page.status == 200 && page.body.contains(&digits) && page.body.contains("<svg"));
    for header in ["cache-control: no-store", "referrer-policy: no-referrer", "x-robots-tag: noindex"] {
        assert!(page.head.contains(header), "{header} is missing: {}", page.head);
    }
    let spooled = files_of(&world.service().config().spool());
    assert!(spooled.iter().any(|(_, bytes)| contains(bytes, &digits)), "the search looks in the wrong place");

    let miss = wrong(&world, "Kaya");
    world.phone.scan("Kaya");
    world.phone.enter("Kaya", &miss).unwrap();
    world.phone.enter("Kaya", &digits).unwrap();
    world.phone.hand_over("Kaya", Receiver::Household, Some("Kim Canary")).unwrap();
    world.phone.sync();
    let files = world.phone.files();
    assert!(files.iter().any(|(_, bytes)| contains(bytes, "handed_over")));
    for (path, bytes) in &files {
        for canary in [digits.as_str(), miss.as_str(), "Canary", "Breite Straße", "Kaya"] {
            assert!(!contains(bytes, canary), "{canary} is in {}", path.display());
        }
    }
    // At the backend they are only where they have to be: sealed.
    for (path, bytes) in files_of(world.backend_dir.path()) {
        let is_mail = path.extension().is_some_and(|kind| kind == "eml");
        assert!(is_mail || !contains(&bytes, &digits), "the digits are in {}", path.display());
    }
}

/// Not a test of its own: the phone that [`c_d_a_cellar_a_kill_and_the_network_again`] kills.
#[test]
fn phone_in_a_process_of_its_own() {
    let Ok(dir) = std::env::var("SLICE_PHONE_DIR") else { return };
    let variable = |name: &str| std::env::var(name).unwrap();
    let clock = HandClock::new(MORNING + 60_000);
    let phone = Phone::open(dir.as_ref(), &variable("SLICE_URL"), clock);
    phone.scan("Kaya");
    assert!(matches!(
        phone.enter("Kaya", &variable("SLICE_WRONG")),
        Ok(CommandResult::CodeWrong { tries_left: 4, .. })
    ));
    assert!(matches!(phone.enter("Kaya", &variable("SLICE_RIGHT")), Ok(CommandResult::CodeMatched { .. })));
    phone.hand_over("Kaya", Receiver::Household, Some("Kim Berger")).unwrap();
    println!("handed over");
    std::thread::sleep(std::time::Duration::from_mins(10));
}

#[test]
fn c_d_a_cellar_a_kill_and_the_network_again() {
    let mut world = World::with(&[shipment("Kaya", 90_000, |_| {})]);
    let (right, miss) = (world.digits("Kaya"), wrong(&world, "Kaya"));
    world.phone.core().shutdown();
    world.net("down", None);
    let mut app = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", "phone_in_a_process_of_its_own", "--nocapture"])
        .env("SLICE_PHONE_DIR", world.phone.dir())
        .env("SLICE_URL", &world.url)
        .env("SLICE_RIGHT", &right)
        .env("SLICE_WRONG", &miss)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(app.stdout.take().unwrap()).lines();
    let done = lines.map_while(Result::ok).any(|line| line.contains("handed over"));
    app.kill().unwrap(); // SIGKILL
    app.wait().unwrap();
    assert!(done, "the phone did not get as far as the handover");

    world.phone.restart();
    let provisional = AttemptState::Closed { closing: Closing::Handed, standing: Standing::OnPhone };
    let door = world.phone.door("Kaya").1;
    assert_eq!(door.state, provisional, "a killed app comes back where it was");
    assert!(matches!(door.code, Some(CodeState::Matched { verdict: None, .. })));
    let report = world.phone.sync();
    assert!(report.offline && report.pending > 0, "{report:?}");
    assert_eq!(world.tracking("Kaya").state.word(), "on_the_way");

    world.net("ok", None);
    let report = world.phone.sync();
    assert_eq!((report.pending, report.error), (0, None));
    let confirmed = AttemptState::Closed { closing: Closing::Handed, standing: Standing::Confirmed };
    assert_eq!(world.phone.door("Kaya").1.state, confirmed);
    assert_eq!(world.tracking("Kaya").state.word(), "delivered");
    assert!(world.page("Kaya").body.contains("Zugestellt"));
    let templates: Vec<_> =
        world.service().sent_mails().unwrap().into_iter().map(|mail| mail.template).collect();
    assert_eq!(templates, ["your_code", "delivered"]);
}

#[test]
fn e_a_named_neighbour_with_the_code_receives_and_a_safe_place_is_refused() {
    let world = World::with(&[shipment("Kaya", 90_000, |it| {
        it["instructions"] = json!([
            {"kind": "neighbour", "data": {"name": "Huber", "flat": "2nd floor"}},
            {"kind": "safe_place", "data": {"place": "shed"}},
        ]);
    })]);
    world.phone.scan("Kaya");
    let refused = |why| {
        Err(CourierError::Rejected {
            reason: Rejection::NotAllowed { why, by: courier_domain::Origin::Service },
        })
    };
    assert_eq!(
        world.phone.hand_over("Kaya", Receiver::Place(PlaceKind::Safe), None),
        refused(Why::CodeNeedsPerson)
    );
    assert_eq!(world.phone.hand_over("Kaya", Receiver::NamedNeighbour, None), refused(Why::CodeFirst));
    let shown = world.phone.door("Kaya").1;
    assert!(shown.options.iter().all(|option| !option.allowed) && !shown.exits.is_empty());
    world.phone.enter("Kaya", &world.digits("Kaya")).unwrap();
    world.phone.hand_over("Kaya", Receiver::NamedNeighbour, None).unwrap();
    world.phone.sync();
    assert_eq!(world.tracking("Kaya").state.word(), "delivered");
    let mail = world.service().sent_mails().unwrap().pop().unwrap();
    assert!(mail.template == "at_neighbour" && mail.text.contains("Huber (2nd floor)"), "{mail:?}");
}

#[test]
fn f_no_code_at_the_door_leads_to_the_next_delivery_day_with_another_code_however_often() {
    let mut world = World::with(&[shipment("Kaya", 90_000, |_| {})]);
    let mut seen = vec![world.digits("Kaya")];
    for (day, name) in [("2026-11-25", "second"), ("2026-11-26", "third"), ("2026-11-27", "fourth")] {
        world.phone.scan("Kaya");
        world.phone.fail("Kaya", Reason::CodeNotAvailable).unwrap();
        world.phone.sync();
        let old = seen.last().unwrap().clone();
        assert_eq!(world.tracking("Kaya").code, None, "the old code is still shown before the {name} try");
        world.phone.go(courier_domain::Command::CloseDay).unwrap();
        world.advance(24 * HOUR);
        world.service().publish(&world.courier, day.parse().unwrap()).unwrap();
        world.phone.sync();
        world.phone.go(courier_domain::Command::StartDay).unwrap();
        let new = world.digits("Kaya");
        assert!(!seen.contains(&new));
        world.phone.scan("Kaya");
        if !fits(&old, &world.verifiers()[0]) {
            assert!(
                matches!(world.phone.enter("Kaya", &old), Ok(CommandResult::CodeWrong { .. })),
                "the old code lives"
            );
        }
        seen.push(new);
        world.phone.restart();
    }
    world.phone.enter("Kaya", seen.last().unwrap()).unwrap();
    world.phone.hand_over("Kaya", Receiver::Recipient, None).unwrap();
    world.phone.sync();
    assert_eq!(world.tracking("Kaya").state.word(), "delivered");
}

#[test]
fn g_an_answer_lost_twice_and_a_portal_make_no_fact_twice_and_lose_none() {
    let world = World::with(&[shipment("Plain", 100, |_| {})]);
    world.phone.scan("Plain");
    world.phone.hand_over("Plain", Receiver::Recipient, None).unwrap();
    for mode in ["lost_answer", "lost_answer", "portal"] {
        world.net(mode, None);
        let report = world.phone.sync();
        assert!(report.pending > 0, "{mode} acknowledged something: {report:?}");
        world.net("ok", None);
    }
    assert_eq!(world.phone.sync().pending, 0);
    let totals = world.service().totals().unwrap();
    let facts: Vec<_> = totals.facts.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    assert_eq!(facts, [("arrived", 1), ("day_started", 1), ("handed_over", 1)]);
    assert_eq!((totals.parcels_handed, totals.mails["delivered"]), (1, 1));
}

#[test]
fn h_a_decoy_that_fits_the_tag_is_refuted_the_code_frozen_and_the_customer_told() {
    let world = World::with(&[shipment("Kaya", 90_000, |_| {})]);
    let right = world.digits("Kaya");
    let decoy = candidate(&world.verifiers()[0], &right, true, 0);
    world.phone.scan("Kaya");
    assert!(matches!(world.phone.enter("Kaya", &decoy), Ok(CommandResult::CodeMatched { .. })));
    world.phone.sync();
    assert_eq!(world.phone.door("Kaya").1.code, Some(CodeState::Locked { by: LockedBy::Frozen }));
    assert_eq!(world.tracking("Kaya").state.word(), "frozen");
    assert_eq!(world.tracking("Kaya").code, None);
    let totals = world.service().totals().unwrap();
    assert_eq!((totals.mails["code_frozen"], totals.reviews["decoy"]), (1, 1));
    assert!(world.phone.enter("Kaya", &right).is_err(), "the right code lives after a decoy");
    world.phone.fail("Kaya", Reason::CodeFrozen).unwrap();
    world.phone.sync();
    assert_eq!(world.tracking("Kaya").day.to_string(), "2026-11-25");
}

#[test]
fn h_a_handover_on_a_decoy_made_offline_is_refuted_and_nothing_is_delivered() {
    let world = World::with(&[shipment("Kaya", 90_000, |_| {})]);
    let decoy = candidate(&world.verifiers()[0], &world.digits("Kaya"), true, 0);
    world.phone.scan("Kaya");
    world.phone.enter("Kaya", &decoy).unwrap();
    world.phone.hand_over("Kaya", Receiver::Recipient, None).unwrap();
    world.phone.sync();
    let refuted = AttemptState::Closed { closing: Closing::Handed, standing: Standing::Refuted };
    assert_eq!(world.phone.door("Kaya").1.state, refuted);
    assert_eq!(world.tracking("Kaya").state.word(), "frozen");
    assert_eq!(world.service().totals().unwrap().parcels_handed, 0);
}

#[test]
fn scenario_5_the_code_ends_with_its_day() {
    let world = World::with(&[shipment("Kaya", 90_000, |_| {}), shipment("Late", 90_000, |_| {})]);
    let codes = ["Kaya", "Late"].map(|name| world.digits(name));
    for name in ["Kaya", "Late"] {
        world.phone.scan(name);
    }
    world.advance(16 * HOUR - 60_000); // 23:59
    world.phone.sync();
    assert!(matches!(world.phone.enter("Kaya", &codes[0]), Ok(CommandResult::CodeMatched { .. })));
    world.advance(60_000);
    assert_eq!(
        world.phone.enter("Late", &codes[1]),
        Err(CourierError::Rejected { reason: Rejection::Expired })
    );
    assert!(!world.phone.door("Late").1.exits.is_empty());
    world.phone.hand_over("Kaya", Receiver::Recipient, None).unwrap();
    world.phone.sync();
    assert_eq!(
        world.tracking("Kaya").state.word(),
        "delivered",
        "entered in time, sent too late: still right"
    );
}

#[test]
fn scenario_12_a_neighbour_named_during_the_day_is_marked_and_receives() {
    let world = World::with(&[shipment("Kaya", 90_000, |_| {})]);
    let path = format!("{}/instructions", world.tracking_path("Kaya"));
    let form = ["content-type: application/x-www-form-urlencoded"];
    assert_eq!(ask(&world.url, "POST", &path, &form, b"neighbour=Huber").status, 303);
    let stale = json!({"kind": "neighbour", "data": {"name": "Kim"}, "rev": 0}).to_string();
    assert_eq!(
        ask(&world.url, "POST", &path, &["content-type: application/json"], stale.as_bytes()).status,
        409
    );
    let place = json!({"kind": "safe_place", "data": {"place": "shed"}}).to_string();
    assert_eq!(
        ask(&world.url, "POST", &path, &["content-type: application/json"], place.as_bytes()).status,
        422
    );
    world.phone.sync();
    let shown = world.phone.door("Kaya").1.instructions;
    assert!(shown.len() == 1 && shown[0].changed, "{shown:?}");
    world.phone.scan("Kaya");
    world.phone.enter("Kaya", &world.digits("Kaya")).unwrap();
    world.phone.hand_over("Kaya", Receiver::NamedNeighbour, None).unwrap();
}

#[test]
fn a_mis_tap_is_withdrawn_and_the_chain_stays_whole() {
    let world = World::with(&[shipment("Plain", 100, |_| {})]);
    world.phone.scan("Plain");
    let mistake = courier_tests::phone::fact(&world.phone.fail("Plain", Reason::NotHome).unwrap());
    world.phone.sync();
    assert_eq!(world.tracking("Plain").day.to_string(), "2026-11-25");
    world.phone.go(courier_domain::Command::Withdraw { fact: mistake }).unwrap();
    world.phone.hand_over("Plain", Receiver::Recipient, None).unwrap();
    world.phone.sync();
    let page = world.tracking("Plain");
    assert_eq!((page.state.word(), page.day.to_string().as_str()), ("delivered", DAY));
    assert_eq!(world.service().totals().unwrap().reviews.len(), 0);
}

#[test]
fn a_shop_gets_the_signed_facts_of_its_shipment_and_nobody_else_does() {
    let world = World::with(&[shipment("Plain", 100, |_| {})]);
    world.phone.scan("Plain");
    world.phone.hand_over("Plain", Receiver::Recipient, None).unwrap();
    world.phone.sync();
    let auth = format!("authorization: Bearer {OPS_KEY}");
    let answer = ask(&world.url, "GET", "/v1/shipments/Plain/receipt?sender=Feinwerk", &[&auth], b"");
    // Another library looks at the same bytes: see tests/jose.
    if let Some(file) = std::env::var_os("COURIER_RECEIPT_FILE") {
        std::fs::write(&file, &answer.body).unwrap();
        let jwks = ask(&world.url, "GET", "/.well-known/jwks.json", &[], b"").body;
        std::fs::write(Path::new(&file).with_extension("jwks.json"), jwks).unwrap();
    }
    let facts: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let handed = facts["facts"].as_array().unwrap().iter().find_map(|jws| {
        let read = read_jws(jws.as_str()?).ok()?;
        let fact: FactPayload = serde_json::from_slice(&read.payload).ok()?;
        matches!(fact.body, FactBody::HandedOver { .. }).then_some(fact)
    });
    assert!(handed.is_some(), "{}", answer.body);
    assert_eq!(facts["receipts"].as_array().map(Vec::len), Some(1), "{}", answer.body);
    assert_eq!(ask(&world.url, "GET", "/v1/shipments/Plain/receipt?sender=Feinwerk", &[], b"").status, 401);
}

#[test]
fn bad_input_is_named_and_changes_nothing() {
    let world = World::empty();
    let auth = format!("authorization: Bearer {OPS_KEY}");
    let import = |kind: &str, body: &[u8]| {
        ask(&world.url, "POST", "/v1/import", &[&auth, &format!("content-type: {kind}")], body)
    };
    let good = shipment("Good", 100, |_| {});
    let bad = shipment("Bad", 100, |it| {
        it["customer"]["email"] = json!("nobody");
        it["pin"]["lat"] = json!(123.0);
    });
    let wrong_type = shipment("Type", 100, |it| it["items"][0]["value"] = json!("cheap"));
    let file = |shipments: serde_json::Value| {
        json!({"day": DAY, "tz": "Europe/Berlin", "shipments": shipments}).to_string()
    };
    let answer = import("application/json", file(json!([good, bad])).as_bytes());
    assert_eq!(answer.status, 422);
    for named in ["\"row\":2", "customer.email", "pin.lat"] {
        assert!(answer.body.contains(named), "{named} is missing: {}", answer.body);
    }
    let answer = import("application/json", file(json!([good, wrong_type])).as_bytes());
    assert!(answer.status == 422 && answer.body.contains("items[0].value"), "{}", answer.body);
    for (kind, body) in [
        ("application/json", b"{\"day\":".to_vec()),
        ("application/json", vec![0xff; 64]),
        ("text/csv", vec![0xff; 64]),
        ("text/csv", b"day,nonsense\n1,2\n".to_vec()),
    ] {
        assert_eq!(import(kind, &body).status, 422, "{kind}");
    }
    assert_eq!(import("text/html", b"").status, 415);
    assert!(matches!(import("application/json", &vec![b' '; 10 << 20]).status, 413 | 0));
    for (path, body) in [("/v1/enrol", "{}"), ("/v1/token", "[]"), ("/v1/couriers", "{\"name\":3}")] {
        let answer =
            ask(&world.url, "POST", path, &[&auth, "content-type: application/json"], body.as_bytes());
        assert!(
            answer.status == 400 && answer.head.contains("application/problem+json"),
            "{path}: {}",
            answer.body
        );
    }
    assert_eq!(ask(&world.url, "POST", "/v1/facts", &[], b"").status, 401);
    assert_eq!(ask(&world.url, "GET", "/nowhere", &[], b"").status, 404);
    assert!(world.service().find_shipment(Some("Feinwerk"), "Good").is_err(), "half a file was imported");
    world.import(std::slice::from_ref(&good));
    let again = import("application/json", file(json!([good])).as_bytes());
    assert!(again.status == 200 && again.body.contains("\"created\":0,\"unchanged\":1"), "{}", again.body);
}

#[test]
fn the_board_is_for_those_who_are_logged_in() {
    let world = World::with(&[shipment("Plain", 100, |_| {})]);
    assert_eq!(ask(&world.url, "GET", "/", &[], b"").status, 303);
    let link = world.service().first_link().unwrap().unwrap();
    world.service().use_link(&link.secret, "Grace", "a long password").unwrap();
    let cookie_of = |answer: &Answer| {
        let cookie =
            answer.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("no cookie");
        format!("cookie: {}", cookie.split(';').next().unwrap())
    };
    let page = ask(&world.url, "GET", "/login", &[], b"");
    let (_, csrf) = page.body.split_once("name=\"csrf\" value=\"").expect("no token");
    let csrf = csrf.split('"').next().unwrap();
    let login = |password: &str| {
        let form = "content-type: application/x-www-form-urlencoded";
        let body = format!("csrf={csrf}&name=Grace&password={}", password.replace(' ', "+"));
        ask(&world.url, "POST", "/login", &[form, &cookie_of(&page)], body.as_bytes())
    };
    assert_eq!(login("a wrong password").status, 403);
    let board = ask(&world.url, "GET", "/", &[&cookie_of(&login("a long password"))], b"");
    let has_route = board.body.contains("href=\"/board/routes/") && board.body.contains(">Ada</a>");
    assert!(board.status == 200 && has_route, "{}", board.body);
}

#[test]
fn of_two_coded_parcels_at_one_door_a_code_finds_its_own_and_a_miss_counts_against_both() {
    let same_door = |it: &mut serde_json::Value| it["address"]["house"] = json!("1");
    let world = World::with(&[shipment("Kaya", 90_000, same_door), shipment("Huber", 90_000, same_door)]);
    assert_eq!(world.phone.route().stops.len(), 1);
    world.phone.scan("Kaya");
    world.phone.scan("Huber");
    let verifiers = world.verifiers();
    let miss = (271_828..1_000_000)
        .map(|number| format!("{number:06}"))
        .find(|text| verifiers.iter().all(|verifier| !fits(text, verifier)))
        .unwrap();
    world.phone.enter("Kaya", &miss).unwrap();
    for name in ["Kaya", "Huber"] {
        let code = world.phone.door(name).1.code;
        assert_eq!(code, Some(CodeState::Needed { tries_left: 4, wait_ms: 0 }), "{name}");
    }
    let code = world.digits("Huber");
    world.phone.enter("Kaya", &code).unwrap();
    assert!(matches!(world.phone.door("Huber").1.code, Some(CodeState::Matched { .. })));
    assert!(matches!(world.phone.door("Kaya").1.code, Some(CodeState::Needed { .. })));
    world.phone.hand_over("Huber", Receiver::Recipient, None).unwrap();
    world.phone.sync();
    assert_eq!(
        (world.tracking("Huber").state.word(), world.tracking("Kaya").state.word()),
        ("delivered", "on_the_way")
    );
    assert_eq!(world.phone.door("Kaya").1.code, Some(CodeState::Needed { tries_left: 4, wait_ms: 0 }));
}

#[test]
fn a_dismissed_courier_hands_in_what_happened_and_sees_nothing_new() {
    let world = World::with(&[shipment("Plain", 100, |_| {})]);
    world.phone.scan("Plain");
    world.phone.hand_over("Plain", Receiver::Recipient, None).unwrap();
    world.service().dismiss(&world.courier).unwrap();
    world.phone.sync();
    assert_eq!(world.phone.core().diagnostics().unwrap().pending, 0, "a physical fact was not taken");
    assert_eq!(world.tracking("Plain").state.word(), "delivered");
    world.advance(8 * 24 * HOUR);
    world.phone.go(courier_domain::Command::CloseDay).unwrap();
    world.phone.sync();
    assert!(world.phone.core().diagnostics().unwrap().pending > 0, "a week later nothing is taken any more");
}

#[test]
fn of_two_parcels_the_one_that_was_not_delivered_comes_again_alone() {
    let two =
        |it: &mut serde_json::Value| it["parcels"].as_array_mut().unwrap().push(json!({"barcode": "SECOND"}));
    let world = World::with(&[shipment("Plain", 100, two)]);
    world.phone.scan("Plain");
    let door = world.phone.door("Plain").1;
    let only = |n: usize| vec![door.parcels[n].id.clone()];
    world
        .phone
        .go(courier_domain::Command::HandOver {
            attempt: door.attempt.clone(),
            parcels: only(0),
            receiver: Receiver::Recipient,
            details: courier_domain::ReceiverDetails::default(),
        })
        .unwrap();
    world
        .phone
        .go(courier_domain::Command::NotDelivered {
            attempt: door.attempt.clone(),
            parcels: only(1),
            reason: Reason::NoPermittedReceiver,
            note: None,
        })
        .unwrap();
    world.phone.sync();
    let mixed = AttemptState::Closed { closing: Closing::Mixed, standing: Standing::Confirmed };
    assert_eq!(world.phone.door("Plain").1.state, mixed);
    world.phone.go(courier_domain::Command::CloseDay).unwrap();
    world.advance(24 * HOUR);
    world.service().publish(&world.courier, "2026-11-25".parse().unwrap()).unwrap();
    world.phone.sync();
    world.phone.go(courier_domain::Command::StartDay).unwrap();
    let again = world.phone.door("Plain").1;
    assert_eq!(again.parcels.iter().map(|it| it.barcode.as_str()).collect::<Vec<_>>(), ["SECOND"]);
    world.phone.scan("Plain");
    world.phone.hand_over("Plain", Receiver::Recipient, None).unwrap();
    world.phone.sync();
    assert_eq!(world.tracking("Plain").state.word(), "delivered");
}
