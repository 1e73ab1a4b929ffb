//! Any command in any state gives a decision, or a rejection while the exits stay. Never a panic.

use std::collections::BTreeSet;

use courier_domain::proof::Check;
use courier_domain::receiver::PlaceKind;
use courier_domain::{
    AttemptState, Base64Url, CodeEntry, Command, Context, Decision, DoorChoice, DoorForm, Dot, Excuse,
    ExcuseReason, FactId, FileKind, InstructionKind, MeetingPlace, Outcome, ParcelId, Position, Proof,
    ProofFile, Reason, Receiver, ReceiverDetails, RouteEdit, ShipmentId, Signature, StopId, UnixMs, decide,
    route_view, stop_view,
};
use proptest::prelude::*;

use crate::phone::{Phone, attempt};

/// What people and machines put into fields of text.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "(Huber|Meyer|Kim|Ada Kaya)",
        1 => Just(String::new()),
        1 => Just(" \t\n".to_owned()),
        1 => "(a|ä|😀|\u{202e}|\u{200f}){1,3}".prop_map(|some| some.repeat(2_500)),
        1 => Just("👩‍👩‍👧‍👦 \u{202e}reyeM\u{202c} \u{0} \u{7}".to_owned()),
        1 => "\\PC{0,60}",
        1 => any::<String>(),
    ]
}

fn any_barcode() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "(coded1|coded2|plain1|other1)",
        1 => "[0-9]{10,30}",
        1 => "\\(00\\)[0-9]{18}\\(420\\)[0-9]{5}",
        1 => "\\]C1[0-9\u{1d}]{0,60}",
        1 => proptest::collection::vec(any::<u8>(), 0..80).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        1 => any_text(),
    ]
}

fn any_receiver() -> impl Strategy<Value = Receiver> {
    proptest::sample::select(vec![
        Receiver::Recipient,
        Receiver::Household,
        Receiver::NamedNeighbour,
        Receiver::OtherNeighbour,
        Receiver::NamedPerson,
        Receiver::Concierge,
        Receiver::Place(PlaceKind::Safe),
        Receiver::Place(PlaceKind::Mailbox),
        Receiver::Place(PlaceKind::PickupPoint),
    ])
}

fn any_files() -> impl Strategy<Value = Vec<ProofFile>> {
    let kind = prop_oneof![Just(FileKind::Signature), Just(FileKind::Photo)];
    let length = prop_oneof![4 => Just(43usize), 1 => 0usize..60];
    let file = (kind, length).prop_map(|(kind, length)| ProofFile {
        kind,
        sha256: Base64Url::new("A".repeat(if length % 4 == 1 { length + 1 } else { length })).unwrap(),
    });
    proptest::collection::vec(file, 0..15)
}

prop_compose! {
    fn any_details()(
        name in proptest::option::of(any_text()),
        relation in proptest::option::of(any_text()),
        flat in proptest::option::of(any_text()),
        note in proptest::option::of(any_text()),
        files in prop_oneof![3 => Just(Vec::new()), 1 => any_files()],
        min in any::<u8>(),
        identity in any::<bool>(),
        excused in proptest::sample::subsequence(Proof::ALL.to_vec(), 0..4),
        position in proptest::option::of((any::<i32>(), any::<i32>(), any::<u32>(), any::<u64>())),
    ) -> ReceiverDetails {
        let mut checks = vec![Check::Age { min }];
        if identity {
            checks.push(Check::Identity {});
        }
        ReceiverDetails {
            name, relation, flat, note, files,
            checks: if min < 128 { Vec::new() } else { checks },
            without: excused.into_iter().map(|proof| Excuse { proof, why: ExcuseReason::Declined }).collect(),
            position: position.map(|(lat_e6, lon_e6, accuracy_m, age_ms)| {
                Position { lat_e6, lon_e6, accuracy_m, age_ms }
            }),
        }
    }
}

fn any_signature() -> impl Strategy<Value = Signature> {
    let dot = (any::<u16>(), any::<u16>()).prop_map(|(x, y)| Dot { x, y });
    let strokes = proptest::collection::vec(proptest::collection::vec(dot, 0..4), 0..4);
    let size = prop_oneof![Just(u16::MAX), any::<u16>()];
    (size.clone(), size, strokes).prop_map(|(width, height, strokes)| Signature { width, height, strokes })
}

fn any_stop() -> impl Strategy<Value = StopId> {
    "(door-1|door-1|door-2|nowhere)".prop_map(|id| StopId::new(id).unwrap())
}

fn any_shipment() -> impl Strategy<Value = String> {
    "(coded|coded|plain|other|none)".prop_map(String::from)
}

fn any_parcels() -> impl Strategy<Value = Vec<ParcelId>> {
    let one = "(coded-1|coded-2|plain-1|other-1|none-1)".prop_map(|id| ParcelId::new(id).unwrap());
    prop_oneof![2 => Just(Vec::new()), 1 => proptest::collection::vec(one, 0..4)]
}

fn any_fact() -> impl Strategy<Value = FactId> {
    (0u32..30).prop_map(|n| FactId::new(format!("fact-{n:04}")).unwrap())
}

fn any_form() -> impl Strategy<Value = DoorForm> {
    let choice = prop_oneof![
        any_receiver().prop_map(|receiver| DoorChoice::HandOver { receiver }),
        proptest::sample::select(Reason::ALL.to_vec()).prop_map(|reason| DoorChoice::NotDelivered { reason }),
    ];
    (any_shipment(), choice, any_details(), any_parcels()).prop_map(|(of, choice, details, left_out)| {
        DoorForm { shipment: ShipmentId::new(of).unwrap(), choice, details, left_out }
    })
}

fn any_command() -> impl Strategy<Value = Command> {
    let entry = prop_oneof![
        any_text().prop_map(CodeEntry::Digits),
        any_text().prop_map(CodeEntry::Token),
        Just(CodeEntry::Digits("123456".into())),
    ];
    prop_oneof![
        1 => Just(Command::StartDay),
        1 => Just(Command::CloseDay),
        4 => any_stop().prop_map(|stop| Command::Arrive { stop }),
        2 => proptest::collection::vec(any_barcode(), 0..5).prop_map(|barcodes| Command::CheckLoad { barcodes }),
        16 => (any_stop(), any_barcode()).prop_map(|(stop, barcode)| Command::Scan { stop, barcode }),
        4 => (any_stop(), entry).prop_map(|(stop, entry)| Command::EnterCode { stop, entry }),
        16 => (any_shipment(), any_parcels(), any_receiver(), any_details()).prop_map(
            |(of, parcels, receiver, details)| Command::HandOver { attempt: attempt(&of), parcels, receiver, details }
        ),
        10 => (any_shipment(), any_parcels(), proptest::sample::select(Reason::ALL.to_vec()), proptest::option::of(any_text()))
            .prop_map(|(of, parcels, reason, note)| Command::NotDelivered { attempt: attempt(&of), parcels, reason, note }),
        3 => any_fact().prop_map(|fact| Command::Withdraw { fact }),
        2 => (any_fact(), any_files()).prop_map(|(fact, files)| Command::AddProof { fact, files }),
        4 => any_stop().prop_map(|stop| Command::TakePhoto { stop, path: "A".repeat(43) }),
        2 => (any_stop(), any_signature()).prop_map(|(stop, signature)| Command::Sign { stop, signature }),
        1 => any_stop().prop_map(|stop| Command::DropFile { stop, sha256: Base64Url::new("A".repeat(43)).unwrap() }),
        1 => any_parcels().prop_map(|parcels| Command::Return { parcels }),
        1 => (any_stop(), any::<u32>()).prop_map(|(stop, position)| {
            Command::EditRoute { stop, edit: RouteEdit::Move { position } }
        }),
        1 => any::<u32>().prop_map(|proposal| Command::TakeProposal { proposal }),
        4 => (any_stop(), proptest::option::of(any_form())).prop_map(|(stop, form)| Command::SaveForm { stop, form }),
    ]
}

fn any_instructions() -> impl Strategy<Value = Vec<InstructionKind>> {
    proptest::collection::vec(
        prop_oneof![
            (any_text(), proptest::option::of(any_text()))
                .prop_map(|(name, flat)| InstructionKind::Neighbour { name, flat }),
            any_text().prop_map(|name| InstructionKind::NotNeighbour { name }),
            any_text().prop_map(|name| InstructionKind::NamedPerson { name }),
            any_text().prop_map(|place| InstructionKind::SafePlace { place }),
            any_text().prop_map(|place| InstructionKind::PickupPoint { place }),
            any_text().prop_map(|text| InstructionKind::Note { text }),
            any_text().prop_map(|code| InstructionKind::AccessCode { code }),
            Just(InstructionKind::Unknown { kind: "by_drone".into() }),
            any::<u8>().prop_map(|min_age| InstructionKind::AgeCheck { min_age }),
            (any::<i64>(), any::<i64>()).prop_map(|(from, to)| InstructionKind::PreferredWindow {
                from: UnixMs(from),
                to: UnixMs(to)
            }),
            proptest::sample::select(vec![
                InstructionKind::NoNeighbours {},
                InstructionKind::Household {},
                InstructionKind::Mailbox {},
                InstructionKind::Concierge {},
                InstructionKind::Signature {},
                InstructionKind::IdentityCheck {},
                InstructionKind::Meet { at: MeetingPlace::Lobby },
            ]),
        ],
        0..6,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_command_in_any_state_is_decided_or_refused_with_exits(
        instructions in any_instructions(),
        commands in proptest::collection::vec((any_command(), any::<bool>(), -100_000_000i64..100_000_000), 1..40),
    ) {
        let mut phone = Phone::started(instructions);
        for (command, fits, pause) in commands {
            // A phone's clocks may also go backwards.
            phone.boot_ms = phone.boot_ms.saturating_add_signed(pause);
            let decision = phone.go_with(&command, fits);
            if let Ok(Decision::Record { body, private, .. }) = &decision {
                let json = serde_json::to_string(body).unwrap();
                prop_assert_eq!(&serde_json::from_str::<courier_domain::FactBody>(&json).unwrap(), body);
                let json = serde_json::to_string(private).unwrap();
                prop_assert_eq!(&serde_json::from_str::<courier_domain::PrivatePart>(&json).unwrap(), private);
            }
            prop_assert!(route_view(&phone.state, &phone.at()).is_some());
            for stop in ["door-1", "door-2"] {
                let stop = StopId::new(stop).unwrap();
                let view = stop_view(&phone.state, &stop, &phone.at()).unwrap();
                for door in view.doors {
                    prop_assert!(door.state != AttemptState::Open || !door.exits.is_empty(), "{:?} after {:?}", door, command);
                    let outcomes = door.parcels.iter().filter_map(|parcel| parcel.outcome.as_ref());
                    let recorded: BTreeSet<_> = outcomes.filter(|_| door.undo.is_some()).map(Outcome::fact).collect();
                    for file in &view.files {
                        let takes_it = |fact: &&FactId| {
                            let add = Command::AddProof { fact: (*fact).clone(), files: vec![file.clone()] };
                            decide(&phone.state, &add, &Context { at: phone.at() }).is_ok()
                        };
                        let newest = recorded.iter().copied().rev().find(takes_it);
                        let offered = door.provable.iter().find(|may| may.kind == file.kind);
                        prop_assert_eq!(offered.map(|may| &may.fact), newest, "{:?} of {:?}", file, door.state);
                    }
                }
            }
        }
    }

    /// Before there is a route, and on one that says nothing.
    #[test]
    fn any_command_on_a_phone_without_a_route_is_refused(command in any_command()) {
        let phone = Phone::new(Vec::new());
        let empty = courier_domain::DayState::new();
        let decision = decide(&empty, &command, &Context { at: phone.at() });
        prop_assert!(decision.is_err());
    }
}

#[test]
fn an_entry_shows_nothing_of_the_code_in_a_log() {
    let said = format!("{:?} {:?}", CodeEntry::Digits("123456".into()), CodeEntry::Token("secret".into()));
    assert_eq!(said, "Digits(…) Token(…)");
}
