//! When the courier is at a stop, from raw fixes.
//!
//! Driving past is no arrival, and neither is a traffic light: who has arrived stands or walks for some time within
//! the fence of a stop, by several fixes that can be believed. Where fences overlap the next stop of the route comes
//! first, unless another one is clearly nearer; at a stop that is not the next it takes longer to be sure.

use std::collections::VecDeque;

use crate::fence::Fence;
use crate::geo::Point;

/// A fix with a greater error says too little, metres.
const WORST_ACCURACY_M: u32 = 65;
/// A fix older than this when it comes in says where the courier was, milliseconds.
const OLDEST_MS: i64 = 30_000;
/// Nobody drives faster between two fixes, metres a second; what looks like it is a reflection.
const FASTEST_M_S: u64 = 55;
/// Rejected fixes in a row that agree with each other more than with what came before.
const JUMPS_BELIEVED: usize = 3;
/// Standing or walking: no more than this, decimetres a second.
const WALKING_DM_S: u32 = 22;
/// Without a fix for so long nothing is known of the time between, milliseconds.
const GAP_MS: i64 = 45_000;
/// Fixes that an arrival takes at least.
const FIXES: usize = 3;
/// Milliseconds to stand or walk close to the next stop …
const DWELL_MS: i64 = 18_000;
/// … so many metres from the door or the parking place …
const CLOSE_M: u32 = 45;
/// … or farther within its fence, where there may be a traffic light …
const DWELL_FAR_MS: i64 = 50_000;
/// … and at a stop that is not the next: longer than most traffic lights.
const DWELL_ELSEWHERE_MS: i64 = 75_000;
/// Milliseconds to stand at none of the fences, but not far from the next stop, before it is asked.
const DWELL_NEAR_MS: i64 = 90_000;
/// Metres from the next stop at which its pin may be wrong.
const NEAR_M: u32 = 400;
/// Metres from the door at which who drives has left, at most.
const LEFT_M: u32 = 50;
/// Fixes whose middle is where somebody is.
const RECENT: usize = 5;

/// One fix as the phone gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fix {
    /// When it was measured, milliseconds since any moment.
    pub at_ms: i64,
    /// When it came in, on the same clock.
    pub received_ms: i64,
    /// Where.
    pub point: Point,
    /// Metres that two of three fixes are within, as the phone says.
    pub accuracy_m: u32,
    /// Decimetres a second, if the phone says.
    pub speed_dm_s: Option<u32>,
}

/// What a fix has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sighting {
    /// The courier is at a stop.
    Arrived {
        /// Which.
        stop: usize,
        /// Since when, milliseconds on the clock of the fixes.
        since_ms: i64,
    },
    /// The courier has left the stop of the last arrival.
    Left {
        /// Which.
        stop: usize,
        /// When, milliseconds on the clock of the fixes.
        at_ms: i64,
    },
    /// The courier stands near the next stop, but not at it: perhaps its pin is wrong. Worth a question, said once for
    /// each stop.
    Near {
        /// Which.
        stop: usize,
        /// How far its pin is, metres.
        metres: u32,
    },
}

#[derive(Debug, Clone, Copy)]
struct Slow {
    since_ms: i64,
    fixes: usize,
}

/// Follows the fixes of a route. It keeps the last five, and nothing else of where the courier was.
#[derive(Debug, Clone, Default)]
pub struct ArrivalDetector {
    last: Option<Fix>,
    jumps: Vec<Fix>,
    recent: VecDeque<Point>,
    /// Since when the courier stands or walks.
    slow: Option<Slow>,
    /// Since when, at which stop.
    candidate: Option<(usize, Slow)>,
    at: Option<Fence>,
    asked: Option<usize>,
}

impl ArrivalDetector {
    /// Takes a fix. `ahead` are the stops still to be visited, in their order, without the one where the courier is.
    pub fn fix(&mut self, fix: Fix, ahead: &[Fence]) -> Option<Sighting> {
        if !self.believes(fix) {
            return None;
        }
        let before = self.last.replace(fix);
        let gap = before.is_none_or(|before| fix.at_ms - before.at_ms > GAP_MS);
        let slow = before.is_some_and(|before| is_slow(before, fix));
        if gap || !slow {
            self.recent.clear();
            (self.slow, self.candidate) = (None, None);
        }
        self.recent.push_back(fix.point);
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
        if let Some(left) = self.leaves(fix, slow) {
            return Some(left);
        }
        if gap || !slow {
            return None;
        }
        let since_ms = before.map_or(fix.at_ms, |before| before.at_ms);
        let slow = self.slow.get_or_insert(Slow { since_ms, fixes: 1 });
        slow.fixes += 1;
        let slow = *slow;
        if self.at.is_some() {
            return None;
        }
        self.arrives(fix, ahead, slow)
    }

    /// The stop where the courier is, as far as fixes tell.
    pub fn at(&self) -> Option<usize> {
        self.at.map(|fence| fence.stop)
    }

    /// The courier says where they are, or has been done with a stop: what fixes say of it no longer counts.
    pub fn set_at(&mut self, fence: Option<Fence>) {
        (self.at, self.slow, self.candidate) = (fence, None, None);
    }

    fn believes(&mut self, fix: Fix) -> bool {
        let age_ms = fix.received_ms - fix.at_ms;
        if fix.accuracy_m > WORST_ACCURACY_M || !(-1_000..=OLDEST_MS).contains(&age_ms) {
            return false;
        }
        let Some(last) = self.last else { return true };
        if fix.at_ms <= last.at_ms {
            return false;
        }
        if is_possible(last, fix) {
            self.jumps.clear();
            return true;
        }
        // A reflection comes and goes; who comes out of a tunnel stays where they are.
        if self.jumps.last().is_some_and(|&jump| !is_possible(jump, fix)) {
            self.jumps.clear();
        }
        self.jumps.push(fix);
        let believed = self.jumps.len() >= JUMPS_BELIEVED;
        if believed {
            self.jumps.clear();
            self.last = None;
        }
        believed
    }

    fn leaves(&mut self, fix: Fix, slow: bool) -> Option<Sighting> {
        let fence = self.at?;
        let metres = fence.metres_to(fix.point);
        let outside = metres > fence.radius_m.min(LEFT_M) + fix.accuracy_m;
        (outside && !slow).then(|| {
            self.at = None;
            Sighting::Left { stop: fence.stop, at_ms: fix.at_ms }
        })
    }

    fn arrives(&mut self, fix: Fix, ahead: &[Fence], slow: Slow) -> Option<Sighting> {
        let next = ahead.first()?;
        let here = Point::median(self.recent.iter().copied());
        let inside = |fence: &&Fence| fence.metres_to(here) <= fence.radius_m;
        let nearest = ahead.iter().filter(inside).min_by_key(|fence| fence.metres_to(here));
        let Some(nearest) = nearest else {
            self.candidate = None;
            return self.is_near(fix, next, here, slow);
        };
        // Two doors that the fixes cannot tell apart: the route says which.
        let unsure = fix.accuracy_m.clamp(15, 40);
        let chosen = if inside(&next) && next.metres_to(here) <= nearest.metres_to(here) + unsure {
            next
        } else {
            nearest
        };
        let candidate = match &mut self.candidate {
            Some((stop, candidate)) if *stop == chosen.stop => {
                candidate.fixes += 1;
                *candidate
            }
            _ => {
                let begins = Slow { since_ms: fix.at_ms, fixes: 1 };
                self.candidate = Some((chosen.stop, begins));
                begins
            }
        };
        let dwell_ms = match (chosen.stop == next.stop, chosen.metres_to(here) <= CLOSE_M) {
            (true, true) => DWELL_MS,
            (true, false) => DWELL_FAR_MS,
            (false, _) => DWELL_ELSEWHERE_MS,
        };
        let arrived = candidate.fixes >= FIXES && fix.at_ms - candidate.since_ms >= dwell_ms;
        arrived.then(|| {
            self.at = Some(*chosen);
            self.candidate = None;
            Sighting::Arrived { stop: chosen.stop, since_ms: candidate.since_ms }
        })
    }

    fn is_near(&mut self, fix: Fix, next: &Fence, here: Point, slow: Slow) -> Option<Sighting> {
        let metres = next.metres_to(here);
        let long = fix.at_ms - slow.since_ms >= DWELL_NEAR_MS && slow.fixes >= FIXES;
        let ask = long && metres <= NEAR_M && self.asked != Some(next.stop);
        ask.then(|| {
            self.asked = Some(next.stop);
            Sighting::Near { stop: next.stop, metres }
        })
    }
}

/// Whether somebody can have been at both.
fn is_possible(before: Fix, after: Fix) -> bool {
    let error = u64::from(before.accuracy_m + after.accuracy_m);
    let metres = u64::from(before.point.metres_to(after.point));
    let milliseconds = (after.at_ms - before.at_ms).max(0).unsigned_abs();
    metres <= error + milliseconds * FASTEST_M_S / 1_000
}

/// Standing or walking, by the phone's own speed, or by the way between two fixes beyond what is error.
fn is_slow(before: Fix, after: Fix) -> bool {
    after.speed_dm_s.map_or_else(
        || {
            let error = 5 * (before.accuracy_m + after.accuracy_m);
            let decimetres = u64::from(before.point.decimetres_to(after.point).saturating_sub(error));
            let milliseconds = (after.at_ms - before.at_ms).max(1).unsigned_abs();
            decimetres * 1_000 <= milliseconds * u64::from(WALKING_DM_S)
        },
        |speed| speed <= WALKING_DM_S,
    )
}
