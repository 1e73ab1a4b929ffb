//! A phone with a clock by hand.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use courier_domain::view::DoorView;
use courier_domain::{
    AttemptId, CodeEntry, Command, FactId, Reason, Receiver, ReceiverDetails, RouteView, StopId, StopView,
};
use courier_engine::{
    Clock, CommandResult, Config, Courier, CourierError, Level, Log, PortError, Ports, SyncReport,
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

/// Wall clock, boot clock, name of the boot.
#[derive(Debug, Clone)]
pub struct HandClock(Arc<Mutex<(i64, u64, String)>>);

impl HandClock {
    /// Starts at `wall_ms`.
    pub fn new(wall_ms: i64) -> Self {
        Self(Arc::new(Mutex::new((wall_ms, 1_000_000, "boot-1".into()))))
    }

    /// Time passes.
    pub fn advance(&self, ms: u64) {
        let mut clock = self.0.lock().unwrap();
        clock.0 += i64::try_from(ms).unwrap();
        clock.1 += ms;
    }

    /// Whoever holds the phone sets its wall clock off by `ms`.
    pub fn set_off(&self, ms: i64) {
        self.0.lock().unwrap().0 += ms;
    }

    /// The device starts again: the boot clock begins at 0 and the boot has another name.
    pub fn reboot(&self) {
        let mut clock = self.0.lock().unwrap();
        clock.1 = 0;
        clock.2.push('+');
    }
}

impl Clock for HandClock {
    fn wall_ms(&self) -> Result<i64, PortError> {
        Ok(self.0.lock().unwrap().0)
    }
    fn boot_ms(&self) -> Result<u64, PortError> {
        // Every look at a clock is a little later, as with real ones.
        let mut clock = self.0.lock().unwrap();
        clock.1 += 1;
        Ok(clock.1)
    }
    fn boot_id(&self) -> Result<String, PortError> {
        Ok(self.0.lock().unwrap().2.clone())
    }
}

/// Remembers what a phone logged, one line for each event.
#[derive(Debug, Clone, Default)]
pub struct Events(Arc<Mutex<Vec<String>>>);

impl Log for Events {
    fn event(&self, level: Level, code: &str, ids: &[&str]) {
        self.0.lock().unwrap().push(format!("{level:?} {code} {}", ids.join(" ")).trim_end().to_owned());
    }
}

/// A phone. Without a call of `sync` it is offline.
pub struct Phone {
    dir: PathBuf,
    url: String,
    clock: HandClock,
    events: Events,
    courier: Option<Courier>,
}

impl Phone {
    /// Opens the phone whose files are in `dir`.
    pub fn open(dir: &Path, url: &str, clock: HandClock) -> Self {
        let events = Events::default();
        let mut phone = Self { dir: dir.to_owned(), url: url.to_owned(), clock, events, courier: None };
        phone.restart();
        phone
    }

    /// Ends the app and opens it again.
    pub fn restart(&mut self) {
        self.close();
        // Another seed for each phone: two phones do not have one device key.
        let seed = self
            .dir
            .to_string_lossy()
            .bytes()
            .fold(7, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let ports = Ports::software(&self.dir.join("secrets"), &mut rng).unwrap();
        let ports =
            Ports { clock: Arc::new(self.clock.clone()), log: Arc::new(self.events.clone()), ..ports };
        let config = Config { auto_sync: false, ..Config::new(self.dir.join("data"), self.url.as_str()) };
        self.courier = Some(Courier::open(config, ports).unwrap());
    }

    /// Ends the app. Its files may be changed until it is opened again.
    pub fn close(&mut self) {
        if let Some(courier) = self.courier.take() {
            courier.shutdown();
        }
    }

    /// From the next start on, the phone talks to another server.
    pub fn talk_to(&mut self, url: &str) {
        url.clone_into(&mut self.url);
    }

    /// What it logged since it was made, through every restart.
    pub fn log(&self) -> Vec<String> {
        self.events.0.lock().unwrap().clone()
    }

    /// How often it logged an event of this name.
    pub fn count(&self, event: &str) -> usize {
        self.log().iter().filter(|line| line.split(' ').nth(1) == Some(event)).count()
    }

    /// The core.
    pub fn core(&self) -> &Courier {
        self.courier.as_ref().unwrap()
    }

    /// Folder of all of its files.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Exchanges everything.
    pub fn sync(&self) -> SyncReport {
        self.core().sync_blocking(20_000).unwrap()
    }

    /// Does a command.
    pub fn go(&self, command: Command) -> Result<CommandResult, CourierError> {
        self.core().submit(command).map(|receipt| receipt.result)
    }

    /// The day.
    pub fn route(&self) -> RouteView {
        self.core().route().unwrap().unwrap()
    }

    /// The stop of a recipient, and the door there.
    pub fn door(&self, recipient: &str) -> (StopView, DoorView) {
        for line in self.route().stops {
            let stop = self.core().stop(&line.id).unwrap();
            if let Some(door) = stop.doors.iter().find(|door| door.recipient_name == recipient).cloned() {
                return (stop, door);
            }
        }
        panic!("nobody on the route is called {recipient}");
    }

    /// Where that is, and the attempt.
    pub fn place(&self, recipient: &str) -> (StopId, AttemptId) {
        let (stop, door) = self.door(recipient);
        (stop.id, door.attempt)
    }

    /// Arrives there and scans every parcel.
    pub fn scan(&self, recipient: &str) {
        let (stop, door) = self.door(recipient);
        self.go(Command::Arrive { stop: stop.id.clone() }).unwrap();
        for parcel in door.parcels {
            self.go(Command::Scan { stop: stop.id.clone(), barcode: parcel.barcode }).unwrap();
        }
    }

    /// Enters digits.
    pub fn enter(&self, recipient: &str, digits: &str) -> Result<CommandResult, CourierError> {
        let (stop, _) = self.place(recipient);
        self.go(Command::EnterCode { stop, entry: CodeEntry::Digits(digits.into()) })
    }

    /// Hands everything over.
    pub fn hand_over(
        &self,
        recipient: &str,
        receiver: Receiver,
        name: Option<&str>,
    ) -> Result<CommandResult, CourierError> {
        let (_, attempt) = self.place(recipient);
        let details = ReceiverDetails { name: name.map(Into::into), ..ReceiverDetails::default() };
        self.go(Command::HandOver { attempt, parcels: Vec::new(), receiver, details })
    }

    /// Nothing is delivered.
    pub fn fail(&self, recipient: &str, reason: Reason) -> Result<CommandResult, CourierError> {
        let (_, attempt) = self.place(recipient);
        self.go(Command::NotDelivered { attempt, parcels: Vec::new(), reason, note: None })
    }

    /// Every byte of every file of the phone.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        files_of(&self.dir)
    }
}

/// The fact of a result.
pub fn fact(result: &CommandResult) -> FactId {
    match result {
        CommandResult::Done { fact: Some(fact) } | CommandResult::CodeMatched { fact, .. } => fact.clone(),
        other => panic!("{other:?} is no fact"),
    }
}

/// Every file below a folder.
pub fn files_of(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_of(&path));
        } else if let Ok(bytes) = std::fs::read(&path) {
            found.push((path, bytes));
        }
    }
    found
}
