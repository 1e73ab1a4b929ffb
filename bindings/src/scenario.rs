//! Playing scenario files with a phone written in Kotlin or Swift. Built with the feature `scenario` only, never shipped.

use std::path::PathBuf;
use std::sync::Arc;

use courier_codes::encoding::decode;
use courier_domain::{AttemptId, Command, Position, RouteView, StopId, StopView};
use courier_engine::ports::DeviceKey as _;
use courier_engine::ports::software::{FileStore, SoftwareKey};
use courier_engine::{CourierError, Diagnostics, LogOut, Now, Receipt, SyncReport, Tracking};
use courier_protocol::{CourierInfo, KeyLevel};
use courier_scenario::{Phone, Scenario, play, seed};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use crate::courier::{Config, Courier};
use crate::port::{DeviceKey, PortError, Ports};

/// A shell's phone: the generated `Courier` with the shell's own ports. See `courier_scenario::Phone`.
#[uniffi::export(with_foreign)]
pub trait ScenarioPhone: Send + Sync {
    /// What its clocks tell from now on.
    fn set_clock(&self, wall_ms: i64, boot_ms: u64, boot: String);
    /// Starts the app. Every file that it writes is below `dir`. (`open` is a keyword in the C header for Swift.)
    fn launch(&self, dir: String, server: String, installation: u8) -> Result<(), CourierError>;
    /// Ends the app.
    fn quit(&self);
    /// Makes it a courier's phone.
    fn enrol(&self, code: String) -> Result<CourierInfo, CourierError>;
    /// Does what the courier wants.
    fn submit(&self, command: Command) -> Result<Receipt, CourierError>;
    /// Asks for a new code.
    fn request_reissue(&self, attempt: AttemptId) -> Result<(), CourierError>;
    /// The day at a glance.
    fn route(&self) -> Result<Option<RouteView>, CourierError>;
    /// One stop.
    fn stop(&self, id: StopId) -> Result<StopView, CourierError>;
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
    fn log_out(&self, export_to: Option<String>) -> Result<LogOut, CourierError>;
}

/// A scenario was not played to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ScenarioError {
    /// What is not as the file says.
    #[error("{report}")]
    Failed {
        /// In words.
        report: String,
    },
}

/// Plays the scenario in `file` with `phone` against a fresh process of the program `backend`. Returns the transcript,
/// which is the same for every shell, byte by byte.
#[uniffi::export]
pub fn play_scenario(
    file: &str,
    backend: String,
    phone: Arc<dyn ScenarioPhone>,
) -> Result<String, ScenarioError> {
    let failed = |error: &dyn std::fmt::Display| ScenarioError::Failed { report: format!("{file}: {error}") };
    let text = std::fs::read_to_string(file).map_err(|error| failed(&error))?;
    let scenario = Scenario::read(&text).map_err(|error| failed(&error))?;
    play(&scenario, &PathBuf::from(backend), &Theirs(phone)).map_err(|error| failed(&error))
}

/// A device key in a file below `dir`, for shells on machines without any P-256 of their own.
#[uniffi::export]
pub fn scenario_key(dir: String, installation: u8) -> Result<Arc<dyn DeviceKey>, PortError> {
    let store = FileStore::open(&PathBuf::from(dir)).map_err(|_| PortError::Failed)?;
    let mut rng = ChaCha20Rng::from_seed(seed(installation));
    let key = SoftwareKey::open(&store, &mut rng).map_err(|_| PortError::Failed)?;
    Ok(Arc::new(FileKey(key)))
}

struct FileKey(SoftwareKey);

impl DeviceKey for FileKey {
    fn public_key(&self) -> Result<Vec<u8>, PortError> {
        let jwk = self.0.public().map_err(|_| PortError::Failed)?;
        let half = |half: &str| decode(half).map_err(|_| PortError::Failed);
        Ok([vec![4], half(jwk.x.as_str())?, half(jwk.y.as_str())?].concat())
    }

    fn sign(&self, message: Vec<u8>) -> Result<Vec<u8>, PortError> {
        self.0.sign(&message).map_err(|_| PortError::Failed)
    }

    fn level(&self) -> Result<KeyLevel, PortError> {
        Ok(self.0.level())
    }
}

struct Theirs(Arc<dyn ScenarioPhone>);

impl Phone for Theirs {
    fn set_clock(&self, now: &Now) {
        self.0.set_clock(now.wall.0, now.boot_ms, now.boot.clone());
    }

    fn open(&self, dir: &str, server: &str, installation: u8) -> Result<(), CourierError> {
        self.0.launch(dir.to_owned(), server.to_owned(), installation)
    }

    fn close(&self) {
        self.0.quit();
    }

    fn enrol(&self, code: &str) -> Result<CourierInfo, CourierError> {
        self.0.enrol(code.to_owned())
    }

    fn submit(&self, command: Command) -> Result<Receipt, CourierError> {
        self.0.submit(command)
    }

    fn request_reissue(&self, attempt: &AttemptId) -> Result<(), CourierError> {
        self.0.request_reissue(attempt.clone())
    }

    fn route(&self) -> Result<Option<RouteView>, CourierError> {
        self.0.route()
    }

    fn stop(&self, id: &StopId) -> Result<StopView, CourierError> {
        self.0.stop(id.clone())
    }

    fn fix(&self, position: Position, speed_dm_s: Option<u32>) -> Result<Tracking, CourierError> {
        self.0.fix(position, speed_dm_s)
    }

    fn sync(&self) -> Result<SyncReport, CourierError> {
        self.0.sync()
    }

    fn suspend(&self, deadline_ms: u64) -> Result<SyncReport, CourierError> {
        self.0.suspend(deadline_ms)
    }

    fn resume(&self) -> Result<(), CourierError> {
        self.0.resume()
    }

    fn diagnostics(&self) -> Result<Diagnostics, CourierError> {
        self.0.diagnostics()
    }

    fn log_out(&self, export_to: Option<&str>) -> Result<LogOut, CourierError> {
        self.0.log_out(export_to.map(str::to_owned))
    }
}

#[uniffi::export]
impl Courier {
    /// A phone of a scenario: its randomness depends on nothing but the number of its installation.
    #[uniffi::constructor]
    pub fn of_scenario(config: Config, ports: Ports, installation: u8) -> Arc<Self> {
        let entropy = Some(seed(installation));
        Self::with(courier_engine::Config { entropy, ..config.into() }, ports)
    }
}
