//! The backend's own keys: made at the first start, kept in a file that only its user may read.

use std::io::Write;
use std::path::Path;

use courier_codes::{EvidenceSecret, RowKey, SigningKey};
use courier_domain::Base64Url;
use serde::{Deserialize, Serialize};

use crate::entropy::Entropy;
use crate::error::ServiceError;

/// All keys.
pub struct Keys {
    /// Opens the entries that phones seal.
    pub evidence: EvidenceSecret,
    /// Signs receipts.
    pub receipt: SigningKey,
    /// Seals digits, tokens and the variables of mails.
    pub seal: RowKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    evidence: Base64Url,
    receipt: Base64Url,
    seal: Base64Url,
}

impl Keys {
    /// Reads `path`, or makes new keys and writes them there.
    pub fn load(path: &Path, rng: &mut Entropy) -> Result<Self, ServiceError> {
        let damaged = || ServiceError::fault("the key file is damaged");
        match std::fs::read(path) {
            Ok(bytes) => {
                let stored: Stored = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
                let evidence =
                    decode(&stored.evidence).and_then(|bytes| EvidenceSecret::from_bytes(&bytes).ok());
                let receipt = decode(&stored.receipt).and_then(|bytes| SigningKey::from_bytes(&bytes).ok());
                let seal = decode(&stored.seal).and_then(|bytes| RowKey::from_bytes(&bytes).ok());
                Ok(Self {
                    evidence: evidence.ok_or_else(damaged)?,
                    receipt: receipt.ok_or_else(damaged)?,
                    seal: seal.ok_or_else(damaged)?,
                })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let keys = Self {
                    evidence: EvidenceSecret::generate(rng),
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
            evidence: encode(self.evidence.to_bytes().as_ref()),
            receipt: encode(self.receipt.to_bytes().as_ref()),
            seal: encode(self.seal.to_bytes().as_ref()),
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

fn encode(bytes: &[u8]) -> Base64Url {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    Base64Url::new(URL_SAFE_NO_PAD.encode(bytes)).unwrap_or_else(|_| unreachable!("base64url is base64url"))
}

fn decode(text: &Base64Url) -> Option<[u8; 32]> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.decode(text.as_str()).ok()?.try_into().ok()
}
