//! Nothing personal stays longer than it is needed: what lies here is sealed, and goes a week after its day.
//!
//! Only a time that the server vouches for counts. A clock that somebody has set, or that a flat battery has reset, must
//! not take the route from a courier in a cellar.

use courier_domain::{BestTime, UnixMs};

use super::Machine;
use crate::clock::Now;
use crate::error::EngineError;
use crate::planted::Bug;

/// How long acknowledged facts, and a route whose day is over, stay.
pub(super) const KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// Milliseconds of the boot clock between two looks.
const EVERY_MS: u64 = 3_600_000;

impl Machine {
    /// Looks once an hour. A phone that was off for a week looks as soon as it knows the time, before anything else.
    pub(super) fn purge_if_due(&mut self, now: &Now) {
        let BestTime::Certain { ms, .. } = self.at(now).best() else { return };
        if now.boot_ms < self.purge_at || self.has(Bug::NeverPurged) {
            return;
        }
        self.purge_at = now.boot_ms.saturating_add(EVERY_MS);
        if let Err(error) = self.purge(ms) {
            self.warn("not-purged", &[&error.to_string()]);
        }
    }

    fn purge(&mut self, now: UnixMs) -> Result<(), EngineError> {
        self.store.purge_aside(now.0, KEPT_MS)?;
        self.store.journal.ballast.take_again();
        self.forget_old_places(now);
        let over = self.state.route().is_some_and(|(route, _)| now > route.is_over_by().plus_ms(KEPT_MS));
        if over {
            self.keys.cache = self.drop_route()?;
            self.store.journal.drop_drafts()?;
        }
        let kept_since = now.plus_ms(-KEPT_MS).0;
        let today = self.state.route().filter(|_| !over).map(|_| self.identity.inc);
        let facts = self.store.journal.purge(&self.identity.epoch, today, kept_since)?;
        if over || facts > 0 {
            self.fold()?;
            self.remove_needless_files();
            self.changed();
            self.info("purged", &[&facts.to_string()]);
        }
        Ok(())
    }
}
