//! The thread that owns the machine: it takes one request after the other, lets the machine send whenever it may use
//! the network, and closes the files before the app may be frozen.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use courier_domain::{AttemptId, Command, Position, RouteView, StopId, StopView};
use courier_protocol::CourierInfo;

use super::notifier::Changes;
use super::opened::{Opened, Panicked, Setup, Turn};
use super::sync::SyncReport;
use crate::error::EngineError;
use crate::http::{HttpResponse, NetError};
use crate::machine::{Diagnostics, LogOut};
use crate::plan::arrivals::Tracking;
use crate::plan::search::Found;
use crate::planted::Planted;
use crate::ports::Level;
use crate::receipt::Receipt;

/// How an answer gets back, whatever the caller waits with.
pub(super) type Reply<T> = Box<dyn FnOnce(Result<T, EngineError>) + Send>;

/// What the thread can be asked.
pub(super) enum Ask {
    Submit(Command, Reply<Receipt>),
    Route(Reply<Option<RouteView>>),
    Stop(StopId, Reply<StopView>),
    /// A fix of the phone, with its speed.
    Fix(Option<Position>, Option<u32>, Reply<Tracking>),
    Enrol(String, Reply<CourierInfo>),
    Reissue(AttemptId, Reply<()>),
    Sync(u64, Reply<SyncReport>),
    Diagnostics(Reply<Diagnostics>),
    LogOut(Option<PathBuf>, Reply<LogOut>),
    /// Within so many milliseconds.
    Suspend(u64, Reply<SyncReport>),
    Resume(Reply<()>),
    /// From the runtime of one opening: an answer, or that there is none.
    Received {
        opening: u64,
        id: u64,
        result: Result<HttpResponse, NetError>,
    },
    /// From a thread of one opening: a search has ended.
    Found {
        opening: u64,
        found: Found,
    },
    Shutdown,
}

impl Ask {
    /// Whether a shell asks, and not a thread of the core.
    pub(super) fn is_of_a_shell(&self) -> bool {
        !matches!(self, Self::Received { .. } | Self::Found { .. } | Self::Shutdown)
    }

    /// While the files are closed: nothing is opened behind the back of a shell that is about to be frozen.
    fn refuse(self) {
        match self {
            Self::Submit(_, reply) => reply(Err(EngineError::Closed)),
            Self::Route(reply) => reply(Err(EngineError::Closed)),
            Self::Stop(_, reply) => reply(Err(EngineError::Closed)),
            Self::Enrol(_, reply) => reply(Err(EngineError::Closed)),
            Self::Reissue(_, reply) | Self::Resume(reply) => reply(Err(EngineError::Closed)),
            Self::Sync(_, reply) | Self::Suspend(_, reply) => reply(Err(EngineError::Closed)),
            Self::Diagnostics(reply) => reply(Err(EngineError::Closed)),
            Self::LogOut(_, reply) => reply(Err(EngineError::Closed)),
            Self::Fix(.., reply) => reply(Err(EngineError::Closed)),
            Self::Received { .. } | Self::Found { .. } | Self::Shutdown => {}
        }
    }
}

/// Longest sleep without looking at the boot clock, which may have run on while the device slept.
pub(super) const LONGEST_SLEEP_MS: u64 = 60_000;

enum Files {
    Open(Box<Opened>),
    /// Closed until the app comes back, with what the suspension brought.
    Suspended(SyncReport),
}

pub(super) struct Writer {
    setup: Setup,
    files: Files,
    openings: u64,
    changes: Changes,
    published: u64,
    /// Added to the machine's revisions, so that they rise over a reopening too.
    revision_base: u64,
}

impl Writer {
    pub(super) fn open(mut setup: Setup, changes: Changes) -> Result<Self, EngineError> {
        let config = &mut setup.config;
        if config.planted == Planted::NONE {
            config.planted = Planted::from_environment().map_err(|_| EngineError::Internal("unknown bug"))?;
        }
        let files = Files::Open(Box::new(Opened::open(&setup, 0)?));
        Ok(Self { setup, files, openings: 0, changes, published: 0, revision_base: 0 })
    }

    pub(super) fn run(mut self, inbox: &Receiver<Ask>) {
        loop {
            let sleep = self.drive();
            self.publish();
            let ask = match inbox.recv_timeout(Duration::from_millis(sleep.min(LONGEST_SLEEP_MS))) {
                Ok(ask) => ask,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            if matches!(ask, Ask::Shutdown) {
                break;
            }
            self.serve(ask);
        }
        self.close();
    }

    /// Serves one request. A panic is a fault of this program: it becomes an error for the one who asked, and the
    /// machine is opened again from what is stored.
    fn serve(&mut self, ask: Ask) {
        if catch_unwind(AssertUnwindSafe(|| self.handle(ask))).is_err() {
            self.reopen("panic");
        }
        self.mend();
    }

    /// What is damaged is put together when it is opened.
    fn mend(&mut self) {
        if matches!(&self.files, Files::Open(opened) if opened.is_damaged()) {
            self.reopen("damaged");
        }
    }

    fn handle(&mut self, ask: Ask) {
        match (&mut self.files, ask) {
            (Files::Open(opened), Ask::LogOut(export_to, reply)) => {
                let ended = opened.log_out(export_to.as_deref());
                if matches!(ended, Ok(LogOut::Done { .. })) {
                    self.begin_anew();
                }
                reply(ended);
            }
            (Files::Open(opened), ask) => opened.handle(ask, self.revision_base),
            (Files::Suspended(report), Ask::Suspend(_, reply)) => reply(Ok(*report)),
            (Files::Suspended(_), Ask::Resume(reply)) => reply(self.resume()),
            (Files::Suspended(_), ask) => ask.refuse(),
        }
    }

    fn resume(&mut self) -> Result<(), EngineError> {
        let opened = Opened::open(&self.setup, self.openings + 1)?;
        self.openings += 1;
        self.revision_base = self.published;
        self.files = Files::Open(Box::new(opened));
        Ok(())
    }

    fn close(&mut self) {
        let files = std::mem::replace(&mut self.files, Files::Suspended(SyncReport::default()));
        self.files = match files {
            Files::Open(opened) => Files::Suspended(opened.close()),
            closed @ Files::Suspended(_) => closed,
        };
    }

    /// Opens the machine again from what is stored. If that fails, it is suspended until a shell resumes it.
    fn reopen(&mut self, why: &str) {
        self.setup.ports.log.event(Level::Error, why, &[]);
        self.begin_anew();
    }

    fn begin_anew(&mut self) {
        let log = self.setup.ports.log.clone();
        self.close();
        if let Err(error) = self.resume() {
            log.event(Level::Error, "reopen-failed", &[&error.to_string()]);
        }
    }

    /// Returns for how many milliseconds nothing is to be done.
    fn drive(&mut self) -> u64 {
        let Files::Open(opened) = &mut self.files else { return LONGEST_SLEEP_MS };
        match opened.drive() {
            Ok(Turn::Sleep(ms)) => {
                self.mend();
                ms
            }
            Ok(Turn::Suspend) => {
                self.publish();
                self.close();
                LONGEST_SLEEP_MS
            }
            Err(Panicked) => {
                self.reopen("panic");
                LONGEST_SLEEP_MS
            }
        }
    }

    fn publish(&mut self) {
        let Files::Open(opened) = &self.files else { return };
        let revision = self.revision_base + opened.revision();
        if revision != self.published {
            self.published = revision;
            self.changes.publish(revision);
        }
    }
}
