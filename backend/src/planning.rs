//! Orders found by the backend, with the code that phones use: a good order of one route, and a day shared among couriers.
//! It is no fleet optimiser: a day is cut into pieces by direction, and each piece is put in order by itself. A team that
//! needs more imports its orders from outside.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use courier_domain::{AttemptId, CourierId, RouteId, StopId, TravelMatrix, UnixMs};
use courier_protocol::{Change, Object, ObjectKind, ProblemKind};
use courier_routing::geo::Point;
use courier_routing::service::USUAL_S;
use courier_routing::travel::{Pace, travel_times};
use courier_routing::zones::{ZONE_CHANGE_S, Zones};
use courier_routing::{Effort, Finish, Problem, Start, Stop, Timeline, Wish, sequence, timeline};
use schemars::JsonSchema;
use serde::Serialize;

use crate::days;
use crate::error::ServiceError;
use crate::import::Window;
use crate::publish::{SERVICE_S, time_zone};
use crate::storage::{AttemptState, RouteRow, StopRow, Tx};

/// A route's new order, and what it brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sequenced {
    /// The stops in their order.
    #[schemars(with = "Vec<String>")]
    pub order: Vec<StopId>,
    /// What it takes.
    pub now: Figures,
    /// What the order before would have taken.
    pub before: Figures,
}

/// What an order takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Figures {
    /// Seconds on the way.
    pub travel_s: i64,
    /// When the last stop is done, milliseconds since 1970.
    pub ends_ms: i64,
    /// Stops that are reached after their window.
    pub late_stops: usize,
}

impl Figures {
    fn of(line: &Timeline) -> Self {
        Self { travel_s: line.travel_s, ends_ms: line.end.saturating_mul(1_000), late_stops: line.late_stops }
    }
}

/// What a courier gets of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Share {
    /// Whose it is.
    #[schemars(with = "String")]
    pub courier: CourierId,
    /// Places to visit.
    pub stops: usize,
    /// Shipments there.
    pub shipments: usize,
}

fn refused(what: &str) -> ServiceError {
    ServiceError::refused(ProblemKind::Refused, what)
}

/// Phones get it with the route.
pub(crate) fn put_matrix(
    tx: &mut Tx<'_>,
    route: &RouteId,
    stops: &[StopId],
    rows: &[Vec<u32>],
) -> Result<(), ServiceError> {
    let row = tx.route(route)?.ok_or_else(ServiceError::not_found)?;
    if !stops.iter().all(|stop| row.order.contains(stop)) {
        return Err(refused("stops: one is not on this route"));
    }
    if rows.iter().any(|row| row.len() != stops.len()) {
        return Err(refused("seconds: not a column for each stop"));
    }
    let matrix = TravelMatrix { id: route.clone(), stops: stops.to_vec(), seconds: rows.concat() };
    if let Some(problem) = matrix.problem() {
        return Err(refused(problem));
    }
    tx.put_object(route, &Object::Matrix(matrix))
}

/// A route that is to be put in order, as it is now.
pub(crate) struct Plan {
    pub(crate) row: RouteRow,
    problem: Problem,
    /// Its order before, by the problem's numbers.
    before: Vec<usize>,
}

/// Reads a route on which nothing has happened yet.
pub(crate) fn plan(tx: &Tx<'_>, route: &RouteId, begins: NaiveTime) -> Result<Plan, ServiceError> {
    let row = tx.route(route)?.ok_or_else(ServiceError::not_found)?;
    for stop in &row.order {
        let begun = |state| !matches!(state, AttemptState::Open | AttemptState::Superseded);
        if tx.attempts_at(stop)?.iter().any(|attempt| begun(attempt.state)) {
            return Err(ServiceError::refused(ProblemKind::Conflict, "its courier is on the road"));
        }
    }
    let tz = time_zone(&row.tz)?;
    let held: BTreeMap<StopId, StopRow> =
        tx.stops(route)?.into_iter().map(|stop| (stop.id.clone(), stop)).collect();
    let places: Vec<&StopRow> = row.order.iter().filter_map(|stop| held.get(stop)).collect();
    if places.len() != row.order.len() {
        return Err(ServiceError::fault("a stop of a route is missing"));
    }
    let mut zones = Zones::default();
    let stop = |place: &&StopRow| Stop {
        service_s: SERVICE_S.max(USUAL_S),
        zone: place.place.van_place.as_deref().map(|name| zones.number(name)),
        ..within(place.place.window, row.day, tz)
    };
    let points: Vec<Point> =
        places.iter().map(|place| point(place.place.van_pin())).collect::<Result<_, _>>()?;
    let known = known_times(tx, &row)?;
    let number = |stop: &Option<StopId>| {
        stop.as_ref().and_then(|stop| row.order.iter().position(|other| other == stop))
    };
    let (first, last) = (number(&row.fixed_first), number(&row.fixed_last).filter(|_| row.order.len() > 1));
    let problem = Problem {
        travel: travel_times(&points, &Pace::default(), |from, to| {
            known.as_ref().and_then(|known| known.get(&(&row.order[from], &row.order[to])).copied())
        }),
        surcharge: None,
        stops: places.iter().map(stop).collect(),
        start: Start { at: seconds(days::at_time(row.day, begins, tz)), stop: first },
        finish: last.map_or(Finish::Anywhere, Finish::At),
        zone_change_s: ZONE_CHANGE_S,
    };
    let before = (0..row.order.len()).collect();
    Ok(Plan { problem, before, row: row.clone() })
}

/// A stop that is to be reached within a window of its day, and nothing else of it.
pub(crate) fn within(window: Option<Window>, day: NaiveDate, tz: Tz) -> Stop {
    let at = |time| seconds(days::at_time(day, time, tz));
    Stop {
        earliest: window.map(|window| at(window.from)),
        latest: window.map(|window| at(window.to)),
        ..Stop::default()
    }
}

/// Whole seconds since 1970.
pub(crate) fn seconds(at: UnixMs) -> i64 {
    at.0.div_euclid(1_000)
}

pub(crate) fn point(pin: courier_domain::Pin) -> Result<Point, ServiceError> {
    Point::from_degrees(pin.lat, pin.lon)
        .ok_or_else(|| ServiceError::fault("a stored pin is no place on earth"))
}

/// The times between stops that a route's phones have.
pub(crate) fn matrix_of(tx: &Tx<'_>, route: &RouteId) -> Result<Option<TravelMatrix>, ServiceError> {
    let op = tx.object(route, ObjectKind::Matrix, route.as_str())?;
    let read = op.map(|op| op.read()).transpose();
    let Some(Change::Put(object)) = read.map_err(|_| ServiceError::fault("a stored matrix is unreadable"))?
    else {
        return Ok(None);
    };
    Ok(if let Object::Matrix(matrix) = *object { Some(matrix) } else { None })
}

type Known<'a> = BTreeMap<(&'a StopId, &'a StopId), u32>;

fn known_times<'a>(tx: &Tx<'_>, row: &'a RouteRow) -> Result<Option<Known<'a>>, ServiceError> {
    let Some(matrix) = matrix_of(tx, &row.id)? else { return Ok(None) };
    let own: Vec<Option<&StopId>> =
        matrix.stops.iter().map(|stop| row.order.iter().find(|other| *other == stop)).collect();
    let mut known = Known::new();
    for (cells, from) in matrix.seconds.chunks(matrix.stops.len().max(1)).zip(&own) {
        for (&cell, to) in cells.iter().zip(&own) {
            if let (Some(from), Some(to)) = (from, to) {
                known.insert((from, to), cell);
            }
        }
    }
    Ok(Some(known))
}

impl Plan {
    /// A good order. It takes a tenth of a second for 200 stops, and is the same each time.
    pub(crate) fn sequence(&self) -> Result<Sequenced, ServiceError> {
        let wish = Wish { from: Some(&self.before), ..Wish::default() };
        let effort = Effort::day(self.before.len());
        let found = sequence(&self.problem, effort, wish)
            .map_err(|problem| refused(&format!("this route cannot be put in order: {problem}")))?;
        Ok(Sequenced {
            order: found.order().into_iter().map(|number| self.row.order[number].clone()).collect(),
            now: Figures::of(&found.timeline),
            before: Figures::of(&timeline(&self.problem, &self.before)),
        })
    }
}

/// A place of the day: what is to be brought there.
struct Piece {
    point: Point,
    attempts: Vec<AttemptId>,
}

/// Shares what is planned for a day, and is nobody's yet or one of theirs, among couriers: by direction from the middle,
/// cut where the gap is widest, so many stops for each.
pub(crate) fn split(
    tx: &mut Tx<'_>,
    day: NaiveDate,
    couriers: &[CourierId],
) -> Result<Vec<Share>, ServiceError> {
    let mut known = std::collections::BTreeSet::new();
    for courier in couriers {
        if tx.courier_name(courier)?.is_none() || tx.is_dismissed(courier)? || tx.is_suspended(courier)? {
            return Err(refused("couriers: one is not at work here"));
        }
        if !known.insert(courier) {
            return Err(refused("couriers: one is in it twice"));
        }
    }
    if couriers.is_empty() {
        return Err(refused("couriers: nobody"));
    }
    let mut attempts = BTreeMap::new();
    for courier in couriers {
        for attempt in tx.planned_attempts(day, courier)? {
            attempts.insert(attempt.id.clone(), attempt);
        }
    }
    let mut pieces: BTreeMap<String, Piece> = BTreeMap::new();
    for attempt in attempts.values() {
        let shipment = crate::publish::shipment_of(tx, &attempt.shipment)?;
        if shipment.cancelled.is_some() {
            continue;
        }
        let piece = Piece { point: point(shipment.place.van_pin())?, attempts: Vec::new() };
        let key = crate::publish::stop_key(&shipment.place)?;
        pieces.entry(key).or_insert(piece).attempts.push(attempt.id.clone());
    }
    let pieces = by_direction(pieces.into_values().collect());
    let mut shares = Vec::new();
    for (courier, share) in couriers.iter().zip(cut(&pieces, couriers.len())) {
        for id in share.iter().flat_map(|piece| &piece.attempts) {
            if let Some(attempt) = attempts.get_mut(id) {
                attempt.courier = Some(courier.clone());
                tx.put_attempt(attempt)?;
            }
        }
        let shipments = share.iter().map(|piece| piece.attempts.len()).sum();
        shares.push(Share { courier: courier.clone(), stops: share.len(), shipments });
    }
    Ok(shares)
}

/// Around their middle, beginning behind the widest gap between two directions.
fn by_direction(pieces: Vec<Piece>) -> Vec<Piece> {
    let degrees: Vec<(f64, f64)> = pieces.iter().map(|piece| piece.point.degrees()).collect();
    #[allow(clippy::cast_precision_loss)] // a day has fewer stops than 2⁵²
    let count = degrees.len().max(1) as f64;
    let lat = degrees.iter().map(|at| at.0).sum::<f64>() / count;
    let lon = degrees.iter().map(|at| at.1).sum::<f64>() / count;
    let narrow = lat.to_radians().cos();
    let angle = |at: &(f64, f64)| (at.0 - lat).atan2((at.1 - lon) * narrow);
    let mut turned: Vec<(f64, Piece)> = degrees.iter().map(angle).zip(pieces).collect();
    turned.sort_by(|a, b| a.0.total_cmp(&b.0));
    let gap = |number: usize| {
        let before = turned[(number + turned.len() - 1) % turned.len()].0;
        let gap = turned[number].0 - before;
        if number == 0 { gap + std::f64::consts::TAU } else { gap }
    };
    let widest = (0..turned.len()).max_by(|a, b| gap(*a).total_cmp(&gap(*b))).unwrap_or(0);
    turned.rotate_left(widest);
    turned.into_iter().map(|(_, piece)| piece).collect()
}

/// In so many runs whose lengths differ by one at most.
fn cut<T>(all: &[T], parts: usize) -> impl Iterator<Item = &[T]> {
    (0..parts).map(move |part| &all[all.len() * part / parts..all.len() * (part + 1) / parts])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(north: f64, east: f64) -> Piece {
        Piece { point: Point::from_degrees(52.5 + north, 13.4 + east).unwrap(), attempts: Vec::new() }
    }

    #[test]
    fn a_day_is_cut_by_direction_and_neighbours_stay_together() {
        let mut pieces = Vec::new();
        for step in 0..4 {
            let aside = f64::from(step) / 1_000.0;
            pieces.push(at(0.1, aside));
            pieces.push(at(-0.1, aside));
        }
        let turned = by_direction(pieces);
        let north = |share: &[Piece]| share.iter().filter(|piece| piece.point.degrees().0 > 52.5).count();
        let shares: Vec<usize> = cut(&turned, 2).map(north).collect();
        assert!(shares == [4, 0] || shares == [0, 4], "{shares:?}");
        let lengths: Vec<usize> = cut(&turned, 3).map(<[Piece]>::len).collect();
        assert_eq!(lengths, [2, 3, 3]);
        assert_eq!(by_direction(Vec::new()).len(), 0);
    }
}
