//! Finds a good order of the stops.
//!
//! Built by insertion in the order of deadlines, made better by local search over neighbour lists, then shaken again
//! and again (iterated local search): two neighbouring stretches change places, the search repairs what that broke,
//! and the result is kept if it is better, or worse by less than a threshold that shrinks to nothing. The search stops
//! after a number of rounds, never by a clock, and compares integers only: the same problem, seed and effort give the
//! same order on every machine.

use crate::insertion::build;
use crate::model::Model;
use crate::near::Near;
use crate::problem::{BadProblem, Problem};
use crate::random::Random;
use crate::search::Search;
use crate::timeline::{Timeline, timeline};
use crate::tour::Lateness;

/// Longest stretch that is moved to shake a tour.
const LONGEST_SHAKEN: usize = 25;
/// Free stops of a tour that is shaken several times at once, if it has fewer.
const SMALL_TOUR: usize = 14;
/// Rounds after which the price of lateness is looked at again.
const PRICE_ROUNDS: u32 = 100;
/// Rounds between two looks at the guard.
const GUARD_ROUNDS: u32 = 16;

/// How long to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Rounds of shaking and repairing.
    pub rounds: u32,
    /// Orders found with another seed may be others, about as good.
    pub seed: u64,
}

impl Effort {
    /// For a change on the road: an order that is good already is only repaired.
    pub fn event() -> Self {
        Self { rounds: 16, seed: 1 }
    }

    /// For the order of a whole day.
    pub fn day(stops: usize) -> Self {
        Self { rounds: u32::try_from(stops).unwrap_or(u32::MAX).saturating_mul(4).max(200), seed: 1 }
    }
}

/// What is asked of [`sequence`] beside the problem.
#[derive(Default)]
pub struct Wish<'a> {
    /// An order to begin with: the result never costs more.
    pub from: Option<&'a [usize]>,
    /// So many stops at the head of `from` stay where they are.
    pub locked: usize,
    /// Asked now and then whether the search has to stop early. It is for a wall clock, which lets results differ
    /// between machines: [`Sequence::stopped_early`] says that it did.
    pub guard: Option<&'a mut dyn FnMut() -> bool>,
}

/// An order, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// The order with its times.
    pub timeline: Timeline,
    /// Rounds that were searched.
    pub rounds: u32,
    /// Whether the guard stopped the search before its rounds were done.
    pub stopped_early: bool,
}

impl Sequence {
    /// The stops in their order.
    pub fn order(&self) -> Vec<usize> {
        self.timeline.order().collect()
    }
}

/// A good order of all stops, from the first to the last: [`Timeline::cost`] as small as the effort allows, and never
/// more than that of the order to begin with.
///
/// # Errors
/// When the problem, the order to begin with, or the number of locked stops is out of range.
pub fn sequence(problem: &Problem, effort: Effort, mut wish: Wish<'_>) -> Result<Sequence, BadProblem> {
    problem.check()?;
    if let Some(from) = wish.from {
        problem.check_order(from)?;
    }
    let locked = wish.from.unwrap_or_default().get(..wish.locked).ok_or(BadProblem::Locked(wish.locked))?;
    if problem.stops.is_empty() {
        return Ok(Sequence { timeline: timeline(problem, &[]), rounds: 0, stopped_early: false });
    }
    let model = Model::new(problem, locked);
    let near = Near::new(&model);
    let begin = wish.from.map_or_else(|| build(&model), |order| model.nodes_of(order));
    let mut shaking = Shaking::new(&model, &near, begin, effort);
    let stopped_early = shaking.run(&mut wish.guard);
    let order = model.order_of(&shaking.best.order);
    Ok(Sequence { timeline: timeline(problem, &order), rounds: shaking.round, stopped_early })
}

/// An order with what it costs: arcs, seconds of warp, and lateness as it really is.
#[derive(Clone)]
struct Found {
    order: Vec<u32>,
    arcs: i64,
    warp: i64,
    owed: i64,
}

impl Found {
    fn of(search: &Search<'_>) -> Self {
        let tour = &search.tour;
        Self { order: tour.order.clone(), arcs: tour.arcs(), warp: tour.warp(), owed: tour.really_owed() }
    }

    fn cost(&self) -> i64 {
        self.arcs + self.owed
    }

    /// As the search counts it at present.
    fn counted(&self, search: &Search<'_>) -> i64 {
        match search.tour.lateness {
            Lateness::Warped => self.arcs + self.warp * search.tour.warp_price,
            Lateness::Real => self.cost(),
        }
    }

    fn take(&mut self, search: &Search<'_>) {
        self.order.copy_from_slice(&search.tour.order);
        (self.arcs, self.warp) = (search.tour.arcs(), search.tour.warp());
    }
}

struct Shaking<'a> {
    model: &'a Model,
    search: Search<'a>,
    best: Found,
    current: Found,
    random: Random,
    round: u32,
    rounds: u32,
    /// How much worse than the best a tour may be at first.
    threshold: i64,
    /// Whether there are stops where a second of lateness costs less than a few arcs.
    lateness_may_pay: bool,
}

impl<'a> Shaking<'a> {
    fn new(model: &'a Model, near: &'a Near, begin: Vec<u32>, effort: Effort) -> Self {
        let mut search = Search::new(model, near, begin);
        let mut best = Found::of(&search);
        search.improve_all();
        let current = Found::of(&search);
        if current.cost() < best.cost() {
            best = current.clone();
        }
        let threshold = near.usual_arc * 3 / 2;
        let lateness_may_pay = model.nodes[1..].iter().any(|node| node.weight < 4 * near.usual_arc);
        let (random, rounds) = (Random::new(effort.seed), effort.rounds);
        Self { model, search, best, current, random, round: 0, rounds, threshold, lateness_may_pay }
    }

    /// Whether it was stopped early.
    fn run(&mut self, guard: &mut Option<&mut dyn FnMut() -> bool>) -> bool {
        if self.model.last <= 2 {
            return false; // no more than one free stop
        }
        let mut in_time = 0;
        while self.round < self.rounds {
            if self.round.is_multiple_of(GUARD_ROUNDS) && guard.as_mut().is_some_and(|guard| guard()) {
                return true;
            }
            let somebody_is_late = self.round == self.rounds / 3 && self.best.owed > 0;
            if somebody_is_late || self.round == self.rounds / 8 * 7 && self.lateness_may_pay {
                self.count_what_is_owed();
            }
            self.round += 1;
            self.shake();
            self.search.improve();
            in_time += u32::from(self.search.tour.warp() == 0);
            self.judge();
            if self.round.is_multiple_of(PRICE_ROUNDS) {
                self.adapt_price(in_time);
                in_time = 0;
            }
        }
        false
    }

    /// From here on lateness counts as it is: the search has either found that not everybody can be in time, or it
    /// ends soon, and a little lateness may be worth its price.
    fn count_what_is_owed(&mut self) {
        let tour = &mut self.search.tour;
        if self.model.has_windows && tour.lateness == Lateness::Warped {
            tour.set_order(&self.best.order);
            tour.count(Lateness::Real);
            self.search.improve_all();
            self.current = Found::of(&self.search);
            if self.current.cost() < self.best.cost() {
                self.best = self.current.clone();
            }
        }
    }

    /// Exchanges two neighbouring stretches somewhere. A small tour has so few of them that it takes several at once to
    /// leave where it is.
    fn shake(&mut self) {
        let free = self.model.last - 1;
        let longest = (free / 2).clamp(1, LONGEST_SHAKEN);
        let times = if free < SMALL_TOUR { 1 + self.random.below(4) } else { 1 };
        for _ in 0..times {
            let (first, second) = (1 + self.random.below(longest), 1 + self.random.below(longest));
            let low = 1 + self.random.below((free + 1).saturating_sub(first + second).max(1));
            let high = (low + first + second - 1).min(free);
            if low + first <= high {
                self.search.exchange(low, low + first, high);
            }
        }
    }

    /// Keeps what the search has made of the shaken tour, or goes back.
    fn judge(&mut self) {
        let tour = &self.search.tour;
        let (arcs, warp) = (tour.arcs(), tour.warp());
        // A second of warp is a second of lateness or more, but at which stop is not known: only what can be better
        // at a price of nothing is counted through.
        if arcs < self.best.cost() {
            let owed = if warp == 0 { 0 } else { tour.really_owed() };
            if arcs + owed < self.best.cost() {
                self.best.take(&self.search);
                self.best.owed = owed;
            }
        }
        let counted = arcs + tour.penalty();
        let left = i64::from(self.rounds - self.round);
        let slack = self.threshold * left / i64::from(self.rounds);
        if counted < self.current.counted(&self.search) || counted < self.best.counted(&self.search) + slack {
            self.current.take(&self.search);
            if tour.lateness == Lateness::Real {
                self.current.owed = tour.penalty();
            }
        } else {
            self.search.tour.set_order(&self.current.order);
        }
    }

    /// Lateness becomes dearer while most tours are late, and cheaper while most are not: what is best lies in between.
    fn adapt_price(&mut self, in_time: u32) {
        let price = &mut self.search.tour.warp_price;
        if in_time < PRICE_ROUNDS / 4 {
            *price = (*price + 1 + *price / 4).min(100_000);
        } else if in_time > PRICE_ROUNDS * 7 / 10 {
            *price = (*price - *price / 6 - 1).max(1);
        }
    }
}
