//! What a command answers.

use courier_domain::{CodeId, FactId, LockedBy, ProofFile, ScanResult, Strength};
use serde::{Deserialize, Serialize};

/// The answer to a command; everything in it is committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What is shown after it is at least of this revision.
    pub revision: u64,
    /// What came of it.
    pub result: CommandResult,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum CommandResult {
    /// It is recorded.
    Done {
        /// The fact; absent when it was so already.
        fact: Option<FactId>,
    },
    /// The entry fits: accepted, provisional until the backend confirms.
    CodeMatched {
        /// The `code_tried` fact.
        fact: FactId,
        /// Which code.
        code_id: CodeId,
        /// Who holds it, in words.
        holder: String,
        /// How strongly it fits.
        strength: Strength,
    },
    /// Only the backend can check this code: the entry is sealed and on its way. Offline there is no answer.
    CodeAsked {
        /// The `code_tried` fact.
        fact: FactId,
    },
    /// The entry does not fit.
    CodeWrong {
        /// Wrong entries left.
        tries_left: u32,
        /// Milliseconds until the next entry is taken.
        wait_ms: u64,
    },
    /// The entry does not fit, and no other is taken.
    CodeLocked {
        /// Why.
        by: LockedBy,
    },
    /// A photo or signature is on this phone, and on the screen of its stop.
    FileTaken {
        /// Which; a fact is told it.
        file: ProofFile,
    },
    /// What was scanned.
    Scanned {
        /// Where it belongs.
        scan: ScanResult,
    },
}
