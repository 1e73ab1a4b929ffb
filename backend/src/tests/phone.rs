//! A phone that signs whatever it is told to.

use courier_codes::encoding::encode_typed;
use courier_codes::{
    Code, Entry, EvidenceContext, Sign, SigningKey, evidence, fact_hash, private, sealed_file, sign_jws,
};
use courier_domain::fact::VERSION;
use courier_domain::{
    At, AttemptId, CodeId, CodeTryResult, FactBody, FactHash, FactId, FactPayload, InstallId, ParcelId,
    PrivatePart, Reason, Receiver, Strength, UnixMs, Verdict,
};
use courier_protocol::{
    EnrolProof, EnrolRequest, ExportFile, ExportPayload, FactItem, FactResult, FactsAnswer, FactsRequest,
    KeyLevel, header,
};

use super::day::{Day, MORNING};
use crate::entropy::{self, Entropy, random_id};
use crate::service::Service;
use crate::storage::Installation;

pub(super) struct Phone {
    pub(super) install: InstallId,
    pub(super) inc: u32,
    pub(super) seq: u64,
    pub(super) prev: Option<FactHash>,
    pub(super) key: SigningKey,
    pub(super) rng: Entropy,
    /// Revision of what the phone knows of the stop.
    pub(super) stop_rev: Option<u64>,
    /// Time of the facts as the phone knows it; `None` = uncertain.
    pub(super) server_ms: Option<i64>,
    device: SigningKey,
    pub(super) from: Installation,
}

impl Phone {
    /// Enrolled, its day begun.
    pub(super) fn of(day: &Day) -> Self {
        Self::nth(day, 1)
    }

    /// The courier's first, second … phone.
    pub(super) fn nth(day: &Day, n: u64) -> Self {
        let mut rng = entropy::from_seed(100 + n);
        let device = SigningKey::generate(&mut rng);
        let install = InstallId::new(random_id(&mut rng)).unwrap();
        let code = day.service.add_enrolment(&day.courier).unwrap();
        let proof = EnrolProof { code: code.clone(), install: install.clone() };
        let proof = sign_jws(header::TYP_ENROL, &serde_json::to_vec(&proof).unwrap(), &device).unwrap();
        day.service
            .enrol(&EnrolRequest {
                code,
                install: install.clone(),
                device_jwk: device.jwk(),
                key: KeyLevel::Software,
                platform: "test".into(),
                app: "test".into(),
                proof,
            })
            .unwrap();
        let from = Installation {
            install: install.clone(),
            courier: day.courier.clone(),
            device_jwk: device.jwk(),
            dismissed_at: None,
            suspended_at: None,
        };
        let key = SigningKey::generate(&mut rng);
        let mut phone = Self {
            install,
            inc: 1,
            seq: 0,
            prev: None,
            key,
            rng,
            stop_rev: None,
            server_ms: Some(MORNING),
            device,
            from,
        };
        let item = phone.same_day_again();
        let first = phone.send(day, vec![item]).results.remove(0);
        assert_eq!(first.flags, [""; 0]);
        phone
    }

    pub(super) fn payload(&mut self, body: FactBody) -> FactPayload {
        self.seq += 1;
        self.payload_at(self.inc, self.seq, body)
    }

    pub(super) fn payload_at(&mut self, inc: u32, seq: u64, body: FactBody) -> FactPayload {
        FactPayload {
            v: VERSION,
            id: FactId::new(random_id(&mut self.rng)).unwrap(),
            install: self.install.clone(),
            inc,
            seq,
            prev: self.prev.clone(),
            at: At {
                wall: UnixMs(MORNING),
                boot_ms: 1,
                boot: "boot".into(),
                server_ms: self.server_ms.map(UnixMs),
                plus_minus_ms: self.server_ms.map(|_| 500),
            },
            route: None,
            stop: None,
            stop_rev: self.stop_rev,
            private: None,
            body,
        }
    }

    pub(super) fn sign(&mut self, payload: &FactPayload) -> FactItem {
        let jws = sign_jws(header::TYP_FACT, &serde_json::to_vec(payload).unwrap(), &self.key).unwrap();
        self.prev = Some(fact_hash(&jws));
        FactItem { jws, private: None }
    }

    pub(super) fn sign_with(&mut self, payload: &FactPayload, key: &SigningKey) -> FactItem {
        let jws = sign_jws(header::TYP_FACT, &serde_json::to_vec(payload).unwrap(), key).unwrap();
        self.prev = Some(fact_hash(&jws));
        FactItem { jws, private: None }
    }

    /// Begins a day with a fresh key, and says so only when the fact is sent.
    pub(super) fn new_day(&mut self) -> FactItem {
        self.key = SigningKey::generate(&mut self.rng);
        self.same_day_again()
    }

    /// Names the day's key, by the device's.
    pub(super) fn same_day_again(&mut self) -> FactItem {
        let payload = self.payload(FactBody::DayStarted { day_jwk: self.key.jwk() });
        let jws = sign_jws(header::TYP_FACT, &serde_json::to_vec(&payload).unwrap(), &self.device).unwrap();
        self.prev = Some(fact_hash(&jws));
        FactItem { jws, private: None }
    }

    pub(super) fn send(&self, day: &Day, facts: Vec<FactItem>) -> FactsAnswer {
        self.send_to(&day.service, facts)
    }

    pub(super) fn send_to(&self, service: &Service, facts: Vec<FactItem>) -> FactsAnswer {
        service.accept(&self.from, &self.request(service, facts), "echo").unwrap()
    }

    pub(super) fn request(&self, service: &Service, facts: Vec<FactItem>) -> FactsRequest {
        let (install, epoch) = (self.install.clone(), service.epoch().to_owned());
        FactsRequest { install, inc: self.inc, epoch, facts }
    }

    /// The file that it exports instead of sending these batches.
    pub(super) fn export(&mut self, day: &Day, batches: &[Vec<FactItem>]) -> ExportFile {
        let requests: Vec<_> =
            batches.iter().map(|facts| self.request(&day.service, facts.clone())).collect();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, &serde_json::to_vec(&requests).unwrap()).unwrap();
        let key = day.service.keys().evidence[0].public();
        let sealed = sealed_file::seal(&mut self.rng, &gzip.finish().unwrap(), key, &self.install).unwrap();
        let payload = ExportPayload {
            install: self.install.clone(),
            facts: batches.iter().map(|facts| facts.len() as u64).sum(),
            made: UnixMs(MORNING),
            sha256: sealed_file::sha256(&sealed),
        };
        let payload = serde_json::to_vec(&payload).unwrap();
        let proof = sign_jws(header::TYP_EXPORT, &payload, &self.device).unwrap();
        ExportFile { courier_export: 1, proof, sealed: encode_typed(&sealed) }
    }

    /// Makes, signs and sends one fact.
    pub(super) fn say(&mut self, day: &Day, body: FactBody) -> FactResult {
        let payload = self.payload(body);
        let item = self.sign(&payload);
        self.send(day, vec![item]).results.remove(0)
    }

    /// The same with something personal beside it.
    pub(super) fn say_of(&mut self, day: &Day, body: FactBody, name: &str) -> FactResult {
        let part = PrivatePart { name: Some(name.into()), ..PrivatePart::default() };
        let (packed, commitment) = private::pack(&mut self.rng, &serde_json::to_vec(&part).unwrap());
        let mut payload = self.payload(body);
        payload.private = Some(commitment);
        let mut item = self.sign(&payload);
        item.private = Some(packed);
        self.send(day, vec![item]).results.remove(0)
    }

    /// An entry that this phone says fits, sealed to the backend.
    pub(super) fn try_code(
        &mut self,
        day: &Day,
        attempt: &AttemptId,
        code: &CodeId,
        digits: &str,
    ) -> FactResult {
        let item = self.entry(day, attempt, code, digits);
        self.send(day, vec![item]).results.remove(0)
    }

    pub(super) fn entry(&mut self, day: &Day, attempt: &AttemptId, code: &CodeId, digits: &str) -> FactItem {
        let attempts = vec![attempt.clone()];
        self.entry_at(day, attempts, Some(code), digits)
    }

    /// An entry at several attempts; without a code it is one that this phone could not check.
    pub(super) fn entry_at(
        &mut self,
        day: &Day,
        attempts: Vec<AttemptId>,
        code: Option<&CodeId>,
        digits: &str,
    ) -> FactItem {
        let mut payload = self.payload(FactBody::Arrived {});
        let context = EvidenceContext { fact: &payload.id, install: &self.install, attempts: &attempts };
        let entry = Entry::Digits(Code::parse(digits).unwrap());
        let sealed =
            evidence::seal(&mut self.rng, &entry, day.service.keys().evidence[0].public(), &context).unwrap();
        payload.body = FactBody::CodeTried {
            attempts,
            result: if code.is_some() { CodeTryResult::Matched } else { CodeTryResult::Unjudged },
            code_id: code.cloned(),
            strength: code.map(|_| Strength::Tag),
            evidence: Some(sealed),
        };
        self.sign(&payload)
    }

    /// An entry that this phone could not check.
    pub(super) fn ask(&mut self, day: &Day, attempt: &AttemptId, digits: &str) -> FactResult {
        let item = self.entry_at(day, vec![attempt.clone()], None, digits);
        self.send(day, vec![item]).results.remove(0)
    }

    /// A miss at the door.
    pub(super) fn miss(&mut self, day: &Day, attempt: &AttemptId) -> FactResult {
        let (attempts, result) = (vec![attempt.clone()], CodeTryResult::Mismatch);
        self.say(day, FactBody::CodeTried { attempts, result, code_id: None, strength: None, evidence: None })
    }

    pub(super) fn withdraw(&mut self, day: &Day, fact: &FactResult) -> FactResult {
        self.say(day, FactBody::Withdrawn { fact: fact.id.clone().unwrap() })
    }
}

pub(super) fn handed(attempt: &AttemptId, parcels: &[ParcelId], code_try: Option<&FactResult>) -> FactBody {
    FactBody::HandedOver {
        attempt: attempt.clone(),
        parcels: parcels.to_vec(),
        receiver: Receiver::Recipient,
        code_try: code_try.map(|fact| fact.id.clone().unwrap()),
        scanned: parcels.to_vec(),
        proofs: Vec::new(),
        overrides: Vec::new(),
        checks: Vec::new(),
    }
}

pub(super) fn failed(attempt: &AttemptId, parcels: &[ParcelId], reason: Reason) -> FactBody {
    FactBody::NotDelivered { attempt: attempt.clone(), parcels: parcels.to_vec(), reason }
}

/// Verdict and its reason.
pub(super) fn ruling(result: &FactResult) -> (Verdict, &str) {
    let verdict = result.verdict.as_ref().expect("no verdict");
    (verdict.verdict, verdict.why.as_str())
}
