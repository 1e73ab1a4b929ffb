//! The service: what the API, the pages and tests call. Every call is one transaction.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use chrono::NaiveDate;
use courier_domain::{
    AttemptId, CourierId, InstallId, Instruction, InstructionKind, Jwk, Origin, RouteId, ShipmentId, StopId,
    UnixMs,
};
use courier_protocol::blobs::Part;
use courier_protocol::{
    Changes, EnrolAnswer, EnrolRequest, ExportFile, FactsAnswer, FactsRequest, ObjectKind, ProblemKind,
    TokenAnswer, TokenRequest,
};
use serde::Serialize;

use crate::access;
use crate::blobs::{self, BlobName, Folder};
use crate::changes;
use crate::config::Config;
use crate::dispatch;
use crate::dispute::{self, Dispute};
use crate::entropy::{Entropy, ServiceClock, random_secret};
use crate::error::ServiceError;
use crate::export::{self, Taken};
use crate::facts::{self, Desk};
use crate::import::{self, Day, ImportReport, check_instruction, new_id};
use crate::issue::{self, Asker, Mint};
use crate::keys::Keys;
use crate::mail;
use crate::outcomes::kill_codes;
use crate::planted::Bug;
use crate::publish::{self, put_shipment, shipment_of};
use crate::receipt;
use crate::received::{Received, received};
use crate::seal::Sealer;
use crate::storage::{AttemptRow, AttemptState, Installation, ParcelRow, ShipmentRow, Storage, Tx};
use crate::tracking::{self, Tracking};

/// The backend without HTTP.
pub struct Service {
    storage: Storage,
    epoch: String,
    config: Config,
    public_url: String,
    keys: Keys,
    clock: ServiceClock,
    rng: Mutex<Entropy>,
    sending: Mutex<()>,
    blobs: Mutex<Folder>,
}

/// Longest reason of a cancellation, in bytes: phones refuse an op with a longer one.
const MAX_WHY: usize = 200;

/// Most instructions of a shipment.
const MAX_INSTRUCTIONS: usize = 20;

/// Sums that a demo or an operator compares with what phones say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Facts per kind; `parked` are those that nobody could read.
    pub facts: std::collections::BTreeMap<String, u64>,
    /// Shipments per state of the tracking page.
    pub shipments: std::collections::BTreeMap<String, u64>,
    /// Parcels that somebody has.
    pub parcels_handed: u64,
    /// Evidence files that are complete.
    pub files: u64,
    /// Mails sent, per template.
    pub mails: std::collections::BTreeMap<String, u64>,
    /// What a person should look at, per cause.
    pub reviews: std::collections::BTreeMap<String, u64>,
}

/// The signed facts about a shipment, word for word. Facts are signed by a day's key, which a `day_started` fact names,
/// which the device's key signs: an ordinary JOSE library follows that chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HandoverReceipt {
    /// What the backend vouches for, a compact JWS of [`courier_protocol::HandoverPayload`] per handover.
    pub receipts: Vec<String>,
    /// Facts about its attempts, compact JWS.
    pub facts: Vec<String>,
    /// `day_started` facts of the installations that made them, compact JWS.
    pub days: Vec<String>,
    /// Device keys of these installations.
    pub device_keys: Vec<Jwk>,
}

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Review {
    /// Why, a stable word.
    pub cause: String,
    /// The fact that caused it.
    pub fact: Option<String>,
    /// The attempt that it is about.
    pub attempt: Option<String>,
    /// Since when.
    pub opened: UnixMs,
    /// What the customer says.
    pub text: Option<String>,
}

/// A mail that was sent, for tests and the demo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SentMail {
    /// Where it went.
    pub to: String,
    /// Which template.
    pub template: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
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
        let (keys, database) = (config.keys_file(), config.data_dir.join("backend.db"));
        // Fresh keys would open nothing of what is stored.
        if database.exists() && !keys.exists() {
            return Err(ServiceError::fault("keys.json is missing beside backend.db: put it back"));
        }
        let keys = Keys::load(&keys, &mut rng)?;
        let storage = Storage::open(&database, &mut rng)?;
        let epoch = storage.transact(|tx| tx.epoch())?;
        let blobs = Mutex::new(Folder::open(&config.data_dir.join("blobs"))?);
        let (rng, sending) = (Mutex::new(rng), Mutex::default());
        Ok(Self { storage, epoch, config, public_url, keys, clock, rng, sending, blobs })
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

    /// The keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    fn sealing<T>(&self, work: impl FnOnce(&mut Sealer<'_>) -> T) -> T {
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut Sealer { key: &self.keys.seal, rng: &mut rng })
    }

    fn transact<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>, &mut Sealer<'_>, UnixMs) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let now = self.clock.now();
        self.sealing(|seal| self.storage.transact(|tx| work(tx, seal, now)))
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

    /// Imports a day: all of it, or nothing when there is a problem.
    pub fn import(&self, day: &Day) -> Result<ImportReport, ServiceError> {
        let mut failed = None;
        let result = self.transact(|tx, seal, _| {
            let report = import::import(tx, day, &self.config, seal)?;
            if report.errors.is_empty() {
                return Ok(report);
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
        self.transact(|tx, seal, _| access::add_courier(tx, name, seal.rng))
    }

    /// Makes a code that enrols one phone for a courier.
    pub fn add_enrolment(&self, courier: &CourierId) -> Result<String, ServiceError> {
        self.transact(|tx, seal, now| access::add_enrolment(tx, courier, seal.rng, now))
    }

    /// Dismisses a courier: from now on their phones can only hand in facts.
    pub fn dismiss(&self, courier: &CourierId) -> Result<(), ServiceError> {
        let found = self.transact(|tx, _, now| tx.dismiss(courier, now))?;
        if found { Ok(()) } else { Err(ServiceError::not_found()) }
    }

    /// Lifts a courier's suspension. Decoys up to now do not count any more.
    pub fn reinstate(&self, courier: &CourierId) -> Result<(), ServiceError> {
        self.transact(|tx, _, now| {
            if tx.courier_name(courier)?.is_none() {
                return Err(ServiceError::not_found());
            }
            tx.reinstate(courier, now)
        })
    }

    /// Publishes a courier's route of a day.
    pub fn publish(&self, courier: &CourierId, day: NaiveDate) -> Result<RouteId, ServiceError> {
        let route =
            self.transact(|tx, seal, now| publish::publish(tx, courier, day, &self.config, seal, now))?;
        self.send_mails_if_possible();
        Ok(route)
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
        self.transact(|tx, _, now| access::authenticate(tx, token, now))
    }

    /// An enrolled phone.
    pub fn installation(&self, install: &InstallId) -> Result<Installation, ServiceError> {
        self.transact(|tx, _, _| tx.installation(install)?.ok_or_else(ServiceError::not_found))
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
        let batch = facts::read(&self.storage, from, request)?;
        let answer = self.transact(|tx, seal, now| {
            let mut desk = Desk { keys: &self.keys, config: &self.config, seal, now };
            facts::accept(tx, from, request.inc, &batch, echo, &mut desk)
        })?;
        self.send_mails_if_possible();
        Ok(answer)
    }

    /// How much of an evidence file is here.
    pub fn have_blob(&self, name: &BlobName) -> Result<blobs::Have, ServiceError> {
        let folder = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        self.transact(|tx, _, _| blobs::have(tx, &folder, name))
    }

    /// Takes a part of an evidence file.
    pub fn take_part(
        &self,
        from: &Installation,
        name: &BlobName,
        part: Part,
        bytes: &[u8],
    ) -> Result<blobs::Taken, ServiceError> {
        let folder = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        self.transact(|tx, seal, now| blobs::take(tx, &folder, from, name, (part, bytes), seal, now))
    }

    /// A complete evidence file.
    pub fn blob(&self, name: &BlobName) -> Result<Option<Vec<u8>>, ServiceError> {
        let folder = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        self.transact(|tx, seal, _| blobs::read(tx, &folder, name, seal))
    }

    /// Removes evidence files that came more than 90 days ago; returns how many.
    pub fn purge_blobs(&self) -> Result<usize, ServiceError> {
        let folder = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        self.transact(|tx, _, now| blobs::purge(tx, &folder, now))
    }

    /// Takes in what a phone exported instead of sending it. A fact that is known already counts once.
    pub fn take_export(&self, file: &ExportFile) -> Result<Taken, ServiceError> {
        let (from, requests) = self.transact(|tx, _, _| export::open(tx, file, &self.keys))?;
        let mut taken = Taken::default();
        for request in &requests {
            let answer = self.accept(&from, request, "export")?;
            taken.facts += answer.results.len() as u64;
            taken.new += answer.results.iter().filter(|result| !result.dup).count() as u64;
        }
        Ok(taken)
    }

    /// What changed for a courier.
    pub fn changes(
        &self,
        courier: &CourierId,
        cursor: Option<&str>,
    ) -> Result<Option<Changes>, ServiceError> {
        self.transact(|tx, _, now| changes::changes(tx, courier, cursor, now))
    }

    /// What a customer sees.
    pub fn tracking(&self, token: &str) -> Result<Tracking, ServiceError> {
        self.transact(|tx, seal, now| tracking::tracking(tx, token, seal, now))
    }

    /// A customer adds an instruction, until the attempt closes.
    pub fn instruct(&self, token: &str, kind: InstructionKind, rev: Option<u64>) -> Result<(), ServiceError> {
        self.transact(|tx, seal, _| {
            let shipment = tracking::shipment_of_token(tx, token)?;
            let attempt = open_attempt(tx, &shipment)?;
            check_instruction(&kind, shipment.code_required)
                .map_err(|wrong| ServiceError::refused(ProblemKind::Refused, wrong))?;
            let known = tx.instructions(&shipment.id)?;
            if known.len() >= MAX_INSTRUCTIONS {
                return Err(ServiceError::refused(ProblemKind::Refused, "there are too many instructions"));
            }
            if rev.is_some_and(|rev| known.iter().any(|given| given.rev > rev)) {
                return Err(ServiceError::refused(
                    ProblemKind::Stale,
                    "the instructions were changed meanwhile",
                ));
            }
            let given =
                Instruction { id: new_id(seal.rng)?, origin: Origin::Recipient, kind, rev: tx.rev()? };
            tx.put_instruction(&shipment.id, &given)?;
            put_shipment(tx, &attempt)
        })
    }

    /// New codes for an attempt, for the office or for the courier whose route it is on. Nothing of them is answered.
    pub fn reissue(
        &self,
        attempt: &AttemptId,
        request: &str,
        courier: Option<&CourierId>,
    ) -> Result<(), ServiceError> {
        self.issue(|tx, mint| {
            let row = tx.attempt(attempt)?.ok_or_else(ServiceError::not_found)?;
            if let Some(courier) = courier {
                let route = match &row.route {
                    Some(route) => tx.route(route)?,
                    None => None,
                };
                if route.is_none_or(|route| route.courier != *courier) {
                    return Err(ServiceError::not_found());
                }
            }
            let shipment = shipment_of(tx, &row.shipment)?;
            let asker = if courier.is_some() { Asker::Courier } else { Asker::Office };
            issue::reissue(tx, row, &shipment, (request, asker), mint)
        })
    }

    /// New codes for the customer of a tracking page.
    pub fn reissue_for_customer(&self, token: &str, request: &str) -> Result<(), ServiceError> {
        self.issue(|tx, mint| {
            let shipment = tracking::shipment_of_token(tx, token)?;
            let attempt = open_attempt(tx, &shipment)?;
            issue::reissue(tx, attempt, &shipment, (request, Asker::Customer), mint)
        })
    }

    /// A code of their own for a neighbour, who may then receive.
    pub fn neighbour_code(&self, token: &str, name: &str) -> Result<(), ServiceError> {
        self.issue(|tx, mint| {
            let shipment = tracking::shipment_of_token(tx, token)?;
            let attempt = open_attempt(tx, &shipment)?;
            issue::neighbour_code(tx, &attempt, &shipment, name, mint)
        })
    }

    /// A customer objects.
    pub fn dispute(&self, token: &str, what: Dispute) -> Result<(), ServiceError> {
        self.issue(|tx, mint| {
            let shipment = tracking::shipment_of_token(tx, token)?;
            dispute::dispute(tx, &shipment, what, mint)
        })
    }

    /// A transaction that may issue codes, and mails what they bring.
    fn issue<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>, &mut Mint<'_, '_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let config = &self.config;
        let done = self.transact(|tx, seal, now| work(tx, &mut Mint { config, seal, now }))?;
        self.send_mails_if_possible();
        Ok(done)
    }

    /// The office cancels a shipment that nobody has yet. Asked again it does nothing.
    pub fn cancel(&self, shipment: &ShipmentId, why: &str) -> Result<(), ServiceError> {
        // Phones show it, and refuse what is longer.
        if why.trim().is_empty() || why.len() > MAX_WHY || why.chars().any(char::is_control) {
            let wrong = format!("why: 1 to {MAX_WHY} bytes on one line");
            return Err(ServiceError::refused(ProblemKind::BadRequest, wrong));
        }
        let planted = self.config.planted;
        self.transact(|tx, _, _| {
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
        })
    }

    /// The office gives a shipment that is on a route to another courier, or takes it off until it is published again.
    pub fn reassign(&self, shipment: &ShipmentId, to: Option<&CourierId>) -> Result<(), ServiceError> {
        self.transact(|tx, seal, _| {
            let row = tx.shipment(shipment)?.ok_or_else(ServiceError::not_found)?;
            dispatch::reassign(tx, &row, to, seal)
        })
    }

    /// The office changes the order of a route's stops.
    pub fn reorder(&self, route: &RouteId, order: &[StopId]) -> Result<(), ServiceError> {
        self.transact(|tx, _, _| dispatch::reorder(tx, route, order))
    }

    /// The office has handed a shipment over itself.
    pub fn delivered_by_hand(&self, shipment: &ShipmentId) -> Result<(), ServiceError> {
        self.transact(|tx, seal, now| {
            let row = tx.shipment(shipment)?.ok_or_else(ServiceError::not_found)?;
            dispatch::delivered_by_hand(tx, &row, seal, now)
        })?;
        self.send_mails_if_possible();
        Ok(())
    }

    /// A shipment by its identifier or, with its sender, by its reference.
    pub fn find_shipment(
        &self,
        sender: Option<&str>,
        name: &str,
    ) -> Result<(ShipmentRow, Vec<AttemptRow>), ServiceError> {
        self.transact(|tx, _, _| {
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
        self.transact(|tx, _, now| {
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

    /// What was stored is answered, whatever becomes of the mails: they stay due.
    fn send_mails_if_possible(&self) {
        if let Err(error) = self.send_mails() {
            eprintln!("courier-backend: mails: {error}");
        }
    }

    /// Writes the mails that are due into the spool. A mail that fails stays due and holds up no other.
    pub fn send_mails(&self) -> Result<u64, ServiceError> {
        // One sender at a time: a mail that two of them write would be sent twice.
        let _sending = self.sending.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let mut sent = 0;
        for row in self.storage.transact(|tx| tx.due_mails(now))? {
            let Ok(letter) = self.sealing(|seal| mail::open(&row, seal)) else {
                eprintln!("courier-backend: mail {} does not open", row.id);
                continue;
            };
            let words = mail::write(&letter, &row.lang, &self.public_url);
            let spool = self.config.spool();
            if mail::spool(&spool, &row.id, &self.config.mail.from, &letter, words, now).is_ok() {
                self.storage.transact(|tx| tx.mail_sent(&row.id, now))?;
                sent += 1;
            }
        }
        Ok(sent)
    }

    /// The mails that were sent.
    pub fn sent_mails(&self) -> Result<Vec<SentMail>, ServiceError> {
        let rows = self.storage.transact(|tx| tx.sent_mails())?;
        rows.into_iter()
            .map(|row| {
                let letter = self.sealing(|seal| mail::open(&row, seal))?;
                let (subject, text) = mail::write(&letter, &row.lang, &self.public_url);
                Ok(SentMail { to: letter.to, template: row.template, subject, text })
            })
            .collect()
    }

    /// What a person should look at, oldest first.
    pub fn reviews(&self) -> Result<Vec<Review>, ServiceError> {
        self.transact(|tx, seal, _| {
            let rows = tx.reviews()?.into_iter();
            rows.map(|row| {
                let mut text = None;
                if let Some(id) = &row.dispute
                    && let Some(sealed) = tx.dispute_text(id)?
                {
                    let plain = seal.open("dispute", id, &sealed)?;
                    text = Some(String::from_utf8_lossy(&plain).into_owned());
                }
                let (cause, fact, attempt, opened) = (row.cause, row.fact, row.attempt, row.opened);
                Ok(Review { cause, fact, attempt, opened, text })
            })
            .collect()
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
        self.transact(|tx, _, _| {
            let facts = tx.fact_counts()?.into_iter().collect();
            let mut totals = Totals { facts, files: tx.complete_blobs()?, ..Totals::default() };
            for shipment in tx.shipments()? {
                let state = tracking::state_of(tx, &shipment)?;
                *totals.shipments.entry(state.word().into()).or_default() += 1;
                let handed = tx.parcels(&shipment.id)?.iter().filter(|parcel| parcel.is_handed()).count();
                totals.parcels_handed += handed as u64;
            }
            for mail in tx.sent_mails()? {
                *totals.mails.entry(mail.template).or_default() += 1;
            }
            for review in tx.reviews()? {
                *totals.reviews.entry(review.cause).or_default() += 1;
            }
            Ok(totals)
        })
    }
}

/// The attempt that instructions are for: the last one that is not closed.
fn open_attempt(tx: &Tx<'_>, shipment: &ShipmentRow) -> Result<AttemptRow, ServiceError> {
    tracking::current_attempt(tx, shipment)?
        .filter(|attempt| {
            shipment.cancelled.is_none()
                && matches!(attempt.state, AttemptState::Planned | AttemptState::Open)
        })
        .ok_or_else(|| ServiceError::refused(ProblemKind::Conflict, "the delivery is over"))
}
