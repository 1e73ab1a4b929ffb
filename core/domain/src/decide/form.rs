//! What is filled in at a door is kept, as far as it could be recorded.

use super::outcome::private_part;
use super::{Decision, Rejection};
use crate::attempt::AttemptState;
use crate::command::ReceiverDetails;
use crate::form::DoorForm;
use crate::id::StopId;
use crate::state::DayState;

/// Keeps what the courier filled in at a stop, instead of what was filled in before.
pub(super) fn save(state: &DayState, stop: &StopId, form: Option<&DoorForm>) -> Result<Decision, Rejection> {
    state.stop(stop).ok_or(Rejection::NotOnRoute)?;
    let mut draft = state.draft(stop);
    let form = form.map(|form| check(state, stop, form)).transpose()?;
    if draft.form == form {
        return Ok(Decision::Nothing);
    }
    draft.form = form;
    Ok(Decision::SaveForm { stop: stop.clone(), draft })
}

fn check(state: &DayState, stop: &StopId, form: &DoorForm) -> Result<DoorForm, Rejection> {
    let held = state.shipment(&form.shipment).filter(|held| held.object.stop == *stop);
    let held = held.ok_or(Rejection::NotOnRoute)?;
    match state.attempt_state(held) {
        AttemptState::Open => {}
        AttemptState::Closed { .. } => return Err(Rejection::NotOpen),
        AttemptState::Gone { why } => return Err(Rejection::Gone { why }),
    }
    // Nothing is kept that could not be recorded; white space is, since somebody is still typing.
    private_part(&form.details)?;
    let is_here = |id: &&crate::id::ParcelId| held.object.parcels.iter().any(|parcel| parcel.id == **id);
    Ok(DoorForm {
        shipment: form.shipment.clone(),
        choice: form.choice,
        // What was taken is the stop's, and a position is old by then.
        details: ReceiverDetails { files: Vec::new(), position: None, ..form.details.clone() },
        left_out: form.left_out.iter().filter(is_here).cloned().collect(),
    })
}
