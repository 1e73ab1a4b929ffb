//! What is stored of an installation's facts, as far as a batch needs it.

use std::collections::{BTreeMap, BTreeSet};

use courier_domain::{FactHash, FactId};

use super::chain::Head;
use super::{DayKeys, Incoming};
use crate::error::ServiceError;
use crate::storage::{FactRow, Installation, Tx};

/// Asked for once for the whole batch, since a server that is asked for each fact takes longer for the way than for the
/// answer; and kept up to date while the batch is stored.
pub(super) struct Stored {
    pub(super) days: DayKeys,
    pub(super) head: Head,
    facts: BTreeMap<FactHash, FactRow>,
    /// Of facts that could be read, whosever they are.
    ids: BTreeSet<FactId>,
}

impl Stored {
    pub(super) fn of(tx: &Tx<'_>, from: &Installation, batch: &[Incoming<'_>]) -> Result<Self, ServiceError> {
        let facts = tx.facts_by_hash(batch.iter().map(|incoming| &incoming.hash))?;
        let ids = tx.stored_ids(batch.iter().filter_map(|incoming| Some(&incoming.payload.as_ref()?.id)))?;
        Ok(Self {
            days: DayKeys::stored(tx, from)?,
            head: Head::default(),
            facts: facts.into_iter().map(|row| (row.hash.clone(), row)).collect(),
            ids: ids.into_iter().collect(),
        })
    }

    /// The fact with this hash, if it is one of the batch.
    pub(super) fn fact(&self, hash: &FactHash) -> Option<&FactRow> {
        self.facts.get(hash)
    }

    /// Whether a fact has this identifier, if it is one of the batch.
    pub(super) fn has(&self, id: &FactId) -> bool {
        self.ids.contains(id)
    }

    /// Stores a fact, with its sealed private part.
    pub(super) fn add(
        &mut self,
        tx: &mut Tx<'_>,
        row: &FactRow,
        private: Option<&[u8]>,
    ) -> Result<(), ServiceError> {
        tx.add_fact(row, private)?;
        self.facts.insert(row.hash.clone(), row.clone());
        self.ids.extend(row.id.clone().filter(|_| !row.parked));
        Ok(())
    }
}
