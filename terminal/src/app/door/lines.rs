//! What is at a door, line by line.

use courier_domain::view::InstructionLine;
use courier_domain::{
    CodeState, Exit, InstructionKind, LockedBy, MeetingPlace, Outcome, ReceiverOption, Verdict,
};
use ratatui::style::{Color, Stylize};
use ratatui::text::{Line, Span};

use crate::words;

pub(super) fn option_line(option: &ReceiverOption) -> Line<'static> {
    let mark = if option.allowed { "✓ ".fg(Color::Green) } else { "✗ ".fg(Color::Red) };
    let name = option.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let flat = option.flat.as_ref().map(|flat| format!(" ({flat})")).unwrap_or_default();
    Line::from(vec![
        mark,
        Span::raw(format!("{}{name}{flat}", words::receiver(option.receiver))).bold(),
        Span::raw(format!(" · {} [{}]", option.why.words(), words::origin(option.source))),
    ])
}

pub(super) fn exit_line(exit: Exit) -> Line<'static> {
    Line::from(vec![
        Span::raw(words::reason(exit.reason)).bold(),
        Span::raw(format!(" · {}", words::next_step(exit.next_step))),
    ])
}

pub(super) fn outcome_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::HandedOver { receiver, .. } => format!("handed over: {}", words::receiver(*receiver)),
        Outcome::NotDelivered { reason, .. } => format!("not delivered: {}", words::reason(*reason)),
    }
}

pub(super) fn instruction_line(line: &InstructionLine) -> Line<'static> {
    let text = match &line.instruction.kind {
        InstructionKind::Neighbour { name, flat } => {
            let flat = flat.as_ref().map(|flat| format!(" ({flat})")).unwrap_or_default();
            format!("neighbour {name}{flat} may receive")
        }
        InstructionKind::NoNeighbours {} => "no neighbours".into(),
        InstructionKind::NotNeighbour { name } => format!("not neighbour {name}"),
        InstructionKind::SafePlace { place } => format!("may be left here: {place}"),
        InstructionKind::NamedPerson { name } => format!("only {name} may receive"),
        InstructionKind::Household {} => "anybody of the household may receive".into(),
        InstructionKind::Note { text } => text.clone(),
        InstructionKind::Mailbox {} => "may be put into the mailbox".into(),
        InstructionKind::Concierge {} => "reception or concierge may receive".into(),
        InstructionKind::PickupPoint { place } => format!("may be brought to {place}"),
        InstructionKind::Signature {} => "whoever receives signs".into(),
        InstructionKind::AgeCheck { min_age } => format!("whoever receives is at least {min_age}"),
        InstructionKind::IdentityCheck {} => "the recipient shows who they are".into(),
        InstructionKind::AccessCode { code } => format!("way in: {code}"),
        InstructionKind::PreferredWindow { .. } => "another time is liked better".into(),
        InstructionKind::Meet { at: MeetingPlace::Door } => "meet at the door".into(),
        InstructionKind::Meet { at: MeetingPlace::Lobby } => "meet in the entrance hall".into(),
        InstructionKind::Meet { at: MeetingPlace::Outside } => "meet in front of the house".into(),
        InstructionKind::Unknown { kind } => format!("unknown instruction ({kind}): ask the office"),
    };
    let text = format!("{}: {text}", words::origin(line.instruction.origin));
    if line.changed { Line::from(format!("CHANGED {text}")).bold() } else { Line::from(text) }
}

pub(super) fn code_line(code: &CodeState) -> Option<Line<'static>> {
    let text = match code {
        CodeState::NotNeeded => return None,
        CodeState::Needed { tries_left, wait_ms: 0 } => {
            format!("Ask for the code, face to face. Tries left: {tries_left}.")
        }
        CodeState::Needed { tries_left, wait_ms } => {
            format!("Next try in {} s. Tries left: {tries_left}.", wait_ms.div_ceil(1_000))
        }
        CodeState::Matched { holder, verdict, .. } => {
            let verdict = match verdict {
                None => "provisional",
                Some(Verdict::Confirmed) => "confirmed",
                Some(Verdict::UnderReview) => "under review",
                Some(Verdict::Refuted) => "refuted",
            };
            match holder.as_str() {
                "" => format!("Code accepted, {verdict}."),
                holder => format!("Code of {holder}: accepted, {verdict}."),
            }
        }
        CodeState::Asked => "The code is with the backend: no handover before it answers.".into(),
        CodeState::Locked { by } => format!("No code is taken: {}.", locked(*by)),
        CodeState::NotYet => "The code is not valid yet.".into(),
        CodeState::Expired => "The code is not valid any more.".into(),
        CodeState::Missing => "This phone cannot check the code.".into(),
    };
    Some(Line::from(text).bold())
}

pub(super) fn locked(by: LockedBy) -> &'static str {
    match by {
        LockedBy::TriesUsed => "all tries are used up",
        LockedBy::Frozen => "the backend refused it and froze the code; keep the parcel",
    }
}
