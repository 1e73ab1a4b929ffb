//! What did not work, and what the courier can do.

use courier_domain::Rejection;
use courier_engine::{CourierError, InvalidInput, StorageProblem, SyncProblem};

use super::{Words, seconds};
use crate::bundle::Arg;

impl Words {
    /// Why a command is not possible now, as a part of a sentence.
    pub fn rejection(self, rejection: &Rejection) -> String {
        self.plain(match rejection {
            Rejection::Gone { why } => return self.with("rejection-gone", "why", why),
            Rejection::Wait { wait_ms } => {
                let wait = [("seconds", Arg::Number(seconds(*wait_ms)))];
                return self.0.text("rejection-wait", &wait);
            }
            Rejection::Locked { by } => return self.with("rejection-locked", "by", &self.locked_by(*by)),
            Rejection::NotAllowed { why, by } => {
                let (why, by) = (self.why(*why), self.origin(*by));
                let both = [("why", Arg::Text(&why)), ("by", Arg::Text(&by))];
                return self.0.text("rejection-not-allowed", &both);
            }
            Rejection::ProofNeeded { proof } => {
                return self.with("rejection-proof-needed", "proof", &self.proof(*proof));
            }
            Rejection::ProofForbidden { proof } => {
                return self.with("rejection-proof-forbidden", "proof", &self.proof(*proof));
            }
            Rejection::BadText { max, .. } => {
                return self.0.text("rejection-bad-text", &[("max", Arg::Number((*max).into()))]);
            }
            Rejection::NoRoute => "rejection-no-route",
            Rejection::DayNotStarted => "rejection-day-not-started",
            Rejection::DayClosed => "rejection-day-closed",
            Rejection::NotOnRoute => "rejection-not-on-route",
            Rejection::NotOpen => "rejection-not-open",
            Rejection::ScanFirst => "rejection-scan-first",
            Rejection::Misread { .. } => "rejection-misread",
            Rejection::NoCodeNeeded => "rejection-no-code-needed",
            Rejection::CodeMatchedAlready => "rejection-code-matched-already",
            Rejection::CodeAsked => "rejection-code-asked",
            Rejection::NotYet => "rejection-not-yet",
            Rejection::Expired => "rejection-expired",
            Rejection::CodeMissing => "rejection-code-missing",
            Rejection::NameNeeded => "rejection-name-needed",
            Rejection::ReasonNotOffered => "rejection-reason-not-offered",
            Rejection::NothingToWithdraw => "rejection-nothing-to-withdraw",
            Rejection::HandedOver => "rejection-handed-over",
            Rejection::NoNewCode => "rejection-no-new-code",
            Rejection::NothingToProve => "rejection-nothing-to-prove",
            Rejection::FileNotTaken => "rejection-file-not-taken",
            Rejection::NotSigned => "rejection-not-signed",
            Rejection::PlaceFixed => "rejection-place-fixed",
            Rejection::ProposalOver => "rejection-proposal-over",
        })
    }

    /// What was given and cannot be meant: a whole sentence.
    pub fn input(self, what: InvalidInput) -> String {
        self.plain(match what {
            InvalidInput::NotSixDigits => "input-not-six-digits",
            InvalidInput::NotAToken => "input-not-a-token",
            InvalidInput::EnrolmentCode => "input-enrolment-code",
            InvalidInput::ServerUrl => "input-server-url",
            InvalidInput::Certificate => "input-certificate",
            InvalidInput::PhotoUnreadable => "input-photo-unreadable",
            InvalidInput::NotAPhoto => "input-not-a-photo",
            InvalidInput::PhotoTooLarge => "input-photo-too-large",
        })
    }

    /// What did not work: whole sentences.
    pub fn error(self, error: &CourierError) -> String {
        self.plain(match error {
            CourierError::InvalidInput { what } => return self.input(*what),
            CourierError::Rejected { reason } => {
                return self.with("error-rejected", "reason", &self.rejection(reason));
            }
            CourierError::Internal { incident } => {
                return self.with("error-internal", "incident", incident);
            }
            CourierError::NotFound => "error-not-found",
            CourierError::Offline => "error-offline",
            CourierError::Auth => "error-auth",
            CourierError::KeyUnavailable => "error-key-unavailable",
            CourierError::Closed => "error-closed",
            CourierError::Storage { why: StorageProblem::Full } => "storage-full",
            CourierError::Storage { why: StorageProblem::NotNow } => "storage-not-now",
            CourierError::Storage { why: StorageProblem::InUse } => "storage-in-use",
            CourierError::Storage { why: StorageProblem::Newer } => "storage-newer",
            CourierError::Storage { why: StorageProblem::Broken } => "storage-broken",
        })
    }

    /// What is wrong between phone and server, as a part of a sentence.
    pub fn sync_problem(self, problem: SyncProblem) -> String {
        self.plain(match problem {
            SyncProblem::NotEnrolled => "sync-not-enrolled",
            SyncProblem::Auth => "sync-auth",
            SyncProblem::Dismissed => "sync-dismissed",
            SyncProblem::Suspended => "sync-suspended",
            SyncProblem::Outdated => "sync-outdated",
            SyncProblem::Server => "sync-server",
            SyncProblem::NotTheServer => "sync-not-the-server",
            SyncProblem::Phone => "sync-phone",
        })
    }
}

#[cfg(test)]
mod tests {
    use courier_domain::{Origin, Why};

    use super::*;

    fn bare(text: &str) -> String {
        text.replace(['\u{2068}', '\u{2069}'], "")
    }

    #[test]
    fn a_refusal_is_a_sentence_with_its_rule_and_who_stands_behind_it() {
        let reason = Rejection::NotAllowed { why: Why::NotThisNeighbour, by: Origin::Recipient };
        let said = bare(&Words::of("en").error(&CourierError::Rejected { reason }));
        assert_eq!(said, "Not possible: the instructions exclude this neighbour (recipient).");
    }

    #[test]
    fn a_wait_is_never_told_shorter_than_it_is() {
        let said = |lang, wait_ms| bare(&Words::of(lang).rejection(&Rejection::Wait { wait_ms }));
        assert_eq!(said("en", 1_001), "the next code is taken in 2 seconds");
        assert_eq!(said("de", 1), "der nächste Code wird in einer Sekunde angenommen");
    }

    #[test]
    fn what_did_not_work_is_a_whole_sentence_in_every_language() {
        let errors = [
            CourierError::NotFound,
            CourierError::Offline,
            CourierError::Storage { why: StorageProblem::Full },
            CourierError::Internal { incident: "x".into() },
            CourierError::InvalidInput { what: InvalidInput::NotSixDigits },
            CourierError::Rejected { reason: Rejection::NotSigned },
        ];
        for (lang, error) in
            ["en", "de"].iter().flat_map(|lang| errors.iter().map(move |error| (lang, error)))
        {
            let said = Words::of(lang).error(error);
            assert!(said.ends_with('.') && said.starts_with(char::is_uppercase), "{lang}: {said}");
        }
    }
}
