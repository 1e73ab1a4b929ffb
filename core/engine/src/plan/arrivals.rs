//! When the courier is at a stop, from the phone's fixes. Of them the last five are kept, in memory only.

use courier_domain::{DayState, Position, Stop, StopId};
use courier_routing::arrival::{ArrivalDetector, Fix, Sighting};
use courier_routing::fence::{Fence, fences, wake_ups};
use courier_routing::geo::Point;
use serde::{Deserialize, Serialize};

use super::{FRESH_MS, Moment, Plan};

/// Circles that are offered: an iPhone watches 20, and other apps want some.
const MOST_WAKE_UPS: usize = 15;
/// Metres from both pins, beyond the fix's own error, at which it is worth a word that the courier says to be there.
const FAR_M: u32 = 150;

/// What a shell is to do about the phone's position, and what the last fix has shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tracking {
    /// Whether fixes are wanted. Without, the phone's position is not to be asked for.
    pub sampling: bool,
    /// Circles for the phone's own system to watch, the nearest to come first: it wakes the app there.
    pub wake_ups: Vec<WakeUp>,
    /// The stop where the fixes have just shown the courier to be. It is recorded.
    pub arrived: Option<StopId>,
    /// The courier stands near the next stop, but not at it. Said once for each stop.
    pub near: Option<Near>,
}

/// A circle around one or more stops.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WakeUp {
    /// The first stop in it.
    pub stop: StopId,
    /// Degrees.
    pub lat: f64,
    /// Degrees.
    pub lon: f64,
    /// Metres.
    pub radius_m: u32,
}

/// A pin that may be wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Near {
    /// The stop.
    pub stop: StopId,
    /// How far its pins are from the courier, in metres.
    pub metres: u32,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    detector: ArrivalDetector,
    /// The last fix and when it was measured, boot clock.
    last: Option<(Position, u64)>,
    /// Fences of the open stops in their order, the stops that they name by number, and of what plan and place they are.
    fences: Vec<Fence>,
    names: Vec<StopId>,
    of: Option<(u64, Option<StopId>)>,
}

/// What a fix has shown.
pub(crate) enum Seen {
    Arrived(StopId),
    Near(Near),
    Nothing,
}

impl Arrivals {
    /// Where the last fix was, while it says something.
    pub(crate) fn last_fix(&self, boot_ms: u64) -> Option<Point> {
        let (position, at) = self.last?;
        (boot_ms.saturating_sub(at) <= FRESH_MS).then(|| place(position)).flatten()
    }

    /// Position with its age now, while it says something.
    pub(crate) fn position(&self, boot_ms: u64) -> Option<Position> {
        let (position, at) = self.last?;
        let age_ms = boot_ms.saturating_sub(at);
        (age_ms <= FRESH_MS).then_some(Position { age_ms, ..position })
    }

    /// Nothing is known of where the phone is.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

impl Plan {
    /// Takes a fix of the phone while there is a reason to.
    pub(crate) fn fix(
        &mut self,
        state: &DayState,
        position: Position,
        speed_dm_s: Option<u32>,
        moment: Moment,
    ) -> Seen {
        let Some(point) = place(position) else { return Seen::Nothing };
        self.fence(state);
        let received_ms = i64::try_from(moment.boot_ms).unwrap_or(i64::MAX);
        let at_ms = received_ms.saturating_sub(i64::try_from(position.age_ms).unwrap_or(i64::MAX));
        let fix = Fix { at_ms, received_ms, point, accuracy_m: position.accuracy_m, speed_dm_s };
        let measured = moment.boot_ms.saturating_sub(position.age_ms);
        if self.arrivals.last.is_none_or(|(_, before)| before <= measured) {
            self.arrivals.last = Some((position, measured));
        }
        let arrivals = &mut self.arrivals;
        let name = |stop: usize| arrivals.names.get(stop).cloned();
        match arrivals.detector.fix(fix, &arrivals.fences) {
            Some(Sighting::Arrived { stop, .. }) => name(stop).map_or(Seen::Nothing, Seen::Arrived),
            Some(Sighting::Near { stop, metres }) => {
                name(stop).map_or(Seen::Nothing, |stop| Seen::Near(Near { stop, metres }))
            }
            Some(Sighting::Left { .. }) | None => Seen::Nothing,
        }
    }

    /// Fences follow the plan. Where the courier is there is none, and none is looked for.
    fn fence(&mut self, state: &DayState) {
        let here = Self::here(state).filter(|(_, _, open)| *open).map(|(_, stop, _)| stop);
        let of = Some((self.version(), here.map(|stop| stop.id.clone())));
        if self.arrivals.of == of {
            return;
        }
        let stops: Vec<(StopId, Point, Option<Point>)> = self
            .ahead(state)
            .filter_map(|stop| Some((stop.id.clone(), door(stop)?, parking(stop))))
            .collect();
        let places: Vec<_> =
            stops.iter().enumerate().map(|(number, (_, door, parking))| (number, *door, *parking)).collect();
        // A number that no stop ahead has.
        let number = usize::MAX;
        let at = here.and_then(|stop| fences(&[(number, door(stop)?, parking(stop))]).pop());
        let is_there = self.arrivals.detector.at().is_some();
        if is_there != at.is_some() || at.is_some() {
            self.arrivals.detector.set_at(at);
        }
        self.arrivals.fences = fences(&places);
        self.arrivals.names = stops.into_iter().map(|(id, ..)| id).collect();
        self.arrivals.of = of;
    }

    /// What a shell is to do about the phone's position.
    pub(crate) fn tracking(&mut self, state: &DayState, seen: Seen) -> Tracking {
        let day = state.day();
        let sampling = day.started && !day.closed && !self.today.seen.is_empty();
        let mut tracking = Tracking { sampling, wake_ups: Vec::new(), arrived: None, near: None };
        if !sampling {
            self.arrivals.forget();
            return tracking;
        }
        self.fence(state);
        let circles = wake_ups(&self.arrivals.fences, MOST_WAKE_UPS);
        let circle = |circle: &courier_routing::fence::WakeUp| {
            let (lat, lon) = circle.centre.degrees();
            Some(WakeUp {
                stop: self.arrivals.names.get(circle.stop)?.clone(),
                lat,
                lon,
                radius_m: circle.radius_m,
            })
        };
        tracking.wake_ups = circles.iter().filter_map(circle).collect();
        match seen {
            Seen::Arrived(stop) => tracking.arrived = Some(stop),
            Seen::Near(near) => tracking.near = Some(near),
            Seen::Nothing => {}
        }
        tracking
    }

    /// How far the phone is from both pins of a stop, and where, if it is far.
    pub(crate) fn far_from(&self, stop: &Stop, moment: Moment) -> Option<(u32, Position)> {
        let position = self.arrivals.position(moment.boot_ms)?;
        let here = place(position)?;
        let pins = [door(stop), parking(stop)].into_iter().flatten();
        let metres = pins.map(|pin| pin.metres_to(here)).min()?;
        (metres > FAR_M.saturating_add(position.accuracy_m)).then_some((metres, position))
    }
}

fn place(position: Position) -> Option<Point> {
    Point::from_degrees(f64::from(position.lat_e6) / 1e6, f64::from(position.lon_e6) / 1e6)
}

fn door(stop: &Stop) -> Option<Point> {
    Point::from_degrees(stop.door_pin.lat, stop.door_pin.lon)
}

fn parking(stop: &Stop) -> Option<Point> {
    stop.parking_pin.and_then(|pin| Point::from_degrees(pin.lat, pin.lon))
}
