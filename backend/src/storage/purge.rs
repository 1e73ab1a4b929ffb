//! What goes when nobody needs it any more.

use chrono::NaiveDate;
use courier_domain::UnixMs;

use super::Tx;
use super::sql::{OptionalExtension, ToSql, params};
use crate::error::ServiceError;
use crate::import::Place;

impl Tx<'_> {
    /// When it was purged last.
    pub fn purged_at(&self) -> Result<Option<UnixMs>, ServiceError> {
        let sql = "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'purged_at'";
        Ok(self.db.query_row(sql, params![], |row| row.get(0)).optional()?.map(UnixMs))
    }

    /// It was purged.
    pub fn set_purged_at(&mut self, now: UnixMs) -> Result<(), ServiceError> {
        let sql = "INSERT INTO meta (name, value) VALUES ('purged_at', ?1)
                   ON CONFLICT (name) DO UPDATE SET value = ?1";
        self.db.execute(sql, [now.0.to_string()])?;
        Ok(())
    }

    fn changed(&mut self, sql: &str, given: &[&dyn ToSql]) -> Result<u64, ServiceError> {
        Ok(self.db.change(sql, given)? as u64)
    }

    /// Codes and tokens that let nobody in any more, and where couriers were the day before.
    pub fn drop_expired(&mut self, now: UnixMs) -> Result<(), ServiceError> {
        for table in ["enrolment", "token", "assertion", "invitation"] {
            self.changed(&format!("DELETE FROM {table} WHERE expires <= ?1"), params![now.0])?;
        }
        self.changed("DELETE FROM whereabouts WHERE at <= ?1", params![now.0 - 24 * 3_600_000])?;
        Ok(())
    }

    /// Private parts of facts that came up to then.
    pub fn drop_private_parts(&mut self, until: UnixMs) -> Result<u64, ServiceError> {
        let sql = "DELETE FROM fact_private WHERE hash IN (SELECT hash FROM fact WHERE received_at <= ?1)";
        self.changed(sql, params![until.0])
    }

    /// Texts of disputes that came up to then, and notes of decisions that were made up to then.
    pub fn drop_dispute_texts(&mut self, until: UnixMs) -> Result<u64, ServiceError> {
        let notes = "UPDATE review SET note = NULL WHERE decided_at <= ?1 AND note IS NOT NULL";
        self.changed(notes, params![until.0])?;
        let sql = "UPDATE dispute SET text = NULL WHERE at <= ?1 AND text IS NOT NULL";
        self.changed(sql, params![until.0])
    }

    /// What stands in mails that were sent or given up until then. That they were sent is kept: none comes twice.
    pub fn empty_mails(&mut self, until: UnixMs) -> Result<u64, ServiceError> {
        let sql = "UPDATE mail SET sealed = ?2 WHERE coalesce(sent, given_up) <= ?1 AND length(sealed) > 0";
        self.changed(sql, params![until.0, [].as_slice() as &[u8]])
    }

    /// Names, addresses and instructions of shipments whose last attempt was planned for that day or an earlier one.
    pub fn forget_shipments(&mut self, until: NaiveDate, now: UnixMs) -> Result<u64, ServiceError> {
        let old = "SELECT id FROM shipment WHERE forgotten IS NULL AND id IN
                   (SELECT shipment FROM attempt GROUP BY shipment HAVING max(day) <= ?1)";
        let day = until.to_string();
        for sql in [
            format!("DELETE FROM instruction WHERE shipment IN ({old})"),
            format!("UPDATE item SET name = NULL WHERE shipment IN ({old})"),
        ] {
            self.changed(&sql, params![day])?;
        }
        // What phones got of the route goes with it; they forgot it long ago.
        let routes = "SELECT id FROM route WHERE day <= ?1";
        self.changed(&format!("DELETE FROM route_object WHERE route IN ({routes})"), params![day])?;
        let stops = format!("SELECT id, body FROM stop WHERE key <> id AND route IN ({routes})");
        for (stop, place) in self.places(&stops, &day)? {
            self.changed("UPDATE stop SET key = id, body = ?2 WHERE id = ?1", params![stop, place])?;
        }
        let shipments = self.places(&format!("SELECT id, place FROM shipment WHERE id IN ({old})"), &day)?;
        // The identifier is as long as no hash of a token is.
        let sql = "UPDATE shipment SET forgotten = ?2, customer_email = '', recipient_name = '', recipient_phone = NULL, place = ?3, tracking_sha256 = ?4,
                   cancelled = CASE WHEN cancelled IS NOT NULL THEN '' END WHERE id = ?1";
        let mut forgotten = 0;
        for (shipment, place) in shipments {
            forgotten += self.changed(sql, params![shipment, now.0, place, shipment.as_bytes()])?;
        }
        Ok(forgotten)
    }

    /// Places by the identifiers of what is there, as they are to be kept.
    fn places(&self, sql: &str, day: &str) -> Result<Vec<(String, String)>, ServiceError> {
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([day], |row| Ok((row.get(0)?, row.get::<String>(1)?)))?;
        rows.map(|row| {
            let (id, place) = row?;
            let place: Place = serde_json::from_str(&place)?;
            Ok((id, serde_json::to_string(&place.forgotten())?))
        })
        .collect()
    }

    /// Names of couriers who were dismissed up to then.
    pub fn forget_couriers(&mut self, until: UnixMs) -> Result<u64, ServiceError> {
        self.changed("UPDATE courier SET name = '' WHERE dismissed_at <= ?1 AND name <> ''", params![until.0])
    }

    /// The audit up to then.
    pub fn drop_audit(&mut self, until: UnixMs) -> Result<u64, ServiceError> {
        self.changed("DELETE FROM audit WHERE at <= ?1", params![until.0])
    }
}
