//! What a courier can meet, decided by pure functions.

#![allow(clippy::unwrap_used)]

mod any_command;
mod day;
mod permission;
mod phone;
mod proof;
mod scan;
mod walk;
