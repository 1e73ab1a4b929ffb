//! The courier's own order, arrivals and proposals: `courier_domain::plan`, `courier_engine::plan`.

use courier_domain::{Eta, KeepOrder, Proposal, ProposalReason, RouteEdit, StopId, UnixMs};
use courier_engine::{Near, Tracking, WakeUp};

/// How much another order has to save before it is proposed.
#[uniffi::remote(Enum)]
pub enum KeepOrder {
    /// 300 seconds for every pair of neighbours that it parts.
    Strict,
    /// 30 seconds for every pair.
    Normal,
    /// Nothing: the shortest order.
    Free,
}

/// What the courier wants with a stop.
#[uniffi::remote(Enum)]
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
        /// As in a line of the route.
        position: u32,
    },
}

/// When a stop is reached, as it was told last: it is told again only when it has moved by ten minutes.
#[uniffi::remote(Record)]
pub struct Eta {
    /// Reached before this as often as after it.
    p50: UnixMs,
    /// Reached before this four times of five.
    p80: UnixMs,
    /// Seconds after the end of its window, 0 if in time or without a window.
    late_s: u32,
}

/// What another order is best at.
#[uniffi::remote(Enum)]
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
#[uniffi::remote(Record)]
pub struct Proposal {
    /// Which of this day, to be named in the answer.
    id: u32,
    /// What it is best at.
    reason: ProposalReason,
    /// The open stops in its order, without the one where the courier is. The next stop stays the next.
    order: Vec<StopId>,
    /// Seconds less on the way; negative if it is more.
    travel_saved_s: i64,
    /// Seconds by which the last stop is done earlier; negative if it is later.
    ends_sooner_s: i64,
    /// Seconds less of lateness, all stops together; negative if it is more.
    late_saved_s: i64,
    /// The fewest stops that have to be moved to get there.
    moved: Vec<StopId>,
    /// Parcels of these.
    parcels_moved: u32,
    /// Stops that would be late, and are in time afterwards.
    windows_kept: Vec<StopId>,
    /// Stops that would be in time, and are late afterwards.
    windows_broken: Vec<StopId>,
}

/// What a shell is to do about the phone's position, and what the last fix has shown.
#[uniffi::remote(Record)]
pub struct Tracking {
    /// Whether fixes are wanted. Without, the phone's position is not to be asked for.
    sampling: bool,
    /// Circles for the phone's own system to watch, the nearest to come first: it wakes the app there.
    wake_ups: Vec<WakeUp>,
    /// The stop where the fixes have just shown the courier to be. It is recorded.
    arrived: Option<StopId>,
    /// The courier stands near the next stop, but not at it. Said once for each stop.
    near: Option<Near>,
}

/// A circle around one or more stops.
#[uniffi::remote(Record)]
pub struct WakeUp {
    /// The first stop in it.
    stop: StopId,
    /// Degrees.
    lat: f64,
    /// Degrees.
    lon: f64,
    /// Metres.
    radius_m: u32,
}

/// A pin that may be wrong.
#[uniffi::remote(Record)]
pub struct Near {
    /// The stop.
    stop: StopId,
    /// How far its pins are from the courier, in metres.
    metres: u32,
}
