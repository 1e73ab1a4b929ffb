//! The engine against a server that lies, forgets and disappears, and against being killed.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod backend;
mod courier;
mod cursor;
mod day;
mod files;
mod golden;
mod hostile;
mod itself;
mod killed;
mod log_out;
mod online;
mod own_app;
mod plan;
#[cfg(feature = "planted-bugs")]
mod planted;
mod property;
mod purge;
mod restart;
mod salvage;
mod served;
mod suspend;
mod sync;
mod tls;
mod tries;
mod world;
