//! A lane: one kind of exchange with the server, with its own backoff. None waits for another.

use rand_core::Rng;

use crate::entropy::Entropy;
use crate::ports::Now;

const BASE_MS: u64 = 1_000;
const CAP_MS: u64 = 300_000;
/// A request without an answer after this time is given up, in milliseconds: no flag outlives a lost driver.
const LOST_AFTER_MS: u64 = 90_000;

/// When a lane may send, and what it waits for.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// Asked for by hand: our own backoff does not count, only the server's.
    pub(super) forced: bool,
    failures: u32,
    not_before: u64,
    /// Not before this the server wants to hear of us.
    server_floor: u64,
    renewed_token: bool,
    in_flight: Option<InFlight>,
}

#[derive(Debug)]
struct InFlight {
    request: u64,
    sent: Sent,
}

/// What has to be remembered of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    /// When, by the boot clock.
    pub(super) boot_ms: u64,
    /// What the answer must echo.
    pub(super) echo: String,
    /// What it carried: hashes of facts, or the cursor.
    pub(super) items: Vec<String>,
}

impl Lane {
    /// Whether it may send now. `wanted`: whether it would by itself.
    pub(super) fn may_send(&self, wanted: bool, now: &Now) -> bool {
        self.in_flight.is_none()
            && now.boot_ms >= self.server_floor
            && (self.forced || (wanted && now.boot_ms >= self.not_before))
    }

    pub(super) fn sent(&mut self, request: u64, sent: Sent) {
        self.in_flight = Some(InFlight { request, sent });
    }

    /// What was sent as `request`, if that is what the lane waits for.
    pub(super) fn take(&mut self, request: u64) -> Option<Sent> {
        self.in_flight.take_if(|flight| flight.request == request).map(|flight| flight.sent)
    }

    pub(super) fn give_up_lost_request(&mut self, now: &Now) {
        let lost = |flight: &mut InFlight| now.boot_ms.abs_diff(flight.sent.boot_ms) > LOST_AFTER_MS;
        if self.in_flight.take_if(lost).is_some() {
            self.forced = false;
        }
    }

    /// It worked; the next exchange is not wanted for `pause_ms`.
    pub(super) fn succeeded(&mut self, now: &Now, pause_ms: u64) {
        self.failures = 0;
        self.renewed_token = false;
        self.not_before = now.boot_ms + pause_ms;
    }

    /// It did not work: full jitter, doubling from 1 s to 5 min. `floor_ms` is the server's own wish.
    pub(super) fn failed(&mut self, now: &Now, floor_ms: Option<u64>, rng: &mut Entropy) {
        let ceiling = CAP_MS.min(BASE_MS << self.failures.min(20));
        self.failures = self.failures.saturating_add(1);
        self.not_before = now.boot_ms + rng.next_u64() % (ceiling + 1);
        if let Some(floor) = floor_ms {
            self.server_floor = now.boot_ms + floor.min(3_600_000);
        }
        self.forced = false;
    }

    /// When it wants to be asked again.
    pub(super) fn wakes_at(&self, now: &Now) -> Option<u64> {
        match &self.in_flight {
            Some(flight) => Some(flight.sent.boot_ms + LOST_AFTER_MS + 1),
            None => Some(self.not_before.max(self.server_floor)).filter(|at| *at > now.boot_ms),
        }
    }

    /// Whether a refused token may be renewed now: once, until something works again.
    pub(super) fn may_renew_token(&mut self) -> bool {
        !std::mem::replace(&mut self.renewed_token, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(boot_ms: u64) -> Now {
        Now { wall_ms: 0, boot_ms, boot: "b".into() }
    }

    #[test]
    fn failures_back_off_and_by_hand_only_the_servers_wish_counts() {
        let mut rng = crate::entropy::from_seed(1);
        let mut lane = Lane::default();
        assert!(lane.may_send(true, &now(0)));
        for _ in 0..40 {
            lane.failed(&now(0), None, &mut rng);
            assert!(lane.not_before <= CAP_MS);
        }
        assert!(!lane.may_send(true, &now(0)) && lane.may_send(true, &now(CAP_MS)));
        lane.forced = true;
        assert!(lane.may_send(false, &now(0)));
        lane.failed(&now(0), Some(5_000), &mut rng);
        lane.forced = true;
        assert!(!lane.may_send(true, &now(4_999)) && lane.may_send(true, &now(5_000)));
    }

    #[test]
    fn a_request_whose_answer_never_comes_is_given_up() {
        let mut lane = Lane::default();
        lane.sent(1, Sent { boot_ms: 0, echo: String::new(), items: Vec::new() });
        lane.give_up_lost_request(&now(LOST_AFTER_MS));
        assert!(!lane.may_send(true, &now(LOST_AFTER_MS)));
        lane.give_up_lost_request(&now(LOST_AFTER_MS + 1));
        assert!(lane.may_send(true, &now(LOST_AFTER_MS + 1)) && lane.take(1).is_none());
    }
}
