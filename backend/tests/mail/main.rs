//! Mails over SMTP to a server that takes, refuses, puts off, is slow or is not there; and a spool through a kill.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod killed;
mod server;

use std::path::PathBuf;
use std::sync::Mutex;

use courier_backend::config::{Config, SmtpConfig, Tls as Protection};
use courier_backend::entropy::{self, ServiceClock};
use courier_backend::import::read_json;
use courier_backend::service::Service;
use courier_domain::{KdfParams, UnixMs};
use serde_json::json;
use server::{Mood, PASSWORD, Server, Tls, USER};
use tempfile::TempDir;

const MORNING: i64 = 1_795_503_600_000; // 2026-11-24, 08:00 in Berlin
const MINUTE: i64 = 60_000;

/// An office with a mail server.
struct Office {
    service: Service,
    dir: TempDir,
}

fn smtp(server: &Server, tls: Protection) -> SmtpConfig {
    SmtpConfig {
        host: "localhost".into(),
        port: Some(server.port),
        tls,
        ca: None,
        user: Some(USER.into()),
        password: Some(PASSWORD.into()),
        password_file: None,
        timeout_s: 5,
    }
}

fn config(dir: &std::path::Path, smtp: SmtpConfig) -> Config {
    let mut config = Config { listen: "127.0.0.1:0".into(), data_dir: dir.join("data"), ..Config::default() };
    config.code.kdf = KdfParams { m: 8, t: 1, p: 1 };
    config.mail.smtp = Some(smtp);
    config
}

impl Office {
    fn with(server: &Server, tls: Protection) -> Self {
        Self::changed(server, tls, |_| {})
    }

    fn changed(server: &Server, tls: Protection, change: impl FnOnce(&mut SmtpConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut smtp = smtp(server, tls);
        smtp.ca = Some(trusted(&dir, server));
        change(&mut smtp);
        let clock = ServiceClock::Set(Mutex::new(UnixMs(MORNING)));
        let config = config(dir.path(), smtp);
        let service =
            Service::open(config, "https://courier.example".into(), clock, entropy::from_seed(7)).unwrap();
        Self { service, dir }
    }

    /// Coded shipments for these customers; each is mailed a code.
    fn tell(&self, names: &[&str]) {
        tell(&self.service, names);
    }

    fn advance(&self, ms: i64) {
        let clock = self.service.clock();
        assert!(clock.set(clock.now().plus_ms(ms)));
    }

    /// How many wait and how many were given up.
    fn unsent(&self) -> (u64, u64) {
        let totals = self.service.totals().unwrap();
        (totals.mails_waiting, totals.mails_given_up)
    }
}

fn trusted(dir: &TempDir, server: &Server) -> PathBuf {
    let file = dir.path().join("authority.pem");
    std::fs::write(&file, &server.certificate).unwrap();
    file
}

fn tell(service: &Service, names: &[&str]) {
    let shipments: Vec<_> = names
        .iter()
        .map(|name| {
            let lang = if name.starts_with('d') { "de" } else { "en" };
            json!({
                "ref": name, "order_ref": name, "sender": "Uhren Müller",
                "customer": {"email": format!("{name}@customers.example"), "lang": lang}, "recipient": {"name": name},
                "address": {"street": "Breite Straße", "house": name, "postcode": "10178", "city": "Berlin", "country": "DE"},
                "pin": {"lat": 52.5, "lon": 13.4}, "items": [{"value": 90_000, "currency": "EUR"}],
                "parcels": [{"barcode": format!("L{name}")}]
            })
        })
        .collect();
    let day = json!({"day": "2026-11-24", "tz": "Europe/Berlin", "shipments": shipments}).to_string();
    assert_eq!(service.import(&read_json(day.as_bytes()).unwrap()).unwrap().errors, []);
    let courier = service.add_courier("Ada").unwrap();
    service.publish(&courier, "2026-11-24".parse().unwrap()).unwrap();
}

#[test]
fn over_starttls_and_a_login_each_mail_comes_once_in_its_language_as_text_and_html() {
    let server = Server::start(Tls::Starttls);
    let office = Office::with(&server, Protection::Starttls);
    office.tell(&["dora", "emma"]);
    assert_eq!(office.service.send_mails().unwrap(), 2);
    assert_eq!(office.service.send_mails().unwrap(), 0);
    let mails = server.taken();
    assert_eq!(server.told(), ["dora@customers.example", "emma@customers.example"]);
    for (mail, word) in mails.iter().zip(["Ihr Code", "Your code"]) {
        assert!(mail.encrypted && mail.text.contains(word), "{}", mail.text);
        for part in [
            "From: Delivery <delivery@courier.example>",
            "@courier.example>\n",
            "Auto-Submitted: auto-generated",
            "multipart/alternative",
            "text/plain; charset=utf-8",
            "text/html; charset=utf-8",
        ] {
            assert!(mail.text.contains(part), "{part} is missing: {}", mail.text);
        }
    }
    assert!(!office.dir.path().join("data/spool").exists(), "it was spooled too");
    assert_eq!(office.unsent(), (0, 0));
}

#[test]
fn over_tls_from_the_first_byte_it_works_too() {
    let server = Server::start(Tls::Implicit);
    let office = Office::with(&server, Protection::Implicit);
    office.tell(&["emma"]);
    assert_eq!(office.service.send_mails().unwrap(), 1);
    assert!(server.taken()[0].encrypted);
}

#[test]
fn to_a_server_that_is_not_who_it_should_be_or_speaks_in_the_clear_nothing_is_sent() {
    let stranger = Server::start(Tls::Starttls);
    let office = Office::changed(&stranger, Protection::Starttls, |smtp| smtp.ca = None);
    office.tell(&["emma"]);
    let clear = Server::start(Tls::None);
    let downgraded = Office::with(&clear, Protection::Starttls);
    downgraded.tell(&["emma"]);
    let server = Server::start(Tls::Starttls);
    let unknown = Office::changed(&server, Protection::Starttls, |smtp| smtp.password = Some("wrong".into()));
    unknown.tell(&["emma"]);
    for (office, server) in [(office, stranger), (downgraded, clear), (unknown, server)] {
        assert_eq!(office.service.send_mails().unwrap(), 0);
        assert_eq!((server.told(), office.unsent()), (vec![], (1, 0)), "the mail waits");
    }
}

#[test]
fn who_is_greylisted_comes_again_after_a_minute_and_holds_nobody_up() {
    let server = Server::start(Tls::None);
    let office = Office::with(&server, Protection::None);
    server.be(Mood::Greylist);
    office.tell(&["emma", "olga"]);
    assert_eq!(office.service.send_mails().unwrap(), 0);
    assert_eq!(office.unsent(), (2, 0));
    assert_eq!(office.service.send_mails().unwrap(), 0, "it does not wait");
    office.advance(MINUTE);
    assert_eq!(office.service.send_mails().unwrap(), 2);
    assert_eq!(server.told(), ["emma@customers.example", "olga@customers.example"]);
}

#[test]
fn a_wrong_address_is_given_up_and_any_other_refusal_is_tried_for_days() {
    let server = Server::start(Tls::None);
    let office = Office::with(&server, Protection::None);
    server.be(Mood::Refuse("emma", "550 5.1.1 no such user"));
    office.tell(&["emma", "olga"]);
    assert_eq!((office.service.send_mails().unwrap(), office.unsent()), (1, (0, 1)));
    assert_eq!(server.told(), ["olga@customers.example"]);
    server.be(Mood::Refuse("nina", "550 5.7.1 you are on a list"));
    let more = Office::with(&server, Protection::None);
    more.tell(&["nina"]);
    let mut tries = 0;
    while more.unsent() == (1, 0) {
        more.service.send_mails().unwrap();
        more.advance(60 * MINUTE);
        tries += 1;
    }
    assert_eq!((tries, more.unsent()), (60, (0, 1)));
    server.be(Mood::Take);
    office.advance(100 * 60 * MINUTE);
    assert_eq!(office.service.send_mails().unwrap(), 0, "what was given up is sent after all");
}

#[test]
fn a_server_that_says_nothing_holds_up_mails_and_nothing_else() {
    let server = Server::start(Tls::None);
    server.be(Mood::Silent);
    let dir = tempfile::tempdir().unwrap();
    let mut smtp = smtp(&server, Protection::None);
    smtp.timeout_s = 2;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let clock = ServiceClock::Set(Mutex::new(UnixMs(MORNING)));
    let config = config(dir.path(), smtp);
    let running =
        runtime.block_on(courier_backend::api::serve(config, clock, entropy::from_seed(3))).unwrap();
    tell(&running.service, &["emma", "olga"]);
    server.waits.recv().unwrap(); // the worker is stuck from here on
    let link = running.service.first_link().unwrap().unwrap();
    running.service.use_link(&link.secret, "Grace", "a long password").unwrap();
    assert_eq!(running.service.totals().unwrap().mails_waiting, 2);
    server.be(Mood::Take);
    while server.told().len() < 2 {
        running.service.send_mails().unwrap(); // waits for the worker, whose patience ends
        let clock = running.service.clock();
        assert!(clock.set(clock.now().plus_ms(MINUTE)));
    }
    runtime.block_on(running.shutdown());
    assert_eq!(server.told().len(), 2, "a mail came twice");
}

#[test]
fn a_mail_whose_answer_was_lost_is_sent_again_under_its_own_identifier() {
    let server = Server::start(Tls::None);
    let office = Office::with(&server, Protection::None);
    server.be(Mood::LoseAnswer);
    office.tell(&["emma"]);
    office.service.send_mails().unwrap();
    server.be(Mood::Take);
    office.advance(MINUTE);
    assert_eq!(office.service.send_mails().unwrap(), 1);
    let ids: Vec<_> = server
        .taken()
        .iter()
        .map(|mail| mail.text.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned())
        .collect();
    assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");
}

#[test]
fn while_there_is_no_server_mails_wait_and_a_code_that_died_meanwhile_is_not_sent() {
    let server = Server::start(Tls::None);
    let office = Office::changed(&server, Protection::None, |smtp| smtp.port = Some(1));
    office.tell(&["emma", "olga"]);
    assert_eq!((office.service.send_mails().unwrap(), office.unsent()), (0, (2, 0)));
    let emma = office.service.find_shipment(Some("Uhren Müller"), "emma").unwrap().0;
    office.service.cancel(&emma.id, "recalled").unwrap();
    let Office { service, dir } = office;
    let (clock, now) = (service.clock().now(), service.config().clone());
    drop(service);
    let mut config = now;
    config.mail.smtp.as_mut().unwrap().port = Some(server.port);
    let clock = ServiceClock::Set(Mutex::new(clock.plus_ms(60 * MINUTE)));
    let service =
        Service::open(config, "https://courier.example".into(), clock, entropy::from_seed(8)).unwrap();
    assert_eq!(service.send_mails().unwrap(), 1);
    assert_eq!(server.told(), ["olga@customers.example"]);
    drop(dir);
}
