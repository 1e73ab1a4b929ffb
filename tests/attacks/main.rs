//! Each attack on a code, as a program that must fail. `docs/security.md` says what is defended, and against whom.
//!
//! - [`thief`], [`candidates`], [`forger`], [`liar`]: the attackers: who has every byte and key of a phone, who has a
//!   million candidates, who signs whatever they like, who answers whatever they like.
//! - The other modules: one attack each.
//! - [`planted`]: weaknesses on purpose, each of which one of the attacks has to find.

#![allow(clippy::unwrap_used, clippy::expect_used)]
// Encodings cut numbers on purpose, and a mean of nanoseconds needs no 53 bits.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]

mod canary;
mod candidates;
mod day;
mod forger;
mod free_guesses;
mod hostile_server;
mod image;
mod intersections;
mod liar;
mod memory;
mod planted;
mod replay;
mod rows;
mod thief;
mod timing;
