//! Weaknesses on purpose, to show that the attacks of `tests/attacks` can succeed.
//!
//! A process of a build with the feature `planted-bugs` has the one that the environment variable [`VARIABLE`] names:
//! one process, one weakness, on phone and backend alike. Nothing that ships has the feature; without it the question
//! for a weakness is a constant `false`, so that nothing of it is left in the program.
//!
//! To plant one more: a line in [`Weakness`], a question where it bites, and the attack that has to catch it in
//! `tests/attacks/planted.rs`.

/// Names the weakness of a process; read once.
pub const VARIABLE: &str = "COURIER_PLANTED_WEAKNESS";

macro_rules! weaknesses {
    ($($(#[$doc:meta])* $weakness:ident = $name:literal,)*) => {
        /// What can be planted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Weakness {
            $($(#[$doc])* $weakness,)*
        }

        impl Weakness {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$weakness,)*];

            /// The name, as in [`VARIABLE`].
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$weakness => $name,)*
                }
            }
        }
    };
}

weaknesses! {
    /// The tag has 16 bits, the most that its field on the wire can hold.
    LongTag = "long-tag",
    /// The same code gets a second tag, with a salt and a key of its own.
    SecondTag = "second-tag",
    /// The token of the QR is a hash of the digits.
    TokenOfDigits = "token-of-digits",
    /// Evidence of digits is shorter than evidence of a token.
    EvidenceUnpadded = "evidence-unpadded",
    /// Evidence is bound to no fact.
    EvidenceUnbound = "evidence-unbound",
    /// Parameters of the hash have no bounds.
    BoundlessHash = "boundless-hash",
    /// The check ends with the first code that fits, so that its length tells which one did.
    CheckStopsEarly = "check-stops-early",
    /// The entered text stays in memory.
    EntryNotWiped = "entry-not-wiped",
    /// What was on the stack stays there.
    StackNotWiped = "stack-not-wiped",
    /// Rows are not encrypted.
    RowsInTheClear = "rows-in-the-clear",
    /// A sealed row opens wherever it is put.
    RowsUnbound = "rows-unbound",
    /// The commitment to a private part has no random number in it.
    CommitmentUnsalted = "commitment-unsalted",
    /// A wrong entry is logged.
    WrongEntryLogged = "wrong-entry-logged",
    /// A wrong entry is sealed and sent, as a right one is.
    WrongEntrySealed = "wrong-entry-sealed",
    /// The name of whoever received is logged.
    ReceiverLogged = "receiver-logged",
    /// What the server knows of tries is not heard.
    ServersTriesIgnored = "servers-tries-ignored",
    /// An assertion opens the door again and again.
    AssertionReplayed = "assertion-replayed",
    /// A wrong entry that fits the tag leaves the code alive.
    DecoyForgiven = "decoy-forgiven",
}

#[cfg(feature = "planted-bugs")]
mod process {
    use std::cell::Cell;
    use std::sync::OnceLock;

    use super::{VARIABLE, Weakness};

    static PLANTED: OnceLock<Option<Weakness>> = OnceLock::new();

    thread_local! {
        static SLOW_HASHES: Cell<u64> = const { Cell::new(0) };
    }

    /// Whether this process has this weakness.
    ///
    /// # Panics
    /// If [`VARIABLE`] names none: a test with a name that nobody knows would prove nothing.
    pub fn is(weakness: Weakness) -> bool {
        *PLANTED.get_or_init(|| {
            let name = std::env::var(VARIABLE).ok()?;
            let known = Weakness::ALL.iter().find(|known| known.name() == name);
            Some(*known.unwrap_or_else(|| panic!("{VARIABLE} names no weakness that can be planted")))
        }) == Some(weakness)
    }

    /// How often this thread derived the slow hash.
    pub fn slow_hashes() -> u64 {
        SLOW_HASHES.get()
    }

    pub(crate) fn count_slow_hash() {
        SLOW_HASHES.set(SLOW_HASHES.get() + 1);
    }
}

#[cfg(feature = "planted-bugs")]
pub(crate) use process::count_slow_hash;
#[cfg(feature = "planted-bugs")]
pub use process::{is, slow_hashes};

/// Whether this process has this weakness: never in this build.
#[cfg(not(feature = "planted-bugs"))]
pub const fn is(_weakness: Weakness) -> bool {
    false
}

#[cfg(not(feature = "planted-bugs"))]
pub(crate) const fn count_slow_hash() {}
