//! Numbers that look random and are the same everywhere for the same seed.

/// Marsaglia's xorshift with shifts 13, 7 and 17 (Journal of Statistical Software 8/14, 2003).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A stream of its own for every seed.
    pub fn new(seed: u64) -> Self {
        // An odd number is never 0, the one state that xorshift does not leave. Neighbouring seeds start alike, so
        // that the first numbers are thrown away.
        let mut random = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..8 {
            random.next();
        }
        random
    }

    /// 64 bits.
    #[allow(clippy::should_implement_trait)] // it never ends, and an iterator would hide that a number is drawn
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number from 0 to `bound` − 1; 0 if `bound` is 0. `bound` below 2³².
    pub fn below(&mut self, bound: usize) -> usize {
        // The upper half: the low bits of xorshift are its weak ones.
        (((self.next() >> 32) * bound as u64) >> 32) as usize
    }
}
