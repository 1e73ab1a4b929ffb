//! How long a leg takes without a matrix: the straight way, at a pace that depends on its length and is learned.

use crate::geo::Point;
use crate::matrix::Matrix;

/// Lengths, in metres of the straight way, at which a leg gets faster. The last band has no end.
const BANDS_M: [u32; 3] = [500, 2_000, 10_000];
/// Seconds for a kilometre of the straight way in each band before anything is learned: 11, 18, 28 and 55 km/h over
/// roads that are 1.4, 1.35, 1.3 and 1.25 times as long. Assumed, and the reason why they are learned.
const FIRST_PACE: [u64; 4] = [460, 270, 167, 82];
/// A learned factor stays between these, in thousandths.
const FACTORS: std::ops::RangeInclusive<u64> = 500..=3_000;
/// Seconds of driving that the assumed pace of a band counts for beside what is seen.
const BELIEF_S: u64 = 1_800;
/// Seconds of driving after which what was seen counts for half.
const MEMORY_S: u64 = 14_400;
/// Legs longer than this many seconds are none of a courier's day, and nothing is learned from them.
const LONGEST_LEG_S: u64 = 14_400;

/// What has been learned of legs: for each band of length, seconds that were predicted and that it took.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pace {
    predicted: [u64; 4],
    taken: [u64; 4],
}

impl Pace {
    /// Seconds for a straight way of so many metres.
    pub fn seconds(&self, metres: u32) -> u32 {
        let milliseconds: u64 = (0..4).map(|band| assumed(metres)[band] * self.factor(band)).sum::<u64>();
        u32::try_from(milliseconds / 1_000_000).unwrap_or(u32::MAX)
    }

    /// Learns from a leg: the straight way in metres, and the seconds that it took.
    pub fn learn(&mut self, metres: u32, seconds: u32) {
        let assumed = assumed(metres);
        let all: u64 = assumed.iter().sum();
        let taken = u64::from(seconds) * 1_000;
        if all == 0 || taken > LONGEST_LEG_S * 1_000 || all > LONGEST_LEG_S * 1_000 {
            return;
        }
        // A single leg that took ten times as long was a break or a second stop.
        let taken = taken.clamp(all / 3, all * 4);
        for (band, predicted) in assumed.into_iter().enumerate() {
            self.predicted[band] += predicted;
            self.taken[band] += taken * predicted / all;
            if self.predicted[band] > MEMORY_S * 1_000 {
                self.predicted[band] /= 2;
                self.taken[band] /= 2;
            }
        }
    }

    /// Thousandths by which the assumed pace of a band is multiplied.
    fn factor(&self, band: usize) -> u64 {
        let belief = BELIEF_S * 1_000;
        let factor = (self.taken[band] + belief) * 1_000 / (self.predicted[band] + belief);
        factor.clamp(*FACTORS.start(), *FACTORS.end())
    }

    /// To be stored: 64 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.predicted.iter().chain(&self.taken).flat_map(|value| value.to_le_bytes()).collect()
    }

    /// What was stored; `None` if these are other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut pace = Self::default();
        let (values, []) = bytes.as_chunks::<8>() else { return None };
        if values.len() != 8 {
            return None;
        }
        let fields = pace.predicted.iter_mut().chain(&mut pace.taken);
        for (field, value) in fields.zip(values) {
            *field = u64::from_le_bytes(*value);
        }
        let most = (MEMORY_S + LONGEST_LEG_S) * 4_000;
        let sane = pace.predicted.iter().chain(&pace.taken).all(|&value| value <= most);
        sane.then_some(pace)
    }
}

/// Milliseconds in each band for a straight way of so many metres. The way is cut at the bands' ends, so that a longer
/// one never takes less.
fn assumed(metres: u32) -> [u64; 4] {
    let mut begin = 0;
    std::array::from_fn(|band| {
        let end = BANDS_M.get(band).map_or(metres, |&end| metres.min(end));
        let length = u64::from(end.saturating_sub(begin));
        begin = BANDS_M.get(band).copied().unwrap_or(u32::MAX);
        length * FIRST_PACE[band]
    })
}

/// Seconds from place to place: what is known (the cells of a matrix, where there are some), and what is learned for
/// the rest.
pub fn travel_times(places: &[Point], pace: &Pace, known: impl Fn(usize, usize) -> Option<u32>) -> Matrix {
    Matrix::from_fn(places.len(), |from, to| match known(from, to) {
        _ if from == to => 0,
        Some(seconds) => seconds,
        None => pace.seconds(places[from].metres_to(places[to])),
    })
}
