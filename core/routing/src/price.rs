//! What one order costs beside another.

use crate::problem::Problem;
use crate::timeline::Timeline;

/// What it means to go from one order of the same stops to another. What is saved is negative where it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// Seconds less on the way.
    pub travel_saved_s: i64,
    /// Seconds by which the tour ends earlier.
    pub ends_sooner_s: i64,
    /// Seconds less of lateness, all stops together.
    pub late_saved_s: i64,
    /// What [`Timeline::cost`] goes down by: everything together, each with its weight.
    pub cost_saved: i64,
    /// Stops that would be late, and are in time afterwards.
    pub windows_kept: Vec<usize>,
    /// Stops that would be in time, and are late afterwards.
    pub windows_broken: Vec<usize>,
    /// The fewest stops that have to be moved to get from one order to the other: those beside the longest run that
    /// stays in order. Loose stops do not count.
    pub moved: Vec<usize>,
    /// Neighbours that are none afterwards. A loose stop between two does not part them.
    pub broken_pairs: usize,
    /// Whether another stop comes next.
    pub next_changes: bool,
}

/// The price of `after` beside `before`. Stops of `loose` had no place that anybody remembers: they were just added, or
/// put off. `fixed` stops at the head are none that come next.
pub(crate) fn price(before: &Timeline, after: &Timeline, loose: &[usize], fixed: usize) -> Price {
    let late = |line: &Timeline| -> Vec<usize> {
        line.visits.iter().filter(|visit| visit.late_s > 0).map(|visit| visit.stop).collect()
    };
    let (late_before, late_after) = (late(before), late(after));
    let beside = |these: &[usize], those: &[usize]| -> Vec<usize> {
        these.iter().copied().filter(|stop| !those.contains(stop)).collect()
    };
    let known =
        |line: &Timeline| -> Vec<usize> { line.order().filter(|stop| !loose.contains(stop)).collect() };
    let (old, new) = (known(before), known(after));
    let old_place = places(&old);
    let ranks: Vec<usize> = new.iter().map(|&stop| old_place[stop]).collect();
    let in_order = longest_rising(&ranks);
    let moved = new.iter().zip(in_order).filter(|(_, stays)| !stays).map(|(&stop, _)| stop).collect();
    let next = |line: &Timeline| line.visits.get(fixed).map(|visit| visit.stop);
    Price {
        travel_saved_s: before.travel_s - after.travel_s,
        ends_sooner_s: before.end - after.end,
        late_saved_s: before.late_s - after.late_s,
        cost_saved: before.cost - after.cost,
        windows_kept: beside(&late_before, &late_after),
        windows_broken: beside(&late_after, &late_before),
        moved,
        broken_pairs: ranks.windows(2).filter(|pair| pair[0] + 1 != pair[1]).count(),
        next_changes: next(before) != next(after),
    }
}

/// Where each stop stands in `order`.
fn places(order: &[usize]) -> Vec<usize> {
    let mut places = vec![0; order.iter().max().map_or(0, |most| most + 1)];
    for (place, &stop) in order.iter().enumerate() {
        places[stop] = place;
    }
    places
}

/// For each of `values`, all different, whether it is in one longest rising run (patience sorting).
fn longest_rising(values: &[usize]) -> Vec<bool> {
    // For each length the run that ends lowest: its last index; and before each value the one that precedes it.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous = vec![None; values.len()];
    for (index, value) in values.iter().enumerate() {
        let length = ends.partition_point(|&end| values[end] < *value);
        previous[index] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut rising = vec![false; values.len()];
    let mut at = ends.last().copied();
    while let Some(index) = at {
        rising[index] = true;
        at = previous[index];
    }
    rising
}

/// The surcharge that keeps neighbours of `kept` together: `each` seconds on every arc that is not from a stop to the
/// one after it. Arcs from and to stops that are not in `kept` are free.
pub(crate) fn keeping(problem: &Problem, kept: &[usize], each: u32) -> crate::matrix::Matrix {
    let stops = problem.stops.len();
    let mut place = vec![None; stops];
    for (number, &stop) in kept.iter().enumerate() {
        place[stop] = Some(number);
    }
    let closes = kept.len().checked_sub(1);
    crate::matrix::Matrix::from_fn(stops, |from, to| {
        let known = problem.surcharge.as_ref().map_or(0, |matrix| matrix.at(from, to));
        let breaks = match (place[from], place[to]) {
            (Some(from), Some(to)) => from + 1 != to && !(to == 0 && Some(from) == closes),
            _ => false,
        };
        known + if breaks { each } else { 0 }
    })
}

#[cfg(test)]
mod tests {
    use super::longest_rising;

    #[test]
    fn the_longest_run_in_order_stays() {
        let stays = |values: &[usize]| {
            longest_rising(values).iter().map(|&stays| if stays { 'o' } else { '-' }).collect::<String>()
        };
        assert_eq!(stays(&[]), "");
        assert_eq!(stays(&[0, 1, 2]), "ooo");
        assert_eq!(stays(&[3, 0, 1, 2]), "-ooo", "one stop was drawn to the front");
        assert_eq!(stays(&[0, 2, 3, 1, 4]), "ooo-o");
        assert_eq!(stays(&[2, 1, 0]), "--o");
    }
}
