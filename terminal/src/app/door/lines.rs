//! What is at a door, line by line.

use courier_domain::view::{DoorView, InstructionLine};
use courier_domain::{CodeState, Exit, ReceiverOption};
use ratatui::style::{Color, Stylize};
use ratatui::text::{Line, Span};

use crate::words::terms;

pub(super) fn option_line(option: &ReceiverOption) -> Line<'static> {
    let mark = if option.allowed { "✓ ".fg(Color::Green) } else { "✗ ".fg(Color::Red) };
    let why = format!(" · {} [{}]", terms().why(option.why), terms().origin(option.source));
    Line::from(vec![mark, Span::raw(terms().option(option)).bold(), Span::raw(why)])
}

pub(super) fn exit_line(exit: Exit) -> Line<'static> {
    Line::from(vec![
        Span::raw(terms().reason(exit.reason)).bold(),
        Span::raw(format!(" · {}", terms().next_step(exit.next_step))),
    ])
}

pub(super) fn instruction_line(line: &InstructionLine) -> Line<'static> {
    let text = terms().instruction(line);
    if line.changed { Line::from(format!("CHANGED {text}")).bold() } else { Line::from(text) }
}

/// Instructions that do not go together are shown, not guessed.
pub(super) fn conflict_lines(door: &DoorView) -> impl Iterator<Item = Line<'static>> {
    door.conflicts.iter().map(|conflict| Line::from(terms().conflict(conflict, &door.instructions)).bold())
}

pub(super) fn code_line(code: &CodeState) -> Option<Line<'static>> {
    (*code != CodeState::NotNeeded).then(|| Line::from(terms().code(code)).bold())
}
