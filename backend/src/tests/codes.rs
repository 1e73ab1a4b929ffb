//! Codes that change during the day: new ones, neighbours', disputed ones, and those that no phone can check.

use courier_codes::{Sign, SigningKey, read_jws};
use courier_domain::{CodeNeed, CourierId, InstructionKind, Reason, Verdict};
use courier_protocol::{HandoverPayload, ProblemKind, header};

use super::day::{CODED, Day, HOUR, PLAIN, TODAY, TOMORROW, shipment};
use super::judge::wrong;
use super::phone::{Phone, failed, handed, ruling};
use crate::dispute::{Dispute, DisputeKind};
use crate::entropy;
use crate::error::ServiceError;
use crate::keys::Keys;

const CONFIRMED: Verdict = Verdict::Confirmed;
const REVIEW: Verdict = Verdict::UnderReview;
const REFUTED: Verdict = Verdict::Refuted;

fn coded() -> (Day, Phone) {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let phone = Phone::of(&day);
    (day, phone)
}

fn kind<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> ProblemKind {
    match result.unwrap_err() {
        ServiceError::Refused(kind, _) => kind,
        ServiceError::Fault(what) => panic!("{what}"),
    }
}

impl Day {
    fn new_code(&self, reference: &str, request: &str) -> Result<(), ServiceError> {
        self.service.reissue(&self.attempt(reference), request, Some(&self.courier))
    }

    fn object(&self, reference: &str, kind: DisputeKind, request: &str) {
        let what = Dispute { kind, text: Some("It was Huber!".into()), request_id: Some(request.into()) };
        self.service.dispute(&self.token(reference), what).unwrap();
    }

    fn last_mail(&self) -> String {
        self.mails();
        self.service.sent_mails().unwrap().pop().unwrap().text
    }
}

#[test]
fn a_new_code_is_another_code_that_only_the_customer_is_told() {
    let (day, mut phone) = coded();
    let (attempt, old, before) = (day.attempt("Kaya"), day.digits("Kaya"), day.verifiers().remove(0));
    day.new_code("Kaya", "first").unwrap();
    let (new, after) = (day.digits("Kaya"), day.verifiers());
    assert_eq!(after.len(), 1, "the old verifier is gone");
    assert_eq!((&after[0].salt, after[0].kdf, &after[0].holder), (&before.salt, before.kdf, &before.holder));
    assert!(after[0].code_id != before.code_id && after[0].key != before.key && new != old);
    assert_eq!(day.mails(), ["your_code", "code_replaced"]);
    assert!(day.last_mail().contains(&new));
    assert_eq!(ruling(&phone.try_code(&day, &attempt, &before.code_id, &old)), (REVIEW, "stale-code"));
    let tried = phone.try_code(&day, &attempt, &after[0].code_id, &new);
    assert_eq!(ruling(&tried), (CONFIRMED, "right-code"));
    assert_eq!(ruling(&phone.say(&day, handed(&attempt, &day.parcels("Kaya"), Some(&tried)))).0, CONFIRMED);
}

#[test]
fn a_request_is_answered_once_and_an_attempt_gets_two_new_codes_a_day() {
    let (day, _phone) = coded();
    let attempt = day.attempt("Kaya");
    day.new_code("Kaya", "first").unwrap();
    let first = day.digits("Kaya");
    day.new_code("Kaya", "first").unwrap();
    assert_eq!(day.digits("Kaya"), first, "the same request brings no other code");
    day.service.reissue_for_customer(&day.token("Kaya"), "first").unwrap();
    let second = day.digits("Kaya");
    assert_ne!(second, first, "the customer's own request is another one");
    assert_eq!(kind(day.new_code("Kaya", "third")), ProblemKind::ReissueLimit);
    assert_eq!(kind(day.service.reissue(&attempt, "fourth", None)), ProblemKind::ReissueLimit);
    assert_eq!(kind(day.service.reissue_for_customer(&day.token("Kaya"), "x")), ProblemKind::ReissueLimit);
    assert_eq!((day.digits("Kaya"), day.mails().len()), (second, 3));
    for bad in ["", "a b", "ü", &"x".repeat(101)] {
        assert_eq!(kind(day.new_code("Kaya", bad)), ProblemKind::BadRequest, "{bad:?}");
    }
}

#[test]
fn only_an_attempt_under_way_gets_a_new_code_and_only_for_its_own_courier() {
    let day = Day::with(&[shipment("Kaya", CODED, 1), shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let attempt = day.attempt("Kaya");
    let stranger = day.service.add_courier("Bob").unwrap();
    assert_eq!(kind(day.service.reissue(&attempt, "r", Some(&stranger))), ProblemKind::NotFound);
    let nothing = courier_domain::AttemptId::new("nothing").unwrap();
    assert_eq!(kind(day.service.reissue(&nothing, "r", None)), ProblemKind::NotFound);
    assert_eq!(
        kind(day.new_code("Plain", "r")),
        ProblemKind::Conflict,
        "a new code for a shipment without one"
    );
    phone.say(&day, failed(&attempt, &day.parcels("Kaya"), Reason::NotHome));
    assert_eq!(kind(day.new_code("Kaya", "r")), ProblemKind::Conflict, "after the attempt");

    let (day, _phone) = coded();
    day.advance(17 * HOUR);
    assert_eq!(kind(day.new_code("Kaya", "r")), ProblemKind::Conflict, "after its day");

    let (day, mut phone) = coded();
    let verifier = day.verifiers().remove(0);
    let decoy = wrong(&verifier, &day.digits("Kaya"), true);
    phone.try_code(&day, &day.attempt("Kaya"), &verifier.code_id, &decoy);
    assert_eq!(kind(day.new_code("Kaya", "r")), ProblemKind::Conflict, "after a decoy");
}

#[test]
fn a_new_code_brings_a_new_budget_and_forgets_no_miss() {
    let (day, mut phone) = coded();
    let attempt = day.attempt("Kaya");
    let counted = |day: &Day| day.on_phone("Kaya").map(|it| (it.tries_used, it.budget)).unwrap();
    for _ in 0..5 {
        phone.miss(&day, &attempt);
    }
    assert_eq!(counted(&day), (5, 5));
    let before = day.ops().iter().map(|op| op.rev).max();
    day.new_code("Kaya", "first").unwrap();
    assert_eq!(counted(&day), (5, 10));
    // Made before the phone knew of the new code, told later: the new code's tries are not spent by it.
    phone.stop_rev = before;
    phone.miss(&day, &attempt);
    assert_eq!(counted(&day), (6, 11));
    phone.stop_rev = day.ops().iter().map(|op| op.rev).max();
    phone.miss(&day, &attempt);
    assert_eq!(counted(&day), (7, 11));
    day.new_code("Kaya", "second").unwrap();
    assert_eq!(counted(&day), (7, 12));
}

#[test]
fn a_replaced_code_does_not_come_back_with_its_attempt() {
    let (day, mut phone) = coded();
    let (attempt, parcels, old) = (day.attempt("Kaya"), day.parcels("Kaya"), day.verifiers().remove(0));
    let digits = day.digits("Kaya");
    day.new_code("Kaya", "first").unwrap();
    let new = day.digits("Kaya");
    let mistake = phone.say(&day, failed(&attempt, &parcels, Reason::NotHome));
    phone.withdraw(&day, &mistake);
    assert_eq!((day.digits("Kaya"), day.verifiers().len()), (new, 1));
    assert_eq!(ruling(&phone.try_code(&day, &attempt, &old.code_id, &digits)), (REVIEW, "stale-code"));
    assert_eq!(day.mails(), ["your_code", "code_replaced", "attempt_failed", "still_coming"]);
}

#[test]
fn a_handover_on_an_entry_whose_code_was_replaced_meanwhile_is_reviewed() {
    for (disputed, wanted) in [(false, "stale-code"), (true, "frozen-code")] {
        let (day, mut phone) = coded();
        let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
        let id = day.verifiers()[0].code_id.clone();
        let tried = phone.try_code(&day, &attempt, &id, &day.digits("Kaya"));
        assert_eq!(ruling(&tried), (CONFIRMED, "right-code"));
        if disputed {
            day.object("Kaya", DisputeKind::ToldByPhone, "d");
        } else {
            day.new_code("Kaya", "r").unwrap();
        }
        assert_eq!(ruling(&phone.say(&day, handed(&attempt, &parcels, Some(&tried)))), (REVIEW, wanted));
        assert_eq!(day.state("Kaya"), "handed_over", "what happened at the door stands");
    }
}

#[test]
fn a_neighbour_gets_a_code_of_their_own_and_one_of_the_codes_is_enough() {
    for use_neighbours in [false, true] {
        let (day, mut phone) = coded();
        let (attempt, parcels, token) = (day.attempt("Kaya"), day.parcels("Kaya"), day.token("Kaya"));
        for _ in 0..2 {
            day.service.neighbour_code(&token, " Huber ").unwrap();
        }
        let verifiers = day.verifiers();
        let mut holders: Vec<_> = verifiers.iter().map(|it| it.holder.as_str()).collect();
        holders.sort_unstable();
        assert_eq!(holders, ["neighbour Huber", "recipient"]);
        assert_eq!(verifiers[0].salt, verifiers[1].salt);
        assert_ne!(verifiers[0].key, verifiers[1].key);
        let page = day.page("Kaya");
        assert_eq!(page.neighbours.len(), 1);
        assert_ne!(page.neighbours[0].code.digits, page.code.as_ref().unwrap().digits);
        assert_eq!(day.mails(), ["your_code", "your_code"]);
        assert!(day.last_mail().contains(&page.neighbours[0].code.digits));
        assert!(
            day.on_phone("Kaya")
                .unwrap()
                .instructions
                .iter()
                .any(|it| matches!(&it.kind, InstructionKind::Neighbour { name, .. } if name == "Huber"))
        );
        let digits = if use_neighbours {
            &page.neighbours[0].code.digits
        } else {
            &page.code.as_ref().unwrap().digits
        };
        // The phone took it for the other one: any live code of the attempt opens.
        let tried = phone.try_code(&day, &attempt, &verifiers[0].code_id, digits);
        assert_eq!(ruling(&tried), (CONFIRMED, "right-code"));
        let done = phone.say(&day, handed(&attempt, &parcels, Some(&tried)));
        assert_eq!((ruling(&done).0, day.state("Kaya")), (CONFIRMED, "delivered"));
        let page = day.page("Kaya");
        assert!(page.code.is_none() && page.neighbours.is_empty() && day.verifiers().len() == 1);
        phone.withdraw(&day, &done);
        let page = day.page("Kaya");
        assert!(page.code.is_some() && page.neighbours.len() == 1, "both live again");
    }
}

#[test]
fn neighbours_with_a_code_are_few_and_a_decoy_freezes_all_codes_of_the_attempt() {
    let (day, mut phone) = coded();
    let token = day.token("Kaya");
    for bad in ["", " ", "a\nb", &"x".repeat(61)] {
        assert_eq!(kind(day.service.neighbour_code(&token, bad)), ProblemKind::Refused, "{bad:?}");
    }
    for name in ["Huber", "Meier"] {
        day.service.neighbour_code(&token, name).unwrap();
    }
    assert_eq!(kind(day.service.neighbour_code(&token, "Schulz")), ProblemKind::Refused);
    day.new_code("Kaya", "r").unwrap();
    assert_eq!((day.verifiers().len(), day.page("Kaya").neighbours.len()), (3, 2), "each gets a new one");
    let mut secrets: Vec<_> = day.page("Kaya").neighbours.into_iter().map(|it| it.code.digits).collect();
    secrets.push(day.digits("Kaya"));
    let verifier = day.verifiers().remove(0);
    let decoy = (0..1_000_000).map(|n| format!("{n:06}")).find(|text| {
        let fits = courier_codes::kdf::tag_of(&courier_codes::Code::parse(text).unwrap(), &verifier);
        fits == Ok(verifier.tag) && !secrets.contains(text)
    });
    let tried = phone.try_code(&day, &verifier.attempt, &verifier.code_id, &decoy.unwrap());
    assert_eq!((ruling(&tried), day.state("Kaya")), ((REFUTED, "wrong-code"), "frozen"));
    assert_eq!((day.verifiers().len(), day.page("Kaya").neighbours.len()), (0, 0));
}

/// Shipments of one house, so of one stop.
fn at_one_door(day: Day, count: usize) -> (Day, Vec<String>) {
    let names: Vec<_> = (0..count).map(|n| format!("Flat{n}")).collect();
    let shipments: Vec<_> = names
        .iter()
        .map(|name| {
            let mut it = shipment(name, CODED, 1);
            it["address"]["house"] = "1".into();
            it
        })
        .collect();
    (day.published(&shipments), names)
}

#[test]
fn an_entry_that_fits_the_tag_of_the_parcel_next_to_it_is_no_decoy() {
    // Short tags and many parcels, so that one code surely fits the tag of another.
    let (day, names) = at_one_door(Day::with_tag_of(6), 24);
    let mut phone = Phone::of(&day);
    let verifiers = day.verifiers();
    let of = |name: &str| {
        let attempt = day.attempt(name);
        verifiers.iter().find(|it| it.attempt == attempt).unwrap()
    };
    let pairs = names.iter().flat_map(|one| names.iter().map(move |other| (one, other)));
    let (taken_for, meant) = pairs
        .filter(|(one, other)| one != other)
        .find(|(one, other)| {
            let digits = courier_codes::Code::parse(&day.digits(other)).unwrap();
            let verifier = of(one);
            courier_codes::kdf::tag_of(&digits, verifier) == Ok(verifier.tag)
        })
        .unwrap();
    let (verifier, digits) = (of(taken_for), day.digits(meant));
    let tried = phone.try_code(&day, &verifier.attempt, &verifier.code_id, &digits);
    assert_eq!(ruling(&tried), (REVIEW, "code-of-another-attempt"));
    assert_eq!((day.reviews("decoy"), day.state(taken_for)), (0, "on_the_way"));
    let done = phone.say(&day, handed(&verifier.attempt, &day.parcels(taken_for), Some(&tried)));
    assert_eq!(ruling(&done), (REVIEW, "code-under-review"));

    // Where the phone names both, the judge finds out which one it was.
    let both = vec![verifier.attempt.clone(), day.attempt(meant)];
    let item = phone.entry_at(&day, both.clone(), Some(&verifier.code_id), &digits);
    let tried = phone.send(&day, vec![item]).results.remove(0);
    assert_eq!(ruling(&tried), (CONFIRMED, "right-code"));
    phone.withdraw(&day, &done);
    let wrong_one = phone.say(&day, handed(&both[0], &day.parcels(taken_for), Some(&tried)));
    assert_eq!(ruling(&wrong_one), (REVIEW, "no-code"));
    let right_one = phone.say(&day, handed(&both[1], &day.parcels(meant), Some(&tried)));
    assert_eq!((ruling(&right_one), day.state(meant)), ((CONFIRMED, "right-code"), "delivered"));
}

#[test]
fn a_code_told_by_phone_is_frozen_and_another_one_mailed_at_once() {
    let (day, mut phone) = coded();
    let (attempt, old, verifier) = (day.attempt("Kaya"), day.digits("Kaya"), day.verifiers().remove(0));
    for _ in 0..2 {
        day.object("Kaya", DisputeKind::ToldByPhone, "page-1");
    }
    assert_eq!(day.mails(), ["your_code", "code_replaced"], "sent twice it is one objection");
    let new = day.digits("Kaya");
    assert_ne!(new, old);
    assert_eq!((day.state("Kaya"), day.reviews("dispute-told-by-phone")), ("on_the_way", 1));
    let review = day.service.reviews().unwrap().pop().unwrap();
    assert_eq!((review.text.as_deref(), review.fact), (Some("It was Huber!"), None));
    assert_eq!(ruling(&phone.try_code(&day, &attempt, &verifier.code_id, &old)), (REVIEW, "frozen-code"));
    let tried = phone.try_code(&day, &attempt, &day.verifiers()[0].code_id.clone(), &new);
    assert_eq!(ruling(&tried), (CONFIRMED, "right-code"));
    // With the day's new codes used up the attempt stays frozen, and the customer is told so.
    day.object("Kaya", DisputeKind::ToldByPhone, "page-2");
    day.object("Kaya", DisputeKind::ToldByPhone, "page-3");
    assert_eq!((day.state("Kaya"), day.verifiers().len()), ("frozen", 0));
    assert_eq!(day.mails(), ["your_code", "code_replaced", "code_replaced", "code_frozen"]);
    assert!(day.last_mail().contains("as you asked"));
}

#[test]
fn an_objection_after_the_handover_is_looked_at_and_changes_nothing() {
    let (day, mut phone) = coded();
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let tried = phone.try_code(&day, &attempt, &day.verifiers()[0].code_id.clone(), &day.digits("Kaya"));
    let done = phone.say(&day, handed(&attempt, &parcels, Some(&tried)));
    day.object("Kaya", DisputeKind::NotMe, "page");
    day.object("Kaya", DisputeKind::NotReceived, "page");
    assert_eq!((day.reviews("dispute-not-me"), day.reviews("dispute-not-received")), (1, 1));
    assert_eq!(day.state("Kaya"), "delivered");
    let review = day.service.reviews().unwrap().pop().unwrap();
    assert_eq!(review.fact.as_deref(), Some(done.id.as_ref().unwrap().as_str()));
    assert_eq!(day.mails(), ["your_code", "delivered"]);
    let again = Dispute { kind: DisputeKind::NotMe, text: None, request_id: None };
    for _ in 0..8 {
        day.service.dispute(&day.token("Kaya"), again.clone()).unwrap();
    }
    assert_eq!(kind(day.service.dispute(&day.token("Kaya"), again.clone())), ProblemKind::Conflict);
    let long = Dispute { text: Some("x".repeat(1001)), ..again };
    assert_eq!(kind(day.service.dispute(&day.token("Kaya"), long)), ProblemKind::BadRequest);
}

#[test]
fn an_objection_is_possible_before_there_is_a_code_and_without_one() {
    let day = Day::empty();
    day.import(&[shipment("Kaya", CODED, 1), shipment("Plain", PLAIN, 1)]);
    day.object("Kaya", DisputeKind::NotMe, "early");
    day.publish(TODAY);
    day.object("Plain", DisputeKind::NotReceived, "plain");
    assert_eq!((day.reviews("dispute-not-me"), day.reviews("dispute-not-received")), (1, 1));
    assert_eq!(day.mails(), ["your_code"]);
}

fn scope(day: &Day, phone: &Phone) -> courier_protocol::Scope {
    let installation = day.service.installation(&phone.install).unwrap();
    crate::access::scope_of(&installation, day.service.clock().now()).unwrap()
}

#[test]
fn a_second_decoy_within_a_month_suspends_the_courier_until_the_office_lifts_it() {
    use courier_protocol::Scope;
    let names = ["One", "Two", "Three", "Four"];
    let day = Day::with(&names.map(|name| shipment(name, CODED, 1)));
    let mut phone = Phone::of(&day);
    let decoy = |phone: &mut Phone, name: &str| {
        let attempt = day.attempt(name);
        let verifier = day.verifiers().into_iter().find(|it| it.attempt == attempt).unwrap();
        let digits = wrong(&verifier, &day.digits(name), true);
        assert_eq!(
            ruling(&phone.try_code(&day, &attempt, &verifier.code_id, &digits)),
            (REFUTED, "wrong-code")
        );
    };
    decoy(&mut phone, "One");
    assert_eq!(scope(&day, &phone), Scope::Full);
    decoy(&mut phone, "Two");
    assert_eq!((scope(&day, &phone), day.reviews("two-decoys")), (Scope::Drain, 1));
    day.advance(30 * 24 * HOUR);
    assert_eq!(scope(&day, &phone), Scope::Drain, "facts are taken for as long as they come");
    let tomorrow = kind(day.service.publish(&day.courier, "2026-12-28".parse().unwrap()));
    assert_eq!(tomorrow, ProblemKind::Conflict, "no route for a suspended courier");
    day.service.reinstate(&day.courier).unwrap();
    assert_eq!(scope(&day, &phone), Scope::Full);
    let nobody = CourierId::new("nobody").unwrap();
    assert_eq!(kind(day.service.reinstate(&nobody)), ProblemKind::NotFound);
}

#[test]
fn a_courier_who_was_reinstated_begins_anew() {
    let day = Day::with(&["One", "Two", "Three"].map(|name| shipment(name, CODED, 1)));
    let mut phone = Phone::of(&day);
    for (name, suspended) in [("One", false), ("Two", true), ("Three", false)] {
        let attempt = day.attempt(name);
        let verifier = day.verifiers().into_iter().find(|it| it.attempt == attempt).unwrap();
        let digits = wrong(&verifier, &day.digits(name), true);
        phone.try_code(&day, &attempt, &verifier.code_id, &digits);
        assert_eq!(
            day.service.installation(&phone.install).unwrap().suspended_at.is_some(),
            suspended,
            "{name}"
        );
        day.service.reinstate(&day.courier).unwrap();
        day.advance(1);
    }
}

#[test]
fn a_code_that_no_phone_can_check_is_judged_here_and_its_misses_are_counted_here() {
    let day = Day::with_tag_of(0).published(&[shipment("Kaya", CODED, 1), shipment("Other", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels, right) = (day.attempt("Kaya"), day.parcels("Kaya"), day.digits("Kaya"));
    let verifiers = day.verifiers();
    assert!(verifiers.iter().all(|it| it.k == 0 && it.tag == 0 && it.token_sha256.is_some()));
    assert_eq!(day.on_phone("Kaya").unwrap().code, CodeNeed::OnlineOnly);
    let typo = if right == "000000" { "000001" } else { "000000" };
    assert_eq!(ruling(&phone.ask(&day, &attempt, typo)), (REFUTED, "wrong-entry"));
    assert_eq!((day.on_phone("Kaya").unwrap().tries_used, day.reviews("decoy")), (1, 0));
    let tried = phone.ask(&day, &attempt, &right);
    assert_eq!(ruling(&tried), (CONFIRMED, "right-code"));
    assert_eq!(ruling(&phone.say(&day, handed(&attempt, &parcels, Some(&tried)))), (CONFIRMED, "right-code"));
    // Nobody may try all of them, whatever they say that their phone has found out.
    let (attempt, right) = (day.attempt("Other"), day.digits("Other"));
    let id = &verifiers.iter().find(|it| it.attempt == attempt).unwrap().code_id;
    for _ in 0..4 {
        phone.ask(&day, &attempt, typo);
    }
    assert_eq!(ruling(&phone.try_code(&day, &attempt, id, typo)), (REFUTED, "wrong-entry"));
    assert_eq!(day.reviews("tamper"), 1, "a phone cannot know that it fits");
    assert_eq!(ruling(&phone.ask(&day, &attempt, &right)), (REFUTED, "tries-used"));
    assert_eq!(day.on_phone("Other").unwrap().tries_used, 5);
    day.new_code("Other", "r").unwrap();
    assert_eq!(ruling(&phone.ask(&day, &attempt, &day.digits("Other"))), (CONFIRMED, "right-code"));
}

#[test]
fn a_rotated_key_is_handed_out_and_what_was_sealed_to_the_old_one_still_opens() {
    let (day, mut phone) = coded();
    let (attempt, id) = (day.attempt("Kaya"), day.verifiers()[0].code_id.clone());
    let sealed = phone.entry(&day, &attempt, &id, &day.digits("Kaya"));
    let old = day.service.keys().evidence_keys();
    let file = day.dir.path().join("keys.json");
    Keys::rotate_evidence(&file, &mut entropy::from_seed(99)).unwrap();
    let day = day.reopened();
    let new = day.service.keys().evidence_keys();
    assert!(new.len() == 1 && new != old);
    assert_eq!(ruling(&phone.send(&day, vec![sealed]).results[0]), (CONFIRMED, "right-code"));
    let again = phone.try_code(&day, &attempt, &id, &day.digits("Kaya"));
    assert_eq!(ruling(&again), (CONFIRMED, "right-code"));
    // A file of the first version holds one key.
    let mut stored: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    stored["evidence"] = stored["evidence"][0].clone();
    std::fs::write(&file, stored.to_string()).unwrap();
    assert_eq!(day.reopened().service.keys().evidence_keys(), new);
    assert!(
        Keys::rotate_evidence(std::path::Path::new("nowhere/keys.json"), &mut entropy::from_seed(1)).is_err()
    );
}

#[test]
fn a_handover_has_a_receipt_that_anybody_can_check() {
    let (day, mut phone) = coded();
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let receipts = |day: &Day| {
        let (row, attempts) = day.service.find_shipment(Some("Feinwerk"), "Kaya").unwrap();
        day.service.receipt(&row, &attempts).unwrap().receipts
    };
    let tried = phone.try_code(&day, &attempt, &day.verifiers()[0].code_id.clone(), &day.digits("Kaya"));
    assert_eq!(receipts(&day), [""; 0]);
    let payload = phone.payload(handed(&attempt, &parcels, Some(&tried)));
    let item = phone.sign(&payload);
    let done = phone.send(&day, vec![item]).results.remove(0);
    day.advance(HOUR);
    let [jws] = receipts(&day).try_into().unwrap();
    let read = read_jws(&jws).unwrap();
    let key = &day.service.keys().receipt;
    let said: HandoverPayload =
        serde_json::from_slice(read.verify(&key.jwk(), header::TYP_HANDOVER).unwrap()).unwrap();
    assert_eq!((&said.hash, said.seq, said.inc, &said.install), (&done.hash, payload.seq, 1, &phone.install));
    assert_eq!((said.verdict, said.why.as_str()), (CONFIRMED, "right-code"));
    assert_eq!((said.strength, &said.parcels), (Some(courier_domain::Strength::Tag), &parcels));
    assert_eq!(said.issued_at.0 - said.delivered_at.0, HOUR);
    let stranger = SigningKey::generate(&mut phone.rng);
    assert!(read.verify(&stranger.jwk(), header::TYP_HANDOVER).is_err());
    phone.withdraw(&day, &done);
    assert_eq!(receipts(&day), [""; 0], "what was taken back has no receipt");
}

#[test]
fn the_next_attempt_begins_with_one_code_and_a_first_budget() {
    let (day, mut phone) = coded();
    day.service.neighbour_code(&day.token("Kaya"), "Huber").unwrap();
    day.new_code("Kaya", "r").unwrap();
    phone.miss(&day, &day.attempt("Kaya"));
    phone.say(&day, failed(&day.attempt("Kaya"), &day.parcels("Kaya"), Reason::CodeNotAvailable));
    day.advance(24 * HOUR);
    day.publish(TOMORROW);
    let shipment = day.on_phone("Kaya").unwrap();
    assert_eq!((shipment.tries_used, shipment.budget, day.verifiers().len()), (0, 5, 1));
    day.new_code("Kaya", "r").unwrap();
}
