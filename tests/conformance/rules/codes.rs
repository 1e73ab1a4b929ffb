//! Section 8: verifiers, and new codes.

use courier_codes::kdf::{check_verifier, tag_of};
use courier_codes::{Code, Token};
use courier_domain::{CodeNeed, Shipment, Verifier};
use courier_engine::{HttpResponse, Method};
use courier_protocol::{ObjectKind, ProblemKind};
use serde_json::json;

use super::Rule;
use crate::phone::Phone;
use crate::report::{Check, Stop, broken, equal, holds};
use crate::route::{Route, is_gone};
use crate::world::{CODED, OnTheRoad, PLAIN, World, has_status, is_refused};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "P8.2", title: "The tag is that of the customer's digits", check: tag },
    Rule { id: "P8.3", title: "Every code has a key of its own", check: keys },
    Rule { id: "P8.4", title: "Verifiers are within the bounds of a phone", check: bounds },
    Rule { id: "P8.5", title: "token_sha256 is that of the customer's QR", check: token },
    Rule { id: "P8.6", title: "A code is valid now, and not for ever", check: validity },
    Rule { id: "P8.7", title: "A new code replaces the old one, and brings new tries", check: reissue },
    Rule {
        id: "P8.7",
        title: "The same request again changes nothing, and a third one is refused",
        check: limits,
    },
    Rule {
        id: "P8.7",
        title: "No code for another courier's attempt, or where none is live",
        check: not_ours,
    },
];

fn coded(world: &mut World) -> Result<(OnTheRoad, Shipment, Verifier), Stop> {
    let road = world.on_the_road(&[CODED])?;
    let shipment = road.route.shipment(&road.names[0])?;
    let verifier = road.route.verifier(&shipment.attempt.id)?;
    Ok((road, shipment, verifier))
}

fn tag_fits(world: &mut World, name: &str, verifier: &Verifier) -> Check {
    if verifier.k == 0 {
        return Err(Stop::NotApplicable("no phone checks codes of this backend (k = 0)".into()));
    }
    let digits = world.office.digits(name)?.digits;
    let code = Code::parse(&digits).map_err(|error| broken("six digits", error.to_string()))?;
    let own = tag_of(&code, verifier).map_err(|error| broken("a verifier as in P8.4", error.to_string()))?;
    equal("the tag", &verifier.tag, &own)
}

fn tag(world: &mut World) -> Check {
    let (road, _, verifier) = coded(world)?;
    tag_fits(world, &road.names[0], &verifier)
}

fn keys(world: &mut World) -> Check {
    let road = world.on_the_road(&[CODED, CODED])?;
    let mut seen = Vec::new();
    for name in &road.names {
        let attempt = road.route.shipment(name)?.attempt.id;
        let Verifier { code_id, salt, key, .. } = road.route.verifier(&attempt)?;
        seen.push((code_id, salt, key));
    }
    let (one, other) = (&seen[0], &seen[1]);
    let differ = one.0 != other.0 && one.1 != other.1 && one.2 != other.2;
    holds("another identifier, salt and key for each", differ, format!("{seen:?}"))
}

fn bounds(world: &mut World) -> Check {
    let (_, _, verifier) = coded(world)?;
    check_verifier(&verifier).map_err(|error| broken("a verifier that phones take", error.to_string()))
}

fn token(world: &mut World) -> Check {
    let (road, _, verifier) = coded(world)?;
    let Some(qr) = world.office.digits(&road.names[0])?.qr else {
        return equal("token_sha256 without a QR", &verifier.token_sha256, &None);
    };
    let token = Token::parse(&qr).map_err(|error| broken("the text of a QR", error.to_string()))?;
    equal("token_sha256", &verifier.token_sha256, &Some(token.sha256()))
}

fn validity(world: &mut World) -> Check {
    let (_, shipment, verifier) = coded(world)?;
    let (from, now, to) = (verifier.not_before, world.now(), verifier.not_after);
    holds("not_before ≤ now ≤ not_after", from <= now && now <= to, format!("{from:?} {now:?} {to:?}"))?;
    let hours = (to.0 - from.0) / 3_600_000;
    holds("a day of 26 hours at most", hours <= 26, format!("{hours} hours"))?;
    holds("a code that is needed", shipment.code != CodeNeed::None, format!("{:?}", shipment.code))
}

fn ask(world: &mut World, phone: &Phone, attempt: &str, request: &str) -> Result<HttpResponse, Stop> {
    let body = json!({ "request_id": request }).to_string();
    let json = [("content-type", "application/json")];
    phone.ask(world, Method::Post, &format!("/v1/attempts/{attempt}/reissue"), &json, body)
}

fn reissue(world: &mut World) -> Check {
    let (mut road, shipment, old) = coded(world)?;
    let before = world.office.digits(&road.names[0])?.digits;
    let answer = ask(world, &road.phone, shipment.attempt.id.as_str(), "one")?;
    has_status(&answer, 202)?;
    equal("bytes of the answer", &answer.body.len(), &0)?;
    let ops = road.route.follow(world, &road.phone)?;
    is_gone(&ops, ObjectKind::Verifier, old.code_id.as_str(), Some("replaced"))?;
    let new = road.route.verifier(&shipment.attempt.id)?;
    holds("another key", new.key != old.key, "the same")?;
    equal("the holder", &new.holder, &old.holder)?;
    // One time in a million the digits are the same by chance; the key tells that the code is another.
    let after = world.office.digits(&road.names[0])?.digits;
    holds("other digits", after != before || new.code_id != old.code_id, "the same code")?;
    tag_fits(world, &road.names[0], &new)?;
    let told = road.route.shipment(&road.names[0])?;
    holds("five tries more than were used", told.budget >= told.tries_used + 5, told.budget)
}

fn limits(world: &mut World) -> Check {
    let (road, shipment, _) = coded(world)?;
    let attempt = shipment.attempt.id.as_str();
    has_status(&ask(world, &road.phone, attempt, "one")?, 202)?;
    let code =
        |world: &mut World| Ok(Route::snapshot(world, &road.phone)?.verifier(&shipment.attempt.id)?.code_id);
    let first = code(world)?;
    has_status(&ask(world, &road.phone, attempt, "one")?, 202)?;
    equal("the code after the same request", &code(world)?, &first)?;
    has_status(&ask(world, &road.phone, attempt, "two")?, 202)?;
    holds("another code after another request", code(world)? != first, "the same")?;
    is_refused(&ask(world, &road.phone, attempt, "three")?, ProblemKind::ReissueLimit)
}

fn not_ours(world: &mut World) -> Check {
    let (theirs, shipment, _) = coded(world)?;
    let road = world.on_the_road(&[PLAIN])?;
    has_status(&ask(world, &road.phone, shipment.attempt.id.as_str(), "one")?, 404)?;
    has_status(&ask(world, &road.phone, "nothing", "one")?, 404)?;
    has_status(&ask(world, &theirs.phone, shipment.attempt.id.as_str(), "with a space")?, 400)?;
    let plain = road.route.shipment(&road.names[0])?.attempt.id;
    is_refused(&ask(world, &road.phone, plain.as_str(), "one")?, ProblemKind::Conflict)
}
