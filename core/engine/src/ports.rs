//! What the shell gives the core. All synchronous, all fallible; the engine calls none of them while it is in a
//! transaction.

pub mod software;

use std::sync::Arc;

use courier_domain::Jwk;
use courier_protocol::KeyLevel;

/// A port that could not do what it was asked. What exactly failed stays in the shell: foreign error texts may
/// hold anything, so none crosses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// Not now: the phone is locked, the hardware is busy. Trying again later may help.
    #[error("not available now")]
    Unavailable,
    /// Not at all: the key is gone, the storage is broken.
    #[error("failed")]
    Failed,
}

/// The clocks of the phone.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970 UTC, as set by whoever holds the phone.
    fn wall_ms(&self) -> Result<i64, PortError>;
    /// Milliseconds since the device started, sleep included.
    fn boot_ms(&self) -> Result<u64, PortError>;
    /// Names this start of the device; another after every restart.
    fn boot_id(&self) -> Result<String, PortError>;
}

/// The installation's P-256 key, in hardware where there is some.
pub trait DeviceKey: Send + Sync {
    /// Its public half.
    fn public(&self) -> Result<Jwk, PortError>;
    /// ECDSA over the SHA-256 of `message`: 64 bytes raw, or DER.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PortError>;
    /// How it is kept.
    fn level(&self) -> KeyLevel;
}

/// Small secrets by name, wrapped by hardware where there is some. Names are `a-z 0-9 -`.
pub trait SecureStore: Send + Sync {
    /// The secret, if there is one of this name.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PortError>;
    /// Stores a secret durably, in place of the one of the same name.
    fn put(&self, name: &str, secret: &[u8]) -> Result<(), PortError>;
    /// Destroys a secret. It is no error if there is none.
    fn delete(&self, name: &str) -> Result<(), PortError>;
}

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// Takes events. They consist of stable words and identifiers, never of names, codes or texts.
pub trait Log: Send + Sync {
    /// `code` is a stable word such as `fact-recorded`; `ids` say of what.
    fn event(&self, level: Level, code: &str, ids: &[&str]);
}

/// All ports of a shell.
#[derive(Clone)]
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
