//! The machine while its files are open, what may send for it, and whoever waits for an exchange.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::Sender;

use courier_protocol::CourierInfo;
use tokio::runtime::Runtime;

use super::config::Config;
use super::read_clock;
use super::sync::{Suspending, SyncReport, Waiting, report};
use super::transport::Transport;
use super::writer::{Ask, LONGEST_SLEEP_MS, Reply};
use crate::clock::Now;
use crate::error::EngineError;
use crate::http::HttpRequest;
use crate::machine::{LogOut, Machine, MachineConfig, Step, Traffic};
use crate::ports::{Level, Ports};
use crate::receipt::Receipt;
use crate::store::Store;

/// What stays the same however often the files are opened and closed.
#[derive(Clone)]
pub(super) struct Setup {
    pub(super) config: Config,
    pub(super) ports: Ports,
    pub(super) asks: Sender<Ask>,
}

impl Setup {
    pub(super) fn now(&self) -> Result<Now, EngineError> {
        read_clock(&self.ports)
    }

    fn open_machine(&self) -> Result<Machine, EngineError> {
        let config = &self.config;
        let store = Store::open(&config.data_dir)?;
        let rng = config.rng(store.opens()?)?;
        let machine_config = MachineConfig {
            server: config.server.trim_end_matches('/').to_owned(),
            platform: config.platform.clone(),
            app: config.app.clone(),
            poll_interval_ms: config.poll_interval_ms,
            planted: config.planted,
        };
        Machine::open(machine_config, store, self.ports.clone(), Box::new(rng), &self.now()?)
    }
}

/// What is to be done next.
pub(super) enum Turn {
    /// Nothing for so many milliseconds, unless somebody asks.
    Sleep(u64),
    /// Close the files: the app may be frozen.
    Suspend,
}

/// See the module.
pub(super) struct Opened {
    setup: Setup,
    /// Which opening of this process it is: an answer to a request of an earlier one is nobody's.
    no: u64,
    machine: Machine,
    transport: Transport,
    runtime: Runtime,
    syncs: Vec<Waiting>,
    suspending: Option<Suspending>,
    enrolling: Option<Reply<CourierInfo>>,
    reissuing: Option<Reply<()>>,
}

impl Opened {
    pub(super) fn open(setup: &Setup, no: u64) -> Result<Self, EngineError> {
        let transport = Transport::new(&setup.config)?;
        let machine = setup.open_machine()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("courier-net")
            .enable_all()
            .build()
            .map_err(|_| EngineError::Internal("runtime"))?;
        Ok(Self {
            setup: setup.clone(),
            no,
            machine,
            transport,
            runtime,
            syncs: Vec::new(),
            suspending: None,
            enrolling: None,
            reissuing: None,
        })
    }

    /// Gives up what is on its way, closes every file, and then answers whoever waits.
    pub(super) fn close(mut self) -> SyncReport {
        let before = self.suspending.as_ref().map_or(self.machine.traffic(), |it| it.before);
        let closing = self.report(before).unwrap_or_default();
        let waiting = std::mem::take(&mut self.syncs).into_iter();
        let syncs: Vec<_> = waiting.map(|it| (self.report(it.before), it.reply)).collect();
        self.runtime.shutdown_background();
        if let Err(error) = self.machine.close() {
            self.setup.ports.log.event(Level::Warn, "not-checkpointed", &[&error.to_string()]);
        }
        for (report, reply) in syncs {
            reply(report);
        }
        if let Some(enrolling) = self.enrolling {
            enrolling(Err(EngineError::Closed));
        }
        if let Some(reissuing) = self.reissuing {
            reissuing(Err(EngineError::Closed));
        }
        if let Some(suspending) = self.suspending {
            suspending.answer(closing);
        }
        closing
    }

    fn report(&self, before: Traffic) -> Result<SyncReport, EngineError> {
        let waits = (self.machine.pending()?, self.machine.pending_files());
        Ok(report(before, self.machine.traffic(), waits, self.machine.is_enrolled()))
    }

    /// Whether it has to be opened again: that puts together what is damaged.
    pub(super) fn is_damaged(&self) -> bool {
        self.machine.is_damaged()
    }

    pub(super) fn revision(&self) -> u64 {
        self.machine.revision()
    }

    /// Serves one request; `revision_base` is added to the machine's revisions.
    pub(super) fn handle(&mut self, ask: Ask, revision_base: u64) {
        if ask.is_of_a_shell() {
            self.make_plan_current();
        }
        match ask {
            Ask::Submit(command, reply) => {
                let result = self.setup.now().and_then(|now| self.machine.command(command, &now));
                reply(result.map(|it| Receipt { revision: revision_base + it.revision, ..it }));
            }
            Ask::Route(reply) => reply(self.setup.now().map(|now| self.machine.route_view(&now))),
            Ask::Stop(stop, reply) => reply(
                self.setup
                    .now()
                    .and_then(|now| self.machine.stop_view(&stop, &now).ok_or(EngineError::NotFound)),
            ),
            Ask::Fix(position, speed, reply) => {
                reply(self.setup.now().and_then(|now| self.machine.fix(position, speed, &now)));
            }
            Ask::Found { opening, found } => {
                if opening == self.no {
                    self.machine.found(found);
                }
            }
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
            Ask::Sync(budget_ms, reply) => match self.setup.now() {
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
                reply(self.setup.now().and_then(|now| self.machine.diagnostics(&now)));
            }
            Ask::Suspend(deadline_ms, reply) => self.suspend_within(deadline_ms, reply),
            Ask::Resume(reply) => {
                // Whoever comes back before the files are closed finds them open.
                if let Some(suspending) = self.suspending.take() {
                    let report = self.report(suspending.before).unwrap_or_default();
                    suspending.answer(report);
                }
                reply(Ok(()));
            }
            Ask::Received { opening, id, result } => {
                if opening == self.no {
                    self.received(id, result);
                }
            }
            // The writer does them itself.
            Ask::LogOut(..) | Ask::Shutdown => {}
        }
    }

    /// After [`LogOut::Done`] the machine is over.
    pub(super) fn log_out(&mut self, export_to: Option<&Path>) -> Result<LogOut, EngineError> {
        self.setup.now().and_then(|now| self.machine.log_out(export_to, &now))
    }

    /// The earliest deadline counts: who has less time knows better.
    fn suspend_within(&mut self, deadline_ms: u64, reply: Reply<SyncReport>) {
        // Without a clock no deadline would ever come.
        let until = self.setup.now().map_or(0, |now| now.boot_ms.saturating_add(deadline_ms));
        let mut suspending = self.suspending.take().unwrap_or_else(|| {
            // It may be the last chance for hours.
            self.machine.sync_now();
            Suspending { until_boot_ms: u64::MAX, before: self.machine.traffic(), replies: Vec::new() }
        });
        suspending.until_boot_ms = suspending.until_boot_ms.min(until);
        suspending.replies.push(reply);
        self.suspending = Some(suspending);
    }

    fn received(&mut self, id: u64, result: Result<crate::http::HttpResponse, crate::http::NetError>) {
        if let Ok(now) = self.setup.now() {
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

    /// Lets the machine send what it has.
    pub(super) fn drive(&mut self) -> Result<Turn, Panicked> {
        let Ok(now) = self.setup.now() else {
            // Without a clock nobody's budget would ever end.
            self.syncs.drain(..).for_each(|waiting| (waiting.reply)(Err(EngineError::Clock)));
            let close = self.suspending.is_some();
            return Ok(if close { Turn::Suspend } else { Turn::Sleep(LONGEST_SLEEP_MS) });
        };
        if self.setup.config.auto_sync {
            catch_unwind(AssertUnwindSafe(|| self.think(&now))).map_err(|_| Panicked)?;
        }
        let deadline = self.finish_syncs(&now, false);
        if self.is_suspension_due(&now) {
            return Ok(Turn::Suspend);
        }
        let deadline = deadline.min(self.suspending.as_ref().map_or(u64::MAX, |it| it.left(&now)));
        let auto = self.setup.config.auto_sync;
        if !(auto || self.is_waited_for()) {
            return Ok(Turn::Sleep(LONGEST_SLEEP_MS));
        }
        loop {
            // One request at a time, so that the order of answers cannot differ between two runs.
            if !auto && self.machine.is_waiting() {
                return Ok(Turn::Sleep(deadline));
            }
            let step = catch_unwind(AssertUnwindSafe(|| self.machine.next(&now))).map_err(|_| Panicked)?;
            let wake = match step {
                Step::Send(request) => {
                    self.send(request);
                    self.machine.work_ahead();
                    continue;
                }
                Step::SleepUntil(at) => at.saturating_sub(now.boot_ms).max(1).min(deadline),
                Step::Idle => deadline,
            };
            let nothing_left = !self.machine.is_waiting();
            self.finish_syncs(&now, nothing_left);
            let suspend = nothing_left && self.suspending.is_some();
            return Ok(if suspend { Turn::Suspend } else { Turn::Sleep(wake) });
        }
    }

    /// Before a shell is shown or changes anything. Where the network is used on demand only, two runs have to be the same:
    /// everything about the plan is done then, and nothing whenever the thread happens to wake.
    fn make_plan_current(&mut self) {
        let Ok(now) = self.setup.now() else { return };
        if self.setup.config.auto_sync {
            self.machine.look_at_plan(&now);
        } else {
            self.think(&now);
        }
    }

    /// A search goes to a thread of its own: who asks for a screen does not wait for it.
    fn think(&mut self, now: &Now) {
        let Some(search) = self.machine.think(now) else { return };
        if !self.setup.config.auto_sync {
            return self.machine.found(search.run());
        }
        let (asks, opening) = (self.setup.asks.clone(), self.no);
        self.runtime.spawn_blocking(move || {
            let found = search.run();
            let _ = asks.send(Ask::Found { opening, found });
        });
    }

    fn is_waited_for(&self) -> bool {
        let asked = self.enrolling.is_some() || self.reissuing.is_some();
        asked || self.suspending.is_some() || !self.syncs.is_empty()
    }

    /// What else is on its way is not waited for once everything is handed in.
    fn is_suspension_due(&self, now: &Now) -> bool {
        self.suspending
            .as_ref()
            .is_some_and(|it| it.until_boot_ms <= now.boot_ms || self.machine.pending().unwrap_or(0) == 0)
    }

    fn send(&self, request: HttpRequest) {
        let (transport, asks, opening) = (self.transport.clone(), self.setup.asks.clone(), self.no);
        self.runtime.spawn(async move {
            let id = request.id;
            let result = transport.carry(request).await;
            let _ = asks.send(Ask::Received { opening, id, result });
        });
    }

    /// Answers those whose time is over, or everybody once there is nothing left to do. Returns for how many
    /// milliseconds nobody's time is over.
    fn finish_syncs(&mut self, now: &Now, all: bool) -> u64 {
        let over = |waiting: &Waiting| all || waiting.until_boot_ms <= now.boot_ms;
        for waiting in self.syncs.extract_if(.., |waiting| over(waiting)).collect::<Vec<_>>() {
            (waiting.reply)(self.report(waiting.before));
        }
        let next = self.syncs.iter().map(|waiting| waiting.until_boot_ms - now.boot_ms).min();
        next.unwrap_or(LONGEST_SLEEP_MS)
    }
}

/// A fault of this program.
pub(super) struct Panicked;
