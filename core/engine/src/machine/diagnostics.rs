//! What is on this phone, and how it stands with the server. Identifiers and numbers only.

use courier_codes::read_jws;
use courier_domain::{FactPayload, Standing};
use courier_protocol::KeyLevel;
use serde::{Deserialize, Serialize};

use super::Machine;
use super::kept::Kept;
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
    /// Everything on this phone, kind by kind, and when it goes.
    pub kept: Vec<Kept>,
    /// All facts, by how far the truth about them has travelled.
    pub outbox: Outbox,
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

/// Facts on this phone, by how far the truth about them has travelled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbox {
    /// Only here.
    pub on_phone: u64,
    /// Stored by the backend, which has not judged them, or never does.
    pub stored: u64,
    /// Confirmed by the judge.
    pub confirmed: u64,
    /// A person looks at them.
    pub under_review: u64,
    /// Refuted by the judge.
    pub refuted: u64,
    /// Milliseconds since the oldest fact was made that is only here.
    pub oldest_ms: Option<u64>,
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
        let (files, aside) = (self.pending_files(), self.store.amount_aside()?);
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
            files,
            kept: self.what_is_kept(counts.pending, files, aside)?,
            outbox: self.outbox(now)?,
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
            store: self.store.diagnostics(aside.0.count)?,
        })
    }

    fn outbox(&self, now: &Now) -> Result<Outbox, EngineError> {
        let mut sums = Outbox { oldest_ms: self.oldest_unsent_ms(now)?, ..Outbox::default() };
        for fact in self.store.journal.fact_ids()? {
            *match self.state.standing_of(&fact) {
                Standing::OnPhone => &mut sums.on_phone,
                Standing::Stored => &mut sums.stored,
                Standing::Confirmed => &mut sums.confirmed,
                Standing::UnderReview => &mut sums.under_review,
                Standing::Refuted => &mut sums.refuted,
            } += 1;
        }
        Ok(sums)
    }

    /// How long ago the oldest fact was made that the server does not have: by the boot clock where it is of this boot,
    /// else by the best times there are.
    pub(super) fn oldest_unsent_ms(&self, now: &Now) -> Result<Option<u64>, EngineError> {
        let oldest = self.store.journal.outbox(&self.identity.epoch, None, 1, 1)?.into_iter().next();
        let payload = oldest.and_then(|fact| read_jws(&fact.jws).ok()).map(|jws| jws.payload);
        let made =
            payload.and_then(|bytes| serde_json::from_slice::<FactPayload>(&bytes).ok()).map(|fact| fact.at);
        Ok(made.map(|made| {
            if made.boot == now.boot {
                return now.boot_ms.saturating_sub(made.boot_ms);
            }
            let since = self.at(now).best().ms().0.saturating_sub(made.best().ms().0);
            u64::try_from(since).unwrap_or(0)
        }))
    }

    /// Facts that the server does not have for sure.
    pub fn pending(&self) -> Result<u64, EngineError> {
        Ok(self.store.journal.counts(&self.identity.epoch)?.pending)
    }
}
