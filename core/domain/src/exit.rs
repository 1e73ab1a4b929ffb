//! The reasons that may be given when nobody receives. From every state there is one.

use serde::{Deserialize, Serialize};

use crate::code::{CodeState, LockedBy};
use crate::policy::{Policy, ReasonRule, When};
use crate::proof::Demand;
use crate::reason::{NextStep, Reason};

/// A reason that may be given now, and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Why the parcel is not delivered.
    pub reason: Reason,
    /// What happens to it then.
    pub next_step: NextStep,
    /// Whether the office wants to read something about it.
    #[serde(default, skip_serializing_if = "Demand::is_optional")]
    pub note: Demand,
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
    /// An age or an identity is to be checked.
    pub check_asked: bool,
    /// The office took the shipment away after the courier had begun.
    pub recalled: bool,
    /// Minutes until the time window ends, if there is one.
    pub window_left_min: Option<i64>,
    /// The number of the attempt.
    pub attempt_no: u32,
}

/// The reasons that are offered while a parcel is open. Never empty with a checked [`Policy`].
pub fn exits(policy: &Policy, code: &CodeState, scene: &Scene) -> Vec<Exit> {
    Reason::ALL
        .into_iter()
        .filter_map(|reason| policy.reason(reason))
        .filter(|rule| is_offered(rule.when, code, scene))
        .map(|rule| Exit {
            reason: rule.reason,
            next_step: next_step(policy, rule, code, scene),
            note: rule.note,
        })
        .collect()
}

fn next_step(policy: &Policy, rule: &ReasonRule, code: &CodeState, scene: &Scene) -> NextStep {
    let window_allows = scene.window_left_min.is_some_and(|left| left >= i64::from(policy.second_try_min));
    if rule.again_today && window_allows {
        return NextStep::LaterToday;
    }
    policy.next_step(rule.reason, scene.attempt_no, *code != CodeState::NotNeeded)
}

fn is_offered(when: When, code: &CodeState, scene: &Scene) -> bool {
    match when {
        When::Always => true,
        When::AtDoor => scene.arrived,
        When::CodeNeeded => {
            scene.scanned && !matches!(code, CodeState::NotNeeded | CodeState::Matched { .. })
        }
        When::TriesUsed => scene.scanned && matches!(code, CodeState::Locked { by: LockedBy::TriesUsed }),
        When::CodeFrozen => scene.scanned && matches!(code, CodeState::Locked { by: LockedBy::Frozen }),
        When::CheckAsked => scene.arrived && scene.check_asked,
        When::Missing => scene.missing,
        When::Recalled => scene.recalled,
    }
}
