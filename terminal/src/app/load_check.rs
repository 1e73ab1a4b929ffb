//! The load check: what is in the van in the morning.

use courier_domain::Command;
use courier_domain::state::Load;
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Stylize;
use ratatui::text::Line;
use ratatui::widgets::{ListState, Paragraph};

use super::field::Field;
use super::view::View;
use super::{Action, Target, list};
use crate::screen::is_ctrl;

/// What was scanned so far.
pub(super) struct LoadCheck {
    field: Field,
    scanned: Vec<String>,
}

impl LoadCheck {
    pub(super) fn new() -> Self {
        Self { field: Field::new("Barcode"), scanned: Vec::new() }
    }

    pub(super) fn key(&mut self, key: &KeyEvent) -> Action {
        if self.field.key(key) {
            return Action::Nothing;
        }
        match key.code {
            KeyCode::Esc => return Action::Go(Target::Today),
            KeyCode::Enter if !self.field.is_empty() => {
                let barcode = self.field.take();
                self.scanned.push(barcode);
            }
            KeyCode::Backspace => drop(self.scanned.pop()),
            _ if is_ctrl(key, 's') => {
                return Action::Do(Command::CheckLoad { barcodes: self.scanned.clone() });
            }
            _ => {}
        }
        Action::Nothing
    }

    /// A list from elsewhere: every line is a barcode.
    pub(super) fn paste(&mut self, text: &str) {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        match (lines.next(), lines.next()) {
            (Some(only), None) => self.field.paste(only),
            (Some(first), Some(second)) => {
                self.scanned.extend([first, second].into_iter().chain(lines).map(str::to_owned));
            }
            _ => {}
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, view: &View) {
        let [top, field, below] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Min(0)]).areas(area);
        let sum = format!("Load check: {} scanned, {} on the route", self.scanned.len(), view.van.len());
        frame.render_widget(Line::from(sum).bold(), top);
        frame.render_widget(self.field.line(true, field.width), field);
        match view.glance.route.as_ref().and_then(|route| route.load.as_ref()) {
            Some(load) if self.scanned.is_empty() => {
                frame.render_widget(Paragraph::new(result(load, view)), below);
            }
            _ => {
                let newest = self.scanned.len().checked_sub(1);
                let mut state = ListState::default().with_selected(newest);
                let lines = self.scanned.iter().map(|barcode| Line::from(barcode.clone()));
                frame.render_stateful_widget(list(lines), below, &mut state);
            }
        }
    }

    /// The check is recorded; the next one begins with nothing.
    pub(super) fn recorded(&mut self) {
        self.scanned.clear();
    }

    pub(super) const KEYS: &'static str =
        "Enter takes the barcode · Ctrl-S records the check · Backspace drops the last · Esc back";
}

/// The last check: what is missing comes first.
fn result(load: &Load, view: &View) -> Vec<Line<'static>> {
    let mut lines = vec![Line::from(format!(
        "Last check: {} found, {} missing, {} foreign",
        load.found.len(),
        load.missing.len(),
        load.foreign.len()
    ))];
    for parcel in view.van.iter().filter(|parcel| load.missing.contains(&parcel.id)) {
        lines.push(Line::from(format!(
            "missing  {} (stop {}, {})",
            parcel.barcode, parcel.stop, parcel.recipient
        )));
    }
    lines.extend(load.foreign.iter().map(|barcode| Line::from(format!("foreign  {barcode}"))));
    lines
}
