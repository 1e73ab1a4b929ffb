//! What follows from outcomes: the next delivery day, undo, several parcels.

use courier_domain::{FactBody, Reason, Verdict};
use courier_protocol::{Change, Object};

use super::day::{CODED, Day, HOUR, PLAIN, TOMORROW, shipment};
use super::phone::{Phone, failed, handed, ruling};
use crate::storage::AttemptState::{Delivered, Failed, Open, Planned, Superseded};

fn states(day: &Day, reference: &str) -> Vec<(String, crate::storage::AttemptState)> {
    day.attempts(reference).into_iter().map(|it| (it.day.to_string(), it.state)).collect()
}

#[test]
fn every_reason_leads_to_its_next_step() {
    for reason in Reason::ALL {
        let day = Day::with(&[shipment("Kaya", CODED, 1)]);
        let mut phone = Phone::of(&day);
        let (old, attempt) = (day.digits("Kaya"), day.attempt("Kaya"));
        phone.say(&day, failed(&attempt, &day.parcels("Kaya"), reason));
        assert!(
            day.verifiers().is_empty() && day.page("Kaya").code.is_none(),
            "{reason:?}: the old code lives"
        );
        let next = courier_domain::Policy::germany().next_step(reason, 1, true);
        let again = next == courier_domain::NextStep::NextDeliveryDay;
        assert_eq!(day.attempts("Kaya").len(), if again { 2 } else { 1 }, "{reason:?}");
        assert_eq!(day.state("Kaya"), if again { "announced" } else { "not_delivered" }, "{reason:?}");
        assert_eq!(day.mails(), ["your_code", "attempt_failed"]);
        if again {
            day.advance(24 * HOUR);
            day.publish(TOMORROW);
            assert_ne!(day.digits("Kaya"), old);
            assert_eq!(day.mails(), ["your_code", "attempt_failed", "your_code"]);
        }
    }
}

#[test]
fn a_failure_that_is_undone_and_recorded_again_still_leads_to_the_next_day() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels, digits) = (day.attempt("Kaya"), day.parcels("Kaya"), day.digits("Kaya"));
    let mut last = phone.say(&day, failed(&attempt, &parcels, Reason::NotHome));
    for _ in 0..2 {
        assert_eq!(ruling(&phone.withdraw(&day, &last)).0, Verdict::Confirmed);
        assert_eq!((day.state("Kaya"), day.digits("Kaya")), ("on_the_way", digits.clone()));
        assert_eq!(day.verifiers().len(), 1, "the phone gets the code back");
        assert_eq!(
            day.mails().last().unwrap(),
            "still_coming",
            "the customer believes that the code is dead"
        );
        last = phone.say(&day, failed(&attempt, &parcels, Reason::CodeNotAvailable));
    }
    let planned: Vec<_> = day.attempts("Kaya").into_iter().filter(|it| it.state == Planned).collect();
    assert_eq!((planned.len(), planned[0].day.to_string().as_str()), (1, TOMORROW));
}

#[test]
fn a_failure_may_be_undone_once_and_only_while_its_effect_lasts() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let first = phone.say(&day, failed(&attempt, &parcels, Reason::NotHome));
    phone.withdraw(&day, &first);
    phone.say(&day, failed(&attempt, &parcels, Reason::CodeNotAvailable));
    assert_eq!(ruling(&phone.withdraw(&day, &first)), (Verdict::UnderReview, "nothing-to-withdraw"));
    assert_eq!(day.state("Kaya"), "announced");
}

#[test]
fn an_entry_cannot_be_withdrawn() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let id = day.verifiers()[0].code_id.clone();
    let tried = phone.try_code(&day, &attempt, &id, &day.digits("Kaya"));
    phone.say(&day, handed(&attempt, &parcels, Some(&tried)));
    assert_eq!(ruling(&phone.withdraw(&day, &tried)), (Verdict::UnderReview, "nothing-to-withdraw"));
    assert_eq!(day.state("Kaya"), "delivered");
}

#[test]
fn a_handover_that_is_undone_can_be_made_again_with_the_same_entry() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let id = day.verifiers()[0].code_id.clone();
    let tried = phone.try_code(&day, &attempt, &id, &day.digits("Kaya"));
    let done = phone.say(&day, handed(&attempt, &parcels, Some(&tried)));
    phone.withdraw(&day, &done);
    assert_eq!(day.state("Kaya"), "on_the_way");
    let again = phone.say(&day, handed(&attempt, &parcels, Some(&tried)));
    assert_eq!((ruling(&again).0, day.state("Kaya")), (Verdict::Confirmed, "delivered"));
}

#[test]
fn a_failure_undone_after_the_next_route_went_out_leaves_the_parcel_on_that_route() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let no = phone.say(&day, failed(&day.attempt("Kaya"), &day.parcels("Kaya"), Reason::NotHome));
    day.advance(24 * HOUR);
    day.publish(TOMORROW);
    let late = phone.withdraw(&day, &no);
    assert_eq!(ruling(&late), (Verdict::UnderReview, "nothing-to-withdraw"));
    assert_eq!(states(&day, "Kaya").into_iter().map(|it| it.1).collect::<Vec<_>>(), [Failed, Open]);
    assert!(day.page("Kaya").code.is_some(), "the customer has no code for the parcel in the van");
}

#[test]
fn a_handover_that_comes_late_makes_the_next_attempt_needless() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let (mut one, mut two) = (Phone::nth(&day, 1), Phone::nth(&day, 2));
    let (attempt, parcels) = (day.attempt("Plain"), day.parcels("Plain"));
    one.say(&day, failed(&attempt, &parcels, Reason::NotHome));
    day.advance(24 * HOUR);
    day.publish(TOMORROW);
    two.say(&day, handed(&attempt, &parcels, None));
    assert_eq!(states(&day, "Plain").into_iter().map(|it| it.1).collect::<Vec<_>>(), [Delivered, Superseded]);
    assert!(day.on_phone("Plain").is_none());
    assert_eq!(day.state("Plain"), "delivered");
}

#[test]
fn a_fact_that_comes_days_later_plans_a_day_that_still_comes() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    day.advance(72 * HOUR);
    phone.say(&day, failed(&attempt, &parcels, Reason::NotHome));
    assert_eq!(day.attempts("Kaya")[1].day.to_string(), "2026-11-27", "not a day that has passed");
}

#[test]
fn an_attempt_whose_day_passed_unpublished_joins_the_next_route() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    phone.say(&day, failed(&day.attempt("Kaya"), &day.parcels("Kaya"), Reason::NotHome));
    day.advance(48 * HOUR);
    day.publish("2026-11-26");
    assert_eq!(states(&day, "Kaya")[1], ("2026-11-26".to_owned(), Open));
    let until = day.page("Kaya").code.expect("no code for the new day").until;
    assert!(until > day.service.clock().now());
}

#[test]
fn a_parcel_that_fails_leaves_the_code_to_the_others() {
    let day = Day::with(&[shipment("Kaya", CODED, 2)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let (id, digits) = (day.verifiers()[0].code_id.clone(), day.digits("Kaya"));
    phone.say(&day, failed(&attempt, &parcels[..1], Reason::NotHome));
    assert_eq!((day.state("Kaya"), day.verifiers().len()), ("on_the_way", 1));
    let tried = phone.try_code(&day, &attempt, &id, &digits);
    assert_eq!(ruling(&tried), (Verdict::Confirmed, "right-code"));
    phone.say(&day, handed(&attempt, &parcels[1..], Some(&tried)));
    assert_eq!(day.state("Kaya"), "announced", "one parcel is still to come");
    assert_eq!(day.mails(), ["your_code", "attempt_failed"], "nothing says that all of it was handed over");
    day.advance(24 * HOUR);
    day.publish(TOMORROW);
    assert_eq!(day.parcels("Kaya"), parcels[..1], "what was handed over is not delivered again");
    let second = day.attempt("Kaya");
    phone.server_ms = phone.server_ms.map(|ms| ms + 24 * HOUR);
    let tried = phone.try_code(&day, &second, &day.verifiers()[0].code_id.clone(), &day.digits("Kaya"));
    phone.say(&day, handed(&second, &parcels[..1], Some(&tried)));
    assert_eq!(day.state("Kaya"), "delivered");
}

#[test]
fn parcels_that_fail_one_by_one_make_one_next_attempt_and_one_mail() {
    let day = Day::with(&[shipment("Plain", PLAIN, 3)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Plain"), day.parcels("Plain"));
    for parcel in &parcels {
        phone.say(&day, failed(&attempt, std::slice::from_ref(parcel), Reason::NotHome));
    }
    assert_eq!(states(&day, "Plain").into_iter().map(|it| it.1).collect::<Vec<_>>(), [Failed, Planned]);
    let mails: Vec<_> = {
        day.service.send_mails().unwrap();
        day.service.sent_mails().unwrap().into_iter().map(|it| it.text).collect()
    };
    assert!(mails.len() == 1 && mails[0].contains(TOMORROW), "{mails:?}");
}

#[test]
fn delivered_is_said_only_when_every_parcel_is_certain() {
    let day = Day::with(&[shipment("Kaya", CODED, 2)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let (id, digits) = (day.verifiers()[0].code_id.clone(), day.digits("Kaya"));
    phone.say(&day, handed(&attempt, &parcels[..1], None)); // without the code: under review
    let tried = phone.try_code(&day, &attempt, &id, &digits);
    assert_eq!(ruling(&phone.say(&day, handed(&attempt, &parcels[1..], Some(&tried)))).0, Verdict::Confirmed);
    assert_eq!((day.state("Kaya"), day.mails()), ("handed_over", vec!["your_code".to_owned()]));
}

#[test]
fn who_has_the_parcel_is_told_in_the_recipients_language_or_else_in_english() {
    for (lang, subject, fetch) in [
        ("tr", "Your shipment from Feinwerk is with Huber", "Please fetch it from Huber"),
        ("de", "Ihre Sendung von Feinwerk ist bei Huber", "Bitte holen Sie sie bei Huber"),
        ("en", "Your shipment from Feinwerk is with Huber", "Please fetch it from Huber"),
    ] {
        let mut plain = shipment("Plain", PLAIN, 1);
        plain["customer"]["lang"] = lang.into();
        let day = Day::with(&[plain]);
        // The phone shows the card of the language itself.
        assert_eq!(day.on_phone("Plain").unwrap().lang, lang);
        let mut phone = Phone::of(&day);
        let mut body = handed(&day.attempt("Plain"), &day.parcels("Plain"), None);
        if let courier_domain::FactBody::HandedOver { receiver, .. } = &mut body {
            *receiver = courier_domain::Receiver::OtherNeighbour;
        }
        phone.say_of(&day, body, "Huber");
        let mail = day.service.sent_mails().unwrap().remove(0);
        assert_eq!((mail.template.as_str(), mail.subject.as_str()), ("at_neighbour", subject), "{lang}");
        assert!(mail.text.contains(fetch), "{lang}: {mail:?}");
    }
}

#[test]
fn every_language_that_there_is_a_card_in_can_be_imported_and_no_other() {
    let of = |lang: &str| {
        let mut plain = shipment("Plain", PLAIN, 1);
        plain["customer"]["lang"] = lang.into();
        plain
    };
    let languages = courier_texts::card_languages();
    assert!(languages.len() > 2);
    for language in languages {
        assert_eq!(Day::empty().import(&[of(&language.lang)]).errors, [], "{}", language.lang);
    }
    for wrong in ["", "xx", "DE", "de-AT", "german", "<b>"] {
        let problems = Day::empty().import(&[of(wrong)]).errors;
        assert_eq!(problems.len(), 1, "{wrong}: {problems:?}");
        assert_eq!(problems[0].field, "customer.lang");
        assert!(problems[0].problem.starts_with("one of en, de, ar,"), "{problems:?}");
    }
}

#[test]
fn a_second_phones_failure_of_an_old_attempt_leaves_the_next_one_alone() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let (mut one, mut two) = (Phone::nth(&day, 1), Phone::nth(&day, 2));
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    one.say(&day, failed(&attempt, &parcels, Reason::NotHome));
    day.advance(24 * HOUR);
    day.publish(TOMORROW);
    let mails = day.mails();
    two.say(&day, failed(&attempt, &parcels, Reason::CodeNotAvailable));
    let note = courier_domain::InstructionKind::Note { text: "ring twice".into() };
    day.service.instruct(&day.token("Kaya"), note, None).unwrap();
    assert_eq!((day.parcels("Kaya"), day.mails()), (parcels, mails));
    assert_eq!(day.attempts("Kaya").len(), 2);
}

/// What a server restored from a backup sees: the phone goes on where it was, and brings what is missing when asked.
#[test]
fn what_comes_after_it_was_missed_is_judged_after_all() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let (id, digits) = (day.verifiers()[0].code_id.clone(), day.digits("Kaya"));
    let entry = phone.entry(&day, &attempt, &id, &digits);
    let entered = courier_codes::read_jws(&entry.jws).unwrap();
    let entered: courier_domain::FactPayload = serde_json::from_slice(&entered.payload).unwrap();
    let mut body = handed(&attempt, &parcels, None);
    if let courier_domain::FactBody::HandedOver { code_try, .. } = &mut body {
        *code_try = Some(entered.id);
    }
    let early = phone.say(&day, body);
    assert_eq!((ruling(&early), early.want.is_some()), ((Verdict::UnderReview, "no-code"), true));
    assert_eq!(day.state("Kaya"), "handed_over");
    assert_eq!(ruling(&phone.send(&day, vec![entry]).results[0]).0, Verdict::Confirmed);
    assert_eq!((day.state("Kaya"), day.mails()), ("delivered", vec!["your_code".into(), "delivered".into()]));
    let told = day.ops().into_iter().find(|op| op.id == early.id.as_ref().unwrap().as_str()).unwrap();
    assert_eq!(told.data.unwrap().read::<serde_json::Value>().unwrap()["verdict"], "confirmed");
}

/// The same when the phone hands in what it has just withdrawn before it learns that the server was put back.
#[test]
fn an_outcome_that_comes_after_its_withdrawal_does_not_count() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1), shipment("Other", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let bodies = [
        handed(&day.attempt("Plain"), &day.parcels("Plain"), None),
        failed(&day.attempt("Other"), &day.parcels("Other"), Reason::NotHome),
    ];
    let late = bodies.map(|body| {
        let payload = phone.payload(body);
        (phone.sign(&payload), payload.id)
    });
    // It was put back itself, and goes on in another chain.
    (phone.inc, phone.seq, phone.prev) = (2, 0, None);
    for (_, outcome) in &late {
        for _ in 0..2 {
            let early = phone.say(&day, FactBody::Withdrawn { fact: outcome.clone() });
            assert_eq!(ruling(&early), (Verdict::UnderReview, "nothing-to-withdraw"));
        }
    }
    for (item, _) in &late {
        phone.send(&day, vec![item.clone()]);
        phone.send(&day, vec![item.clone()]);
    }
    assert_eq!((day.state("Plain"), day.state("Other")), ("on_the_way", "on_the_way"));
    let others: Vec<_> = states(&day, "Other").into_iter().map(|(_, state)| state).collect();
    assert_eq!(others, [Open, Superseded], "another attempt is planned");
    assert_eq!(day.reviews("nothing-to-withdraw"), 4);
    let ops = day.ops();
    let told = ops.iter().filter(|op| op.kind == "verdict").map(|op| op.read().unwrap());
    let confirmed = told.filter(|change| {
        matches!(change, Change::Put(object) if matches!(&**object, Object::Verdict(told) if told.why == "withdrawn"))
    });
    assert_eq!(confirmed.count(), 2, "the phone is not told that its withdrawals count");
    let again = phone.say(&day, handed(&day.attempt("Plain"), &day.parcels("Plain"), None));
    assert_eq!((ruling(&again).0, day.state("Plain")), (Verdict::Confirmed, "delivered"));
}

#[test]
fn a_day_that_begins_after_its_facts_came_makes_them_count_once() {
    let day = Day::with(&[shipment("Kaya", CODED, 1), shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, plain) = (day.attempt("Kaya"), day.attempt("Plain"));
    let started = phone.new_day();
    let miss = phone.miss(&day, &attempt);
    assert!(miss.flags.contains(&"bad-signature".to_owned()));
    phone.say_of(&day, handed(&plain, &day.parcels("Plain"), None), "Huber");
    assert_eq!((day.state("Plain"), day.on_phone("Kaya").unwrap().tries_used), ("on_the_way", 0));
    phone.send(&day, vec![started.clone()]);
    assert_eq!((day.state("Plain"), day.on_phone("Kaya").unwrap().tries_used), ("delivered", 1));
    // Neither the same fact again nor another that names the same key counts them again.
    phone.send(&day, vec![started]);
    let again = phone.same_day_again();
    phone.send(&day, vec![again]);
    assert_eq!(day.on_phone("Kaya").unwrap().tries_used, 1);
    assert_eq!(day.mails(), ["your_code", "delivered"]);
}
