//! The backend's own keys: made at the first start, kept in a file that only its user may read.

use std::io::Write;
use std::path::Path;

use courier_codes::encoding::{decode_array, encode_typed};
use courier_codes::{EvidenceSecret, RowKey, SigningKey};
use courier_domain::Base64Url;
use courier_protocol::EvidenceKeyInfo;
use serde::{Deserialize, Serialize};

use crate::entropy::Entropy;
use crate::error::ServiceError;

/// All keys.
pub struct Keys {
    /// Open the entries that phones seal, newest first: phones get the newest, the others open what came before.
    pub evidence: Vec<EvidenceSecret>,
    /// Signs receipts.
    pub receipt: SigningKey,
    /// Seals digits, tokens and the variables of mails.
    pub seal: RowKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    evidence: OneOrMore,
    receipt: Base64Url,
    seal: Base64Url,
}

/// The first version of the file held one key.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(Base64Url),
    More(Vec<Base64Url>),
}

impl Keys {
    /// The key that phones seal to from now on.
    pub fn evidence_keys(&self) -> Vec<EvidenceKeyInfo> {
        self.evidence
            .first()
            .map(|key| EvidenceKeyInfo { x25519: key.public().to_base64() })
            .into_iter()
            .collect()
    }

    /// Adds a fresh evidence key to the file at `path`. The old ones stay: what was sealed to them still opens.
    pub fn rotate_evidence(path: &Path, rng: &mut Entropy) -> Result<(), ServiceError> {
        let missing = || ServiceError::fault("keys.json is missing: the backend makes it at its first start");
        if !path.exists() {
            return Err(missing());
        }
        let mut keys = Self::load(path, rng)?;
        keys.evidence.insert(0, EvidenceSecret::generate(rng));
        keys.store(path).map_err(|error| ServiceError::fault(format!("writing keys: {error}")))
    }

    /// Reads `path`, or makes new keys and writes them there.
    pub fn load(path: &Path, rng: &mut Entropy) -> Result<Self, ServiceError> {
        let damaged = || ServiceError::fault("the key file is damaged");
        match std::fs::read(path) {
            Ok(bytes) => {
                let stored: Stored = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
                let read = |text: &Base64Url| decode_array::<32>(text.as_str()).map_err(|_| damaged());
                let evidence = match stored.evidence {
                    OneOrMore::One(key) => vec![key],
                    OneOrMore::More(keys) if keys.is_empty() => return Err(damaged()),
                    OneOrMore::More(keys) => keys,
                };
                let evidence = evidence
                    .iter()
                    .map(|key| EvidenceSecret::from_bytes(&read(key)?).map_err(|_| damaged()))
                    .collect::<Result<_, _>>()?;
                Ok(Self {
                    evidence,
                    receipt: SigningKey::from_bytes(&read(&stored.receipt)?).map_err(|_| damaged())?,
                    seal: RowKey::from_bytes(&read(&stored.seal)?).map_err(|_| damaged())?,
                })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let keys = Self {
                    evidence: vec![EvidenceSecret::generate(rng)],
                    receipt: SigningKey::generate(rng),
                    seal: RowKey::generate(rng),
                };
                keys.store(path).map_err(|error| ServiceError::fault(format!("writing keys: {error}")))?;
                Ok(keys)
            }
            Err(error) => Err(ServiceError::fault(format!("reading keys: {error}"))),
        }
    }

    fn store(&self, path: &Path) -> std::io::Result<()> {
        let stored = Stored {
            evidence: OneOrMore::More(
                self.evidence.iter().map(|key| encode_typed(key.to_bytes().as_ref())).collect(),
            ),
            receipt: encode_typed(self.receipt.to_bytes().as_ref()),
            seal: encode_typed(self.seal.to_bytes().as_ref()),
        };
        let temporary = path.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(&serde_json::to_vec_pretty(&stored)?)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        std::fs::File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
    }
}
