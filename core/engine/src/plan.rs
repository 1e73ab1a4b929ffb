//! The phone's own plan of the day: in which order the open stops come, when they are reached, what another order would
//! bring.
//!
//! - [`trip`]: what is left of the day as numbers and seconds, and back.
//! - [`search`]: the search for a better order, for another thread.
//! - [`arrivals`]: when the courier is at a stop, from fixes.
//! - [`wishes`]: what the courier wants of the order.
//! - [`lesson`]: what a leg and a stop that lie behind teach.
//! - [`learned`], [`today`]: what is kept.
//!
//! Nothing here has I/O: the machine keeps what has to be kept, and records what the courier decides.

pub(crate) mod arrivals;
pub(crate) mod learned;
mod lesson;
pub(crate) mod search;
#[cfg(test)]
mod tests;
pub(crate) mod today;
pub(crate) mod trip;
mod wishes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use courier_domain::{
    DayState, Eta, Proposal, RouteView, Stop, StopId, StopView, TimeWindow, UnixMs, Whereabouts,
};
use courier_routing::eta::Promise;
use courier_routing::geo::Point;
use courier_routing::{eta, insert_missing};

use arrivals::Arrivals;
use learned::Learned;
use search::{Found, Search};
use today::Today;
use trip::{Known, Node, Travel, Trip, instant, seconds};

/// An arrival is told again when it has moved by more than this, in seconds.
const PROMISE_S: u32 = 600;
/// How long a fix says where the courier is, in milliseconds.
pub(crate) const FRESH_MS: u64 = 120_000;
/// Most stops that are planned: more is no courier's day.
const MOST_STOPS: usize = 400;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) learned: Learned,
    pub(crate) today: Today,
    pub(crate) arrivals: Arrivals,
    known: Option<Arc<Known>>,
    /// Rises whenever the open stops or their order change.
    version: u64,
    /// Stops whose place means nothing, because they were just added.
    loose: Vec<StopId>,
    is_search_wanted: bool,
    /// Not yet kept.
    pub(crate) is_learned_new: bool,
    pub(crate) is_today_new: bool,
    /// Something of it would not come again by itself: an order, a proposal, a setting.
    pub(crate) is_worth_a_commit: bool,
}

/// Now, and where the phone is, if it knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) now: UnixMs,
    pub(crate) boot_ms: u64,
}

impl Plan {
    pub(crate) fn new(learned: Learned, today: Today) -> Self {
        Self { learned, today, ..Self::default() }
    }

    /// Brings the plan in line with what office and facts say, and looks whether something is to be told. Returns
    /// whether anything that is shown has changed. Without a search it is done in well under a millisecond.
    pub(crate) fn refresh(&mut self, state: &DayState, moment: Moment) -> bool {
        let before = self.today.clone();
        match state.route() {
            None => self.today = Today::default(),
            Some((route, _)) if self.today.route.as_ref() != Some(&route.id) => {
                self.today = Today::of(route.id.clone());
                self.arrivals = Arrivals::default();
                self.version += 1;
            }
            Some(_) => {}
        }
        if self.today.route.is_some() {
            self.known = state.matrix().map(|matrix| match self.known.take() {
                Some(known) if known.is_of(matrix) => known,
                _ => Arc::new(Known::new(matrix)),
            });
            self.follow(state, moment);
            self.tell(state, moment);
        }
        let is_new = self.today != before;
        self.is_today_new |= is_new;
        self.is_worth_a_commit |= self.today.order != before.order || self.today.proposal != before.proposal;
        is_new
    }

    /// The order follows what office and courier say.
    fn follow(&mut self, state: &DayState, moment: Moment) {
        let basis = state.day().order.as_ref().or(state.route().map(|(route, _)| &route.order));
        let basis = basis.cloned().unwrap_or_default();
        if basis != self.today.basis {
            self.today.order.clone_from(&basis);
            self.today.basis = basis;
            self.today.told.clear();
            self.today.proposal = None;
            self.version += 1;
        }
        let open = open_parcels(state);
        self.notice(state, &open);
        self.today.order.retain(|stop| state.stop(stop).is_some());
        let placed: BTreeSet<StopId> = self.today.order.iter().cloned().collect();
        let held = state.stops_in_order();
        let missing = held.iter().map(|held| &held.object.id).filter(|id| !placed.contains(*id));
        for stop in missing {
            if open.contains_key(stop) {
                self.insert(state, stop.clone(), moment);
            } else {
                self.today.order.push(stop.clone());
            }
        }
        self.pin_ends(state, &open);
        self.go_along(state, &open);
    }

    /// What the office has fixed stays at its end, unless the courier is there.
    fn pin_ends(&mut self, state: &DayState, open: &BTreeMap<&StopId, u32>) {
        let Some((route, _)) = state.route() else { return };
        let here = Self::here(state).map(|(here, ..)| here.stop.clone());
        let before = self.today.order.clone();
        let order = &mut self.today.order;
        let is_free = |stop: &&StopId| open.contains_key(*stop) && here.as_ref() != Some(*stop);
        if let Some(first) = route.fixed_first.as_ref().filter(is_free) {
            order.retain(|stop| stop != first);
            let place = order.iter().position(|stop| open.contains_key(stop)).unwrap_or(order.len());
            order.insert(place, first.clone());
        }
        if let Some(last) = route.fixed_last.as_ref().filter(is_free) {
            order.retain(|stop| stop != last);
            order.push(last.clone());
        }
        self.version += u64::from(*order != before);
    }

    /// The courier went to a stop before its turn: it comes before the others from then on.
    fn go_along(&mut self, state: &DayState, open: &BTreeMap<&StopId, u32>) {
        let Some((here, _, true)) = Self::here(state) else { return };
        let order = &mut self.today.order;
        let first = order.iter().position(|stop| open.contains_key(stop));
        let place = order.iter().position(|stop| *stop == here.stop);
        if let (Some(first), Some(place)) = (first, place)
            && first < place
        {
            let stop = order.remove(place);
            order.insert(first, stop);
            self.version += 1;
        }
    }

    /// Whether the office has changed something that another order could be better for.
    fn notice(&mut self, state: &DayState, open: &BTreeMap<&StopId, u32>) {
        let open = open.keys().filter_map(|id| Some(((*id).clone(), state.stop(id)?.object.window)));
        let open: BTreeMap<StopId, Option<TimeWindow>> = open.collect();
        let seen = std::mem::replace(&mut self.today.seen, open);
        let open = &self.today.seen;
        if seen == *open {
            return;
        }
        self.version += 1;
        // A stop that was visited is opened again by the courier only.
        let is_added = |stop: &&StopId| !seen.contains_key(*stop) && !state.has_arrived(stop);
        let added: Vec<StopId> = open.keys().filter(is_added).cloned().collect();
        let moved = open.iter().any(|(stop, window)| seen.get(stop).is_some_and(|before| before != window));
        let taken = seen.keys().any(|stop| !open.contains_key(stop) && !is_anything_concluded(state, stop));
        let by_office = !seen.is_empty() && (moved || taken || !added.is_empty());
        // Of what a proposal said something has come to be, or not to be: it is priced again.
        self.is_search_wanted |= by_office || self.today.proposal.is_some();
        self.today.proposal = None;
        if by_office {
            self.loose = added;
        }
    }

    /// Puts a stop where it costs least; nothing else moves.
    fn insert(&mut self, state: &DayState, stop: StopId, moment: Moment) {
        let place = self.trip(state, moment).and_then(|trip| {
            let mut with = trip;
            let node = self.node(state, &stop, &open_parcels(state), fallback(state)?)?;
            let at = with.nodes.len() - usize::from(with.is_last_fixed);
            with.nodes.insert(at, node);
            let order: Vec<usize> = with.mine().into_iter().filter(|&number| number != at).collect();
            // The next stop stays the next.
            let locked = (with.fixed.max(usize::from(with.has_start)) + 1).min(order.len());
            let order = insert_missing(&with.problem(), &order, locked).ok()?;
            let place = order.iter().position(|&number| number == at)?;
            let before = order.get(place.checked_sub(1)?)?;
            with.nodes.get(*before)?.id.clone()
        });
        let order = &mut self.today.order;
        let behind = place.and_then(|before| order.iter().position(|other| *other == before));
        order.insert(behind.map_or(order.len(), |before| before + 1), stop);
        self.version += 1;
    }

    /// Where the courier is by the facts, and whether something is left to do there.
    fn here(state: &DayState) -> Option<(&Whereabouts, &Stop, bool)> {
        let here = state.day().here.as_ref()?;
        let stop = &state.stop(&here.stop)?.object;
        Some((here, stop, state.open_stops().contains(&here.stop)))
    }

    /// What is left of the day. None where nothing is, or too much.
    fn trip(&self, state: &DayState, moment: Moment) -> Option<Trip> {
        let open = open_parcels(state);
        if open.is_empty() || open.len() > MOST_STOPS {
            return None;
        }
        let fallback = fallback(state)?;
        let (route, _) = state.route()?;
        let mut left: Vec<StopId> =
            self.today.order.iter().filter(|stop| open.contains_key(stop)).cloned().collect();
        let travel =
            Travel { pace: self.learned.pace.clone(), live: self.today.live, known: self.known.clone() };
        let now = seconds(moment.now);
        let mut trip =
            Trip { nodes: Vec::new(), has_start: true, at: now, fixed: 0, is_last_fixed: false, travel };
        match Self::here(state) {
            Some((here, stop, true)) => {
                let mut node = self.node(state, &stop.id, &open, fallback)?;
                let spent = now.saturating_sub(seconds(here.since)).max(0).unsigned_abs();
                node.service.seconds = node.service.seconds.saturating_sub(spent);
                (node.earliest, node.latest) = (None, None);
                left.retain(|other| *other != stop.id);
                trip.nodes.push(node);
            }
            found => {
                let fix = self.arrivals.last_fix(moment.boot_ms);
                let left_at = found.map(|(here, stop, _)| (here.concluded.unwrap_or(here.since), stop));
                match (fix, left_at) {
                    (Some(fix), _) => trip.nodes.push(Node::bare(fix)),
                    (None, Some((left_at, stop))) => {
                        let mut node = Node::bare(point(stop).unwrap_or(fallback));
                        node.id = Some(stop.id.clone());
                        trip.nodes.push(node);
                        trip.at = seconds(left_at);
                    }
                    (None, None) => trip.has_start = false,
                }
            }
        }
        let start = usize::from(trip.has_start);
        if let Some(first) = route.fixed_first.as_ref().and_then(|id| left.iter().position(|stop| stop == id))
        {
            let first = left.remove(first);
            left.insert(0, first);
            trip.fixed = start + 1;
        }
        if let Some(last) = route.fixed_last.as_ref().and_then(|id| left.iter().position(|stop| stop == id)) {
            let last = left.remove(last);
            left.push(last);
            trip.is_last_fixed = true;
        }
        for stop in &left {
            trip.nodes.push(self.node(state, stop, &open, fallback)?);
        }
        // Who should have been at the next stop by now is on the way there still.
        if trip.has_start
            && let Some(next) = trip.nodes.get(1)
        {
            let busy = trip.nodes[0].service.seconds.cast_signed();
            let way = i64::from(trip.travel.seconds(&trip.nodes[0], next));
            trip.at = trip.at.max(now - way - busy).min(now);
        }
        Some(trip)
    }

    fn node(
        &self,
        state: &DayState,
        id: &StopId,
        open: &BTreeMap<&StopId, u32>,
        fallback: Point,
    ) -> Option<Node> {
        let stop = &state.stop(id)?.object;
        // A window that ends before it begins is none.
        let window = stop.window.filter(|window| window.from <= window.to);
        Some(Node {
            id: Some(id.clone()),
            point: point(stop).unwrap_or(fallback),
            earliest: window.map(|window| seconds(window.from)),
            latest: window.map(|window| seconds(window.to)),
            service: self.learned.expected(stop, open.get(id).copied().unwrap_or(1)),
            zone: stop.van_place.clone(),
        })
    }

    /// Looks when each stop is reached, and tells what has moved by more than the promise.
    fn tell(&mut self, state: &DayState, moment: Moment) {
        let day = state.day();
        let trip = if day.started && !day.closed { self.trip(state, moment) } else { None };
        let Some(trip) = trip else {
            self.today.told.clear();
            self.today.ends = None;
            return;
        };
        let (etas, ends) = trip.etas();
        let nodes = trip.nodes.iter().zip(etas).skip(usize::from(trip.has_start));
        let fresh: BTreeMap<StopId, Eta> =
            nodes.filter_map(|(node, eta)| Some((node.id.clone()?, shown(node, eta)))).collect();
        let told = std::mem::take(&mut self.today.told);
        let moved = |(stop, fresh): (&StopId, &Eta)| {
            told.get(stop)
                .is_some_and(|told| Promise::new(range(told)).update(range(fresh), PROMISE_S).is_some())
        };
        if told.is_empty() || fresh.iter().any(moved) {
            // One that moves brings the others along: they are never told in another order than they come.
            let was_in_time = |stop: &StopId| told.get(stop).is_some_and(|told| told.late_s == 0);
            self.is_search_wanted |= fresh.iter().any(|(stop, eta)| eta.late_s > 0 && was_in_time(stop));
            self.today.told = fresh;
            self.today.ends = ends.map(instant);
        } else {
            let as_told = |(stop, fresh)| (told.get(&stop).copied().unwrap_or(fresh), stop);
            self.today.told = fresh.into_iter().map(as_told).map(|(eta, stop)| (stop, eta)).collect();
        }
    }

    /// What is to be searched, if anything: asked once for each occasion.
    pub(crate) fn take_search(&mut self, state: &DayState, moment: Moment) -> Option<Search> {
        if !std::mem::take(&mut self.is_search_wanted) {
            return None;
        }
        let day = state.day();
        if !day.started || day.closed {
            return None;
        }
        let trip = self.trip(state, moment)?;
        let parcels = open_parcels(state).into_iter().map(|(stop, open)| (stop.clone(), open)).collect();
        let loose = std::mem::take(&mut self.loose);
        Some(Search { trip, loose, keep: self.learned.keep, parcels, version: self.version })
    }

    /// A search has ended. Returns whether anything that is shown has changed.
    pub(crate) fn found(&mut self, found: Found) -> bool {
        if found.version != self.version {
            // Meanwhile something else has happened.
            self.is_search_wanted = true;
            return false;
        }
        let is_new = found.proposal.is_some() || self.today.proposal.is_some();
        self.today.proposal = found.proposal.map(|proposal| {
            self.today.proposals += 1;
            Proposal { id: self.today.proposals, ..proposal }
        });
        self.is_today_new |= is_new;
        self.is_worth_a_commit |= is_new;
        is_new
    }

    /// The day as the plan has it.
    pub(crate) fn show_route(&self, view: RouteView) -> RouteView {
        let mut view = view;
        let places: BTreeMap<&StopId, usize> = self.today.order.iter().zip(0..).collect();
        view.stops.sort_by_key(|line| places.get(&line.id).copied().unwrap_or(usize::MAX));
        let mut position = 0;
        for line in &mut view.stops {
            let is_open = self.today.seen.contains_key(&line.id);
            position += u32::from(is_open);
            line.position = is_open.then_some(position);
            line.eta = self.today.told.get(&line.id).copied();
        }
        RouteView {
            keep: self.learned.keep,
            ends: self.today.ends,
            proposal: self.today.proposal.clone(),
            ..view
        }
    }

    /// A stop as the plan has it.
    pub(crate) fn show_stop(&self, view: StopView) -> StopView {
        let open = self.today.order.iter().filter(|stop| self.today.seen.contains_key(*stop));
        let position = open.zip(1..).find(|(stop, _)| **stop == view.id).map(|(_, position)| position);
        StopView {
            position,
            eta: self.today.told.get(&view.id).copied(),
            away_m: self.today.away.get(&view.id).copied(),
            ..view
        }
    }

    /// Open stops in the courier's order, without the one where the courier is.
    pub(crate) fn ahead<'a>(&'a self, state: &'a DayState) -> impl Iterator<Item = &'a Stop> + 'a {
        let here = Self::here(state).filter(|(_, _, open)| *open).map(|(here, ..)| &here.stop);
        let open = self.today.order.iter().filter(|stop| self.today.seen.contains_key(*stop));
        open.filter(move |stop| Some(*stop) != here).filter_map(|stop| Some(&state.stop(stop)?.object))
    }

    /// Counts what the open stops and their order were changed.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }
}

/// Where the van stands, or else the door. None for what is no place on earth.
fn point(stop: &Stop) -> Option<Point> {
    let of = |pin: &courier_domain::Pin| Point::from_degrees(pin.lat, pin.lon);
    stop.parking_pin.as_ref().and_then(of).or_else(|| of(&stop.door_pin))
}

/// Where a stop is taken to be whose pin is no place on earth: where another one is.
fn fallback(state: &DayState) -> Option<Point> {
    state.stops_in_order().iter().find_map(|held| point(&held.object))
}

/// The stops with something left to do, and how many parcels that is.
fn open_parcels(state: &DayState) -> BTreeMap<&StopId, u32> {
    let mut open: BTreeMap<&StopId, u32> = state.open_stops().into_iter().map(|stop| (stop, 0)).collect();
    for held in state.shipments() {
        if let Some(parcels) = open.get_mut(&held.object.stop) {
            *parcels += u32::try_from(state.open_parcels(&held.object).len()).unwrap_or(u32::MAX);
        }
    }
    open
}

fn is_anything_concluded(state: &DayState, stop: &StopId) -> bool {
    state.shipments_of(stop).any(|held| !state.progress_of(&held.object.attempt.id).outcomes.is_empty())
}

fn shown(node: &Node, eta: eta::Eta) -> Eta {
    let late = node.latest.map_or(0, |latest| (eta.p50 - latest).max(0));
    Eta { p50: instant(eta.p50), p80: instant(eta.p80), late_s: u32::try_from(late).unwrap_or(u32::MAX) }
}

fn range(eta: &Eta) -> eta::Eta {
    eta::Eta { p50: seconds(eta.p50), p80: seconds(eta.p80) }
}
