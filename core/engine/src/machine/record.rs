//! Building, signing and committing facts.

use courier_codes::planted::{self, Weakness};
use courier_codes::{RowAad, Sign, SignError, SigningKey, fact_hash, private, read_jws, sign_jws};
use courier_codes::{signature_from_raw_or_der, thumbprint};
use courier_domain::fact::VERSION;
use courier_domain::{FactBody, FactId, FactPayload, Jwk, PrivatePart, RouteRef, StopId};
use courier_protocol::header::TYP_FACT;
use rand_core::Rng;

use super::Machine;
use crate::clock::Now;
use crate::error::EngineError;
use crate::planted::Bug;
use crate::ports::{DeviceKey, PortError};
use crate::store::StoreError;
use crate::store::journal::{Along, Head, NewDay, SealedDayKey, StoredFact};

/// A fact that is not yet signed.
pub(super) struct Unsigned {
    pub(super) id: FactId,
    pub(super) stop: Option<StopId>,
    pub(super) body: FactBody,
    pub(super) private: PrivatePart,
}

/// The device key as a signer.
pub(super) struct DeviceSigner<'a> {
    key: &'a dyn DeviceKey,
    jwk: Jwk,
}

impl<'a> DeviceSigner<'a> {
    pub(super) fn new(key: &'a dyn DeviceKey) -> Result<Self, PortError> {
        Ok(Self { key, jwk: key.public()? })
    }

    /// Signs, and checks what the port returned: a wrong signature would stay wrong for ever.
    pub(super) fn sign_checked(&self, typ: &str, payload: &[u8]) -> Result<String, PortError> {
        let jws = sign_jws(typ, payload, self).map_err(|error| match error {
            SignError::Unavailable => PortError::Unavailable,
            SignError::NotASignature | SignError::NotAKey => PortError::Failed,
        })?;
        let checked = read_jws(&jws).is_ok_and(|read| read.verify(&self.jwk, typ).is_ok());
        if checked { Ok(jws) } else { Err(PortError::Failed) }
    }
}

impl Sign for DeviceSigner<'_> {
    fn jwk(&self) -> Jwk {
        self.jwk.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        let signature = self.key.sign(message).map_err(|_| SignError::Unavailable)?;
        signature_from_raw_or_der(&signature)
    }
}

impl Machine {
    /// A new fact id: `UUIDv7` of the best time there is, later than every id before it.
    pub(super) fn fact_id(&mut self, now: &Now) -> Result<FactId, EngineError> {
        let best = u64::try_from(self.at(now).best().ms().0).unwrap_or(0);
        let ms = best.max(self.newest_id_ms + 1);
        let mut random = [0; 10];
        self.rng.fill_bytes(&mut random);
        let id = uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid();
        self.newest_id_ms = ms;
        FactId::new(id.to_string()).map_err(|_| EngineError::Internal("fact id"))
    }

    /// Signs a fact with the day key and commits it.
    pub(super) fn record(&mut self, unsigned: Unsigned, now: &Now) -> Result<FactId, EngineError> {
        self.record_along(unsigned, &Along::Nothing, now)
    }

    /// The same, together with something else.
    pub(super) fn record_along(
        &mut self,
        unsigned: Unsigned,
        along: &Along<'_>,
        now: &Now,
    ) -> Result<FactId, EngineError> {
        // A chain names its own key: after a raised incarnation, or when the key cannot be read, another one.
        let key = match self.day_key.take() {
            Some(key) => key,
            None => self.start_day(now)?.1,
        };
        let done = self.build(unsigned, now).and_then(|(payload, packed)| {
            let json = to_json(&payload)?;
            let jws = sign_jws(TYP_FACT, &json, &key).map_err(|_| EngineError::Internal("day key"))?;
            self.commit(&payload, jws, packed, along)
        });
        self.day_key = Some(key);
        done
    }

    /// Makes a day key and records `day_started`, signed by the device key.
    pub(super) fn start_day(&mut self, now: &Now) -> Result<(FactId, SigningKey), EngineError> {
        let key = SigningKey::generate(&mut self.rng);
        let kid = thumbprint(&key.jwk());
        let unsigned = Unsigned {
            id: self.fact_id(now)?,
            stop: None,
            body: FactBody::DayStarted { day_jwk: key.jwk() },
            private: PrivatePart::default(),
        };
        let (payload, packed) = self.build(unsigned, now)?;
        let jws =
            DeviceSigner::new(self.ports.device_key.as_ref())?.sign_checked(TYP_FACT, &to_json(&payload)?)?;
        let aad = RowAad { table: "day_key", id: &kid, rev: self.identity.inc.into() };
        let sealed = self
            .keys
            .journal
            .seal(&mut self.rng, &aad, key.to_bytes().as_ref())
            .map_err(|_| StoreError::Sealed)?;
        let stops = self.state.route().map(|(route, _)| route.order.clone()).unwrap_or_default();
        let day = NewDay { key: SealedDayKey { inc: self.identity.inc, kid, sealed }, stops: &stops };
        let id = self.commit(&payload, jws, packed, &Along::Day(day))?;
        Ok((id, key))
    }

    fn build(&mut self, unsigned: Unsigned, now: &Now) -> Result<(FactPayload, Option<String>), EngineError> {
        if let (Some(name), true) = (&unsigned.private.name, planted::is(Weakness::ReceiverLogged)) {
            self.info("received-by", &[name]);
        }
        let packed = if unsigned.private.is_empty() {
            None
        } else {
            Some(private::pack(&mut self.rng, &to_json(&unsigned.private)?))
        };
        let (packed, commitment) = packed.unzip();
        let payload = FactPayload {
            v: VERSION,
            id: unsigned.id,
            install: self.identity.install.clone(),
            inc: self.identity.inc,
            seq: self.head.as_ref().map_or(1, |head| head.seq + 1),
            prev: self.head.as_ref().map(|head| head.hash.clone()),
            at: self.at(now),
            route: self.state.route().map(|(route, rev)| RouteRef { id: route.id.clone(), rev }),
            stop_rev: unsigned.stop.as_ref().and_then(|stop| self.state.stop_rev(stop)),
            stop: unsigned.stop,
            private: commitment,
            body: unsigned.body,
        };
        Ok((payload, packed))
    }

    /// Writes, then folds. What fails half-way may be on the disk or not, so memory is folded again before the
    /// next fact.
    fn commit(
        &mut self,
        payload: &FactPayload,
        jws: String,
        packed: Option<String>,
        along: &Along<'_>,
    ) -> Result<FactId, EngineError> {
        let aad = RowAad { table: "fact", id: payload.id.as_str(), rev: payload.seq };
        let sealed_private = packed
            .map(|packed| self.keys.journal.seal(&mut self.rng, &aad, packed.as_bytes()))
            .transpose()
            .map_err(|_| StoreError::Sealed)?;
        let fact = StoredFact {
            inc: payload.inc,
            seq: payload.seq,
            id: payload.id.clone(),
            hash: fact_hash(&jws),
            kind: payload.body.kind().to_owned(),
            jws,
            sealed_private,
        };
        if self.has(Bug::ShownBeforeCommit) {
            self.state.record(payload);
        }
        if let Err(error) = self.store.journal.append(&fact, along) {
            self.stale = true;
            return Err(error.into());
        }
        self.head = Some(Head { seq: fact.seq, hash: fact.hash });
        let before = self.state.day().here.clone();
        if !self.has(Bug::ShownBeforeCommit) {
            self.state.record(payload);
        }
        self.looked.is_old = true;
        if let Some(before) = before {
            self.plan.learn(&self.state, &before);
        }
        if matches!(payload.body, FactBody::DayClosed {}) {
            self.day_closed();
        }
        if matches!(along, Along::Day(_)) {
            // Drafts of other routes went with the commit.
            let folded = self.fold();
            self.stale |= folded.is_err();
            folded?;
        }
        self.changed();
        self.info("fact-recorded", &[&fact.kind, fact.id.as_str()]);
        Ok(fact.id)
    }
}

pub(super) fn to_json(value: &impl serde::Serialize) -> Result<Vec<u8>, EngineError> {
    serde_json::to_vec(value).map_err(|_| EngineError::Internal("json"))
}
