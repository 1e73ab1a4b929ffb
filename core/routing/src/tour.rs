//! A tour in the search: its order, and the sums that tell what a change of it would cost without walking it.

use crate::model::Model;
use crate::span::Span;

/// Positions `from..=to` of the present order, taken backwards if `turned`.
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) turned: bool,
}

/// How lateness is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lateness {
    /// By time warps at a price that adapts: smooth, and right where everybody can be in time.
    Warped,
    /// As it will be, at each stop's own weight.
    Real,
}

pub(crate) struct Tour<'a> {
    model: &'a Model,
    pub(crate) order: Vec<u32>,
    /// Where each node stands in the order.
    pub(crate) position: Vec<u32>,
    /// Cost of the arcs up to each position, forwards and backwards.
    ahead: Vec<i64>,
    back: Vec<i64>,
    /// The stretch up to each position, and the one from it to the end.
    before: Vec<Span>,
    after: Vec<Span>,
    /// Really: when each position is reached and left, and what the lateness up to it costs.
    arrive: Vec<i64>,
    leave: Vec<i64>,
    owed: Vec<i64>,
    /// What a second more at a position adds to the cost of lateness from there on, and a second less saves at most.
    urgency: Vec<i64>,
    pub(crate) lateness: Lateness,
    /// Price of a second of warp.
    pub(crate) warp_price: i64,
    buffer: Vec<u32>,
}

impl<'a> Tour<'a> {
    pub(crate) fn new(model: &'a Model, order: Vec<u32>) -> Self {
        let places = order.len();
        let mut tour = Self {
            model,
            order,
            position: vec![0; places],
            ahead: vec![0; places],
            back: vec![0; places],
            before: vec![Span::node(0, model.node(0)); places],
            after: vec![Span::node(model.end(), model.node(model.end())); places],
            arrive: vec![0; places],
            leave: vec![0; places],
            owed: vec![0; places],
            urgency: vec![0; places + 1],
            lateness: Lateness::Warped,
            warp_price: 10,
            buffer: Vec::with_capacity(places),
        };
        tour.sum_up(0, model.last);
        tour
    }

    pub(crate) fn set_order(&mut self, order: &[u32]) {
        let differs = |(old, new): (&u32, &u32)| old != new;
        let Some(low) = self.order.iter().zip(order).position(differs) else { return };
        let high = self.order.iter().zip(order).rposition(differs).unwrap_or(low);
        self.order[low..=high].copy_from_slice(&order[low..=high]);
        self.sum_up(low, high);
    }

    /// How lateness is counted from here on.
    pub(crate) fn count(&mut self, lateness: Lateness) {
        self.lateness = lateness;
        self.sum_up(0, self.model.last);
    }

    /// Sums of an order that has changed at positions `low..=high`.
    fn sum_up(&mut self, low: usize, high: usize) {
        let model = self.model;
        let last = model.last;
        for place in low..=high {
            #[allow(clippy::cast_possible_truncation)] // at most MOST_STOPS + 1
            let number = place as u32;
            self.position[self.order[place] as usize] = number;
        }
        let from = low.max(1);
        let changed = (high + 1).min(last);
        let (ahead, back) = (self.ahead[changed], self.back[changed]);
        for place in from..=changed {
            let (previous, node) = (self.order[place - 1], self.order[place]);
            self.ahead[place] = self.ahead[place - 1] + model.cost(previous, node);
            self.back[place] = self.back[place - 1] + model.cost(node, previous);
        }
        // The arcs behind are what they were.
        let (ahead, back) = (self.ahead[changed] - ahead, self.back[changed] - back);
        self.ahead[changed + 1..].iter_mut().for_each(|sum| *sum += ahead);
        self.back[changed + 1..].iter_mut().for_each(|sum| *sum += back);
        if !model.has_windows {
            return;
        }
        for place in from..=last {
            let (previous, node) = (self.order[place - 1], self.order[place]);
            let span = self.span(place);
            self.before[place] = self.before[place - 1].then(model.time(previous, node), span);
        }
        for place in (0..=high.min(last - 1)).rev() {
            let (node, next) = (self.order[place], self.order[place + 1]);
            let span = self.span(place);
            self.after[place] = span.then(model.time(node, next), self.after[place + 1]);
        }
        if self.lateness == Lateness::Real {
            for place in from..=last {
                let (arrive, leave, cost) =
                    self.visit(self.leave[place - 1], self.order[place - 1], self.order[place]);
                self.arrive[place] = arrive;
                self.leave[place] = leave;
                self.owed[place] = self.owed[place - 1] + cost;
            }
            // Up to the first wait: what comes after it is not reached any earlier.
            for place in (1..=last).rev() {
                let node = model.node(self.order[place]);
                let late = if self.arrive[place] > node.latest { node.weight } else { 0 };
                let then = if self.arrive[place] < node.earliest { 0 } else { self.urgency[place + 1] };
                self.urgency[place] = late + then;
            }
        }
    }

    /// Arrival, departure and cost of lateness at `to`, for who leaves `from` at `leave`.
    #[inline]
    fn visit(&self, leave: i64, from: u32, to: u32) -> (i64, i64, i64) {
        let node = self.model.node(to);
        let arrive = leave + self.model.time(from, to);
        let cost = (arrive - node.latest).max(0) * node.weight;
        (arrive, arrive.max(node.earliest) + node.service, cost)
    }

    /// Cost of the arc that leaves a position.
    #[inline]
    pub(crate) fn arc(&self, place: usize) -> i64 {
        self.ahead[place + 1] - self.ahead[place]
    }

    /// Cost of all arcs.
    pub(crate) fn arcs(&self) -> i64 {
        self.ahead[self.model.last]
    }

    /// Seconds of warp of the whole tour.
    pub(crate) fn warp(&self) -> i64 {
        self.before[self.model.last].warp
    }

    /// What lateness costs as it is counted at present.
    pub(crate) fn penalty(&self) -> i64 {
        match self.lateness {
            Lateness::Warped => self.warp_price * self.warp(),
            Lateness::Real => self.owed[self.model.last],
        }
    }

    /// What a change within `low..=high` can save of the penalty at most.
    #[inline]
    pub(crate) fn most_saved_of_penalty(&self, low: usize, high: usize) -> i64 {
        match self.lateness {
            // Joining stretches never takes a warp away: what is left as it is keeps its own.
            Lateness::Warped => {
                let stays = self.before[low - 1].warp + self.after[high + 1].warp;
                self.warp_price * (self.warp() - stays)
            }
            Lateness::Real => self.owed[self.model.last] - self.owed[low - 1],
        }
    }

    /// What lateness really costs, at each stop's own weight.
    pub(crate) fn really_owed(&self) -> i64 {
        if !self.model.has_windows {
            return 0;
        }
        let mut leave = 0;
        let mut owed = 0;
        for (&from, &to) in self.order.iter().zip(&self.order[1..]) {
            let (_, then, cost) = self.visit(leave, from, to);
            leave = then;
            owed += cost;
        }
        owed
    }

    /// Cost of turning `from..=to` round, without the arcs at its ends.
    #[inline]
    pub(crate) fn turning(&self, from: usize, to: usize) -> i64 {
        (self.back[to] - self.back[from]) - (self.ahead[to] - self.ahead[from])
    }

    /// Whether a change within `low..=high` can save anything, as far as that is seen without a look at it. `arcs` is the
    /// difference in arcs.
    #[inline]
    pub(crate) fn may_save(&self, arcs: i64, low: usize, high: usize) -> bool {
        arcs < 0 || (self.model.has_windows && arcs < self.most_saved_of_penalty(low, high))
    }

    /// Whether it saves anything to put `pieces` in place of the positions that they cover.
    #[inline]
    pub(crate) fn saves(&self, arcs: i64, pieces: &[Piece]) -> bool {
        let (low, high) = covered(pieces);
        if !self.model.has_windows {
            return arcs < 0;
        }
        // What lateness may cost at most afterwards.
        let limit = self.penalty() - arcs;
        let new = match self.lateness {
            Lateness::Warped => {
                let price = self.warp_price;
                self.new_warp(low, high, pieces, (limit + price - 1) / price).map(|warp| warp * price)
            }
            Lateness::Real => self.new_owed(low, high, pieces, limit),
        };
        new.is_some_and(|new| new < limit)
    }

    /// Whether it saves anything to exchange `low..seam` and `seam..=high`, which are `first` and `second` in time. Only
    /// where lateness is counted by warps.
    #[inline]
    pub(crate) fn exchange_saves(
        &self,
        arcs: i64,
        (low, seam, high): (usize, usize, usize),
        parts: [Span; 2],
    ) -> bool {
        let [first, second] = parts;
        let to = |from: Span, place: usize| self.model.time(from.end(), self.order[place]);
        let before = self.before[low - 1];
        let middle = before.then(to(before, seam), second).then(to(second, low), first);
        let whole = middle.then(to(first, high + 1), self.after[high + 1]);
        arcs + self.warp_price * (whole.warp - self.warp()) < 0
    }

    /// The node at `place` in time.
    #[inline]
    pub(crate) fn span(&self, place: usize) -> Span {
        let node = self.order[place];
        Span::node(node, self.model.node(node))
    }

    /// A stretch and, right after it, one that begins at `place`.
    #[inline]
    pub(crate) fn joined(&self, stretch: Span, place: usize, next: Span) -> Span {
        stretch.then(self.model.time(stretch.end(), self.order[place]), next)
    }

    /// Warp with `pieces` in place of `low..=high`; `None` as soon as it is `limit` or more.
    fn new_warp(&self, low: usize, high: usize, pieces: &[Piece], limit: i64) -> Option<i64> {
        let mut span = self.before[low - 1];
        let limit = limit - self.after[high + 1].warp;
        if span.warp >= limit {
            return None;
        }
        for piece in pieces {
            let nodes = &self.order[piece.from..=piece.to];
            let mut next = |node: u32| {
                let single = Span::node(node, self.model.node(node));
                span = span.then(self.model.time(span.end(), node), single);
                span.warp < limit
            };
            let whole = if piece.turned {
                nodes.iter().rev().all(|&node| next(node))
            } else {
                nodes.iter().all(|&node| next(node))
            };
            if !whole {
                return None;
            }
        }
        let travel = self.model.time(span.end(), self.order[high + 1]);
        Some(span.then(travel, self.after[high + 1]).warp)
    }

    /// Cost of lateness with `pieces` in place of `low..=high`; `None` as soon as it is `limit` or more.
    fn new_owed(&self, low: usize, high: usize, pieces: &[Piece], limit: i64) -> Option<i64> {
        let last = self.model.last;
        let (mut leave, mut at, mut owed) = (self.leave[low - 1], self.order[low - 1], self.owed[low - 1]);
        for piece in pieces {
            let nodes = &self.order[piece.from..=piece.to];
            let mut next = |node: u32| {
                let (_, then, cost) = self.visit(leave, at, node);
                (leave, at, owed) = (then, node, owed + cost);
                owed < limit
            };
            let whole = if piece.turned {
                nodes.iter().rev().all(|&node| next(node))
            } else {
                nodes.iter().all(|&node| next(node))
            };
            if !whole {
                return None;
            }
        }
        for place in high + 1..=last {
            let node = self.order[place];
            let (arrive, then, cost) = self.visit(leave, at, node);
            let rest = self.after[place];
            if rest.warp == 0 && arrive <= rest.latest {
                return Some(owed);
            }
            let old = self.owed[last] - self.owed[place - 1];
            let later = arrive - self.arrive[place];
            if later == 0 {
                return Some(owed + old);
            }
            // The cost of the rest is a convex function of the arrival: it lies above its tangent.
            if owed + (old + self.urgency[place] * later).max(cost) >= limit {
                return None;
            }
            (leave, at, owed) = (then, node, owed + cost);
        }
        Some(owed)
    }

    /// Puts `pieces` in place of the positions that they cover.
    pub(crate) fn put(&mut self, pieces: &[Piece]) {
        let (low, high) = covered(pieces);
        self.buffer.clear();
        for piece in pieces {
            let nodes = &self.order[piece.from..=piece.to];
            if piece.turned {
                self.buffer.extend(nodes.iter().rev());
            } else {
                self.buffer.extend_from_slice(nodes);
            }
        }
        self.order[low..=high].copy_from_slice(&self.buffer);
        self.sum_up(low, high);
    }
}

/// First and last position of pieces that lie side by side.
#[inline]
fn covered(pieces: &[Piece]) -> (usize, usize) {
    pieces.iter().fold((usize::MAX, 0), |(low, high), piece| (low.min(piece.from), high.max(piece.to)))
}
