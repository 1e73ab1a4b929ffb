//! What the phone records, and what the backend says of it.

use super::{Day, DayState, Draft, Load};
use crate::attempt::{Outcome, Verdict};
use crate::fact::{FactBody, FactPayload};
use crate::id::{AttemptId, FactId, ParcelId, StopId};
use crate::plan::Whereabouts;
use crate::progress::Progress;

impl DayState {
    /// Folds a fact in. Facts come in the order of `seq`.
    pub fn record(&mut self, fact: &FactPayload) {
        for file in fact.body.files() {
            self.files.entry(file.clone()).or_default().push((fact.id.clone(), fact.stop.clone()));
        }
        match &fact.body {
            FactBody::DayStarted { .. } => self.day_of(fact, |day| day.started = true),
            FactBody::DayClosed {} => self.day_of(fact, |day| day.closed = true),
            FactBody::LoadChecked { found, missing, foreign } => {
                let load = Load { found: found.clone(), missing: missing.clone(), foreign: foreign.clone() };
                self.day_of(fact, |day| day.load = Some(load));
            }
            FactBody::Arrived {} => {
                self.arrived.extend(fact.stop.clone());
                if let Some(stop) = fact.stop.clone() {
                    let here = Whereabouts { stop, since: fact.at.best().ms(), concluded: None };
                    self.day_of(fact, |day| day.here = Some(here));
                }
            }
            FactBody::RouteEdited { order, .. } => {
                let order = order.clone();
                self.day_of(fact, |day| day.order = Some(order));
            }
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
                self.own_handovers.insert(fact.id.clone());
                self.conclude(attempt, parcels, &outcome);
            }
            FactBody::NotDelivered { attempt, parcels, reason } => {
                let outcome = Outcome::NotDelivered { fact: fact.id.clone(), reason: *reason };
                self.conclude(attempt, parcels, &outcome);
            }
            FactBody::Withdrawn { fact } => {
                self.progress.values_mut().for_each(|progress| progress.withdraw(fact));
                // Who tries again need not sign again.
                self.files.retain(|_, named_by| {
                    named_by.retain(|(id, _)| id != fact);
                    !named_by.is_empty()
                });
            }
            FactBody::Returned { parcels } => self.returned.extend(parcels.iter().cloned()),
            FactBody::ProofAdded { .. } | FactBody::Incident { .. } => {}
        }
        if let (FactBody::HandedOver { .. } | FactBody::NotDelivered { .. }, Some(stop)) =
            (&fact.body, &fact.stop)
        {
            self.day_of(fact, |day| day.concluded_at(stop, fact.at.best().ms()));
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
