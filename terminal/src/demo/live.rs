//! The demo in a terminal: the day as it happens.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

use courier_domain::StopId;
use courier_domain::view::{Counts, StopLine};
use ratatui::Frame;
use ratatui::crossterm::event::KeyCode;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Wrap};

use super::stage::{Audience, News};
use crate::phone::Glance;
use crate::route_map::{RouteMap, Sign};
use crate::screen::{Input, Screen, is_ctrl};

/// How often the picture is drawn at most.
const FRAME: Duration = Duration::from_millis(40);
/// Lines of the story that are kept.
const STORY: usize = 50;
/// Smaller windows have no room for the map.
const MAP_FROM: (u16, u16) = (64, 18);

/// Shows the story until it ends, or until somebody ends it.
pub(super) fn watch(audience: &Audience) -> io::Result<()> {
    let mut screen = Screen::open()?;
    let mut live = Live::default();
    loop {
        let ended = loop {
            match audience.news.try_recv() {
                Ok(news) => live.hear(news, Instant::now()),
                Err(TryRecvError::Empty) => break false,
                Err(TryRecvError::Disconnected) => break true,
            }
        };
        if ended {
            return Ok(());
        }
        screen.draw(|frame| live.draw(frame, Instant::now()))?;
        if let Some(Input::Key(key)) = screen.input(FRAME)?
            && (key.code == KeyCode::Char('q') || is_ctrl(&key, 'c'))
        {
            return Ok(());
        }
    }
}

/// What is on the screen.
pub(super) struct Live {
    glance: Glance,
    at: Option<(StopId, String)>,
    happened: Vec<String>,
    story: VecDeque<String>,
    online: bool,
    waiting_since: Option<Instant>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            glance: Glance::default(),
            at: None,
            happened: Vec::new(),
            story: VecDeque::new(),
            online: true,
            waiting_since: None,
        }
    }
}

impl Live {
    fn hear(&mut self, news: News, now: Instant) {
        match news {
            News::Line(line) => {
                self.story.extend(line.lines().filter(|line| !line.is_empty()).map(str::to_owned));
                while self.story.len() > STORY {
                    self.story.pop_front();
                }
            }
            News::Door { stop, recipient } => {
                self.at = Some((stop, recipient));
                self.happened.clear();
            }
            News::Happens(what) => self.happened.push(what),
            News::Network(online) => self.online = online,
            News::Phone(glance) => {
                self.waiting_since =
                    if glance.pending == 0 { None } else { self.waiting_since.or(Some(now)) };
                self.glance = *glance;
            }
        }
    }

    fn draw(&self, frame: &mut Frame<'_>, now: Instant) {
        let [head, middle, foot] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(1)])
                .areas(frame.area());
        frame.render_widget(self.head(), head);
        frame.render_widget(Line::from(" q ends it ").reversed(), foot);
        let area = frame.area();
        if area.width < MAP_FROM.0 || area.height < MAP_FROM.1 {
            let [door, numbers, story] =
                Layout::vertical([Constraint::Max(4), Constraint::Max(4), Constraint::Min(1)]).areas(middle);
            frame.render_widget(broken(self.door()), door);
            frame.render_widget(broken(self.numbers(now)), numbers);
            self.draw_story(frame, story);
            return;
        }
        let story_height = (middle.height / 4).clamp(4, 12);
        let [top, story] =
            Layout::vertical([Constraint::Min(0), Constraint::Length(story_height)]).areas(middle);
        let [map, side] = Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(top);
        let [door, numbers] = Layout::vertical([Constraint::Fill(1), Constraint::Length(8)]).areas(side);
        self.draw_map(frame, map);
        frame.render_widget(broken(self.door()).block(Block::bordered().title(" At the door ")), door);
        let block = Block::bordered().title(" Phone and backend ");
        frame.render_widget(broken(self.numbers(now)).block(block), numbers);
        let block = Block::bordered().title(" Story ");
        let inside = block.inner(story);
        frame.render_widget(block, story);
        self.draw_story(frame, inside);
    }

    fn head(&self) -> Line<'static> {
        let network = if self.online {
            " network ▲ ".fg(Color::Green)
        } else {
            " NO NETWORK ▼ (cellar) ".fg(Color::Red).bold().reversed()
        };
        let day = self.glance.route.as_ref().map(|route| format!(" {}", route.day)).unwrap_or_default();
        Line::from(vec![" Courier demo".bold(), Span::raw(day), Span::raw("  "), network])
    }

    fn draw_map(&self, frame: &mut Frame<'_>, area: Rect) {
        let stops = self.glance.route.as_ref().map(|route| route.stops.as_slice()).unwrap_or_default();
        let here = self.at.as_ref().map(|(stop, _)| stop);
        RouteMap { stops, failed: &self.glance.failed, here }.draw_framed(frame, area);
    }

    fn stop(&self) -> Option<&StopLine> {
        let (id, _) = self.at.as_ref()?;
        self.glance.route.as_ref()?.stops.iter().find(|stop| stop.id == *id)
    }

    fn door(&self) -> Vec<Line<'static>> {
        let (Some(stop), Some((_, recipient))) = (self.stop(), &self.at) else {
            return vec![Line::from("in the depot")];
        };
        let sign = Sign::of(stop, &self.glance.failed);
        let mut lines = vec![
            Line::from(recipient.clone()).bold(),
            Line::from(vec![
                sign.span(),
                Span::raw(format!(" stop {}: {} {}", stop.no, stop.address.street, stop.address.house)),
            ]),
        ];
        lines.extend(self.happened.iter().map(|what| Line::from(format!("› {what}"))));
        lines
    }

    fn numbers(&self, now: Instant) -> Vec<Line<'static>> {
        let Counts { stops, stops_done, on_phone, stored, confirmed, under_review, refuted, .. } =
            self.glance.route.as_ref().map(|route| route.counts).unwrap_or_default();
        let waits = match self.waiting_since {
            None => "outbox empty".into(),
            Some(since) => {
                let age = now.saturating_duration_since(since).as_secs_f64();
                format!("outbox {}, oldest {age:.1} s", self.glance.pending)
            }
        };
        vec![
            Line::from(format!("{stops_done} of {stops} stops done")),
            Line::from(vec![
                Sign::Provisional.span(),
                Span::raw(format!(" {on_phone} on phone, {stored} stored")),
            ]),
            Line::from(vec![
                Sign::Confirmed.span(),
                Span::raw(format!("\u{a0}{confirmed}\u{a0}confirmed ")),
                Sign::UnderReview.span(),
                Span::raw(format!("\u{a0}{under_review}\u{a0}review ")),
                Sign::Refuted.span(),
                Span::raw(format!("\u{a0}{refuted}\u{a0}refuted")),
            ]),
            Line::from(waits),
        ]
    }

    /// The newest lines, as many as there is room for.
    fn draw_story(&self, frame: &mut Frame<'_>, area: Rect) {
        let skip = self.story.len().saturating_sub(area.height.into());
        let lines: Vec<Line<'_>> =
            self.story.iter().skip(skip).map(|line| Line::from(squeeze(line))).collect();
        frame.render_widget(Paragraph::new(lines), area);
    }
}

/// Lines that are broken between words rather than cut.
fn broken(lines: Vec<Line<'static>>) -> Paragraph<'static> {
    Paragraph::new(lines).wrap(Wrap { trim: true })
}

/// Without the columns of the plain lines, which a window has no room for.
fn squeeze(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_day::{NAMES, at, day, stop_id};
    use courier_domain::route_view;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    fn text(live: &Live, (width, height): (u16, u16), now: Instant) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| live.draw(frame, now)).unwrap();
        let cells = terminal.backend().buffer().content().chunks(width.into());
        let lines: Vec<String> =
            cells.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect()).collect();
        lines.join("\n")
    }

    fn glance(stops: usize, pending: u64) -> News {
        let route = route_view(&day(stops), &at());
        News::Phone(Box::new(Glance { route, pending, ..Glance::default() }))
    }

    fn at_a_door(stops: usize) -> (Live, Instant) {
        let mut live = Live::default();
        let now = Instant::now();
        for news in [
            glance(stops, 0),
            News::Line("load: 3 parcels found".into()),
            News::Network(false),
            News::Door { stop: stop_id(1), recipient: NAMES[0].into() },
            News::Happens("the code is asked for".into()),
            News::Happens("code accepted".into()),
            glance(stops, 7),
        ] {
            live.hear(news, now);
        }
        (live, now + Duration::from_millis(2_500))
    }

    #[test]
    fn at_every_size_it_shows_who_is_at_the_door_what_happens_and_what_waits() {
        let (live, now) = at_a_door(72);
        for size in [(120, 40), (80, 24), (40, 12)] {
            let text = text(&live, size, now);
            for wanted in [
                "!\u{a0}0\u{a0}refuted",
                "NO NETWORK",
                "Berger",
                "code accepted",
                "outbox 7, oldest 2.5 s",
                "0 of 72",
                "q ends",
            ] {
                assert!(text.contains(wanted), "{wanted:?} is not to be read at {size:?}:\n{text}");
            }
        }
        let text = text(&live, (120, 40), now);
        assert!(text.contains("load: 3 parcels found") && text.contains("●\u{a0}confirmed"), "{text}");
        assert!(text.matches('□').count() > 30 && text.contains('@'), "{text}");
    }

    #[test]
    fn no_window_and_no_name_breaks_the_picture() {
        for stops in [0, 1, 200] {
            let (mut live, now) = at_a_door(stops);
            for name in NAMES {
                live.hear(News::Door { stop: stop_id(1), recipient: name.into() }, now);
                live.hear(News::Line(name.repeat(40)), now);
                for size in [(120, 40), (80, 24), (64, 18), (40, 12), (5, 3), (1, 1)] {
                    text(&live, size, now);
                }
            }
        }
    }

    #[test]
    fn the_age_of_the_outbox_begins_when_something_waits_and_ends_when_nothing_does() {
        let (mut live, now) = at_a_door(3);
        live.hear(glance(3, 9), now);
        assert!(text(&live, (80, 24), now).contains("outbox 9, oldest 2.5 s"));
        live.hear(glance(3, 0), now);
        assert!(text(&live, (80, 24), now).contains("outbox empty"));
        live.hear(glance(3, 1), now);
        assert!(text(&live, (80, 24), now).contains("outbox 1, oldest 0.0 s"));
    }

    #[test]
    fn a_long_story_keeps_its_newest_lines() {
        let mut live = Live::default();
        (0..500).for_each(|no| live.hear(News::Line(format!("line {no}")), Instant::now()));
        assert_eq!(live.story.len(), STORY);
        assert!(text(&live, (80, 24), Instant::now()).contains("line 499"));
    }
}
