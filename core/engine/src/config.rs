//! What a shell configures.

use std::path::PathBuf;

/// Configuration of a core.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of the databases; created. Backups of it must be off.
    pub data_dir: PathBuf,
    /// The server's address, such as `https://delivery.example`. Plain `http` is accepted for this machine only.
    pub server: String,
    /// PEM certificates of the operator's own authority, beside the bundled Mozilla roots.
    pub extra_roots_pem: Option<String>,
    /// Such as `android-15`; told at enrolment.
    pub platform: String,
    /// App name and version; told at enrolment.
    pub app: String,
    /// Whether the core syncs by itself. Without it the network is used inside `enrol` and `sync` only.
    pub auto_sync: bool,
    /// A seed in place of the system's randomness: for simulations and scenarios, never with real codes.
    pub seed: Option<u64>,
}

/// Milliseconds between two looks at the route when nothing else happens.
pub const ROUTE_POLL_MS: u64 = 60_000;
