//! An order with its times: when each stop is reached, and what is late.

use crate::problem::{Finish, Problem};

/// One stop in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// Which stop.
    pub stop: usize,
    /// When the courier is there.
    pub arrive: i64,
    /// When service begins: not before the window.
    pub begin: i64,
    /// When the courier goes on.
    pub leave: i64,
    /// Seconds after the end of the window, 0 if in time.
    pub late_s: i64,
}

/// An order with its times and sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// The stops in their order.
    pub visits: Vec<Visit>,
    /// When the tour is over: back at the start if it is closed, else when the last stop is left.
    pub end: i64,
    /// Seconds on the way.
    pub travel_s: i64,
    /// Seconds spent waiting for windows to open.
    pub waiting_s: i64,
    /// Seconds of lateness, all stops together; of a closed tour, also of the return.
    pub late_s: i64,
    /// Stops reached late; of a closed tour, also the return.
    pub late_stops: usize,
    /// What orders are compared by: travel, surcharges, changes of zone, and every second of lateness times the weight
    /// of its stop.
    pub cost: i64,
}

/// The times of `order`. An order of some of the stops is timed as far as it goes, as the caller has checked it.
///
/// # Panics
/// When `order` names a stop that is none.
pub fn timeline(problem: &Problem, order: &[usize]) -> Timeline {
    let mut line = Timeline {
        visits: Vec::with_capacity(order.len()),
        end: problem.start.at,
        travel_s: 0,
        waiting_s: 0,
        late_s: 0,
        late_stops: 0,
        cost: 0,
    };
    let mut previous = None;
    for &stop in order {
        line.go(problem, previous, stop);
        let arrive = line.end;
        let begin = problem.stops[stop].earliest.map_or(arrive, |earliest| earliest.max(arrive));
        let leave = begin + i64::from(problem.stops[stop].service_s);
        let late_s = line.arrive(problem, stop);
        line.waiting_s += begin - arrive;
        line.visits.push(Visit { stop, arrive, begin, leave, late_s });
        line.end = leave;
        previous = Some(stop);
    }
    if let (Finish::BackAtStart, Some(start), Some(_)) = (problem.finish, problem.start.stop, previous) {
        line.go(problem, previous, start);
        line.arrive(problem, start);
    }
    line
}

impl Timeline {
    fn go(&mut self, problem: &Problem, from: Option<usize>, to: usize) {
        if let Some(from) = from.filter(|&from| from != to) {
            let travel = i64::from(problem.travel.at(from, to));
            self.end += travel;
            self.travel_s += travel;
            self.cost += i64::from(problem.cost(from, to));
        }
    }

    fn arrive(&mut self, problem: &Problem, stop: usize) -> i64 {
        let stop = &problem.stops[stop];
        let late_s = stop.latest.map_or(0, |latest| (self.end - latest).max(0));
        self.late_s += late_s;
        self.late_stops += usize::from(late_s > 0);
        self.cost += late_s * i64::from(stop.late_weight);
        late_s
    }

    /// The stops in their order.
    pub fn order(&self) -> impl Iterator<Item = usize> + '_ {
        self.visits.iter().map(|visit| visit.stop)
    }
}
