//! What a check leaves on the stack.
//!
//! A value that is moved leaves its bytes where it was, and no destructor runs there: an entry and its hash pass through
//! the frames of parsing, Argon2, BLAKE2, HMAC and HPKE, none of which wipes its own. Safe Rust cannot find these
//! places, but it can write over them all from above.

use zeroize::Zeroize;

use crate::planted::{self, Weakness};

/// Deeper than a check goes, as far as the attack on the memory sees (`tests/attacks/memory.rs`), and a small part of
/// the 2 MiB of stack that the engine's thread has.
const DEPTH: usize = 64 << 10;

/// Overwrites the 64 KiB of stack below the caller, where the functions that it called had their frames.
#[inline(never)]
pub fn wipe_stack() {
    if planted::is(Weakness::StackNotWiped) {
        return;
    }
    #[allow(clippy::large_stack_arrays)] // the stack is what is wiped
    let mut frames = [0xff_u8; DEPTH];
    frames.zeroize();
    std::hint::black_box(&frames);
}
