//! What the crate promises to those who call it.

// Unwrapping is how a test fails, and its numbers are small.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
#![allow(clippy::cast_precision_loss, clippy::cast_sign_loss)]

mod arriving;
mod changes;
mod drive;
mod exact;
mod order;
mod road;
mod world;
