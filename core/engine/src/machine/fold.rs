//! The fold: the state of the day from everything that is stored.

use std::collections::BTreeSet;
use std::sync::Arc;

use courier_codes::kdf::check_verifier;
use courier_codes::planted::{self, Weakness};
use courier_codes::{RowAad, read_jws};
use courier_domain::{DayState, Draft, FactId, FactPayload, StopId, Verdict};
use courier_protocol::{Change, Object, ObjectKind, RouteOp};
use zeroize::Zeroizing;

use super::Machine;
use crate::error::EngineError;
use crate::planted::{Bug, Planted};
use crate::ports::{Level, Log};
use crate::store::StoreError;
use crate::store::journal::StoredFact;
use crate::store::route_cache::StoredObject;

/// What the office last told of an object.
pub(super) struct Told {
    kind: String,
    id: String,
    /// Of the last that was told.
    rev: u64,
    /// As it was last put, and at which revision, if that can be read.
    put: Option<(u64, Change)>,
    /// Why it is gone, if it is.
    gone: Option<String>,
}

impl Told {
    /// By an op that put the object and means `change`.
    pub(super) fn put(op: RouteOp, change: Change) -> Self {
        Self { kind: op.kind, id: op.id, rev: op.rev, put: Some((op.rev, change)), gone: None }
    }

    fn stored(object: StoredObject, log: &dyn Log) -> Self {
        let StoredObject { kind, id, rev, put, gone } = object;
        let put = put.and_then(|put| {
            let change = put.read().ok();
            if change.is_none() {
                log.event(Level::Warn, "object-unreadable", &[&kind, &id]);
            }
            Some((put.rev, change?))
        });
        Self { kind, id, rev, put, gone }
    }
}

impl Machine {
    /// State from nothing: facts, what the server said of them, drafts, and then what the office sent, in the
    /// order in which it came. A verdict of the route lane thereby overrides one of the facts lane.
    pub(super) fn fold(&mut self) -> Result<(), EngineError> {
        let objects = match &self.keys.cache {
            None => Vec::new(),
            Some(key) => match self.store.route.objects(key) {
                Ok(objects) => objects,
                Err(StoreError::Corrupt | StoreError::Sealed) => {
                    self.keys.cache = self.drop_route()?;
                    Vec::new()
                }
                Err(error) => return Err(error.into()),
            },
        };
        let log = Arc::clone(&self.ports.log);
        self.fold_with(objects.into_iter().map(|object| Told::stored(object, log.as_ref())))
    }

    /// The same with what the office told, which is what is stored of it.
    pub(super) fn fold_with(&mut self, told: impl Iterator<Item = Told>) -> Result<(), EngineError> {
        let mut state = DayState::of(self.identity.install.clone());
        let mut newest_id_ms = 0;
        for fact in self.store.journal.facts()? {
            newest_id_ms = newest_id_ms.max(id_ms(&fact.id));
            if let Some(payload) = self.read_fact(&fact) {
                state.record(&payload);
            }
        }
        for it in self.store.journal.unsettled_tries()? {
            newest_id_ms = newest_id_ms.max(id_ms(&it.id));
        }
        for (fact, verdict) in self.store.journal.acknowledged(&self.identity.epoch)? {
            let verdict = self.believed(verdict);
            state.acknowledge(&fact, verdict);
        }
        for (stop, rev, sealed) in self.store.journal.drafts()? {
            if let Some((stop, draft)) = self.open_draft(stop, rev, &sealed) {
                state.set_draft(&stop, draft);
            }
        }
        // A server that was put back may judge otherwise what it is offered again. While the route of another day waits, what
        // is here was told before that.
        let may_judge = self.store.route.is_of_epoch(&self.identity.epoch)?;
        let (log, planted) = (self.ports.log.as_ref(), self.config.planted);
        self.judged_by_route = fold_route(&mut state, told, may_judge, log, planted);
        self.state = state;
        self.looked.is_old = true;
        self.newest_id_ms = newest_id_ms;
        Ok(())
    }

    /// The verdict of an answer.
    pub(super) fn believed(&self, verdict: Option<Verdict>) -> Option<Verdict> {
        if self.has(Bug::StoredIsConfirmed) { verdict.or(Some(Verdict::Confirmed)) } else { verdict }
    }

    /// That its bytes fit its hash was looked at when the journal was opened.
    fn read_fact(&self, fact: &StoredFact) -> Option<FactPayload> {
        let payload = read_jws(&fact.jws).ok().map(|jws| jws.payload);
        let payload: Option<FactPayload> = payload.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if payload.is_none() {
            self.warn("fact-unreadable", &[fact.id.as_str()]);
        }
        payload
    }

    /// The packed private part as it travels. One that does not open any more is left out: the fact itself still
    /// counts.
    pub(super) fn open_private(&self, fact: &StoredFact) -> Option<Zeroizing<String>> {
        let aad = RowAad { table: "fact", id: fact.id.as_str(), rev: fact.seq };
        let opened = self.keys.journal.open(&aad, fact.sealed_private.as_ref()?);
        let Ok(opened) = opened else {
            self.warn("private-part-unreadable", &[fact.id.as_str()]);
            return None;
        };
        std::str::from_utf8(&opened).ok().map(|text| Zeroizing::new(text.to_owned()))
    }

    fn open_draft(&self, stop: String, rev: u64, sealed: &[u8]) -> Option<(StopId, Draft)> {
        let aad = RowAad { table: "draft", id: &stop, rev };
        let plain = self.keys.journal.open(&aad, sealed).ok()?;
        let draft = serde_json::from_slice(&plain).ok()?;
        Some((StopId::new(stop).ok()?, draft))
    }
}

/// Puts what the office sent into the state, its verdicts if they may count; returns the facts that they judged.
fn fold_route(
    state: &mut DayState,
    told: impl Iterator<Item = Told>,
    may_judge: bool,
    log: &dyn Log,
    planted: Planted,
) -> BTreeSet<FactId> {
    let mut judged = BTreeSet::new();
    for Told { kind, id, rev, put, gone } in told {
        match put {
            Some((_, Change::Put(object))) if !may_judge && object.kind() == ObjectKind::Verdict => {}
            Some((rev, Change::Put(object))) => put_object(state, rev, *object, &mut judged, log),
            Some((_, Change::Gone { .. } | Change::Unknown)) | None => {}
        }
        if let Some(why) = gone.filter(|_| !planted.is(Bug::TombstoneIgnored)) {
            state.gone(&kind, &id, rev, &why);
        }
    }
    judged
}

fn put_object(state: &mut DayState, rev: u64, object: Object, judged: &mut BTreeSet<FactId>, log: &dyn Log) {
    match object {
        Object::Route(it) => state.put_route(rev, it),
        Object::Stop(it) => state.put_stop(rev, it),
        Object::Shipment(mut it) => {
            if planted::is(Weakness::ServersTriesIgnored) {
                it.tries_used = 0;
                it.tries.clear();
            }
            state.put_shipment(rev, it);
        }
        // Fail closed: without it the code of this attempt cannot be checked here, and everything else goes on.
        Object::Verifier(it) if check_verifier(&it).is_err() => {
            log.event(Level::Warn, "verifier-refused", &[it.code_id.as_str()]);
        }
        Object::Verifier(it) => state.put_verifier(&it),
        Object::Done(it) => state.put_done(it),
        Object::Matrix(it) => state.put_matrix(it),
        Object::Verdict(it) => {
            state.put_verdict(&it);
            judged.insert(it.fact);
        }
    }
}

/// The milliseconds inside a `UUIDv7`.
fn id_ms(id: &FactId) -> u64 {
    uuid::Uuid::parse_str(id.as_str()).ok().and_then(|id| id.get_timestamp()).map_or(0, |time| {
        let (seconds, nanos) = time.to_unix();
        seconds * 1_000 + u64::from(nanos / 1_000_000)
    })
}
