//! The office's side: import, publication, cancelling, the route lane, mails.

use courier_domain::{FactId, InstructionKind, Reason, RouteId, ShipmentId};
use courier_protocol::{OpKind, ProblemKind, digest};
use serde_json::json;

use super::day::{CODED, Day, HOUR, PLAIN, TODAY, TOMORROW, shipment};
use super::phone::{Phone, failed, handed};
use crate::error::ServiceError;
use crate::storage::AttemptState;

fn shipment_id(day: &Day, reference: &str) -> ShipmentId {
    day.service.find_shipment(Some("Feinwerk"), reference).unwrap().0.id
}

fn kind(error: ServiceError) -> ProblemKind {
    match error {
        ServiceError::Refused(kind, _) => kind,
        ServiceError::Fault(what) => panic!("a fault: {what}"),
    }
}

#[test]
fn what_the_office_cancelled_does_not_come_back_by_itself() {
    let day = Day::with(&[shipment("Kaya", CODED, 1), shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, token) = (day.attempt("Kaya"), day.token("Kaya"));
    day.service.cancel(&shipment_id(&day, "Kaya"), "recalled by the shop").unwrap();
    assert!(day.on_phone("Kaya").is_none() && day.verifiers().is_empty(), "the phone keeps a dead code");
    assert_eq!((day.state("Kaya"), day.page("Kaya").code), ("cancelled", None));
    phone.miss(&day, &attempt); // made before the phone knew
    assert!(day.on_phone("Kaya").is_none(), "a late miss brought the shipment back");
    let wish = InstructionKind::Note { text: "ring twice".into() };
    assert_eq!(kind(day.service.instruct(&token, wish, None).unwrap_err()), ProblemKind::Conflict);
    assert!(day.on_phone("Kaya").is_none());
}

#[test]
fn a_reason_that_a_phone_would_refuse_is_refused_here() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let id = shipment_id(&day, "Plain");
    for why in [String::new(), "x".repeat(201), "ü".repeat(101), "two\nlines".into()] {
        assert_eq!(kind(day.service.cancel(&id, &why).unwrap_err()), ProblemKind::BadRequest);
    }
    day.service.cancel(&id, &"x".repeat(200)).unwrap();
}

#[test]
fn what_was_handed_over_cannot_be_cancelled_and_a_cancelled_handover_stands() {
    let day = Day::with(&[shipment("Done", PLAIN, 1), shipment("Late", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let (late, parcels) = (day.attempt("Late"), day.parcels("Late"));
    phone.say(&day, handed(&day.attempt("Done"), &day.parcels("Done"), None));
    let refused = day.service.cancel(&shipment_id(&day, "Done"), "too late").unwrap_err();
    assert_eq!((kind(refused), day.state("Done")), (ProblemKind::Conflict, "delivered"));
    day.service.cancel(&shipment_id(&day, "Late"), "too late").unwrap();
    let done = phone.say(&day, handed(&late, &parcels, None));
    assert_eq!(
        (done.flags.as_slice(), day.state("Late")),
        (["cancelled".to_owned()].as_slice(), "handed_over")
    );
}

#[test]
fn a_code_that_died_before_its_mail_was_due_is_not_mailed() {
    let day = Day::empty();
    let tomorrow = json!({"day": TOMORROW, "tz": "Europe/Berlin",
        "shipments": [shipment("Kaya", CODED, 1), shipment("Meyer", CODED, 1)]});
    day.service.import(&crate::import::read_json(tomorrow.to_string().as_bytes()).unwrap()).unwrap();
    day.publish(TOMORROW);
    assert_eq!(day.mails(), [""; 0], "not before six in the morning of the day");
    day.service.cancel(&shipment_id(&day, "Kaya"), "recalled").unwrap();
    day.advance(22 * HOUR);
    assert_eq!(day.mails(), ["your_code"]);
    assert!(day.service.sent_mails().unwrap()[0].text.contains(&day.digits("Meyer")));
}

#[test]
fn a_code_that_lives_again_before_its_mail_was_due_is_mailed_after_all_and_once() {
    let day = Day::empty();
    let tomorrow = json!({"day": TOMORROW, "tz": "Europe/Berlin", "shipments": [shipment("Kaya", CODED, 1)]});
    day.service.import(&crate::import::read_json(tomorrow.to_string().as_bytes()).unwrap()).unwrap();
    day.publish(TOMORROW);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let damaged = phone.say(&day, failed(&attempt, &parcels, Reason::Damaged));
    phone.withdraw(&day, &damaged);
    day.advance(22 * HOUR);
    assert_eq!(day.mails(), ["attempt_failed", "still_coming", "your_code"]);
    let late = phone.say(&day, failed(&attempt, &parcels, Reason::Damaged));
    phone.withdraw(&day, &late);
    assert_eq!(day.mails().iter().filter(|it| *it == "your_code").count(), 1);
}

#[test]
fn mail_and_page_show_the_same_digits_and_no_row_or_op_holds_them() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let digits = day.digits("Kaya");
    assert_eq!(day.mails().len(), 1);
    assert!(day.service.sent_mails().unwrap()[0].text.contains(&digits));
    for text in [
        serde_json::to_string(&day.ops()).unwrap(),
        serde_json::to_string(&day.service.totals().unwrap()).unwrap(),
    ] {
        assert!(!text.contains(&digits) && !text.contains("50000"), "{text}");
    }
    for file in
        std::fs::read_dir(day.dir.path()).unwrap().map(|it| it.unwrap().path()).filter(|it| it.is_file())
    {
        let bytes = std::fs::read(&file).unwrap();
        assert!(
            !bytes.windows(6).any(|six| six == digits.as_bytes()),
            "the digits are in {}",
            file.display()
        );
    }
}

#[test]
fn a_mail_that_cannot_be_written_holds_nothing_up() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let spool = day.service.config().spool();
    let _ = std::fs::remove_dir_all(&spool);
    std::fs::write(&spool, "a file where the folder should be").unwrap();
    phone.say(&day, handed(&day.attempt("Plain"), &day.parcels("Plain"), None));
    assert_eq!((day.state("Plain"), day.mails()), ("delivered", vec![]));
    std::fs::remove_file(&spool).unwrap();
    day.advance(60_000);
    assert_eq!(day.mails(), ["delivered"], "it was lost");
}

#[test]
fn an_import_is_taken_whole_or_not_at_all() {
    let day = Day::empty();
    let wrong = day.import(&[shipment("A", PLAIN, 1), shipment("B", PLAIN, 0)]);
    assert_eq!((wrong.created, wrong.errors[0].row, wrong.errors[0].field.as_str()), (0, 2, "parcels"));
    assert!(day.service.find_shipment(Some("Feinwerk"), "A").is_err());
    assert_eq!(day.import(&[shipment("A", PLAIN, 1)]).created, 1);
    let again = day.import(&[shipment("A", PLAIN, 1), shipment("C", PLAIN, 1)]);
    assert_eq!((again.created, again.unchanged), (1, 1));
    let changed = day.import(&[shipment("A", CODED, 1)]);
    assert_eq!(changed.errors[0].field, "ref");
}

#[test]
fn instructions_of_an_import_keep_the_rules_of_the_tracking_page() {
    let day = Day::empty();
    for (value, kind, data, allowed) in [
        (PLAIN, "safe_place", json!({"place": "shed"}), true),
        (PLAIN, "note", json!({"text": " "}), false),
        (PLAIN, "note", json!({"text": "x".repeat(201)}), false),
        (PLAIN, "code", json!(false), false),
        (PLAIN, "neighbour", json!({"name": "Huber"}), true),
    ] {
        let mut one = shipment(&format!("{kind}{}", data.to_string().len()), value, 1);
        one["instructions"] = json!([{"kind": kind, "data": data}]);
        let report = day.import(&[one]);
        assert_eq!(report.errors.is_empty(), allowed, "{kind}: {:?}", report.errors);
        assert!(
            report.errors.iter().all(|it| it.field.starts_with("instructions[0]")),
            "{:?}",
            report.errors
        );
    }
}

#[test]
fn each_courier_gets_what_was_imported_for_them_and_what_is_nobodys() {
    let day = Day::empty();
    let other = day.service.add_courier("Ben").unwrap();
    for (courier, reference) in [(Some("Ben"), "Bens"), (Some(day.courier.as_str()), "Adas"), (None, "Free")]
    {
        let mut file =
            json!({"day": TODAY, "tz": "Europe/Berlin", "shipments": [shipment(reference, PLAIN, 1)]});
        if let Some(courier) = courier {
            file["courier"] = courier.into();
        }
        let read = crate::import::read_json(file.to_string().as_bytes()).unwrap();
        assert_eq!(day.service.import(&read).unwrap().errors, []);
    }
    day.publish(TODAY);
    day.service.publish(&other, TODAY.parse().unwrap()).unwrap();
    let of = |reference: &str| {
        let attempt = day.attempts(reference).remove(0);
        (attempt.state, attempt.route)
    };
    assert_eq!(of("Adas"), of("Free"));
    assert_ne!(of("Adas").1, of("Bens").1);
    assert_eq!(of("Bens").0, AttemptState::Open);
    let nobody = json!({"day": TODAY, "tz": "Europe/Berlin", "courier": "Nobody", "shipments": [shipment("N", PLAIN, 1)]});
    let read = crate::import::read_json(nobody.to_string().as_bytes()).unwrap();
    assert_eq!(day.service.import(&read).unwrap().errors[0].field, "courier");
}

#[test]
fn only_a_day_that_can_still_be_driven_is_published_and_only_to_who_works_here() {
    let day = Day::empty();
    day.import(&[shipment("Plain", PLAIN, 1)]);
    day.advance(24 * HOUR);
    let late = day.service.publish(&day.courier, TODAY.parse().unwrap()).unwrap_err();
    assert_eq!(kind(late), ProblemKind::Refused);
    day.service.dismiss(&day.courier).unwrap();
    let dismissed = day.service.publish(&day.courier, TOMORROW.parse().unwrap()).unwrap_err();
    assert_eq!(kind(dismissed), ProblemKind::Conflict);
}

#[test]
fn changes_tell_only_what_is_different_and_the_digest_is_that_of_everything() {
    let day = Day::with(&[shipment("Kaya", CODED, 1), shipment("Plain", PLAIN, 1)]);
    let whole = day.service.changes(&day.courier, None).unwrap().unwrap();
    assert_eq!(whole.ops.len(), 6); // route, two stops, two shipments, a verifier
    let sum = |ops: &[courier_protocol::RouteOp]| {
        digest(ops.iter().map(|op| (op.kind.as_str(), op.id.as_str(), op.rev)))
    };
    assert_eq!(whole.digest, Some(sum(&whole.ops)));
    assert_eq!(day.service.changes(&day.courier, Some(&whole.cursor)).unwrap(), None);
    day.service.instruct(&day.token("Plain"), InstructionKind::Household {}, None).unwrap();
    let delta = day.service.changes(&day.courier, Some(&whole.cursor)).unwrap().unwrap();
    assert_eq!((delta.ops.len(), delta.ops[0].kind.as_str()), (1, "shipment"));
    let told = day.on_phone("Plain").unwrap();
    assert!(told.instructions[0].rev > whole.ops[0].rev, "the phone cannot tell that it is newer");
    day.service.cancel(&shipment_id(&day, "Plain"), "recalled").unwrap();
    let gone = day.service.changes(&day.courier, Some(&delta.cursor)).unwrap().unwrap();
    assert_eq!((gone.ops[0].op, gone.ops[0].why.as_deref()), (OpKind::Gone, Some("recalled")));
    let epoch = day.service.epoch();
    let ahead = format!("{epoch}~{}~999999", day.attempts("Kaya")[0].route.clone().unwrap().as_str());
    for cursor in ["", "x", "a~b~c", "a~b~1", ahead.as_str()] {
        let refused = day.service.changes(&day.courier, Some(cursor)).unwrap_err();
        assert_eq!(kind(refused), ProblemKind::CursorGone, "{cursor:?}");
    }
}

#[test]
fn a_courier_who_is_still_on_the_road_is_told_of_that_route_and_that_another_waits() {
    let day = Day::with(&[shipment("Kaya", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let driven = day.attempts("Kaya")[0].route.clone().unwrap();
    let told = |cursor: Option<&str>| day.service.told(&day.courier, Some(&driven), cursor);
    let whole = told(None).unwrap();
    assert_eq!((whole.next_day, whole.changes.as_ref().map(|it| it.ops.len())), (None, Some(3)));
    let cursor = whole.changes.unwrap().cursor;
    day.import(&[shipment("Plain", PLAIN, 1)]);
    day.publish(TOMORROW);
    day.advance(24 * HOUR);
    let nothing = told(Some(&cursor)).unwrap();
    assert_eq!((nothing.next_day, nothing.changes), (Some(TOMORROW.parse().unwrap()), None));
    let done = phone.say(&day, handed(&attempt, &parcels, None));
    let news = told(Some(&cursor)).unwrap().changes.unwrap();
    assert!(
        news.ops.iter().any(|op| Some(op.id.as_str()) == done.id.as_ref().map(FactId::as_str)),
        "{news:?}"
    );
    // Whoever names none, or one that is unknown, another courier's or of last week, gets what is to be driven now.
    let ben = day.service.add_courier("Ben").unwrap();
    let next = day.service.changes(&day.courier, None).unwrap().unwrap();
    let unknown = RouteId::new("unknown").unwrap();
    let as_without = day.service.told(&day.courier, Some(&unknown), None).unwrap();
    assert_eq!((as_without.next_day, as_without.changes), (None, Some(next)));
    assert_eq!(day.service.told(&ben, Some(&driven), None).unwrap().changes, None);
    assert_eq!(kind(day.service.changes(&day.courier, Some(&cursor)).unwrap_err()), ProblemKind::CursorGone);
    day.advance(7 * 24 * HOUR);
    assert_eq!(kind(told(Some(&cursor)).unwrap_err()), ProblemKind::CursorGone);
}

#[test]
fn a_long_route_comes_in_pages_that_add_up_also_when_it_changes_between_them() {
    let shipments: Vec<_> = (0..300).map(|n| shipment(&format!("S{n:03}"), PLAIN, 1)).collect();
    let day = Day::with(&shipments);
    let first = day.service.changes(&day.courier, None).unwrap().unwrap();
    assert_eq!((first.ops.len(), first.more, &first.digest), (500, true, &None));
    // Meanwhile one object of the first page changes, and one goes.
    let changed = shipment_in(&first.ops, 0);
    day.service.instruct(&day.token(&changed), InstructionKind::Household {}, None).unwrap();
    let gone = shipment_in(&first.ops, 1);
    day.service.cancel(&shipment_id(&day, &gone), "recalled").unwrap();
    let mut ops = first.ops;
    let mut cursor = first.cursor;
    let sum = loop {
        let page = day.service.changes(&day.courier, Some(&cursor)).unwrap().unwrap();
        assert!(page.ops.len() <= 500);
        ops.extend(page.ops);
        cursor = page.cursor;
        if !page.more {
            break page.digest.unwrap();
        }
    };
    let mut held = std::collections::BTreeMap::new();
    for op in &ops {
        match op.op {
            OpKind::Put => held.insert((op.kind.clone(), op.id.clone()), op.rev),
            OpKind::Gone => held.remove(&(op.kind.clone(), op.id.clone())),
        };
    }
    assert_eq!(digest(held.iter().map(|((kind, id), rev)| (kind.as_str(), id.as_str(), *rev))), sum);
    assert_eq!(held.len(), 1 + 300 + 299);
    assert_eq!(day.service.changes(&day.courier, Some(&cursor)).unwrap(), None);
}

fn shipment_in(ops: &[courier_protocol::RouteOp], nth: usize) -> String {
    let op = ops.iter().filter(|op| op.kind == "shipment").nth(nth).unwrap();
    op.data.as_ref().unwrap().read::<serde_json::Value>().unwrap()["recipient_name"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_database_whose_keys_are_gone_is_not_opened_with_fresh_ones() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let (config, dir) = (day.service.config().clone(), day.dir);
    drop(day.service);
    let open = || {
        let clock = crate::entropy::ServiceClock::System;
        crate::service::Service::open(config.clone(), String::new(), clock, crate::entropy::from_seed(8))
    };
    assert!(open().is_ok());
    std::fs::remove_file(dir.path().join("keys.json")).unwrap();
    assert!(open().is_err());
    assert!(!dir.path().join("keys.json").exists());
}

#[test]
fn the_policy_of_the_configuration_reaches_phones_and_decides_what_follows() {
    for (name, tries, on_phone) in [(None, 2, None), (Some("austria"), 1, Some("austria"))] {
        let day = Day::changed(|config| config.policy.name = name.map(str::to_owned))
            .published(&[shipment("Plain", PLAIN, 1)]);
        let mut phone = Phone::of(&day);
        let route = day.ops().into_iter().find(|op| op.kind == "route").unwrap();
        assert_eq!(
            route.data.unwrap().read::<serde_json::Value>().unwrap()["policy"]["name"].as_str(),
            on_phone
        );
        phone.say(&day, failed(&day.attempt("Plain"), &day.parcels("Plain"), Reason::NotHome));
        assert_eq!(day.attempts("Plain").len(), tries, "{name:?}: in Austria it is held after one try");
    }
}

#[test]
fn totals_and_the_failed_attempt_agree() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    phone.say(&day, failed(&day.attempt("Kaya"), &day.parcels("Kaya"), Reason::CodeNotAvailable));
    let totals = day.service.totals().unwrap();
    assert_eq!(
        (totals.facts["not_delivered"], totals.shipments["announced"], totals.parcels_handed),
        (1, 1, 0)
    );
}
