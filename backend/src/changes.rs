//! The route lane: what changed for a courier since a cursor.

use courier_domain::{CourierId, UnixMs};
use courier_protocol::{Changes, ProblemKind, digest};

use crate::days;
use crate::error::ServiceError;
use crate::publish::time_zone;
use crate::storage::{RouteRow, Tx};

/// What changed; `None` = nothing. A cursor of another epoch or route is gone: the phone asks again without one.
pub fn changes(
    tx: &Tx<'_>,
    courier: &CourierId,
    cursor: Option<&str>,
    now: UnixMs,
) -> Result<Option<Changes>, ServiceError> {
    let epoch = tx.epoch()?;
    let Some(route) = current_route(tx, courier, now)? else {
        return if cursor.is_none() { Ok(None) } else { Err(gone()) };
    };
    let since = match cursor {
        None => None,
        Some(cursor) => {
            let mut parts = cursor.splitn(3, '~');
            let (of_epoch, of_route, rev) = (parts.next(), parts.next(), parts.next());
            if of_epoch != Some(epoch.as_str()) || of_route != Some(route.id.as_str()) {
                return Err(gone());
            }
            Some(rev.and_then(|rev| rev.parse::<u64>().ok()).ok_or_else(gone)?)
        }
    };
    let ops = tx.ops_since(&route.id, since)?;
    if since.is_some() && ops.is_empty() {
        return Ok(None);
    }
    let live = tx.live_objects(&route.id)?;
    let sum = digest(live.iter().map(|(kind, id, rev)| (kind.as_str(), id.as_str(), *rev)));
    Ok(Some(Changes {
        cursor: format!("{epoch}~{}~{}", route.id, tx.last_rev()?),
        epoch,
        server_ms: now,
        more: false,
        ops,
        digest: Some(sum),
    }))
}

fn gone() -> ServiceError {
    ServiceError::refused(ProblemKind::CursorGone, "")
}

/// The route that a courier drives now: the newest whose day has begun, else the next.
pub fn current_route(
    tx: &Tx<'_>,
    courier: &CourierId,
    now: UnixMs,
) -> Result<Option<RouteRow>, ServiceError> {
    let mut next = None;
    for route in tx.routes_of(courier)? {
        if route.day <= days::local_day(now, time_zone(&route.tz)?) {
            return Ok(Some(route));
        }
        next = Some(route);
    }
    Ok(next)
}
