//! Shipments, their items, parcels, instructions and attempts.

use chrono::NaiveDate;
use courier_domain::{
    AttemptId, CourierId, FactId, InstallId, Instruction, ParcelId, PhoneNumber, Reason, RouteId, ShipmentId,
    StopId, Tries, UnixMs,
};
use serde::{Deserialize, Serialize};

use super::sql::{OptionalExtension, Row, ToSql, params};
use super::{Tx, id};
use crate::error::ServiceError;
use crate::import::{ImportedItem, Place};

/// A shipment.
#[derive(Debug, Clone)]
pub struct ShipmentRow {
    /// Identifier.
    pub id: ShipmentId,
    /// Who sent it.
    pub sender: String,
    /// The sender's own reference.
    pub reference: String,
    /// The customer's order.
    pub order_ref: String,
    /// SHA-256 of what was imported.
    pub content_sha256: Vec<u8>,
    /// Where mails go.
    pub customer_email: String,
    /// The customer's language, BCP 47.
    pub lang: String,
    /// The name on the label.
    pub recipient_name: String,
    /// Whom the courier may call.
    pub recipient_phone: Option<PhoneNumber>,
    /// Where it goes.
    pub place: Place,
    /// Time zone of the address.
    pub tz: String,
    /// Frozen at import.
    pub code_required: bool,
    /// Why the office cancelled it.
    pub cancelled: Option<String>,
    /// Hash of the tracking token.
    pub tracking_sha256: Vec<u8>,
    /// The tracking token, sealed.
    pub tracking_sealed: Vec<u8>,
    /// When its names and addresses were purged.
    pub forgotten: Option<UnixMs>,
}

/// One piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelRow {
    /// Identifier.
    pub id: ParcelId,
    /// On its label.
    pub barcode: String,
    /// What happened to it last; absent = nothing yet.
    pub outcome: Option<OutcomeRow>,
}

/// What happened to a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeRow {
    /// The fact that says so.
    pub fact: FactId,
    /// The attempt that it is about.
    pub attempt: AttemptId,
    /// Why it was not delivered; absent = it was handed over.
    pub failed: Option<Reason>,
}

/// How the identifier begins of what the office delivered without a fact.
const BY_HAND: &str = "hand-";

impl OutcomeRow {
    /// The name under which the office has delivered something itself.
    pub fn by_hand(random: &str) -> Result<FactId, ServiceError> {
        id(format!("{BY_HAND}{random}"))
    }

    /// Whether the office has delivered it itself. No phone makes such an identifier: they are UUIDs.
    pub fn is_by_hand(&self) -> bool {
        self.fact.as_str().starts_with(BY_HAND)
    }
}

impl ParcelRow {
    /// Whether somebody has it.
    pub fn is_handed(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.failed.is_none())
    }

    /// Whether it belongs to this attempt: nothing happened to it at another.
    pub fn is_of(&self, attempt: &AttemptId) -> bool {
        self.outcome.as_ref().is_none_or(|outcome| outcome.attempt == *attempt)
    }
}

/// One try to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// Identifier.
    pub id: AttemptId,
    /// The shipment.
    pub shipment: ShipmentId,
    /// 1 for the first.
    pub no: u32,
    /// The delivery day.
    pub day: NaiveDate,
    /// The route that it is on.
    pub route: Option<RouteId>,
    /// The stop that it is at.
    pub stop: Option<StopId>,
    /// Where it stands.
    pub state: AttemptState,
    /// Why it failed.
    pub reason: Option<Reason>,
    /// Wrong entries known here. Never goes down.
    pub tries_used: u32,
    /// Wrong entries that it allows in all. Never goes down.
    pub budget: u32,
    /// Revision since which phones know the budget.
    pub budget_rev: u64,
    /// Whom it was imported for; absent = anybody.
    pub courier: Option<CourierId>,
}

/// Where an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Its day comes.
    Planned,
    /// It is on a published route.
    Open,
    /// Everything was handed over, and what needs the judge waits for it.
    Handed,
    /// Everything was handed over, and that is certain.
    Delivered,
    /// Something was not delivered.
    Failed,
    /// A later fact made it needless.
    Superseded,
}

impl AttemptState {
    /// Whether somebody is still to come.
    pub fn is_awaited(self) -> bool {
        matches!(self, Self::Planned | Self::Open)
    }
}

/// A word of an enum, as it is stored.
pub(super) fn word(value: &impl Serialize) -> Result<String, ServiceError> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        _ => Err(ServiceError::fault("not a word")),
    }
}

pub(super) fn of_word<T: serde::de::DeserializeOwned>(word: String) -> Result<T, ServiceError> {
    Ok(serde_json::from_value(serde_json::Value::String(word))?)
}

const ATTEMPT: &str = "SELECT id, shipment, no, day, route, stop, state, reason, tries_used, courier, budget, budget_rev FROM attempt";
const SHIPMENT: &str =
    "SELECT id, sender, ref, order_ref, content_sha256, customer_email, lang, recipient_name, place,
                        tz, code_required, cancelled, tracking_sha256, tracking_sealed, forgotten, recipient_phone FROM shipment";

impl Tx<'_> {
    /// Stores a shipment with everything in it.
    pub fn add_shipment(
        &mut self,
        row: &ShipmentRow,
        items: &[ImportedItem],
        parcels: &[ParcelRow],
        instructions: &[Instruction],
    ) -> Result<(), ServiceError> {
        self.db
            .prepare_cached(
                "INSERT INTO shipment (id, sender, ref, order_ref, content_sha256, customer_email, lang, recipient_name,
                 place, tz, code_required, tracking_sha256, tracking_sealed, recipient_phone)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?
            .execute(params![
                row.id.as_str(),
                row.sender,
                row.reference,
                row.order_ref,
                row.content_sha256,
                row.customer_email,
                row.lang,
                row.recipient_name,
                serde_json::to_string(&row.place)?,
                row.tz,
                row.code_required,
                row.tracking_sha256,
                row.tracking_sealed,
                row.recipient_phone.as_ref().map(PhoneNumber::as_str),
            ])?;
        for item in items {
            let sql = "INSERT INTO item (shipment, name, value_minor, currency) VALUES (?1, ?2, ?3, ?4)";
            let given = params![row.id.as_str(), item.name, item.value, item.currency];
            self.db.prepare_cached(sql)?.execute(given)?;
        }
        for parcel in parcels {
            let sql = "INSERT INTO parcel (id, shipment, barcode) VALUES (?1, ?2, ?3)";
            self.db.prepare_cached(sql)?.execute([parcel.id.as_str(), row.id.as_str(), &parcel.barcode])?;
        }
        for instruction in instructions {
            self.put_instruction(&row.id, instruction)?;
        }
        Ok(())
    }

    /// Adds or changes an instruction.
    pub fn put_instruction(
        &mut self,
        shipment: &ShipmentId,
        given: &Instruction,
    ) -> Result<(), ServiceError> {
        let sql = "INSERT INTO instruction (id, shipment, origin, body, rev) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (id) DO UPDATE SET shipment = ?2, origin = ?3, body = ?4, rev = ?5";
        let body = serde_json::to_string(given)?;
        let params = params![given.id.as_str(), shipment.as_str(), word(&given.origin)?, body, given.rev];
        self.db.prepare_cached(sql)?.execute(params)?;
        Ok(())
    }

    fn shipment_where(
        &self,
        condition: &str,
        given: &[&dyn ToSql],
    ) -> Result<Option<ShipmentRow>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{SHIPMENT} WHERE {condition}"))?;
        query.query_row(given, |row| Ok(shipment_row(row))).optional()?.transpose()
    }

    /// A shipment.
    pub fn shipment(&self, id: &ShipmentId) -> Result<Option<ShipmentRow>, ServiceError> {
        self.shipment_where("id = ?1", params![id.as_str()])
    }

    /// The shipment with a sender's reference.
    pub fn shipment_by_ref(
        &self,
        sender: &str,
        reference: &str,
    ) -> Result<Option<ShipmentRow>, ServiceError> {
        self.shipment_where("sender = ?1 AND ref = ?2", params![sender, reference])
    }

    /// The shipment of a tracking token.
    pub fn shipment_by_tracking(&self, sha256: &[u8]) -> Result<Option<ShipmentRow>, ServiceError> {
        self.shipment_where("tracking_sha256 = ?1", params![sha256])
    }

    /// Every shipment, oldest first.
    pub fn shipments(&self) -> Result<Vec<ShipmentRow>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{SHIPMENT} ORDER BY rowid"))?;
        let rows = query.query_map(params![], |row| Ok(shipment_row(row)))?;
        rows.map(|row| row?).collect()
    }

    /// The office cancels a shipment.
    pub fn cancel_shipment(&mut self, id: &ShipmentId, why: &str) -> Result<(), ServiceError> {
        self.db.execute("UPDATE shipment SET cancelled = ?2 WHERE id = ?1", [id.as_str(), why])?;
        Ok(())
    }

    /// The parcels of a shipment, in the order of the import.
    pub fn parcels(&self, shipment: &ShipmentId) -> Result<Vec<ParcelRow>, ServiceError> {
        let sql =
            "SELECT id, barcode, coalesce(handed_by, failed_by), outcome_attempt, failed_why FROM parcel
                   WHERE shipment = ?1 ORDER BY rowid";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([shipment.as_str()], |row| Ok(parcel_row(row)))?;
        rows.map(|row| row?).collect()
    }

    /// What happened to a parcel; absent = it is with the courier again.
    pub fn set_outcome(
        &mut self,
        parcel: &ParcelId,
        outcome: Option<&OutcomeRow>,
    ) -> Result<(), ServiceError> {
        let sql = "UPDATE parcel SET handed_by = ?2, failed_by = ?3, failed_why = ?4, outcome_attempt = ?5 WHERE id = ?1";
        let fact = outcome.map(|outcome| outcome.fact.as_str());
        let failed = outcome.and_then(|outcome| outcome.failed);
        self.db.prepare_cached(sql)?.execute(params![
            parcel.as_str(),
            fact.filter(|_| failed.is_none()),
            fact.filter(|_| failed.is_some()),
            failed.as_ref().map(word).transpose()?,
            outcome.map(|outcome| outcome.attempt.as_str()),
        ])?;
        Ok(())
    }

    /// The instructions of a shipment, oldest first.
    pub fn instructions(&self, shipment: &ShipmentId) -> Result<Vec<Instruction>, ServiceError> {
        let sql = "SELECT body FROM instruction WHERE shipment = ?1 ORDER BY rev, rowid";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([shipment.as_str()], |row| row.get::<String>(0))?;
        rows.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
    }

    /// Plans an attempt, or changes one.
    pub fn put_attempt(&mut self, row: &AttemptRow) -> Result<(), ServiceError> {
        let sql = "INSERT INTO attempt (id, shipment, no, day, route, stop, state, reason, tries_used, courier, budget, budget_rev)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                   ON CONFLICT (id) DO UPDATE SET day = ?4, route = ?5, stop = ?6, state = ?7, reason = ?8, tries_used = ?9,
                   courier = ?10, budget = ?11, budget_rev = ?12";
        self.db.prepare_cached(sql)?.execute(params![
            row.id.as_str(),
            row.shipment.as_str(),
            row.no,
            row.day.to_string(),
            row.route.as_ref().map(RouteId::as_str),
            row.stop.as_ref().map(StopId::as_str),
            word(&row.state)?,
            row.reason.as_ref().map(word).transpose()?,
            row.tries_used,
            row.courier.as_ref().map(CourierId::as_str),
            row.budget,
            row.budget_rev,
        ])?;
        Ok(())
    }

    /// The route that an attempt is on.
    pub fn route_of_attempt(&self, attempt: &AttemptId) -> Result<Option<RouteId>, ServiceError> {
        let mut query = self.db.prepare_cached("SELECT route FROM attempt WHERE id = ?1")?;
        let found = query.query_row([attempt.as_str()], |row| row.get::<Option<String>>(0)).optional()?;
        found.flatten().map(id).transpose()
    }

    /// A phone entered a wrong code.
    pub fn add_miss(&mut self, attempt: &AttemptId, install: &InstallId) -> Result<(), ServiceError> {
        let sql = "INSERT INTO miss (attempt, install, n) VALUES (?1, ?2, 1)
                   ON CONFLICT (attempt, install) DO UPDATE SET n = miss.n + 1";
        self.db.prepare_cached(sql)?.execute([attempt.as_str(), install.as_str()])?;
        Ok(())
    }

    /// Wrong entries of an attempt, by the phone that made them.
    pub fn misses(&self, attempt: &AttemptId) -> Result<Vec<Tries>, ServiceError> {
        let sql = "SELECT install, n FROM miss WHERE attempt = ?1 ORDER BY install";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([attempt.as_str()], |row| Ok((row.get::<String>(0)?, row.get(1)?)))?;
        rows.map(|row| {
            row.map_err(Into::into).and_then(|(install, n)| Ok(Tries { install: id(install)?, n }))
        })
        .collect()
    }

    fn attempts_where(&self, rest: &str, given: &[&dyn ToSql]) -> Result<Vec<AttemptRow>, ServiceError> {
        let mut query = self.db.prepare_cached(&format!("{ATTEMPT} {rest}"))?;
        let rows = query.query_map(given, |row| Ok(attempt_row(row)))?;
        rows.map(|row| row?).collect()
    }

    /// An attempt.
    pub fn attempt(&self, id: &AttemptId) -> Result<Option<AttemptRow>, ServiceError> {
        Ok(self.attempts_where("WHERE id = ?1", params![id.as_str()])?.pop())
    }

    /// The attempts at a stop of a route.
    pub fn attempts_at(&self, stop: &StopId) -> Result<Vec<AttemptRow>, ServiceError> {
        self.attempts_where("WHERE stop = ?1 ORDER BY rowid", params![stop.as_str()])
    }

    /// The attempts of a shipment, first to last.
    pub fn attempts(&self, shipment: &ShipmentId) -> Result<Vec<AttemptRow>, ServiceError> {
        self.attempts_where("WHERE shipment = ?1 ORDER BY no", params![shipment.as_str()])
    }

    /// The attempts planned for a day, or an earlier one that nobody published, that a courier may take: those
    /// imported for them, for nobody, or for somebody who was dismissed or is suspended. In the order of their import.
    pub fn planned_attempts(
        &self,
        day: NaiveDate,
        courier: &CourierId,
    ) -> Result<Vec<AttemptRow>, ServiceError> {
        let rest = "WHERE day <= ?1 AND state = 'planned' AND (courier IS NULL OR courier = ?2
                    OR courier IN (SELECT id FROM courier WHERE dismissed_at IS NOT NULL
                    OR suspended_at IS NOT NULL)) ORDER BY rowid";
        self.attempts_where(rest, params![day.to_string(), courier.as_str()])
    }
}

fn shipment_row(row: &Row<'_>) -> Result<ShipmentRow, ServiceError> {
    Ok(ShipmentRow {
        id: id(row.get(0)?)?,
        sender: row.get(1)?,
        reference: row.get(2)?,
        order_ref: row.get(3)?,
        content_sha256: row.get(4)?,
        customer_email: row.get(5)?,
        lang: row.get(6)?,
        recipient_name: row.get(7)?,
        place: serde_json::from_str(&row.get::<String>(8)?)?,
        tz: row.get(9)?,
        code_required: row.get(10)?,
        cancelled: row.get(11)?,
        tracking_sha256: row.get(12)?,
        tracking_sealed: row.get(13)?,
        forgotten: row.get::<Option<i64>>(14)?.map(UnixMs),
        recipient_phone: row.get::<Option<String>>(15)?.map(id).transpose()?,
    })
}

fn parcel_row(row: &Row<'_>) -> Result<ParcelRow, ServiceError> {
    let fact: Option<String> = row.get(2)?;
    let attempt: Option<String> = row.get(3)?;
    let outcome = match fact.zip(attempt) {
        Some((fact, attempt)) => Some(OutcomeRow {
            fact: id(fact)?,
            attempt: id(attempt)?,
            failed: row.get::<Option<String>>(4)?.map(of_word).transpose()?,
        }),
        None => None,
    };
    Ok(ParcelRow { id: id(row.get(0)?)?, barcode: row.get(1)?, outcome })
}

fn attempt_row(row: &Row<'_>) -> Result<AttemptRow, ServiceError> {
    let day: String = row.get(3)?;
    Ok(AttemptRow {
        id: id(row.get(0)?)?,
        shipment: id(row.get(1)?)?,
        no: row.get(2)?,
        day: day.parse().map_err(|_| ServiceError::fault("a stored day is unreadable"))?,
        route: row.get::<Option<String>>(4)?.map(id).transpose()?,
        stop: row.get::<Option<String>>(5)?.map(id).transpose()?,
        state: of_word(row.get(6)?)?,
        reason: row.get::<Option<String>>(7)?.map(of_word).transpose()?,
        tries_used: row.get(8)?,
        courier: row.get::<Option<String>>(9)?.map(id).transpose()?,
        budget: row.get(10)?,
        budget_rev: row.get(11)?,
    })
}
