//! When a customer's courier comes, for the tracking page.
//!
//! It is reckoned here, from the order of the route and from what the phone has told of its stops: no position leaves a
//! phone for it. While nothing is told the range moves along with the clock, and in the end nothing is said any more.

use courier_domain::{FactBody, FactPayload, RouteId, StopId, UnixMs};
use courier_routing::eta::etas;
use courier_routing::geo::Point;
use courier_routing::live::LiveFactor;
use courier_routing::matrix::Matrix;
use courier_routing::service::{Expected, Place, ServiceTimes, Work};
use courier_routing::travel::Pace;
use courier_routing::{Finish, Problem, Start, Stop};
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::ServiceError;
use crate::planning::{matrix_of, point, seconds, within};
use crate::publish::time_zone;
use crate::storage::{AttemptRow, Installation, Tx};

/// Whoever was not heard of for so long may be anywhere, in seconds.
const SILENT_S: i64 = 2 * 3_600;
/// A range begins and ends at a multiple of this, and is never shorter, in seconds: nobody is told minutes that nobody
/// knows.
const STEP_S: i64 = 600;

/// When the courier comes, four times of five not later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Arrival {
    /// From then on, milliseconds since 1970.
    #[schemars(with = "i64")]
    pub from: UnixMs,
    /// Until then.
    #[schemars(with = "i64")]
    pub to: UnixMs,
}

/// Remembers what a fact says of where its courier is.
pub(crate) fn follow(
    tx: &mut Tx<'_>,
    from: &Installation,
    fact: &FactPayload,
    now: UnixMs,
) -> Result<(), ServiceError> {
    let (stop, has_left) = match &fact.body {
        FactBody::DayStarted { .. } | FactBody::RouteEdited { .. } | FactBody::DayClosed {} => (None, false),
        FactBody::Arrived {} => (fact.stop.as_ref(), false),
        FactBody::HandedOver { .. } | FactBody::NotDelivered { .. } => (fact.stop.as_ref(), true),
        _ => return Ok(()),
    };
    let Some(route) = fact.route.as_ref().map(|route| &route.id) else { return Ok(()) };
    if tx.courier_of(route)?.as_ref() != Some(&from.courier) {
        return Ok(());
    }
    // A phone whose clock is ahead is not there yet.
    let at = fact.at.best().ms().min(now);
    match &fact.body {
        FactBody::RouteEdited { order, .. } => tx.put_own_order(route, at, order),
        FactBody::DayClosed {} => tx.drop_whereabouts(route),
        _ => tx.put_whereabouts(route, at, stop, has_left),
    }
}

/// When the courier comes to an open attempt; none while nobody can know.
pub(crate) fn arrival(
    tx: &Tx<'_>,
    attempt: &AttemptRow,
    now: UnixMs,
) -> Result<Option<Arrival>, ServiceError> {
    let (Some(route), Some(stop)) = (&attempt.route, &attempt.stop) else { return Ok(None) };
    let Some(way) = way_to(tx, route, stop, now)? else { return Ok(None) };
    Ok(Some(way.arrival(seconds(now))))
}

/// The places from where the courier was last to one stop.
struct Way {
    points: Vec<Point>,
    /// Seconds from each place to the next, where somebody knows them.
    known: Vec<Option<u32>>,
    stops: Vec<Stop>,
    service: Vec<Expected>,
    /// When the first place was reached or left, in seconds since 1970.
    at: i64,
    /// Whether the first place is where the courier was.
    has_start: bool,
}

fn way_to(tx: &Tx<'_>, route: &RouteId, target: &StopId, now: UnixMs) -> Result<Option<Way>, ServiceError> {
    let Some(last) = tx.whereabouts(route)? else { return Ok(None) };
    let (at, now) = (seconds(last.at), seconds(now));
    if now - at > SILENT_S {
        return Ok(None);
    }
    let row = tx.route(route)?.ok_or_else(|| ServiceError::fault("a route is missing"))?;
    let (open, tz) = (tx.open_stops(route)?, time_zone(&row.tz)?);
    let mut order = last.order.unwrap_or_default();
    let later = row.order.iter().filter(|stop| !order.contains(stop)).cloned().collect::<Vec<_>>();
    order.extend(later);
    let is_there = last.stop.as_ref().is_some_and(|stop| open.contains_key(stop));
    let ahead = order.into_iter().filter(|stop| open.contains_key(stop) && Some(stop) != last.stop.as_ref());
    let mut names: Vec<StopId> = last.stop.iter().cloned().chain(ahead).collect();
    let Some(end) = names.iter().position(|stop| stop == target) else { return Ok(None) };
    names.truncate(end + 1);
    let (held, matrix) = (tx.stops(route)?, matrix_of(tx, route)?);
    let between = |pair: &[StopId]| matrix.as_ref()?.between(&pair[0], &pair[1]);
    let mut way = Way {
        points: Vec::new(),
        known: names.windows(2).map(between).collect(),
        stops: Vec::new(),
        service: Vec::new(),
        at,
        has_start: last.stop.is_some(),
    };
    for name in &names {
        let Some(place) = held.iter().find(|stop| stop.id == *name).map(|stop| &stop.place) else {
            return Ok(None);
        };
        let Ok(point) = point(place.van_pin()) else { return Ok(None) };
        let is_start = last.stop.as_ref() == Some(name);
        let window = place.window.filter(|_| !is_start);
        let mut service = usual(open.get(name).copied().unwrap_or(1));
        if is_start {
            // What was done there is over; who has concluded nothing yet still needs the time.
            service.seconds *= u64::from(is_there && !last.concluded);
        }
        way.points.push(point);
        way.service.push(service);
        way.stops.push(within(window, row.day, tz));
    }
    Ok(Some(way))
}

impl Way {
    fn arrival(self, now: i64) -> Arrival {
        let (count, pace) = (self.points.len(), Pace::default());
        let leg = |from: usize| {
            let straight = || pace.seconds(self.points[from].metres_to(self.points[from + 1]));
            self.known[from].unwrap_or_else(straight)
        };
        // Who should have been at the next stop by now is on the way there still.
        let mut at = self.at;
        if count > 1 && self.has_start {
            at = at.max(now - i64::from(leg(0)) - self.service[0].seconds.cast_signed()).min(now);
        } else {
            at = at.max(now);
        }
        let problem = Problem {
            travel: Matrix::from_fn(count, |from, to| if to == from + 1 { leg(from) } else { 0 }),
            surcharge: None,
            stops: self.stops,
            start: Start { at, stop: Some(0) },
            finish: Finish::Anywhere,
            zone_change_s: 0,
        };
        let order: Vec<usize> = (0..count).collect();
        let eta = etas(&problem, &order, &self.service, LiveFactor::default()).pop();
        let (p50, p80) = eta.map_or((now, now), |eta| (eta.p50, eta.p80));
        // As early as it may be late; nobody comes before now.
        let from = (p50 - (p80 - p50)).max(now).div_euclid(STEP_S);
        let to = (p80.max(now) + STEP_S - 1).div_euclid(STEP_S).max(from + 1);
        Arrival { from: UnixMs(from * STEP_S * 1_000), to: UnixMs(to * STEP_S * 1_000) }
    }
}

/// What a stop with so many shipments usually takes: the backend does not learn, phones do.
fn usual(shipments: u32) -> Expected {
    let nowhere = Place { address: 0, building: 0, zone: 0, depot: 0 };
    ServiceTimes::default().expected(nowhere, Work { parcels: shipments.max(1), extra_s: 0 })
}
