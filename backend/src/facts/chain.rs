//! Where a fact stands in its chain. A fork, a break or a gap is flagged; nothing waits for a missing fact.

use courier_domain::{FactHash, FactPayload};
use courier_protocol::Want;

use crate::error::ServiceError;
use crate::storage::{FactRow, Installation, Tx};

/// The end of an installation's newest chain as this transaction has left it. What comes right after it needs no look at
/// the database: nothing can be at its place, and nothing before it is missing.
#[derive(Debug, Default)]
pub(super) struct Head(Option<(u32, u64, FactHash)>);

impl Head {
    fn is_followed_by(&self, fact: &FactPayload) -> bool {
        self.0.as_ref().is_some_and(|(inc, seq, hash)| {
            *inc == fact.inc && seq.checked_add(1) == Some(fact.seq) && fact.prev.as_ref() == Some(hash)
        })
    }

    /// Whether it is the fact with this hash.
    pub(super) fn is_at(&self, hash: &FactHash) -> bool {
        self.0.as_ref().is_some_and(|(_, _, end)| end == hash)
    }

    /// Flags what does not fit, and says what is missing.
    pub(super) fn check(
        &self,
        tx: &Tx<'_>,
        from: &Installation,
        fact: &FactPayload,
        row: &mut FactRow,
    ) -> Result<Option<Want>, ServiceError> {
        if self.is_followed_by(fact) {
            return Ok(None);
        }
        // An incarnation that was skipped is no fork: a phone that was put back twice before it met the server has lost
        // what it did in between, and says so by going on under another number. Two at one place are a fork.
        if !tx.facts_at(&from.install, fact.inc, fact.seq)?.is_empty() {
            row.flags.push("sequence-fork".into());
        } else if fact.seq == 1 && fact.inc > tx.last_inc(&from.install)?.saturating_add(1) {
            row.flags.push("incarnation-gap".into());
        }
        let Some(before) = fact.seq.checked_sub(1).filter(|seq| *seq > 0) else {
            if fact.prev.is_some() || fact.seq == 0 {
                row.flags.push("chain-break".into());
            }
            return Ok(None);
        };
        let stored = tx.facts_at(&from.install, fact.inc, before)?;
        if stored.is_empty() {
            row.flags.push("gap".into());
            let last = tx.last_seq(&from.install, fact.inc)?;
            let from = if last < before { last + 1 } else { before };
            return Ok(Some(Want { from, to: before }));
        }
        if !stored.iter().any(|row| Some(&row.hash) == fact.prev.as_ref()) {
            row.flags.push("chain-break".into());
        }
        Ok(None)
    }

    /// `fact` was stored as `row`.
    pub(super) fn move_to(
        &mut self,
        tx: &Tx<'_>,
        from: &Installation,
        fact: &FactPayload,
        row: &FactRow,
    ) -> Result<(), ServiceError> {
        let is_end = self.is_followed_by(fact)
            || (tx.last_place(&from.install)? == Some((fact.inc, fact.seq))
                && tx.facts_at(&from.install, fact.inc, fact.seq)?.len() == 1);
        self.0 = is_end.then(|| (fact.inc, fact.seq, row.hash.clone()));
        Ok(())
    }

    /// Something was stored that says nothing of its chain for sure.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }
}
