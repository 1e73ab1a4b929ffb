//! The backend's own keys: made at the first start, kept in a file that only its user may read.

use std::io::Write;
use std::path::Path;

use courier_codes::encoding::{decode_array, encode_typed};
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
                let read = |text: &Base64Url| decode_array::<32>(text.as_str()).map_err(|_| damaged());
                Ok(Self {
                    evidence: EvidenceSecret::from_bytes(&read(&stored.evidence)?).map_err(|_| damaged())?,
                    receipt: SigningKey::from_bytes(&read(&stored.receipt)?).map_err(|_| damaged())?,
                    seal: RowKey::from_bytes(&read(&stored.seal)?).map_err(|_| damaged())?,
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
            evidence: encode_typed(self.evidence.to_bytes().as_ref()),
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
