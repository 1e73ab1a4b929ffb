//! The feed of what happened: what each verdict tells, in which order, and to whom.

use courier_domain::{FactBody, FactHash, PlaceKind, Reason, Receiver, Verdict};
use courier_protocol::{FactResult, ProblemKind};
use serde_json::{Value, json};

use super::day::{CODED, Day, HOUR, PLAIN, TODAY, TOMORROW, shipment};
use super::phone::{Phone, failed, handed};
use crate::decision::{Decided, Decision};
use crate::error::ServiceError;
use crate::events::codes::{OUTCOMES, Outcome};
use crate::events::{Effect, Event, Format, Page, Wanted};
use crate::office::Actor;

fn page(day: &Day, wanted: &Wanted) -> Page {
    day.service.events(wanted).unwrap()
}

fn all(day: &Day) -> Vec<Event> {
    page(day, &Wanted::default()).events
}

fn after(event: &Event) -> Wanted {
    Wanted { after: Some(event.id.clone()), ..Wanted::default() }
}

fn written(day: &Day, format: Format) -> String {
    page(day, &Wanted::default()).write(format, day.service.clock().now()).unwrap().text
}

fn json_of(day: &Day, format: Format) -> Value {
    serde_json::from_str(&written(day, format)).unwrap()
}

fn effects(day: &Day) -> Vec<Effect> {
    all(day).into_iter().map(|event| event.effect).collect()
}

fn to(receiver: Receiver, day: &Day, reference: &str) -> FactBody {
    match handed(&day.attempt(reference), &day.parcels(reference), None) {
        FactBody::HandedOver { attempt, parcels, code_try, scanned, proofs, overrides, checks, .. } => {
            FactBody::HandedOver { attempt, parcels, receiver, code_try, scanned, proofs, overrides, checks }
        }
        other => other,
    }
}

fn not_home(phone: &mut Phone, day: &Day, reference: &str) -> FactResult {
    phone.say(day, failed(&day.attempt(reference), &day.parcels(reference), Reason::NotHome))
}

#[test]
fn every_outcome_is_told_with_its_codes_and_once() {
    let names: Vec<_> = (0..OUTCOMES.len()).map(|no| format!("S{no}")).collect();
    let day = Day::with(&names.iter().map(|name| shipment(name, PLAIN, 2)).collect::<Vec<_>>());
    let mut phone = Phone::of(&day);
    for (name, outcome) in names.iter().zip(OUTCOMES) {
        let body = match outcome {
            Outcome::Handed(receiver) => to(*receiver, &day, name),
            Outcome::Failed(reason) => failed(&day.attempt(name), &day.parcels(name), *reason),
        };
        phone.say(&day, body);
    }
    let events = all(&day);
    assert_eq!(events.len(), OUTCOMES.len());
    for ((event, outcome), name) in events.iter().zip(OUTCOMES).zip(&names) {
        assert_eq!((event.effect, event.verdict), (Effect::Counts, Verdict::Confirmed), "{name}");
        assert_eq!((event.reference.as_str(), event.codes), (name.as_str(), outcome.codes()));
        assert_eq!((event.sender.as_str(), event.order_ref.clone()), ("Feinwerk", format!("order {name}")));
        let barcodes: Vec<_> = event.parcels.iter().map(|parcel| parcel.barcode.clone()).collect();
        assert_eq!(barcodes, [format!("{name}-0"), format!("{name}-1")]);
        match outcome {
            Outcome::Handed(receiver) => assert_eq!((event.receiver, event.reason), (Some(*receiver), None)),
            Outcome::Failed(reason) => assert_eq!((event.receiver, event.reason), (None, Some(*reason))),
        }
    }
    // The same in the words of others, in the same order.
    let epcis = json_of(&day, Format::Epcis);
    let upu = json_of(&day, Format::Upu);
    let edifact = written(&day, Format::Edifact);
    for (no, outcome) in OUTCOMES.iter().enumerate() {
        let (codes, word) = (outcome.codes(), outcome.word());
        let event = &epcis["epcisBody"]["eventList"][no];
        assert_eq!(
            (&event["bizStep"], &event["courier:outcome"]),
            (&json!(codes.epcis.biz_step), &json!(word))
        );
        assert_eq!(
            (&event["disposition"], &event["courier:lossy"]),
            (&json!(codes.epcis.disposition), &json!(codes.epcis.lossy))
        );
        for parcel in 0..2 {
            let event = &upu["events"][no * 2 + parcel];
            assert_eq!((&event["event"], &event["outcome"]), (&json!(codes.upu.event), &json!(word)));
            assert_eq!(
                (&event["lossy"], &event["item"]),
                (&json!(codes.upu.lossy), &json!(format!("S{no}-{parcel}")))
            );
        }
        let reason = codes.edifact.reason.map(|reason| format!("+{reason}")).unwrap_or_default();
        let flag = if codes.edifact.lossy { "LOSSY::ZZZ" } else { "" };
        let told = format!("'STS+1+{}::6{reason}'RFF+CN:", codes.edifact.status);
        let message = edifact.split("'UNH+").nth(no + 1).unwrap();
        assert!(
            message.contains(&told) && message.contains(&format!("'FTX+ACB++{flag}+{word}'")),
            "{message}"
        );
    }
}

#[test]
fn a_reader_who_goes_on_from_each_answer_sees_everything_once() {
    let day = Day::with(&[shipment("A", PLAIN, 1), shipment("B", PLAIN, 1), shipment("C", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let none = page(&day, &Wanted::default());
    assert_eq!((none.events.len(), none.more), (0, false));
    for name in ["A", "B", "C"] {
        not_home(&mut phone, &day, name);
    }
    let whole = all(&day);
    assert_eq!(whole.len(), 3);
    let (mut seen, mut wanted) =
        (Vec::new(), Wanted { after: Some(none.cursor), limit: Some(1), ..Wanted::default() });
    loop {
        let page = page(&day, &wanted);
        assert!(page.events.len() <= 1);
        seen.extend(page.events);
        wanted.after = Some(page.cursor);
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, whole);
    assert_eq!(page(&day, &after(&whole[1])).events, whole[2..]);
    assert_eq!(page(&day, &after(&whole[2])).events, []);
}

#[test]
fn a_cursor_of_another_time_is_gone_and_what_is_none_is_refused() {
    let day = Day::with(&[shipment("A", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    not_home(&mut phone, &day, "A");
    let epoch = day.service.epoch();
    for (cursor, kind) in [
        (format!("{epoch}~99"), ProblemKind::CursorGone),
        ("another~1".into(), ProblemKind::CursorGone),
        (format!("{epoch}~"), ProblemKind::BadRequest),
        (format!("{epoch}~-1"), ProblemKind::BadRequest),
        (format!("{epoch}~1~2x"), ProblemKind::BadRequest),
        (String::new(), ProblemKind::BadRequest),
        ("7".into(), ProblemKind::BadRequest),
        ("\u{0}".into(), ProblemKind::BadRequest),
    ] {
        match day.service.events(&Wanted { after: Some(cursor.clone()), ..Wanted::default() }) {
            Err(ServiceError::Refused(refused, _)) => assert_eq!(refused, kind, "{cursor:?}"),
            other => panic!("{cursor:?}: {other:?}"),
        }
    }
}

#[test]
fn a_failure_that_is_taken_back_is_taken_back_in_every_format() {
    let day = Day::with(&[shipment("A", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let mistake = not_home(&mut phone, &day, "A");
    phone.withdraw(&day, &mistake);
    phone.say(&day, to(Receiver::Household, &day, "A"));
    // What has no effect any more cannot be taken back once more.
    phone.withdraw(&day, &mistake);
    let events = all(&day);
    let effects: Vec<_> = events.iter().map(|event| event.effect).collect();
    assert_eq!(effects, [Effect::Counts, Effect::TakenBack, Effect::Counts, Effect::None]);
    assert_eq!(events[1].takes_back.as_ref(), Some(&events[0].id));
    assert_eq!(events[1].reason, Some(Reason::NotHome));

    let list = json_of(&day, Format::Epcis)["epcisBody"]["eventList"].clone();
    assert_eq!(list.as_array().unwrap().len(), 3);
    assert_eq!(list[0]["eventID"], list[1]["eventID"]);
    assert_eq!(list[1]["errorDeclaration"]["reason"], "did_not_occur");
    assert_eq!((&list[0]["errorDeclaration"], &list[2]["errorDeclaration"]), (&Value::Null, &Value::Null));
    let upu = json_of(&day, Format::Upu)["events"].clone();
    assert_eq!(upu[1]["takes_back"], upu[0]["id"]);
    let edifact = written(&day, Format::Edifact);
    let functions: Vec<_> = edifact
        .split('\'')
        .filter(|segment| segment.starts_with("BGM"))
        .map(|it| it.chars().last().unwrap())
        .collect();
    assert_eq!(functions, ['9', '1', '9']);
    assert!(edifact.contains(&format!("'RFF+ACW:{}'", events[0].id)), "{edifact}");
}

#[test]
fn a_handover_without_its_code_waits_until_somebody_has_decided() {
    for (decided, told) in [(Decided::Confirmed, Effect::Counts), (Decided::Refuted, Effect::None)] {
        let day = Day::with(&[shipment("Kaya", CODED, 1)]);
        let mut phone = Phone::of(&day);
        phone.say(&day, handed(&day.attempt("Kaya"), &day.parcels("Kaya"), None));
        assert_eq!(effects(&day), [Effect::Waits]);
        for format in [Format::Edifact, Format::Epcis, Format::Upu] {
            assert_eq!(written(&day, format), "", "{format:?} tells what is not certain");
        }
        let review = day.service.reviews().unwrap()[0].id;
        let decision = Decision { verdict: decided, note: None };
        day.service.office(Actor::Machine).decide(review, &decision).unwrap();
        assert_eq!(effects(&day), [Effect::Waits, told]);
    }
}

#[test]
fn a_confirmed_handover_that_a_person_refutes_is_taken_back() {
    let day = Day::with(&[shipment("A", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    // Its chain is broken: it counts, and somebody is to look at it.
    phone.prev = Some(FactHash::new("AAAA").unwrap());
    phone.say(&day, handed(&day.attempt("A"), &day.parcels("A"), None));
    assert_eq!((effects(&day), day.reviews("tamper")), (vec![Effect::Counts], 1));
    let review = day.service.reviews().unwrap()[0].id;
    let decision = Decision { verdict: Decided::Refuted, note: None };
    day.service.office(Actor::Machine).decide(review, &decision).unwrap();
    let events = all(&day);
    assert_eq!(effects(&day), [Effect::Counts, Effect::TakenBack]);
    assert_eq!(events[1].takes_back.as_ref(), Some(&events[0].id));
}

#[test]
fn a_handover_whose_entry_comes_after_it_was_withdrawn_is_never_told_as_delivered() {
    let day = Day::with(&[shipment("Kaya", CODED, 1)]);
    let mut phone = Phone::of(&day);
    let (attempt, parcels) = (day.attempt("Kaya"), day.parcels("Kaya"));
    let code = day.verifiers()[0].code_id.clone();
    let entry = phone.entry(&day, &attempt, &code, &day.digits("Kaya"));
    let said = courier_codes::read_jws(&entry.jws).unwrap();
    let said: courier_domain::FactPayload = serde_json::from_slice(&said.payload).unwrap();
    let mut body = handed(&attempt, &parcels, None);
    if let FactBody::HandedOver { code_try, .. } = &mut body {
        *code_try = Some(said.id);
    }
    let done = phone.say(&day, body);
    phone.withdraw(&day, &done);
    phone.send(&day, vec![entry]);
    let told: Vec<_> = all(&day).into_iter().filter(|event| event.effect == Effect::Counts).collect();
    assert_eq!(told, [], "{:?}", day.state("Kaya"));
}

#[test]
fn a_parcel_that_two_phones_handed_over_is_told_once() {
    let day = Day::with(&[shipment("A", PLAIN, 2)]);
    let (mut one, mut two) = (Phone::nth(&day, 1), Phone::nth(&day, 2));
    let (attempt, parcels) = (day.attempt("A"), day.parcels("A"));
    one.say(&day, handed(&attempt, &parcels[..1], None));
    two.say(&day, handed(&attempt, &parcels, None));
    two.say(&day, handed(&attempt, &parcels, None));
    let told = json_of(&day, Format::Upu)["events"].clone();
    let items: Vec<_> = told.as_array().unwrap().iter().map(|event| event["item"].clone()).collect();
    assert_eq!(items, ["A-0", "A-1"]);
}

#[test]
fn a_sender_and_days_are_asked_for() {
    let mut other = shipment("B", PLAIN, 1);
    other["sender"] = json!("Grobwerk");
    let day = Day::with(&[shipment("A", PLAIN, 1), other]);
    let mut phone = Phone::of(&day);
    let no = failed(&day.attempt("A"), &day.parcels("A"), Reason::WindowMissed);
    phone.say(&day, no);
    phone.say(&day, failed(&day.attempt("B"), &day.parcels("B"), Reason::NotHome));
    day.advance(24 * HOUR);
    day.publish(TOMORROW);
    phone.say(&day, to(Receiver::Place(PlaceKind::Mailbox), &day, "A"));
    let told = |wanted: &Wanted| -> Vec<String> {
        let events = page(&day, wanted).events.into_iter();
        events.map(|event| format!("{} {} {}", event.sender, event.reference, event.no)).collect()
    };
    let of = |sender: &str| Wanted { sender: Some(sender.into()), ..Wanted::default() };
    assert_eq!(told(&of("Feinwerk")), ["Feinwerk A 1", "Feinwerk A 2"]);
    assert_eq!(told(&of("Grobwerk")), ["Grobwerk B 1"]);
    assert_eq!(told(&of("Nobody")), [""; 0]);
    let (today, tomorrow) = (TODAY.parse().ok(), TOMORROW.parse().ok());
    assert_eq!(told(&Wanted { until: today, ..of("Feinwerk") }), ["Feinwerk A 1"]);
    assert_eq!(told(&Wanted { from: tomorrow, ..Wanted::default() }), ["Feinwerk A 2"]);
    assert_eq!(told(&Wanted { from: today, until: today, ..Wanted::default() }).len(), 2);
}

#[test]
fn a_time_that_cannot_be_written_is_the_time_when_it_came() {
    for (wall, certain) in [(i64::MAX, false), (i64::MIN, false), (super::day::MORNING - HOUR, true)] {
        let day = Day::with(&[shipment("A", PLAIN, 1)]);
        let mut phone = Phone::of(&day);
        phone.server_ms = Some(wall);
        not_home(&mut phone, &day, "A");
        let event = all(&day).remove(0);
        assert_eq!(event.time_is_certain, certain, "{wall}");
        let came = if certain { wall } else { day.service.clock().now().0 };
        assert_eq!(event.happened_ms.0, came);
        assert!(written(&day, Format::Edifact).contains("DTM+78:20261124"));
        assert!(written(&day, Format::Epcis).contains("\"eventTime\":\"2026-11-24T"));
    }
}
