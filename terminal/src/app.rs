//! The courier app: the reference shell. One file per place; each draws a view of the core and turns keys into
//! commands. Nothing is decided here: what is not possible, the core says so in its own words.

mod day_end;
mod door;
mod enrol;
mod field;
mod load_check;
mod on_this_phone;
mod return_check;
mod running;
mod settings;
mod stop;
#[cfg(test)]
mod tests;
mod today;
mod view;

use courier_domain::{AttemptId, Command, Eta, ShipmentId, StopId, TimeWindow, UnixMs};
use courier_engine::{CommandResult, CourierError, LaneDiagnostics, SyncReport};
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{List, Paragraph, Wrap};

use crate::screen::is_ctrl;
use crate::words::terms;
use day_end::DayEnd;
use door::Door;
use enrol::Enrol;
use load_check::LoadCheck;
use on_this_phone::OnThisPhone;
use return_check::ReturnCheck;
pub(crate) use running::run;
use stop::Stop;
use today::Today;
use view::{Needs, View};

/// What a key leads to.
#[derive(Debug, PartialEq, Eq)]
enum Action {
    /// Nothing but another picture.
    Nothing,
    /// To another place.
    Go(Target),
    /// The courier wants something of the core.
    Do(Command),
    /// The phone is to become a courier's.
    Enrol {
        /// The server.
        url: String,
        /// The office's code.
        code: String,
    },
    /// Ask for a new code for an attempt.
    NewCode(AttemptId),
    /// Exchange everything now.
    Sync,
    /// The core is to keep what is filled in; nothing is said about it.
    Keep(Command),
    /// The courier has to be told something.
    Say(String),
    /// Leave the app.
    Quit,
}

/// A place to go to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Today,
    Stop(StopId),
    Door { stop: StopId, shipment: ShipmentId },
    LoadCheck,
    ReturnCheck,
    DayEnd,
    OnThisPhone,
}

/// Where the courier is in the app.
enum Place {
    Enrol(Enrol),
    Today,
    Stop(Stop),
    Door(Box<Door>),
    LoadCheck(LoadCheck),
    ReturnCheck(ReturnCheck),
    DayEnd(DayEnd),
    OnThisPhone(OnThisPhone),
}

/// What is on the screen besides the core's views.
struct App {
    place: Place,
    /// Kept while the courier is elsewhere: selection and search are there again.
    today: Today,
    message: String,
    /// What the app waits for.
    busy: Option<&'static str>,
    /// A door was opened or something happened there: go where the core's question leads.
    follow: bool,
}

impl App {
    /// Begins at the day, or with the enrolment.
    fn new(place: Place) -> Self {
        Self { place, today: Today::default(), message: String::new(), busy: None, follow: false }
    }

    /// What the place needs of the core.
    fn needs(&self) -> Needs {
        match &self.place {
            Place::Stop(stop) => Needs::Stop(stop.id.clone()),
            Place::Door(door) => Needs::Stop(door.stop.clone()),
            Place::LoadCheck(_) | Place::ReturnCheck(_) => Needs::Van,
            Place::Enrol(_) | Place::Today | Place::DayEnd(_) | Place::OnThisPhone(_) => Needs::Day,
        }
    }

    /// The app was killed while something was filled in at a door: back there.
    fn come_back(&mut self, stop: StopId, shipment: ShipmentId) {
        if matches!(self.place, Place::Today) {
            self.go(Target::Door { stop, shipment });
        }
    }

    /// A fresh view is there.
    fn seen(&mut self, view: &View) {
        if let Place::Door(door) = &mut self.place {
            door.seen(view, self.follow);
        }
        self.follow = false;
    }

    /// A key was pressed. Going elsewhere is done here; the rest is for whoever holds the core.
    fn key(&mut self, key: &KeyEvent, view: &View) -> Action {
        if is_ctrl(key, 'c') {
            return Action::Quit;
        }
        self.message.clear();
        let action = match &mut self.place {
            Place::Enrol(_) if self.busy.is_some() => Action::Nothing,
            Place::Enrol(place) => place.key(key),
            Place::Today => self.today.key(key, view),
            Place::Stop(place) => place.key(key, view),
            Place::Door(place) => place.key(key, view),
            Place::LoadCheck(place) => place.key(key),
            Place::ReturnCheck(place) => place.key(key, view),
            Place::DayEnd(place) => place.key(key),
            Place::OnThisPhone(place) => place.key(key, view),
        };
        match action {
            Action::Go(target) => {
                self.go(target);
                Action::Nothing
            }
            Action::Say(what) => {
                self.message = what;
                Action::Nothing
            }
            action => action,
        }
    }

    fn paste(&mut self, text: &str) {
        match &mut self.place {
            Place::Enrol(place) => place.paste(text),
            Place::Today => self.today.paste(text),
            Place::Door(place) => place.paste(text),
            Place::LoadCheck(place) => place.paste(text),
            Place::ReturnCheck(place) => place.paste(text),
            Place::Stop(_) | Place::DayEnd(_) | Place::OnThisPhone(_) => {}
        }
    }

    fn go(&mut self, target: Target) {
        self.place = match target {
            Target::Today => Place::Today,
            Target::Stop(id) => Place::Stop(Stop::new(id)),
            Target::Door { stop, shipment } => {
                self.follow = true;
                Place::Door(Box::new(Door::new(stop, shipment)))
            }
            Target::LoadCheck => Place::LoadCheck(LoadCheck::new()),
            Target::ReturnCheck => Place::ReturnCheck(ReturnCheck::new()),
            Target::DayEnd => Place::DayEnd(DayEnd::default()),
            Target::OnThisPhone => Place::OnThisPhone(OnThisPhone::default()),
        };
    }

    /// The core answered a command.
    fn answered(&mut self, answer: &Result<CommandResult, CourierError>) {
        self.message = match answer {
            Ok(result) => {
                self.follow = true;
                if let Place::LoadCheck(place) = &mut self.place {
                    place.recorded();
                }
                match (&mut self.place, result) {
                    (Place::Door(door), result) => door.answered(result),
                    (_, result @ CommandResult::Done { .. }) => terms().answer(result),
                    _ => String::new(),
                }
            }
            Err(error) => problem(error),
        };
    }

    /// An enrolment ended.
    fn enrolled(&mut self, result: Result<String, String>) {
        self.busy = None;
        match result {
            Ok(welcome) => {
                self.place = Place::Today;
                self.message = welcome;
            }
            Err(problem) => self.message = problem,
        }
    }

    /// A sync that was asked for ended.
    fn synced(&mut self, result: &Result<SyncReport, CourierError>) {
        self.busy = None;
        self.message = match result {
            Err(error) => problem(error),
            Ok(SyncReport { offline: true, pending, .. }) => {
                format!("No answer from the server. Facts that wait here: {pending}; nothing is lost.")
            }
            Ok(SyncReport { error: Some(error), pending, .. }) => {
                format!(
                    "The exchange did not work: {}. Facts that wait here: {pending}; nothing is lost.",
                    terms().sync_problem(*error)
                )
            }
            Ok(report) => {
                format!("Exchanged. Facts acknowledged: {}, waiting: {}.", report.acked, report.pending)
            }
        };
    }

    /// The office was asked for a new code.
    fn new_code(&mut self, result: &Result<(), CourierError>) {
        self.busy = None;
        self.message = match result {
            Ok(()) => "A new code is mailed to the customer. The old one is dead.".into(),
            Err(error) => problem(error),
        };
    }

    fn draw(&self, frame: &mut Frame<'_>, view: &View) {
        let third = |text: &str| rows(text, frame.area().width).min(frame.area().height / 3);
        let (message_rows, key_rows) = (third(&self.message), third(self.keys()).max(1));
        let [head, body, message, foot] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Min(0),
            Constraint::Length(message_rows),
            Constraint::Length(key_rows),
        ])
        .areas(frame.area());
        frame.render_widget(self.head(view), head);
        match &self.place {
            Place::Enrol(place) => place.draw(frame, body),
            Place::Today => self.today.draw(frame, body, view),
            Place::Stop(place) => place.draw(frame, body, view),
            Place::Door(place) => place.draw(frame, body, view),
            Place::LoadCheck(place) => place.draw(frame, body, view),
            Place::ReturnCheck(place) => place.draw(frame, body, view),
            Place::DayEnd(place) => place.draw(frame, body, view),
            Place::OnThisPhone(place) => place.draw(frame, body, view),
        }
        let message_line = Paragraph::new(self.message.as_str()).wrap(Wrap { trim: false });
        frame.render_widget(message_line.fg(Color::Yellow).bold(), message);
        frame.render_widget(Paragraph::new(self.keys()).wrap(Wrap { trim: true }).reversed(), foot);
    }

    fn head(&self, view: &View) -> Line<'static> {
        let mut spans = vec![Span::raw(format!(" {} ", self.title())).bold().reversed(), Span::raw(" ")];
        if let Some(busy) = self.busy {
            spans.push(Span::raw(format!("{busy} … ")));
        }
        if let Some(phone) = &view.phone {
            let trouble =
                phone.lanes.iter().filter(|lane| lane.failures > 0).max_by_key(|lane| lane.failures);
            spans.push(match view.glance.pending {
                0 => Span::raw("outbox empty"),
                pending => Span::raw(format!("outbox {pending}")).bold(),
            });
            if let Some(LaneDiagnostics { wait_ms, .. }) = trouble {
                let words = format!(" · server not reached, next try in {} s", wait_ms.div_ceil(1_000));
                spans.push(words.fg(Color::Red));
            }
        }
        Line::from(spans)
    }

    fn title(&self) -> &'static str {
        match &self.place {
            Place::Enrol(_) => "Enrol",
            Place::Today => "Today",
            Place::Stop(_) => "Stop",
            Place::Door(_) => "Door",
            Place::LoadCheck(_) => "Load check",
            Place::ReturnCheck(_) => "Return check",
            Place::DayEnd(_) => "Day end",
            Place::OnThisPhone(_) => "What is on this phone",
        }
    }

    fn keys(&self) -> &'static str {
        match &self.place {
            Place::Enrol(_) => Enrol::KEYS,
            Place::Today => self.today.keys(),
            Place::Stop(_) => Stop::KEYS,
            Place::Door(door) => door.keys(),
            Place::LoadCheck(_) => LoadCheck::KEYS,
            Place::ReturnCheck(_) => ReturnCheck::KEYS,
            Place::DayEnd(_) => DayEnd::KEYS,
            Place::OnThisPhone(_) => OnThisPhone::KEYS,
        }
    }
}

/// Why something did not work, in the core's words.
fn problem(error: &CourierError) -> String {
    terms().error(error)
}

/// A list with a cursor that shows without colours.
fn list<'a>(lines: impl IntoIterator<Item = Line<'a>>) -> List<'a> {
    List::new(lines).highlight_symbol("> ")
}

/// The selected one of `count` after a key that moves.
fn pages(key: &KeyEvent, selected: usize, count: usize) -> usize {
    let last = count.saturating_sub(1);
    let moved = match key.code {
        KeyCode::Up => selected.saturating_sub(1),
        KeyCode::Down => selected + 1,
        KeyCode::PageUp => selected.saturating_sub(10),
        KeyCode::PageDown => selected + 10,
        KeyCode::Home => 0,
        KeyCode::End => last,
        _ => selected,
    };
    moved.min(last)
}

/// A time window as clocks at the delivery address show it.
fn window(window: &TimeWindow, tz: &str) -> String {
    format!("{}–{}", clock(window.from, tz), clock(window.to, tz))
}

/// When a stop is reached, as clocks there show it.
fn eta(eta: &Eta, tz: &str) -> String {
    terms().arrival(&clock(eta.p50, tz), &clock(eta.p80, tz), eta.late_s)
}

fn clock(at: UnixMs, tz: &str) -> String {
    let tz: chrono_tz::Tz = tz.parse().unwrap_or(chrono_tz::UTC);
    chrono::DateTime::from_timestamp_millis(at.0)
        .map_or_else(|| "?".into(), |at| at.with_timezone(&tz).format("%H:%M").to_string())
}

/// How many rows a text takes that is broken between words.
fn rows(text: &str, width: u16) -> u16 {
    if text.is_empty() {
        return 0;
    }
    let width = usize::from(width.max(1));
    let (mut rows, mut used) = (1u16, 0);
    for word in text.split(' ') {
        let cells = Span::raw(word).width();
        if used > 0 && used + 1 + cells > width {
            rows = rows.saturating_add(1);
            used = 0;
        }
        used += cells + usize::from(used > 0);
        let more = u16::try_from(used.saturating_sub(1) / width).unwrap_or(u16::MAX);
        rows = rows.saturating_add(more);
        used -= usize::from(more) * width;
    }
    rows
}
