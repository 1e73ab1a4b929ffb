//! No dead ends: every state that a stop can reach has an exit that needs neither a network nor the office, and on no
//! way does a coded parcel change hands without an entry that matched.
//!
//! The walk is exhaustive over a small stop: from each state every command is tried with every answer, the office does
//! what it can do, time passes; states that were seen are not entered again. What cannot matter later is left out: of
//! the receivers and reasons that are accepted one is recorded, all are tried. A day that was closed is the end.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher};

use courier_domain::code::TRY_BUDGET;
use courier_domain::exit::Exit;
use courier_domain::policy::When;
use courier_domain::proof::{Check, Excuse, ExcuseReason};
use courier_domain::receiver::PlaceKind;
use courier_domain::view::ParcelLine;
use courier_domain::{
    AttemptState, CodeEntry, CodeId, CodeNeed, CodeTryResult, Command, Context, DayState, Decision, FactBody,
    FactId, FactPayload, InstallId, Instruction, InstructionId, InstructionKind, LockedBy, NextStep, Origin,
    ParcelId, Policy, Proof, Reason, Receiver, ReceiverDetails, Rejection, Route, RouteId, RouteRef,
    Shipment, Standing, StopId, Strength, Tries, Verdict, VerdictNotice, Verifier, decide, stop_view,
};

use crate::phone::{DAY, MORNING, attempt, jwk, shipment, stop_at, verifier};

type Decide = fn(&DayState, &Command, &Context) -> Result<Decision, Rejection>;

/// What stands at the stop, and who else does something.
struct World {
    policy: Policy,
    code: CodeNeed,
    coded_parcels: u32,
    plain_parcels: u32,
    instructions: Vec<InstructionKind>,
    /// The van may be checked, and the office may take something away.
    is_busy: bool,
}

impl World {
    fn new(policy: &str, code: CodeNeed, coded_parcels: u32, plain_parcels: u32) -> Self {
        let policy = Policy::built_in(policy).unwrap().clone();
        Self { policy, code, coded_parcels, plain_parcels, instructions: Vec::new(), is_busy: false }
    }

    fn busy(mut self) -> Self {
        self.is_busy = true;
        self
    }

    fn instructed(mut self, kinds: Vec<InstructionKind>) -> Self {
        self.instructions = kinds;
        self
    }

    fn shipment(&self, id: &str, budget: u32) -> Shipment {
        let (code, parcels) = if id == "coded" {
            (self.code, self.coded_parcels)
        } else {
            (CodeNeed::None, self.plain_parcels)
        };
        let given = self.instructions.iter().enumerate().map(|(at, kind)| Instruction {
            id: InstructionId::new(format!("i{at}")).unwrap(),
            origin: if at % 2 == 0 { Origin::Recipient } else { Origin::Sender },
            kind: kind.clone(),
            rev: 1,
        });
        // Three tries were used on another phone: two are left, so that the end is near.
        let others = Tries { install: InstallId::new("other").unwrap(), n: 3 };
        Shipment { tries: vec![others], budget, ..shipment(id, &door(), code, parcels, given.collect()) }
    }

    fn verifier(&self, id: &str) -> Verifier {
        let k = if self.code == CodeNeed::OnlineOnly { 0 } else { 10 };
        Verifier { k, ..verifier(&CodeId::new(id).unwrap(), &attempt("coded")) }
    }
}

/// A state, and what only somebody who sees everything knows.
#[derive(Clone)]
struct Node {
    state: DayState,
    /// How late it is: the first ones apart by more than any wait, the last one on the next day.
    phase: usize,
    /// Entries so far.
    tries: usize,
    /// The entries that were right, as phone or backend found.
    right: BTreeSet<FactId>,
    /// Entries that the backend has not judged.
    unjudged: BTreeSet<FactId>,
    reissued: bool,
    /// What the office took away.
    gone: Option<&'static str>,
}

const PHASES: [i64; 3] = [0, 600_000, 2 * DAY];

impl Node {
    fn first(world: &World) -> Self {
        let mut state = DayState::of(InstallId::new("install").unwrap());
        state.put_route(
            10,
            Route {
                id: RouteId::new("route").unwrap(),
                day: "2027-01-15".parse().unwrap(),
                tz: "Europe/Berlin".into(),
                order: vec![door()],
                fixed_first: None,
                fixed_last: None,
                policy: Some(Box::new(world.policy.clone())),
            },
        );
        state.put_stop(10, stop_at(&door()));
        if world.coded_parcels > 0 {
            state.put_shipment(10, world.shipment("coded", TRY_BUDGET));
            state.put_verifier(&world.verifier("code"));
        }
        if world.plain_parcels > 0 {
            state.put_shipment(10, world.shipment("plain", TRY_BUDGET));
        }
        let (right, unjudged) = (BTreeSet::new(), BTreeSet::new());
        let mut node = Self { state, phase: 0, tries: 0, right, unjudged, reissued: false, gone: None };
        node.record(None, "started", FactBody::DayStarted { day_jwk: jwk() });
        node
    }

    fn context(&self) -> Context {
        let ms = MORNING + PHASES[self.phase];
        let now = courier_domain::UnixMs(ms);
        let boot_ms = u64::try_from(PHASES[self.phase]).unwrap() + 1_000;
        let at = courier_domain::At {
            wall: now,
            boot_ms,
            boot: "boot".into(),
            server_ms: Some(now),
            plus_minus_ms: Some(50),
        };
        Context { at }
    }

    /// Facts are named by what they say, so that two ways to the same facts are one state.
    fn record(&mut self, stop: Option<StopId>, id: &str, body: FactBody) {
        let fact = FactPayload {
            v: 1,
            id: FactId::new(id).unwrap(),
            install: InstallId::new("install").unwrap(),
            inc: 1,
            seq: 1,
            prev: None,
            at: self.context().at,
            route: Some(RouteRef { id: RouteId::new("route").unwrap(), rev: 10 }),
            stop_rev: stop.as_ref().and_then(|stop| self.state.stop_rev(stop)),
            stop,
            private: None,
            body,
        };
        self.state.record(&fact);
    }

    fn key(&self) -> u128 {
        struct Sink(DefaultHasher, DefaultHasher);
        impl std::fmt::Write for Sink {
            fn write_str(&mut self, text: &str) -> std::fmt::Result {
                self.0.write(text.as_bytes());
                self.1.write(text.as_bytes());
                Ok(())
            }
        }
        let mut sink = Sink(DefaultHasher::new(), DefaultHasher::new());
        sink.1.write(b"another");
        let Self { state, phase, tries, right, unjudged, reissued, gone } = self;
        let state = without_whereabouts(&format!("{state:?}"));
        write!(sink, "{state} {phase} {tries} {right:?} {unjudged:?} {reissued} {gone:?}").unwrap();
        u128::from(sink.0.finish()) << 64 | u128::from(sink.1.finish())
    }
}

/// What matters at a door: where the courier is since when is only for times of arrival.
fn without_whereabouts(state: &str) -> String {
    let (before, rest) = state.split_once("here: ").unwrap();
    let here = if rest.starts_with("None") { "None" } else { "})" };
    format!("{before}{}", rest.split_once(here).unwrap().1)
}

fn door() -> StopId {
    StopId::new("door").unwrap()
}

fn parcel(id: &str) -> ParcelId {
    ParcelId::new(id).unwrap()
}

/// What every receiver could be asked for, so that only the rules decide.
fn everything(receiver: Receiver) -> ReceiverDetails {
    let excuse = |proof| Excuse { proof, why: ExcuseReason::NotPossible };
    let checks =
        if receiver.is_person() { vec![Check::Age { min: 99 }, Check::Identity {}] } else { Vec::new() };
    ReceiverDetails {
        name: Some(if receiver == Receiver::NamedPerson { "Ada" } else { "Huber" }.into()),
        checks,
        without: vec![excuse(Proof::Signature), excuse(Proof::Photo), excuse(Proof::Position)],
        ..ReceiverDetails::default()
    }
}

const RECEIVERS: [Receiver; 9] = [
    Receiver::Recipient,
    Receiver::Household,
    Receiver::NamedNeighbour,
    Receiver::OtherNeighbour,
    Receiver::NamedPerson,
    Receiver::Concierge,
    Receiver::Place(PlaceKind::Safe),
    Receiver::Place(PlaceKind::Mailbox),
    Receiver::Place(PlaceKind::PickupPoint),
];

/// Walks every state. Says how many there are, or which promise is broken where.
fn walk(world: &World, decide: Decide) -> Result<usize, String> {
    let first = Node::first(world);
    let mut seen = HashSet::from([first.key()]);
    let mut todo = VecDeque::from([first]);
    while let Some(node) = todo.pop_front() {
        let mut next = Vec::new();
        leave(&node, decide, &mut next)?;
        do_at_the_door(world, &node, decide, &mut next)?;
        do_in_the_office(world, &node, &mut next);
        if node.phase + 1 < PHASES.len() {
            next.push(Node { phase: node.phase + 1, ..node.clone() });
        }
        todo.extend(next.into_iter().filter(|node| seen.insert(node.key())));
    }
    Ok(seen.len())
}

/// Every open door has an exit, and whatever is offered is taken.
fn leave(node: &Node, decide: Decide, next: &mut Vec<Node>) -> Result<(), String> {
    let context = node.context();
    let view = stop_view(&node.state, &door(), &context.at).ok_or("the stop is gone from the screen")?;
    for shown in view.doors.iter().filter(|shown| shown.state == AttemptState::Open) {
        let of = shown.shipment.as_str();
        if shown.exits.is_empty() {
            return Err(format!("dead end at {of}: {shown:?}"));
        }
        for Exit { reason, next_step, .. } in &shown.exits {
            let command = Command::NotDelivered {
                attempt: shown.attempt.clone(),
                parcels: Vec::new(),
                reason: *reason,
                note: Some("why".into()),
            };
            let decision = decide(&node.state, &command, &context)
                .map_err(|error| format!("{reason:?} was offered at {of} and refused: {error}"))?;
            let Decision::Record { body: FactBody::NotDelivered { parcels, .. }, .. } = decision else {
                return Err(format!("{reason:?} at {of} records nothing"));
            };
            let is_left = |line: &&ParcelLine| line.outcome.is_none() && !parcels.contains(&line.id);
            if let Some(left) = shown.parcels.iter().find(is_left) {
                return Err(format!("{reason:?} leaves {} open", left.id));
            }
            let of_the_code =
                matches!(reason, Reason::CodeNotAvailable | Reason::TriesUsedUp | Reason::CodeFrozen);
            if of_the_code && *next_step != NextStep::NextDeliveryDay {
                return Err(format!("{reason:?} does not lead to the next delivery day"));
            }
        }
        for line in shown.parcels.iter().filter(|line| line.outcome.is_none()) {
            let command = Command::NotDelivered {
                attempt: shown.attempt.clone(),
                parcels: vec![line.id.clone()],
                reason: Reason::Damaged,
                note: Some("dented".into()),
            };
            let Ok(Decision::Record { stop, body, .. }) = decide(&node.state, &command, &context) else {
                continue;
            };
            let mut after = node.clone();
            after.record(stop, &format!("failed-{}", line.id), body);
            next.push(after);
        }
    }
    Ok(())
}

fn do_at_the_door(world: &World, node: &Node, decide: Decide, next: &mut Vec<Node>) -> Result<(), String> {
    let context = node.context();
    let mut simple = vec![Command::Arrive { stop: door() }];
    if world.is_busy {
        simple.push(Command::CheckLoad { barcodes: vec!["plain1".into()] });
    }
    for barcode in ["coded1", "coded2", "plain1", "stranger"] {
        simple.push(Command::Scan { stop: door(), barcode: barcode.into() });
    }
    for of in ["coded-1", "coded-2", "plain-1", "plain-2"] {
        for what in ["failed", "handed"] {
            simple.push(Command::Withdraw { fact: FactId::new(format!("{what}-{of}")).unwrap() });
        }
    }
    for command in simple {
        let Ok(decision) = decide(&node.state, &command, &context) else { continue };
        let mut after = node.clone();
        match decision {
            Decision::Record { stop, body, .. } => after.record(stop, "simple", body),
            Decision::SaveDraft { stop, draft, .. } => after.state.set_draft(&stop, draft),
            _ => continue,
        }
        next.push(after);
    }
    for fits in [false, true] {
        enter(node, fits, decide, next);
    }
    for of in ["coded", "plain"] {
        hand_over(node, of, decide, next)?;
    }
    Ok(())
}

/// An entry, and what the phone makes of it: the right one fits if the phone can check, and is asked about if not.
fn enter(node: &Node, fits: bool, decide: Decide, next: &mut Vec<Node>) {
    let entry = CodeEntry::Digits("123456".into());
    let command = Command::EnterCode { stop: door(), entry };
    let Ok(Decision::CheckCode { stop, attempts, codes, ask }) =
        decide(&node.state, &command, &node.context())
    else {
        return;
    };
    let mut after = node.clone();
    let id = FactId::new(format!("try-{}", node.tries)).unwrap();
    let code_id = codes.first().filter(|_| fits).cloned();
    let result = match (&code_id, ask) {
        (Some(_), _) => CodeTryResult::Matched,
        (None, true) => CodeTryResult::Unjudged,
        (None, false) => CodeTryResult::Mismatch,
    };
    if result == CodeTryResult::Matched {
        after.right.insert(id.clone());
    }
    if result != CodeTryResult::Mismatch {
        after.unjudged.insert(id.clone());
    }
    let strength = code_id.is_some().then_some(Strength::Tag);
    after.tries += 1;
    after.record(
        Some(stop),
        id.as_str(),
        FactBody::CodeTried { attempts, result, code_id, strength, evidence: None },
    );
    next.push(after);
}

fn hand_over(node: &Node, of: &str, decide: Decide, next: &mut Vec<Node>) -> Result<(), String> {
    let mut recorded = BTreeSet::new();
    let some = [vec![], vec![parcel(&format!("{of}-1"))], vec![parcel(&format!("{of}-2"))]];
    for (receiver, parcels) in
        RECEIVERS.into_iter().flat_map(|receiver| some.iter().map(move |parcels| (receiver, parcels.clone())))
    {
        let one = parcels.first().cloned();
        let command =
            Command::HandOver { attempt: attempt(of), parcels, receiver, details: everything(receiver) };
        let Ok(Decision::Record { stop, body, .. }) = decide(&node.state, &command, &node.context()) else {
            continue;
        };
        if of == "coded" {
            let FactBody::HandedOver { code_try, scanned, parcels, .. } = &body else {
                return Err("a handover became something else".into());
            };
            let is_right = code_try.as_ref().is_some_and(|entry| {
                node.right.contains(entry) && node.state.standing_of(entry) != Standing::Refuted
            });
            // A refusal that comes after the first parcel is the office's matter.
            let begun = node.state.progress_of(&attempt("coded")).is_anything_handed();
            if !is_right && !begun {
                return Err(format!("{receiver:?} receives a coded parcel without a match: {code_try:?}"));
            }
            if !receiver.is_person() || scanned != parcels {
                return Err(format!("{receiver:?} receives a coded parcel: {body:?}"));
            }
        }
        if let Some(one) = one.filter(|one| recorded.insert(one.clone())) {
            let mut after = node.clone();
            after.record(stop, &format!("handed-{one}"), body);
            next.push(after);
        }
    }
    Ok(())
}

fn do_in_the_office(world: &World, node: &Node, next: &mut Vec<Node>) {
    for fact in &node.unjudged {
        for verdict in [Verdict::Confirmed, Verdict::Refuted] {
            let mut after = node.clone();
            after.unjudged.remove(fact);
            after.state.put_verdict(&VerdictNotice { fact: fact.clone(), verdict, why: "judged".into() });
            if verdict == Verdict::Confirmed {
                after.right.insert(fact.clone());
            } else {
                after.state.gone("verifier", "code", 11, "frozen");
                after.state.gone("verifier", "code-2", 11, "frozen");
            }
            next.push(after);
        }
    }
    if !node.reissued && world.coded_parcels > 0 {
        let mut after = node.clone();
        after.reissued = true;
        after.state.gone("verifier", "code", 12, "replaced");
        after.state.put_shipment(12, world.shipment("coded", TRY_BUDGET + 1));
        after.state.put_verifier(&world.verifier("code-2"));
        next.push(after);
    }
    if node.gone.is_some() || !world.is_busy {
        return;
    }
    for (kind, id) in [("shipment", "coded"), ("shipment", "plain"), ("stop", "door"), ("verifier", "code")] {
        let mut after = node.clone();
        after.gone = Some(id);
        after.state.gone(kind, id, 13, "cancelled");
        next.push(after);
    }
}

#[test]
fn every_state_of_a_stop_has_an_exit_and_no_coded_parcel_goes_without_a_match() {
    let named = |name: &str| InstructionKind::NamedPerson { name: name.into() };
    let neighbour = InstructionKind::Neighbour { name: "Huber".into(), flat: None };
    let worlds = [
        World::new("germany", CodeNeed::Required, 1, 0).busy(),
        World::new("germany", CodeNeed::Required, 2, 0),
        World::new("germany", CodeNeed::Required, 1, 1).instructed(vec![neighbour]),
        World::new("germany", CodeNeed::OnlineOnly, 1, 0).busy(),
        World::new("austria", CodeNeed::OnlineOnly, 1, 0)
            .instructed(vec![InstructionKind::SafePlace { place: "shed".into() }]),
        World::new("austria", CodeNeed::None, 0, 1)
            .busy()
            .instructed(vec![InstructionKind::AgeCheck { min_age: 18 }, InstructionKind::Mailbox {}]),
        World::new("code_strict", CodeNeed::Required, 1, 0).instructed(vec![named("Ada"), named("Bo")]),
        World::new("code_strict", CodeNeed::None, 0, 2)
            .instructed(vec![InstructionKind::Unknown { kind: "by_drone".into() }]),
    ];
    let walk = |world: &World| {
        let walked = walk(world, decide).unwrap_or_else(|broken| panic!("{}: {broken}", world.policy.name));
        assert!(walked > 50, "the walk stood still after {walked} states");
        walked
    };
    // Every second world on a thread of its own.
    let half = |at: usize| worlds.iter().skip(at).step_by(2).map(walk).sum::<usize>();
    let states = std::thread::scope(|threads| {
        let other = threads.spawn(|| half(1));
        half(0) + other.join().unwrap()
    });
    println!("{states} states");
    assert!(states > 5_000, "only {states} states");
}

/// The walk has to find what it looks for.
#[test]
fn a_planted_error_in_the_rules_stops_the_walk() {
    let world = || World::new("germany", CodeNeed::Required, 1, 0);
    let found = |world: &World, decide: Decide| walk(world, decide).unwrap_err();

    let mut no_exit = world();
    no_exit.policy.reasons.retain(|rule| rule.when != When::Always);
    assert!(found(&no_exit, decide).starts_with("dead end at coded"));

    let mut held = world();
    for rule in held.policy.reasons.iter_mut().filter(|rule| rule.reason == Reason::TriesUsedUp) {
        rule.next = NextStep::HoldForPickup;
    }
    assert_eq!(found(&held, decide), "TriesUsedUp does not lead to the next delivery day");

    assert_eq!(found(&world(), without_code), "Recipient receives a coded parcel without a match: None");
    assert!(found(&world(), locked_in).starts_with("TriesUsedUp was offered at coded and refused"));
}

/// Planted: who has used up all tries may hand over all the same.
fn without_code(state: &DayState, command: &Command, context: &Context) -> Result<Decision, Rejection> {
    let Command::HandOver { attempt, receiver, .. } = command else { return decide(state, command, context) };
    let held = state.shipment_of(attempt).ok_or(Rejection::NotOnRoute)?;
    let locked = courier_domain::CodeState::Locked { by: LockedBy::TriesUsed };
    if state.code_state(&held.object, &context.at) != locked {
        return decide(state, command, context);
    }
    let parcels: Vec<_> =
        state.open_parcels(&held.object).into_iter().map(|parcel| parcel.id.clone()).collect();
    let body = FactBody::HandedOver {
        attempt: attempt.clone(),
        scanned: parcels.clone(),
        parcels,
        receiver: *receiver,
        code_try: None,
        proofs: Vec::new(),
        overrides: Vec::new(),
        checks: Vec::new(),
    };
    let private = courier_domain::PrivatePart::default();
    Ok(Decision::Record { stop: Some(held.object.stop.clone()), body, private })
}

/// Planted: the trap of a competitor, who takes neither a handover nor a failure after the last try.
fn locked_in(state: &DayState, command: &Command, context: &Context) -> Result<Decision, Rejection> {
    match command {
        Command::NotDelivered { reason: Reason::TriesUsedUp, .. } => Err(Rejection::NotOpen),
        _ => decide(state, command, context),
    }
}
