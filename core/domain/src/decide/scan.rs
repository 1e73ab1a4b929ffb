//! Scanning: at a door, and in the van in the morning.

use serde::{Deserialize, Serialize};

use super::{Decision, Rejection, check_text, record};
use crate::attempt::AttemptState;
use crate::barcode::{Barcode, Form, MAX_SCAN, read_label};
use crate::fact::FactBody;
use crate::id::{MAX_LEN, ParcelId, ShipmentId, StopId};
use crate::route::{Parcel, Shipment};
use crate::state::{DayState, Held};

/// Most barcodes in one load check.
pub const MAX_BARCODES: usize = 2_000;

/// What a scanned barcode is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scan", rename_all = "snake_case")]
pub enum ScanResult {
    /// A parcel of this stop.
    Here {
        /// Its shipment.
        shipment: ShipmentId,
        /// The parcel.
        parcel: ParcelId,
    },
    /// A parcel of another stop of this route.
    OtherStop {
        /// The number of that stop.
        no: u32,
        /// That stop.
        stop: StopId,
    },
    /// A parcel's number of a known form, and not on this route: somebody else's parcel.
    Foreign {
        /// Its form.
        form: Form,
    },
    /// The label's routing code, which many parcels share: the other barcode is the parcel's.
    RoutingCode,
    /// Not on this route.
    Unknown,
}

/// Marks what was scanned. Several barcodes of one label come a line each.
pub(super) fn scan(state: &DayState, stop: &StopId, text: &str) -> Result<Decision, Rejection> {
    state.stop(stop).ok_or(Rejection::NotOnRoute)?;
    check_text("barcode", text, MAX_SCAN)?;
    let label = read_label(text);
    let mut draft = state.draft(stop);
    let scan = match find(state, stop, &label) {
        Some((held, parcel)) if held.object.stop == *stop => {
            if let AttemptState::Gone { why } = state.attempt_state(held) {
                return Err(Rejection::Gone { why });
            }
            draft.scanned.insert(parcel.id.clone());
            ScanResult::Here { shipment: held.object.id.clone(), parcel: parcel.id.clone() }
        }
        Some((held, _)) => ScanResult::OtherStop {
            no: state.number_of(&held.object.stop).unwrap_or(0),
            stop: held.object.stop.clone(),
        },
        None => tell_strangers_apart(state, &label)?,
    };
    Ok(Decision::SaveDraft { stop: stop.clone(), draft, scan })
}

/// The parcel that is meant. Of several with one barcode, one that is still to be scanned here.
fn find<'a>(
    state: &'a DayState,
    stop: &StopId,
    label: &'a [Barcode],
) -> Option<(&'a Held<Shipment>, &'a Parcel)> {
    label.iter().flat_map(|barcode| state.find_barcode(barcode)).min_by_key(|(held, parcel)| {
        let is_here = held.object.stop == *stop;
        let is_gone = matches!(state.attempt_state(held), AttemptState::Gone { .. });
        let is_done = state.progress_of(&held.object.attempt.id).outcomes.contains_key(&parcel.id);
        (!is_here, is_gone, is_done, state.is_scanned(stop, &parcel.id))
    })
}

/// What a label that is not on the route is.
fn tell_strangers_apart(state: &DayState, label: &[Barcode]) -> Result<ScanResult, Rejection> {
    let forms = || label.iter().flat_map(|barcode| &barcode.forms).copied();
    if let Some(form) = forms().find(|form| form.names_a_parcel()) {
        return Ok(ScanResult::Foreign { form });
    }
    let is_misread = |form: &Form| form.is_unmistakable() || state.barcodes().has(*form);
    if let Some(form) = label.iter().flat_map(|barcode| &barcode.misread).copied().find(is_misread) {
        return Err(Rejection::Misread { form });
    }
    Ok(if forms().next().is_some() { ScanResult::RoutingCode } else { ScanResult::Unknown })
}

/// Sorts what was scanned in the van: there, missing, foreign.
pub(super) fn check_load(state: &DayState, barcodes: &[String]) -> Result<Decision, Rejection> {
    if barcodes.len() > MAX_BARCODES {
        let max = u32::try_from(MAX_BARCODES).unwrap_or(u32::MAX);
        return Err(Rejection::BadText { field: "barcodes".into(), max });
    }
    let (mut found, mut foreign) = (Vec::new(), Vec::new());
    for text in barcodes {
        check_text("barcode", text, MAX_SCAN)?;
        let label = read_label(text);
        let own: Vec<_> = label
            .iter()
            .flat_map(|barcode| state.find_barcode(barcode))
            .filter(|(held, _)| state.gone_why(held).is_none())
            .map(|(_, parcel)| parcel.id.clone())
            .collect();
        if own.is_empty() {
            foreign.push(name_of(&label)?);
        }
        // Two parcels with one barcode: one scan is one parcel.
        let new = own.iter().find(|id| !found.contains(*id)).or(own.first()).cloned();
        found.extend(new);
    }
    found.sort_unstable();
    found.dedup();
    foreign.sort_unstable();
    foreign.dedup();
    let missing = state
        .shipments()
        .filter(|held| state.gone_why(held).is_none())
        .flat_map(|held| &held.object.parcels)
        .map(|parcel| parcel.id.clone())
        .filter(|id| found.binary_search(id).is_err())
        .collect();
    Ok(record(None, FactBody::LoadChecked { found, missing, foreign }))
}

/// How a foreign barcode is written down: by its number, not with all that an element string may say around it.
fn name_of(label: &[Barcode]) -> Result<String, Rejection> {
    let names = label.iter().filter_map(|barcode| barcode.keys.first());
    names.into_iter().find(|name| name.chars().count() <= MAX_LEN).cloned().ok_or_else(|| {
        Rejection::BadText { field: "barcode".into(), max: u32::try_from(MAX_LEN).unwrap_or(u32::MAX) }
    })
}
