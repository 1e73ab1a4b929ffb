//! What happened to a parcel, in the words of others: one table, a line for each receiver and each reason.
//!
//! `lossy` says that whoever knows only the code of a standard knows less than we do.
//!
//! Sources: status, UN/ECE Recommendation 24, third revision (21, 22, 23), in data element 4405 of category 1 (transport) of code
//! list 9015; reason, code list 9013 of UN/EDIFACT D.10B; business steps and dispositions, GS1 CBV 2.0; events, UPU
//! EMSEVT V3. We have not seen the UPU's lists of reasons and measures: none of our reasons has a code there.

use courier_domain::PlaceKind::{Mailbox, PickupPoint, Safe};
use courier_domain::Reason::{
    AccessBlocked, AddressNotFound, AgeOrIdentityNotProven, CodeFrozen, CodeNotAvailable, Damaged,
    MissingInVan, NoPermittedReceiver, NotHome, Recalled, Refused, TriesUsedUp, Unsafe, WindowMissed,
};
use courier_domain::Receiver::{
    Concierge, Household, NamedNeighbour, NamedPerson, OtherNeighbour, Place, Recipient,
};
use courier_domain::{Reason, Receiver};
use schemars::JsonSchema;
use serde::Serialize;

/// What happened to a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Somebody received it, or it was left in a place.
    Handed(Receiver),
    /// It was not delivered.
    Failed(Reason),
}

/// An outcome in UN/EDIFACT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Edifact {
    /// UN/ECE Recommendation 24.
    pub status: &'static str,
    /// Code list 9013.
    pub reason: Option<&'static str>,
    /// There is no exact code.
    pub lossy: bool,
}

/// An outcome in the vocabulary of GS1 EPCIS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Epcis {
    /// Business step.
    pub biz_step: &'static str,
    /// State of the parcel from then on.
    pub disposition: Option<&'static str>,
    /// There are no exact words.
    pub lossy: bool,
}

/// An outcome as an event of the UPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Upu {
    /// EMSEVT V3.
    pub event: &'static str,
    /// The event alone does not say it.
    pub lossy: bool,
}

/// An outcome in every code list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Codes {
    /// UN/EDIFACT.
    pub edifact: Edifact,
    /// GS1 EPCIS 2.0 and CBV 2.0.
    pub epcis: Epcis,
    /// UPU.
    pub upu: Upu,
}

const EXACT: bool = false;
const LOSSY: bool = true;

macro_rules! optional {
    () => {
        None
    };
    ($code:literal) => {
        Some($code)
    };
}

/// Makes of the table the list of outcomes and the functions from one to its word and its codes: a receiver or a reason
/// without a line does not compile.
macro_rules! table {
    ($($word:literal $kind:ident $of:tt =>
        $status:literal $(/ $reason:literal)? $edifact:ident,
        $step:literal $(/ $disposition:literal)? $epcis:ident,
        $event:literal $upu:ident;)+) => {
        /// Every outcome, in the order of the table.
        pub const OUTCOMES: &[Outcome] = &[$(Outcome::$kind $of),+];

        impl Outcome {
            /// Our own word: for a reason the one on the wire.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$kind $of => $word,)+
                }
            }

            /// In the words of others.
            pub const fn codes(self) -> Codes {
                match self {
                    $(Self::$kind $of => Codes {
                        edifact: Edifact { status: $status, reason: optional!($($reason)?), lossy: $edifact },
                        epcis: Epcis { biz_step: $step, disposition: optional!($($disposition)?), lossy: $epcis },
                        upu: Upu { event: $event, lossy: $upu },
                    },)+
                }
            }
        }
    };
}

// No list has a word for who received: "delivery completed" alone means the recipient.
// CBV has neither "delivered" nor "attempt failed". "accepting" is a change of possession, to whomever.
table! {
    "recipient" Handed(Recipient) => "21" EXACT, "accepting" LOSSY, "EMI" EXACT;
    "household" Handed(Household) => "21" LOSSY, "accepting" LOSSY, "EMI" LOSSY;
    "named_neighbour" Handed(NamedNeighbour) => "22" LOSSY, "accepting" LOSSY, "EMI" LOSSY;
    "other_neighbour" Handed(OtherNeighbour) => "21" LOSSY, "accepting" LOSSY, "EMI" LOSSY;
    "named_person" Handed(NamedPerson) => "22" LOSSY, "accepting" LOSSY, "EMI" LOSSY;
    "concierge" Handed(Concierge) => "21" LOSSY, "accepting" LOSSY, "EMI" LOSSY;
    "safe_place" Handed(Place(Safe)) => "22" LOSSY, "other" LOSSY, "EMI" LOSSY;
    "mailbox" Handed(Place(Mailbox)) => "21" LOSSY, "other" LOSSY, "EMI" LOSSY;
    "pickup_point" Handed(Place(PickupPoint)) => "22" / "91" LOSSY, "other" LOSSY, "EDH" EXACT;
    "not_home" Failed(NotHome) => "23" / "6" LOSSY, "transporting" / "in_transit" LOSSY, "EMH" LOSSY;
    "code_not_available" Failed(CodeNotAvailable) => "23" / "6" LOSSY, "transporting" / "in_transit" LOSSY, "EMH" LOSSY;
    "tries_used_up" Failed(TriesUsedUp) => "23" / "6" LOSSY, "transporting" / "in_transit" LOSSY, "EMH" LOSSY;
    "code_frozen" Failed(CodeFrozen) => "23" / "6" LOSSY, "transporting" / "in_transit" LOSSY, "EMH" LOSSY;
    "no_permitted_receiver" Failed(NoPermittedReceiver) => "23" / "6" LOSSY, "transporting" / "in_transit" LOSSY, "EMH" LOSSY;
    "age_or_identity_not_proven" Failed(AgeOrIdentityNotProven) => "23" / "6" LOSSY, "transporting" / "in_transit" LOSSY, "EMH" LOSSY;
    "refused" Failed(Refused) => "23" / "90" EXACT, "transporting" / "in_transit" LOSSY, "EMH" LOSSY;
    "access_blocked" Failed(AccessBlocked) => "23" / "6" LOSSY, "transporting" / "in_transit" LOSSY, "EMH" LOSSY;
    "window_missed" Failed(WindowMissed) => "23" / "58" LOSSY, "transporting" / "in_transit" LOSSY, "EMH" LOSSY;
    "address_not_found" Failed(AddressNotFound) => "23" / "30" LOSSY, "transporting" / "in_transit" LOSSY, "EMH" LOSSY;
    "damaged" Failed(Damaged) => "23" / "14" EXACT, "transporting" / "damaged" EXACT, "EMH" LOSSY;
    "missing_in_van" Failed(MissingInVan) => "23" / "41" EXACT, "inspecting" / "unknown" LOSSY, "EMH" LOSSY;
    "unsafe" Failed(Unsafe) => "23" / "6" LOSSY, "transporting" / "in_transit" LOSSY, "EMH" LOSSY;
    "recalled" Failed(Recalled) => "23" / "89" LOSSY, "transporting" / "in_transit" LOSSY, "EMH" LOSSY;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_and_every_receiver_has_one_line_and_the_word_of_the_wire() {
        let words: BTreeSet<_> = OUTCOMES.iter().map(|outcome| outcome.word()).collect();
        assert_eq!(words.len(), OUTCOMES.len(), "a word means two things");
        for reason in Reason::ALL {
            assert!(OUTCOMES.contains(&Outcome::Failed(reason)), "{reason:?}");
            assert_eq!(serde_json::json!(reason), Outcome::Failed(reason).word());
        }
        for outcome in OUTCOMES {
            if let Outcome::Handed(receiver) = outcome
                && receiver.is_person()
            {
                assert_eq!(serde_json::json!(receiver), outcome.word());
            }
        }
    }

    #[test]
    fn what_is_exact_is_said_by_no_other_line_with_the_same_codes() {
        for one in OUTCOMES {
            for other in OUTCOMES.iter().filter(|other| *other != one) {
                let (a, b) = (one.codes(), other.codes());
                let same = [
                    (a.edifact.status, a.edifact.reason) == (b.edifact.status, b.edifact.reason)
                        && !(a.edifact.lossy || b.edifact.lossy),
                    (a.epcis.biz_step, a.epcis.disposition) == (b.epcis.biz_step, b.epcis.disposition)
                        && !(a.epcis.lossy || b.epcis.lossy),
                    a.upu.event == b.upu.event && !(a.upu.lossy || b.upu.lossy),
                ];
                assert_eq!(same, [false; 3], "{} and {}", one.word(), other.word());
            }
        }
    }

    #[test]
    fn what_was_delivered_is_never_told_as_a_failure() {
        for outcome in OUTCOMES {
            let codes = outcome.codes();
            let failed = matches!(outcome, Outcome::Failed(_));
            assert_eq!(codes.edifact.status == "23", failed, "{}", outcome.word());
            assert_eq!(codes.upu.event == "EMH", failed, "{}", outcome.word());
        }
    }
}
