//! What support may be sent. It is built up from what is known to be harmless, never cut down from what is there: numbers,
//! times, stable words, and identifiers that the phone drew by itself. What the office calls things (couriers, routes, stops,
//! shipments, parcels) may be anything; a stop is a number here, and the others are left out.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use courier_domain::{FactBody, FactPayload, StopId};
use courier_engine::store::inspect::State;
use serde::Serialize;
use serde_json::{Value, json};

use super::chain::{Chain, Signed, chains};
use super::checks;
use super::folder::Folder;
use super::outbox::word;

/// What `file` says of itself.
const FORM: &str = "courier-support-1";

/// Numbers for the stops, in the order in which facts name them.
type Stops = BTreeMap<StopId, usize>;

#[derive(Serialize)]
struct Fact {
    seq: u64,
    id: Option<String>,
    hash: Option<String>,
    kind: Option<&'static str>,
    wall_ms: Option<i64>,
    server_ms: Option<i64>,
    boot_ms: Option<u64>,
    stop: Option<usize>,
    says: Value,
    has_private: bool,
    signed: &'static str,
    faults: Vec<&'static str>,
    ack: Value,
}

/// Writes it. A file that is there stays, and nothing is written into the folder that is looked at.
pub(super) fn write(folder: &Folder, looked_at: &Path, file: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (parent, inside) =
        (parent.canonicalize().map_err(failed)?, looked_at.canonicalize().map_err(failed)?);
    if parent.starts_with(inside) {
        return Err(format!("{}: not into the folder that is looked at, it stays as it is", file.display()));
    }
    let text = serde_json::to_string_pretty(&export(folder)).map_err(|error| error.to_string())?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).and_then(|mut file| file.write_all(format!("{text}\n").as_bytes())).map_err(failed)
}

fn export(folder: &Folder) -> Value {
    let contents = &folder.contents;
    let (chains, mut stops) = (chains(folder), Stops::new());
    let listed: Vec<Value> = chains.iter().map(|chain| of_chain(folder, chain, &mut stops)).collect();
    let [journal, route] = &contents.databases;
    let database = |it: &courier_engine::store::inspect::Database| {
        let state = match it.state {
            State::Missing => "missing",
            State::Foreign => "foreign",
            State::Newer => "newer",
            State::Damaged(_) => "damaged",
            State::Whole => "whole",
        };
        json!({"state": state, "schema": it.version, "known": it.newest})
    };
    let identity = folder.identity().map(|it| {
        json!({
            "install": installed(&it.install), "inc": it.inc, "opens": it.opens,
            "is_enrolled": it.is_enrolled, "server_has_answered": !it.epoch.is_empty(),
        })
    });
    let incidents: Vec<Value> = contents
        .incidents
        .iter()
        .map(|it| json!({"kind": word(&it.kind), "lost": it.lost, "is_told": it.is_told}))
        .collect();
    json!({
        "form": FORM,
        "made_by": concat!("courier-terminal ", env!("CARGO_PKG_VERSION")),
        "left_out": "names, addresses, notes, positions, digits, photos, signatures, barcodes; the office's identifiers of couriers, routes, stops, shipments and parcels",
        "files": folder.files,
        "other_files": folder.foreign,
        "blobs": {"files": folder.blobs.files, "bytes": folder.blobs.bytes},
        "aside": {"files": folder.aside.files, "bytes": folder.aside.bytes},
        "journal": database(journal),
        "route": database(route),
        "identity": identity,
        "incidents": incidents,
        "tries": contents.tries.len(),
        "drafts": contents.drafts,
        "office_objects": contents.office_objects,
        "log": {"facts": contents.log.facts.len(), "tries": contents.log.tries.len(), "heads": heads(folder)},
        "chains": listed,
        "doctor": checks::all(folder),
    })
}

fn heads(folder: &Folder) -> Vec<Value> {
    folder.contents.log.heads.iter().map(|(inc, seq)| json!({"inc": inc, "seq": seq})).collect()
}

fn of_chain(folder: &Folder, chain: &Chain, stops: &mut Stops) -> Value {
    let facts = chain.facts.iter().map(|(seq, judged)| {
        let stored = folder.facts.get(&(chain.inc, *seq));
        let payload = judged.payload.as_ref();
        let stop = payload.and_then(|payload| payload.stop.as_ref()).map(|stop| {
            let next = stops.len() + 1;
            *stops.entry(stop.clone()).or_insert(next)
        });
        Fact {
            seq: *seq,
            id: stored.and_then(|fact| drawn(&fact.id)),
            hash: stored.and_then(|fact| hashed(&fact.hash)),
            kind: payload.map(|payload| payload.body.kind()),
            wall_ms: payload.map(|payload| payload.at.wall.0),
            server_ms: payload.and_then(|payload| payload.at.server_ms).map(|at| at.0),
            boot_ms: payload.map(|payload| payload.at.boot_ms),
            stop,
            says: payload.map_or(Value::Null, says),
            has_private: stored.is_some_and(|fact| fact.has_private),
            signed: match judged.signed {
                Signed::ByDay => "by-day",
                Signed::ByDevice => "by-device",
                Signed::DayGone => "day-gone",
                Signed::No => "no",
            },
            faults: judged.faults.iter().map(|fault| fault.words()).collect(),
            ack: folder.contents.acks.get(&(chain.inc, *seq)).map_or(Value::Null, |ack| {
                json!({
                    "wall_ms": ack.wall,
                    "counts": folder.is_acknowledged((chain.inc, *seq)),
                    "status": word(&ack.status),
                    "flags": ack.flags.iter().map(|flag| word(flag)).collect::<Vec<_>>(),
                    "verdict": ack.verdict.as_ref().map(|(is, why)| json!({"is": is, "why": word(why)})),
                })
            }),
        }
    });
    let facts: Vec<Fact> = facts.collect();
    let gaps: Vec<Value> = chain.gaps.iter().map(|(from, to)| json!({"from": from, "to": to})).collect();
    let receipt =
        chain.receipt.as_ref().map(|receipt| json!({"seq": receipt.seq, "server_ms": receipt.server_ms.0}));
    json!({"inc": chain.inc, "gaps": gaps, "receipt": receipt, "facts": facts})
}

/// Of what happened, what names nobody and nothing.
fn says(payload: &FactPayload) -> Value {
    match &payload.body {
        FactBody::DayStarted { .. } | FactBody::Arrived {} | FactBody::DayClosed {} => Value::Null,
        FactBody::LoadChecked { found, missing, foreign } => {
            json!({"found": found.len(), "missing": missing.len(), "foreign": foreign.len()})
        }
        FactBody::CodeTried { attempts, result, strength, evidence, .. } => json!({
            "attempts": attempts.len(), "result": result, "strength": strength, "has_evidence": evidence.is_some(),
        }),
        FactBody::HandedOver { parcels, receiver, code_try, scanned, proofs, overrides, checks, .. } => {
            json!({
                "parcels": parcels.len(), "receiver": receiver, "code_try": code_try.as_ref().and_then(|it| drawn(it.as_str())),
                "scanned": scanned.len(), "proofs": proofs.len(), "overrides": overrides.len(), "checks": checks.len(),
            })
        }
        FactBody::NotDelivered { parcels, reason, .. } => json!({"parcels": parcels.len(), "reason": reason}),
        FactBody::Withdrawn { fact } => json!({"fact": drawn(fact.as_str())}),
        FactBody::ProofAdded { fact, files } => json!({"fact": drawn(fact.as_str()), "files": files.len()}),
        FactBody::RouteEdited { order, why } => json!({"stops": order.len(), "why": word(why)}),
        FactBody::Returned { parcels } => json!({"parcels": parcels.len()}),
        FactBody::Incident { kind, lost } => json!({"kind": word(kind), "lost": lost}),
    }
}

/// An identifier that the phone drew: a UUID. Anything else may be anything.
fn drawn(id: &str) -> Option<String> {
    let is_uuid = id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_uuid.then(|| id.to_owned())
}

/// An installation: 16 bytes in base64url.
fn installed(install: &str) -> Option<String> {
    (install.len() == 22 && is_base64url(install)).then(|| install.to_owned())
}

/// A hash: 32 bytes in base64url.
fn hashed(hash: &str) -> Option<String> {
    (hash.len() == 43 && is_base64url(hash)).then(|| hash.to_owned())
}

fn is_base64url(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
