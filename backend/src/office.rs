//! What the office does, each in one transaction with its line in the audit: who, what, when, about what.

mod api_keys;
mod people;
mod planning;

use chrono::NaiveDate;
use courier_domain::{AttemptId, CourierId, RouteId, ShipmentId, UnixMs};
use courier_protocol::{ExportFile, ObjectKind, ProblemKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use api_keys::NewKey;
pub use people::{LoggedIn, NewLink, SESSION_IDLE_MS, SESSION_MS};

use crate::access;
use crate::decision::{self, Decision};
use crate::dispatch::{self, RouteOrder};
use crate::error::ServiceError;
use crate::export::{self, Taken};
use crate::facts::Desk;
use crate::import::{self, Day, ImportReport};
use crate::issue::{self, Asker};
use crate::outcomes::kill_codes;
use crate::planted::{Bug, Planted};
use crate::publish::{self, shipment_of};
use crate::seal::Sealer;
use crate::service::Service;
use crate::storage::{AttemptState, AuditRow, Tx};

/// What somebody of the office may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, also who may what.
    Admin,
    /// Everything about deliveries.
    Office,
}

impl Role {
    /// A stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Office => "office",
        }
    }
}

/// What a key of a program may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Import shipments and ask about them.
    Shop,
    /// Everything about deliveries.
    Office,
    /// Read figures about the backend.
    Metrics,
}

impl Reach {
    /// A stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Office => "office",
            Self::Metrics => "metrics",
        }
    }

    /// The reach with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Shop, Self::Office, Self::Metrics].into_iter().find(|reach| reach.word() == word)
    }
}

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody of the office, by the identifier of their account.
    Account(String),
    /// A program, by the identifier of its key.
    Key(String),
    /// A program with a key of the configuration.
    Configured(Reach),
    /// Somebody at the machine itself.
    Machine,
}

impl Actor {
    fn word(&self) -> String {
        match self {
            Self::Account(id) => format!("account/{id}"),
            Self::Key(id) => format!("key/{id}"),
            Self::Configured(reach) => format!("configuration/{}", reach.word()),
            Self::Machine => "machine".into(),
        }
    }
}

/// The office, in the name of somebody.
pub struct Office<'a> {
    service: &'a Service,
    by: Actor,
}

/// Longest reason of a cancellation, in bytes: phones refuse an op with a longer one.
const MAX_WHY: usize = 200;

impl Service {
    /// The office, in the name of somebody. Whether they may is for the caller to know.
    pub fn office(&self, by: Actor) -> Office<'_> {
        Office { service: self, by }
    }
}

impl Office<'_> {
    /// Does something and writes it down. `work` says what came of it, and the identifier that it is about.
    fn act<T>(
        &self,
        what: &'static str,
        work: impl FnOnce(&mut Tx<'_>, &mut Sealer<'_>, UnixMs) -> Result<(T, String), ServiceError>,
    ) -> Result<T, ServiceError> {
        let done = self.service.transact(|tx, seal, now| {
            let (done, about) = work(tx, seal, now)?;
            write_down(tx, &self.by, what, about, now)?;
            Ok(done)
        })?;
        if let Some(travel) = self.service.travel() {
            travel.ring();
        }
        Ok(done)
    }

    /// Imports a day: all of it, or nothing when there is a problem.
    pub fn import(&self, day: &Day) -> Result<ImportReport, ServiceError> {
        let mut failed = None;
        let result = self.act("import", |tx, seal, _| {
            let report = import::import(tx, day, self.service.config(), seal)?;
            if report.errors.is_empty() {
                return Ok((report, day.day.to_string()));
            }
            failed = Some(ImportReport { created: 0, unchanged: 0, errors: report.errors });
            Err(ServiceError::refused(ProblemKind::Refused, "nothing was imported"))
        });
        match failed {
            Some(report) => Ok(report),
            None => result,
        }
    }

    /// Adds a courier.
    pub fn add_courier(&self, name: &str) -> Result<CourierId, ServiceError> {
        self.act("add-courier", |tx, seal, _| {
            let id = access::add_courier(tx, name, seal.rng)?;
            Ok((id.clone(), id.as_str().to_owned()))
        })
    }

    /// Makes a code that enrols one phone for a courier.
    pub fn add_enrolment(&self, courier: &CourierId) -> Result<String, ServiceError> {
        self.act("add-enrolment", |tx, seal, now| {
            Ok((access::add_enrolment(tx, courier, seal.rng, now)?, courier.as_str().to_owned()))
        })
    }

    /// Dismisses a courier: from now on their phones can only hand in facts.
    pub fn dismiss(&self, courier: &CourierId) -> Result<(), ServiceError> {
        self.act("dismiss", |tx, _, now| {
            let found = tx.dismiss(courier, now)?;
            if found { Ok(((), courier.as_str().to_owned())) } else { Err(ServiceError::not_found()) }
        })
    }

    /// Lifts a courier's suspension. Decoys up to now do not count any more.
    pub fn reinstate(&self, courier: &CourierId) -> Result<(), ServiceError> {
        self.act("reinstate", |tx, _, now| {
            if tx.courier_name(courier)?.is_none() {
                return Err(ServiceError::not_found());
            }
            tx.reinstate(courier, now)?;
            Ok(((), courier.as_str().to_owned()))
        })
    }

    /// Publishes a courier's route of a day.
    pub fn publish(&self, courier: &CourierId, day: NaiveDate) -> Result<RouteId, ServiceError> {
        let route = self.act("publish", |tx, seal, now| {
            let route = publish::publish(tx, courier, day, self.service.config(), seal, now)?;
            Ok((route.clone(), route.as_str().to_owned()))
        })?;
        self.service.mails_are_due();
        Ok(route)
    }

    /// New codes for an attempt. Nothing of them is answered.
    pub fn reissue(&self, attempt: &AttemptId, request: &str) -> Result<(), ServiceError> {
        self.service.issue(|tx, mint| {
            let row = tx.attempt(attempt)?.ok_or_else(ServiceError::not_found)?;
            let shipment = shipment_of(tx, &row.shipment)?;
            issue::reissue(tx, row, &shipment, (request, Asker::Office), mint)?;
            write_down(tx, &self.by, "reissue", attempt.as_str().to_owned(), mint.now)
        })
    }

    /// Cancels a shipment that nobody has yet. Asked again it does nothing.
    pub fn cancel(&self, shipment: &ShipmentId, why: &str) -> Result<(), ServiceError> {
        // Phones show it, and refuse what is longer.
        if why.trim().is_empty() || why.len() > MAX_WHY || why.chars().any(char::is_control) {
            let wrong = format!("why: 1 to {MAX_WHY} bytes on one line");
            return Err(ServiceError::refused(ProblemKind::BadRequest, wrong));
        }
        self.act("cancel", |tx, _, _| {
            cancel(tx, shipment, why, self.service.config().planted)?;
            Ok(((), shipment.as_str().to_owned()))
        })
    }

    /// Gives a shipment that is on a route to another courier, or takes it off until it is published again.
    pub fn reassign(&self, shipment: &ShipmentId, to: Option<&CourierId>) -> Result<(), ServiceError> {
        self.act("reassign", |tx, seal, _| {
            let row = tx.shipment(shipment)?.ok_or_else(ServiceError::not_found)?;
            dispatch::reassign(tx, &row, to, self.service.config(), seal)?;
            Ok(((), shipment.as_str().to_owned()))
        })
    }

    /// Changes the order of a route's stops.
    pub fn reorder(&self, route: &RouteId, order: &RouteOrder) -> Result<(), ServiceError> {
        self.act("reorder", |tx, _, _| {
            dispatch::reorder(tx, route, order, self.service.config())?;
            Ok(((), route.as_str().to_owned()))
        })
    }

    /// Has handed a shipment over itself.
    pub fn delivered_by_hand(&self, shipment: &ShipmentId) -> Result<(), ServiceError> {
        self.act("delivered-by-hand", |tx, seal, now| {
            let row = tx.shipment(shipment)?.ok_or_else(ServiceError::not_found)?;
            dispatch::delivered_by_hand(tx, &row, seal, now)?;
            Ok(((), shipment.as_str().to_owned()))
        })?;
        self.service.mails_are_due();
        Ok(())
    }

    /// Decides a review, once.
    pub fn decide(&self, review: u64, decision: &Decision) -> Result<(), ServiceError> {
        let (keys, config) = (self.service.keys(), self.service.config());
        self.act("decide", |tx, seal, now| {
            decision::decide(tx, review, decision, &self.by.word(), &mut Desk { keys, config, seal, now })?;
            Ok(((), review.to_string()))
        })?;
        self.service.mails_are_due();
        Ok(())
    }

    /// Takes in what a phone exported instead of sending it. A fact that is known already counts once.
    pub fn take_export(&self, file: &ExportFile) -> Result<Taken, ServiceError> {
        let (from, requests) = self.act("take-export", |tx, _, _| {
            let (from, requests) = export::open(tx, file, self.service.keys())?;
            let about = from.install.as_str().to_owned();
            Ok(((from, requests), about))
        })?;
        let mut taken = Taken::default();
        for mut request in requests {
            // Nobody offers a file again: all of it is stored now.
            self.service.epoch().clone_into(&mut request.epoch);
            let answer = self.service.accept(&from, &request, "export")?;
            taken.facts += answer.results.len() as u64;
            taken.new += answer.results.iter().filter(|result| !result.dup).count() as u64;
        }
        Ok(taken)
    }

    /// What was done last, newest first.
    pub fn audit(&self, most: u32) -> Result<Vec<AuditRow>, ServiceError> {
        self.service.look(|tx, _| tx.audit(most))
    }
}

fn cancel(tx: &mut Tx<'_>, shipment: &ShipmentId, why: &str, planted: Planted) -> Result<(), ServiceError> {
    let row = tx.shipment(shipment)?.ok_or_else(ServiceError::not_found)?;
    if row.cancelled.is_some() {
        return Ok(());
    }
    let attempts = tx.attempts(&row.id)?;
    if attempts.iter().any(|it| matches!(it.state, AttemptState::Handed | AttemptState::Delivered)) {
        return Err(ServiceError::refused(ProblemKind::Conflict, "it was handed over"));
    }
    tx.cancel_shipment(&row.id, why)?;
    for attempt in attempts.into_iter().filter(|it| it.state == AttemptState::Open) {
        kill_codes(tx, &attempt, why)?;
        if let Some(route) = attempt.route.as_ref().filter(|_| !planted.is(Bug::TombstoneForgotten)) {
            tx.take_object(route, ObjectKind::Shipment, row.id.as_str(), why)?;
        }
    }
    Ok(())
}

fn write_down(
    tx: &mut Tx<'_>,
    by: &Actor,
    what: &str,
    about: String,
    now: UnixMs,
) -> Result<(), ServiceError> {
    tx.add_audit(&AuditRow { at: now, who: by.word(), what: what.into(), about })
}
