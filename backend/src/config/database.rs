//! Where everything is stored, if not in the data folder.

use std::path::PathBuf;

use serde::Deserialize;

use super::BadConfig;

/// A PostgreSQL server, which several backends may use together.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `postgres://USER:PASSWORD@HOST/DATABASE?sslmode=require`, or words as `libpq` takes them.
    pub url: String,
    /// A file with the certificate of an authority beside Mozilla's, PEM.
    pub ca: Option<PathBuf>,
    /// Connections of one backend at most, 2 to 100.
    pub connections: u32,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: String::new(), ca: None, connections: 8 }
    }
}

impl DatabaseConfig {
    pub(super) fn check(&self) -> Result<(), BadConfig> {
        let bad =
            |place: &str, problem: &str| Err(BadConfig { place: place.into(), problem: problem.into() });
        if self.url.parse::<tokio_postgres::Config>().is_err() || self.url.trim().is_empty() {
            return bad("database.url", "expected postgres://USER:PASSWORD@HOST/DATABASE");
        }
        if !(2..=100).contains(&self.connections) {
            return bad("database.connections", "2 to 100 are allowed");
        }
        Ok(())
    }
}

/// Without the password, which is in the address.
impl std::fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseConfig").field("connections", &self.connections).finish_non_exhaustive()
    }
}
