//! A phone that can also do what no phone of ours would.

use courier_backend::entropy::Entropy;
use courier_codes::evidence::seal;
use courier_codes::{
    Code, Entry, EvidenceContext, EvidenceKey, Sign, SigningKey, Token, fact_hash, private, sign_jws,
};
use courier_domain::fact::VERSION;
use courier_domain::{
    At, AttemptId, Base64Url, CodeId, CodeTryResult, FactBody, FactHash, FactId, FactPayload, InstallId,
    ParcelId, PrivatePart, Receiver, Shipment, Strength, Verdict,
};
use courier_engine::{HttpResponse, Method};
use courier_protocol::{
    Assertion, EnrolAnswer, EnrolProof, EnrolRequest, FactItem, FactResult, FactsAnswer, FactsRequest,
    KeyLevel, TokenAnswer, TokenRequest, header,
};
use rand_core::Rng;
use serde::Serialize;

use crate::report::{Check, Stop, broken, equal, holds};
use crate::world::{World, read};

/// A fact, signed.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) item: FactItem,
    pub(crate) id: FactId,
    pub(crate) hash: FactHash,
    pub(crate) seq: u64,
}

/// One installation.
pub(crate) struct Phone {
    pub(crate) install: InstallId,
    pub(crate) device: SigningKey,
    pub(crate) day: SigningKey,
    pub(crate) evidence_key: EvidenceKey,
    pub(crate) epoch: String,
    pub(crate) token: String,
    pub(crate) inc: u32,
    pub(crate) seq: u64,
    pub(crate) prev: Option<FactHash>,
}

/// Something as JSON. What is serialised here always can be.
pub(crate) fn bytes(what: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(what).unwrap_or_default()
}

/// A JWS.
pub(crate) fn sign(typ: &str, payload: &[u8], key: &SigningKey) -> Result<String, Stop> {
    sign_jws(typ, payload, key).map_err(|error| broken("a signature", error.to_string()))
}

/// A fresh installation.
pub(crate) fn new_install(world: &mut World) -> Result<InstallId, Stop> {
    InstallId::new(world.text()).map_err(|error| broken("an identifier", error.to_string()))
}

/// A request to enrol.
pub(crate) fn enrolment(code: &str, install: &InstallId, device: &SigningKey) -> Result<EnrolRequest, Stop> {
    let proof = EnrolProof { code: code.into(), install: install.clone() };
    Ok(EnrolRequest {
        code: code.into(),
        install: install.clone(),
        device_jwk: device.jwk(),
        key: KeyLevel::Software,
        platform: "conformance".into(),
        app: concat!("courier-conformance ", env!("CARGO_PKG_VERSION")).into(),
        proof: sign(header::TYP_ENROL, &bytes(&proof), device)?,
    })
}

/// Asks for a token with an assertion that this key signs.
pub(crate) fn ask_token(
    world: &mut World,
    assertion: &Assertion,
    key: &SigningKey,
) -> Result<HttpResponse, Stop> {
    let assertion = sign(header::TYP_ASSERTION, &bytes(assertion), key)?;
    world.post("/v1/token", &TokenRequest { assertion })
}

impl Phone {
    /// Enrols.
    pub(crate) fn enrol(world: &mut World, code: &str) -> Result<Self, Stop> {
        let install = new_install(world)?;
        let [device, day] = [(); 2].map(|()| SigningKey::generate(&mut world.rng));
        let answer = world.post("/v1/enrol", &enrolment(code, &install, &device)?)?;
        let enrolled: EnrolAnswer = read(&answer, 200)?;
        let key = enrolled.evidence_keys.first().ok_or_else(|| broken("an evidence key", "none"))?;
        let evidence_key = EvidenceKey::from_base64(&key.x25519)
            .map_err(|error| broken("an X25519 key", error.to_string()))?;
        let (epoch, token, prev) = (enrolled.epoch, String::new(), None);
        Ok(Self { install, device, day, evidence_key, epoch, token, inc: 1, seq: 0, prev })
    }

    /// Enrols and asks for a token.
    pub(crate) fn with_token(world: &mut World, code: &str) -> Result<Self, Stop> {
        let mut phone = Self::enrol(world, code)?;
        phone.renew(world)?;
        Ok(phone)
    }

    /// An assertion for a token; `change` makes it another one.
    pub(crate) fn assertion(&self, world: &mut World, change: impl FnOnce(&mut Assertion)) -> Assertion {
        let (aud, jti) = (world.url.clone(), world.text());
        let mut assertion = Assertion { iss: self.install.clone(), aud, iat: world.now(), jti };
        change(&mut assertion);
        assertion
    }

    /// Asks for a token.
    pub(crate) fn renew(&mut self, world: &mut World) -> Result<TokenAnswer, Stop> {
        let assertion = self.assertion(world, |_| {});
        let answer: TokenAnswer = read(&ask_token(world, &assertion, &self.device)?, 200)?;
        self.token.clone_from(&answer.access_token);
        Ok(answer)
    }

    fn authorization(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// Asks with the token.
    pub(crate) fn ask(
        &self,
        world: &mut World,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Result<HttpResponse, Stop> {
        let (token, echo) = (self.authorization(), world.text());
        let mut all = vec![("authorization", token.as_str())];
        if !headers.iter().any(|(name, _)| *name == header::REQUEST) {
            all.push((header::REQUEST, echo.as_str()));
        }
        all.extend(headers);
        world.ask(method, path, &all, body)
    }

    /// An identifier as phones make them (UUIDv7).
    pub(crate) fn new_id(world: &mut World) -> Result<FactId, Stop> {
        let (ms, high, low) = (world.now().0, world.rng.next_u32() & 0xfff, world.rng.next_u64());
        let (first, second) = ((ms >> 16) & 0xffff_ffff, ms & 0xffff);
        let text = format!(
            "{first:08x}-{second:04x}-7{high:03x}-8{:03x}-{:012x}",
            low >> 52,
            low & 0xffff_ffff_ffff
        );
        FactId::new(text).map_err(|error| broken("an identifier", error.to_string()))
    }

    /// When something happens, as a phone knows that has just heard of the backend.
    pub(crate) fn at(&self, world: &World) -> At {
        let now = world.now();
        At {
            wall: now,
            boot_ms: 1_000 * (self.seq + 1),
            boot: "boot-1".into(),
            server_ms: Some(now),
            plus_minus_ms: Some(200),
        }
    }

    /// The payload of the next fact.
    pub(crate) fn payload(&self, world: &World, id: &FactId, body: FactBody) -> FactPayload {
        FactPayload {
            v: VERSION,
            id: id.clone(),
            install: self.install.clone(),
            inc: self.inc,
            seq: self.seq + 1,
            prev: self.prev.clone(),
            at: self.at(world),
            route: None,
            stop: None,
            stop_rev: None,
            private: None,
            body,
        }
    }

    /// Signs these bytes as the next fact of the chain with a key.
    pub(crate) fn sign_next(&mut self, id: &FactId, payload: &[u8], key: KeyOf) -> Result<Fact, Stop> {
        let key = if key == KeyOf::Device { &self.device } else { &self.day };
        let jws = sign(header::TYP_FACT, payload, key)?;
        let hash = fact_hash(&jws);
        self.seq += 1;
        self.prev = Some(hash.clone());
        Ok(Fact { item: FactItem { jws, private: None }, id: id.clone(), hash, seq: self.seq })
    }

    /// The next fact of the chain, with an identifier and changes of the payload.
    pub(crate) fn add_changed(
        &mut self,
        world: &World,
        id: &FactId,
        body: FactBody,
        change: impl FnOnce(&mut FactPayload),
    ) -> Result<Fact, Stop> {
        let key = if matches!(body, FactBody::DayStarted { .. }) { KeyOf::Device } else { KeyOf::Day };
        let mut payload = self.payload(world, id, body);
        change(&mut payload);
        self.sign_next(id, &bytes(&payload), key)
    }

    /// The next fact of the chain.
    pub(crate) fn add(&mut self, world: &mut World, body: FactBody) -> Result<Fact, Stop> {
        let id = Self::new_id(world)?;
        self.add_changed(world, &id, body, |_| {})
    }

    /// The beginning of the day.
    pub(crate) fn day_started(&mut self, world: &mut World) -> Result<Fact, Stop> {
        let day_jwk = self.day.jwk();
        self.add(world, FactBody::DayStarted { day_jwk })
    }

    /// Begins the day, and hands that in.
    pub(crate) fn start_day(&mut self, world: &mut World) -> Check {
        let begun = self.day_started(world)?;
        self.send(world, &[&begun]).map(|_| ())
    }

    /// A handover.
    pub(crate) fn handed_over(
        &mut self,
        world: &mut World,
        shipment: &Shipment,
        receiver: Receiver,
        code_try: Option<&FactId>,
    ) -> Result<Fact, Stop> {
        self.add(world, handover(shipment, receiver, code_try))
    }

    /// An entry at the door that the phone takes for right, sealed.
    pub(crate) fn entered(
        &mut self,
        world: &mut World,
        (attempt, code_id): (&AttemptId, &CodeId),
        entry: &Entry,
        change: impl FnOnce(&mut FactPayload),
    ) -> Result<Fact, Stop> {
        let id = Self::new_id(world)?;
        let evidence = self.seal(&mut world.rng, &id, attempt, entry)?;
        let strength = if matches!(entry, Entry::Token(_)) { Strength::Token } else { Strength::Tag };
        let body = FactBody::CodeTried {
            attempts: vec![attempt.clone()],
            result: CodeTryResult::Matched,
            code_id: Some(code_id.clone()),
            strength: Some(strength),
            evidence: Some(evidence),
        };
        self.add_changed(world, &id, body, change)
    }

    /// An entry, sealed for a fact.
    pub(crate) fn seal(
        &self,
        rng: &mut Entropy,
        fact: &FactId,
        attempt: &AttemptId,
        entry: &Entry,
    ) -> Result<Base64Url, Stop> {
        let attempts = std::slice::from_ref(attempt);
        let context = EvidenceContext { fact, install: &self.install, attempts };
        seal(rng, entry, &self.evidence_key, &context)
            .map_err(|error| broken("an evidence key", error.to_string()))
    }

    /// A batch of these, as a request.
    pub(crate) fn batch(&self, facts: &[&Fact]) -> FactsRequest {
        FactsRequest {
            install: self.install.clone(),
            inc: self.inc,
            epoch: self.epoch.clone(),
            facts: facts.iter().map(|fact| fact.item.clone()).collect(),
        }
    }

    /// Hands a batch in, and takes the answer as it comes.
    pub(crate) fn send_batch(&self, world: &mut World, batch: &FactsRequest) -> Result<FactsAnswer, Stop> {
        let answer = self.ask(
            world,
            Method::Post,
            "/v1/facts",
            &[("content-type", "application/json")],
            bytes(batch),
        )?;
        read(&answer, 200)
    }

    /// Hands facts in. There is a result for each.
    pub(crate) fn send(&self, world: &mut World, facts: &[&Fact]) -> Result<FactsAnswer, Stop> {
        let answer = self.send_batch(world, &self.batch(facts))?;
        equal("number of results", &answer.results.len(), &facts.len())?;
        Ok(answer)
    }

    /// Hands one fact in.
    pub(crate) fn send_one(&self, world: &mut World, fact: &Fact) -> Result<FactResult, Stop> {
        let answer = self.send(world, &[fact])?;
        answer.results.into_iter().next().ok_or_else(|| broken("a result", "none"))
    }
}

/// Which key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyOf {
    Device,
    Day,
}

/// What a handover of a whole shipment says.
pub(crate) fn handover(shipment: &Shipment, receiver: Receiver, code_try: Option<&FactId>) -> FactBody {
    let parcels: Vec<ParcelId> = shipment.parcels.iter().map(|parcel| parcel.id.clone()).collect();
    FactBody::HandedOver {
        attempt: shipment.attempt.id.clone(),
        scanned: parcels.clone(),
        parcels,
        receiver,
        code_try: code_try.cloned(),
        proofs: Vec::new(),
        overrides: Vec::new(),
        checks: Vec::new(),
    }
}

/// A private part, packed, and what the fact says of it.
pub(crate) fn packed(rng: &mut Entropy, name: &str) -> (String, Base64Url) {
    let part = PrivatePart { name: Some(name.into()), ..PrivatePart::default() };
    private::pack(rng, &bytes(&part))
}

/// Digits as an entry.
pub(crate) fn digits(text: &str) -> Result<Entry, Stop> {
    Code::parse(text).map(Entry::Digits).map_err(|error| broken("six digits", format!("{error}")))
}

/// The text of a QR as an entry.
pub(crate) fn token(text: &str) -> Result<Entry, Stop> {
    Token::parse(text).map(Entry::Token).map_err(|error| broken("the text of a QR", format!("{error}")))
}

/// The judge said this.
pub(crate) fn is_judged(result: &FactResult, verdict: Verdict, why: &str) -> Check {
    let seen = result.verdict.as_ref().map(|judged| (judged.verdict, judged.why.as_str()));
    equal("the verdict", &seen, &Some((verdict, why)))
}

/// Nobody judged it.
pub(crate) fn is_not_judged(result: &FactResult) -> Check {
    holds("no verdict", result.verdict.is_none(), format!("{:?}", result.verdict))
}
