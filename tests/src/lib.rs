//! A whole world on one machine: a real backend over real HTTP, a real phone, clocks by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

pub mod carry;
pub mod phone;
pub mod wire;
pub mod world;

use courier_scenario::http::{self, Answer};

/// One exchange on a connection of its own, see [`http::ask`].
pub fn ask(url: &str, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
    http::ask(url, method, path, headers, body).unwrap()
}
