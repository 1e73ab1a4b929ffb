//! Opening: keys, identity, the fold, and what a crash left behind.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use courier_codes::{EvidenceKey, RowAad, RowKey, read_jws};
use courier_domain::{CodeTryResult, DayState, FactPayload, InstallId, PrivatePart, Verdict};
use rand_core::Rng;
use zeroize::Zeroizing;

use super::commands::missed;
use super::{Lane, Machine, SyncReport};
use crate::config::Config;
use crate::entropy::{self, Entropy};
use crate::error::EngineError;
use crate::ports::{Ports, SecureStore};
use crate::store::journal::{Journal, StoredFact};
use crate::store::route::RouteStore;

const INCARNATION: &str = "incarnation";

impl Machine {
    /// Opens the databases of `config.data_dir`, folds what they hold, and records what a crash interrupted.
    pub fn open(config: Config, ports: Ports) -> Result<Self, EngineError> {
        std::fs::create_dir_all(&config.data_dir)
            .map_err(|error| EngineError::storage(format!("data folder: {}", error.kind())))?;
        let mut rng = match config.seed {
            Some(seed) => entropy::from_seed(seed),
            None => entropy::from_system()?,
        };
        let file = |name: &str| config.data_dir.join(name);
        let mut journal = Journal::open(&file("journal.db"))?;
        let journal_key = row_key("journal-key", ports.secrets.as_ref(), &mut rng)?;
        let cache_key = row_key("cache-key", ports.secrets.as_ref(), &mut rng)?;
        let routes = RouteStore::open(&file("route.db"))?;
        let (install, inc) = identity(&mut journal, ports.secrets.as_ref(), &mut rng)?;
        if config.seed.is_some() {
            // A seeded run that is opened again must not repeat the identifiers of its first part.
            let mut skip = vec![0; 64 * (journal.facts()?.len() + 1)];
            rng.fill_bytes(&mut skip);
        }
        let mut machine = Self {
            head: journal.head(inc)?,
            courier: read_meta(&journal, "courier")?,
            anchor: read_meta(&journal, "anchor")?,
            epoch: read_meta(&journal, "epoch")?.unwrap_or_default(),
            evidence_key: read_meta::<courier_domain::Base64Url>(&journal, "evidence-key")?
                .and_then(|key| EvidenceKey::from_base64(&key).ok()),
            config,
            ports,
            rng,
            journal,
            routes,
            cache_key,
            journal_key,
            install,
            inc,
            last_id_ms: 0,
            day_key: None,
            state: DayState::new(),
            revision: 1,
            next_request: 0,
            enrolment: None,
            token: None,
            token_lane: Lane::default(),
            facts_lane: Lane::default(),
            route_lane: Lane::default(),
            checkpoint: None,
            report: SyncReport::default(),
        };
        machine.fold()?;
        machine.record_interrupted_tries()?;
        Ok(machine)
    }

    /// Folds the whole state from the two databases.
    fn fold(&mut self) -> Result<(), EngineError> {
        let mut state = DayState::new();
        self.fold_route(&mut state)?;
        for fact in self.journal.facts()? {
            let payload = payload_of(&fact)?;
            let private = self.private_of(&fact);
            self.last_id_ms = self.last_id_ms.max(uuid_ms(fact.id.as_str()));
            state.record(&payload, private.as_ref());
            if fact.acked {
                state.acknowledge(&fact.id, fact.verdict.as_deref().and_then(verdict_of_word));
            }
        }
        // The route lane may know newer verdicts than the first answer did.
        self.fold_verdicts(&mut state)?;
        for (stop, draft) in self.journal.drafts()? {
            state.set_draft(&stop, draft);
        }
        self.state = state;
        Ok(())
    }

    /// After a panic: what is committed is the truth.
    pub(crate) fn refold(&mut self) -> Result<(), EngineError> {
        self.head = self.journal.head(self.inc)?;
        self.day_key = None;
        self.fold()?;
        self.record_interrupted_tries()?;
        self.changed();
        Ok(())
    }

    fn private_of(&self, fact: &StoredFact) -> Option<PrivatePart> {
        let sealed = fact.private.as_ref()?;
        let aad = RowAad { table: "fact", id: fact.id.as_str(), rev: fact.seq };
        let packed = self.journal_key.open(&aad, sealed).ok()?;
        let bytes = URL_SAFE_NO_PAD.decode(packed.as_slice()).ok()?;
        serde_json::from_slice(bytes.get(32..)?).ok()
    }

    /// A try that no fact concludes was interrupted, and counts: killing the app gives no free guess.
    fn record_interrupted_tries(&mut self) -> Result<(), EngineError> {
        for (id, body) in self.journal.open_tries()? {
            let now = self.now()?;
            let fact = missed(body.attempts.clone(), CodeTryResult::Interrupted);
            self.conclude_try(&id, &body, fact, &now)?;
            self.log("try-interrupted", id.as_str());
        }
        Ok(())
    }
}

/// What a stored fact says. The bytes are ours, so the signature need not be checked again.
pub(super) fn payload_of(fact: &StoredFact) -> Result<FactPayload, EngineError> {
    let unreadable = || EngineError::storage(format!("fact {} is unreadable", fact.seq));
    let read = read_jws(&fact.jws).map_err(|_| unreadable())?;
    serde_json::from_slice(&read.payload).map_err(|_| unreadable())
}

fn row_key(name: &str, secrets: &dyn SecureStore, rng: &mut Entropy) -> Result<RowKey, EngineError> {
    if let Some(bytes) = secrets.get(name)?.map(Zeroizing::new) {
        return RowKey::from_bytes(&bytes)
            .map_err(|_| EngineError::storage(format!("the {name} is damaged")));
    }
    let key = RowKey::generate(rng);
    secrets.put(name, key.to_bytes().as_ref())?;
    Ok(key)
}

/// The installation and its incarnation. A phone restored from a backup has the database but not the secret that
/// goes with it: it goes on as a new incarnation instead of forking its chain silently.
fn identity(
    journal: &mut Journal,
    secrets: &dyn SecureStore,
    rng: &mut Entropy,
) -> Result<(InstallId, u32), EngineError> {
    let stored = journal.meta("install")?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let install = match stored {
        Some(text) => {
            InstallId::new(text).map_err(|_| EngineError::storage("the installation is unreadable"))?
        }
        None => InstallId::new(random_text(rng, 16)).map_err(|_| EngineError::internal("install"))?,
    };
    let inc: u32 = read_meta(journal, "inc")?.unwrap_or(0);
    let secret = secrets.get(INCARNATION)?;
    if inc > 0 && secret.is_some() && secret == journal.meta(INCARNATION)? {
        return Ok((install, inc));
    }
    let inc = inc + 1;
    let token = random_text(rng, 16);
    secrets.put(INCARNATION, token.as_bytes())?;
    journal.set_meta(&[
        ("install", install.as_str().as_bytes()),
        ("inc", inc.to_string().as_bytes()),
        (INCARNATION, token.as_bytes()),
    ])?;
    Ok((install, inc))
}

pub(super) fn random_text(rng: &mut Entropy, bytes: usize) -> String {
    let mut random = vec![0; bytes];
    rng.fill_bytes(&mut random);
    URL_SAFE_NO_PAD.encode(random)
}

fn read_meta<T: serde::de::DeserializeOwned>(
    journal: &Journal,
    name: &str,
) -> Result<Option<T>, EngineError> {
    let Some(bytes) = journal.meta(name)? else { return Ok(None) };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|_| EngineError::storage(format!("{name} is unreadable")))
}

pub(super) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Confirmed => "confirmed",
        Verdict::UnderReview => "under_review",
        Verdict::Refuted => "refuted",
    }
}

fn verdict_of_word(word: &str) -> Option<Verdict> {
    [Verdict::Confirmed, Verdict::UnderReview, Verdict::Refuted]
        .into_iter()
        .find(|verdict| verdict_word(*verdict) == word)
}

/// The time in a UUIDv7 (RFC 9562 § 5.7), milliseconds since 1970 UTC.
fn uuid_ms(id: &str) -> u64 {
    let hex: String = id.chars().filter(char::is_ascii_hexdigit).take(12).collect();
    u64::from_str_radix(&hex, 16).unwrap_or(0)
}
