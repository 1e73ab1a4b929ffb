//! What is left of the day as a problem of `courier_routing`, and back: stops become numbers, instants become seconds.

use std::collections::BTreeMap;
use std::sync::Arc;

use courier_domain::{StopId, TravelMatrix, UnixMs};
use courier_routing::eta::{Eta, etas};
use courier_routing::geo::Point;
use courier_routing::live::LiveFactor;
use courier_routing::matrix::Matrix;
use courier_routing::service::Expected;
use courier_routing::travel::Pace;
use courier_routing::zones::{ZONE_CHANGE_S, Zones};
use courier_routing::{Finish, Problem, Start, Stop};

/// Legs ahead whose share of today's factor is taken for every leg of a search.
const USUAL_LEG: usize = 8;

/// Travel times: those that somebody knows, and for the rest the straight way at a learned pace.
#[derive(Debug, Clone)]
pub(crate) struct Travel {
    pub(crate) pace: Pace,
    pub(crate) live: LiveFactor,
    pub(crate) known: Option<Arc<Known>>,
}

/// A matrix of the office, to be looked up.
#[derive(Debug)]
pub(crate) struct Known {
    rows: BTreeMap<StopId, usize>,
    matrix: TravelMatrix,
}

impl Known {
    pub(crate) fn new(matrix: &TravelMatrix) -> Self {
        Self { rows: matrix.stops.iter().cloned().zip(0..).collect(), matrix: matrix.clone() }
    }

    pub(crate) fn is_of(&self, matrix: &TravelMatrix) -> bool {
        self.matrix == *matrix
    }

    fn seconds(&self, from: &StopId, to: &StopId) -> Option<u32> {
        let (from, to) = (self.rows.get(from)?, self.rows.get(to)?);
        self.matrix.seconds.get(from * self.rows.len() + to).copied()
    }
}

impl Travel {
    /// Seconds from place to place as they are on a usual day.
    pub(crate) fn seconds(&self, from: &Node, to: &Node) -> u32 {
        let known = self.known.as_ref().zip(from.id.as_ref()).zip(to.id.as_ref());
        known
            .and_then(|((known, from), to)| known.seconds(from, to))
            .unwrap_or_else(|| self.pace.seconds(from.point.metres_to(to.point)))
    }
}

/// A place of the trip.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Of which stop; none where the courier is on the way.
    pub(crate) id: Option<StopId>,
    pub(crate) point: Point,
    pub(crate) earliest: Option<i64>,
    pub(crate) latest: Option<i64>,
    pub(crate) service: Expected,
    /// Where its parcels lie in the van.
    pub(crate) zone: Option<String>,
}

impl Node {
    /// Somewhere without anything to do.
    pub(crate) fn bare(point: Point) -> Self {
        Self {
            id: None,
            point,
            earliest: None,
            latest: None,
            service: Expected { seconds: 0, variance: 0 },
            zone: None,
        }
    }
}

/// What is left of the day: the places in the courier's order, which the numbers of the problem count.
#[derive(Debug, Clone)]
pub(crate) struct Trip {
    pub(crate) nodes: Vec<Node>,
    /// The first node is where the courier is.
    pub(crate) has_start: bool,
    /// When it begins, in seconds since 1970.
    pub(crate) at: i64,
    /// How many nodes at the head have a fixed place.
    pub(crate) fixed: usize,
    /// The last node stays the last.
    pub(crate) is_last_fixed: bool,
    pub(crate) travel: Travel,
}

impl Trip {
    /// The courier's order, by the problem's numbers.
    pub(crate) fn mine(&self) -> Vec<usize> {
        (0..self.nodes.len()).collect()
    }

    /// With the times between all places.
    pub(crate) fn problem(&self) -> Problem {
        let factor = self.travel.live.ahead(USUAL_LEG);
        // The way there is as long as the way back, so each is reckoned once.
        let straight = self.straight_seconds();
        let travel = Matrix::from_fn(self.nodes.len(), |from, to| {
            let known =
                self.travel.known.as_ref().and_then(|known| {
                    known.seconds(self.nodes[from].id.as_ref()?, self.nodes[to].id.as_ref()?)
                });
            scaled(known.unwrap_or_else(|| straight(from, to)), factor)
        });
        self.with(travel)
    }

    fn straight_seconds(&self) -> impl Fn(usize, usize) -> u32 + use<> {
        let count = self.nodes.len();
        let mut half = Vec::with_capacity(count * count / 2);
        for (number, from) in self.nodes.iter().enumerate() {
            let nearer = &self.nodes[..number];
            half.extend(nearer.iter().map(|to| self.travel.pace.seconds(from.point.metres_to(to.point))));
        }
        move |from, to| {
            let (small, large) = (from.min(to), from.max(to));
            if small == large { 0 } else { half[large * (large - 1) / 2 + small] }
        }
    }

    /// With the times between neighbours only, which is enough to time the courier's own order.
    fn line(&self) -> Problem {
        self.with(Matrix::from_fn(self.nodes.len(), |from, to| {
            if to == from + 1 { self.travel.seconds(&self.nodes[from], &self.nodes[to]) } else { 0 }
        }))
    }

    fn with(&self, travel: Matrix) -> Problem {
        let mut zones = Zones::default();
        let stop = |node: &Node| Stop {
            earliest: node.earliest,
            latest: node.latest,
            service_s: u32::try_from(node.service.seconds).unwrap_or(u32::MAX),
            zone: node.zone.as_deref().map(|name| zones.number(name)),
            ..Stop::default()
        };
        let last = self.nodes.len().saturating_sub(1);
        // One place is first or last, not both.
        let is_last_fixed = self.is_last_fixed && last > 0;
        let first = self.has_start || self.fixed > 0;
        Problem {
            travel,
            surcharge: None,
            stops: self.nodes.iter().map(stop).collect(),
            start: Start { at: self.at, stop: (first && !self.nodes.is_empty()).then_some(0) },
            finish: if is_last_fixed { Finish::At(last) } else { Finish::Anywhere },
            zone_change_s: ZONE_CHANGE_S,
        }
    }

    /// When each place is reached in the courier's order, and when the last one is left.
    pub(crate) fn etas(&self) -> (Vec<Eta>, Option<i64>) {
        let service: Vec<Expected> = self.nodes.iter().map(|node| node.service).collect();
        let etas = etas(&self.line(), &self.mine(), &service, self.travel.live);
        let ends = etas.last().zip(self.nodes.last()).map(|(eta, node)| {
            eta.p50.max(node.earliest.unwrap_or(i64::MIN)) + node.service.seconds.cast_signed()
        });
        (etas, ends)
    }
}

fn scaled(seconds: u32, thousandths: u64) -> u32 {
    u32::try_from(u64::from(seconds) * thousandths / 1_000).unwrap_or(u32::MAX)
}

/// Whole seconds since 1970.
pub(crate) fn seconds(at: UnixMs) -> i64 {
    at.0.div_euclid(1_000)
}

/// The instant so many seconds after 1970.
pub(crate) fn instant(seconds: i64) -> UnixMs {
    UnixMs(seconds.saturating_mul(1_000))
}
