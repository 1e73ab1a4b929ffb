//! The route as a map: every stop at its own coordinates, joined in the order of the route. What a stop is shows in
//! its sign; the colour says it once more.

use std::collections::BTreeSet;

use courier_domain::view::{StopLine, StopState};
use courier_domain::{Pin, Standing, StopId};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::canvas::{Canvas, Line as Segment};
use ratatui::widgets::{Block, Paragraph, Widget, Wrap};

/// What a stop is, for somebody who looks at the list or at the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// The courier is here.
    Here,
    /// Nothing has happened.
    Open,
    /// Some parcels have an outcome.
    Partly,
    /// Every parcel has an outcome; the backend has not confirmed it.
    Provisional,
    /// Handed over, and confirmed.
    Confirmed,
    /// Not everything was delivered.
    Failed,
    /// A person looks at it.
    UnderReview,
    /// The judge refuted it.
    Refuted,
    /// The office took it away.
    Gone,
}

impl Sign {
    /// The sign of a stop. Trouble comes before what is usual.
    pub(crate) fn of(stop: &StopLine, failed: &BTreeSet<StopId>) -> Self {
        match (stop.state, stop.standing) {
            (StopState::Gone, _) => Self::Gone,
            (_, Some(Standing::Refuted)) => Self::Refuted,
            (_, Some(Standing::UnderReview)) => Self::UnderReview,
            (StopState::Open, _) => Self::Open,
            (StopState::Partly, _) => Self::Partly,
            (StopState::Done, _) if failed.contains(&stop.id) => Self::Failed,
            (StopState::Done, Some(Standing::Confirmed)) => Self::Confirmed,
            (StopState::Done, _) => Self::Provisional,
        }
    }

    /// Its shape, one cell wide.
    pub(crate) fn shape(self) -> &'static str {
        match self {
            Self::Here => "@",
            Self::Open => "□",
            Self::Partly => "◐",
            Self::Provisional => "○",
            Self::Confirmed => "●",
            Self::Failed => "×",
            Self::UnderReview => "?",
            Self::Refuted => "!",
            Self::Gone => "-",
        }
    }

    /// Its colour, which never tells anything alone.
    pub(crate) fn colour(self) -> Color {
        match self {
            Self::Here => Color::Yellow,
            Self::Open => Color::Gray,
            Self::Partly | Self::Provisional => Color::Cyan,
            Self::Confirmed => Color::Green,
            Self::Failed | Self::UnderReview => Color::Magenta,
            Self::Refuted => Color::Red,
            Self::Gone => Color::DarkGray,
        }
    }

    /// What it means.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Open => "open",
            Self::Partly => "partly done",
            Self::Provisional => "provisional",
            Self::Confirmed => "confirmed",
            Self::Failed => "not delivered",
            Self::UnderReview => "under review",
            Self::Refuted => "refuted",
            Self::Gone => "taken away",
        }
    }

    /// The shape in its colour.
    pub(crate) fn span(self) -> Span<'static> {
        let style = Style::new().fg(self.colour());
        let style = if matches!(self, Self::Here | Self::Refuted) { style.bold().reversed() } else { style };
        Span::styled(self.shape(), style)
    }
}

/// What the signs mean.
fn legend() -> Line<'static> {
    let signs = [
        Sign::Here,
        Sign::Open,
        Sign::Provisional,
        Sign::Confirmed,
        Sign::Failed,
        Sign::UnderReview,
        Sign::Refuted,
    ];
    signs
        .into_iter()
        .flat_map(|sign| [sign.span(), Span::raw(format!("\u{a0}{} ", sign.word().replace(' ', "\u{a0}")))])
        .collect()
}

/// The map.
pub(crate) struct RouteMap<'a> {
    /// The stops in their order.
    pub(crate) stops: &'a [StopLine],
    /// Where not everything was delivered.
    pub(crate) failed: &'a BTreeSet<StopId>,
    /// Where the courier is, or looks.
    pub(crate) here: Option<&'a StopId>,
}

impl RouteMap<'_> {
    /// Draws it in a frame, with what its signs mean.
    pub(crate) fn draw_framed(self, frame: &mut Frame<'_>, area: Rect) {
        let block = Block::bordered().title(" Route ");
        let inside = block.inner(area);
        frame.render_widget(block, area);
        let needed = legend().width().div_ceil(usize::from(inside.width.max(1))) + 1;
        let rows = u16::try_from(needed).unwrap_or(u16::MAX).min(inside.height / 3);
        let [map, signs] = Layout::vertical([Constraint::Min(0), Constraint::Length(rows)]).areas(inside);
        frame.render_widget(self, map);
        frame.render_widget(Paragraph::new(legend()).wrap(Wrap { trim: true }), signs);
    }
}

impl Widget for RouteMap<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let pins = || self.stops.iter().map(|stop| place(stop.pin));
        let (x_bounds, y_bounds) = (bounds(pins().map(|at| at.0)), bounds(pins().map(|at| at.1)));
        Canvas::default()
            .marker(Marker::Braille)
            .x_bounds(x_bounds)
            .y_bounds(y_bounds)
            .paint(|context| {
                for (from, to) in pins().zip(pins().skip(1)) {
                    context.draw(&Segment::new(from.0, from.1, to.0, to.1, Color::DarkGray));
                }
                // What is printed last is on top: trouble over what is done, and the courier over all.
                for pass in 0..3 {
                    for stop in self.stops {
                        let sign = match Sign::of(stop, self.failed) {
                            _ if Some(&stop.id) == self.here => Sign::Here,
                            sign => sign,
                        };
                        if layer(sign) == pass {
                            let (x, y) = place(stop.pin);
                            context.print(x, y, Line::from(sign.span()));
                        }
                    }
                }
            })
            .render(area, buffer);
    }
}

fn layer(sign: Sign) -> u8 {
    match sign {
        Sign::Here => 2,
        Sign::Failed | Sign::UnderReview | Sign::Refuted => 1,
        _ => 0,
    }
}

/// Mercator's projection (unit sphere): directions on the map are those on the ground.
fn place(pin: Pin) -> (f64, f64) {
    // The poles are at infinity; 85° is where web maps end.
    let lat = pin.lat.clamp(-85.0, 85.0).to_radians();
    (pin.lon.to_radians(), (lat / 2.0 + std::f64::consts::FRAC_PI_4).tan().ln())
}

/// Least and greatest, with some room: one stop alone has no extent.
fn bounds(values: impl Iterator<Item = f64>) -> [f64; 2] {
    let (least, greatest) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, greatest), value| {
        (least.min(value), greatest.max(value))
    });
    if least > greatest {
        return [0.0, 1.0];
    }
    let room = ((greatest - least) * 0.02).max(1e-6);
    [least - room, greatest + room]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_day::{at, day, stop_id};
    use courier_domain::route_view;

    fn draw(stops: &[StopLine], failed: &BTreeSet<StopId>, width: u16, height: u16) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        RouteMap { stops, failed, here: Some(&stop_id(1)) }.render(area, &mut buffer);
        let rows = buffer.content().chunks(width.into());
        rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect()).collect()
    }

    fn stop_at(no: usize, lat: f64, lon: f64) -> StopLine {
        let mut line = route_view(&day(1), &at()).unwrap().stops.remove(0);
        line.id = stop_id(no);
        line.pin = Pin { lat, lon };
        line
    }

    #[test]
    fn every_state_has_a_shape_of_its_own() {
        let signs = [
            Sign::Here,
            Sign::Open,
            Sign::Partly,
            Sign::Provisional,
            Sign::Confirmed,
            Sign::Failed,
            Sign::UnderReview,
            Sign::Refuted,
            Sign::Gone,
        ];
        let shapes: BTreeSet<_> = signs.iter().map(|sign| sign.shape()).collect();
        assert_eq!(shapes.len(), signs.len(), "two states differ by colour alone");
        assert!(signs.iter().all(|sign| Span::raw(sign.shape()).width() == 1));
    }

    #[test]
    fn north_is_up_and_east_is_right() {
        let mut stops = vec![stop_at(1, 52.0, 13.0), stop_at(2, 53.0, 14.0)];
        stops[1].state = StopState::Done;
        stops[1].standing = Some(Standing::Refuted);
        let rows = draw(&stops, &BTreeSet::new(), 21, 11);
        let find = |sign: &str| {
            let row = rows.iter().position(|row| row.contains(sign)).unwrap();
            (rows[row].chars().position(|c| sign.starts_with(c)).unwrap(), row)
        };
        let ((x, y), (other_x, other_y)) = (find("@"), find("!"));
        assert!(x < other_x && y > other_y, "{rows:#?}");
        assert!(rows.concat().chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c)), "no road: {rows:#?}");
    }

    #[test]
    fn what_was_not_delivered_is_not_drawn_as_delivered() {
        let mut stops = vec![stop_at(1, 52.0, 13.0), stop_at(2, 53.0, 14.0), stop_at(3, 52.5, 13.5)];
        for stop in &mut stops {
            stop.state = StopState::Done;
            stop.standing = Some(Standing::Confirmed);
        }
        let map = draw(&stops, &[stop_id(3)].into(), 21, 11).concat();
        assert!(map.contains('@') && map.contains('●') && map.contains('×'), "{map}");
    }

    #[test]
    fn one_place_the_poles_and_nonsense_are_drawn_too() {
        for pins in [
            vec![],
            vec![(52.0, 13.0)],
            vec![(52.0, 13.0), (52.0, 13.0)],
            vec![(90.0, 180.0), (-90.0, -180.0)],
            vec![(f64::NAN, 13.0), (52.0, f64::INFINITY)],
        ] {
            let stops: Vec<_> = pins.iter().zip(1..).map(|(pin, no)| stop_at(no, pin.0, pin.1)).collect();
            for (width, height) in [(40, 12), (2, 2), (1, 1)] {
                draw(&stops, &BTreeSet::new(), width, height);
            }
        }
    }
}
