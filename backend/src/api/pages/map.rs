//! Routes on a map that is drawn here: no tiles, no other server. What it shows is in a table beside it as well.

use std::collections::HashSet;
use std::fmt::Write as _;

use courier_domain::Pin;
use maud::{Markup, html};

use super::reader::Lang;
use super::words;
use crate::board::Standing;

/// Width of the drawing; its height follows from the places.
const WIDTH: f64 = 1_000.0;
const MARGIN: f64 = 24.0;
/// Lines are told apart by so many colours and patterns.
const STYLES: usize = 8;
/// What is marked on a map of many routes.
const URGENT: [Standing; 3] = [Standing::Unreported, Standing::Late, Standing::Failed];

/// Places on a plane: equirectangular, true in the middle, which is right for a city.
struct Projection {
    west: f64,
    north: f64,
    /// Length of a degree of latitude.
    degree: f64,
    /// Of a degree of longitude, in degrees of latitude.
    shrink: f64,
    height: f64,
}

impl Projection {
    fn of(pins: impl Iterator<Item = Pin>) -> Option<Self> {
        let (mut south, mut north) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut west, mut east) = (f64::INFINITY, f64::NEG_INFINITY);
        for pin in pins {
            (south, north) = (south.min(pin.lat), north.max(pin.lat));
            (west, east) = (west.min(pin.lon), east.max(pin.lon));
        }
        if !south.is_finite() {
            return None;
        }
        let shrink = f64::midpoint(south, north).to_radians().cos().max(0.01);
        let (across, along) = (((east - west) * shrink).max(0.002), (north - south).max(0.002));
        // No taller than wide.
        let degree = (WIDTH - 2.0 * MARGIN) / across.max(along);
        let height = (along * degree + 2.0 * MARGIN).max(WIDTH * 0.3);
        Some(Self { west, north, degree, shrink, height })
    }

    // A drawing of 1,000 units: its coordinates are small and whole.
    #[allow(clippy::cast_possible_truncation)]
    fn point(&self, pin: Pin) -> (i32, i32) {
        let x = MARGIN + (pin.lon - self.west) * self.shrink * self.degree;
        let y = MARGIN + (self.north - pin.lat) * self.degree;
        (x.round() as i32, y.round() as i32)
    }
}

/// Purged places are where nobody lives.
fn is_known(pin: Pin) -> bool {
    pin.lat != 0.0 || pin.lon != 0.0
}

/// Many routes: a line each, and what is urgent.
pub(super) fn of_day(lang: Lang, label: &str, routes: &[&[(Pin, Standing)]]) -> Markup {
    let all = || routes.iter().flat_map(|stops| stops.iter()).filter(|(pin, _)| is_known(*pin));
    let Some(plane) = Projection::of(all().map(|(pin, _)| *pin)) else { return html! {} };
    let dots = URGENT.map(|wanted| {
        let mut seen = HashSet::new();
        let points = all().filter(|(_, standing)| *standing == wanted).map(|(pin, _)| plane.point(*pin));
        let path = points.filter(|point| seen.insert(*point)).fold(String::new(), |mut path, (x, y)| {
            let _ = write!(path, "M{x} {y}h0");
            path
        });
        (wanted, path)
    });
    let drawing = html! {
        @for (n, stops) in routes.iter().enumerate() {
            path class={ "line line" (n % STYLES) } d=(line(&plane, stops)) {}
        }
        @for (standing, path) in &dots {
            @if !path.is_empty() { path class={ "dot " (words::class(*standing)) } d=(path) {} }
        }
    };
    figure(lang, label, &plane, &drawing, dots.iter().filter(|(_, path)| !path.is_empty()).map(|(it, _)| *it))
}

/// One route: its line, and its stops with their numbers.
pub(super) fn of_route(lang: Lang, label: &str, stops: &[(Pin, Standing)]) -> Markup {
    let known = || stops.iter().enumerate().filter(|(_, (pin, _))| is_known(*pin));
    let Some(plane) = Projection::of(known().map(|(_, (pin, _))| *pin)) else { return html! {} };
    let drawing = html! {
        path.line.line0 d=(line(&plane, stops)) {}
        @for (n, (pin, standing)) in known() {
            @let (x, y) = plane.point(*pin);
            circle class={ "stop " (words::class(*standing)) } cx=(x) cy=(y) r="13" {}
            text x=(x) y=(y + 4) { (n + 1) }
        }
    };
    let mut shown: Vec<_> = stops.iter().map(|(_, standing)| *standing).collect();
    shown.sort_unstable();
    shown.dedup();
    figure(lang, label, &plane, &drawing, shown.into_iter())
}

fn figure(
    lang: Lang,
    label: &str,
    plane: &Projection,
    drawing: &Markup,
    shown: impl Iterator<Item = Standing>,
) -> Markup {
    html! {
        figure.map {
            svg role="img" aria-label=(label) viewBox={ "0 0 1000 " (plane.height.ceil()) } { (drawing) }
            figcaption {
                @for standing in shown {
                    span class={ "key " (words::class(standing)) } { (words::standing(lang, standing)) } " "
                }
            }
        }
    }
}

fn line(plane: &Projection, stops: &[(Pin, Standing)]) -> String {
    let (mut path, mut last) = (String::new(), None);
    for point in stops.iter().filter(|(pin, _)| is_known(*pin)).map(|(pin, _)| plane.point(*pin)) {
        let _ = match last {
            None => write!(path, "M{} {}", point.0, point.1),
            Some(known) if known == point => Ok(()),
            Some((x, y)) => write!(path, "l{} {}", point.0 - x, point.1 - y),
        };
        last = Some(point);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn north_is_up_east_is_right_and_everything_is_inside() {
        let pins = [(52.5, 13.3), (52.6, 13.4), (52.4, 13.5)].map(|(lat, lon)| Pin { lat, lon });
        let plane = Projection::of(pins.into_iter()).unwrap();
        let points = pins.map(|pin| plane.point(pin));
        assert!(points[1].1 < points[0].1 && points[0].1 < points[2].1, "{points:?}");
        assert!(points[0].0 < points[1].0 && points[1].0 < points[2].0, "{points:?}");
        for (x, y) in points {
            assert!((0..=1_000).contains(&x) && (0..=1_000).contains(&y), "{points:?}");
        }
    }

    #[test]
    fn one_place_a_purged_place_and_none_are_drawn_or_left_out() {
        let here = (Pin { lat: 52.5, lon: 13.4 }, Standing::Open);
        let purged = (Pin { lat: 0.0, lon: 0.0 }, Standing::Delivered);
        let drawn = of_route(Lang::En, "a route", &[purged, here]).into_string();
        assert!(drawn.contains(">2<") && !drawn.contains(">1<"), "{drawn}");
        assert_eq!(of_day(Lang::De, "a day", &[&[purged], &[]]).into_string(), "");
    }
}
