//! The façade over a real socket: threads, runtime, signals, shutdown.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use courier_domain::{Command, Rejection, StopId};
use courier_engine::{CommandResult, Config, Courier, CourierError, InvalidInput, Ports, SyncProblem};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use crate::backend::ENROLMENT;
use crate::served::{Phone, published, serve};
use crate::world::stop;

/// What the server holds after a short day: hash and private part of every fact.
fn short_day() -> BTreeMap<String, Option<String>> {
    let served = serve(published());
    let phone = Phone::new(&served);
    let courier = phone.open();
    courier.enrol_blocking(ENROLMENT).unwrap();
    assert_eq!(courier.sync_blocking(5_000).unwrap().error, None);
    courier.submit(Command::StartDay).unwrap();
    phone.tick(1_000);
    courier.submit(Command::Arrive { stop: stop("door-1") }).unwrap();
    courier.submit(Command::Scan { stop: stop("door-1"), barcode: "P-plain-0".into() }).unwrap();
    courier.submit(crate::world::hand_over_plain()).unwrap();
    courier.shutdown();
    let courier = phone.open();
    courier.submit(Command::Arrive { stop: stop("door-2") }).unwrap();
    let report = courier.sync_blocking(5_000).unwrap();
    assert_eq!((report.sent, report.acked, report.pending, report.offline), (4, 4, 0, false));
    courier.shutdown();
    let backend = served.backend.lock().unwrap();
    backend.stored.iter().map(|(hash, held)| (hash.clone(), held.private.clone())).collect()
}

#[test]
fn two_days_of_one_seed_are_the_same_byte_by_byte() {
    let day = short_day();
    assert_eq!(day.len(), 4);
    assert_eq!(day, short_day());
}

#[test]
fn everything_works_before_the_server_is_there_except_what_needs_it() {
    let served = serve(published());
    let mut phone = Phone::new(&served);
    phone.server = "http://127.0.0.1:9".into();
    let courier = phone.open();
    assert_eq!(
        courier.enrol_blocking("short"),
        Err(CourierError::InvalidInput { what: InvalidInput::EnrolmentCode })
    );
    assert_eq!(courier.enrol_blocking(ENROLMENT), Err(CourierError::Offline));
    assert_eq!(courier.route(), Ok(None));
    assert_eq!(courier.stop(&StopId::new("x").unwrap()), Err(CourierError::NotFound));
    assert_eq!(courier.submit(Command::StartDay), Err(CourierError::Rejected { reason: Rejection::NoRoute }));
    assert_eq!(courier.sync_blocking(100).unwrap().error, Some(SyncProblem::NotEnrolled));
    assert_eq!(courier.diagnostics().unwrap().facts, 0);
}

#[test]
fn a_wrong_server_or_certificate_is_told_at_the_door() {
    let served = serve(published());
    let phone = Phone::new(&served);
    let ports = Ports::software(phone.dir.path(), &mut ChaCha20Rng::seed_from_u64(1)).unwrap();
    let mut config = Config::new(phone.dir.path().join("data"), "http://courier.example");
    let refused = Courier::open(config.clone(), ports.clone()).err();
    assert_eq!(refused, Some(CourierError::InvalidInput { what: InvalidInput::ServerUrl }));
    config.server = "https://courier.example".into();
    config.operator_ca_pem = Some("nonsense".into());
    let refused = Courier::open(config.clone(), ports.clone()).err();
    assert_eq!(refused, Some(CourierError::InvalidInput { what: InvalidInput::Certificate }));
    config.operator_ca_pem = None;
    Courier::open(config, ports).unwrap().shutdown();
}

#[test]
fn what_is_committed_is_sent_by_itself_and_observers_are_told() {
    let served = serve(published());
    let mut phone = Phone::new(&served);
    phone.auto_sync = true;
    let courier = phone.open();
    let (told, revisions) = mpsc::channel();
    let subscription = courier.observe(move |revision| {
        let _ = told.send(revision);
    });
    courier.enrol_blocking(ENROLMENT).unwrap();
    let wait = Duration::from_secs(10);
    while courier.route().unwrap().is_none() {
        revisions.recv_timeout(wait).unwrap();
    }
    let receipt = courier.submit(Command::StartDay).unwrap();
    assert!(matches!(receipt.result, CommandResult::Done { fact: Some(_) }));
    while courier.diagnostics().unwrap().pending > 0 {
        assert!(revisions.recv_timeout(wait).unwrap() > 0);
    }
    drop(subscription);
    courier.shutdown();
    assert_eq!(courier.submit(Command::StartDay), Err(CourierError::Closed));
    assert_eq!(courier.route(), Err(CourierError::Closed));
    courier.shutdown();
}

#[test]
fn an_observer_that_another_one_ended_is_not_told() {
    let served = serve(published());
    let phone = Phone::new(&served);
    let courier = phone.open();
    let (told, revisions) = mpsc::channel();
    let second = Arc::new(Mutex::new(None));
    let mut held = second.lock().unwrap(); // the first call waits until both are there
    let ending = Arc::clone(&second);
    let _first = courier.observe(move |revision| {
        drop(ending.lock().unwrap().take());
        let _ = told.send(revision);
    });
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    *held = Some(courier.observe(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
    }));
    drop(held);
    courier.enrol_blocking(ENROLMENT).unwrap();
    revisions.recv_timeout(Duration::from_secs(10)).unwrap();
    courier.shutdown();
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[test]
fn a_silent_server_costs_no_more_than_the_budget_and_no_command_waits_for_it() {
    let served = serve(published());
    let phone = Phone::new(&served);
    let courier = phone.open();
    courier.enrol_blocking(ENROLMENT).unwrap();
    courier.sync_blocking(5_000).unwrap();
    served.mute.store(true, Ordering::SeqCst);
    courier.submit(Command::StartDay).unwrap();
    let courier = Arc::new(courier);
    let (syncing, began) = (Arc::clone(&courier), std::time::Instant::now());
    let sync = std::thread::spawn(move || syncing.sync_blocking(200).unwrap());
    courier.submit(Command::Arrive { stop: stop("door-1") }).unwrap();
    assert!(began.elapsed() < Duration::from_secs(2), "a command waited for the network");
    while !sync.is_finished() {
        phone.tick(50);
        std::thread::sleep(Duration::from_millis(5));
    }
    let report = sync.join().unwrap();
    assert_eq!((report.acked, report.pending), (0, 2));
    courier.shutdown();
    assert!(began.elapsed() < Duration::from_secs(5), "the shutdown waited for the network");
}

#[test]
fn a_fault_of_the_program_is_an_error_and_not_the_end() {
    let served = serve(published());
    let phone = Phone::new(&served);
    let courier = phone.open();
    courier.enrol_blocking(ENROLMENT).unwrap();
    courier.sync_blocking(5_000).unwrap();
    *phone.events.kill_at.lock().unwrap() = Some("fact-recorded");
    let failed = courier.submit(Command::StartDay);
    assert!(matches!(failed, Err(CourierError::Internal { .. })), "{failed:?}");
    *phone.events.kill_at.lock().unwrap() = None;
    let again = courier.submit(Command::StartDay).unwrap();
    assert_eq!(again.result, CommandResult::Done { fact: None }, "what was committed was forgotten");
}

#[test]
fn the_async_forms_do_the_same() {
    let served = serve(published());
    let phone = Phone::new(&served);
    let courier = phone.open();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(async {
        courier.enrol(ENROLMENT).await.unwrap();
        courier.sync(5_000).await.unwrap();
        courier.submit_async(Command::StartDay).await.unwrap();
        assert_eq!(courier.sync(5_000).await.unwrap().acked, 1);
    });
}
