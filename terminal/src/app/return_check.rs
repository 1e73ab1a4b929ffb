//! The return check: what comes back to the depot.

use std::collections::BTreeSet;

use courier_domain::{Command, Outcome, ParcelId};
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Stylize;
use ratatui::text::Line;
use ratatui::widgets::ListState;

use super::field::Field;
use super::view::{VanParcel, View};
use super::{Action, Target, list, pages};
use crate::screen::is_ctrl;
use crate::words::terms;

/// What is back, by scan or by hand.
pub(super) struct ReturnCheck {
    field: Field,
    selected: usize,
    back: BTreeSet<ParcelId>,
}

impl ReturnCheck {
    pub(super) fn new() -> Self {
        Self { field: Field::new("Barcode"), selected: 0, back: BTreeSet::new() }
    }

    pub(super) fn key(&mut self, key: &KeyEvent, view: &View) -> Action {
        let left: Vec<&VanParcel> = in_van(view).collect();
        match key.code {
            KeyCode::Char(' ') if self.field.is_empty() => {
                if let Some(parcel) = left.get(self.selected) {
                    self.toggle(&parcel.id);
                }
            }
            _ if self.field.key(key) => {}
            KeyCode::Esc => return Action::Go(Target::Today),
            KeyCode::Enter if !self.field.is_empty() => {
                let barcode = self.field.take();
                let found = left.iter().find(|parcel| parcel.barcode.eq_ignore_ascii_case(barcode.trim()));
                match found {
                    Some(parcel) => drop(self.back.insert(parcel.id.clone())),
                    None => return Action::Say(format!("{barcode} should not be in the van.")),
                }
            }
            _ if is_ctrl(key, 's') => {
                return Action::Do(Command::Return { parcels: self.back.iter().cloned().collect() });
            }
            _ => self.selected = pages(key, self.selected, left.len()),
        }
        Action::Nothing
    }

    fn toggle(&mut self, id: &ParcelId) {
        if !self.back.remove(id) {
            self.back.insert(id.clone());
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        self.field.paste(text);
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, view: &View) {
        let [top, field, below] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Min(0)]).areas(area);
        let left: Vec<&VanParcel> = in_van(view).collect();
        let sum = format!("Return check: {} of {} not handed over are back", self.back.len(), left.len());
        frame.render_widget(Line::from(sum).bold(), top);
        frame.render_widget(self.field.line(true, field.width), field);
        let lines = left.iter().map(|parcel| {
            let mark = if self.back.contains(&parcel.id) { 'x' } else { ' ' };
            let why = match &parcel.outcome {
                Some(Outcome::NotDelivered { reason, .. }) => terms().reason(*reason),
                _ => "open".into(),
            };
            Line::from(format!(
                "[{mark}] {} · stop {} · {} · {why}",
                parcel.barcode, parcel.stop, parcel.recipient
            ))
        });
        let mut state = ListState::default().with_selected(Some(self.selected));
        frame.render_stateful_widget(list(lines), below, &mut state);
    }

    pub(super) const KEYS: &'static str = "scan or Space marks · Ctrl-S records · ↑↓ move · Esc back";
}

/// Everything that nobody got.
fn in_van(view: &View) -> impl Iterator<Item = &VanParcel> {
    view.van.iter().filter(|parcel| !matches!(parcel.outcome, Some(Outcome::HandedOver { .. })))
}
