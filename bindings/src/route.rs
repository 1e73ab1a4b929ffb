//! Places and times of the route: `courier_domain::route`.

use courier_domain::{Address, Pin, TimeWindow, UnixMs};

/// A postal address.
#[uniffi::remote(Record)]
pub struct Address {
    /// Street.
    street: String,
    /// House number with additions.
    house: String,
    /// Postal code.
    postcode: String,
    /// Town.
    city: String,
    /// ISO 3166-1 alpha-2.
    country: String,
}

/// A point on the earth, WGS 84.
#[uniffi::remote(Record)]
pub struct Pin {
    /// Degrees, −90 to 90.
    lat: f64,
    /// Degrees, −180 to 180.
    lon: f64,
}

/// When a stop may be visited.
#[uniffi::remote(Record)]
pub struct TimeWindow {
    /// First instant.
    from: UnixMs,
    /// Last instant.
    to: UnixMs,
}
