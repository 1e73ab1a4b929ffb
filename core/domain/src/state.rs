//! What is true now: the fold of the route's objects and the phone's facts. It is computed when the app opens,
//! kept in memory and never stored, so no second table of states can disagree with the facts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::attempt::{AttemptState, Closing, Outcome, Standing, Verdict};
use crate::code::{CodeNeed, CodeState, LockedBy, Strength, TRY_BUDGET, Verifier};
use crate::fact::{FactBody, FactPayload};
use crate::id::{AttemptId, CodeId, FactId, InstallId, ParcelId, RouteId, ShipmentId, StopId};
use crate::progress::{MatchedCode, Progress, UNTOUCHED};
use crate::route::{Parcel, Route, Shipment, Stop, VerdictNotice};
use crate::time::{At, BestTime, UnixMs};

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

/// What the state knows of a code. The secrets of its verifier stay in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeInfo {
    /// The attempt that it belongs to.
    pub attempt: AttemptId,
    /// Who holds it, in words.
    pub holder: String,
    /// First instant at which it is valid.
    pub not_before: UnixMs,
    /// Last instant at which it is valid.
    pub not_after: UnixMs,
    /// Bits of its tag; 0 = the phone can't check it.
    pub k: u8,
}

/// What is on the screen of a stop and not yet a fact. Stored so that a killed app comes back where it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Parcels that were scanned at the door.
    pub scanned: BTreeSet<ParcelId>,
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
}

static NOT_STARTED: Day = Day { started: false, closed: false, load: None };

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
    codes: BTreeMap<CodeId, CodeInfo>,
    frozen: BTreeSet<AttemptId>,
    verdicts: BTreeMap<FactId, Verdict>,
    acknowledged: BTreeSet<FactId>,
    progress: BTreeMap<AttemptId, Progress>,
    days: BTreeMap<RouteId, Day>,
    arrived: BTreeSet<StopId>,
    returned: BTreeSet<ParcelId>,
    drafts: BTreeMap<StopId, Draft>,
    install: Option<InstallId>,
}

// What the office sends.
impl DayState {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing known yet, on this installation: its own wrong entries are told from those of other phones.
    pub fn of(install: InstallId) -> Self {
        Self { install: Some(install), ..Self::default() }
    }

    /// The route is now like this.
    pub fn put_route(&mut self, rev: u64, object: Route) {
        self.route = Some(Held { rev, object, gone: None });
    }

    /// A stop is now like this.
    pub fn put_stop(&mut self, rev: u64, object: Stop) {
        self.stops.insert(object.id.clone(), Held { rev, object, gone: None });
    }

    /// A shipment is now like this.
    pub fn put_shipment(&mut self, rev: u64, object: Shipment) {
        self.shipments.insert(object.id.clone(), Held { rev, object, gone: None });
    }

    /// A code can be checked.
    pub fn put_verifier(&mut self, verifier: &Verifier) {
        let info = CodeInfo {
            attempt: verifier.attempt.clone(),
            holder: verifier.holder.clone(),
            not_before: verifier.not_before,
            not_after: verifier.not_after,
            k: verifier.k,
        };
        self.frozen.remove(&info.attempt);
        self.codes.insert(verifier.code_id.clone(), info);
    }

    /// The judge decided about a fact.
    pub fn put_verdict(&mut self, notice: &VerdictNotice) {
        self.verdicts.insert(notice.fact.clone(), notice.verdict);
    }

    /// The office took an object away. `kind` is its word on the wire; what is not known is ignored.
    pub fn gone(&mut self, kind: &str, id: &str, rev: u64, why: &str) {
        fn take_away<K: Ord + TryFrom<String>, T>(
            map: &mut BTreeMap<K, Held<T>>,
            id: &str,
            rev: u64,
            why: &str,
        ) {
            if let Some(held) = K::try_from(id.to_owned()).ok().and_then(|id| map.get_mut(&id)) {
                held.rev = rev;
                held.gone = Some(why.to_owned());
            }
        }
        match kind {
            "stop" => take_away(&mut self.stops, id, rev, why),
            "shipment" => take_away(&mut self.shipments, id, rev, why),
            "verifier" => {
                if let Some(info) = CodeId::new(id).ok().and_then(|id| self.codes.remove(&id))
                    && why == "frozen"
                {
                    self.frozen.insert(info.attempt);
                }
            }
            "route" => self.route = None,
            _ => {}
        }
    }

    /// Before a snapshot is applied: everything that the office sent is forgotten, every fact stays.
    pub fn forget_route(&mut self) {
        self.route = None;
        self.stops.clear();
        self.shipments.clear();
        self.codes.clear();
        self.frozen.clear();
    }
}

// What the phone records.
impl DayState {
    /// Folds a fact in. Facts come in the order of `seq`.
    pub fn record(&mut self, fact: &FactPayload) {
        match &fact.body {
            FactBody::DayStarted { .. } => self.day_of(fact, |day| day.started = true),
            FactBody::DayClosed {} => self.day_of(fact, |day| day.closed = true),
            FactBody::LoadChecked { found, missing, foreign } => {
                let load = Load { found: found.clone(), missing: missing.clone(), foreign: foreign.clone() };
                self.day_of(fact, |day| day.load = Some(load));
            }
            FactBody::Arrived {} => self.arrived.extend(fact.stop.clone()),
            FactBody::CodeTried { attempts, result, code_id, strength, .. } => {
                for attempt in attempts {
                    self.progress(attempt).code_tried(
                        &fact.id,
                        &fact.at,
                        fact.stop_rev,
                        *result,
                        code_id.as_ref().zip(*strength),
                    );
                }
            }
            FactBody::HandedOver { attempt, parcels, receiver, .. } => {
                let outcome = Outcome::HandedOver { fact: fact.id.clone(), receiver: *receiver };
                self.conclude(attempt, parcels, &outcome);
            }
            FactBody::NotDelivered { attempt, parcels, reason } => {
                let outcome = Outcome::NotDelivered { fact: fact.id.clone(), reason: *reason };
                self.conclude(attempt, parcels, &outcome);
            }
            FactBody::Withdrawn { fact } => {
                self.progress.values_mut().for_each(|progress| progress.withdraw(fact));
            }
            FactBody::Returned { parcels } => self.returned.extend(parcels.iter().cloned()),
            FactBody::ProofAdded { .. } | FactBody::RouteEdited { .. } | FactBody::Incident { .. } => {}
        }
    }

    /// The backend has stored a fact, and perhaps judged it at once.
    pub fn acknowledge(&mut self, fact: &FactId, verdict: Option<Verdict>) {
        self.acknowledged.insert(fact.clone());
        if let Some(verdict) = verdict {
            self.verdicts.insert(fact.clone(), verdict);
        }
    }

    /// What is on the screen of a stop.
    pub fn set_draft(&mut self, stop: &StopId, draft: Draft) {
        self.drafts.insert(stop.clone(), draft);
    }

    fn day_of(&mut self, fact: &FactPayload, change: impl FnOnce(&mut Day)) {
        if let Some(route) = &fact.route {
            change(self.days.entry(route.id.clone()).or_default());
        }
    }

    fn progress(&mut self, attempt: &AttemptId) -> &mut Progress {
        self.progress.entry(attempt.clone()).or_default()
    }

    fn conclude(&mut self, attempt: &AttemptId, parcels: &[ParcelId], outcome: &Outcome) {
        let outcomes = parcels.iter().map(|parcel| (parcel.clone(), outcome.clone()));
        self.progress(attempt).outcomes.extend(outcomes);
    }
}

// What is asked of the state.
impl DayState {
    /// The route and its revision.
    pub fn route(&self) -> Option<(&Route, u64)> {
        self.route.as_ref().map(|held| (&held.object, held.rev))
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
        let place: BTreeMap<_, _> =
            self.route().into_iter().flat_map(|(route, _)| route.order.iter().zip(0usize..)).collect();
        let mut stops: Vec<_> = self.stops.values().collect();
        stops
            .sort_by_key(|held| (place.get(&held.object.id).copied().unwrap_or(usize::MAX), &held.object.id));
        stops
    }

    /// The number of a stop on the route, from 1.
    pub fn number_of(&self, stop: &StopId) -> Option<u32> {
        let at = self.stops_in_order().iter().position(|held| held.object.id == *stop)?;
        u32::try_from(at + 1).ok()
    }

    /// The shipments of a stop.
    pub fn shipments_of<'a>(&'a self, stop: &'a StopId) -> impl Iterator<Item = &'a Held<Shipment>> {
        self.shipments.values().filter(move |held| held.object.stop == *stop)
    }

    /// Every shipment.
    pub fn shipments(&self) -> impl Iterator<Item = &Held<Shipment>> {
        self.shipments.values()
    }

    /// The shipment whose current attempt this is.
    pub fn shipment_of(&self, attempt: &AttemptId) -> Option<&Held<Shipment>> {
        self.shipments.values().find(|held| held.object.attempt.id == *attempt)
    }

    /// The shipment and parcel with this barcode, read as a scanner or a person gives it.
    pub fn find_barcode(&self, barcode: &str) -> Option<(&Held<Shipment>, &Parcel)> {
        let wanted = plain_barcode(barcode);
        self.shipments.values().find_map(|held| {
            let parcel = held
                .object
                .parcels
                .iter()
                .find(|parcel| parcel.barcodes.iter().any(|known| plain_barcode(known) == wanted))?;
            Some((held, parcel))
        })
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

    /// Whether a parcel is back at the depot.
    pub fn is_returned(&self, parcel: &ParcelId) -> bool {
        self.returned.contains(parcel)
    }

    /// What the facts say of an attempt.
    pub fn progress_of(&self, attempt: &AttemptId) -> &Progress {
        self.progress.get(attempt).unwrap_or(&UNTOUCHED)
    }

    /// The codes of an attempt.
    pub fn codes_of<'a>(
        &'a self,
        attempt: &'a AttemptId,
    ) -> impl Iterator<Item = (&'a CodeId, &'a CodeInfo)> {
        self.codes.iter().filter(move |(_, info)| info.attempt == *attempt)
    }

    /// The entry that opens a handover of the shipment: one that fitted, or that the backend confirmed.
    pub fn opening_entry(&self, shipment: &Shipment) -> Option<&FactId> {
        let progress = self.progress_of(&shipment.attempt.id);
        progress
            .matched
            .as_ref()
            .map(|matched| &matched.fact)
            .or_else(|| self.confirmed_entry(shipment, progress))
    }

    fn confirmed_entry<'a>(&'a self, shipment: &Shipment, progress: &'a Progress) -> Option<&'a FactId> {
        let asked = progress.asked.iter().filter(|_| shipment.code == CodeNeed::OnlineOnly);
        asked.rev().find(|fact| self.verdicts.get(fact) == Some(&Verdict::Confirmed))
    }

    /// Wrong entries that this phone knows of: its own, and those that the backend has from other installations, such as
    /// one that was removed. What it was once told never goes down. An entry that only the backend can judge is one when the backend refuted
    /// it; where the phone can check, it did not fit, or it would have matched.
    fn misses(&self, shipment: &Shipment, progress: &Progress) -> u32 {
        let is_miss = |fact: &&FactId| {
            shipment.code != CodeNeed::OnlineOnly || self.verdicts.get(fact) == Some(&Verdict::Refuted)
        };
        let refuted = progress.asked.iter().filter(is_miss).count();
        let own = progress.misses.saturating_add(u32::try_from(refuted).unwrap_or(u32::MAX));
        let (mut mine, mut of_others) = (0, 0u32);
        for tries in &shipment.tries {
            if Some(&tries.install) == self.install.as_ref() {
                mine = tries.n;
            } else {
                of_others = of_others.saturating_add(tries.n);
            }
        }
        // A journal that was put back has lost what the server counted of this installation, but not what comes now.
        let rev = self.shipments.get(&shipment.id).map_or(0, |held| held.rev);
        let mine = mine.saturating_add(progress.missed_since(rev));
        own.max(mine).saturating_add(of_others).max(shipment.tries_used)
    }

    /// The parcels of a shipment that have no outcome yet.
    pub fn open_parcels<'a>(&self, shipment: &'a Shipment) -> Vec<&'a Parcel> {
        let outcomes = &self.progress_of(&shipment.attempt.id).outcomes;
        shipment.parcels.iter().filter(|parcel| !outcomes.contains_key(&parcel.id)).collect()
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

    /// Why the office took a shipment away, or its whole stop.
    pub fn gone_why(&self, held: &Held<Shipment>) -> Option<String> {
        held.gone.clone().or_else(|| self.stops.get(&held.object.stop)?.gone.clone())
    }

    /// How far the truth about a fact has travelled.
    pub fn standing_of(&self, fact: &FactId) -> Standing {
        match self.verdicts.get(fact) {
            Some(verdict) => (*verdict).into(),
            None if self.acknowledged.contains(fact) => Standing::Stored,
            None => Standing::OnPhone,
        }
    }

    fn matched_state(&self, matched: &MatchedCode, verdict: Option<Verdict>) -> CodeState {
        CodeState::Matched {
            code_id: Some(matched.code_id.clone()),
            holder: self.codes.get(&matched.code_id).map(|info| info.holder.clone()).unwrap_or_default(),
            strength: matched.strength,
            verdict,
        }
    }

    /// Where the shipment's attempt stands with its code.
    pub fn code_state(&self, shipment: &Shipment, at: &At) -> CodeState {
        if shipment.code == CodeNeed::None {
            return CodeState::NotNeeded;
        }
        let attempt = &shipment.attempt.id;
        let progress = self.progress_of(attempt);
        if let Some(matched) = &progress.matched {
            let verdict = self.verdicts.get(&matched.fact).copied();
            // A refusal before the parcel changed hands stops the handover, until there is another code; after it, it
            // is the office's matter.
            let refused = verdict == Some(Verdict::Refuted) && !progress.is_anything_handed();
            let replaced =
                !self.codes.contains_key(&matched.code_id) && self.codes_of(attempt).next().is_some();
            if refused && !replaced {
                return CodeState::Locked { by: LockedBy::Frozen };
            }
            if !refused {
                return self.matched_state(matched, verdict);
            }
        }
        if self.confirmed_entry(shipment, progress).is_some() {
            let (strength, verdict) = (Strength::Backend, Some(Verdict::Confirmed));
            return CodeState::Matched { code_id: None, holder: String::new(), strength, verdict };
        }
        if self.frozen.contains(attempt) {
            return CodeState::Locked { by: LockedBy::Frozen };
        }
        let misses = self.misses(shipment, progress);
        let tries_left = shipment.budget.saturating_sub(misses);
        if tries_left == 0 {
            return CodeState::Locked { by: LockedBy::TriesUsed };
        }
        let online = shipment.code == CodeNeed::OnlineOnly;
        if online && progress.asked.iter().any(|fact| !self.verdicts.contains_key(fact)) {
            return CodeState::Asked;
        }
        let codes: Vec<_> =
            self.codes_of(attempt).map(|(_, info)| info).filter(|info| online || info.k > 0).collect();
        if codes.is_empty() {
            return CodeState::Missing;
        }
        if !codes.iter().any(|info| info.is_valid(at)) {
            let all_early = codes.iter().all(|info| at.best().ms() < info.not_before);
            return if all_early { CodeState::NotYet } else { CodeState::Expired };
        }
        // A new budget begins without a wait.
        let misses_of_budget = TRY_BUDGET.saturating_sub(tries_left);
        CodeState::Needed { tries_left, wait_ms: progress.wait_ms(misses_of_budget, at) }
    }
}

impl CodeInfo {
    /// Whether the code may be entered now. An uncertain clock does not block: the fact says so, and the judge
    /// decides.
    pub fn is_valid(&self, at: &At) -> bool {
        match at.best() {
            BestTime::Certain { ms, .. } => (self.not_before..=self.not_after).contains(&ms),
            BestTime::Uncertain { .. } => true,
        }
    }
}

/// A barcode without what differs between a scanner, a label and a keyboard: spaces, case, the symbology
/// identifier of GS1-128 (`]C1`) and the application identifier `00` before an SSCC-18.
pub fn plain_barcode(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')'))
        .collect::<String>()
        .to_uppercase();
    let plain = plain.strip_prefix("]C1").unwrap_or(&plain);
    match plain.strip_prefix("00") {
        Some(sscc) if sscc.len() == 18 && plain.bytes().all(|b| b.is_ascii_digit()) => sscc.to_owned(),
        _ => plain.to_owned(),
    }
}
