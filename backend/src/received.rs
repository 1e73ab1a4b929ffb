//! Who has a parcel, for the shop and the office.

use courier_codes::read_jws;
use courier_domain::{FactBody, FactHash, FactPayload, PrivatePart, Receiver};
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::ServiceError;
use crate::seal::Sealer;
use crate::storage::{ParcelRow, Tx};

/// Who or what received a parcel, as the courier recorded it. The judge may not have confirmed it yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Received {
    /// Who or what.
    #[schemars(with = "serde_json::Value")]
    pub kind: Receiver,
    /// Name of the person.
    pub name: Option<String>,
    /// How that person belongs to the recipient.
    pub relation: Option<String>,
    /// Flat or floor where the parcel is.
    pub flat: Option<String>,
}

/// Who has the parcel; `None` while nobody has, or if the office has delivered it itself.
pub(crate) fn received(
    tx: &Tx<'_>,
    parcel: &ParcelRow,
    seal: &Sealer<'_>,
) -> Result<Option<Received>, ServiceError> {
    let Some(outcome) = parcel.outcome.as_ref().filter(|_| parcel.is_handed()) else { return Ok(None) };
    if outcome.is_by_hand() {
        return Ok(None);
    }
    let missing = || ServiceError::fault("the fact of an outcome is missing");
    let row = tx.fact_by_id(&outcome.fact)?.ok_or_else(missing)?;
    let read = read_jws(&row.jws).map_err(|_| missing())?;
    let fact: FactPayload = serde_json::from_slice(&read.payload)?;
    let FactBody::HandedOver { receiver, .. } = fact.body else { return Err(missing()) };
    let private = private_part(tx, &row.hash, seal)?;
    Ok(Some(Received { kind: receiver, name: private.name, relation: private.relation, flat: private.flat }))
}

/// What is personal about a fact; nothing, if nothing came with it or it was purged.
pub(crate) fn private_part(
    tx: &Tx<'_>,
    fact: &FactHash,
    seal: &Sealer<'_>,
) -> Result<PrivatePart, ServiceError> {
    let Some(sealed) = tx.private_of(fact)? else { return Ok(PrivatePart::default()) };
    Ok(serde_json::from_slice(&seal.open("fact", fact.as_str(), &sealed)?)?)
}
