//! The judge's table, row by row, and what a modified app would try against it.

use courier_codes::{Code, SigningKey, check, kdf::tag_of};
use courier_domain::{
    Base64Url, CodeId, CodeTryResult, FactBody, FactHash, Reason, Receiver, Verdict, Verifier,
};
use courier_protocol::{FactItem, FactStatus, FactsRequest, Want};

use super::day::{CODED, Day, HOUR, MORNING, PLAIN, shipment};
use super::phone::{Phone, failed, handed, ruling};

const CONFIRMED: Verdict = Verdict::Confirmed;
const REVIEW: Verdict = Verdict::UnderReview;
const REFUTED: Verdict = Verdict::Refuted;

fn coded() -> (Day, Phone) {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let phone = Phone::of(&day);
    (day, phone)
}

/// A wrong code that fits the tag, or does not.
pub(super) fn wrong(verifier: &Verifier, right: &str, fitting: bool) -> String {
    (0..1_000_000)
        .map(|n| format!("{n:06}"))
        .find(|text| {
            let fits = tag_of(&Code::parse(text).unwrap(), verifier) == Ok(verifier.tag);
            text != right && fits == fitting
        })
        .unwrap()
}

fn code_id(day: &Day) -> CodeId {
    day.verifiers()[0].code_id.clone()
}

#[test]
fn the_right_code_is_confirmed_and_the_handover_with_it_delivers() {
    let (day, mut phone) = coded();
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let tried = phone.try_code(&day, &attempt, &code_id(&day), &day.digits("Kaya"));
    assert_eq!(ruling(&tried), (CONFIRMED, "right-code"));
    assert_eq!(day.state("Kaya"), "on_the_way", "nothing is delivered before the handover");
    let done = phone.say(&day, handed(&attempt, &parcels, Some(&tried)));
    assert_eq!(ruling(&done), (CONFIRMED, "right-code"));
    assert_eq!((day.state("Kaya"), day.page("Kaya").code), ("delivered", None));
    assert_eq!(day.mails(), ["your_code", "delivered"]);
    // The phone gets the verdict by the route lane too.
    assert!(day.ops().iter().any(|op| op.kind == "verdict" && op.id == done.id.as_ref().unwrap().as_str()));
}

#[test]
fn a_wrong_code_that_fits_the_tag_is_refuted_and_frozen() {
    let (day, mut phone) = coded();
    let (attempt, parcels, id) = (day.attempt("Kaya"), day.parcels("Kaya"), code_id(&day));
    let decoy = wrong(&day.verifiers()[0], &day.digits("Kaya"), true);
    let right = day.digits("Kaya");
    let tried = phone.try_code(&day, &attempt, &id, &decoy);
    assert_eq!(ruling(&tried), (REFUTED, "wrong-code"));
    assert_eq!((day.state("Kaya"), day.page("Kaya").code, day.verifiers().len()), ("frozen", None, 0));
    assert_eq!((day.mails(), day.reviews("decoy")), (vec!["your_code".into(), "code_frozen".into()], 1));
    assert_eq!(ruling(&phone.say(&day, handed(&attempt, &parcels, Some(&tried)))), (REFUTED, "wrong-code"));
    assert_eq!(day.state("Kaya"), "frozen");
    assert_eq!(ruling(&phone.try_code(&day, &attempt, &id, &right)), (REVIEW, "frozen-code"));
}

#[test]
fn a_wrong_code_that_does_not_fit_is_tampering() {
    let (day, mut phone) = coded();
    let impossible = wrong(&day.verifiers()[0], &day.digits("Kaya"), false);
    let tried = phone.try_code(&day, &day.attempt("Kaya"), &code_id(&day), &impossible);
    assert_eq!((ruling(&tried), day.reviews("tamper")), ((REFUTED, "impossible-entry"), 1));
    assert!(day.page("Kaya").code.is_some(), "the customer's code does not suffer from it");
}

#[test]
fn the_right_code_of_another_day_or_a_dead_one_is_reviewed() {
    for (server_ms, arrives_after, wanted) in [
        (Some(MORNING + 15 * HOUR + 59 * 60_000), 20 * HOUR, (CONFIRMED, "right-code")), // 23:59, sent next day
        (Some(MORNING + 16 * HOUR + 60_000), 0, (REVIEW, "outside-its-day")),
        (Some(MORNING - 9 * HOUR), 0, (REVIEW, "outside-its-day")),
        (None, HOUR, (CONFIRMED, "right-code")),
        (None, 17 * HOUR, (REVIEW, "outside-its-day")),
    ] {
        let (day, mut phone) = coded();
        let (attempt, id, digits) = (day.attempt("Kaya"), code_id(&day), day.digits("Kaya"));
        day.advance(arrives_after);
        phone.server_ms = server_ms;
        let tried = phone.try_code(&day, &attempt, &id, &digits);
        assert_eq!(ruling(&tried), wanted, "captured at {server_ms:?}, arrived {arrives_after} later");
    }
    let (day, mut phone) = coded();
    let (attempt, parcels, id) = (day.attempt("Kaya"), day.parcels("Kaya"), code_id(&day));
    let digits = day.digits("Kaya");
    phone.say(&day, failed(&attempt, &parcels, Reason::CodeNotAvailable));
    assert_eq!(ruling(&phone.try_code(&day, &attempt, &id, &digits)), (REVIEW, "stale-code"));

    let (day, mut phone) = coded();
    let (attempt, parcels, id) = (day.attempt("Kaya"), day.parcels("Kaya"), code_id(&day));
    let digits = day.digits("Kaya");
    let tried = phone.try_code(&day, &attempt, &id, &digits);
    phone.say(&day, handed(&attempt, &parcels, Some(&tried)));
    assert_eq!(ruling(&phone.try_code(&day, &attempt, &id, &digits)), (REVIEW, "used-code"));
}

#[test]
fn a_right_code_that_is_dead_is_reviewed_with_what_is_wrong_as_its_flag() {
    type Death = fn(&Day, &mut Phone);
    let deaths: [(&str, Death); 4] = [
        ("stale-code", |day, _| day.service.reissue(&day.attempt("Kaya"), "r", None).unwrap()),
        ("frozen-code", |day, phone| {
            let decoy = wrong(&day.verifiers()[0], &day.digits("Kaya"), true);
            phone.try_code(day, &day.attempt("Kaya"), &code_id(day), &decoy);
        }),
        ("used-code", |day, phone| {
            let tried = phone.try_code(day, &day.attempt("Kaya"), &code_id(day), &day.digits("Kaya"));
            phone.say(day, handed(&day.attempt("Kaya"), &day.parcels("Kaya"), Some(&tried)));
        }),
        ("outside-its-day", |_, phone| phone.server_ms = Some(MORNING + 17 * HOUR)),
    ];
    for (why, death) in deaths {
        let (day, mut phone) = coded();
        let (attempt, id, digits) = (day.attempt("Kaya"), code_id(&day), day.digits("Kaya"));
        death(&day, &mut phone);
        let tried = phone.try_code(&day, &attempt, &id, &digits);
        assert_eq!((ruling(&tried), tried.flags.as_slice()), ((REVIEW, why), [why.to_owned()].as_slice()));
        assert_eq!(day.reviews(why), 1);
    }
}

#[test]
fn the_same_entries_again_get_the_same_answers_and_change_nothing() {
    let day = Day::with(&[shipment("Kaya", CODED, 1), shipment("Decoy", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, digits) = (day.attempt("Kaya"), day.digits("Kaya"));
    let of = |attempt: &courier_domain::AttemptId| {
        day.verifiers().into_iter().find(|it| it.attempt == *attempt).unwrap()
    };
    let (verifier, other) = (of(&attempt), of(&day.attempt("Decoy")));
    let impossible = wrong(&verifier, &digits, false);
    let decoy = wrong(&other, &day.digits("Decoy"), true);
    let items = vec![
        phone.entry(&day, &attempt, &verifier.code_id, &impossible),
        phone.entry(&day, &attempt, &verifier.code_id, &digits),
        phone.entry(&day, &other.attempt, &other.code_id, &decoy),
        phone.entry(&day, &other.attempt, &other.code_id, "000000"),
    ];
    let told = |items| {
        let results = phone.send(&day, items).results;
        let words: Vec<_> = results.iter().map(|it| (it.verdict.clone(), it.flags.clone())).collect();
        (words, day.service.totals().unwrap(), day.mails(), day.state("Kaya"), day.state("Decoy"))
    };
    let first = told(items.clone());
    assert_eq!(first.0[1].0.as_ref().unwrap().verdict, CONFIRMED);
    for _ in 0..2 {
        assert_eq!(told(items.clone()), first);
    }
}

#[test]
fn a_coded_handover_is_never_confirmed_by_anything_but_an_entry_of_its_own_attempt() {
    let day =
        Day::with(&[shipment("Kaya", CODED, 2), shipment("Other", CODED, 1), shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let (other, digits) = (day.attempt("Other"), day.digits("Other"));
    let other_code = day.verifiers().into_iter().find(|it| it.attempt == other).unwrap().code_id;
    let arrived = phone.say(&day, FactBody::Arrived {});
    let plain = phone.say(&day, handed(&day.attempt("Plain"), &day.parcels("Plain"), None));
    let of_other = phone.try_code(&day, &other, &other_code, &digits);
    let missed = phone.miss(&day, &attempt);
    // Recorded and confirmed as what it is: a failure. It must not pass for an entry.
    let not_home = phone.say(&day, failed(&attempt, &parcels[..1], Reason::NotHome));
    assert_eq!(ruling(&not_home).0, CONFIRMED);
    for (what, claimed) in [
        ("nothing", None),
        ("an arrival", Some(&arrived)),
        ("another handover", Some(&plain)),
        ("an entry at another door", Some(&of_other)),
        ("a miss", Some(&missed)),
        ("a failure", Some(&not_home)),
    ] {
        let done = phone.say(&day, handed(&attempt, &parcels[1..], claimed));
        assert_eq!(ruling(&done), (REVIEW, "no-code"), "{what} passed for a code");
        phone.withdraw(&day, &done);
    }
    assert_eq!(day.reviews("no-code"), 6);
    assert!(!day.mails().contains(&"delivered".to_owned()) || day.state("Plain") == "delivered");
    assert_ne!(day.state("Kaya"), "delivered");
}

#[test]
fn a_coded_parcel_left_in_a_place_is_reviewed() {
    let (day, mut phone) = coded();
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let tried = phone.try_code(&day, &attempt, &code_id(&day), &day.digits("Kaya"));
    let FactBody::HandedOver { scanned, proofs, overrides, checks, code_try, .. } =
        handed(&attempt, &parcels, Some(&tried))
    else {
        unreachable!()
    };
    let receiver = Receiver::Place(courier_domain::PlaceKind::Safe);
    let body =
        FactBody::HandedOver { attempt, parcels, receiver, code_try, scanned, proofs, overrides, checks };
    assert_eq!(ruling(&phone.say(&day, body)), (REVIEW, "code-needs-person"));
    assert_eq!(day.state("Kaya"), "handed_over");
}

#[test]
fn a_handover_of_nothing_or_of_foreign_parcels_changes_nothing() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1), shipment("Other", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let attempt = day.attempt("Plain");
    for parcels in [vec![], day.parcels("Other")] {
        assert_eq!(ruling(&phone.say(&day, handed(&attempt, &parcels, None))), (REVIEW, "unknown-parcel"));
        let failed = phone.say(&day, failed(&attempt, &parcels, Reason::NotHome));
        assert_eq!(ruling(&failed), (REVIEW, "unknown-parcel"));
    }
    assert_eq!((day.state("Plain"), day.mails().len()), ("on_the_way", 0));
}

#[test]
fn evidence_moved_to_another_fact_does_not_open() {
    let (day, mut phone) = coded();
    let (attempt, id) = (day.attempt("Kaya"), code_id(&day));
    let item = phone.entry(&day, &attempt, &id, &day.digits("Kaya"));
    let read = courier_codes::read_jws(&item.jws).unwrap();
    let stolen: courier_domain::FactPayload = serde_json::from_slice(&read.payload).unwrap();
    phone.send(&day, vec![item]);
    let FactBody::CodeTried { evidence, .. } = stolen.body else { unreachable!() };
    for evidence in [evidence, Some(Base64Url::new("AQID").unwrap())] {
        let body = FactBody::CodeTried {
            attempts: vec![attempt.clone()],
            result: CodeTryResult::Matched,
            code_id: Some(id.clone()),
            strength: None,
            evidence,
        };
        assert_eq!(ruling(&phone.say(&day, body)), (REVIEW, "evidence-unreadable"));
    }
}

#[test]
fn a_forged_or_broken_fact_is_stored_and_reviewed_and_has_no_effect() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Plain"), day.parcels("Plain"));
    let stranger = SigningKey::generate(&mut phone.rng);
    let payload = phone.payload(handed(&attempt, &parcels, None));
    let forged = phone.sign_with(&payload, &stranger);
    let result = phone.send(&day, vec![forged]).results.remove(0);
    assert_eq!(
        (result.status, result.flags, result.verdict),
        (FactStatus::Stored, vec!["bad-signature".into()], None)
    );
    phone.prev = Some(FactHash::new("AAAA").unwrap());
    assert_eq!(phone.say(&day, FactBody::Arrived {}).flags, ["chain-break"]);
    phone.seq -= 1;
    assert!(phone.say(&day, FactBody::Arrived {}).flags.contains(&"sequence-fork".into()));
    assert_eq!((day.state("Plain"), day.reviews("tamper")), ("on_the_way", 3));
}

#[test]
fn a_gap_is_flagged_and_asked_for_and_holds_nothing_up() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let lost = phone.payload(FactBody::Arrived {});
    let lost = phone.sign(&lost);
    let done = phone.say(&day, handed(&day.attempt("Plain"), &day.parcels("Plain"), None));
    assert_eq!(
        (done.flags.as_slice(), done.want),
        (["gap".to_owned()].as_slice(), Some(Want { from: 2, to: 2 }))
    );
    assert_eq!(day.state("Plain"), "delivered");
    assert_eq!(phone.send(&day, vec![lost]).results[0].status, FactStatus::Stored);
    assert_eq!(phone.say(&day, FactBody::Arrived {}).flags, [""; 0]);
}

#[test]
fn what_nobody_can_read_is_parked_and_the_chain_goes_on() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let mut later = serde_json::to_value(phone.payload(FactBody::Arrived {})).unwrap();
    later["kind"] = "beamed_over".into();
    let jws =
        courier_codes::sign_jws(courier_protocol::header::TYP_FACT, later.to_string().as_bytes(), &phone.key)
            .unwrap();
    phone.prev = Some(courier_codes::fact_hash(&jws));
    let items = ["", "not a jws", "a.b.c", &jws]
        .map(|jws| courier_protocol::FactItem { jws: jws.into(), private: None });
    for result in phone.send(&day, items.to_vec()).results {
        assert_eq!((result.status, result.dup), (FactStatus::Parked, false));
    }
    let next = phone.say(&day, FactBody::Arrived {});
    assert_eq!((next.flags.as_slice(), next.want), ([].as_slice(), None), "a kind of tomorrow is no gap");
    assert_eq!(day.service.totals().unwrap().facts["parked"], 4);
}

#[test]
fn numbers_out_of_any_order_do_not_stop_the_lane() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    for (inc, seq) in [(u32::MAX, 1), (u32::MAX, u64::MAX), (1, u64::MAX - 1), (0, 0), (2, 7)] {
        (phone.inc, phone.seq) = (inc, seq);
        let payload = phone.payload_at(inc, seq, FactBody::Arrived {});
        let item = phone.sign(&payload);
        let result = phone.send(&day, vec![item]).results.remove(0);
        assert_ne!(result.status, FactStatus::Retry, "{inc}/{seq}");
    }
}

#[test]
fn a_server_that_lost_the_beginning_of_a_day_asks_for_it_before_it_judges_what_came_after() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let began = phone.new_day();
    let payload = phone.payload(failed(&day.attempt("Plain"), &day.parcels("Plain"), Reason::NotHome));
    let item = phone.sign(&payload);
    let request = |epoch: &str, facts: &[&FactItem]| FactsRequest {
        install: phone.from.install.clone(),
        inc: 1,
        epoch: epoch.to_owned(),
        facts: facts.iter().map(|item| (*item).clone()).collect(),
    };
    let mut early = day.service.accept(&phone.from, &request("before", &[&item]), "echo").unwrap();
    let result = early.results.remove(0);
    assert_eq!((result.status, result.flags.as_slice()), (FactStatus::Retry, [].as_slice()));
    assert_eq!((early.epoch.as_str(), day.reviews("tamper")), (day.service.epoch(), 0));
    let again = request(&early.epoch, &[&began, &item]);
    let results = day.service.accept(&phone.from, &again, "echo").unwrap().results;
    assert_eq!((results[0].flags.len(), ruling(&results[1]).0), (0, CONFIRMED));
    // Whoever knows the epoch has handed in the beginning, or has another key than it named.
    phone.new_day();
    let payload = phone.payload(FactBody::Arrived {});
    let item = phone.sign(&payload);
    let result = phone.send(&day, vec![item]).results.remove(0);
    assert!(result.flags.iter().any(|flag| flag == "bad-signature"), "{result:?}");
}

#[test]
fn a_fact_counts_once_however_often_it_comes() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Plain"), day.parcels("Plain"));
    let payload = phone.payload(failed(&attempt, &parcels, Reason::NotHome));
    let item = phone.sign(&payload);
    for dup in [false, true, true] {
        let result = phone.send(&day, vec![item.clone(), item.clone()]).results;
        assert_eq!((result[0].dup, result[1].dup), (dup, true));
        assert_eq!(ruling(&result[1]).0, CONFIRMED, "the answer to a repeated fact is the same");
    }
    assert_eq!((day.attempts("Plain").len(), day.mails()), (2, vec!["attempt_failed".to_owned()]));
    // The same identifier with other bytes: both are kept, the first counts.
    let mut other = payload;
    (other.seq, other.prev) = (3, phone.prev.clone());
    other.body = handed(&attempt, &parcels, None);
    let item = phone.sign(&other);
    let result = phone.send(&day, vec![item]).results.remove(0);
    assert!(result.flags.contains(&"id-conflict".into()));
    assert_eq!(day.attempts("Plain").len(), 2);
}

#[test]
fn of_two_phones_the_first_stored_handover_counts_and_the_second_is_flagged() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let (mut one, mut two) = (Phone::nth(&day, 1), Phone::nth(&day, 2));
    let (attempt, parcels) = (day.attempt("Plain"), day.parcels("Plain"));
    one.say(&day, handed(&attempt, &parcels, None));
    let second = two.say(&day, handed(&attempt, &parcels, None));
    assert_eq!(
        (ruling(&second), second.flags.as_slice()),
        ((REVIEW, "already-delivered"), ["already-delivered".to_owned()].as_slice())
    );
    // Taking back what did not count must not take back what did.
    two.withdraw(&day, &second);
    assert_eq!((day.state("Plain"), day.mails()), ("delivered", vec!["delivered".to_owned()]));
}

#[test]
fn a_private_part_that_was_lost_on_the_way_is_no_tampering() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let mut payload = phone.payload(handed(&day.attempt("Plain"), &day.parcels("Plain"), None));
    payload.private = Some(Base64Url::new("AAAA").unwrap());
    let item = phone.sign(&payload);
    assert_eq!(phone.send(&day, vec![item]).results[0].flags, ["private-missing"]);
    assert_eq!((day.state("Plain"), day.reviews("tamper")), ("delivered", 0));
    let mut payload = phone.payload(FactBody::Arrived {});
    payload.private = Some(Base64Url::new("AAAA").unwrap());
    let mut item = phone.sign(&payload);
    item.private = Some("b3RoZXI".into());
    assert_eq!(phone.send(&day, vec![item]).results[0].flags, ["private-mismatch"]);
    assert_eq!(day.reviews("tamper"), 1);
}

#[test]
fn misses_are_counted_and_told_to_every_phone() {
    let (day, mut phone) = coded();
    let attempt = day.attempt("Kaya");
    for count in 1..=3 {
        phone.miss(&day, &attempt);
        assert_eq!(day.on_phone("Kaya").unwrap().tries_used, count);
    }
    assert!(
        check(&courier_codes::Entry::Digits(Code::parse(&day.digits("Kaya")).unwrap()), &day.verifiers())
            .unwrap()
            .is_some()
    );
}

#[test]
fn a_second_decoy_within_a_month_is_reported() {
    let day = Day::with(&[shipment("One", CODED, 1), shipment("Two", CODED, 1)]);
    let mut phone = Phone::of(&day);
    for (reference, reported) in [("One", 0), ("Two", 1)] {
        let attempt = day.attempt(reference);
        let verifier = day.verifiers().into_iter().find(|it| it.attempt == attempt).unwrap();
        let decoy = wrong(&verifier, &day.digits(reference), true);
        for _ in 0..2 {
            phone.try_code(&day, &attempt, &verifier.code_id, &decoy);
        }
        assert_eq!(day.reviews("two-decoys"), reported, "at {reference}");
    }
    let review = day.service.reviews().unwrap().pop().unwrap();
    assert!(review.fact.is_some() && review.attempt.is_some());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn no_text_in_place_of_a_fact_stops_the_lane(texts in proptest::collection::vec("\\PC{0,60}(\\.\\PC{0,60}){0,3}", 1..6)) {
        let day = Day::empty();
        let phone = Phone::of(&day);
        let item = |text: &String| courier_protocol::FactItem { jws: text.clone(), private: Some(text.clone()) };
        let results = phone.send(&day, texts.iter().map(item).collect()).results;
        proptest::prop_assert_eq!(results.len(), texts.len());
        proptest::prop_assert!(results.iter().all(|it| it.status == FactStatus::Parked));
    }
}
