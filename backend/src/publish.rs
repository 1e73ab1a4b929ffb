//! Publishing a route: planned attempts become stops, codes are issued, customers are told.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use courier_domain::{
    AttemptId, AttemptRef, CodeNeed, CourierId, Parcel, Route, RouteId, Shipment, ShipmentId, Stop, StopId,
    TimeWindow, UnixMs,
};
use courier_protocol::{Object, ProblemKind};

use crate::config::Config;
use crate::days;
use crate::error::ServiceError;
use crate::import::{Place, new_id};
use crate::issue::{Mint, draw_first, store_first};
use crate::outcomes::is_tried_again;
use crate::seal::Sealer;
use crate::storage::{AttemptRow, AttemptState, RouteRow, ShipmentRow, StopRow, Tx};

/// Expected time at a door, in seconds.
pub(crate) const SERVICE_S: u32 = 120;

/// Puts every attempt that is planned for `day`, or was for an earlier one, on the courier's route, and issues the
/// codes. Publishing again adds what was imported since.
pub fn publish(
    tx: &mut Tx<'_>,
    courier: &CourierId,
    day: NaiveDate,
    config: &Config,
    seal: &mut Sealer<'_>,
    now: UnixMs,
) -> Result<RouteId, ServiceError> {
    if tx.courier_name(courier)?.is_none() {
        return Err(ServiceError::not_found());
    }
    if tx.is_dismissed(courier)? {
        return Err(ServiceError::refused(ProblemKind::Conflict, "this courier was dismissed"));
    }
    if tx.is_suspended(courier)? {
        return Err(ServiceError::refused(ProblemKind::Conflict, "this courier is suspended"));
    }
    let mut planned = Vec::new();
    for attempt in tx.planned_attempts(day, courier)? {
        let shipment = shipment_of(tx, &attempt.shipment)?;
        if shipment.cancelled.is_none() {
            planned.push((attempt, shipment));
        }
    }
    let route = match (tx.route_of(courier, day)?, planned.first()) {
        (Some(route), _) => route,
        (None, Some((_, first))) => {
            let id = new_id(seal.rng)?;
            RouteRow {
                id,
                courier: courier.clone(),
                day,
                tz: first.tz.clone(),
                order: Vec::new(),
                fixed_first: None,
                fixed_last: None,
            }
        }
        (None, None) => {
            return Err(ServiceError::refused(ProblemKind::Refused, "nothing is planned for this day"));
        }
    };
    let tz = time_zone(&route.tz)?;
    if day < days::local_day(now, tz) {
        return Err(ServiceError::refused(ProblemKind::Refused, "day: it has passed"));
    }
    tx.put_route(&route)?;
    let mut places = Places::on(tx, route, tz)?;
    let (mut published, mut codes) = (Vec::new(), Vec::new());
    for (mut attempt, shipment) in planned {
        let stop = places.stop_for(tx, &shipment, seal)?;
        (attempt.route, attempt.stop, attempt.state) =
            (Some(places.route.id.clone()), Some(stop), AttemptState::Open);
        attempt.day = day;
        let (last, coded) = (attempt.no.saturating_sub(1), shipment.code_required);
        for parcel in tx.parcels(&shipment.id)? {
            let failed = parcel.outcome.and_then(|outcome| outcome.failed);
            if failed.is_some_and(|reason| is_tried_again(config.policy.rules(), reason, last, coded)) {
                tx.set_outcome(&parcel.id, None)?;
            }
        }
        tx.put_attempt(&attempt)?;
        if shipment.code_required {
            codes.push(draw_first(tx, &attempt, &shipment, &mut Mint { config, seal, now })?);
        }
        published.push(attempt);
    }
    store_first(tx, codes, &mut Mint { config, seal, now })?;
    for attempt in &published {
        put_shipment(tx, attempt)?;
    }
    put_route(tx, &places.route, config)?;
    Ok(places.route.id)
}

/// Stores a route, and tells its phones.
pub(crate) fn put_route(tx: &mut Tx<'_>, route: &RouteRow, config: &Config) -> Result<(), ServiceError> {
    tx.put_route(route)?;
    if config.matrix.is_some() {
        tx.want_times(&route.id)?;
    }
    tx.put_object(&route.id, &Object::Route(route_object(route, config)))
}

/// A route, and the stops that it has by what makes them one place.
pub(crate) struct Places {
    pub(crate) route: RouteRow,
    tz: Tz,
    stops: BTreeMap<String, StopId>,
}

impl Places {
    fn on(tx: &Tx<'_>, route: RouteRow, tz: Tz) -> Result<Self, ServiceError> {
        let stops = tx.stops(&route.id)?.into_iter().map(|stop| (stop.key, stop.id)).collect();
        Ok(Self { route, tz, stops })
    }

    /// Those of a courier's day; a route without stops is made if there is none.
    pub(crate) fn of(
        tx: &mut Tx<'_>,
        courier: &CourierId,
        day: NaiveDate,
        zone: &str,
        seal: &mut Sealer<'_>,
    ) -> Result<Self, ServiceError> {
        let route = match tx.route_of(courier, day)? {
            Some(route) => route,
            None => RouteRow {
                id: new_id(seal.rng)?,
                courier: courier.clone(),
                day,
                tz: zone.to_owned(),
                order: Vec::new(),
                fixed_first: None,
                fixed_last: None,
            },
        };
        tx.put_route(&route)?;
        let tz = time_zone(&route.tz)?;
        Self::on(tx, route, tz)
    }

    /// The stop of a shipment; it is made, at the end of the order, if there is none at that place.
    pub(crate) fn stop_for(
        &mut self,
        tx: &mut Tx<'_>,
        shipment: &ShipmentRow,
        seal: &mut Sealer<'_>,
    ) -> Result<StopId, ServiceError> {
        let key = stop_key(&shipment.place)?;
        let known = self.stops.get(&key).cloned();
        if let Some(stop) = &known
            && self.route.order.contains(stop)
        {
            return Ok(stop.clone());
        }
        let row = StopRow {
            id: known.clone().map_or_else(|| new_id(seal.rng), Ok)?,
            key: key.clone(),
            place: shipment.place.clone(),
        };
        if known.is_none() {
            tx.add_stop(&self.route.id, &row)?;
        }
        tx.put_object(&self.route.id, &Object::Stop(stop_object(&row, self.route.day, self.tz)))?;
        self.route.order.push(row.id.clone());
        self.stops.insert(key, row.id.clone());
        Ok(row.id)
    }
}

/// Puts a shipment with its current attempt on the attempt's route, as the phone sees it. What was taken off a route
/// does not come back by itself.
pub fn put_shipment(tx: &mut Tx<'_>, attempt: &AttemptRow) -> Result<(), ServiceError> {
    let (Some(route), Some(stop)) = (&attempt.route, &attempt.stop) else { return Ok(()) };
    let row = shipment_of(tx, &attempt.shipment)?;
    if row.cancelled.is_some() || attempt.state == AttemptState::Superseded {
        return Ok(());
    }
    let parcels = tx
        .parcels(&row.id)?
        .into_iter()
        // What happened at an earlier attempt is not in the van any more.
        .filter(|parcel| parcel.is_of(&attempt.id))
        .map(|parcel| Parcel { id: parcel.id, barcodes: vec![parcel.barcode] })
        .collect();
    let code = code_need(tx, &row, attempt)?;
    let object = Shipment {
        stop: stop.clone(),
        attempt: AttemptRef { id: attempt.id.clone(), no: attempt.no },
        recipient_name: row.recipient_name,
        recipient_phone: row.recipient_phone,
        lang: row.lang,
        sender_name: row.sender,
        parcels,
        instructions: tx.instructions(&row.id)?,
        code,
        tries_used: attempt.tries_used,
        tries: tx.misses(&attempt.id)?,
        budget: attempt.budget,
        id: row.id,
    };
    tx.put_object(route, &Object::Shipment(object))
}

/// A code without a tag is one that no phone can check.
fn code_need(tx: &Tx<'_>, shipment: &ShipmentRow, attempt: &AttemptRow) -> Result<CodeNeed, ServiceError> {
    if !shipment.code_required {
        return Ok(CodeNeed::None);
    }
    let blind = tx.codes_of(&attempt.id)?.iter().any(|code| code.verifier.k == 0);
    Ok(if blind { CodeNeed::OnlineOnly } else { CodeNeed::Required })
}

/// A shipment that is known to exist.
pub(crate) fn shipment_of(tx: &Tx<'_>, id: &ShipmentId) -> Result<ShipmentRow, ServiceError> {
    tx.shipment(id)?.ok_or_else(|| ServiceError::fault("a shipment is missing"))
}

/// An attempt that is known to exist.
pub(crate) fn attempt_of(tx: &Tx<'_>, id: &AttemptId) -> Result<AttemptRow, ServiceError> {
    tx.attempt(id)?.ok_or_else(|| ServiceError::fault("an attempt is missing"))
}

/// A stored time zone.
pub(crate) fn time_zone(name: &str) -> Result<Tz, ServiceError> {
    name.parse().map_err(|_| ServiceError::fault("a stored time zone is unknown"))
}

pub(crate) fn stop_key(place: &Place) -> Result<String, ServiceError> {
    Ok(serde_json::to_string(&(&place.address, &place.flat, &place.window))?)
}

fn stop_object(row: &StopRow, day: NaiveDate, tz: Tz) -> Stop {
    let place = row.place.clone();
    let window = place.window.map(|window| TimeWindow {
        from: days::at_time(day, window.from, tz),
        to: days::at_time(day, window.to, tz),
    });
    Stop {
        id: row.id.clone(),
        address: place.address,
        flat: place.flat,
        door_pin: place.pin,
        parking_pin: place.parking_pin,
        window,
        service_s: SERVICE_S,
        access_notes: place.access_notes,
        van_place: place.van_place,
    }
}

fn route_object(row: &RouteRow, config: &Config) -> Route {
    Route {
        id: row.id.clone(),
        day: row.day,
        tz: row.tz.clone(),
        order: row.order.clone(),
        fixed_first: row.fixed_first.clone().filter(|stop| row.order.contains(stop)),
        fixed_last: row.fixed_last.clone().filter(|stop| row.order.contains(stop)),
        policy: config.policy.for_phones(),
    }
}
