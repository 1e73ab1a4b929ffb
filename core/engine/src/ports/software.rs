//! Ports for machines without secure hardware: terminals, tests, servers. Enrolment says `software`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use courier_codes::{Sign, SigningKey};
use courier_protocol::KeyLevel;

use super::{Clock, DeviceKey, Log, Now, PortError, Ports, SecureStore};
use crate::entropy::Entropy;

/// All ports, with secrets in files under `dir` that only the user may read.
pub fn ports(dir: &Path, entropy: &mut Entropy) -> Result<Ports, PortError> {
    let secrets = FileSecrets::new(dir)?;
    let key = FileKey::new(&secrets, entropy)?;
    Ok(Ports {
        clock: Box::new(SystemClock),
        key: Box::new(key),
        secrets: Box::new(secrets),
        log: Box::new(NoLog),
    })
}

/// The clocks of Linux and Android; elsewhere the time since the process began stands in for the boot clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Result<Now, PortError> {
        let wall = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_err(|_| PortError::Failed { what: "the wall clock is before 1970".into() })?;
        let (boot, boot_ms) = boot_clock();
        Ok(Now { wall_ms: i64::try_from(wall.as_millis()).unwrap_or(i64::MAX), boot_ms, boot })
    }
}

fn boot_clock() -> (String, u64) {
    let linux = || {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        // `/proc/uptime` is CLOCK_BOOTTIME in seconds with two decimals: it runs while the machine sleeps.
        let uptime = fs::read_to_string("/proc/uptime").ok()?;
        let (seconds, rest) = uptime.split_once('.')?;
        let hundredths: u64 = rest.get(..2)?.parse().ok()?;
        Some((boot.trim().to_owned(), seconds.parse::<u64>().ok()? * 1000 + hundredths * 10))
    };
    linux().unwrap_or_else(|| {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        let since = START.get_or_init(std::time::Instant::now).elapsed();
        (format!("process-{}", std::process::id()), u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    })
}

/// Secrets as files with mode 0600, replaced atomically.
#[derive(Debug, Clone)]
pub struct FileSecrets {
    dir: PathBuf,
}

impl FileSecrets {
    /// Keeps secrets in `dir`, which is created.
    pub fn new(dir: &Path) -> Result<Self, PortError> {
        fs::create_dir_all(dir).map_err(|error| failed("secrets folder", &error))?;
        Ok(Self { dir: dir.to_owned() })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.secret"))
    }
}

fn failed(what: &str, error: &std::io::Error) -> PortError {
    PortError::Failed { what: format!("{what}: {}", error.kind()) }
}

impl SecureStore for FileSecrets {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PortError> {
        match fs::read(self.path(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("reading a secret", &error)),
        }
    }

    fn put(&self, name: &str, value: &[u8]) -> Result<(), PortError> {
        let write = || {
            let temporary = self.dir.join(format!("{name}.new"));
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&temporary)?;
            file.write_all(value)?;
            file.sync_all()?;
            fs::rename(&temporary, self.path(name))?;
            fs::File::open(&self.dir)?.sync_all()
        };
        write().map_err(|error| failed("writing a secret", &error))
    }

    fn delete(&self, name: &str) -> Result<(), PortError> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(failed("deleting a secret", &error))
            }
            _ => Ok(()),
        }
    }
}

/// A device key in a file.
pub struct FileKey(SigningKey);

impl FileKey {
    const NAME: &str = "device-key";

    /// The key of the store; made when there is none.
    pub fn new(secrets: &dyn SecureStore, entropy: &mut Entropy) -> Result<Self, PortError> {
        if let Some(bytes) = secrets.get(Self::NAME)? {
            let key = SigningKey::from_bytes(&bytes);
            return key.map(Self).map_err(|_| PortError::Failed { what: "the device key is damaged".into() });
        }
        let key = SigningKey::generate(entropy);
        secrets.put(Self::NAME, key.to_bytes().as_ref())?;
        Ok(Self(key))
    }
}

impl DeviceKey for FileKey {
    fn public_key(&self) -> Result<Vec<u8>, PortError> {
        Ok(self.0.public_sec1().to_vec())
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PortError> {
        self.0.sign(message).map(|signature| signature.to_vec()).map_err(|_| PortError::Unavailable)
    }

    fn level(&self) -> KeyLevel {
        KeyLevel::Software
    }
}

/// Reports nowhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLog;

impl Log for NoLog {
    fn event(&self, _word: &str, _detail: &str) {}
}
