//! The card for the customer, in their language or another one.

use courier_domain::view::DoorView;
use courier_texts::{Card, CardLanguage, card, card_languages};
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::style::Stylize;
use ratatui::text::Line;

/// The card that is on the screen.
pub(super) struct Shown {
    languages: Vec<CardLanguage>,
    at: usize,
    parcels: u32,
    coded: bool,
}

impl Shown {
    pub(super) fn of(door: &DoorView) -> Self {
        let languages = card_languages();
        let open = door.parcels.iter().filter(|parcel| parcel.outcome.is_none()).count();
        let parcels = u32::try_from(open).unwrap_or(u32::MAX);
        let lang = card(&door.lang, parcels, true).lang;
        let at = languages.iter().position(|language| language.lang == lang).unwrap_or(0);
        Self { languages, at, parcels, coded: super::needs_code(door) }
    }

    pub(super) fn key(&mut self, key: &KeyEvent) {
        let count = self.languages.len();
        match key.code {
            KeyCode::Right | KeyCode::Down => self.at = (self.at + 1) % count,
            KeyCode::Left | KeyCode::Up => self.at = (self.at + count - 1) % count,
            _ => {}
        }
    }

    fn card(&self) -> Card {
        card(&self.languages[self.at].lang, self.parcels, self.coded)
    }

    pub(super) fn lines(&self) -> Vec<Line<'static>> {
        let Card { title, lines, .. } = self.card();
        let name = self.languages[self.at].name.clone();
        let mut shown = vec![Line::from(name).italic(), Line::from(title).bold()];
        shown.extend(lines.into_iter().flat_map(|line| [Line::from(""), Line::from(line)]));
        shown
    }
}
