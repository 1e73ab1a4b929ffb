//! What the board reads: lists and sums over many shipments, each in one statement.

use chrono::{NaiveDate, NaiveTime};
use courier_domain::{CourierId, Pin, ShipmentId, StopId, UnixMs};

use super::shipments::of_word;
use super::sql::{OptionalExtension, Row, params};
use super::{AttemptState, FactRow, Tx, id};
use crate::error::ServiceError;
use crate::import::Place;

/// A stop as the map of a day needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct MapStop {
    /// Identifier.
    pub id: StopId,
    /// The door.
    pub pin: Pin,
    /// Local time at which its window ends.
    pub until: Option<NaiveTime>,
}

/// A courier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourierRow {
    /// Identifier.
    pub id: CourierId,
    /// Name; empty once it was purged.
    pub name: String,
    /// When they were dismissed.
    pub dismissed_at: Option<UnixMs>,
    /// Since when they are suspended.
    pub suspended_at: Option<UnixMs>,
    /// Phones that were enrolled.
    pub phones: u32,
}

/// A mail as it stands, without what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailStanding {
    /// Which template.
    pub template: String,
    /// Not before.
    pub due: UnixMs,
    /// When it was sent.
    pub sent: Option<UnixMs>,
    /// When it was given up.
    pub given_up: Option<UnixMs>,
}

impl Tx<'_> {
    /// Something that changes whenever something is stored that the board shows.
    pub fn mark(&self) -> Result<String, ServiceError> {
        let sql = "SELECT (SELECT value FROM meta WHERE name = 'rev') || '.' || (SELECT coalesce(max(rowid), 0) FROM fact)
                   || '.' || (SELECT coalesce(max(n), 0) FROM verdict) || '.' || (SELECT coalesce(max(id), 0) FROM review)
                   || '.' || (SELECT coalesce(max(n), 0) FROM audit)";
        Ok(self.db.prepare_cached(sql)?.query_row(params![], |row| row.get(0))?)
    }

    /// Days with routes, newest first, and no more than `most`.
    pub fn route_days(&self, most: u32) -> Result<Vec<NaiveDate>, ServiceError> {
        let sql = "SELECT DISTINCT day FROM route ORDER BY day DESC LIMIT ?1";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([most], |row| row.get::<String>(0))?;
        rows.map(|day| read_day(&day?)).collect()
    }

    /// Every stop of a day.
    pub fn map_stops(&self, day: NaiveDate) -> Result<Vec<MapStop>, ServiceError> {
        let sql =
            "SELECT stop.id, stop.body FROM route JOIN stop ON stop.route = route.id WHERE route.day = ?1";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([day.to_string()], |row| Ok(map_stop(row)))?;
        rows.map(|row| row?).collect()
    }

    /// The states of the attempts at each stop of a day; what was cancelled is not open.
    pub fn stop_states(&self, day: NaiveDate) -> Result<Vec<(StopId, AttemptState)>, ServiceError> {
        let sql = "SELECT DISTINCT stop, state FROM attempt
                   WHERE day = ?1 AND route IS NOT NULL AND stop IS NOT NULL AND (state <> 'open' OR NOT EXISTS
                   (SELECT 1 FROM shipment WHERE shipment.id = attempt.shipment AND cancelled IS NOT NULL))";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([day.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.map(|row| {
            let (stop, state): (String, String) = row?;
            Ok((id(stop)?, of_word(state)?))
        })
        .collect()
    }

    /// Shipments that wait to be published for a day or an earlier one.
    pub fn count_planned(&self, day: NaiveDate) -> Result<u32, ServiceError> {
        let sql = "SELECT count(*) FROM attempt JOIN shipment ON shipment.id = attempt.shipment
                   WHERE attempt.day <= ?1 AND attempt.state = 'planned' AND shipment.cancelled IS NULL";
        Ok(self.db.prepare_cached(sql)?.query_row([day.to_string()], |row| row.get(0))?)
    }

    /// Days before `day` that have attempts of which nobody has told anything, newest first, with how many.
    pub fn unreported_days(&self, day: NaiveDate) -> Result<Vec<(NaiveDate, u32)>, ServiceError> {
        let sql = "SELECT attempt.day, count(*) FROM attempt JOIN shipment ON shipment.id = attempt.shipment
                   WHERE attempt.state = 'open' AND attempt.day < ?1 AND shipment.cancelled IS NULL
                   GROUP BY attempt.day ORDER BY attempt.day DESC";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([day.to_string()], |row| Ok((row.get::<String>(0)?, row.get(1)?)))?;
        rows.map(|row| row.map_err(ServiceError::from).and_then(|(day, n)| Ok((read_day(&day)?, n))))
            .collect()
    }

    /// Every courier, by name.
    pub fn couriers(&self) -> Result<Vec<CourierRow>, ServiceError> {
        let sql = "SELECT id, name, dismissed_at, suspended_at,
                   (SELECT count(*) FROM installation WHERE courier = courier.id) FROM courier
                   ORDER BY dismissed_at IS NOT NULL, lower(name), rowid";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map(params![], |row| {
            Ok((
                (row.get::<String>(0)?, row.get(1)?, row.get(4)?),
                (row.get::<Option<i64>>(2)?, row.get::<Option<i64>>(3)?),
            ))
        })?;
        rows.map(|row| {
            let ((courier, name, phones), (dismissed, suspended)) = row?;
            let (dismissed_at, suspended_at) = (dismissed.map(UnixMs), suspended.map(UnixMs));
            Ok(CourierRow { id: id(courier)?, name, dismissed_at, suspended_at, phones })
        })
        .collect()
    }

    /// Facts that were parked, newest first, and how many there are in all.
    pub fn parked_facts(&self, most: u32) -> Result<(Vec<FactRow>, u32), ServiceError> {
        self.facts_like("status = 'parked'", most)
    }

    /// What phones told as incidents, newest first, and how many there are in all.
    pub fn incidents(&self, most: u32) -> Result<(Vec<FactRow>, u32), ServiceError> {
        self.facts_like("kind = 'incident'", most)
    }

    fn facts_like(&self, condition: &str, most: u32) -> Result<(Vec<FactRow>, u32), ServiceError> {
        let rest = format!("WHERE {condition} ORDER BY received_at DESC, rowid DESC LIMIT ?1");
        let rows = self.facts_where(&rest, params![most])?;
        let mut count = self.db.prepare_cached(&format!("SELECT count(*) FROM fact WHERE {condition}"))?;
        Ok((rows, count.query_row(params![], |row| row.get(0))?))
    }

    /// Shipments whose reference, order or a barcode begins so, whatever their day, newest first.
    pub fn shipments_called(&self, begin: &str, most: u32) -> Result<Vec<ShipmentId>, ServiceError> {
        let sql = "SELECT id FROM (
                     SELECT rowid AS r, id FROM shipment WHERE lower(ref) >= ?1 AND lower(ref) < ?2
                     UNION SELECT rowid, id FROM shipment WHERE lower(order_ref) >= ?1 AND lower(order_ref) < ?2
                     UNION SELECT shipment.rowid, shipment.id FROM parcel JOIN shipment ON shipment.id = parcel.shipment
                       WHERE lower(parcel.barcode) >= ?1 AND lower(parcel.barcode) < ?2
                   ) AS found ORDER BY r DESC LIMIT ?3";
        let mut query = self.db.prepare_cached(sql)?;
        let begin = begin.to_ascii_lowercase();
        let end = format!("{begin}\u{10ffff}");
        let rows = query.query_map(params![begin, end, most], |row| row.get::<String>(0))?;
        rows.map(|row| id(row?)).collect()
    }

    /// The recipients of a day.
    pub fn recipients(&self, day: NaiveDate) -> Result<Vec<(ShipmentId, String)>, ServiceError> {
        let sql = "SELECT DISTINCT shipment.id, shipment.recipient_name FROM attempt
                   JOIN shipment ON shipment.id = attempt.shipment WHERE attempt.day = ?1";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([day.to_string()], |row| Ok((row.get::<String>(0)?, row.get(1)?)))?;
        rows.map(|row| row.map_err(ServiceError::from).and_then(|(row, name)| Ok((id(row)?, name)))).collect()
    }

    /// The mails of every template about a code or a fact.
    pub fn mails_about(&self, about: &str) -> Result<Vec<MailStanding>, ServiceError> {
        const TEMPLATES: [&str; 7] = [
            "your_code",
            "code_replaced",
            "code_frozen",
            "attempt_failed",
            "still_coming",
            "delivered",
            "at_neighbour",
        ];
        let sql = "SELECT template, due, sent, given_up FROM mail WHERE dedupe = ?1";
        let mut query = self.db.prepare_cached(sql)?;
        let mut found = Vec::new();
        for template in TEMPLATES {
            let row = query.query_row([format!("{template}/{about}")], |row| {
                Ok(MailStanding {
                    template: row.get(0)?,
                    due: UnixMs(row.get(1)?),
                    sent: row.get::<Option<i64>>(2)?.map(UnixMs),
                    given_up: row.get::<Option<i64>>(3)?.map(UnixMs),
                })
            });
            found.extend(row.optional()?);
        }
        Ok(found)
    }

    /// What the office did about something: when, and what.
    pub fn audit_about(&self, about: &str) -> Result<Vec<(UnixMs, String)>, ServiceError> {
        let mut query = self.db.prepare_cached("SELECT at, what FROM audit WHERE about = ?1 ORDER BY n")?;
        let rows = query.query_map([about], |row| Ok((UnixMs(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn map_stop(row: &Row<'_>) -> Result<MapStop, ServiceError> {
    let place: Place = serde_json::from_str(&row.get::<String>(1)?)?;
    Ok(MapStop { id: id(row.get(0)?)?, pin: place.pin, until: place.window.map(|window| window.to) })
}

fn read_day(text: &str) -> Result<NaiveDate, ServiceError> {
    text.parse().map_err(|_| ServiceError::fault("a stored day is unreadable"))
}
