//! Ports for plain machines: terminal, tests, emulators. Keys are in files, and [`SoftwareKey::level`] says so.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use courier_codes::{Sign, SigningKey};
use courier_domain::Jwk;
use courier_protocol::KeyLevel;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{Clock, DeviceKey, Level, Log, PortError, Ports, SecureStore};

const DEVICE_KEY: &str = "device-key";

impl Ports {
    /// Software ports with their files under `dir/secure`, the clocks of this machine and no log.
    pub fn software(dir: &Path, rng: &mut impl CryptoRng) -> Result<Self, PortError> {
        let secure = FileStore::open(&dir.join("secure"))?;
        let device_key = SoftwareKey::open(&secure, rng)?;
        Ok(Self {
            clock: Arc::new(SystemClock::new()),
            device_key: Arc::new(device_key),
            secure: Arc::new(secure),
            log: Arc::new(NoLog),
        })
    }
}

/// The clocks of a plain machine.
///
/// On Linux the boot clock is `/proc/uptime`, which counts sleep (the kernel reads `CLOCK_BOOTTIME` for it) in
/// steps of 10 ms, and the boot id `/proc/sys/kernel/random/boot_id`. Elsewhere both count from the start of the
/// process: after a restart of the app time is uncertain until a server answers, which is the safe side.
#[derive(Debug)]
pub struct SystemClock {
    boot_id: Option<String>,
    started: Instant,
    process: String,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl SystemClock {
    /// Reads which start of the machine this is.
    pub fn new() -> Self {
        let boot_id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
        let boot_id =
            boot_id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty() && uptime().is_some());
        let process = format!("process-{}", wall_ms().unwrap_or_default());
        Self { boot_id, started: Instant::now(), process }
    }
}

fn wall_ms() -> Option<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

/// Milliseconds; the file holds seconds with two decimals.
fn uptime() -> Option<u64> {
    let text = fs::read_to_string("/proc/uptime").ok()?;
    let (seconds, hundredths) = text.split_ascii_whitespace().next()?.split_once('.')?;
    Some(seconds.parse::<u64>().ok()? * 1_000 + hundredths.get(..2)?.parse::<u64>().ok()? * 10)
}

impl Clock for SystemClock {
    fn wall_ms(&self) -> Result<i64, PortError> {
        wall_ms().ok_or(PortError::Failed)
    }

    fn boot_ms(&self) -> Result<u64, PortError> {
        match self.boot_id {
            Some(_) => uptime().ok_or(PortError::Failed),
            None => u64::try_from(self.started.elapsed().as_millis()).map_err(|_| PortError::Failed),
        }
    }

    fn boot_id(&self) -> Result<String, PortError> {
        Ok(self.boot_id.clone().unwrap_or_else(|| self.process.clone()))
    }
}

/// Secrets in files that only their owner may read.
#[derive(Debug)]
pub struct FileStore {
    dir: PathBuf,
}

impl FileStore {
    /// Opens, or makes, a directory of secrets.
    pub fn open(dir: &Path) -> Result<Self, PortError> {
        fs::create_dir_all(dir).map_err(|_| PortError::Failed)?;
        Ok(Self { dir: dir.to_owned() })
    }

    fn path(&self, name: &str) -> Result<PathBuf, PortError> {
        let ok = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if ok { Ok(self.dir.join(name)) } else { Err(PortError::Failed) }
    }
}

fn private_file(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl SecureStore for FileStore {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PortError> {
        match fs::read(self.path(name)?) {
            Ok(secret) => Ok(Some(secret)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(_) => Err(PortError::Unavailable),
        }
    }

    /// Written beside, synced, renamed, and the directory synced: after a power loss there is the old secret or
    /// the new one, never half of one.
    fn put(&self, name: &str, secret: &[u8]) -> Result<(), PortError> {
        let path = self.path(name)?;
        let beside = path.with_extension("tmp");
        let write = || {
            let mut file = private_file(&beside)?;
            file.write_all(secret)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            fs::File::open(&self.dir)?.sync_all()
        };
        write().map_err(|_| PortError::Failed)
    }

    fn delete(&self, name: &str) -> Result<(), PortError> {
        match fs::remove_file(self.path(name)?) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(PortError::Failed),
            _ => Ok(()),
        }
    }
}

/// A device key in a file.
pub struct SoftwareKey(SigningKey);

impl SoftwareKey {
    /// The stored key, or a fresh one.
    pub fn open(secure: &dyn SecureStore, rng: &mut impl CryptoRng) -> Result<Self, PortError> {
        if let Some(bytes) = secure.get(DEVICE_KEY)?.map(Zeroizing::new) {
            return SigningKey::from_bytes(&bytes).map(Self).map_err(|_| PortError::Failed);
        }
        let key = SigningKey::generate(rng);
        secure.put(DEVICE_KEY, key.to_bytes().as_ref())?;
        Ok(Self(key))
    }
}

impl DeviceKey for SoftwareKey {
    fn public(&self) -> Result<Jwk, PortError> {
        Ok(self.0.jwk())
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PortError> {
        self.0.sign(message).map(|signature| signature.to_vec()).map_err(|_| PortError::Failed)
    }

    fn level(&self) -> KeyLevel {
        KeyLevel::Software
    }
}

/// Takes events and forgets them.
#[derive(Debug, Clone, Copy)]
pub struct NoLog;

impl Log for NoLog {
    fn event(&self, _level: Level, _code: &str, _ids: &[&str]) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    #[test]
    fn a_secret_is_kept_for_its_owner_only_and_a_name_cannot_leave_the_directory() {
        let dir = tempfile::tempdir().unwrap();
        let store = FileStore::open(dir.path()).unwrap();
        store.put("journal-key", b"secret").unwrap();
        assert_eq!(store.get("journal-key").unwrap().as_deref(), Some(&b"secret"[..]));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(dir.path().join("journal-key")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "others may read the secret");
        }
        for bad in ["", "../x", "a/b", "A"] {
            assert!(store.put(bad, b"x").is_err(), "{bad:?} was taken as a name");
        }
        store.delete("journal-key").unwrap();
        store.delete("journal-key").unwrap();
        assert_eq!(store.get("journal-key").unwrap(), None);
    }

    #[test]
    fn the_device_key_stays_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let store = FileStore::open(dir.path()).unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let first = SoftwareKey::open(&store, &mut rng).unwrap().public().unwrap();
        let again = SoftwareKey::open(&store, &mut rng).unwrap();
        assert_eq!(again.public().unwrap(), first);
        assert_eq!(again.level(), KeyLevel::Software);
    }

    #[test]
    fn the_boot_clock_runs_and_names_its_boot() {
        let clock = SystemClock::new();
        let before = clock.boot_ms().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(30));
        assert!(clock.boot_ms().unwrap() > before);
        assert_eq!(clock.boot_id().unwrap(), clock.boot_id().unwrap());
    }
}
