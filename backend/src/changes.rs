//! The route lane: what changed for a courier since a cursor.

use chrono::{Days, NaiveDate};
use courier_domain::{CourierId, RouteId, UnixMs};
use courier_protocol::{Changes, ProblemKind, digest};

use crate::days;
use crate::error::ServiceError;
use crate::publish::time_zone;
use crate::storage::{ChangeMark, RouteRow, Tx};

/// Most ops of one answer.
const PAGE: usize = 500;

/// What the route lane says to a phone.
#[derive(Debug)]
pub struct Told {
    /// What changed; `None` = nothing.
    pub changes: Option<Changes>,
    /// The day of the route that would be told to a phone that names none, if it is another one.
    pub next_day: Option<NaiveDate>,
}

/// What changed on the route that the phone names, because its courier is not done with it, or else on that which the
/// courier drives now. A cursor of another epoch or route is gone: the phone asks again without one.
pub fn changes(
    tx: &Tx<'_>,
    courier: &CourierId,
    named: Option<&RouteId>,
    cursor: Option<&str>,
    now: UnixMs,
) -> Result<Told, ServiceError> {
    let current = current_route(tx, courier, now)?;
    let (route, next_day) = match (driven(tx, courier, named, now)?, current) {
        (Some(driven), current) => {
            let next = current.filter(|it| it.id != driven.id).map(|it| it.day);
            (driven, next)
        }
        (None, Some(current)) => (current, None),
        (None, None) if cursor.is_none() => return Ok(Told { changes: None, next_day: None }),
        (None, None) => return Err(gone()),
    };
    Ok(Told { changes: changes_on(tx, &route, cursor, now)?, next_day })
}

fn changes_on(
    tx: &Tx<'_>,
    route: &RouteRow,
    cursor: Option<&str>,
    now: UnixMs,
) -> Result<Option<Changes>, ServiceError> {
    let epoch = tx.epoch()?;
    let last_rev = tx.last_rev()?;
    let since = match cursor {
        None => Since::beginning(last_rev),
        Some(cursor) => {
            let rest = cursor.strip_prefix(&format!("{epoch}~{}~", route.id)).ok_or_else(gone)?;
            // A revision that is yet to come was told by a server that has since lost something.
            Since::read(rest).filter(|since| since.mark.rev <= last_rev).ok_or_else(gone)?
        }
    };
    let mut ops = tx.ops_after(&route.id, &since.mark, since.known_gone, PAGE + 1)?;
    if ops.is_empty() && cursor.is_some() && since.is_complete() {
        return Ok(None);
    }
    let more = ops.len() > PAGE;
    ops.truncate(PAGE);
    let next = match ops.last() {
        Some(last) if more => Since {
            mark: ChangeMark { rev: last.rev, kind: last.kind.clone(), id: last.id.clone() },
            known_gone: since.known_gone,
        },
        _ => Since { mark: ChangeMark::all_of(last_rev), known_gone: 0 },
    };
    let sum = if more {
        None
    } else {
        let live = tx.live_objects(&route.id)?;
        Some(digest(live.iter().map(|(kind, id, rev)| (kind.as_str(), id.as_str(), *rev))))
    };
    Ok(Some(Changes {
        cursor: format!("{epoch}~{}~{}", route.id, next.write()),
        epoch,
        server_ms: now,
        more,
        ops,
        digest: sum,
    }))
}

/// What a cursor says: `REV` = everything up to this revision is known; `REV~GONE~TYPE~ID` = a page ended here.
struct Since {
    mark: ChangeMark,
    /// Tombstones up to this revision are of objects that this phone never had.
    known_gone: u64,
}

impl Since {
    fn beginning(last_rev: u64) -> Self {
        Self { mark: ChangeMark::all_of(0), known_gone: last_rev }
    }

    fn is_complete(&self) -> bool {
        self.mark == ChangeMark::all_of(self.mark.rev)
    }

    fn read(text: &str) -> Option<Self> {
        let parts: Vec<_> = text.split('~').collect();
        match parts.as_slice() {
            [rev] => Some(Self { mark: ChangeMark::all_of(rev.parse().ok()?), known_gone: 0 }),
            [rev, gone, kind, id] => Some(Self {
                mark: ChangeMark { rev: rev.parse().ok()?, kind: (*kind).into(), id: (*id).into() },
                known_gone: gone.parse().ok()?,
            }),
            _ => None,
        }
    }

    fn write(&self) -> String {
        let ChangeMark { rev, kind, id } = &self.mark;
        if self.is_complete() { rev.to_string() } else { format!("{rev}~{}~{kind}~{id}", self.known_gone) }
    }
}

fn gone() -> ServiceError {
    ServiceError::refused(ProblemKind::CursorGone, "")
}

/// Days after its own on which a route is still told. Phones forget it half a day later.
const KEPT: Days = Days::new(7);

/// The day it is where a route is driven.
fn today_of(route: &RouteRow, now: UnixMs) -> Result<NaiveDate, ServiceError> {
    Ok(days::local_day(now, time_zone(&route.tz)?))
}

/// Whether the day of a route is not long past.
fn is_told(route: &RouteRow, today: NaiveDate) -> bool {
    today <= route.day.checked_add_days(KEPT).unwrap_or(route.day)
}

/// The route that a phone names, if it is the courier's and can still be told.
fn driven(
    tx: &Tx<'_>,
    courier: &CourierId,
    named: Option<&RouteId>,
    now: UnixMs,
) -> Result<Option<RouteRow>, ServiceError> {
    let Some(named) = named else { return Ok(None) };
    let Some(route) = tx.route(named)?.filter(|route| route.courier == *courier) else { return Ok(None) };
    let today = today_of(&route, now)?;
    Ok(Some(route).filter(|route| is_told(route, today)))
}

/// The route that a courier drives now: the newest whose day has begun and is not long past, else the next.
pub fn current_route(
    tx: &Tx<'_>,
    courier: &CourierId,
    now: UnixMs,
) -> Result<Option<RouteRow>, ServiceError> {
    let mut next = None;
    for route in tx.routes_of(courier)? {
        let today = today_of(&route, now)?;
        if route.day <= today {
            return Ok(if is_told(&route, today) { Some(route) } else { next });
        }
        next = Some(route);
    }
    Ok(next)
}
