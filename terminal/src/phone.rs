//! The courier's phone: the core with the ports of a plain machine. Demo and app use the same one.

use std::collections::BTreeSet;
use std::path::Path;

use courier_domain::attempt::{AttemptState, Closing};
use courier_domain::view::StopState;
use courier_domain::{AttemptId, Command, RouteView, StopId, StopView};
use courier_engine::{
    CommandResult, Config, Courier, CourierError, Diagnostics, PortError, Ports, StorageProblem,
    Subscription, SyncReport,
};
use courier_protocol::CourierInfo;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde::{Deserialize, Serialize};

/// How long a sync may take, in milliseconds.
const SYNC_MS: u64 = 20_000;

/// When the network is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    /// By itself, as in an app.
    BySelf,
    /// Only when a sync is asked for, so that a demo decides where there is a cellar.
    WhenAsked,
}

/// Where the server is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Server {
    /// Its URL.
    pub(crate) url: String,
    /// Certificates of the operator's own authority, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ca_pem: Option<String>,
}

/// An opened phone.
pub(crate) struct Phone {
    core: Courier,
}

/// The day at a glance, and how much of it waits for the network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Glance {
    /// The route, once there is one.
    pub(crate) route: Option<RouteView>,
    /// Stops that are done and where not every parcel was handed over.
    pub(crate) failed: BTreeSet<StopId>,
    /// Facts that the backend has not acknowledged.
    pub(crate) pending: u64,
}

impl Phone {
    /// Opens the phone whose files are in `dir`, or makes them.
    pub(crate) fn open(dir: &Path, server: &Server, network: Network) -> Result<Self, CourierError> {
        let ports = ports(dir).map_err(|_| CourierError::Storage { why: StorageProblem::NotNow })?;
        let config = Config {
            auto_sync: network == Network::BySelf,
            operator_ca_pem: server.ca_pem.clone(),
            app: concat!("courier-terminal ", env!("CARGO_PKG_VERSION")).to_owned(),
            ..Config::new(dir.join("data"), server.url.as_str())
        };
        Ok(Self { core: Courier::open(config, ports)? })
    }

    /// Makes it a courier's.
    pub(crate) fn enrol(&self, code: &str) -> Result<CourierInfo, CourierError> {
        self.core.enrol_blocking(code)
    }

    /// Exchanges everything.
    pub(crate) fn sync(&self) -> Result<SyncReport, CourierError> {
        self.core.sync_blocking(SYNC_MS)
    }

    /// Asks the office for a new code, which is mailed to the customer.
    pub(crate) fn ask_for_new_code(&self, attempt: &AttemptId) -> Result<(), CourierError> {
        self.core.request_reissue_blocking(attempt)
    }

    /// Does a command.
    pub(crate) fn ask(&self, command: Command) -> Result<CommandResult, CourierError> {
        self.core.submit(command).map(|receipt| receipt.result)
    }

    /// The day, once there is a route.
    pub(crate) fn route(&self) -> Result<Option<RouteView>, CourierError> {
        self.core.route()
    }

    /// One stop.
    pub(crate) fn stop(&self, id: &StopId) -> Result<StopView, CourierError> {
        self.core.stop(id)
    }

    /// Every stop of the route, in its order.
    pub(crate) fn stops(&self) -> Result<Vec<StopView>, CourierError> {
        let lines = self.route()?.map(|route| route.stops).unwrap_or_default();
        lines.iter().map(|line| self.stop(&line.id)).collect()
    }

    /// The day at a glance.
    pub(crate) fn glance(&self) -> Result<Glance, CourierError> {
        let (route, pending) = (self.route()?, self.diagnostics()?.pending);
        let mut failed = BTreeSet::new();
        // The list of stops does not tell delivered from not delivered; a stop does.
        for line in route.iter().flat_map(|route| &route.stops).filter(|line| line.state == StopState::Done) {
            if self.stop(&line.id)?.doors.iter().any(|door| is_failed(&door.state)) {
                failed.insert(line.id.clone());
            }
        }
        Ok(Glance { route, failed, pending })
    }

    /// What is on this phone.
    pub(crate) fn diagnostics(&self) -> Result<Diagnostics, CourierError> {
        self.core.diagnostics()
    }

    /// Calls back when something changed.
    pub(crate) fn observe(&self, callback: impl Fn(u64) + Send + Sync + 'static) -> Subscription {
        self.core.observe(callback)
    }

    /// Closes it.
    pub(crate) fn shutdown(&self) {
        self.core.shutdown();
    }
}

fn is_failed(state: &AttemptState) -> bool {
    matches!(state, AttemptState::Closed { closing: Closing::Failed | Closing::Mixed, .. })
}

fn ports(dir: &Path) -> Result<Ports, PortError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| PortError::Failed)?;
    Ports::software(&dir.join("secrets"), &mut ChaCha20Rng::from_seed(seed))
}
