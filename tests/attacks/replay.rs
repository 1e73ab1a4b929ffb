//! What was right once, said again: by the same phone, by another, in another place, on another day.

use courier_codes::encoding::encode;
use courier_codes::{SigningKey, read_jws};
use courier_domain::{CodeTryResult, Command, FactBody, FactPayload, Reason, Receiver};
use courier_engine::CourierError;
use courier_protocol::{FactItem, FactStatus, FactsRequest, header};
use courier_tests::ask;
use courier_tests::wire::value;
use courier_tests::world::{World, shipment};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use crate::day::{decoy, enter, misses, verifier_of};
use crate::forger::{Forger, digits, verdict};
use crate::liar::{Liar, Lie};

fn coded(names: &[&str]) -> World {
    World::overheard(&names.iter().map(|name| shipment(name, 90_000, |_| {})).collect::<Vec<_>>())
}

/// A key that nobody has named.
fn unknown_key(seed: u64) -> SigningKey {
    SigningKey::generate(&mut ChaCha20Rng::seed_from_u64(seed))
}

/// Everything countable at the backend.
fn totals(world: &World) -> String {
    serde_json::to_string(&world.service().totals().unwrap()).unwrap()
}

/// The facts that a phone sent, as it sent them.
fn sent(world: &World) -> Vec<FactsRequest> {
    let exchanges = world.wire.as_ref().unwrap().exchanges();
    let facts = exchanges.iter().filter(|(asked, _)| asked.head.starts_with("POST /v1/facts"));
    facts.map(|(asked, _)| serde_json::from_slice(&asked.body).unwrap()).collect()
}

fn payload(item: &FactItem) -> FactPayload {
    serde_json::from_slice(&read_jws(&item.jws).unwrap().payload).unwrap()
}

#[test]
fn a_captured_assertion_opens_nothing_a_second_time() {
    let world = coded(&["Kaya"]);
    let exchanges = world.wire.as_ref().unwrap().exchanges();
    let json = ["content-type: application/json"];
    let (asked, _) = exchanges.iter().find(|(asked, _)| asked.head.starts_with("POST /v1/token")).unwrap();
    let again = ask(&world.url, "POST", "/v1/token", &json, &asked.body);
    assert_eq!(again.status, 401, "a replayed assertion opens the door: {}", again.body);
    // The enrolment may be asked again, since its answer may be lost: it tells nothing that a token opens.
    let (asked, _) = exchanges.iter().find(|(asked, _)| asked.head.starts_with("POST /v1/enrol")).unwrap();
    let again = ask(&world.url, "POST", "/v1/enrol", &json, &asked.body);
    assert!(again.status == 200 && !again.body.contains("access_token"), "{}", again.body);
}

#[test]
fn an_assertion_is_good_for_one_server_one_time_and_one_kind() {
    let world = coded(&["Kaya"]);
    let forger = Forger::enrol(&world, "forger");
    let (here, now) = (world.service().public_url(), world.service().clock().now().0);
    let claims = |jti: &str| serde_json::json!({"iss": forger.install, "aud": here, "iat": now, "jti": jti});
    for (what, assertion) in [
        ("of another server", forger.assertion("2", "https://elsewhere.example", now)),
        ("of yesterday", forger.assertion("3", here, now - 86_400_000)),
        ("of tomorrow", forger.assertion("4", here, now + 86_400_000)),
        ("that is a fact", forger.sign_as(header::TYP_FACT, &claims("5"))),
        ("that is an enrolment", forger.sign_as(header::TYP_ENROL, &claims("6"))),
        ("that was used", forger.assertion("first-forger", here, now)),
    ] {
        let answer = forger.ask_token(&assertion);
        assert_eq!(answer.status, 401, "an assertion {what} opens the door: {}", answer.body);
    }
    assert_eq!(forger.ask_token(&forger.assertion("7", here, now)).status, 200);
}

#[test]
fn facts_count_once_whoever_sends_them_however_often() {
    let world = coded(&["Kaya"]);
    world.phone.scan("Kaya");
    let wrong = misses(&world.verifiers(), 141_421).next().unwrap();
    enter(&world, &world.phone, "Kaya", &wrong).unwrap();
    enter(&world, &world.phone, "Kaya", &world.digits("Kaya")).unwrap();
    world.phone.hand_over("Kaya", Receiver::Recipient, None).unwrap();
    world.phone.sync();
    let before = totals(&world);
    // The whole exchange again, with the token that it was made with.
    let exchanges = world.wire.as_ref().unwrap().exchanges();
    for (asked, _) in exchanges.iter().filter(|(asked, _)| asked.head.starts_with("POST /v1/facts")) {
        let auth = format!("authorization: {}", value(&asked.head, "authorization").unwrap());
        let headers = [auth.as_str(), "courier-request: again", "content-type: application/json"];
        let again = ask(&world.url, "POST", "/v1/facts", &headers, &asked.body);
        assert!(again.status == 200 && !again.body.contains(r#""dup":false"#), "{}", again.body);
    }
    assert_eq!(totals(&world), before, "a replayed fact counted again");

    // The same facts from another installation of the same courier.
    let forger = Forger::enrol(&world, "forger");
    let before = totals(&world);
    let stolen: Vec<FactItem> = sent(&world).into_iter().flat_map(|request| request.facts).collect();
    let install = payload(&stolen[0]).install;
    assert_eq!(forger.send_as(&install, &stolen).status, 403, "facts in the name of another were taken");
    assert!(forger.send(&stolen).iter().all(|result| result.dup), "what is stored is stored once");
    assert_eq!(totals(&world), before, "a replayed fact counted again");
}

#[test]
fn a_fact_that_never_arrived_cannot_be_handed_in_by_another_installation() {
    let world = coded(&["Kaya"]);
    let attempt = world.phone.place("Kaya").1;
    let mut victim = Forger::enrol(&world, "victim-phone");
    let mut forger = Forger::enrol(&world, "forger");
    let code = world.verifiers()[0].code_id.clone();
    let sealed = victim.seal(&digits(&world.digits("Kaya")), "entry", &attempt);
    let day = unknown_key(5);
    let kept_back = victim.fact("entry", Forger::matched(&attempt, &code, sealed.clone()), &day);
    let result = forger.send(&[kept_back]).remove(0);
    assert_eq!(result.status, FactStatus::Parked, "a fact of another installation was read: {result:?}");
    assert_eq!(world.tracking("Kaya").state.word(), "on_the_way");
    // Its evidence, in a fact of the forger's own.
    let result = forger.say("entry-of-mine", Forger::matched(&attempt, &code, sealed));
    assert_eq!(verdict(&result), "UnderReview evidence-unreadable", "evidence was moved to another fact");
}

#[test]
fn evidence_proves_one_entry_of_one_phone_for_one_attempt_only() {
    let world = coded(&["Kaya", "Huber"]);
    let (kaya, huber) = (world.phone.place("Kaya").1, world.phone.place("Huber").1);
    world.phone.scan("Kaya");
    let right = world.digits("Kaya");
    enter(&world, &world.phone, "Kaya", &right).unwrap();
    world.phone.sync();
    let codes = [verifier_of(&world, "Kaya").code_id, verifier_of(&world, "Huber").code_id];
    let stolen: Vec<FactItem> = sent(&world).into_iter().flat_map(|request| request.facts).collect();
    let evidence = stolen.iter().find_map(|item| match payload(item).body {
        FactBody::CodeTried { evidence, .. } => evidence,
        _ => None,
    });
    let mut forger = Forger::enrol(&world, "forger");
    // From another phone's fact; from a fact of one's own; to another attempt.
    let moved = forger.say("moved", Forger::matched(&kaya, &codes[0], evidence.unwrap()));
    let own = forger.seal(&digits(&right), "one", &kaya);
    let again = forger.say("two", Forger::matched(&kaya, &codes[0], own.clone()));
    let elsewhere = forger.say("three", Forger::matched(&huber, &codes[1], own.clone()));
    for (what, result) in [("another phone", moved), ("another fact", again), ("another attempt", elsewhere)]
    {
        let ruling = verdict(&result);
        assert_eq!(ruling, "UnderReview evidence-unreadable", "evidence of {what} was taken");
    }
    let crossed = forger.say("four", Forger::matched(&kaya, &codes[1], own));
    assert_eq!(verdict(&crossed), "UnderReview code-of-another-attempt");
}

#[test]
fn a_code_of_another_stop_of_yesterday_or_of_a_superseded_attempt_confirms_nothing() {
    let mut world = coded(&["Kaya", "Huber"]);
    let mut forger = Forger::enrol(&world, "forger");
    let (kaya, huber) = (world.phone.place("Kaya").1, world.phone.place("Huber").1);
    let old = verifier_of(&world, "Kaya");
    let (kayas, hubers) = (world.digits("Kaya"), world.digits("Huber"));
    // The neighbour's code, claimed for this attempt.
    let ruling = verdict(&forger.claim("swapped", &hubers, &kaya, &old.code_id));
    assert!(ruling.starts_with("Refuted"), "another stop's code was taken: {ruling}");
    let ruling = verdict(&forger.claim("borrowed", &kayas, &huber, &old.code_id));
    assert_eq!(ruling, "UnderReview code-of-another-attempt");

    world.phone.scan("Kaya");
    world.phone.fail("Kaya", Reason::CodeNotAvailable).unwrap();
    world.phone.sync();
    let ruling = verdict(&forger.claim("superseded", &kayas, &kaya, &old.code_id));
    assert_eq!(ruling, "UnderReview stale-code", "a superseded code was taken");
    world.phone.go(Command::CloseDay).unwrap();
    world.advance(24 * 3_600_000);
    world.service().publish(&world.courier, "2026-11-25".parse().unwrap()).unwrap();
    world.phone.sync();
    world.phone.go(Command::StartDay).unwrap();
    let new = verifier_of(&world, "Kaya");
    let again = world.phone.place("Kaya").1;
    let mut forger = Forger::enrol(&world, "forger-of-today");
    let ruling = verdict(&forger.claim("yesterday", &kayas, &again, &old.code_id));
    assert_eq!(ruling, "UnderReview code-of-another-attempt", "yesterday's code was taken");
    let ruling = verdict(&forger.claim("yesterday-2", &kayas, &again, &new.code_id));
    assert!(ruling.starts_with("Refuted"), "yesterday's code was taken for today's: {ruling}");
    world.phone.restart();
    assert_ne!(world.tracking("Kaya").state.word(), "delivered");
}

#[test]
fn every_submission_is_judged_so_a_second_guess_finds_the_code_frozen() {
    let world = coded(&["Kaya"]);
    let mut forger = Forger::enrol(&world, "forger");
    let (attempt, right) = (world.phone.place("Kaya").1, world.digits("Kaya"));
    let verifier = verifier_of(&world, "Kaya");
    let ruling = verdict(&forger.claim("first", &decoy(&verifier, &right), &attempt, &verifier.code_id));
    assert_eq!(ruling, "Refuted wrong-code");
    let ruling = verdict(&forger.claim("second", &right, &attempt, &verifier.code_id));
    assert_eq!(ruling, "UnderReview frozen-code", "after a decoy the right code was still taken");
    let totals = world.service().totals().unwrap();
    assert_eq!(totals.mails["code_frozen"], 1, "the customer was not told");
    // Guesses that do not fit the tag tell a modified app nothing that the tag did not.
    let wrong = misses(std::slice::from_ref(&verifier), 5).next().unwrap();
    let ruling = verdict(&forger.claim("third", &wrong, &attempt, &verifier.code_id));
    assert_eq!(ruling, "Refuted impossible-entry");
    assert!(world.service().totals().unwrap().reviews["tamper"] >= 1, "nobody was told of a modified app");
}

#[test]
fn a_match_without_evidence_and_a_fact_of_the_wrong_key_prove_nothing() {
    let world = coded(&["Kaya"]);
    let mut forger = Forger::enrol(&world, "forger");
    let (attempt, code) = (world.phone.place("Kaya").1, verifier_of(&world, "Kaya").code_id);
    let bare = FactBody::CodeTried {
        attempts: vec![attempt.clone()],
        result: CodeTryResult::Matched,
        code_id: Some(code.clone()),
        strength: None,
        evidence: None,
    };
    assert_eq!(verdict(&forger.say("bare", bare)), "UnderReview no-evidence");
    let sealed = forger.seal(&digits(&world.digits("Kaya")), "alien", &attempt);
    let alien = unknown_key(6);
    let fact = forger.fact("alien", Forger::matched(&attempt, &code, sealed), &alien);
    let now = std::mem::replace(&mut forger.epoch, "of long ago".into());
    let result = forger.send(std::slice::from_ref(&fact)).remove(0);
    assert_eq!((result.status, result.verdict), (FactStatus::Retry, None), "it is asked for its day first");
    forger.epoch = now;
    let result = forger.send(&[fact]).remove(0);
    assert!(result.verdict.is_none(), "an unknown key's fact was judged: {result:?}");
    assert!(world.service().totals().unwrap().reviews["tamper"] >= 1);
    assert_eq!(world.tracking("Kaya").state.word(), "on_the_way");
}

#[test]
fn an_old_answer_with_an_old_receipt_acknowledges_nothing_new() {
    let mut world = coded(&["Kaya"]);
    world.phone.scan("Kaya");
    world.phone.sync();
    let exchanges = world.wire.as_ref().unwrap().exchanges();
    let (_, old) = exchanges.iter().rfind(|(asked, _)| asked.head.starts_with("POST /v1/facts")).unwrap();
    let old = old.body.clone();
    assert!(String::from_utf8_lossy(&old).contains("receipt"));
    enter(&world, &world.phone, "Kaya", &world.digits("Kaya")).unwrap();
    let replayed = Liar::new(move |path| match path {
        "/v1/token" => Lie::token(),
        "/v1/facts" => Lie::of(header::FACTS_MEDIA_TYPE, old.clone()),
        _ => Lie { status: 204, headers: vec!["courier-epoch: e".into()], body: Vec::new() },
    });
    let honest = world.phone_url().to_owned();
    world.phone.talk_to(&replayed.url);
    world.phone.restart();
    let report = world.phone.sync();
    assert!(report.pending > 0, "an old answer acknowledged something: {report:?}");
    assert!(replayed.asked.lock().unwrap().contains(&"/v1/facts".to_owned()), "nothing was sent");
    world.phone.talk_to(&honest);
    world.phone.restart();
    assert_eq!(world.phone.sync().pending, 0, "something unsent was lost");
}

#[test]
fn the_receipt_of_another_chain_is_told_apart_by_what_is_signed_in_it() {
    let world = coded(&["Kaya"]);
    world.phone.sync();
    let exchanges = world.wire.as_ref().unwrap().exchanges();
    let receipts: Vec<_> = exchanges
        .iter()
        .filter(|(asked, _)| asked.head.starts_with("POST /v1/facts"))
        .filter_map(|(_, told)| {
            serde_json::from_slice::<courier_protocol::FactsAnswer>(&told.body).ok()?.receipt
        })
        .collect();
    let receipt = read_jws(&receipts[0]).unwrap();
    let key = courier_backend::facts::receipt_jwk(world.service().keys());
    let said: courier_protocol::ReceiptPayload =
        serde_json::from_slice(receipt.verify(&key, header::TYP_RECEIPT).unwrap()).unwrap();
    assert_eq!(said.install, payload(&sent(&world)[0].facts[0]).install);
    // Changed in one place, or taken for something else, it is none.
    assert!(receipt.verify(&key, header::TYP_FACT).is_err());
    let (head, rest) = receipts[0].split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let mut raised = said.clone();
    raised.seq += 1;
    let forged = format!("{head}.{}.{signature}", encode(&serde_json::to_vec(&raised).unwrap()));
    assert!(read_jws(&forged).unwrap().verify(&key, header::TYP_RECEIPT).is_err());
}

#[test]
fn a_used_code_is_not_used_twice() {
    let world = coded(&["Kaya"]);
    world.phone.scan("Kaya");
    let (attempt, right) = (world.phone.place("Kaya").1, world.digits("Kaya"));
    let code = verifier_of(&world, "Kaya").code_id;
    enter(&world, &world.phone, "Kaya", &right).unwrap();
    world.phone.hand_over("Kaya", Receiver::Recipient, None).unwrap();
    world.phone.sync();
    assert_eq!(world.tracking("Kaya").state.word(), "delivered");
    let mut forger = Forger::enrol(&world, "forger");
    assert_eq!(verdict(&forger.claim("again", &right, &attempt, &code)), "UnderReview used-code");
    assert!(matches!(enter(&world, &world.phone, "Kaya", &right), Err(CourierError::Rejected { .. })));
}
