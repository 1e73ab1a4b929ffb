//! What a shell draws: ready-made, so that a shell decides how things look and never what is allowed.

mod door;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use door::door_view;
pub(crate) use door::scene;
pub use door::{Ask, DoorView, InstructionLine, ParcelLine, Provable};

use crate::attempt::{AttemptState, Outcome, Standing};
use crate::form::DoorForm;
use crate::id::{FactId, RouteId, ShipmentId, StopId};
use crate::plan::{Eta, KeepOrder, Proposal};
use crate::proof::{Demand, ProofFile};
use crate::receiver::Receiver;
use crate::route::{Address, Pin, Stop, TimeWindow};
use crate::state::{DayState, Held, Load};
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
    /// Where a shipment is handed over, if it is one of this stop.
    pub fn door(&self, shipment: &ShipmentId) -> Option<&DoorView> {
        self.doors.iter().find(|door| door.shipment == *shipment)
    }

    /// What was taken here and may prove a handover at one of its doors to this receiver.
    pub fn files_for(&self, door: &DoorView, receiver: Receiver) -> Vec<ProofFile> {
        let option = door.options.iter().find(|option| option.receiver == receiver);
        let rules = option.map(|option| option.proofs.as_slice()).unwrap_or_default();
        let may = |file: &&ProofFile| file.kind.proof().demand(receiver, rules) != Demand::Forbidden;
        self.files.iter().filter(may).cloned().collect()
    }

    /// What was taken here and may be added to what is recorded at one of its doors.
    pub fn additions(&self, door: &DoorView) -> Vec<Addition> {
        let of = |may: &Provable| {
            let files = self.files.iter().filter(|file| file.kind == may.kind).cloned().collect();
            Addition { fact: may.fact.clone(), files }
        };
        door.provable.iter().map(of).filter(|addition| !addition.files.is_empty()).collect()
    }
}

/// Files for one [`Command::AddProof`](crate::Command::AddProof).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// The outcome that they prove.
    pub fact: FactId,
    /// What was taken, never empty.
    pub files: Vec<ProofFile>,
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

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
