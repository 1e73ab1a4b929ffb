//! A modified app with a properly enrolled device key: it signs whatever it likes and sends it.

use courier_codes::{Entry, EvidenceContext, EvidenceKey, Sign, SigningKey, evidence, fact_hash, sign_jws};
use courier_domain::fact::VERSION;
use courier_domain::{
    At, AttemptId, Base64Url, CodeEntry, CodeId, CodeTryResult, FactBody, FactHash, FactId, FactPayload,
    InstallId, Strength, UnixMs,
};
use courier_protocol::{
    Assertion, EnrolAnswer, EnrolProof, EnrolRequest, FactItem, FactResult, FactsAnswer, FactsRequest,
    KeyLevel, TokenAnswer, TokenRequest, header,
};
use courier_scenario::http::Answer;
use courier_tests::ask;
use courier_tests::world::World;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde::Serialize;
use serde::de::DeserializeOwned;

const JSON: &str = "content-type: application/json";

/// See the module.
pub(crate) struct Forger {
    url: String,
    public_url: String,
    pub(crate) install: InstallId,
    device: SigningKey,
    day: SigningKey,
    evidence_key: EvidenceKey,
    /// A token that is good now.
    pub(crate) token: String,
    rng: ChaCha20Rng,
    head: Option<(u64, FactHash)>,
    now: i64,
    /// What the server is to be told of its own epoch.
    pub(crate) epoch: String,
}

fn signed(typ: &str, payload: &impl Serialize, key: &SigningKey) -> String {
    sign_jws(typ, &serde_json::to_vec(payload).unwrap(), key).unwrap()
}

fn read<T: DeserializeOwned>(answer: &Answer) -> T {
    assert!(matches!(answer.status, 200 | 201), "{}: {}", answer.status, answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// Digits or a token of a QR, sealed as an app seals them.
pub(crate) fn digits(text: &str) -> Entry {
    Entry::parse(&CodeEntry::Digits(text.into())).unwrap()
}

impl Forger {
    /// Enrols as one more phone of the world's courier, and begins a day.
    pub(crate) fn enrol(world: &World, name: &str) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(name.len() as u64);
        let (device, day) = (SigningKey::generate(&mut rng), SigningKey::generate(&mut rng));
        let install = InstallId::new(name).unwrap();
        let code = world.service().add_enrolment(&world.courier).unwrap();
        let proof = EnrolProof { code: code.clone(), install: install.clone() };
        let request = EnrolRequest {
            code,
            install: install.clone(),
            device_jwk: device.jwk(),
            key: KeyLevel::Hardware,
            platform: "modified".into(),
            app: "modified".into(),
            proof: signed(header::TYP_ENROL, &proof, &device),
        };
        let body = serde_json::to_vec(&request).unwrap();
        let answer: EnrolAnswer = read(&ask(&world.url, "POST", "/v1/enrol", &[JSON], &body));
        let evidence_key = EvidenceKey::from_base64(&answer.evidence_keys[0].x25519).unwrap();
        let mut forger = Self {
            url: world.url.clone(),
            public_url: world.service().public_url().to_owned(),
            install,
            device,
            day,
            evidence_key,
            token: String::new(),
            rng,
            head: None,
            now: answer.server_ms.0,
            epoch: answer.epoch,
        };
        let assertion = forger.assertion(&format!("first-{name}"), &forger.public_url, forger.now);
        forger.token = read::<TokenAnswer>(&forger.ask_token(&assertion)).access_token;
        let begun = FactBody::DayStarted { day_jwk: forger.day.jwk() };
        let device = SigningKey::from_bytes(forger.device.to_bytes().as_ref()).unwrap();
        let fact = forger.fact(&format!("begin-{name}"), begun, &device);
        assert!(forger.send(&[fact])[0].flags.is_empty());
        forger
    }

    /// An assertion, signed by the device key.
    pub(crate) fn assertion(&self, jti: &str, aud: &str, iat: i64) -> String {
        let assertion =
            Assertion { iss: self.install.clone(), aud: aud.into(), iat: UnixMs(iat), jti: jti.into() };
        signed(header::TYP_ASSERTION, &assertion, &self.device)
    }

    /// The answer to an assertion.
    pub(crate) fn ask_token(&self, assertion: &str) -> Answer {
        let request = TokenRequest { assertion: assertion.into() };
        ask(&self.url, "POST", "/v1/token", &[JSON], &serde_json::to_vec(&request).unwrap())
    }

    /// What the device key signs besides facts: to show that one kind of signature is not taken for another.
    pub(crate) fn sign_as(&self, typ: &str, payload: &impl Serialize) -> String {
        signed(typ, payload, &self.device)
    }

    /// Seals an entry for a fact of this installation.
    pub(crate) fn seal(&mut self, entry: &Entry, fact: &str, attempt: &AttemptId) -> Base64Url {
        let fact = FactId::new(fact).unwrap();
        let attempts = [attempt.clone()];
        let context = EvidenceContext { fact: &fact, install: &self.install, attempts: &attempts };
        evidence::seal(&mut self.rng, entry, &self.evidence_key, &context).unwrap()
    }

    /// The claim that an entry fitted, with evidence.
    pub(crate) fn matched(attempt: &AttemptId, code: &CodeId, evidence: Base64Url) -> FactBody {
        FactBody::CodeTried {
            attempts: vec![attempt.clone()],
            result: CodeTryResult::Matched,
            code_id: Some(code.clone()),
            strength: Some(Strength::Tag),
            evidence: Some(evidence),
        }
    }

    /// A fact, next in the chain.
    pub(crate) fn fact(&mut self, id: &str, body: FactBody, key: &SigningKey) -> FactItem {
        let at = At {
            wall: UnixMs(self.now),
            boot_ms: 1,
            boot: "forged".into(),
            server_ms: Some(UnixMs(self.now)),
            plus_minus_ms: Some(10),
        };
        let seq = self.head.as_ref().map_or(1, |(seq, _)| seq + 1);
        let payload = FactPayload {
            v: VERSION,
            id: FactId::new(id).unwrap(),
            install: self.install.clone(),
            inc: 1,
            seq,
            prev: self.head.take().map(|(_, hash)| hash),
            at,
            route: None,
            stop: None,
            stop_rev: None,
            body,
            private: None,
        };
        let jws = signed(header::TYP_FACT, &payload, key);
        self.head = Some((seq, fact_hash(&jws)));
        FactItem { jws, private: None }
    }

    /// The same, signed by the key of the day, and sent.
    pub(crate) fn say(&mut self, id: &str, body: FactBody) -> FactResult {
        let day = SigningKey::from_bytes(self.day.to_bytes().as_ref()).unwrap();
        let fact = self.fact(id, body, &day);
        self.send(&[fact]).remove(0)
    }

    /// An entry, sealed, claimed to fit, sent.
    pub(crate) fn claim(&mut self, id: &str, text: &str, attempt: &AttemptId, code: &CodeId) -> FactResult {
        let sealed = self.seal(&digits(text), id, attempt);
        self.say(id, Self::matched(attempt, code, sealed))
    }

    /// Facts, whoever signed them, in the name of an installation.
    pub(crate) fn send_as(&self, install: &InstallId, facts: &[FactItem]) -> Answer {
        let request = FactsRequest {
            install: install.clone(),
            inc: 1,
            epoch: self.epoch.clone(),
            facts: facts.to_vec(),
        };
        let auth = format!("authorization: Bearer {}", self.token);
        let headers = [auth.as_str(), "courier-request: forged", JSON];
        ask(&self.url, "POST", "/v1/facts", &headers, &serde_json::to_vec(&request).unwrap())
    }

    /// Facts in the forger's own name.
    pub(crate) fn send(&self, facts: &[FactItem]) -> Vec<FactResult> {
        read::<FactsAnswer>(&self.send_as(&self.install, facts)).results
    }
}

/// Verdict and reason of a result, in words.
pub(crate) fn verdict(result: &FactResult) -> String {
    let verdict = result.verdict.as_ref().map(|it| format!("{:?} {}", it.verdict, it.why));
    verdict.unwrap_or_else(|| format!("none {:?}", result.flags))
}
