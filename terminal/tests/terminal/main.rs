//! The real program: in a pseudo-terminal, and without one.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod app;
mod demo;
mod film;
mod office;
mod panic;
mod pty;
mod support;
