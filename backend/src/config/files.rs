//! Where photos and signatures lie, if not in the data folder.

use std::path::PathBuf;

use serde::Deserialize;

use super::BadConfig;
use super::matrix::is_usable;

/// A bucket of a service that speaks S3.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesConfig {
    /// Its name.
    pub bucket: String,
    /// What the names of objects begin with, for several backends in one bucket.
    #[serde(default)]
    pub prefix: String,
    /// Address of the service, such as `https://s3.example`; `http` only on this machine. Default: AWS in `region`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// Its region.
    #[serde(default = "usual_region")]
    pub region: String,
    /// Whom to sign requests as.
    #[serde(default)]
    pub key_id: String,
    /// With which secret.
    #[serde(default)]
    pub secret: Option<String>,
    /// The same from a file.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// A file with the certificate of an authority beside Mozilla's, PEM.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Seconds that an answer may take, 1 to 600.
    #[serde(default = "usual_timeout")]
    pub timeout_s: u32,
}

fn usual_region() -> String {
    "us-east-1".into()
}

fn usual_timeout() -> u32 {
    30
}

impl FilesConfig {
    pub(super) fn check(&self) -> Result<(), BadConfig> {
        let bad = |key: &str, problem: &str| {
            Err(BadConfig { place: format!("files.{key}"), problem: problem.into() })
        };
        let is_plain = |text: &str, more: &[u8]| {
            text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || more.contains(&b))
        };
        if !(3..=63).contains(&self.bucket.len()) || !is_plain(&self.bucket, b".-") {
            return bad("bucket", "expected 3 to 63 small letters, digits, dots and dashes");
        }
        let parts = self.prefix.split('/');
        if !self.prefix.is_empty() && !parts.into_iter().all(|part| !part.is_empty() && is_plain(part, b"-_"))
        {
            return bad(
                "prefix",
                "expected small letters, digits and dashes, with / between them, such as firm/evidence",
            );
        }
        if self.endpoint.as_deref().is_some_and(|url| !is_usable(url)) {
            return bad(
                "endpoint",
                "expected an address such as https://s3.example; http only on this machine",
            );
        }
        if self.region.is_empty() || !is_plain(&self.region, b"-") {
            return bad("region", "expected a name such as eu-central-1");
        }
        if self.key_id.is_empty() || self.secret.is_some() == self.secret_file.is_some() {
            // What is missing has no line.
            let problem = "key_id is needed, and either secret or secret_file";
            return Err(BadConfig { place: "files".into(), problem: problem.into() });
        }
        if !(1..=600).contains(&self.timeout_s) {
            return bad("timeout_s", "1 to 600 seconds are allowed");
        }
        Ok(())
    }
}

/// Without the secret.
impl std::fmt::Debug for FilesConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FilesConfig").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}
