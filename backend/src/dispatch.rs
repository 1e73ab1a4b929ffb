//! What a dispatcher changes on routes that are out. What has happened at a door meanwhile is never taken back.

use courier_domain::{CourierId, FactId, RouteId, StopId, UnixMs, Verdict};
use courier_protocol::{Object, ObjectKind, ProblemKind};

use crate::config::Config;
use crate::error::ServiceError;
use crate::import::new_id;
use crate::mail::{self, Mail};
use crate::outcomes::{kill_codes, tell_done};
use crate::publish::{Places, put_route, put_shipment};
use crate::seal::Sealer;
use crate::storage::{AttemptRow, AttemptState, CodeRow, OutcomeRow, RouteRow, ShipmentRow, Tx};
use crate::tracking::current_attempt;

/// Why a shipment is not on a route any more: another courier has it.
const REASSIGNED: &str = "reassigned";
/// The same: it waits for another day or courier.
const REMOVED: &str = "removed";

fn conflict(what: &str) -> ServiceError {
    ServiceError::refused(ProblemKind::Conflict, what)
}

/// Takes a shipment off its route, and puts it on that of another courier, if one is named. Else it is planned again, for
/// the next publication of its day. Its attempt stays the same, and with another courier its codes stay too: the customer
/// need not know.
pub(crate) fn reassign(
    tx: &mut Tx<'_>,
    shipment: &ShipmentRow,
    to: Option<&CourierId>,
    config: &Config,
    seal: &mut Sealer<'_>,
) -> Result<(), ServiceError> {
    let on_route = tx.attempts(&shipment.id)?.into_iter().find(|it| it.state == AttemptState::Open);
    let mut attempt =
        on_route.filter(|_| shipment.cancelled.is_none()).ok_or_else(|| conflict("it is on no route"))?;
    let old = attempt.route.clone().and_then(|route| tx.route(&route).transpose()).transpose()?;
    let old = old.ok_or_else(|| ServiceError::fault("a route is missing"))?;
    if let Some(courier) = to {
        if tx.courier_name(courier)?.is_none() {
            return Err(ServiceError::not_found());
        }
        if tx.is_dismissed(courier)? || tx.is_suspended(courier)? {
            return Err(conflict("this courier was dismissed or is suspended"));
        }
        if old.courier == *courier {
            return Ok(());
        }
    }
    let why = if to.is_some() { REASSIGNED } else { REMOVED };
    if to.is_none() {
        kill_codes(tx, &attempt, why)?;
    }
    take_off(tx, &attempt, &old, why, config)?;
    (attempt.route, attempt.stop) = (None, None);
    if let Some(courier) = to {
        let mut places = Places::of(tx, courier, attempt.day, &old.tz, seal)?;
        attempt.stop = Some(places.stop_for(tx, shipment, seal)?);
        attempt.route = Some(places.route.id.clone());
        tx.put_attempt(&attempt)?;
        put_shipment(tx, &attempt)?;
        for code in tx.codes_of(&attempt.id)?.into_iter().filter(CodeRow::is_live) {
            tx.put_object(&places.route.id, &Object::Verifier(code.verifier))?;
        }
        return put_route(tx, &places.route, config);
    }
    attempt.state = AttemptState::Planned;
    tx.put_attempt(&attempt)
}

fn take_off(
    tx: &mut Tx<'_>,
    attempt: &AttemptRow,
    route: &RouteRow,
    why: &str,
    config: &Config,
) -> Result<(), ServiceError> {
    tx.add_removal(&attempt.id, &route.id)?;
    tx.take_object(&route.id, ObjectKind::Shipment, attempt.shipment.as_str(), why)?;
    for code in tx.codes_of(&attempt.id)? {
        tx.take_object(&route.id, ObjectKind::Verifier, code.verifier.code_id.as_str(), why)?;
    }
    let Some(stop) = &attempt.stop else { return Ok(()) };
    let others = tx.attempts_at(stop)?;
    if others.iter().any(|other| other.id != attempt.id && other.state != AttemptState::Superseded) {
        return Ok(());
    }
    tx.take_object(&route.id, ObjectKind::Stop, stop.as_str(), why)?;
    let mut left = route.clone();
    left.order.retain(|other| other != stop);
    put_route(tx, &left, config)
}

/// The order of a route's stops.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteOrder {
    /// Every stop, once.
    pub order: Vec<StopId>,
    /// Whether the first stays the first, whatever the courier does.
    pub is_first_fixed: bool,
    /// Whether the last stays the last.
    pub is_last_fixed: bool,
}

/// The stops of a route come in this order from now on.
pub(crate) fn reorder(
    tx: &mut Tx<'_>,
    route: &RouteId,
    new: &RouteOrder,
    config: &Config,
) -> Result<(), ServiceError> {
    let order = new.order.as_slice();
    let mut row = tx.route(route)?.ok_or_else(ServiceError::not_found)?;
    let sorted = |stops: &[StopId]| {
        let mut stops = stops.to_vec();
        stops.sort_unstable();
        stops
    };
    if sorted(order) != sorted(&row.order) {
        return Err(conflict("order: not the stops of this route, each once"));
    }
    row.order = order.to_vec();
    row.fixed_first = order.first().filter(|_| new.is_first_fixed).cloned();
    row.fixed_last = order.last().filter(|_| new.is_last_fixed).cloned();
    put_route(tx, &row, config)
}

/// The office has handed over itself what no courier has: at its counter, or by other means.
pub(crate) fn delivered_by_hand(
    tx: &mut Tx<'_>,
    shipment: &ShipmentRow,
    seal: &mut Sealer<'_>,
    now: UnixMs,
) -> Result<(), ServiceError> {
    let mut attempt = current_attempt(tx, shipment)?
        .filter(|it| it.state.is_awaited() || it.state == AttemptState::Failed)
        .ok_or_else(|| conflict("it was handed over"))?;
    let by_hand: FactId = OutcomeRow::by_hand(&new_id::<RouteId>(seal.rng)?.to_string())?;
    let outcome = OutcomeRow { fact: by_hand.clone(), attempt: attempt.id.clone(), failed: None };
    for parcel in tx.parcels(&shipment.id)?.iter().filter(|parcel| !parcel.is_handed()) {
        tx.set_outcome(&parcel.id, Some(&outcome))?;
    }
    tx.add_verdict(&by_hand, Verdict::Confirmed, "by-hand", None, now)?;
    (attempt.state, attempt.reason) = (AttemptState::Delivered, None);
    tx.put_attempt(&attempt)?;
    kill_codes(tx, &attempt, "delivered")?;
    tell_done(tx, &attempt)?;
    mail::queue(tx, shipment, &Mail::Delivered {}, by_hand.as_str(), now, seal)
}
