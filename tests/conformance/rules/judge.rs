//! Section 6: verdicts, and what follows from what happened at the door.

use courier_domain::{
    AttemptId, Base64Url, CodeTryResult, FactBody, FactId, PlaceKind, Reason, Receiver, Shipment, Verdict,
    Verifier,
};
use courier_protocol::{Object, ObjectKind};
use serde_json::json;

use super::Rule;
use crate::phone::{Fact, Phone, digits, is_judged, token};
use crate::report::{Check, Stop, broken, equal, holds};
use crate::route::{is_gone, wrong_digits};
use crate::world::{CODED, OnTheRoad, PLAIN, World, has_status, is_flagged};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "P6.2", title: "A verdict is told by the route too", check: by_route },
    Rule { id: "P6.3", title: "The right digits, entered in time, are confirmed", check: right_digits },
    Rule { id: "P6.3", title: "The QR's token is confirmed", check: right_token },
    Rule { id: "P6.3", title: "The right digits outside their time are reviewed", check: outside },
    Rule { id: "P6.3", title: "What counts is when an entry was made, not when it came", check: late },
    Rule { id: "P6.3", title: "Digits that were replaced are reviewed", check: stale },
    Rule { id: "P6.3", title: "Digits that were used are reviewed", check: used },
    Rule { id: "P6.3", title: "A wrong entry that no honest phone takes is refuted", check: impossible },
    Rule {
        id: "P6.3",
        title: "Evidence of another fact, damaged or missing proves nothing",
        check: evidence,
    },
    Rule { id: "P6.3", title: "An entry for another courier's attempt proves nothing", check: next_door },
    Rule { id: "P6.4", title: "A handover without a code is confirmed", check: plain },
    Rule { id: "P6.4", title: "A handover with a code is what its entry is", check: coded },
    Rule { id: "P6.5", title: "Wrong entries are counted once, and told to every phone", check: misses },
    Rule { id: "P6.6", title: "A decoy is refuted, and its code frozen", check: decoy },
    Rule { id: "P6.7", title: "A failure is recorded, and its code dies", check: failure },
    Rule { id: "P6.8", title: "What was withdrawn is open again", check: withdrawn },
    Rule {
        id: "P6.9",
        title: "The first of two handovers is effective, and every phone learns of it",
        check: twice,
    },
    Rule { id: "P6.10", title: "A handover of what was cancelled is kept, and reviewed", check: cancelled },
    Rule {
        id: "P6.10",
        title: "A handover of what was never this courier's is kept, and reviewed",
        check: not_on_route,
    },
];

/// A courier at the door of a shipment with a code.
struct Door {
    road: OnTheRoad,
    shipment: Shipment,
    verifier: Verifier,
    digits: String,
}

impl Door {
    fn coded(world: &mut World) -> Result<Self, Stop> {
        let road = world.on_the_road(&[CODED])?;
        let shipment = road.route.shipment(&road.names[0])?;
        let verifier = road.route.verifier(&shipment.attempt.id)?;
        let digits = world.office.digits(&road.names[0])?.digits;
        Ok(Self { road, shipment, verifier, digits })
    }

    fn attempt(&self) -> AttemptId {
        self.shipment.attempt.id.clone()
    }

    fn enter(&mut self, world: &mut World, text: &str) -> Result<Fact, Stop> {
        let (attempt, entry) = (self.attempt(), digits(text)?);
        self.road.phone.entered(world, (&attempt, &self.verifier.code_id), &entry, |_| {})
    }

    fn enter_right(&mut self, world: &mut World) -> Result<Fact, Stop> {
        self.enter(world, &self.digits.clone())
    }

    fn hand_over(&mut self, world: &mut World, entry: Option<&FactId>) -> Result<Fact, Stop> {
        self.road.phone.handed_over(world, &self.shipment, Receiver::Recipient, entry)
    }

    fn is_judged(&self, world: &mut World, fact: &Fact, verdict: Verdict, why: &str) -> Check {
        is_judged(&self.road.phone.send_one(world, fact)?, verdict, why)
    }

    fn reissue(&self, world: &mut World) -> Check {
        let path = format!("/v1/attempts/{}/reissue", self.attempt());
        let json = [("content-type", "application/json")];
        let body = json!({"request_id": world.text()}).to_string();
        has_status(&self.road.phone.ask(world, courier_engine::Method::Post, &path, &json, body)?, 202)
    }
}

fn by_route(world: &mut World) -> Check {
    let mut door = Door::coded(world)?;
    let entry = door.enter_right(world)?;
    let said = door.road.phone.send_one(world, &entry)?.verdict.ok_or_else(|| broken("a verdict", "none"))?;
    door.road.route.follow(world, &door.road.phone)?;
    let told = door.road.route.read().find_map(|object| match object {
        Object::Verdict(it) if it.fact == entry.id => Some((it.verdict, it.why)),
        _ => None,
    });
    equal("the verdict on the route", &told, &Some((said.verdict, said.why)))
}

fn right_digits(world: &mut World) -> Check {
    let mut door = Door::coded(world)?;
    let entry = door.enter_right(world)?;
    door.is_judged(world, &entry, Verdict::Confirmed, "right-code")
}

fn right_token(world: &mut World) -> Check {
    let mut door = Door::coded(world)?;
    let Some(qr) = world.office.digits(&door.road.names[0])?.qr else {
        return Err(Stop::NotApplicable("customers of this backend get no QR".into()));
    };
    let (attempt, entry) = (door.attempt(), token(&qr)?);
    let fact = door.road.phone.entered(world, (&attempt, &door.verifier.code_id), &entry, |_| {})?;
    door.is_judged(world, &fact, Verdict::Confirmed, "right-code")
}

fn outside(world: &mut World) -> Check {
    let mut door = Door::coded(world)?;
    let (attempt, entry, after) =
        (door.attempt(), digits(&door.digits)?, door.verifier.not_after.plus_ms(3_600_000));
    let fact = door.road.phone.entered(world, (&attempt, &door.verifier.code_id), &entry, |it| {
        it.at.server_ms = Some(after);
    })?;
    door.is_judged(world, &fact, Verdict::UnderReview, "outside-its-day")
}

fn late(world: &mut World) -> Check {
    let mut door = Door::coded(world)?;
    let entry = door.enter_right(world)?;
    world.office.advance(26 * 3_600_000)?;
    // The clock is learnt from an answer.
    world.ask(courier_engine::Method::Get, "/v1/route/changes", &[], "")?;
    door.road.phone.renew(world)?;
    door.is_judged(world, &entry, Verdict::Confirmed, "right-code")
}

fn stale(world: &mut World) -> Check {
    let mut door = Door::coded(world)?;
    door.reissue(world)?;
    let entry = door.enter_right(world)?;
    let result = door.road.phone.send_one(world, &entry)?;
    is_flagged(&result.flags, "stale-code", true)?;
    is_judged(&result, Verdict::UnderReview, "stale-code")
}

fn used(world: &mut World) -> Check {
    let mut door = Door::coded(world)?;
    let entry = door.enter_right(world)?;
    let handed = door.hand_over(world, Some(&entry.id))?;
    door.road.phone.send(world, &[&entry, &handed])?;
    let again = door.enter_right(world)?;
    door.is_judged(world, &again, Verdict::UnderReview, "used-code")
}

fn impossible(world: &mut World) -> Check {
    let mut door = Door::coded(world)?;
    if door.verifier.k == 0 {
        return Err(Stop::NotApplicable("no phone checks codes of this backend (k = 0)".into()));
    }
    let wrong = wrong_digits(&door.verifier, &door.digits, false)?;
    let entry = door.enter(world, &wrong)?;
    door.is_judged(world, &entry, Verdict::Refuted, "impossible-entry")
}

fn evidence(world: &mut World) -> Check {
    let mut door = Door::coded(world)?;
    let attempt = door.attempt();
    let (other, entry) = (Phone::new_id(world)?, digits(&door.digits)?);
    let moved = door.road.phone.seal(&mut world.rng, &other, &attempt, &entry)?;
    let nonsense = Base64Url::new("AAAA").map_err(|error| broken("base64url", error.to_string()))?;
    for (evidence, why) in
        [(Some(moved), "evidence-unreadable"), (Some(nonsense), "evidence-unreadable"), (None, "no-evidence")]
    {
        let body = FactBody::CodeTried {
            attempts: vec![attempt.clone()],
            result: CodeTryResult::Matched,
            code_id: Some(door.verifier.code_id.clone()),
            strength: None,
            evidence,
        };
        let fact = door.road.phone.add(world, body)?;
        door.is_judged(world, &fact, Verdict::UnderReview, why)?;
    }
    Ok(())
}

fn next_door(world: &mut World) -> Check {
    let theirs = Door::coded(world)?;
    let mut phone = world.on_the_road(&[PLAIN])?.phone;
    let (attempt, entry) = (theirs.attempt(), digits(&theirs.digits)?);
    let fact = phone.entered(world, (&attempt, &theirs.verifier.code_id), &entry, |_| {})?;
    is_judged(&phone.send_one(world, &fact)?, Verdict::UnderReview, "code-of-another-attempt")
}

fn plain(world: &mut World) -> Check {
    let mut road = world.on_the_road(&[(false, 2)])?;
    let shipment = road.route.shipment(&road.names[0])?;
    equal("parcels", &shipment.parcels.len(), &2)?;
    let place = Receiver::Place(PlaceKind::Safe);
    let fact = road.phone.handed_over(world, &shipment, place, None)?;
    is_judged(&road.phone.send_one(world, &fact)?, Verdict::Confirmed, "handed-over")
}

fn coded(world: &mut World) -> Check {
    let mut door = Door::coded(world)?;
    let entry = door.enter_right(world)?;
    let to_place = Receiver::Place(PlaceKind::Safe);
    let placed = door.road.phone.handed_over(world, &door.shipment, to_place, Some(&entry.id))?;
    door.is_judged(world, &entry, Verdict::Confirmed, "right-code")?;
    door.is_judged(world, &placed, Verdict::UnderReview, "code-needs-person")?;

    let mut door = Door::coded(world)?;
    let without = door.hand_over(world, None)?;
    door.is_judged(world, &without, Verdict::UnderReview, "no-code")?;

    let mut door = Door::coded(world)?;
    let entry = door.enter_right(world)?;
    let handed = door.hand_over(world, Some(&entry.id))?;
    let results = door.road.phone.send(world, &[&entry, &handed])?.results;
    is_judged(&results[1], Verdict::Confirmed, "right-code")
}

fn misses(world: &mut World) -> Check {
    let mut door = Door::coded(world)?;
    let code = world.office.enrolment(&door.road.day.courier)?;
    let second = Phone::with_token(world, &code)?;
    let miss = |result| FactBody::CodeTried {
        attempts: vec![door.shipment.attempt.id.clone()],
        result,
        code_id: None,
        strength: None,
        evidence: None,
    };
    let phone = &mut door.road.phone;
    let facts = [
        phone.add(world, miss(CodeTryResult::Mismatch))?,
        phone.add(world, miss(CodeTryResult::Interrupted))?,
    ];
    let all = [&facts[0], &facts[1]];
    phone.send(world, &all)?;
    // The answer was lost.
    phone.send(world, &all)?;
    let before = door.shipment.tries_used;
    let told = crate::route::Route::snapshot(world, &second)?.shipment(&door.road.names[0])?;
    equal("tries_used", &told.tries_used, &(before + 2))?;
    let by: Vec<_> = told.tries.iter().map(|it| (it.install.clone(), it.n)).collect();
    equal("tries by installation", &by, &vec![(door.road.phone.install.clone(), 2)])?;
    holds("the budget not lowered", told.budget >= door.shipment.budget, told.budget)
}

fn decoy(world: &mut World) -> Check {
    let mut door = Door::coded(world)?;
    if door.verifier.k == 0 {
        return Err(Stop::NotApplicable("no phone checks codes of this backend (k = 0)".into()));
    }
    let decoy = wrong_digits(&door.verifier, &door.digits, true)?;
    let entry = door.enter(world, &decoy)?;
    door.is_judged(world, &entry, Verdict::Refuted, "wrong-code")?;
    let ops = door.road.route.follow(world, &door.road.phone)?;
    is_gone(&ops, ObjectKind::Verifier, door.verifier.code_id.as_str(), Some("frozen"))?;
    let right = door.enter_right(world)?;
    door.is_judged(world, &right, Verdict::UnderReview, "frozen-code")
}

fn failure(world: &mut World) -> Check {
    let mut door = Door::coded(world)?;
    let body = FactBody::NotDelivered {
        attempt: door.attempt(),
        parcels: door.shipment.parcels.iter().map(|parcel| parcel.id.clone()).collect(),
        reason: Reason::CodeNotAvailable,
    };
    let fact = door.road.phone.add(world, body)?;
    door.is_judged(world, &fact, Verdict::Confirmed, "recorded")?;
    let ops = door.road.route.follow(world, &door.road.phone)?;
    is_gone(&ops, ObjectKind::Verifier, door.verifier.code_id.as_str(), None)
}

fn withdrawn(world: &mut World) -> Check {
    let mut road = world.on_the_road(&[PLAIN])?;
    let shipment = road.route.shipment(&road.names[0])?;
    let phone = &mut road.phone;
    let handed = phone.handed_over(world, &shipment, Receiver::Household, None)?;
    let taken_back = phone.add(world, FactBody::Withdrawn { fact: handed.id.clone() })?;
    let twice = phone.add(world, FactBody::Withdrawn { fact: handed.id.clone() })?;
    let again = phone.handed_over(world, &shipment, Receiver::Recipient, None)?;
    let results = phone.send(world, &[&handed, &taken_back, &twice, &again])?.results;
    is_judged(&results[1], Verdict::Confirmed, "withdrawn")?;
    is_judged(&results[2], Verdict::UnderReview, "nothing-to-withdraw")?;
    is_judged(&results[3], Verdict::Confirmed, "handed-over")?;

    let mut road = world.on_the_road(&[PLAIN])?;
    let shipment = road.route.shipment(&road.names[0])?;
    let late = road.phone.handed_over(world, &shipment, Receiver::Household, None)?;
    let early = road.phone.add(world, FactBody::Withdrawn { fact: late.id.clone() })?;
    is_judged(&road.phone.send_one(world, &early)?, Verdict::UnderReview, "nothing-to-withdraw")?;
    road.phone.send_one(world, &late)?;
    let again = road.phone.handed_over(world, &shipment, Receiver::Recipient, None)?;
    is_judged(&road.phone.send_one(world, &again)?, Verdict::Confirmed, "handed-over")
}

fn twice(world: &mut World) -> Check {
    let mut road = world.on_the_road(&[PLAIN])?;
    let shipment = road.route.shipment(&road.names[0])?;
    let code = world.office.enrolment(&road.day.courier)?;
    let mut second = Phone::with_token(world, &code)?;
    second.start_day(world)?;
    let first = road.phone.handed_over(world, &shipment, Receiver::Recipient, None)?;
    is_judged(&road.phone.send_one(world, &first)?, Verdict::Confirmed, "handed-over")?;
    let other = second.handed_over(world, &shipment, Receiver::Household, None)?;
    let result = second.send_one(world, &other)?;
    is_flagged(&result.flags, "already-delivered", true)?;
    is_judged(&result, Verdict::UnderReview, "already-delivered")?;
    let route = crate::route::Route::snapshot(world, &second)?;
    let done = route.done(&shipment.attempt.id).map(|done| done.parcels);
    let told = done.map(|parcels| parcels.into_iter().map(|it| (it.parcel, it.fact)).collect::<Vec<_>>());
    equal("who has which parcel", &told, &Some(vec![(shipment.parcels[0].id.clone(), first.id)]))
}

fn cancelled(world: &mut World) -> Check {
    let mut road = world.on_the_road(&[PLAIN])?;
    let shipment = road.route.shipment(&road.names[0])?;
    let handed = road.phone.handed_over(world, &shipment, Receiver::Recipient, None)?;
    world.office.cancel(&road.names[0])?;
    let result = road.phone.send_one(world, &handed)?;
    is_flagged(&result.flags, "cancelled", true)?;
    let verdict = result.verdict.map(|judged| judged.verdict);
    equal("the verdict", &verdict, &Some(Verdict::UnderReview))
}

fn not_on_route(world: &mut World) -> Check {
    let theirs = world.on_the_road(&[PLAIN])?;
    let shipment = theirs.route.shipment(&theirs.names[0])?;
    let mut phone = world.on_the_road(&[PLAIN])?.phone;
    let handed = phone.handed_over(world, &shipment, Receiver::Recipient, None)?;
    let result = phone.send_one(world, &handed)?;
    is_flagged(&result.flags, "not-on-route", true)?;
    is_judged(&result, Verdict::UnderReview, "not-on-route")
}
