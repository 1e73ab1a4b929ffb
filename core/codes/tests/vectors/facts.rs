//! A fact of every kind, a chain of a hundred, and the receipt over its head.

use courier_codes::encoding::encode_typed;
use courier_codes::{fact_hash, private, read_jws, sign_jws};
use courier_domain::fact::{RouteRef, VERSION};
use courier_domain::{
    At, AttemptId, Base64Url, CodeId, CodeTryResult, FactBody, FactHash, FactId, FactPayload, InstallId, Jwk,
    ParcelId, PlaceKind, PrivatePart, Reason, Receiver, RouteId, StopId, Strength, UnixMs,
};
use courier_protocol::{ReceiptPayload, header};
use serde::{Deserialize, Serialize};

use crate::given::Given;
use crate::{Signer, drawn, frozen};

/// One chain while it is made.
struct Chain {
    device: Signer,
    day: Signer,
    seq: u64,
    prev: Option<FactHash>,
}

impl Chain {
    fn new() -> Self {
        Self { device: Signer::new("device key"), day: Signer::new("day key"), seq: 0, prev: None }
    }

    fn payload(&mut self, body: FactBody, private: Option<Base64Url>) -> FactPayload {
        self.seq += 1;
        let ms = i64::try_from(self.seq).unwrap() * 60_000;
        let at_stop = !matches!(body, FactBody::DayStarted { .. } | FactBody::DayClosed {});
        FactPayload {
            v: VERSION,
            id: id(FactId::new, &format!("0197f2c0-7a31-7cc2-9f6b-{:012x}", self.seq)),
            install: id(InstallId::new, "install-1"),
            inc: 1,
            seq: self.seq,
            prev: self.prev.take(),
            at: At {
                wall: UnixMs(1_795_000_000_000 + ms),
                boot_ms: self.seq * 60_000,
                boot: "boot-1".into(),
                server_ms: at_stop.then_some(UnixMs(1_795_000_000_250 + ms)),
                plus_minus_ms: at_stop.then_some(120),
            },
            route: Some(RouteRef { id: id(RouteId::new, "route-1"), rev: 7 }),
            stop: at_stop.then(|| id(StopId::new, "stop-1")),
            stop_rev: at_stop.then_some(5),
            private,
            body,
        }
    }

    fn sign(&mut self, body: FactBody, private: Option<Base64Url>) -> (FactPayload, String) {
        let by = if matches!(body, FactBody::DayStarted { .. }) { self.device.key() } else { self.day.key() };
        let payload = self.payload(body, private);
        let jws = sign_jws(header::TYP_FACT, &serde_json::to_vec(&payload).unwrap(), &by).unwrap();
        self.prev = Some(fact_hash(&jws));
        (payload, jws)
    }
}

fn id<T, E: std::fmt::Debug>(new: impl FnOnce(String) -> Result<T, E>, text: &str) -> T {
    new(text.into()).unwrap()
}

fn parcels(names: &[&str]) -> Vec<ParcelId> {
    names.iter().map(|name| id(ParcelId::new, name)).collect()
}

/// Every kind, some with their optional fields and without.
fn bodies(day_jwk: Jwk) -> Vec<FactBody> {
    let attempt = || id(AttemptId::new, "attempt-1");
    let fact = |seq: u64| id(FactId::new, &format!("0197f2c0-7a31-7cc2-9f6b-{seq:012x}"));
    let code_tried = |result, code, evidence| FactBody::CodeTried {
        attempts: vec![attempt()],
        result,
        code_id: code,
        strength: (result == CodeTryResult::Matched).then_some(Strength::Tag),
        evidence,
    };
    vec![
        FactBody::DayStarted { day_jwk },
        FactBody::LoadChecked {
            found: parcels(&["p-1", "p-2"]),
            missing: parcels(&["p-3"]),
            foreign: vec!["JJD000390007899".into()],
        },
        FactBody::Arrived {},
        code_tried(CodeTryResult::Mismatch, None, None),
        code_tried(
            CodeTryResult::Matched,
            Some(id(CodeId::new, "code-1")),
            Some(encode_typed(&drawn("evidence"))),
        ),
        FactBody::HandedOver {
            attempt: attempt(),
            parcels: parcels(&["p-1"]),
            receiver: Receiver::NamedNeighbour,
            code_try: Some(fact(5)),
            scanned: parcels(&["p-1"]),
            proofs: vec![encode_typed(&drawn("photo")).as_str().into()],
            overrides: Vec::new(),
            checks: Vec::new(),
        },
        FactBody::HandedOver {
            attempt: attempt(),
            parcels: parcels(&["p-2"]),
            receiver: Receiver::Place(PlaceKind::Safe),
            code_try: None,
            scanned: Vec::new(),
            proofs: Vec::new(),
            overrides: vec!["no-camera".into()],
            checks: Vec::new(),
        },
        FactBody::NotDelivered { attempt: attempt(), parcels: parcels(&["p-3"]), reason: Reason::NotHome },
        FactBody::Withdrawn { fact: fact(8) },
        FactBody::ProofAdded {
            fact: fact(6),
            files: vec![encode_typed(&drawn("signature")).as_str().into()],
        },
        FactBody::RouteEdited {
            order: vec![id(StopId::new, "stop-2"), id(StopId::new, "stop-1")],
            why: "road-closed".into(),
        },
        FactBody::Returned { parcels: parcels(&["p-3"]) },
        FactBody::Incident { kind: "journal-salvaged".into(), lost: None },
        FactBody::DayClosed {},
        // At the end: what was frozen before it stays as it is.
        FactBody::Incident { kind: "journal-salvaged".into(), lost: Some(3) },
    ]
}

#[derive(Serialize, Deserialize)]
struct FactVectors {
    device: Signer,
    day: Signer,
    facts: Vec<FactVector>,
}

#[derive(Serialize, Deserialize)]
struct FactVector {
    kind: String,
    payload: String,
    jws: String,
    hash: FactHash,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private: Option<String>,
}

const FACTS: &str = "A chain with a fact of every kind. A fact is a compact JWS (RFC 7515, ES256) with the header \
     {alg, kid, typ: \"courier-fact+jws\"}, kid being the key's thumbprint (RFC 7638). Its hash is the SHA-256 of the \
     compact JWS; payload.prev is the hash of the fact before. day_started is signed by the device's key and names the \
     day's key, which signs all others. private travels beside a fact; payload.private is the SHA-256 of its bytes. \
     The secret keys are here so that the signatures can be made again (RFC 6979). Bytes are base64url without padding.";

#[test]
fn a_fact_of_every_kind_verifies_in_its_chain() {
    let mut chain = Chain::new();
    let part = PrivatePart { name: Some("Frau Huber".into()), ..PrivatePart::default() };
    let (packed, commitment) =
        private::pack(&mut Given(&drawn("private part")), &serde_json::to_vec(&part).unwrap());
    let mut packed = Some(packed);
    let facts = bodies(chain.day.jwk.clone())
        .into_iter()
        .map(|body| {
            let kind = body.kind().to_owned();
            let private = if kind == "handed_over" { packed.take() } else { None };
            let (payload, jws) = chain.sign(body, private.is_some().then(|| commitment.clone()));
            FactVector {
                kind,
                payload: serde_json::to_string(&payload).unwrap(),
                hash: fact_hash(&jws),
                jws,
                private,
            }
        })
        .collect();
    let made = FactVectors { device: chain.device, day: chain.day, facts };

    let vectors = frozen("facts.json", FACTS, made);
    let mut prev = None;
    for vector in vectors.facts {
        let payload: FactPayload = serde_json::from_str(&vector.payload).unwrap();
        assert_eq!(serde_json::to_string(&payload).unwrap(), vector.payload, "read and written again");
        assert_eq!(payload.body.kind(), vector.kind);
        let by = if vector.kind == "day_started" { &vectors.device.jwk } else { &vectors.day.jwk };
        let read = read_jws(&vector.jws).unwrap();
        assert_eq!(read.verify(by, header::TYP_FACT), Ok(vector.payload.as_bytes()));
        assert_eq!(fact_hash(&vector.jws), vector.hash);
        assert_eq!(payload.prev, prev);
        assert_eq!(vector.private.is_some(), payload.private.is_some());
        if let (Some(packed), Some(commitment)) = (&vector.private, &payload.private) {
            assert!(private::unpack(packed, commitment).is_ok());
        }
        prev = Some(vector.hash);
    }
}

#[derive(Serialize, Deserialize)]
struct ChainVector {
    install: InstallId,
    inc: u32,
    device_jwk: Jwk,
    facts: Vec<String>,
    head: FactHash,
}

#[derive(Serialize, Deserialize)]
struct ReceiptVector {
    signer: Signer,
    fact: String,
    payload: String,
    jws: String,
}

fn chain_of_a_hundred() -> ChainVector {
    let mut chain = Chain::new();
    let day_jwk = chain.day.jwk.clone();
    let facts = (0..100)
        .map(|at| {
            let body = match at {
                0 => FactBody::DayStarted { day_jwk: day_jwk.clone() },
                99 => FactBody::DayClosed {},
                _ => FactBody::Arrived {},
            };
            chain.sign(body, None).1
        })
        .collect();
    let head = chain.prev.unwrap();
    ChainVector {
        install: id(InstallId::new, "install-1"),
        inc: 1,
        device_jwk: chain.device.jwk,
        facts,
        head,
    }
}

#[test]
fn a_chain_of_a_hundred_facts_is_whole() {
    let about = "100 facts, seq 1 to 100. Each payload.prev is the hash of the fact before; head is the hash of the last.";
    let vector = frozen("chain.json", about, chain_of_a_hundred());
    assert_eq!(vector.facts.len(), 100);
    let (mut prev, mut by) = (None, vector.device_jwk);
    for (jws, seq) in vector.facts.iter().zip(1..) {
        let read = read_jws(jws).unwrap();
        let payload: FactPayload =
            serde_json::from_slice(read.verify(&by, header::TYP_FACT).unwrap()).unwrap();
        assert_eq!((payload.seq, payload.inc, &payload.install), (seq, vector.inc, &vector.install));
        assert_eq!(payload.prev, prev, "before {seq}");
        if let FactBody::DayStarted { day_jwk } = payload.body {
            by = day_jwk;
        }
        prev = Some(fact_hash(jws));
    }
    assert_eq!(prev, Some(vector.head));
}

#[test]
fn a_receipt_says_how_far_the_chain_is_stored() {
    let chain = chain_of_a_hundred();
    let signer = Signer::new("receipt key");
    let payload = ReceiptPayload {
        install: chain.install,
        inc: chain.inc,
        seq: 100,
        hash: chain.head,
        server_ms: UnixMs(1_795_006_000_500),
    };
    let payload = serde_json::to_string(&payload).unwrap();
    let jws = sign_jws(header::TYP_RECEIPT, payload.as_bytes(), &signer.key()).unwrap();
    let made = ReceiptVector { signer, fact: chain.facts[99].clone(), payload, jws };

    let about = "The receipt for a batch (typ \"courier-receipt+jws\"): the backend has stored the chain up to fact, whose \
         sequence number and hash it names.";
    let vector = frozen("receipt.json", about, made);
    let read = read_jws(&vector.jws).unwrap();
    let payload = read.verify(&vector.signer.jwk, header::TYP_RECEIPT).unwrap();
    assert_eq!(payload, vector.payload.as_bytes());
    let payload: ReceiptPayload = serde_json::from_slice(payload).unwrap();
    let head: FactPayload = serde_json::from_slice(&read_jws(&vector.fact).unwrap().payload).unwrap();
    assert_eq!((payload.hash, payload.seq), (fact_hash(&vector.fact), head.seq));
}
