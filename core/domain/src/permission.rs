//! Who may receive: the order of precedence, and the reason of every answer.
//!
//! First what the recipient asked for or agreed to, if sender and code allow it; then the recipient in person; then a
//! substitute, unless sender or recipient objected. With a code, whoever holds the code receives; only an instruction
//! that names a person narrows that, and a carrier's [`Policy`] may. Of two instructions that contradict each other
//! none is guessed to hold: see [`conflicts`].

use serde::{Deserialize, Serialize};

use crate::code::CodeState;
use crate::id::InstructionId;
use crate::instruction::{Instruction, InstructionKind, Origin, may_be, same_name};
use crate::policy::{Permission, Policy};
use crate::proof::{Demand, Proof, ProofRule};
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
    /// What is asked for here beyond what always is: scan and code, a name of whoever is not the recipient, no photo of
    /// people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<ProofRule>,
}

/// The rule behind an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Refused: a signature, an age or an identity is to be checked, hand over to a person.
    CheckNeedsPerson,
    /// Refused: the identity of the recipient is to be checked.
    RecipientOnly,
    /// Refused: the instructions contradict each other.
    Contradiction,
    /// Refused: the carrier does not do that.
    NotByPolicy,
}

impl Why {
    /// Every rule.
    pub const ALL: [Self; 14] = [
        Self::AskedFor,
        Self::InPerson,
        Self::Substitute,
        Self::HoldsTheCode,
        Self::CodeFirst,
        Self::CodeNeedsPerson,
        Self::NoNeighbours,
        Self::NotThisNeighbour,
        Self::NamedPersonOnly,
        Self::NotAskedFor,
        Self::CheckNeedsPerson,
        Self::RecipientOnly,
        Self::Contradiction,
        Self::NotByPolicy,
    ];

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
            Self::CheckNeedsPerson => "something is to be checked, hand over to a person",
            Self::RecipientOnly => "the recipient's identity is to be checked",
            Self::Contradiction => "the instructions contradict each other",
            Self::NotByPolicy => "the carrier does not do that",
        }
    }
}

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The carrier's rules.
    pub policy: &'a Policy,
    /// The shipment's instructions.
    pub instructions: &'a [Instruction],
    /// Where it stands with its code.
    pub code: &'a CodeState,
}

/// Allowed or refused, why, and who stands behind it.
struct Ruling(bool, Why, Origin);

impl Case<'_> {
    /// Every receiver to show, in order of precedence.
    pub fn options(&self) -> Vec<ReceiverOption> {
        let mut options: Vec<_> =
            self.instructions.iter().filter_map(|given| self.asked_for(given)).collect();
        options.sort_by_key(|option| !option.allowed);
        let listed = self.policy.receivers.iter().filter(|rule| rule.listed);
        options.extend(listed.map(|rule| self.option(rule.receiver, None)));
        options
    }

    /// Whether `receiver`, a person called `name` if one is given, may receive.
    pub fn option(&self, receiver: Receiver, name: Option<&str>) -> ReceiverOption {
        let Ruling(allowed, why, source) = self.rule(receiver, name);
        let proofs = self.proofs(receiver);
        ReceiverOption { receiver, name: None, flat: None, allowed, why, source, proofs }
    }

    /// What is asked for of this receiver beyond [`Proof::usual_demand`]: by the policy, and by instructions.
    pub fn proofs(&self, receiver: Receiver) -> Vec<ProofRule> {
        let rule = self.policy.receiver(receiver);
        let by_policy = rule.into_iter().flat_map(|rule| {
            let usual = move |proof: &Proof, demand: &Demand| proof.usual_demand(receiver) == *demand;
            let asked = rule.proofs.iter().filter(move |(proof, demand)| !usual(proof, demand));
            asked.map(|(proof, demand)| ProofRule {
                proof: *proof,
                demand: *demand,
                by: rule.by,
                min_age: None,
            })
        });
        let mut proofs: Vec<_> = by_policy.collect();
        if !receiver.is_person() {
            return proofs;
        }
        for given in self.instructions {
            let (proof, min_age) = match given.kind {
                InstructionKind::Signature {} => (Proof::Signature, None),
                InstructionKind::AgeCheck { min_age } => (Proof::AgeCheck, Some(min_age)),
                InstructionKind::IdentityCheck {} => (Proof::IdentityCheck, None),
                _ => continue,
            };
            let asked = ProofRule { proof, demand: Demand::Required, by: given.origin, min_age };
            match proofs.iter_mut().find(|known| known.proof == proof) {
                // Of two ages the higher one.
                Some(known) if known.demand == Demand::Required && known.min_age >= min_age => {}
                Some(known) => *known = asked,
                None => proofs.push(asked),
            }
        }
        proofs
    }

    fn asked_for(&self, given: &Instruction) -> Option<ReceiverOption> {
        let (receiver, name, flat) = match &given.kind {
            InstructionKind::Neighbour { name, flat } => (Receiver::NamedNeighbour, Some(name), flat.clone()),
            InstructionKind::SafePlace { place } => (Receiver::Place(PlaceKind::Safe), Some(place), None),
            InstructionKind::PickupPoint { place } => {
                (Receiver::Place(PlaceKind::PickupPoint), Some(place), None)
            }
            InstructionKind::NamedPerson { name } => (Receiver::NamedPerson, Some(name), None),
            InstructionKind::Mailbox {} => (Receiver::Place(PlaceKind::Mailbox), None, None),
            InstructionKind::Concierge {} => (Receiver::Concierge, None, None),
            // Listed at every door anyway, or nobody who receives.
            _ => return None,
        };
        let option = self.option(receiver, name.map(String::as_str));
        Some(ReceiverOption { name: name.cloned(), flat, ..option })
    }

    fn is_coded(&self) -> bool {
        *self.code != CodeState::NotNeeded
    }

    fn permission(&self, receiver: Receiver) -> Permission {
        self.policy.receiver(receiver).map_or(Permission::Never, |rule| {
            if self.is_coded() { rule.with_code } else { rule.without_code }
        })
    }

    fn rule(&self, receiver: Receiver, name: Option<&str>) -> Ruling {
        if let Some((why, by)) = self.objection(receiver, name) {
            return Ruling(false, why, by);
        }
        let asked = self.origin_of(|kind| asks_for(kind, receiver, name));
        if asked.is_none() && self.permission(receiver) == Permission::Asked {
            let by = if self.is_coded() { Origin::Service } else { Origin::Law };
            return Ruling(false, Why::NotAskedFor, by);
        }
        match (self.code, asked, receiver) {
            (CodeState::NotNeeded | CodeState::Matched { .. }, Some(origin), _) => {
                Ruling(true, Why::AskedFor, origin)
            }
            (CodeState::Matched { .. }, None, _) => Ruling(true, Why::HoldsTheCode, Origin::Service),
            (CodeState::NotNeeded, None, Receiver::Recipient) => Ruling(true, Why::InPerson, Origin::Law),
            (CodeState::NotNeeded, None, _) => Ruling(true, Why::Substitute, Origin::Law),
            _ => Ruling(false, Why::CodeFirst, Origin::Service),
        }
    }

    /// What speaks against a receiver, whatever else is asked for.
    fn objection(&self, receiver: Receiver, name: Option<&str>) -> Option<(Why, Origin)> {
        if self.is_coded() && !receiver.is_person() {
            return Some((Why::CodeNeedsPerson, Origin::Service));
        }
        if self.permission(receiver) == Permission::Never {
            let rule = self.policy.receiver(receiver);
            return Some((Why::NotByPolicy, rule.map_or(Origin::Service, |rule| rule.by)));
        }
        if !receiver.is_person()
            && let Some(by) = self.origin_of(InstructionKind::is_check)
        {
            return Some((Why::CheckNeedsPerson, by));
        }
        if receiver == Receiver::NamedPerson {
            return self.other_person(name).map(|by| (Why::Contradiction, by));
        }
        if let Some(by) = self.origin_of(|kind| matches!(kind, InstructionKind::NamedPerson { .. })) {
            return Some((Why::NamedPersonOnly, by));
        }
        if receiver != Receiver::Recipient
            && let Some(by) = self.origin_of(|kind| matches!(kind, InstructionKind::IdentityCheck {}))
        {
            return Some((Why::RecipientOnly, by));
        }
        if !matches!(receiver, Receiver::NamedNeighbour | Receiver::OtherNeighbour) {
            return None;
        }
        if let Some(by) = self.origin_of(|kind| excludes(kind, name)) {
            return Some((Why::NotThisNeighbour, by));
        }
        // Whoever holds the code receives, also where no neighbour may.
        let against = if self.is_coded() { None } else { self.origin_of(is_against_neighbours) };
        match (receiver, against) {
            // The recipient's own word for one neighbour is more exact than their word against all; the word of others
            // stands.
            (Receiver::NamedNeighbour, Some(Origin::Recipient)) => None,
            (_, by) => by.map(|by| (Why::NoNeighbours, by)),
        }
    }

    /// Who names another person and not this one, although somebody names this one.
    fn other_person(&self, name: Option<&str>) -> Option<Origin> {
        let named = |origin: Option<Origin>| {
            self.instructions.iter().any(|given| {
                origin.is_none_or(|origin| given.origin == origin)
                    && asks_for(&given.kind, Receiver::NamedPerson, name)
            })
        };
        let others = self
            .instructions
            .iter()
            .filter(|given| matches!(given.kind, InstructionKind::NamedPerson { .. }));
        let other = others.map(|given| given.origin).find(|origin| !named(Some(*origin)));
        other.filter(|_| named(None))
    }

    /// Who gave the first instruction that fits.
    fn origin_of(&self, fits: impl Fn(&InstructionKind) -> bool) -> Option<Origin> {
        self.instructions.iter().find(|given| fits(&given.kind)).map(|given| given.origin)
    }
}

fn is_against_neighbours(kind: &InstructionKind) -> bool {
    matches!(kind, InstructionKind::NoNeighbours {})
}

fn excludes(kind: &InstructionKind, name: Option<&str>) -> bool {
    matches!(kind, InstructionKind::NotNeighbour { name: not } if name.is_some_and(|it| may_be(it, not)))
}

/// Whether an instruction asks for this receiver.
fn asks_for(kind: &InstructionKind, receiver: Receiver, name: Option<&str>) -> bool {
    match (kind, receiver) {
        (InstructionKind::Neighbour { name: asked, .. }, Receiver::NamedNeighbour)
        | (InstructionKind::NamedPerson { name: asked }, Receiver::NamedPerson) => {
            name.is_some_and(|name| same_name(name, asked))
        }
        (InstructionKind::SafePlace { .. }, Receiver::Place(PlaceKind::Safe))
        | (InstructionKind::Mailbox {}, Receiver::Place(PlaceKind::Mailbox))
        | (InstructionKind::PickupPoint { .. }, Receiver::Place(PlaceKind::PickupPoint))
        | (InstructionKind::Concierge {}, Receiver::Concierge)
        | (InstructionKind::Household {}, Receiver::Household) => true,
        _ => false,
    }
}

/// Two instructions that do not go together. It is shown; which one holds follows from the rules, or none does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// One.
    pub one: InstructionId,
    /// The other.
    pub other: InstructionId,
    /// The one that holds: the stricter. Absent when nobody can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<InstructionId>,
}

/// Every pair of instructions that do not go together.
pub fn conflicts(instructions: &[Instruction]) -> Vec<Conflict> {
    let mut found = Vec::new();
    for (at, one) in instructions.iter().enumerate() {
        for other in &instructions[at + 1..] {
            let holds = if are_two_persons(one, other) {
                None
            } else if overrules(one, other) {
                Some(one)
            } else if overrules(other, one) {
                Some(other)
            } else {
                continue;
            };
            let holds = holds.map(|given| given.id.clone());
            found.push(Conflict { one: one.id.clone(), other: other.id.clone(), holds });
        }
    }
    found
}

/// Two who may say so name different persons as the only one.
fn are_two_persons(one: &Instruction, other: &Instruction) -> bool {
    match (&one.kind, &other.kind) {
        (InstructionKind::NamedPerson { name: a }, InstructionKind::NamedPerson { name: b }) => {
            one.origin != other.origin && !same_name(a, b)
        }
        _ => false,
    }
}

/// Whether `one` holds against `other`, which asks for what `one` refuses. It follows [`Case::option`].
fn overrules(one: &Instruction, other: &Instruction) -> bool {
    use InstructionKind as Kind;
    let asks_for_place =
        matches!(other.kind, Kind::SafePlace { .. } | Kind::Mailbox {} | Kind::PickupPoint { .. });
    let asks_for_other = asks_for_place
        || matches!(other.kind, Kind::Neighbour { .. } | Kind::Concierge {} | Kind::Household {});
    match (&one.kind, &other.kind) {
        (Kind::NotNeighbour { .. }, Kind::Neighbour { name, .. }) => excludes(&one.kind, Some(name)),
        (Kind::NoNeighbours {}, Kind::Neighbour { .. }) => one.origin != Origin::Recipient,
        (Kind::Neighbour { .. }, Kind::NoNeighbours {}) => other.origin == Origin::Recipient,
        (Kind::NamedPerson { .. } | Kind::IdentityCheck {}, _) => asks_for_other,
        (Kind::Signature {} | Kind::AgeCheck { .. }, _) => asks_for_place,
        _ => false,
    }
}
