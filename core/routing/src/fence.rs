//! Circles around stops: when a fix is at one, and which of them wake a phone.

use crate::geo::Point;

/// Radius of a fence where nothing else is near, metres.
pub const USUAL_RADIUS_M: u32 = 100;
/// Radius of a fence that has neighbours, at least, metres: what a fix in a street is good for.
pub const SMALLEST_RADIUS_M: u32 = 30;
/// Radius of a circle that the phone's system watches, at least, metres: smaller ones do not fire reliably.
const WAKING_RADIUS_M: u32 = 150;

/// A stop that is still to be visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// Its number, whatever the caller counts by.
    pub stop: usize,
    /// The door.
    pub door: Point,
    /// Where the van stands, if that is another place.
    pub parking: Option<Point>,
    /// Metres around the door.
    pub radius_m: u32,
}

impl Fence {
    /// Metres from a point to the door, or to the parking place if that is nearer.
    pub fn metres_to(&self, at: Point) -> u32 {
        let door = self.door.metres_to(at);
        self.parking.map_or(door, |parking| door.min(parking.metres_to(at)))
    }
}

/// Fences around the stops still to be visited, in their order: as large as usual, and smaller where doors are near
/// each other, so that they overlap by no more than half. Doors of one house have the same fence.
pub fn fences(stops: &[(usize, Point, Option<Point>)]) -> Vec<Fence> {
    let radius = |door: Point| {
        let others = stops.iter().map(|(_, other, _)| door.metres_to(*other)).filter(|&metres| metres > 5);
        let nearest = others.min().unwrap_or(u32::MAX);
        (nearest.saturating_mul(2) / 3).clamp(SMALLEST_RADIUS_M, USUAL_RADIUS_M)
    };
    stops.iter().map(|&(stop, door, parking)| Fence { stop, door, parking, radius_m: radius(door) }).collect()
}

/// A circle for the phone's own system to watch, so that the app is woken in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WakeUp {
    /// The first stop in it.
    pub stop: usize,
    /// Its middle.
    pub centre: Point,
    /// Metres.
    pub radius_m: u32,
}

/// Circles for the next stops, at most `most` (an iPhone watches 20, Android 100, and other apps want some). A stop
/// inside of a circle that is there already needs none of its own.
pub fn wake_ups(fences: &[Fence], most: usize) -> Vec<WakeUp> {
    let mut circles: Vec<WakeUp> = Vec::new();
    for fence in fences {
        let inside =
            |circle: &WakeUp| circle.centre.metres_to(fence.door) + fence.radius_m <= circle.radius_m;
        if circles.iter().any(inside) {
            continue;
        }
        if circles.len() == most {
            break;
        }
        let radius_m = fence.radius_m.max(WAKING_RADIUS_M);
        circles.push(WakeUp { stop: fence.stop, centre: fence.door, radius_m });
    }
    circles
}
