//! Who may receive, and which reasons are offered when nobody does.
//!
//! The order of precedence is that of § 13 of the German Postal Act: first what the recipient asked for, then the
//! recipient in person, then a substitute, unless sender or recipient objected. With a code, whoever holds the
//! code receives; only an instruction that names a person narrows that.

use serde::{Deserialize, Serialize};

use crate::code::{CodeState, LockedBy};
use crate::instruction::{Instruction, InstructionKind, Origin, same_name};
use crate::reason::{NextStep, Reason};
use crate::receiver::{PlaceKind, Receiver};

/// One receiver, allowed or refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiverOption {
    /// Who or what.
    pub receiver: Receiver,
    /// The person or the place that an instruction names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Flat or floor that an instruction names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flat: Option<String>,
    /// Whether the parcel may go there.
    pub allowed: bool,
    /// Why, or why not.
    pub why: Why,
    /// Who stands behind that rule.
    pub source: Origin,
}

/// The rule behind an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Allowed: the instructions ask for it.
    AskedFor,
    /// Allowed: the person on the label.
    InPerson,
    /// Allowed: may receive for the recipient.
    Substitute,
    /// Allowed: whoever holds the code receives.
    HoldsTheCode,
    /// Refused: the code has to be entered first.
    CodeFirst,
    /// Refused: needs the code, hand over to a person.
    CodeNeedsPerson,
    /// Refused: the instructions say no neighbours.
    NoNeighbours,
    /// Refused: the instructions exclude this neighbour.
    NotThisNeighbour,
    /// Refused: the instructions allow one person only.
    NamedPersonOnly,
    /// Refused: nobody asked for it.
    NotAskedFor,
}

impl Why {
    /// The rule in a few words, for lines without a screen of their own.
    pub fn words(self) -> &'static str {
        match self {
            Self::AskedFor => "the instructions ask for it",
            Self::InPerson => "the person on the label",
            Self::Substitute => "may receive for the recipient",
            Self::HoldsTheCode => "holds the code",
            Self::CodeFirst => "the code comes first",
            Self::CodeNeedsPerson => "needs the code, hand over to a person",
            Self::NoNeighbours => "the instructions say no neighbours",
            Self::NotThisNeighbour => "the instructions exclude this neighbour",
            Self::NamedPersonOnly => "the instructions allow one person only",
            Self::NotAskedFor => "nobody asked for it",
        }
    }
}

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The shipment's instructions.
    pub instructions: &'a [Instruction],
    /// Where it stands with its code.
    pub code: &'a CodeState,
}

impl Case<'_> {
    /// Every receiver to show, in order of precedence.
    pub fn options(&self) -> Vec<ReceiverOption> {
        let mut asked: Vec<_> = self.instructions.iter().filter_map(|given| self.asked_for(given)).collect();
        asked.sort_by_key(|option| !option.allowed);
        let usual = [Receiver::Recipient, Receiver::Household, Receiver::OtherNeighbour];
        asked.extend(usual.into_iter().map(|receiver| self.option(receiver, None)));
        asked
    }

    /// Whether `receiver`, a person called `name` if one is given, may receive.
    pub fn option(&self, receiver: Receiver, name: Option<&str>) -> ReceiverOption {
        let (allowed, why, source) = self.rule(receiver, name);
        ReceiverOption { receiver, name: None, flat: None, allowed, why, source }
    }

    fn asked_for(&self, given: &Instruction) -> Option<ReceiverOption> {
        let (receiver, name, flat) = match &given.kind {
            InstructionKind::Neighbour { name, flat } => (Receiver::NamedNeighbour, name, flat.clone()),
            InstructionKind::SafePlace { place } => (Receiver::Place(PlaceKind::Safe), place, None),
            InstructionKind::NamedPerson { name } => (Receiver::NamedPerson, name, None),
            InstructionKind::NoNeighbours {}
            | InstructionKind::NotNeighbour { .. }
            | InstructionKind::Household {}
            | InstructionKind::Note { .. }
            | InstructionKind::Unknown { .. } => return None,
        };
        let (allowed, why, source) = self.rule(receiver, Some(name));
        Some(ReceiverOption { receiver, name: Some(name.clone()), flat, allowed, why, source })
    }

    fn rule(&self, receiver: Receiver, name: Option<&str>) -> (bool, Why, Origin) {
        let coded = *self.code != CodeState::NotNeeded;
        if coded && !receiver.is_person() {
            return (false, Why::CodeNeedsPerson, Origin::Service);
        }
        if receiver != Receiver::NamedPerson
            && let Some(origin) = self.origin_of(|kind| matches!(kind, InstructionKind::NamedPerson { .. }))
        {
            return (false, Why::NamedPersonOnly, origin);
        }
        if matches!(receiver, Receiver::NamedNeighbour | Receiver::OtherNeighbour)
            && let Some(origin) = self.origin_of(|kind| {
                matches!(kind, InstructionKind::NotNeighbour { name: not } if name.is_some_and(|it| same_name(it, not)))
            })
        {
            return (false, Why::NotThisNeighbour, origin);
        }
        let asked = self.origin_of(|kind| names(kind, receiver, name));
        if coded {
            return match (self.code, receiver, asked) {
                (_, Receiver::NamedPerson | Receiver::NamedNeighbour, None)
                | (_, Receiver::Concierge | Receiver::Place(_), _) => {
                    (false, Why::NotAskedFor, Origin::Service)
                }
                (CodeState::Matched { .. }, _, Some(origin)) => (true, Why::AskedFor, origin),
                (CodeState::Matched { .. }, _, None) => (true, Why::HoldsTheCode, Origin::Service),
                _ => (false, Why::CodeFirst, Origin::Service),
            };
        }
        let objection = self.origin_of(|kind| matches!(kind, InstructionKind::NoNeighbours {}));
        match (receiver, asked, objection) {
            // The recipient's own word for one neighbour is more exact than their word against all; the sender's
            // word against all stands.
            (Receiver::OtherNeighbour, _, Some(origin))
            | (Receiver::NamedNeighbour, _, Some(origin @ (Origin::Sender | Origin::Law))) => {
                (false, Why::NoNeighbours, origin)
            }
            (_, Some(origin), _) => (true, Why::AskedFor, origin),
            (Receiver::Recipient, None, _) => (true, Why::InPerson, Origin::Law),
            (Receiver::Household | Receiver::OtherNeighbour, None, _) => (true, Why::Substitute, Origin::Law),
            (
                Receiver::NamedNeighbour | Receiver::NamedPerson | Receiver::Concierge | Receiver::Place(_),
                None,
                _,
            ) => (false, Why::NotAskedFor, Origin::Law),
        }
    }

    /// Who gave the first instruction that fits.
    fn origin_of(&self, fits: impl Fn(&InstructionKind) -> bool) -> Option<Origin> {
        self.instructions.iter().find(|given| fits(&given.kind)).map(|given| given.origin)
    }
}

/// Whether an instruction asks for this receiver.
fn names(kind: &InstructionKind, receiver: Receiver, name: Option<&str>) -> bool {
    match (kind, receiver) {
        (InstructionKind::Neighbour { name: asked, .. }, Receiver::NamedNeighbour)
        | (InstructionKind::NamedPerson { name: asked }, Receiver::NamedPerson) => {
            name.is_some_and(|name| same_name(name, asked))
        }
        (InstructionKind::SafePlace { .. }, Receiver::Place(PlaceKind::Safe))
        | (InstructionKind::Household {}, Receiver::Household) => true,
        _ => false,
    }
}

/// A reason that may be given now, and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Why the parcel is not delivered.
    pub reason: Reason,
    /// What happens to it then.
    pub next_step: NextStep,
}

/// Where the courier and the parcels are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scene {
    /// The courier said to be at the stop.
    pub arrived: bool,
    /// At least one open parcel was scanned. Before that nothing may tell that a code is needed.
    pub scanned: bool,
    /// The load check missed an open parcel.
    pub missing: bool,
}

/// The reasons that are offered while a parcel is open. Never empty.
pub fn exits(code: &CodeState, scene: Scene) -> Vec<Exit> {
    Reason::ALL
        .into_iter()
        .filter(|reason| is_offered(*reason, code, scene))
        .map(|reason| Exit { reason, next_step: reason.next_step() })
        .collect()
}

fn is_offered(reason: Reason, code: &CodeState, scene: Scene) -> bool {
    match reason {
        Reason::NotHome | Reason::NoPermittedReceiver | Reason::Refused => scene.arrived,
        Reason::CodeNotAvailable => {
            scene.scanned && !matches!(code, CodeState::NotNeeded | CodeState::Matched { .. })
        }
        Reason::TriesUsedUp => scene.scanned && matches!(code, CodeState::Locked { by: LockedBy::TriesUsed }),
        Reason::CodeFrozen => scene.scanned && matches!(code, CodeState::Locked { by: LockedBy::Frozen }),
        Reason::MissingInVan => scene.missing,
        Reason::AccessBlocked
        | Reason::WindowMissed
        | Reason::AddressNotFound
        | Reason::Damaged
        | Reason::Unsafe => true,
        // Age checks and recalls come with the capabilities that know of them.
        Reason::AgeOrIdentityNotProven | Reason::Recalled => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Strength;
    use crate::id::{CodeId, InstructionId};

    fn given(origin: Origin, kind: InstructionKind) -> Instruction {
        Instruction { id: InstructionId::new("i").unwrap(), origin, kind, rev: 1 }
    }

    fn needed() -> CodeState {
        CodeState::Needed { tries_left: 5, wait_ms: 0 }
    }

    fn matched() -> CodeState {
        CodeState::Matched {
            code_id: Some(CodeId::new("c").unwrap()),
            holder: "recipient".into(),
            strength: Strength::Tag,
            verdict: None,
        }
    }

    fn why(
        code: &CodeState,
        instructions: &[Instruction],
        receiver: Receiver,
        name: Option<&str>,
    ) -> (bool, Why) {
        let option = Case { instructions, code }.option(receiver, name);
        (option.allowed, option.why)
    }

    #[test]
    fn without_the_code_nobody_receives() {
        let huber = given(Origin::Recipient, InstructionKind::Neighbour { name: "Huber".into(), flat: None });
        let all = [huber];
        for receiver in [Receiver::Recipient, Receiver::Household, Receiver::OtherNeighbour] {
            assert_eq!(why(&needed(), &all, receiver, None), (false, Why::CodeFirst));
        }
        assert_eq!(why(&needed(), &all, Receiver::NamedNeighbour, Some("Huber")), (false, Why::CodeFirst));
    }

    #[test]
    fn whoever_holds_the_code_receives_even_where_no_neighbour_may() {
        let all = [given(Origin::Recipient, InstructionKind::NoNeighbours {})];
        assert_eq!(why(&matched(), &all, Receiver::OtherNeighbour, Some("Kim")), (true, Why::HoldsTheCode));
        assert_eq!(
            why(&CodeState::NotNeeded, &all, Receiver::OtherNeighbour, Some("Kim")),
            (false, Why::NoNeighbours)
        );
    }

    #[test]
    fn a_code_is_narrowed_by_not_this_neighbour_and_by_a_named_person() {
        let not = [given(Origin::Recipient, InstructionKind::NotNeighbour { name: "Meyer".into() })];
        assert_eq!(
            why(&matched(), &not, Receiver::OtherNeighbour, Some("meyer")),
            (false, Why::NotThisNeighbour)
        );
        let only = [given(Origin::Sender, InstructionKind::NamedPerson { name: "Ada Kaya".into() })];
        assert_eq!(why(&matched(), &only, Receiver::Recipient, None), (false, Why::NamedPersonOnly));
        assert_eq!(why(&matched(), &only, Receiver::NamedPerson, Some("ada kaya")), (true, Why::AskedFor));
        assert_eq!(why(&matched(), &only, Receiver::NamedPerson, Some("Bo")), (false, Why::NotAskedFor));
    }

    #[test]
    fn a_safe_place_needs_to_be_asked_for_and_never_takes_a_coded_parcel() {
        let place = Receiver::Place(PlaceKind::Safe);
        let asked = [given(Origin::Recipient, InstructionKind::SafePlace { place: "shed".into() })];
        assert_eq!(why(&CodeState::NotNeeded, &asked, place, None), (true, Why::AskedFor));
        assert_eq!(why(&CodeState::NotNeeded, &[], place, None), (false, Why::NotAskedFor));
        for code in [needed(), matched(), CodeState::Missing] {
            assert_eq!(why(&code, &asked, place, None), (false, Why::CodeNeedsPerson));
        }
    }

    #[test]
    fn the_senders_word_against_neighbours_beats_the_recipients_named_one() {
        let neighbour = InstructionKind::Neighbour { name: "Huber".into(), flat: None };
        for (origin, expected) in
            [(Origin::Sender, (false, Why::NoNeighbours)), (Origin::Recipient, (true, Why::AskedFor))]
        {
            let all = [
                given(Origin::Recipient, neighbour.clone()),
                given(origin, InstructionKind::NoNeighbours {}),
            ];
            assert_eq!(why(&CodeState::NotNeeded, &all, Receiver::NamedNeighbour, Some("Huber")), expected);
        }
    }

    #[test]
    fn every_state_of_the_code_has_an_exit_that_needs_nobody_else() {
        let locked = |by| CodeState::Locked { by };
        for code in [
            CodeState::NotNeeded,
            needed(),
            matched(),
            locked(LockedBy::TriesUsed),
            locked(LockedBy::Frozen),
            CodeState::NotYet,
            CodeState::Expired,
            CodeState::Missing,
        ] {
            for arrived in [false, true] {
                for scanned in [false, true] {
                    let exits = exits(&code, Scene { arrived, scanned, missing: false });
                    assert!(!exits.is_empty(), "{code:?} is a dead end");
                    assert_eq!(
                        exits.iter().any(|exit| exit.reason == Reason::CodeNotAvailable),
                        scanned && !matches!(code, CodeState::NotNeeded | CodeState::Matched { .. }),
                    );
                }
            }
        }
    }
}
