//! Who may receive, by whose word, and what instructions do to each other.

use courier_domain::permission::{Case, conflicts};
use courier_domain::receiver::PlaceKind;
use courier_domain::{
    CodeState, Demand, Instruction, InstructionId, InstructionKind, Origin, Policy, Proof, ProofRule,
    Receiver, ReceiverOption, Why,
};

use crate::phone::matched;

fn given(origin: Origin, kind: InstructionKind) -> Instruction {
    Instruction { id: InstructionId::new("i").unwrap(), origin, kind, rev: 1 }
}

fn needed() -> CodeState {
    CodeState::Needed { tries_left: 5, wait_ms: 0 }
}

fn why(
    code: &CodeState,
    instructions: &[Instruction],
    receiver: Receiver,
    name: Option<&str>,
) -> (bool, Why) {
    let option = Case { policy: Policy::germany(), instructions, code }.option(receiver, name);
    (option.allowed, option.why)
}

#[test]
fn without_the_code_nobody_receives() {
    let huber = given(Origin::Recipient, InstructionKind::Neighbour { name: "Huber".into(), flat: None });
    let all = [huber];
    for receiver in [Receiver::Recipient, Receiver::Household, Receiver::OtherNeighbour] {
        assert_eq!(why(&needed(), &all, receiver, None), (false, Why::CodeFirst));
    }
    assert_eq!(why(&needed(), &all, Receiver::NamedNeighbour, Some("Huber")), (false, Why::CodeFirst));
}

#[test]
fn whoever_holds_the_code_receives_even_where_no_neighbour_may() {
    let all = [given(Origin::Recipient, InstructionKind::NoNeighbours {})];
    assert_eq!(why(&matched(), &all, Receiver::OtherNeighbour, Some("Kim")), (true, Why::HoldsTheCode));
    assert_eq!(
        why(&CodeState::NotNeeded, &all, Receiver::OtherNeighbour, Some("Kim")),
        (false, Why::NoNeighbours)
    );
}

#[test]
fn a_code_is_narrowed_by_not_this_neighbour_and_by_a_named_person() {
    let not = [given(Origin::Recipient, InstructionKind::NotNeighbour { name: "Meyer".into() })];
    assert_eq!(
        why(&matched(), &not, Receiver::OtherNeighbour, Some("meyer")),
        (false, Why::NotThisNeighbour)
    );
    let only = [given(Origin::Sender, InstructionKind::NamedPerson { name: "Ada Kaya".into() })];
    assert_eq!(why(&matched(), &only, Receiver::Recipient, None), (false, Why::NamedPersonOnly));
    assert_eq!(why(&matched(), &only, Receiver::NamedPerson, Some("ada kaya")), (true, Why::AskedFor));
    assert_eq!(why(&matched(), &only, Receiver::NamedPerson, Some("Bo")), (false, Why::NotAskedFor));
}

#[test]
fn a_safe_place_needs_to_be_asked_for_and_never_takes_a_coded_parcel() {
    let place = Receiver::Place(PlaceKind::Safe);
    let asked = [given(Origin::Recipient, InstructionKind::SafePlace { place: "shed".into() })];
    assert_eq!(why(&CodeState::NotNeeded, &asked, place, None), (true, Why::AskedFor));
    assert_eq!(why(&CodeState::NotNeeded, &[], place, None), (false, Why::NotAskedFor));
    for code in [needed(), matched(), CodeState::Missing] {
        assert_eq!(why(&code, &asked, place, None), (false, Why::CodeNeedsPerson));
    }
}

#[test]
fn the_senders_word_against_neighbours_beats_the_recipients_named_one() {
    let neighbour = InstructionKind::Neighbour { name: "Huber".into(), flat: None };
    for (origin, expected) in
        [(Origin::Sender, (false, Why::NoNeighbours)), (Origin::Recipient, (true, Why::AskedFor))]
    {
        let all =
            [given(Origin::Recipient, neighbour.clone()), given(origin, InstructionKind::NoNeighbours {})];
        assert_eq!(why(&CodeState::NotNeeded, &all, Receiver::NamedNeighbour, Some("Huber")), expected);
    }
}

fn in_policy(
    policy: &str,
    code: &CodeState,
    instructions: &[Instruction],
    receiver: Receiver,
) -> (bool, Why, Origin, Vec<ProofRule>) {
    let case = Case { policy: Policy::built_in(policy).unwrap(), instructions, code };
    let option = case.option(receiver, None);
    (option.allowed, option.why, option.source, option.proofs)
}

fn numbered(given: Vec<(Origin, InstructionKind)>) -> Vec<Instruction> {
    let number = |(at, (origin, kind))| Instruction {
        id: InstructionId::new(format!("i{at}")).unwrap(),
        ..self::given(origin, kind)
    };
    given.into_iter().enumerate().map(number).collect()
}

#[test]
fn in_austria_a_neighbour_receives_and_signs_unless_the_recipient_objected() {
    let signature =
        ProofRule { proof: Proof::Signature, demand: Demand::Required, by: Origin::Law, min_age: None };
    let code = CodeState::NotNeeded;
    let neighbour = Receiver::OtherNeighbour;
    assert_eq!(
        in_policy("austria", &code, &[], neighbour),
        (true, Why::Substitute, Origin::Law, vec![signature])
    );
    assert_eq!(in_policy("germany", &code, &[], neighbour), (true, Why::Substitute, Origin::Law, vec![]));
    let objection = [given(Origin::Recipient, InstructionKind::NoNeighbours {})];
    let refused = in_policy("austria", &code, &objection, neighbour);
    assert_eq!((refused.0, refused.1, refused.2), (false, Why::NoNeighbours, Origin::Recipient));
}

#[test]
fn a_strict_carrier_lets_nobody_pass_the_code_on_but_follows_the_instructions() {
    for (receiver, expected) in [
        (Receiver::Recipient, (true, Why::HoldsTheCode)),
        (Receiver::Household, (false, Why::NotByPolicy)),
        (Receiver::OtherNeighbour, (false, Why::NotByPolicy)),
        (Receiver::Concierge, (false, Why::NotByPolicy)),
    ] {
        let option = in_policy("code_strict", &matched(), &[], receiver);
        assert_eq!((option.0, option.1), expected, "{receiver:?}");
    }
    let huber = [given(Origin::Recipient, InstructionKind::Neighbour { name: "Huber".into(), flat: None })];
    let code = matched();
    let case = Case { policy: Policy::built_in("code_strict").unwrap(), instructions: &huber, code: &code };
    assert!(case.option(Receiver::NamedNeighbour, Some("Huber")).allowed);
    assert_eq!(
        in_policy("code_strict", &CodeState::NotNeeded, &[], Receiver::Household).1,
        Why::Substitute,
        "without a code it is as everywhere"
    );
}

#[test]
fn a_check_needs_a_person_and_its_source_is_named() {
    for kind in [
        InstructionKind::Signature {},
        InstructionKind::AgeCheck { min_age: 18 },
        InstructionKind::IdentityCheck {},
    ] {
        let all = numbered(vec![
            (Origin::Recipient, InstructionKind::SafePlace { place: "shed".into() }),
            (Origin::Recipient, InstructionKind::Mailbox {}),
            (Origin::Sender, kind.clone()),
        ]);
        for place in [PlaceKind::Safe, PlaceKind::Mailbox] {
            let option = in_policy("germany", &CodeState::NotNeeded, &all, Receiver::Place(place));
            assert_eq!(
                (option.0, option.1, option.2),
                (false, Why::CheckNeedsPerson, Origin::Sender),
                "{kind:?}"
            );
        }
        let person = in_policy("germany", &CodeState::NotNeeded, &all, Receiver::Recipient);
        assert_eq!((person.0, person.3.len(), person.3[0].by), (true, 1, Origin::Sender));
    }
}

#[test]
fn of_two_ages_the_higher_one_is_checked() {
    let all = numbered(vec![
        (Origin::Sender, InstructionKind::AgeCheck { min_age: 16 }),
        (Origin::Law, InstructionKind::AgeCheck { min_age: 18 }),
        (Origin::Sender, InstructionKind::AgeCheck { min_age: 12 }),
    ]);
    let proofs = in_policy("germany", &CodeState::NotNeeded, &all, Receiver::Household).3;
    assert_eq!((proofs.len(), proofs[0].min_age, proofs[0].by), (1, Some(18), Origin::Law));
}

#[test]
fn an_identity_check_is_for_the_recipient_alone() {
    let all = numbered(vec![(Origin::Sender, InstructionKind::IdentityCheck {})]);
    assert_eq!(in_policy("germany", &matched(), &all, Receiver::Household).1, Why::RecipientOnly);
    assert!(in_policy("germany", &matched(), &all, Receiver::Recipient).0);
}

#[test]
fn reception_mailbox_and_pick_up_point_are_for_whoever_asked() {
    for (kind, receiver) in [
        (InstructionKind::Concierge {}, Receiver::Concierge),
        (InstructionKind::Mailbox {}, Receiver::Place(PlaceKind::Mailbox)),
        (InstructionKind::PickupPoint { place: "kiosk".into() }, Receiver::Place(PlaceKind::PickupPoint)),
    ] {
        let code = CodeState::NotNeeded;
        assert_eq!(in_policy("germany", &code, &[], receiver).1, Why::NotAskedFor, "{receiver:?}");
        let all = [given(Origin::Recipient, kind)];
        let case = Case { policy: Policy::germany(), instructions: &all, code: &code };
        let shown = case.options();
        assert_eq!((shown[0].receiver, shown[0].allowed, shown[0].why), (receiver, true, Why::AskedFor));
    }
}

#[test]
fn whom_or_what_the_instructions_name_is_shown_first_with_name_and_flat() {
    let all = numbered(vec![
        (Origin::Recipient, InstructionKind::Neighbour { name: "Huber".into(), flat: Some("2nd".into()) }),
        (Origin::Recipient, InstructionKind::SafePlace { place: "shed".into() }),
    ]);
    let shown = |code: &CodeState, all: &[Instruction]| {
        let options = Case { policy: Policy::germany(), instructions: all, code }.options();
        let short = |it: &ReceiverOption| (it.receiver, it.name.clone(), it.flat.clone(), it.allowed, it.why);
        options.iter().map(short).collect::<Vec<_>>()
    };
    let huber = |allowed, why| {
        (Receiver::NamedNeighbour, Some("Huber".to_owned()), Some("2nd".to_owned()), allowed, why)
    };
    let shed = |allowed, why| (Receiver::Place(PlaceKind::Safe), Some("shed".to_owned()), None, allowed, why);
    let free = shown(&CodeState::NotNeeded, &all);
    assert_eq!(free[..2], [huber(true, Why::AskedFor), shed(true, Why::AskedFor)]);
    assert_eq!(free[2], (Receiver::Recipient, None, None, true, Why::InPerson));
    // What is refused comes after what is allowed, as they were given otherwise.
    let turned: Vec<_> = all.iter().rev().cloned().collect();
    let coded = shown(&matched(), &turned);
    assert_eq!(coded[..2], [huber(true, Why::AskedFor), shed(false, Why::CodeNeedsPerson)]);
    let person = numbered(vec![(Origin::Sender, InstructionKind::NamedPerson { name: "Ada".into() })]);
    let named = shown(&CodeState::NotNeeded, &person);
    assert_eq!(named[0], (Receiver::NamedPerson, Some("Ada".into()), None, true, Why::AskedFor));
}

#[test]
fn two_who_name_different_persons_are_shown_and_none_is_guessed() {
    let person = |name: &str| InstructionKind::NamedPerson { name: name.into() };
    let all = numbered(vec![(Origin::Recipient, person("Ada")), (Origin::Sender, person("Bo"))]);
    let code = CodeState::NotNeeded;
    let case = Case { policy: Policy::germany(), instructions: &all, code: &code };
    for (name, by) in [("Ada", Origin::Sender), ("Bo", Origin::Recipient)] {
        let option = case.option(Receiver::NamedPerson, Some(name));
        assert_eq!((option.allowed, option.why, option.source), (false, Why::Contradiction, by));
    }
    assert!(case.options().iter().all(|option| !option.allowed));
    assert_eq!(conflicts(&all)[0].holds, None);

    let of_one = numbered(vec![(Origin::Recipient, person("Ada")), (Origin::Recipient, person("Bo"))]);
    let case = Case { policy: Policy::germany(), instructions: &of_one, code: &code };
    assert!(case.option(Receiver::NamedPerson, Some("Bo")).allowed, "one who names two means either");
    assert_eq!(conflicts(&of_one), []);
}

/// What is shown as holding is what the rules do.
#[test]
fn of_two_that_do_not_go_together_the_one_that_holds_is_shown() {
    use Origin::{Recipient, Sender};
    let neighbour = || InstructionKind::Neighbour { name: "Anna Meyer".into(), flat: None };
    let not = || InstructionKind::NotNeighbour { name: "Meyer".into() };
    let safe = || InstructionKind::SafePlace { place: "shed".into() };
    let only = || InstructionKind::NamedPerson { name: "Ada".into() };
    let none = || InstructionKind::NoNeighbours {};
    for (one, other, holds) in [
        ((Recipient, neighbour()), (Recipient, not()), Some("i1")),
        ((Recipient, none()), (Recipient, neighbour()), Some("i1")),
        ((Sender, none()), (Recipient, neighbour()), Some("i0")),
        ((Recipient, safe()), (Sender, InstructionKind::Signature {}), Some("i1")),
        ((Sender, only()), (Recipient, InstructionKind::Household {}), Some("i0")),
        ((Recipient, neighbour()), (Sender, InstructionKind::IdentityCheck {}), Some("i1")),
    ] {
        let all = numbered(vec![one, other]);
        let found = conflicts(&all);
        assert_eq!(found.len(), 1, "{all:?}");
        assert_eq!(found[0].holds.as_ref().map(InstructionId::as_str), holds, "{all:?}");
        let code = CodeState::NotNeeded;
        let case = Case { policy: Policy::germany(), instructions: &all, code: &code };
        for given in all.iter().filter(|given| Some(&given.id) != found[0].holds.as_ref()) {
            let asked = match &given.kind {
                InstructionKind::Neighbour { name, .. } => case.option(Receiver::NamedNeighbour, Some(name)),
                InstructionKind::SafePlace { .. } => case.option(Receiver::Place(PlaceKind::Safe), None),
                InstructionKind::Household {} => case.option(Receiver::Household, None),
                _ => continue,
            };
            assert!(!asked.allowed, "{:?} is followed and shown as overruled", given.kind);
        }
    }
    let all = numbered(vec![
        (Recipient, neighbour()),
        (Recipient, safe()),
        (Recipient, InstructionKind::Household {}),
    ]);
    assert_eq!(conflicts(&all), [], "what may all be done is no conflict");
}
