//! Section 5, first half: batches, their answers, and what is kept.

use std::io::Write;

use courier_codes::fact_hash;
use courier_domain::{FactBody, FactId, InstallId};
use courier_engine::{HttpResponse, Method};
use courier_protocol::{FactItem, FactResult, FactStatus, FactsAnswer, FactsRequest, ProblemKind, header};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::Rule;
use crate::phone::{Fact, KeyOf, Phone, bytes, packed};
use crate::report::{Check, Stop, broken, equal, holds};
use crate::world::{PLAIN, World, has_status, is_flagged, is_refused, read};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "P5.3",
        title: "A private part that fits its commitment is taken without a flag",
        check: fitting,
    },
    Rule { id: "P5.4", title: "Batches come packed or not, and nothing else is read", check: packing },
    Rule { id: "P5.4", title: "201 facts, or more than 4 MiB unpacked, are too many", check: too_large },
    Rule { id: "P5.5", title: "Facts of another installation's batch are refused", check: of_another },
    Rule {
        id: "P5.6",
        title: "The answer echoes the request, with a result per item and its hash",
        check: answer,
    },
    Rule { id: "P5.7", title: "What was acknowledged is there after the power failed", check: power_cut },
    Rule { id: "P5.8", title: "A fact whose answer was lost is acknowledged as a double", check: doubles },
    Rule {
        id: "P5.9",
        title: "What cannot be read is parked, and its neighbours are not affected",
        check: parked,
    },
    Rule {
        id: "P5.9",
        title: "An unreadable fact of the phone keeps its place in the chain",
        check: parked_place,
    },
];

const JSON: (&str, &str) = ("content-type", "application/json");

fn gzip(plain: &[u8]) -> Result<Vec<u8>, Stop> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = packed.write_all(plain).and_then(|()| packed.finish());
    packed.map_err(|error| broken("gzip", error.to_string()))
}

fn fitting(world: &mut World) -> Check {
    let mut phone = world.on_the_road(&[PLAIN])?.phone;
    let (private, commitment) = packed(&mut world.rng, "Frau Huber");
    let id = Phone::new_id(world)?;
    let mut fact = phone.add_changed(world, &id, FactBody::Arrived {}, |it| it.private = Some(commitment))?;
    fact.item.private = Some(private);
    let result = phone.send_one(world, &fact)?;
    equal("flags", &result.flags, &Vec::new())
}

fn post(
    world: &mut World,
    phone: &Phone,
    encoding: Option<&str>,
    body: Vec<u8>,
) -> Result<HttpResponse, Stop> {
    let mut headers = vec![JSON];
    headers.extend(encoding.map(|encoding| ("content-encoding", encoding)));
    phone.ask(world, Method::Post, "/v1/facts", &headers, body)
}

fn packing(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    let fact = phone.day_started(world)?;
    let plain = bytes(&phone.batch(&[&fact]));
    let first: FactsAnswer = read(&post(world, &phone, Some("gzip"), gzip(&plain)?)?, 200)?;
    equal("results", &first.results.len(), &1)?;
    has_status(&post(world, &phone, None, plain.clone())?, 200)?;
    has_status(&post(world, &phone, Some("br"), plain.clone())?, 415)?;
    has_status(&post(world, &phone, Some("gzip"), plain)?, 400)?;
    has_status(&post(world, &phone, None, b"{".to_vec())?, 400)
}

fn too_large(world: &mut World) -> Check {
    let phone = world.any_phone()?;
    let mut batch = bytes(&phone.batch(&[]));
    let many: Vec<_> = (0..201).map(|n| json!({"jws": n.to_string()})).collect();
    let request = json!({"install": phone.install, "inc": 1, "epoch": phone.epoch, "facts": many});
    is_refused(&post(world, &phone, None, request.to_string().into_bytes())?, ProblemKind::TooLarge)?;
    batch.resize(5 << 20, b' ');
    let bomb = gzip(&batch)?;
    is_refused(&post(world, &phone, Some("gzip"), bomb)?, ProblemKind::TooLarge)
}

fn of_another(world: &mut World) -> Check {
    let (phone, other) = (world.any_phone()?, world.any_phone()?);
    let batch = FactsRequest { install: other.install, ..phone.batch(&[]) };
    has_status(&post(world, &phone, None, bytes(&batch))?, 403)
}

fn answer(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    let facts = [
        phone.day_started(world)?,
        phone.add(world, FactBody::Arrived {})?,
        phone.add(world, FactBody::Arrived {})?,
    ];
    let batch = phone.batch(&facts.iter().collect::<Vec<_>>());
    let (echo, json) = ("a request of mine", JSON);
    let answer =
        phone.ask(world, Method::Post, "/v1/facts", &[json, (header::REQUEST, echo)], bytes(&batch))?;
    let kind = answer.header("content-type").map(str::to_owned);
    holds(header::FACTS_MEDIA_TYPE, answer.is_of_type(header::FACTS_MEDIA_TYPE), format!("{kind:?}"))?;
    let read: FactsAnswer = read(&answer, 200)?;
    equal("the echo", &read.request.as_str(), &echo)?;
    equal("the epoch", &read.epoch, &phone.epoch)?;
    let told: Vec<_> = read.results.iter().map(|result| (result.hash.clone(), result.id.clone())).collect();
    let sent: Vec<_> = facts.into_iter().map(|fact| (fact.hash, Some(fact.id))).collect();
    equal("hashes and ids, in the order of the items", &told, &sent)?;
    let is_fresh = |result: &FactResult| result.status == FactStatus::Stored && !result.dup;
    holds("stored, and no doubles", read.results.iter().all(is_fresh), format!("{:?}", read.results))
}

fn power_cut(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    let facts = [phone.day_started(world)?, phone.add(world, FactBody::Arrived {})?];
    let parked = Fact { item: unreadable("lost?"), ..facts[1].clone() };
    let all = [&facts[0], &facts[1], &parked];
    let before = phone.send(world, &all)?;
    let finals = [FactStatus::Stored, FactStatus::Parked];
    holds(
        "final acknowledgements",
        before.results.iter().all(|it| finals.contains(&it.status)),
        format!("{before:?}"),
    )?;
    world.office.kill()?;
    world.reconnect()?;
    let after = phone.send(world, &all)?;
    let lost: Vec<_> = after.results.iter().filter(|result| !result.dup).map(|result| &result.hash).collect();
    holds("every fact still there", lost.is_empty(), format!("{lost:?} are new to it"))
}

fn doubles(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    let begun = phone.day_started(world)?;
    phone.add(world, FactBody::Arrived {})?; // which is lost on the way
    let last = phone.add(world, FactBody::Arrived {})?;
    let first = phone.send(world, &[&begun, &last])?;
    let again = phone.send(world, &[&begun, &last])?;
    let dups: Vec<_> = again.results.iter().map(|result| result.dup).collect();
    equal("dup", &dups, &vec![true, true])?;
    let kept = |answer: &FactsAnswer| -> Vec<_> {
        answer
            .results
            .iter()
            .map(|it| (it.hash.clone(), it.status, it.flags.clone(), it.verdict.clone()))
            .collect()
    };
    equal("hash, status, flags and verdict of the double", &kept(&again), &kept(&first))?;
    is_flagged(&again.results[1].flags, "gap", true)
}

/// Something that is no fact.
fn unreadable(text: &str) -> FactItem {
    FactItem { jws: text.into(), private: None }
}

/// The payload of the next fact as JSON, changed.
fn changed(
    world: &mut World,
    phone: &Phone,
    change: impl FnOnce(&mut Value),
) -> Result<(FactId, Vec<u8>), Stop> {
    let id = Phone::new_id(world)?;
    let mut payload =
        serde_json::to_value(phone.payload(world, &id, FactBody::Arrived {})).unwrap_or_default();
    change(&mut payload);
    Ok((id, payload.to_string().into_bytes()))
}

fn parked(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    let begun = phone.day_started(world)?;
    let mut odd =
        vec![Fact { item: unreadable("no fact at all"), hash: fact_hash("no fact at all"), ..begun.clone() }];
    let elsewhere =
        InstallId::new("elsewhere").map_err(|error| broken("an identifier", error.to_string()))?;
    let changes: [fn(&mut Value, &InstallId); 3] = [
        |it, _| it["v"] = 2.into(),
        |it, _| it["kind"] = "weather".into(),
        |it, elsewhere| it["install"] = elsewhere.as_str().into(),
    ];
    let (seq, prev) = (phone.seq, phone.prev.clone());
    for change in changes {
        (phone.seq, phone.prev) = (seq, prev.clone());
        let (id, payload) = changed(world, &phone, |it| change(it, &elsewhere))?;
        odd.push(phone.sign_next(&id, &payload, KeyOf::Day)?);
    }
    (phone.seq, phone.prev) = (seq, prev);
    let good = phone.add(world, FactBody::Arrived {})?;
    let mut all = vec![&begun];
    all.extend(&odd);
    all.push(&good);
    let results = phone.send(world, &all)?.results;
    let statuses: Vec<_> = results.iter().map(|result| result.status).collect();
    let (stored, parked) = (FactStatus::Stored, FactStatus::Parked);
    equal(
        "status of a fact, no JWS, version 2, an unknown kind, another installation's, a fact",
        &statuses,
        &vec![stored, parked, parked, parked, parked, stored],
    )?;
    let named: Vec<_> =
        results.iter().filter(|it| it.status == parked).filter_map(|it| it.id.clone()).collect();
    equal("identifiers of what cannot be read", &named, &Vec::new())?;
    let again = phone.send(world, &all)?.results;
    holds("all of them kept", again.iter().all(|result| result.dup), format!("{again:?}"))
}

fn parked_place(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    let begun = phone.day_started(world)?;
    let (id, payload) = changed(world, &phone, |it| it["kind"] = "weather".into())?;
    let later = phone.sign_next(&id, &payload, KeyOf::Day)?;
    let next = phone.add(world, FactBody::Arrived {})?;
    let results = phone.send(world, &[&begun, &later, &next])?.results;
    equal("status of the unknown kind", &results[1].status, &FactStatus::Parked)?;
    equal("flags of the fact after it", &results[2].flags, &Vec::new())?;
    Ok(())
}
