//! A phone's day on the recorded disk, and what must be true of whatever is left of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use courier_codes::read_jws;
use courier_domain::{Command, FactBody, FactPayload, InstallId};
use courier_engine::{DeviceKey, Level, Log, Now, PortError, Ports, SecureStore, Step, Store};
use courier_protocol::Object;
use rusqlite::Connection;

use crate::disk::{self, BesideDisk, Disk, Files, Image, Op, Promise};
use crate::vfs;
use crate::world::{
    NoClock, World, hand_over_coded, hand_over_plain, open_machine_on, route_of, stop, stop_at,
};

const DAY: u64 = 24 * 3_600_000;

/// What was done to the disk in the course of a day.
pub(crate) struct Recording {
    /// What was there for sure before it began.
    pub(crate) start: Image,
    pub(crate) log: Vec<Op>,
    /// What the disk held in the end.
    pub(crate) files: Files,
    /// Hashes of all facts, in the order of their chain.
    facts: Vec<String>,
    data: PathBuf,
    /// The store makes sure that its folder exists, outside of the disk of this test.
    _folder: tempfile::TempDir,
    device_key: Arc<dyn DeviceKey>,
    /// When the day began.
    began: Now,
    /// The incarnation of a phone that opens.
    inc: u32,
}

/// What an image shows that must not be.
#[derive(Debug)]
pub(crate) struct Wrong(pub(crate) String);

/// A fact as it is stored.
struct Row {
    inc: u32,
    seq: u64,
    hash: String,
    jws: String,
    acked: bool,
}

/// Secrets in memory: those of an image.
struct Secrets(Mutex<BTreeMap<String, Vec<u8>>>);

impl SecureStore for Secrets {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PortError> {
        Ok(self.0.lock().unwrap().get(name).cloned())
    }
    fn put(&self, name: &str, secret: &[u8]) -> Result<(), PortError> {
        self.0.lock().unwrap().insert(name.into(), secret.into());
        Ok(())
    }
    fn delete(&self, name: &str) -> Result<(), PortError> {
        self.0.lock().unwrap().remove(name);
        Ok(())
    }
}

/// Nobody reads the log of an image.
struct Silent;

impl Log for Silent {
    fn event(&self, _: Level, _: &str, _: &[&str]) {}
}

fn note(op: Op) {
    disk::with(|disk| {
        if disk.recording {
            disk.log.push(op);
        }
    });
}

fn keep(name: &str, secret: Option<&[u8]>) {
    note(Op::Keep { name: name.into(), secret: secret.map(<[u8]>::to_vec) });
}

/// Looks into a journal without leaving a trace on this thread's disk.
fn facts_in(files: &Files, world_data: &std::path::Path) -> Vec<Row> {
    let aside = disk::with(|disk| std::mem::replace(disk, Disk { files: files.clone(), ..Disk::default() }));
    let journal = Connection::open(world_data.join("journal.db")).unwrap();
    let mut query = journal
        .prepare(
            "SELECT inc, seq, hash, jws, EXISTS (SELECT 1 FROM ack WHERE ack.inc = fact.inc AND ack.seq = fact.seq)
             FROM fact ORDER BY inc, seq",
        )
        .unwrap();
    let rows = query.query_map([], |row| {
        Ok(Row {
            inc: row.get(0)?,
            seq: row.get::<_, i64>(1)?.unsigned_abs(),
            hash: row.get(2)?,
            jws: row.get(3)?,
            acked: row.get(4)?,
        })
    });
    let rows = rows.unwrap().map(Result::unwrap).collect();
    drop(query);
    drop(journal);
    disk::with(|disk| *disk = aside);
    rows
}

/// A day at two doors: entries wrong and right, handovers, one taken back, answers that get lost, a server that was put
/// back, restarts, the next day with its own keys, and the week after which all of it goes.
struct Day {
    world: World,
    facts: Vec<String>,
    may_go: usize,
}

impl Day {
    fn new() -> Self {
        let world = World::on(Some(Arc::new(BesideDisk)), Some(keep));
        Self { world, facts: Vec::new(), may_go: 0 }
    }

    /// Whoever looks at the phone sees this from now on.
    fn promise(&mut self) {
        let now = self.world.now.clone();
        let tries = self.world.machine().diagnostics(&now).unwrap().tries;
        let files = disk::with(|disk| disk.files.clone());
        for row in facts_in(&files, &self.world.data()) {
            if !self.facts.contains(&row.hash) {
                self.facts.push(row.hash);
            }
        }
        let boot_ms = self.world.now.boot_ms;
        note(Op::Promise(Promise { facts: self.facts.len(), tries, may_go: self.may_go, boot_ms }));
    }

    fn go(&mut self, command: Command) {
        self.world.go(command);
        self.promise();
    }

    fn enter(&mut self, digits: &str) {
        let _ = self.world.enter(digits);
        self.promise();
        self.world.tick(130_000);
    }

    fn exchange(&mut self) {
        for _ in 0..100 {
            let now = self.world.now.clone();
            let Step::Send(request) = self.world.machine().next(&now) else { break };
            let answer = self.world.backend.answer(&request);
            note(Op::Stored(self.world.backend.stored.len()));
            self.world.tick(50);
            let now = self.world.now.clone();
            let answer = answer.ok_or(courier_engine::NetError::Timeout);
            self.world.machine().received(request.id, answer, &now);
        }
        self.promise();
    }

    fn restart(&mut self) {
        self.world.open();
        self.promise();
    }

    /// The app is suspended, and comes back.
    fn suspend(&mut self) {
        self.world.machine.take().unwrap().close().unwrap();
        promise_again();
        self.restart();
    }

    /// Facts that are there before anything is recorded.
    fn know_the_facts(&mut self) {
        let files = disk::with(|disk| disk.files.clone());
        self.facts = facts_in(&files, &self.world.data()).into_iter().map(|row| row.hash).collect();
    }

    /// From here on it is recorded; what is there is sure.
    fn begin(&mut self, tries: u64) -> Image {
        let secrets = crate::world::files(&self.world.dir.path().join("secure"));
        let name = |path: String| path.rsplit('/').next().unwrap().to_owned();
        let boot_ms = self.world.now.boot_ms;
        let promise = Promise { facts: self.facts.len(), tries, may_go: 0, boot_ms };
        disk::with(|disk| {
            disk.recording = true;
            Image {
                files: disk.files.clone(),
                secrets: secrets.into_iter().map(|(path, secret)| (name(path), secret)).collect(),
                promise,
                stored: self.world.backend.stored.len(),
            }
        })
    }

    fn end(mut self, start: Image, began: Now, inc: u32) -> Recording {
        self.world.machine = None;
        let (device_key, data) = (self.world.ports().device_key, self.world.data());
        let (log, files) = disk::with(|disk| {
            disk.recording = false;
            (std::mem::take(&mut disk.log), disk.files.clone())
        });
        let Day { world, facts, .. } = self;
        Recording { start, log, files, facts, data, device_key, began, inc, _folder: world.dir }
    }
}

/// The same as before, at a place where nothing is open.
fn promise_again() {
    let last = disk::with(|disk| {
        disk.log.iter().rev().find_map(|op| if let Op::Promise(last) = op { Some(*last) } else { None })
    });
    note(Op::Promise(last.unwrap()));
}

/// A journal of which most pages are gone, so that much has to come from the log.
pub(crate) fn record_salvage() -> Recording {
    vfs::install();
    disk::with(|disk| *disk = Disk::default());
    let mut day = Day::new();
    day.world.enrol();
    day.exchange();
    day.go(Command::StartDay);
    day.go(Command::Arrive { stop: stop("door-1") });
    for barcode in ["P-coded-0", "P-coded-1", "P-plain-0"] {
        day.go(Command::Scan { stop: stop("door-1"), barcode: barcode.into() });
    }
    day.exchange();
    let (wrong, right) = (day.world.wrong(), day.world.right());
    day.enter(&wrong);
    day.enter(&right);
    day.go(hand_over_coded());
    day.go(hand_over_plain());
    day.world.machine = None;
    day.know_the_facts();
    let journal = day.world.data().join("journal.db").to_str().unwrap().to_owned();
    disk::with(|disk| {
        disk.settle();
        let content = Arc::make_mut(disk.files.get_mut(&journal).unwrap());
        content[4 * 4_096..].fill(0x5a);
    });
    let began = day.world.now.clone();
    let start = day.begin(2);
    day.restart();
    day.exchange();
    day.go(Command::Arrive { stop: stop("door-2") });
    day.exchange();
    day.end(start, began, 2)
}

/// A phone as version 1 of the journal's schema left it.
pub(crate) fn record_migration() -> Recording {
    vfs::install();
    disk::with(|disk| *disk = Disk::default());
    let mut day = Day::new();
    day.world.machine = None;
    let golden =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/engine/tests/golden/journal-1-route-1");
    let (data, secure) = (day.world.data(), day.world.dir.path().join("secure"));
    let files: Files = crate::world::files(&golden.join("data"))
        .into_iter()
        .map(|(path, bytes)| {
            let file = data.join(Path::new(&path).file_name().unwrap());
            (file.to_str().unwrap().to_owned(), Arc::new(bytes))
        })
        .collect();
    disk::with(|disk| disk.files = files);
    std::fs::remove_dir_all(&secure).unwrap();
    std::fs::create_dir(&secure).unwrap();
    for (path, secret) in crate::world::files(&golden.join("secure")) {
        std::fs::write(secure.join(Path::new(&path).file_name().unwrap()), secret).unwrap();
    }
    day.know_the_facts();
    // This server has heard of none of them, and has to be told all.
    day.world.backend.epoch = "epoch-of-a-server-that-was-put-back".into();
    let install = install_in(&disk::with(|disk| disk.files.clone()), &data);
    day.world.backend.enrolled = Some((install, day.world.ports().device_key.public().unwrap()));
    let began = day.world.now.clone();
    let mut start = day.begin(2);
    start.stored = day.facts.len();
    day.restart();
    day.go(Command::CheckLoad { barcodes: vec!["X-0".into()] });
    day.suspend();
    day.end(start, began, 1)
}

/// A disk with room for the ballast and nothing else takes handovers all the same.
pub(crate) fn fill_the_disk() {
    vfs::install();
    disk::with(|disk| *disk = Disk::default());
    let mut day = Day::new();
    day.world.enrol();
    day.exchange();
    day.go(Command::StartDay);
    day.go(Command::Arrive { stop: stop("door-1") });
    day.go(Command::Scan { stop: stop("door-1"), barcode: "P-plain-0".into() });
    let shown = |day: &mut Day| {
        let now = day.world.now.clone();
        day.world.machine().diagnostics(&now).unwrap()
    };
    assert!(shown(&mut day).store.has_ballast);
    disk::with(|disk| disk.room = Some(disk.files.values().map(|content| content.len()).sum()));
    let mut loads = 0;
    while shown(&mut day).store.has_ballast {
        day.world.go(Command::CheckLoad { barcodes: vec![format!("X-{loads}")] });
        loads += 1;
        assert!(loads < 10_000, "the disk is never full");
    }
    day.world.go(hand_over_plain());
    day.exchange();
    let facts = shown(&mut day).facts;
    let told =
        day.world.backend.chain().into_iter().filter(
            |held| matches!(&held.payload.body, FactBody::Incident { kind, .. } if kind == "disk-full"),
        );
    assert_eq!((told.count(), shown(&mut day).pending), (1, 0));
    assert_eq!(day.world.backend.chain().len() as u64, facts);
    disk::with(|disk| disk.room = None);
    day.restart();
    assert!(shown(&mut day).store.has_ballast, "the room was not taken again");
    assert_eq!(shown(&mut day).facts, facts);
}

fn install_in(files: &Files, data: &Path) -> InstallId {
    let aside = disk::with(|disk| std::mem::replace(disk, Disk { files: files.clone(), ..Disk::default() }));
    let journal = Connection::open(data.join("journal.db")).unwrap();
    let install: String = journal.query_row("SELECT install FROM identity", [], |row| row.get(0)).unwrap();
    drop(journal);
    disk::with(|disk| *disk = aside);
    InstallId::new(install).unwrap()
}

pub(crate) fn record(lies: bool) -> Recording {
    vfs::install();
    disk::with(|disk| *disk = Disk { recording: true, lies, ..Disk::default() });
    let mut day =
        Day { world: World::on(Some(Arc::new(BesideDisk)), Some(keep)), facts: Vec::new(), may_go: 0 };
    let began = day.world.now.clone();
    day.world.enrol();
    day.exchange();
    day.go(Command::StartDay);
    day.go(Command::Arrive { stop: stop("door-1") });
    for barcode in ["P-coded-0", "P-coded-1", "P-plain-0"] {
        day.go(Command::Scan { stop: stop("door-1"), barcode: barcode.into() });
    }
    let (wrong, right) = (day.world.wrong(), day.world.right());
    day.enter(&wrong);
    day.exchange();
    day.enter(&wrong);
    day.restart();
    day.enter(&right);
    day.go(hand_over_coded());
    day.go(hand_over_plain());
    day.world.backend.facts_faults.push_back(crate::backend::Fault::LoseAnswer);
    day.exchange();
    day.world.tick(400_000);
    day.exchange();
    day.world.backend.epoch = "epoch-2".into();
    day.world.tick(400_000);
    day.exchange();
    day.suspend();

    day.world.backend.forget_route();
    day.world.backend.put(&Object::Route(route_of("route-2", "2027-01-16", &[stop("door-9")])));
    day.world.backend.put(&Object::Stop(stop_at(&stop("door-9"))));
    day.world.tick(400_000);
    day.exchange();
    day.go(Command::StartDay);
    for n in 0..10 {
        day.go(Command::CheckLoad { barcodes: vec![format!("X-{n}")] });
    }
    day.exchange();

    day.world.backend.forget_route();
    day.may_go = day.facts.len();
    day.promise();
    day.world.machine = None;
    day.world.tick(12 * DAY);
    day.restart();
    day.exchange();

    day.end(Image::default(), began, 1)
}

impl Recording {
    /// Starts the phone on an image and looks at what is there; `goes_on` also records something new.
    pub(crate) fn check(&self, image: &Image, goes_on: bool) -> Result<(), Wrong> {
        disk::with(|disk| *disk = Disk { files: image.files.clone(), ..Disk::default() });
        let ports = Ports {
            clock: Arc::new(NoClock),
            device_key: self.device_key.clone(),
            secure: Arc::new(Secrets(Mutex::new(image.secrets.clone()))),
            log: Arc::new(Silent),
        };
        let promise = image.promise;
        let passed = promise.boot_ms.saturating_sub(self.began.boot_ms);
        let now = Now {
            wall: self.began.wall.plus_ms(i64::try_from(passed).unwrap()),
            boot_ms: self.began.boot_ms + passed,
            boot: self.began.boot.clone(),
        };
        let mut machine = Store::open_on(&self.data, Arc::new(BesideDisk))
            .map_err(courier_engine::EngineError::from)
            .and_then(|store| open_machine_on(store, ports, 77, &now))
            .map_err(|error| Wrong(format!("the phone does not open: {error}")))?;
        let shown = machine.diagnostics(&now).map_err(|error| Wrong(error.to_string()))?;
        if shown.inc != self.inc {
            return Err(Wrong("a power loss was taken for a restored backup".into()));
        }
        if promise.may_go == 0 && shown.tries < promise.tries {
            return Err(Wrong(format!("{} tries of {}", shown.tries, promise.tries)));
        }
        if goes_on && machine.state().route().is_some() && promise.facts > 0 {
            let command = Command::CheckLoad { barcodes: vec!["X-after".into()] };
            let done = machine.command(command, &now);
            // Between two days there is nothing to record yet but the beginning of the next.
            let done = done.or_else(|_| machine.command(Command::StartDay, &now));
            done.map_err(|error| Wrong(format!("nothing goes on: {error}")))?;
        }
        drop(machine);
        let files = disk::with(|disk| disk.files.clone());
        self.check_facts(image, &facts_in(&files, &self.data))
    }

    fn check_facts(&self, image: &Image, rows: &[Row]) -> Result<(), Wrong> {
        let there: BTreeSet<_> = rows.iter().map(|row| row.hash.as_str()).collect();
        for (n, hash) in self.facts.iter().enumerate().take(image.promise.facts) {
            let may_be_gone = n < image.promise.may_go && n < image.stored;
            if !there.contains(hash.as_str()) && !may_be_gone {
                return Err(Wrong(format!("fact {n} is lost")));
            }
        }
        let at_the_server: BTreeSet<_> = self.facts.iter().take(image.stored).map(String::as_str).collect();
        if let Some(row) = rows.iter().find(|row| row.acked && !at_the_server.contains(row.hash.as_str())) {
            return Err(Wrong(format!(
                "fact {} counts as handed in, and the server does not have it",
                row.seq
            )));
        }
        for pair in rows.windows(2).filter(|pair| pair[0].inc == pair[1].inc) {
            let payload = read_jws(&pair[1].jws).map_err(|_| Wrong("an unreadable fact".into()))?.payload;
            let fact: FactPayload =
                serde_json::from_slice(&payload).map_err(|_| Wrong("an unreadable fact".into()))?;
            let follows = pair[1].seq == pair[0].seq + 1;
            let chained = fact.prev.is_some_and(|prev| prev.as_str() == pair[0].hash);
            if follows && !chained || !follows && image.promise.may_go == 0 {
                return Err(Wrong(format!("the chain is broken at fact {}", pair[1].seq)));
            }
        }
        Ok(())
    }
}
