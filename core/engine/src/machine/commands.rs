//! Commands: decide, sign, commit, fold. Nothing is shown before it is committed.

use courier_codes::{
    Entry, EvidenceContext, RowAad, Sign, SignError, SigningKey, check, evidence, fact_hash, jwk_from_sec1,
    private, sign_jws, signature_from_raw_or_der,
};
use courier_domain::fact::VERSION;
use courier_domain::{
    AttemptId, CodeId, CodeState, CodeTryResult, Command, Context, Decision, FactBody, FactId, FactPayload,
    Jwk, PrivatePart, RouteId, RouteRef, StopId, Verifier, decide,
};
use courier_protocol::header::TYP_FACT;
use rand_core::Rng;

use super::{CommandResult, Machine, Receipt};
use crate::error::EngineError;
use crate::ports::{DeviceKey, Now};
use crate::store::journal::{StoredFact, TryBody};

/// Which key signs a fact.
enum Signer {
    /// The device's, for `day_started` only; the new day key goes along to be stored.
    Device(Box<SigningKey>),
    /// The day's.
    Day,
}

/// What a fact is built from.
struct Draft {
    id: FactId,
    stop: Option<StopId>,
    stop_rev: Option<u64>,
    route: RouteRef,
    body: FactBody,
    private: PrivatePart,
    ends_try: bool,
}

impl Machine {
    /// Does what the courier wishes, or says why not. When it returns, the wish is committed.
    pub fn command(&mut self, command: &Command, now: &Now) -> Result<Receipt, EngineError> {
        let entry = match command {
            Command::EnterCode { entry, .. } => Some(Entry::parse(entry)?),
            _ => None,
        };
        let context = Context { at: self.at(now) };
        let result = match decide(&self.state, command, &context)? {
            Decision::Nothing => CommandResult::Done { fact: None },
            Decision::SaveDraft { stop, draft, scan } => {
                self.journal.save_draft(&stop, &draft)?;
                self.state.set_draft(&stop, draft);
                CommandResult::Scanned { scan }
            }
            Decision::StartDay { .. } => {
                let key = SigningKey::generate(&mut self.rng);
                let body = FactBody::DayStarted { day_jwk: key.jwk() };
                let draft = self.draft(None, body, PrivatePart::default(), now)?;
                let id = draft.id.clone();
                self.append(draft, Signer::Device(Box::new(key)), now)?;
                CommandResult::Done { fact: Some(id) }
            }
            Decision::Record { stop, body, private } => {
                let draft = self.draft(stop, body, private, now)?;
                let id = draft.id.clone();
                self.append(draft, Signer::Day, now)?;
                CommandResult::Done { fact: Some(id) }
            }
            Decision::CheckCode { stop, attempts, codes } => {
                let entry = entry.ok_or_else(|| EngineError::internal("entry"))?;
                self.check_code(&entry, stop, &attempts, &codes, now)?
            }
        };
        self.changed();
        Ok(Receipt { revision: self.revision, result })
    }

    fn check_code(
        &mut self,
        entry: &Entry,
        stop: StopId,
        attempts: &[AttemptId],
        codes: &[CodeId],
        now: &Now,
    ) -> Result<CommandResult, EngineError> {
        let verifiers = codes.iter().map(|id| self.verifier(id)).collect::<Result<Vec<_>, _>>()?;
        let evidence_key = self.evidence_key.clone().ok_or(EngineError::KeyUnavailable)?;
        let id = self.fact_id(now)?;
        let body = TryBody {
            attempts: attempts.to_vec(),
            stop_rev: self.state.stop_rev(&stop),
            stop,
            route: self.route_ref()?,
        };
        // From here on the try counts, whatever happens.
        self.journal.begin_try(&id, &body)?;
        crash_point("try-committed")?;
        let fact = match check(entry, &verifiers) {
            Ok(Some(found)) => {
                let attempts = vec![attempt_of(&verifiers, &found.code_id)?];
                let context = EvidenceContext { fact: &id, install: &self.install, attempts: &attempts };
                match evidence::seal(&mut self.rng, entry, &evidence_key, &context) {
                    Ok(evidence) => FactBody::CodeTried {
                        attempts,
                        result: CodeTryResult::Matched,
                        code_id: Some(found.code_id),
                        strength: Some(found.strength),
                        evidence: Some(evidence),
                    },
                    Err(_) => missed(attempts, CodeTryResult::Interrupted),
                }
            }
            // A verifier that cannot be used was refused when it came; should one get here, nothing matches it.
            Ok(None) | Err(_) => missed(attempts.to_vec(), CodeTryResult::Mismatch),
        };
        crash_point("code-checked")?;
        self.conclude_try(&id, &body, fact, now)?;
        Ok(self.result_of_try(attempts, now))
    }

    /// Records the fact of a try, now or after a crash.
    pub(super) fn conclude_try(
        &mut self,
        id: &FactId,
        body: &TryBody,
        fact: FactBody,
        now: &Now,
    ) -> Result<(), EngineError> {
        let draft = Draft {
            id: id.clone(),
            stop: Some(body.stop.clone()),
            stop_rev: body.stop_rev,
            route: body.route.clone(),
            body: fact,
            private: PrivatePart::default(),
            ends_try: true,
        };
        self.append(draft, Signer::Day, now)
    }

    fn result_of_try(&self, attempts: &[AttemptId], now: &Now) -> CommandResult {
        let at = self.at(now);
        let states = attempts
            .iter()
            .filter_map(|id| self.state.shipment_of(id))
            .map(|held| self.state.code_state(&held.object, &at));
        let mut left = (u32::MAX, 0);
        let mut locked = None;
        for state in states {
            match state {
                CodeState::Matched { code_id, holder, .. } => {
                    return CommandResult::CodeMatched { code_id, holder };
                }
                CodeState::Needed { tries_left, wait_ms } => {
                    left = (left.0.min(tries_left), left.1.max(wait_ms));
                }
                CodeState::Locked { by } => locked = Some(by),
                CodeState::NotNeeded | CodeState::NotYet | CodeState::Expired | CodeState::Missing => {}
            }
        }
        match locked {
            Some(by) => CommandResult::CodeLocked { by },
            None => CommandResult::CodeWrong { tries_left: left.0, wait_ms: left.1 },
        }
    }

    fn draft(
        &mut self,
        stop: Option<StopId>,
        body: FactBody,
        private: PrivatePart,
        now: &Now,
    ) -> Result<Draft, EngineError> {
        Ok(Draft {
            id: self.fact_id(now)?,
            stop_rev: stop.as_ref().and_then(|stop| self.state.stop_rev(stop)),
            stop,
            route: self.route_ref()?,
            body,
            private,
            ends_try: false,
        })
    }

    /// Builds, signs and commits a fact, then folds it.
    fn append(&mut self, draft: Draft, signer: Signer, now: &Now) -> Result<(), EngineError> {
        let (packed, commitment) = if draft.private.is_empty() {
            (None, None)
        } else {
            let bytes = serde_json::to_vec(&draft.private).map_err(|_| EngineError::internal("private"))?;
            let (packed, commitment) = private::pack(&mut self.rng, &bytes);
            (Some(packed), Some(commitment))
        };
        let (last, prev) = match &self.head {
            Some((seq, hash)) => (*seq, Some(hash.clone())),
            None => (0, None),
        };
        let route = draft.route.id.clone();
        let payload = FactPayload {
            v: VERSION,
            id: draft.id,
            install: self.install.clone(),
            inc: self.inc,
            seq: last + 1,
            prev,
            at: self.at(now),
            route: Some(draft.route),
            stop: draft.stop,
            stop_rev: draft.stop_rev,
            private: commitment,
            body: draft.body,
        };
        let bytes = serde_json::to_vec(&payload).map_err(|_| EngineError::internal("fact"))?;
        let mut new_day = None;
        let jws = match signer {
            Signer::Device(day) => {
                let device = PortKey::new(self.ports.key.as_ref())?;
                let aad = RowAad { table: "day", id: route.as_str(), rev: 0 };
                let sealed = self
                    .journal_key
                    .seal(&mut self.rng, &aad, day.to_bytes().as_ref())
                    .map_err(|_| EngineError::internal("seal"))?;
                new_day = Some((sealed, day));
                sign_jws(TYP_FACT, &bytes, &device)?
            }
            Signer::Day => sign_jws(TYP_FACT, &bytes, self.day_key(&route)?)?,
        };
        let aad = RowAad { table: "fact", id: payload.id.as_str(), rev: payload.seq };
        let private = match &packed {
            Some(packed) => Some(
                self.journal_key
                    .seal(&mut self.rng, &aad, packed.as_bytes())
                    .map_err(|_| EngineError::internal("seal"))?,
            ),
            None => None,
        };
        let fact = StoredFact {
            inc: self.inc,
            seq: payload.seq,
            id: payload.id.clone(),
            hash: fact_hash(&jws),
            kind: kind_word(&payload.body)?,
            jws,
            private,
            acked: false,
            verdict: None,
        };
        let ends = draft.ends_try.then_some(&payload.id);
        let day = new_day.as_ref().map(|(sealed, _)| (&route, sealed.as_slice()));
        self.journal.append(&fact, ends, day)?;
        crash_point("fact-committed")?;
        self.head = Some((fact.seq, fact.hash));
        if let Some((_, key)) = new_day {
            self.day_key = Some((route, *key));
        }
        self.state.record(&payload, Some(&draft.private).filter(|private| !private.is_empty()));
        Ok(())
    }

    fn day_key(&mut self, route: &RouteId) -> Result<&SigningKey, EngineError> {
        if self.day_key.as_ref().is_none_or(|(of, _)| of != route) {
            let sealed = self.journal.day_key(route)?.ok_or(EngineError::KeyUnavailable)?;
            let aad = RowAad { table: "day", id: route.as_str(), rev: 0 };
            let bytes = self.journal_key.open(&aad, &sealed).map_err(|_| EngineError::KeyUnavailable)?;
            self.day_key = Some((route.clone(), SigningKey::from_bytes(&bytes)?));
        }
        self.day_key.as_ref().map(|(_, key)| key).ok_or(EngineError::KeyUnavailable)
    }

    fn route_ref(&self) -> Result<RouteRef, EngineError> {
        let (route, rev) = self.state.route().ok_or(EngineError::NotFound)?;
        Ok(RouteRef { id: route.id.clone(), rev })
    }

    pub(super) fn verifier(&self, id: &CodeId) -> Result<Verifier, EngineError> {
        let sealed = self.routes.data("verifier", id.as_str())?.ok_or(EngineError::NotFound)?;
        self.open_object("verifier", id.as_str(), sealed)
    }

    /// A `UUIDv7` (RFC 9562), later than every one before: identifiers sort in the order in which they were made.
    fn fact_id(&mut self, now: &Now) -> Result<FactId, EngineError> {
        let best = u64::try_from(self.at(now).best().ms().0).unwrap_or(0);
        self.last_id_ms = best.max(self.last_id_ms + 1);
        let mut random = [0; 10];
        self.rng.fill_bytes(&mut random);
        let id = uuid::Builder::from_unix_timestamp_millis(self.last_id_ms, &random).into_uuid();
        FactId::new(id.to_string()).map_err(|_| EngineError::internal("fact-id"))
    }
}

/// The kind of a fact, as on the wire.
fn kind_word(body: &FactBody) -> Result<String, EngineError> {
    #[derive(serde::Deserialize)]
    struct Kind {
        kind: String,
    }
    let value = serde_json::to_value(body).map_err(|_| EngineError::internal("kind"))?;
    serde_json::from_value(value).map(|Kind { kind }| kind).map_err(|_| EngineError::internal("kind"))
}

/// The fact of an entry that did not match.
pub(super) fn missed(attempts: Vec<AttemptId>, result: CodeTryResult) -> FactBody {
    FactBody::CodeTried { attempts, result, code_id: None, strength: None, evidence: None }
}

fn attempt_of(verifiers: &[Verifier], code: &CodeId) -> Result<AttemptId, EngineError> {
    let found = verifiers.iter().find(|verifier| verifier.code_id == *code);
    found.map(|verifier| verifier.attempt.clone()).ok_or_else(|| EngineError::internal("match"))
}

/// The shell's device key as a signer.
pub(super) struct PortKey<'a> {
    key: &'a dyn DeviceKey,
    jwk: Jwk,
}

impl<'a> PortKey<'a> {
    pub(super) fn new(key: &'a dyn DeviceKey) -> Result<Self, EngineError> {
        let jwk = jwk_from_sec1(&key.public_key()?)?;
        Ok(Self { key, jwk })
    }
}

impl Sign for PortKey<'_> {
    fn jwk(&self) -> Jwk {
        self.jwk.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        let signature = self.key.sign(message).map_err(|_| SignError::Unavailable)?;
        signature_from_raw_or_der(&signature)
    }
}

/// Where tests pull the plug. Outside of tests it is nothing.
#[cfg(not(test))]
#[allow(clippy::unnecessary_wraps)]
fn crash_point(_name: &str) -> Result<(), EngineError> {
    Ok(())
}

#[cfg(test)]
pub(super) use plug::crash_point;

#[cfg(test)]
pub(super) mod plug {
    use std::cell::RefCell;

    use crate::error::EngineError;

    thread_local! {
        static ARMED: RefCell<Option<&'static str>> = const { RefCell::new(None) };
    }

    /// The next time this point is reached, the machine stops as if it was killed.
    pub(crate) fn pull_at(name: &'static str) {
        ARMED.with(|armed| *armed.borrow_mut() = Some(name));
    }

    pub(crate) fn crash_point(name: &str) -> Result<(), EngineError> {
        let hit = ARMED.with(|armed| armed.borrow_mut().take_if(|at| *at == name).is_some());
        if hit { Err(EngineError::internal("killed")) } else { Ok(()) }
    }
}
