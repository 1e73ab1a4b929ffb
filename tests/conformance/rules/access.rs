//! Sections 3 and 4: enrolment and tokens.

use courier_codes::{EvidenceKey, SigningKey};
use courier_domain::FactBody;
use courier_engine::Method;
use courier_protocol::{DrainCause, EnrolAnswer, FactStatus, ProblemKind, Scope, TokenAnswer, header};
use serde_json::json;

use super::Rule;
use crate::phone::{Phone, ask_token, bytes, enrolment, new_install};
use crate::report::{Check, Stop, broken, equal, holds};
use crate::route;
use crate::world::{PLAIN, World, has_status, is_refused, read};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "P3.2", title: "A right enrolment is answered with courier, keys and epoch", check: enrolled },
    Rule {
        id: "P3.3",
        title: "A proof of another key or enrolment is refused, and the code stays good",
        check: proof,
    },
    Rule { id: "P3.4", title: "A code enrols one installation, and a repeat is answered again", check: once },
    Rule { id: "P3.5", title: "The key of an installation never changes", check: key_stays },
    Rule { id: "P3.6", title: "Who guesses enrolment codes has to wait", check: guessing },
    Rule { id: "P4.1", title: "A slash at the end of aud does not count", check: slash },
    Rule { id: "P4.2", title: "A token is a bearer token with a life and a scope", check: token },
    Rule { id: "P4.3", title: "Every fault of an assertion is a 401", check: faults },
    Rule { id: "P4.3", title: "An assertion is taken once", check: replay },
    Rule { id: "P4.4", title: "Nothing is answered without a token", check: without_token },
    Rule { id: "P4.4", title: "An expired token is a 401, and a new one goes on", check: expired },
    Rule {
        id: "P4.5",
        title: "A dismissed courier's phone can hand in facts and files only",
        check: dismissed,
    },
    Rule { id: "P4.5", title: "After seven days it can do nothing", check: long_dismissed },
];

fn device(world: &mut World) -> SigningKey {
    SigningKey::generate(&mut world.rng)
}

fn enrolled(world: &mut World) -> Check {
    let code = world.office.day(&[])?.code;
    let (install, key) = (new_install(world)?, device(world));
    let answer = world.post("/v1/enrol", &enrolment(&code, &install, &key)?)?;
    holds(
        "application/json",
        answer.is_of_type("application/json"),
        format!("{:?}", answer.header("content-type")),
    )?;
    let read: EnrolAnswer = read(&answer, 200)?;
    let keys = &read.evidence_keys;
    let is_key = keys.first().is_some_and(|key| EvidenceKey::from_base64(&key.x25519).is_ok());
    holds("an X25519 key of 32 bytes", is_key, format!("{keys:?}"))?;
    equal("the epoch of header and body", &answer.header(header::EPOCH), &Some(read.epoch.as_str()))
}

fn proof(world: &mut World) -> Check {
    let code = world.office.day(&[])?.code;
    let (install, key, stranger) = (new_install(world)?, device(world), device(world));
    let good = enrolment(&code, &install, &key)?;
    let mut by_a_stranger = good.clone();
    by_a_stranger.proof = enrolment(&code, &install, &stranger)?.proof;
    let mut of_another = good.clone();
    of_another.proof = enrolment("AAAAAAAAAA", &install, &key)?.proof;
    let mut for_another = good.clone();
    for_another.install = new_install(world)?;
    for (what, request) in [
        ("a proof by another key", by_a_stranger),
        ("a proof of another code", of_another),
        ("a proof of another installation", for_another),
    ] {
        equal(&format!("status for {what}"), &world.post("/v1/enrol", &request)?.status, &400)?;
    }
    has_status(&world.post("/v1/enrol", &good)?, 200)
}

fn once(world: &mut World) -> Check {
    let code = world.office.day(&[])?.code;
    let (install, key) = (new_install(world)?, device(world));
    let unknown = enrolment("AAAAAAAAAA", &install, &key)?;
    is_refused(&world.post("/v1/enrol", &unknown)?, ProblemKind::EnrolmentCode)?;
    let request = enrolment(&code, &install, &key)?;
    let first: EnrolAnswer = read(&world.post("/v1/enrol", &request)?, 200)?;
    let again: EnrolAnswer = read(&world.post("/v1/enrol", &request)?, 200)?;
    equal("the courier of the repeat", &again.courier, &first.courier)?;
    let (other, other_key) = (new_install(world)?, device(world));
    let by_another = enrolment(&code, &other, &other_key)?;
    is_refused(&world.post("/v1/enrol", &by_another)?, ProblemKind::EnrolmentCode)
}

fn key_stays(world: &mut World) -> Check {
    let day = world.office.day(&[])?;
    let phone = Phone::enrol(world, &day.code)?;
    let (code, thief) = (world.office.enrolment(&day.courier)?, device(world));
    let stolen = enrolment(&code, &phone.install, &thief)?;
    is_refused(&world.post("/v1/enrol", &stolen)?, ProblemKind::EnrolmentCode)?;
    let code = world.office.enrolment(&day.courier)?;
    has_status(&world.post("/v1/enrol", &enrolment(&code, &phone.install, &phone.device)?)?, 200)
}

fn guessing(world: &mut World) -> Check {
    let (install, key) = (new_install(world)?, device(world));
    let guess = enrolment("AAAAAAAAAA", &install, &key)?;
    for n in 1..=10 {
        let status = world.post("/v1/enrol", &guess)?.status;
        equal(&format!("status of wrong code {n}"), &status, &422)?;
    }
    let answer = world.post("/v1/enrol", &guess)?;
    is_refused(&answer, ProblemKind::TooMany)?;
    let after = answer.header("retry-after").and_then(|text| text.parse::<u64>().ok());
    holds(
        "Retry-After in seconds",
        after.is_some_and(|s| s > 0),
        format!("{:?}", answer.header("retry-after")),
    )?;
    // Whoever comes next has not guessed.
    let _ = world.office.advance(6 * 60_000);
    Ok(())
}

fn slash(world: &mut World) -> Check {
    let phone = world.any_phone()?;
    let assertion = phone.assertion(world, |it| it.aud.push('/'));
    has_status(&ask_token(world, &assertion, &phone.device)?, 200)
}

fn token(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    let TokenAnswer { access_token, expires_in, scope, cause, epoch, .. } = phone.renew(world)?;
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    let fits = (1..=4096).contains(&access_token.len()) && access_token.bytes().all(is_plain);
    holds("a bearer token of RFC 6750", fits, access_token)?;
    holds("a life of 1 minute to 1 day", (60..=86_400).contains(&expires_in), expires_in)?;
    equal("scope and cause", &(scope, cause), &(Scope::Full, None))?;
    equal("epoch", &epoch, &phone.epoch)
}

fn faults(world: &mut World) -> Check {
    let phone = world.any_phone()?;
    let stranger = device(world);
    let nobody = new_install(world)?;
    let all = [
        ("another key", phone.assertion(world, |_| {}), &stranger),
        (
            "another server",
            phone.assertion(world, |it| it.aud = "https://elsewhere.example".into()),
            &phone.device,
        ),
        ("six minutes ago", phone.assertion(world, |it| it.iat = it.iat.plus_ms(-360_000)), &phone.device),
        ("in six minutes", phone.assertion(world, |it| it.iat = it.iat.plus_ms(360_000)), &phone.device),
        ("an unknown installation", phone.assertion(world, |it| it.iss = nobody), &phone.device),
    ];
    for (what, assertion, key) in all {
        let answer = ask_token(world, &assertion, key)?;
        equal(&format!("status for {what}"), &answer.status, &401)?;
    }
    has_status(&world.post("/v1/token", &json!({"assertion": "no JWS"}))?, 401)?;
    let in_time = phone.assertion(world, |it| it.iat = it.iat.plus_ms(-240_000));
    has_status(&ask_token(world, &in_time, &phone.device)?, 200)
}

fn replay(world: &mut World) -> Check {
    let phone = world.any_phone()?;
    let assertion = phone.assertion(world, |_| {});
    has_status(&ask_token(world, &assertion, &phone.device)?, 200)?;
    has_status(&ask_token(world, &assertion, &phone.device)?, 401)
}

/// Whatever needs a token, with this one.
fn every_path(world: &mut World, phone: &Phone) -> Result<Vec<(&'static str, u16)>, Stop> {
    let json = [("content-type", "application/json")];
    let blob = format!("/v1/blobs/{}", "A".repeat(43));
    let range = [("content-range", "bytes 0-0/1")];
    Ok(vec![
        ("facts", phone.ask(world, Method::Post, "/v1/facts", &json, bytes(&phone.batch(&[])))?.status),
        ("route", route::ask(world, phone, None)?.status),
        (
            "reissue",
            phone.ask(world, Method::Post, "/v1/attempts/a/reissue", &json, "{\"request_id\":\"r\"}")?.status,
        ),
        ("HEAD of a file", phone.ask(world, Method::Head, &blob, &[], "")?.status),
        ("PUT of a file", phone.ask(world, Method::Put, &blob, &range, "x")?.status),
    ])
}

fn without_token(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    for token in ["", "guessed"] {
        token.clone_into(&mut phone.token);
        for (what, status) in every_path(world, &phone)? {
            equal(&format!("status of {what} with the token {token:?}"), &status, &401)?;
        }
    }
    phone.renew(world)?;
    has_status(&route::ask(world, &phone, None)?, 200)
}

fn expired(world: &mut World) -> Check {
    let mut phone = world.any_phone()?;
    let lives_s = phone.renew(world)?.expires_in;
    world.office.advance(i64::from(lives_s) * 1_000 + 60_000)?;
    for (what, status) in every_path(world, &phone)? {
        equal(&format!("status of {what} after its time"), &status, &401)?;
    }
    phone.renew(world).map(|_| ())
}

fn dismissed(world: &mut World) -> Check {
    let mut road = world.on_the_road(&[PLAIN])?;
    let phone = &mut road.phone;
    world.office.dismiss(&road.day.courier)?;
    let of_before = phone.token.clone();
    let answer = phone.renew(world)?;
    equal("scope and cause", &(answer.scope, answer.cause), &(Scope::Drain, Some(DrainCause::Dismissed)))?;
    for token in [of_before, answer.access_token] {
        phone.token = token;
        let fact = phone.add(world, FactBody::Arrived {})?;
        equal("status of a fact", &phone.send_one(world, &fact)?.status, &FactStatus::Stored)?;
        let blob = format!("/v1/blobs/{}", "A".repeat(43));
        has_status(&phone.ask(world, Method::Head, &blob, &[], "")?, 204)?;
        is_refused(&route::ask(world, phone, None)?, ProblemKind::Forbidden)?;
        let json = [("content-type", "application/json")];
        let reissue =
            phone.ask(world, Method::Post, "/v1/attempts/a/reissue", &json, "{\"request_id\":\"r\"}")?;
        has_status(&reissue, 403)?;
    }
    Ok(())
}

fn long_dismissed(world: &mut World) -> Check {
    let phone = world.any_phone()?;
    let day = world.office.day(&[])?;
    let gone = Phone::enrol(world, &day.code)?;
    world.office.dismiss(&day.courier)?;
    world.office.advance(7 * 86_400_000 + 3_600_000)?;
    // The clock is learnt from an answer.
    world.ask(Method::Get, "/v1/route/changes", &[], "")?;
    let assertion = gone.assertion(world, |_| {});
    is_refused(&ask_token(world, &assertion, &gone.device)?, ProblemKind::Dismissed)?;
    let assertion = phone.assertion(world, |_| {});
    has_status(&ask_token(world, &assertion, &phone.device)?, 200).map_err(|stop| match stop {
        Stop::Failed { seen, .. } => broken("a token for a courier who was not dismissed", seen),
        other @ Stop::NotApplicable(_) => other,
    })
}
