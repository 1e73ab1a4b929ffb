//! Opening: who this phone is, and its keys.

use std::collections::BTreeSet;

use courier_codes::encoding::encode;
use courier_codes::{EvidenceKey, RowAad, RowKey, SigningKey};
use courier_domain::{Base64Url, CourierId, DayState, InstallId};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{Enrolled, Keys, Machine, MachineConfig};
use crate::clock::Now;
use crate::error::EngineError;
use crate::planted::{Bug, Planted};
use crate::ports::{Level, Ports, SecureStore};
use crate::store::journal::Identity;
use crate::store::{Store, StoreError};

/// Names in the secure store.
const JOURNAL_KEY: &str = "journal-key";
const JOURNAL_TOKEN: &str = "journal-token";
/// Everything of the secure store that belongs to the journal.
pub(super) const SECRETS: [&str; 2] = [JOURNAL_KEY, JOURNAL_TOKEN];
/// Two in turn: a snapshot is sealed with the other one before this one is destroyed.
const CACHE_KEYS: [&str; 2] = ["cache-key-0", "cache-key-1"];

pub(super) fn cache_key_name(generation: u64) -> &'static str {
    CACHE_KEYS[usize::from(generation % 2 == 1)]
}

impl Machine {
    /// Opens the machine on a store. Entries that were counted and never checked, because the app was killed in
    /// between, are recorded as interrupted before anything else can happen.
    pub fn open(
        config: MachineConfig,
        mut store: Store,
        ports: Ports,
        mut rng: Box<dyn CryptoRng + Send>,
        now: &Now,
    ) -> Result<Self, EngineError> {
        let journal_key = secret_key(ports.secure.as_ref(), &mut rng)?;
        let identity = open_identity(&mut store, &ports, &mut rng, config.planted)?;
        let server_time = store.journal.server_time()?;
        let state = DayState::of(identity.install.clone());
        let mut machine = Self {
            config,
            store,
            ports,
            rng,
            keys: Keys { journal: journal_key, cache: None },
            identity,
            enrolled: None,
            head: None,
            newest_id_ms: 0,
            day_key: None,
            state,
            judged_by_route: BTreeSet::new(),
            revision: 0,
            server_time,
            stale: true,
            damaged: false,
            next_request: 0,
            facts: super::FactsLane::default(),
            route: super::RouteLane::default(),
            blobs: super::BlobsLane::default(),
            token: super::TokenLane::default(),
            enrolling: super::Enrolling::default(),
            reissuing: super::Reissuing::default(),
            traffic: super::Traffic::default(),
            watchdog: super::Watchdog::default(),
            plan: super::Plan::default(),
            looked: super::planning::Looked::default(),
            purge_at: 0,
        };
        machine.enrolled = machine.read_enrolment()?;
        // Before a route that cannot be read is dropped with everything beside it.
        machine.open_plan();
        machine.keys.cache = machine.open_cache_key()?;
        machine.make_current(now)?;
        machine.purge_if_due(now);
        machine.look_at_plan(now);
        Ok(machine)
    }

    /// Brings memory and disk together if they may differ, and counts what was left unsettled.
    pub(super) fn make_current(&mut self, now: &Now) -> Result<(), EngineError> {
        if !self.stale {
            return Ok(());
        }
        self.head = self.store.journal.head(self.identity.inc)?;
        self.day_key = self.open_day_key()?;
        self.fold()?;
        self.settle_interrupted_tries(now)?;
        self.stale = false;
        self.remove_needless_files();
        self.changed();
        self.tell_incidents(now);
        Ok(())
    }

    /// The cache key of the stored route. A route whose key is gone cannot be read: it is dropped.
    fn open_cache_key(&mut self) -> Result<Option<RowKey>, EngineError> {
        let Ok(checkpoint) = self.store.route.checkpoint() else { return self.drop_route() };
        let Some(checkpoint) = checkpoint else { return Ok(None) };
        let stored = self.ports.secure.get(cache_key_name(checkpoint.generation))?.map(Zeroizing::new);
        match stored.and_then(|bytes| RowKey::from_bytes(&bytes).ok()) {
            Some(key) => Ok(Some(key)),
            None => self.drop_route(),
        }
    }

    pub(super) fn drop_route(&mut self) -> Result<Option<RowKey>, EngineError> {
        self.warn("route-dropped", &[]);
        self.store.replace_route()?;
        self.keep_learned();
        for name in CACHE_KEYS {
            self.ports.secure.delete(name)?;
        }
        self.route.start_again();
        Ok(None)
    }

    fn open_day_key(&self) -> Result<Option<SigningKey>, EngineError> {
        // A day key of another incarnation is not named in the chain of this one.
        let stored = self.store.journal.day_key()?.filter(|stored| stored.inc == self.identity.inc);
        let Some(stored) = stored else { return Ok(None) };
        let aad = RowAad { table: "day_key", id: &stored.kid, rev: stored.inc.into() };
        let key = self.keys.journal.open(&aad, &stored.sealed).ok();
        let key = key.and_then(|bytes| SigningKey::from_bytes(&bytes).ok());
        if key.is_none() {
            self.warn("day-key-unreadable", &[&stored.kid]);
        }
        Ok(key)
    }

    pub(super) fn read_enrolment(&self) -> Result<Option<Enrolled>, EngineError> {
        let Some(stored) = &self.identity.enrolment else { return Ok(None) };
        let evidence_key = Base64Url::new(stored.evidence_key.as_str())
            .ok()
            .and_then(|text| EvidenceKey::from_base64(&text).ok())
            .ok_or(StoreError::Corrupt)?;
        let courier = CourierId::new(stored.courier.as_str()).map_err(|_| StoreError::Corrupt)?;
        Ok(Some(Enrolled { courier, evidence_key }))
    }
}

/// The key of private parts, drafts and day keys. If the secure store lost it, what it sealed is lost too, but
/// no fact is.
fn secret_key(secure: &dyn SecureStore, rng: &mut impl CryptoRng) -> Result<RowKey, EngineError> {
    let stored = secure.get(JOURNAL_KEY)?.map(Zeroizing::new);
    if let Some(key) = stored.and_then(|bytes| RowKey::from_bytes(&bytes).ok()) {
        return Ok(key);
    }
    let key = RowKey::generate(rng);
    secure.put(JOURNAL_KEY, key.to_bytes().as_ref())?;
    Ok(key)
}

/// The identity, made at the first start.
///
/// Database and secure store hold the same token, and it is another one after every opening. A database out of a
/// backup has an old one, or comes to a phone whose secure store has none: it goes on as the next incarnation, so
/// that two phones never write one chain. A kill between the two writes is no such case, since the database names
/// the coming token first.
fn open_identity(
    store: &mut Store,
    ports: &Ports,
    rng: &mut Box<dyn CryptoRng + Send>,
    planted: Planted,
) -> Result<Identity, EngineError> {
    let mut random = || {
        let mut bytes = [0; 16];
        rand_core::Rng::fill_bytes(rng, &mut bytes);
        encode(&bytes)
    };
    let kept = ports.secure.get(JOURNAL_TOKEN)?;
    let mut identity = match store.journal.identity()? {
        None => Identity {
            install: InstallId::new(random()).map_err(|_| EngineError::Internal("install id"))?,
            inc: 1,
            token: String::new(),
            token_next: String::new(),
            opens: 0,
            enrolment: None,
            epoch: String::new(),
        },
        Some(mut identity) => {
            let fits = kept.as_deref().is_some_and(|kept| {
                [&identity.token, &identity.token_next].iter().any(|token| token.as_bytes() == kept)
            });
            // The first start was cut short between the two writes, and nobody has used this identity since.
            let unused = kept.is_none() && identity.token.is_empty() && identity.enrolment.is_none();
            if fits || unused {
                identity.token = kept.and_then(|kept| String::from_utf8(kept).ok()).unwrap_or_default();
            } else if !planted.is(Bug::IncarnationKept) {
                identity.inc += 1;
                ports.log.event(Level::Warn, "incarnation-raised", &[]);
            }
            identity
        }
    };
    identity.token_next = random();
    identity.opens += 1;
    store.journal.set_identity(&identity)?;
    ports.secure.put(JOURNAL_TOKEN, identity.token_next.as_bytes())?;
    Ok(identity)
}
