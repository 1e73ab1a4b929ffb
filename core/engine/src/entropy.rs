//! Where randomness comes from: the operating system, or a seed in tests.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::error::EngineError;

/// The generator of the engine.
pub type Entropy = ChaCha20Rng;

/// A generator seeded by the operating system.
pub fn from_system() -> Result<Entropy, EngineError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| EngineError::internal("no-entropy"))?;
    Ok(Entropy::from_seed(seed))
}

/// A generator that repeats itself: for simulations and scenarios only, never with real codes.
pub fn from_seed(seed: u64) -> Entropy {
    Entropy::seed_from_u64(seed)
}
