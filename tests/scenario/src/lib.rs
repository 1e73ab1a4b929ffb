//! Plays scenario files. A scenario says what courier, customer, office, network and clock do, and what has to be
//! seen afterwards. The phone is whatever a shell brings, see [`Phone`]; the backend is a process of its own, reached
//! over HTTP on this machine.
//!
//! There is one player for all shells, so that no two of them can read a file differently. Every command and every view
//! goes through the shell's own phone, and what comes back is written down as canonical JSON, the *transcript*:
//! shells behave alike when their transcripts are equal byte by byte.

mod backend;
mod canonical;
mod engine_phone;
mod expect;
mod exports;
mod file;
pub mod http;
mod office;
mod phone;
mod play;
mod receipt;
mod shipment;
mod suspended;
mod thief;
mod world;

pub use backend::Backend;
pub use engine_phone::EnginePhone;
pub use file::Scenario;
pub use phone::{Phone, seed};
pub use play::play;
pub use shipment::shipment;

/// Why a scenario was not played to its end, in words for whoever reads the test's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(pub String);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// What a scenario does, or why it failed.
pub type Result<T> = std::result::Result<T, Failure>;

/// Any error in words.
fn failed(error: impl std::fmt::Display) -> Failure {
    Failure(error.to_string())
}
