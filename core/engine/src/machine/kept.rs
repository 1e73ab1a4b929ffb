//! What lies on this phone, kind by kind, and when it goes by itself (`purge`).

use serde::{Deserialize, Serialize};

use super::Machine;
use super::purge::KEPT_MS;
use crate::error::EngineError;
use crate::store::Amount;

/// Things of one kind on this phone. What is personal in them is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What they are.
    pub kind: KeptKind,
    /// How many there are, 1 at least.
    pub count: u64,
    /// How many bytes they take, without what the database needs around them.
    pub bytes: u64,
    /// When they go.
    pub goes: Goes,
}

/// A kind of things on this phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptKind {
    /// Facts. The newest of each incarnation stays for its chain, without its private part.
    Facts,
    /// Entries of codes that were counted.
    Entries,
    /// What the office sent of the route.
    Route,
    /// Screens of doors that are filled in and not recorded.
    Drafts,
    /// Photos and signatures.
    Files,
    /// Damaged files of the store, and copies from before an update.
    SetAside,
}

/// When things on this phone go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goes {
    /// Not before the server has all of them.
    OnceStored,
    /// The last of them then, milliseconds since 1970; by a time that the server vouches for, and while the app runs.
    By(i64),
    /// Not by themselves: when the courier leaves the phone.
    Stays,
}

impl Machine {
    /// With what waits, facts and files, and what lies aside and when the newest of it was changed.
    pub(super) fn what_is_kept(
        &self,
        pending: u64,
        pending_files: u64,
        (aside, aside_changed): (Amount, Option<i64>),
    ) -> Result<Vec<Kept>, EngineError> {
        let after = |ms: i64| Goes::By(ms.saturating_add(KEPT_MS));
        let route_over = self.state.route().map(|(route, _)| route.is_over_by().0);
        let with_the_route = route_over.map_or(Goes::Stays, after);
        // What today's screen rests on stays as long as the route.
        let last_stored = self.store.journal.last_acknowledged()?.max(route_over);
        let facts = match last_stored {
            _ if pending > 0 => Goes::OnceStored,
            Some(ms) if self.store.journal.has_to_purge()? => after(ms),
            _ => Goes::Stays,
        };
        let files = if pending_files > 0 { Goes::OnceStored } else { with_the_route };
        let kinds = [
            (KeptKind::Facts, self.store.journal.amount_of_facts()?, facts),
            (KeptKind::Entries, self.store.journal.amount_of_tries()?, facts),
            (KeptKind::Route, self.store.route.amount()?, with_the_route),
            (KeptKind::Drafts, self.store.journal.amount_of_drafts()?, with_the_route),
            (KeptKind::Files, self.store.blobs.amount(), files),
            (KeptKind::SetAside, aside, aside_changed.map_or(Goes::Stays, after)),
        ];
        let there = kinds.into_iter().filter(|(_, amount, _)| amount.count > 0);
        Ok(there.map(|(kind, Amount { count, bytes }, goes)| Kept { kind, count, bytes, goes }).collect())
    }
}
