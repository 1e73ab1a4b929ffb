//! The places without a terminal: what keys lead to, and what is to be read at every size of a window.

use courier_domain::decide::ScanResult;
use courier_domain::state::{Draft, Load};
use courier_domain::view::{Ask, Provable, StopView};
use courier_domain::{
    Base64Url, CodeEntry, CodeState, Command, DayState, Demand, DoorChoice, Exit, FactId, FileKind,
    KeepOrder, LockedBy, NextStep, Origin, Outcome, ParcelId, ProofFile, Proposal, ProposalReason, Reason,
    Receiver, ReceiverOption, Rejection, RouteEdit, ShipmentId, Suggestion, Why, route_view, stop_view,
};
use courier_engine::{
    CommandResult, CourierError, Diagnostics, Goes, Kept, KeptKind, LaneDiagnostics, Outbox,
    StoreDiagnostics, SyncReport,
};
use courier_protocol::KeyLevel;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::view::VanParcel;
use super::*;
use crate::sample_day::{NAMES, at, day, parcel, stop_id};

const SIZES: [(u16, u16); 4] = [(120, 40), (80, 24), (40, 12), (3, 2)];

fn phone() -> Diagnostics {
    Diagnostics {
        install: "0123456789abcdef0123456789abcdef".into(),
        inc: 1,
        courier: Some("ada".into()),
        key: KeyLevel::Software,
        epoch: "epoch-1".into(),
        facts: 12,
        pending: 3,
        files: 2,
        kept: vec![
            Kept { kind: KeptKind::Facts, count: 12, bytes: 9_400, goes: Goes::OnceStored },
            Kept { kind: KeptKind::Route, count: 40, bytes: 61_000, goes: Goes::By(1_796_169_600_000) },
        ],
        outbox: Outbox { on_phone: 3, confirmed: 9, oldest_ms: Some(130_000), ..Outbox::default() },
        tries: 1,
        route: None,
        time_is_certain: true,
        has_receipt: false,
        lanes: vec![LaneDiagnostics { name: "facts".into(), failures: 2, wait_ms: 4_100, in_flight: false }],
        sqlite: "3.51".into(),
        schemas: courier_engine::Schemas { journal: 1, route: 1 },
        store: StoreDiagnostics { has_ballast: true, is_logged: true, aside: 0, salvages: 0, lost: 0 },
    }
}

fn view_of(state: &DayState, stop: Option<usize>) -> View {
    let mut view = View { phone: Some(phone()), ..View::default() };
    view.glance.route = route_view(state, &at());
    view.glance.pending = 3;
    view.stop = stop.and_then(|no| stop_view(state, &stop_id(no), &at()));
    view
}

fn press(app: &mut App, view: &View, code: KeyCode) -> Action {
    app.key(&KeyEvent::from(code), view)
}

fn ctrl(app: &mut App, view: &View, letter: char) -> Action {
    app.key(&KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL), view)
}

fn type_text(app: &mut App, view: &View, text: &str) {
    for c in text.chars() {
        let done = press(app, view, KeyCode::Char(c));
        assert!(matches!(done, Action::Nothing | Action::Keep(_)), "{c} did something: {done:?}");
    }
}

/// What is to be read, without the marks of isolation around names, which cannot be seen.
fn text(app: &App, view: &View, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| app.draw(frame, view)).unwrap();
    let lines: Vec<String> = terminal
        .backend()
        .buffer()
        .content()
        .chunks(width.into())
        .map(|cells| cells.iter().map(ratatui::buffer::Cell::symbol).collect())
        .collect();
    lines.join("\n").replace(['\u{2068}', '\u{2069}'], "")
}

fn assert_reads(app: &App, view: &View, size: (u16, u16), wanted: &[&str]) {
    let text = text(app, view, size);
    for wanted in wanted {
        assert!(text.contains(wanted), "{wanted:?} is not to be read at {size:?}:\n{text}");
    }
}

/// At the door of stop 1, as the core would show it after `change`.
fn at_door(change: impl FnOnce(&mut StopView)) -> (App, View) {
    let mut view = view_of(&day(2), Some(1));
    change(view.stop.as_mut().unwrap());
    let mut app = App::new(Place::Today);
    app.go(Target::Door { stop: stop_id(1), shipment: ShipmentId::new("shipment-1").unwrap() });
    app.seen(&view);
    (app, view)
}

/// Both parcels were scanned.
fn scanned(stop: &mut StopView) {
    stop.doors[0].parcels.iter_mut().for_each(|parcel| parcel.scanned = true);
}

fn option(receiver: Receiver, name: Option<&str>, allowed: bool, why: Why) -> ReceiverOption {
    ReceiverOption {
        receiver,
        name: name.map(Into::into),
        flat: None,
        allowed,
        why,
        source: Origin::Service,
        proofs: Vec::new(),
    }
}

#[test]
fn every_place_is_drawn_at_every_size_whatever_the_names_are() {
    for count in [0, 1, 5, 200] {
        let mut state = day(count);
        let draft = Draft { scanned: [ParcelId::new("parcel-1-1").unwrap()].into(), ..Draft::default() };
        state.set_draft(&stop_id(1), draft);
        let mut view = view_of(&state, Some(1));
        view.van = van(count);
        let targets = [
            Target::Today,
            Target::Stop(stop_id(1)),
            Target::Door { stop: stop_id(1), shipment: ShipmentId::new("shipment-1").unwrap() },
            Target::LoadCheck,
            Target::ReturnCheck,
            Target::DayEnd,
            Target::OnThisPhone,
        ];
        for target in targets {
            let mut app = App::new(Place::Today);
            app.go(target.clone());
            app.seen(&view);
            app.message = NAMES.join(" ");
            for size in SIZES {
                text(&app, &view, size);
                let mut app_below = App::new(Place::Today);
                app_below.go(target.clone());
                for key in [KeyCode::End, KeyCode::PageDown, KeyCode::Up, KeyCode::Tab, KeyCode::Char('m')] {
                    press(&mut app_below, &view, key);
                    text(&app_below, &view, size);
                }
            }
        }
    }
    for size in SIZES {
        text(&App::new(Place::Enrol(Enrol::new(NAMES[1]))), &View::default(), size);
        text(&App::new(Place::Today), &View::default(), size);
    }
}

fn van(stops: usize) -> Vec<VanParcel> {
    let parcels = (1..=stops).flat_map(|stop| [1, 2].map(|no| (stop, parcel(stop, no))));
    parcels
        .map(|(stop, parcel)| VanParcel {
            stop: u32::try_from(stop).unwrap(),
            recipient: NAMES[(stop - 1) % NAMES.len()].into(),
            barcode: parcel.barcodes[0].clone(),
            id: parcel.id,
            outcome: None,
        })
        .collect()
}

#[test]
fn today_shows_where_when_who_and_how_much_waits() {
    let view = view_of(&day(200), None);
    let app = App::new(Place::Today);
    for size in [(120, 40), (80, 24), (40, 12)] {
        assert_reads(
            &app,
            &view,
            size,
            &["Today", "q quit", "outbox 3", "2027-01-15", "Breite Straße 1", "□"],
        );
    }
    // 1 800 000 000 is 09:00 in Berlin.
    assert_reads(&app, &view, (120, 40), &["09:00–10:00", "Berger", "2 parcels", "next try in 5 s", "Route"]);
}

#[test]
fn the_map_has_a_sign_for_the_selected_stop_and_one_for_the_others() {
    let view = view_of(&day(30), None);
    let mut app = App::new(Place::Today);
    press(&mut app, &view, KeyCode::Char('m'));
    let text = text(&app, &view, (80, 24));
    assert_eq!(text.matches('@').count(), 2, "the map and its legend show where:\n{text}");
    assert!(text.matches('□').count() > 20, "{text}");
}

#[test]
fn a_stop_is_found_by_name_address_or_number_and_opened() {
    let view = view_of(&day(200), None);
    for (wanted, stop) in [("elefant", 4), ("straße 77", 77), ("123", 123)] {
        let mut app = App::new(Place::Today);
        press(&mut app, &view, KeyCode::Char('/'));
        type_text(&mut app, &view, wanted);
        press(&mut app, &view, KeyCode::Enter);
        press(&mut app, &view, KeyCode::Enter);
        assert_eq!(app.needs(), Needs::Stop(stop_id(stop)), "{wanted}");
        press(&mut app, &view, KeyCode::Esc);
        assert_reads(&app, &view, (80, 24), &[wanted]);
        press(&mut app, &view, KeyCode::Esc);
        assert_reads(&app, &view, (80, 24), &["Breite Straße 2 "]);
    }
    let mut app = App::new(Place::Today);
    press(&mut app, &view, KeyCode::Char('/'));
    type_text(&mut app, &view, "nobody");
    assert_reads(&app, &view, (80, 24), &["No stop."]);
    press(&mut app, &view, KeyCode::Enter);
    assert_eq!(press(&mut app, &view, KeyCode::Enter), Action::Nothing);
}

#[test]
fn a_letter_is_a_command_only_where_nothing_is_typed() {
    let view = view_of(&day(3), None);
    let mut app = App::new(Place::Today);
    press(&mut app, &view, KeyCode::Char('/'));
    type_text(&mut app, &view, "quse");
    press(&mut app, &view, KeyCode::Esc);
    assert_eq!(press(&mut app, &view, KeyCode::Char('s')), Action::Do(Command::StartDay));
    assert_eq!(press(&mut app, &view, KeyCode::Char('u')), Action::Sync);
    assert_eq!(press(&mut app, &view, KeyCode::Char('q')), Action::Quit);
    assert_eq!(ctrl(&mut app, &view, 'c'), Action::Quit);
}

#[test]
fn the_next_stop_is_the_next_one_with_something_to_do() {
    let mut view = view_of(&day(4), None);
    for (at, line) in view.glance.route.as_mut().unwrap().stops.iter_mut().enumerate() {
        if at == 1 || at == 2 {
            line.state = courier_domain::view::StopState::Done;
        }
    }
    let mut app = App::new(Place::Today);
    for expected in [4, 1, 4] {
        press(&mut app, &view, KeyCode::Char('n'));
        press(&mut app, &view, KeyCode::Enter);
        assert_eq!(app.needs(), Needs::Stop(stop_id(expected)));
        press(&mut app, &view, KeyCode::Esc);
    }
}

#[test]
fn an_enrolment_needs_server_and_code_and_the_code_is_not_to_be_read() {
    let none = View::default();
    let mut app = App::new(Place::Enrol(Enrol::new("")));
    assert_eq!(press(&mut app, &none, KeyCode::Enter), Action::Nothing, "a server is missing");
    type_text(&mut app, &none, "https://courier.example");
    assert_eq!(press(&mut app, &none, KeyCode::Enter), Action::Nothing, "a code is missing");
    type_text(&mut app, &none, "ABCDE23456");
    assert!(!text(&app, &none, (80, 24)).contains("ABCDE"));
    let wanted = || Action::Enrol { url: "https://courier.example".into(), code: "ABCDE23456".into() };
    assert_eq!(press(&mut app, &none, KeyCode::Enter), wanted());
    app.enrolled(Err(enrol::problem(&CourierError::Offline)));
    for size in [(80, 24), (40, 12)] {
        assert_reads(&app, &none, size, &["No answer", "Nothing is", "https://courier.example"]);
    }
    assert_eq!(press(&mut app, &none, KeyCode::Enter), wanted(), "what was typed is lost");
    app.enrolled(Ok("Welcome, Ada.".into()));
    assert_reads(&app, &none, (80, 24), &["Today", "Welcome, Ada.", "There is no route yet"]);
}

#[test]
fn a_stop_says_that_the_courier_is_there_and_opens_its_doors() {
    let view = view_of(&day(2), Some(1));
    let mut app = App::new(Place::Today);
    app.go(Target::Stop(stop_id(1)));
    assert_reads(
        &app,
        &view,
        (80, 24),
        &["Breite Straße 1, 10178 Berlin", "through the yard", "Berger", "0 of 2 scanned"],
    );
    assert_reads(&app, &view, (40, 12), &["Stop 1", "Berger"]);
    assert_eq!(press(&mut app, &view, KeyCode::Char('a')), Action::Do(Command::Arrive { stop: stop_id(1) }));
    press(&mut app, &view, KeyCode::Enter);
    assert_reads(
        &app,
        &view,
        (80, 24),
        &["Door", "[Scan]", "LABEL-1-1 · not scanned", "recipient: neighbour Huber"],
    );
}

#[test]
fn a_door_leads_through_scan_code_receiver_to_the_handover() {
    let (mut app, view) = at_door(|_| {});
    type_text(&mut app, &view, "LABEL-1-1");
    assert_eq!(
        press(&mut app, &view, KeyCode::Enter),
        Action::Do(Command::Scan { stop: stop_id(1), barcode: "LABEL-1-1".into() })
    );

    let (mut app, view) = at_door(|stop| {
        scanned(stop);
        stop.doors[0].ask = Ask::Code;
        stop.doors[0].code = Some(CodeState::Needed { tries_left: 5, wait_ms: 0 });
    });
    assert_reads(&app, &view, (80, 24), &["[Code]", "5 tries left"]);
    type_text(&mut app, &view, "123 456");
    assert!(!text(&app, &view, (80, 24)).contains("123"), "the code is to be read while it is typed");
    ctrl(&mut app, &view, 'v');
    assert_reads(&app, &view, (80, 24), &["123 456"]);
    let entry = CodeEntry::Digits("123 456".into());
    assert_eq!(
        press(&mut app, &view, KeyCode::Enter),
        Action::Do(Command::EnterCode { stop: stop_id(1), entry })
    );
    press(&mut app, &view, KeyCode::Tab);
    press(&mut app, &view, KeyCode::Tab);
    let attempt = view.stop.as_ref().unwrap().doors[0].attempt.clone();
    assert_eq!(press(&mut app, &view, KeyCode::Char('n')), Action::NewCode(attempt));
    app.new_code(&Err(CourierError::Rejected { reason: Rejection::NoNewCode }));
    assert_reads(&app, &view, (80, 24), &["there is no new code for it now"]);
    app.answered(&Ok(CommandResult::CodeWrong { tries_left: 2, wait_ms: 29_001 }));
    let shown = text(&app, &view, (80, 24));
    assert!(shown.contains("2 tries left. Next try in 30 seconds"), "{shown}");
    assert!(!shown.contains("123"), "the code is to be read after it was entered:\n{shown}");

    let (mut app, view) = at_door(|stop| {
        scanned(stop);
        let door = &mut stop.doors[0];
        door.ask = Ask::Receiver;
        door.options = vec![
            option(Receiver::NamedNeighbour, Some("Huber"), true, Why::AskedFor),
            option(Receiver::Recipient, None, true, Why::HoldsTheCode),
            option(
                Receiver::Place(courier_domain::PlaceKind::Safe),
                Some("shed"),
                false,
                Why::CodeNeedsPerson,
            ),
        ];
    });
    assert_reads(
        &app,
        &view,
        (80, 24),
        &[
            "✓ named neighbour: Huber · the instructions ask for it",
            "✗ safe place: shed · needs the code, hand over to a person",
        ],
    );
    press(&mut app, &view, KeyCode::Enter);
    assert_reads(&app, &view, (80, 24), &["Name: Huber"]);
    press(&mut app, &view, KeyCode::Tab);
    type_text(&mut app, &view, "wife");
    let Action::Do(Command::HandOver { receiver, details, parcels, .. }) =
        press(&mut app, &view, KeyCode::Enter)
    else {
        panic!("nothing is handed over");
    };
    assert_eq!(receiver, Receiver::NamedNeighbour);
    assert_eq!(
        (details.name.as_deref(), details.relation.as_deref(), details.flat),
        (Some("Huber"), Some("wife"), None)
    );
    assert_eq!(parcels.len(), 2);
}

#[test]
fn a_photo_goes_with_a_handover_to_a_place_and_never_with_one_to_a_person() {
    let file = |kind, hash: &str| ProofFile { kind, sha256: Base64Url::new(hash.repeat(43)).unwrap() };
    let taken = vec![file(FileKind::Photo, "P"), file(FileKind::Signature, "S")];
    let place = Receiver::Place(courier_domain::PlaceKind::Safe);
    for (receiver, goes_with_it) in [(place, 0), (Receiver::Recipient, 1)] {
        let files = taken.clone();
        let (mut app, view) = at_door(|stop| {
            scanned(stop);
            stop.files = files;
            stop.doors[0].ask = Ask::Receiver;
            stop.doors[0].options = vec![option(receiver, None, true, Why::AskedFor)];
        });
        assert_reads(&app, &view, (80, 24), &["Photos and signatures taken here: 2"]);
        press(&mut app, &view, KeyCode::Char('p'));
        app.paste("/tmp/door.jpg");
        let Action::Do(Command::TakePhoto { path, .. }) = press(&mut app, &view, KeyCode::Enter) else {
            panic!("no photo is taken");
        };
        assert_eq!(path, "/tmp/door.jpg");
        app.answered(&Ok(CommandResult::FileTaken { file: taken[0].clone() }));
        press(&mut app, &view, KeyCode::Enter);
        let Action::Do(Command::HandOver { details, .. }) = press(&mut app, &view, KeyCode::Enter) else {
            panic!("nothing is handed over");
        };
        assert_eq!(details.files, [taken[goes_with_it].clone()], "{receiver:?}");
    }
}

#[test]
fn a_qr_text_is_a_token_and_digits_of_any_script_are_digits() {
    let (mut app, view) = at_door(|stop| {
        scanned(stop);
        stop.doors[0].ask = Ask::Code;
    });
    for (text, is_token) in [("courier:1:AAECAwQFBgcICQoLDA0ODw", true), ("١٢٣-٤٥٦", false), ("12ab", true)]
    {
        app.paste(text);
        let Action::Do(Command::EnterCode { entry, .. }) = press(&mut app, &view, KeyCode::Enter) else {
            panic!("{text} was not entered");
        };
        assert_eq!(matches!(entry, CodeEntry::Token(_)), is_token, "{text}");
    }
}

#[test]
fn a_parcel_that_was_left_out_is_not_handed_over_and_gets_its_own_reason() {
    let (mut app, view) = at_door(|stop| {
        scanned(stop);
        let door = &mut stop.doors[0];
        door.ask = Ask::Exit;
        door.exits =
            vec![Exit { reason: Reason::Damaged, next_step: NextStep::Dispatcher, note: Demand::Optional }];
    });
    assert_reads(
        &app,
        &view,
        (80, 24),
        &["[Not delivered]", "damaged · the dispatcher decides", "[x] 2 LABEL-1-2"],
    );
    press(&mut app, &view, KeyCode::Char('2'));
    assert_reads(&app, &view, (80, 24), &["[ ] 2 LABEL-1-2"]);
    press(&mut app, &view, KeyCode::Enter);
    type_text(&mut app, &view, "wet");
    let Action::Do(Command::NotDelivered { parcels, reason, note, .. }) =
        press(&mut app, &view, KeyCode::Enter)
    else {
        panic!("nothing was recorded");
    };
    assert_eq!((parcels, reason, note.as_deref()), (vec![parcel(1, 1).id], Reason::Damaged, Some("wet")));
    press(&mut app, &view, KeyCode::Esc);
    press(&mut app, &view, KeyCode::Char('1'));
    press(&mut app, &view, KeyCode::Enter);
    assert_eq!(press(&mut app, &view, KeyCode::Enter), Action::Nothing, "none was taken for all");
    assert_reads(&app, &view, (80, 24), &["No parcel is chosen"]);
}

#[test]
fn what_is_filled_in_is_kept_and_is_there_again_after_a_kill() {
    let asks = |stop: &mut StopView| {
        scanned(stop);
        let door = &mut stop.doors[0];
        door.ask = Ask::Receiver;
        door.options = vec![option(Receiver::OtherNeighbour, None, true, Why::Substitute)];
        let name =
            |name: &str| Suggestion { receiver: Receiver::OtherNeighbour, name: name.into(), flat: None };
        door.suggestions = vec![name("Huber"), name("Kim")];
    };
    let (mut app, mut view) = at_door(asks);
    let kept = |action| match action {
        Action::Keep(Command::SaveForm { form, .. }) => form,
        other => panic!("it is not kept: {other:?}"),
    };
    let opened = kept(press(&mut app, &view, KeyCode::Enter)).unwrap();
    assert_eq!(opened.choice, DoorChoice::HandOver { receiver: Receiver::OtherNeighbour });
    assert_reads(&app, &view, (80, 24), &["Ctrl-N offers: Huber, Kim"]);
    ctrl(&mut app, &view, 'n');
    let form = kept(ctrl(&mut app, &view, 'n')).unwrap();
    assert_eq!(form.details.name.as_deref(), Some("Kim"));

    view.stop.as_mut().unwrap().form = Some(form.clone());
    let mut again = App::new(Place::Today);
    again.come_back(stop_id(1), form.shipment.clone());
    again.seen(&view);
    assert_reads(&again, &view, (80, 24), &["Hand over: another neighbour", "Name: Kim"]);
    assert_eq!(kept(press(&mut again, &view, KeyCode::Esc)), None, "it is let go");
}

#[test]
fn the_card_for_the_customer_is_shown_in_other_languages_too() {
    let (mut app, view) = at_door(scanned);
    ctrl(&mut app, &view, 'k');
    assert_reads(&app, &view, (120, 40), &["Deutsch", "other language"]);
    press(&mut app, &view, KeyCode::Left);
    assert_reads(&app, &view, (120, 40), &["English", "parcels for you"]);
    press(&mut app, &view, KeyCode::Esc);
    assert_reads(&app, &view, (120, 40), &["LABEL-1-1"]);
}

#[test]
fn a_parcel_of_another_stop_says_so_and_leads_there() {
    let (mut app, view) = at_door(|_| {});
    let scan = ScanResult::OtherStop { no: 42, stop: stop_id(2) };
    app.answered(&Ok(CommandResult::Scanned { scan }));
    assert_reads(&app, &view, (80, 24), &["belongs to stop 42"]);
    ctrl(&mut app, &view, 'g');
    assert_eq!(app.needs(), Needs::Stop(stop_id(2)));
    let (mut app, view) = at_door(|_| {});
    app.answered(&Ok(CommandResult::Scanned { scan: ScanResult::Unknown }));
    assert_reads(&app, &view, (80, 24), &["not on the route"]);
}

#[test]
fn a_door_follows_the_core_but_never_away_from_what_is_typed() {
    let asks_for_receiver = |stop: &mut StopView| {
        scanned(stop);
        stop.doors[0].ask = Ask::Receiver;
        stop.doors[0].options = vec![option(Receiver::Recipient, None, true, Why::HoldsTheCode)];
    };
    let (mut app, mut view) = at_door(asks_for_receiver);
    press(&mut app, &view, KeyCode::Enter);
    let door = &mut view.stop.as_mut().unwrap().doors[0];
    door.ask = Ask::Exit;
    door.options.insert(0, option(Receiver::NamedNeighbour, Some("Huber"), true, Why::AskedFor));
    app.seen(&view);
    assert_reads(&app, &view, (80, 24), &["[Receiver]", "Hand over: recipient", "Name:"]);
    let Action::Do(Command::HandOver { receiver, .. }) = press(&mut app, &view, KeyCode::Enter) else {
        panic!("nothing is handed over");
    };
    assert_eq!(receiver, Receiver::Recipient, "the list changed, and with it what was chosen");
    let (mut app, mut view) = at_door(asks_for_receiver);
    view.stop.as_mut().unwrap().doors[0].ask = Ask::Exit;
    app.seen(&view);
    assert_reads(&app, &view, (80, 24), &["[Not delivered]"]);
}

#[test]
fn a_frozen_code_shows_its_exits_and_a_refusal_its_words() {
    let (mut app, view) = at_door(|stop| {
        scanned(stop);
        let door = &mut stop.doors[0];
        door.ask = Ask::Exit;
        door.code = Some(CodeState::Locked { by: LockedBy::Frozen });
        door.exits = vec![Exit {
            reason: Reason::CodeFrozen,
            next_step: NextStep::NextDeliveryDay,
            note: Demand::Optional,
        }];
    });
    let wanted = ["froze the code", "code frozen · comes again on the next delivery day"];
    assert_reads(&app, &view, (80, 24), &wanted);
    let reason = Rejection::NotAllowed { why: Why::NoNeighbours, by: Origin::Recipient };
    app.answered(&Err(CourierError::Rejected { reason }));
    assert_reads(&app, &view, (80, 24), &["Not possible: the instructions say no neighbours (recipient)."]);
    press(&mut app, &view, KeyCode::Up);
    assert!(!text(&app, &view, (80, 24)).contains("Not possible"), "an old message stays");
}

#[test]
fn what_is_done_can_be_taken_back_from_anywhere_at_the_door() {
    let fact = FactId::new("fact-1").unwrap();
    let done = |stop: &mut StopView| {
        scanned(stop);
        let door = &mut stop.doors[0];
        door.ask = Ask::Done;
        door.undo = Some(fact.clone());
        for parcel in &mut door.parcels {
            parcel.outcome = Some(Outcome::HandedOver { fact: fact.clone(), receiver: Receiver::Household });
        }
    };
    let (mut app, view) = at_door(done);
    assert_reads(&app, &view, (80, 24), &["handed over: household", "u takes it back"]);
    let undone = || Action::Do(Command::Withdraw { fact: fact.clone() });
    assert_eq!(press(&mut app, &view, KeyCode::Char('u')), undone());
    assert_eq!(ctrl(&mut app, &view, 'z'), undone());
    let (mut app, view) = at_door(|_| {});
    assert_eq!(ctrl(&mut app, &view, 'z'), Action::Nothing);
}

#[test]
fn proof_is_added_to_what_is_recorded() {
    let fact = FactId::new("fact-1").unwrap();
    let file = |kind, sha256: &str| ProofFile { kind, sha256: Base64Url::new(sha256).unwrap() };
    let (photo, signature) = (file(FileKind::Photo, "cGhvdG8"), file(FileKind::Signature, "c2lnbg"));
    let damaged = |files: Vec<ProofFile>| {
        let fact = fact.clone();
        at_door(move |stop| {
            stop.files = files;
            let door = &mut stop.doors[0];
            let provable = Provable { kind: FileKind::Photo, fact: fact.clone() };
            (door.ask, door.undo, door.provable) = (Ask::Done, Some(fact.clone()), vec![provable]);
            for parcel in &mut door.parcels {
                parcel.outcome = Some(Outcome::NotDelivered { fact: fact.clone(), reason: Reason::Damaged });
            }
        })
    };
    let (mut app, view) = damaged(Vec::new());
    assert_reads(&app, &view, (80, 24), &["damaged", "p takes a photo"]);
    assert_eq!(press(&mut app, &view, KeyCode::Char('a')), Action::Nothing);
    assert_reads(&app, &view, (80, 24), &["Nothing was taken here"]);
    press(&mut app, &view, KeyCode::Char('p'));
    type_text(&mut app, &view, "dent.jpg");
    let taken = Command::TakePhoto { stop: stop_id(1), path: "dent.jpg".into() };
    assert_eq!(press(&mut app, &view, KeyCode::Enter), Action::Do(taken));

    let (mut app, view) = damaged(vec![photo.clone(), signature]);
    let added = Command::AddProof { fact: fact.clone(), files: vec![photo] };
    assert_eq!(press(&mut app, &view, KeyCode::Char('a')), Action::Do(added), "nobody signs for damage");
}

#[test]
fn how_much_another_order_has_to_save_goes_round() {
    let mut view = view_of(&day(2), None);
    let mut app = App::new(Place::Today);
    for (keep, next) in [
        (KeepOrder::Normal, KeepOrder::Free),
        (KeepOrder::Free, KeepOrder::Strict),
        (KeepOrder::Strict, KeepOrder::Normal),
    ] {
        view.glance.route.as_mut().unwrap().keep = keep;
        let done = press(&mut app, &view, KeyCode::Char('o'));
        assert_eq!(done, Action::Do(Command::PreferOrder { keep: next }));
    }
    assert_reads(&app, &view, (80, 24), &[", strictly in order ·"]);
}

#[test]
fn the_load_check_takes_barcodes_one_by_one_or_as_a_list_and_shows_what_is_missing() {
    let mut view = view_of(&day(2), None);
    view.van = van(2);
    let mut app = App::new(Place::Today);
    app.go(Target::LoadCheck);
    type_text(&mut app, &view, "LABEL-1-1");
    press(&mut app, &view, KeyCode::Enter);
    app.paste("LABEL-1-2\nLABEL-2-1\r\n\nFOREIGN\nTWICE\n");
    press(&mut app, &view, KeyCode::Backspace);
    let barcodes = ["LABEL-1-1", "LABEL-1-2", "LABEL-2-1", "FOREIGN"].map(String::from).to_vec();
    assert_eq!(ctrl(&mut app, &view, 's'), Action::Do(Command::CheckLoad { barcodes }));
    app.answered(&Ok(CommandResult::Done { fact: None }));
    view.glance.route.as_mut().unwrap().load = Some(Load {
        found: vec![parcel(1, 1).id, parcel(1, 2).id, parcel(2, 1).id],
        missing: vec![parcel(2, 2).id],
        foreign: vec!["FOREIGN".into()],
    });
    assert_reads(
        &app,
        &view,
        (80, 24),
        &["3 found, 1 missing, 1 foreign", "missing  LABEL-2-2 (stop 2", "foreign  FOREIGN"],
    );
}

#[test]
fn the_return_check_is_about_what_nobody_got() {
    let mut view = view_of(&day(2), None);
    view.van = van(2);
    let fact = FactId::new("fact-1").unwrap();
    view.van[0].outcome = Some(Outcome::HandedOver { fact: fact.clone(), receiver: Receiver::Recipient });
    view.van[1].outcome = Some(Outcome::NotDelivered { fact, reason: Reason::NotHome });
    let mut app = App::new(Place::Today);
    app.go(Target::ReturnCheck);
    let shown = text(&app, &view, (80, 24));
    assert!(
        shown.contains("LABEL-1-2 · stop 1 · Berger · not home") && !shown.contains("LABEL-1-1"),
        "{shown}"
    );
    press(&mut app, &view, KeyCode::Char(' '));
    type_text(&mut app, &view, "label-2-1");
    press(&mut app, &view, KeyCode::Enter);
    type_text(&mut app, &view, "LABEL-1-1");
    press(&mut app, &view, KeyCode::Enter);
    assert_reads(&app, &view, (80, 24), &["LABEL-1-1 should not be in the van"]);
    let parcels = vec![parcel(1, 2).id, parcel(2, 1).id];
    assert_eq!(ctrl(&mut app, &view, 's'), Action::Do(Command::Return { parcels }));
}

#[test]
fn a_day_is_closed_only_by_saying_so_twice() {
    let view = view_of(&day(2), None);
    let mut app = App::new(Place::Today);
    press(&mut app, &view, KeyCode::Char('e'));
    assert_reads(&app, &view, (80, 24), &["0 done, 2 open", "3 waiting for the network"]);
    assert_eq!(press(&mut app, &view, KeyCode::Char('y')), Action::Nothing);
    press(&mut app, &view, KeyCode::Char('c'));
    assert_reads(&app, &view, (80, 24), &["Close the day?"]);
    press(&mut app, &view, KeyCode::Esc);
    assert_eq!(press(&mut app, &view, KeyCode::Char('y')), Action::Nothing);
    press(&mut app, &view, KeyCode::Char('c'));
    assert_eq!(press(&mut app, &view, KeyCode::Char('y')), Action::Do(Command::CloseDay));
}

#[test]
fn what_is_on_this_phone_are_identifiers_and_numbers() {
    let view = view_of(&day(2), None);
    let mut app = App::new(Place::Today);
    press(&mut app, &view, KeyCode::Char('i'));
    let shown = text(&app, &view, (80, 24));
    for wanted in [
        "ada",
        "12, of these 3 not acknowledged",
        "software",
        "lane facts       failed 2 times in a row, next in 5 s",
    ] {
        assert!(shown.contains(wanted), "{wanted} is not to be read:\n{shown}");
    }
    assert!(!shown.contains("Berger") && !shown.contains("Straße"), "{shown}");
}

#[test]
fn a_sync_that_failed_says_that_nothing_is_lost() {
    let mut app = App::new(Place::Today);
    app.busy = Some("exchanging");
    app.synced(&Ok(SyncReport { pending: 3, offline: true, ..SyncReport::default() }));
    assert!(
        app.message.contains("Facts that wait here: 3; nothing is lost") && app.busy.is_none(),
        "{}",
        app.message
    );
}

#[test]
fn a_message_gets_as_many_rows_as_it_needs() {
    assert_eq!(rows("", 10), 0);
    assert_eq!(rows("one two", 10), 1);
    assert_eq!(rows("one two three four", 10), 2);
    assert_eq!(rows(&"x".repeat(25), 10), 3);
    assert_eq!(rows("one", 0), 3);
}

#[test]
fn a_proposal_shows_its_price_and_is_taken_or_left_by_a_key() {
    let mut view = view_of(&day(4), None);
    let mut app = App::new(Place::Today);
    assert_eq!(press(&mut app, &view, KeyCode::Char('p')), Action::Nothing, "nothing is proposed");
    let route = view.glance.route.as_mut().unwrap();
    route.proposal = Some(Proposal {
        id: 7,
        reason: ProposalReason::InTime,
        order: vec![stop_id(1), stop_id(3), stop_id(2), stop_id(4)],
        travel_saved_s: 200,
        ends_sooner_s: 400,
        late_saved_s: 900,
        moved: vec![stop_id(3)],
        parcels_moved: 2,
        windows_kept: vec![stop_id(3)],
        windows_broken: Vec::new(),
    });
    for (line, position) in route.stops.iter_mut().zip(1..) {
        line.position = Some(position);
    }
    let eta = |late_s| {
        let p50 = UnixMs(1_795_507_200_000);
        Some(Eta { p50, p80: p50.plus_ms(600_000), late_s })
    };
    (route.stops[1].eta, route.stops[2].eta) = (eta(0), eta(610));
    let wanted = ["more stops in time, saves 6 min", "moves one stop with 2 parcels", "in time then: 3"];
    assert_reads(&app, &view, (150, 40), &wanted);
    assert_reads(&app, &view, (150, 40), &["about 09:00–09:10", "11 min late"]);
    assert_eq!(press(&mut app, &view, KeyCode::Char('p')), Action::Do(Command::TakeProposal { proposal: 7 }));
    assert_eq!(press(&mut app, &view, KeyCode::Char('k')), Action::Do(Command::DropProposal { proposal: 7 }));
    press(&mut app, &view, KeyCode::Down);
    let drawn =
        |position| Action::Do(Command::EditRoute { stop: stop_id(2), edit: RouteEdit::Move { position } });
    assert_eq!(press(&mut app, &view, KeyCode::Char('>')), drawn(3));
    press(&mut app, &view, KeyCode::Up);
    assert_eq!(press(&mut app, &view, KeyCode::Char('<')), drawn(1));
}

#[test]
fn a_stop_is_put_first_later_or_last_and_says_when_its_pin_may_be_wrong() {
    let mut view = view_of(&day(2), Some(1));
    let stop = view.stop.as_mut().unwrap();
    stop.away_m = Some(310);
    stop.eta = Some(Eta { p50: UnixMs(1_000), p80: UnixMs(2_000), late_s: 0 });
    let mut app = App::new(Place::Today);
    app.go(Target::Stop(stop_id(1)));
    assert_reads(&app, &view, (80, 24), &["310 m from its pin", "Reached: about 01:00"]);
    for (key, edit) in [
        ('n', RouteEdit::Next),
        ('z', RouteEdit::Skip),
        ('t', RouteEdit::Later { not_before: UnixMs(3_601_000) }),
    ] {
        let wanted = Action::Do(Command::EditRoute { stop: stop_id(1), edit });
        assert_eq!(press(&mut app, &view, KeyCode::Char(key)), wanted);
    }
}
