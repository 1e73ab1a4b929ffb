//! Who guesses waits: wrong enrolment codes and wrong keys, counted per address and minute.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use courier_domain::UnixMs;
use courier_protocol::ProblemKind;

use crate::error::ServiceError;

/// Wrong guesses that an address has in a minute. Behind a proxy all callers share one address.
const GUESSES: u32 = 20;
const MINUTE_MS: i64 = 60_000;
/// Addresses that are remembered; beyond it those whose minute is over are forgotten.
const MOST_ADDRESSES: usize = 10_000;

/// Wrong guesses of the running minutes.
#[derive(Debug, Default)]
pub(crate) struct Guesses(Mutex<HashMap<IpAddr, (UnixMs, u32)>>);

impl Guesses {
    fn held(&self) -> MutexGuard<'_, HashMap<IpAddr, (UnixMs, u32)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an address may guess now.
    pub(super) fn allow(&self, who: IpAddr, now: UnixMs) -> Result<(), ServiceError> {
        match self.held().get(&who) {
            Some((since, count)) if is_running(*since, now) && *count >= GUESSES => {
                Err(ServiceError::refused(ProblemKind::TooMany, "wait a minute"))
            }
            _ => Ok(()),
        }
    }

    /// An address guessed wrong.
    pub(super) fn wrong(&self, who: IpAddr, now: UnixMs) {
        let mut held = self.held();
        if held.len() >= MOST_ADDRESSES {
            held.retain(|_, (since, _)| is_running(*since, now));
        }
        let entry = held.entry(who).or_insert((now, 0));
        if !is_running(entry.0, now) {
            *entry = (now, 0);
        }
        entry.1 = entry.1.saturating_add(1);
    }
}

fn is_running(since: UnixMs, now: UnixMs) -> bool {
    now.0.abs_diff(since.0) < MINUTE_MS.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_guesses_wrong_too_often_waits_a_minute_and_nobody_else_does() {
        let guesses = Guesses::default();
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        for _ in 0..GUESSES {
            assert!(guesses.allow(one, UnixMs(0)).is_ok());
            guesses.wrong(one, UnixMs(0));
        }
        assert!(guesses.allow(one, UnixMs(59_999)).is_err());
        assert!(guesses.allow(other, UnixMs(0)).is_ok());
        assert!(guesses.allow(one, UnixMs(60_000)).is_ok());
    }
}
