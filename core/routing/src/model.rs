//! A problem as the search sees it: the free stops renumbered 1 to `last − 1`, node 0 where the search begins, node
//! `last` where the tour ends. What is fixed or locked at either end is behind these two.

use crate::problem::{Finish, Problem, Stop};
use crate::timeline::timeline;

/// Later than anything that happens.
const NEVER: i64 = 1 << 40;

/// What the search knows of a node. Times count from the moment node 0 is left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    /// Service begins at this instant or later.
    pub(crate) earliest: i64,
    /// Whoever arrives later is late.
    pub(crate) latest: i64,
    /// Seconds spent there.
    pub(crate) service: i64,
    /// Cost of a second of lateness.
    pub(crate) weight: i64,
}

/// The renumbered problem.
pub(crate) struct Model {
    /// The number of the end, and of nodes without it.
    pub(crate) last: usize,
    pub(crate) nodes: Vec<Node>,
    /// Whether any node can be late or has to be waited for.
    pub(crate) has_windows: bool,
    time: Vec<i32>,
    cost: Vec<i32>,
    /// The same by columns: what is tried against one end again and again lies side by side.
    cost_to: Vec<i32>,
    /// The locked stops, the stops of nodes 1 to `last − 1`, and a fixed last stop.
    head: Vec<usize>,
    free: Vec<usize>,
    tail: Option<usize>,
}

impl Model {
    /// The search behind the stops of `locked`, which begin with a fixed first stop if they are any.
    pub(crate) fn new(problem: &Problem, locked: &[usize]) -> Self {
        let head = match (locked.is_empty(), problem.start.stop) {
            (true, Some(first)) => vec![first],
            _ => locked.to_vec(),
        };
        let tail = match problem.finish {
            Finish::At(stop) if !head.contains(&stop) => Some(stop),
            _ => None,
        };
        let mut is_free = vec![true; problem.stops.len()];
        for &stop in head.iter().chain(&tail) {
            is_free[stop] = false;
        }
        let free: Vec<usize> = (0..is_free.len()).filter(|&stop| is_free[stop]).collect();

        let begins = if head.is_empty() {
            problem.start.at
        } else {
            timeline(problem, &head).visits.last().map_or(problem.start.at, |visit| visit.leave)
        };
        // The stop behind each node; the end of a closed tour is its start once more.
        let end = match problem.finish {
            Finish::BackAtStart => problem.start.stop,
            _ => tail,
        };
        let places: Vec<Option<usize>> = [head.last().copied()]
            .into_iter()
            .chain(free.iter().map(|&stop| Some(stop)))
            .chain([end])
            .collect();
        let last = places.len() - 1;
        let node = |place: &Option<usize>| {
            let stop = place.map_or(Stop::default(), |stop| problem.stops[stop]);
            Node {
                earliest: stop.earliest.map_or(-NEVER, |at| at - begins),
                latest: stop.latest.map_or(NEVER, |at| at - begins),
                service: i64::from(stop.service_s),
                weight: i64::from(stop.late_weight),
            }
        };
        let mut nodes: Vec<Node> = places.iter().map(node).collect();
        nodes[0] = Node { earliest: 0, latest: 0, service: 0, weight: 0 };
        if problem.finish == Finish::BackAtStart {
            nodes[last].earliest = -NEVER;
            nodes[last].service = 0;
        }
        let has_windows = nodes[1..].iter().any(|node| node.earliest > 0 || node.latest < NEVER);

        let square = |cell: &dyn Fn(usize, usize) -> u32| -> Vec<i32> {
            let of = |from: &Option<usize>, to: &Option<usize>| match (from, to) {
                (Some(from), Some(to)) if from != to => i32::try_from(cell(*from, *to)).unwrap_or(i32::MAX),
                _ => 0,
            };
            places.iter().flat_map(|from| places.iter().map(move |to| of(from, to))).collect()
        };
        let time = square(&|from, to| problem.travel.at(from, to));
        let cost = square(&|from, to| problem.cost(from, to));
        let size = places.len();
        let cost_to = (0..size * size).map(|at| cost[at % size * size + at / size]).collect();
        Self { last, nodes, has_windows, time, cost, cost_to, head, free, tail }
    }

    #[inline]
    pub(crate) fn time(&self, from: u32, to: u32) -> i64 {
        i64::from(self.time[from as usize * (self.last + 1) + to as usize])
    }

    #[inline]
    pub(crate) fn cost(&self, from: u32, to: u32) -> i64 {
        i64::from(self.cost[from as usize * (self.last + 1) + to as usize])
    }

    /// Costs from a node, by the other's number.
    #[inline]
    pub(crate) fn costs_from(&self, node: u32) -> &[i32] {
        let size = self.last + 1;
        &self.cost[node as usize * size..][..size]
    }

    /// Costs to a node, by the other's number.
    #[inline]
    pub(crate) fn costs_to(&self, node: u32) -> &[i32] {
        let size = self.last + 1;
        &self.cost_to[node as usize * size..][..size]
    }

    #[inline]
    pub(crate) fn node(&self, node: u32) -> Node {
        self.nodes[node as usize]
    }

    /// Nodes in order, from an order of stops that begins with what is locked.
    pub(crate) fn nodes_of(&self, order: &[usize]) -> Vec<u32> {
        let most = self.free.last().map_or(0, |&most| most + 1);
        let mut node_of = vec![0_u32; most];
        for (&stop, node) in self.free.iter().zip(1..) {
            node_of[stop] = node;
        }
        let free = &order[self.head.len()..self.head.len() + self.free.len()];
        let mut nodes = vec![0];
        nodes.extend(free.iter().map(|&stop| node_of[stop]));
        nodes.push(self.end());
        nodes
    }

    /// The order of stops, from nodes in order.
    pub(crate) fn order_of(&self, nodes: &[u32]) -> Vec<usize> {
        let free = nodes[1..self.last].iter().map(|&node| self.free[node as usize - 1]);
        self.head.iter().copied().chain(free).chain(self.tail).collect()
    }

    /// The number of the end.
    #[allow(clippy::cast_possible_truncation)] // at most MOST_STOPS + 1
    pub(crate) fn end(&self) -> u32 {
        self.last as u32
    }
}
