//! The phone of a scenario, as a shell brings it.

use courier_domain::{AttemptId, Command, Position, RouteView, StopId, StopView};
use courier_engine::{CourierError, Diagnostics, LogOut, Now, Receipt, SyncReport, Tracking};
use courier_protocol::CourierInfo;

/// Where the randomness of a scenario's phone comes from: whoever reads this knows all of its keys.
pub const fn seed(installation: u8) -> [u8; 32] {
    [installation; 32]
}

/// A phone that a scenario drives. It uses the network only when it is told to, and its randomness is seeded, so that
/// two runs of a file do the same.
pub trait Phone: Sync {
    /// What its clocks tell from now on; they stand still in between.
    fn set_clock(&self, now: &Now);
    /// Starts the app. Every file that it writes is below `dir`. `installation` counts from 1: each has its own [`seed`].
    fn open(&self, dir: &str, server: &str, installation: u8) -> Result<(), CourierError>;
    /// Ends the app.
    fn close(&self);
    /// Makes it a courier's phone.
    fn enrol(&self, code: &str) -> Result<CourierInfo, CourierError>;
    /// Does what the courier wants.
    fn submit(&self, command: Command) -> Result<Receipt, CourierError>;
    /// Asks for a new code.
    fn request_reissue(&self, attempt: &AttemptId) -> Result<(), CourierError>;
    /// The day at a glance.
    fn route(&self) -> Result<Option<RouteView>, CourierError>;
    /// One stop.
    fn stop(&self, id: &StopId) -> Result<StopView, CourierError>;
    /// The phone was found somewhere.
    fn fix(&self, position: Position, speed_dm_s: Option<u32>) -> Result<Tracking, CourierError>;
    /// Exchanges everything with the server.
    fn sync(&self) -> Result<SyncReport, CourierError>;
    /// The system may freeze the app after `deadline_ms`. It may be called while a sync waits.
    fn suspend(&self, deadline_ms: u64) -> Result<SyncReport, CourierError>;
    /// The app is back.
    fn resume(&self) -> Result<(), CourierError>;
    /// What is on it.
    fn diagnostics(&self) -> Result<Diagnostics, CourierError>;
    /// The courier leaves it.
    fn log_out(&self, export_to: Option<&str>) -> Result<LogOut, CourierError>;
}
