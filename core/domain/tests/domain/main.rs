//! What a courier can meet, decided by pure functions.

#![allow(clippy::unwrap_used)]

mod any_command;
mod day;
mod disagree;
mod exit;
mod form;
mod permission;
mod phone;
mod proof;
mod scan;
mod view;
mod walk;
