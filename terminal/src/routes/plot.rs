//! `courier-terminal plot FILE`: a route as a picture (SVG), north up, stops numbered in their order.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

/// Width of the picture, and the room around the route.
const WIDTH: f64 = 1_000.0;
const ROOM: f64 = 30.0;

/// A stop of a route, in its order. The file is a JSON list of these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// Degrees, −85 to 85: beyond that Mercator's projection draws nothing useful.
    lat: f64,
    /// Degrees.
    lon: f64,
    /// Seconds of lateness: late stops are drawn as squares.
    #[serde(default)]
    late_s: i64,
}

/// Draws the route in `file` into `out`, or prints it.
///
/// # Errors
/// Words for whoever called: what cannot be read or written.
pub(crate) fn run(file: &Path, out: Option<&Path>) -> Result<(), String> {
    let text = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let places: Vec<Place> =
        serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let picture = draw(&places).map_err(|error| format!("{}: {error}", file.display()))?;
    let Some(out) = out else {
        print!("{picture}");
        return Ok(());
    };
    std::fs::write(out, picture).map_err(|error| format!("{}: {error}", out.display()))
}

fn draw(places: &[Place]) -> Result<String, String> {
    let on_map = |place: &Place| (-85.0..=85.0).contains(&place.lat) && (-180.0..=180.0).contains(&place.lon);
    if let Some(wrong) = places.iter().position(|place| !on_map(place)) {
        return Err(format!("stop {}: no such place on a map", wrong + 1));
    }
    if places.is_empty() {
        return Err("a route without stops".into());
    }
    let flat: Vec<(f64, f64)> = places
        .iter()
        .map(|place| {
            let lat = place.lat.to_radians();
            (place.lon.to_radians(), -(lat / 2.0 + std::f64::consts::FRAC_PI_4).tan().ln())
        })
        .collect();
    let extent = |value: fn(&(f64, f64)) -> f64| {
        let values = flat.iter().map(value);
        let least = values.clone().fold(f64::INFINITY, f64::min);
        (least, values.fold(f64::NEG_INFINITY, f64::max) - least)
    };
    let ((left, wide), (top, high)) = (extent(|at| at.0), extent(|at| at.1));
    let scale = (WIDTH - 2.0 * ROOM) / wide.max(high).max(1e-9);
    let at = |(x, y): (f64, f64)| ((x - left) * scale + ROOM, (y - top) * scale + ROOM);
    let (width, height) = (wide * scale + 2.0 * ROOM, high * scale + 2.0 * ROOM);

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"sans-serif\" \
         font-size=\"9\" text-anchor=\"middle\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <polyline fill=\"none\" stroke=\"#567\" points=\""
    );
    for &place in &flat {
        let (x, y) = at(place);
        let _ = write!(svg, "{x:.1},{y:.1} ");
    }
    svg.push_str("\"/>\n");
    for ((&place, stop), number) in flat.iter().zip(places).zip(1..) {
        let (x, y) = at(place);
        let shape = if stop.late_s > 0 {
            format!(
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"16\" height=\"16\" fill=\"#c33\"/>",
                x - 8.0,
                y - 8.0
            )
        } else {
            format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"8\" fill=\"#276\"/>")
        };
        let _ =
            writeln!(svg, "{shape}<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"white\">{number}</text>", y + 3.0);
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(lat: f64, lon: f64, late_s: i64) -> Place {
        Place { lat, lon, late_s }
    }

    #[test]
    fn stops_are_drawn_in_their_order_north_up_and_late_ones_as_squares() {
        let svg = draw(&[place(52.5, 13.4, 0), place(52.6, 13.5, 40), place(52.5, 13.6, 0)]).unwrap();
        assert_eq!((svg.matches("<circle").count(), svg.matches("<rect x").count()), (2, 1));
        let ys: Vec<f64> =
            svg.split("cy=\"").skip(1).map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect();
        assert!(ys[0] > 100.0 && (ys[0] - ys[1]).abs() < 0.1, "the northern stop is above both: {ys:?}");
        assert!(svg.contains(">3</text>"));
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        assert_eq!(draw(&[]).unwrap_err(), "a route without stops");
        assert_eq!(
            draw(&[place(52.0, 13.0, 0), place(95.0, 13.0, 0)]).unwrap_err(),
            "stop 2: no such place on a map"
        );
        assert!(draw(&[place(52.0, 13.0, 0)]).is_ok());
    }
}
