//! What the core's terms are called on this shell.

use courier_domain::{
    NextStep, Origin, PlaceKind, Proposal, ProposalReason, Reason, Receiver, Standing, StopId,
};
use courier_engine::SyncProblem;

/// How sure an outcome is.
pub(crate) fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::OnPhone => "provisional, on this phone only",
        Standing::Stored => "provisional, stored by the backend",
        Standing::Confirmed => "confirmed",
        Standing::UnderReview => "under review",
        Standing::Refuted => "refuted",
    }
}

/// Why a parcel was not delivered.
pub(crate) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NotHome => "not home",
        Reason::NoPermittedReceiver => "nobody there who may receive",
        Reason::AgeOrIdentityNotProven => "age or identity not proven",
        Reason::CodeNotAvailable => "code not available",
        Reason::TriesUsedUp => "tries used up",
        Reason::CodeFrozen => "code frozen",
        Reason::AccessBlocked => "access blocked",
        Reason::WindowMissed => "time window missed",
        Reason::Refused => "refused by the recipient",
        Reason::AddressNotFound => "address not found",
        Reason::Damaged => "damaged",
        Reason::MissingInVan => "missing in the van",
        Reason::Unsafe => "not safe here",
        Reason::Recalled => "recalled",
    }
}

/// What happens to a parcel that was not delivered.
pub(crate) fn next_step(step: NextStep) -> &'static str {
    match step {
        NextStep::LaterToday => "comes again today",
        NextStep::NextDeliveryDay => "comes again on the next delivery day",
        NextStep::HoldForPickup => "is held for pick-up",
        NextStep::ReturnToSender => "goes back to the sender",
        NextStep::Dispatcher => "the dispatcher decides",
    }
}

/// Who or what receives.
pub(crate) fn receiver(receiver: Receiver) -> &'static str {
    match receiver {
        Receiver::Recipient => "recipient",
        Receiver::Household => "household",
        Receiver::NamedNeighbour => "named neighbour",
        Receiver::OtherNeighbour => "another neighbour",
        Receiver::NamedPerson => "named person",
        Receiver::Concierge => "reception or concierge",
        Receiver::Place(PlaceKind::Safe) => "safe place",
        Receiver::Place(PlaceKind::Mailbox) => "mailbox",
        Receiver::Place(PlaceKind::PickupPoint) => "pick-up point",
    }
}

/// What went wrong with the server.
pub(crate) fn sync_problem(problem: SyncProblem) -> &'static str {
    match problem {
        SyncProblem::NotEnrolled => "this phone is not enrolled",
        SyncProblem::Auth => "the server refuses this phone",
        SyncProblem::Dismissed => "this phone's courier no longer works here",
        SyncProblem::Suspended => "this phone's courier is suspended: ask the office",
        SyncProblem::Outdated => "app and server do not understand each other: update the app",
        SyncProblem::Server => "the server has a fault, and is tried again",
        SyncProblem::NotTheServer => "somebody else answered, such as a portal: sign in there",
        SyncProblem::Phone => "storage or keys of this phone failed",
    }
}

/// Why something is not the courier's any more.
pub(crate) fn taken_away(why: &str) -> String {
    match why {
        "done-elsewhere" => "Somebody else has delivered it.".into(),
        "reassigned" => "The office gave it to another courier.".into(),
        why => format!("The office took it away: {why}"),
    }
}

/// Who stands behind a rule.
pub(crate) fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Recipient => "recipient",
        Origin::Sender => "sender",
        Origin::Service => "secure delivery",
        Origin::Law => "postal law",
    }
}

/// Another order with its price; `number` tells a stop's number.
pub(crate) fn proposal(proposal: &Proposal, number: impl Fn(&StopId) -> Option<u32>) -> String {
    let best = match proposal.reason {
        ProposalReason::InTime => "more stops in time",
        ProposalReason::LessLate => "less late",
        ProposalReason::Shorter => "shorter",
        ProposalReason::Tidier => "fewer changes of zone",
    };
    let minutes = |seconds: i64| seconds.abs().div_euclid(60);
    let saved = match proposal.ends_sooner_s {
        seconds if seconds <= -60 => format!("ends {} min later", minutes(seconds)),
        seconds => format!("saves {} min", minutes(seconds)),
    };
    let (stops, parcels) = (proposal.moved.len(), proposal.parcels_moved);
    let mut words = format!("another order is {best}: {saved}, moves {stops} stops with {parcels} parcels");
    for (what, stops) in [("in time then", &proposal.windows_kept), ("late then", &proposal.windows_broken)] {
        if !stops.is_empty() {
            let numbers: Vec<_> = stops.iter().filter_map(&number).map(|no| no.to_string()).collect();
            words += &format!(", {what}: {}", numbers.join(" "));
        }
    }
    words
}
