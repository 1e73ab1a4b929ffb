//! The courier's phone without a screen: the only crate with I/O on the phone.
//!
//! - [`machine`]: decides, signs, commits and synchronises. It has no network, no clock and no threads: time,
//!   randomness and answers are passed in, requests come out.
//! - [`store`]: two SQLite databases, one precious (facts), one disposable (the route).
//! - [`ports`]: what the shell gives: clock, hardware key, secure storage, log.
//! - [`courier`]: the façade for shells: one writer thread that owns the machine, and a driver that moves bytes.
//! - [`planted`]: bugs on purpose, in builds for tests only.

pub mod clock;
pub mod courier;
pub mod error;
pub mod http;
pub mod machine;
mod photo;
mod plan;
pub mod planted;
pub mod ports;
pub mod receipt;
pub mod store;

pub use clock::Now;
pub use courier::{Config, Courier, Subscription, SyncProblem, SyncReport, Transport};
pub use error::{CourierError, EngineError, InvalidInput, StorageProblem};
pub use http::{HttpRequest, HttpResponse, Method, NetError};
pub use machine::{
    Diagnostics, Goes, Kept, KeptKind, LaneDiagnostics, LogOut, Machine, MachineConfig, Outbox,
    RouteDiagnostics, Step, Traffic,
};
pub use plan::arrivals::{Near, Tracking, WakeUp};
pub use plan::search::{Found, Search};
pub use planted::Planted;
pub use ports::{Clock, DeviceKey, Level, Log, PortError, Ports, SecureStore};
pub use receipt::{CommandResult, Receipt};
pub use store::{Disk, Schemas, Store, StoreDiagnostics, StoreError};
