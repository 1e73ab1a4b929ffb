//! Section 5, second half: chains with gaps, forks and breaks, signatures, receipts, what comes late.

use courier_codes::{Sign, SigningKey, fact_hash, read_jws};
use courier_domain::{FactBody, Receiver, Verdict};
use courier_protocol::{FactResult, FactStatus, FactsRequest, ReceiptPayload, Want, header};

use super::Rule;
use crate::phone::{Fact, KeyOf, Phone, bytes, digits, handover, is_judged, is_not_judged, packed, sign};
use crate::report::{Check, Stop, broken, equal, holds};
use crate::world::{CODED, PLAIN, World, is_flagged};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "P5.10", title: "A gap is stored, flagged, and what is missing is asked for", check: gap },
    Rule {
        id: "P5.11",
        title: "Two facts at one place are both stored, and the fork is flagged",
        check: fork,
    },
    Rule {
        id: "P5.12",
        title: "A fact that does not follow the one before it is flagged",
        check: chain_break,
    },
    Rule {
        id: "P5.13",
        title: "Two facts with one id are both stored, and the second is not judged",
        check: id_conflict,
    },
    Rule {
        id: "P5.14",
        title: "What the right key has not signed is stored, flagged and not judged",
        check: signatures,
    },
    Rule {
        id: "P5.15",
        title: "A private part that does not belong to its fact is flagged",
        check: private_parts,
    },
    Rule {
        id: "P5.16",
        title: "The next incarnation is no gap, one that skips another is",
        check: incarnations,
    },
    Rule { id: "P5.17", title: "The receipt names the head of the chain", check: receipt },
    Rule {
        id: "P5.18",
        title: "Facts are judged when the beginning of their day comes late",
        check: late_day,
    },
    Rule { id: "P5.18", title: "A handover is judged again when its entry comes late", check: late_entry },
    Rule {
        id: "P5.19",
        title: "A day whose beginning is unknown is offered again under another epoch",
        check: other_epoch,
    },
];

fn arrived(world: &mut World, phone: &mut Phone) -> Result<Fact, Stop> {
    phone.add(world, FactBody::Arrived {})
}

fn stored(result: &FactResult) -> Check {
    equal("status", &result.status, &FactStatus::Stored)
}

fn gap(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    let facts = [
        phone.day_started(world)?,
        arrived(world, &mut phone)?,
        arrived(world, &mut phone)?,
        arrived(world, &mut phone)?,
    ];
    let results = phone.send(world, &[&facts[0], &facts[3]])?.results;
    stored(&results[1])?;
    is_flagged(&results[1].flags, "gap", true)?;
    equal("want", &results[1].want, &Some(Want { from: 2, to: 3 }))?;
    let results = phone.send(world, &[&facts[1], &facts[2]])?.results;
    for result in &results {
        stored(result)?;
        is_flagged(&result.flags, "gap", false)?;
        equal("want", &result.want, &None)?;
    }
    let next = arrived(world, &mut phone)?;
    is_flagged(&phone.send_one(world, &next)?.flags, "gap", false)
}

fn fork(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    phone.start_day(world)?;
    let (seq, prev) = (phone.seq, phone.prev.clone());
    let one = arrived(world, &mut phone)?;
    (phone.seq, phone.prev) = (seq, prev);
    let other = arrived(world, &mut phone)?;
    let results = phone.send(world, &[&one, &other])?.results;
    is_flagged(&results[0].flags, "sequence-fork", false)?;
    stored(&results[1])?;
    is_flagged(&results[1].flags, "sequence-fork", true)?;
    let again = phone.send(world, &[&one, &other])?.results;
    holds("both kept", again.iter().all(|result| result.dup), format!("{again:?}"))
}

fn chain_break(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    phone.start_day(world)?;
    phone.prev = Some(fact_hash("something else"));
    let fact = arrived(world, &mut phone)?;
    let result = phone.send_one(world, &fact)?;
    stored(&result)?;
    is_flagged(&result.flags, "chain-break", true)?;
    let mut other = world.any_phone()?;
    other.prev = Some(fact_hash("before the beginning"));
    let first = other.day_started(world)?;
    is_flagged(&other.send_one(world, &first)?.flags, "chain-break", true)
}

fn id_conflict(world: &mut World) -> Check {
    let mut road = world.on_the_road(&[PLAIN])?;
    let shipment = road.route.shipment(&road.names[0])?;
    let phone = &mut road.phone;
    let first = arrived(world, phone)?;
    let second =
        phone.add_changed(world, &first.id, handover(&shipment, Receiver::Recipient, None), |_| {})?;
    let results = phone.send(world, &[&first, &second])?.results;
    is_flagged(&results[0].flags, "id-conflict", false)?;
    stored(&results[1])?;
    is_flagged(&results[1].flags, "id-conflict", true)?;
    is_not_judged(&results[1])
}

fn signatures(world: &mut World) -> Check {
    let mut road = world.on_the_road(&[PLAIN])?;
    let shipment = road.route.shipment(&road.names[0])?;
    let phone = &mut road.phone;
    let stranger = SigningKey::generate(&mut world.rng);
    let mut fact = phone.handed_over(world, &shipment, Receiver::Recipient, None)?;
    let payload = read_jws(&fact.item.jws).map_err(|error| broken("a JWS", error.to_string()))?.payload;
    let mut all = Vec::new();
    for (what, key) in [("a stranger's key", &stranger), ("the device key", &phone.device)] {
        fact.item.jws = sign(header::TYP_FACT, &payload, key)?;
        all.push((what, fact.clone()));
    }
    let (head, _) = fact.item.jws.rsplit_once('.').unwrap_or_default();
    let (_, of_another) = all[0].1.item.jws.rsplit_once('.').unwrap_or_default();
    fact.item.jws = format!("{head}.{of_another}");
    all.push(("the signature of another fact", fact));
    let unsigned_day = Phone::new_id(world)?;
    let jwk = stranger.jwk();
    let body = phone.payload(world, &unsigned_day, FactBody::DayStarted { day_jwk: jwk });
    all.push((
        "a day_started that the day key signs",
        phone.sign_next(&unsigned_day, &bytes(&body), KeyOf::Day)?,
    ));
    for (what, fact) in &all {
        let result = phone.send_one(world, fact)?;
        equal(&format!("status with {what}"), &result.status, &FactStatus::Stored)?;
        is_flagged(&result.flags, "bad-signature", true)?;
        is_not_judged(&result)?;
    }
    // The key that nobody has signed opens no day.
    let id = Phone::new_id(world)?;
    let payload = bytes(&phone.payload(world, &id, handover(&shipment, Receiver::Recipient, None)));
    let mut forged = phone.sign_next(&id, &payload, KeyOf::Day)?;
    forged.item.jws = sign(header::TYP_FACT, &payload, &stranger)?;
    is_flagged(&phone.send_one(world, &forged)?.flags, "bad-signature", true)
}

fn private_parts(world: &mut World) -> Check {
    let mut phone = world.on_the_road(&[PLAIN])?.phone;
    let (private, _) = packed(&mut world.rng, "Frau Huber");
    let (_, other) = packed(&mut world.rng, "Herr Huber");
    for (commitment, part, flag) in [
        (Some(other.clone()), Some(private.clone()), "private-mismatch"),
        (None, Some(private), "private-mismatch"),
        (Some(other), None, "private-missing"),
    ] {
        let id = Phone::new_id(world)?;
        let mut fact = phone.add_changed(world, &id, FactBody::Arrived {}, |it| it.private = commitment)?;
        fact.item.private = part;
        let result = phone.send_one(world, &fact)?;
        stored(&result)?;
        is_flagged(&result.flags, flag, true)?;
    }
    Ok(())
}

fn incarnations(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    phone.start_day(world)?;
    for (inc, is_gap) in [(2, false), (4, true)] {
        (phone.inc, phone.seq, phone.prev) = (inc, 0, None);
        let fact = arrived(world, &mut phone)?;
        let result = phone.send_one(world, &fact)?;
        stored(&result)?;
        is_flagged(&result.flags, "incarnation-gap", is_gap)?;
        is_flagged(&result.flags, "sequence-fork", false)?;
    }
    Ok(())
}

fn receipt(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    let none = phone.send(world, &[])?;
    equal("the receipt of an empty chain", &none.receipt, &None)?;
    let facts = [phone.day_started(world)?, arrived(world, &mut phone)?, arrived(world, &mut phone)?];
    let mut said = |sent: &[&Fact]| -> Result<ReceiptPayload, Stop> {
        let receipt = phone.send(world, sent)?.receipt.ok_or_else(|| broken("a receipt", "none"))?;
        let read = read_jws(&receipt).map_err(|error| broken("a JWS", error.to_string()))?;
        equal("its typ", &read.typ.as_str(), &header::TYP_RECEIPT)?;
        serde_json::from_slice(&read.payload).map_err(|error| broken("a receipt", error.to_string()))
    };
    // The one in the middle comes last, and the head stays where it is.
    for sent in [&[&facts[0], &facts[2]][..], &[&facts[1]][..]] {
        let told = said(sent)?;
        let head = (told.install.as_str().to_owned(), told.inc, told.seq, told.hash);
        equal("the head", &(head.1, head.2, head.3), &(1, facts[2].seq, facts[2].hash.clone()))?;
    }
    Ok(())
}

fn late_day(world: &mut World) -> Check {
    let wanted = world.wanted(&[PLAIN]);
    let day = world.office.day(&wanted)?;
    let mut phone = Phone::with_token(world, &day.code)?;
    let shipment = crate::route::Route::snapshot(world, &phone)?.shipment(&wanted[0].recipient)?;
    let begun = phone.day_started(world)?;
    let handed = phone.handed_over(world, &shipment, Receiver::Recipient, None)?;
    let result = phone.send_one(world, &handed)?;
    stored(&result)?;
    is_flagged(&result.flags, "bad-signature", true)?;
    is_not_judged(&result)?;
    stored(&phone.send_one(world, &begun)?)?;
    let result = phone.send_one(world, &handed)?;
    equal("dup", &result.dup, &true)?;
    is_judged(&result, Verdict::Confirmed, "handed-over")
}

fn late_entry(world: &mut World) -> Check {
    let mut road = world.on_the_road(&[CODED])?;
    let shipment = road.route.shipment(&road.names[0])?;
    let verifier = road.route.verifier(&shipment.attempt.id)?;
    let code = digits(&world.office.digits(&road.names[0])?.digits)?;
    let phone = &mut road.phone;
    let entry = phone.entered(world, (&shipment.attempt.id, &verifier.code_id), &code, |_| {})?;
    let handed = phone.handed_over(world, &shipment, Receiver::Recipient, Some(&entry.id))?;
    is_judged(&phone.send_one(world, &handed)?, Verdict::UnderReview, "no-code")?;
    is_judged(&phone.send_one(world, &entry)?, Verdict::Confirmed, "right-code")?;
    let result = phone.send_one(world, &handed)?;
    equal("dup", &result.dup, &true)?;
    is_judged(&result, Verdict::Confirmed, "right-code")
}

fn other_epoch(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    let begun = phone.day_started(world)?;
    let fact = arrived(world, &mut phone)?;
    let of_before = FactsRequest { epoch: "before".into(), ..phone.batch(&[&fact]) };
    let results = phone.send_batch(world, &of_before)?.results;
    equal("status", &results.first().map(|result| result.status), &Some(FactStatus::Retry))?;
    let results = phone.send(world, &[&begun, &fact])?.results;
    let dups: Vec<_> = results.iter().map(|result| (result.status, result.dup)).collect();
    equal("status and dup once the epoch is known", &dups, &vec![(FactStatus::Stored, false); 2])
}
