//! The courier's phone of the demo.

use std::path::Path;

use courier_domain::view::{DoorView, StopView};
use courier_domain::{Command, RouteView};
use courier_engine::{CommandResult, Config, Courier, CourierError, Ports};

use super::files::Day;
use super::{Outcome, words};

/// How long a sync may take, in milliseconds.
const SYNC_MS: u64 = 20_000;

/// A phone that uses the network only when it is told to.
pub(super) struct Phone {
    core: Courier,
}

impl Phone {
    pub(super) fn open(dir: &Path, server: &str) -> Outcome<Self> {
        let mut rng = courier_backend::entropy::from_system().map_err(words)?;
        let ports = Ports::software(&dir.join("secrets"), &mut rng).map_err(words)?;
        let config = Config { auto_sync: false, ..Config::new(dir.join("data"), server) };
        Ok(Self { core: Courier::open(config, ports).map_err(words)? })
    }

    pub(super) fn enrol(&self, code: &str) -> Outcome<()> {
        self.core.enrol_blocking(code).map(|_| ()).map_err(words)
    }

    /// Exchanges everything; says how many facts the server took.
    pub(super) fn sync(&self) -> Outcome<u64> {
        let report = self.core.sync_blocking(SYNC_MS).map_err(words)?;
        match report.error {
            None if !report.offline => Ok(report.acked),
            _ => Err(format!("the sync failed: {report:?}")),
        }
    }

    pub(super) fn go(&self, command: Command) -> Outcome<CommandResult> {
        self.ask(command).map_err(words)
    }

    /// The same, where a refusal is expected.
    pub(super) fn ask(&self, command: Command) -> Result<CommandResult, CourierError> {
        self.core.submit(command).map(|receipt| receipt.result)
    }

    pub(super) fn route(&self) -> Outcome<RouteView> {
        self.core.route().map_err(words)?.ok_or_else(|| "there is no route".into())
    }

    pub(super) fn door(&self, recipient: &str) -> Outcome<(StopView, DoorView)> {
        for line in self.route()?.stops.iter().filter(|line| line.names.iter().any(|name| name == recipient))
        {
            let stop = self.core.stop(&line.id).map_err(words)?;
            if let Some(door) = stop.doors.iter().find(|door| door.recipient_name == recipient).cloned() {
                return Ok((stop, door));
            }
        }
        Err(format!("{recipient} is not on the route"))
    }

    /// The van in the morning: every parcel is there, and one barcode that is nobody's.
    pub(super) fn check_load(&self, day: &Day) -> Outcome<()> {
        let parcels = day.shipments.iter().flat_map(|shipment| &shipment.parcels);
        let mut barcodes: Vec<String> = parcels.map(|parcel| parcel.barcode.clone()).collect();
        barcodes.push("OF-ANOTHER-VAN".into());
        self.go(Command::CheckLoad { barcodes })?;
        let load = self.route()?.load.ok_or("the load check is gone")?;
        println!(
            "load: {} parcels found, {} missing, {} foreign",
            load.found.len(),
            load.missing.len(),
            load.foreign.len()
        );
        Ok(())
    }

    /// The van in the evening: what was not delivered comes back.
    pub(super) fn bring_back(&self) -> Outcome<()> {
        let mut parcels = Vec::new();
        for line in self.route()?.stops {
            let stop = self.core.stop(&line.id).map_err(words)?;
            for parcel in stop.doors.into_iter().flat_map(|door| door.parcels) {
                if matches!(parcel.outcome, Some(courier_domain::Outcome::NotDelivered { .. })) {
                    parcels.push(parcel.id);
                }
            }
        }
        let count = parcels.len();
        self.go(Command::Return { parcels })?;
        println!("\nback at the depot: {count} parcels");
        Ok(())
    }

    /// Facts that the backend has not acknowledged.
    pub(super) fn unsent(&self) -> Outcome<u64> {
        Ok(self.core.diagnostics().map_err(words)?.pending)
    }

    pub(super) fn shutdown(&self) {
        self.core.shutdown();
    }
}
