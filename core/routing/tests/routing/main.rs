//! What the crate promises to those who call it.

// Unwrapping is how a test fails, and its numbers are small.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_possible_wrap)]

mod exact;
mod order;
mod world;
