//! What goes when nobody needs it any more.

use chrono::NaiveDate;
use courier_domain::UnixMs;
use rusqlite::{OptionalExtension, params};

use super::{Storage, Tx};
use crate::error::ServiceError;

impl Storage {
    /// What was deleted is not in the log of changes either.
    pub fn forget_for_good(&self) -> Result<(), ServiceError> {
        // Whoever reads meanwhile holds it up: the next one does it.
        self.with_connection(|db| Ok(db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?))
    }
}

impl Tx<'_> {
    /// When it was purged last.
    pub fn purged_at(&self) -> Result<Option<UnixMs>, ServiceError> {
        let sql = "SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'purged_at'";
        Ok(self.db.query_row(sql, [], |row| row.get(0)).optional()?.map(UnixMs))
    }

    /// It was purged.
    pub fn set_purged_at(&mut self, now: UnixMs) -> Result<(), ServiceError> {
        let sql = "INSERT INTO meta (name, value) VALUES ('purged_at', ?1)
                   ON CONFLICT (name) DO UPDATE SET value = ?1";
        self.db.execute(sql, [now.0.to_string()])?;
        Ok(())
    }

    fn changed(&mut self, sql: &str, given: &[&dyn rusqlite::ToSql]) -> Result<u64, ServiceError> {
        Ok(self.db.execute(sql, given)? as u64)
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
        let sql = "UPDATE mail SET sealed = x'' WHERE coalesce(sent, given_up) <= ?1 AND sealed <> x''";
        self.changed(sql, params![until.0])
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
        let sql = format!(
            "UPDATE stop SET key = id, body = json_replace(json_remove(body, '$.flat', '$.access_notes', '$.parking_pin', '$.van_place'),
             '$.address.street', '', '$.address.house', '', '$.address.postcode', '', '$.address.city', '',
             '$.pin.lat', 0.0, '$.pin.lon', 0.0) WHERE key <> id AND route IN ({routes})"
        );
        self.changed(&sql, params![day])?;
        let sql = format!(
            "UPDATE shipment SET forgotten = ?2, customer_email = '', recipient_name = '', cancelled = iif(cancelled IS NULL, NULL, ''),
             tracking_sha256 = randomblob(32),
             place = json_replace(json_remove(place, '$.flat', '$.access_notes', '$.parking_pin', '$.van_place'), '$.address.street', '',
             '$.address.house', '', '$.address.postcode', '', '$.address.city', '', '$.pin.lat', 0.0, '$.pin.lon', 0.0)
             WHERE id IN ({old})"
        );
        self.changed(&sql, params![day, now.0])
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
