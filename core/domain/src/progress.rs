//! What the phone's facts say of one attempt.

use std::collections::BTreeMap;

use crate::attempt::Outcome;
use crate::code::{Strength, wait_after_ms};
use crate::fact::CodeTryResult;
use crate::id::{CodeId, FactId, ParcelId};
use crate::time::At;

/// The fold of an attempt's facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Wrong or interrupted entries on this phone. Never goes down.
    pub misses: u32,
    /// The entry that fitted.
    pub matched: Option<MatchedCode>,
    /// The `code_tried` facts of entries that only the backend can judge.
    pub asked: Vec<FactId>,
    /// What happened to each parcel that has an outcome.
    pub outcomes: BTreeMap<ParcelId, Outcome>,
    last_miss: Option<BootTime>,
    /// The revision of the stop that each miss was made under.
    missed_under: Vec<u64>,
}

/// The fold of no facts.
pub(crate) static UNTOUCHED: Progress = Progress {
    misses: 0,
    matched: None,
    asked: Vec::new(),
    outcomes: BTreeMap::new(),
    last_miss: None,
    missed_under: Vec::new(),
};

/// An entry that fitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedCode {
    /// The `code_tried` fact.
    pub fact: FactId,
    /// Which code.
    pub code_id: CodeId,
    /// How strongly it fits.
    pub strength: Strength,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct BootTime {
    boot: String,
    ms: u64,
}

impl Progress {
    /// Counts an entry.
    pub(crate) fn code_tried(
        &mut self,
        fact: &FactId,
        at: &At,
        stop_rev: Option<u64>,
        result: CodeTryResult,
        code: Option<(&CodeId, Strength)>,
    ) {
        match (result, code) {
            (CodeTryResult::Matched, Some((code_id, strength))) => {
                self.matched = Some(MatchedCode { fact: fact.clone(), code_id: code_id.clone(), strength });
            }
            (CodeTryResult::Mismatch | CodeTryResult::Interrupted, _) => {
                self.misses += 1;
                self.missed_under.push(stop_rev.unwrap_or(0));
                self.entered(at);
            }
            (CodeTryResult::Unjudged, _) => {
                self.asked.push(fact.clone());
                self.entered(at);
            }
            // A match without a code is no match.
            (CodeTryResult::Matched, None) => {}
        }
    }

    /// Misses that the server has not counted up to the revision `rev` of the shipment. One that it hears of raises that
    /// revision, so what was missed under it is not counted yet.
    pub(crate) fn missed_since(&self, rev: u64) -> u32 {
        let unheard = self.missed_under.iter().filter(|under| **under >= rev).count();
        u32::try_from(unheard).unwrap_or(u32::MAX)
    }

    /// The wait after a miss runs from its entry, however late the backend says that it was one.
    fn entered(&mut self, at: &At) {
        self.last_miss = Some(BootTime { boot: at.boot.clone(), ms: at.boot_ms });
    }

    /// Takes back the outcomes that `fact` recorded. A matched code stays matched.
    pub(crate) fn withdraw(&mut self, fact: &FactId) {
        self.outcomes.retain(|_, outcome| outcome.fact() != fact);
    }

    /// Milliseconds until the next entry is taken, after `misses` wrong ones. On another boot than that of the
    /// last miss the wait starts again with the boot clock.
    pub fn wait_ms(&self, misses: u32, at: &At) -> u64 {
        let Some(last) = &self.last_miss else { return 0 };
        let wait = wait_after_ms(misses);
        let since = if last.boot == at.boot { at.boot_ms.saturating_sub(last.ms) } else { at.boot_ms };
        wait.saturating_sub(since)
    }

    /// Whether the courier has done anything that a change by the office must not take away.
    pub fn is_untouched(&self) -> bool {
        *self == UNTOUCHED
    }

    /// Whether a parcel was handed over.
    pub fn is_anything_handed(&self) -> bool {
        self.outcomes.values().any(|outcome| matches!(outcome, Outcome::HandedOver { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixMs;

    fn missed_under(revs: &[u64]) -> Progress {
        let at =
            At { wall: UnixMs(0), boot_ms: 0, boot: "boot".into(), server_ms: None, plus_minus_ms: None };
        let mut progress = Progress::default();
        for rev in revs {
            let fact = FactId::new(format!("fact-{rev}")).unwrap();
            progress.code_tried(&fact, &at, Some(*rev), CodeTryResult::Mismatch, None);
        }
        progress
    }

    #[test]
    fn a_miss_is_news_to_the_server_until_the_shipment_has_a_newer_revision() {
        assert_eq!(missed_under(&[7]).missed_since(7), 1, "it was made under what is known");
        assert_eq!(missed_under(&[7]).missed_since(8), 0, "the server has counted since");
        assert_eq!(missed_under(&[3, 7, 7]).missed_since(7), 2);
    }
}
