//! Routes, their stops, and the objects that phones get of them.

use chrono::NaiveDate;
use courier_domain::{AttemptId, CourierId, RouteId, StopId};
use courier_protocol::{Object, ObjectKind, OpKind, RouteOp};

use super::sql::{OptionalExtension, Row, ToSql, params};
use super::{Tx, id};
use crate::error::ServiceError;
use crate::import::Place;

/// A published route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteRow {
    /// Identifier.
    pub id: RouteId,
    /// Whose it is.
    pub courier: CourierId,
    /// The delivery day.
    pub day: NaiveDate,
    /// Its time zone.
    pub tz: String,
    /// The stops in their order.
    pub order: Vec<StopId>,
    /// A stop that stays first.
    pub fixed_first: Option<StopId>,
    /// A stop that stays last.
    pub fixed_last: Option<StopId>,
}

/// A stop of a route.
#[derive(Debug, Clone, PartialEq)]
pub struct StopRow {
    /// Identifier.
    pub id: StopId,
    /// Address, flat and window: what makes it one stop.
    pub key: String,
    /// Where it is.
    pub place: Place,
}

/// A place among the changes of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeMark {
    /// Revision.
    pub rev: u64,
    /// Type of the last object that was told; after every type = all of this revision.
    pub kind: String,
    /// Its identifier.
    pub id: String,
}

impl ChangeMark {
    /// After everything of a revision.
    pub fn all_of(rev: u64) -> Self {
        // No type begins with a character as high as this one.
        Self { rev, kind: "~".into(), id: String::new() }
    }
}

const ROUTE: &str = "SELECT id, courier, day, tz, stop_order, fixed_first, fixed_last FROM route";

impl Tx<'_> {
    /// Stores a route.
    pub fn put_route(&mut self, row: &RouteRow) -> Result<(), ServiceError> {
        let sql = "INSERT INTO route (id, courier, day, tz, stop_order, fixed_first, fixed_last)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                   ON CONFLICT (id) DO UPDATE SET stop_order = ?5, fixed_first = ?6, fixed_last = ?7";
        let order = serde_json::to_string(&row.order)?;
        let fixed = |stop: &Option<StopId>| stop.as_ref().map(|stop| stop.as_str().to_owned());
        let (first, last) = (fixed(&row.fixed_first), fixed(&row.fixed_last));
        let given =
            params![row.id.as_str(), row.courier.as_str(), row.day.to_string(), row.tz, order, first, last];
        self.db.execute(sql, given)?;
        Ok(())
    }

    fn route_where(&self, rest: &str, given: &[&dyn ToSql]) -> Result<Option<RouteRow>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{ROUTE} {rest}"))?;
        query.query_row(given, |row| Ok(route_row(row))).optional()?.transpose()
    }

    /// A route.
    pub fn route(&self, id: &RouteId) -> Result<Option<RouteRow>, ServiceError> {
        self.route_where("WHERE id = ?1", params![id.as_str()])
    }

    /// Whose route it is. Asked for every attempt that a fact names, so the stops are not read for it.
    pub fn courier_of(&self, id: &RouteId) -> Result<Option<CourierId>, ServiceError> {
        if let Some((route, courier)) = &*self.owner.borrow()
            && route == id
        {
            return Ok(Some(courier.clone()));
        }
        let mut query = self.db.prepare_cached("SELECT courier FROM route WHERE id = ?1")?;
        let found = query.query_row([id.as_str()], |row| row.get::<String>(0)).optional()?;
        let courier: Option<CourierId> = found.map(super::id).transpose()?;
        self.owner.replace(courier.clone().map(|courier| (id.clone(), courier)));
        Ok(courier)
    }

    /// A courier's route of a day.
    pub fn route_of(&self, courier: &CourierId, day: NaiveDate) -> Result<Option<RouteRow>, ServiceError> {
        self.route_where("WHERE courier = ?1 AND day = ?2", params![courier.as_str(), day.to_string()])
    }

    /// Every route of a courier, newest day first.
    pub fn routes_of(&self, courier: &CourierId) -> Result<Vec<RouteRow>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{ROUTE} WHERE courier = ?1 ORDER BY day DESC"))?;
        let rows = query.query_map([courier.as_str()], |row| Ok(route_row(row)))?;
        rows.map(|row| row?).collect()
    }

    /// Every route, newest day first.
    pub fn routes(&self) -> Result<Vec<RouteRow>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{ROUTE} ORDER BY day DESC, rowid"))?;
        let rows = query.query_map(params![], |row| Ok(route_row(row)))?;
        rows.map(|row| row?).collect()
    }

    /// The routes of a day.
    pub fn routes_of_day(&self, day: NaiveDate) -> Result<Vec<RouteRow>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{ROUTE} WHERE day = ?1 ORDER BY rowid"))?;
        let rows = query.query_map([day.to_string()], |row| Ok(route_row(row)))?;
        rows.map(|row| row?).collect()
    }

    /// The time zone of the first route of a day.
    pub fn zone_of(&self, day: NaiveDate) -> Result<Option<String>, ServiceError> {
        let sql = "SELECT tz FROM route WHERE day = ?1 ORDER BY rowid LIMIT 1";
        Ok(self.db.prepare_cached(sql)?.query_row([day.to_string()], |row| row.get(0)).optional()?)
    }

    /// Whether some route of a day is out.
    pub fn is_published(&self, day: NaiveDate) -> Result<bool, ServiceError> {
        let sql = "SELECT count(*) FROM route WHERE day = ?1";
        Ok(self.db.prepare_cached(sql)?.query_row([day.to_string()], |row| row.get::<u32>(0))? > 0)
    }

    /// An attempt was taken off a route.
    pub fn add_removal(&mut self, attempt: &AttemptId, route: &RouteId) -> Result<(), ServiceError> {
        let rev = self.rev()?;
        let sql = "INSERT INTO removal (attempt, route, rev) VALUES (?1, ?2, ?3)
                   ON CONFLICT (attempt, route) DO UPDATE SET rev = ?3";
        self.db.prepare_cached(sql)?.execute(params![attempt.as_str(), route.as_str(), rev])?;
        Ok(())
    }

    /// The last route of a courier that an attempt was taken off, and the revision since which phones know it.
    pub fn removal(
        &self,
        attempt: &AttemptId,
        courier: &CourierId,
    ) -> Result<Option<(RouteId, u64)>, ServiceError> {
        let sql = "SELECT removal.route, removal.rev FROM removal JOIN route ON route.id = removal.route
                   WHERE removal.attempt = ?1 AND route.courier = ?2 ORDER BY removal.rev DESC LIMIT 1";
        let mut query = self.db.prepare_cached(sql)?;
        let found = query.query_row([attempt.as_str(), courier.as_str()], |row| {
            Ok((row.get::<String>(0)?, row.get::<u64>(1)?))
        });
        found.optional()?.map(|(route, rev)| Ok((id(route)?, rev))).transpose()
    }

    /// Stores a stop of a route.
    pub fn add_stop(&mut self, route: &RouteId, row: &StopRow) -> Result<(), ServiceError> {
        let sql = "INSERT INTO stop (id, route, key, body) VALUES (?1, ?2, ?3, ?4)";
        let body = serde_json::to_string(&row.place)?;
        self.db.prepare_cached(sql)?.execute([row.id.as_str(), route.as_str(), &row.key, &body])?;
        Ok(())
    }

    /// The stops of a route.
    pub fn stops(&self, route: &RouteId) -> Result<Vec<StopRow>, ServiceError> {
        let mut query =
            self.db.prepare_cached("SELECT id, key, body FROM stop WHERE route = ?1 ORDER BY rowid")?;
        let rows = query.query_map([route.as_str()], |row| {
            Ok((row.get::<String>(0)?, row.get(1)?, row.get::<String>(2)?))
        })?;
        rows.map(|row| {
            let (stop, key, body) = row?;
            Ok(StopRow { id: id(stop)?, key, place: serde_json::from_str(&body)? })
        })
        .collect()
    }

    /// An object of a route is now like this.
    pub fn put_object(&mut self, route: &RouteId, object: &Object) -> Result<(), ServiceError> {
        let rev = self.rev()?;
        let sql =
            "INSERT INTO route_object (route, type, id, rev, why, data) VALUES (?1, ?2, ?3, ?4, NULL, ?5)
                   ON CONFLICT (route, type, id) DO UPDATE SET rev = ?4, why = NULL, data = ?5";
        let data = object.data()?;
        let given = params![route.as_str(), object.kind().word(), object.id(), rev, data.as_str()];
        self.db.prepare_cached(sql)?.execute(given)?;
        Ok(())
    }

    /// An object that is on a route, without its identifier.
    pub fn object(
        &self,
        route: &RouteId,
        kind: ObjectKind,
        id: &str,
    ) -> Result<Option<RouteOp>, ServiceError> {
        let sql =
            "SELECT rev, data FROM route_object WHERE route = ?1 AND type = ?2 AND id = ?3 AND why IS NULL";
        let mut query = self.db.prepare_cached(sql)?;
        let found = query.query_row(params![route.as_str(), kind.word(), id], |row| {
            Ok((row.get::<u64>(0)?, row.get::<Option<String>>(1)?))
        });
        let Some((rev, data)) = found.optional()? else { return Ok(None) };
        let data = data.map(|text| serde_json::from_str(&text)).transpose()?;
        let (kind, id) = (kind.word().to_owned(), id.to_owned());
        Ok(Some(RouteOp { op: OpKind::Put, kind, id, rev, why: None, data }))
    }

    /// An object is no longer on a route. Its data are dropped here at once.
    pub fn take_object(
        &mut self,
        route: &RouteId,
        kind: ObjectKind,
        id: &str,
        why: &str,
    ) -> Result<(), ServiceError> {
        let rev = self.rev()?;
        let sql = "UPDATE route_object SET rev = ?4, why = ?5, data = NULL
                   WHERE route = ?1 AND type = ?2 AND id = ?3 AND why IS NULL";
        self.db.prepare_cached(sql)?.execute(params![route.as_str(), kind.word(), id, rev, why])?;
        Ok(())
    }

    /// What changed on a route after `after`, in the order of revision, type and identifier, and no more than `most`.
    /// Tombstones up to revision `known_gone` are left out: whoever asks never had what they took.
    pub fn ops_after(
        &self,
        route: &RouteId,
        after: &ChangeMark,
        known_gone: u64,
        most: usize,
    ) -> Result<Vec<RouteOp>, ServiceError> {
        let sql = "SELECT type, id, rev, why, data FROM route_object
                   WHERE route = ?1 AND rev >= ?2 AND (rev, type, id) > (?2, ?3, ?4) AND (why IS NULL OR rev > ?5)
                   ORDER BY rev, type, id LIMIT ?6";
        let mut query = self.db.prepare_cached(sql)?;
        let given = params![route.as_str(), after.rev, after.kind, after.id, known_gone, most];
        let rows = query.query_map(given, |row| {
            Ok((
                (row.get::<String>(0)?, row.get::<String>(1)?, row.get::<u64>(2)?),
                (row.get::<Option<String>>(3)?, row.get::<Option<String>>(4)?),
            ))
        })?;
        rows.map(|row| {
            let ((kind, id, rev), (why, data)) = row?;
            let op = if why.is_some() { OpKind::Gone } else { OpKind::Put };
            let data = data.map(|text| serde_json::from_str(&text)).transpose()?;
            Ok(RouteOp { op, kind, id, rev, why, data })
        })
        .collect()
    }

    /// Type, identifier and revision of everything that is on a route.
    pub fn live_objects(&self, route: &RouteId) -> Result<Vec<(String, String, u64)>, ServiceError> {
        let sql = "SELECT type, id, rev FROM route_object WHERE route = ?1 AND why IS NULL";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([route.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn route_row(row: &Row<'_>) -> Result<RouteRow, ServiceError> {
    let day: String = row.get(2)?;
    Ok(RouteRow {
        id: id(row.get(0)?)?,
        courier: id(row.get(1)?)?,
        day: day.parse().map_err(|_| ServiceError::fault("a stored day is unreadable"))?,
        tz: row.get(3)?,
        order: serde_json::from_str(&row.get::<String>(4)?)?,
        fixed_first: row.get::<Option<String>>(5)?.map(id).transpose()?,
        fixed_last: row.get::<Option<String>>(6)?.map(id).transpose()?,
    })
}
