//! What happened to this phone's storage is told to operators, as a fact like every other.

use courier_domain::{FactBody, PrivatePart};

use super::Machine;
use super::record::Unsigned;
use crate::clock::Now;
use crate::error::EngineError;
use crate::store::journal::{Along, Incident};

impl Machine {
    /// Tells what is not told yet, as soon as there is a day whose chain it belongs to. Whatever fails is tried again.
    pub(super) fn tell_incidents(&mut self, now: &Now) {
        if self.enrolled.is_none() || !self.state.day().started {
            return;
        }
        if let Err(error) = self.try_to_tell(now) {
            self.warn("incident-not-told", &[&error.to_string()]);
        }
    }

    fn try_to_tell(&mut self, now: &Now) -> Result<(), EngineError> {
        while let Some(Incident { no, kind, lost }) = self.store.journal.untold_incident()? {
            self.warn("incident", &[&kind]);
            let lost = (kind == Incident::SALVAGED).then_some(lost);
            let unsigned = Unsigned {
                id: self.fact_id(now)?,
                stop: None,
                body: FactBody::Incident { kind, lost },
                private: PrivatePart::default(),
            };
            self.record_along(unsigned, &Along::Incident(no), now)?;
        }
        Ok(())
    }
}
