//! Time and randomness, which the service takes as arguments.

use std::sync::Mutex;

use courier_codes::encoding::encode;
use courier_domain::UnixMs;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// The generator of the service.
pub type Entropy = ChaCha20Rng;

/// A generator seeded by the operating system.
pub fn from_system() -> Result<Entropy, getrandom::Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    Ok(Entropy::from_seed(seed))
}

/// A generator that repeats itself: for scenarios only, never with real codes.
pub fn from_seed(seed: u64) -> Entropy {
    Entropy::seed_from_u64(seed)
}

/// An identifier: 80 random bits as 16 characters of lower-case base32 (RFC 4648 § 6).
pub fn random_id(rng: &mut Entropy) -> String {
    base32(rng, 16).to_ascii_lowercase()
}

/// An enrolment code: 50 random bits as 10 characters of base32.
pub fn enrolment_code(rng: &mut Entropy) -> String {
    base32(rng, 10)
}

/// A secret for a path or a header: 128 random bits, base64url.
pub fn random_secret(rng: &mut Entropy) -> String {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    encode(&bytes)
}

fn base32(rng: &mut Entropy, characters: usize) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bytes = vec![0; characters];
    rng.fill_bytes(&mut bytes);
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

/// The clock of the service.
#[derive(Debug)]
pub enum ServiceClock {
    /// The machine's.
    System,
    /// So many milliseconds ahead of the machine's: for a demo at night.
    Ahead(i64),
    /// One that stands still until it is set: for tests and scenarios.
    Set(Mutex<UnixMs>),
}

impl ServiceClock {
    /// Now.
    pub fn now(&self) -> UnixMs {
        match self {
            Self::System => {
                let since =
                    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                UnixMs(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Self::Ahead(ms) => Self::System.now().plus_ms(*ms),
            Self::Set(at) => *at.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        }
    }

    /// Sets a clock that can be set; says whether it can.
    pub fn set(&self, to: UnixMs) -> bool {
        match self {
            Self::System | Self::Ahead(_) => false,
            Self::Set(at) => {
                *at.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = to;
                true
            }
        }
    }
}
