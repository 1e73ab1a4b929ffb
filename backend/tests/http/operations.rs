//! What an operator needs: figures, health, what is purged, a backup and the way back.

use courier_backend::api::serve;
use courier_backend::backup::{back_up, restore};
use courier_backend::blobs::BlobName;
use courier_backend::entropy::{self, ServiceClock};
use courier_backend::office::{Actor, Reach};
use courier_backend::retention::Purged;
use courier_backend::service::Service;
use courier_codes::encoding::hash_of;
use courier_domain::UnixMs;
use serde_json::json;

use crate::world::{Backend, CSV, FORM, MORNING, OPS, SHOP};

const DAY: i64 = 24 * 3_600_000;

#[test]
fn figures_are_for_prometheus_and_tell_no_address() {
    let backend = Backend::start();
    backend.import_csv(CSV);
    backend.publish("2026-11-24");
    let key = backend.service().office(Actor::Machine).add_key("Prometheus", Reach::Metrics, None).unwrap();
    let shipment = backend.get("/v1/shipments/r1?sender=Feinwerk", SHOP).json();
    let token = shipment["tracking"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    for path in [format!("/t/{token}"), "/t/guess".into(), "/no/path/of/ours".into()] {
        backend.ask("GET", &path, &[], b"");
    }
    assert_eq!(backend.ask("GET", "/metrics", &[], b"").status, 401);
    assert_eq!(backend.get("/metrics", SHOP).status, 403);
    let answer = backend.get("/metrics", &key.secret);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = answer.text();
    for line in [
        "courier_http_requests_total{method=\"GET\",route=\"/t/{token}\",status=\"200\"} 1",
        "courier_http_requests_total{method=\"GET\",route=\"/t/{token}\",status=\"404\"} 1",
        "courier_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1",
        "courier_http_request_duration_seconds_count{method=\"GET\",route=\"/t/{token}\"} 2",
        "courier_shipments{state=\"on_the_way\"} 1",
        "courier_mails{template=\"your_code\"} 1",
        "courier_mails_given_up 0",
    ] {
        assert!(text.lines().any(|it| it == line), "{line} is missing:\n{text}");
    }
    assert!(!text.contains(&token) && !text.contains("guess") && !text.contains("Kaya"), "{text}");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (_, number) = line.rsplit_once(' ').unwrap();
        assert!(number.parse::<f64>().is_ok(), "{line}");
    }
    assert_eq!(backend.ask("GET", "/healthz", &[], b"").text(), "ok\n");
}

#[test]
fn what_is_personal_goes_when_its_time_is_over_and_what_is_signed_stays() {
    let backend = Backend::with(|config| {
        let keep = &mut config.retention;
        (keep.private_days, keep.dispute_days, keep.mail_days) = (10, 20, 30);
        (keep.shipment_days, keep.courier_days, keep.audit_days) = (40, 50, 60);
    });
    let service = backend.service();
    let csv = CSV.replace("recipient.name", "recipient.name,recipient.phone");
    let csv = csv
        .replace("Kaya", "Kaya Zimmermann,030 555-01234")
        .replace("a@b.example", "kaya@zimmermann.example");
    backend.import_csv(&csv.replace("Breite Str.", "Turmgasse"));
    let courier = service.add_courier("Ada Lovelace").unwrap();
    service.publish(&courier, "2026-11-24".parse().unwrap()).unwrap();
    let tracking = backend.get("/v1/shipments/r1?sender=Feinwerk", SHOP).json()["tracking"].clone();
    let page = format!("/t/{}", tracking.as_str().unwrap().rsplit('/').next().unwrap());
    backend.ask("POST", &format!("{page}/instructions"), &[FORM], b"neighbour=Huberin");
    backend.ask("POST", &format!("{page}/disputes"), &[FORM], b"kind=not_me&text=Schnurrbart&request_id=x");
    service.send_mails().unwrap();
    service.dismiss(&courier).unwrap();
    let names =
        ["Kaya Zimmermann", "kaya@zimmermann.example", "Turmgasse", "Huberin", "Ada Lovelace", "03055501234"];
    let stored = |name: &str| {
        // The copy has what the database has, and nothing that was deleted.
        let files = ["backend.db", "backend.db-wal"].map(|file| service.config().data_dir.join(file));
        files.iter().any(|file| {
            let bytes = std::fs::read(file).unwrap_or_default();
            bytes.windows(name.len()).any(|it| it == name.as_bytes())
        })
    };
    assert!(names.iter().all(|name| stored(name)));
    assert_eq!(service.purge().unwrap(), Purged::default(), "something went before its time");
    assert!(backend.get("/v1/reviews", OPS).text().contains("Schnurrbart"));
    backend.advance(20 * DAY);
    assert_eq!(service.purge().unwrap(), Purged { dispute_texts: 1, ..Purged::default() });
    assert!(!backend.get("/v1/reviews", OPS).text().contains("Schnurrbart"));
    backend.advance(10 * DAY);
    assert_eq!(service.purge_if_due().unwrap(), Some(Purged { mails: 2, ..Purged::default() }));
    assert_eq!(service.purge_if_due().unwrap(), None, "it is done once a day");
    assert_eq!(backend.ask("GET", &page, &[], b"").status, 200);
    backend.advance(11 * DAY);
    assert_eq!(service.purge().unwrap(), Purged { shipments: 1, ..Purged::default() });
    assert_eq!(backend.ask("GET", &page, &[], b"").status, 404);
    let shipment = backend.get("/v1/shipments/r1?sender=Feinwerk", SHOP).json();
    assert_eq!((&shipment["state"], &shipment["tracking"]), (&json!("on_the_way"), &json!(null)));
    assert_eq!(backend.get("/v1/shipments/r1/receipt?sender=Feinwerk", SHOP).status, 200);
    assert_eq!(backend.import_csv(CSV).json()["errors"][0]["field"], "ref", "it can be imported again");
    backend.advance(10 * DAY);
    assert_eq!(service.purge().unwrap(), Purged { couriers: 1, ..Purged::default() });
    backend.advance(10 * DAY);
    let audit = service.purge().unwrap().audit;
    assert!(audit >= 3, "{audit}");
    for name in names {
        assert!(!stored(name), "{name} is still in the files");
    }
    assert_eq!(service.totals().unwrap().mails["your_code"], 1, "that it was mailed is forgotten");
}

#[test]
fn evidence_files_go_with_the_purge_when_their_time_is_over() {
    let backend = Backend::start();
    let (_, token) = backend.enrol();
    let name = hash_of(b"a photo");
    assert_eq!(crate::files::send(&backend, &token, b"a photo", name.as_str()).status, 201);
    let file = backend.service().config().data_dir.join("blobs").join(name.as_str());
    backend.advance(90 * DAY);
    assert_eq!(backend.service().purge().unwrap().files, 0);
    assert!(file.exists());
    backend.advance(DAY);
    assert_eq!(backend.service().purge().unwrap().files, 1);
    assert!(!file.exists());
    assert_eq!(backend.get(&format!("/v1/blobs/{}", name.as_str()), OPS).status, 404);
}

#[test]
fn a_backup_of_a_running_backend_opens_everything_and_tells_phones_to_offer_again() {
    let backend = Backend::start();
    backend.import_csv(CSV);
    backend.publish("2026-11-24");
    let digits = |service: &Service| {
        let row = service.find_shipment(Some("Feinwerk"), "r1").unwrap().0;
        service.tracking(&service.tracking_token(&row).unwrap()).unwrap().code.unwrap().digits
    };
    let (photo, name) = (b"\xFF\xD8 a photo", hash_of(b"\xFF\xD8 a photo"));
    let (_, token) = backend.enrol();
    assert_eq!(crate::files::send(&backend, &token, photo, name.as_str()).status, 201);
    let dir = tempfile::tempdir().unwrap();
    let (folder, config) = (dir.path().join("monday"), backend.service().config().clone());
    back_up(&config, &folder).unwrap();
    assert!(back_up(&config, &folder).is_err(), "a backup was written over");
    backend.service().add_courier("After").unwrap();
    let open = |data: &str| {
        let mut config = config.clone();
        config.data_dir = dir.path().join(data);
        config
    };
    let (clock, rng) = (|| ServiceClock::Set(UnixMs(MORNING).into()), || entropy::from_seed(9));
    let restored = open("restored");
    restore(restored.clone(), &folder, clock(), rng()).unwrap();
    assert!(restore(restored.clone(), &folder, clock(), rng()).is_err(), "a database was written over");
    let service = Service::open(restored, String::new(), clock(), rng()).unwrap();
    assert_eq!(digits(&service), digits(backend.service()));
    assert_ne!(service.epoch(), backend.service().epoch());
    let found = service.blob(&BlobName::parse(name.as_str()).unwrap()).unwrap();
    assert_eq!(found.as_deref(), Some(&photo[..]), "an evidence file is gone");
    assert_eq!(
        service.office(Actor::Machine).audit(9).unwrap()[0].what,
        "add-enrolment",
        "it is of a later time"
    );

    for (name, change) in [
        ("half", (|folder| std::fs::remove_file(folder.join("keys.json")).unwrap()) as fn(&std::path::Path)),
        ("damaged", |folder| std::fs::write(folder.join("backend.db"), [0; 8192]).unwrap()),
        ("foreign", |folder| std::fs::write(folder.join("keys.json"), "{}").unwrap()),
    ] {
        let folder = dir.path().join(name);
        back_up(&config, &folder).unwrap();
        change(&folder);
        let target = open(&format!("{name}-data"));
        assert!(restore(target.clone(), &folder, clock(), rng()).is_err(), "a {name} backup was taken");
        assert!(!target.data_dir.join("backend.db").exists(), "{name}");
    }
}

#[test]
fn an_end_waits_for_the_answers_that_were_begun_and_takes_no_more() {
    use std::io::{Read, Write};
    let backend = Backend::start();
    let mut begun = backend.connect();
    let auth = format!("authorization: Bearer {OPS}");
    let head = format!(
        "POST /v1/couriers HTTP/1.1\r\nhost: x\r\n{auth}\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: 14\r\n\r\n"
    );
    begun.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    begun.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n", "its body is not being read");
    let (runtime, running, url, _dir) = backend.into_parts();
    let ending = std::thread::spawn(move || runtime.block_on(running.shutdown()));
    while std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).is_ok() {}
    begun.write_all(b"{\"name\":\"Ada\"}").unwrap();
    let answer = crate::world::Answer::read(begun);
    assert_eq!(answer.status, 200, "{}", answer.text());
    ending.join().unwrap();
}

#[test]
fn a_configuration_that_names_files_that_are_missing_does_not_start() {
    let dir = tempfile::tempdir().unwrap();
    let start = |change: fn(&mut courier_backend::config::Config)| {
        let mut config = courier_backend::config::Config {
            listen: "127.0.0.1:0".into(),
            data_dir: dir.path().join("data"),
            ..Default::default()
        };
        change(&mut config);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(serve(config, ServiceClock::System, entropy::from_seed(1))).map(|running| {
            runtime.block_on(running.shutdown());
        })
    };
    assert!(start(|config| config.policy.file = Some("nowhere.json".into())).is_err());
    assert!(start(|config| config.policy.name = Some("nowhere".into())).is_err());
    assert!(start(|config| config.policy.name = Some("austria".into())).is_ok());
}
