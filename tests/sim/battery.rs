//! What the radio of a phone has to do on a day: how often it is woken and how much it carries, lane by lane.
//!
//! A wake-up is a request that follows no other within [`TAIL_MS`]: so long a radio stays on by itself after it was used
//! (3GPP TS 36.331 lets the network choose; 10 s is what is common with LTE).

use std::collections::BTreeMap;

use courier_domain::{CodeEntry, Command, Receiver, ReceiverDetails, route_view, stop_view};
use courier_engine::Step;
use tempfile::TempDir;

use crate::network::{Fate, Network, path_of};
use crate::phone::Phone;
use crate::server::Server;

const TAIL_MS: u64 = 10_000;
/// Eight hours on the road.
const DAY_MS: u64 = 8 * 3_600_000;
/// The machine is asked this often.
const LOOK_MS: u64 = 1_000;
const RECEIVER: &str = "Ottilie Nachtigall";

#[derive(Debug, Clone, Copy, Default)]
struct Lane {
    requests: u64,
    wake_ups: u64,
    up: u64,
    down: u64,
}

/// One phone, left alone with its own timers for a working day. Every shipment is handed over on the way.
fn day() -> BTreeMap<String, Lane> {
    let dir = TempDir::new().unwrap();
    let backend = dir.path().join("backend");
    std::fs::create_dir_all(&backend).unwrap();
    let mut server = Server::new(&backend, courier_backend::planted::Planted::default());
    let mut phone = Phone::new(&dir.path().join("phone"), 1, 0, courier_engine::Planted::NONE);
    let mut network = Network::default();
    let code = server.service().add_enrolment(&server.couriers[0].clone()).unwrap();
    phone.machine().enrol(&code).unwrap();
    let (mut lanes, mut last): (BTreeMap<String, Lane>, Option<u64>) = (BTreeMap::new(), None);
    let mut began = 0;
    for second in 0..DAY_MS / LOOK_MS {
        if second == 60 {
            phone.command(Command::StartDay).unwrap();
            began = second;
        }
        if second > began && second % 3_000 == 0 {
            hand_over_next(&mut phone, &server);
        }
        loop {
            let now = phone.now.clone();
            let Step::Send(request) = phone.machine().next(&now) else { break };
            let before = network.traffic.get(&path_of(&request)).copied().unwrap_or_default();
            let (answer, _) = network.carry(&mut server, &request, Fate::Arrives);
            let _ = phone.machine().take_enrolment();
            phone.machine().received(request.id, answer.unwrap(), &now);
            let _ = phone.machine().take_enrolment();
            let after = network.traffic[&path_of(&request)];
            let lane = lanes.entry(path_of(&request)).or_default();
            lane.requests += 1;
            lane.up += after.up - before.up;
            lane.down += after.down - before.down;
            lane.wake_ups += u64::from(last.is_none_or(|last| now.boot_ms - last > TAIL_MS));
            last = Some(now.boot_ms);
        }
        phone.tick(LOOK_MS);
        server.tick(LOOK_MS);
    }
    assert_eq!(phone.machine().pending().unwrap(), 0);
    lanes
}

fn hand_over_next(phone: &mut Phone, server: &Server) {
    let at = phone.at();
    let Some(route) = route_view(phone.machine().state(), &at) else { return };
    for line in route.stops {
        let stop = stop_view(phone.machine().state(), &line.id, &at).unwrap();
        let Some(door) = stop.doors.iter().find(|door| door.undo.is_none()) else { continue };
        let _ = phone.command(Command::Arrive { stop: stop.id.clone() });
        for parcel in &door.parcels {
            let _ = phone.command(Command::Scan { stop: stop.id.clone(), barcode: parcel.barcode.clone() });
        }
        let (row, _) = server.service().find_shipment(Some("Feinwerk"), &door.recipient_name).unwrap();
        let token = server.service().tracking_token(&row).unwrap();
        if let Some(code) = server.service().tracking(&token).unwrap().code {
            let entry = CodeEntry::Digits(code.digits);
            phone.command(Command::EnterCode { stop: stop.id.clone(), entry }).unwrap();
        }
        let details = ReceiverDetails { name: Some(RECEIVER.into()), ..ReceiverDetails::default() };
        let (attempt, receiver) = (door.attempt.clone(), Receiver::Household);
        phone.command(Command::HandOver { attempt, parcels: Vec::new(), receiver, details }).unwrap();
        return;
    }
}

#[test]
fn a_poll_with_nothing_new_is_small_and_a_day_costs_what_its_timers_say() {
    let lanes = day();
    println!("| lane | requests | wake-ups | bytes up | bytes down |\n| --- | --- | --- | --- | --- |");
    for (path, lane) in &lanes {
        println!("| {path} | {} | {} | {} | {} |", lane.requests, lane.wake_ups, lane.up, lane.down);
    }
    let wake_ups: u64 = lanes.values().map(|lane| lane.wake_ups).sum();
    let polls = DAY_MS / 60_000;
    assert!(wake_ups <= polls + 20, "{wake_ups} wake-ups: something asks more often than once a minute");
    let route = lanes["/v1/route/changes"];
    // The first answer is the whole route; of the others most bring nothing.
    assert!(route.down < 60_000, "{} bytes of routes", route.down);
    assert!(lanes["/v1/token"].requests <= 9 + 1, "a token an hour is enough");
    assert!(lanes["/v1/facts"].requests <= 6 + 1, "facts are sent one by one");
}

#[test]
fn a_poll_with_nothing_new_has_no_body() {
    let dir = TempDir::new().unwrap();
    let mut server = Server::new(dir.path(), courier_backend::planted::Planted::default());
    let mut phone = Phone::new(&dir.path().join("phone"), 2, 0, courier_engine::Planted::NONE);
    let code = server.service().add_enrolment(&server.couriers[0].clone()).unwrap();
    phone.machine().enrol(&code).unwrap();
    let mut sizes = Vec::new();
    for _ in 0..20 {
        let now = phone.now.clone();
        while let Step::Send(request) = phone.machine().next(&now) {
            let answer = server.answer(&request);
            if request.path.starts_with("/v1/route/changes?cursor=") {
                sizes.push((answer.status, request.body.len() + answer.body.len()));
            }
            phone.machine().received(request.id, Ok(answer), &now);
            let _ = phone.machine().take_enrolment();
        }
        phone.tick(61_000);
        server.tick(61_000);
    }
    assert!(sizes.len() > 10, "{sizes:?}");
    assert!(sizes.iter().all(|size| *size == (204, 0)), "{sizes:?}");
}
