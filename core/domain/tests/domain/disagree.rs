//! When office and door disagree, as the phone shows it: nothing done yet, begun, and done.

use courier_domain::view::{Ask, StopState};
use courier_domain::{
    AttemptState, Closing, CodeNeed, CodeState, Command, Done, DoneParcel, FactId, InstructionKind, ParcelId,
    Reason, Receiver, Rejection, Route, Standing, StopId, Verdict, VerdictNotice, route_view, stop_view,
};

use crate::phone::{Phone, attempt, fail, hand, shipment, verifier};

fn stop(id: &str) -> StopId {
    StopId::new(id).unwrap()
}

fn state_of(phone: &Phone, stop: &str) -> StopState {
    let route = route_view(&phone.state, &phone.at()).unwrap();
    route.stops.into_iter().find(|line| line.id.as_str() == stop).unwrap().state
}

/// What the office does to a shipment with its whole stop.
fn taken_away(phone: &mut Phone, why: &str) {
    phone.state.gone("shipment", "other", 20, why);
    phone.state.gone("stop", "door-2", 20, why);
}

#[test]
fn what_nobody_has_begun_is_gone_with_its_reason_and_blocked() {
    for why in ["reassigned", "removed", "recalled by the shop"] {
        let mut phone = Phone::started(Vec::new());
        taken_away(&mut phone, why);
        assert_eq!(phone.door("other").state, AttemptState::Gone { why: why.into() });
        assert_eq!(state_of(&phone, "door-2"), StopState::Gone);
        let gone = Err(Rejection::Gone { why: why.into() });
        assert_eq!(phone.go(&Command::Arrive { stop: stop("door-2") }), gone);
        assert_eq!(phone.go(&Command::Scan { stop: stop("door-2"), barcode: "other1".into() }), gone);
        assert_eq!(phone.go(&hand("other", Receiver::Recipient, None)), gone);
    }
}

#[test]
fn what_is_begun_stays_on_the_screen_with_a_banner_and_both_ways_out() {
    for why in ["reassigned", "recalled by the shop"] {
        let mut phone = Phone::started(Vec::new());
        phone.go(&Command::Arrive { stop: stop("door-2") }).unwrap();
        phone.scan("door-2", "other1");
        taken_away(&mut phone, why);
        let view = stop_view(&phone.state, &stop("door-2"), &phone.at()).unwrap();
        assert_eq!(view.gone.as_deref(), Some(why), "no banner");
        let door = phone.door("other");
        assert_eq!(
            (door.gone.as_deref(), door.state, door.ask),
            (Some(why), AttemptState::Open, Ask::Receiver)
        );
        assert!(door.exits.iter().any(|exit| exit.reason == Reason::Recalled), "{:?}", door.exits);
        let mut other_way =
            Phone { facts: Vec::new(), state: phone.state.clone(), boot: phone.boot.clone(), ..phone };
        other_way.go(&fail("other", Reason::Recalled)).unwrap();
        phone = Phone { facts: Vec::new(), state: phone.state, boot: phone.boot, ..other_way };
        phone.go(&hand("other", Receiver::Recipient, None)).unwrap();
        assert!(matches!(phone.door("other").state, AttemptState::Closed { closing: Closing::Handed, .. }));
    }
}

#[test]
fn what_was_handed_over_before_is_shown_as_done_and_under_review() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-2", "other1");
    phone.go(&hand("other", Receiver::Recipient, None)).unwrap();
    taken_away(&mut phone, "reassigned");
    let fact = phone.last_fact();
    phone.state.acknowledge(&fact, Some(Verdict::UnderReview));
    let done = AttemptState::Closed { closing: Closing::Handed, standing: Standing::UnderReview };
    assert_eq!((phone.door("other").state, state_of(&phone, "door-2")), (done, StopState::Done));
    let counts = route_view(&phone.state, &phone.at()).unwrap().counts;
    assert_eq!((counts.handed_over, counts.under_review), (1, 1));
}

#[test]
fn another_order_moves_no_stop_that_was_begun_and_reopens_none() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "coded1");
    phone.enter(false).unwrap();
    phone.scan("door-2", "other1");
    phone.go(&hand("other", Receiver::Recipient, None)).unwrap();
    let before = phone.door("coded");
    let (route, _) = phone.state.route().unwrap();
    let order = route.order.iter().rev().cloned().collect();
    let turned = Route { order, ..route.clone() };
    phone.state.put_route(30, turned);
    assert_eq!(phone.door("coded"), before, "the screen that is open changed");
    assert_eq!(
        (state_of(&phone, "door-2"), phone.state.number_of(&stop("door-2"))),
        (StopState::Done, Some(1))
    );
}

#[test]
fn a_new_instruction_is_highlighted_until_the_end_whatever_the_order() {
    let mut phone = Phone::started(vec![InstructionKind::Household {}]);
    let instructions = phone.door("coded").instructions;
    assert!(!instructions[0].changed, "what came with the route is not new");
    let mut newer = phone.state.shipment_of(&attempt("coded")).unwrap().object.clone();
    let mut added = newer.instructions[0].clone();
    (added.rev, added.kind) = (20, InstructionKind::Note { text: "ring twice".into() });
    newer.instructions.push(added);
    phone.state.put_shipment(20, newer);
    let shown =
        |phone: &Phone| phone.door("coded").instructions.iter().map(|line| line.changed).collect::<Vec<_>>();
    assert_eq!(shown(&phone), [false, true]);
    let (route, _) = phone.state.route().unwrap();
    let again = route.clone();
    phone.state.put_route(30, again);
    assert_eq!(shown(&phone), [false, true], "another order hid the difference");
}

#[test]
fn a_new_code_replaces_one_that_nobody_tried_and_forgives_no_try() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "coded1");
    let renew = |phone: &mut Phone, tries_used, budget| {
        phone.state.gone("verifier", phone.right.as_str(), 20, "superseded");
        phone.right = courier_domain::CodeId::new("code-2").unwrap();
        let fresh = verifier(&phone.right, &attempt("coded"));
        phone.state.put_verifier(&fresh);
        let mut known = shipment("coded", &stop("door-1"), CodeNeed::Required, 2, Vec::new());
        (known.tries_used, known.budget) = (tries_used, budget);
        phone.state.put_shipment(20, known);
    };
    phone.enter(false).unwrap();
    renew(&mut phone, 1, 5);
    assert_eq!(phone.door("coded").code, Some(CodeState::Needed { tries_left: 4, wait_ms: 0 }));
    renew(&mut phone, 1, 6);
    assert_eq!(
        phone.door("coded").code,
        Some(CodeState::Needed { tries_left: 5, wait_ms: 0 }),
        "a budget is explicit"
    );
}

fn done(shipment: &str, parcels: &[&str], fact: &FactId) -> Done {
    let parcels = parcels
        .iter()
        .map(|parcel| DoneParcel { parcel: ParcelId::new(*parcel).unwrap(), fact: fact.clone() });
    Done { attempt: attempt(shipment), parcels: parcels.collect() }
}

#[test]
fn what_somebody_else_delivered_is_shown_as_done_elsewhere_and_not_driven_to() {
    let mut phone = Phone::started(Vec::new());
    let theirs = FactId::new("fact-of-another-phone").unwrap();
    phone.state.put_done(done("other", &["other-1"], &theirs));
    assert_eq!(phone.door("other").state, AttemptState::Gone { why: "done-elsewhere".into() });
    assert_eq!(state_of(&phone, "door-2"), StopState::Gone);
    phone.state.gone("done", attempt("other").as_str(), 30, "withdrawn");
    assert_eq!(phone.door("other").state, AttemptState::Open);
    // Of two parcels one is still to be delivered.
    phone.state.put_done(done("coded", &["coded-1"], &theirs));
    assert_eq!(phone.door("coded").state, AttemptState::Open);
}

#[test]
fn whoever_has_begun_is_warned_and_may_still_hand_over() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-2", "other1");
    phone.state.put_done(done("other", &["other-1"], &FactId::new("theirs").unwrap()));
    let door = phone.door("other");
    assert_eq!((door.gone.as_deref(), door.state), (Some("done-elsewhere"), AttemptState::Open));
    phone.go(&hand("other", Receiver::Recipient, None)).unwrap();
    let fact = phone.last_fact();
    phone.state.put_verdict(&VerdictNotice {
        fact,
        verdict: Verdict::UnderReview,
        why: "already-delivered".into(),
    });
    let done = AttemptState::Closed { closing: Closing::Handed, standing: Standing::UnderReview };
    assert_eq!(phone.door("other").state, done);
}

#[test]
fn what_this_phone_delivered_itself_was_never_done_elsewhere() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-2", "other1");
    phone.go(&hand("other", Receiver::Recipient, None)).unwrap();
    let own = phone.last_fact();
    phone.state.put_done(done("other", &["other-1"], &own));
    assert_eq!(phone.door("other").gone, None);
    phone.go(&Command::Withdraw { fact: own }).unwrap();
    assert_eq!(
        (phone.door("other").gone, phone.door("other").state),
        (None, AttemptState::Open),
        "the server does not know of the withdrawal yet"
    );
}

#[test]
fn what_the_office_says_was_done_elsewhere_is_open_again_when_it_takes_that_back() {
    let mut phone = Phone::started(Vec::new());
    for id in ["other", "plain"] {
        let parcel = ParcelId::new(format!("{id}-1")).unwrap();
        let parcels = vec![DoneParcel { parcel, fact: FactId::new("of-another-phone").unwrap() }];
        phone.state.put_done(Done { attempt: attempt(id), parcels });
        assert!(matches!(phone.door(id).state, AttemptState::Gone { .. }), "{id}");
    }
    phone.state.gone("done", attempt("other").as_str(), 20, "withdrawn");
    assert_eq!(phone.door("other").state, AttemptState::Open);
    assert!(matches!(phone.door("plain").state, AttemptState::Gone { .. }), "the other one stays");
}
