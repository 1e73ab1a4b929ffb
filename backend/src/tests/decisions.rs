//! What a person decides about a review, and what follows from it.

use courier_domain::Verdict;
use courier_protocol::{FactResult, ProblemKind};

use super::day::{CODED, Day, shipment};
use super::phone::{Phone, handed};
use crate::board::Event;
use crate::decision::{Decided, Decision};
use crate::error::ServiceError;
use crate::office::Actor;

/// A coded parcel that was handed over without its code.
fn under_review() -> (Day, Phone, FactResult) {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let done = phone.say(&day, handed(&day.attempt("Kaya"), &day.parcels("Kaya"), None));
    assert_eq!((day.reviews("no-code"), day.state("Kaya")), (1, "handed_over"));
    (day, phone, done)
}

fn decide(day: &Day, n: u64, verdict: Decided, note: Option<&str>) -> Result<(), ServiceError> {
    let decision = Decision { verdict, note: note.map(str::to_owned) };
    day.service.office(Actor::Account("grace".into())).decide(n, &decision)
}

fn refused(result: Result<(), ServiceError>) -> ProblemKind {
    match result {
        Err(ServiceError::Refused(kind, _)) => kind,
        other => panic!("{other:?}"),
    }
}

fn story(day: &Day) -> Vec<Event> {
    let (row, _) = day.service.find_shipment(Some("Feinwerk"), "Kaya").unwrap();
    day.service.story(&row).unwrap().events.into_iter().map(|(_, event)| event).collect()
}

#[test]
fn a_confirmed_handover_is_delivered_the_customer_and_the_phone_are_told_and_the_review_is_gone() {
    let (day, _, done) = under_review();
    let review = day.service.reviews().unwrap().pop().unwrap();
    assert!(review.can_be_ruled_on);
    decide(&day, review.id, Decided::Confirmed, Some(" The recipient called. ")).unwrap();
    assert_eq!((day.state("Kaya"), day.reviews("no-code")), ("delivered", 0));
    assert_eq!(day.mails(), ["your_code", "delivered"]);
    let fact = done.id.unwrap();
    let told = day.ops().into_iter().find(|op| op.kind == "verdict" && op.id == fact.as_str()).unwrap();
    assert_eq!(told.data.unwrap().read::<serde_json::Value>().unwrap()["verdict"], "confirmed");
    let events = story(&day);
    let rulings: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Verdict { verdict, why } => Some((*verdict, why.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(rulings, [(Verdict::UnderReview, "no-code"), (Verdict::Confirmed, "decided")]);
    let note = Some("The recipient called.".to_owned());
    assert!(events.contains(&Event::Decided { n: review.id, decision: "confirmed".into(), note }));
    let audit = day.service.office(Actor::Machine).audit(1).unwrap();
    assert_eq!((audit[0].what.as_str(), audit[0].who.as_str()), ("decide", "account/grace"));
}

#[test]
fn a_refuted_handover_leaves_its_parcels_open_and_what_was_signed_stands() {
    let (day, _, _) = under_review();
    let n = day.service.reviews().unwrap()[0].id;
    decide(&day, n, Decided::Refuted, None).unwrap();
    assert_eq!((day.state("Kaya"), day.reviews("no-code")), ("on_the_way", 0));
    assert_eq!(day.mails(), ["your_code"]);
    assert!(story(&day).iter().any(|event| matches!(event, Event::Fact { row, .. } if !row.parked)));
}

#[test]
fn a_review_is_decided_once_and_only_what_counts_gets_a_verdict() {
    let (day, mut phone, done) = under_review();
    let n = day.service.reviews().unwrap()[0].id;
    assert_eq!(refused(decide(&day, n, Decided::Seen, Some(&"x".repeat(1_001)))), ProblemKind::BadRequest);
    assert_eq!(refused(decide(&day, n + 9, Decided::Seen, None)), ProblemKind::NotFound);
    phone.withdraw(&day, &done);
    assert!(!day.service.reviews().unwrap()[0].can_be_ruled_on);
    for verdict in [Decided::Confirmed, Decided::Refuted] {
        assert_eq!(refused(decide(&day, n, verdict, None)), ProblemKind::Conflict);
    }
    assert_eq!(day.state("Kaya"), "on_the_way", "what was refused left something behind");
    decide(&day, n, Decided::Seen, None).unwrap();
    assert_eq!(refused(decide(&day, n, Decided::Seen, None)), ProblemKind::Conflict);
    assert!(day.service.reviews().unwrap().is_empty());
}

#[test]
fn what_was_written_about_a_decision_goes_with_what_customers_wrote() {
    let (day, _, _) = under_review();
    decide(&day, day.service.reviews().unwrap()[0].id, Decided::Seen, Some("Frau Kaya rief an")).unwrap();
    day.advance(400 * 24 * super::day::HOUR);
    day.service.purge().unwrap();
    let events = story(&day);
    assert!(events.iter().any(|event| matches!(event, Event::Decided { note: None, .. })), "{events:?}");
}
