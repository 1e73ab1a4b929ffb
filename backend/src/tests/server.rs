//! Several backends on one PostgreSQL server, and the way there.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use courier_domain::CourierId;
use serde_json::json;

use super::day::{CODED, Day, MORNING, PLAIN, TODAY, shipment};
use super::phone::{Phone, handed};
use crate::backup;
use crate::config::{Config, DatabaseConfig};
use crate::entropy::{self, ServiceClock};
use crate::error::ServiceError;
use crate::import::read_json;
use crate::keys::Keys;
use crate::service::Service;
use crate::storage::{Storage, Tx};

/// A schema of its own on the server that `tests/run.sh postgres` has started.
fn server(name: &Path) -> DatabaseConfig {
    let server = std::env::var("COURIER_TEST_SERVER").expect("COURIER_TEST_SERVER names no server");
    Storage::schema_for_test(&server, name).expect("the server does not answer")
}

fn on_server() -> Day {
    Day::changed(|config| config.database = Some(server(&config.data_dir)))
}

/// Another backend on the database of this one, with its keys and a folder of its own.
fn beside(day: &Day, dir: &Path) -> Result<Service, ServiceError> {
    let config = Config { data_dir: dir.to_owned(), ..day.service.config().clone() };
    let clock = ServiceClock::Set(Mutex::new(day.service.clock().now()));
    Service::open(config, "http://backend.example".into(), clock, entropy::from_seed(9))
}

fn beside_with_keys(day: &Day) -> (Service, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(day.dir.path().join("keys.json"), dir.path().join("keys.json")).unwrap();
    (beside(day, dir.path()).unwrap(), dir)
}

fn spooled(dir: &Path) -> Vec<String> {
    let files = std::fs::read_dir(dir.join("spool")).into_iter().flatten();
    files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|it| !it.starts_with('.'))
        .collect()
}

#[test]
#[ignore = "needs a server: tests/run.sh postgres"]
fn two_backends_on_one_database_are_one_to_everybody() {
    let day = on_server();
    let (other, dir) = beside_with_keys(&day);
    let import = |service: &Service, name: &str| {
        for n in 0..10 {
            let shipments = [shipment(&format!("{name}{n}"), if n % 2 == 0 { CODED } else { PLAIN }, 1)];
            let file = json!({"day": TODAY, "tz": "Europe/Berlin", "shipments": shipments}).to_string();
            assert_eq!(service.import(&read_json(file.as_bytes()).unwrap()).unwrap().created, 1);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| import(&day.service, "A"));
        scope.spawn(|| import(&other, "B"));
    });
    day.publish(TODAY);
    let ops = day.ops();
    assert_eq!(ops.iter().filter(|op| op.kind == "shipment").count(), 20);
    assert_eq!(other.changes(&day.courier, None).unwrap().unwrap().ops, ops);

    // Two phones hand in at once, each to a backend of its own; what one tells, the other one judges by.
    let mut phones = [Phone::nth(&day, 1), Phone::nth(&day, 2)];
    let [first, second] = &mut phones;
    thread::scope(|scope| {
        scope.spawn(|| (1..10).step_by(2).for_each(|n| hand_in(first, &day.service, &day, &format!("A{n}"))));
        scope.spawn(|| (1..10).step_by(2).for_each(|n| hand_in(second, &other, &day, &format!("B{n}"))));
    });
    let totals = serde_json::to_value(day.service.totals().unwrap()).unwrap();
    assert_eq!(totals, serde_json::to_value(other.totals().unwrap()).unwrap());
    assert_eq!(totals["parcels_handed"], 10);

    // Whatever is due is sent, and nothing by both.
    day.advance(24 * super::day::HOUR);
    assert!(other.clock().set(day.service.clock().now()));
    thread::scope(|scope| {
        scope.spawn(|| day.service.send_mails().unwrap());
        scope.spawn(|| other.send_mails().unwrap());
    });
    let mut sent = [spooled(day.dir.path()), spooled(dir.path())].concat();
    let count = sent.len();
    sent.sort_unstable();
    sent.dedup();
    assert_eq!(sent.len(), count, "a mail was sent by both");
    assert_eq!(day.service.sent_mails().unwrap().len(), count);
    assert!(count >= 20, "{count} mails");
}

/// What changes something is sent without waiting for its answer: a failure has to be heard all the same.
#[test]
#[ignore = "needs a server: tests/run.sh postgres"]
fn what_fails_unheard_fails_the_transaction_with_its_own_reason_and_nothing_of_it_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Storage::on_server(&server(dir.path()), &mut entropy::from_seed(1)).unwrap();
    let ada = CourierId::new("ada").unwrap();
    let names = |storage: &Storage| storage.look(|tx| tx.couriers_called("ada")).unwrap().len();
    let twice = |tx: &mut Tx<'_>| {
        tx.add_courier(&ada, "Ada")?;
        tx.add_courier(&ada, "Ada")
    };
    let errors = [
        storage.transact(twice).unwrap_err(),
        // Whoever asks in between hears of the first failure, not that everything fails after it.
        storage.transact(|tx| twice(tx).and_then(|()| tx.epoch())).unwrap_err(),
    ];
    for error in errors {
        assert!(error.to_string().contains("(23505)"), "{error}"); // unique_violation
        assert_eq!(names(&storage), 0);
    }
    storage.transact(|tx| tx.add_courier(&ada, "Ada")).unwrap();
    assert_eq!(names(&storage), 1);
    // More of them than may be on their way unheard, and the last one fails.
    let many = |tx: &mut Tx<'_>| {
        for n in 0..1_000 {
            tx.add_courier(&CourierId::new(format!("many-{n}")).unwrap(), "ada")?;
        }
        tx.add_courier(&ada, "Ada")
    };
    assert!(storage.transact(many).is_err());
    assert_eq!(names(&storage), 1);
}

#[test]
#[ignore = "needs a server: tests/run.sh postgres"]
fn a_mail_that_a_backend_died_with_is_sent_by_another_one_later() {
    let day = Day::changed(|config| {
        config.database = Some(server(&config.data_dir));
        config.mail.at_once = false;
    });
    let day = day.published(&[shipment("Coded", CODED, 1)]);
    let (other, dir) = beside_with_keys(&day);
    let (now, minute) = (other.clock().now(), 60_000);
    let taken = day.service.storage().transact(|tx| tx.claim_mails(now, 1, now.plus_ms(minute))).unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!((other.send_mails().unwrap(), other.totals().unwrap().mails_waiting), (0, 1));
    assert!(other.clock().set(now.plus_ms(minute)));
    assert_eq!(other.send_mails().unwrap(), 1);
    assert_eq!(spooled(dir.path()), [format!("{}.eml", taken[0].id)]);
}

fn hand_in(phone: &mut Phone, to: &Service, day: &Day, reference: &str) {
    let payload = phone.payload(handed(&day.attempt(reference), &day.parcels(reference), None));
    let item = phone.sign(&payload);
    assert_eq!(phone.send_to(to, vec![item]).results[0].flags, [""; 0]);
}

/// Ends every connection of whoever calls himself so, again and again, as a server that goes down does, until it is told that
/// it is over.
fn cut_connections(of: &str, is_over: &AtomicBool) {
    let server = std::env::var("COURIER_TEST_SERVER").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
        // Long enough for a handover to get through now and then.
        for pause in (30..90).step_by(7).cycle() {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            client.query(sql, &[&of]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        drop(client);
        connection.await.unwrap().unwrap();
    });
}

#[test]
#[ignore = "needs a server: tests/run.sh postgres"]
fn a_server_that_goes_away_in_the_middle_costs_no_fact_and_doubles_none() {
    const HANDOVERS: usize = 40;
    let name = "courier-cut";
    let day = Day::changed(|config| {
        let server = server(&config.data_dir);
        config.database =
            Some(DatabaseConfig { url: format!("{} application_name={name}", server.url), ..server });
    });
    let shipments: Vec<_> = (0..HANDOVERS).map(|n| shipment(&format!("P{n}"), PLAIN, 1)).collect();
    let day = day.published(&shipments);
    let mut phone = Phone::of(&day);
    let items: Vec<_> = (0..HANDOVERS)
        .map(|n| {
            let reference = format!("P{n}");
            let payload = phone.payload(handed(&day.attempt(&reference), &day.parcels(&reference), None));
            phone.sign(&payload)
        })
        .collect();
    let (is_over, mut cut) = (AtomicBool::new(false), 0);
    thread::scope(|scope| {
        scope.spawn(|| cut_connections(name, &is_over));
        for item in items {
            let request = phone.request(&day.service, vec![item]);
            let result = loop {
                match day.service.accept(&phone.from, &request, "echo") {
                    Ok(mut answer) => break answer.results.remove(0),
                    Err(ServiceError::Fault(_)) => cut += 1,
                    Err(refused) => panic!("{refused}"),
                }
            };
            assert_eq!(result.flags, [""; 0]);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(cut > 0, "nothing was cut");
    let totals = day.service.totals().unwrap();
    assert_eq!((totals.facts["handed_over"], totals.parcels_handed), (HANDOVERS as u64, HANDOVERS as u64));
}

#[test]
#[ignore = "needs a server: tests/run.sh postgres"]
fn a_backend_without_the_keys_of_its_database_does_not_start_and_makes_none() {
    let day = on_server();
    let dir = tempfile::tempdir().unwrap();
    assert!(beside(&day, dir.path()).is_err());
    assert!(!dir.path().join("keys.json").exists());
    Keys::load(&dir.path().join("keys.json"), &mut entropy::from_seed(10)).unwrap();
    let refusal = beside(&day, dir.path()).err().unwrap().to_string();
    assert!(refusal.contains("keys.json is not the one"), "{refusal}");
}

#[test]
#[ignore = "needs a server: tests/run.sh postgres"]
fn a_database_moves_to_a_server_with_everything_in_it_and_phones_go_on() {
    let day =
        Day::with(&[shipment("Coded", CODED, 2), shipment("Plain", PLAIN, 1), shipment("Other", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    hand_in(&mut phone, &day.service, &day, "Plain");
    let before =
        (day.ops(), serde_json::to_value(day.service.totals().unwrap()).unwrap(), day.digits("Coded"));
    let (epoch, mark) = (day.service.epoch().to_owned(), day.service.board_mark().unwrap());
    let Day { service, courier, dir } = day;
    let mut config = service.config().clone();
    drop(service);
    config.database = Some(server(dir.path()));
    let open = |config: Config| {
        let clock = ServiceClock::Set(Mutex::new(courier_domain::UnixMs(MORNING)));
        Service::open(config, "http://backend.example".into(), clock, entropy::from_seed(8))
    };
    let refusal = open(config.clone()).err().unwrap().to_string();
    assert!(refusal.contains("courier-backend move"), "{refusal}");

    assert!(backup::move_to_server(&config, entropy::from_seed(8)).unwrap() > 30);
    assert!(!dir.path().join("backend.db").exists() && dir.path().join("backend.db.moved").exists());
    let day = Day { service: open(config.clone()).unwrap(), courier, dir };
    let after =
        (day.ops(), serde_json::to_value(day.service.totals().unwrap()).unwrap(), day.digits("Coded"));
    assert_eq!(after, before);
    assert_eq!((day.service.epoch(), day.service.board_mark().unwrap()), (epoch.as_str(), mark));
    hand_in(&mut phone, &day.service, &day, "Other");
    assert_eq!(day.service.totals().unwrap().parcels_handed, 2);

    // Once more it would be over what came since.
    let embedded = day.dir.path().join("backend.db");
    std::fs::rename(day.dir.path().join("backend.db.moved"), &embedded).unwrap();
    assert!(backup::move_to_server(&config, entropy::from_seed(8)).is_err());
    assert!(embedded.exists());
    assert_eq!(day.service.totals().unwrap().parcels_handed, 2);
}
