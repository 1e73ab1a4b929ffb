//! The door: scan, code, receiver, or a reason why not; then done. What may be done comes from the core.

mod card;
mod form;
mod lines;

use std::collections::BTreeSet;

use courier_domain::view::{Addition, Ask, DoorView};
use courier_domain::{
    CodeEntry, CodeState, Command, DoorForm, FactId, FileKind, ParcelId, ReceiverDetails, ScanResult,
    ShipmentId, StopId,
};
use courier_engine::CommandResult;
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Stylize;
use ratatui::text::{Line, Span};
use ratatui::widgets::{ListState, Paragraph, Wrap};

use super::field::Field;
use super::view::View;
use super::{Action, Target, list, pages};
use crate::screen::{is_ctrl, letter};
use crate::words::terms;
use card::Shown;
use form::{Choice, Form};
use lines::{code_line, conflict_lines, exit_line, instruction_line, option_line};

/// What the courier is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pane {
    Scan,
    Code,
    Receiver,
    Exit,
    Done,
}

impl Pane {
    const TABS: [(Self, &'static str); 4] = [
        (Self::Scan, "Scan"),
        (Self::Code, "Code"),
        (Self::Receiver, "Receiver"),
        (Self::Exit, "Not delivered"),
    ];

    fn next(self, step: usize) -> Self {
        let at = Self::TABS.iter().position(|(pane, _)| *pane == self);
        at.map_or(self, |at| Self::TABS[(at + step) % Self::TABS.len()].0)
    }
}

/// What is selected and typed at a door.
pub(super) struct Door {
    pub(super) stop: StopId,
    pub(super) shipment: ShipmentId,
    pane: Pane,
    scan: Field,
    code: Field,
    selected: usize,
    left_out: BTreeSet<ParcelId>,
    form: Option<Form>,
    card: Option<Shown>,
    elsewhere: Option<StopId>,
    asked: Option<Ask>,
    /// What the core keeps of the form.
    kept: Option<DoorForm>,
    /// The form from before the app was killed was looked for.
    is_back: bool,
}

impl Door {
    pub(super) fn new(stop: StopId, shipment: ShipmentId) -> Self {
        Self {
            stop,
            shipment,
            pane: Pane::Scan,
            scan: Field::new("Barcode"),
            code: Field::secret("Code or QR text"),
            selected: 0,
            left_out: BTreeSet::new(),
            form: None,
            card: None,
            elsewhere: None,
            asked: None,
            kept: None,
            is_back: false,
        }
    }

    fn find<'a>(&self, view: &'a View) -> Option<&'a DoorView> {
        view.stop.as_ref()?.door(&self.shipment)
    }

    fn is_typing(&self) -> bool {
        self.form.is_some() || !self.scan.is_empty() || !self.code.is_empty()
    }

    /// Goes where the core's question leads: after a command, and when the question changed by itself, as when a code
    /// was refuted; but never away from what is being typed.
    pub(super) fn seen(&mut self, view: &View, follow: bool) {
        let Some(door) = self.find(view) else { return };
        let changed = self.asked.replace(door.ask) != Some(door.ask);
        if follow || (changed && !self.is_typing()) {
            self.follow(door);
        }
        self.come_back(door, view);
    }

    /// A killed app comes back to the same step.
    fn come_back(&mut self, door: &DoorView, view: &View) {
        if std::mem::replace(&mut self.is_back, true) {
            return;
        }
        let kept = view.stop.as_ref().and_then(|stop| stop.form.clone());
        if let Some(kept) = kept.filter(|kept| kept.shipment == self.shipment) {
            self.form = Some(Form::of_kept(&kept, door));
            self.left_out = kept.left_out.iter().cloned().collect();
            self.kept = Some(kept);
        }
    }

    /// What is filled in is kept by the core whenever it changed.
    fn keep(&mut self) -> Action {
        let form = self.form.as_ref().and_then(|form| form.kept(&self.shipment, &self.left_out));
        if form == self.kept {
            return Action::Nothing;
        }
        self.kept.clone_from(&form);
        Action::Keep(Command::SaveForm { stop: self.stop.clone(), form })
    }

    /// The question is about the whole door once every parcel was scanned.
    fn follow(&mut self, door: &DoorView) {
        let left = door.parcels.iter().any(|parcel| parcel.outcome.is_none() && !parcel.scanned);
        let pane = match door.ask {
            Ask::Done => Pane::Done,
            _ if left => Pane::Scan,
            Ask::Scan => Pane::Scan,
            Ask::Code | Ask::Verdict => Pane::Code,
            Ask::Receiver => Pane::Receiver,
            Ask::Exit => Pane::Exit,
        };
        self.open(pane);
    }

    fn open(&mut self, pane: Pane) {
        if self.pane != pane {
            self.selected = 0;
        }
        self.pane = pane;
        self.form = None;
    }

    pub(super) fn key(&mut self, key: &KeyEvent, view: &View) -> Action {
        match self.pressed(key, view) {
            Action::Nothing => self.keep(),
            action => action,
        }
    }

    fn pressed(&mut self, key: &KeyEvent, view: &View) -> Action {
        let Some(door) = self.find(view) else {
            return if key.code == KeyCode::Esc { Action::Go(Target::Today) } else { Action::Nothing };
        };
        if let Some(card) = &mut self.card {
            if key.code == KeyCode::Esc {
                self.card = None;
            } else {
                card.key(key);
            }
            return Action::Nothing;
        }
        if is_ctrl(key, 'k') {
            self.card = Some(Shown::of(door));
            return Action::Nothing;
        }
        if is_ctrl(key, 'z') {
            return undo(door.undo.as_ref());
        }
        if let (true, Some(stop)) = (is_ctrl(key, 'g'), &self.elsewhere) {
            return Action::Go(Target::Stop(stop.clone()));
        }
        if self.form.is_some() {
            return self.key_in_form(key, door, view);
        }
        let typed = match self.pane {
            Pane::Scan => self.scan.key(key),
            Pane::Code => self.code.key(key),
            Pane::Receiver | Pane::Exit | Pane::Done => false,
        };
        if typed {
            return Action::Nothing;
        }
        match key.code {
            KeyCode::Esc => return Action::Go(Target::Stop(self.stop.clone())),
            KeyCode::Tab => self.open(self.pane.next(1)),
            KeyCode::BackTab => self.open(self.pane.next(Pane::TABS.len() - 1)),
            KeyCode::Enter => return self.enter(door),
            _ => return self.key_in_list(key, door, view),
        }
        Action::Nothing
    }

    fn key_in_list(&mut self, key: &KeyEvent, door: &DoorView, view: &View) -> Action {
        match letter(key) {
            Some('q') => return Action::Quit,
            Some('u') => return undo(door.undo.as_ref()),
            Some('p') if self.pane == Pane::Receiver => self.form = Some(Form::of_photo()),
            Some('p') if takes_photos(door) => self.form = Some(Form::of_photo()),
            Some('a') if self.pane == Pane::Done => return add_proof(door, view),
            Some('n') if self.pane == Pane::Exit && needs_code(door) => {
                return Action::NewCode(door.attempt.clone());
            }
            Some(digit @ '1'..='9') => self.toggle(door, digit as usize - '1' as usize),
            _ => {
                let count = if self.pane == Pane::Receiver { door.options.len() } else { door.exits.len() };
                self.selected = pages(key, self.selected, count);
            }
        }
        Action::Nothing
    }

    fn key_in_form(&mut self, key: &KeyEvent, door: &DoorView, view: &View) -> Action {
        match key.code {
            KeyCode::Esc => self.form = None,
            KeyCode::Enter => return self.conclude(door, view),
            _ if is_ctrl(key, 'n') => {
                if let Some(form) = &mut self.form {
                    form.offer();
                }
            }
            _ => {
                if let Some(form) = &mut self.form {
                    form.key(key);
                }
            }
        }
        Action::Nothing
    }

    pub(super) fn paste(&mut self, text: &str) {
        match (&mut self.form, self.pane) {
            (Some(form), _) => form.paste(text),
            (None, Pane::Scan) => self.scan.paste(text),
            (None, Pane::Code) => self.code.paste(text),
            (None, Pane::Receiver | Pane::Exit | Pane::Done) => {}
        }
    }

    fn enter(&mut self, door: &DoorView) -> Action {
        match self.pane {
            Pane::Scan if !self.scan.is_empty() => {
                self.elsewhere = None;
                Action::Do(Command::Scan { stop: self.stop.clone(), barcode: self.scan.take() })
            }
            Pane::Code if !self.code.is_empty() => {
                Action::Do(Command::EnterCode { stop: self.stop.clone(), entry: entry(self.code.take()) })
            }
            Pane::Receiver => {
                self.form = door.options.get(self.selected).map(|option| Form::of_receiver(option, door));
                Action::Nothing
            }
            Pane::Exit => {
                self.form = door.exits.get(self.selected).copied().map(Form::of_exit);
                Action::Nothing
            }
            Pane::Scan | Pane::Code | Pane::Done => Action::Nothing,
        }
    }

    /// The form was filled in.
    fn conclude(&mut self, door: &DoorView, view: &View) -> Action {
        let Some(form) = &self.form else { return Action::Nothing };
        let parcels = match form.choice {
            Choice::Photo => {
                let (stop, path) = (self.stop.clone(), form.text(0).unwrap_or_default());
                return Action::Do(Command::TakePhoto { stop, path });
            }
            Choice::HandOver(_) | Choice::NotDelivered(_) => self.chosen(door),
        };
        // To the core no parcel means every open one.
        if parcels.is_empty() {
            return Action::Say("No parcel is chosen: 1-9 take one in.".into());
        }
        let attempt = door.attempt.clone();
        Action::Do(match form.choice {
            Choice::HandOver(receiver) => {
                let [name, relation, flat, note] = [0, 1, 2, 3].map(|at| form.text(at));
                let stop = view.stop.as_ref();
                let files = stop.map(|stop| stop.files_for(door, receiver)).unwrap_or_default();
                let details =
                    ReceiverDetails { name, relation, flat, note, files, ..ReceiverDetails::default() };
                Command::HandOver { attempt, parcels, receiver, details }
            }
            Choice::NotDelivered(reason) => {
                Command::NotDelivered { attempt, parcels, reason, note: form.text(0) }
            }
            Choice::Photo => return Action::Nothing,
        })
    }

    /// The open parcels that the courier did not leave out. Whether each was scanned the core looks: what stays is left
    /// out by whoever says so.
    fn chosen(&self, door: &DoorView) -> Vec<ParcelId> {
        let open = door.parcels.iter().filter(|parcel| parcel.outcome.is_none());
        open.filter(|parcel| !self.left_out.contains(&parcel.id)).map(|parcel| parcel.id.clone()).collect()
    }

    fn toggle(&mut self, door: &DoorView, at: usize) {
        if let Some(parcel) = door.parcels.get(at)
            && !self.left_out.remove(&parcel.id)
        {
            self.left_out.insert(parcel.id.clone());
        }
    }

    /// What the core answered; says it in words.
    pub(super) fn answered(&mut self, result: &CommandResult) -> String {
        let said = terms().answer(result);
        match result {
            CommandResult::Done { .. } => {
                self.form = None;
                // The core let it go with what was recorded.
                self.kept = None;
                self.left_out.clear();
            }
            CommandResult::FileTaken { .. } => self.form = None,
            CommandResult::Scanned { scan: ScanResult::Here { shipment, .. } } => {
                self.shipment = shipment.clone();
            }
            CommandResult::Scanned { scan: ScanResult::OtherStop { stop, .. } } => {
                self.elsewhere = Some(stop.clone());
                return format!("{said} Ctrl-G goes there.");
            }
            _ => {}
        }
        said
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, view: &View) {
        let Some(door) = self.find(view) else {
            frame.render_widget("This shipment is not on the route any more.", area);
            return;
        };
        if let Some(card) = &self.card {
            frame.render_widget(Paragraph::new(card.lines()).wrap(Wrap { trim: false }), area);
            return;
        }
        let about = self.about(door, view);
        let rows = u16::try_from(about.len()).unwrap_or(u16::MAX).min(area.height.saturating_sub(4));
        let [top, tabs, pane] =
            Layout::vertical([Constraint::Length(rows), Constraint::Length(1), Constraint::Min(0)])
                .areas(area);
        frame.render_widget(Paragraph::new(about).wrap(Wrap { trim: false }), top);
        frame.render_widget(self.tabs(), tabs);
        self.draw_pane(frame, pane, door);
    }

    fn about(&self, door: &DoorView, view: &View) -> Vec<Line<'static>> {
        let mut lines = vec![Line::from(vec![
            Span::raw(door.recipient_name.clone()).bold(),
            Span::raw(format!(" · from {} · attempt {}", door.sender_name, door.attempt_no)),
        ])];
        lines.extend(
            door.recipient_phone.iter().map(|phone| Line::from(format!("Telephone: {}", phone.as_str()))),
        );
        let gone = view.stop.as_ref().and_then(|stop| stop.gone.clone()).or_else(|| door.gone.clone());
        lines.extend(gone.map(|why| Line::from(terms().taken_away(&why)).bold()));
        lines.extend(door.parcels.iter().enumerate().map(|(at, parcel)| {
            let mark =
                if parcel.outcome.is_none() && !self.left_out.contains(&parcel.id) { 'x' } else { ' ' };
            let state = match (&parcel.outcome, parcel.scanned) {
                (Some(outcome), _) => terms().outcome(outcome),
                (None, true) => "scanned".into(),
                (None, false) => "not scanned".into(),
            };
            Line::from(format!("[{mark}] {} {} · {state}", at + 1, parcel.barcode))
        }));
        lines.extend(door.instructions.iter().map(instruction_line));
        lines.extend(conflict_lines(door));
        lines.extend(door.code.as_ref().and_then(code_line));
        let taken = view.stop.as_ref().map_or(0, |stop| stop.files.len());
        lines.extend((taken > 0).then(|| Line::from(format!("Photos and signatures taken here: {taken}"))));
        lines
    }

    fn tabs(&self) -> Line<'static> {
        if self.pane == Pane::Done {
            return Line::from(" Done ").reversed();
        }
        let tabs = Pane::TABS.iter().map(|(pane, name)| {
            if *pane == self.pane {
                Span::raw(format!("[{name}]")).reversed()
            } else {
                Span::raw(format!(" {name} "))
            }
        });
        tabs.collect()
    }

    fn draw_pane(&self, frame: &mut Frame<'_>, area: Rect, door: &DoorView) {
        if let Some(form) = &self.form {
            frame.render_widget(Paragraph::new(form.lines(area.width)), area);
            return;
        }
        let mut state = ListState::default().with_selected(Some(self.selected));
        match self.pane {
            Pane::Scan => frame.render_widget(self.scan.line(true, area.width), area),
            Pane::Code => frame.render_widget(self.code.line(true, area.width), area),
            Pane::Receiver if door.options.is_empty() => {
                frame.render_widget("Scan a parcel: then it shows who may receive.", area);
            }
            Pane::Receiver => {
                frame.render_stateful_widget(list(door.options.iter().map(option_line)), area, &mut state);
            }
            Pane::Exit => {
                frame.render_stateful_widget(
                    list(door.exits.iter().copied().map(exit_line)),
                    area,
                    &mut state,
                );
            }
            Pane::Done => {
                let mut lines = vec![Line::from(super::stop::state(door)).bold()];
                if door.undo.is_some() {
                    lines.push(Line::from("A mistake? u takes it back."));
                }
                if takes_photos(door) {
                    lines.push(Line::from("Something to prove? p takes a photo, a adds what was taken."));
                }
                frame.render_widget(Paragraph::new(lines), area);
            }
        }
    }

    pub(super) fn keys(&self) -> &'static str {
        if self.card.is_some() {
            return "←→ other language · Esc back";
        }
        match (&self.form, self.pane) {
            (Some(_), _) => "Enter records · Tab next line · Ctrl-N offers a name · Esc back",
            (None, Pane::Scan) => "Enter takes the barcode · Tab other tab · Ctrl-Z undo · Esc back",
            (None, Pane::Code) => {
                "Enter takes the code · Ctrl-V shows it · Ctrl-K card for the customer · Tab other tab · Esc back"
            }
            (None, Pane::Receiver) => {
                "Enter chooses · ↑↓ move · 1-9 parcels · p photo · Tab other tab · u undo · Esc back · q quit"
            }
            (None, Pane::Exit) => {
                "Enter chooses · ↑↓ move · 1-9 parcels · n new code · Tab other tab · u undo · Esc back · q quit"
            }
            (None, Pane::Done) => "p photo · a adds it · u undo · Esc back · q quit",
        }
    }
}

/// A parcel here waits for a code that nobody has shown yet: a new one may help.
fn needs_code(door: &DoorView) -> bool {
    !matches!(door.code, None | Some(CodeState::NotNeeded | CodeState::Matched { .. }))
}

fn undo(fact: Option<&FactId>) -> Action {
    fact.map_or(Action::Nothing, |fact| Action::Do(Command::Withdraw { fact: fact.clone() }))
}

/// A photo may be added to what is recorded.
fn takes_photos(door: &DoorView) -> bool {
    door.provable.iter().any(|may| may.kind == FileKind::Photo)
}

/// What was taken here is added to what is recorded, one outcome at a time.
fn add_proof(door: &DoorView, view: &View) -> Action {
    if door.provable.is_empty() {
        return Action::Nothing;
    }
    match view.stop.as_ref().and_then(|stop| stop.additions(door).pop()) {
        Some(Addition { fact, files }) => Action::Do(Command::AddProof { fact, files }),
        None => Action::Say("Nothing was taken here that may be added: p takes a photo.".into()),
    }
}

/// Digits as read out, or the text of a QR; the core says what is neither.
fn entry(text: String) -> CodeEntry {
    let is_number = text.chars().all(|c| c.is_numeric() || c.is_whitespace() || c == '-');
    if is_number { CodeEntry::Digits(text) } else { CodeEntry::Token(text) }
}
