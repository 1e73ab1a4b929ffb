//! The one object of the façade.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use courier_domain::{AttemptId, Command, Position, RouteView, StopId, StopView};
use courier_engine::planted::Planted;
use courier_engine::{Courier as Engine, CourierError, Diagnostics, LogOut, Receipt, SyncReport, Tracking};
use courier_protocol::CourierInfo;
use tokio::sync::oneshot;

use crate::observer::{Observer, Subscription};
use crate::port::Ports;

/// How a shell wants the core.
#[derive(Clone, uniffi::Record)]
pub struct Config {
    /// Where the databases are; the app's own directory, left out of backups.
    pub data_dir: String,
    /// The server's public address: `https`, or `http` on this machine only.
    pub server: String,
    /// Certificates of the operator's own authority in PEM, trusted besides Mozilla's.
    #[uniffi(default = None)]
    pub operator_ca_pem: Option<String>,
    /// Such as `android-15`.
    pub platform: String,
    /// App name and version.
    pub app: String,
    /// Whether the network is used by itself. Without, only inside `sync` and `enrol`.
    #[uniffi(default = true)]
    pub auto_sync: bool,
    /// Milliseconds between two polls of the route.
    #[uniffi(default = 60000)]
    pub poll_interval_ms: u64,
}

impl From<Config> for courier_engine::Config {
    fn from(theirs: Config) -> Self {
        Self {
            data_dir: PathBuf::from(theirs.data_dir),
            server: theirs.server,
            operator_ca_pem: theirs.operator_ca_pem,
            platform: theirs.platform,
            app: theirs.app,
            auto_sync: theirs.auto_sync,
            poll_interval_ms: theirs.poll_interval_ms,
            entropy: None,
            planted: Planted::NONE,
        }
    }
}

/// The courier's phone. It is made closed; every call before `open`, while it is suspended and after `shutdown` answers
/// `Closed`.
///
/// Calls may come from any thread. Those that wait, for the one writer thread or for the network, are asynchronous:
/// giving one up gives up the answer, never the work.
#[derive(uniffi::Object)]
pub struct Courier {
    config: courier_engine::Config,
    ports: courier_engine::Ports,
    engine: Mutex<Option<Arc<Engine>>>,
    /// Held while the engine is opened or closed, so that there are never two on the same data.
    opening: Mutex<()>,
}

#[uniffi::export]
impl Courier {
    /// Does nothing yet: `open` does.
    #[uniffi::constructor]
    pub fn new(config: Config, ports: Ports) -> Arc<Self> {
        Self::with(config.into(), ports)
    }

    /// Opens the phone's data, or makes them; a suspended phone is resumed. Nothing happens if they are open.
    ///
    /// Fails with `InvalidInput` for a wrong server or certificate, `Storage`, `KeyUnavailable`.
    pub async fn open(self: Arc<Self>) -> Result<(), CourierError> {
        let (done, opened) = oneshot::channel();
        // A thread of its own: the databases are read and the day is folded before it ends.
        let opening = std::thread::Builder::new()
            .name("courier-open".into())
            .spawn(move || drop(done.send(self.open_blocking())));
        let fault = || CourierError::Internal { incident: "open".into() };
        opening.map_err(|_| fault())?;
        opened.await.unwrap_or_else(|_| Err(fault()))
    }

    /// Makes this phone a courier's, with the 10 characters that the office gave. Needs the network.
    ///
    /// Fails with `InvalidInput`, `Offline`, `Auth` if the code was refused or the phone is enrolled already.
    pub async fn enrol(&self, code: String) -> Result<CourierInfo, CourierError> {
        self.engine()?.enrol(&code).await
    }

    /// Does what the courier wants. What it returns is committed; it never waits for the network.
    ///
    /// Fails with `Rejected` and the reason, `InvalidInput`, `Storage`, `KeyUnavailable`, `Auth` for a code before the
    /// enrolment.
    pub async fn submit(&self, command: Command) -> Result<Receipt, CourierError> {
        self.engine()?.submit_async(command).await
    }

    /// Asks for a new code for an attempt. It is mailed to the customer only, and the phone can check it as soon as its
    /// verifier has come. Needs the network.
    ///
    /// Fails with `Rejected` if there is no new code for it now, such as the third on a day; `Offline`, `Auth`, `NotFound`.
    pub async fn request_reissue(&self, attempt: AttemptId) -> Result<(), CourierError> {
        self.engine()?.request_reissue(&attempt).await
    }

    /// The day at a glance, once there is a route.
    pub async fn route(&self) -> Result<Option<RouteView>, CourierError> {
        self.engine()?.route_async().await
    }

    /// One stop. Fails with `NotFound` if it is not on the route.
    pub async fn stop(&self, id: StopId) -> Result<StopView, CourierError> {
        self.engine()?.stop_async(&id).await
    }

    /// Takes a fix of the phone with its speed in decimetres a second, if the phone knows it, and says what a shell is to
    /// do about the phone's position; without a fix it only says so. An arrival that the fixes show is recorded. A fix is
    /// not stored, and leaves the phone only in a fact that needs it.
    ///
    /// Fails with `Storage` or `KeyUnavailable`: an arrival could not be recorded.
    pub async fn fix(
        &self,
        position: Option<Position>,
        speed_dm_s: Option<u32>,
    ) -> Result<Tracking, CourierError> {
        self.engine()?.fix_async(position, speed_dm_s).await
    }

    /// Exchanges with the server what can be exchanged, for `budget_ms` milliseconds at most. Our own waiting after
    /// failures is skipped, what the server asked for is kept. It may be killed at any instruction.
    pub async fn sync(&self, budget_ms: u64) -> Result<SyncReport, CourierError> {
        self.engine()?.sync(budget_ms).await
    }

    /// Gets ready for the system to freeze the app: hands in what fits into `deadline_ms` milliseconds, then closes the
    /// databases, so that no file of theirs is open and no lock is held. Returns what was exchanged once they are closed.
    /// What is on its way then is given up, and sent again another time.
    ///
    /// Until `resume` every call answers `Closed`, so that a late one opens nothing again; observers stay. Called again
    /// while it waits, the earlier deadline counts. If `resume` comes first, it returns and nothing is closed.
    pub async fn suspend(&self, deadline_ms: u64) -> Result<SyncReport, CourierError> {
        self.engine()?.suspend(deadline_ms).await
    }

    /// Opens the databases again, and tells observers. Nothing happens if they are open.
    ///
    /// Fails with `Storage` or `KeyUnavailable`, such as on an iPhone that is still locked: it stays suspended, and can be
    /// resumed later. Fails with `Closed` if it was never opened.
    pub async fn resume(&self) -> Result<(), CourierError> {
        self.engine()?.resume().await
    }

    /// Tells `observer` after every change, until the subscription ends.
    pub fn observe(&self, observer: Arc<dyn Observer>) -> Result<Arc<Subscription>, CourierError> {
        let told = move |revision| {
            let _ = observer.on_change(revision);
        };
        Ok(Arc::new(Subscription::new(self.engine()?.observe(told))))
    }

    /// What is on this phone, and how it stands with the server.
    pub async fn diagnostics(&self) -> Result<Diagnostics, CourierError> {
        self.engine()?.diagnostics_async().await
    }

    /// The courier leaves this phone: everything of theirs is deleted, and the phone is as at its first start. Facts that
    /// the server does not have block it, unless they are written into a file for the office: `export_to` is where.
    /// Only the backend can read that file.
    ///
    /// Fails with `Storage`, `KeyUnavailable`, `Auth` for an export before the enrolment.
    #[uniffi::method(default(export_to = None))]
    pub async fn log_out(&self, export_to: Option<String>) -> Result<LogOut, CourierError> {
        self.engine()?.log_out_async(export_to.map(PathBuf::from)).await
    }

    /// Closes the databases and ends every thread and observation. Requests on their way are given up; what they
    /// carried is sent again another time. `open` opens again.
    pub fn shutdown(&self) {
        let _alone = self.alone();
        let engine = self.held().take();
        if let Some(engine) = engine {
            engine.shutdown();
        }
    }
}

impl Courier {
    pub(crate) fn with(config: courier_engine::Config, ports: Ports) -> Arc<Self> {
        Arc::new(Self { config, ports: ports.into(), engine: Mutex::new(None), opening: Mutex::new(()) })
    }

    fn open_blocking(&self) -> Result<(), CourierError> {
        let _alone = self.alone();
        let held = self.held().clone();
        if let Some(engine) = held {
            return engine.resume_blocking();
        }
        let engine = Engine::open(self.config.clone(), self.ports.clone())?;
        *self.held() = Some(Arc::new(engine));
        Ok(())
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        self.opening.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<Engine>>> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn engine(&self) -> Result<Arc<Engine>, CourierError> {
        self.held().clone().ok_or(CourierError::Closed)
    }
}
