//! The engine without I/O of its own: commands, requests and answers go in and out as data. SQLite is its only
//! side effect, and one thread owns it.

mod commands;
mod facts;
mod lane;
mod open;
mod route;
mod session;

use courier_codes::{RowKey, SigningKey};
use courier_domain::{
    At, CodeId, DayState, FactHash, FactId, InstallId, LockedBy, RouteId, RouteView, ScanResult, StopId,
    StopView, route_view, stop_view,
};
use courier_protocol::CourierInfo;
use serde::{Deserialize, Serialize};

use crate::clock::{self, Anchor};
use crate::config::Config;
use crate::entropy::Entropy;
use crate::error::EngineError;
use crate::http::{HttpRequest, HttpResponse, NetError};
use crate::ports::{Now, Ports};
use crate::store::journal::Journal;
use crate::store::route::RouteStore;

use lane::Lane;
use route::Checkpoint;
use session::{Enrolment, Token};

/// The answer to a command. When it is there, what it reports is committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Rises with every change of what the views show.
    pub revision: u64,
    /// What happened.
    pub result: CommandResult,
}

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "done", rename_all = "snake_case")]
pub enum CommandResult {
    /// Recorded; without a fact it was so already.
    Done {
        /// The fact.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fact: Option<FactId>,
    },
    /// The code fits, provisionally.
    CodeMatched {
        /// Which code.
        code_id: CodeId,
        /// Who holds it.
        holder: String,
    },
    /// The code does not fit.
    CodeWrong {
        /// Wrong entries left.
        tries_left: u32,
        /// Milliseconds until the next entry is taken.
        wait_ms: u64,
    },
    /// The code does not fit, and no entry is taken any more.
    CodeLocked {
        /// Why.
        by: LockedBy,
    },
    /// A barcode was read.
    Scanned {
        /// What it is.
        scan: ScanResult,
    },
}

/// What the driver does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send this, and bring the answer to [`Machine::received`].
    Send(HttpRequest),
    /// Nothing until this time of the boot clock, or until a command.
    Wait {
        /// Milliseconds of the boot clock; `None` = until something happens.
        until_boot_ms: Option<u64>,
    },
}

/// What a sync did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncReport {
    /// Facts that the server acknowledged.
    pub acknowledged: u64,
    /// Facts that it still has to get.
    pub pending: u64,
    /// Whether the route changed.
    pub route_changed: bool,
    /// Why it ended early, as a stable word.
    pub problem: Option<String>,
}

/// What is on this phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// Version of the core.
    pub version: String,
    /// The installation.
    pub install: InstallId,
    /// Its incarnation.
    pub inc: u32,
    /// Who it belongs to, once enrolled.
    pub courier: Option<String>,
    /// Facts made here.
    pub facts: u64,
    /// Facts that the server does not have.
    pub unsent: u64,
    /// Objects of the route.
    pub objects: u64,
    /// Whether the time is certain.
    pub time_certain: bool,
}

/// The machine.
pub struct Machine {
    config: Config,
    ports: Ports,
    rng: Entropy,
    journal: Journal,
    routes: RouteStore,
    cache_key: RowKey,
    journal_key: RowKey,
    install: InstallId,
    inc: u32,
    head: Option<(u64, FactHash)>,
    last_id_ms: u64,
    day_key: Option<(RouteId, SigningKey)>,
    state: DayState,
    revision: u64,
    anchor: Option<Anchor>,
    courier: Option<CourierInfo>,
    evidence_key: Option<courier_codes::EvidenceKey>,
    epoch: String,
    next_request: u64,
    enrolment: Option<Enrolment>,
    token: Option<Token>,
    token_lane: Lane,
    facts_lane: Lane,
    route_lane: Lane,
    checkpoint: Option<Checkpoint>,
    report: SyncReport,
}

impl Machine {
    /// Now, by the shell's clocks.
    pub fn now(&self) -> Result<Now, EngineError> {
        Ok(self.ports.clock.now()?)
    }

    fn at(&self, now: &Now) -> At {
        clock::at(self.anchor.as_ref(), now)
    }

    /// The day at a glance, once there is a route.
    pub fn route_view(&self, now: &Now) -> Option<RouteView> {
        route_view(&self.state, &self.at(now))
    }

    /// One stop with everything that can be done there.
    pub fn stop_view(&self, stop: &StopId, now: &Now) -> Option<StopView> {
        stop_view(&self.state, stop, &self.at(now))
    }

    /// The state that the views are drawn from.
    pub fn state(&self) -> &DayState {
        &self.state
    }

    /// Rises with every change of what the views show.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    fn changed(&mut self) {
        self.revision += 1;
    }

    /// Whether this installation belongs to a courier.
    pub fn is_enrolled(&self) -> bool {
        self.courier.is_some()
    }

    /// What is on this phone.
    pub fn diagnostics(&self, now: &Now) -> Result<Diagnostics, EngineError> {
        Ok(Diagnostics {
            version: env!("CARGO_PKG_VERSION").into(),
            install: self.install.clone(),
            inc: self.inc,
            courier: self.courier.as_ref().map(|courier| courier.name.clone()),
            facts: self.journal.facts()?.len() as u64,
            unsent: self.journal.unsent_count(&self.epoch)?,
            objects: self.routes.objects()?.len() as u64,
            time_certain: self.at(now).server_ms.is_some(),
        })
    }

    /// Asks for one exchange of everything, whatever our own backoff says.
    pub fn begin_sync(&mut self) -> Result<(), EngineError> {
        if !self.is_enrolled() {
            return Err(EngineError::Auth { kind: "not-enrolled".into() });
        }
        self.report = SyncReport::default();
        self.facts_lane.forced = true;
        self.route_lane.forced = true;
        Ok(())
    }

    /// The report of the sync, once it is over.
    pub fn finished_sync(&mut self) -> Result<Option<SyncReport>, EngineError> {
        if self.facts_lane.forced || self.route_lane.forced {
            return Ok(None);
        }
        self.report.pending = self.journal.unsent_count(&self.epoch)?;
        Ok(Some(self.report.clone()))
    }

    /// Ends a sync whose time is over. What was acknowledged stays acknowledged.
    pub fn abandon_sync(&mut self) {
        self.facts_lane.forced = false;
        self.route_lane.forced = false;
        self.report.problem.get_or_insert_with(|| "out-of-time".into());
    }

    /// What to do now.
    pub fn next(&mut self, now: &Now) -> Result<Step, EngineError> {
        for lane in [&mut self.token_lane, &mut self.facts_lane, &mut self.route_lane] {
            lane.give_up_lost_request(now);
        }
        if let Some(request) = self.enrolment_request(now)? {
            return Ok(Step::Send(request));
        }
        if !self.is_enrolled() {
            return Ok(Step::Wait { until_boot_ms: None });
        }
        let facts = self.facts_are_due(now)?;
        let route = self.route_is_due(now, facts);
        if (facts || route) && !self.has_token(now) {
            return match self.token_request(now)? {
                Some(request) => Ok(Step::Send(request)),
                None => Ok(self.wait(now)),
            };
        }
        if facts && let Some(request) = self.facts_request(now)? {
            return Ok(Step::Send(request));
        }
        if route && let Some(request) = self.route_request(now)? {
            return Ok(Step::Send(request));
        }
        Ok(self.wait(now))
    }

    fn wait(&self, now: &Now) -> Step {
        let lanes = [&self.token_lane, &self.facts_lane, &self.route_lane];
        let times = lanes.into_iter().filter_map(|lane| lane.wakes_at(now));
        Step::Wait { until_boot_ms: times.min().filter(|_| self.config.auto_sync || self.is_syncing()) }
    }

    fn is_syncing(&self) -> bool {
        self.facts_lane.forced || self.route_lane.forced
    }

    /// Takes the answer to a request, or that there was none. Answers to requests that were given up are ignored.
    pub fn received(
        &mut self,
        request: u64,
        answer: Result<HttpResponse, NetError>,
        now: &Now,
    ) -> Result<(), EngineError> {
        if self.enrolment.as_ref().is_some_and(|enrolment| enrolment.request == Some(request)) {
            self.enrolled(answer, now);
            return Ok(());
        }
        if let Some(sent) = self.token_lane.take(request) {
            return self.token_received(answer, &sent, now);
        }
        if let Some(sent) = self.facts_lane.take(request) {
            return self.facts_received(answer, &sent, now);
        }
        if let Some(sent) = self.route_lane.take(request) {
            return self.route_received(answer, &sent, now);
        }
        Ok(())
    }

    fn request_id(&mut self) -> u64 {
        self.next_request += 1;
        self.next_request
    }

    fn log(&self, word: &str, detail: &str) {
        self.ports.log.event(word, detail);
    }
}

#[cfg(test)]
mod tests;
