//! What a door costs in the core, without store and signature: a decision with the views that a shell draws after it, beside
//! copying these views alone; and a scan among the barcodes of a full van, beside a lookup among the same texts alone.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::hint::black_box;

use courier_domain::{
    Address, At, AttemptId, AttemptRef, Base64Url, CodeNeed, Command, Context, DayState, Decision, FactBody,
    FactId, FactPayload, InstallId, Instruction, InstructionId, InstructionKind, Jwk, Origin, Parcel,
    ParcelId, Pin, Receiver, ReceiverDetails, Route, RouteId, RouteRef, Shipment, ShipmentId, Stop, StopId,
    UnixMs, decide, route_view, stop_view,
};
use criterion::{Criterion, criterion_group, criterion_main};

/// Of the stop that is looked at.
const PARCELS: usize = 50;
const INSTRUCTIONS: usize = 30;
/// On a route of so many stops.
const BARCODES: usize = 20_000;
const STOPS: usize = 200;
const NOW: i64 = 1_800_000_000_000;

fn stop_id(no: usize) -> StopId {
    StopId::new(format!("stop-{no}")).unwrap()
}

fn stop(no: usize) -> Stop {
    Stop {
        id: stop_id(no),
        address: Address {
            street: "Unter den Linden".into(),
            house: no.to_string(),
            postcode: "10117".into(),
            city: "Berlin".into(),
            country: "DE".into(),
        },
        flat: None,
        door_pin: Pin { lat: 52.517, lon: 13.391 },
        parking_pin: None,
        window: None,
        service_s: 120,
        access_notes: None,
        van_place: None,
    }
}

fn shipment(no: usize, parcels: usize, instructions: usize) -> Shipment {
    let parcel = |at| Parcel {
        id: ParcelId::new(format!("parcel-{no}-{at}")).unwrap(),
        barcodes: vec![format!("LABEL-{no}-{at}")],
    };
    let given = |at: usize| Instruction {
        id: InstructionId::new(format!("i{at}")).unwrap(),
        origin: if at.is_multiple_of(2) { Origin::Recipient } else { Origin::Sender },
        kind: match at % 3 {
            0 => InstructionKind::Neighbour { name: format!("Neighbour {at}"), flat: Some(at.to_string()) },
            1 => InstructionKind::NotNeighbour { name: format!("Excluded {at}") },
            _ => InstructionKind::Note { text: "ring twice".into() },
        },
        rev: 1,
    };
    Shipment {
        id: ShipmentId::new(format!("shipment-{no}")).unwrap(),
        stop: stop_id(no),
        attempt: AttemptRef { id: AttemptId::new(format!("attempt-{no}")).unwrap(), no: 1 },
        recipient_name: format!("Recipient {no}"),
        recipient_phone: None,
        lang: "de".into(),
        sender_name: "Feinwerk".into(),
        parcels: (0..parcels).map(parcel).collect(),
        instructions: (0..instructions).map(given).collect(),
        code: CodeNeed::None,
        tries_used: 0,
        tries: Vec::new(),
        budget: 5,
    }
}

fn at() -> At {
    At {
        wall: UnixMs(NOW),
        boot_ms: 1,
        boot: "boot".into(),
        server_ms: Some(UnixMs(NOW)),
        plus_minus_ms: Some(50),
    }
}

/// A day that has begun, with one stop of its own kind, and others with so many parcels each.
fn day(parcels: usize, instructions: usize, (others, each): (usize, usize)) -> DayState {
    let mut state = DayState::of(InstallId::new("install").unwrap());
    let route = RouteId::new("route").unwrap();
    state.put_route(
        1,
        Route {
            id: route.clone(),
            day: "2027-01-15".parse().unwrap(),
            tz: "Europe/Berlin".into(),
            order: (0..=others).map(stop_id).collect(),
            fixed_first: None,
            fixed_last: None,
            policy: None,
        },
    );
    for no in 0..=others {
        state.put_stop(1, stop(no));
        state.put_shipment(
            1,
            if no == 0 { shipment(0, parcels, instructions) } else { shipment(no, each, 0) },
        );
    }
    let zero = Base64Url::new("AAAA").unwrap();
    state.record(&FactPayload {
        v: 1,
        id: FactId::new("fact-1").unwrap(),
        install: InstallId::new("install").unwrap(),
        inc: 1,
        seq: 1,
        prev: None,
        at: at(),
        route: Some(RouteRef { id: route, rev: 1 }),
        stop: None,
        stop_rev: None,
        private: None,
        body: FactBody::DayStarted {
            day_jwk: Jwk { kty: "EC".into(), crv: "P-256".into(), x: zero.clone(), y: zero },
        },
    });
    state
}

fn door(criterion: &mut Criterion) {
    let mut group =
        criterion.benchmark_group("a stop with 50 parcels and 30 instructions, on a day of 151 stops");
    let context = Context { at: at() };
    let mut state = day(PARCELS, INSTRUCTIONS, (150, 2));
    for at in 0..PARCELS {
        let scan = Command::Scan { stop: stop_id(0), barcode: format!("LABEL-0-{at}") };
        let Decision::SaveDraft { stop, draft, .. } = decide(&state, &scan, &context).unwrap() else {
            panic!("it was not scanned")
        };
        state.set_draft(&stop, draft);
    }
    let hand_over = Command::HandOver {
        attempt: AttemptId::new("attempt-0").unwrap(),
        parcels: Vec::new(),
        receiver: Receiver::Household,
        details: ReceiverDetails { name: Some("Ada".into()), ..ReceiverDetails::default() },
    };
    let stop_seen = || stop_view(&state, &stop_id(0), &context.at).unwrap();
    let day_seen = || route_view(&state, &context.at).unwrap();
    let decided = || decide(&state, &hand_over, &context).unwrap();
    let views = (stop_seen(), day_seen());
    group.bench_function("copying the views alone", |bencher| bencher.iter(|| black_box(views.clone())));
    group.bench_function("decide", |bencher| bencher.iter(|| black_box(decided())));
    group.bench_function("view of the stop", |bencher| bencher.iter(|| black_box(stop_seen())));
    group.bench_function("view of the day", |bencher| bencher.iter(|| black_box(day_seen())));
    group.bench_function("decide and both views", |bencher| {
        bencher.iter(|| black_box((decided(), stop_seen(), day_seen())));
    });
    group.finish();
}

fn scan(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a scan among 20,000 barcodes on 200 stops");
    let context = Context { at: at() };
    let each = BARCODES / STOPS;
    let van = day(each, 0, (STOPS - 1, each));
    let labels: BTreeMap<_, _> = (0..STOPS)
        .flat_map(|stop| (0..each).map(move |at| (format!("LABEL-{stop}-{at}"), (stop, at))))
        .collect();
    assert_eq!(labels.len(), BARCODES);
    let wanted = String::from("LABEL-150-1");
    group.bench_function("a lookup alone, in a tree of the same texts", |bencher| {
        bencher.iter(|| black_box(labels.get(black_box(&wanted))));
    });
    for (name, barcode) in [
        ("of this stop", "LABEL-0-1"),
        ("of another stop", "LABEL-150-1"),
        ("of no stop", "106141412345678908"),
    ] {
        let command = Command::Scan { stop: stop_id(0), barcode: barcode.into() };
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(decide(&van, black_box(&command), &context).unwrap()));
        });
    }
    group.finish();
}

criterion_group!(benches, door, scan);
criterion_main!(benches);
