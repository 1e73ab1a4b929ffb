//! What the places draw: the views of the core, pulled when something changed.

use courier_domain::{Outcome, ParcelId, StopId, StopView};
use courier_engine::{CourierError, Diagnostics};

use crate::phone::{Glance, Phone};

/// Everything that may be on the screen.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct View {
    /// The day.
    pub(crate) glance: Glance,
    /// The stop that is open.
    pub(crate) stop: Option<StopView>,
    /// The parcels of the van, where they are looked at.
    pub(crate) van: Vec<VanParcel>,
    /// What is on this phone; absent before the enrolment.
    pub(crate) phone: Option<Diagnostics>,
}

/// A parcel of the route.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VanParcel {
    /// Number of its stop.
    pub(crate) stop: u32,
    /// The name on its label.
    pub(crate) recipient: String,
    /// What is printed on it.
    pub(crate) barcode: String,
    /// The parcel.
    pub(crate) id: ParcelId,
    /// What happened to it.
    pub(crate) outcome: Option<Outcome>,
}

/// What a place needs besides the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing.
    Day,
    /// A stop.
    Stop(StopId),
    /// Every parcel.
    Van,
}

impl View {
    /// Asks the core.
    pub(crate) fn pull(phone: &Phone, needs: &Needs) -> Result<Self, CourierError> {
        let mut view = Self { glance: phone.glance()?, phone: Some(phone.diagnostics()?), ..Self::default() };
        match needs {
            Needs::Day => {}
            Needs::Stop(stop) => match phone.stop(stop) {
                Ok(stop) => view.stop = Some(stop),
                // The office replaced the route.
                Err(CourierError::NotFound) => {}
                Err(error) => return Err(error),
            },
            Needs::Van => view.van = phone.stops()?.into_iter().flat_map(parcels).collect(),
        }
        Ok(view)
    }
}

fn parcels(stop: StopView) -> Vec<VanParcel> {
    let no = stop.no;
    let doors = stop.doors.into_iter().filter(|door| door.gone.is_none());
    doors
        .flat_map(|door| {
            let recipient = door.recipient_name;
            door.parcels.into_iter().map(move |parcel| VanParcel {
                stop: no,
                recipient: recipient.clone(),
                barcode: parcel.barcode,
                id: parcel.id,
                outcome: parcel.outcome,
            })
        })
        .collect()
}
