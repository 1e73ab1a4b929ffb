//! The courier core for Kotlin and Swift: a thin `UniFFI` façade.
//!
//! Nothing is decided here. Types of the core are declared again for the foreign side, calls are passed on, and
//! errors become the one error type that crosses.

mod command;
mod courier;
mod diagnostics;
mod door;
mod enrol;
mod error;
mod form;
mod observer;
mod plan;
mod port;
mod proof;
mod route;
#[cfg(feature = "scenario")]
mod scenario;
mod terms;
mod value;
mod view;

pub use courier::{Config, Courier};
pub use enrol::office_qr;
pub use observer::{Observer, Subscription};
pub use port::{Clock, DeviceKey, Log, PortError, Ports, SecureStore};
pub use proof::{additions, files_for, position_of_degrees, proof_demand};
#[cfg(feature = "scenario")]
pub use scenario::{ScenarioError, ScenarioPhone, play_scenario, scenario_key};
pub use terms::{Terms, card_languages, customer_card};

uniffi::setup_scaffolding!();

/// The version of the core, as `major.minor.patch`.
///
/// It is the version of the compiled library, not of the bindings around it: a shell shows it on its diagnostics
/// screen, and a support case is told apart by it.
#[uniffi::export]
pub fn core_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

#[cfg(test)]
mod tests {
    use super::core_version;

    #[test]
    fn the_version_is_three_numbers() {
        let version = core_version();
        let numbers: Vec<_> = version.split('.').map(str::parse::<u32>).collect();
        assert!(numbers.len() == 3 && numbers.iter().all(Result::is_ok), "not major.minor.patch: {version}");
    }
}
