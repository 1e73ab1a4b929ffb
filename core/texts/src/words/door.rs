//! What is at a door, and what came of a command.

use courier_domain::view::InstructionLine;
use courier_domain::{
    AttemptState, CodeState, Conflict, FileKind, Instruction, InstructionId, InstructionKind, MeetingPlace,
    Outcome, ReceiverOption, ScanResult, Verdict,
};
use courier_engine::CommandResult;

use super::{Words, seconds};
use crate::bundle::Arg;

/// How the backend names the holder of a code who is a neighbour, and the recipient.
const NEIGHBOUR: &str = "neighbour ";
const RECIPIENT: &str = "recipient";

impl Words {
    /// What an instruction says.
    pub fn instruction_kind(self, kind: &InstructionKind) -> String {
        match kind {
            InstructionKind::Neighbour { name, flat: None } => {
                self.with("instruction-neighbour", "name", name)
            }
            InstructionKind::Neighbour { name, flat: Some(flat) } => self.0.text(
                "instruction-neighbour-in-flat",
                &[("name", Arg::Text(name)), ("flat", Arg::Text(flat))],
            ),
            InstructionKind::NoNeighbours {} => self.plain("instruction-no-neighbours"),
            InstructionKind::NotNeighbour { name } => self.with("instruction-not-neighbour", "name", name),
            InstructionKind::SafePlace { place } => self.with("instruction-safe-place", "place", place),
            InstructionKind::NamedPerson { name } => self.with("instruction-named-person", "name", name),
            InstructionKind::Household {} => self.plain("instruction-household"),
            InstructionKind::Note { text } => self.with("instruction-note", "text", text),
            InstructionKind::Mailbox {} => self.plain("instruction-mailbox"),
            InstructionKind::Concierge {} => self.plain("instruction-concierge"),
            InstructionKind::PickupPoint { place } => self.with("instruction-pickup-point", "place", place),
            InstructionKind::Signature {} => self.plain("instruction-signature"),
            InstructionKind::AgeCheck { min_age } => {
                self.0.text("instruction-age-check", &[("years", Arg::Number((*min_age).into()))])
            }
            InstructionKind::IdentityCheck {} => self.plain("instruction-identity-check"),
            InstructionKind::AccessCode { code } => self.with("instruction-access-code", "code", code),
            InstructionKind::PreferredWindow { .. } => self.plain("instruction-preferred-window"),
            InstructionKind::Meet { at: MeetingPlace::Door } => self.plain("instruction-meet-door"),
            InstructionKind::Meet { at: MeetingPlace::Lobby } => self.plain("instruction-meet-lobby"),
            InstructionKind::Meet { at: MeetingPlace::Outside } => self.plain("instruction-meet-outside"),
            InstructionKind::Unknown { kind } => self.with("instruction-unknown", "kind", kind),
        }
    }

    /// An instruction with who gave it, and whether it can be followed.
    pub fn instruction(self, line: &InstructionLine) -> String {
        let (origin, text) =
            (self.origin(line.instruction.origin), self.instruction_kind(&line.instruction.kind));
        // An unknown kind says itself that nobody can follow it.
        let is_unknown = matches!(line.instruction.kind, InstructionKind::Unknown { .. });
        let key = if line.unreadable && !is_unknown { "instruction-unreadable" } else { "instruction-of" };
        self.0.text(key, &[("origin", Arg::Text(&origin)), ("text", Arg::Text(&text))])
    }

    /// Which instructions do not go together, and which one holds.
    pub fn conflict(self, conflict: &Conflict, all: &[InstructionLine]) -> String {
        let said = |id: &InstructionId| {
            let named = |line: &&InstructionLine| line.instruction.id == *id;
            let found: Option<&Instruction> = all.iter().find(named).map(|line| &line.instruction);
            found.map_or_else(|| id.as_str().to_owned(), |found| self.instruction_kind(&found.kind))
        };
        let (one, other) = (said(&conflict.one), said(&conflict.other));
        let both = [("one", Arg::Text(&one)), ("other", Arg::Text(&other))];
        match conflict.holds.as_ref().map(said) {
            None => self.0.text("conflict-none-holds", &both),
            Some(holds) => {
                let [one, other] = both;
                self.0.text("conflict-one-holds", &[one, other, ("holds", Arg::Text(&holds))])
            }
        }
    }

    /// Who or what may receive, by name where one is known.
    pub fn option(self, option: &ReceiverOption) -> String {
        let receiver = self.receiver(option.receiver);
        let who = ("receiver", Arg::Text(&receiver));
        match (&option.name, &option.flat) {
            (None, _) => receiver,
            (Some(name), None) => self.0.text("option-named", &[who, ("name", Arg::Text(name))]),
            (Some(name), Some(flat)) => self
                .0
                .text("option-named-in-flat", &[who, ("name", Arg::Text(name)), ("flat", Arg::Text(flat))]),
        }
    }

    /// Where an attempt stands.
    pub fn attempt(self, state: &AttemptState) -> String {
        match state {
            AttemptState::Open => self.plain("attempt-open"),
            AttemptState::Gone { why } => self.taken_away(why),
            AttemptState::Closed { closing, standing } => {
                let (closing, standing) = (self.closing(*closing), self.standing(*standing));
                self.0.text(
                    "attempt-closed",
                    &[("closing", Arg::Text(&closing)), ("standing", Arg::Text(&standing))],
                )
            }
        }
    }

    /// What happened to a parcel.
    pub fn outcome(self, outcome: &Outcome) -> String {
        match outcome {
            Outcome::HandedOver { receiver, .. } => {
                self.with("outcome-handed-over", "receiver", &self.receiver(*receiver))
            }
            Outcome::NotDelivered { reason, .. } => {
                self.with("outcome-not-delivered", "reason", &self.reason(*reason))
            }
        }
    }

    /// Why something is not the courier's any more. `why` is the stable word of the view.
    pub fn taken_away(self, why: &str) -> String {
        match why {
            courier_domain::state::DONE_ELSEWHERE => self.plain("taken-away-done-elsewhere"),
            "reassigned" => self.plain("taken-away-reassigned"),
            why => self.with("taken-away-other", "why", why),
        }
    }

    /// Where an attempt stands with its code.
    pub fn code(self, code: &CodeState) -> String {
        match code {
            CodeState::NotNeeded => self.plain("code-not-needed"),
            CodeState::Needed { tries_left, wait_ms: 0 } => {
                format!("{} {}", self.plain("code-ask"), self.tries_left(*tries_left))
            }
            CodeState::Needed { tries_left, wait_ms } => {
                format!("{} {}", self.wait(*wait_ms), self.tries_left(*tries_left))
            }
            CodeState::Matched { holder, verdict, .. } => self.accepted(holder, *verdict),
            CodeState::Asked => self.plain("code-asked"),
            CodeState::Locked { by } => self.with("code-locked", "by", &self.locked_by(*by)),
            CodeState::NotYet => self.plain("code-not-yet"),
            CodeState::Expired => self.plain("code-expired"),
            CodeState::Missing => self.plain("code-missing"),
        }
    }

    fn accepted(self, holder: &str, verdict: Option<Verdict>) -> String {
        let verdict = self.verdict(verdict);
        let verdict = ("verdict", Arg::Text(&verdict));
        match (holder, holder.strip_prefix(NEIGHBOUR)) {
            ("", _) => self.0.text("code-accepted", &[verdict]),
            (RECIPIENT, _) => self.0.text("code-accepted-of-recipient", &[verdict]),
            (_, Some(name)) => {
                self.0.text("code-accepted-of-neighbour", &[("holder", Arg::Text(name)), verdict])
            }
            (holder, None) => self.0.text("code-accepted-of", &[("holder", Arg::Text(holder)), verdict]),
        }
    }

    /// What a scanned barcode is.
    pub fn scan(self, scan: &ScanResult) -> String {
        match scan {
            ScanResult::Here { .. } => self.plain("scan-here"),
            ScanResult::OtherStop { no, .. } => {
                self.0.text("scan-other-stop", &[("no", Arg::Number((*no).into()))])
            }
            ScanResult::Foreign { form } => self.with("scan-foreign", "form", form.name()),
            ScanResult::RoutingCode => self.plain("scan-routing-code"),
            ScanResult::Unknown => self.plain("scan-unknown"),
        }
    }

    /// What came of a command.
    pub fn answer(self, result: &CommandResult) -> String {
        match result {
            CommandResult::Done { fact: Some(_) } => self.plain("answer-recorded"),
            CommandResult::Done { fact: None } => self.plain("answer-was-so"),
            CommandResult::CodeMatched { holder, .. } => self.accepted(holder, None),
            CommandResult::CodeAsked { .. } => self.plain("code-asked"),
            CommandResult::CodeWrong { tries_left, wait_ms } => {
                let wait = (seconds(*wait_ms) > 0).then(|| self.wait(*wait_ms));
                let said = [Some(self.plain("code-wrong")), Some(self.tries_left(*tries_left)), wait];
                said.into_iter().flatten().collect::<Vec<_>>().join(" ")
            }
            CommandResult::CodeLocked { by } => self.with("code-wrong-locked", "by", &self.locked_by(*by)),
            CommandResult::FileTaken { file } => self.plain(match file.kind {
                FileKind::Photo => "answer-photo",
                FileKind::Signature => "answer-signature",
            }),
            CommandResult::Scanned { scan } => self.scan(scan),
        }
    }
}

#[cfg(test)]
mod tests {
    use courier_domain::{Origin, PlaceKind, Receiver, Why};

    use super::*;

    fn bare(text: &str) -> String {
        text.replace(['\u{2068}', '\u{2069}'], "")
    }

    fn line(id: &str, kind: InstructionKind) -> InstructionLine {
        let id = InstructionId::new(id).unwrap();
        let unreadable = kind.is_unreadable();
        let instruction = Instruction { id, origin: Origin::Recipient, kind, rev: 1 };
        InstructionLine { instruction, changed: false, unreadable }
    }

    #[test]
    fn an_instruction_says_who_gave_it_and_whether_it_can_be_followed() {
        let de = Words::of("de");
        let said = |kind| bare(&de.instruction(&line("i", kind)));
        assert_eq!(said(InstructionKind::NoNeighbours {}), "Empfänger: keine Nachbarn");
        assert_eq!(
            said(InstructionKind::NamedPerson { name: " ".into() }),
            "Empfänger: nur   darf annehmen – das kann niemand befolgen: Zentrale fragen"
        );
        assert_eq!(
            said(InstructionKind::Unknown { kind: "drone".into() }),
            "Empfänger: unbekannte Anweisung (drone): Zentrale fragen"
        );
    }

    #[test]
    fn a_conflict_quotes_both_instructions_and_says_which_one_holds() {
        let all = [
            line("i1", InstructionKind::Neighbour { name: "Huber".into(), flat: None }),
            line("i2", InstructionKind::NoNeighbours {}),
        ];
        let id = |id: &str| InstructionId::new(id).unwrap();
        let mut conflict = Conflict { one: id("i1"), other: id("i2"), holds: Some(id("i2")) };
        let en = Words::of("en");
        assert_eq!(
            bare(&en.conflict(&conflict, &all)),
            "“neighbour Huber may receive” and “no neighbours” do not go together: “no neighbours” holds"
        );
        conflict.holds = None;
        assert!(bare(&en.conflict(&conflict, &all)).ends_with("neither holds"));
    }

    #[test]
    fn the_holder_of_a_code_is_told_in_the_courier_s_language() {
        let matched = |holder: &str| CodeState::Matched {
            code_id: None,
            holder: holder.into(),
            strength: courier_domain::Strength::Tag,
            verdict: None,
        };
        let said = |lang, holder| bare(&Words::of(lang).code(&matched(holder)));
        assert_eq!(said("de", "neighbour Huber"), "Code von Nachbar Huber angenommen, vorläufig.");
        assert_eq!(said("de", "recipient"), "Code des Empfängers angenommen, vorläufig.");
        assert_eq!(said("en", ""), "Code accepted, provisional.");
    }

    #[test]
    fn a_wrong_code_says_how_many_tries_are_left_and_when_the_next_one_is() {
        let wrong = CommandResult::CodeWrong { tries_left: 1, wait_ms: 29_001 };
        assert_eq!(
            bare(&Words::of("en").answer(&wrong)),
            "Wrong code. One try left. Next try in 30 seconds."
        );
    }

    #[test]
    fn an_option_has_its_name_and_its_flat() {
        let option = ReceiverOption {
            receiver: Receiver::NamedNeighbour,
            name: Some("Huber".into()),
            flat: Some("2".into()),
            allowed: true,
            why: Why::AskedFor,
            source: Origin::Recipient,
            proofs: Vec::new(),
        };
        assert_eq!(bare(&Words::of("de").option(&option)), "genannter Nachbar: Huber (2)");
        let place = ReceiverOption { receiver: Receiver::Place(PlaceKind::Mailbox), name: None, ..option };
        assert_eq!(Words::of("de").option(&place), "Briefkasten");
    }
}
