//! Routes whose travel times are to be asked for, and the times that were answered.

use std::collections::{BTreeMap, BTreeSet};

use courier_domain::{RouteId, UnixMs};

use super::sql::{OptionalExtension, params};
use super::{Tx, id};
use crate::error::ServiceError;

/// How long it takes from a place to another one, by their numbers: seconds, or `None` where there is no way.
pub type TravelTime = ((i64, i64), Option<u32>);

impl Tx<'_> {
    /// The times of a route are to be looked at, at once.
    pub fn want_times(&mut self, route: &RouteId) -> Result<(), ServiceError> {
        let sql = "UPDATE route SET times_due = 0, times_tries = 0 WHERE id = ?1";
        self.db.prepare_cached(sql)?.execute([route.as_str()])?;
        Ok(())
    }

    /// A route whose times are to be looked at by now, and how often that failed.
    pub fn times_due(&self, now: UnixMs) -> Result<Option<(RouteId, u32)>, ServiceError> {
        let sql = "SELECT id, times_tries FROM route WHERE times_due <= ?1 ORDER BY times_due, rowid LIMIT 1";
        let mut query = self.db.prepare_cached(sql)?;
        let found = query.query_row([now.0], |row| Ok((row.get::<String>(0)?, row.get(1)?)));
        found.optional()?.map(|(route, tries)| Ok((id(route)?, tries))).transpose()
    }

    /// Nothing is to be asked for a route any more.
    pub fn times_are_settled(&mut self, route: &RouteId) -> Result<(), ServiceError> {
        let sql = "UPDATE route SET times_due = NULL, times_tries = 0 WHERE id = ?1";
        self.db.prepare_cached(sql)?.execute([route.as_str()])?;
        Ok(())
    }

    /// Asking for a route failed: it is tried again then.
    pub fn put_times_off(&mut self, route: &RouteId, tries: u32, until: UnixMs) -> Result<(), ServiceError> {
        let sql = "UPDATE route SET times_due = ?3, times_tries = ?2 WHERE id = ?1 AND times_due IS NOT NULL";
        self.db.prepare_cached(sql)?.execute(params![route.as_str(), tries, until.0])?;
        Ok(())
    }

    /// Nobody is asked before then.
    pub fn put_all_times_off(&mut self, until: UnixMs) -> Result<(), ServiceError> {
        self.db.execute("UPDATE route SET times_due = ?1 WHERE times_due < ?1", [until.0])?;
        Ok(())
    }

    /// Whether the office has given the matrix of a route itself.
    pub fn is_matrix_by_hand(&self, route: &RouteId) -> Result<bool, ServiceError> {
        let mut query = self.db.prepare_cached("SELECT matrix_by_hand FROM route WHERE id = ?1")?;
        Ok(query.query_row([route.as_str()], |row| row.get(0)).optional()?.unwrap_or(false))
    }

    /// It has, or not any more.
    pub fn set_matrix_by_hand(&mut self, route: &RouteId, by_hand: bool) -> Result<(), ServiceError> {
        let sql = "UPDATE route SET matrix_by_hand = ?2 WHERE id = ?1";
        self.db.prepare_cached(sql)?.execute(params![route.as_str(), by_hand])?;
        Ok(())
    }

    /// What was answered since then, for a profile, between these places.
    pub fn travel_times(
        &self,
        profile: &str,
        places: &BTreeSet<i64>,
        since: UnixMs,
    ) -> Result<BTreeMap<(i64, i64), Option<u32>>, ServiceError> {
        let sql = "SELECT to_place, seconds FROM travel_time
                   WHERE profile = ?1 AND from_place = ?2 AND answered > ?3";
        let mut query = self.db.prepare_cached(sql)?;
        let mut known = BTreeMap::new();
        for &from in places {
            let rows = query.query_map(params![profile, from, since.0], |row| {
                Ok((row.get::<i64>(0)?, row.get::<Option<u32>>(1)?))
            })?;
            for row in rows {
                let (to, seconds) = row?;
                if places.contains(&to) {
                    known.insert((from, to), seconds);
                }
            }
        }
        Ok(known)
    }

    /// Keeps what was answered.
    pub fn put_travel_times(
        &mut self,
        profile: &str,
        times: &[TravelTime],
        now: UnixMs,
    ) -> Result<(), ServiceError> {
        let sql = "INSERT INTO travel_time (profile, from_place, to_place, seconds, answered)
                   VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (profile, from_place, to_place) DO UPDATE SET seconds = ?4, answered = ?5";
        let mut statement = self.db.prepare_cached(sql)?;
        for ((from, to), seconds) in times {
            statement.execute(params![profile, from, to, seconds, now.0])?;
        }
        Ok(())
    }

    /// Drops what was answered up to then.
    pub fn drop_travel_times(&mut self, until: UnixMs) -> Result<u64, ServiceError> {
        Ok(self.db.change("DELETE FROM travel_time WHERE answered <= ?1", [until.0])? as u64)
    }
}
