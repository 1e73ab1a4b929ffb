//! What is to be put in order.

use std::error::Error;
use std::fmt;

use crate::matrix::Matrix;

/// Most places in one problem.
pub const MOST_STOPS: usize = 1_000;
/// Greatest travel time, surcharge or service time, in seconds: about 194 days.
pub const LONGEST_LEG_S: u32 = 1 << 24;
/// Greatest distance of a window from the start, in seconds either way: about 34 years.
pub const FARTHEST_WINDOW_S: i64 = 1 << 30;
/// Greatest weight of a second of lateness.
pub const GREATEST_LATE_WEIGHT: u32 = 10_000;
/// What a second of lateness weighs unless something else is said, in seconds of travel.
pub const USUAL_LATE_WEIGHT: u32 = 20;

/// One place to visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// Service does not begin before this instant: whoever comes earlier waits. `None`: at any time.
    pub earliest: Option<i64>,
    /// Whoever arrives after this instant is late. `None`: never late.
    pub latest: Option<i64>,
    /// Seconds spent there.
    pub service_s: u32,
    /// How many seconds of travel a second of lateness is worth here; 0 to [`GREATEST_LATE_WEIGHT`].
    pub late_weight: u32,
    /// Its zone or bag. A change between two zones costs [`Problem::zone_change_s`].
    pub zone: Option<u32>,
}

impl Default for Stop {
    fn default() -> Self {
        Self { earliest: None, latest: None, service_s: 0, late_weight: USUAL_LATE_WEIGHT, zone: None }
    }
}

/// Where and when the tour begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// The instant, in seconds since whatever the windows count from.
    pub at: i64,
    /// The stop that is visited first: the depot, or where the courier is. `None`: any stop may be first, and nothing
    /// is travelled to reach it.
    pub stop: Option<usize>,
}

/// Where the tour ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// Wherever it is shortest (an open tour).
    Anywhere,
    /// At this stop, which stays last.
    At(usize),
    /// Back at the first stop (a closed tour), by that stop's `latest`. Needs a [`Start::stop`].
    BackAtStart,
}

/// Stops, the times between them, and what the tour has to begin and end with. Every stop is visited exactly once:
/// what cannot be reached in time is reached late, never dropped.
///
/// Times are seconds; where they count from is up to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Seconds from stop to stop.
    pub travel: Matrix,
    /// Costs beside the time, in seconds of travel: they count when orders are compared, and make nothing late.
    pub surcharge: Option<Matrix>,
    /// The stops, in the order of the matrix's rows.
    pub stops: Vec<Stop>,
    /// Where and when it begins.
    pub start: Start,
    /// Where it ends.
    pub finish: Finish,
    /// Cost of going from one zone to another, in seconds of travel.
    pub zone_change_s: u32,
}

/// Why something cannot be put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadProblem {
    /// Stops and rows differ in number.
    Size {
        /// How many stops.
        stops: usize,
        /// How many rows a matrix has.
        rows: usize,
    },
    /// More than [`MOST_STOPS`] stops.
    TooMany(usize),
    /// A time or cost above [`LONGEST_LEG_S`] on the way between two stops.
    Leg {
        /// From this stop.
        from: usize,
        /// To this one.
        to: usize,
    },
    /// A stop with a service time above [`LONGEST_LEG_S`], a weight above [`GREATEST_LATE_WEIGHT`], a window that ends
    /// before it begins or that is farther than [`FARTHEST_WINDOW_S`] from the start.
    Stop(usize),
    /// A start farther than 2⁶⁰ seconds from 0.
    StartAt,
    /// A first or last stop that is none, or one stop as first and last of several.
    Ends,
    /// [`Finish::BackAtStart`] without a [`Start::stop`].
    NoStart,
    /// The given order is no order of these stops from first to last.
    Order,
    /// More stops locked than the order has.
    Locked(usize),
}

impl fmt::Display for BadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { stops, rows } => write!(f, "{stops} stops, but {rows} rows of times"),
            Self::TooMany(stops) => write!(f, "{stops} stops; at most {MOST_STOPS} are put in order at once"),
            Self::Leg { from, to } => {
                write!(f, "the way from stop {from} to {to} takes more than {LONGEST_LEG_S} s")
            }
            Self::Stop(stop) => write!(f, "stop {stop}: its window, service time or weight is out of range"),
            Self::StartAt => f.write_str("the start is out of range"),
            Self::Ends => f.write_str("first and last stop are not two stops of this route"),
            Self::NoStart => f.write_str("a closed tour needs a first stop to come back to"),
            Self::Order => {
                f.write_str("the given order is not one of these stops from the first to the last")
            }
            Self::Locked(locked) => write!(f, "{locked} stops are locked, more than the order has"),
        }
    }
}

impl Error for BadProblem {}

impl Problem {
    /// An open tour of `stops` that begins now and anywhere; times count from 0.
    pub fn new(travel: Matrix, stops: Vec<Stop>) -> Self {
        let start = Start { at: 0, stop: None };
        Self { travel, surcharge: None, stops, start, finish: Finish::Anywhere, zone_change_s: 0 }
    }

    /// Cost of going from one stop to the next, in seconds of travel: the time, the surcharge and a change of zone.
    ///
    /// # Panics
    /// When either is no stop.
    pub fn cost(&self, from: usize, to: usize) -> u32 {
        let surcharge = self.surcharge.as_ref().map_or(0, |matrix| matrix.at(from, to));
        let zones = (self.stops[from].zone, self.stops[to].zone);
        let change = match zones {
            (Some(from), Some(to)) if from != to => self.zone_change_s,
            _ => 0,
        };
        self.travel.at(from, to).saturating_add(surcharge).saturating_add(change)
    }

    /// Whether everything is in range.
    pub fn check(&self) -> Result<(), BadProblem> {
        let stops = self.stops.len();
        for rows in [Some(&self.travel), self.surcharge.as_ref()].into_iter().flatten().map(Matrix::size) {
            if rows != stops {
                return Err(BadProblem::Size { stops, rows });
            }
        }
        if stops > MOST_STOPS {
            return Err(BadProblem::TooMany(stops));
        }
        for from in 0..stops {
            if let Some(to) = (0..stops).find(|&to| to != from && self.cost(from, to) > LONGEST_LEG_S) {
                return Err(BadProblem::Leg { from, to });
            }
        }
        if self.start.at.unsigned_abs() > 1 << 60 {
            return Err(BadProblem::StartAt);
        }
        let nearest = self.start.at - FARTHEST_WINDOW_S..=self.start.at + FARTHEST_WINDOW_S;
        let in_range = |stop: &Stop| {
            let near = |at: Option<i64>| at.is_none_or(|at| nearest.contains(&at));
            let ordered = stop.earliest.zip(stop.latest).is_none_or(|(from, to)| from <= to);
            let small = stop.service_s <= LONGEST_LEG_S && stop.late_weight <= GREATEST_LATE_WEIGHT;
            near(stop.earliest) && near(stop.latest) && ordered && small
        };
        if let Some(bad) = self.stops.iter().position(|stop| !in_range(stop)) {
            return Err(BadProblem::Stop(bad));
        }
        let last = match self.finish {
            Finish::At(last) => Some(last),
            Finish::BackAtStart if self.start.stop.is_none() && stops > 0 => return Err(BadProblem::NoStart),
            _ => None,
        };
        let none = |end: Option<usize>| end.is_some_and(|end| end >= stops);
        if none(self.start.stop) || none(last) || (stops > 1 && last.is_some() && last == self.start.stop) {
            return Err(BadProblem::Ends);
        }
        Ok(())
    }

    /// Whether `order` visits every stop once, from the first to the last.
    pub fn check_order(&self, order: &[usize]) -> Result<(), BadProblem> {
        let mut seen = vec![false; self.stops.len()];
        for &stop in order {
            match seen.get_mut(stop) {
                Some(seen) if !*seen => *seen = true,
                _ => return Err(BadProblem::Order),
            }
        }
        let first = self.start.stop.is_none_or(|first| order.first() == Some(&first));
        let last = match self.finish {
            Finish::At(last) => order.last() == Some(&last),
            _ => true,
        };
        if order.len() == self.stops.len() && first && last { Ok(()) } else { Err(BadProblem::Order) }
    }

    /// What is left of the tour: only `stops`, which are numbered by their place in that list from here on, beginning
    /// at `start` (which names its stop by the old number). A fixed last stop stays it; a closed tour still ends where
    /// it began, as far as that stop is in the list.
    ///
    /// # Panics
    /// When `stops` names one that is none.
    #[must_use]
    pub fn part(&self, stops: &[usize], start: Start) -> Self {
        let number = |stop: Option<usize>| stop.and_then(|stop| stops.iter().position(|&left| left == stop));
        let among = |matrix: &Matrix| Matrix::from_fn(stops.len(), |a, b| matrix.at(stops[a], stops[b]));
        let mut left: Vec<Stop> = stops.iter().map(|&stop| self.stops[stop]).collect();
        let home = number(self.start.stop);
        let begins = number(start.stop);
        let finish = match self.finish {
            Finish::Anywhere => Finish::Anywhere,
            Finish::At(last) => number(Some(last)).map_or(Finish::Anywhere, Finish::At),
            Finish::BackAtStart if home.is_some() && home == begins => Finish::BackAtStart,
            Finish::BackAtStart => home.map_or(Finish::Anywhere, |home| {
                // The tour ends with the arrival there: there is nothing to wait for or to do.
                left[home] = Stop { earliest: None, service_s: 0, ..left[home] };
                Finish::At(home)
            }),
        };
        Self {
            travel: among(&self.travel),
            surcharge: self.surcharge.as_ref().map(among),
            stops: left,
            start: Start { at: start.at, stop: begins },
            finish,
            zone_change_s: self.zone_change_s,
        }
    }
}
