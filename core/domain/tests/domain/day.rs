//! A day played by hand and by chance: what is decided, folded and shown has to agree.

use courier_domain::attempt::{AttemptState, Closing};
use courier_domain::code::{TRY_BUDGET, wait_after_ms};
use courier_domain::receiver::PlaceKind;
use courier_domain::view::{Ask, StopState};
use courier_domain::{
    CodeEntry, CodeId, CodeNeed, CodeState, Command, Context, DayState, Decision, FactBody, FactId,
    InstallId, InstructionKind, LockedBy, Origin, ParcelId, Reason, Receiver, ReceiverDetails, Rejection,
    RouteId, ScanResult, Shipment, Standing, StopId, TravelMatrix, Tries, UnixMs, Verdict, VerdictNotice,
    Verifier, Why, decide, route_view, stop_view,
};
use proptest::prelude::*;

use crate::phone::{DAY, MORNING, Phone, attempt, fail, hand, shipment, stop_at, verifier};

#[test]
fn what_was_done_counts_also_when_a_server_that_was_put_back_tells_a_route_without_it() {
    let mut phone = Phone::started(Vec::new());
    assert!(!phone.state.is_anything_done());
    phone.go(&fail("other", Reason::Damaged)).unwrap();
    let (route, rev) = phone.state.route().unwrap();
    let mut told = DayState::of(InstallId::new("install").unwrap());
    told.put_route(rev, route.clone());
    for fact in &phone.facts {
        told.record(fact);
    }
    assert!(told.is_anything_done());
    told.put_route(rev, courier_domain::Route { id: RouteId::new("next").unwrap(), ..route.clone() });
    assert!(!told.is_anything_done(), "nothing was done on this one");
}

#[test]
fn nothing_happens_before_the_day_began_and_after_it_ended() {
    let mut phone = Phone::new(Vec::new());
    let arrive = Command::Arrive { stop: StopId::new("door-1").unwrap() };
    assert_eq!(phone.go(&arrive), Err(Rejection::DayNotStarted));
    phone.go(&Command::StartDay).unwrap();
    assert_eq!(phone.go(&Command::StartDay), Ok(Decision::Nothing));
    phone.go(&arrive).unwrap();
    assert_eq!(phone.go(&arrive), Ok(Decision::Nothing), "a double tap is no second arrival");
    phone.go(&Command::CloseDay).unwrap();
    assert_eq!(phone.go(&arrive), Err(Rejection::DayClosed));
    assert_eq!(decide(&DayState::new(), &arrive, &Context { at: phone.at() }), Err(Rejection::NoRoute));
}

#[test]
fn a_coded_parcel_is_scanned_then_the_code_then_handed_over() {
    let mut phone = Phone::started(Vec::new());
    let door = phone.door("coded");
    assert_eq!(
        (door.ask, &door.code, door.options.len()),
        (Ask::Scan, &None, 0),
        "nothing marks it before the scan"
    );
    assert_eq!(phone.go(&hand("coded", Receiver::Recipient, None)), Err(Rejection::ScanFirst));
    assert_eq!(phone.enter(true), Err(Rejection::ScanFirst));

    phone.scan("door-1", "coded1");
    phone.scan("door-1", "coded2");
    assert_eq!(phone.door("coded").ask, Ask::Code);
    let refused = Rejection::NotAllowed { why: Why::CodeFirst, by: Origin::Service };
    assert_eq!(phone.go(&hand("coded", Receiver::Recipient, None)), Err(refused));
    assert!(!phone.door("coded").exits.is_empty());

    phone.enter(true).unwrap();
    let tried = phone.last_fact();
    assert_eq!(phone.door("coded").ask, Ask::Receiver);
    assert_eq!(phone.enter(true), Err(Rejection::CodeMatchedAlready));
    assert_eq!(phone.go(&hand("coded", Receiver::Household, None)), Err(Rejection::NameNeeded));
    phone.go(&hand("coded", Receiver::Household, Some("Kim Berger"))).unwrap();
    let FactBody::HandedOver { code_try, parcels, .. } = &phone.facts.last().unwrap().body else {
        panic!("no handover")
    };
    assert_eq!((code_try.as_ref(), parcels.len()), (Some(&tried), 2));
    assert_eq!(
        phone.door("coded").state,
        AttemptState::Closed { closing: Closing::Handed, standing: Standing::OnPhone }
    );
}

#[test]
fn a_barcode_tells_here_other_stop_and_unknown_apart() {
    let mut phone = Phone::started(Vec::new());
    assert!(matches!(phone.scan("door-1", " PLAIN1 "), ScanResult::Here { .. }));
    assert_eq!(
        phone.scan("door-1", "other1"),
        ScanResult::OtherStop { no: 2, stop: StopId::new("door-2").unwrap() }
    );
    assert_eq!(phone.scan("door-1", "nobody's"), ScanResult::Unknown);
}

#[test]
fn five_misses_lock_with_growing_waits_and_the_exits_stay() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "coded1");
    for misses in 1..=TRY_BUDGET {
        phone.enter(false).unwrap();
        let wait = wait_after_ms(misses);
        if misses < TRY_BUDGET && wait > 0 {
            assert_eq!(phone.enter(false), Err(Rejection::Wait { wait_ms: wait }));
            phone.boot_ms += wait;
        }
    }
    let locked = CodeState::Locked { by: LockedBy::TriesUsed };
    assert_eq!(phone.door("coded").code, Some(locked));
    assert_eq!(phone.enter(true), Err(Rejection::Locked { by: LockedBy::TriesUsed }));
    phone.go(&fail("coded", Reason::TriesUsedUp)).unwrap();
}

/// At the door of a parcel whose code only the backend can check.
fn online_only() -> Phone {
    let mut phone = Phone::started(Vec::new());
    phone.state.put_shipment(
        11,
        shipment("coded", &StopId::new("door-1").unwrap(), CodeNeed::OnlineOnly, 2, Vec::new()),
    );
    let unchecked = Verifier { k: 0, tag: 0, ..verifier(&phone.right, &attempt("coded")) };
    phone.state.put_verifier(&unchecked);
    phone.scan("door-1", "coded1");
    phone.scan("door-1", "coded2");
    phone
}

#[test]
fn a_code_that_only_the_backend_can_check_opens_the_handover_with_its_answer_and_not_before() {
    let mut phone = online_only();
    assert!(
        matches!(phone.enter(false), Ok(Decision::CheckCode { ask: true, codes, .. }) if codes.is_empty())
    );
    let entry = phone.last_fact();
    let door = phone.door("coded");
    assert_eq!((door.code, door.ask), (Some(CodeState::Asked), Ask::Verdict));
    assert!(
        door.exits.iter().any(|exit| exit.reason == Reason::CodeNotAvailable),
        "offline there is no way on"
    );
    assert_eq!(phone.enter(false), Err(Rejection::CodeAsked));
    let handover = hand("coded", Receiver::Recipient, None);
    assert!(matches!(phone.go(&handover), Err(Rejection::NotAllowed { why: Why::CodeFirst, .. })));
    let fact = entry.clone();
    phone.state.put_verdict(&VerdictNotice { fact, verdict: Verdict::Confirmed, why: "right-code".into() });
    assert_eq!(phone.door("coded").ask, Ask::Receiver);
    phone.go(&handover).unwrap();
    let FactBody::HandedOver { code_try, .. } = &phone.facts.last().unwrap().body else {
        panic!("no handover")
    };
    assert_eq!(*code_try, Some(entry));
}

#[test]
fn of_a_code_that_only_the_backend_can_check_each_refusal_is_a_miss_and_five_lock() {
    let mut phone = online_only();
    for misses in 1..=TRY_BUDGET {
        phone.enter(false).unwrap();
        let fact = phone.last_fact();
        phone.state.put_verdict(&VerdictNotice { fact, verdict: Verdict::Refuted, why: "wrong-code".into() });
        phone.boot_ms += wait_after_ms(misses);
    }
    assert_eq!(phone.door("coded").code, Some(CodeState::Locked { by: LockedBy::TriesUsed }));
    phone.go(&fail("coded", Reason::TriesUsedUp)).unwrap();
}

#[test]
fn an_entry_that_only_the_backend_could_judge_is_a_miss_once_it_says_so_or_the_phone_can_check() {
    let mut phone = online_only();
    phone.enter(false).unwrap();
    let fact = phone.last_fact();
    phone.state.put_verdict(&VerdictNotice {
        fact,
        verdict: Verdict::UnderReview,
        why: "no-evidence".into(),
    });
    let needed = |tries_left| Some(CodeState::Needed { tries_left, wait_ms: 0 });
    assert_eq!(phone.door("coded").code, needed(TRY_BUDGET), "somebody looks at it first");
    let stop = StopId::new("door-1").unwrap();
    phone.state.put_shipment(12, shipment("coded", &stop, CodeNeed::Required, 2, Vec::new()));
    assert_eq!(phone.door("coded").code, Some(CodeState::Missing), "there is no tag to check by");
    phone.state.put_verifier(&verifier(&phone.right, &attempt("coded")));
    assert_eq!(phone.door("coded").code, needed(TRY_BUDGET - 1), "or it would have opened the door");
}

#[test]
fn a_code_that_is_not_valid_yet_is_not_called_expired() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "coded1");
    let mut later = verifier(&phone.right, &attempt("coded"));
    later.not_before = UnixMs(MORNING + 3_600_000);
    phone.state.put_verifier(&later);
    assert_eq!(phone.door("coded").code, Some(CodeState::NotYet));
    phone.boot_ms = 3_600_000;
    assert!(matches!(phone.door("coded").code, Some(CodeState::Needed { .. })));
}

#[test]
fn a_new_budget_opens_a_locked_door_without_a_wait_and_without_forgetting_a_miss() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "coded1");
    let mut renewed = shipment("coded", &StopId::new("door-1").unwrap(), CodeNeed::Required, 2, Vec::new());
    for misses in 1..=TRY_BUDGET {
        phone.enter(false).unwrap();
        phone.boot_ms += wait_after_ms(misses);
    }
    phone.boot_ms -= wait_after_ms(TRY_BUDGET);
    assert_eq!(phone.door("coded").code, Some(CodeState::Locked { by: LockedBy::TriesUsed }));
    (renewed.tries_used, renewed.budget) = (3, 2 * TRY_BUDGET);
    phone.state.put_shipment(12, renewed);
    assert_eq!(phone.door("coded").code, Some(CodeState::Needed { tries_left: TRY_BUDGET, wait_ms: 0 }));
    for _ in 0..3 {
        phone.enter(false).unwrap();
    }
    assert_eq!(phone.door("coded").code, Some(CodeState::Needed { tries_left: 2, wait_ms: 30_000 }));
}

#[test]
fn a_shipment_of_a_server_that_knows_no_budget_allows_the_usual_tries() {
    let now = shipment("coded", &StopId::new("door-1").unwrap(), CodeNeed::Required, 2, Vec::new());
    let bytes = serde_json::to_value(&now).unwrap();
    assert_eq!(bytes.get("budget"), None, "what has not changed is not said");
    assert_eq!(serde_json::from_value::<Shipment>(bytes).unwrap(), now);
    let raised = Shipment { budget: 2 * TRY_BUDGET, ..now };
    let bytes = serde_json::to_value(&raised).unwrap();
    assert_eq!(serde_json::from_value::<Shipment>(bytes).unwrap(), raised);
}

#[test]
fn a_restart_of_the_device_starts_the_wait_again() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "coded1");
    for _ in 0..3 {
        phone.enter(false).unwrap();
    }
    (phone.boot, phone.boot_ms) = ("boot-2".into(), 5);
    assert_eq!(phone.enter(true), Err(Rejection::Wait { wait_ms: wait_after_ms(3) - 5 }));
}

#[test]
fn misses_that_only_the_backend_knows_count_too() {
    let mut phone = Phone::started(Vec::new());
    let mut merged = shipment("coded", &StopId::new("door-1").unwrap(), CodeNeed::Required, 2, Vec::new());
    merged.tries_used = 4;
    phone.state.put_shipment(11, merged);
    phone.scan("door-1", "coded1");
    assert_eq!(phone.door("coded").code, Some(CodeState::Needed { tries_left: 1, wait_ms: 0 }));
}

#[test]
fn tries_of_other_installations_are_added_to_ones_own_and_ones_own_are_not_counted_twice() {
    let install = |name: &str| InstallId::new(name).unwrap();
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "coded1");
    phone.enter(false).unwrap();
    let told = |phone: &mut Phone, tries: &[(&str, u32)]| {
        let mut merged =
            shipment("coded", &StopId::new("door-1").unwrap(), CodeNeed::Required, 2, Vec::new());
        merged.tries = tries.iter().map(|(name, n)| Tries { install: install(name), n: *n }).collect();
        merged.tries_used = tries.iter().map(|(_, n)| n).sum();
        phone.state.put_shipment(11, merged);
        match phone.door("coded").code {
            Some(CodeState::Needed { tries_left, .. }) => tries_left,
            Some(CodeState::Locked { .. }) => 0,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(told(&mut phone, &[("removed", 2)]), 2, "before its own entry was handed in");
    assert_eq!(told(&mut phone, &[("install", 1), ("removed", 2)]), 2, "and after it");
    assert_eq!(
        told(&mut phone, &[("install", 3), ("removed", 1)]),
        1,
        "what was lost with a journal is not forgiven"
    );
    assert_eq!(told(&mut phone, &[("removed", 4)]), 0);
}

#[test]
fn after_a_refused_entry_a_new_code_opens_the_attempt_again() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "coded1");
    phone.scan("door-1", "coded2");
    phone.enter(true).unwrap();
    let fact = phone.last_fact();
    phone.state.put_verdict(&VerdictNotice { fact, verdict: Verdict::Refuted, why: "wrong-code".into() });
    phone.state.gone("verifier", "code", 12, "frozen");
    assert_eq!(phone.door("coded").code, Some(CodeState::Locked { by: LockedBy::Frozen }));
    phone.right = CodeId::new("new-code").unwrap();
    phone.state.put_verifier(&verifier(&phone.right, &attempt("coded")));
    assert!(matches!(phone.door("coded").code, Some(CodeState::Needed { .. })));
    phone.enter(true).unwrap();
    phone.go(&hand("coded", Receiver::Recipient, None)).unwrap();
}

#[test]
fn a_refuted_code_freezes_before_the_handover_and_is_the_offices_matter_after_it() {
    for handed_first in [false, true] {
        let mut phone = Phone::started(Vec::new());
        phone.scan("door-1", "coded1");
        phone.scan("door-1", "coded2");
        phone.enter(true).unwrap();
        let fact = phone.last_fact();
        if handed_first {
            phone.go(&hand("coded", Receiver::Recipient, None)).unwrap();
        }
        phone.state.put_verdict(&VerdictNotice { fact, verdict: Verdict::Refuted, why: "wrong-code".into() });
        let door = phone.door("coded");
        if handed_first {
            assert_eq!(door.ask, Ask::Done);
            let coded = phone.state.shipment_of(&attempt("coded")).unwrap();
            let code = phone.state.code_state(&coded.object, &phone.at());
            assert!(matches!(code, CodeState::Matched { verdict: Some(Verdict::Refuted), .. }), "{code:?}");
        } else {
            assert_eq!(door.code, Some(CodeState::Locked { by: LockedBy::Frozen }));
            phone.go(&fail("coded", Reason::CodeFrozen)).unwrap();
        }
    }
}

#[test]
fn the_code_ends_with_the_last_millisecond_of_its_day_unless_the_clock_is_uncertain() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "coded1");
    phone.boot_ms = u64::try_from(DAY).unwrap();
    assert!(matches!(phone.door("coded").code, Some(CodeState::Needed { .. })));
    phone.boot_ms += 1;
    assert_eq!(phone.enter(true), Err(Rejection::Expired));
    let mut at = phone.at();
    at.server_ms = None;
    let entry = CodeEntry::Digits("123456".into());
    let enter = Command::EnterCode { stop: StopId::new("door-1").unwrap(), entry };
    assert!(matches!(decide(&phone.state, &enter, &Context { at }), Ok(Decision::CheckCode { .. })));
}

#[test]
fn a_withdrawn_outcome_reopens_and_a_matched_code_stays() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "coded1");
    phone.scan("door-1", "coded2");
    phone.enter(true).unwrap();
    phone.go(&hand("coded", Receiver::Recipient, None)).unwrap();
    let undo = phone.door("coded").undo.unwrap();
    phone.go(&Command::Withdraw { fact: undo.clone() }).unwrap();
    assert_eq!(phone.door("coded").ask, Ask::Receiver);
    assert_eq!(phone.go(&Command::Withdraw { fact: undo }), Err(Rejection::NothingToWithdraw));
}

#[test]
fn parcels_of_one_attempt_may_end_differently() {
    let mut phone = Phone::started(Vec::new());
    phone.scan("door-1", "coded1");
    phone.enter(true).unwrap();
    let first = vec![ParcelId::new("coded-1").unwrap()];
    phone
        .go(&Command::HandOver {
            attempt: attempt("coded"),
            parcels: first,
            receiver: Receiver::Recipient,
            details: ReceiverDetails::default(),
        })
        .unwrap();
    let line = |phone: &Phone| route_view(&phone.state, &phone.at()).unwrap().stops[0].state;
    assert_eq!(line(&phone), StopState::Partly);
    phone.go(&fail("coded", Reason::Damaged)).unwrap();
    assert!(matches!(phone.door("coded").state, AttemptState::Closed { closing: Closing::Mixed, .. }));
    phone.scan("door-1", "plain1");
    phone.go(&hand("plain", Receiver::Recipient, None)).unwrap();
    assert_eq!(line(&phone), StopState::Done);
}

#[test]
fn what_the_office_takes_away_goes_only_while_nothing_was_done() {
    let mut phone = Phone::started(Vec::new());
    phone.state.gone("shipment", "plain", 12, "cancelled");
    assert_eq!(phone.door("plain").state, AttemptState::Gone { why: "cancelled".into() });
    assert_eq!(phone.go(&fail("plain", Reason::Damaged)), Err(Rejection::Gone { why: "cancelled".into() }));
    phone.scan("door-1", "coded1");
    phone.state.gone("shipment", "coded", 13, "reassigned");
    let door = phone.door("coded");
    assert_eq!((door.state, door.gone.as_deref()), (AttemptState::Open, Some("reassigned")));
}

#[test]
fn whatever_the_office_takes_away_is_gone_and_what_nobody_knows_is_ignored() {
    let mut phone = Phone::new(vec![]);
    let stops = ["door-1", "door-2"].map(|id| StopId::new(id).unwrap());
    let matrix = TravelMatrix {
        id: RouteId::new("route").unwrap(),
        stops: stops.to_vec(),
        seconds: vec![0, 70, 90, 0],
    };
    phone.state.put_matrix(matrix);
    let known = phone.state.matrix().unwrap();
    assert_eq!(
        (known.between(&stops[0], &stops[1]), known.between(&stops[1], &stops[0])),
        (Some(70), Some(90))
    );
    assert_eq!(known.between(&stops[0], &StopId::new("elsewhere").unwrap()), None);
    let before = phone.state.clone();
    for (kind, id) in [("weather", "route"), ("stop", "elsewhere"), ("shipment", "no id"), ("verifier", "x")]
    {
        phone.state.gone(kind, id, 20, "moved");
        assert_eq!(phone.state, before, "{kind} {id}");
    }
    phone.state.gone("matrix", "route", 20, "changed");
    assert_eq!(phone.state.matrix(), None);
    phone.state.gone("route", "route", 20, "moved");
    assert_eq!(phone.state.route(), None);
    assert_eq!(phone.go(&Command::StartDay), Err(Rejection::NoRoute));
}

#[test]
fn an_instruction_that_came_after_publication_is_marked() {
    let neighbour = |name: &str| InstructionKind::Neighbour { name: name.into(), flat: None };
    let phone = Phone::started(vec![neighbour("Huber"), neighbour("Kaya")]);
    let changed: Vec<_> = phone.door("coded").instructions.into_iter().map(|line| line.changed).collect();
    assert_eq!(changed, [false, true], "revisions 10 and 11 on a route of revision 10");
}

#[test]
fn a_named_neighbour_needs_no_typing_when_there_is_only_one() {
    let mut phone = Phone::started(vec![InstructionKind::Neighbour {
        name: "Huber".into(),
        flat: Some("2nd floor".into()),
    }]);
    phone.scan("door-1", "plain1");
    match phone.go(&hand("plain", Receiver::NamedNeighbour, None)).unwrap() {
        Decision::Record { private, .. } => {
            assert_eq!(
                (private.name.as_deref(), private.flat.as_deref()),
                (Some("Huber"), Some("2nd floor"))
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_load_check_sorts_every_barcode() {
    let mut phone = Phone::started(Vec::new());
    let barcodes = ["coded1", "coded1", "plain1", "stranger"].map(String::from).to_vec();
    phone.go(&Command::CheckLoad { barcodes }).unwrap();
    let load = route_view(&phone.state, &phone.at()).unwrap().load.unwrap();
    assert_eq!((load.found.len(), load.missing.len(), load.foreign), (2, 2, vec!["STRANGER".to_owned()]));
    phone.go(&fail("other", Reason::MissingInVan)).unwrap();
    assert_eq!(phone.go(&fail("plain", Reason::MissingInVan)), Err(Rejection::ReasonNotOffered));
}

fn any_command() -> impl Strategy<Value = Command> {
    let stop = prop_oneof![Just("door-1"), Just("door-2")].prop_map(|id| StopId::new(id).unwrap());
    let which = || prop_oneof![Just("coded"), Just("plain"), Just("other")];
    let receiver = prop_oneof![
        Just(Receiver::Recipient),
        Just(Receiver::Household),
        Just(Receiver::NamedNeighbour),
        Just(Receiver::OtherNeighbour),
        Just(Receiver::NamedPerson),
        Just(Receiver::Concierge),
        Just(Receiver::Place(PlaceKind::Safe)),
    ];
    prop_oneof![
        stop.clone().prop_map(|stop| Command::Arrive { stop }),
        (stop.clone(), "(coded1|coded2|plain1|other1|stranger)")
            .prop_map(|(stop, barcode)| Command::Scan { stop, barcode }),
        stop.prop_map(|stop| Command::EnterCode { stop, entry: CodeEntry::Digits("000000".into()) }),
        (which(), receiver, proptest::option::of("(Huber|Meyer|Kim)")).prop_map(|(id, receiver, name)| hand(
            id,
            receiver,
            name.as_deref()
        )),
        (which(), proptest::sample::select(Reason::ALL.to_vec())).prop_map(|(id, reason)| fail(id, reason)),
        (0u32..40).prop_map(|n| Command::Withdraw { fact: FactId::new(format!("fact-{n:04}")).unwrap() }),
        Just(Command::CheckLoad { barcodes: vec!["coded1".into(), "plain1".into()] }),
    ]
}

fn any_instructions() -> impl Strategy<Value = Vec<InstructionKind>> {
    let name = || "(Huber|Meyer)".prop_map(String::from);
    proptest::collection::vec(
        prop_oneof![
            name().prop_map(|name| InstructionKind::Neighbour { name, flat: None }),
            name().prop_map(|name| InstructionKind::NotNeighbour { name }),
            name().prop_map(|name| InstructionKind::NamedPerson { name }),
            Just(InstructionKind::NoNeighbours {}),
            Just(InstructionKind::SafePlace { place: "shed".into() }),
        ],
        0..3,
    )
}

proptest! {
    /// From every state that commands can reach there is a way out, the same facts give the same state again,
    /// misses never go down, and nobody receives a coded parcel without a matched code.
    #[test]
    fn no_day_has_a_dead_end_or_a_forgiven_try(
        instructions in any_instructions(),
        commands in proptest::collection::vec((any_command(), any::<bool>(), 0u64..60_000), 1..60),
    ) {
        let mut phone = Phone::started(instructions.clone());
        let mut misses = 0;
        for (command, fits, pause) in commands {
            phone.boot_ms += pause;
            let _ = phone.go_with(&command, fits);
            for id in ["coded", "plain", "other"] {
                let door = phone.door(id);
                if door.state == AttemptState::Open {
                    prop_assert!(!door.exits.is_empty(), "dead end at {id}: {door:?}");
                    let exit = door.exits[0].reason;
                    let decision = decide(&phone.state, &fail(id, exit), &Context { at: phone.at() });
                    prop_assert!(decision.is_ok(), "{exit:?} was offered and refused: {decision:?}");
                }
                for option in door.options.iter().filter(|option| option.allowed) {
                    let matched = matches!(door.code, Some(CodeState::Matched { .. }));
                    prop_assert!(id != "coded" || matched);
                    let scanned: Vec<_> = door.parcels.iter().filter(|it| it.scanned && it.outcome.is_none())
                        .map(|it| it.id.clone()).collect();
                    let command = Command::HandOver {
                        attempt: attempt(id),
                        parcels: scanned,
                        receiver: option.receiver,
                        details: ReceiverDetails {
                            name: Some(option.name.clone().unwrap_or_else(|| "Kim".into())),
                            ..ReceiverDetails::default()
                        },
                    };
                    let decision = decide(&phone.state, &command, &Context { at: phone.at() });
                    prop_assert!(decision.is_ok(), "{option:?} was offered and refused: {decision:?}");
                }
            }
            let now = phone.state.progress_of(&attempt("coded")).misses;
            prop_assert!(now >= misses);
            misses = now;
        }
        for fact in &phone.facts {
            if let FactBody::HandedOver { attempt: of, code_try, .. } = &fact.body {
                prop_assert!(*of != attempt("coded") || code_try.is_some());
            }
        }
        let mut again = Phone::new(instructions);
        for fact in &phone.facts {
            again.state.record(fact);
        }
        for stop in ["door-1", "door-2"].map(|id| StopId::new(id).unwrap()) {
            again.state.set_draft(&stop, phone.state.draft(&stop));
            prop_assert_eq!(
                stop_view(&again.state, &stop, &phone.at()),
                stop_view(&phone.state, &stop, &phone.at())
            );
        }
    }
}

#[test]
fn a_stop_has_one_number_on_the_route_and_on_its_own_screen() {
    let mut phone = Phone::started(Vec::new());
    for id in ["a", "door-9", "zz"] {
        phone.state.put_stop(11, stop_at(&StopId::new(id).unwrap()));
    }
    let (mut route, rev) = phone.state.route().map(|(route, rev)| (route.clone(), rev)).unwrap();
    route.order = ["zz", "gone", "door-2", "door-1"].iter().map(|id| StopId::new(*id).unwrap()).collect();
    phone.state.put_route(rev + 1, route);
    let lines = route_view(&phone.state, &phone.at()).unwrap().stops;
    let ids: Vec<_> = lines.iter().map(|line| line.id.as_str()).collect();
    assert_eq!(ids, ["zz", "door-2", "door-1", "a", "door-9"], "what the order does not name comes last");
    for (line, no) in lines.iter().zip(1..) {
        assert_eq!(line.no, no);
        assert_eq!(stop_view(&phone.state, &line.id, &phone.at()).unwrap().no, no);
    }
    assert_eq!(phone.state.number_of(&StopId::new("gone").unwrap()), None);
}
