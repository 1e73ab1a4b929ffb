//! The engine: the only crate with I/O on the phone.
//!
//! - [`Courier`]: what a shell holds. One thread owns the [`Machine`]; a thin driver moves bytes and time.
//! - [`Machine`]: commands in, requests out, answers in; no network and no clock of its own, so a simulation can
//!   drive it by hand.
//! - [`store`]: two SQLite databases. [`ports`]: what the shell provides.

pub mod clock;
pub mod config;
pub mod courier;
pub mod driver;
pub mod entropy;
pub mod error;
pub mod http;
pub mod machine;
pub mod ports;
pub mod store;

pub use config::Config;
pub use courier::{Courier, Subscription};
pub use error::EngineError;
pub use http::{HttpRequest, HttpResponse, Method, NetError};
pub use machine::{CommandResult, Diagnostics, Machine, Receipt, Step, SyncReport};
pub use ports::{Now, Ports};
