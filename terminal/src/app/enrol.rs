//! Enrol: this phone becomes a courier's.

use courier_engine::CourierError;
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use super::Action;
use super::field::Field;
use crate::words::terms;

/// Server and code.
pub(super) struct Enrol {
    server: Field,
    code: Field,
    at_code: bool,
}

impl Enrol {
    /// With the server, if it is known.
    pub(super) fn new(server: &str) -> Self {
        Self {
            server: Field::new("Server").with(server),
            code: Field::secret("Enrolment code"),
            at_code: !server.is_empty(),
        }
    }

    fn active(&mut self) -> &mut Field {
        if self.at_code { &mut self.code } else { &mut self.server }
    }

    pub(super) fn key(&mut self, key: &KeyEvent) -> Action {
        if self.active().key(key) {
            return Action::Nothing;
        }
        match key.code {
            KeyCode::Tab | KeyCode::BackTab | KeyCode::Up | KeyCode::Down => self.at_code = !self.at_code,
            KeyCode::Enter if self.server.is_empty() => self.at_code = false,
            // The code stays until the server took it: a wrong address should not cost typing it again.
            KeyCode::Enter if self.at_code && !self.code.is_empty() => {
                return Action::Enrol {
                    url: self.server.text().trim().to_owned(),
                    code: self.code.text().to_owned(),
                };
            }
            KeyCode::Enter => self.at_code = true,
            KeyCode::Esc => return Action::Quit,
            _ => {}
        }
        Action::Nothing
    }

    pub(super) fn paste(&mut self, text: &str) {
        self.active().paste(text.trim());
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect) {
        let lines = vec![
            Line::from(
                "This phone belongs to nobody yet. The office gives you its server and a code of 10 characters.",
            ),
            Line::from(""),
            self.server.line(!self.at_code, area.width),
            self.code.line(self.at_code, area.width),
        ];
        frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), area);
    }

    pub(super) const KEYS: &'static str =
        "Enter enrols · Tab other line · Ctrl-V shows the code · Esc leaves";
}

/// What went wrong, and what to do.
pub(super) fn problem(error: &CourierError) -> String {
    match error {
        CourierError::Offline => {
            "No answer from this server. Is the address right, and is there a network? Nothing is lost: Enter tries again."
                .into()
        }
        CourierError::Auth => {
            "The server refused this code. Check code and server, or ask the office for a new code.".into()
        }
        other => format!("Not enrolled. {}", terms().error(other)),
    }
}
