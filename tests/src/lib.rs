//! A whole world on one machine: a real backend over real HTTP, a real phone, clocks by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

pub mod phone;
pub mod world;
