//! Points on the earth and the straight way between them.
//!
//! Sine and square root of a library differ between machines in the last bits, which is enough for another order; here
//! they are sums and products, which IEEE 754 lays down to the bit.

use std::f64::consts::{FRAC_PI_2, PI};

/// Mean radius of the earth, metres (IUGG).
const RADIUS_M: f64 = 6_371_008.8;
/// Units of a [`Point`] in a degree.
const UNITS: f64 = 1e7;

/// A point on the earth (WGS 84), in ten-millionths of a degree: about a centimetre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Point {
    lat: i32,
    lon: i32,
}

impl Point {
    /// The point at these degrees: −90 to 90, −180 to 180. `None` outside of that, and for what is no number.
    pub fn from_degrees(lat: f64, lon: f64) -> Option<Self> {
        let inside = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        #[allow(clippy::cast_possible_truncation)] // at most 1.8e9
        inside.then(|| Self { lat: (lat * UNITS).round() as i32, lon: (lon * UNITS).round() as i32 })
    }

    /// Latitude and longitude in degrees.
    pub fn degrees(self) -> (f64, f64) {
        (f64::from(self.lat) / UNITS, f64::from(self.lon) / UNITS)
    }

    /// Decimetres to another point along a great circle (haversine formula). At most 200,151,145.
    pub fn decimetres_to(self, other: Self) -> u32 {
        #[allow(clippy::cast_precision_loss)] // at most 3.6e9
        let radians = |units: i64| units as f64 / UNITS * (PI / 180.0);
        let (lat, other_lat) = (i64::from(self.lat), i64::from(other.lat));
        // The shorter way round: 180° east and 180° west are the same.
        let east = (i64::from(other.lon) - i64::from(self.lon) + 1_800_000_000).rem_euclid(3_600_000_000);
        let half_north = sine(radians(other_lat - lat) / 2.0);
        let half_east = sine(radians(east - 1_800_000_000) / 2.0);
        let narrow = cosine(radians(lat)) * cosine(radians(other_lat));
        let haversine = half_north * half_north + narrow * half_east * half_east;
        let angle = 2.0 * arcsine(haversine.clamp(0.0, 1.0).sqrt());
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to half the circumference
        let decimetres = (angle * RADIUS_M * 10.0).round() as u32;
        decimetres
    }

    /// Metres to another point, rounded down.
    pub fn metres_to(self, other: Self) -> u32 {
        self.decimetres_to(other) / 10
    }

    /// The point whose latitude and longitude are each the middle one of these points': an outlier does not move it.
    /// Of no points, 0° north and east.
    pub(crate) fn median(points: impl Iterator<Item = Self>) -> Self {
        let (mut lats, mut lons): (Vec<i32>, Vec<i32>) = points.map(|point| (point.lat, point.lon)).unzip();
        lats.sort_unstable();
        lons.sort_unstable();
        let middle = |values: &[i32]| values.get(values.len() / 2).copied().unwrap_or(0);
        Self { lat: middle(&lats), lon: middle(&lons) }
    }
}

/// Taylor's series for −π/2 to π/2, good to 1e-12.
fn sine(x: f64) -> f64 {
    let square = x * x;
    let (mut sum, mut term, mut n) = (x, x, 1.0);
    while n < 19.0 {
        term *= -square / ((n + 1.0) * (n + 2.0));
        sum += term;
        n += 2.0;
    }
    sum
}

/// For −π/2 to π/2.
fn cosine(x: f64) -> f64 {
    sine(FRAC_PI_2 - if x < 0.0 { -x } else { x })
}

/// For 0 to 1.
fn arcsine(x: f64) -> f64 {
    if x > 0.5 {
        return FRAC_PI_2 - 2.0 * arcsine(((1.0 - x) / 2.0).sqrt());
    }
    let square = x * x;
    let (mut sum, mut power, mut n) = (x, x, 1.0);
    while n < 45.0 {
        power *= square * n / (n + 1.0);
        n += 2.0;
        sum += power / n;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lon: f64) -> Point {
        Point::from_degrees(lat, lon).unwrap()
    }

    #[test]
    fn distances_are_those_of_the_library_functions() {
        let mut angle = 0.0_f64;
        while angle < FRAC_PI_2 {
            assert!((sine(angle) - angle.sin()).abs() < 1e-12, "sine of {angle}");
            assert!((cosine(-angle) - angle.cos()).abs() < 1e-12, "cosine of {angle}");
            assert!((arcsine(angle.sin()) - angle).abs() < 1e-7, "arcsine of {}", angle.sin());
            angle += 0.001;
        }
    }

    #[test]
    fn known_distances_come_out() {
        // Berlin, Brandenburg Gate to Alexanderplatz's clock: 2.45 km; to Munich's Marienplatz: 504 km.
        assert!((2_400..2_500).contains(&at(52.516_272, 13.377_722).metres_to(at(52.521_2, 13.413_3))));
        assert!((503_000..506_000).contains(&at(52.516_272, 13.377_722).metres_to(at(48.137_2, 11.575_5))));
        assert_eq!(at(0.0, 0.0).metres_to(at(0.0, 180.0)), 20_015_114, "half the circumference");
        assert_eq!(at(0.0, 179.999_9).decimetres_to(at(0.0, -179.999_9)), 222, "across the date line");
        assert_eq!(at(52.0, 13.0).decimetres_to(at(52.0, 13.0)), 0);
        assert_eq!(
            at(90.0, 0.0).metres_to(at(90.0, 120.0)),
            0,
            "at the pole every longitude is the same place"
        );
        assert_eq!(at(52.0, 13.0).decimetres_to(at(52.000_001, 13.0)), 1);
    }

    #[test]
    fn what_is_no_place_is_no_point() {
        for (lat, lon) in [(90.1, 0.0), (0.0, 180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert_eq!(Point::from_degrees(lat, lon), None, "{lat}, {lon}");
        }
    }
}
