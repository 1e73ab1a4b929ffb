//! Times that carry their quality.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMs(pub i64);

impl UnixMs {
    /// This instant moved by `ms` milliseconds; saturates instead of overflowing.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// When something happened, by every clock the phone has.
///
/// Wall time may be set by anybody. `boot_ms` runs during sleep and cannot be set; it only means something
/// together with `boot`, which names one start of the device. The server's time is an estimate: the last
/// server time seen plus the boot time gone since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct At {
    /// The phone's wall clock.
    pub wall: UnixMs,
    /// Milliseconds since the device started, sleep included.
    pub boot_ms: u64,
    /// Which start of the device `boot_ms` counts from.
    pub boot: String,
    /// Estimate of the server's clock, if one was seen since the device started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_ms: Option<UnixMs>,
    /// How far `server_ms` may be off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plus_minus_ms: Option<u64>,
}

/// The best time there is, and how well it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BestTime {
    /// From the server's clock, within `plus_minus_ms`.
    Certain {
        /// The estimate.
        ms: UnixMs,
        /// Its uncertainty.
        plus_minus_ms: u64,
    },
    /// Only the wall clock, which may have been set by anybody.
    Uncertain {
        /// The wall clock.
        ms: UnixMs,
    },
}

impl BestTime {
    /// The instant, however well it is known.
    pub fn ms(self) -> UnixMs {
        match self {
            Self::Certain { ms, .. } | Self::Uncertain { ms } => ms,
        }
    }
}

impl At {
    /// The server's estimate if there is one, else the wall clock, marked uncertain.
    pub fn best(&self) -> BestTime {
        match self.server_ms {
            Some(ms) => BestTime::Certain { ms, plus_minus_ms: self.plus_minus_ms.unwrap_or(0) },
            None => BestTime::Uncertain { ms: self.wall },
        }
    }
}
