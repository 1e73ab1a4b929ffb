//! What is on this phone: for the courier who asks, and for support. Identifiers and numbers only.

use courier_domain::Standing;
use courier_engine::{Diagnostics, Kept, LaneDiagnostics, Outbox};
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use super::view::View;
use super::{Action, Target, pages};
use crate::screen::letter;
use crate::words::terms;

/// How far it is scrolled.
#[derive(Default)]
pub(super) struct OnThisPhone {
    line: usize,
}

impl OnThisPhone {
    pub(super) fn key(&mut self, key: &KeyEvent, view: &View) -> Action {
        match (key.code, letter(key)) {
            (KeyCode::Esc, _) => return Action::Go(Target::Today),
            (_, Some('q')) => return Action::Quit,
            (_, Some('u')) => return Action::Sync,
            _ => self.line = pages(key, self.line, view.phone.as_ref().map_or(0, |phone| lines(phone).len())),
        }
        Action::Nothing
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, view: &View) {
        let Some(phone) = &view.phone else { return };
        let lines: Vec<_> = lines(phone).into_iter().skip(self.line).collect();
        frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), area);
    }

    pub(super) const KEYS: &'static str = "↑↓ move · u sync · Esc back · q quit";
}

fn lines(phone: &Diagnostics) -> Vec<Line<'static>> {
    let yes = |is: bool| if is { "yes" } else { "no" };
    let mut rows = vec![
        ("courier", phone.courier.clone().unwrap_or_else(|| "nobody".into())),
        ("installation", format!("{} (incarnation {})", phone.install, phone.inc)),
        ("device key", format!("{:?}", phone.key).to_lowercase()),
        ("facts", format!("{}, of these {} not acknowledged", phone.facts, phone.pending)),
        ("how far they are", how_far(&phone.outbox)),
        ("code entries", phone.tries.to_string()),
        ("server signed", yes(phone.has_receipt).into()),
        ("time is certain", yes(phone.time_is_certain).into()),
        ("epoch", phone.epoch.clone()),
        (
            "SQLite",
            format!("{}, schemas {} and {}", phone.sqlite, phone.schemas.journal, phone.schemas.route),
        ),
    ];
    // What is as it should be needs no line.
    let store = &phone.store;
    if !store.has_ballast {
        rows.push(("disk", "full: the room that was kept for handovers is in use".into()));
    }
    if store.salvages > 0 {
        let times = format!("put together {} times, {} facts lost", store.salvages, store.lost);
        rows.push(("damaged files", times));
    }
    if let Some(ms) = phone.outbox.oldest_ms {
        rows.push(("oldest only here", format!("{} min ago", ms / 60_000)));
    }
    if let Some(route) = &phone.route {
        rows.push(("route", format!("{} revision {}, {} stops", route.id, route.rev, route.stops)));
    }
    let mut lines: Vec<_> =
        rows.into_iter().map(|(what, is)| Line::from(format!("{what:<16} {is}"))).collect();
    lines.extend(phone.kept.iter().map(kept));
    lines.extend(phone.lanes.iter().map(lane));
    lines
}

/// Where every fact on this phone stands; what there is none of is left out.
fn how_far(outbox: &Outbox) -> String {
    let standings = [
        (Standing::OnPhone, outbox.on_phone),
        (Standing::Stored, outbox.stored),
        (Standing::Confirmed, outbox.confirmed),
        (Standing::UnderReview, outbox.under_review),
        (Standing::Refuted, outbox.refuted),
    ];
    let shown = standings.into_iter().filter(|(_, facts)| *facts > 0);
    shown.map(|(is, facts)| format!("{facts} {}", terms().standing(is))).collect::<Vec<_>>().join(", ")
}

/// How much there is of a kind, and when it goes.
fn kept(kept: &Kept) -> Line<'static> {
    Line::from(format!("{}: {}", terms().kept_kind(kept.kind), terms().kept(kept)))
}

fn lane(lane: &LaneDiagnostics) -> Line<'static> {
    let LaneDiagnostics { name, failures, wait_ms, in_flight } = lane;
    let state = match (failures, in_flight) {
        (_, true) => "asking".to_owned(),
        (0, _) => "fine".into(),
        (failures, _) => format!("failed {failures} times in a row, next in {} s", wait_ms.div_ceil(1_000)),
    };
    Line::from(format!("{:<16} {state}", format!("lane {name}")))
}
