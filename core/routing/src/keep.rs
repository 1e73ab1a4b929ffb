//! A better order that leaves the courier's own as it is wherever it can.
//!
//! Couriers load and remember an order; one that is shuffled for a per cent of travel costs them more than it saves.
//! So every arc that does not lead from a stop to the one after it in the courier's order costs some seconds more while
//! orders are compared, and the search begins with the courier's order. What comes out is a proposal with its price;
//! to keep one's own order is always possible.

use crate::insertion::insert_missing;
use crate::price::{Price, keeping, price};
use crate::problem::{BadProblem, Problem};
use crate::sequence::{Effort, Wish, sequence};
use crate::timeline::{Timeline, timeline};

/// Least [`Price::cost_saved`], in seconds of travel, that is worth a question to the courier.
pub const LEAST_GAIN: i64 = 60;

/// How much an order has to save before it may part two neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeepOrder {
    /// Nothing: the shortest order.
    Free,
    /// 30 seconds for every pair.
    Normal,
    /// 300 seconds for every pair.
    Strict,
}

impl KeepOrder {
    /// Seconds that the new order has to save for every pair of neighbours that it parts.
    pub fn seconds(self) -> u32 {
        match self {
            Self::Free => 0,
            Self::Normal => 30,
            Self::Strict => 300,
        }
    }
}

/// The courier's order, and what may be done to it.
pub struct Replan<'a> {
    /// The courier's order. Stops that it lacks were just added, and are put where they cost least.
    pub mine: &'a [usize],
    /// Stops of `mine` whose place means nothing, because they were just put off.
    pub loose: &'a [usize],
    /// So many stops at the head stay: at least a first stop that is where the courier is, and one more if the next
    /// stop is not to change ([`freezing_next`]).
    pub locked: usize,
    /// How much it takes to part neighbours.
    pub keep: KeepOrder,
    /// How long to search.
    pub effort: Effort,
    /// As in [`Wish::guard`].
    pub guard: Option<&'a mut dyn FnMut() -> bool>,
}

/// Why another order is proposed: what it is best at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Fewer stops are late.
    InTime,
    /// What is late is less late, or it is less important stops that are.
    LessLate,
    /// Less time on the way.
    Shorter,
    /// Fewer changes of zone, or less of another surcharge.
    Tidier,
}

/// Another order, what it means and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The order with its times.
    pub timeline: Timeline,
    /// What it means beside the courier's own.
    pub price: Price,
    /// What it is best at.
    pub reason: Reason,
}

/// The courier's order as it is, and perhaps a better one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replanned {
    /// The courier's own order with its times; stops that were added are in it.
    pub mine: Timeline,
    /// A better one, if there is one that is worth a question.
    pub proposal: Option<Proposal>,
    /// Whether the guard stopped the search before its rounds were done.
    pub stopped_early: bool,
}

/// So many stops at the head are locked if the next stop must not change: the one where the courier is, if the problem
/// begins at one, and the next.
pub fn freezing_next(problem: &Problem, mine: &[usize]) -> usize {
    (usize::from(problem.start.stop.is_some()) + 1).min(mine.len())
}

/// Times the courier's order, and looks for a better one.
///
/// # Errors
/// When problem, order or the number of locked stops is out of range.
pub fn replan(problem: &Problem, replan: Replan<'_>) -> Result<Replanned, BadProblem> {
    let Replan { mine: given, loose, locked, keep, effort, guard } = replan;
    let mine = insert_missing(problem, given, locked)?;
    let fresh: Vec<usize> =
        mine.iter().copied().filter(|stop| loose.contains(stop) || !given.contains(stop)).collect();
    let kept: Vec<usize> = mine.iter().copied().filter(|stop| !fresh.contains(stop)).collect();

    let dearer = Problem { surcharge: Some(keeping(problem, &kept, keep.seconds())), ..problem.clone() };
    let guard = guard.map(|guard| guard as &mut dyn FnMut() -> bool);
    let found = sequence(&dearer, effort, Wish { from: Some(&mine), locked, guard })?;
    let stopped_early = found.stopped_early;

    let mine = timeline(problem, &mine);
    let other = timeline(problem, &found.order());
    let here = usize::from(problem.start.stop.is_some());
    let price = price(&mine, &other, &fresh, here);
    let worth_it = price.cost_saved >= LEAST_GAIN;
    let proposal = worth_it.then(|| {
        let reason = if mine.late_stops > other.late_stops {
            Reason::InTime
        } else if price.late_saved_s > 0 {
            Reason::LessLate
        } else if price.travel_saved_s > 0 {
            Reason::Shorter
        } else if mine.late_s > 0 && mine.late_s != other.late_s {
            Reason::LessLate
        } else {
            Reason::Tidier
        };
        Proposal { timeline: other, price, reason }
    });
    Ok(Replanned { mine, proposal, stopped_early })
}
