//! A phone's day on the recorded disk, and what must be true of whatever is left of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use courier_codes::read_jws;
use courier_domain::{Command, FactPayload};
use courier_engine::{DeviceKey, Level, Log, Now, PortError, Ports, SecureStore, Step};
use courier_protocol::Object;
use rusqlite::Connection;

use crate::disk::{self, Disk, Files, Image, Op, Promise};
use crate::vfs;
use crate::world::{NoClock, World, hand_over_coded, hand_over_plain, open_machine, route_of, stop, stop_at};

const DAY: u64 = 24 * 3_600_000;

/// What was done to the disk in the course of a day.
pub(crate) struct Recording {
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
}

pub(crate) fn record(lies: bool) -> Recording {
    vfs::install();
    disk::with(|disk| *disk = Disk { recording: true, lies, ..Disk::default() });
    let mut day = Day { world: World::watched(Some(keep)), facts: Vec::new(), may_go: 0 };
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
    day.restart();

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

    day.world.machine = None;
    let (device_key, data) = (day.world.ports().device_key, day.world.data());
    let Day { world, facts, .. } = day;
    let (log, files) = disk::with(|disk| {
        disk.recording = false;
        (std::mem::take(&mut disk.log), disk.files.clone())
    });
    Recording { log, files, facts, data, device_key, began, _folder: world.dir }
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
        let mut machine = open_machine(&self.data, ports, 77, &now)
            .map_err(|error| Wrong(format!("the phone does not open: {error}")))?;
        let shown = machine.diagnostics(&now).map_err(|error| Wrong(error.to_string()))?;
        if shown.inc != 1 {
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
