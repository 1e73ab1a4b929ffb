//! What README.md shows of the core in an own app: the lines between the marks are those of the page.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use courier_domain::{CodeEntry, Command, FactBody, ReceiverDetails};
use courier_engine::{CommandResult, Config, Courier, CourierError, Ports};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use crate::backend::ENROLMENT;
use crate::served::{Served, serve};
use crate::world::World;

fn deliver(
    folder: &Path,
    server: &str,
    ports: Ports,
    enrolment: &str,
    barcodes: Vec<String>,
    digits: &str,
    refresh: impl Fn() + Send + Sync + 'static,
) -> Result<CommandResult, CourierError> {
    // README: begin
    let courier = Courier::open(Config::new(folder, server), ports)?;
    let observed = courier.observe(move |_| refresh()); // only a signal: pull the view that is shown
    courier.enrol_blocking(enrolment)?; // once; the office gives the code
    courier.sync_blocking(10_000)?; // at most 10 s; the core also exchanges by itself
    courier.submit(Command::StartDay)?;

    let route = courier.route()?.ok_or(CourierError::NotFound)?;
    let stop = route.stops.first().ok_or(CourierError::NotFound)?.id.clone();
    courier.submit(Command::Arrive { stop: stop.clone() })?;
    for barcode in barcodes {
        courier.submit(Command::Scan { stop: stop.clone(), barcode })?;
    }
    let entry = CodeEntry::Digits(digits.into());
    let checked = courier.submit(Command::EnterCode { stop: stop.clone(), entry })?.result; // needs no network
    let doors = courier.stop(&stop)?.doors;
    if let CommandResult::CodeMatched { .. } = checked
        && let Some(door) = doors.iter().find(|door| door.code.is_some())
        && let Some(option) = door.options.iter().find(|option| option.allowed)
    {
        let (attempt, receiver) = (door.attempt.clone(), option.receiver);
        let details = ReceiverDetails { name: Some("Kaya".into()), ..ReceiverDetails::default() };
        courier.submit(Command::HandOver { attempt, parcels: Vec::new(), receiver, details })?;
    }
    drop(observed);
    courier.suspend_blocking(5_000)?; // sends what waits, then closes the files
    // README: end
    Ok(checked)
}

/// A server with a route whose first stop has a coded shipment of two parcels; its code, and six digits that do not fit.
fn served() -> (Served, String, String) {
    let world = World::new();
    let (right, wrong) = (world.right(), world.wrong());
    (serve(world.backend), right, wrong)
}

/// What the page's lines do at that server: what the entry came to, how often the screen was told, the server's facts.
fn lived(served: &Served, digits: &str) -> (CommandResult, usize, Vec<FactBody>) {
    let dir = tempfile::tempdir().unwrap();
    let ports = Ports::software(dir.path(), &mut ChaCha20Rng::seed_from_u64(1)).unwrap();
    let told = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&told);
    let refresh = move || {
        counted.fetch_add(1, Ordering::SeqCst);
    };
    let barcodes = vec!["P-coded-0".into(), "P-coded-1".into()];
    let folder = dir.path().join("data");
    let checked = deliver(&folder, &served.url, ports, ENROLMENT, barcodes, digits, refresh).unwrap();
    let facts = served.backend.lock().unwrap().chain().iter().map(|held| held.payload.body.clone()).collect();
    (checked, told.load(Ordering::SeqCst), facts)
}

fn handed_over(facts: &[FactBody]) -> usize {
    facts.iter().filter(|fact| matches!(fact, FactBody::HandedOver { .. })).count()
}

#[test]
fn what_the_readme_shows_delivers_a_parcel() {
    let (served, right, _) = served();
    let (checked, told, facts) = lived(&served, &right);
    assert!(matches!(checked, CommandResult::CodeMatched { .. }), "{checked:?}");
    assert!(told > 0, "the observer was told of nothing");
    assert_eq!(handed_over(&facts), 1);
}

#[test]
fn with_a_wrong_code_it_hands_nothing_over() {
    let (served, _, wrong) = served();
    let (checked, _, facts) = lived(&served, &wrong);
    assert!(matches!(checked, CommandResult::CodeWrong { tries_left: 4, .. }), "{checked:?}");
    assert!(facts.iter().any(|fact| matches!(fact, FactBody::CodeTried { .. })), "nothing was sent");
    assert_eq!(handed_over(&facts), 0);
}
