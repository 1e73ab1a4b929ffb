//! What proves an outcome: asked for, given, missing, forbidden, added later.

use std::slice;

use courier_domain::receiver::PlaceKind;
use courier_domain::view::{Addition, Provable};
use courier_domain::{
    Base64Url, Check, Command, Decision, Dot, Excuse, ExcuseReason, FactBody, FactId, FileKind,
    InstructionKind, NextStep, ParcelId, Policy, Position, PrivatePart, Proof, ProofFile, Reason, Receiver,
    ReceiverDetails, Rejection, Signature, StopId, TimeWindow, UnixMs, stop_view,
};

use crate::phone::{MORNING, Phone, attempt, fail, hand, stop_at};

fn at(stop: &str) -> StopId {
    StopId::new(stop).unwrap()
}

fn drawn() -> Signature {
    let strokes = vec![vec![Dot { x: 1, y: 2 }, Dot { x: 30, y: 4 }]];
    Signature { width: 300, height: 100, strokes }
}

/// A photo or signature that was just taken.
fn taken(phone: &mut Phone, stop: &str, kind: FileKind) -> ProofFile {
    let command = match kind {
        FileKind::Photo => Command::TakePhoto { stop: at(stop), path: "A".repeat(43) },
        FileKind::Signature => Command::Sign { stop: at(stop), signature: drawn() },
    };
    phone.go(&command).unwrap();
    phone.state.files_taken(&at(stop)).pop().unwrap()
}

fn named(name: &str) -> ReceiverDetails {
    ReceiverDetails { name: Some(name.into()), ..ReceiverDetails::default() }
}

fn to(receiver: Receiver, details: ReceiverDetails) -> Command {
    Command::HandOver { attempt: attempt("plain"), parcels: Vec::new(), receiver, details }
}

/// At the door of `plain`, scanned, in a country.
fn at_the_door(policy: &str, instructions: Vec<InstructionKind>) -> Phone {
    let mut phone = Phone::started(instructions);
    let (mut route, rev) = phone.state.route().map(|(route, rev)| (route.clone(), rev)).unwrap();
    route.policy = Some(Box::new(Policy::built_in(policy).unwrap().clone()));
    phone.state.put_route(rev, route);
    phone.go(&Command::Arrive { stop: StopId::new("door-1").unwrap() }).unwrap();
    phone.scan("door-1", "plain1");
    phone
}

fn recorded(decision: Result<Decision, Rejection>) -> (FactBody, PrivatePart) {
    match decision {
        Ok(Decision::Record { body, private, .. }) => (body, private),
        other => panic!("{other:?} records nothing"),
    }
}

#[test]
fn a_required_proof_is_given_or_a_reason_is_recorded() {
    let mut phone = at_the_door("austria", Vec::new());
    let neighbour = Receiver::OtherNeighbour;
    assert_eq!(
        phone.go(&to(neighbour, named("Kim"))),
        Err(Rejection::ProofNeeded { proof: Proof::Signature })
    );
    let signature = taken(&mut phone, "door-1", FileKind::Signature);
    let signed = ReceiverDetails { files: vec![signature], ..named("Kim") };
    let (body, _) = recorded(phone.go(&to(neighbour, signed)));
    assert!(
        matches!(&body, FactBody::HandedOver { proofs, overrides, .. } if proofs.len() == 1 && overrides.is_empty())
    );

    let mut phone = at_the_door("austria", Vec::new());
    let excuse = Excuse { proof: Proof::Signature, why: ExcuseReason::Declined };
    let declined = ReceiverDetails { without: vec![excuse], ..named("Kim") };
    let (body, _) = recorded(phone.go(&to(neighbour, declined)));
    assert!(
        matches!(&body, FactBody::HandedOver { proofs, overrides, .. } if proofs.is_empty() && overrides == &["signature:declined"])
    );
}

#[test]
fn people_are_not_photographed_and_a_place_signs_nothing() {
    let safe = InstructionKind::SafePlace { place: "shed".into() };
    let mut phone = at_the_door("germany", vec![safe]);
    let photo = taken(&mut phone, "door-1", FileKind::Photo);
    let signature = taken(&mut phone, "door-1", FileKind::Signature);
    let photo = ReceiverDetails { files: vec![photo], ..named("Kim") };
    for person in [Receiver::Recipient, Receiver::Household, Receiver::OtherNeighbour] {
        assert_eq!(
            phone.go(&to(person, photo.clone())),
            Err(Rejection::ProofForbidden { proof: Proof::Photo }),
            "{person:?}"
        );
    }
    let place = Receiver::Place(PlaceKind::Safe);
    let signed = ReceiverDetails { files: vec![signature], ..ReceiverDetails::default() };
    assert_eq!(phone.go(&to(place, signed)), Err(Rejection::ProofForbidden { proof: Proof::Signature }));
    let photo = ReceiverDetails { name: None, ..photo };
    phone.go(&to(place, photo)).unwrap();
}

#[test]
fn an_age_is_checked_and_nothing_of_the_document_is_kept() {
    let mut phone = at_the_door("germany", vec![InstructionKind::AgeCheck { min_age: 18 }]);
    let refused = Err(Rejection::ProofNeeded { proof: Proof::AgeCheck });
    assert_eq!(phone.go(&to(Receiver::Recipient, ReceiverDetails::default())), refused);
    let saw = |min| ReceiverDetails { checks: vec![Check::Age { min }], ..ReceiverDetails::default() };
    assert_eq!(phone.go(&to(Receiver::Recipient, saw(16))), refused);
    let excuse = Excuse { proof: Proof::AgeCheck, why: ExcuseReason::Declined };
    let excused = ReceiverDetails { without: vec![excuse], ..ReceiverDetails::default() };
    assert_eq!(phone.go(&to(Receiver::Recipient, excused)), refused, "the law takes no excuse");
    let exits: Vec<_> = phone.door("plain").exits.into_iter().map(|exit| exit.reason).collect();
    assert!(exits.contains(&Reason::AgeOrIdentityNotProven), "{exits:?}");

    let (body, private) = recorded(phone.go(&to(Receiver::Recipient, saw(18))));
    let json = serde_json::to_string(&body).unwrap();
    assert!(json.contains(r#""checks":[{"check":"age","min":18}]"#), "{json}");
    assert!(private.is_empty());
}

#[test]
fn without_a_check_to_make_nothing_is_said_of_one() {
    let phone = at_the_door("germany", Vec::new());
    let exits: Vec<_> = phone.door("plain").exits.into_iter().map(|exit| exit.reason).collect();
    assert!(!exits.contains(&Reason::AgeOrIdentityNotProven), "{exits:?}");
}

#[test]
fn a_damaged_label_is_excused_for_a_parcel_without_a_code_only() {
    let mut phone = Phone::started(Vec::new());
    let excuse = Excuse { proof: Proof::Scan, why: ExcuseReason::BarcodeDamaged };
    let details = ReceiverDetails { without: vec![excuse], ..ReceiverDetails::default() };
    let (body, _) = recorded(phone.go(&to(Receiver::Recipient, details.clone())));
    assert!(
        matches!(&body, FactBody::HandedOver { scanned, overrides, .. } if scanned.is_empty() && overrides == &["scan:barcode_damaged"])
    );
    phone.scan("door-1", "coded1");
    phone.enter(true).unwrap();
    let both = Command::HandOver {
        attempt: attempt("coded"),
        parcels: Vec::new(),
        receiver: Receiver::Recipient,
        details,
    };
    assert_eq!(phone.go(&both), Err(Rejection::ScanFirst), "the second parcel was not scanned");
}

#[test]
fn proof_is_added_later_where_it_may_be() {
    let mut phone = at_the_door("germany", Vec::new());
    assert_eq!((phone.door("plain").undo, phone.door("plain").provable), (None, Vec::new()));
    phone.go(&hand("plain", Receiver::Recipient, None)).unwrap();
    let fact = phone.last_fact();
    assert_eq!(phone.door("plain").undo.as_ref(), Some(&fact));
    let may = |kind, fact: &FactId| Provable { kind, fact: fact.clone() };
    assert_eq!(phone.door("plain").provable, [may(FileKind::Signature, &fact)], "nobody is photographed");
    let photo = taken(&mut phone, "door-1", FileKind::Photo);
    let signature = taken(&mut phone, "door-1", FileKind::Signature);
    let add = |file: &ProofFile| Command::AddProof { fact: fact.clone(), files: vec![file.clone()] };
    assert_eq!(phone.go(&add(&photo)), Err(Rejection::ProofForbidden { proof: Proof::Photo }));
    let (body, _) = recorded(phone.go(&add(&signature)));
    assert!(matches!(body, FactBody::ProofAdded { fact: of, files } if of == fact && files.len() == 1));
    let nothing = Command::AddProof { fact: fact.clone(), files: Vec::new() };
    assert_eq!(phone.go(&nothing), Ok(Decision::Nothing));
    let unknown = FactId::new("unknown").unwrap();
    let stray = Command::AddProof { fact: unknown, files: vec![photo] };
    assert_eq!(phone.go(&stray), Err(Rejection::NothingToProve));

    phone.go(&fail("other", Reason::Damaged)).unwrap();
    let dent = taken(&mut phone, "door-2", FileKind::Photo);
    let dented = Command::AddProof { fact: phone.last_fact(), files: vec![dent] };
    assert_eq!(phone.door("other").provable, [may(FileKind::Photo, &phone.last_fact())]);
    recorded(phone.go(&dented));

    phone.go(&Command::CloseDay).unwrap();
    for door in ["plain", "other"] {
        assert_eq!((phone.door(door).undo, phone.door(door).provable), (None, Vec::new()), "{door}");
    }
}

#[test]
fn a_fact_names_only_what_was_taken_at_its_stop() {
    let mut phone = at_the_door("germany", Vec::new());
    let elsewhere = taken(&mut phone, "door-2", FileKind::Signature);
    let with = |file: &ProofFile| ReceiverDetails { files: vec![file.clone()], ..ReceiverDetails::default() };
    assert_eq!(phone.go(&to(Receiver::Recipient, with(&elsewhere))), Err(Rejection::FileNotTaken));
    let signature = taken(&mut phone, "door-1", FileKind::Signature);
    let called_photo = ProofFile { kind: FileKind::Photo, ..signature.clone() };
    assert_eq!(phone.go(&to(Receiver::Recipient, with(&called_photo))), Err(Rejection::FileNotTaken));

    let dropped = Command::DropFile { stop: at("door-1"), sha256: signature.sha256.clone() };
    phone.go(&dropped).unwrap();
    assert_eq!(phone.go(&dropped), Ok(Decision::Nothing), "a double tap");
    assert_eq!(phone.go(&to(Receiver::Recipient, with(&signature))), Err(Rejection::FileNotTaken));

    taken(&mut phone, "door-1", FileKind::Signature);
    phone.go(&to(Receiver::Recipient, with(&signature))).unwrap();
    assert_eq!(phone.state.files_taken(&at("door-1")), [], "it is part of a fact now");
    let handed = phone.last_fact();
    let again = Command::AddProof { fact: handed.clone(), files: vec![signature.clone()] };
    assert_eq!(phone.go(&again), Err(Rejection::FileNotTaken));

    phone.go(&Command::Withdraw { fact: handed }).unwrap();
    phone.go(&to(Receiver::Recipient, with(&signature))).unwrap();
}

#[test]
fn the_photo_of_a_damaged_parcel_proves_the_damage_though_the_other_was_handed_over_since() {
    let mut phone = at_the_door("germany", Vec::new());
    phone.scan("door-1", "coded1");
    phone.scan("door-1", "coded2");
    phone.enter(true).unwrap();
    phone
        .go(&Command::NotDelivered {
            attempt: attempt("coded"),
            parcels: vec![ParcelId::new("coded-2").unwrap()],
            reason: Reason::Damaged,
            note: None,
        })
        .unwrap();
    let damaged = phone.last_fact();
    phone.go(&hand("coded", Receiver::Recipient, None)).unwrap();
    let handed = phone.last_fact();
    let photo = taken(&mut phone, "door-1", FileKind::Photo);

    let door = phone.door("coded");
    assert_eq!(door.undo.as_ref(), Some(&handed));
    let may = |kind, fact: &FactId| Provable { kind, fact: fact.clone() };
    assert_eq!(door.provable, [may(FileKind::Signature, &handed), may(FileKind::Photo, &damaged)]);

    let additions = |phone: &Phone| {
        stop_view(&phone.state, &at("door-1"), &phone.at()).unwrap().additions(&phone.door("coded"))
    };
    let of_photo = Addition { fact: damaged.clone(), files: vec![photo] };
    assert_eq!(additions(&phone), slice::from_ref(&of_photo));
    let signature = taken(&mut phone, "door-1", FileKind::Signature);
    assert_eq!(additions(&phone), [Addition { fact: handed, files: vec![signature] }, of_photo]);
    for Addition { fact, files } in additions(&phone) {
        recorded(phone.go(&Command::AddProof { fact, files }));
    }
    assert_eq!(additions(&phone), []);
}

#[test]
fn a_stop_keeps_so_many_files_and_only_signatures_that_are_some() {
    let mut phone = at_the_door("germany", Vec::new());
    let nothing = Signature { strokes: Vec::new(), ..drawn() };
    let empty = Command::Sign { stop: at("door-1"), signature: nothing };
    assert_eq!(phone.go(&empty), Err(Rejection::NotSigned));
    assert_eq!(
        phone.go(&Command::Sign { stop: at("nowhere"), signature: drawn() }),
        Err(Rejection::NotOnRoute)
    );
    let photo = |n: usize| Command::TakePhoto { stop: at("door-1"), path: format!("{n:043}") };
    for n in 0..12 {
        phone.go(&photo(n)).unwrap();
    }
    assert!(matches!(phone.go(&photo(12)), Err(Rejection::BadText { max: 12, .. })));
    let first = Base64Url::new(format!("{:043}", 0)).unwrap();
    phone.go(&Command::DropFile { stop: at("door-1"), sha256: first }).unwrap();
    phone.go(&photo(12)).unwrap();
}

#[test]
fn a_position_that_is_none_stops_nobody() {
    for (lat_e6, kept) in [(52_517_000, true), (90_000_001, false), (i32::MIN, false)] {
        let mut phone = at_the_door("germany", Vec::new());
        let position = Position { lat_e6, lon_e6: 0, accuracy_m: 8, age_ms: 1_000 };
        let details = ReceiverDetails { position: Some(position), ..ReceiverDetails::default() };
        let (_, private) = recorded(phone.go(&to(Receiver::Recipient, details)));
        assert_eq!(private.position.is_some(), kept, "{lat_e6}");
    }
}

#[test]
fn a_strict_carrier_wants_to_read_what_is_damaged() {
    let mut phone = at_the_door("code_strict", Vec::new());
    assert_eq!(phone.go(&fail("plain", Reason::Damaged)), Err(Rejection::ProofNeeded { proof: Proof::Note }));
    let said = Command::NotDelivered {
        attempt: attempt("plain"),
        parcels: Vec::new(),
        reason: Reason::Damaged,
        note: Some("wet".into()),
    };
    phone.go(&said).unwrap();
}

#[test]
fn who_could_not_get_in_comes_again_today_while_the_window_allows_it() {
    let mut phone = at_the_door("germany", Vec::new());
    let mut stop = stop_at(&StopId::new("door-1").unwrap());
    let hours = |hours: i64| UnixMs(MORNING + hours * 3_600_000);
    stop.window = Some(TimeWindow { from: hours(0), to: hours(3) });
    phone.state.put_stop(11, stop);
    let blocked = |phone: &Phone| {
        let exits = phone.door("plain").exits;
        exits.into_iter().find(|exit| exit.reason == Reason::AccessBlocked).unwrap().next_step
    };
    assert_eq!(blocked(&phone), NextStep::LaterToday);
    phone.go(&fail("plain", Reason::AccessBlocked)).unwrap();
    let again = phone.door("plain").second_try.expect("a second try");
    phone.boot_ms += 151 * 60_000;
    assert_eq!(phone.door("plain").second_try, None, "29 minutes are too few");
    phone.go(&Command::Withdraw { fact: again }).unwrap();
    assert_eq!(blocked(&phone), NextStep::NextDeliveryDay);
    phone.go(&hand("plain", Receiver::Recipient, None)).unwrap();
}

#[test]
fn a_parcel_that_is_back_at_the_depot_says_so() {
    let mut phone = at_the_door("germany", Vec::new());
    phone.go(&fail("plain", Reason::NotHome)).unwrap();
    let parcel = phone.door("plain").parcels[0].clone();
    assert!(!parcel.returned);
    phone.go(&Command::Return { parcels: vec![parcel.id] }).unwrap();
    assert!(phone.door("plain").parcels[0].returned);
}

#[test]
fn a_fact_names_twelve_files_at_most() {
    let mut phone = at_the_door("germany", Vec::new());
    let signature = taken(&mut phone, "door-1", FileKind::Signature);
    let with = |n: usize| ReceiverDetails { files: vec![signature.clone(); n], ..ReceiverDetails::default() };
    let refused = Err(Rejection::BadText { field: "files".into(), max: 12 });
    assert_eq!(phone.go(&to(Receiver::Recipient, with(13))), refused);
    phone.go(&to(Receiver::Recipient, with(12))).unwrap();
}

#[test]
fn what_proved_a_withdrawn_handover_may_be_used_again_and_what_proves_another_may_not() {
    let mut phone = at_the_door("germany", Vec::new());
    let signature = taken(&mut phone, "door-1", FileKind::Signature);
    let signed = ReceiverDetails { files: vec![signature.clone()], ..ReceiverDetails::default() };
    phone.go(&to(Receiver::Recipient, signed)).unwrap();
    let handed = phone.last_fact();
    phone.go(&fail("coded", Reason::Damaged)).unwrap();
    let photo = taken(&mut phone, "door-1", FileKind::Photo);
    phone.go(&Command::AddProof { fact: phone.last_fact(), files: vec![photo] }).unwrap();
    assert_eq!(phone.state.files_taken(&at("door-1")), []);
    phone.go(&Command::Withdraw { fact: handed }).unwrap();
    assert_eq!(phone.state.files_taken(&at("door-1")), [signature]);
}

#[test]
fn a_policy_is_called_by_its_name_in_a_log() {
    assert_eq!(format!("{:?}", Policy::germany()), "Policy { name: \"germany\", .. }");
}
