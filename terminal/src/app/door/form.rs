//! The last lines before something is recorded at a door.

use courier_domain::{Exit, Reason, Receiver, ReceiverOption};
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::style::Stylize;
use ratatui::text::Line;

use crate::app::field::Field;
use crate::words;

/// What the courier chose. Kept by itself: the list that it was chosen from may change while the form is filled in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Choice {
    HandOver(Receiver),
    NotDelivered(Reason),
    Photo,
}

/// What is personal about a handover, or the note to a failure.
pub(super) struct Form {
    pub(super) choice: Choice,
    fields: Vec<Field>,
    active: usize,
}

impl Form {
    pub(super) fn of_receiver(option: &ReceiverOption) -> Self {
        let given = |text: &Option<String>| text.clone().unwrap_or_default();
        // The core completes what an instruction names; it is shown so that the courier sees who that is.
        let name = if option.receiver.is_person() { given(&option.name) } else { String::new() };
        let fields = vec![
            Field::new("Name").with(&name),
            Field::new("Relation"),
            Field::new("Flat").with(&given(&option.flat)),
            Field::new("Note for the recipient"),
        ];
        Self { choice: Choice::HandOver(option.receiver), fields, active: 0 }
    }

    pub(super) fn of_exit(exit: Exit) -> Self {
        let fields = vec![Field::new("Note for the office")];
        Self { choice: Choice::NotDelivered(exit.reason), fields, active: 0 }
    }

    pub(super) fn of_photo() -> Self {
        Self { choice: Choice::Photo, fields: vec![Field::new("JPEG file")], active: 0 }
    }

    fn title(&self) -> String {
        match self.choice {
            Choice::HandOver(receiver) => format!("Hand over: {}", words::receiver(receiver)),
            Choice::NotDelivered(reason) => format!("Not delivered: {}", words::reason(reason)),
            Choice::Photo => "Photo of the parcel in its place, without people".into(),
        }
    }

    pub(super) fn key(&mut self, key: &KeyEvent) {
        if self.fields[self.active].key(key) {
            return;
        }
        let count = self.fields.len();
        match key.code {
            KeyCode::Tab | KeyCode::Down => self.active = (self.active + 1) % count,
            KeyCode::BackTab | KeyCode::Up => self.active = (self.active + count - 1) % count,
            _ => {}
        }
    }

    pub(super) fn text(&self, at: usize) -> Option<String> {
        self.fields.get(at).map(|field| field.text().to_owned()).filter(|text| !text.is_empty())
    }

    pub(super) fn paste(&mut self, text: &str) {
        self.fields[self.active].paste(text);
    }

    pub(super) fn lines(&self, width: u16) -> Vec<Line<'static>> {
        let fields = self.fields.iter().enumerate();
        let mut lines = vec![Line::from(self.title()).bold()];
        lines.extend(fields.map(|(at, field)| field.line(at == self.active, width)));
        lines
    }
}
