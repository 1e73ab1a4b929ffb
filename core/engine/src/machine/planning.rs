//! The plan of the day beside the machine: what it needs is passed in, what it has to keep is kept, what the courier
//! decides about it is recorded.

use courier_codes::RowAad;
use courier_domain::{
    Command, FactBody, KeepOrder, Position, PrivatePart, Rejection, RouteEdit, StopId, UnixMs,
};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::Machine;
use super::record::{Unsigned, to_json};
use crate::clock::Now;
use crate::error::EngineError;
use crate::plan::arrivals::{Seen, Tracking};
use crate::plan::learned::Learned;
use crate::plan::search::{Found, Search};
use crate::plan::today::Today;
use crate::plan::{Moment, Plan};
use crate::receipt::CommandResult;
use crate::store::StoreError;

const LEARNED: &str = "learned";
const TODAY: &str = "today";
/// While nothing happens, arrivals are reckoned again so often, in milliseconds.
const LOOK_EVERY_MS: u64 = 30_000;

/// What of the plan would be reckoned anew after a kill is written so often, in milliseconds: a commit wakes the flash.
const KEEP_EVERY_MS: u64 = 30_000;

/// When the plan was last looked at, and last written, by the boot clock.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// Facts or route have changed since.
    pub(super) is_old: bool,
    at: u64,
    kept_at: u64,
}

impl Machine {
    /// What was kept of the plan. Whatever cannot be read is begun anew: it is worth a few seconds.
    pub(super) fn open_plan(&mut self) {
        let secret = self.keys.journal.to_bytes();
        let learned = self.kept(LEARNED).and_then(|json| Learned::from_json(secret.as_ref(), &json));
        let learned = learned.unwrap_or_else(|| Learned::new(secret.as_ref()));
        let today = self.kept(TODAY).and_then(|json| read::<Today>(&json)).unwrap_or_default();
        self.plan = Plan::new(learned, today);
    }

    fn kept(&self, name: &str) -> Option<Zeroizing<Vec<u8>>> {
        let sealed = self.store.route.kept(name).ok().flatten()?;
        self.keys.journal.open(&aad(name), &sealed).ok()
    }

    fn keep(&mut self, name: &str, json: &[u8]) -> Result<(), EngineError> {
        let sealed = self.keys.journal.seal(&mut self.rng, &aad(name), json);
        Ok(self.store.route.keep(name, &sealed.map_err(|_| StoreError::Sealed)?)?)
    }

    /// Writes what is new of the plan, if it is time.
    fn keep_plan_if_due(&mut self, now: &Now) {
        let is_due = now.boot_ms >= self.looked.kept_at.saturating_add(KEEP_EVERY_MS);
        if is_due || self.plan.is_worth_a_commit {
            self.keep_plan();
            self.looked.kept_at = now.boot_ms;
        }
    }

    /// Writes what is new of the plan.
    pub(super) fn keep_plan(&mut self) {
        self.plan.is_worth_a_commit = false;
        let mut done = Ok(());
        if std::mem::take(&mut self.plan.is_today_new) {
            done = to_json(&self.plan.today).and_then(|json| self.keep(TODAY, &json));
        }
        if std::mem::take(&mut self.plan.is_learned_new) {
            let learned = self.plan.learned.to_json().map_err(|_| EngineError::Internal("json"));
            done = done.and(learned.and_then(|json| self.keep(LEARNED, &json)));
        }
        if let Err(error) = done {
            self.warn("plan-not-kept", &[&error.to_string()]);
        }
    }

    pub(super) fn moment(&self, now: &Now) -> Moment {
        Moment { now: self.at(now).best().ms(), boot_ms: now.boot_ms }
    }

    /// Looks at the plan if something has happened, or some time has passed: whoever is shown the day next sees it.
    pub fn look_at_plan(&mut self, now: &Now) {
        if !self.looked.is_old && now.boot_ms < self.looked.at.saturating_add(LOOK_EVERY_MS) {
            return;
        }
        (self.looked.is_old, self.looked.at) = (false, now.boot_ms);
        let moment = self.moment(now);
        if self.plan.refresh(&self.state, moment) {
            self.changed();
        }
    }

    /// What there is to think about while nobody waits: the plan is kept, and a search is handed out, to be run on another
    /// thread and given back to [`Machine::found`].
    pub fn think(&mut self, now: &Now) -> Option<Search> {
        self.look_at_plan(now);
        self.keep_plan_if_due(now);
        let moment = self.moment(now);
        self.plan.take_search(&self.state, moment)
    }

    /// A search has ended.
    pub fn found(&mut self, found: Found) {
        if self.plan.found(found) {
            self.changed();
            self.info("route-searched", &[]);
        }
    }

    /// Takes a fix of the phone, and says what to do about its position. Without a day that has begun it is not looked
    /// at. Nothing of it is stored or sent, but in a fact that needs it.
    pub fn fix(
        &mut self,
        position: Option<Position>,
        speed_dm_s: Option<u32>,
        now: &Now,
    ) -> Result<Tracking, EngineError> {
        self.make_current(now)?;
        self.look_at_plan(now);
        let day = self.state.day();
        let is_active = day.started && !day.closed;
        let moment = self.moment(now);
        let seen = match position.filter(|_| is_active) {
            Some(position) => self.plan.fix(&self.state, position, speed_dm_s, moment),
            None => Seen::Nothing,
        };
        if let Seen::Arrived(stop) = &seen {
            match self.command(Command::Arrive { stop: stop.clone() }, now) {
                // Somebody said it before, or the office took the stop away meanwhile.
                Ok(_) | Err(EngineError::Rejected(_)) => {}
                Err(error) => return Err(error),
            }
        }
        self.look_at_plan(now);
        Ok(self.plan.tracking(&self.state, seen))
    }

    pub(super) fn edit_route(
        &mut self,
        stop: &StopId,
        edit: RouteEdit,
        now: &Now,
    ) -> Result<CommandResult, EngineError> {
        self.look_at_plan(now);
        let order = self.plan.edited(&self.state, stop, edit, self.moment(now))?;
        self.record_order(order, edit.word(), Some(stop), now)
    }

    pub(super) fn answer_proposal(
        &mut self,
        proposal: u32,
        take: bool,
        now: &Now,
    ) -> Result<CommandResult, EngineError> {
        self.look_at_plan(now);
        if take {
            let order = self.plan.proposed(&self.state, proposal)?;
            return self.record_order(order, "proposal", None, now);
        }
        if !self.plan.drop_proposal(proposal) {
            return Err(Rejection::ProposalOver.into());
        }
        self.changed();
        Ok(CommandResult::Done { fact: None })
    }

    fn record_order(
        &mut self,
        order: Vec<StopId>,
        why: &str,
        stop: Option<&StopId>,
        now: &Now,
    ) -> Result<CommandResult, EngineError> {
        if order == self.plan.today.order {
            return Ok(CommandResult::Done { fact: None });
        }
        let unsigned = Unsigned {
            id: self.fact_id(now)?,
            stop: stop.cloned(),
            body: FactBody::RouteEdited { order, why: why.into() },
            private: PrivatePart::default(),
        };
        Ok(CommandResult::Done { fact: Some(self.record(unsigned, now)?) })
    }

    pub(super) fn prefer_order(&mut self, keep: KeepOrder) -> CommandResult {
        if self.plan.learned.keep != keep {
            self.plan.learned.keep = keep;
            self.plan.is_learned_new = true;
            self.plan.is_worth_a_commit = true;
            self.changed();
        }
        CommandResult::Done { fact: None }
    }

    /// Where the phone was belongs to an arrival only if it was far from the pins: somebody may have to correct them.
    pub(super) fn where_it_was(&mut self, stop: Option<&StopId>, now: &Now) -> PrivatePart {
        let held = stop.and_then(|stop| self.state.stop(stop));
        let far = held.and_then(|held| self.plan.far_from(&held.object, self.moment(now)));
        let (Some(stop), Some((metres, position))) = (stop, far) else { return PrivatePart::default() };
        self.plan.today.away.insert(stop.clone(), metres);
        self.plan.is_today_new = true;
        self.plan.is_worth_a_commit = true;
        PrivatePart { position: Some(position), ..PrivatePart::default() }
    }

    /// What was learned outlives a route cache that is replaced; the plan of a day goes with its route.
    pub(super) fn keep_learned(&mut self) {
        self.plan.is_learned_new = true;
        self.plan.is_today_new = true;
    }

    pub(super) fn forget_old_places(&mut self, now: UnixMs) {
        if self.plan.learned.forget_old(now) {
            self.plan.is_learned_new = true;
        }
    }
}

fn aad(name: &str) -> RowAad<'_> {
    RowAad { table: "kept", id: name, rev: 0 }
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_slice(json).ok()
}
