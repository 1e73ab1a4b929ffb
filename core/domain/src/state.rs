//! What is true now: the fold of the route's objects and the phone's facts. It is computed when the app opens,
//! kept in memory and never stored, so no second table of states can disagree with the facts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::attempt::{AttemptState, Closing, Outcome, Standing, Verdict};
use crate::barcode::{Barcode, BarcodeIndex};
use crate::form::DoorForm;
use crate::id::{AttemptId, CodeId, FactId, InstallId, ParcelId, RouteId, ShipmentId, StopId};
use crate::plan::Whereabouts;
use crate::policy::Policy;
use crate::progress::{Progress, UNTOUCHED};
use crate::proof::ProofFile;
use crate::route::{DoneParcel, Parcel, Route, Shipment, Stop, TravelMatrix};
use crate::time::UnixMs;

mod code;
mod received;
mod recorded;

pub use code::CodeInfo;

/// An object with its revision, and why the office took it away, if it did.
#[derive(Debug, Clone, PartialEq)]
pub struct Held<T> {
    /// Revision of the object.
    pub rev: u64,
    /// The object.
    pub object: T,
    /// Stable word why it is gone.
    pub gone: Option<String>,
}

/// Why a shipment is gone that somebody else has delivered; see [`DayState::gone_why`].
pub const DONE_ELSEWHERE: &str = "done-elsewhere";

/// What is on the screen of a stop and not yet a fact. Stored so that a killed app comes back where it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Parcels that were scanned at the door.
    pub scanned: BTreeSet<ParcelId>,
    /// Photos and signatures that were taken, also those that are part of a fact by now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ProofFile>,
    /// What is filled in at one of its doors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<DoorForm>,
}

/// What the facts say of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Day {
    /// It began.
    pub started: bool,
    /// It is over.
    pub closed: bool,
    /// The last load check.
    pub load: Option<Load>,
    /// The order that the courier made last: every stop there was.
    pub order: Option<Vec<StopId>>,
    /// Where the courier was last.
    pub here: Option<Whereabouts>,
}

impl Day {
    fn concluded_at(&mut self, stop: &StopId, at: UnixMs) {
        match &mut self.here {
            Some(here) if here.stop == *stop => here.concluded = Some(at),
            here => *here = Some(Whereabouts { stop: stop.clone(), since: at, concluded: Some(at) }),
        }
    }
}

static NOT_STARTED: Day = Day { started: false, closed: false, load: None, order: None, here: None };

/// A load check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Parcels that are there.
    pub found: Vec<ParcelId>,
    /// Parcels that should be there.
    pub missing: Vec<ParcelId>,
    /// Barcodes that do not belong to the route.
    pub foreign: Vec<String>,
}

/// The courier's day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DayState {
    route: Option<Held<Route>>,
    stops: BTreeMap<StopId, Held<Stop>>,
    shipments: BTreeMap<ShipmentId, Held<Shipment>>,
    /// Which shipments are at a stop: a day of 200 stops asks for it many hundred times.
    at_stop: BTreeMap<StopId, BTreeSet<ShipmentId>>,
    matrix: Option<TravelMatrix>,
    barcodes: BarcodeIndex,
    codes: BTreeMap<CodeId, CodeInfo>,
    frozen: BTreeSet<AttemptId>,
    verdicts: BTreeMap<FactId, Verdict>,
    done: BTreeMap<AttemptId, Vec<DoneParcel>>,
    acknowledged: BTreeSet<FactId>,
    progress: BTreeMap<AttemptId, Progress>,
    days: BTreeMap<RouteId, Day>,
    arrived: BTreeSet<StopId>,
    returned: BTreeSet<ParcelId>,
    drafts: BTreeMap<StopId, Draft>,
    /// Files that facts name, by hash: which facts, and at which stops.
    files: BTreeMap<String, Vec<(FactId, Option<StopId>)>>,
    /// The handovers that were recorded here, withdrawn or not.
    own_handovers: BTreeSet<FactId>,
    install: Option<InstallId>,
}

impl DayState {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing known yet, on this installation: its own wrong entries are told from those of other phones.
    pub fn of(install: InstallId) -> Self {
        Self { install: Some(install), ..Self::default() }
    }
}

/// What stops are sorted by.
fn place<'a>(places: &BTreeMap<&StopId, usize>, stop: &'a StopId) -> (usize, &'a StopId) {
    (places.get(stop).copied().unwrap_or(usize::MAX), stop)
}

// What is asked of the state.
impl DayState {
    /// The route and its revision.
    pub fn route(&self) -> Option<(&Route, u64)> {
        self.route.as_ref().map(|held| (&held.object, held.rev))
    }

    /// The carrier's rules.
    pub fn policy(&self) -> &Policy {
        self.route().and_then(|(route, _)| route.policy.as_deref()).unwrap_or_else(|| Policy::germany())
    }

    /// What the facts say of the route's day.
    pub fn day(&self) -> &Day {
        self.route().and_then(|(route, _)| self.days.get(&route.id)).unwrap_or(&NOT_STARTED)
    }

    /// A stop.
    pub fn stop(&self, id: &StopId) -> Option<&Held<Stop>> {
        self.stops.get(id)
    }

    /// The stops in the order given by the office; a stop that the order does not name comes last.
    pub fn stops_in_order(&self) -> Vec<&Held<Stop>> {
        let places = self.places();
        let mut stops: Vec<_> = self.stops.values().collect();
        stops.sort_by_key(|held| place(&places, &held.object.id));
        stops
    }

    fn places(&self) -> BTreeMap<&StopId, usize> {
        self.route().into_iter().flat_map(|(route, _)| route.order.iter().zip(0..)).collect()
    }

    /// The number of a stop on the route, from 1.
    pub fn number_of(&self, stop: &StopId) -> Option<u32> {
        let (own, _) = self.stops.get_key_value(stop)?;
        let places = self.places();
        let own = place(&places, own);
        let before = self.stops.keys().filter(|id| place(&places, id) < own).count();
        u32::try_from(before + 1).ok()
    }

    /// The stops with something left to do.
    pub fn open_stops(&self) -> BTreeSet<&StopId> {
        let open = |held: &&Held<Shipment>| self.attempt_state(held) == AttemptState::Open;
        self.shipments.values().filter(open).map(|held| &held.object.stop).collect()
    }

    /// How long it takes between the stops, where somebody knows it.
    pub fn matrix(&self) -> Option<&TravelMatrix> {
        self.matrix.as_ref()
    }

    /// The shipments of a stop.
    pub fn shipments_of<'a>(&'a self, stop: &'a StopId) -> impl Iterator<Item = &'a Held<Shipment>> {
        self.at_stop.get(stop).into_iter().flatten().filter_map(|id| self.shipments.get(id))
    }

    /// Every shipment.
    pub fn shipments(&self) -> impl Iterator<Item = &Held<Shipment>> {
        self.shipments.values()
    }

    /// The shipment whose current attempt this is.
    pub fn shipment_of(&self, attempt: &AttemptId) -> Option<&Held<Shipment>> {
        self.shipments.values().find(|held| held.object.attempt.id == *attempt)
    }

    /// A shipment.
    pub fn shipment(&self, id: &ShipmentId) -> Option<&Held<Shipment>> {
        self.shipments.get(id)
    }

    /// Every parcel with this barcode, with its shipment.
    pub fn find_barcode<'a>(
        &'a self,
        barcode: &'a Barcode,
    ) -> impl Iterator<Item = (&'a Held<Shipment>, &'a Parcel)> {
        self.barcodes.find(barcode).filter_map(|place| {
            let held = self.shipments.get(&place.shipment)?;
            let parcel = held.object.parcels.iter().find(|parcel| parcel.id == place.parcel)?;
            Some((held, parcel))
        })
    }

    /// What is printed on the parcels of the route.
    pub fn barcodes(&self) -> &BarcodeIndex {
        &self.barcodes
    }

    /// The revision that a fact at this stop is made under: the newest of the stop and its shipments.
    pub fn stop_rev(&self, stop: &StopId) -> Option<u64> {
        let own = self.stops.get(stop)?.rev;
        Some(self.shipments_of(stop).map(|held| held.rev).fold(own, u64::max))
    }

    /// Whether the courier said to be at the stop.
    pub fn has_arrived(&self, stop: &StopId) -> bool {
        self.arrived.contains(stop)
    }

    /// Whether a parcel was scanned at its door.
    pub fn is_scanned(&self, stop: &StopId, parcel: &ParcelId) -> bool {
        self.drafts.get(stop).is_some_and(|draft| draft.scanned.contains(parcel))
    }

    /// What is on the screen of a stop.
    pub fn draft(&self, stop: &StopId) -> Draft {
        self.drafts.get(stop).cloned().unwrap_or_default()
    }

    /// What is filled in at a stop, as long as something is open there to be recorded.
    pub fn form(&self, stop: &StopId) -> Option<&DoorForm> {
        let form = self.drafts.get(stop)?.form.as_ref()?;
        let held = self.shipments.get(&form.shipment).filter(|held| held.object.stop == *stop)?;
        (self.attempt_state(held) == AttemptState::Open).then_some(form)
    }

    /// Photos and signatures that were taken at a stop and are no part of a fact yet.
    pub fn files_taken(&self, stop: &StopId) -> Vec<ProofFile> {
        let taken = self.drafts.get(stop).map(|draft| draft.files.as_slice()).unwrap_or_default();
        let is_named = |file: &&ProofFile| {
            let named_by = self.files.get(file.sha256.as_str()).map(Vec::as_slice).unwrap_or_default();
            named_by.iter().any(|(_, at)| at.as_ref() == Some(stop))
        };
        taken.iter().filter(|file| !is_named(file)).cloned().collect()
    }

    /// Whether some screen still shows a file, or a fact names it.
    pub fn is_file_needed(&self, sha256: &str) -> bool {
        let drawn = |draft: &Draft| draft.files.iter().any(|file| file.sha256.as_str() == sha256);
        self.files.contains_key(sha256) || self.drafts.values().any(drawn)
    }

    /// Whether the backend has stored every fact that names a file; `None` if none does.
    pub fn is_file_stored(&self, sha256: &str) -> Option<bool> {
        let named_by = self.files.get(sha256)?;
        Some(named_by.iter().all(|(fact, _)| self.acknowledged.contains(fact)))
    }

    /// Whether a parcel is back at the depot.
    pub fn is_returned(&self, parcel: &ParcelId) -> bool {
        self.returned.contains(parcel)
    }

    /// What the facts say of an attempt.
    pub fn progress_of(&self, attempt: &AttemptId) -> &Progress {
        self.progress.get(attempt).unwrap_or(&UNTOUCHED)
    }

    /// The outcome that a fact recorded, with its shipment.
    pub fn outcome_of(&self, fact: &FactId) -> Option<(&Held<Shipment>, &Outcome)> {
        self.shipments.values().find_map(|held| {
            let outcomes = &self.progress_of(&held.object.attempt.id).outcomes;
            Some((held, outcomes.values().find(|outcome| outcome.fact() == fact)?))
        })
    }

    /// The parcels of a shipment that have no outcome yet.
    pub fn open_parcels<'a>(&self, shipment: &'a Shipment) -> Vec<&'a Parcel> {
        let outcomes = &self.progress_of(&shipment.attempt.id).outcomes;
        shipment.parcels.iter().filter(|parcel| !outcomes.contains_key(&parcel.id)).collect()
    }

    /// Whether the courier has done anything on this route.
    pub fn is_anything_done(&self) -> bool {
        // Where the courier was is told by facts: it counts also when the office has taken the stop away since.
        self.day().here.is_some()
            || self.shipments.values().any(|held| !self.progress_of(&held.object.attempt.id).is_untouched())
    }

    /// Whether nothing was done that a change by the office must not take away.
    fn is_untouched(&self, shipment: &Shipment) -> bool {
        self.progress_of(&shipment.attempt.id).is_untouched()
            && !shipment.parcels.iter().any(|parcel| self.is_scanned(&shipment.stop, &parcel.id))
    }

    /// Where the shipment's attempt stands.
    pub fn attempt_state(&self, held: &Held<Shipment>) -> AttemptState {
        let shipment = &held.object;
        if let Some(why) = self.gone_why(held)
            && self.is_untouched(shipment)
        {
            return AttemptState::Gone { why };
        }
        if !self.open_parcels(shipment).is_empty() {
            return AttemptState::Open;
        }
        let outcomes = &self.progress_of(&shipment.attempt.id).outcomes;
        let handed =
            outcomes.values().filter(|outcome| matches!(outcome, Outcome::HandedOver { .. })).count();
        let closing = match handed {
            0 => Closing::Failed,
            all if all == outcomes.len() => Closing::Handed,
            _ => Closing::Mixed,
        };
        let standing = outcomes
            .values()
            .map(|outcome| self.standing_of(outcome.fact()))
            .reduce(Standing::worse)
            .unwrap_or(Standing::OnPhone);
        AttemptState::Closed { closing, standing }
    }

    /// Why a shipment is not the courier's any more: the office took it away, or its whole stop, or somebody else has
    /// delivered it.
    pub fn gone_why(&self, held: &Held<Shipment>) -> Option<String> {
        held.gone
            .clone()
            .or_else(|| self.stops.get(&held.object.stop)?.gone.clone())
            .or_else(|| self.is_done_elsewhere(&held.object).then(|| DONE_ELSEWHERE.into()))
    }

    /// Whether everything that is open here was delivered by the office, or by another phone.
    fn is_done_elsewhere(&self, shipment: &Shipment) -> bool {
        let Some(done) = self.done.get(&shipment.attempt.id) else { return false };
        let elsewhere = |parcel: &&Parcel| {
            done.iter().any(|it| it.parcel == parcel.id && !self.own_handovers.contains(&it.fact))
        };
        let open = self.open_parcels(shipment);
        !open.is_empty() && open.iter().all(elsewhere)
    }

    /// How far the truth about a fact has travelled.
    pub fn standing_of(&self, fact: &FactId) -> Standing {
        match self.verdicts.get(fact) {
            Some(verdict) => (*verdict).into(),
            None if self.acknowledged.contains(fact) => Standing::Stored,
            None => Standing::OnPhone,
        }
    }
}
