//! The courier's own changes of the order: done as they say, timed again, and checked.

use std::error::Error;
use std::fmt;

use crate::insertion::cheapest_insertion;
use crate::price::{Price, price};
use crate::problem::{BadProblem, Finish, Problem};
use crate::timeline::{Timeline, timeline};

/// One change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// This stop comes next.
    Next(usize),
    /// This stop comes where it costs least, but not before an instant.
    Later {
        /// The stop.
        stop: usize,
        /// It is not reached before this, as far as the route lasts that long.
        not_before: i64,
    },
    /// This stop comes after all others, before a fixed last stop.
    Skip(usize),
    /// This stop comes to stand at a place of the order, counted from 0.
    Move {
        /// The stop.
        stop: usize,
        /// Its place afterwards.
        to: usize,
    },
}

/// An order after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The order with its times: what is late shows there.
    pub timeline: Timeline,
    /// What the change means: usually it costs something.
    pub price: Price,
}

/// Why a change cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadEdit {
    /// Problem, order or locked stops are out of range.
    Problem(BadProblem),
    /// The order has no such stop.
    NoSuchStop(usize),
    /// The stop is fixed at one end, or already behind the courier.
    Fixed(usize),
    /// The place is taken by a fixed stop, behind the courier, or outside the route.
    Place(usize),
}

impl fmt::Display for BadEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(problem) => problem.fmt(f),
            Self::NoSuchStop(stop) => write!(f, "the route has no stop {stop}"),
            Self::Fixed(stop) => write!(f, "stop {stop} has a fixed place"),
            Self::Place(place) => write!(f, "place {place} is not free to be taken"),
        }
    }
}

impl Error for BadEdit {}

impl From<BadProblem> for BadEdit {
    fn from(problem: BadProblem) -> Self {
        Self::Problem(problem)
    }
}

/// Makes one change to an order of all stops; the first `locked` of it stay. What the courier wants is done also where
/// it makes something late: the answer says what.
///
/// # Errors
/// When the order is none of these stops, or the change is not to be made.
pub fn edit(problem: &Problem, mine: &[usize], change: Edit, locked: usize) -> Result<Edited, BadEdit> {
    problem.check()?;
    problem.check_order(mine)?;
    if locked > mine.len() {
        return Err(BadProblem::Locked(locked).into());
    }
    let first = locked.max(usize::from(problem.start.stop.is_some()));
    let free = first..mine.len() - usize::from(matches!(problem.finish, Finish::At(_)));
    let (Edit::Next(stop) | Edit::Skip(stop) | Edit::Later { stop, .. } | Edit::Move { stop, .. }) = change;
    let place = mine.iter().position(|&other| other == stop).ok_or(BadEdit::NoSuchStop(stop))?;
    if !free.contains(&place) {
        return Err(BadEdit::Fixed(stop));
    }
    let mut order = mine.to_vec();
    order.remove(place);
    let to = match change {
        Edit::Next(_) => first,
        Edit::Skip(_) => free.end - 1,
        Edit::Move { to, .. } if free.contains(&to) => to,
        Edit::Move { to, .. } => return Err(BadEdit::Place(to)),
        Edit::Later { not_before, .. } => {
            let (_, order) = cheapest_insertion(problem, &order, stop, first, Some(not_before));
            return Ok(edited(problem, mine, &order, first));
        }
    };
    order.insert(to, stop);
    Ok(edited(problem, mine, &order, first))
}

fn edited(problem: &Problem, before: &[usize], after: &[usize], first: usize) -> Edited {
    let timeline_after = timeline(problem, after);
    let price = price(&timeline(problem, before), &timeline_after, &[], first);
    Edited { timeline: timeline_after, price }
}
