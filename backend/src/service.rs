//! The service: what the API, the pages and tests call. Every call is one transaction.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use chrono::NaiveDate;
use courier_codes::encoding::encode;
use courier_domain::{AttemptId, CourierId, InstallId, Jwk, RouteId, ShipmentId, UnixMs};
use courier_protocol::{
    Changes, EnrolAnswer, EnrolRequest, ExportFile, FactsAnswer, FactsRequest, ProblemKind, TokenAnswer,
    TokenRequest,
};
use rand_core::SeedableRng;
use schemars::JsonSchema;
use serde::Serialize;

use crate::access;
use crate::blobs::Shelf;
use crate::changes::{self, Told};
use crate::config::Config;
use crate::dispatch::RouteOrder;
use crate::entropy::{Entropy, ServiceClock, random_secret};
use crate::error::ServiceError;
use crate::export::Taken;
use crate::facts::{self, Desk};
use crate::import::{Day, ImportReport};
use crate::issue::{self, Asker, Mint};
use crate::keys::Keys;
use crate::mail::outbox::Outbox;
use crate::mail::worker::Bell;
use crate::office::Actor;
use crate::planted::Bug;
use crate::publish::shipment_of;
use crate::receipt;
use crate::received::{Received, received};
use crate::seal::Sealer;
use crate::storage::{AttemptRow, Installation, ParcelRow, ShipmentRow, Storage, Tx};
use crate::tracking;
use crate::travel::Travel;

mod customer;

/// The backend without HTTP.
pub struct Service {
    storage: Storage,
    epoch: String,
    config: Config,
    public_url: String,
    keys: Keys,
    clock: ServiceClock,
    rng: Mutex<Entropy>,
    outbox: Mutex<Outbox>,
    bell: Bell,
    shelf: Shelf,
    travel: Option<Travel>,
}

/// The database's file in the data folder.
pub(crate) const DATABASE: &str = "backend.db";

/// Sums that a demo or an operator compares with what phones say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Totals {
    /// Facts per kind; `parked` are those that nobody could read.
    pub facts: std::collections::BTreeMap<String, u64>,
    /// Shipments per state of the tracking page.
    pub shipments: std::collections::BTreeMap<String, u64>,
    /// Parcels that somebody has.
    pub parcels_handed: u64,
    /// Evidence files that are complete.
    pub files: u64,
    /// Mails that were sent or are due by now, per template.
    pub mails: std::collections::BTreeMap<String, u64>,
    /// Those of them that wait to be sent.
    pub mails_waiting: u64,
    /// Those of them that could not be sent and are not tried any more.
    pub mails_given_up: u64,
    /// What a person should look at, per cause.
    pub reviews: std::collections::BTreeMap<String, u64>,
}

/// The signed facts about a shipment, word for word. Facts are signed by a day's key, which a `day_started` fact names,
/// which the device's key signs: an ordinary JOSE library follows that chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HandoverReceipt {
    /// What the backend vouches for, a compact JWS of [`courier_protocol::HandoverPayload`] per handover.
    pub receipts: Vec<String>,
    /// Facts about its attempts, compact JWS.
    pub facts: Vec<String>,
    /// `day_started` facts of the installations that made them, compact JWS.
    pub days: Vec<String>,
    /// Device keys of these installations.
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")]
    pub device_keys: Vec<Jwk>,
}

impl Service {
    /// Opens the data folder, which is created.
    pub fn open(
        config: Config,
        public_url: String,
        clock: ServiceClock,
        mut rng: Entropy,
    ) -> Result<Self, ServiceError> {
        std::fs::create_dir_all(&config.data_dir)
            .map_err(|error| ServiceError::fault(format!("data folder: {error}")))?;
        let (keys, database) = (config.keys_file(), config.data_dir.join(DATABASE));
        #[cfg(feature = "test-endpoints")]
        let config = Config {
            database: config.database.clone().or_else(|| {
                let server = std::env::var("COURIER_TEST_DATABASE").ok()?;
                Storage::schema_for_test(&server, &config.data_dir)
            }),
            ..config
        };
        if config.database.is_some() && database.exists() {
            return Err(ServiceError::fault(
                "there is a database in the data folder and one on a server: `courier-backend move` moves it there",
            ));
        }
        // Fresh keys would open nothing of what is stored.
        let is_missing = || ServiceError::fault("keys.json is missing in the data folder: put it back");
        if database.exists() && !keys.exists() {
            return Err(is_missing());
        }
        let mut config = config;
        config.policy.load().map_err(|bad| ServiceError::fault(bad.to_string()))?;
        let storage = match &config.database {
            None => Storage::embedded(&database, &mut rng)?,
            Some(server) => Storage::on_server(server, &mut rng)?,
        };
        let (epoch, known) = storage.look(|tx| Ok((tx.epoch()?, tx.receipt_key()?)))?;
        if known.is_some() && !keys.exists() {
            return Err(is_missing());
        }
        let keys = Keys::load(&keys, &mut rng)?;
        let receipt_key = encode(&keys.receipt.public_sec1());
        match known {
            None => storage.transact(|tx| tx.set_receipt_key(&receipt_key))?,
            Some(known) if known == receipt_key => {}
            Some(_) => {
                return Err(ServiceError::fault("keys.json is not the one that this database was made with"));
            }
        }
        let shelf = Shelf::open(&config)?;
        let outbox = Mutex::new(Outbox::open(&config, &public_url)?);
        let travel = Travel::open(&config)?;
        let (rng, bell) = (Mutex::new(rng), Bell::default());
        Ok(Self { storage, epoch, config, public_url, keys, clock, rng, outbox, bell, shelf, travel })
    }

    /// The clock.
    pub fn clock(&self) -> &ServiceClock {
        &self.clock
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The address that phones, mails and pages use.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    pub(crate) fn mail_bell(&self) -> &Bell {
        &self.bell
    }

    pub(crate) fn outbox(&self) -> &Mutex<Outbox> {
        &self.outbox
    }

    pub(crate) fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// The service of travel times, if there is one.
    pub(crate) fn travel(&self) -> Option<&Travel> {
        self.travel.as_ref()
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.storage
    }

    /// The keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(crate) fn sealing<T>(&self, work: impl FnOnce(&mut Sealer<'_>) -> T) -> T {
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut Sealer { key: &self.keys.seal, rng: &mut rng })
    }

    /// A generator of its own, for work that takes a while.
    pub(crate) fn fresh_entropy(&self) -> Entropy {
        Entropy::from_rng(&mut *self.rng.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn transact<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>, &mut Sealer<'_>, UnixMs) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let now = self.clock.now();
        self.sealing(|seal| self.storage.transact(|tx| work(tx, seal, now)))
    }

    /// What is stored at one instant; `work` changes nothing of it.
    pub(crate) fn look<T>(
        &self,
        work: impl FnOnce(&Tx<'_>, UnixMs) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let now = self.clock.now();
        self.storage.look(|tx| work(tx, now))
    }

    /// Changes when the server was restored from a backup, and so never while it runs.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// The database was put back from a backup: the epoch changes, so that phones offer again what they have handed in
    /// since. It takes effect with the next start.
    pub fn restored(&self) -> Result<(), ServiceError> {
        if self.config.planted.is(Bug::EpochKept) {
            return Ok(());
        }
        self.transact(|tx, seal, _| tx.set_epoch(&random_secret(seal.rng)))
    }

    /// Imports a day, see [`Office::import`](crate::office::Office::import).
    pub fn import(&self, day: &Day) -> Result<ImportReport, ServiceError> {
        self.office(Actor::Machine).import(day)
    }

    /// Adds a courier.
    pub fn add_courier(&self, name: &str) -> Result<CourierId, ServiceError> {
        self.office(Actor::Machine).add_courier(name)
    }

    /// Makes a code that enrols one phone for a courier.
    pub fn add_enrolment(&self, courier: &CourierId) -> Result<String, ServiceError> {
        self.office(Actor::Machine).add_enrolment(courier)
    }

    /// Dismisses a courier: from now on their phones can only hand in facts.
    pub fn dismiss(&self, courier: &CourierId) -> Result<(), ServiceError> {
        self.office(Actor::Machine).dismiss(courier)
    }

    /// Lifts a courier's suspension.
    pub fn reinstate(&self, courier: &CourierId) -> Result<(), ServiceError> {
        self.office(Actor::Machine).reinstate(courier)
    }

    /// Publishes a courier's route of a day.
    pub fn publish(&self, courier: &CourierId, day: NaiveDate) -> Result<RouteId, ServiceError> {
        self.office(Actor::Machine).publish(courier, day)
    }

    /// The office cancels a shipment that nobody has yet.
    pub fn cancel(&self, shipment: &ShipmentId, why: &str) -> Result<(), ServiceError> {
        self.office(Actor::Machine).cancel(shipment, why)
    }

    /// The office gives a shipment that is on a route to another courier, or takes it off until it is published again.
    pub fn reassign(&self, shipment: &ShipmentId, to: Option<&CourierId>) -> Result<(), ServiceError> {
        self.office(Actor::Machine).reassign(shipment, to)
    }

    /// The office changes the order of a route's stops.
    pub fn reorder(&self, route: &RouteId, order: &RouteOrder) -> Result<(), ServiceError> {
        self.office(Actor::Machine).reorder(route, order)
    }

    /// The office has handed a shipment over itself.
    pub fn delivered_by_hand(&self, shipment: &ShipmentId) -> Result<(), ServiceError> {
        self.office(Actor::Machine).delivered_by_hand(shipment)
    }

    /// Enrols a phone.
    pub fn enrol(&self, request: &EnrolRequest) -> Result<EnrolAnswer, ServiceError> {
        self.transact(|tx, _, now| access::enrol(tx, request, &self.keys, now))
    }

    /// Gives an access token.
    pub fn token(&self, request: &TokenRequest) -> Result<TokenAnswer, ServiceError> {
        self.transact(|tx, seal, now| {
            access::token(tx, request, (&self.public_url, &self.keys), seal.rng, now)
        })
    }

    /// The installation of an access token, and what it may do.
    pub fn authenticate(&self, token: &str) -> Result<(Installation, courier_protocol::Scope), ServiceError> {
        self.look(|tx, now| access::authenticate(tx, token, now))
    }

    /// An enrolled phone.
    pub fn installation(&self, install: &InstallId) -> Result<Installation, ServiceError> {
        self.look(|tx, _| tx.installation(install)?.ok_or_else(ServiceError::not_found))
    }

    /// Stores and judges facts.
    pub fn accept(
        &self,
        from: &Installation,
        request: &FactsRequest,
        echo: &str,
    ) -> Result<FactsAnswer, ServiceError> {
        if from.dismissed_at.is_some() && self.config.planted.is(Bug::DrainRefused) {
            return Err(ServiceError::refused(ProblemKind::Forbidden, ""));
        }
        let batch = facts::read(&self.storage, &self.keys, from, request)?;
        let answer = self.transact(|tx, seal, now| {
            let mut desk = Desk { keys: &self.keys, config: &self.config, seal, now };
            facts::accept(tx, from, request, &batch, echo, &mut desk)
        })?;
        self.mails_are_due();
        Ok(answer)
    }

    /// Takes in what a phone exported instead of sending it.
    pub fn take_export(&self, file: &ExportFile) -> Result<Taken, ServiceError> {
        self.office(Actor::Machine).take_export(file)
    }

    /// What changed for a courier.
    pub fn changes(
        &self,
        courier: &CourierId,
        cursor: Option<&str>,
    ) -> Result<Option<Changes>, ServiceError> {
        Ok(self.told(courier, None, cursor)?.changes)
    }

    /// The same on the route that the phone names, if it can still be told; and whether another one waits.
    pub fn told(
        &self,
        courier: &CourierId,
        route: Option<&RouteId>,
        cursor: Option<&str>,
    ) -> Result<Told, ServiceError> {
        self.look(|tx, now| changes::changes(tx, courier, route, cursor, now))
    }

    /// New codes for an attempt, for the office or for the courier whose route it is on. Nothing of them is answered.
    pub fn reissue(
        &self,
        attempt: &AttemptId,
        request: &str,
        courier: Option<&CourierId>,
    ) -> Result<(), ServiceError> {
        let Some(courier) = courier else { return self.office(Actor::Machine).reissue(attempt, request) };
        self.issue(|tx, mint| {
            let row = tx.attempt(attempt)?.ok_or_else(ServiceError::not_found)?;
            let route = match &row.route {
                Some(route) => tx.route(route)?,
                None => None,
            };
            if route.is_none_or(|route| route.courier != *courier) {
                return Err(ServiceError::not_found());
            }
            let shipment = shipment_of(tx, &row.shipment)?;
            issue::reissue(tx, row, &shipment, (request, Asker::Courier), mint)
        })
    }

    /// A transaction that may issue codes, and mails what they bring.
    pub(crate) fn issue<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>, &mut Mint<'_, '_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let config = &self.config;
        let done = self.transact(|tx, seal, now| work(tx, &mut Mint { config, seal, now }))?;
        self.mails_are_due();
        Ok(done)
    }

    /// A shipment by its identifier or, with its sender, by its reference.
    pub fn find_shipment(
        &self,
        sender: Option<&str>,
        name: &str,
    ) -> Result<(ShipmentRow, Vec<AttemptRow>), ServiceError> {
        self.look(|tx, _| {
            let row = match sender {
                Some(sender) => tx.shipment_by_ref(sender, name)?,
                None => match ShipmentId::new(name) {
                    Ok(id) => tx.shipment(&id)?,
                    Err(_) => None,
                },
            };
            let row = row.ok_or_else(ServiceError::not_found)?;
            let attempts = tx.attempts(&row.id)?;
            Ok((row, attempts))
        })
    }

    /// Where a shipment stands.
    pub fn state(&self, shipment: &ShipmentRow) -> Result<tracking::State, ServiceError> {
        self.look(|tx, _| tracking::state_of(tx, shipment))
    }

    /// Token of a shipment's tracking page: for the shop's own account page.
    pub fn tracking_token(&self, shipment: &ShipmentRow) -> Result<String, ServiceError> {
        self.sealing(|seal| tracking::token_of(shipment, seal))
    }

    /// Everything that is needed to check what happened to a shipment without us.
    pub fn receipt(
        &self,
        shipment: &ShipmentRow,
        attempts: &[AttemptRow],
    ) -> Result<HandoverReceipt, ServiceError> {
        self.look(|tx, now| {
            let receipts = receipt::handovers(tx, &shipment.reference, attempts, &self.keys, now)?;
            let mut receipt = HandoverReceipt { receipts, ..HandoverReceipt::default() };
            let mut installs = BTreeSet::new();
            for attempt in attempts {
                for fact in tx.facts_about(&attempt.id)? {
                    installs.insert(fact.install);
                    receipt.facts.push(fact.jws);
                }
            }
            for install in installs {
                receipt.days.extend(tx.day_starts(&install)?.into_iter().map(|fact| fact.jws));
                receipt.device_keys.extend(tx.installation(&install)?.map(|it| it.device_jwk));
            }
            Ok(receipt)
        })
    }

    /// The parcels of a shipment, and who has them.
    pub fn parcels(
        &self,
        shipment: &ShipmentRow,
    ) -> Result<Vec<(ParcelRow, Option<Received>)>, ServiceError> {
        self.transact(|tx, seal, _| {
            let rows = tx.parcels(&shipment.id)?.into_iter();
            rows.map(|row| received(tx, &row, seal).map(|received| (row, received))).collect()
        })
    }

    /// Sums over everything.
    pub fn totals(&self) -> Result<Totals, ServiceError> {
        self.look(|tx, now| {
            let facts = tx.fact_counts()?.into_iter().collect();
            let mut totals = Totals { facts, files: tx.complete_blobs()?, ..Totals::default() };
            for shipment in tx.shipments()? {
                let state = tracking::state_of(tx, &shipment)?;
                *totals.shipments.entry(state.word().into()).or_default() += 1;
                let handed = tx.parcels(&shipment.id)?.iter().filter(|parcel| parcel.is_handed()).count();
                totals.parcels_handed += handed as u64;
            }
            totals.mails = tx.mail_counts(now)?.into_iter().collect();
            (totals.mails_waiting, totals.mails_given_up) = tx.unsent_mails(now)?;
            for review in tx.reviews()? {
                *totals.reviews.entry(review.row.cause).or_default() += 1;
            }
            Ok(totals)
        })
    }
}
