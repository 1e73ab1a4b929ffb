//! When the courier will be where, as a range, and when that is worth telling.

use crate::live::LiveFactor;
use crate::problem::Problem;
use crate::service::Expected;

/// How far a leg of travel deviates, in thousandths of its length.
const TRAVEL_DEVIATION: u64 = 250;
/// Standard deviations of a normal distribution that four of five arrivals stay below, in thousandths.
const FOUR_OF_FIVE: u64 = 842;

/// An arrival, in seconds since whatever the problem counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eta {
    /// Reached before this as often as after it, or a little earlier: it is a sum of means.
    pub p50: i64,
    /// Reached before this four times of five.
    pub p80: i64,
}

/// The arrivals at `order` from [`Problem::start`] on, with what each stop is expected to take (by its number in the
/// problem). Today's factor counts for less the farther ahead a leg is; what is uncertain adds up along the route, and
/// a wait for a window takes some of it away.
///
/// # Panics
/// When `order` or `service` do not fit the problem.
pub fn etas(problem: &Problem, order: &[usize], service: &[Expected], live: LiveFactor) -> Vec<Eta> {
    let mut leave = problem.start.at;
    let mut variance = 0_u64;
    let mut previous = None;
    let mut legs = 0;
    let mut etas = Vec::with_capacity(order.len());
    for &stop in order {
        if let Some(from) = previous {
            let travel = u64::from(problem.travel.at(from, stop)) * live.ahead(legs) / 1_000;
            let deviation = travel * TRAVEL_DEVIATION / 1_000;
            variance += deviation * deviation;
            leave += travel.cast_signed();
            legs += 1;
        }
        let late_by = (variance.isqrt() * FOUR_OF_FIVE / 1_000).cast_signed();
        etas.push(Eta { p50: leave, p80: leave + late_by });
        if let Some(earliest) = problem.stops[stop].earliest {
            let wait = (earliest - leave).max(0);
            leave += wait;
            // Who would have waited has as much time to be late without anything changing.
            let left = variance.isqrt().saturating_sub(wait.unsigned_abs());
            variance = left * left;
        }
        leave += service[stop].seconds.cast_signed();
        variance += service[stop].variance;
        previous = Some(stop);
    }
    etas
}

/// What somebody was told, and when to tell them something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    told: Eta,
}

impl Promise {
    /// What is told first.
    pub fn new(told: Eta) -> Self {
        Self { told }
    }

    /// What was told last.
    pub fn told(self) -> Eta {
        self.told
    }

    /// The range to tell, if either end has moved by more than `tolerance_s` from what was told last; it then counts as
    /// told.
    pub fn update(&mut self, eta: Eta, tolerance_s: u32) -> Option<Eta> {
        let moved = (eta.p50 - self.told.p50).abs().max((eta.p80 - self.told.p80).abs());
        let news = moved > i64::from(tolerance_s);
        if news {
            self.told = eta;
        }
        news.then_some(eta)
    }
}
