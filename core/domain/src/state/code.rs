//! Where an attempt stands with its code.

use super::DayState;
use crate::attempt::Verdict;
use crate::code::{CodeNeed, CodeState, LockedBy, Strength, TRY_BUDGET};
use crate::id::{AttemptId, CodeId, FactId};
use crate::progress::{MatchedCode, Progress};
use crate::route::Shipment;
use crate::time::{At, BestTime, UnixMs};

/// What the state knows of a code. The secrets of its verifier stay in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeInfo {
    /// The attempt that it belongs to.
    pub attempt: AttemptId,
    /// Who holds it, in words.
    pub holder: String,
    /// First instant at which it is valid.
    pub not_before: UnixMs,
    /// Last instant at which it is valid.
    pub not_after: UnixMs,
    /// Bits of its tag; 0 = the phone can't check it.
    pub k: u8,
}

impl CodeInfo {
    /// Whether the code may be entered now. An uncertain clock does not block: the fact says so, and the judge
    /// decides.
    pub fn is_valid(&self, at: &At) -> bool {
        match at.best() {
            BestTime::Certain { ms, .. } => (self.not_before..=self.not_after).contains(&ms),
            BestTime::Uncertain { .. } => true,
        }
    }
}

impl DayState {
    /// The codes of an attempt.
    pub fn codes_of<'a>(
        &'a self,
        attempt: &'a AttemptId,
    ) -> impl Iterator<Item = (&'a CodeId, &'a CodeInfo)> {
        self.codes.iter().filter(move |(_, info)| info.attempt == *attempt)
    }

    /// The entry that opens a handover of the shipment: one that fitted, or that the backend confirmed.
    pub fn opening_entry(&self, shipment: &Shipment) -> Option<&FactId> {
        let progress = self.progress_of(&shipment.attempt.id);
        progress
            .matched
            .as_ref()
            .map(|matched| &matched.fact)
            .or_else(|| self.confirmed_entry(shipment, progress))
    }

    fn confirmed_entry<'a>(&'a self, shipment: &Shipment, progress: &'a Progress) -> Option<&'a FactId> {
        let asked = progress.asked.iter().filter(|_| shipment.code == CodeNeed::OnlineOnly);
        asked.rev().find(|fact| self.verdicts.get(fact) == Some(&Verdict::Confirmed))
    }

    /// Wrong entries that this phone knows of: its own, and those that the backend has from other installations, such as
    /// one that was removed. What it was once told never goes down. An entry that only the backend can judge is one when the backend refuted
    /// it; where the phone can check, it did not fit, or it would have matched.
    fn misses(&self, shipment: &Shipment, progress: &Progress) -> u32 {
        let is_miss = |fact: &&FactId| {
            shipment.code != CodeNeed::OnlineOnly || self.verdicts.get(fact) == Some(&Verdict::Refuted)
        };
        let refuted = progress.asked.iter().filter(is_miss).count();
        let own = progress.misses.saturating_add(u32::try_from(refuted).unwrap_or(u32::MAX));
        let (mut mine, mut of_others) = (0, 0u32);
        for tries in &shipment.tries {
            if Some(&tries.install) == self.install.as_ref() {
                mine = tries.n;
            } else {
                of_others = of_others.saturating_add(tries.n);
            }
        }
        // A journal that was put back has lost what the server counted of this installation, but not what comes now.
        let rev = self.shipments.get(&shipment.id).map_or(0, |held| held.rev);
        let mine = mine.saturating_add(progress.missed_since(rev));
        own.max(mine).saturating_add(of_others).max(shipment.tries_used)
    }

    fn matched_state(&self, matched: &MatchedCode, verdict: Option<Verdict>) -> CodeState {
        CodeState::Matched {
            code_id: Some(matched.code_id.clone()),
            holder: self.codes.get(&matched.code_id).map(|info| info.holder.clone()).unwrap_or_default(),
            strength: matched.strength,
            verdict,
        }
    }

    /// Where the shipment's attempt stands with its code.
    pub fn code_state(&self, shipment: &Shipment, at: &At) -> CodeState {
        if shipment.code == CodeNeed::None {
            return CodeState::NotNeeded;
        }
        let attempt = &shipment.attempt.id;
        let progress = self.progress_of(attempt);
        if let Some(matched) = &progress.matched {
            let verdict = self.verdicts.get(&matched.fact).copied();
            // A refusal before the parcel changed hands stops the handover, until there is another code; after it, it
            // is the office's matter.
            let refused = verdict == Some(Verdict::Refuted) && !progress.is_anything_handed();
            let replaced =
                !self.codes.contains_key(&matched.code_id) && self.codes_of(attempt).next().is_some();
            if refused && !replaced {
                return CodeState::Locked { by: LockedBy::Frozen };
            }
            if !refused {
                return self.matched_state(matched, verdict);
            }
        }
        if self.confirmed_entry(shipment, progress).is_some() {
            let (strength, verdict) = (Strength::Backend, Some(Verdict::Confirmed));
            return CodeState::Matched { code_id: None, holder: String::new(), strength, verdict };
        }
        if self.frozen.contains(attempt) {
            return CodeState::Locked { by: LockedBy::Frozen };
        }
        let misses = self.misses(shipment, progress);
        let tries_left = shipment.budget.saturating_sub(misses);
        if tries_left == 0 {
            return CodeState::Locked { by: LockedBy::TriesUsed };
        }
        let online = shipment.code == CodeNeed::OnlineOnly;
        if online && progress.asked.iter().any(|fact| !self.verdicts.contains_key(fact)) {
            return CodeState::Asked;
        }
        let codes: Vec<_> =
            self.codes_of(attempt).map(|(_, info)| info).filter(|info| online || info.k > 0).collect();
        if codes.is_empty() {
            return CodeState::Missing;
        }
        if !codes.iter().any(|info| info.is_valid(at)) {
            let all_early = codes.iter().all(|info| at.best().ms() < info.not_before);
            return if all_early { CodeState::NotYet } else { CodeState::Expired };
        }
        // A new budget begins without a wait.
        let misses_of_budget = TRY_BUDGET.saturating_sub(tries_left);
        CodeState::Needed { tries_left, wait_ms: progress.wait_ms(misses_of_budget, at) }
    }
}
