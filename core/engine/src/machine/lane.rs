//! One conversation with the server: at most one request at a time, its own patience, no memory over a restart.

use rand_core::Rng;

use crate::clock::Now;

/// First bound of the waiting time, doubled with each failure.
const BASE_MS: u64 = 1_000;
/// Last bound.
const CAP_MS: u64 = 300_000;

/// All times are of the boot clock.
#[derive(Debug, Default)]
pub(super) struct Lane {
    failures: u32,
    own_until: u64,
    server_until: u64,
    in_flight: Option<(u64, u64)>,
    /// The token was refused and renewed, and no answer has been a success since.
    renewed: bool,
}

impl Lane {
    /// When a request may be sent that is wanted at `at`; `None` if none is wanted or one is on its way.
    pub(super) fn due(&self, at: Option<u64>) -> Option<u64> {
        let at = at.filter(|_| self.in_flight.is_none())?;
        Some(at.max(self.own_until).max(self.server_until))
    }

    pub(super) fn sent(&mut self, id: u64, now: &Now) {
        self.in_flight = Some((id, now.boot_ms));
    }

    pub(super) fn is_in_flight(&self) -> bool {
        self.in_flight.is_some()
    }

    /// Nothing is on its way, and the server has not asked for patience.
    pub(super) fn is_free(&self, now: &Now) -> bool {
        self.in_flight.is_none() && self.server_until <= now.boot_ms
    }

    pub(super) fn is_waiting_for(&self, id: u64) -> bool {
        self.in_flight.is_some_and(|(own, _)| own == id)
    }

    pub(super) fn sent_at(&self, id: u64) -> Option<u64> {
        self.in_flight.filter(|(own, _)| *own == id).map(|(_, at)| at)
    }

    /// Number and time of the request on its way.
    pub(super) fn waiting_since(&self) -> Option<(u64, u64)> {
        self.in_flight
    }

    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Full jitter: anything from nothing to a bound that doubles, so that the phones of a depot that lost its
    /// server do not come back as one. What the server asks for is a floor.
    pub(super) fn failed(&mut self, now: &Now, rng: &mut dyn Rng, server_asks_ms: Option<u64>) {
        self.in_flight = None;
        let bound = BASE_MS.saturating_mul(1u64.checked_shl(self.failures).unwrap_or(u64::MAX)).min(CAP_MS);
        self.failures = (self.failures + 1).min(32);
        self.own_until = now.boot_ms + rng.next_u64() % (bound + 1);
        self.server_until = self.server_until.max(now.boot_ms + server_asks_ms.unwrap_or(0));
    }

    /// A refused token: the first time the lane waits for nothing but the new token. Returns false when the new
    /// one was refused as well.
    pub(super) fn may_renew(&mut self) -> bool {
        self.in_flight = None;
        !std::mem::replace(&mut self.renewed, true)
    }

    /// Ends our own waiting.
    pub(super) fn hurry(&mut self) {
        self.own_until = 0;
    }

    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    pub(super) fn wait_ms(&self, now: &Now) -> u64 {
        self.own_until.max(self.server_until).saturating_sub(now.boot_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use courier_domain::UnixMs;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    fn now(boot_ms: u64) -> Now {
        Now { wall: UnixMs(0), boot_ms, boot: "b".into() }
    }

    #[test]
    fn waiting_doubles_to_five_minutes_and_is_spread() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut longest = [0; 12];
        for _ in 0..200 {
            let mut lane = Lane::default();
            for longest in &mut longest {
                lane.failed(&now(0), &mut rng, None);
                *longest = lane.wait_ms(&now(0)).max(*longest);
            }
        }
        for (nth, longest) in longest.into_iter().enumerate() {
            let bound = (1_000u64 << nth).min(CAP_MS);
            assert!(longest <= bound && longest > bound / 2, "failure {nth}: {longest} of {bound} ms");
        }
    }

    #[test]
    fn a_hurry_ends_our_own_waiting_and_never_the_servers() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut lane = Lane::default();
        lane.failed(&now(0), &mut rng, Some(20_000));
        lane.hurry();
        assert_eq!(lane.due(Some(0)), Some(20_000));
        lane.succeeded();
        assert_eq!(lane.due(Some(0)), Some(0));
    }

    #[test]
    fn a_token_is_renewed_once_per_success() {
        let mut lane = Lane::default();
        assert!(lane.may_renew());
        assert!(!lane.may_renew());
        lane.succeeded();
        assert!(lane.may_renew());
    }
}
