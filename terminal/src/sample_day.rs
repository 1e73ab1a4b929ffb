//! Days for tests of what is drawn.

use courier_domain::{
    Address, At, AttemptId, AttemptRef, CodeNeed, DayState, Instruction, InstructionId, InstructionKind,
    Origin, Parcel, ParcelId, Pin, Route, RouteId, Shipment, ShipmentId, Stop, StopId, TimeWindow, UnixMs,
};

/// Names that tear a screen which counts bytes or characters instead of cells.
pub(crate) const NAMES: [&str; 5] = [
    "Berger",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft, Abteilung Poststelle und Annahme im Hof",
    "محمد عبد الرحمن السيد",
    "Büro 🐘👩‍👩‍👧‍👦 Elefant",
    "\u{202e}rückwärts\u{1b}[2J\u{7}",
];

/// A moment on the phone.
pub(crate) fn at() -> At {
    At { wall: UnixMs(1_800_000_000_000), boot_ms: 1, boot: "b".into(), server_ms: None, plus_minus_ms: None }
}

/// The stop of this number.
pub(crate) fn stop_id(no: usize) -> StopId {
    StopId::new(format!("stop-{no}")).unwrap()
}

/// A route of `count` stops with one shipment of two parcels each; every fifth name is a hard one.
pub(crate) fn day(count: usize) -> DayState {
    let mut state = DayState::new();
    let order: Vec<_> = (1..=count).map(stop_id).collect();
    for (at, id) in order.iter().enumerate() {
        let no = u32::try_from(at).unwrap();
        state.put_stop(
            1,
            Stop {
                id: id.clone(),
                address: Address {
                    street: "Breite Straße".into(),
                    house: (at + 1).to_string(),
                    postcode: "10178".into(),
                    city: "Berlin".into(),
                    country: "DE".into(),
                },
                flat: None,
                door_pin: Pin {
                    lat: 52.5 + f64::from(no % 14) / 100.0,
                    lon: 13.3 + f64::from(no / 14) / 100.0,
                },
                parking_pin: None,
                window: (at % 3 == 0)
                    .then_some(TimeWindow { from: UnixMs(1_800_000_000_000), to: UnixMs(1_800_003_600_000) }),
                service_s: 60,
                access_notes: Some("through the yard".into()),
                van_place: Some("shelf 3".into()),
            },
        );
        state.put_shipment(
            1,
            Shipment {
                id: ShipmentId::new(format!("shipment-{}", at + 1)).unwrap(),
                stop: id.clone(),
                attempt: AttemptRef { id: AttemptId::new(format!("attempt-{}", at + 1)).unwrap(), no: 1 },
                recipient_name: NAMES[at % NAMES.len()].into(),
                recipient_phone: None,
                lang: "de".into(),
                sender_name: "Feinwerk".into(),
                parcels: [1, 2].map(|no| parcel(at + 1, no)).to_vec(),
                instructions: vec![Instruction {
                    id: InstructionId::new("i").unwrap(),
                    origin: Origin::Recipient,
                    kind: InstructionKind::Neighbour { name: "Huber".into(), flat: Some("2nd floor".into()) },
                    rev: 1,
                }],
                code: CodeNeed::None,
                tries_used: 0,
                tries: Vec::new(),
                budget: 5,
            },
        );
    }
    let route = Route {
        id: RouteId::new("route").unwrap(),
        day: "2027-01-15".parse().unwrap(),
        tz: "Europe/Berlin".into(),
        order,
        fixed_first: None,
        fixed_last: None,
        policy: None,
    };
    state.put_route(1, route);
    state
}

/// A parcel of the shipment of a stop.
pub(crate) fn parcel(stop: usize, no: usize) -> Parcel {
    Parcel {
        id: ParcelId::new(format!("parcel-{stop}-{no}")).unwrap(),
        barcodes: vec![format!("LABEL-{stop}-{no}")],
    }
}
