//! How today's legs compare with what was predicted.

/// Thousandths: no less and no more than this is believed of a day.
const BOUNDS: std::ops::RangeInclusive<u64> = 700..=1_800;
/// Seconds of driving as predicted that a morning begins with.
const BELIEF_S: u64 = 600;
/// Thousandths of the deviation that are left after a leg more: half of it is gone after about 13.
const DECAY: i64 = 950;

/// Today's factor on travel times, from the last legs: the sum of what they took over the sum of what was predicted,
/// in which an older leg counts for less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveFactor {
    taken: u64,
    predicted: u64,
}

impl Default for LiveFactor {
    fn default() -> Self {
        Self { taken: BELIEF_S * 1_000, predicted: BELIEF_S * 1_000 }
    }
}

impl LiveFactor {
    /// Learns from a leg, in seconds.
    pub fn learn(&mut self, predicted_s: u32, taken_s: u32) {
        // Four fifths of what was known stay: after five legs, a third.
        self.taken = self.taken * 4 / 5 + u64::from(taken_s.min(14_400)) * 1_000;
        self.predicted = self.predicted * 4 / 5 + u64::from(predicted_s.min(14_400)) * 1_000;
    }

    /// Thousandths for the next leg: 700 to 1800.
    pub fn thousandths(self) -> u64 {
        (self.taken * 1_000 / self.predicted.max(1)).clamp(*BOUNDS.start(), *BOUNDS.end())
    }

    /// Thousandths for a leg that lies so many legs behind the next: the farther, the nearer to 1000.
    pub fn ahead(self, legs: usize) -> u64 {
        let mut deviation = self.thousandths().cast_signed() - 1_000;
        for _ in 0..legs.min(200) {
            deviation = deviation * DECAY / 1_000;
        }
        (1_000 + deviation).cast_unsigned()
    }

    /// To be stored for the day: 16 bytes.
    pub fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.taken.to_le_bytes());
        bytes[8..].copy_from_slice(&self.predicted.to_le_bytes());
        bytes
    }

    /// What was stored; `None` if these are other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let ([taken, predicted], []) = bytes.as_chunks::<8>() else { return None };
        let (taken, predicted) = (u64::from_le_bytes(*taken), u64::from_le_bytes(*predicted));
        (taken <= 72_000_000 && (1..=72_000_000).contains(&predicted)).then_some(Self { taken, predicted })
    }
}
