//! A stop: where it is, and who is behind its doors.

use courier_domain::view::{DoorView, StopView};
use courier_domain::{Command, RouteEdit, StopId};
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Stylize;
use ratatui::text::{Line, Span};
use ratatui::widgets::{ListState, Paragraph, Wrap};

use super::view::View;
use super::{Action, Target, list, pages};
use crate::screen::letter;
use crate::words::terms;

/// How much later a stop comes that is put off.
const HOUR_MS: i64 = 3_600_000;

/// Which stop, and which of its doors.
pub(super) struct Stop {
    pub(super) id: StopId,
    selected: usize,
}

impl Stop {
    pub(super) fn new(id: StopId) -> Self {
        Self { id, selected: 0 }
    }

    pub(super) fn key(&mut self, key: &KeyEvent, view: &View) -> Action {
        let doors = view.stop.as_ref().map(|stop| stop.doors.as_slice()).unwrap_or_default();
        match (key.code, letter(key)) {
            (KeyCode::Esc, _) => Action::Go(Target::Today),
            (_, Some('q')) => Action::Quit,
            (_, Some('a')) => Action::Do(Command::Arrive { stop: self.id.clone() }),
            (_, Some('n')) => self.edit(RouteEdit::Next),
            (_, Some('z')) => self.edit(RouteEdit::Skip),
            (_, Some('t')) => {
                let eta = view.stop.as_ref().and_then(|stop| stop.eta);
                let later = eta.map(|eta| RouteEdit::Later { not_before: eta.p50.plus_ms(HOUR_MS) });
                later.map_or(Action::Nothing, |later| self.edit(later))
            }
            (KeyCode::Enter, _) => doors.get(self.selected).map_or(Action::Nothing, |door| {
                Action::Go(Target::Door { stop: self.id.clone(), shipment: door.shipment.clone() })
            }),
            _ => {
                self.selected = pages(key, self.selected, doors.len());
                Action::Nothing
            }
        }
    }

    fn edit(&self, edit: RouteEdit) -> Action {
        Action::Do(Command::EditRoute { stop: self.id.clone(), edit })
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, view: &View) {
        let Some(stop) = &view.stop else {
            frame.render_widget("This stop is not on the route any more.", area);
            return;
        };
        let tz = view.glance.route.as_ref().map(|route| route.tz.as_str()).unwrap_or_default();
        let about = about(stop, tz);
        // At least half of a small window is for the doors.
        let rows = u16::try_from(about.len()).unwrap_or(u16::MAX).min(area.height / 2);
        let [top, doors] = Layout::vertical([Constraint::Length(rows), Constraint::Min(0)]).areas(area);
        frame.render_widget(Paragraph::new(about).wrap(Wrap { trim: false }), top);
        let mut state = ListState::default().with_selected(Some(self.selected));
        frame.render_stateful_widget(list(stop.doors.iter().map(door_line)), doors, &mut state);
    }

    pub(super) const KEYS: &'static str = "a I am here · Enter opens the door · n next · t an hour later · z last · ↑↓ move · Esc back · q quit";
}

fn about(stop: &StopView, tz: &str) -> Vec<Line<'static>> {
    let address = &stop.address;
    let mut lines = vec![
        Line::from(vec![
            Span::raw(format!("Stop {}  ", stop.no)).bold(),
            Span::raw(format!("{} {}, {} {}", address.street, address.house, address.postcode, address.city)),
        ]),
        Line::from(if stop.arrived { "you are here" } else { "not arrived: a says that you are here" }),
    ];
    if let Some(why) = &stop.gone {
        lines.push(Line::from(terms().taken_away(why)).bold());
    }
    if let Some(metres) = stop.away_m {
        lines.push(Line::from(terms().far_from_pin(metres)).bold());
    }
    let eta = stop.eta.as_ref().map(|eta| super::eta(eta, tz));
    let window = stop.window.as_ref().map(|window| super::window(window, tz));
    for (what, text) in [
        ("Flat", &stop.flat),
        ("Window", &window),
        ("Reached", &eta),
        ("Way in", &stop.access_notes),
        ("In the van", &stop.van_place),
    ] {
        lines.extend(text.iter().map(|text| Line::from(format!("{what}: {text}"))));
    }
    lines.push(Line::from(format!("Door at {:.5}, {:.5}", stop.door_pin.lat, stop.door_pin.lon)));
    lines
}

fn door_line(door: &DoorView) -> Line<'static> {
    let scanned = door.parcels.iter().filter(|parcel| parcel.scanned).count();
    Line::from(vec![
        Span::raw(door.recipient_name.clone()).bold(),
        Span::raw(format!(" · from {} · {scanned} of {} scanned · ", door.sender_name, door.parcels.len())),
        Span::raw(state(door)),
    ])
}

/// Where the attempt stands, in words.
pub(super) fn state(door: &DoorView) -> String {
    terms().attempt(&door.state)
}
