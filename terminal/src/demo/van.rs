//! The van in the morning and in the evening.

use courier_domain::{Command, Outcome as ParcelOutcome};

use super::day::Day;
use super::stage::Stage;
use super::{Outcome, go, words};
use crate::phone::Phone;

/// The load check: every parcel is there, and one barcode that is nobody's.
pub(super) fn check_load(phone: &Phone, day: &Day, stage: &Stage) -> Outcome<()> {
    let parcels = day.shipments.iter().flat_map(|shipment| &shipment.parcels);
    let mut barcodes: Vec<String> = parcels.map(|parcel| parcel.barcode.clone()).collect();
    barcodes.push("OF-ANOTHER-VAN".into());
    go(phone, Command::CheckLoad { barcodes })?;
    let load = phone.route().map_err(words)?.and_then(|route| route.load).ok_or("the load check is gone")?;
    stage.line(format!(
        "load: {} parcels found, {} missing, {} foreign",
        load.found.len(),
        load.missing.len(),
        load.foreign.len()
    ))
}

/// What was not delivered comes back.
pub(super) fn bring_back(phone: &Phone, stage: &Stage) -> Outcome<()> {
    let stops = phone.stops().map_err(words)?;
    let parcels: Vec<_> = stops
        .into_iter()
        .flat_map(|stop| stop.doors)
        .flat_map(|door| door.parcels)
        .filter(|parcel| matches!(parcel.outcome, Some(ParcelOutcome::NotDelivered { .. })))
        .map(|parcel| parcel.id)
        .collect();
    let count = parcels.len();
    go(phone, Command::Return { parcels })?;
    stage.line("")?;
    stage.line(format!("back at the depot: {count} parcels"))
}
