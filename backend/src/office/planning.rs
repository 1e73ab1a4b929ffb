//! Orders and shares, in the office's name.

use chrono::{NaiveDate, NaiveTime};
use courier_domain::{CourierId, RouteId, StopId};
use courier_protocol::ProblemKind;

use super::Office;
use crate::dispatch::{self, RouteOrder};
use crate::error::ServiceError;
use crate::planning::{self, Sequenced, Share};

impl Office<'_> {
    /// Says how long it takes between stops of a route: from each of `stops` to each, in seconds. No service is asked for this
    /// route any more; with a matrix of no stops it is again.
    pub fn put_matrix(
        &self,
        route: &RouteId,
        stops: &[StopId],
        seconds: &[Vec<u32>],
    ) -> Result<(), ServiceError> {
        self.act("put-matrix", |tx, _, _| {
            planning::put_matrix(tx, route, stops, seconds)?;
            tx.set_matrix_by_hand(route, !stops.is_empty())?;
            if stops.is_empty() && self.service.config().matrix.is_some() {
                tx.want_times(route)?;
            }
            Ok(((), route.as_str().to_owned()))
        })
    }

    /// Puts the stops of a route into a good order for a courier who sets out at `begins`. Nothing else waits while it is
    /// searched; what changed meanwhile is a conflict.
    pub fn sequence(&self, route: &RouteId, begins: NaiveTime) -> Result<Sequenced, ServiceError> {
        let plan = self.service.look(|tx, _| planning::plan(tx, route, begins))?;
        let found = plan.sequence()?;
        self.act("sequence", |tx, _, _| {
            let now = tx.route(route)?.ok_or_else(ServiceError::not_found)?;
            if now != plan.row {
                return Err(ServiceError::refused(ProblemKind::Conflict, "the route has changed meanwhile"));
            }
            let order = RouteOrder {
                order: found.order.clone(),
                is_first_fixed: now.fixed_first.is_some(),
                is_last_fixed: now.fixed_last.is_some(),
            };
            dispatch::reorder(tx, route, &order, self.service.config())?;
            Ok(((), route.as_str().to_owned()))
        })?;
        Ok(found)
    }

    /// Shares what is planned for a day among couriers.
    pub fn split(&self, day: NaiveDate, couriers: &[CourierId]) -> Result<Vec<Share>, ServiceError> {
        self.act("split", |tx, _, _| Ok((planning::split(tx, day, couriers)?, day.to_string())))
    }
}
