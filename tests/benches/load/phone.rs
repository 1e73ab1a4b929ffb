//! A phone that has signed what it hands in beforehand: what is measured is the backend.

use courier_codes::{Sign, SigningKey, fact_hash, sign_jws};
use courier_domain::fact::VERSION;
use courier_domain::{At, FactBody, FactHash, FactId, FactPayload, InstallId, UnixMs};
use courier_protocol::facts::MAX_FACTS;
use courier_protocol::{Assertion, EnrolProof, FactItem, FactsRequest, header};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde_json::json;

use crate::backend::{Client, KEY, NAME, now_ms};

pub(crate) struct Phone {
    pub(crate) url: String,
    pub(crate) token: String,
    install: InstallId,
    device: SigningKey,
    epoch: String,
}

fn signed(typ: &str, what: &impl serde::Serialize, key: &SigningKey) -> String {
    sign_jws(typ, &serde_json::to_vec(what).unwrap(), key).unwrap()
}

impl Phone {
    /// Of a courier of its own.
    pub(crate) async fn enrol(url: &str, client: &Client, n: usize) -> Self {
        let device = SigningKey::generate(&mut ChaCha20Rng::seed_from_u64(n as u64 + 1));
        let courier = client.post(url, "/v1/couriers", KEY, &json!({"name": format!("Courier {n}")})).await;
        let path = format!("/v1/couriers/{}/enrolments", courier["id"].as_str().unwrap());
        let code = client.post(url, &path, KEY, &json!({})).await["code"].as_str().unwrap().to_owned();
        let install = InstallId::new(format!("load-{n}-{}", now_ms())).unwrap();
        let proof = EnrolProof { code: code.clone(), install: install.clone() };
        let request = json!({"code": code, "install": install, "device_jwk": device.jwk(), "key": "software",
            "platform": "load", "app": "load", "proof": signed(header::TYP_ENROL, &proof, &device)});
        let enrolled = client.post(url, "/v1/enrol", "", &request).await;
        let epoch = enrolled["epoch"].as_str().unwrap().to_owned();
        let assertion =
            Assertion { iss: install.clone(), aud: NAME.into(), iat: UnixMs(now_ms()), jti: format!("{n}") };
        let request = json!({"assertion": signed(header::TYP_ASSERTION, &assertion, &device)});
        let token =
            client.post(url, "/v1/token", "", &request).await["access_token"].as_str().unwrap().to_owned();
        Self { url: url.to_owned(), token, install, device, epoch }
    }

    /// A chain of facts, in full batches.
    pub(crate) fn batches(&self, count: usize) -> Vec<FactsRequest> {
        let mut chain = self.chain();
        (0..count).map(|_| self.batch(chain.by_ref().take(MAX_FACTS).collect())).collect()
    }

    /// What hands in these.
    pub(crate) fn batch(&self, facts: Vec<FactItem>) -> FactsRequest {
        FactsRequest { install: self.install.clone(), inc: 1, epoch: self.epoch.clone(), facts }
    }

    /// A chain of facts without an end.
    pub(crate) fn chain(&self) -> impl Iterator<Item = FactItem> {
        let day = SigningKey::generate(&mut ChaCha20Rng::seed_from_u64(99));
        let mut prev = None;
        (1..).map(move |seq| {
            let (body, key) = if seq == 1 {
                (FactBody::DayStarted { day_jwk: day.jwk() }, &self.device)
            } else {
                let (found, missing, foreign) = (Vec::new(), Vec::new(), Vec::new());
                (FactBody::LoadChecked { found, missing, foreign }, &day)
            };
            let jws = signed(header::TYP_FACT, &self.payload(seq, prev.take(), body), key);
            prev = Some(fact_hash(&jws));
            FactItem { jws, private: None }
        })
    }

    fn payload(&self, seq: u64, prev: Option<FactHash>, body: FactBody) -> FactPayload {
        let now = now_ms();
        FactPayload {
            v: VERSION,
            id: FactId::new(format!("{}-{seq}", self.install.as_str())).unwrap(),
            install: self.install.clone(),
            inc: 1,
            seq,
            prev,
            at: At {
                wall: UnixMs(now),
                boot_ms: 1,
                boot: "boot".into(),
                server_ms: Some(UnixMs(now)),
                plus_minus_ms: Some(500),
            },
            route: None,
            stop: None,
            stop_rev: None,
            private: None,
            body,
        }
    }
}
