//! Bugs on purpose, to show that the checks of this repository can fail.
//!
//! A build with the feature `planted-bugs` can carry one of them: planted by a field of its configuration, so that
//! several phones of one process differ, or by the environment variable [`VARIABLE`] for shells in other languages.
//! Nothing that ships has the feature. Without it [`Planted`] is empty and the question for a bug is a constant
//! `false`, so that neither is left in the program.
//!
//! To plant one more: a line in [`Bug`], a question where it bites, and the test that has to catch it in
//! `tests/engine/planted.rs`.

/// Names the bug of a process; read once, when the engine is opened.
pub const VARIABLE: &str = "COURIER_PLANTED_BUG";

macro_rules! bugs {
    ($($(#[$doc:meta])* $bug:ident = $name:literal,)*) => {
        /// What can be planted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Bug {
            $($(#[$doc])* $bug,)*
        }

        impl Bug {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$bug,)*];

            /// The name, as in [`VARIABLE`].
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$bug => $name,)*
                }
            }
        }
    };
}

bugs! {
    /// Any 200 acknowledges everything that was sent, a portal's page too.
    AcknowledgeAny200 = "acknowledge-any-200",
    /// A result counts for the fact in its place, whatever hash it names.
    AcknowledgeWithoutHash = "acknowledge-without-hash",
    /// An answer to another request is taken for this one's.
    AcknowledgeWithoutEcho = "acknowledge-without-echo",
    /// A restored server is not offered again what it lost.
    EpochIgnored = "epoch-ignored",
    /// A try is counted when its result is known, so that a kill before that is a free look.
    TryCountedAfterCheck = "try-counted-after-check",
    /// A try that a kill interrupted does not count.
    InterruptedTryForgiven = "interrupted-try-forgiven",
    /// A fact is shown before it is on the disk.
    ShownBeforeCommit = "shown-before-commit",
    /// A phone out of a backup goes on with the chain of its original.
    IncarnationKept = "incarnation-kept",
    /// "Come back later" is not heard.
    ServersWaitIgnored = "servers-wait-ignored",
    /// A refused token is renewed again and again, without a pause.
    TokenRenewedForEver = "token-renewed-for-ever",
    /// Yesterday's route stays readable: its key is not destroyed.
    CacheKeyKept = "cache-key-kept",
    /// A log-out deletes what was never handed in.
    LogOutForgets = "log-out-forgets",
    /// Another day's route takes the place of one that the courier still drives.
    DayYanked = "day-yanked",
    /// Nobody watches that what is recorded goes to the server.
    WatchdogAsleep = "watchdog-asleep",
    /// What the office took away stays on the screen.
    TombstoneIgnored = "tombstone-ignored",
    /// The route is fetched once, and never asked for again.
    RouteNeverAgain = "route-never-again",
    /// Facts go to the server last first.
    NewestFirst = "newest-first",
    /// What is personal about a fact is not sent.
    PrivateForgotten = "private-forgotten",
    /// A request that is too large counts as handed in.
    TooLargeAcknowledged = "too-large-acknowledged",
    /// Facts of an earlier incarnation are never sent.
    OldChainForgotten = "old-chain-forgotten",
    /// What was scanned is only in memory.
    DraftInMemory = "draft-in-memory",
    /// What is stored is shown as confirmed.
    StoredIsConfirmed = "stored-is-confirmed",
    /// A failure is followed by the next try at once.
    NoPatience = "no-patience",
    /// Nothing goes when its time is over.
    NeverPurged = "never-purged",
    /// A phone whose token only hands in facts asks for the route all the same.
    ScopeIgnored = "scope-ignored",
    /// Whoever answers 204 says that the route did not change.
    PortalSaysNothingNew = "portal-says-nothing-new",
}

/// No bug of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{VARIABLE} names no bug that can be planted")]
pub struct UnknownBug;

/// Which bug an engine has, if any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Planted {
    #[cfg(feature = "planted-bugs")]
    bug: Option<Bug>,
}

impl Planted {
    /// No bug.
    pub const NONE: Self = Self {
        #[cfg(feature = "planted-bugs")]
        bug: None,
    };
}

#[cfg(feature = "planted-bugs")]
impl Planted {
    /// This bug.
    pub const fn bug(bug: Bug) -> Self {
        Self { bug: Some(bug) }
    }

    /// The bug of this name.
    pub fn named(name: &str) -> Result<Self, UnknownBug> {
        Bug::ALL.iter().find(|bug| bug.name() == name).map(|bug| Self::bug(*bug)).ok_or(UnknownBug)
    }

    /// What [`VARIABLE`] says; none if it is not set.
    pub fn from_environment() -> Result<Self, UnknownBug> {
        match std::env::var(VARIABLE) {
            Ok(name) => Self::named(&name),
            Err(std::env::VarError::NotPresent) => Ok(Self::NONE),
            Err(std::env::VarError::NotUnicode(_)) => Err(UnknownBug),
        }
    }

    /// Whether the engine has this bug.
    pub(crate) fn is(self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }
}

#[cfg(not(feature = "planted-bugs"))]
#[allow(clippy::unnecessary_wraps, clippy::unused_self)] // the signatures are those of the build that can
impl Planted {
    /// None: this build cannot have any.
    pub const fn from_environment() -> Result<Self, UnknownBug> {
        Ok(Self::NONE)
    }

    /// Whether the engine has this bug: never in this build.
    pub(crate) const fn is(self, _bug: Bug) -> bool {
        false
    }
}
