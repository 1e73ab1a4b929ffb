//! A phone: the machine on real files, that may be killed at any event, put back from a backup, or restarted.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use courier_domain::{At, Command, UnixMs};
use courier_engine::ports::software::{FileStore, SoftwareKey};
use courier_engine::{
    Clock, CommandResult, EngineError, HttpResponse, Level, Log, Machine, MachineConfig, Now, Planted,
    PortError, Ports, SecureStore as _, Store,
};
use courier_tests::phone::files_of;
use courier_tests::world::MORNING;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rusqlite::Connection;

use crate::invariants::Look;
use crate::server::URL;

/// The app is killed when this many events have been logged.
#[derive(Default)]
struct Fuse {
    left: AtomicI64,
    /// How often an entry was looked at.
    looks: AtomicU64,
}

/// What a kill says, so that it is not taken for a fault.
pub(crate) const KILLED: &str = "killed here";

impl Log for Fuse {
    fn event(&self, _: Level, code: &str, _: &[&str]) {
        self.looks.fetch_add(u64::from(code == "entry-checked"), Ordering::Relaxed);
        assert!(self.left.fetch_sub(1, Ordering::Relaxed) != 1, "{KILLED}");
    }
}

struct NoClock;

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

/// What is kept of a phone's data folder; its secrets are in no backup.
pub(crate) type Backup = Vec<(PathBuf, Vec<u8>)>;

pub(crate) struct Phone {
    dir: PathBuf,
    machine: Option<Machine>,
    look: Look,
    pub(crate) now: Now,
    fuse: Arc<Fuse>,
    planted: Planted,
    seed: u64,
    /// Whose it is.
    pub(crate) courier: usize,
    /// Answers that are still on their way, by the number of their request.
    pub(crate) late: Vec<(u64, HttpResponse)>,
    /// When each path may be asked again, boot clock, because the server wants to be left alone.
    pub(crate) not_before: BTreeMap<String, u64>,
}

impl Phone {
    pub(crate) fn new(dir: &Path, seed: u64, courier: usize, planted: Planted) -> Self {
        let now = Now { wall: UnixMs(MORNING), boot_ms: 1_000_000, boot: "boot".into() };
        let mut phone = Self {
            dir: dir.to_owned(),
            machine: None,
            look: Look::default(),
            now,
            fuse: Arc::default(),
            planted,
            seed: seed << 20,
            courier,
            late: Vec::new(),
            not_before: BTreeMap::new(),
        };
        phone.open();
        phone
    }

    /// Everything that it has written.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        files_of(&self.dir)
    }

    /// How many keys of routes there are.
    pub(crate) fn cache_keys(&self) -> usize {
        let secure = FileStore::open(&self.dir.join("secure")).unwrap();
        let is_there = |name: &&str| secure.get(name).unwrap().is_some();
        ["cache-key-0", "cache-key-1"].iter().filter(|name| is_there(name)).count()
    }

    /// The disk takes no fact while `work` is done.
    pub(crate) fn with_a_full_disk<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let disk = Connection::open(self.journal()).unwrap();
        disk.execute_batch(
            "CREATE TRIGGER the_disk_is_full BEFORE INSERT ON fact BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
        )
        .unwrap();
        let done = work(self);
        disk.execute_batch("DROP TRIGGER the_disk_is_full").unwrap();
        done
    }

    pub(crate) fn is_enrolled(&mut self) -> bool {
        self.machine().is_enrolled()
    }

    /// Its facts, as they lie on the disk.
    pub(crate) fn look(&self) -> &Connection {
        self.look.at(&self.journal())
    }

    /// Nothing of it runs any more.
    fn close(&mut self) {
        self.look.end();
        self.machine = None;
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    fn journal(&self) -> PathBuf {
        self.data().join("journal.db")
    }

    /// Opens it, in place of what ran before.
    pub(crate) fn open(&mut self) {
        self.close();
        // Whoever waited for an answer, or remembered to wait, is gone.
        self.late.clear();
        self.not_before.clear();
        self.fuse.left.store(0, Ordering::Relaxed);
        self.seed += 1;
        let secure = FileStore::open(&self.dir.join("secure")).unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(self.seed >> 20);
        let device_key = SoftwareKey::open(&secure, &mut rng).unwrap();
        let ports = Ports {
            clock: Arc::new(NoClock),
            device_key: Arc::new(device_key),
            secure: Arc::new(secure),
            log: self.fuse.clone(),
        };
        let config = MachineConfig {
            server: URL.into(),
            platform: "sim".into(),
            app: "sim".into(),
            poll_interval_ms: 60_000,
            planted: self.planted,
        };
        let store = Store::open(&self.data()).unwrap();
        let rng = Box::new(ChaCha20Rng::seed_from_u64(self.seed));
        self.machine = Some(Machine::open(config, store, ports, rng, &self.now).unwrap());
    }

    /// How often an entry was looked at, ever.
    pub(crate) fn looks(&self) -> u64 {
        self.fuse.looks.load(Ordering::Relaxed)
    }

    /// Now, by clocks that nobody vouches for.
    pub(crate) fn at(&self) -> At {
        At {
            wall: self.now.wall,
            boot_ms: self.now.boot_ms,
            boot: self.now.boot.clone(),
            server_ms: None,
            plus_minus_ms: None,
        }
    }

    pub(crate) fn machine(&mut self) -> &mut Machine {
        self.machine.as_mut().unwrap()
    }

    pub(crate) fn command(&mut self, command: Command) -> Result<CommandResult, EngineError> {
        let now = self.now.clone();
        let done = self.machine().command(command, &now).map(|receipt| receipt.result);
        // A better order may be found, and is proposed at once.
        if let Some(search) = self.machine().think(&now) {
            self.machine().found(search.run());
        }
        done
    }

    /// Does something, and is killed at the `nth` event of it. Whether it was.
    pub(crate) fn killed_at(&mut self, nth: i64, work: impl FnOnce(&mut Self)) -> bool {
        self.fuse.left.store(nth, Ordering::Relaxed);
        let killed = catch_unwind(AssertUnwindSafe(|| work(self))).is_err();
        self.fuse.left.store(0, Ordering::Relaxed);
        if killed {
            self.open();
        }
        killed
    }

    pub(crate) fn tick(&mut self, ms: u64) {
        self.now.boot_ms += ms;
        self.now.wall = self.now.wall.plus_ms(i64::try_from(ms).unwrap());
    }

    pub(crate) fn set_wall_clock_off(&mut self, ms: i64) {
        self.now.wall = self.now.wall.plus_ms(ms);
    }

    pub(crate) fn restart_device(&mut self) {
        self.now.boot.push('+');
        self.now.boot_ms = 10_000;
        self.open();
    }

    pub(crate) fn back_up(&mut self) -> Backup {
        self.close();
        let files = files_of(&self.data());
        self.open();
        files
    }

    pub(crate) fn put_back(&mut self, backup: &Backup) {
        self.close();
        std::fs::remove_dir_all(self.data()).unwrap();
        for (path, bytes) in backup {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        self.open();
    }
}
