//! Which reasons are offered when nobody receives, and what follows from them.

use courier_domain::exit::{Scene, exits};
use courier_domain::{CodeState, LockedBy, NextStep, Policy, Reason};

use crate::phone::matched;

const AWAY: Scene = Scene {
    arrived: false,
    scanned: false,
    missing: false,
    check_asked: false,
    recalled: false,
    window_left_min: None,
    attempt_no: 1,
};
const ALWAYS: [Reason; 5] =
    [Reason::AccessBlocked, Reason::WindowMissed, Reason::AddressNotFound, Reason::Damaged, Reason::Unsafe];

/// What is offered beyond what always is.
fn offered(code: &CodeState, scene: &Scene) -> Vec<Reason> {
    let reasons: Vec<_> = exits(Policy::germany(), code, scene).into_iter().map(|exit| exit.reason).collect();
    assert!(ALWAYS.iter().all(|reason| reasons.contains(reason)), "{reasons:?}");
    reasons.into_iter().filter(|reason| !ALWAYS.contains(reason)).collect()
}

#[test]
fn each_reason_is_offered_where_it_can_be_true() {
    let needed = CodeState::Needed { tries_left: 5, wait_ms: 0 };
    let locked = |by| CodeState::Locked { by };
    let (used, frozen) = (locked(LockedBy::TriesUsed), locked(LockedBy::Frozen));
    let there = Scene { arrived: true, ..AWAY };
    let scanned = Scene { scanned: true, ..AWAY };
    let at_door = [Reason::NotHome, Reason::NoPermittedReceiver, Reason::Refused];
    for code in [&CodeState::NotNeeded, &matched(), &needed, &used, &frozen, &CodeState::Missing] {
        assert_eq!(offered(code, &AWAY), [], "before the scan nothing tells that there is a code");
        assert_eq!(offered(code, &there), at_door);
    }
    for (code, reasons) in [
        (&CodeState::NotNeeded, &[][..]),
        (&matched(), &[]),
        (&needed, &[Reason::CodeNotAvailable]),
        (&CodeState::Missing, &[Reason::CodeNotAvailable]),
        (&used, &[Reason::CodeNotAvailable, Reason::TriesUsedUp]),
        (&frozen, &[Reason::CodeNotAvailable, Reason::CodeFrozen]),
    ] {
        assert_eq!(offered(code, &scanned), reasons, "{code:?}");
    }
    let checked = Scene { check_asked: true, ..AWAY };
    assert_eq!(offered(&needed, &checked), [], "nobody was asked for an age yet");
    let checked = offered(&needed, &Scene { check_asked: true, ..there });
    assert!(checked.contains(&Reason::AgeOrIdentityNotProven) && checked.len() == 4);
    assert_eq!(offered(&needed, &Scene { missing: true, ..AWAY }), [Reason::MissingInVan]);
    assert_eq!(offered(&needed, &Scene { recalled: true, ..AWAY }), [Reason::Recalled]);
}

#[test]
fn what_follows_depends_on_the_window_the_attempt_and_the_code() {
    let step = |code: &CodeState, scene: &Scene, reason| {
        let all = exits(Policy::germany(), code, scene);
        all.into_iter().find(|exit| exit.reason == reason).unwrap().next_step
    };
    let window = |left| Scene { window_left_min: left, ..AWAY };
    for (left, expected) in [
        (Some(30), NextStep::LaterToday),
        (Some(29), NextStep::NextDeliveryDay),
        (None, NextStep::NextDeliveryDay),
    ] {
        assert_eq!(step(&CodeState::NotNeeded, &window(left), Reason::AccessBlocked), expected, "{left:?}");
    }
    assert_eq!(step(&CodeState::NotNeeded, &window(Some(600)), Reason::Damaged), NextStep::Dispatcher);
    let last = Scene { arrived: true, attempt_no: Policy::germany().max_attempts, ..AWAY };
    assert_eq!(step(&CodeState::NotNeeded, &last, Reason::NotHome), NextStep::HoldForPickup);
    assert_eq!(step(&matched(), &last, Reason::NotHome), NextStep::NextDeliveryDay, "a code is never held");
    let first = Scene { attempt_no: 1, ..last };
    assert_eq!(step(&CodeState::NotNeeded, &first, Reason::NotHome), NextStep::NextDeliveryDay);
}
