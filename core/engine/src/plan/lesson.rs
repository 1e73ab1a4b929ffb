//! What a leg and a stop that lie behind teach.

use courier_domain::{DayState, Stop, StopId, Whereabouts};

use super::trip::{Node, Travel, seconds};
use super::{Plan, point};

/// A leg shorter than this teaches nothing, in metres: it is less driving than parking.
const SHORTEST_LEG_M: u32 = 150;
/// A leg that took so many times what was predicted had a break in it, which says nothing of the traffic.
const MOST_TIMES: u32 = 4;
/// Longest time at a stop that teaches anything, in seconds.
const LONGEST_SERVICE_S: i64 = 4 * 3_600;

impl Plan {
    /// Learns from where the courier was and is now, each by the facts.
    pub(crate) fn learn(&mut self, state: &DayState, before: &Whereabouts) {
        let Some(after) = state.day().here.as_ref().filter(|after| after.stop != before.stop) else { return };
        let (Some(from), Some(to)) = (state.stop(&before.stop), state.stop(&after.stop)) else { return };
        let (from, to) = (&from.object, &to.object);
        if let Some(concluded) = before.concluded {
            let took = seconds(concluded) - seconds(before.since);
            if (1..LONGEST_SERVICE_S).contains(&took) {
                let parcels = all_parcels(state, &from.id);
                let took = u32::try_from(took).unwrap_or(u32::MAX);
                self.learned.learn_service(from, parcels, took, concluded);
                self.is_learned_new = true;
            }
        }
        // Who went on without concluding anything may have left at any time.
        let (Some(left), Some(a), Some(b)) = (before.concluded, point(from), point(to)) else { return };
        let metres = a.metres_to(b);
        let Ok(took) = u32::try_from(seconds(after.since) - seconds(left)) else { return };
        if metres < SHORTEST_LEG_M {
            return;
        }
        let travel =
            Travel { pace: self.learned.pace.clone(), live: self.today.live, known: self.known.clone() };
        let node = |stop: &Stop, point| Node { id: Some(stop.id.clone()), ..Node::bare(point) };
        let predicted = travel.seconds(&node(from, a), &node(to, b));
        let took = took.min(predicted.saturating_mul(MOST_TIMES));
        self.today.live.learn(predicted, took);
        self.learned.pace.learn(metres, took);
        self.is_learned_new = true;
        self.is_today_new = true;
    }
}

fn all_parcels(state: &DayState, stop: &StopId) -> u32 {
    let all = state.shipments_of(stop).map(|held| held.object.parcels.len());
    u32::try_from(all.sum::<usize>()).unwrap_or(u32::MAX)
}
