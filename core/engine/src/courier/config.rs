//! The one configuration of the engine.

use std::path::PathBuf;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::error::EngineError;
use crate::machine::POLL_INTERVAL_MS;
use crate::planted::Planted;

/// How a shell wants the engine.
#[derive(Clone)]
pub struct Config {
    /// Where the databases are; the app's own directory, left out of backups.
    pub data_dir: PathBuf,
    /// The server's `public_url`: `https`, or `http` on this machine only.
    pub server: String,
    /// Certificates of the operator's own authority in PEM, trusted besides Mozilla's.
    pub operator_ca_pem: Option<String>,
    /// Such as `android-15`.
    pub platform: String,
    /// App name and version.
    pub app: String,
    /// Whether the network is used by itself. Without, only inside [`crate::Courier::sync`] and
    /// [`crate::Courier::enrol`].
    pub auto_sync: bool,
    /// Milliseconds between two polls of the route.
    pub poll_interval_ms: u64,
    /// For scenarios and tests only: randomness out of this seed, so that two runs are the same byte by byte.
    /// Whoever knows the seed knows every key.
    pub entropy: Option<[u8; 32]>,
    /// A bug on purpose, in builds for tests only; without one the environment is asked
    /// ([`crate::planted::VARIABLE`]).
    pub planted: Planted,
}

impl Config {
    /// A configuration as phones have it.
    pub fn new(data_dir: impl Into<PathBuf>, server: impl Into<String>) -> Self {
        Self {
            data_dir: data_dir.into(),
            server: server.into(),
            operator_ca_pem: None,
            platform: std::env::consts::OS.to_owned(),
            app: concat!("courier-engine ", env!("CARGO_PKG_VERSION")).to_owned(),
            auto_sync: true,
            poll_interval_ms: POLL_INTERVAL_MS,
            entropy: None,
            planted: Planted::NONE,
        }
    }

    /// The randomness of the `opens`-th opening. A seeded phone that is opened again draws other numbers, since
    /// ids and nonces must not repeat.
    pub(super) fn rng(&self, opens: u64) -> Result<ChaCha20Rng, EngineError> {
        let mut seed = self.entropy.unwrap_or_default();
        if self.entropy.is_none() {
            getrandom::fill(&mut seed).map_err(|_| EngineError::Internal("randomness"))?;
        }
        let mut rng = ChaCha20Rng::from_seed(seed);
        rng.set_stream(opens);
        Ok(rng)
    }
}
