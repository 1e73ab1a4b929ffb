//! What dispatchers see: a day, a route, what needs a person, and the story of one shipment.

mod story;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use courier_domain::{CourierId, Pin, Reason, RouteId, ShipmentId, StopId, UnixMs};

pub use story::{Event, Story};

use crate::days::{at_time, local_day};
use crate::error::ServiceError;
use crate::import::Place;
use crate::publish::time_zone;
use crate::service::Service;
use crate::storage::{AttemptState, CourierRow, FactRow, MapStop, RouteRow, ShipmentRow, Tx};
use crate::tracking::{self, State};

/// Days with routes that are looked at for the newest one.
const DAYS: u32 = 14;
/// Facts that are shown of a kind.
const FACTS: u32 = 100;
/// Shipments that a search shows.
pub const FOUND: u32 = 50;

/// Where a stop stands, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Its day is over, and nobody told what became of it.
    Unreported,
    /// Its window is over, and something is still open.
    Late,
    /// Something is still open.
    Open,
    /// Something was not delivered.
    Failed,
    /// Everything was handed over, and the judge or a person has not confirmed all of it.
    Handed,
    /// Everything was handed over.
    Delivered,
    /// Nothing is to be done there any more.
    Empty,
}

/// What needs somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attention {
    /// Reviews that nobody has decided.
    pub reviews: u32,
    /// Facts that nobody could read or place.
    pub parked: u32,
    /// What phones told as incidents.
    pub incidents: u32,
    /// Couriers who are suspended.
    pub suspended: u32,
    /// Days that are over with attempts that nobody told of, and how many of them.
    pub unreported: Vec<(NaiveDate, u32)>,
    /// Mails that could not be sent.
    pub mails: u64,
}

/// A route on the map.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteLine {
    /// Identifier.
    pub id: RouteId,
    /// Whose it is.
    pub courier: String,
    /// Its stops in their order: where, and how each stands.
    pub stops: Vec<(Pin, Standing)>,
}

/// A day.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// Which.
    pub day: NaiveDate,
    /// Today, where the newest route is.
    pub today: NaiveDate,
    /// Its routes.
    pub routes: Vec<RouteLine>,
    /// Shipments that wait to be published.
    pub planned: u32,
    /// Who could drive them.
    pub couriers: Vec<CourierRow>,
    /// What needs somebody.
    pub attention: Attention,
}

/// A stop of a route.
#[derive(Debug, Clone)]
pub struct StopOfRoute {
    /// Identifier.
    pub id: StopId,
    /// Where.
    pub place: Place,
    /// How it stands.
    pub standing: Standing,
    /// What is delivered there: whose, how it stands, why it was not.
    pub shipments: Vec<(ShipmentRow, AttemptState, Option<Reason>)>,
}

/// A route with its stops.
#[derive(Debug, Clone)]
pub struct RouteOfDay {
    /// The route.
    pub row: RouteRow,
    /// Whose it is.
    pub courier: String,
    /// Its stops in their order.
    pub stops: Vec<StopOfRoute>,
}

/// What needs a look, and no decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarms {
    /// Facts that nobody could read or place, newest first, and how many there are in all.
    pub parked: (Vec<FactRow>, u32),
    /// What phones told, newest first, and how many there are in all.
    pub incidents: (Vec<FactRow>, u32),
    /// Couriers who are suspended.
    pub suspended: Vec<CourierRow>,
}

/// What a search found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The shipments, and how each stands.
    pub shipments: Vec<(ShipmentRow, State)>,
    /// There are more.
    pub more: bool,
}

impl Service {
    /// Something that changes whenever something is stored that the board shows.
    pub fn board_mark(&self) -> Result<String, ServiceError> {
        self.look(|tx, _| tx.mark())
    }

    /// The newest day with a route that is not in the future; today, if there is none.
    pub fn newest_day(&self) -> Result<NaiveDate, ServiceError> {
        self.look(|tx, now| Ok(Calendar::of(tx, now)?.newest))
    }

    /// A day; the newest, if none is named.
    pub fn overview(&self, day: Option<NaiveDate>) -> Result<Overview, ServiceError> {
        self.look(|tx, now| {
            let Calendar { today, newest } = Calendar::of(tx, now)?;
            let day = day.unwrap_or(newest);
            let couriers = tx.couriers()?;
            Ok(Overview {
                day,
                today,
                routes: lines(tx, day, &couriers, now)?,
                planned: tx.count_planned(day)?,
                attention: attention(tx, &couriers, today, now)?,
                couriers,
            })
        })
    }

    /// A route with its stops.
    pub fn route_of_day(&self, id: &RouteId) -> Result<RouteOfDay, ServiceError> {
        self.look(|tx, now| {
            let row = tx.route(id)?.ok_or_else(ServiceError::not_found)?;
            let courier = tx.courier_name(&row.courier)?.unwrap_or_default();
            let clock = Clock { day: row.day, tz: time_zone(&row.tz)?, now };
            let mut stops = Vec::new();
            for stop in tx.stops(id)? {
                let (mut shipments, mut counts) = (Vec::new(), Vec::new());
                for attempt in tx.attempts_at(&stop.id)? {
                    let Some(shipment) = tx.shipment(&attempt.shipment)? else { continue };
                    if shipment.cancelled.is_none() || attempt.state != AttemptState::Open {
                        counts.push(attempt.state);
                    }
                    shipments.push((shipment, attempt.state, attempt.reason));
                }
                let standing = clock.standing(&counts, stop.place.window.map(|window| window.to));
                stops.push(StopOfRoute { id: stop.id, place: stop.place, standing, shipments });
            }
            stops.sort_by_key(|stop| row.order.iter().position(|id| *id == stop.id).unwrap_or(usize::MAX));
            Ok(RouteOfDay { row, courier, stops })
        })
    }

    /// What needs a look, and no decision.
    pub fn alarms(&self) -> Result<Alarms, ServiceError> {
        self.look(|tx, _| {
            let suspended = tx.couriers()?.into_iter().filter(|it| it.suspended_at.is_some()).collect();
            Ok(Alarms { parked: tx.parked_facts(FACTS)?, incidents: tx.incidents(FACTS)?, suspended })
        })
    }

    /// Every courier.
    pub fn couriers(&self) -> Result<Vec<CourierRow>, ServiceError> {
        self.look(|tx, _| tx.couriers())
    }

    /// Shipments whose reference, order or barcode begins so, on any day, or whose recipient is called so on this one.
    pub fn search(&self, text: &str, day: NaiveDate) -> Result<Found, ServiceError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Found { shipments: Vec::new(), more: false });
        }
        self.look(|tx, _| {
            let mut ids = tx.shipments_called(text, FOUND + 1)?;
            let wanted = text.to_lowercase();
            for (id, name) in tx.recipients(day)? {
                if name.to_lowercase().contains(&wanted) && !ids.contains(&id) {
                    ids.push(id);
                }
                if ids.len() > FOUND as usize {
                    break;
                }
            }
            let more = ids.len() > FOUND as usize;
            ids.truncate(FOUND as usize);
            let rows = ids.iter().filter_map(|id: &ShipmentId| tx.shipment(id).transpose());
            let shipments = rows.map(|row| {
                let row = row?;
                let state = tracking::state_of(tx, &row)?;
                Ok((row, state))
            });
            Ok(Found { shipments: shipments.collect::<Result<_, ServiceError>>()?, more })
        })
    }
}

/// A day of a place, at an instant.
struct Clock {
    day: NaiveDate,
    tz: Tz,
    now: UnixMs,
}

impl Clock {
    fn standing(&self, states: &[AttemptState], until: Option<chrono::NaiveTime>) -> Standing {
        let any = |wanted: AttemptState| states.contains(&wanted);
        if any(AttemptState::Open) {
            return if local_day(self.now, self.tz) > self.day {
                Standing::Unreported
            } else if until.is_some_and(|until| self.now > at_time(self.day, until, self.tz)) {
                Standing::Late
            } else {
                Standing::Open
            };
        }
        match () {
            () if any(AttemptState::Failed) => Standing::Failed,
            () if any(AttemptState::Handed) => Standing::Handed,
            () if any(AttemptState::Delivered) => Standing::Delivered,
            () => Standing::Empty,
        }
    }
}

/// Which day it is for the board.
struct Calendar {
    /// Where the newest route is; in UTC as long as there is none.
    today: NaiveDate,
    /// The newest day with a route that is not in the future; today, if there is none.
    newest: NaiveDate,
}

impl Calendar {
    fn of(tx: &Tx<'_>, now: UnixMs) -> Result<Self, ServiceError> {
        let days = tx.route_days(DAYS)?;
        let tz = match days.first() {
            Some(day) => tx.zone_of(*day)?,
            None => None,
        };
        let today = local_day(now, tz.as_deref().map_or(Ok(Tz::UTC), time_zone)?);
        Ok(Self { today, newest: days.into_iter().find(|day| *day <= today).unwrap_or(today) })
    }
}

fn attention(
    tx: &Tx<'_>,
    couriers: &[CourierRow],
    today: NaiveDate,
    now: UnixMs,
) -> Result<Attention, ServiceError> {
    let suspended = couriers.iter().filter(|it| it.suspended_at.is_some()).count();
    Ok(Attention {
        reviews: tx.count_reviews()?,
        parked: tx.parked_facts(0)?.1,
        incidents: tx.incidents(0)?.1,
        suspended: u32::try_from(suspended).unwrap_or(u32::MAX),
        unreported: tx.unreported_days(today)?,
        mails: tx.unsent_mails(now)?.1,
    })
}

/// The routes of a day: two statements, however many stops there are.
fn lines(
    tx: &Tx<'_>,
    day: NaiveDate,
    couriers: &[CourierRow],
    now: UnixMs,
) -> Result<Vec<RouteLine>, ServiceError> {
    let names: BTreeMap<&CourierId, &str> = couriers.iter().map(|it| (&it.id, it.name.as_str())).collect();
    let mut states: BTreeMap<StopId, Vec<AttemptState>> = BTreeMap::new();
    for (stop, state) in tx.stop_states(day)? {
        states.entry(stop).or_default().push(state);
    }
    let mut stops: BTreeMap<StopId, MapStop> =
        tx.map_stops(day)?.into_iter().map(|stop| (stop.id.clone(), stop)).collect();
    let mut lines = Vec::new();
    for row in tx.routes_of_day(day)? {
        let clock = Clock { day, tz: time_zone(&row.tz)?, now };
        let of_route = row.order.iter().filter_map(|id| stops.remove(id));
        let of_route = of_route.map(|stop| {
            let states = states.get(&stop.id).map(Vec::as_slice).unwrap_or_default();
            (stop.pin, clock.standing(states, stop.until))
        });
        let stops = of_route.collect();
        let courier = names.get(&row.courier).copied().unwrap_or_default().to_owned();
        lines.push(RouteLine { id: row.id, courier, stops });
    }
    lines.sort_by(|one, other| one.courier.cmp(&other.courier));
    Ok(lines)
}
