//! Today: the route as a list and as a map.

use courier_domain::view::{StopLine, StopState};
use courier_domain::{Command, KeepOrder, RouteEdit};
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Stylize;
use ratatui::text::{Line, Span};
use ratatui::widgets::{ListState, Paragraph, Wrap};

use super::field::Field;
use super::view::View;
use super::{Action, Target, list, pages};
use crate::route_map::{RouteMap, Sign};
use crate::screen::letter;
use crate::words::terms;

/// A window that is wide enough for list and map.
const WIDE: u16 = 100;

/// What is selected, searched and shown.
#[derive(Default)]
pub(super) struct Today {
    selected: usize,
    search: Option<Search>,
    map: bool,
}

#[derive(Default)]
struct Search {
    field: Field,
    typing: bool,
}

impl Today {
    pub(super) fn is_typing(&self) -> bool {
        self.search.as_ref().is_some_and(|search| search.typing)
    }

    pub(super) fn key(&mut self, key: &KeyEvent, view: &View) -> Action {
        if let Some(search) = self.search.as_mut().filter(|search| search.typing) {
            if search.field.key(key) {
                self.selected = 0;
                return Action::Nothing;
            }
            match key.code {
                KeyCode::Enter => search.typing = false,
                KeyCode::Esc => self.search = None,
                _ => self.move_selection(key, view),
            }
            return Action::Nothing;
        }
        match (key.code, letter(key)) {
            (KeyCode::Enter, _) => {
                return self
                    .found(view)
                    .get(self.selected)
                    .map_or(Action::Nothing, |stop| Action::Go(Target::Stop(stop.id.clone())));
            }
            (KeyCode::Esc, _) => self.search = None,
            (_, Some('q')) => return Action::Quit,
            (_, Some('/')) => {
                self.search = Some(Search { field: Field::new("Search"), typing: true });
                self.selected = 0;
            }
            (_, Some('n')) => self.next_open(view),
            (_, Some('m')) => self.map = !self.map,
            (_, Some('s')) => return Action::Do(Command::StartDay),
            (_, Some('l')) => return Action::Go(Target::LoadCheck),
            (_, Some('r')) => return Action::Go(Target::ReturnCheck),
            (_, Some('e')) => return Action::Go(Target::DayEnd),
            (_, Some('i')) => return Action::Go(Target::OnThisPhone),
            (_, Some('u')) => return Action::Sync,
            (_, Some('p')) => return answer(view, |proposal| Command::TakeProposal { proposal }),
            (_, Some('k')) => return answer(view, |proposal| Command::DropProposal { proposal }),
            (_, Some('o')) => return prefer_next(view),
            (_, Some('<')) => return self.drag(view, -1),
            (_, Some('>')) => return self.drag(view, 1),
            _ => self.move_selection(key, view),
        }
        Action::Nothing
    }

    pub(super) fn paste(&mut self, text: &str) {
        if let Some(search) = self.search.as_mut().filter(|search| search.typing) {
            search.field.paste(text);
            self.selected = 0;
        }
    }

    fn move_selection(&mut self, key: &KeyEvent, view: &View) {
        self.selected = pages(key, self.selected, self.found(view).len());
    }

    /// The next stop with something to do, from the selected one on.
    fn next_open(&mut self, view: &View) {
        let found = self.found(view);
        let open = |at: &usize| matches!(found[*at].state, StopState::Open | StopState::Partly);
        let later = (self.selected + 1..found.len()).find(open);
        if let Some(at) = later.or_else(|| (0..found.len()).find(open)) {
            self.selected = at;
        }
    }

    /// The selected stop changes places with a neighbour, and stays selected.
    fn drag(&mut self, view: &View, by: i32) -> Action {
        let stop = self.found(view).get(self.selected).map(|stop| (stop.id.clone(), stop.position));
        let Some((stop, Some(position))) = stop else { return Action::Nothing };
        let Some(position) = position.checked_add_signed(by) else { return Action::Nothing };
        self.selected = self.selected.saturating_add_signed(isize::try_from(by).unwrap_or(0));
        Action::Do(Command::EditRoute { stop, edit: RouteEdit::Move { position } })
    }

    /// The stops that the search finds; all of them without a search.
    fn found<'a>(&self, view: &'a View) -> Vec<&'a StopLine> {
        let wanted =
            self.search.as_ref().map(|search| search.field.text().to_lowercase()).unwrap_or_default();
        let stops = view.glance.route.iter().flat_map(|route| &route.stops);
        stops.filter(|stop| wanted.is_empty() || is_found(stop, wanted.trim())).collect()
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, view: &View) {
        let Some(route) = &view.glance.route else {
            let text = "There is no route yet. It comes by itself when the office publishes it; u asks now.";
            frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: false }), area);
            return;
        };
        let counts = &route.counts;
        let proposal = route.proposal.as_ref().map(|proposal| {
            let price = terms().proposal(proposal, &route.stops).join(", ");
            format!("another order: {price} · p takes it, k keeps yours")
        });
        let proposed = proposal.as_deref().map_or(0, |text| super::rows(text, area.width));
        let [top, price, search, body] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(proposed.min(area.height / 3)),
            Constraint::Length(u16::from(self.search.is_some())),
            Constraint::Min(0),
        ])
        .areas(area);
        let phase = match (route.started, route.closed) {
            (_, true) => "day over",
            (true, _) => "started",
            _ => "not started: s starts it",
        };
        let sums = format!(
            "{} · {phase}{} · {}/{} stops · {} handed over · {} not · {} confirmed",
            route.day,
            match route.keep {
                KeepOrder::Strict => ", strictly in order",
                KeepOrder::Normal => "",
                KeepOrder::Free => ", the shortest way",
            },
            counts.stops_done,
            counts.stops,
            counts.handed_over,
            counts.not_delivered,
            counts.confirmed
        );
        let sums = match route.ends {
            Some(ends) => format!("{sums} · done ~{}", super::clock(ends, &route.tz)),
            None => sums,
        };
        frame.render_widget(Line::from(sums), top);
        if let Some(proposal) = proposal {
            frame.render_widget(Paragraph::new(proposal).wrap(Wrap { trim: false }).bold(), price);
        }
        if let Some(it) = &self.search {
            frame.render_widget(it.field.line(it.typing, search.width), search);
        }
        let found = self.found(view);
        let here = found.get(self.selected).map(|stop| &stop.id);
        let map = RouteMap { stops: &route.stops, failed: &view.glance.failed, here };
        if area.width >= WIDE {
            let [left, right] = Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(body);
            self.draw_list(frame, left, &found, view);
            map.draw_framed(frame, right);
        } else if self.map {
            map.draw_framed(frame, body);
        } else {
            self.draw_list(frame, body, &found, view);
        }
    }

    fn draw_list(&self, frame: &mut Frame<'_>, area: Rect, found: &[&StopLine], view: &View) {
        let lines = found.iter().map(|stop| stop_line(stop, view));
        let mut state =
            ListState::default().with_selected(Some(self.selected.min(found.len().saturating_sub(1))));
        if found.is_empty() {
            frame.render_widget(Line::from("No stop."), area);
        } else {
            frame.render_stateful_widget(list(lines), area, &mut state);
        }
    }

    pub(super) fn keys(&self) -> &'static str {
        if self.is_typing() {
            "type to search · ↑↓ move · Enter keeps · Esc ends"
        } else {
            "Enter opens · / search · n next · s start · l load · r return · e end · i phone · u sync · m map · < > drag · p k proposal · o other orders · q quit"
        }
    }
}

fn is_found(stop: &StopLine, wanted: &str) -> bool {
    let address = &stop.address;
    let place = format!("{} {} {} {}", address.street, address.house, address.postcode, address.city);
    stop.no.to_string() == wanted
        || place.to_lowercase().contains(wanted)
        || stop.names.iter().any(|name| name.to_lowercase().contains(wanted))
}

fn stop_line(stop: &StopLine, view: &View) -> Line<'static> {
    let tz = view.glance.route.as_ref().map(|route| route.tz.as_str()).unwrap_or_default();
    let mut spans = vec![
        Sign::of(stop, &view.glance.failed).span(),
        Span::raw(format!("{:>4} ", stop.no)),
        Span::raw(format!("{} {}", stop.address.street, stop.address.house)).bold(),
        Span::raw(format!(" · {} · {}", stop.names.join(", "), pieces(stop.parcels))),
    ];
    // Before the names, which may be long.
    if let Some(eta) = &stop.eta {
        let when = Span::raw(format!("{} ", super::eta(eta, tz)));
        spans.insert(2, if eta.late_s > 0 { when.bold() } else { when });
    }
    if let Some(window) = &stop.window {
        spans.insert(2, Span::raw(format!("{} ", super::window(window, tz))));
    }
    Line::from(spans)
}

/// How much another order has to save before it is proposed: one after the other.
fn prefer_next(view: &View) -> Action {
    let Some(route) = &view.glance.route else { return Action::Nothing };
    let keep = match route.keep {
        KeepOrder::Strict => KeepOrder::Normal,
        KeepOrder::Normal => KeepOrder::Free,
        KeepOrder::Free => KeepOrder::Strict,
    };
    Action::Do(Command::PreferOrder { keep })
}

/// The courier says something to the order that is proposed.
fn answer(view: &View, command: impl Fn(u32) -> Command) -> Action {
    let proposal = view.glance.route.as_ref().and_then(|route| route.proposal.as_ref());
    proposal.map_or(Action::Nothing, |proposal| Action::Do(command(proposal.id)))
}

fn pieces(parcels: u32) -> String {
    if parcels == 1 { "1 parcel".into() } else { format!("{parcels} parcels") }
}
