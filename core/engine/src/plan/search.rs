//! The search for a better order, as a piece of work of its own: it takes milliseconds, and so none of them on the thread
//! that answers the screen.

use std::collections::BTreeMap;

use courier_domain::{KeepOrder, Proposal, ProposalReason, StopId};
use courier_routing::{self as routing, Effort, Replan, freezing_next, replan};

use super::trip::Trip;

/// What is to be searched. It can go to another thread.
#[derive(Debug, Clone)]
pub struct Search {
    pub(crate) trip: Trip,
    pub(crate) loose: Vec<StopId>,
    pub(crate) keep: KeepOrder,
    /// Open parcels of each stop.
    pub(crate) parcels: BTreeMap<StopId, u32>,
    /// Of which plan; an answer to another one is nobody's.
    pub(crate) version: u64,
}

/// What a search has found.
#[derive(Debug, Clone)]
pub struct Found {
    pub(crate) version: u64,
    /// Still without its number.
    pub(crate) proposal: Option<Proposal>,
}

impl Search {
    /// Searches: the same for the same plan, on every machine.
    pub fn run(self) -> Found {
        let proposal = self.find().and_then(|found| self.proposal(&found));
        Found { version: self.version, proposal }
    }

    fn find(&self) -> Option<routing::Proposal> {
        let problem = self.trip.problem();
        let mine = self.trip.mine();
        let is_loose =
            |number: &usize| self.trip.nodes[*number].id.as_ref().is_some_and(|id| self.loose.contains(id));
        let loose: Vec<usize> = mine.iter().copied().filter(is_loose).collect();
        let wanted = Replan {
            mine: &mine,
            loose: &loose,
            locked: freezing_next(&problem, &mine).max(self.trip.fixed),
            keep: match self.keep {
                KeepOrder::Strict => routing::KeepOrder::Strict,
                KeepOrder::Normal => routing::KeepOrder::Normal,
                KeepOrder::Free => routing::KeepOrder::Free,
            },
            effort: Effort::event(),
            guard: None,
        };
        replan(&problem, wanted).ok()?.proposal
    }

    fn proposal(&self, found: &routing::Proposal) -> Option<Proposal> {
        let name = |number: usize| self.trip.nodes.get(number)?.id.clone();
        let names = |numbers: &[usize]| numbers.iter().filter_map(|&number| name(number)).collect::<Vec<_>>();
        let (price, order) = (&found.price, found.timeline.order());
        let order = order.skip(usize::from(self.trip.has_start)).map(name).collect::<Option<_>>()?;
        let moved = names(&price.moved);
        Some(Proposal {
            id: 0,
            reason: match found.reason {
                routing::Reason::InTime => ProposalReason::InTime,
                routing::Reason::LessLate => ProposalReason::LessLate,
                routing::Reason::Shorter => ProposalReason::Shorter,
                routing::Reason::Tidier => ProposalReason::Tidier,
            },
            order,
            travel_saved_s: price.travel_saved_s,
            ends_sooner_s: price.ends_sooner_s,
            late_saved_s: price.late_saved_s,
            parcels_moved: moved.iter().filter_map(|stop| self.parcels.get(stop)).sum(),
            moved,
            windows_kept: names(&price.windows_kept),
            windows_broken: names(&price.windows_broken),
        })
    }
}
