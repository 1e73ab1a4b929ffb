//! An app that may be frozen: nothing is held while it is, nothing is lost by it.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use courier_domain::{Command, StopId};
use courier_engine::{Courier, CourierError, SyncReport};

use crate::backend::ENROLMENT;
use crate::served::{Phone, Served, published, serve};
use crate::world::{hand_over_plain, stop};

const LONG: u64 = 600_000;

/// A phone with two facts that wait, at a server.
fn at_the_door() -> (Served, Phone, Courier) {
    let served = serve(published());
    let phone = Phone::new(&served);
    let courier = phone.open();
    courier.enrol_blocking(ENROLMENT).unwrap();
    courier.sync_blocking(LONG).unwrap();
    courier.submit(Command::StartDay).unwrap();
    courier.submit(Command::Arrive { stop: stop("door-1") }).unwrap();
    (served, phone, courier)
}

/// Files of this process below `dir` that are open.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn open_files(dir: &Path) -> Vec<String> {
    let held = std::fs::read_dir("/proc/self/fd").unwrap();
    let links = held.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
    links.filter(|link| link.starts_with(dir)).map(|link| link.display().to_string()).collect()
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn logs(dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    names.filter(|name| name.ends_with("-wal") || name.ends_with("-shm")).collect()
}

fn assert_closed(courier: &Courier) {
    assert_eq!(courier.route(), Err(CourierError::Closed));
    assert_eq!(courier.stop(&StopId::new("door-1").unwrap()), Err(CourierError::Closed));
    assert_eq!(courier.submit(hand_over_plain()), Err(CourierError::Closed));
    assert_eq!(courier.sync_blocking(0), Err(CourierError::Closed));
    assert_eq!(courier.diagnostics(), Err(CourierError::Closed));
    assert_eq!(courier.enrol_blocking(ENROLMENT), Err(CourierError::Closed));
}

fn assert_each_fact_once(served: &Served, facts: usize) {
    let backend = served.backend.lock().unwrap();
    let seqs: Vec<_> = backend.chain().iter().map(|held| held.payload.seq).collect();
    assert_eq!(seqs, (1..=facts as u64).collect::<Vec<_>>());
}

#[test]
#[cfg(any(target_os = "linux", target_os = "android"))] // asks /proc
fn a_suspended_phone_holds_no_file_and_no_lock_and_answers_closed() {
    let (_served, phone, courier) = at_the_door();
    let data = phone.dir.path().join("data");
    assert!(!open_files(&data).is_empty() && !logs(&data).is_empty(), "this test looks in the wrong place");
    courier.suspend_blocking(0).unwrap();
    assert_eq!((open_files(&data), logs(&data)), (Vec::new(), Vec::new()));
    assert_closed(&courier);
    assert_eq!((open_files(&data), logs(&data)), (Vec::new(), Vec::new()), "a late call opened files");
    courier.resume_blocking().unwrap();
    assert!(!open_files(&data).is_empty());
    courier.shutdown();
    assert_eq!((open_files(&data), logs(&data)), (Vec::new(), Vec::new()));
}

#[test]
fn what_waits_is_handed_in_first_and_what_is_shown_afterwards_is_the_same() {
    let (served, _phone, courier) = at_the_door();
    let before = courier.stop(&stop("door-1")).unwrap();
    let report = courier.suspend_blocking(LONG).unwrap();
    assert_eq!(report, SyncReport { sent: 2, acked: 2, ..SyncReport::default() });
    assert_eq!(courier.suspend_blocking(LONG).unwrap(), report, "it was suspended already");
    courier.resume_blocking().unwrap();
    courier.resume_blocking().unwrap();
    assert_eq!(courier.stop(&stop("door-1")).unwrap(), before);
    courier.submit(hand_over_plain()).unwrap_err();
    courier.submit(Command::Scan { stop: stop("door-1"), barcode: "P-plain-0".into() }).unwrap();
    courier.submit(hand_over_plain()).unwrap();
    assert_eq!(courier.suspend_blocking(LONG).unwrap().acked, 1);
    assert_each_fact_once(&served, 3);
}

#[test]
fn a_server_that_is_silent_costs_no_more_than_the_deadline_and_no_fact() {
    let (served, phone, courier) = at_the_door();
    served.mute.store(true, Ordering::SeqCst);
    let courier = Arc::new(courier);
    let leaving = Arc::clone(&courier);
    let suspension = thread::spawn(move || leaving.suspend_blocking(1_000).unwrap());
    while !suspension.is_finished() {
        phone.tick(50);
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(suspension.join().unwrap(), SyncReport { sent: 2, pending: 2, ..SyncReport::default() });
    assert_closed(&courier);
    served.mute.store(false, Ordering::SeqCst);
    courier.resume_blocking().unwrap();
    assert_eq!(courier.sync_blocking(LONG).unwrap().acked, 2);
    assert_each_fact_once(&served, 2);
}

#[test]
fn a_suspension_in_the_middle_of_a_sync_ends_it_at_once_and_loses_nothing() {
    let (served, _phone, courier) = at_the_door();
    let courier = Arc::new(courier);
    for _ in 0..3 {
        served.mute.store(true, Ordering::SeqCst);
        let syncing = Arc::clone(&courier);
        let sync = thread::spawn(move || syncing.sync_blocking(LONG));
        while !courier.diagnostics().unwrap().lanes.iter().any(|lane| lane.in_flight) {
            thread::yield_now();
        }
        let report = courier.suspend_blocking(0).unwrap();
        assert_eq!((report.acked, report.pending), (0, 2));
        let given_up = sync.join().unwrap().unwrap();
        assert_eq!((given_up.acked, given_up.pending), (0, 2));
        served.mute.store(false, Ordering::SeqCst);
        courier.resume_blocking().unwrap();
    }
    assert_eq!(courier.sync_blocking(LONG).unwrap().acked, 2);
    assert_each_fact_once(&served, 2);
}

#[test]
fn the_earlier_of_two_deadlines_counts() {
    let (served, _phone, courier) = at_the_door();
    served.mute.store(true, Ordering::SeqCst);
    let courier = Arc::new(courier);
    let leaving = Arc::clone(&courier);
    let patient = thread::spawn(move || leaving.suspend_blocking(LONG).unwrap());
    while !courier.diagnostics().unwrap().lanes.iter().any(|lane| lane.in_flight) {
        thread::yield_now();
    }
    assert_eq!(courier.suspend_blocking(0).unwrap(), patient.join().unwrap());
    assert_closed(&courier);
}

#[test]
fn whoever_comes_back_before_it_is_closed_finds_it_open_and_commands_are_taken_till_then() {
    let (served, _phone, courier) = at_the_door();
    served.mute.store(true, Ordering::SeqCst);
    let courier = Arc::new(courier);
    let leaving = Arc::clone(&courier);
    let suspension = thread::spawn(move || leaving.suspend_blocking(LONG).unwrap());
    while !courier.diagnostics().unwrap().lanes.iter().any(|lane| lane.in_flight) {
        thread::yield_now();
    }
    courier.submit(Command::Arrive { stop: stop("door-2") }).unwrap();
    courier.resume_blocking().unwrap();
    assert_eq!(suspension.join().unwrap().pending, 3);
    assert_eq!(courier.diagnostics().unwrap().pending, 3);
}

#[test]
fn observers_stay_over_a_suspension_and_are_told_of_its_end() {
    let (_served, _phone, courier) = at_the_door();
    let (told, revisions) = mpsc::channel();
    let _subscription = courier.observe(move |revision| {
        let _ = told.send(revision);
    });
    let before = courier.submit(Command::Arrive { stop: stop("door-2") }).unwrap().revision;
    courier.suspend_blocking(LONG).unwrap();
    courier.resume_blocking().unwrap();
    let after = courier.submit(Command::CheckLoad { barcodes: Vec::new() }).unwrap().revision;
    assert!(after > before, "revision {after} came after {before}");
    let mut newest = 0;
    while newest < after {
        let revision = revisions.recv_timeout(Duration::from_secs(10)).unwrap();
        assert!(revision > newest, "{revision} was told after {newest}");
        newest = revision;
    }
}

#[test]
fn a_phone_that_cannot_be_resumed_yet_stays_suspended_until_it_can() {
    let (_served, phone, courier) = at_the_door();
    courier.suspend_blocking(0).unwrap();
    let data = phone.dir.path().join("data");
    let aside = phone.dir.path().join("aside");
    std::fs::rename(&data, &aside).unwrap();
    std::fs::write(&data, b"not a folder").unwrap();
    assert!(courier.resume_blocking().is_err());
    assert_closed(&courier);
    std::fs::remove_file(&data).unwrap();
    std::fs::rename(&aside, &data).unwrap();
    courier.resume_blocking().unwrap();
    assert_eq!(courier.diagnostics().unwrap().facts, 2);
}
