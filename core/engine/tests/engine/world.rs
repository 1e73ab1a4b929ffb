//! A phone, a server and the time between them.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use courier_codes::{IssueSpec, Issued, issue};
use courier_domain::{
    Address, AttemptId, AttemptRef, CodeEntry, CodeId, CodeNeed, Command, KdfParams, Parcel, ParcelId, Pin,
    Receiver, ReceiverDetails, Rejection, Route, RouteId, Shipment, ShipmentId, Stop, StopId, UnixMs,
};
use courier_engine::ports::software::{FileStore, SoftwareKey};
use courier_engine::{
    Clock, CommandResult, Disk, EngineError, Level, Log, Machine, MachineConfig, NetError, Now, Planted,
    PortError, Ports, SecureStore, Step, Store,
};
use courier_protocol::Object;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use crate::backend::{Backend, ENROLMENT, SERVER};

pub(crate) const CHEAP: KdfParams = KdfParams { m: 8, t: 1, p: 1 };
pub(crate) const NAME: &str = "Ottilie Nachtigall";

/// Remembers events; on the word in `kill_at` it ends the app there, as a kill would.
#[derive(Default)]
pub(crate) struct Events {
    pub(crate) seen: Mutex<Vec<String>>,
    pub(crate) kill_at: Mutex<Option<&'static str>>,
}

impl Log for Events {
    fn event(&self, _level: Level, code: &str, ids: &[&str]) {
        self.seen.lock().unwrap().push(format!("{code} {}", ids.join(" ")));
        let kill = *self.kill_at.lock().unwrap() == Some(code);
        assert!(!kill, "killed at {code}");
    }
}

/// A clock that stands.
pub(crate) struct NoClock;

impl Clock for NoClock {
    fn wall_ms(&self) -> Result<i64, PortError> {
        Err(PortError::Failed)
    }
    fn boot_ms(&self) -> Result<u64, PortError> {
        Err(PortError::Failed)
    }
    fn boot_id(&self) -> Result<String, PortError> {
        Err(PortError::Failed)
    }
}

/// Hears of every secret that is stored, or destroyed.
pub(crate) type Watch = fn(&str, Option<&[u8]>);

/// A secure store that can be broken.
pub(crate) struct Breakable {
    pub(crate) files: FileStore,
    pub(crate) broken: AtomicBool,
    watch: Option<Watch>,
}

impl Breakable {
    fn check(&self) -> Result<(), PortError> {
        if self.broken.load(Ordering::SeqCst) { Err(PortError::Unavailable) } else { Ok(()) }
    }
}

impl SecureStore for Breakable {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PortError> {
        self.check()?;
        self.files.get(name)
    }
    fn put(&self, name: &str, secret: &[u8]) -> Result<(), PortError> {
        self.check()?;
        self.files.put(name, secret)?;
        self.watch.iter().for_each(|watch| watch(name, Some(secret)));
        Ok(())
    }
    fn delete(&self, name: &str) -> Result<(), PortError> {
        self.check()?;
        self.files.delete(name)?;
        self.watch.iter().for_each(|watch| watch(name, None));
        Ok(())
    }
}

pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) backend: Backend,
    pub(crate) machine: Option<Machine>,
    pub(crate) now: Now,
    pub(crate) events: Arc<Events>,
    pub(crate) secure: Arc<Breakable>,
    pub(crate) codes: Vec<Issued>,
    device: Arc<SoftwareKey>,
    /// The phone's own if there is no other.
    disk: Option<Arc<dyn Disk>>,
    opens: u64,
}

impl World {
    /// A phone out of the box, and a server with a route of two stops.
    ///
    /// `door-1` has a coded shipment of two parcels and one without a code, `door-2` one without.
    pub(crate) fn new() -> Self {
        Self::on(None, None)
    }

    /// The same on another disk; `watch` hears of the secrets.
    pub(crate) fn on(disk: Option<Arc<dyn Disk>>, watch: Option<Watch>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let files = FileStore::open(&dir.path().join("secure")).unwrap();
        let device = SoftwareKey::open(&files, &mut ChaCha20Rng::seed_from_u64(1)).unwrap();
        let mut world = Self {
            backend: Backend::new(),
            machine: None,
            now: Now { wall: UnixMs(1_800_000_003_000), boot_ms: 10_000, boot: "boot-1".into() },
            events: Arc::new(Events::default()),
            secure: Arc::new(Breakable { files, broken: AtomicBool::new(false), watch }),
            codes: Vec::new(),
            device: Arc::new(device),
            disk,
            opens: 0,
            dir,
        };
        world.publish(1);
        world.open();
        world
    }

    /// Enrolled, route there, day begun, nothing pending.
    pub(crate) fn started() -> Self {
        let mut world = Self::new();
        world.enrol();
        world.pump();
        world.go(Command::StartDay);
        world.pump();
        world
    }

    /// At `door-1` with everything scanned.
    pub(crate) fn at_the_door() -> Self {
        let mut world = Self::started();
        world.go(Command::Arrive { stop: stop("door-1") });
        for barcode in ["P-coded-0", "P-coded-1", "P-plain-0"] {
            world.go(Command::Scan { stop: stop("door-1"), barcode: barcode.into() });
        }
        world
    }

    fn publish(&mut self, seed: u64) {
        let stops = ["door-1", "door-2"].map(stop);
        self.backend.put(&Object::Route(route_of("route-1", "2027-01-15", &stops)));
        for id in &stops {
            self.backend.put(&Object::Stop(stop_at(id)));
        }
        for (id, at, code, parcels) in [
            ("coded", 0, CodeNeed::Required, 2),
            ("plain", 0, CodeNeed::None, 1),
            ("other", 1, CodeNeed::None, 1),
        ] {
            self.backend.put(&Object::Shipment(shipment(id, &stops[at], code, parcels)));
        }
        self.issue_code("code-1", "a-coded", seed);
    }

    pub(crate) fn issue_code(&mut self, code: &str, attempt: &str, seed: u64) {
        let spec = IssueSpec {
            attempt: AttemptId::new(attempt).unwrap(),
            code_id: CodeId::new(code).unwrap(),
            holder: "recipient".into(),
            kdf: CHEAP,
            salt: [7; 16],
            k: 10,
            not_before: UnixMs(1_799_900_000_000),
            not_after: UnixMs(1_800_090_000_000),
        };
        let issued = issue(&mut ChaCha20Rng::seed_from_u64(seed), spec).unwrap();
        self.backend.publish_code(&issued);
        self.codes.push(issued);
    }

    pub(crate) fn ports(&self) -> Ports {
        Ports {
            clock: Arc::new(NoClock),
            device_key: self.device.clone(),
            secure: self.secure.clone(),
            log: self.events.clone(),
        }
    }

    pub(crate) fn open(&mut self) {
        self.try_open().unwrap();
    }

    pub(crate) fn try_open(&mut self) -> Result<(), EngineError> {
        self.machine = None;
        self.opens += 1;
        let store = match &self.disk {
            Some(disk) => Store::open_on(&self.data(), Arc::clone(disk))?,
            None => Store::open(&self.data())?,
        };
        self.machine = Some(open_machine_on(store, self.ports(), 1_000 + self.opens, &self.now)?);
        Ok(())
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn machine(&mut self) -> &mut Machine {
        self.machine.as_mut().expect("the machine is open")
    }

    pub(crate) fn enrol(&mut self) {
        self.machine().enrol(ENROLMENT).unwrap();
        let now = self.now.clone();
        let Step::Send(request) = self.machine().next(&now) else { panic!("the enrolment is not sent") };
        let answer = self.backend.answer(&request).unwrap();
        self.machine().received(request.id, Ok(answer), &now);
        assert_eq!(self.machine().take_enrolment().unwrap().unwrap().name, "Kim Rosenbaum");
    }

    pub(crate) fn tick(&mut self, ms: u64) {
        self.now.boot_ms += ms;
        let ms = i64::try_from(ms).unwrap();
        self.now.wall = self.now.wall.plus_ms(ms);
        self.backend.ms += ms;
    }

    /// A restart of the device.
    pub(crate) fn reboot(&mut self) {
        self.now.boot = format!("{}+", self.now.boot);
        self.now.boot_ms = 20_000;
        self.open();
    }

    /// Carries requests until the machine has none now. Returns the paths.
    pub(crate) fn pump(&mut self) -> Vec<String> {
        let mut carried = Vec::new();
        while let Step::Send(request) = {
            let now = self.now.clone();
            self.machine().next(&now)
        } {
            self.machine().work_ahead();
            let answer = self.backend.answer(&request);
            self.tick(50);
            let now = self.now.clone();
            self.machine().received(request.id, answer.ok_or(NetError::Timeout), &now);
            carried.push(request.path);
            assert!(carried.len() < 1_000, "the machine does not come to rest");
        }
        carried
    }

    /// Pumps over the machine's own waiting, `rounds` times.
    pub(crate) fn pump_patiently(&mut self, rounds: usize) {
        for _ in 0..rounds {
            self.pump();
            self.tick(400_000);
        }
        self.pump();
    }

    pub(crate) fn submit(&mut self, command: Command) -> Result<CommandResult, EngineError> {
        let now = self.now.clone();
        self.machine().command(command, &now).map(|receipt| receipt.result)
    }

    pub(crate) fn go(&mut self, command: Command) -> CommandResult {
        let shown = format!("{command:?}");
        self.submit(command).unwrap_or_else(|error| panic!("{shown}: {error}"))
    }

    pub(crate) fn rejection(&mut self, command: Command) -> Rejection {
        match self.submit(command) {
            Err(EngineError::Rejected(rejection)) => rejection,
            other => panic!("not rejected: {other:?}"),
        }
    }

    pub(crate) fn enter(&mut self, digits: &str) -> Result<CommandResult, EngineError> {
        let entry = CodeEntry::Digits(digits.into());
        self.submit(Command::EnterCode { stop: stop("door-1"), entry })
    }

    pub(crate) fn right(&self) -> String {
        self.codes[0].code.digits().to_owned()
    }

    /// Six digits that do not fit the tag.
    pub(crate) fn wrong(&self) -> String {
        let fits = |digits: &str| {
            let entry = courier_codes::Entry::parse(&CodeEntry::Digits(digits.into())).unwrap();
            let verifiers: Vec<_> = self.codes.iter().map(|code| code.verifier.clone()).collect();
            courier_codes::check(&entry, &verifiers).unwrap().is_some()
        };
        (770_000..780_000).map(|number| format!("{number:06}")).find(|digits| !fits(digits)).unwrap()
    }

    pub(crate) fn pending(&mut self) -> u64 {
        self.machine().pending().unwrap()
    }

    /// What is shown now is what a restart would show.
    pub(crate) fn assert_reopens_the_same(&mut self) {
        let before = self.machine().state().clone();
        self.open();
        assert_eq!(*self.machine().state(), before, "a restart shows something else");
    }

    pub(crate) fn secret(&self, name: &str) -> Option<Vec<u8>> {
        self.secure.files.get(name).unwrap()
    }

    pub(crate) fn has_seen(&self, code: &str) -> bool {
        self.events.seen.lock().unwrap().iter().any(|event| event.starts_with(code))
    }
}

/// The machine on the files in `data`. No two openings of a phone may have the same seed.
pub(crate) fn open_machine(data: &Path, ports: Ports, seed: u64, now: &Now) -> Result<Machine, EngineError> {
    open_machine_on(Store::open(data)?, ports, seed, now)
}

/// The same on a store that is open.
pub(crate) fn open_machine_on(
    store: Store,
    ports: Ports,
    seed: u64,
    now: &Now,
) -> Result<Machine, EngineError> {
    let config = MachineConfig {
        server: SERVER.into(),
        platform: "test".into(),
        app: "test".into(),
        poll_interval_ms: 60_000,
        planted: Planted::from_environment().unwrap(),
    };
    Machine::open(config, store, ports, Box::new(ChaCha20Rng::seed_from_u64(seed)), now)
}

pub(crate) fn hand_over_plain() -> Command {
    Command::HandOver {
        attempt: AttemptId::new("a-plain").unwrap(),
        parcels: Vec::new(),
        receiver: Receiver::Household,
        details: ReceiverDetails { name: Some(NAME.into()), ..ReceiverDetails::default() },
    }
}

pub(crate) fn hand_over_coded() -> Command {
    Command::HandOver {
        attempt: AttemptId::new("a-coded").unwrap(),
        parcels: Vec::new(),
        receiver: Receiver::Recipient,
        details: ReceiverDetails::default(),
    }
}

pub(crate) fn stop(id: &str) -> StopId {
    StopId::new(id).unwrap()
}

pub(crate) fn route_of(id: &str, day: &str, stops: &[StopId]) -> Route {
    Route {
        id: RouteId::new(id).unwrap(),
        day: day.parse().unwrap(),
        tz: "Europe/Berlin".into(),
        order: stops.to_vec(),
        fixed_first: None,
        fixed_last: None,
        policy: None,
    }
}

pub(crate) fn stop_at(id: &StopId) -> Stop {
    Stop {
        id: id.clone(),
        address: Address {
            street: "Lindenallee".into(),
            house: "7".into(),
            postcode: "20095".into(),
            city: "Hamburg".into(),
            country: "DE".into(),
        },
        flat: None,
        door_pin: Pin { lat: 53.5, lon: 10.0 },
        parking_pin: None,
        window: None,
        service_s: 120,
        access_notes: None,
        van_place: None,
    }
}

pub(crate) fn shipment(id: &str, stop: &StopId, code: CodeNeed, parcels: usize) -> Shipment {
    Shipment {
        id: ShipmentId::new(id).unwrap(),
        stop: stop.clone(),
        attempt: AttemptRef { id: AttemptId::new(format!("a-{id}")).unwrap(), no: 1 },
        recipient_name: NAME.into(),
        recipient_phone: None,
        lang: "de".into(),
        sender_name: "Shop".into(),
        parcels: (0..parcels)
            .map(|n| Parcel {
                id: ParcelId::new(format!("p-{id}-{n}")).unwrap(),
                barcodes: vec![format!("P-{id}-{n}")],
            })
            .collect(),
        instructions: Vec::new(),
        code,
        tries_used: 0,
        tries: Vec::new(),
        budget: 5,
    }
}

/// Every file below `dir`, with its bytes.
pub(crate) fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}
