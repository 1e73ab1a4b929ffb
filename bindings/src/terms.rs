//! What the core's terms are called, and the cards for customers: `courier_texts`. The one source of words for every shell.

// What comes over the border is owned here, looked at or not.
#![allow(clippy::needless_pass_by_value)]

use std::sync::Arc;

use courier_domain::view::{InstructionLine, StopLine, StopState};
use courier_domain::{
    AttemptState, CodeState, Conflict, ExcuseReason, LockedBy, NextStep, Origin, Outcome, Proof, ProofRule,
    Proposal, Reason, Receiver, ReceiverOption, Rejection, Standing, Verdict, Why,
};
use courier_engine::{CommandResult, CourierError, Kept, KeptKind, SyncProblem};
use courier_protocol::KeyLevel;
use courier_texts::{Card, CardLanguage, Words};

/// What the core's terms are called in one language: on a courier's screen, so that every shell says the same.
///
/// Names and numbers stand between marks of isolation (U+2068, U+2069), which cannot be seen.
#[derive(uniffi::Object)]
pub struct Terms(Words);

#[uniffi::export]
impl Terms {
    /// In the first of these languages (BCP 47, as the phone lists those that its user reads) that there are words in;
    /// English if there are none. There are English and German.
    #[uniffi::constructor]
    pub fn new(languages: Vec<String>) -> Arc<Self> {
        Arc::new(Self(Words::of_first(&languages)))
    }

    /// Which language they are in, BCP 47.
    pub fn language(&self) -> String {
        self.0.lang().to_owned()
    }

    /// Why a parcel was not delivered.
    pub fn reason(&self, reason: Reason) -> String {
        self.0.reason(reason)
    }

    /// What happens to a parcel that was not delivered.
    pub fn next_step(&self, step: NextStep) -> String {
        self.0.next_step(step)
    }

    /// Who or what receives.
    pub fn receiver(&self, receiver: Receiver) -> String {
        self.0.receiver(receiver)
    }

    /// Who or what may receive, by name where one is known.
    pub fn option(&self, option: &ReceiverOption) -> String {
        self.0.option(option)
    }

    /// The rule behind an option.
    pub fn why(&self, why: Why) -> String {
        self.0.why(why)
    }

    /// Who stands behind a rule.
    pub fn origin(&self, origin: Origin) -> String {
        self.0.origin(origin)
    }

    /// How sure an outcome is.
    pub fn standing(&self, standing: Standing) -> String {
        self.0.standing(standing)
    }

    /// What the judge says of a code; nothing said yet is provisional.
    pub fn verdict(&self, verdict: Option<Verdict>) -> String {
        self.0.verdict(verdict)
    }

    /// How a stop stands.
    pub fn stop_state(&self, state: StopState) -> String {
        self.0.stop_state(state)
    }

    /// Where an attempt stands.
    pub fn attempt(&self, state: &AttemptState) -> String {
        self.0.attempt(state)
    }

    /// What happened to a parcel.
    pub fn outcome(&self, outcome: &Outcome) -> String {
        self.0.outcome(outcome)
    }

    /// Why something is not the courier's any more: a sentence. `why` is the word of `gone`.
    pub fn taken_away(&self, why: &str) -> String {
        self.0.taken_away(why)
    }

    /// An instruction with who gave it, and whether it can be followed.
    pub fn instruction(&self, line: &InstructionLine) -> String {
        self.0.instruction(line)
    }

    /// Which instructions of a door do not go together, and which one holds.
    pub fn conflict(&self, conflict: &Conflict, instructions: Vec<InstructionLine>) -> String {
        self.0.conflict(conflict, &instructions)
    }

    /// What proves an outcome.
    pub fn proof(&self, proof: Proof) -> String {
        self.0.proof(proof)
    }

    /// What is asked for, how much, and by whom.
    pub fn proof_rule(&self, rule: &ProofRule) -> String {
        self.0.proof_rule(rule)
    }

    /// Why a proof is not there.
    pub fn excuse(&self, why: ExcuseReason) -> String {
        self.0.excuse(why)
    }

    /// Where an attempt stands with its code: sentences.
    pub fn code(&self, code: &CodeState) -> String {
        self.0.code(code)
    }

    /// Why no code is taken.
    pub fn locked_by(&self, by: LockedBy) -> String {
        self.0.locked_by(by)
    }

    /// What came of a command: sentences.
    pub fn answer(&self, result: &CommandResult) -> String {
        self.0.answer(result)
    }

    /// Why a command is not possible now, as a part of a sentence.
    pub fn rejection(&self, reason: &Rejection) -> String {
        self.0.rejection(reason)
    }

    /// What did not work: sentences.
    pub fn error(&self, error: CourierError) -> String {
        self.0.error(&error)
    }

    /// When a stop is reached: the two times of its range as clocks there show them, and how late that is.
    pub fn arrival(&self, from: &str, to: &str, late_s: u32) -> String {
        self.0.arrival(from, to, late_s)
    }

    /// That a pin may be wrong, for `away_m` of a stop: a sentence.
    pub fn far_from_pin(&self, metres: u32) -> String {
        self.0.far_from_pin(metres)
    }

    /// What another order is best at, and its price, line by line. `stops` are those of the day, for their numbers.
    pub fn proposal(&self, proposal: &Proposal, stops: Vec<StopLine>) -> Vec<String> {
        self.0.proposal(proposal, &stops)
    }

    /// What is wrong between phone and server, as a part of a sentence.
    pub fn sync_problem(&self, problem: SyncProblem) -> String {
        self.0.sync_problem(problem)
    }

    /// How the device key is kept.
    pub fn key_level(&self, level: KeyLevel) -> String {
        self.0.key_level(level)
    }

    /// What a kind of things on this phone is called.
    pub fn kept_kind(&self, kind: KeptKind) -> String {
        self.0.kept_kind(kind)
    }

    /// How much there is of a kind, and when it goes.
    pub fn kept(&self, kept: &Kept) -> String {
        self.0.kept(kept)
    }
}

/// What is shown to a customer.
#[uniffi::remote(Record)]
pub struct Card {
    /// The language that it is in, BCP 47. English if there is no card in the wanted one.
    lang: String,
    /// Whether it is written from right to left.
    rtl: bool,
    /// What it is about.
    title: String,
    /// Sentence by sentence, the most important ones first.
    lines: Vec<String>,
}

/// A language that there is a card in.
#[uniffi::remote(Record)]
pub struct CardLanguage {
    /// BCP 47.
    lang: String,
    /// What it calls itself.
    name: String,
}

/// The card to show or read to a customer, in their language (BCP 47; `DoorView.lang`): how many parcels there are, and
/// where a code is asked for, which one, where to find it, who may receive with it, and that it is never told by phone.
#[uniffi::export]
pub fn customer_card(lang: &str, parcels: u32, coded: bool) -> Card {
    courier_texts::card(lang, parcels, coded)
}

/// The languages that there are cards in, English first.
#[uniffi::export]
pub fn card_languages() -> Vec<CardLanguage> {
    courier_texts::card_languages()
}
