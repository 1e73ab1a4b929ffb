//! What the courier wants of the order.

use courier_domain::{DayState, Rejection, RouteEdit, StopId};
use courier_routing::{Edit, edit};

use super::trip::seconds;
use super::{Moment, Plan};

impl Plan {
    /// The whole order after a change that the courier wants.
    pub(crate) fn edited(
        &self,
        state: &DayState,
        stop: &StopId,
        change: RouteEdit,
        moment: Moment,
    ) -> Result<Vec<StopId>, Rejection> {
        if !state.open_stops().contains(stop) {
            return Err(Rejection::NotOpen);
        }
        let trip = self.trip(state, moment).ok_or(Rejection::NotOpen)?;
        let number = trip.nodes.iter().position(|node| node.id.as_ref() == Some(stop));
        let number = number.ok_or(Rejection::NotOpen)?;
        // Where the courier is counts as a position while something is left to do there.
        let before = usize::from(trip.has_start && !matches!(Self::here(state), Some((_, _, true))));
        let change = match change {
            RouteEdit::Next => Edit::Next(number),
            RouteEdit::Later { not_before } => Edit::Later { stop: number, not_before: seconds(not_before) },
            RouteEdit::Skip => Edit::Skip(number),
            RouteEdit::Move { position } => {
                let place = usize::try_from(position).unwrap_or(usize::MAX);
                let to = place.checked_sub(1).and_then(|place| place.checked_add(before));
                Edit::Move { stop: number, to: to.ok_or(Rejection::PlaceFixed)? }
            }
        };
        let edited =
            edit(&trip.problem(), &trip.mine(), change, trip.fixed).map_err(|_| Rejection::PlaceFixed)?;
        let order = edited.timeline.order().filter_map(|number| trip.nodes[number].id.clone());
        Ok(self.whole(state, order.collect()))
    }

    /// The whole order of a proposal, if it still stands.
    pub(crate) fn proposed(&self, state: &DayState, id: u32) -> Result<Vec<StopId>, Rejection> {
        let proposal =
            self.today.proposal.as_ref().filter(|it| it.id == id).ok_or(Rejection::ProposalOver)?;
        let here = Self::here(state).filter(|(_, _, open)| *open).map(|(here, ..)| here.stop.clone());
        Ok(self.whole(state, here.into_iter().chain(proposal.order.iter().cloned()).collect()))
    }

    /// What is done lies behind; then come the open stops in this order.
    fn whole(&self, state: &DayState, order: Vec<StopId>) -> Vec<StopId> {
        let open = state.open_stops();
        let behind = self.today.order.iter().filter(|stop| !open.contains(stop)).cloned();
        let order = order.into_iter().filter(|stop| open.contains(stop));
        behind.chain(order).collect()
    }

    /// The proposed order is not wanted. Whether there was one.
    pub(crate) fn drop_proposal(&mut self, id: u32) -> bool {
        let is_there = self.today.proposal.as_ref().is_some_and(|it| it.id == id);
        if is_there {
            self.today.proposal = None;
            self.is_today_new = true;
            self.is_worth_a_commit = true;
        }
        is_there
    }
}
