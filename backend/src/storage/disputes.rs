//! What customers object to.

use courier_domain::{ShipmentId, UnixMs};

use super::Tx;
use super::sql::{OptionalExtension, params};
use crate::error::ServiceError;

/// A customer's objection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeRow {
    /// Identifier.
    pub id: String,
    /// The shipment that it is about.
    pub shipment: ShipmentId,
    /// What makes it the same objection when it is sent again.
    pub request: String,
    /// A stable word.
    pub kind: &'static str,
    /// What the customer says about it, sealed.
    pub text: Option<Vec<u8>>,
    /// When it came.
    pub at: UnixMs,
}

impl Tx<'_> {
    /// Stores an objection.
    pub fn add_dispute(&mut self, row: &DisputeRow) -> Result<(), ServiceError> {
        let sql =
            "INSERT INTO dispute (id, shipment, request, kind, text, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let given = params![row.id, row.shipment.as_str(), row.request, row.kind, row.text, row.at.0];
        self.db.prepare_cached(sql)?.execute(given)?;
        Ok(())
    }

    /// Whether an objection came already, and how many there are about its shipment.
    pub fn disputes(&self, shipment: &ShipmentId, request: &str) -> Result<(bool, u32), ServiceError> {
        let sql = "SELECT coalesce(max(CASE WHEN request = ?2 THEN 1 ELSE 0 END), 0), count(*) FROM dispute WHERE shipment = ?1";
        let mut query = self.db.prepare_cached(sql)?;
        Ok(query.query_row([shipment.as_str(), request], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// What a customer said, sealed.
    pub fn dispute_text(&self, id: &str) -> Result<Option<Vec<u8>>, ServiceError> {
        let mut query = self.db.prepare_cached("SELECT text FROM dispute WHERE id = ?1")?;
        Ok(query.query_row([id], |row| row.get(0)).optional()?.flatten())
    }

    /// What a customer objected to: kind, when, and the identifier of its text.
    pub fn disputes_of(&self, shipment: &ShipmentId) -> Result<Vec<(String, UnixMs, String)>, ServiceError> {
        let sql = "SELECT kind, at, id FROM dispute WHERE shipment = ?1 ORDER BY at, rowid";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query
            .query_map([shipment.as_str()], |row| Ok((row.get(0)?, UnixMs(row.get(1)?), row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
