//! What the lines, totals and doors of a day say.

use courier_domain::attempt::{AttemptState, Closing};
use courier_domain::receiver::PlaceKind;
use courier_domain::view::{Counts, StopLine, StopState};
use courier_domain::{
    Base64Url, CodeNeed, Command, Decision, Draft, FactBody, FactId, FileKind, InstructionKind, ParcelId,
    ProofFile, Reason, Receiver, ReceiverDetails, Rejection, ShipmentId, Standing, StopId, TimeWindow,
    UnixMs, Verdict, VerdictNotice, route_view, stop_view,
};

use crate::phone::{MORNING, Phone, attempt, fail, hand, shipment, stop_at};

fn at(stop: &str) -> StopId {
    StopId::new(stop).unwrap()
}

fn lines(phone: &Phone) -> Vec<StopLine> {
    route_view(&phone.state, &phone.at()).unwrap().stops
}

fn counts(phone: &Phone) -> Counts {
    route_view(&phone.state, &phone.at()).unwrap().counts
}

fn judged(phone: &mut Phone, fact: &FactId, verdict: Verdict) {
    phone.state.put_verdict(&VerdictNotice { fact: fact.clone(), verdict, why: "test".into() });
}

/// A stop with as many parcels as one shipment without a code has, handed over in one go.
fn handed_at(phone: &mut Phone, stop: &str, parcels: u32) -> FactId {
    phone.state.put_stop(11, stop_at(&at(stop)));
    phone.state.put_shipment(11, shipment(stop, &at(stop), CodeNeed::None, parcels, Vec::new()));
    for n in 1..=parcels {
        phone.scan(stop, &format!("{stop}{n}"));
    }
    phone.go(&hand(stop, Receiver::Recipient, None)).unwrap();
    phone.last_fact()
}

#[test]
fn the_totals_say_how_far_each_parcel_and_its_truth_have_come() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "plain1");
    phone.go(&fail("plain", Reason::Damaged)).unwrap();
    let stored = handed_at(&mut phone, "stored", 2);
    phone.state.acknowledge(&stored, None);
    let confirmed = handed_at(&mut phone, "confirmed", 3);
    judged(&mut phone, &confirmed, Verdict::Confirmed);
    let looked_at = handed_at(&mut phone, "looked-at", 4);
    judged(&mut phone, &looked_at, Verdict::UnderReview);
    let refuted = handed_at(&mut phone, "refuted", 5);
    judged(&mut phone, &refuted, Verdict::Refuted);
    phone.state.put_stop(11, stop_at(&at("taken")));
    phone.state.put_shipment(11, shipment("taken", &at("taken"), CodeNeed::None, 7, Vec::new()));
    phone.state.gone("stop", "taken", 12, "moved");
    let expected = Counts {
        stops: 6,
        stops_done: 4,
        parcels: 2 + 1 + 1 + 2 + 3 + 4 + 5,
        handed_over: 2 + 3 + 4 + 5,
        not_delivered: 1,
        on_phone: 1,
        stored: 2,
        confirmed: 3,
        under_review: 4,
        refuted: 5,
    };
    assert_eq!(counts(&phone), expected);
    let states: Vec<_> = lines(&phone).iter().map(|line| (line.state, line.standing)).collect();
    assert_eq!(
        states,
        [
            (StopState::Partly, Some(Standing::OnPhone)),
            (StopState::Open, None),
            (StopState::Done, Some(Standing::Confirmed)),
            (StopState::Done, Some(Standing::UnderReview)),
            (StopState::Done, Some(Standing::Refuted)),
            (StopState::Done, Some(Standing::Stored)),
            (StopState::Gone, None),
        ]
    );
}

#[test]
fn a_line_names_each_label_once_and_counts_what_is_there() {
    let mut phone = Phone::started(Vec::new());
    let line = lines(&phone).remove(0);
    assert_eq!((line.names.as_slice(), line.parcels), (["State Library".to_owned()].as_slice(), 3));
    let mut other = shipment("upstairs", &at("door-1"), CodeNeed::None, 4, Vec::new());
    other.recipient_name = "Kaya".into();
    phone.state.put_shipment(11, other);
    let line = lines(&phone).remove(0);
    assert_eq!(
        (line.names.as_slice(), line.parcels),
        (["State Library".into(), "Kaya".into()].as_slice(), 7)
    );
    phone.state.gone("shipment", "coded", 12, "reassigned");
    assert_eq!(lines(&phone)[0].parcels, 5);
}

/// Two parcels of one attempt with outcomes of their own: the stop shows what needs most attention, whichever came first.
#[test]
fn of_several_outcomes_the_line_shows_the_worst_standing() {
    for (first, second) in
        [(Verdict::Confirmed, Verdict::UnderReview), (Verdict::UnderReview, Verdict::Confirmed)]
    {
        let mut phone = Phone::started(Vec::new());
        phone.state.gone("shipment", "coded", 12, "reassigned");
        phone.state.put_shipment(11, shipment("aside", &at("door-1"), CodeNeed::None, 1, Vec::new()));
        for (id, verdict) in [("aside", first), ("plain", second)] {
            phone.scan("door-1", &format!("{id}1"));
            phone.go(&hand(id, Receiver::Recipient, None)).unwrap();
            let fact = phone.last_fact();
            judged(&mut phone, &fact, verdict);
        }
        assert_eq!(lines(&phone)[0].standing, Some(Standing::UnderReview));
    }
}

#[test]
fn an_attempt_closes_as_handed_or_failed() {
    let mut phone = Phone::started(Vec::new());
    let closed = |closing| AttemptState::Closed { closing, standing: Standing::OnPhone };
    phone.go(&fail("coded", Reason::Damaged)).unwrap();
    assert_eq!(phone.door("coded").state, closed(Closing::Failed));
    phone.scan("door-1", "plain1");
    phone.go(&hand("plain", Receiver::Recipient, None)).unwrap();
    assert_eq!(phone.door("plain").state, closed(Closing::Handed));
    let stored = phone.last_fact();
    phone.state.acknowledge(&stored, None);
    assert_eq!(
        phone.door("plain").state,
        AttemptState::Closed { closing: Closing::Handed, standing: Standing::Stored }
    );
}

#[test]
fn what_was_done_stays_when_the_office_takes_it_away_though_nothing_is_scanned_any_more() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "coded1");
    phone.enter(false).unwrap();
    phone.state.set_draft(&at("door-1"), Draft::default());
    phone.state.gone("shipment", "coded", 13, "reassigned");
    assert_eq!(phone.door("coded").state, AttemptState::Open, "a wrong entry is forgotten");
}

#[test]
fn where_the_courier_is_begins_with_the_arrival_and_ends_with_the_outcome() {
    let mut phone = Phone::started(Vec::new());
    let now = |phone: &Phone| UnixMs(MORNING + i64::try_from(phone.boot_ms).unwrap());
    phone.go(&Command::Arrive { stop: at("door-1") }).unwrap();
    let arrived = now(&phone);
    let here = phone.state.day().here.clone().unwrap();
    assert_eq!((here.stop, here.since, here.concluded), (at("door-1"), arrived, None));
    phone.boot_ms += 60_000;
    phone.go(&fail("coded", Reason::Damaged)).unwrap();
    let here = phone.state.day().here.clone().unwrap();
    assert_eq!((here.stop, here.since, here.concluded), (at("door-1"), arrived, Some(now(&phone))));
    // Whoever says nothing of an arrival was there by what is recorded.
    phone.boot_ms += 60_000;
    phone.go(&fail("other", Reason::Damaged)).unwrap();
    let here = phone.state.day().here.clone().unwrap();
    assert_eq!((here.stop, here.since, here.concluded), (at("door-2"), now(&phone), Some(now(&phone))));
}

#[test]
fn a_fact_is_made_under_the_newest_of_its_stop_and_what_is_there() {
    let mut phone = Phone::started(Vec::new());
    assert_eq!(phone.state.stop_rev(&at("door-1")), Some(10));
    phone.state.put_shipment(14, shipment("plain", &at("door-1"), CodeNeed::None, 1, Vec::new()));
    assert_eq!(phone.state.stop_rev(&at("door-1")), Some(14));
    phone.state.put_stop(17, stop_at(&at("door-1")));
    assert_eq!(phone.state.stop_rev(&at("door-1")), Some(17));
    assert_eq!((phone.state.stop_rev(&at("door-2")), phone.state.stop_rev(&at("door-3"))), (Some(10), None));
}

#[test]
fn photos_prove_a_handover_to_a_place_and_signatures_one_to_a_person() {
    let mut phone = Phone::started(vec![InstructionKind::SafePlace { place: "shed".into() }]);
    phone.scan("door-1", "plain1");
    let taken = |kind, letter: &str| ProofFile { kind, sha256: Base64Url::new(letter.repeat(43)).unwrap() };
    let (photo, signature) = (taken(FileKind::Photo, "A"), taken(FileKind::Signature, "B"));
    let mut draft = phone.state.draft(&at("door-1"));
    draft.files = vec![photo.clone(), signature.clone()];
    phone.state.set_draft(&at("door-1"), draft);
    let view = stop_view(&phone.state, &at("door-1"), &phone.at()).unwrap();
    let door = view.door(&ShipmentId::new("plain").unwrap()).unwrap();
    assert_eq!(view.files_for(door, Receiver::Place(PlaceKind::Safe)), [photo]);
    assert_eq!(view.files_for(door, Receiver::Recipient), [signature]);
}

#[test]
fn only_what_may_succeed_today_is_offered_a_second_try() {
    let mut phone = Phone::started(Vec::new());
    let mut stop = stop_at(&at("door-1"));
    stop.window = Some(TimeWindow { from: UnixMs(0), to: UnixMs(MORNING + 30 * 60_000 + 1_000) });
    phone.state.put_stop(11, stop);
    phone.go(&fail("plain", Reason::Damaged)).unwrap();
    assert_eq!(phone.door("plain").second_try, None, "what is damaged stays so");
    phone.go(&fail("coded", Reason::AccessBlocked)).unwrap();
    assert_eq!(phone.door("coded").second_try, Some(phone.last_fact()), "half an hour is left");
    phone.boot_ms += 1;
    assert_eq!(phone.door("coded").second_try, None);
}

#[test]
fn what_is_given_back_is_what_was_not_handed_over_and_each_once() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "plain1");
    phone.go(&hand("plain", Receiver::Recipient, None)).unwrap();
    let parcel = |id: &str| ParcelId::new(id).unwrap();
    let back = |phone: &mut Phone, ids: &[&str]| {
        phone.go(&Command::Return { parcels: ids.iter().map(|id| parcel(id)).collect() })
    };
    assert_eq!(back(&mut phone, &["coded-1", "plain-1"]), Err(Rejection::HandedOver));
    assert_eq!(back(&mut phone, &["coded-1", "nobody"]), Err(Rejection::NotOnRoute));
    back(&mut phone, &["coded-2", "coded-2", "other-1"]).unwrap();
    let FactBody::Returned { parcels } = phone.facts.last().unwrap().body.clone() else {
        panic!("nothing was returned")
    };
    assert_eq!(parcels, [parcel("coded-2"), parcel("other-1")]);
    assert_eq!(back(&mut phone, &["other-1"]), Ok(Decision::Nothing));
}

#[test]
fn one_of_two_named_persons_is_typed_and_an_only_one_is_not() {
    let person = |name: &str| InstructionKind::NamedPerson { name: name.into() };
    let handed = |named: Vec<InstructionKind>| {
        let mut phone = Phone::started(named);
        phone.scan("door-1", "plain1");
        match phone.go(&hand("plain", Receiver::NamedPerson, None)) {
            Ok(Decision::Record { private, .. }) => Ok(private.name),
            Ok(other) => panic!("{other:?}"),
            Err(refused) => Err(refused),
        }
    };
    assert_eq!(handed(vec![person("Ada")]), Ok(Some("Ada".into())));
    assert!(handed(vec![person("Ada"), person("Bo")]).is_err());
}

#[test]
fn whoever_hands_over_names_the_attempt_that_is_meant() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "plain1");
    let command = Command::HandOver {
        attempt: attempt("coded"),
        parcels: vec![ParcelId::new("plain-1").unwrap()],
        receiver: Receiver::Recipient,
        details: ReceiverDetails::default(),
    };
    assert_eq!(phone.go(&command), Err(Rejection::NotOnRoute));
}
