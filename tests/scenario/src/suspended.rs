//! A phone whose app the system may freeze: it holds nothing, and says nothing until it comes back.

use std::thread;
use std::time::Duration;

use courier_engine::{CourierError, SyncReport};

use crate::phone::Phone;
use crate::world::World;
use crate::{Failure, Result, failed};

/// A phone that was looked at while it was suspended.
pub(crate) struct Suspended<'a>(&'a dyn Phone);

impl<'a> Suspended<'a> {
    /// Looks whether it holds a file of its data, which no system lets an app do that it freezes, and whether a late
    /// call opens one.
    pub(crate) fn look(world: &World<'a>) -> Result<Self> {
        for late in [world.phone.route().map(drop), world.phone.sync().map(drop)] {
            if late != Err(CourierError::Closed) {
                return Err(Failure(format!("a suspended phone answers {late:?}")));
            }
        }
        let data = world.phone_dir().join("data");
        let left = std::fs::read_dir(&data)
            .map_err(failed)?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let logs: Vec<_> = left.filter(|name| name.ends_with("-wal") || name.ends_with("-shm")).collect();
        if !logs.is_empty() {
            return Err(Failure(format!("a suspended phone left {logs:?}")));
        }
        #[cfg(target_os = "linux")]
        for held in std::fs::read_dir("/proc/self/fd").map_err(failed)?.flatten() {
            if let Ok(file) = std::fs::read_link(held.path())
                && file.starts_with(&data)
            {
                return Err(Failure(format!("a suspended phone holds {}", file.display())));
            }
        }
        Ok(Self(world.phone))
    }

    pub(crate) fn come_back(self) -> Result<()> {
        self.0.resume().map_err(failed)
    }
}

/// Suspends the app while an exchange waits for its answer. What the exchange says.
pub(crate) fn suspend_in_sync(world: &World<'_>) -> Result<std::result::Result<SyncReport, CourierError>> {
    let before = world.backend.unanswered()?;
    thread::scope(|scope| {
        let phone = world.phone;
        let sync = scope.spawn(move || phone.sync());
        while world.backend.unanswered()? == before {
            if sync.is_finished() {
                return Err(failed("the exchange did not wait for any answer"));
            }
            thread::sleep(Duration::from_millis(1));
        }
        phone.suspend(0).map_err(failed)?;
        sync.join().map_err(|_| failed("the exchange panicked"))
    })
}
