//! The day's end: what was done, what still waits for the network, and the last word.

use courier_domain::Command;
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;
use ratatui::style::Stylize;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use super::view::View;
use super::{Action, Target};
use crate::screen::letter;

/// Whether the courier is asked once more.
#[derive(Default)]
pub(super) struct DayEnd {
    asked: bool,
}

impl DayEnd {
    pub(super) fn key(&mut self, key: &KeyEvent) -> Action {
        let asked = std::mem::take(&mut self.asked);
        match (key.code, letter(key)) {
            (_, Some('y')) if asked => return Action::Do(Command::CloseDay),
            (_, Some('c')) => self.asked = true,
            (_, Some('u')) => return Action::Sync,
            (_, Some('q')) => return Action::Quit,
            (KeyCode::Esc, _) if !asked => return Action::Go(Target::Today),
            _ => {}
        }
        Action::Nothing
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, view: &View) {
        let Some(route) = &view.glance.route else {
            frame.render_widget("There is no route.", area);
            return;
        };
        let counts = &route.counts;
        let open = counts.stops.saturating_sub(counts.stops_done);
        let parcels = counts.parcels.saturating_sub(counts.handed_over + counts.not_delivered);
        let mut lines = vec![
            Line::from(format!(
                "{} · {}",
                route.day,
                if route.closed { "the day is over" } else { "the day runs" }
            ))
            .bold(),
            Line::from(format!("stops        {} done, {open} open", counts.stops_done)),
            Line::from(format!(
                "parcels      {} handed over, {} not delivered, {parcels} open",
                counts.handed_over, counts.not_delivered
            )),
            Line::from(format!("provisional  {} on this phone, {} stored", counts.on_phone, counts.stored)),
            Line::from(format!(
                "judged       {} confirmed, {} under review, {} refuted",
                counts.confirmed, counts.under_review, counts.refuted
            )),
            Line::from(match view.glance.pending {
                0 => "outbox       empty: the backend has everything".to_owned(),
                waiting => format!(
                    "outbox       {waiting} waiting for the network; nothing is dropped before it is sent"
                ),
            }),
        ];
        if self.asked {
            lines.push(
                Line::from(
                    "Close the day? Nothing can be recorded afterwards. y closes it, any other key does not.",
                )
                .bold(),
            );
        }
        frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), area);
    }

    pub(super) const KEYS: &'static str = "c closes the day · u sync · Esc back · q quit";
}
