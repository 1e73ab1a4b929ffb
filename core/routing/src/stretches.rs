//! Stretches of a tour in time that are looked at again and again while one arc is tried.

use crate::span::Span;
use crate::tour::Tour;

/// Stretches around two positions, each computed from the one that is a stop shorter, when it is first needed.
#[derive(Default)]
pub(crate) struct Stretches {
    i: usize,
    j: usize,
    /// Those that begin at `j`, from the shortest.
    onward: Vec<Span>,
    /// Those that end at `i`, from the shortest.
    leading: Vec<Span>,
    /// What lies between `i` and `j`, if `i` comes first.
    between: Option<Span>,
}

impl Stretches {
    /// For an arc from position `i` to what stands at `j`.
    pub(crate) fn around(&mut self, i: usize, j: usize) {
        (self.i, self.j) = (i, j);
        self.onward.clear();
        self.leading.clear();
        self.between = None;
    }

    /// `low..seam` and `seam..=high`, one of which begins at `j` or ends at `i`.
    pub(crate) fn parts(&mut self, tour: &Tour<'_>, low: usize, seam: usize, high: usize) -> [Span; 2] {
        if self.j < self.i {
            [self.onward(tour, seam - 1), self.leading(tour, seam)]
        } else if seam == self.j {
            [self.between(tour), self.onward(tour, high)]
        } else {
            [self.leading(tour, low), self.between(tour)]
        }
    }

    fn onward(&mut self, tour: &Tour<'_>, to: usize) -> Span {
        for place in self.j + self.onward.len()..=to {
            let single = tour.span(place);
            let span = self.onward.last().map_or(single, |&stretch| tour.joined(stretch, place, single));
            self.onward.push(span);
        }
        self.onward[to - self.j]
    }

    fn leading(&mut self, tour: &Tour<'_>, from: usize) -> Span {
        while self.leading.len() <= self.i - from {
            let place = self.i - self.leading.len();
            let single = tour.span(place);
            let span = self.leading.last().map_or(single, |&rest| tour.joined(single, place + 1, rest));
            self.leading.push(span);
        }
        self.leading[self.i - from]
    }

    fn between(&mut self, tour: &Tour<'_>) -> Span {
        *self.between.get_or_insert_with(|| {
            let first = tour.span(self.i + 1);
            (self.i + 2..self.j).fold(first, |stretch, place| tour.joined(stretch, place, tour.span(place)))
        })
    }
}
