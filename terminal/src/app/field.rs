//! One line that is typed or pasted.

use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::style::Stylize;
use ratatui::text::{Line, Span};
use zeroize::{Zeroize, Zeroizing};

use crate::screen::{is_ctrl, letter};

/// Longest text, in characters; the core sets the real limits and says so.
const LONGEST: usize = 4_000;

/// A line with its label. The text is wiped when it is given away.
#[derive(Debug, Clone, Default)]
pub(super) struct Field {
    label: &'static str,
    text: Zeroizing<String>,
    secret: bool,
    shown: bool,
}

impl Field {
    /// An empty line.
    pub(super) fn new(label: &'static str) -> Self {
        Self { label, ..Self::default() }
    }

    /// An empty line whose text is masked, until Ctrl-V shows it.
    pub(super) fn secret(label: &'static str) -> Self {
        Self { label, secret: true, ..Self::default() }
    }

    /// The same with a text.
    pub(super) fn with(mut self, text: &str) -> Self {
        self.paste(text);
        self
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Gives the text away; nothing of it stays, and the next one is masked again.
    pub(super) fn take(&mut self) -> String {
        self.shown = false;
        std::mem::take(&mut *self.text)
    }

    /// Whether the key was meant for the text.
    pub(super) fn key(&mut self, key: &KeyEvent) -> bool {
        if let Some(c) = letter(key) {
            self.push(c);
            return true;
        }
        if key.code == KeyCode::Backspace {
            return self.text.pop().is_some();
        }
        if is_ctrl(key, 'u') {
            self.text.zeroize();
            return true;
        }
        if is_ctrl(key, 'v') && self.secret {
            self.shown = !self.shown;
            return true;
        }
        false
    }

    /// Takes a text without its line ends and other control characters.
    pub(super) fn paste(&mut self, text: &str) {
        text.chars().for_each(|c| self.push(c));
    }

    fn push(&mut self, c: char) {
        if !c.is_control() && self.text.chars().count() < LONGEST {
            // Growing would leave a copy of a secret behind in memory.
            if self.text.capacity() < LONGEST * 4 {
                self.text.reserve(LONGEST * 4);
            }
            self.text.push(c);
        }
    }

    /// How it is drawn; the end stays in sight.
    pub(super) fn line(&self, active: bool, width: u16) -> Line<'static> {
        let shown = if self.secret && !self.shown {
            "•".repeat(self.text.chars().count())
        } else {
            self.text.to_string()
        };
        let label = format!("{}: ", self.label);
        let room = usize::from(width).saturating_sub(Span::raw(label.as_str()).width() + 1);
        let end = last_cells(&shown, room);
        let cursor = if active { Span::raw("▏").bold() } else { Span::raw("") };
        let label = if active { Span::raw(label).bold() } else { Span::raw(label) };
        Line::from(vec![label, Span::raw(end), cursor])
    }
}

/// The end of a text, at most so many cells wide.
fn last_cells(text: &str, cells: usize) -> String {
    let mut start = text.len();
    for (at, _) in text.char_indices().rev() {
        if Span::raw(&text[at..]).width() > cells {
            break;
        }
        start = at;
    }
    text[start..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::crossterm::event::KeyModifiers;

    fn ctrl(c: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)
    }

    fn shown(field: &Field) -> String {
        field.line(true, 40).to_string()
    }

    #[test]
    fn a_secret_is_masked_until_it_is_asked_for_and_gone_when_it_was_given_away() {
        let mut field = Field::secret("Code").with("123456");
        assert!(!shown(&field).contains('1') && shown(&field).contains("••••••"), "{}", shown(&field));
        assert!(field.key(&ctrl('v')));
        assert!(shown(&field).contains("123456"));
        assert_eq!(field.take(), "123456");
        assert!(field.is_empty());
        field.paste("654321");
        assert!(!shown(&field).contains('6'), "the next code is shown: {}", shown(&field));
    }

    #[test]
    fn a_field_takes_text_of_any_script_and_no_control_characters() {
        let mut field = Field::new("Name").with("Şükrü\u{1b}[2J\n 🐘");
        assert_eq!(field.text(), "Şükrü[2J 🐘");
        field.key(&KeyEvent::from(KeyCode::Backspace));
        assert_eq!(field.text(), "Şükrü[2J ");
        field.key(&ctrl('u'));
        assert!(field.is_empty());
    }

    #[test]
    fn the_end_of_a_long_text_stays_in_sight() {
        let field = Field::new("Note").with(&"0123456789".repeat(30));
        let line = field.line(true, 20);
        assert!(line.width() <= 20 && line.to_string().contains("6789"), "{line}");
        assert!(Field::new("Note").with("x").line(true, 0).width() > 0, "no window is too small");
    }
}
