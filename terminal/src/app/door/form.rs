//! The last lines before something is recorded at a door.

use std::collections::BTreeSet;

use courier_domain::view::DoorView;
use courier_domain::{
    DoorChoice, DoorForm, Exit, ParcelId, Reason, Receiver, ReceiverDetails, ReceiverOption, ShipmentId,
    Suggestion,
};
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::style::Stylize;
use ratatui::text::Line;

use crate::app::field::Field;
use crate::words::terms;

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
    /// Names that the core offers for this receiver, and which one comes next.
    names: Vec<Suggestion>,
    next_name: usize,
}

impl Form {
    pub(super) fn of_receiver(option: &ReceiverOption, door: &DoorView) -> Self {
        // The core completes what an instruction names; it is shown so that the courier sees who that is.
        let name = option.name.clone().filter(|_| option.receiver.is_person());
        let details = ReceiverDetails { name, flat: option.flat.clone(), ..ReceiverDetails::default() };
        Self::of_details(option.receiver, &details, door)
    }

    fn of_details(receiver: Receiver, details: &ReceiverDetails, door: &DoorView) -> Self {
        let fields = vec![
            filled("Name", details.name.as_ref()),
            filled("Relation", details.relation.as_ref()),
            filled("Flat", details.flat.as_ref()),
            filled("Note for the recipient", details.note.as_ref()),
        ];
        let names = door.suggestions.iter().filter(|it| it.receiver == receiver).cloned().collect();
        Self { names, ..Self::new(Choice::HandOver(receiver), fields) }
    }

    pub(super) fn of_exit(exit: Exit) -> Self {
        Self::of_reason(exit.reason, None)
    }

    fn of_reason(reason: Reason, note: Option<&String>) -> Self {
        Self::new(Choice::NotDelivered(reason), vec![filled("Note for the office", note)])
    }

    pub(super) fn of_photo() -> Self {
        Self::new(Choice::Photo, vec![Field::new("JPEG file")])
    }

    fn new(choice: Choice, fields: Vec<Field>) -> Self {
        Self { choice, fields, active: 0, names: Vec::new(), next_name: 0 }
    }

    /// As it was filled in before the app was killed.
    pub(super) fn of_kept(kept: &DoorForm, door: &DoorView) -> Self {
        match kept.choice {
            DoorChoice::HandOver { receiver } => Self::of_details(receiver, &kept.details, door),
            DoorChoice::NotDelivered { reason } => Self::of_reason(reason, kept.details.note.as_ref()),
        }
    }

    /// What the core is to keep; nothing of a path to a photo.
    pub(super) fn kept(&self, shipment: &ShipmentId, left_out: &BTreeSet<ParcelId>) -> Option<DoorForm> {
        let (choice, details) = match self.choice {
            Choice::HandOver(receiver) => {
                let [name, relation, flat, note] = [0, 1, 2, 3].map(|at| self.text(at));
                let details = ReceiverDetails { name, relation, flat, note, ..ReceiverDetails::default() };
                (DoorChoice::HandOver { receiver }, details)
            }
            Choice::NotDelivered(reason) => {
                let details = ReceiverDetails { note: self.text(0), ..ReceiverDetails::default() };
                (DoorChoice::NotDelivered { reason }, details)
            }
            Choice::Photo => return None,
        };
        Some(DoorForm {
            shipment: shipment.clone(),
            choice,
            details,
            left_out: left_out.iter().cloned().collect(),
        })
    }

    /// Puts the next of the offered names in.
    pub(super) fn offer(&mut self) {
        let Some(it) = self.names.get(self.next_name) else { return };
        self.next_name = (self.next_name + 1) % self.names.len();
        self.fields[0] = Field::new("Name").with(&it.name);
        if let Some(flat) = &it.flat {
            self.fields[2] = Field::new("Flat").with(flat);
        }
    }

    fn title(&self) -> String {
        match self.choice {
            Choice::HandOver(receiver) => format!("Hand over: {}", terms().receiver(receiver)),
            Choice::NotDelivered(reason) => format!("Not delivered: {}", terms().reason(reason)),
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
        if !self.names.is_empty() {
            let names: Vec<_> = self.names.iter().map(|it| it.name.as_str()).collect();
            lines.push(Line::from(format!("Ctrl-N offers: {}", names.join(", "))));
        }
        lines
    }
}

fn filled(label: &'static str, text: Option<&String>) -> Field {
    Field::new(label).with(text.map_or("", String::as_str))
}
