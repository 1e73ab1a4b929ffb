//! A bounded exchange with the server that somebody waits for.

use serde::{Deserialize, Serialize};

use super::writer::Reply;
use crate::clock::Now;
use crate::machine::{Traffic, Trouble};

/// What an exchange brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncReport {
    /// Facts sent, repeats included.
    pub sent: u64,
    /// Facts acknowledged, repeats included.
    pub acked: u64,
    /// Facts that the server does not have for sure.
    pub pending: u64,
    /// Photos and signatures of facts that the server does not have for sure: an exchange is enough only when both are zero.
    pub files: u64,
    /// The last request got no answer.
    pub offline: bool,
    /// What else went wrong.
    pub error: Option<SyncProblem>,
}

/// What went wrong with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncProblem {
    /// The phone is not enrolled.
    NotEnrolled,
    /// Its token is refused.
    Auth,
    /// The courier no longer works here: what happened is still handed in, and nothing new comes.
    Dismissed,
    /// The courier is suspended until the office has looked at something: the same as long as that lasts.
    Suspended,
    /// App and server do not speak the same version of the protocol: one of them has to be updated.
    Outdated,
    /// The server answered with an error; it is tried again.
    Server,
    /// Somebody else answered, such as a portal: sign in there, or wait.
    NotTheServer,
    /// The phone's storage or keys failed.
    Phone,
}

/// Somebody who waits for an exchange.
pub(super) struct Waiting {
    pub(super) until_boot_ms: u64,
    pub(super) before: Traffic,
    pub(super) reply: Reply<SyncReport>,
}

/// Everybody who waits until the files are closed.
pub(super) struct Suspending {
    pub(super) until_boot_ms: u64,
    pub(super) before: Traffic,
    pub(super) replies: Vec<Reply<SyncReport>>,
}

impl Suspending {
    /// Milliseconds.
    pub(super) fn left(&self, now: &Now) -> u64 {
        self.until_boot_ms.saturating_sub(now.boot_ms)
    }

    pub(super) fn answer(self, report: SyncReport) {
        self.replies.into_iter().for_each(|reply| reply(Ok(report)));
    }
}

/// The report on what happened since `before`.
pub(super) fn report(
    before: Traffic,
    after: Traffic,
    (pending, files): (u64, u64),
    enrolled: bool,
) -> SyncReport {
    let error = match after.problem {
        _ if !enrolled => Some(SyncProblem::NotEnrolled),
        None => None,
        Some(Trouble::Auth) => Some(SyncProblem::Auth),
        Some(Trouble::Dismissed) => Some(SyncProblem::Dismissed),
        Some(Trouble::Suspended) => Some(SyncProblem::Suspended),
        Some(Trouble::Outdated) => Some(SyncProblem::Outdated),
        Some(Trouble::Status(_)) => Some(SyncProblem::Server),
        Some(Trouble::NotAnAnswer) => Some(SyncProblem::NotTheServer),
        Some(Trouble::Phone) => Some(SyncProblem::Phone),
    };
    SyncReport {
        sent: after.sent.saturating_sub(before.sent),
        acked: after.acked.saturating_sub(before.acked),
        pending,
        files,
        offline: after.offline,
        error,
    }
}
