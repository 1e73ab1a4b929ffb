//! Where couriers were last, by what their phones have told.

use std::collections::BTreeMap;

use courier_domain::{RouteId, StopId, UnixMs};

use super::sql::{OptionalExtension, params};
use super::{Tx, id};
use crate::error::ServiceError;

/// Where the courier of a route was last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// When.
    pub at: UnixMs,
    /// At which stop; none where the day has begun only.
    pub stop: Option<StopId>,
    /// Whether something was concluded there.
    pub concluded: bool,
    /// The order that the courier made last.
    pub order: Option<Vec<StopId>>,
}

impl Tx<'_> {
    /// The courier was there. What was told of a later time stands.
    pub fn put_whereabouts(
        &mut self,
        route: &RouteId,
        at: UnixMs,
        stop: Option<&StopId>,
        concluded: bool,
    ) -> Result<(), ServiceError> {
        let sql = "INSERT INTO whereabouts (route, at, stop, concluded) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (route) DO UPDATE SET at = ?2, stop = ?3, concluded = ?4 WHERE whereabouts.at <= ?2";
        let given = params![route.as_str(), at.0, stop.map(StopId::as_str), concluded];
        self.db.prepare_cached(sql)?.execute(given)?;
        Ok(())
    }

    /// The courier made this order. A later one stands.
    pub fn put_own_order(
        &mut self,
        route: &RouteId,
        at: UnixMs,
        order: &[StopId],
    ) -> Result<(), ServiceError> {
        let sql = "UPDATE whereabouts SET ordered_at = ?2, stop_order = ?3
                   WHERE route = ?1 AND (ordered_at IS NULL OR ordered_at <= ?2)";
        let order = serde_json::to_string(order)?;
        self.db.prepare_cached(sql)?.execute(params![route.as_str(), at.0, order])?;
        Ok(())
    }

    /// The day is over, or the route is nobody's any more.
    pub fn drop_whereabouts(&mut self, route: &RouteId) -> Result<(), ServiceError> {
        self.db.prepare_cached("DELETE FROM whereabouts WHERE route = ?1")?.execute([route.as_str()])?;
        Ok(())
    }

    /// Where the courier of a route was last.
    pub fn whereabouts(&self, route: &RouteId) -> Result<Option<Whereabouts>, ServiceError> {
        let sql = "SELECT at, stop, concluded, stop_order FROM whereabouts WHERE route = ?1";
        let found = self.db.prepare_cached(sql)?.query_row([route.as_str()], |row| {
            let (stop, order) = (row.get::<Option<String>>(1)?, row.get::<Option<String>>(3)?);
            Ok((UnixMs(row.get(0)?), stop, row.get(2)?, order))
        });
        let Some((at, stop, concluded, order)) = found.optional()? else { return Ok(None) };
        let order = order.map(|order| serde_json::from_str(&order)).transpose()?;
        Ok(Some(Whereabouts { at, stop: stop.map(id).transpose()?, concluded, order }))
    }

    /// The stops of a route with something left to do, and how many shipments that is.
    pub fn open_stops(&self, route: &RouteId) -> Result<BTreeMap<StopId, u32>, ServiceError> {
        let sql = "SELECT stop, count(*) FROM attempt WHERE route = ?1 AND state = 'open' AND stop IS NOT NULL GROUP BY stop";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([route.as_str()], |row| Ok((row.get::<String>(0)?, row.get(1)?)))?;
        rows.map(|row| row.map_err(ServiceError::from).and_then(|(stop, count)| Ok((id(stop)?, count))))
            .collect()
    }
}
