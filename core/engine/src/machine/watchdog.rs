//! Watches that what is recorded also goes: an outbox that nobody tries to empty, though the network is fine, is a fault
//! of this program, of its keys or of the server. The office hears of it by an incident fact.

use courier_domain::{FactBody, PrivatePart};

use super::Machine;
use super::record::Unsigned;
use crate::clock::Now;
use crate::error::EngineError;
use crate::planted::Bug;

/// So long may unsent facts lie there without an attempt.
const PATIENCE_MS: u64 = 10 * 60_000;
/// Whoever was not asked for longer than this was suspended: then nobody could try.
const ASLEEP_MS: u64 = 2 * 60_000;
/// The incident.
const STUCK: &str = "outbox-stuck";

#[derive(Debug, Default)]
pub(super) struct Watchdog {
    /// Since when there was no reason not to try, boot clock.
    since: Option<u64>,
    asked_at: u64,
    /// Told of this time already.
    told: bool,
}

impl Watchdog {
    /// Facts were sent.
    pub(super) fn tried(&mut self) {
        self.since = None;
    }

    /// Facts were acknowledged: the next time is another one.
    pub(super) fn worked(&mut self) {
        self.told = false;
    }
}

impl Machine {
    /// To be asked with every step. `may_send`: there are unsent facts, none of them is on its way, and the server has not
    /// asked for patience.
    pub(super) fn watch(&mut self, may_send: bool, now: &Now) {
        let asleep = now.boot_ms.saturating_sub(self.watchdog.asked_at) > ASLEEP_MS;
        self.watchdog.asked_at = now.boot_ms;
        if asleep || !may_send || self.traffic.offline {
            self.watchdog.since = None;
        }
        if !may_send || self.traffic.offline {
            return;
        }
        let since = *self.watchdog.since.get_or_insert(now.boot_ms);
        if now.boot_ms.saturating_sub(since) < PATIENCE_MS
            || self.watchdog.told
            || self.has(Bug::WatchdogAsleep)
        {
            return;
        }
        let done = self.record_incident(STUCK, now);
        // Without a day key it is told as soon as there is one.
        if done == Ok(false) {
            return;
        }
        self.watchdog.told = true;
        self.warn(STUCK, &[]);
        if let Err(error) = done {
            self.warn("incident-not-recorded", &[&error.to_string()]);
        }
    }

    /// Records something that operators must know; says whether it could. Without a day key there is none to sign it with,
    /// and a day is not begun for it.
    fn record_incident(&mut self, kind: &str, now: &Now) -> Result<bool, EngineError> {
        self.make_current(now)?;
        if self.day_key.is_none() {
            return Ok(false);
        }
        let body = FactBody::Incident { kind: kind.to_owned(), lost: None };
        let unsigned = Unsigned { id: self.fact_id(now)?, stop: None, body, private: PrivatePart::default() };
        self.record(unsigned, now).map(|_| true)
    }
}
