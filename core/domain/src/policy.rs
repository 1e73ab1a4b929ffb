//! A carrier's policy: who may receive, what is proven, which reasons there are and what follows. It is data, so that
//! another country or another carrier is a file and no code.
//!
//! Three come with the core ([`Policy::built_in`]); a route may bring another one. A policy is checked when it is read:
//! one with a dead end in it is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::instruction::Origin;
use crate::proof::{Demand, Proof};
use crate::reason::{NextStep, Reason};
use crate::receiver::Receiver;

/// A carrier's rules.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Policy {
    /// A short word for it, such as `germany`.
    pub name: String,
    /// What it rests on, in words.
    pub basis: String,
    /// Attempts after which a shipment without a code is not tried again.
    pub max_attempts: u32,
    /// Working days for which it is then held for pick-up.
    pub hold_days: u32,
    /// Minutes that the time window must have left for a second try on the same day.
    pub second_try_min: u32,
    /// Who or what may receive, in the order of precedence after what was asked for.
    pub receivers: Vec<ReceiverRule>,
    /// Why a parcel may not be delivered.
    pub reasons: Vec<ReasonRule>,
}

/// By its name: a route is looked at often, and its rules are long.
impl std::fmt::Debug for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policy").field("name", &self.name).finish_non_exhaustive()
    }
}

/// When a kind of receiver may receive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiverRule {
    /// Which.
    pub receiver: Receiver,
    /// A shipment without a code.
    pub without_code: Permission,
    /// A shipment with one, when it was entered.
    pub with_code: Permission,
    /// Who stands behind that.
    pub by: Origin,
    /// Shown at every door, also when nobody asked for it.
    #[serde(default)]
    pub listed: bool,
    /// What is asked for beyond [`Proof::usual_demand`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub proofs: BTreeMap<Proof, Demand>,
}

/// Whether somebody may receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Yes, unless somebody objected. With a code: whoever holds it.
    Free,
    /// If the instructions ask for it.
    Asked,
    /// No.
    Never,
}

/// A reason for not delivering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonRule {
    /// Which.
    pub reason: Reason,
    /// When it is offered.
    pub when: When,
    /// What follows.
    pub next: NextStep,
    /// What follows instead after the last attempt, for a shipment without a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<NextStep>,
    /// Whether the courier comes again today if the time window allows it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again_today: bool,
    /// Whether the office wants to read something about it.
    #[serde(default, skip_serializing_if = "Demand::is_optional")]
    pub note: Demand,
}

/// When a reason is offered, while a parcel is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Anywhere, at any time.
    Always,
    /// The courier said to be there.
    AtDoor,
    /// A scanned parcel needs a code that nobody has shown yet.
    CodeNeeded,
    /// All tries of its code are used.
    TriesUsed,
    /// Its code is frozen.
    CodeFrozen,
    /// At the door, and an age or an identity is to be checked.
    CheckAsked,
    /// The load check missed it.
    Missing,
    /// The office took it away, and the courier has it in hand.
    Recalled,
}

/// A policy that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is not of the form.
    #[error("line {line}, column {column}: {what}")]
    Form {
        /// From 1.
        line: usize,
        /// From 1; 0 for the whole.
        column: usize,
        /// What is wrong, and what is allowed.
        what: String,
    },
    /// Something stands in it twice.
    #[error("{what} is in it twice")]
    Twice {
        /// What.
        what: String,
    },
    /// The recipient may not receive.
    #[error("receivers: the recipient has to be allowed, with and without a code")]
    NoRecipient,
    /// A place may receive against a code, which nobody shows there.
    #[error("receivers: {place}: with_code has to be \"never\", a place shows no code")]
    CodeToPlace {
        /// Which.
        place: String,
    },
    /// A proof that may not be asked for of this receiver, or not left out.
    #[error("receivers: {receiver}: {proof} cannot be \"{demand}\" there")]
    Proof {
        /// Of whom.
        receiver: String,
        /// Which.
        proof: String,
        /// As it was to be.
        demand: String,
    },
    /// No reason is offered always: a stop could become a dead end.
    #[error("reasons: at least one has to be offered \"always\", or a stop can become a dead end")]
    DeadEnd,
    /// A reason of the code does not lead to the next delivery day, always.
    #[error("reasons: {reason} has to be offered {when}, lead to next_delivery_day, and have no \"last\"")]
    CodeReason {
        /// Which.
        reason: String,
        /// As the design of secure delivery wants it.
        when: String,
    },
    /// A number that has to be 1 at least.
    #[error("{field}: at least 1")]
    Zero {
        /// Which.
        field: String,
    },
}

impl Policy {
    /// The names of the policies that come with the core.
    pub const BUILT_IN: [&str; 3] = ["germany", "austria", "code_strict"];

    /// Reads a policy from JSON and checks it.
    pub fn parse(json: &str) -> Result<Self, PolicyError> {
        let read: Unchecked = serde_json::from_str(json).map_err(|error| PolicyError::Form {
            line: error.line(),
            column: error.column(),
            what: without_place(&error.to_string()),
        })?;
        Self::try_from(read)
    }

    /// A policy that comes with the core.
    pub fn built_in(name: &str) -> Option<&'static Self> {
        match name {
            "germany" => Some(Self::germany()),
            "austria" => Some(&AUSTRIA),
            "code_strict" => Some(&CODE_STRICT),
            _ => None,
        }
    }

    /// The policy of a route that brings none.
    pub fn germany() -> &'static Self {
        &GERMANY
    }

    /// The rule of a receiver. One that the policy does not know may not receive.
    pub fn receiver(&self, receiver: Receiver) -> Option<&ReceiverRule> {
        self.receivers.iter().find(|rule| rule.receiver == receiver)
    }

    /// The rule of a reason. One that the policy does not know is not offered.
    pub fn reason(&self, reason: Reason) -> Option<&ReasonRule> {
        self.reasons.iter().find(|rule| rule.reason == reason)
    }

    /// What happens to a parcel after this reason, in the attempt `no`. What the policy does not know, the dispatcher
    /// decides.
    pub fn next_step(&self, reason: Reason, no: u32, coded: bool) -> NextStep {
        let Some(rule) = self.reason(reason) else { return NextStep::Dispatcher };
        match rule.last {
            Some(last) if !coded && no >= self.max_attempts => last,
            _ => rule.next,
        }
    }

    fn check(&self) -> Result<(), PolicyError> {
        for (field, number) in [("max_attempts", self.max_attempts), ("hold_days", self.hold_days)] {
            if number == 0 {
                return Err(PolicyError::Zero { field: field.into() });
            }
        }
        let mut receivers = BTreeSet::new();
        for rule in &self.receivers {
            if !receivers.insert(rule.receiver) {
                return Err(PolicyError::Twice { what: word(&rule.receiver) });
            }
            rule.check()?;
        }
        let recipient = self.receiver(Receiver::Recipient);
        if !recipient
            .is_some_and(|it| it.without_code == Permission::Free && it.with_code == Permission::Free)
        {
            return Err(PolicyError::NoRecipient);
        }
        let mut reasons = BTreeSet::new();
        if let Some(twice) = self.reasons.iter().find(|rule| !reasons.insert(rule.reason)) {
            return Err(PolicyError::Twice { what: word(&twice.reason) });
        }
        if !self.reasons.iter().any(|rule| rule.when == When::Always) {
            return Err(PolicyError::DeadEnd);
        }
        for (reason, when) in [
            (Reason::CodeNotAvailable, When::CodeNeeded),
            (Reason::TriesUsedUp, When::TriesUsed),
            (Reason::CodeFrozen, When::CodeFrozen),
        ] {
            let fits = self.reason(reason).is_some_and(|rule| {
                rule.when == when && rule.next == NextStep::NextDeliveryDay && rule.last.is_none()
            });
            if !fits {
                return Err(PolicyError::CodeReason { reason: word(&reason), when: word(&when) });
            }
        }
        Ok(())
    }
}

impl ReceiverRule {
    fn check(&self) -> Result<(), PolicyError> {
        if !self.receiver.is_person() && self.with_code != Permission::Never {
            return Err(PolicyError::CodeToPlace { place: word(&self.receiver) });
        }
        let wrong = self.proofs.iter().find(|(proof, demand)| {
            // What is always required or forbidden is no matter of a policy.
            matches!(proof, Proof::Code | Proof::Scan | Proof::Name if **demand != Demand::Required)
                || (proof.usual_demand(self.receiver) == Demand::Forbidden && **demand != Demand::Forbidden)
        });
        match wrong {
            None => Ok(()),
            Some((proof, demand)) => Err(PolicyError::Proof {
                receiver: word(&self.receiver),
                proof: proof.word().into(),
                demand: word(demand),
            }),
        }
    }
}

/// A policy as it is read, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    name: String,
    basis: String,
    max_attempts: u32,
    hold_days: u32,
    second_try_min: u32,
    receivers: Vec<ReceiverRule>,
    reasons: Vec<ReasonRule>,
}

impl TryFrom<Unchecked> for Policy {
    type Error = PolicyError;
    fn try_from(read: Unchecked) -> Result<Self, PolicyError> {
        let Unchecked { name, basis, max_attempts, hold_days, second_try_min, receivers, reasons } = read;
        let policy = Self { name, basis, max_attempts, hold_days, second_try_min, receivers, reasons };
        policy.check().map(|()| policy)
    }
}

/// A value by its word on the wire.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// The place is said apart.
fn without_place(text: &str) -> String {
    text.rsplit_once(" at line ").map_or(text, |(what, _)| what).to_owned()
}

static GERMANY: LazyLock<Policy> = LazyLock::new(|| own(include_str!("../policies/germany.json")));
static AUSTRIA: LazyLock<Policy> = LazyLock::new(|| own(include_str!("../policies/austria.json")));
static CODE_STRICT: LazyLock<Policy> = LazyLock::new(|| own(include_str!("../policies/code_strict.json")));

/// A file of ours. A wrong one is found by the test that reads all of them.
fn own(json: &str) -> Policy {
    Policy::parse(json).unwrap_or_else(|error| panic!("a policy of the core is wrong: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GERMAN: &str = include_str!("../policies/germany.json");

    fn error(from: &str, to: &str) -> String {
        assert!(GERMAN.contains(from), "{from} is not in the policy");
        Policy::parse(&GERMAN.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn every_policy_of_the_core_is_right_and_is_called_as_it_is_named() {
        for name in Policy::BUILT_IN {
            let policy = Policy::built_in(name).unwrap();
            assert_eq!(policy.name, name);
            let again = serde_json::to_string(policy).unwrap();
            assert_eq!(Policy::parse(&again).as_ref(), Ok(policy), "{name} does not survive a journey");
            assert_eq!(policy.reasons.len(), Reason::ALL.len(), "{name} leaves a reason out");
        }
        assert_eq!(Policy::built_in("atlantis"), None);
    }

    #[test]
    fn a_wrong_policy_says_where_and_what_is_allowed() {
        for (from, to, says) in [
            ("\"max_attempts\": 3", "\"max_attempts\": 0", "max_attempts: at least 1"),
            (
                "\"max_attempts\": 3",
                "\"attempts\": 3",
                "line 4, column 12: unknown field `attempts`, expected one of",
            ),
            (
                "\"free\"",
                "\"fre\"",
                "line 8, column 51: unknown variant `fre`, expected one of `free`, `asked`, `never`",
            ),
            ("\"reason\": \"damaged\"", "\"reason\": \"unsafe\"", "unsafe is in it twice"),
            ("\"receiver\": \"household\"", "\"receiver\": \"recipient\"", "recipient is in it twice"),
            (
                "\"without_code\": \"asked\", \"with_code\": \"never\"",
                "\"without_code\": \"asked\", \"with_code\": \"free\"",
                "receivers: {\"place\":\"safe\"}: with_code has to be \"never\", a place shows no code",
            ),
            (
                "\"code_needed\", \"next\": \"next_delivery_day\"",
                "\"code_needed\", \"next\": \"return_to_sender\"",
                "reasons: code_not_available has to be offered code_needed, lead to next_delivery_day",
            ),
            (
                "\"listed\": true}",
                "\"listed\": true, \"proofs\": {\"photo\": \"required\"}}",
                "receivers: recipient: photo cannot be \"required\" there",
            ),
            (
                "\"with_code\": \"free\"",
                "\"with_code\": \"never\"",
                "receivers: the recipient has to be allowed, with and without a code",
            ),
        ] {
            let text = error(from, to);
            assert!(text.starts_with(says), "{text}");
        }
        let never = GERMAN.replace("\"always\"", "\"at_door\"");
        assert_eq!(Policy::parse(&never), Err(PolicyError::DeadEnd));
        assert!(matches!(Policy::parse("{"), Err(PolicyError::Form { line: 1, .. })));
    }

    #[test]
    fn the_reasons_of_the_code_lead_to_the_next_day_however_often() {
        for name in Policy::BUILT_IN {
            let policy = Policy::built_in(name).unwrap();
            for reason in [Reason::CodeNotAvailable, Reason::TriesUsedUp, Reason::CodeFrozen] {
                assert_eq!(policy.next_step(reason, 1_000, true), NextStep::NextDeliveryDay);
            }
        }
    }

    #[test]
    fn after_the_last_attempt_only_what_has_no_code_is_held_for_pickup() {
        let policy = Policy::germany();
        for (no, coded, next) in [
            (2, false, NextStep::NextDeliveryDay),
            (3, false, NextStep::HoldForPickup),
            (3, true, NextStep::NextDeliveryDay),
        ] {
            assert_eq!(policy.next_step(Reason::NotHome, no, coded), next, "attempt {no}, coded: {coded}");
        }
    }
}
