//! The façade for shells. One thread owns the machine and does one thing after the other; a runtime with two
//! workers carries requests; shells get receipts, views and a signal that something changed.

mod config;
mod notifier;
mod opened;
mod sync;
mod transport;
mod writer;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use courier_domain::{AttemptId, Command, Position, RouteView, StopId, StopView};
use courier_protocol::CourierInfo;
use tokio::sync::oneshot;

pub use config::Config;
use notifier::Notifier;
pub use notifier::Subscription;
use opened::Setup;
pub use sync::{SyncProblem, SyncReport};
pub use transport::Transport;
use writer::{Ask, Writer};

use crate::clock::Now;
use crate::error::{CourierError, EngineError};
use crate::machine::{Diagnostics, LogOut};
use crate::plan::arrivals::Tracking;
use crate::ports::{Log, Ports};
use crate::receipt::Receipt;

/// The courier's phone, opened. All calls may come from any thread.
///
/// The blocking calls wait for the one writer thread, and [`Courier::sync`] for the network. Each has an `async`
/// form; dropping its future gives up the answer, never the work.
pub struct Courier {
    asks: Sender<Ask>,
    notifier: Notifier,
    log: Arc<dyn Log>,
    writer: Mutex<Option<JoinHandle<()>>>,
    closed: AtomicBool,
}

impl Courier {
    /// Opens the phone's data in `config.data_dir`, or makes them.
    ///
    /// # Errors
    /// `InvalidInput` for a wrong server or certificate, `Storage`, `KeyUnavailable`.
    pub fn open(config: Config, ports: Ports) -> Result<Self, CourierError> {
        let log = Arc::clone(&ports.log);
        let notifier = Notifier::start();
        let (asks, inbox) = mpsc::channel();
        let (opened, result) = mpsc::channel();
        let signal = notifier.signal();
        let setup = Setup { config, ports, asks: asks.clone() };
        // SQLite's connections stay on the thread that opened them.
        let writer = std::thread::Builder::new()
            .name("courier-writer".into())
            .spawn(move || match Writer::open(setup, signal) {
                Ok(writer) => {
                    let _ = opened.send(Ok(()));
                    writer.run(&inbox);
                }
                Err(error) => {
                    let _ = opened.send(Err(error));
                }
            })
            .map_err(|_| EngineError::Internal("thread").into_public(log.as_ref()))?;
        let opened = result.recv().unwrap_or(Err(EngineError::Internal("open")));
        opened.map_err(|error| error.into_public(log.as_ref()))?;
        Ok(Self { asks, notifier, log, writer: Mutex::new(Some(writer)), closed: AtomicBool::new(false) })
    }

    /// Does what the courier wants. What it returns is committed; it never waits for the network.
    ///
    /// # Errors
    /// `Rejected` with the reason, `InvalidInput`, `Storage`, `KeyUnavailable`, `Auth` for a code before the
    /// enrolment.
    pub fn submit(&self, command: Command) -> Result<Receipt, CourierError> {
        self.wait(|reply| Ask::Submit(command, reply))
    }

    /// [`Courier::submit`] for callers that may not block.
    pub async fn submit_async(&self, command: Command) -> Result<Receipt, CourierError> {
        self.wait_async(|reply| Ask::Submit(command, reply)).await
    }

    /// The day at a glance, once there is a route.
    pub fn route(&self) -> Result<Option<RouteView>, CourierError> {
        self.wait(Ask::Route)
    }

    /// [`Courier::route`] for callers that may not block.
    pub async fn route_async(&self) -> Result<Option<RouteView>, CourierError> {
        self.wait_async(Ask::Route).await
    }

    /// One stop.
    ///
    /// # Errors
    /// `NotFound` if it is not on the route.
    pub fn stop(&self, id: &StopId) -> Result<StopView, CourierError> {
        self.wait(|reply| Ask::Stop(id.clone(), reply))
    }

    /// [`Courier::stop`] for callers that may not block.
    pub async fn stop_async(&self, id: &StopId) -> Result<StopView, CourierError> {
        self.wait_async(|reply| Ask::Stop(id.clone(), reply)).await
    }

    /// Takes a fix of the phone with its speed in decimetres a second, if the phone knows it, and says what a shell is to
    /// do about the phone's position; without a fix it only says so. An arrival that the fixes show is recorded. A fix
    /// is not stored, and leaves the phone only in a fact that needs it.
    ///
    /// # Errors
    /// `Storage`, `KeyUnavailable`: an arrival could not be recorded.
    pub fn fix(&self, position: Option<Position>, speed_dm_s: Option<u32>) -> Result<Tracking, CourierError> {
        self.wait(|reply| Ask::Fix(position, speed_dm_s, reply))
    }

    /// [`Courier::fix`] for callers that may not block.
    pub async fn fix_async(
        &self,
        position: Option<Position>,
        speed_dm_s: Option<u32>,
    ) -> Result<Tracking, CourierError> {
        self.wait_async(|reply| Ask::Fix(position, speed_dm_s, reply)).await
    }

    /// Makes this phone a courier's, with the 10 characters that the office gave. Needs the network.
    ///
    /// # Errors
    /// `InvalidInput`, `Offline`, `Auth` if the code was refused or the phone is enrolled already.
    pub async fn enrol(&self, code: &str) -> Result<CourierInfo, CourierError> {
        self.wait_async(|reply| Ask::Enrol(code.to_owned(), reply)).await
    }

    /// [`Courier::enrol`] for callers without a runtime.
    pub fn enrol_blocking(&self, code: &str) -> Result<CourierInfo, CourierError> {
        self.wait(|reply| Ask::Enrol(code.to_owned(), reply))
    }

    /// Asks for a new code for an attempt. It is mailed to the customer only, and the phone can check it as soon as
    /// its verifier has come. Needs the network.
    ///
    /// # Errors
    /// `Rejected` if there is no new code for it now, such as the third on a day; `Offline`, `Auth`, `NotFound`.
    pub async fn request_reissue(&self, attempt: &AttemptId) -> Result<(), CourierError> {
        self.wait_async(|reply| Ask::Reissue(attempt.clone(), reply)).await
    }

    /// [`Courier::request_reissue`] for callers without a runtime.
    pub fn request_reissue_blocking(&self, attempt: &AttemptId) -> Result<(), CourierError> {
        self.wait(|reply| Ask::Reissue(attempt.clone(), reply))
    }

    /// Exchanges with the server what can be exchanged, for `budget_ms` milliseconds at most. Our own waiting
    /// after failures is skipped, what the server asked for is kept. It may be killed at any instruction.
    pub async fn sync(&self, budget_ms: u64) -> Result<SyncReport, CourierError> {
        self.wait_async(|reply| Ask::Sync(budget_ms, reply)).await
    }

    /// [`Courier::sync`] for callers without a runtime.
    pub fn sync_blocking(&self, budget_ms: u64) -> Result<SyncReport, CourierError> {
        self.wait(|reply| Ask::Sync(budget_ms, reply))
    }

    /// Gets ready for the system to freeze the app: hands in what fits into `deadline_ms` milliseconds of the boot
    /// clock, then closes the databases, so that no file of theirs is open and no lock is held. Returns what was
    /// exchanged once they are closed. What is on its way then is given up, and sent again another time.
    ///
    /// Until [`Courier::resume`] every call answers `Closed`, so that a late one opens nothing again (ADR 9);
    /// observers stay. Called again while it waits, the earlier deadline counts. If `resume` comes first, it returns
    /// and nothing is closed.
    pub fn suspend_blocking(&self, deadline_ms: u64) -> Result<SyncReport, CourierError> {
        self.wait(|reply| Ask::Suspend(deadline_ms, reply))
    }

    /// [`Courier::suspend_blocking`] for callers that may not block.
    pub async fn suspend(&self, deadline_ms: u64) -> Result<SyncReport, CourierError> {
        self.wait_async(|reply| Ask::Suspend(deadline_ms, reply)).await
    }

    /// Opens the databases again, and tells observers. Nothing happens if they are open.
    ///
    /// # Errors
    /// `Storage` and `KeyUnavailable`, such as on an iPhone that is still locked: it stays suspended, and can be
    /// resumed later.
    pub fn resume_blocking(&self) -> Result<(), CourierError> {
        self.wait(Ask::Resume)
    }

    /// [`Courier::resume_blocking`] for callers that may not block.
    pub async fn resume(&self) -> Result<(), CourierError> {
        self.wait_async(Ask::Resume).await
    }

    /// Calls `callback` with the newest revision after something changed, on a thread of its own: several changes
    /// may come as one call. It may call back into this object. It ends when the subscription is dropped.
    pub fn observe(&self, callback: impl Fn(u64) + Send + Sync + 'static) -> Subscription {
        self.notifier.subscribe(Arc::new(callback))
    }

    /// What is on this phone, and how it stands with the server.
    pub fn diagnostics(&self) -> Result<Diagnostics, CourierError> {
        self.wait(Ask::Diagnostics)
    }

    /// [`Courier::diagnostics`] for callers that may not block.
    pub async fn diagnostics_async(&self) -> Result<Diagnostics, CourierError> {
        self.wait_async(Ask::Diagnostics).await
    }

    /// The courier leaves this phone: everything of theirs is deleted, and the phone is as at its first start. Facts that
    /// the server does not have block it, unless they are written into a file for the office: `export_to` is where.
    /// Only the backend can read that file.
    ///
    /// # Errors
    /// `Storage`, `KeyUnavailable`, `Auth` for an export before the enrolment.
    pub fn log_out(&self, export_to: Option<PathBuf>) -> Result<LogOut, CourierError> {
        self.wait(|reply| Ask::LogOut(export_to, reply))
    }

    /// [`Courier::log_out`] for callers that may not block.
    pub async fn log_out_async(&self, export_to: Option<PathBuf>) -> Result<LogOut, CourierError> {
        self.wait_async(|reply| Ask::LogOut(export_to, reply)).await
    }

    /// Closes the databases and ends both threads and the runtime. Requests on their way are given up; what they
    /// carried is sent again another time. Every later call answers `Closed`.
    pub fn shutdown(&self) {
        self.closed.store(true, Ordering::SeqCst);
        let _ = self.asks.send(Ask::Shutdown);
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A callback may shut down too, but a thread cannot wait for itself.
        if let Some(writer) = writer
            && writer.thread().id() != std::thread::current().id()
        {
            let _ = writer.join();
        }
        self.notifier.stop();
    }

    fn wait<T: Send + 'static>(&self, ask: impl FnOnce(writer::Reply<T>) -> Ask) -> Result<T, CourierError> {
        let (send, receive) = mpsc::channel();
        let reply = Box::new(move |result| drop(send.send(result)));
        self.asks.send(ask(reply)).map_err(|_| CourierError::Closed)?;
        self.public(receive.recv().unwrap_or_else(|_| Err(self.unanswered())))
    }

    async fn wait_async<T: Send + 'static>(
        &self,
        ask: impl FnOnce(writer::Reply<T>) -> Ask,
    ) -> Result<T, CourierError> {
        let (send, receive) = oneshot::channel();
        let reply = Box::new(move |result| drop(send.send(result)));
        self.asks.send(ask(reply)).map_err(|_| CourierError::Closed)?;
        self.public(receive.await.unwrap_or_else(|_| Err(self.unanswered())))
    }

    /// Why nobody answered: the engine was closed, or a fault of this program ended the work.
    fn unanswered(&self) -> EngineError {
        let closed = self.closed.load(Ordering::SeqCst);
        if closed { EngineError::Closed } else { EngineError::Internal("panic") }
    }

    fn public<T>(&self, result: Result<T, EngineError>) -> Result<T, CourierError> {
        result.map_err(|error| error.into_public(self.log.as_ref()))
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        self.shutdown();
    }
}

fn read_clock(ports: &Ports) -> Result<Now, EngineError> {
    Now::read(ports.clock.as_ref()).map_err(|_| EngineError::Clock)
}
