//! What holds at the server after every step of a day, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use serde_json::Value;

use crate::invariants::{Broken, broken, number};
use crate::server::Server;

/// Flags that no honest phone ever earns.
const SHAME: [&str; 6] =
    ["chain-break", "id-conflict", "bad-signature", "private-mismatch", "private-missing", "sequence-fork"];
/// Earned only while a server that was put back asks for what it has lost.
const GAP: &str = "gap";

/// What the server has said, and may not take back by itself.
#[derive(Default)]
pub(crate) struct Said {
    times_put_back: u64,
    /// Which handover is effective for each parcel.
    handed: BTreeMap<String, String>,
}

struct Fact {
    hash: String,
    id: String,
    kind: String,
    courier: String,
    flags: String,
}

fn rows(db: &Connection) -> Vec<Fact> {
    let mut query = db
        .prepare_cached(
            "SELECT hash, id, kind, courier, flags FROM fact JOIN installation USING (install)
             WHERE status = 'stored' ORDER BY fact.rowid",
        )
        .unwrap();
    let rows = query.query_map([], |row| {
        Ok(Fact {
            hash: row.get(0)?,
            id: row.get(1)?,
            kind: row.get(2)?,
            courier: row.get(3)?,
            flags: row.get(4)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// Nothing against an honest phone, each fact once and with its effect, the first handover of a parcel stays effective, and
/// what office and door disagree about is flagged and told.
pub(crate) fn check_server(server: &mut Server, said: &mut Said) -> Result<(), Broken> {
    let facts = rows(server.look());
    for fact in &facts {
        if !server.read.contains_key(&fact.hash) {
            let mut query = server.look().prepare_cached("SELECT jws FROM fact WHERE hash = ?1").unwrap();
            let jws: String = query.query_row([&fact.hash], |row| row.get(0)).unwrap();
            drop(query);
            let read =
                courier_codes::read_jws(&jws).map_err(|error| Broken(format!("a stored fact: {error}")))?;
            server.read.insert(fact.hash.clone(), serde_json::from_slice(&read.payload).unwrap());
        }
    }
    let lost_something = server.times_put_back > 0;
    let mut ids = BTreeSet::new();
    for fact in &facts {
        let shame = SHAME.into_iter().chain((!lost_something).then_some(GAP));
        if let Some(flag) = shame.into_iter().find(|flag| fact.flags.contains(&format!("\"{flag}\""))) {
            return broken(format!("{} is flagged {flag}", fact.kind));
        }
        if !ids.insert(&fact.id) {
            return broken("a fact is there twice");
        }
    }
    if said.times_put_back != server.times_put_back {
        *said = Said { times_put_back: server.times_put_back, ..Said::default() };
    }
    let withdrawn = named(server, &facts, "withdrawn", "fact");
    outcomes(server.look(), said, &withdrawn)?;
    tries(server, &facts)?;
    told(server.look())?;
    flagged(server, &facts)
}

/// What facts of a kind name.
fn named(server: &Server, facts: &[Fact], kind: &str, field: &str) -> BTreeSet<String> {
    let of_kind = facts.iter().filter(|fact| fact.kind == kind);
    let bodies = of_kind.filter_map(|fact| server.read.get(&fact.hash));
    bodies.filter_map(|read| read["body"][field].as_str().map(str::to_owned)).collect()
}

fn outcomes(db: &Connection, said: &mut Said, withdrawn: &BTreeSet<String>) -> Result<(), Broken> {
    let mut query =
        db.prepare_cached("SELECT id, handed_by FROM parcel WHERE handed_by IS NOT NULL").unwrap();
    let handed: BTreeMap<String, String> =
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    for (parcel, fact) in &handed {
        if said.handed.get(parcel).is_some_and(|before| before != fact && !withdrawn.contains(before)) {
            return broken("a second handover took the place of the first");
        }
        if withdrawn.contains(fact) {
            return broken("a handover that was withdrawn is still effective");
        }
    }
    if said.handed.iter().any(|(parcel, before)| !handed.contains_key(parcel) && !withdrawn.contains(before))
    {
        return broken("a handover has lost its effect");
    }
    said.handed = handed;
    Ok(())
}

/// Every miss that is stored counts, from whichever phone that had the parcel. A server that was put back may not know any more
/// that it had given it to this one: then the entry is flagged, or any courier could use up what is another's.
fn tries(server: &Server, facts: &[Fact]) -> Result<(), Broken> {
    let is_strangers = |fact: &Fact| server.times_put_back > 0 && fact.flags.contains("\"not-on-route\"");
    let mut missed: BTreeMap<&str, u64> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.kind == "code_tried" && !is_strangers(fact)) {
        let body = &server.read[&fact.hash]["body"];
        if matches!(body["result"].as_str(), Some("mismatch" | "interrupted")) {
            for attempt in body["attempts"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                *missed.entry(attempt).or_default() += 1;
            }
        }
    }
    for (attempt, missed) in missed {
        let mut query = server.look().prepare_cached("SELECT tries_used FROM attempt WHERE id = ?1").unwrap();
        let used = query.query_row([attempt], |row| row.get(0)).unwrap_or(u64::MAX);
        if used < missed {
            return broken("the server has forgotten a wrong entry");
        }
    }
    Ok(())
}

/// What is cancelled is on no phone, and what somebody has is told to every phone.
fn told(db: &Connection) -> Result<(), Broken> {
    let count = |sql: &str| number(db, sql, []);
    let cancelled = "SELECT count(*) FROM attempt JOIN shipment ON shipment.id = attempt.shipment
        JOIN route_object AS o ON o.route = attempt.route AND o.type = 'shipment' AND o.id = shipment.id
        WHERE shipment.cancelled IS NOT NULL AND attempt.state = 'open' AND o.why IS NULL";
    if count(cancelled) > 0 {
        return broken("a shipment that was cancelled is still on a route");
    }
    let moved = "SELECT count(*) FROM removal JOIN attempt ON attempt.id = removal.attempt
        JOIN route_object AS o ON o.route = removal.route AND o.type = 'shipment' AND o.id = attempt.shipment
        WHERE o.why IS NULL AND attempt.route IS NOT removal.route";
    if count(moved) > 0 {
        return broken("a shipment that another courier has is still on the route");
    }
    let done = "SELECT count(*) FROM attempt WHERE state IN ('handed', 'delivered') AND route IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM route_object AS o WHERE o.route = attempt.route AND o.type = 'done' AND o.id = attempt.id AND o.why IS NULL)";
    if count(done) > 0 {
        return broken("nobody is told that it was handed over");
    }
    let on_two = "SELECT count(*) FROM (SELECT id FROM route_object WHERE type = 'verifier' AND why IS NULL
        GROUP BY id HAVING count(DISTINCT route) > 1)";
    if count(on_two) > 0 {
        return broken("a code is on two routes");
    }
    Ok(())
}

/// A handover of what was not on the courier's route any more stands, and is flagged and reviewed.
fn flagged(server: &Server, facts: &[Fact]) -> Result<(), Broken> {
    for fact in facts.iter().filter(|fact| fact.kind == "handed_over") {
        let attempt = server.read[&fact.hash]["body"]["attempt"].as_str().unwrap_or_default();
        let removed = number(
            server.look(),
            "SELECT count(*) FROM fact JOIN removal ON removal.attempt = fact.attempt JOIN route ON route.id = removal.route
             JOIN attempt ON attempt.id = removal.attempt
             LEFT JOIN route AS now ON now.id = attempt.route
             WHERE fact.hash = ?1 AND route.courier = ?2 AND now.courier IS NOT ?2 AND removal.attempt = ?3
             AND removal.rev < (SELECT coalesce(min(o.rev), 0) FROM route_object AS o WHERE o.type = 'verdict' AND o.id = fact.id)",
            [fact.hash.as_str(), &fact.courier, attempt],
        );
        let says_so = fact.flags.contains("reassigned-before-handover")
            || fact.flags.contains("after-removal")
            || fact.flags.contains("already-delivered");
        if removed > 0 && !says_so {
            return broken("a handover of what another courier has is not flagged");
        }
    }
    Ok(())
}
