//! Bugs on purpose, to show that the simulation of whole days can fail.
//!
//! A build with the feature `planted-bugs` can carry one of them, planted by a field of its configuration that no file
//! can set. Nothing that ships has the feature: there the question for a bug is a constant `false`.
//!
//! To plant one more: a line in [`Bug`], and a question where it bites. `tests/sim` lives days until it is caught.

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

            /// A name for reports.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$bug => $name,)*
                }
            }
        }
    };
}

bugs! {
    /// What the courier did at a stop without a parcel is acknowledged and not stored.
    QuietDrop = "quiet-drop",
    /// A fact that is there already is refused.
    RepeatRefused = "repeat-refused",
    /// A fact is tidied up before it is stored.
    FactEdited = "fact-edited",
    /// A server that was put back keeps its epoch.
    EpochKept = "epoch-kept",
    /// A wrong entry is not counted.
    MissForgotten = "miss-forgotten",
    /// A handover of what another courier has is nothing special.
    RemovalForgotten = "removal-forgotten",
    /// What was cancelled stays on the phone.
    TombstoneForgotten = "tombstone-forgotten",
    /// Nobody is told that something was handed over.
    DoneNotTold = "done-not-told",
    /// What a dismissed courier hands in is refused.
    DrainRefused = "drain-refused",
}

/// Which bug a backend has, if any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Planted {
    #[cfg(feature = "planted-bugs")]
    bug: Option<Bug>,
}

impl Planted {
    /// This bug.
    #[cfg(feature = "planted-bugs")]
    pub const fn bug(bug: Bug) -> Self {
        Self { bug: Some(bug) }
    }

    /// Whether the backend has this bug.
    #[cfg(feature = "planted-bugs")]
    pub(crate) fn is(self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// Whether the backend has this bug: never in this build.
    #[cfg(not(feature = "planted-bugs"))]
    #[allow(clippy::unused_self)] // the signature is that of the build that can
    pub(crate) const fn is(self, _bug: Bug) -> bool {
        false
    }
}
