//! The backend over HTTP, without the phone: what every answer has in common, who gets in, what is too large.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod attacks;
mod board;
mod day;
mod dispatch;
mod document;
mod events;
mod files;
mod office;
mod operations;
mod osrm;
mod planning;
mod travel;
mod world;
