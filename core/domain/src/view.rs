//! What a shell draws: ready-made, so that a shell decides how things look and never what is allowed.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::attempt::{AttemptState, Outcome, Standing};
use crate::code::CodeState;
use crate::exit::{Exit, Scene, exits};
use crate::form::DoorForm;
use crate::id::{AttemptId, FactId, ParcelId, RouteId, ShipmentId, StopId};
use crate::instruction::{Instruction, InstructionKind};
use crate::permission::{Case, Conflict, ReceiverOption, conflicts};
use crate::phone_number::PhoneNumber;
use crate::plan::{Eta, KeepOrder, Proposal};
use crate::proof::{Demand, ProofFile};
use crate::receiver::Receiver;
use crate::route::{Address, Pin, Shipment, Stop, TimeWindow};
use crate::state::{DayState, Held, Load};
use crate::suggestion::{Suggestion, suggestions};
use crate::time::{At, UnixMs};

/// The day at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteView {
    /// The route.
    pub route: RouteId,
    /// Its revision.
    pub rev: u64,
    /// The delivery day.
    pub day: NaiveDate,
    /// IANA name of its time zone.
    pub tz: String,
    /// The day has begun.
    pub started: bool,
    /// The day is over.
    pub closed: bool,
    /// The day of another route that has come and waits until this day is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_day: Option<NaiveDate>,
    /// The stop where something is filled in and not recorded: a killed app comes back there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<StopId>,
    /// The last load check.
    pub load: Option<Load>,
    /// The stops in the courier's own order, which is the office's until the courier changes it.
    pub stops: Vec<StopLine>,
    /// How much is done.
    pub counts: Counts,
    /// How much another order has to save before it is proposed.
    #[serde(default, skip_serializing_if = "KeepOrder::is_normal")]
    pub keep: KeepOrder,
    /// When the last stop is done, as it was told last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<UnixMs>,
    /// Another order, if there is one that is worth a question. Unless the courier takes it, nothing changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
}

/// A stop in the list. Nothing in it tells whether a parcel needs a code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopLine {
    /// Its number in the office's order, from 1: it stays when the courier changes the order.
    pub no: u32,
    /// The stop.
    pub id: StopId,
    /// Where.
    pub address: Address,
    /// Flat or floor.
    pub flat: Option<String>,
    /// The names on the labels.
    pub names: Vec<String>,
    /// How many parcels.
    pub parcels: u32,
    /// When.
    pub window: Option<TimeWindow>,
    /// Where the door is.
    pub pin: Pin,
    /// The courier said to be there.
    pub arrived: bool,
    /// How far it is done.
    pub state: StopState,
    /// How sure the outcomes are; the one that needs most attention.
    pub standing: Option<Standing>,
    /// Which of the open stops it is, from 1; none once nothing is left to do there. The first is where the courier is,
    /// or goes next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// When it is reached; none before the day begins, and where the courier is or nothing is left to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta: Option<Eta>,
}

/// How far a stop is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopState {
    /// No parcel has an outcome.
    Open,
    /// Some parcels have one.
    Partly,
    /// Every parcel has one.
    Done,
    /// The office took it away.
    Gone,
}

/// Sums over the route. Parcels unless it says otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Stops that were not taken away.
    pub stops: u32,
    /// Stops where every parcel has an outcome.
    pub stops_done: u32,
    /// All parcels that were not taken away.
    pub parcels: u32,
    /// Handed over to a person or a place.
    pub handed_over: u32,
    /// Not delivered.
    pub not_delivered: u32,
    /// Outcomes recorded on this phone only.
    pub on_phone: u32,
    /// Outcomes stored by the backend, not judged yet.
    pub stored: u32,
    /// Outcomes that the judge confirmed.
    pub confirmed: u32,
    /// Outcomes that a person looks at.
    pub under_review: u32,
    /// Outcomes that the judge refuted.
    pub refuted: u32,
}

/// One stop with everything that can be done there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopView {
    /// Its number, from 1.
    pub no: u32,
    /// The stop.
    pub id: StopId,
    /// Where.
    pub address: Address,
    /// Flat or floor.
    pub flat: Option<String>,
    /// Where the door is.
    pub door_pin: Pin,
    /// Where the van stands.
    pub parking_pin: Option<Pin>,
    /// When.
    pub window: Option<TimeWindow>,
    /// How to get to the door.
    pub access_notes: Option<String>,
    /// Where the parcels lie in the van.
    pub van_place: Option<String>,
    /// The courier said to be there.
    pub arrived: bool,
    /// Stable word why the office took the stop away, if it did: a banner, the screen stays.
    pub gone: Option<String>,
    /// Photos and signatures that were taken here and are no part of a fact yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ProofFile>,
    /// What is filled in at one of its doors and not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<DoorForm>,
    /// One per shipment.
    pub doors: Vec<DoorView>,
    /// As in [`StopLine::position`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// As in [`StopLine::eta`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta: Option<Eta>,
    /// How far from both pins the phone was when the courier said to be there, in metres, if it was far. Perhaps the pin
    /// is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away_m: Option<u32>,
}

impl StopView {
    /// What was taken here and may prove a handover at one of its doors to this receiver.
    pub fn files_for(&self, door: &DoorView, receiver: Receiver) -> Vec<ProofFile> {
        let option = door.options.iter().find(|option| option.receiver == receiver);
        let rules = option.map(|option| option.proofs.as_slice()).unwrap_or_default();
        let may = |file: &&ProofFile| file.kind.proof().demand(receiver, rules) != Demand::Forbidden;
        self.files.iter().filter(may).cloned().collect()
    }
}

/// One shipment at the door.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DoorView {
    /// The shipment.
    pub shipment: ShipmentId,
    /// Its current attempt.
    pub attempt: AttemptId,
    /// 1 for the first.
    pub attempt_no: u32,
    /// The name on the label.
    pub recipient_name: String,
    /// The number to call when nobody opens. Absent once nothing is open: then nobody has a reason to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient_phone: Option<PhoneNumber>,
    /// The customer's language, BCP 47.
    pub lang: String,
    /// Who sent it.
    pub sender_name: String,
    /// Its pieces.
    pub parcels: Vec<ParcelLine>,
    /// What recipient, sender and law allow.
    pub instructions: Vec<InstructionLine>,
    /// Instructions that do not go together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Conflict>,
    /// Where the attempt stands.
    pub state: AttemptState,
    /// Stable word why the office took the shipment away, if it did.
    pub gone: Option<String>,
    /// What the courier does next.
    pub ask: Ask,
    /// Where it stands with its code. Absent until a parcel is scanned, so that nothing marks the valuable one.
    pub code: Option<CodeState>,
    /// Who may receive, in order of precedence. Empty until a parcel is scanned.
    pub options: Vec<ReceiverOption>,
    /// Names to offer when somebody receives, all of them of this stop. Empty until a parcel is scanned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<Suggestion>,
    /// The reasons that may be given instead. Never empty while a parcel is open.
    pub exits: Vec<Exit>,
    /// The newest outcome, to be taken back by a withdrawal.
    pub undo: Option<FactId>,
    /// The outcome to be withdrawn for a second try today, while the time window allows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_try: Option<FactId>,
}

/// A parcel at the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelLine {
    /// The parcel.
    pub id: ParcelId,
    /// What is printed on its label.
    pub barcode: String,
    /// It was scanned at this door.
    pub scanned: bool,
    /// What happened to it.
    pub outcome: Option<Outcome>,
    /// It is back at the depot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub returned: bool,
}

/// An instruction, and whether the customer changed it after the route was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstructionLine {
    /// What it says.
    pub instruction: Instruction,
    /// It is new: highlight it.
    pub changed: bool,
    /// It cannot be followed: read it, ask the office, guess nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreadable: bool,
}

/// What the courier does next at a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Scan a parcel.
    Scan,
    /// Ask for the code.
    Code,
    /// Wait for the backend, which alone can check the code that was entered.
    Verdict,
    /// Say who receives.
    Receiver,
    /// Nobody can receive now: choose a reason.
    Exit,
    /// Nothing: every parcel has an outcome.
    Done,
}

/// The day at a glance, once there is a route.
pub fn route_view(state: &DayState, _at: &At) -> Option<RouteView> {
    let (route, rev) = state.route()?;
    let day = state.day();
    let stops: Vec<_> =
        state.stops_in_order().into_iter().zip(1..).map(|(held, no)| stop_line(state, held, no)).collect();
    let counts = counts(state, &stops);
    Some(RouteView {
        route: route.id.clone(),
        rev,
        day: route.day,
        tz: route.tz.clone(),
        started: day.started,
        closed: day.closed,
        next_day: None,
        unfinished: stops.iter().find(|stop| state.form(&stop.id).is_some()).map(|stop| stop.id.clone()),
        load: day.load.clone(),
        stops,
        counts,
        keep: KeepOrder::default(),
        ends: None,
        proposal: None,
    })
}

/// One stop with everything that can be done there.
pub fn stop_view(state: &DayState, stop: &StopId, at: &At) -> Option<StopView> {
    let Held { object: it, gone, .. } = state.stop(stop)?;
    Some(StopView {
        no: state.number_of(stop)?,
        id: it.id.clone(),
        address: it.address.clone(),
        flat: it.flat.clone(),
        door_pin: it.door_pin,
        parking_pin: it.parking_pin,
        window: it.window,
        access_notes: it.access_notes.clone(),
        van_place: it.van_place.clone(),
        arrived: state.has_arrived(stop),
        gone: gone.clone(),
        files: state.files_taken(stop),
        form: state.form(stop).cloned(),
        doors: state.shipments_of(stop).map(|held| door_view(state, held, at)).collect(),
        position: None,
        eta: None,
        away_m: None,
    })
}

/// Where courier and parcels are, as the rules see it.
pub(crate) fn scene(state: &DayState, held: &Held<Shipment>, at: &At) -> Scene {
    let shipment = &held.object;
    let open = state.open_parcels(shipment);
    let load = &state.day().load;
    Scene {
        arrived: state.has_arrived(&shipment.stop),
        scanned: open.iter().any(|parcel| state.is_scanned(&shipment.stop, &parcel.id)),
        missing: load
            .as_ref()
            .is_some_and(|load| open.iter().any(|parcel| load.missing.contains(&parcel.id))),
        check_asked: shipment.instructions.iter().any(|given| {
            matches!(given.kind, InstructionKind::AgeCheck { .. } | InstructionKind::IdentityCheck {})
        }),
        recalled: state.gone_why(held).is_some(),
        window_left_min: window_left_min(state, shipment, at),
        attempt_no: shipment.attempt.no,
    }
}

fn window_left_min(state: &DayState, shipment: &Shipment, at: &At) -> Option<i64> {
    let window = state.stop(&shipment.stop)?.object.window?;
    Some(window.to.0.saturating_sub(at.best().ms().0) / 60_000)
}

/// The failure that may be withdrawn for a second try today.
fn second_try(state: &DayState, held: &Held<Shipment>, at: &At) -> Option<FactId> {
    let left = window_left_min(state, &held.object, at)?;
    if left < i64::from(state.policy().second_try_min) {
        return None;
    }
    let again = |reason| state.policy().reason(reason).is_some_and(|rule| rule.again_today);
    let outcomes = &state.progress_of(&held.object.attempt.id).outcomes;
    outcomes.values().find_map(|outcome| match outcome {
        Outcome::NotDelivered { fact, reason } if again(*reason) => Some(fact.clone()),
        _ => None,
    })
}

fn stop_line(state: &DayState, held: &Held<Stop>, no: u32) -> StopLine {
    let stop = &held.object;
    let mut names = Vec::new();
    let (mut parcels, mut open, mut concluded, mut live) = (0, 0, 0, false);
    let mut standing: Option<Standing> = None;
    for shipment in state.shipments_of(&stop.id) {
        if !names.contains(&shipment.object.recipient_name) {
            names.push(shipment.object.recipient_name.clone());
        }
        let attempt = state.attempt_state(shipment);
        if matches!(attempt, AttemptState::Gone { .. }) {
            continue;
        }
        live = true;
        let still_open = state.open_parcels(&shipment.object).len();
        parcels += shipment.object.parcels.len();
        open += still_open;
        concluded += shipment.object.parcels.len() - still_open;
        if let AttemptState::Closed { standing: new, .. } = attempt {
            standing = Some(standing.map_or(new, |old| old.worse(new)));
        }
    }
    let stop_state = match (live, open, concluded) {
        (false, ..) => StopState::Gone,
        (true, 0, _) => StopState::Done,
        (true, _, 0) => StopState::Open,
        (true, ..) => StopState::Partly,
    };
    StopLine {
        no,
        id: stop.id.clone(),
        address: stop.address.clone(),
        flat: stop.flat.clone(),
        names,
        parcels: count(parcels),
        window: stop.window,
        pin: stop.door_pin,
        arrived: state.has_arrived(&stop.id),
        state: stop_state,
        standing,
        position: None,
        eta: None,
    }
}

fn counts(state: &DayState, stops: &[StopLine]) -> Counts {
    let mut sums = Counts::default();
    for stop in stops.iter().filter(|stop| stop.state != StopState::Gone) {
        sums.stops += 1;
        sums.stops_done += u32::from(stop.state == StopState::Done);
        sums.parcels += stop.parcels;
    }
    for held in state.shipments() {
        let outcomes = &state.progress_of(&held.object.attempt.id).outcomes;
        for parcel in &held.object.parcels {
            let Some(outcome) = outcomes.get(&parcel.id) else { continue };
            match outcome {
                Outcome::HandedOver { .. } => sums.handed_over += 1,
                Outcome::NotDelivered { .. } => sums.not_delivered += 1,
            }
            let sum = match state.standing_of(outcome.fact()) {
                Standing::OnPhone => &mut sums.on_phone,
                Standing::Stored => &mut sums.stored,
                Standing::Confirmed => &mut sums.confirmed,
                Standing::UnderReview => &mut sums.under_review,
                Standing::Refuted => &mut sums.refuted,
            };
            *sum += 1;
        }
    }
    sums
}

fn door_view(state: &DayState, held: &Held<Shipment>, at: &At) -> DoorView {
    let shipment = &held.object;
    let attempt_state = state.attempt_state(held);
    let is_open = attempt_state == AttemptState::Open;
    let scene = scene(state, held, at);
    let code = state.code_state(shipment, at);
    let outcomes = &state.progress_of(&shipment.attempt.id).outcomes;
    // As the stop came to this phone; a change of the order does not make an old instruction new, or a new one old.
    let published = state.stop(&shipment.stop).map_or(u64::MAX, |stop| stop.rev);
    let parcels = shipment.parcels.iter().map(|parcel| ParcelLine {
        id: parcel.id.clone(),
        barcode: parcel.barcodes.first().cloned().unwrap_or_default(),
        scanned: state.is_scanned(&shipment.stop, &parcel.id),
        outcome: outcomes.get(&parcel.id).cloned(),
        returned: state.is_returned(&parcel.id),
    });
    let instructions = shipment.instructions.iter().map(|instruction| InstructionLine {
        instruction: instruction.clone(),
        changed: instruction.rev > published,
        unreadable: instruction.kind.is_unreadable(),
    });
    let at_stop = || state.shipments_of(&shipment.stop).map(|held| &held.object).collect::<Vec<_>>();
    let case = Case { policy: state.policy(), instructions: &shipment.instructions, code: &code };
    DoorView {
        shipment: shipment.id.clone(),
        attempt: shipment.attempt.id.clone(),
        attempt_no: shipment.attempt.no,
        recipient_name: shipment.recipient_name.clone(),
        recipient_phone: shipment.recipient_phone.clone().filter(|_| is_open),
        lang: shipment.lang.clone(),
        sender_name: shipment.sender_name.clone(),
        parcels: parcels.collect(),
        instructions: instructions.collect(),
        conflicts: conflicts(&shipment.instructions),
        gone: state.gone_why(held),
        ask: if is_open { ask(&scene, &code) } else { Ask::Done },
        options: if is_open && scene.scanned { case.options() } else { Vec::new() },
        suggestions: if is_open && scene.scanned { suggestions(shipment, &at_stop()) } else { Vec::new() },
        exits: if is_open { exits(state.policy(), &code, &scene) } else { Vec::new() },
        // UUIDv7 ids sort by the time they were made.
        undo: outcomes.values().map(Outcome::fact).max().cloned(),
        second_try: second_try(state, held, at),
        state: attempt_state,
        code: (scene.scanned || !outcomes.is_empty()).then_some(code),
    }
}

fn ask(scene: &Scene, code: &CodeState) -> Ask {
    match code {
        _ if !scene.scanned => Ask::Scan,
        CodeState::NotNeeded | CodeState::Matched { .. } => Ask::Receiver,
        CodeState::Needed { .. } => Ask::Code,
        CodeState::Asked => Ask::Verdict,
        CodeState::Locked { .. } | CodeState::NotYet | CodeState::Expired | CodeState::Missing => Ask::Exit,
    }
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
