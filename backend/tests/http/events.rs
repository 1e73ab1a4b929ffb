//! The feed of what happened, over HTTP: every format, who sees what, and what is asked for wrongly.

use boon::{Compiler, Draft, Schemas};
use courier_backend::entropy::{self, Entropy, random_id};
use courier_backend::office::{Actor, Reach};
use courier_codes::{Sign, SigningKey, fact_hash, sign_jws};
use courier_domain::fact::VERSION;
use courier_domain::{
    At, AttemptId, FactBody, FactHash, FactId, FactPayload, InstallId, ParcelId, Reason, Receiver, UnixMs,
};
use courier_protocol::{EnrolProof, EnrolRequest, FactItem, FactsRequest, KeyLevel, header};
use serde_json::{Value, json};

use crate::world::{Answer, Backend, MORNING, OPS, SHOP};

/// A phone that signs what it is told to.
struct Phone {
    install: InstallId,
    device: SigningKey,
    day: SigningKey,
    rng: Entropy,
    seq: u64,
    prev: Option<FactHash>,
}

impl Phone {
    fn of(backend: &Backend, courier: &str) -> Self {
        let mut rng = entropy::from_seed(9);
        let (device, day) = (SigningKey::generate(&mut rng), SigningKey::generate(&mut rng));
        let install = InstallId::new("phone-9").unwrap();
        let code = backend.service().add_enrolment(&courier.to_owned().try_into().unwrap()).unwrap();
        let proof = EnrolProof { code: code.clone(), install: install.clone() };
        let proof = sign_jws(header::TYP_ENROL, &serde_json::to_vec(&proof).unwrap(), &device).unwrap();
        let request = EnrolRequest {
            code,
            install: install.clone(),
            device_jwk: device.jwk(),
            key: KeyLevel::Software,
            platform: "test".into(),
            app: "test".into(),
            proof,
        };
        backend.service().enrol(&request).unwrap();
        let mut phone = Self { install, device, day, rng, seq: 0, prev: None };
        let body = FactBody::DayStarted { day_jwk: phone.day.jwk() };
        phone.say(backend, body);
        phone
    }

    fn say(&mut self, backend: &Backend, body: FactBody) -> FactId {
        self.seq += 1;
        let key = if matches!(body, FactBody::DayStarted { .. }) { &self.device } else { &self.day };
        let payload = FactPayload {
            v: VERSION,
            id: FactId::new(random_id(&mut self.rng)).unwrap(),
            install: self.install.clone(),
            inc: 1,
            seq: self.seq,
            prev: self.prev.clone(),
            at: At {
                wall: UnixMs(MORNING),
                boot_ms: 1,
                boot: "boot".into(),
                server_ms: Some(UnixMs(MORNING)),
                plus_minus_ms: Some(1),
            },
            route: None,
            stop: None,
            stop_rev: None,
            private: None,
            body,
        };
        let jws = sign_jws(header::TYP_FACT, &serde_json::to_vec(&payload).unwrap(), key).unwrap();
        self.prev = Some(fact_hash(&jws));
        let service = backend.service();
        let from = service.installation(&self.install).unwrap();
        let request = FactsRequest {
            install: self.install.clone(),
            inc: 1,
            epoch: service.epoch().to_owned(),
            facts: vec![FactItem { jws, private: None }],
        };
        service.accept(&from, &request, "echo").unwrap();
        payload.id
    }
}

/// Two senders, a shipment of each, and a phone on the way. One sender has a name that every syntax trips over.
const SENDERS: [&str; 2] = ["Feinwerk", "Söhne's <b>+:*?\"\\ GmbH"];

fn shipment(sender: &str, barcodes: [&str; 2]) -> Value {
    let parcels = barcodes.map(|barcode| json!({ "barcode": barcode }));
    json!({
        "ref": "r'1", "order_ref": "o+1", "sender": sender,
        "customer": {"email": "kaya@customers.example", "lang": "en"}, "recipient": {"name": "Kaya"},
        "address": {"street": "Breite Str.", "house": "1", "postcode": "10178", "city": "Berlin", "country": "DE"},
        "pin": {"lat": 52.5, "lon": 13.4}, "items": [{"value": 100, "currency": "EUR"}], "parcels": parcels
    })
}

/// Of each sender one parcel was handed over and one was not, in this order.
fn day() -> Backend {
    driven().0
}

/// The same with the phone, and the first handover.
fn driven() -> (Backend, Phone, FactId) {
    let backend = Backend::start();
    let shipments = [
        shipment(SENDERS[0], ["106141412345678908", "ANY-LABEL"]),
        shipment(SENDERS[1], ["RB123456785GB", "it's+:?*"]),
    ];
    let file = json!({"day": "2026-11-24", "tz": "Europe/Berlin", "shipments": shipments});
    assert_eq!(backend.post("/v1/import", SHOP, &file).json()["created"], 2);
    let courier = backend.post("/v1/couriers", OPS, &json!({"name": "Ada"})).json()["id"].clone();
    let published =
        backend.post("/v1/routes/publish", OPS, &json!({"courier": courier, "day": "2026-11-24"}));
    assert_eq!(published.status, 200);
    let (mut phone, mut said) = (Phone::of(&backend, courier.as_str().unwrap()), Vec::new());
    for sender in SENDERS {
        let (row, attempts) = backend.service().find_shipment(Some(sender), "r'1").unwrap();
        let parcels: Vec<_> =
            backend.service().parcels(&row).unwrap().into_iter().map(|(it, _)| it.id).collect();
        said.push(phone.say(&backend, handed(&attempts[0].id, &parcels[0])));
        let (attempt, parcels) = (attempts[0].id.clone(), vec![parcels[1].clone()]);
        phone.say(&backend, FactBody::NotDelivered { attempt, parcels, reason: Reason::Damaged });
    }
    (backend, phone, said.swap_remove(0))
}

fn handed(attempt: &AttemptId, parcel: &ParcelId) -> FactBody {
    FactBody::HandedOver {
        attempt: attempt.clone(),
        parcels: vec![parcel.clone()],
        receiver: Receiver::OtherNeighbour,
        code_try: None,
        scanned: vec![parcel.clone()],
        proofs: Vec::new(),
        overrides: Vec::new(),
        checks: Vec::new(),
    }
}

fn key_of(backend: &Backend, sender: &str) -> String {
    backend.service().office(Actor::Machine).add_key("x", Reach::Shop, Some(sender)).unwrap().secret
}

fn lines(answer: &Answer) -> Vec<Value> {
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn one_sender_never_sees_anything_of_another_in_any_format() {
    let backend = day();
    let everything = lines(&backend.get("/v1/events", SHOP));
    assert_eq!(everything.len(), 4);
    for (sender, other) in [(0, 1), (1, 0)] {
        let key = key_of(&backend, SENDERS[sender]);
        let own: Vec<_> =
            everything.iter().filter(|event| event["sender"] == SENDERS[sender]).cloned().collect();
        let foreign = everything.iter().find(|event| event["sender"] == SENDERS[other]).unwrap();
        let seen = backend.get("/v1/events", &key);
        assert_eq!(lines(&seen), own);
        for format in ["courier", "edifact", "epcis", "upu"] {
            let answer = backend.get(&format!("/v1/events?format={format}"), &key);
            assert_eq!(answer.status, 200, "{format}");
            for secret in [
                &foreign["shipment"],
                &foreign["parcels"][0]["id"],
                &foreign["parcels"][0]["barcode"],
                &foreign["fact"],
            ] {
                let secret = secret.as_str().unwrap();
                assert!(!answer.text().contains(secret), "{format} tells {secret} of another sender");
            }
        }
        let asked = backend.get("/v1/events?sender=Feinwerk", &key);
        assert_eq!(asked.status, if sender == 0 { 200 } else { 404 });
        // A cursor that another sender was given shows no more.
        let after = format!("/v1/events?after={}", foreign["id"].as_str().unwrap());
        assert!(lines(&backend.get(&after, &key)).iter().all(|event| event["sender"] == SENDERS[sender]));
    }
    let metrics = backend.service().office(Actor::Machine).add_key("x", Reach::Metrics, None).unwrap().secret;
    assert_eq!(backend.get("/v1/events", &metrics).status, 403);
    assert_eq!(backend.get("/v1/events", "nobody").status, 401);
}

/// The same schema for a validator whose patterns cannot look ahead: `^(?!…)` is "not `^…`".
fn without_looking_ahead(schema: &mut Value) -> usize {
    match schema {
        Value::Object(fields) => {
            let pattern = fields.get("pattern").and_then(Value::as_str);
            let refused =
                pattern.and_then(|it| it.strip_prefix("^(?!")?.strip_suffix(')')).map(|it| format!("^{it}"));
            if let Some(refused) = refused {
                fields.remove("pattern");
                fields.insert("not".into(), json!({ "pattern": refused }));
                return 1;
            }
            fields.values_mut().map(without_looking_ahead).sum()
        }
        Value::Array(items) => items.iter_mut().map(without_looking_ahead).sum(),
        _ => 0,
    }
}

#[test]
fn the_epcis_document_is_one_by_the_published_schema() {
    const SCHEMA: &str = include_str!("epcis/EPCISDocument.schema.json");
    const NAME: &str = "https://gs1.github.io/EPCIS/EPCIS-JSON-Schema.json";
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V7);
    compiler.enable_format_assertions();
    let mut published = serde_json::from_str(SCHEMA).unwrap();
    assert_eq!(without_looking_ahead(&mut published), 2);
    compiler.add_resource(NAME, published).unwrap();
    let mut schemas = Schemas::new();
    let schema = compiler.compile(NAME, &mut schemas).unwrap();

    let (backend, mut phone, mistake) = driven();
    phone.say(&backend, FactBody::Withdrawn { fact: mistake });
    let answer = backend.get("/v1/events?format=epcis", SHOP);
    assert_eq!(answer.header("content-type"), Some("application/ld+json"));
    assert_eq!(answer.header("courier-lossy"), Some("true"));
    let document = answer.json();
    if let Err(error) = schemas.validate(&document, schema) {
        panic!("{error:#}\n{document:#}");
    }
    let events = &document["epcisBody"]["eventList"];
    assert_eq!(events[0]["epcList"], json!(["https://id.gs1.org/00/106141412345678908"]));
    assert!(events[1]["epcList"][0].as_str().unwrap().starts_with("urn:courier:parcel:"));
    assert_eq!(
        (&events[0]["eventTime"], &events[0]["eventTimeZoneOffset"]),
        (&json!("2026-11-24T07:00:00.000Z"), &json!("+01:00"))
    );
    assert_eq!((&events[1]["disposition"], &events[1]["courier:lossy"]), (&json!("damaged"), &json!(false)));
    assert_eq!(events[2]["courier:sender"], SENDERS[1]);
    assert_eq!(
        (&events[4]["eventID"], &events[4]["epcList"]),
        (&events[0]["eventID"], &events[0]["epcList"])
    );
    assert_eq!(events[4]["errorDeclaration"]["reason"], "did_not_occur");

    // The schema finds what is wrong: in the document, in an event, in a word, in a URI.
    let wrong: [fn(&mut Value); 6] = [
        |document| drop(document.as_object_mut().unwrap().remove("schemaVersion")),
        |document| document["epcisBody"]["eventList"][0]["eventTimeZoneOffset"] = json!("+25:00"),
        |document| document["epcisBody"]["eventList"][0]["bizStep"] = json!("delivered"),
        |document| {
            document["epcisBody"]["eventList"][0]["bizStep"] =
                json!("https://ns.gs1.org/cbv/BizStep-accepting");
        },
        |document| document["epcisBody"]["eventList"][0]["epcList"] = json!(["no uri"]),
        |document| document["epcisBody"]["eventList"][0]["outcome"] = json!("household"),
    ];
    for (no, spoil) in wrong.iter().enumerate() {
        let mut spoilt = document.clone();
        spoil(&mut spoilt);
        assert!(schemas.validate(&spoilt, schema).is_err(), "no. {no} is not found out");
    }
}

#[test]
fn every_format_has_its_media_type_its_flag_and_a_cursor_to_go_on_with() {
    let backend = day();
    for (format, media, lossy) in [
        ("courier", "application/jsonl", "false"),
        ("edifact", "application/edifact", "true"),
        ("epcis", "application/ld+json", "true"),
        ("upu", "application/json", "true"),
    ] {
        let answer = backend.get(&format!("/v1/events?format={format}&limit=3"), SHOP);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media)));
        assert_eq!(
            (answer.header("courier-more"), answer.header("courier-lossy")),
            (Some("true"), Some(lossy))
        );
        let cursor = answer.header("courier-cursor").unwrap();
        let rest = backend.get(&format!("/v1/events?format={format}&after={cursor}"), SHOP);
        assert_eq!((rest.status, rest.header("courier-more")), (200, Some("false")));
        let end = rest.header("courier-cursor").unwrap().to_owned();
        let nothing = backend.get(&format!("/v1/events?format={format}&after={end}"), SHOP);
        assert_eq!((nothing.status, nothing.text().as_str()), (204, ""));
        assert_eq!(nothing.header("courier-cursor"), Some(end.as_str()));
    }
    assert_eq!(lines(&backend.get("/v1/events?from=2026-11-25", SHOP)), [Value::Null; 0]);
    assert_eq!(lines(&backend.get("/v1/events?from=2026-11-24&until=2026-11-24", SHOP)).len(), 4);
}

#[test]
fn what_is_asked_for_wrongly_is_refused_with_the_name_of_what_is_wrong() {
    let backend = day();
    let epoch = backend.service().epoch().to_owned();
    for (query, status, word) in [
        ("format=xml".to_owned(), 400, "format"),
        ("format=".into(), 400, "format"),
        ("format=EPCIS".into(), 400, "format"),
        ("after=nonsense".into(), 400, "after"),
        ("after=".into(), 400, "after"),
        (format!("after={epoch}~-1"), 400, "after"),
        (format!("after={epoch}~99999999999999999999999"), 400, "after"),
        ("after=another~1".into(), 410, "cursor"),
        (format!("after={epoch}~{}", u64::MAX), 410, "cursor"),
        ("from=2026-02-30".into(), 400, "from"),
        ("from=24.11.2026".into(), 400, "from"),
        ("until=tomorrow".into(), 400, "until"),
        ("until=%2B2026-11-24".into(), 400, "until"),
        ("until=2026-1-1".into(), 400, "until"),
        ("from=2026-11-25&until=2026-11-24".into(), 400, "until"),
        ("limit=0".into(), 400, "limit"),
        ("limit=501".into(), 400, "limit"),
        ("limit=many".into(), 400, "limit"),
        ("before=1".into(), 400, "nothing else"),
        ("format=upu&format=epcis".into(), 400, "once"),
        ("sender=%ff".into(), 204, ""),
    ] {
        let answer = backend.get(&format!("/v1/events?{query}"), SHOP);
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
        if status == 204 {
            continue; // Nobody is called so.
        }
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{query}");
        assert!(answer.text().contains(word), "{query}: {}", answer.text());
    }
}
