//! What the office sends.

use std::collections::BTreeMap;

use super::{CodeInfo, DayState, Held};
use crate::code::Verifier;
use crate::id::CodeId;
use crate::route::{Done, Route, Shipment, Stop, TravelMatrix, VerdictNotice};

impl DayState {
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
        if let Some(old) = self.shipments.get(&object.id) {
            self.barcodes.remove(&old.object);
            if let Some(there) = self.at_stop.get_mut(&old.object.stop) {
                there.remove(&object.id);
            }
        }
        self.barcodes.put(&object);
        self.at_stop.entry(object.stop.clone()).or_default().insert(object.id.clone());
        self.shipments.insert(object.id.clone(), Held { rev, object, gone: None });
    }

    /// Somebody knows how long it takes between the stops. One that is no matrix is none.
    pub fn put_matrix(&mut self, matrix: TravelMatrix) {
        self.matrix = Some(matrix).filter(|matrix| matrix.problem().is_none());
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

    /// Somebody has these parcels: this phone knows it already, or it was done elsewhere.
    pub fn put_done(&mut self, done: Done) {
        self.done.insert(done.attempt, done.parcels);
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
            "done" => self.done.retain(|attempt, _| attempt.as_str() != id),
            "route" => self.route = None,
            "matrix" => self.matrix = None,
            _ => {}
        }
    }
}
