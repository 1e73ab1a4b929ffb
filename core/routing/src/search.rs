//! Makes a tour better, one change at a time, until no change of its kind helps.

use std::ops::Range;

use crate::model::Model;
use crate::near::Near;
use crate::stretches::Stretches;
use crate::tour::{Lateness, Piece, Tour};

/// Longest stretch that is moved as one.
const LONGEST_MOVED: usize = 25;
/// Longest stretch that is turned round while it is moved.
const LONGEST_TURNED: usize = 3;
/// Changes in a row around one node.
const MOST_CHANGES: usize = 50;

/// Which of two neighbouring stretches is turned round when they change places.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Neither,
    First,
    Second,
}

pub(crate) struct Search<'a> {
    pub(crate) tour: Tour<'a>,
    model: &'a Model,
    near: &'a Near,
    stretches: Stretches,
    /// Nodes whose surroundings have changed.
    queue: Vec<u32>,
    queued: Vec<bool>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(model: &'a Model, near: &'a Near, order: Vec<u32>) -> Self {
        let tour = Tour::new(model, order);
        let nodes = model.last + 1;
        let stretches = Stretches::default();
        Self { tour, model, near, stretches, queue: Vec::with_capacity(nodes), queued: vec![false; nodes] }
    }

    /// Improves around every node.
    pub(crate) fn improve_all(&mut self) {
        for node in (0..=self.model.end()).rev() {
            self.enqueue(node);
        }
        self.improve();
    }

    /// Improves around the nodes of the queue, until it is empty.
    pub(crate) fn improve(&mut self) {
        while let Some(node) = self.queue.pop() {
            self.queued[node as usize] = false;
            for _ in 0..MOST_CHANGES {
                if !self.improve_at(node) {
                    break;
                }
            }
        }
    }

    /// Exchanges two neighbouring stretches, whatever it costs.
    pub(crate) fn exchange(&mut self, first: usize, second: usize, high: usize) {
        self.tour.put(&exchanged(first, second, high, Turn::Neither));
        self.enqueue_around(first, high, first + high - second);
    }

    fn enqueue(&mut self, node: u32) {
        if !self.queued[node as usize] {
            self.queued[node as usize] = true;
            self.queue.push(node);
        }
    }

    /// The nodes at the ends of `low..=high`, and on both sides of the seam after `seam`.
    fn enqueue_around(&mut self, low: usize, high: usize, seam: usize) {
        for place in [low - 1, low, seam, seam + 1, high, high + 1] {
            self.enqueue(self.tour.order[place]);
        }
    }

    /// One change that makes `node` and one of those that are near it neighbours, and saves something.
    fn improve_at(&mut self, node: u32) -> bool {
        let near = self.near;
        near.next[node as usize].iter().any(|&next| self.connect(node, next))
            || near.previous[node as usize].iter().any(|&previous| self.turn_before(previous, node))
    }

    /// A change after which `to` follows `from`.
    fn connect(&mut self, from: u32, to: u32) -> bool {
        let last = self.model.last;
        let (i, j) = (self.place(from), self.place(to));
        if i + 1 == j || !self.may_pay(i, j) {
            return false;
        }
        self.stretches.around(i, j);
        if i < j {
            // The stretch between them, and a stretch that begins or ends with `to`.
            if j < last {
                if self.turn(i + 1, j) {
                    return true;
                }
                if self.third_arc(i, j - 1, j..(j + LONGEST_MOVED).min(last)) {
                    return true;
                }
                for second in ((j + 1).saturating_sub(LONGEST_TURNED).max(i + 2)..j).rev() {
                    if self.swap(i + 1, second, j, Turn::Second) {
                        return true;
                    }
                }
            }
            // A stretch that ends or begins with `from`, and the stretch between them.
            if i > 0 {
                if self.third_arc(i, j - 1, i.saturating_sub(LONGEST_MOVED)..i) {
                    return true;
                }
                for second in i + 2..=(i + LONGEST_TURNED).min(j - 1) {
                    if self.swap(i, second, j - 1, Turn::First) {
                        return true;
                    }
                }
            }
        } else {
            // A stretch that begins or ends with `to`, and what is between it and `from`.
            let onward = (j + LONGEST_MOVED).min(i);
            if self.third_arc(j - 1, i, j..onward) {
                return true;
            }
            for first in ((j + 1).saturating_sub(LONGEST_TURNED).max(1)..j).rev() {
                if self.swap(first, j + 1, i, Turn::First) {
                    return true;
                }
            }
            // What is between them, and a stretch that ends or begins with `from`.
            if self.third_arc(j - 1, i, i.saturating_sub(LONGEST_MOVED).max(onward)..i) {
                return true;
            }
            for high in i + 1..=(i + LONGEST_TURNED - 1).min(last - 1) {
                if self.swap(j, i, high, Turn::Second) {
                    return true;
                }
            }
        }
        false
    }

    /// Whether an arc from position `i` to what stands at `j` may be part of a change that saves something. Of the arcs
    /// that a change adds, one always costs less than one of those that it replaces plus what the change saves of
    /// lateness (after Lin and Kernighan's gain criterion), and each of them is tried.
    fn may_pay(&self, i: usize, j: usize) -> bool {
        let (order, model) = (&self.tour.order, self.model);
        let (from, to) = (order[i], order[j]);
        let replaced = model.cost(from, order[i + 1]).max(model.cost(order[j - 1], to));
        let dearer = model.cost(from, to) - replaced;
        if dearer < 0 {
            return true;
        }
        let (low, high) = if i < j {
            ((i + 1).saturating_sub(LONGEST_MOVED), j + LONGEST_MOVED - 1)
        } else {
            ((j + 1).saturating_sub(LONGEST_TURNED), i + LONGEST_TURNED - 1)
        };
        dearer < self.tour.most_saved_of_penalty(low.max(1), high.min(model.last - 1))
    }

    /// Turns round what is before `to`, so that `from` comes to stand there.
    fn turn_before(&mut self, from: u32, to: u32) -> bool {
        let (j, i) = (self.place(from), self.place(to));
        j + 1 < i && self.turn(j, i - 1)
    }

    fn place(&self, node: u32) -> usize {
        self.tour.position[node as usize] as usize
    }

    /// Turns `low..=high` round, if that saves anything.
    fn turn(&mut self, low: usize, high: usize) -> bool {
        let order = &self.tour.order;
        let (before, first, last, after) = (order[low - 1], order[low], order[high], order[high + 1]);
        let arcs = self.model.cost(before, last) + self.model.cost(first, after)
            - self.model.cost(before, first)
            - self.model.cost(last, after)
            + self.tour.turning(low, high);
        let pieces = [Piece { from: low, to: high, turned: true }];
        let better = self.tour.may_save(arcs, low, high) && self.tour.saves(arcs, &pieces);
        if better {
            self.tour.put(&pieces);
            self.enqueue_around(low, high, low - 1);
        }
        better
    }

    /// Two arcs are replaced, those that leave positions `one` and `two`, together with one that leaves a position of
    /// `third`: the two stretches between the three change places, if that saves anything. `third` lies before, between
    /// or behind the others.
    #[inline]
    fn third_arc(&mut self, one: usize, two: usize, third: Range<usize>) -> bool {
        if third.is_empty() {
            return false;
        }
        let (order, model) = (&self.tour.order, self.model);
        let (from_one, to_one) = (order[one], order[one + 1]);
        let (from_two, to_two) = (order[two], order[two + 1]);
        let outside = third.start < one || third.start > two;
        // Where the third lies between, its begin is joined to what follows the second, and its end to what comes
        // before the first; otherwise the other way round.
        let (joined, begin, end) = if outside {
            (model.cost(from_one, to_two), to_one, from_two)
        } else {
            (model.cost(from_two, to_one), to_two, from_one)
        };
        let (begins, ends) = (model.costs_to(begin), model.costs_from(end));
        let known = joined - model.cost(from_one, to_one) - model.cost(from_two, to_two);
        let (low, high) = (one.min(third.start) + 1, two.max(third.end - 1));
        let most = if model.has_windows { self.tour.most_saved_of_penalty(low, high) } else { 0 };
        for place in third {
            let arcs = known
                + i64::from(begins[self.tour.order[place] as usize])
                + i64::from(ends[self.tour.order[place + 1] as usize])
                - self.tour.arc(place);
            if arcs < most {
                let mut places = [one, two, place];
                places.sort_unstable();
                let [before, seam, high] = places;
                if self.exchange_if_better(arcs, before + 1, seam + 1, high, Turn::Neither) {
                    return true;
                }
            }
        }
        false
    }

    /// Exchanges `first..second` and `second..=high`, if that saves anything.
    #[inline]
    fn swap(&mut self, first: usize, second: usize, high: usize, turn: Turn) -> bool {
        let (order, model) = (&self.tour.order, self.model);
        let (before, a, b) = (order[first - 1], order[first], order[second - 1]);
        let (c, d, after) = (order[second], order[high], order[high + 1]);
        let removed = model.cost(before, a) + model.cost(b, c) + model.cost(d, after);
        let arcs = match turn {
            Turn::Neither => model.cost(before, c) + model.cost(d, a) + model.cost(b, after),
            Turn::First => {
                model.cost(before, c)
                    + model.cost(d, b)
                    + model.cost(a, after)
                    + self.tour.turning(first, second - 1)
            }
            Turn::Second => {
                model.cost(before, d)
                    + model.cost(c, a)
                    + model.cost(b, after)
                    + self.tour.turning(second, high)
            }
        } - removed;
        self.exchange_if_better(arcs, first, second, high, turn)
    }

    /// The same, `arcs` being the difference in arcs.
    #[inline]
    fn exchange_if_better(
        &mut self,
        arcs: i64,
        first: usize,
        second: usize,
        high: usize,
        turn: Turn,
    ) -> bool {
        if !self.tour.may_save(arcs, first, high) {
            return false;
        }
        let pieces = exchanged(first, second, high, turn);
        let known = turn == Turn::Neither && self.tour.lateness == Lateness::Warped;
        let better = if known && self.model.has_windows {
            let parts = self.stretches.parts(&self.tour, first, second, high);
            self.tour.exchange_saves(arcs, (first, second, high), parts)
        } else {
            self.tour.saves(arcs, &pieces)
        };
        if better {
            self.tour.put(&pieces);
            self.enqueue_around(first, high, first + high - second);
        }
        better
    }
}

fn exchanged(first: usize, second: usize, high: usize, turn: Turn) -> [Piece; 2] {
    [
        Piece { from: second, to: high, turned: turn == Turn::Second },
        Piece { from: first, to: second - 1, turned: turn == Turn::First },
    ]
}
