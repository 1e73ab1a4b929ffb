//! What a handover costs until it is durable, beside what SQLite, a signature and sealing take alone for the same
//! bytes, how long a start takes until the route can be shown and what memory, what a snapshot costs beside serde and SQLite
//! alone, and what a change of the route costs beside the bare search.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::path::Path;

use courier_domain::{
    Address, AttemptId, AttemptRef, CodeNeed, Command, FactId, Parcel, ParcelId, Pin, Receiver,
    ReceiverDetails, Route, RouteId, Shipment, ShipmentId, Stop, StopId, UnixMs,
};
use courier_engine::{CommandResult, HttpResponse, Machine, MachineConfig, Now, Planted, Ports, Step, Store};
use courier_protocol::{
    Changes, CourierInfo, EnrolAnswer, EvidenceKeyInfo, Object, ObjectKind, RouteOp, Scope, TokenAnswer,
    digest,
};
use courier_routing::travel::Pace;
use courier_routing::{Effort, Replan, replan};
use criterion::{BatchSize, Criterion, criterion_group};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

const STOPS: usize = 200;

fn now() -> Now {
    Now { wall: UnixMs(1_800_000_000_000), boot_ms: 10_000, boot: "bench".into() }
}

fn stop_id(n: usize) -> StopId {
    StopId::new(format!("stop-{n:03}")).unwrap()
}

/// Somewhere within about five kilometres.
fn pin(n: usize) -> Pin {
    let part = |factor: usize| f64::from(u16::try_from(n * factor % 1_000).unwrap());
    Pin { lat: 53.5 + part(7_919) / 20_000.0, lon: 10.0 + part(4_729) / 13_000.0 }
}

fn objects(stops: usize, parcels: usize) -> Vec<Object> {
    let route = Route {
        id: RouteId::new("route").unwrap(),
        day: "2027-01-15".parse().unwrap(),
        tz: "Europe/Berlin".into(),
        order: (0..stops).map(stop_id).collect(),
        fixed_first: None,
        fixed_last: None,
        policy: None,
    };
    let stop = |n| Stop {
        id: stop_id(n),
        address: Address {
            street: "Lindenallee".into(),
            house: n.to_string(),
            postcode: "20095".into(),
            city: "Hamburg".into(),
            country: "DE".into(),
        },
        flat: Some("3. OG links".into()),
        door_pin: pin(n),
        parking_pin: None,
        window: None,
        service_s: 120,
        access_notes: Some("Hof".into()),
        van_place: None,
    };
    let shipment = |n: usize| Shipment {
        id: ShipmentId::new(format!("shipment-{n:03}")).unwrap(),
        stop: stop_id(n),
        attempt: AttemptRef { id: AttemptId::new(format!("attempt-{n:03}")).unwrap(), no: 1 },
        recipient_name: "Ottilie Nachtigall".into(),
        recipient_phone: None,
        lang: "de".into(),
        sender_name: "Shop".into(),
        parcels: (0..parcels)
            .map(|p| Parcel {
                id: ParcelId::new(format!("parcel-{n}-{p}")).unwrap(),
                barcodes: vec![format!("P{n}-{p}")],
            })
            .collect(),
        instructions: Vec::new(),
        code: CodeNeed::None,
        tries_used: 0,
        tries: Vec::new(),
        budget: 5,
    };
    std::iter::once(Object::Route(route))
        .chain((0..stops).flat_map(|n| [Object::Stop(stop(n)), Object::Shipment(shipment(n))]))
        .collect()
}

/// A phone in the middle of its day; the server is a table of answers.
struct Phone {
    dir: tempfile::TempDir,
    ports: Ports,
}

impl Phone {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ports = Ports::software(dir.path(), &mut ChaCha20Rng::seed_from_u64(1)).unwrap();
        Self { dir, ports }
    }

    fn open(&self) -> Machine {
        open(self.dir.path(), &self.ports)
    }

    fn started(&self, stops: usize, parcels: usize) -> Machine {
        let mut machine = self.open();
        machine.enrol("ABCDE23456").unwrap();
        while let Step::Send(request) = machine.next(&now()) {
            machine.received(request.id, Ok(answer(&request.path, stops, parcels)), &now());
        }
        machine.command(Command::StartDay, &now()).unwrap();
        machine
    }
}

fn open(dir: &Path, ports: &Ports) -> Machine {
    let config = MachineConfig {
        server: "https://courier.example".into(),
        platform: "bench".into(),
        app: "bench".into(),
        poll_interval_ms: 60_000,
        planted: Planted::NONE,
    };
    let store = Store::open(&dir.join("data")).unwrap();
    let rng = Box::new(ChaCha20Rng::seed_from_u64(store.opens().unwrap()));
    Machine::open(config, store, ports.clone(), rng, &now()).unwrap()
}

fn answer(path: &str, stops: usize, parcels: usize) -> HttpResponse {
    let server_ms = UnixMs(1_800_000_000_000);
    let epoch = String::from("e");
    let body = match path {
        "/v1/enrol" => {
            let secret = courier_codes::EvidenceSecret::generate(&mut ChaCha20Rng::seed_from_u64(2));
            serde_json::to_vec(&EnrolAnswer {
                courier: CourierInfo { id: courier_domain::CourierId::new("c").unwrap(), name: "Kim".into() },
                evidence_keys: vec![EvidenceKeyInfo { x25519: secret.public().to_base64() }],
                epoch,
                server_ms,
            })
        }
        "/v1/token" => serde_json::to_vec(&TokenAnswer {
            access_token: "t".into(),
            expires_in: 3_600,
            scope: Scope::Full,
            cause: None,
            evidence_keys: Vec::new(),
            epoch,
            server_ms,
        }),
        path => {
            let objects = objects(stops, parcels);
            let mut ops: Vec<_> = objects.iter().map(|object| RouteOp::put(object, 1).unwrap()).collect();
            let mut live: Vec<_> = ops.iter().map(|op| (op.kind.as_str(), op.id.as_str(), op.rev)).collect();
            if path.contains("cursor") {
                // The last stop is cancelled.
                let last = stop_id(stops - 1);
                live.retain(|(_, id, _)| *id != last.as_str());
                let digest = digest(live);
                ops = vec![RouteOp::gone(ObjectKind::Stop, last.as_str(), 2, "cancelled")];
                return changes(serde_json::to_vec(&Changes {
                    epoch,
                    server_ms,
                    cursor: "2".into(),
                    more: false,
                    ops,
                    digest: Some(digest),
                }));
            }
            let digest = digest(live);
            serde_json::to_vec(&Changes {
                epoch,
                server_ms,
                cursor: "1".into(),
                more: false,
                ops,
                digest: Some(digest),
            })
        }
    };
    changes(body)
}

fn changes(body: serde_json::Result<Vec<u8>>) -> HttpResponse {
    HttpResponse {
        status: 200,
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.unwrap(),
    }
}

fn hand_over(stop: usize) -> Command {
    Command::HandOver {
        attempt: AttemptId::new(format!("attempt-{stop:03}")).unwrap(),
        parcels: vec![ParcelId::new(format!("parcel-{stop}-0")).unwrap()],
        receiver: Receiver::Household,
        details: ReceiverDetails { name: Some("Kim Nachtigall".into()), ..ReceiverDetails::default() },
    }
}

/// The fact of a handover that is recorded now.
fn handed_over(machine: &mut Machine, stop: usize) -> FactId {
    let receipt = machine.command(hand_over(stop), &now()).unwrap();
    let CommandResult::Done { fact: Some(fact) } = receipt.result else { panic!("no handover") };
    fact
}

/// The bytes of one handover's row, written by SQLite alone under the same settings.
fn bare(dir: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(dir.join("bare.db")).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
         CREATE TABLE fact (inc INTEGER NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE,
         hash TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, jws TEXT NOT NULL, private BLOB,
         PRIMARY KEY (inc, seq)) STRICT, WITHOUT ROWID;",
        )
        .unwrap();
    connection
}

fn handover(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("durable handover");
    let dir = tempfile::tempdir().unwrap();
    let connection = bare(dir.path());
    let mut seq = 0i64;
    group.bench_function("SQLite alone, the same bytes", |bencher| {
        bencher.iter(|| {
            seq += 1;
            connection.execute_batch("BEGIN IMMEDIATE").unwrap();
            connection
                .prepare_cached("INSERT INTO fact VALUES (1, ?1, ?2, ?3, 'handed_over', ?4, ?5)")
                .unwrap()
                .execute(rusqlite::params![
                    seq,
                    format!("0197-{seq:032}"),
                    format!("{seq:043}"),
                    "x".repeat(1_100),
                    vec![7u8; 160]
                ])
                .unwrap();
            connection.execute_batch("COMMIT").unwrap();
        });
    });
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let key = courier_codes::SigningKey::generate(&mut rng);
    group.bench_function("signing alone, ES256", |bencher| {
        bencher.iter(|| courier_codes::sign_jws("courier-fact+jwt", &[b'x'; 700], &key).unwrap());
    });
    let key = courier_codes::RowKey::generate(&mut rng);
    group.bench_function("sealing alone", |bencher| {
        let aad = courier_codes::RowAad { table: "fact", id: "0197", rev: 1 };
        bencher.iter(|| key.seal(&mut rng, &aad, &[7; 120]).unwrap());
    });
    let phone = Phone::new();
    let mut machine = phone.started(1, 1);
    machine.command(Command::Scan { stop: stop_id(0), barcode: "P0-0".into() }, &now()).unwrap();
    let machine = std::cell::RefCell::new(machine);
    let last = std::cell::RefCell::new(None::<FactId>);
    group.bench_function("command to receipt", |bencher| {
        bencher.iter_batched(
            || {
                // One parcel, taken back outside the measured time and handed over again.
                if let Some(fact) = last.borrow_mut().take() {
                    machine.borrow_mut().command(Command::Withdraw { fact }, &now()).unwrap();
                }
            },
            |()| *last.borrow_mut() = Some(handed_over(&mut machine.borrow_mut(), 0)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// An answer as serde reads it without further ado.
#[derive(serde::Deserialize)]
struct BareChanges {
    ops: Vec<BareOp>,
}

#[derive(serde::Deserialize)]
struct BareOp {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    rev: u64,
    data: Option<serde_json::Value>,
}

/// A snapshot of a day, from the bytes of the answer until it is sealed and stored.
fn snapshot(criterion: &mut Criterion) {
    const PARCELS: usize = 2;
    let mut group = criterion.benchmark_group("snapshot");
    // The last has nearly as many objects as a phone takes.
    for stops in [STOPS, 2_000, 9_900] {
        group.sample_size(if stops == STOPS { 50 } else { 10 });
        let body = answer("/v1/route/changes", stops, PARCELS).body;
        group.bench_function(format!("{stops} stops, serde and SQLite alone"), |bencher| {
            bencher.iter_batched(
                || {
                    let dir = tempfile::tempdir().unwrap();
                    let connection = bare(dir.path());
                    connection
                        .execute_batch("CREATE TABLE object (type TEXT, id TEXT, rev INTEGER, data BLOB, PRIMARY KEY (type, id)) STRICT, WITHOUT ROWID")
                        .unwrap();
                    (dir, connection)
                },
                |(dir, connection)| {
                    let changes: BareChanges = serde_json::from_slice(&body).unwrap();
                    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
                    let mut insert =
                        connection.prepare("INSERT INTO object VALUES (?1, ?2, ?3, ?4)").unwrap();
                    for op in &changes.ops {
                        let data = serde_json::to_vec(&op.data).unwrap();
                        insert.execute(rusqlite::params![op.kind, op.id, op.rev, data]).unwrap();
                    }
                    drop(insert);
                    connection.execute_batch("COMMIT").unwrap();
                    (dir, connection)
                },
                BatchSize::PerIteration,
            );
        });
        group.bench_function(format!("{stops} stops, sealed and stored"), |bencher| {
            bencher.iter_batched(
                || {
                    let phone = Phone::new();
                    let mut machine = phone.open();
                    machine.enrol("ABCDE23456").unwrap();
                    let request = loop {
                        let Step::Send(request) = machine.next(&now()) else { panic!("no route asked for") };
                        if request.path.starts_with("/v1/route/changes") {
                            break request;
                        }
                        machine.received(request.id, Ok(answer(&request.path, stops, PARCELS)), &now());
                    };
                    (phone, machine, request.id, changes(Ok(body.clone())))
                },
                |(phone, mut machine, id, answer)| {
                    machine.received(id, Ok(answer), &now());
                    assert!(machine.state().route().is_some(), "the snapshot was not taken");
                    (phone, machine)
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// KiB of a process that has opened the phone of this folder and shown its whole day; of one that has done nothing, where
/// there is none.
fn memory_with(data: Option<&Path>) -> u64 {
    let mut process = std::process::Command::new(std::env::current_exe().unwrap());
    process.env(SHOW, data.unwrap_or(Path::new("")));
    let said = process.output().unwrap().stdout;
    String::from_utf8(said).unwrap().trim().parse().unwrap()
}

/// The folder of the phone that this process is to show, if it is not to measure.
const SHOW: &str = "COURIER_BENCH_SHOW";

fn show_and_tell_memory(data: &std::ffi::OsStr) {
    let machine = (!data.is_empty()).then(|| {
        let dir = Path::new(data);
        let ports = Ports::software(dir, &mut ChaCha20Rng::seed_from_u64(1)).unwrap();
        let machine = open(dir, &ports);
        let route = machine.route_view(&now()).unwrap();
        for stop in &route.stops {
            black_box(machine.stop_view(&stop.id, &now()).unwrap());
        }
        (machine, route)
    });
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    println!("{}", line.trim().trim_end_matches(" kB"));
    drop(machine);
}

fn cold_start(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cold start to the route of 200 stops");
    let phone = Phone::new();
    let mut machine = phone.started(STOPS, 1);
    let mut measure = |machine: Machine, name: &str| {
        drop(machine);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let machine = phone.open();
                black_box(machine.route_view(&now()).unwrap());
            });
        });
        phone.open()
    };
    machine = measure(machine, "in the morning");
    for n in 0..STOPS {
        machine.command(Command::Arrive { stop: stop_id(n) }, &now()).unwrap();
        machine.command(Command::Scan { stop: stop_id(n), barcode: format!("P{n}-0") }, &now()).unwrap();
        let fact = handed_over(&mut machine, n);
        if n % 2 == 0 {
            machine.command(Command::Withdraw { fact }, &now()).unwrap();
            handed_over(&mut machine, n);
        }
    }
    machine = measure(machine, "in the evening, 601 facts");
    assert_eq!(machine.pending().unwrap(), 601);
    drop(machine);
    group.finish();
    let (full, idle) = (memory_with(Some(phone.dir.path())), memory_with(None));
    println!("memory of a process that shows this day {full} KiB, of one that does nothing {idle} KiB");
}

/// One event with 100 stops left: the office cancels one.
fn plan(criterion: &mut Criterion) {
    const LEFT: usize = 100;
    let mut group = criterion.benchmark_group("one event, 100 stops left");
    let points: Vec<_> = (0..LEFT)
        .map(pin)
        .map(|pin| courier_routing::geo::Point::from_degrees(pin.lat, pin.lon).unwrap())
        .collect();
    let travel = courier_routing::travel::travel_times(&points, &Pace::default(), |_, _| None);
    let stop = courier_routing::Stop { service_s: 120, ..courier_routing::Stop::default() };
    let problem = courier_routing::Problem {
        travel,
        surcharge: None,
        stops: vec![stop; LEFT],
        start: courier_routing::Start { at: 1_800_000_000, stop: None },
        finish: courier_routing::Finish::Anywhere,
        zone_change_s: 0,
    };
    let mine: Vec<usize> = (0..LEFT).collect();
    group.bench_function("replan alone, times between stops known", |bencher| {
        bencher.iter(|| {
            let wanted = Replan {
                mine: &mine,
                loose: &[],
                locked: 1,
                keep: courier_routing::KeepOrder::Normal,
                effort: Effort::event(),
                guard: None,
            };
            black_box(replan(&problem, wanted).unwrap())
        });
    });
    let phone = Phone::new();
    let mut machine = phone.started(LEFT + 1, 1);
    let mut then = now();
    machine.think(&then);
    machine.sync_now();
    while let Step::Send(request) = machine.next(&then) {
        machine.received(request.id, Ok(answer(&request.path, LEFT + 1, 1)), &then);
    }
    let search = machine.think(&then).unwrap();
    group.bench_function("search on its own thread, times between stops reckoned", |bencher| {
        bencher.iter(|| black_box(search.clone().run()));
    });
    machine.found(search.run());
    assert!(machine.route_view(&then).unwrap().proposal.is_some());
    group.bench_function("look at the plan, on the thread that answers", |bencher| {
        bencher.iter(|| {
            then.boot_ms += 31_000;
            black_box(machine.think(&then).is_some())
        });
    });
    group.finish();
}

criterion_group!(benches, handover, cold_start, snapshot, plan);

fn main() {
    if let Some(data) = std::env::var_os(SHOW) {
        show_and_tell_memory(&data);
        return;
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
