//! When office and door disagree: what happened at the door stands, and is flagged.

use courier_domain::{CourierId, InstructionKind, Reason, Verdict};
use courier_protocol::{Change, Object, ObjectKind, OpKind, ProblemKind, RouteOp};

use super::day::{CODED, Day, HOUR, PLAIN, TODAY, TOMORROW, shipment};
use super::phone::{Phone, failed, handed, ruling};
use crate::dispatch::RouteOrder;
use crate::error::ServiceError;
use crate::storage::AttemptState;

fn id(day: &Day, reference: &str) -> courier_domain::ShipmentId {
    day.service.find_shipment(Some("Feinwerk"), reference).unwrap().0.id
}

fn reassign(day: &Day, reference: &str, to: Option<&CourierId>) {
    day.service.reassign(&id(day, reference), to).unwrap();
}

fn ops_of(day: &Day, courier: &CourierId) -> Vec<RouteOp> {
    day.service.changes(courier, None).unwrap().map(|changes| changes.ops).unwrap_or_default()
}

/// What a courier's phones know, by type.
fn count(ops: &[RouteOp], kind: ObjectKind) -> usize {
    ops.iter().filter(|op| op.kind == kind.word() && op.op == OpKind::Put).count()
}

fn newest(day: &Day) -> Option<u64> {
    day.ops().iter().map(|op| op.rev).max()
}

const STANDS: (Verdict, &str) = (Verdict::UnderReview, "reassigned-before-handover");

#[test]
fn a_shipment_that_another_courier_gets_leaves_one_route_with_a_reason_and_comes_to_the_other_with_its_code()
{
    let day = Day::with(&[shipment("Kaya", CODED, 1), shipment("Plain", PLAIN, 1)]);
    let ben = day.service.add_courier("Ben").unwrap();
    let (attempt, digits) = (day.attempt("Kaya"), day.digits("Kaya"));
    let cursor = day.service.changes(&day.courier, None).unwrap().unwrap().cursor;
    reassign(&day, "Kaya", Some(&ben));
    let told = day.service.changes(&day.courier, Some(&cursor)).unwrap().unwrap();
    let gone: Vec<_> = told.ops.iter().filter(|op| op.op == OpKind::Gone).collect();
    assert_eq!(gone.len(), 3, "stop, shipment and verifier: {gone:?}");
    assert!(gone.iter().all(|op| op.why.as_deref() == Some("reassigned") && op.data.is_none()));
    let bens = ops_of(&day, &ben);
    assert_eq!((count(&bens, ObjectKind::Shipment), count(&bens, ObjectKind::Verifier)), (1, 1));
    assert_eq!(day.attempts("Kaya")[0].id, attempt, "the attempt is another");
    assert_eq!(day.digits("Kaya"), digits, "the customer's code changed");
    assert_eq!(day.mails(), ["your_code"], "the customer was told again");
    reassign(&day, "Kaya", Some(&ben));
    reassign(&day, "Kaya", Some(&day.courier));
    assert_eq!(day.attempt("Kaya"), attempt, "it does not come back");
    assert_eq!(
        (ops_of(&day, &ben).iter().filter(|op| op.kind == "stop").count(), day.verifiers().len()),
        (0, 1)
    );
}

#[test]
fn a_handover_made_before_its_courier_knew_of_the_change_stands_flagged_and_the_other_courier_learns_of_it() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let ben = day.service.add_courier("Ben").unwrap();
    let mut phone = Phone::of(&day);
    phone.stop_rev = newest(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let (code, digits) = (day.verifiers()[0].code_id.clone(), day.digits("Kaya"));
    reassign(&day, "Kaya", Some(&ben));
    let entry = phone.try_code(&day, &attempt, &code, &digits);
    assert_eq!(
        (entry.flags.as_slice(), ruling(&entry).0),
        ([STANDS.1.to_owned()].as_slice(), Verdict::Confirmed)
    );
    let done = phone.say(&day, handed(&attempt, &parcels, Some(&entry)));
    assert_eq!((done.flags.as_slice(), ruling(&done)), ([STANDS.1.to_owned()].as_slice(), STANDS));
    assert_eq!((day.state("Kaya"), day.reviews(STANDS.1)), ("handed_over", 1));
    let bens = ops_of(&day, &ben);
    let told = bens.iter().find(|op| op.kind == "done").unwrap().read().unwrap();
    let Change::Put(told) = told else { panic!("{told:?}") };
    let Object::Done(told) = *told else { panic!("{told:?}") };
    assert_eq!((told.attempt, told.parcels[0].fact.clone()), (attempt, done.id.clone().unwrap()));
    let verdict = day.ops().into_iter().find(|op| {
        op.kind == "verdict" && Some(op.id.as_str()) == done.id.as_ref().map(courier_domain::FactId::as_str)
    });
    assert!(verdict.is_some(), "the phone that made it does not hear that it is under review");
}

#[test]
fn what_was_cancelled_after_it_was_not_delivered_leaves_the_route_when_that_is_withdrawn() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let failure = failed(&day.attempt("Kaya"), &day.parcels("Kaya"), Reason::NotHome);
    let failure = phone.say(&day, failure);
    let cursor = day.service.changes(&day.courier, None).unwrap().unwrap().cursor;
    day.service.cancel(&id(&day, "Kaya"), "recalled").unwrap();
    phone.withdraw(&day, &failure);
    assert_eq!((day.state("Kaya"), day.verifiers().len()), ("cancelled", 0));
    let told = day.service.changes(&day.courier, Some(&cursor)).unwrap().unwrap().ops;
    let gone = told.iter().find(|op| op.kind == "shipment").unwrap();
    assert_eq!((gone.op, gone.why.as_deref()), (OpKind::Gone, Some("recalled")));
}

#[test]
fn what_is_done_after_the_phone_knew_of_a_removal_is_flagged_as_such() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1), shipment("Other", PLAIN, 1)]);
    let ben = day.service.add_courier("Ben").unwrap();
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Plain"), day.parcels("Plain"));
    reassign(&day, "Plain", Some(&ben));
    phone.stop_rev = day.service.changes(&day.courier, None).unwrap().map(|_| u64::MAX >> 1);
    let done = phone.say(&day, handed(&attempt, &parcels, None));
    assert_eq!(
        (done.flags.as_slice(), ruling(&done).1),
        (["after-removal".to_owned()].as_slice(), "after-removal")
    );
    assert_eq!(day.state("Plain"), "handed_over");
}

#[test]
fn what_was_taken_off_a_route_is_planned_again_and_a_late_handover_stands() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1), shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Plain"), day.parcels("Plain"));
    for reference in ["Plain", "Kaya"] {
        reassign(&day, reference, None);
    }
    assert_eq!((day.state("Plain"), day.attempts("Plain")[0].state), ("announced", AttemptState::Planned));
    assert!(day.verifiers().is_empty(), "a dead code stays on the phone");
    day.publish(TODAY);
    assert_eq!((day.attempt("Plain"), day.verifiers().len()), (attempt.clone(), 1));
    reassign(&day, "Plain", None);
    let done = phone.say(&day, handed(&attempt, &parcels, None));
    assert_eq!(
        (done.flags.as_slice(), day.state("Plain")),
        ([STANDS.1.to_owned()].as_slice(), "handed_over")
    );
    assert!(day.service.publish(&day.courier, TODAY.parse().unwrap()).is_ok());
    assert!(day.on_phone("Plain").is_none(), "what was handed over is driven again");
}

#[test]
fn what_was_taken_off_a_route_and_is_handed_over_no_more_is_planned_again() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Plain"), day.parcels("Plain"));
    reassign(&day, "Plain", None);
    let done = phone.say(&day, handed(&attempt, &parcels, None));
    phone.withdraw(&day, &done);
    assert_eq!((day.state("Plain"), day.attempts("Plain")[0].state), ("announced", AttemptState::Planned));
    let again = day.service.reassign(&id(&day, "Plain"), None);
    assert!(matches!(again, Err(ServiceError::Refused(ProblemKind::Conflict, _))), "{again:?}");
    day.publish(TODAY);
    assert_eq!(day.attempt("Plain"), attempt);
    assert!(day.on_phone("Plain").is_some(), "nobody delivers it");
}

#[test]
fn only_what_is_on_a_route_moves_and_only_to_somebody_who_works_here() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1), shipment("Gone", PLAIN, 1)]);
    let kind = |result: Result<(), ServiceError>| match result {
        Err(ServiceError::Refused(kind, _)) => kind,
        other => panic!("{other:?}"),
    };
    let ben = day.service.add_courier("Ben").unwrap();
    let stranger = CourierId::new("nobody").unwrap();
    assert_eq!(kind(day.service.reassign(&id(&day, "Plain"), Some(&stranger))), ProblemKind::NotFound);
    day.service.cancel(&id(&day, "Gone"), "recalled").unwrap();
    assert_eq!(kind(day.service.reassign(&id(&day, "Gone"), Some(&ben))), ProblemKind::Conflict);
    day.service.dismiss(&ben).unwrap();
    assert_eq!(kind(day.service.reassign(&id(&day, "Plain"), Some(&ben))), ProblemKind::Conflict);
    assert!(day.on_phone("Plain").is_some());
}

#[test]
fn another_order_comes_as_one_list_and_only_with_every_stop_once() {
    let day = Day::with(&[shipment("A", PLAIN, 1), shipment("B", PLAIN, 1)]);
    let route = day.attempts("A")[0].route.clone().unwrap();
    let [a, b] = ["A", "B"].map(|reference| day.attempts(reference)[0].stop.clone().unwrap());
    let cursor = day.service.changes(&day.courier, None).unwrap().unwrap().cursor;
    for wrong in [vec![a.clone()], vec![a.clone(), a.clone()], vec![]] {
        let order = RouteOrder { order: wrong.clone(), ..RouteOrder::default() };
        assert!(day.service.reorder(&route, &order).is_err(), "{wrong:?}");
    }
    let order =
        RouteOrder { order: vec![b.clone(), a.clone()], is_last_fixed: true, ..RouteOrder::default() };
    day.service.reorder(&route, &order).unwrap();
    let told = day.service.changes(&day.courier, Some(&cursor)).unwrap().unwrap();
    assert_eq!((told.ops.len(), told.ops[0].kind.as_str()), (1, "route"));
    let order: serde_json::Value = told.ops[0].data.as_ref().unwrap().read().unwrap();
    assert_eq!(order["order"], serde_json::json!([b, a]));
    assert_eq!(order["fixed_last"], serde_json::json!(a));
}

#[test]
fn a_handover_keeps_the_instructions_it_was_made_under_and_says_that_they_changed() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1), shipment("Other", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    phone.stop_rev = newest(&day);
    day.service.instruct(&day.token("Plain"), InstructionKind::Household {}, None).unwrap();
    let done = phone.say(&day, handed(&day.attempt("Plain"), &day.parcels("Plain"), None));
    assert_eq!(
        (done.flags.as_slice(), ruling(&done).0),
        (["changed-after".to_owned()].as_slice(), Verdict::Confirmed)
    );
    let other = phone.say(&day, handed(&day.attempt("Other"), &day.parcels("Other"), None));
    assert_eq!(other.flags, [""; 0]);
    let known = newest(&day);
    assert!(known > phone.stop_rev);
}

#[test]
fn a_handover_on_a_code_that_was_replaced_stands_and_is_flagged() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let (code, digits) = (day.verifiers()[0].code_id.clone(), day.digits("Kaya"));
    day.service.reissue(&attempt, "r1", None).unwrap();
    let entry = phone.try_code(&day, &attempt, &code, &digits);
    assert_eq!(ruling(&entry), (Verdict::UnderReview, "stale-code"));
    phone.say(&day, handed(&attempt, &parcels, Some(&entry)));
    assert_eq!(day.state("Kaya"), "handed_over");

    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let (code, digits) = (day.verifiers()[0].code_id.clone(), day.digits("Kaya"));
    let entry = phone.try_code(&day, &attempt, &code, &digits);
    day.service.reissue(&attempt, "r1", None).unwrap();
    let done = phone.say(&day, handed(&attempt, &parcels, Some(&entry)));
    assert_eq!(
        (done.flags.as_slice(), ruling(&done)),
        (["stale-code".to_owned()].as_slice(), (Verdict::UnderReview, "stale-code"))
    );
    assert_eq!(day.state("Kaya"), "handed_over");
}

#[test]
fn what_the_office_delivered_itself_is_told_and_a_handover_of_it_is_kept_and_flagged() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    day.service.delivered_by_hand(&id(&day, "Kaya")).unwrap();
    assert_eq!((day.state("Kaya"), day.page("Kaya").code, day.verifiers().len()), ("delivered", None, 0));
    assert_eq!(count(&day.ops(), ObjectKind::Done), 1);
    assert!(day.service.delivered_by_hand(&id(&day, "Kaya")).is_err(), "twice");
    let late = phone.say(&day, handed(&attempt, &parcels, None));
    assert_eq!(
        (late.flags.as_slice(), ruling(&late).1),
        (["already-delivered".to_owned()].as_slice(), "already-delivered")
    );
    let (row, _) = day.service.find_shipment(Some("Feinwerk"), "Kaya").unwrap();
    let told = day.service.parcels(&row).unwrap();
    assert!(told[0].0.is_handed() && told[0].1.is_none());
    assert_eq!(day.mails(), ["your_code", "delivered"]);
}

#[test]
fn two_phones_that_accept_one_code_offline_are_both_kept_and_the_second_is_flagged() {
    let day = Day::with(&[shipment("Kaya", CODED, 2)]);
    let (mut first, mut second) = (Phone::nth(&day, 1), Phone::nth(&day, 2));
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let (code, digits) = (day.verifiers()[0].code_id.clone(), day.digits("Kaya"));
    let entry = first.try_code(&day, &attempt, &code, &digits);
    assert_eq!(ruling(&first.say(&day, handed(&attempt, &parcels[..1], Some(&entry)))).0, Verdict::Confirmed);
    let again = second.try_code(&day, &attempt, &code, &digits);
    let both = second.say(&day, handed(&attempt, &parcels, Some(&again)));
    assert_eq!(
        both.flags,
        ["already-delivered"],
        "one of the two parcels was handed over by the first phone"
    );
    let totals = day.service.totals().unwrap();
    assert_eq!((totals.facts["handed_over"], totals.parcels_handed), (2, 2));
    let third = second.say(&day, handed(&attempt, &parcels, Some(&again)));
    assert_eq!(ruling(&third), (Verdict::UnderReview, "already-delivered"));
}

#[test]
fn a_withdrawn_handover_is_done_elsewhere_no_more() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let done = phone.say(&day, handed(&day.attempt("Plain"), &day.parcels("Plain"), None));
    assert_eq!(count(&day.ops(), ObjectKind::Done), 1);
    phone.withdraw(&day, &done);
    assert_eq!(count(&day.ops(), ObjectKind::Done), 0);
}

#[test]
fn yesterdays_facts_are_taken_when_todays_route_is_out() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Plain"), day.parcels("Plain"));
    let tomorrow = serde_json::json!({"day": TOMORROW, "tz": "Europe/Berlin", "shipments": [shipment("Later", PLAIN, 1)]});
    day.service.import(&crate::import::read_json(tomorrow.to_string().as_bytes()).unwrap()).unwrap();
    day.advance(24 * HOUR);
    day.publish(TOMORROW);
    assert!(day.on_phone("Plain").is_none() && day.on_phone("Later").is_some());
    let done = phone.say(&day, handed(&attempt, &parcels, None));
    assert_eq!((done.flags.is_empty(), ruling(&done).0), (true, Verdict::Confirmed));
}

#[test]
fn a_phone_that_was_put_back_twice_skips_a_number_and_is_no_forger() {
    let day = Day::with(&[shipment("Plain", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    (phone.inc, phone.seq, phone.prev) = (3, 0, None);
    let first = phone.same_day_again();
    let first = phone.send(&day, vec![first]).results.remove(0);
    assert_eq!(first.flags, ["incarnation-gap"], "what was lost in between is not told");
    let next = phone.say(&day, handed(&day.attempt("Plain"), &day.parcels("Plain"), None));
    assert_eq!((next.flags.is_empty(), day.reviews("tamper")), (true, 0));
    assert_eq!(day.state("Plain"), "delivered");
}
