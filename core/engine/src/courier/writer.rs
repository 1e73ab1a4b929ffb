//! The thread that owns the machine: it takes one request after the other and lets the machine send whenever it
//! may use the network.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use courier_domain::{AttemptId, Command, RouteView, StopId, StopView};
use courier_protocol::CourierInfo;
use tokio::runtime::Runtime;

use super::config::Config;
use super::notifier::Changes;
use super::read_clock;
use super::sync::{SyncReport, Waiting, report};
use super::transport::Transport;
use crate::clock::Now;
use crate::error::EngineError;
use crate::http::{HttpResponse, NetError};
use crate::machine::{Diagnostics, LogOut, Machine, MachineConfig, Step};
use crate::planted::Planted;
use crate::ports::{Level, Ports};
use crate::receipt::Receipt;
use crate::store::Store;

/// How an answer gets back, whatever the caller waits with.
pub(super) type Reply<T> = Box<dyn FnOnce(Result<T, EngineError>) + Send>;

/// What the thread can be asked.
pub(super) enum Ask {
    Submit(Command, Reply<Receipt>),
    Route(Reply<Option<RouteView>>),
    Stop(StopId, Reply<StopView>),
    Enrol(String, Reply<CourierInfo>),
    Reissue(AttemptId, Reply<()>),
    Sync(u64, Reply<SyncReport>),
    Diagnostics(Reply<Diagnostics>),
    LogOut(Option<PathBuf>, Reply<LogOut>),
    /// From the runtime: an answer, or that there is none.
    Received(u64, Result<HttpResponse, NetError>),
    Shutdown,
}

/// Longest sleep without looking at the boot clock, which may have run on while the device slept.
const LONGEST_SLEEP_MS: u64 = 60_000;

pub(super) struct Writer {
    config: Config,
    ports: Ports,
    machine: Machine,
    transport: Transport,
    runtime: Runtime,
    asks: Sender<Ask>,
    changes: Changes,
    published: u64,
    /// Added to the machine's revisions, so that they rise over a reopening too.
    revision_base: u64,
    syncs: Vec<Waiting>,
    enrolling: Option<Reply<CourierInfo>>,
    reissuing: Option<Reply<()>>,
}

fn open_machine(config: &Config, ports: &Ports) -> Result<Machine, EngineError> {
    let store = Store::open(&config.data_dir)?;
    let rng = config.rng(store.opens()?)?;
    let machine_config = MachineConfig {
        server: config.server.trim_end_matches('/').to_owned(),
        platform: config.platform.clone(),
        app: config.app.clone(),
        poll_interval_ms: config.poll_interval_ms,
        planted: config.planted,
    };
    Machine::open(machine_config, store, ports.clone(), Box::new(rng), &read_clock(ports)?)
}

impl Writer {
    pub(super) fn open(
        mut config: Config,
        ports: Ports,
        asks: Sender<Ask>,
        changes: Changes,
    ) -> Result<Self, EngineError> {
        if config.planted == Planted::NONE {
            config.planted = Planted::from_environment().map_err(|_| EngineError::Internal("unknown bug"))?;
        }
        let transport = Transport::new(&config)?;
        let machine = open_machine(&config, &ports)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("courier-net")
            .enable_all()
            .build()
            .map_err(|_| EngineError::Internal("runtime"))?;
        Ok(Self {
            config,
            ports,
            machine,
            transport,
            runtime,
            asks,
            changes,
            published: 0,
            revision_base: 0,
            syncs: Vec::new(),
            enrolling: None,
            reissuing: None,
        })
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
        self.runtime.shutdown_background();
    }

    /// Serves one request. A panic is a fault of this program: it becomes an error for the one who asked, and the
    /// machine is opened again from what is stored.
    fn serve(&mut self, ask: Ask) {
        if catch_unwind(AssertUnwindSafe(|| self.handle(ask))).is_err() {
            self.ports.log.event(Level::Error, "panic", &[]);
            self.reopen();
        }
    }

    fn reopen(&mut self) {
        match open_machine(&self.config, &self.ports) {
            Ok(machine) => {
                self.revision_base = self.published;
                self.machine = machine;
            }
            Err(error) => self.ports.log.event(Level::Error, "reopen-failed", &[&error.to_string()]),
        }
    }

    fn handle(&mut self, ask: Ask) {
        match ask {
            Ask::Submit(command, reply) => {
                let result = self.now().and_then(|now| self.machine.command(command, &now));
                let base = self.revision_base;
                reply(result.map(|receipt| Receipt { revision: base + receipt.revision, ..receipt }));
            }
            Ask::Route(reply) => reply(self.now().map(|now| self.machine.route_view(&now))),
            Ask::Stop(stop, reply) => reply(
                self.now().and_then(|now| self.machine.stop_view(&stop, &now).ok_or(EngineError::NotFound)),
            ),
            Ask::Enrol(code, reply) => match self.machine.enrol(&code) {
                Ok(()) => {
                    // The newer request overrides: only its answer will be waited for.
                    if let Some(earlier) = self.enrolling.replace(reply) {
                        earlier(Err(EngineError::Offline));
                    }
                }
                Err(error) => reply(Err(error)),
            },
            Ask::Reissue(attempt, reply) => match self.machine.request_reissue(&attempt) {
                Ok(()) => {
                    if let Some(earlier) = self.reissuing.replace(reply) {
                        earlier(Err(EngineError::Offline));
                    }
                }
                Err(error) => reply(Err(error)),
            },
            Ask::Sync(budget_ms, reply) => match self.now() {
                Ok(now) => {
                    self.machine.sync_now();
                    self.syncs.push(Waiting {
                        until_boot_ms: now.boot_ms.saturating_add(budget_ms),
                        before: self.machine.traffic(),
                        reply,
                    });
                }
                Err(error) => reply(Err(error)),
            },
            Ask::Diagnostics(reply) => {
                reply(self.now().and_then(|now| self.machine.diagnostics(&now)));
            }
            Ask::LogOut(export_to, reply) => {
                let ended = self.now().and_then(|now| self.machine.log_out(export_to.as_deref(), &now));
                if matches!(ended, Ok(LogOut::Done { .. })) {
                    self.reopen();
                }
                reply(ended);
            }
            Ask::Received(id, result) => {
                if let Ok(now) = self.now() {
                    self.machine.received(id, result, &now);
                }
                if let (Some(outcome), Some(_)) = (self.machine.take_enrolment(), &self.enrolling)
                    && let Some(reply) = self.enrolling.take()
                {
                    reply(outcome);
                }
                if let (Some(outcome), Some(_)) = (self.machine.take_reissue(), &self.reissuing)
                    && let Some(reply) = self.reissuing.take()
                {
                    reply(outcome);
                }
            }
            Ask::Shutdown => {}
        }
    }

    fn now(&self) -> Result<Now, EngineError> {
        read_clock(&self.ports)
    }

    /// Lets the machine send what it has. Returns for how many milliseconds nothing is to be done.
    fn drive(&mut self) -> u64 {
        let Ok(now) = self.now() else {
            // Without a clock nobody's budget would ever end.
            self.syncs.drain(..).for_each(|waiting| (waiting.reply)(Err(EngineError::Clock)));
            return LONGEST_SLEEP_MS;
        };
        let deadline = self.finish_syncs(&now, false);
        let waited_for = self.enrolling.is_some() || self.reissuing.is_some() || !self.syncs.is_empty();
        if !(self.config.auto_sync || waited_for) {
            return LONGEST_SLEEP_MS;
        }
        loop {
            // One request at a time, so that the order of answers cannot differ between two runs.
            if !self.config.auto_sync && self.machine.is_waiting() {
                return deadline;
            }
            match catch_unwind(AssertUnwindSafe(|| self.machine.next(&now))) {
                Ok(Step::Send(request)) => {
                    self.send(request);
                    self.machine.work_ahead();
                }
                Ok(Step::SleepUntil(at)) => {
                    self.finish_syncs(&now, !self.machine.is_waiting());
                    return at.saturating_sub(now.boot_ms).max(1).min(deadline);
                }
                Ok(Step::Idle) => {
                    self.finish_syncs(&now, !self.machine.is_waiting());
                    return deadline;
                }
                Err(_) => {
                    self.ports.log.event(Level::Error, "panic", &[]);
                    self.reopen();
                    return LONGEST_SLEEP_MS;
                }
            }
        }
    }

    fn send(&self, request: crate::http::HttpRequest) {
        let (transport, asks) = (self.transport.clone(), self.asks.clone());
        self.runtime.spawn(async move {
            let id = request.id;
            let result = transport.carry(request).await;
            let _ = asks.send(Ask::Received(id, result));
        });
    }

    /// Answers those whose time is over, or everybody once there is nothing left to do. Returns for how many
    /// milliseconds nobody's time is over.
    fn finish_syncs(&mut self, now: &Now, all: bool) -> u64 {
        let over = |waiting: &Waiting| all || waiting.until_boot_ms <= now.boot_ms;
        for waiting in self.syncs.extract_if(.., |waiting| over(waiting)).collect::<Vec<_>>() {
            let pending = self.machine.pending();
            let (after, enrolled) = (self.machine.traffic(), self.machine.is_enrolled());
            (waiting.reply)(pending.map(|pending| report(waiting.before, after, pending, enrolled)));
        }
        let next = self.syncs.iter().map(|waiting| waiting.until_boot_ms - now.boot_ms).min();
        next.unwrap_or(LONGEST_SLEEP_MS)
    }

    fn publish(&mut self) {
        let revision = self.revision_base + self.machine.revision();
        if revision != self.published {
            self.published = revision;
            self.changes.publish(revision);
        }
    }
}
