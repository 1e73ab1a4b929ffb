//! The core itself as a phone, without any shell around it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use courier_domain::{AttemptId, Command, Position, RouteView, StopId, StopView, UnixMs};
use courier_engine::planted::Planted;
use courier_engine::{
    Clock, Config, Courier, CourierError, Diagnostics, Level, Log, LogOut, Now, PortError, Ports, Receipt,
    StorageProblem, SyncReport, Tracking,
};
use courier_protocol::CourierInfo;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use crate::phone::{Phone, seed};

/// Longest time a phone may take for a sync, in milliseconds of its own clock, which stands still: it ends when there
/// is nothing left to do.
pub(crate) const SYNC_BUDGET_MS: u64 = 60_000;

/// See the module.
pub struct EnginePhone {
    clock: Arc<HandClock>,
    courier: Mutex<Option<Arc<Courier>>>,
    planted: Planted,
}

impl Default for EnginePhone {
    fn default() -> Self {
        let now = Now { wall: UnixMs(0), boot_ms: 0, boot: String::new() };
        Self {
            clock: Arc::new(HandClock(Mutex::new(now))),
            courier: Mutex::default(),
            planted: Planted::NONE,
        }
    }
}

impl EnginePhone {
    /// A phone with a bug in it.
    #[cfg(feature = "planted-bugs")]
    pub fn planted(bug: courier_engine::planted::Bug) -> Self {
        Self { planted: Planted::bug(bug), ..Self::default() }
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<Courier>>> {
        self.courier.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn core(&self) -> Result<Arc<Courier>, CourierError> {
        self.held().clone().ok_or(CourierError::Closed)
    }
}

impl Phone for EnginePhone {
    fn set_clock(&self, now: &Now) {
        self.clock.held().clone_from(now);
    }

    fn open(&self, dir: &str, server: &str, installation: u8) -> Result<(), CourierError> {
        let dir = Path::new(dir);
        let mut rng = ChaCha20Rng::from_seed(seed(installation));
        let ports =
            Ports::software(&dir.join("secrets"), &mut rng).map_err(|_| CourierError::KeyUnavailable)?;
        let log = LogFile::open(&dir.join("log.txt"))
            .map_err(|_| CourierError::Storage { why: StorageProblem::NotNow })?;
        let ports = Ports { clock: self.clock.clone(), log: Arc::new(log), ..ports };
        let config = Config {
            auto_sync: false,
            entropy: Some(seed(installation)),
            planted: self.planted,
            ..Config::new(dir.join("data"), server)
        };
        *self.held() = Some(Arc::new(Courier::open(config, ports)?));
        Ok(())
    }

    fn close(&self) {
        let courier = self.held().take();
        if let Some(courier) = courier {
            courier.shutdown();
        }
    }

    fn enrol(&self, code: &str) -> Result<CourierInfo, CourierError> {
        self.core()?.enrol_blocking(code)
    }

    fn submit(&self, command: Command) -> Result<Receipt, CourierError> {
        self.core()?.submit(command)
    }

    fn request_reissue(&self, attempt: &AttemptId) -> Result<(), CourierError> {
        self.core()?.request_reissue_blocking(attempt)
    }

    fn route(&self) -> Result<Option<RouteView>, CourierError> {
        self.core()?.route()
    }

    fn stop(&self, id: &StopId) -> Result<StopView, CourierError> {
        self.core()?.stop(id)
    }

    fn fix(&self, position: Position, speed_dm_s: Option<u32>) -> Result<Tracking, CourierError> {
        self.core()?.fix(Some(position), speed_dm_s)
    }

    fn sync(&self) -> Result<SyncReport, CourierError> {
        self.core()?.sync_blocking(SYNC_BUDGET_MS)
    }

    fn suspend(&self, deadline_ms: u64) -> Result<SyncReport, CourierError> {
        self.core()?.suspend_blocking(deadline_ms)
    }

    fn resume(&self) -> Result<(), CourierError> {
        self.core()?.resume_blocking()
    }

    fn diagnostics(&self) -> Result<Diagnostics, CourierError> {
        self.core()?.diagnostics()
    }

    fn log_out(&self, export_to: Option<&str>) -> Result<LogOut, CourierError> {
        self.core()?.log_out(export_to.map(Into::into))
    }
}

/// A clock that stands still until it is set.
struct HandClock(Mutex<Now>);

impl HandClock {
    fn held(&self) -> MutexGuard<'_, Now> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for HandClock {
    fn wall_ms(&self) -> Result<i64, PortError> {
        Ok(self.held().wall.0)
    }

    fn boot_ms(&self) -> Result<u64, PortError> {
        Ok(self.held().boot_ms)
    }

    fn boot_id(&self) -> Result<String, PortError> {
        Ok(self.held().boot.clone())
    }
}

/// Events in a file, where a scenario looks for secrets too.
struct LogFile(Mutex<File>);

impl LogFile {
    fn open(path: &Path) -> std::io::Result<Self> {
        OpenOptions::new().create(true).append(true).open(path).map(|file| Self(Mutex::new(file)))
    }
}

impl Log for LogFile {
    fn event(&self, level: Level, code: &str, ids: &[&str]) {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(file, "{level:?} {code} {}", ids.join(" "));
    }
}
