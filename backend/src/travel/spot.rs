//! Places as a service is asked for them, and which of them are asked for together.

use std::collections::BTreeSet;
use std::fmt;

use courier_domain::Pin;
use courier_routing::geo::Point;

/// A place, rounded to a hundred-thousandth of a degree (about a metre). Doors that are nearer to each other are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    lat: i32,
    lon: i32,
}

/// Parts of a degree.
const PARTS: f64 = 100_000.0;

impl Spot {
    /// Where a pin is; `None` for what is no place on earth.
    pub(crate) fn of(pin: Pin) -> Option<Self> {
        Point::from_degrees(pin.lat, pin.lon)?;
        #[allow(clippy::cast_possible_truncation)] // at most 1.8e7
        let parts = |degrees: f64| (degrees * PARTS).round() as i32;
        Some(Self { lat: parts(pin.lat), lon: parts(pin.lon) })
    }

    /// A number of its own, which it is stored under.
    pub(crate) fn number(self) -> i64 {
        (i64::from(self.lat) << 32) | i64::from(self.lon.cast_unsigned())
    }
}

/// Degrees, longitude first, as in OSRM's addresses.
impl fmt::Display for Spot {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:.5},{:.5}", f64::from(self.lon) / PARTS, f64::from(self.lat) / PARTS)
    }
}

/// What is asked in one request: from each of these to each of those, by their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) from: Vec<usize>,
    pub(crate) to: Vec<usize>,
}

/// What has to be asked so that the times between all of `count` places are known, with no more than `most` (two at
/// least) in one request. Places whose times are known among themselves are asked for only beside the others.
pub(crate) fn blocks(count: usize, most: usize, is_known: impl Fn(usize, usize) -> bool) -> Vec<Block> {
    let (mut known, mut new) = (Vec::new(), Vec::new());
    for place in 0..count {
        let among = |other: &usize| is_known(*other, place) && is_known(place, *other);
        if known.iter().all(among) { known.push(place) } else { new.push(place) }
    }
    if new.is_empty() {
        return Vec::new();
    }
    let all: Vec<usize> = (0..count).collect();
    if known.len() == 1 {
        // It is known to itself only.
        (known, new) = (Vec::new(), all.clone());
    }
    let mut blocks = Vec::new();
    cut(&new, &all, most, &mut blocks);
    cut(&known, &new, most, &mut blocks);
    blocks
}

fn cut(from: &[usize], to: &[usize], most: usize, into: &mut Vec<Block>) {
    if from.is_empty() || to.is_empty() {
        return;
    }
    let all: BTreeSet<_> = from.iter().chain(to).collect();
    if all.len() <= most {
        into.push(Block { from: from.to_vec(), to: to.to_vec() });
        return;
    }
    let high = from.len().min(most / 2);
    let wide = to.len().min(most - high);
    for from in from.chunks(most - wide) {
        for to in to.chunks(wide) {
            if from.len() > 1 || from != to {
                into.push(Block { from: from.to_vec(), to: to.to_vec() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doors_a_metre_apart_are_one_and_others_have_numbers_of_their_own() {
        let spot = |lat, lon| Spot::of(Pin { lat, lon }).unwrap();
        assert_eq!(spot(52.5, 13.4), spot(52.500_004, 13.399_996));
        assert_eq!(spot(-0.5, -0.000_01).to_string(), "-0.00001,-0.50000");
        assert_eq!(spot(90.0, -180.0).to_string(), "-180.00000,90.00000");
        assert_eq!(Spot::of(Pin { lat: f64::NAN, lon: 0.0 }), None);
        let mut numbers = BTreeSet::new();
        for lat in [-90.0, -0.000_01, 0.0, 0.000_01, 90.0] {
            for lon in [-180.0, -0.000_01, 0.0, 0.000_01, 180.0] {
                assert!(numbers.insert(spot(lat, lon).number()), "{lat} {lon}");
            }
        }
    }

    #[test]
    fn every_time_that_is_not_known_is_asked_for_in_requests_that_are_small_enough() {
        for count in 0..30_usize {
            for most in [2, 3, 10, 25, 30] {
                for known in [0, 1, 2, count / 2, count.saturating_sub(1), count] {
                    let is_known = |from: usize, to: usize| from < known && to < known;
                    let mut asked = BTreeSet::new();
                    for block in blocks(count, most, is_known) {
                        let places: BTreeSet<_> = block.from.iter().chain(&block.to).collect();
                        assert!((2..=most).contains(&places.len()), "{count} {most} {known}: {block:?}");
                        for &from in &block.from {
                            asked.extend(block.to.iter().map(|&to| (from, to)));
                        }
                    }
                    for from in 0..count {
                        for to in (0..count).filter(|&to| to != from) {
                            let is_old = known >= 2 && is_known(from, to);
                            assert_eq!(asked.contains(&(from, to)), !is_old, "{count} {most} {known}");
                        }
                    }
                }
            }
        }
        assert_eq!(blocks(100, 100, |_, _| false).len(), 1);
    }
}
