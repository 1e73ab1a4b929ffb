//! What is on this phone, and how it stands with the server. Identifiers and numbers only.

use courier_protocol::KeyLevel;
use serde::{Deserialize, Serialize};

use super::Machine;
use crate::clock::Now;
use crate::error::EngineError;
use crate::store::{SCHEMA_VERSIONS, Schemas, StoreDiagnostics};

/// For the screen "what is on this phone", and for support.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// This installation.
    pub install: String,
    /// Its incarnation: above 1 after a restored backup.
    pub inc: u32,
    /// Whose phone it is.
    pub courier: Option<String>,
    /// How the device key is kept.
    pub key: KeyLevel,
    /// The server's epoch as last seen.
    pub epoch: String,
    /// Facts on this phone.
    pub facts: u64,
    /// Of these, not yet acknowledged.
    pub pending: u64,
    /// Photos and signatures of facts on this phone: the server does not have them, or not yet the fact.
    pub files: u64,
    /// Entries of codes that were counted.
    pub tries: u64,
    /// The route, if there is one.
    pub route: Option<RouteDiagnostics>,
    /// Whether the server's clock is known since the device started.
    pub time_is_certain: bool,
    /// Whether the server has signed for what it stored.
    pub has_receipt: bool,
    /// The conversations with the server.
    pub lanes: Vec<LaneDiagnostics>,
    /// SQLite's version.
    pub sqlite: String,
    /// Versions of the databases' schemas.
    pub schemas: Schemas,
    /// How the files stand.
    pub store: StoreDiagnostics,
}

/// The route on this phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteDiagnostics {
    /// Its identifier.
    pub id: String,
    /// Its revision.
    pub rev: u64,
    /// How many stops.
    pub stops: u64,
}

/// One conversation with the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneDiagnostics {
    /// `facts`, `route`, `blobs`, `token`, `enrolment` or `reissue`.
    pub name: String,
    /// Failures in a row.
    pub failures: u32,
    /// Milliseconds until it tries again.
    pub wait_ms: u64,
    /// Whether a request is on its way.
    pub in_flight: bool,
}

impl Machine {
    /// What is on this phone.
    pub fn diagnostics(&self, now: &Now) -> Result<Diagnostics, EngineError> {
        let counts = self.store.journal.counts(&self.identity.epoch)?;
        let lane = |(name, lane): (&str, &super::Lane)| LaneDiagnostics {
            name: name.to_owned(),
            failures: lane.failures(),
            wait_ms: lane.wait_ms(now),
            in_flight: lane.is_in_flight(),
        };
        Ok(Diagnostics {
            install: self.identity.install.to_string(),
            inc: self.identity.inc,
            courier: self.enrolled.as_ref().map(|enrolled| enrolled.courier.to_string()),
            key: self.ports.device_key.level(),
            epoch: self.identity.epoch.clone(),
            facts: counts.facts,
            pending: counts.pending,
            files: self.pending_files(),
            tries: counts.tries,
            route: self.state.route().map(|(route, rev)| RouteDiagnostics {
                id: route.id.to_string(),
                rev,
                stops: self.state.stops_in_order().len() as u64,
            }),
            time_is_certain: self.at(now).server_ms.is_some(),
            has_receipt: self.store.journal.receipt(self.identity.inc)?.is_some(),
            lanes: self.lanes().into_iter().map(lane).collect(),
            sqlite: rusqlite::version().to_owned(),
            schemas: SCHEMA_VERSIONS,
            store: self.store.diagnostics()?,
        })
    }

    /// Facts that the server does not have for sure.
    pub fn pending(&self) -> Result<u64, EngineError> {
        Ok(self.store.journal.counts(&self.identity.epoch)?.pending)
    }
}
