//! Services that the shell gives the core. All are synchronous, all may fail, and none is called while a
//! transaction is open.

pub mod software;

use courier_protocol::KeyLevel;

/// A port that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// Not available now, such as a key while the phone is locked. Worth trying again.
    #[error("not available now")]
    Unavailable,
    /// It failed.
    #[error("failed: {what}")]
    Failed {
        /// What, without data.
        what: String,
    },
}

/// A moment by the phone's two clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Now {
    /// Wall clock, milliseconds since 1970 UTC. May be set by anybody.
    pub wall_ms: i64,
    /// Milliseconds since the device started, sleep included. Cannot be set.
    pub boot_ms: u64,
    /// Names one start of the device.
    pub boot: String,
}

/// The phone's clocks.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Result<Now, PortError>;
}

/// The installation's P-256 key, in hardware where there is some.
pub trait DeviceKey: Send + Sync {
    /// Public half: uncompressed point, 65 bytes (SEC 1 § 2.3.3). Makes the key at first use.
    fn public_key(&self) -> Result<Vec<u8>, PortError>;
    /// ECDSA over the SHA-256 of `message`: 64 raw bytes or DER.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PortError>;
    /// How the key is kept.
    fn level(&self) -> KeyLevel;
}

/// Small secrets, kept by the phone.
pub trait SecureStore: Send + Sync {
    /// The value of `name`.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PortError>;
    /// Sets the value of `name`; it is durable when this returns.
    fn put(&self, name: &str, value: &[u8]) -> Result<(), PortError>;
    /// Removes `name`.
    fn delete(&self, name: &str) -> Result<(), PortError>;
}

/// Where the core reports what happened: stable words and identifiers, never personal data.
pub trait Log: Send + Sync {
    /// Something happened.
    fn event(&self, word: &str, detail: &str);
}

/// All ports of a shell.
pub struct Ports {
    /// Clocks.
    pub clock: Box<dyn Clock>,
    /// Device key.
    pub key: Box<dyn DeviceKey>,
    /// Secrets.
    pub secrets: Box<dyn SecureStore>,
    /// Log.
    pub log: Box<dyn Log>,
}
