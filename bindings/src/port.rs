//! What a shell gives the core. The traits are those of `courier_engine::ports` in the words of Kotlin and Swift, and
//! every method may fail: what a shell throws never crosses as a text, since it may hold anything.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use courier_codes::jwk_from_sec1;
use courier_domain::Jwk;
use courier_engine::{Level, ports};
use courier_protocol::KeyLevel;

/// A port that could not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum PortError {
    /// Not now: the phone is locked, the hardware is busy. Trying again later may help.
    #[error("not available now")]
    Unavailable,
    /// Not at all: the key is gone, the storage is broken.
    #[error("failed")]
    Failed,
}

/// What a shell throws that is no [`PortError`] is a fault of the shell. Its text holds a stack trace: it is dropped.
impl From<uniffi::UnexpectedUniFFICallbackError> for PortError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

impl From<PortError> for ports::PortError {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Unavailable => Self::Unavailable,
            PortError::Failed => Self::Failed,
        }
    }
}

/// How much an event matters.
#[uniffi::remote(Enum)]
pub enum Level {
    /// For developers.
    Debug,
    /// The normal course of things.
    Info,
    /// Something was refused, or has to be tried again.
    Warn,
    /// Something is broken.
    Error,
}

/// The clocks of the phone.
#[uniffi::export(with_foreign)]
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970 UTC, as set by whoever holds the phone.
    fn wall_ms(&self) -> Result<i64, PortError>;
    /// Milliseconds since the device started, sleep included: `SystemClock.elapsedRealtime()` on Android,
    /// `CLOCK_MONOTONIC` (`mach_continuous_time`) on iPhones.
    fn boot_ms(&self) -> Result<u64, PortError>;
    /// Names this start of the device; another after every restart.
    fn boot_id(&self) -> Result<String, PortError>;
}

/// The installation's P-256 key, in hardware where there is some.
#[uniffi::export(with_foreign)]
pub trait DeviceKey: Send + Sync {
    /// Its public half as an uncompressed point, 65 bytes: 4, x, y (SEC 1 § 2.3.3), as
    /// `SecKeyCopyExternalRepresentation` gives it.
    fn public_key(&self) -> Result<Vec<u8>, PortError>;
    /// ECDSA over the SHA-256 of `message` (`SHA256withECDSA`): DER, or r and s in 64 bytes.
    fn sign(&self, message: Vec<u8>) -> Result<Vec<u8>, PortError>;
    /// How it is kept.
    fn level(&self) -> Result<KeyLevel, PortError>;
}

/// Small secrets by name, wrapped by hardware where there is some. Names are `a-z 0-9 -`.
#[uniffi::export(with_foreign)]
pub trait SecureStore: Send + Sync {
    /// The secret, if there is one of this name.
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, PortError>;
    /// Stores a secret durably, in place of the one of the same name.
    fn put(&self, name: String, secret: Vec<u8>) -> Result<(), PortError>;
    /// Destroys a secret. It is no error if there is none.
    fn delete(&self, name: String) -> Result<(), PortError>;
}

/// Takes events. They consist of stable words and identifiers, never of names, codes or texts.
#[uniffi::export(with_foreign)]
pub trait Log: Send + Sync {
    /// `code` is a stable word such as `fact-recorded`; `ids` say of what. An error is ignored.
    fn event(&self, level: Level, code: String, ids: Vec<String>) -> Result<(), PortError>;
}

/// All ports of a shell.
#[derive(Clone, uniffi::Record)]
pub struct Ports {
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// The installation's key.
    pub device_key: Arc<dyn DeviceKey>,
    /// Small secrets.
    pub secure: Arc<dyn SecureStore>,
    /// Where events go.
    pub log: Arc<dyn Log>,
}

impl From<Ports> for ports::Ports {
    fn from(theirs: Ports) -> Self {
        Self {
            clock: Arc::new(Theirs(theirs.clock)),
            device_key: Arc::new(Theirs(theirs.device_key)),
            secure: Arc::new(Theirs(theirs.secure)),
            log: Arc::new(Theirs(theirs.log)),
        }
    }
}

/// Longest wait for a key or a secret. Hardware answers in tens of milliseconds; a dialog that nobody sees never does.
const PATIENCE: Duration = Duration::from_secs(2);

/// Calls a port that may hang, on a thread of its own. What comes too late is dropped; what it did stays done.
fn in_time<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, PortError> + Send + 'static,
) -> Result<T, ports::PortError> {
    let (done, answer) = mpsc::channel();
    let calling = thread::Builder::new().name("courier-port".into()).spawn(move || drop(done.send(call())));
    calling.map_err(|_| ports::PortError::Unavailable)?;
    Ok(answer.recv_timeout(PATIENCE).map_err(|_| ports::PortError::Unavailable)??)
}

/// A port of a shell as the engine knows it.
struct Theirs<T: ?Sized>(Arc<T>);

impl ports::Clock for Theirs<dyn Clock> {
    fn wall_ms(&self) -> Result<i64, ports::PortError> {
        Ok(self.0.wall_ms()?)
    }

    fn boot_ms(&self) -> Result<u64, ports::PortError> {
        Ok(self.0.boot_ms()?)
    }

    fn boot_id(&self) -> Result<String, ports::PortError> {
        Ok(self.0.boot_id()?)
    }
}

impl ports::DeviceKey for Theirs<dyn DeviceKey> {
    fn public(&self) -> Result<Jwk, ports::PortError> {
        let key = Arc::clone(&self.0);
        jwk_from_sec1(&in_time(move || key.public_key())?).map_err(|_| ports::PortError::Failed)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ports::PortError> {
        let (key, message) = (Arc::clone(&self.0), message.to_owned());
        in_time(move || key.sign(message))
    }

    /// A key that does not say how it is kept is kept badly.
    fn level(&self) -> KeyLevel {
        let key = Arc::clone(&self.0);
        in_time(move || key.level()).unwrap_or(KeyLevel::Software)
    }
}

impl ports::SecureStore for Theirs<dyn SecureStore> {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, ports::PortError> {
        let (store, name) = (Arc::clone(&self.0), name.to_owned());
        in_time(move || store.get(name))
    }

    fn put(&self, name: &str, secret: &[u8]) -> Result<(), ports::PortError> {
        let (store, name, secret) = (Arc::clone(&self.0), name.to_owned(), secret.to_owned());
        in_time(move || store.put(name, secret))
    }

    fn delete(&self, name: &str) -> Result<(), ports::PortError> {
        let (store, name) = (Arc::clone(&self.0), name.to_owned());
        in_time(move || store.delete(name))
    }
}

impl ports::Log for Theirs<dyn Log> {
    fn event(&self, level: Level, code: &str, ids: &[&str]) {
        let ids = ids.iter().map(|&id| id.to_owned()).collect();
        let _ = self.0.event(level, code.to_owned(), ids);
    }
}
