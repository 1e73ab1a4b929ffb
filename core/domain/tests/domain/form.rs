//! What is filled in at a door and kept, and the names that are offered for it.

use courier_domain::view::StopView;
use courier_domain::{
    Base64Url, CodeNeed, Command, Decision, DoorChoice, DoorForm, FileKind, InstructionKind, ParcelId,
    ProofFile, Reason, Receiver, ReceiverDetails, Rejection, ShipmentId, StopId, route_view, stop_view,
};

use crate::phone::{Phone, attempt, shipment};

fn at(stop: &str) -> StopId {
    StopId::new(stop).unwrap()
}

fn filled(shipment: &str, name: &str) -> DoorForm {
    DoorForm {
        shipment: ShipmentId::new(shipment).unwrap(),
        choice: DoorChoice::HandOver { receiver: Receiver::Household },
        details: ReceiverDetails { name: Some(name.into()), ..ReceiverDetails::default() },
        left_out: Vec::new(),
    }
}

fn save(stop: &str, form: Option<DoorForm>) -> Command {
    Command::SaveForm { stop: at(stop), form }
}

fn view(phone: &Phone, stop: &str) -> StopView {
    stop_view(&phone.state, &at(stop), &phone.at()).unwrap()
}

#[test]
fn what_is_filled_in_is_on_the_screen_of_its_stop_until_it_is_let_go() {
    let mut phone = Phone::started(Vec::new());
    phone.go(&save("door-1", Some(filled("plain", "Ada ")))).unwrap();
    assert_eq!(view(&phone, "door-1").form, Some(filled("plain", "Ada ")));
    assert_eq!(view(&phone, "door-2").form, None);
    assert_eq!(route_view(&phone.state, &phone.at()).unwrap().unfinished, Some(at("door-1")));

    assert_eq!(phone.go(&save("door-1", Some(filled("plain", "Ada ")))), Ok(Decision::Nothing));
    phone.go(&save("door-1", None)).unwrap();
    assert_eq!(view(&phone, "door-1").form, None);
    assert_eq!(route_view(&phone.state, &phone.at()).unwrap().unfinished, None);
}

#[test]
fn a_scan_and_a_photo_leave_what_is_filled_in() {
    let mut phone = Phone::started(Vec::new());
    phone.go(&save("door-1", Some(filled("plain", "Ada")))).unwrap();
    phone.scan("door-1", "plain1");
    phone.go(&Command::TakePhoto { stop: at("door-1"), path: "A".repeat(43) }).unwrap();
    let seen = view(&phone, "door-1");
    assert!(
        seen.form.is_some() && seen.files.len() == 1 && seen.doors.iter().any(|door| door.parcels[0].scanned)
    );
}

#[test]
fn nothing_is_shown_as_filled_in_where_nothing_is_open() {
    let mut phone = Phone::started(Vec::new());
    phone.go(&save("door-1", Some(filled("plain", "Ada")))).unwrap();
    let reason = Reason::Damaged;
    phone
        .go(&Command::NotDelivered { attempt: attempt("plain"), parcels: Vec::new(), reason, note: None })
        .unwrap();
    assert_eq!(view(&phone, "door-1").form, None);
    assert_eq!(phone.go(&save("door-1", Some(filled("plain", "Ada")))), Err(Rejection::NotOpen));
}

#[test]
fn a_form_is_about_a_shipment_of_its_stop_and_its_texts_could_be_recorded() {
    let mut phone = Phone::started(Vec::new());
    assert_eq!(phone.go(&save("door-2", Some(filled("plain", "Ada")))), Err(Rejection::NotOnRoute));
    assert_eq!(phone.go(&save("nowhere", None)), Err(Rejection::NotOnRoute));
    let too_long = phone.go(&save("door-1", Some(filled("plain", &"a".repeat(10_000)))));
    assert_eq!(too_long, Err(Rejection::BadText { field: "name".into(), max: 120 }));
    for (letters, fits) in [(120, true), (121, false)] {
        let name = "ä".repeat(letters);
        assert_eq!(phone.go(&save("door-1", Some(filled("plain", &name)))).is_ok(), fits, "{letters}");
    }
}

#[test]
fn files_stay_with_the_stop_and_foreign_parcels_are_not_kept() {
    let mut phone = Phone::started(Vec::new());
    let file = ProofFile { kind: FileKind::Photo, sha256: Base64Url::new("A".repeat(43)).unwrap() };
    let mut form = filled("plain", "Ada");
    form.details.files.push(file);
    form.left_out = vec![ParcelId::new("plain-1").unwrap(), ParcelId::new("other-1").unwrap()];
    phone.go(&save("door-1", Some(form))).unwrap();
    let kept = view(&phone, "door-1").form.unwrap();
    assert!(kept.details.files.is_empty());
    assert_eq!(kept.left_out, [ParcelId::new("plain-1").unwrap()]);
}

fn offered(instructions: Vec<InstructionKind>) -> Vec<(Receiver, String, Option<String>)> {
    let mut phone = Phone::started(instructions);
    assert!(phone.door("plain").suggestions.is_empty(), "names are offered before a parcel is scanned");
    phone.scan("door-1", "plain1");
    let suggestions = phone.door("plain").suggestions;
    suggestions.into_iter().map(|it| (it.receiver, it.name, it.flat)).collect()
}

#[test]
fn names_are_offered_from_the_labels_and_instructions_of_this_stop_only() {
    let given = vec![
        InstructionKind::Neighbour { name: "Huber".into(), flat: Some("2".into()) },
        InstructionKind::Neighbour { name: " huber ".into(), flat: None },
        InstructionKind::NamedPerson { name: "Ada".into() },
    ];
    let label =
        Phone::new(Vec::new()).state.shipment(&ShipmentId::new("plain").unwrap()).unwrap().object.clone();
    let names = offered(given);
    assert!(names.contains(&(Receiver::Recipient, label.recipient_name.clone(), None)));
    assert!(names.contains(&(Receiver::Household, label.recipient_name, None)));
    assert!(names.contains(&(Receiver::NamedNeighbour, "Huber".into(), Some("2".into()))));
    assert!(names.contains(&(Receiver::NamedPerson, "Ada".into(), None)));
    assert_eq!(names.iter().filter(|(receiver, ..)| *receiver == Receiver::NamedNeighbour).count(), 1);
}

#[test]
fn another_label_of_the_stop_is_offered_as_who_lives_there_and_as_a_neighbour() {
    let mut phone = Phone::started(Vec::new());
    let mut upstairs = shipment("upstairs", &at("door-1"), CodeNeed::None, 1, Vec::new());
    upstairs.recipient_name = "Kaya".into();
    phone.state.put_shipment(11, upstairs);
    phone.scan("door-1", "plain1");
    let offered = phone.door("plain").suggestions;
    let offered: Vec<_> = offered.iter().map(|it| (it.receiver, it.name.as_str())).collect();
    assert_eq!(
        offered,
        [
            (Receiver::Recipient, "State Library"),
            (Receiver::Household, "State Library"),
            (Receiver::Household, "Kaya"),
            (Receiver::OtherNeighbour, "Kaya"),
        ]
    );
}

#[test]
fn whoever_is_excluded_is_not_offered_and_a_name_that_cannot_be_seen_is_none() {
    let names = offered(vec![
        InstructionKind::Neighbour { name: "Anna Meyer".into(), flat: None },
        InstructionKind::Neighbour { name: "\u{200f}".into(), flat: None },
        InstructionKind::NotNeighbour { name: "Meyer".into() },
    ]);
    assert!(names.iter().all(|(receiver, ..)| *receiver != Receiver::NamedNeighbour), "{names:?}");
}
