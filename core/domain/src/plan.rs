//! The courier's own order of the open stops, when they are reached, and what another order would bring.
//!
//! The office says an order; the courier may have another, which stays whatever the office sends. Both are lists of
//! stops; times and better orders are found by the engine.

use serde::{Deserialize, Serialize};

use crate::id::StopId;
use crate::time::UnixMs;

/// How much another order has to save before it is proposed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeepOrder {
    /// 300 seconds for every pair of neighbours that it parts.
    Strict,
    /// 30 seconds for every pair.
    #[default]
    Normal,
    /// Nothing: the shortest order.
    Free,
}

impl KeepOrder {
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
    pub(crate) fn is_normal(&self) -> bool {
        *self == Self::Normal
    }
}

/// What the courier wants with a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteEdit {
    /// It comes next.
    Next,
    /// It comes where it costs least, but not before this instant as far as the route lasts that long.
    Later {
        /// The instant.
        not_before: UnixMs,
    },
    /// It comes after all others, before a fixed last stop.
    Skip,
    /// It comes to stand at this place.
    Move {
        /// See [`crate::view::StopLine::position`].
        position: u32,
    },
}

impl RouteEdit {
    /// Its word in a `route_edited` fact.
    pub fn word(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Later { .. } => "later",
            Self::Skip => "skip",
            Self::Move { .. } => "move",
        }
    }
}

/// When a stop is reached, as it was told last: it is told again only when it has moved by ten minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eta {
    /// Reached before this as often as after it.
    pub p50: UnixMs,
    /// Reached before this four times of five.
    pub p80: UnixMs,
    /// Seconds after the end of its window, 0 if in time or without a window.
    pub late_s: u32,
}

/// What another order is best at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalReason {
    /// Fewer stops are late.
    InTime,
    /// What is late is less late.
    LessLate,
    /// Less time on the way.
    Shorter,
    /// Fewer changes of zone.
    Tidier,
}

/// Another order and its price. Unless the courier takes it, nothing changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Which of this day, to be named in the answer.
    pub id: u32,
    /// What it is best at.
    pub reason: ProposalReason,
    /// The open stops in its order, without the one where the courier is. The next stop stays the next.
    pub order: Vec<StopId>,
    /// Seconds less on the way; negative if it is more.
    pub travel_saved_s: i64,
    /// Seconds by which the last stop is done earlier; negative if it is later.
    pub ends_sooner_s: i64,
    /// Seconds less of lateness, all stops together; negative if it is more.
    pub late_saved_s: i64,
    /// The fewest stops that have to be moved to get there.
    pub moved: Vec<StopId>,
    /// Parcels of these.
    pub parcels_moved: u32,
    /// Stops that would be late, and are in time afterwards.
    pub windows_kept: Vec<StopId>,
    /// Stops that would be in time, and are late afterwards.
    pub windows_broken: Vec<StopId>,
}

/// Where the courier was last, by the facts of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// At this stop.
    pub stop: StopId,
    /// Since then.
    pub since: UnixMs,
    /// When something was last concluded there.
    pub concluded: Option<UnixMs>,
}
