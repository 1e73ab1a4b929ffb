//! What the core's terms are called on a courier's screen.

use std::sync::LazyLock;

use courier_domain::view::StopState;
use courier_domain::{
    Closing, Demand, ExcuseReason, LockedBy, NextStep, Origin, PlaceKind, Proof, ProofRule, Reason, Receiver,
    Standing, Verdict, Why,
};
use courier_protocol::KeyLevel;

use crate::bundle::{Arg, Bundle, of};

mod door;
mod kept;
mod plan;
mod problem;

static WORDS: LazyLock<Vec<Bundle>> =
    LazyLock::new(|| SOURCES.iter().map(|(lang, source)| Bundle::new(lang, source)).collect());

/// English comes first: it is what is shown in any other language.
const SOURCES: [(&str, &str); 2] =
    [("en", include_str!("../texts/en.ftl")), ("de", include_str!("../texts/de.ftl"))];

/// The words of one language.
#[derive(Clone, Copy)]
pub struct Words(&'static Bundle);

impl Words {
    /// The words of a language, a BCP 47 tag such as `de-AT`; English if there are none.
    pub fn of(lang: &str) -> Self {
        Self::of_first(&[lang])
    }

    /// The words of the first of these languages that there are any of, as a phone lists those that its user reads;
    /// English if there are none.
    pub fn of_first<T: AsRef<str>>(langs: &[T]) -> Self {
        Self(of(&WORDS, langs))
    }

    /// Which language they are in.
    pub fn lang(self) -> &'static str {
        self.0.lang
    }

    fn plain(self, key: &str) -> String {
        self.0.text(key, &[])
    }

    fn with(self, key: &str, name: &'static str, text: &str) -> String {
        self.0.text(key, &[(name, Arg::Text(text))])
    }

    /// Why a parcel was not delivered.
    pub fn reason(self, reason: Reason) -> String {
        self.plain(match reason {
            Reason::NotHome => "reason-not-home",
            Reason::NoPermittedReceiver => "reason-no-permitted-receiver",
            Reason::AgeOrIdentityNotProven => "reason-age-or-identity-not-proven",
            Reason::CodeNotAvailable => "reason-code-not-available",
            Reason::TriesUsedUp => "reason-tries-used-up",
            Reason::CodeFrozen => "reason-code-frozen",
            Reason::AccessBlocked => "reason-access-blocked",
            Reason::WindowMissed => "reason-window-missed",
            Reason::Refused => "reason-refused",
            Reason::AddressNotFound => "reason-address-not-found",
            Reason::Damaged => "reason-damaged",
            Reason::MissingInVan => "reason-missing-in-van",
            Reason::Unsafe => "reason-unsafe",
            Reason::Recalled => "reason-recalled",
        })
    }

    /// What happens to a parcel that was not delivered.
    pub fn next_step(self, step: NextStep) -> String {
        self.plain(match step {
            NextStep::LaterToday => "next-step-later-today",
            NextStep::NextDeliveryDay => "next-step-next-delivery-day",
            NextStep::HoldForPickup => "next-step-hold-for-pickup",
            NextStep::ReturnToSender => "next-step-return-to-sender",
            NextStep::Dispatcher => "next-step-dispatcher",
        })
    }

    /// Who or what receives.
    pub fn receiver(self, receiver: Receiver) -> String {
        self.plain(match receiver {
            Receiver::Recipient => "receiver-recipient",
            Receiver::Household => "receiver-household",
            Receiver::NamedNeighbour => "receiver-named-neighbour",
            Receiver::OtherNeighbour => "receiver-other-neighbour",
            Receiver::NamedPerson => "receiver-named-person",
            Receiver::Concierge => "receiver-concierge",
            Receiver::Place(PlaceKind::Safe) => "receiver-safe-place",
            Receiver::Place(PlaceKind::Mailbox) => "receiver-mailbox",
            Receiver::Place(PlaceKind::PickupPoint) => "receiver-pickup-point",
        })
    }

    /// Who stands behind a rule.
    pub fn origin(self, origin: Origin) -> String {
        self.plain(match origin {
            Origin::Recipient => "origin-recipient",
            Origin::Sender => "origin-sender",
            Origin::Service => "origin-service",
            Origin::Law => "origin-law",
        })
    }

    /// How sure an outcome is.
    pub fn standing(self, standing: Standing) -> String {
        self.plain(match standing {
            Standing::OnPhone => "standing-on-phone",
            Standing::Stored => "standing-stored",
            Standing::Confirmed => "standing-confirmed",
            Standing::UnderReview => "standing-under-review",
            Standing::Refuted => "standing-refuted",
        })
    }

    /// The rule behind an option.
    pub fn why(self, why: Why) -> String {
        self.plain(match why {
            Why::AskedFor => "why-asked-for",
            Why::InPerson => "why-in-person",
            Why::Substitute => "why-substitute",
            Why::HoldsTheCode => "why-holds-the-code",
            Why::CodeFirst => "why-code-first",
            Why::CodeNeedsPerson => "why-code-needs-person",
            Why::NoNeighbours => "why-no-neighbours",
            Why::NotThisNeighbour => "why-not-this-neighbour",
            Why::NamedPersonOnly => "why-named-person-only",
            Why::NotAskedFor => "why-not-asked-for",
            Why::CheckNeedsPerson => "why-check-needs-person",
            Why::RecipientOnly => "why-recipient-only",
            Why::Contradiction => "why-contradiction",
            Why::NotByPolicy => "why-not-by-policy",
        })
    }

    /// What proves something.
    pub fn proof(self, proof: Proof) -> String {
        self.plain(match proof {
            Proof::Code => "proof-code",
            Proof::Scan => "proof-scan",
            Proof::Name => "proof-name",
            Proof::Relation => "proof-relation",
            Proof::Flat => "proof-flat",
            Proof::Note => "proof-note",
            Proof::Signature => "proof-signature",
            Proof::Photo => "proof-photo",
            Proof::AgeCheck => "proof-age-check",
            Proof::IdentityCheck => "proof-identity-check",
            Proof::Position => "proof-position",
        })
    }

    /// How a stop stands.
    pub fn stop_state(self, state: StopState) -> String {
        self.plain(match state {
            StopState::Open => "stop-state-open",
            StopState::Partly => "stop-state-partly",
            StopState::Done => "stop-state-done",
            StopState::Gone => "stop-state-gone",
        })
    }

    /// How an attempt ended.
    pub fn closing(self, closing: Closing) -> String {
        self.plain(match closing {
            Closing::Handed => "closing-handed",
            Closing::Failed => "closing-failed",
            Closing::Mixed => "closing-mixed",
        })
    }

    /// What the judge says of a code; nothing said yet is provisional.
    pub fn verdict(self, verdict: Option<Verdict>) -> String {
        self.plain(match verdict {
            None => "verdict-none",
            Some(Verdict::Confirmed) => "verdict-confirmed",
            Some(Verdict::UnderReview) => "verdict-under-review",
            Some(Verdict::Refuted) => "verdict-refuted",
        })
    }

    /// Why no code is taken.
    pub fn locked_by(self, by: LockedBy) -> String {
        self.plain(match by {
            LockedBy::TriesUsed => "locked-tries-used",
            LockedBy::Frozen => "locked-frozen",
        })
    }

    /// How much a proof is asked for.
    pub fn demand(self, demand: Demand) -> String {
        self.plain(match demand {
            Demand::Required => "demand-required",
            Demand::Warn => "demand-warn",
            Demand::Optional => "demand-optional",
            Demand::Forbidden => "demand-forbidden",
        })
    }

    /// What is asked for, how much, and by whom.
    pub fn proof_rule(self, rule: &ProofRule) -> String {
        let (proof, demand, by) = (self.proof(rule.proof), self.demand(rule.demand), self.origin(rule.by));
        let (demand, by) = (("demand", Arg::Text(&demand)), ("by", Arg::Text(&by)));
        match rule.min_age {
            Some(years) => self.0.text("proof-at-least", &[("years", Arg::Number(years.into())), demand, by]),
            None => self.0.text("proof-demanded", &[("proof", Arg::Text(&proof)), demand, by]),
        }
    }

    /// Why a proof is not there.
    pub fn excuse(self, why: ExcuseReason) -> String {
        self.plain(match why {
            ExcuseReason::BarcodeDamaged => "excuse-barcode-damaged",
            ExcuseReason::Declined => "excuse-declined",
            ExcuseReason::DeviceFailed => "excuse-device-failed",
            ExcuseReason::NotPossible => "excuse-not-possible",
        })
    }

    /// How the device key is kept.
    pub fn key_level(self, level: KeyLevel) -> String {
        self.plain(match level {
            KeyLevel::Hardware => "key-hardware",
            KeyLevel::Software => "key-software",
        })
    }

    /// How many wrong entries are left.
    pub fn tries_left(self, tries: u32) -> String {
        self.0.text("code-tries-left", &[("tries", Arg::Number(tries.into()))])
    }

    /// How long until the next entry is taken.
    pub fn wait(self, wait_ms: u64) -> String {
        self.0.text("code-wait", &[("seconds", Arg::Number(seconds(wait_ms)))])
    }
}

/// Whole seconds, rounded up: a wait is never told shorter than it is.
fn seconds(ms: u64) -> u64 {
    ms.div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use courier_domain::InstructionKind;

    use super::*;
    use crate::bundle::tests::keys;

    /// The keys that are asked for: every text between quotes that looks like one.
    fn wanted() -> BTreeSet<String> {
        let files = [
            include_str!("words.rs"),
            include_str!("words/door.rs"),
            include_str!("words/kept.rs"),
            include_str!("words/plan.rs"),
            include_str!("words/problem.rs"),
        ];
        let code = files.map(|file| file.split("#[cfg(test)]").next().unwrap()).concat();
        let is_key = |text: &&str| {
            text.contains('-') && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        };
        code.split('"').skip(1).step_by(2).filter(is_key).map(str::to_owned).collect()
    }

    #[test]
    fn every_language_has_every_key_that_is_asked_for_and_no_other() {
        let wanted = wanted();
        assert!(wanted.len() > 180, "{} keys are asked for", wanted.len());
        for (lang, source) in SOURCES {
            let there = keys(lang, source);
            let missing: Vec<_> = wanted.difference(&there).collect();
            let unused: Vec<_> = there.difference(&wanted).collect();
            assert!(
                missing.is_empty() && unused.is_empty(),
                "{lang}: missing {missing:?}, unused {unused:?}"
            );
        }
    }

    #[test]
    fn no_language_is_a_copy_of_the_other() {
        let (en, de) = (Words::of("en"), Words::of("de-AT"));
        assert_eq!((en.lang(), de.lang(), Words::of("tlh").lang()), ("en", "de", "en"));
        let same = Reason::ALL.into_iter().filter(|reason| en.reason(*reason) == de.reason(*reason)).count();
        assert_eq!(same, 0);
        for why in Why::ALL {
            assert_ne!(en.why(why), de.why(why), "{why:?}");
        }
    }

    /// Errors of the domain have English words of their own; they may not drift.
    #[test]
    fn a_rule_is_called_the_same_in_an_error() {
        for why in Why::ALL {
            assert_eq!(Words::of("en").why(why), why.words());
        }
    }

    #[test]
    fn plurals_are_right_in_both_languages() {
        let bare = |text: String| text.replace(['\u{2068}', '\u{2069}'], "");
        for (lang, one, two) in
            [("en", "One try left.", "2 tries left."), ("de", "Noch ein Versuch.", "Noch 2 Versuche.")]
        {
            let words = Words::of(lang);
            assert_eq!((bare(words.tries_left(1)).as_str(), bare(words.tries_left(2)).as_str()), (one, two));
        }
        assert_eq!(bare(Words::of("en").wait(29_001)), "Next try in 30 seconds.");
        assert_eq!(bare(Words::of("de").wait(1)), "Nächster Versuch in einer Sekunde.");
    }

    #[test]
    fn a_name_in_another_direction_stays_where_it_is() {
        let said =
            Words::of("de").instruction_kind(&InstructionKind::NotNeighbour { name: "מאיר".into() });
        assert_eq!(said, "nicht Nachbar \u{2068}מאיר\u{2069}");
    }

    #[test]
    fn what_looks_like_a_text_of_ours_is_put_in_as_it_is() {
        let note = InstructionKind::Note { text: "{ $name } \u{0} { reason-damaged }".into() };
        assert_eq!(Words::of("en").instruction_kind(&note), "{ $name } \u{0} { reason-damaged }");
    }
}
