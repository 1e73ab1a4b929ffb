//! `courier-terminal verify FILE`: follows the signatures of a shipment's receipt (`GET /v1/shipments/{id}/receipt`)
//! without a network, and says in words what they prove and what they do not.

use std::path::Path;

use courier_codes::{BadJws, fact_hash, read_jws, thumbprint};
use courier_domain::{FactBody, FactPayload, Jwk};
use courier_protocol::HandoverPayload;
use courier_protocol::header::{TYP_FACT, TYP_HANDOVER};
use serde::Deserialize;
use serde_json::Value;

use crate::told::{instant, time, told, verdict};
use crate::words::terms;

/// The receipt of a shipment. What it names beside these is not looked at.
#[derive(Deserialize)]
struct Receipt {
    #[serde(default)]
    receipts: Vec<String>,
    facts: Vec<String>,
    days: Vec<String>,
    device_keys: Vec<Jwk>,
}

/// What came of looking: lines to print, and whether anything was false.
#[derive(Default)]
struct Report {
    lines: Vec<String>,
    faults: usize,
}

impl Report {
    fn say(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    fn proven(&mut self, what: &str) {
        self.say(format!("  ok     {what}"));
    }

    fn wrong(&mut self, what: &str) {
        self.faults += 1;
        self.say(format!("  FALSE  {what}"));
    }
}

/// Explains the receipt in `file`. `keys` is the backend's key set (`/.well-known/jwks.json`), if it is at hand.
///
/// # Errors
/// Words for whoever called: the file cannot be read, or something in it is false.
pub(crate) fn run(file: &Path, keys: Option<&Path>) -> Result<(), String> {
    let receipt: Receipt = read(file)?;
    let keys = keys.map(read_keys).transpose()?;
    let report = explain(&receipt, keys.as_deref());
    for line in &report.lines {
        println!("{line}");
    }
    match report.faults {
        0 => Ok(()),
        faults => Err(format!("{faults} of these are false: do not rely on this receipt")),
    }
}

fn read<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T, String> {
    let text = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", file.display()))
}

/// The P-256 keys of a JWK set (RFC 7517); others in it are none of ours.
fn read_keys(file: &Path) -> Result<Vec<Jwk>, String> {
    let set: Value = read(file)?;
    let all = set["keys"].as_array().ok_or_else(|| format!("{}: not a set of keys", file.display()))?;
    let ours = all.iter().filter_map(|key| {
        let only = ["kty", "crv", "x", "y"].map(|name| (name.to_owned(), key[name].clone()));
        serde_json::from_value(Value::Object(only.into_iter().collect())).ok()
    });
    Ok(ours.collect())
}

fn explain(receipt: &Receipt, keys: Option<&[Jwk]>) -> Report {
    let mut report = Report::default();
    report.say("Days, signed by the phone's own key:");
    let mut day_keys = Vec::new();
    for jws in &receipt.days {
        match verified(jws, &receipt.device_keys) {
            Ok(FactPayload { body: FactBody::DayStarted { day_jwk }, install, at, .. }) => {
                report
                    .proven(&format!("phone {install} began a day at {} and named its key", time(at.best())));
                day_keys.push(day_jwk);
            }
            Ok(fact) => report.wrong(&format!("fact {} begins no day", fact.id)),
            Err(problem) => report.wrong(&problem),
        }
    }
    report.say("What happened at the door, signed by a day's key:");
    let mut seen = Vec::new();
    for jws in &receipt.facts {
        match verified(jws, &day_keys) {
            Ok(fact) => {
                report.proven(&format!(
                    "{} at {}: {} (number {} of its phone)",
                    fact.body.kind(),
                    time(fact.at.best()),
                    told(&fact.body),
                    fact.seq
                ));
                seen.push((fact_hash(jws), fact));
            }
            Err(problem) => report.wrong(&problem),
        }
    }
    report.say("What the backend vouches for:");
    let Some(keys) = keys else {
        let count = receipt.receipts.len();
        report.say(format!(
            "  not checked: {count} receipts; give its keys with --keys FILE (/.well-known/jwks.json)"
        ));
        return report;
    };
    for jws in &receipt.receipts {
        match handover(jws, keys) {
            Err(problem) => report.wrong(&problem),
            Ok(vouched) => match seen.iter().find(|(hash, _)| *hash == vouched.hash) {
                None => report.wrong(&format!("handover {} is not among the facts above", vouched.fact)),
                Some((_, fact)) if (fact.seq, fact.inc) != (vouched.seq, vouched.inc) => {
                    report.wrong(&format!("handover {} has another place in its chain", vouched.fact));
                }
                Some(_) => report.proven(&format!(
                    "handover {}: {} ({}), {}; receipt of {}",
                    vouched.fact,
                    verdict(vouched.verdict),
                    vouched.why,
                    terms().receiver(vouched.receiver),
                    instant(vouched.issued_at)
                )),
            },
        }
    }
    report
}

/// A fact whose signature fits one of `keys`.
fn verified(jws: &str, keys: &[Jwk]) -> Result<FactPayload, String> {
    let payload = signed_by_one_of(jws, keys, TYP_FACT)?;
    serde_json::from_slice(&payload).map_err(|_| "signed, and not a fact that this version reads".into())
}

fn handover(jws: &str, keys: &[Jwk]) -> Result<HandoverPayload, String> {
    let payload = signed_by_one_of(jws, keys, TYP_HANDOVER)?;
    serde_json::from_slice(&payload).map_err(|_| "signed, and not a receipt that this version reads".into())
}

fn signed_by_one_of(jws: &str, keys: &[Jwk], typ: &str) -> Result<Vec<u8>, String> {
    let read = read_jws(jws).map_err(|error| error.to_string())?;
    let key = keys.iter().find(|key| thumbprint(key) == read.kid);
    let key = key.ok_or_else(|| format!("signed by key {}, which nothing here vouches for", read.kid))?;
    match read.verify(key, typ) {
        Ok(payload) => Ok(payload.to_vec()),
        Err(BadJws::Signature) => Err(format!("changed after key {} signed it", read.kid)),
        Err(other) => Err(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use courier_codes::{Sign, SigningKey, sign_jws};
    use courier_domain::{At, AttemptId, FactHash, FactId, InstallId, ParcelId, Receiver, UnixMs, Verdict};
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    use serde::Serialize;

    use super::*;

    fn key(seed: u64) -> SigningKey {
        SigningKey::generate(&mut ChaCha20Rng::seed_from_u64(seed))
    }

    fn sign(typ: &str, payload: &impl Serialize, key: &SigningKey) -> String {
        sign_jws(typ, &serde_json::to_vec(payload).unwrap(), key).unwrap()
    }

    fn fact(seq: u64, body: FactBody) -> FactPayload {
        let at = At {
            wall: UnixMs(1_795_503_600_000),
            boot_ms: 1,
            boot: "boot".into(),
            server_ms: Some(UnixMs(1_795_503_600_000)),
            plus_minus_ms: Some(5),
        };
        let (id, install) = (FactId::new(format!("fact-{seq}")).unwrap(), InstallId::new("install").unwrap());
        FactPayload {
            v: 1,
            id,
            install,
            inc: 1,
            seq,
            prev: None,
            at,
            route: None,
            stop: None,
            stop_rev: None,
            private: None,
            body,
        }
    }

    fn vouched(hash: FactHash) -> HandoverPayload {
        HandoverPayload {
            v: 1,
            reference: "order".into(),
            attempt: AttemptId::new("attempt").unwrap(),
            fact: FactId::new("fact-2").unwrap(),
            hash,
            install: InstallId::new("install").unwrap(),
            inc: 1,
            seq: 2,
            parcels: vec![ParcelId::new("parcel").unwrap()],
            receiver: Receiver::Household,
            verdict: Verdict::Confirmed,
            why: "right-code".into(),
            strength: None,
            delivered_at: UnixMs(1_795_503_600_000),
            issued_at: UnixMs(1_795_503_700_000),
        }
    }

    /// A whole receipt, and the backend's keys.
    fn receipt() -> (Receipt, Vec<Jwk>) {
        let (device, day, backend) = (key(1), key(2), key(3));
        let handed = FactBody::HandedOver {
            attempt: AttemptId::new("attempt").unwrap(),
            parcels: vec![ParcelId::new("parcel").unwrap()],
            receiver: Receiver::Household,
            code_try: Some(FactId::new("fact-1").unwrap()),
            scanned: Vec::new(),
            proofs: Vec::new(),
            overrides: Vec::new(),
            checks: Vec::new(),
        };
        let handed = sign(TYP_FACT, &fact(2, handed), &day);
        let receipt = Receipt {
            receipts: vec![sign(TYP_HANDOVER, &vouched(fact_hash(&handed)), &backend)],
            facts: vec![handed],
            days: vec![sign(TYP_FACT, &fact(1, FactBody::DayStarted { day_jwk: day.jwk() }), &device)],
            device_keys: vec![device.jwk()],
        };
        (receipt, vec![backend.jwk()])
    }

    #[test]
    fn a_whole_receipt_is_explained_and_nothing_is_false() {
        let (receipt, keys) = receipt();
        let report = explain(&receipt, Some(&keys));
        let text = report.lines.join("\n");
        assert_eq!(report.faults, 0, "{text}");
        for said in ["named its key", "against a code", "confirmed (right-code)", "2026-11-24T"] {
            assert!(text.contains(said), "{said} is missing:\n{text}");
        }
    }

    #[test]
    fn without_the_backends_keys_it_says_what_was_not_checked() {
        let (receipt, _) = receipt();
        let report = explain(&receipt, None);
        assert!(report.faults == 0 && report.lines.join("\n").contains("not checked: 1 receipts"));
    }

    #[test]
    fn whatever_was_changed_or_signed_by_somebody_else_is_false() {
        let other = key(9);
        let changes: [fn(&mut Receipt, &SigningKey); 4] = [
            |it, other| it.facts[0] = sign(TYP_FACT, &fact(2, FactBody::Arrived {}), other),
            |it, other| {
                it.days[0] = sign(TYP_FACT, &fact(1, FactBody::DayStarted { day_jwk: other.jwk() }), other);
            },
            |it, other| it.receipts[0] = sign(TYP_HANDOVER, &vouched(fact_hash("")), other),
            |it, _| {
                // Another payload under the same signature.
                let parts: Vec<_> = it.facts[0].split('.').map(str::to_owned).collect();
                let other: Vec<_> = it.days[0].split('.').map(str::to_owned).collect();
                it.facts[0] = [parts[0].as_str(), other[1].as_str(), parts[2].as_str()].join(".");
            },
        ];
        for (nth, change) in changes.into_iter().enumerate() {
            let (mut receipt, keys) = receipt();
            change(&mut receipt, &other);
            assert!(explain(&receipt, Some(&keys)).faults > 0, "change {nth} was believed");
        }
        let (mut receipt, keys) = receipt();
        receipt.facts.clear();
        assert_eq!(
            explain(&receipt, Some(&keys)).faults,
            1,
            "a receipt for a fact that is not there was believed"
        );
    }
}
