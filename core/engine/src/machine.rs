//! The machine: decides, signs, commits, synchronises. No network, no clock, no threads of its own; SQLite is its
//! only I/O. Whoever drives it passes time in, carries requests out and answers back.
//!
//! - [`open`]: identity, keys, the fold; entries that a killed app left behind are counted here.
//! - [`command`], [`record`]: from a wish to a committed fact.
//! - [`watchdog`]: when nothing goes to the server for no reason. [`incident`]: what operators are told.
//! - [`planning`]: the plan of the day. [`purge`]: what goes after a week. [`log_out`]: when all of it goes. [`files`]: photos and signatures.
//! - [`facts_lane`], [`route_lane`], [`blobs_lane`], [`token_lane`], [`enrolment`]: the conversations with the server, each with its
//!   own [`lane`], so that none holds up another.

mod blobs_lane;
mod command;
mod diagnostics;
mod enrolment;
mod facts_lane;
mod files;
mod fold;
mod incident;
mod kept;
mod lane;
mod log_out;
mod open;
mod planning;
mod purge;
mod record;
mod reissue;
mod route_lane;
mod token_lane;
mod watchdog;

use std::collections::BTreeSet;

use courier_codes::encoding::encode;
use courier_codes::{EvidenceKey, RowKey, SigningKey};
use courier_domain::{
    At, CourierId, DayState, FactId, RouteView, StopId, StopView, UnixMs, route_view, stop_view,
};
use courier_protocol::{DrainCause, header};
use rand_core::{CryptoRng, Rng};

use crate::clock::{self, Now, ServerTime};
use crate::error::EngineError;
use crate::http::{HttpRequest, HttpResponse, NetError};
use crate::plan::Plan;
use crate::planted::{Bug, Planted};
use crate::ports::{Level, Ports};
use crate::store::journal::{Head, Identity};
use crate::store::{Store, StoreError};

use blobs_lane::BlobsLane;
pub use diagnostics::{Diagnostics, LaneDiagnostics, Outbox, RouteDiagnostics};
use enrolment::Enrolling;
use facts_lane::FactsLane;
pub use kept::{Goes, Kept, KeptKind};
use lane::Lane;
pub use log_out::LogOut;
use reissue::Reissuing;
use route_lane::RouteLane;
use token_lane::TokenLane;
use watchdog::Watchdog;

/// What does not change while the machine runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineConfig {
    /// The server's `public_url`, which token assertions are made out to.
    pub server: String,
    /// Such as `android-15`.
    pub platform: String,
    /// App name and version.
    pub app: String,
    /// Milliseconds between two polls of the route. Facts that were sent bring the next one forward.
    pub poll_interval_ms: u64,
    /// A bug on purpose, in builds for tests only.
    pub planted: Planted,
}

/// See [`MachineConfig::poll_interval_ms`].
pub const POLL_INTERVAL_MS: u64 = 60_000;

/// After this long a request that nobody answered counts as failed.
const REQUEST_LOST_MS: u64 = 120_000;

/// After a failure of the store, how long until the machine tries to send again.
const STORE_PAUSE_MS: u64 = 5_000;

/// What the machine wants next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Carry this request, and ask again at once: another lane may have one too.
    Send(HttpRequest),
    /// Nothing before this reading of the boot clock, unless something else happens.
    SleepUntil(u64),
    /// Nothing, until something else happens.
    Idle,
}

/// What went to the server and came back since the machine was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Facts sent, repeats included.
    pub sent: u64,
    /// Facts acknowledged, repeats included.
    pub acked: u64,
    /// Whether the last request got no answer.
    pub offline: bool,
    /// What was wrong with the last answer that was no success.
    pub problem: Option<Trouble>,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The token was refused.
    Auth,
    /// The courier no longer works here.
    Dismissed,
    /// The courier is suspended until the office has looked at something.
    Suspended,
    /// The server does not speak this version of the protocol.
    Outdated,
    /// An error of this status.
    Status(u16),
    /// Not an answer of the server: a portal page, or something broken or hostile.
    NotAnAnswer,
    /// The phone itself could not do its part.
    Phone,
}

struct Keys {
    journal: RowKey,
    cache: Option<RowKey>,
}

/// The courier whose phone this is.
struct Enrolled {
    courier: CourierId,
    evidence_key: EvidenceKey,
}

/// See the module.
pub struct Machine {
    config: MachineConfig,
    store: Store,
    ports: Ports,
    rng: Box<dyn CryptoRng + Send>,
    keys: Keys,
    identity: Identity,
    enrolled: Option<Enrolled>,
    head: Option<Head>,
    /// Milliseconds inside the newest fact id: ids of one phone only rise, whatever its clocks do.
    newest_id_ms: u64,
    day_key: Option<SigningKey>,
    state: DayState,
    /// Facts whose verdict the route lane brought; what it says is newer than what the facts lane said.
    judged_by_route: BTreeSet<FactId>,
    revision: u64,
    server_time: Option<ServerTime>,
    /// A write failed, and memory may differ from the disk: fold again before anything else is recorded.
    stale: bool,
    /// A database said that it is damaged: to be opened again, which puts it together.
    damaged: bool,
    next_request: u64,
    facts: FactsLane,
    route: RouteLane,
    blobs: BlobsLane,
    token: TokenLane,
    enrolling: Enrolling,
    reissuing: Reissuing,
    traffic: Traffic,
    watchdog: Watchdog,
    plan: Plan,
    looked: planning::Looked,
    /// When to look again for what is to go, boot clock.
    purge_at: u64,
}

impl Machine {
    /// Closes every file. A request on its way is given up: what it carried is sent again another time.
    pub fn close(mut self) -> Result<(), EngineError> {
        self.keep_plan();
        Ok(self.store.close()?)
    }

    /// Whether a database is damaged. Opened again, it is put together from what is left.
    pub fn is_damaged(&self) -> bool {
        self.damaged
    }

    pub(super) fn notice_damage(&mut self, error: &EngineError) {
        self.damaged |= *error == EngineError::Store(StoreError::Corrupt);
    }

    /// Which revision is shown. It rises with every change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The folded state.
    pub fn state(&self) -> &DayState {
        &self.state
    }

    /// The day at a glance, once there is a route.
    pub fn route_view(&self, now: &Now) -> Option<RouteView> {
        let view = route_view(&self.state, &self.at(now))?;
        Some(self.plan.show_route(RouteView { next_day: self.route.next_day, ..view }))
    }

    /// One stop.
    pub fn stop_view(&self, stop: &StopId, now: &Now) -> Option<StopView> {
        Some(self.plan.show_stop(stop_view(&self.state, stop, &self.at(now))?))
    }

    /// What was sent and acknowledged since the machine was opened.
    pub fn traffic(&self) -> Traffic {
        let limited = self.token.limited_by().map(|cause| match cause {
            DrainCause::Dismissed => Trouble::Dismissed,
            DrainCause::Suspended => Trouble::Suspended,
        });
        Traffic { problem: self.traffic.problem.or(limited), ..self.traffic }
    }

    /// Whether a request is on its way.
    pub fn is_waiting(&self) -> bool {
        self.lanes().iter().any(|(_, lane)| lane.is_in_flight())
    }

    /// Now, by every clock.
    pub(crate) fn at(&self, now: &Now) -> At {
        clock::at(now, self.server_time.as_ref())
    }

    fn lanes(&self) -> [(&'static str, &Lane); 6] {
        [
            ("facts", &self.facts.lane),
            ("route", &self.route.lane),
            ("blobs", &self.blobs.lane),
            ("token", &self.token.lane),
            ("enrolment", &self.enrolling.lane),
            ("reissue", &self.reissuing.lane),
        ]
    }

    /// Whoever holds the phone asked for it: our own waiting ends, the server's does not.
    pub fn sync_now(&mut self) {
        for lane in [&mut self.facts.lane, &mut self.route.lane, &mut self.blobs.lane, &mut self.token.lane] {
            lane.hurry();
        }
        self.route.poll_at = 0;
        self.traffic.problem = None;
        self.traffic.offline = false;
        // It may have been lifted meanwhile.
        self.token.forget_limited();
    }

    /// Two people stand at a door and wait for a verdict: our own waiting ends for what brings it, the server's does not.
    fn hurry_for_a_verdict(&mut self) {
        self.facts.lane.hurry();
        self.token.lane.hurry();
    }

    /// What to do now. To be asked after every event and whenever the time has come, until it is no
    /// [`Step::Send`]. It starts from what is stored each time, so nothing is lost by not asking.
    pub fn next(&mut self, now: &Now) -> Step {
        self.give_up_lost_requests(now);
        self.purge_if_due(now);
        self.tell_incidents(now);
        if let Some(request) = self.next_enrolment(now) {
            return Step::Send(request);
        }
        if self.enrolled.is_none() {
            return Step::Idle;
        }
        let step = self.next_of_lanes(now);
        step.unwrap_or_else(|error| {
            self.traffic.problem = Some(Trouble::Phone);
            self.warn("sync-failed", &[&error.to_string()]);
            self.notice_damage(&error);
            Step::SleepUntil(now.boot_ms + STORE_PAUSE_MS)
        })
    }

    fn next_of_lanes(&mut self, now: &Now) -> Result<Step, EngineError> {
        let outbox = self.store.journal.has_outbox(&self.identity.epoch)?;
        self.watch(outbox && self.facts.lane.is_free(now), now);
        let facts_at = self.facts.lane.due(outbox.then_some(0));
        let route_at = self.route.lane.due(self.route_wanted_at());
        let reissue_at = self.reissuing.lane.due(self.reissuing.is_wanted().then_some(0));
        let blobs_at = self.blobs.lane.due(self.due_blob().map(|_| 0));
        let wanted_at = facts_at.into_iter().chain(route_at).chain(reissue_at).chain(blobs_at).min();
        if !self.has_token(now) {
            let token_at = wanted_at.and_then(|at| self.token.lane.due(Some(at)));
            return match token_at {
                Some(at) if at <= now.boot_ms => self.token_request(now).map(Step::Send),
                Some(at) => Ok(Step::SleepUntil(at)),
                None => Ok(Step::Idle),
            };
        }
        // Somebody stands at the door and waits for it.
        if let Some(request) = self.reissue_request(now)? {
            return Ok(Step::Send(request));
        }
        if facts_at.is_some_and(|at| at <= now.boot_ms) {
            return self.facts_request(now).map(Step::Send);
        }
        if route_at.is_some_and(|at| at <= now.boot_ms) {
            return Ok(Step::Send(self.route_request(now)));
        }
        if blobs_at.is_some_and(|at| at <= now.boot_ms) {
            return match self.blob_request(now)? {
                Some(request) => Ok(Step::Send(request)),
                // The file was damaged, and is gone: there is a fact about it now.
                None => self.next_of_lanes(now),
            };
        }
        Ok(wanted_at.map_or(Step::Idle, Step::SleepUntil))
    }

    /// Takes an answer, or that there is none. An answer to a request that was given up is ignored.
    pub fn received(&mut self, id: u64, result: Result<HttpResponse, NetError>, now: &Now) {
        let sent_at = self.lanes().iter().find_map(|(_, lane)| lane.sent_at(id));
        let Some(sent_at) = sent_at else {
            return self.warn("late-answer", &[]);
        };
        let result = result.and_then(HttpResponse::unpacked);
        self.traffic.offline = matches!(result, Err(NetError::Offline | NetError::Timeout));
        if matches!(result, Err(NetError::TooLarge)) {
            self.traffic.problem = Some(Trouble::NotAnAnswer);
        }
        if let Ok(answer) = &result {
            self.learn_time(answer, sent_at, now);
        }
        if self.facts.lane.is_waiting_for(id) {
            self.facts_received(result, now);
        } else if self.route.lane.is_waiting_for(id) {
            self.route_received(result, now);
        } else if self.blobs.lane.is_waiting_for(id) {
            self.blob_received(result, now);
        } else if self.token.lane.is_waiting_for(id) {
            self.token_received(result, now);
        } else if self.reissuing.lane.is_waiting_for(id) {
            self.reissue_received(result);
        } else {
            self.enrolment_received(result);
        }
        if self.has(Bug::NoPatience) {
            self.facts.lane.hurry();
            self.route.lane.hurry();
        }
    }

    /// Nobody may answer for ever: a driver that was suspended in the middle of a request has lost it.
    fn give_up_lost_requests(&mut self, now: &Now) {
        let lost: Vec<u64> = self
            .lanes()
            .iter()
            .filter_map(|(_, lane)| lane.waiting_since())
            .filter(|(_, since)| now.boot_ms.saturating_sub(*since) > REQUEST_LOST_MS)
            .map(|(id, _)| id)
            .collect();
        for id in lost {
            self.received(id, Err(NetError::Timeout), now);
        }
    }

    fn request_id(&mut self) -> u64 {
        self.next_request += 1;
        self.next_request
    }

    /// Every answer of the server tells its clock. A more certain estimate replaces the one there is; it is
    /// stored when it tells more than a little, so that a restart of the app does not lose it.
    fn learn_time(&mut self, answer: &HttpResponse, sent_at: u64, now: &Now) {
        let told = answer.header(header::SERVER_MS).and_then(|text| text.trim().parse().ok());
        let heard = told.and_then(|ms| ServerTime::from_answer(UnixMs(ms), sent_at, now));
        let Some(heard) = heard else { return };
        let before = self.server_time.as_ref().and_then(|time| time.uncertainty(now));
        if before.is_some_and(|before| before <= heard.plus_minus_ms) {
            return;
        }
        let is_news = before.is_none_or(|before| before > heard.plus_minus_ms + 100);
        if is_news && let Err(error) = self.store.journal.set_server_time(&heard) {
            self.warn("time-not-stored", &[&error.to_string()]);
        }
        self.server_time = Some(heard);
    }

    /// A restored server may miss what it had acknowledged: with another epoch the outbox offers it again.
    fn learn_epoch(&mut self, epoch: &str) -> Result<(), EngineError> {
        if epoch == self.identity.epoch || epoch.is_empty() || epoch.len() > MAX_WORD {
            return Ok(());
        }
        if self.has(Bug::EpochIgnored) && !self.identity.epoch.is_empty() {
            return Ok(());
        }
        let identity = Identity { epoch: epoch.to_owned(), ..self.identity.clone() };
        self.store.journal.set_identity(&identity)?;
        self.identity = identity;
        // What the server had acknowledged under another epoch it may have lost.
        self.fold()?;
        self.changed();
        self.route.start_again();
        self.info("epoch-changed", &[]);
        Ok(())
    }

    fn has(&self, bug: Bug) -> bool {
        self.config.planted.is(bug)
    }

    fn changed(&mut self) {
        self.revision += 1;
    }

    fn random_text(&mut self) -> String {
        let mut bytes = [0; 16];
        self.rng.fill_bytes(&mut bytes);
        encode(&bytes)
    }

    fn info(&self, code: &str, ids: &[&str]) {
        self.ports.log.event(Level::Info, code, ids);
    }

    fn warn(&self, code: &str, ids: &[&str]) {
        self.ports.log.event(Level::Warn, code, ids);
    }
}

/// Longest epoch, cursor or token taken from a server, in bytes.
const MAX_WORD: usize = 4_096;
