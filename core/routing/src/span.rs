//! A stretch of a route in time, whatever comes before it.

use crate::model::Node;

/// What a stretch needs, so that two of them are joined in constant time (Vidal et al., "A hybrid genetic algorithm
/// with adaptive diversity management for a large class of vehicle routing problems with time-windows", Computers &
/// Operations Research 40, 2013). Who is late goes back in time to the end of the window (a time warp), so that one
/// lateness does not make all that follows late: the search sees where it comes from.
#[derive(Clone, Copy, Default)]
pub(crate) struct Span {
    /// Seconds from its begin to its end, waiting included.
    duration: i64,
    /// Seconds of warp.
    pub(crate) warp: i64,
    /// Begins that need no more waiting and no more warp than others lie from here …
    earliest: i64,
    /// … to here.
    pub(crate) latest: i64,
    /// Its last node.
    end: u32,
}

impl Span {
    pub(crate) fn node(number: u32, node: Node) -> Self {
        Self { duration: node.service, warp: 0, earliest: node.earliest, latest: node.latest, end: number }
    }

    pub(crate) fn end(self) -> u32 {
        self.end
    }

    /// This stretch, `travel` seconds, then the other.
    #[inline]
    pub(crate) fn then(self, travel: i64, next: Self) -> Self {
        let shift = self.duration - self.warp + travel;
        let wait = (next.earliest - shift - self.latest).max(0);
        let warp = (self.earliest + shift - next.latest).max(0);
        Self {
            duration: self.duration + next.duration + travel + wait,
            warp: self.warp + next.warp + warp,
            earliest: (next.earliest - shift).max(self.earliest) - wait,
            latest: (next.latest - shift).min(self.latest) + warp,
            end: next.end,
        }
    }
}
