//! The best time there is: the server's last clock, carried on by the boot clock.

use courier_domain::{At, UnixMs};
use serde::{Deserialize, Serialize};

use crate::ports::Now;

/// What the server's clock showed, and when that was by the boot clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    server_ms: i64,
    boot_ms: u64,
    boot: String,
    plus_minus_ms: u64,
}

impl Anchor {
    /// From an answer that shows `server_ms`, to a request sent at `sent_boot_ms` and answered `now`.
    pub fn new(server_ms: i64, sent_boot_ms: u64, now: &Now) -> Self {
        let half = now.boot_ms.saturating_sub(sent_boot_ms).div_ceil(2);
        Self {
            server_ms: server_ms.saturating_add_unsigned(half),
            boot_ms: now.boot_ms,
            boot: now.boot.clone(),
            plus_minus_ms: half + 1,
        }
    }

    /// Whether a newer anchor would tell more: ten minutes old, or of another start of the device.
    pub fn is_stale(&self, now: &Now) -> bool {
        self.boot != now.boot || now.boot_ms.saturating_sub(self.boot_ms) > 600_000
    }
}

/// Now, by every clock.
pub fn at(anchor: Option<&Anchor>, now: &Now) -> At {
    let anchor = anchor.filter(|anchor| anchor.boot == now.boot && anchor.boot_ms <= now.boot_ms);
    let server =
        anchor.map(|anchor| UnixMs(anchor.server_ms.saturating_add_unsigned(now.boot_ms - anchor.boot_ms)));
    At {
        wall: UnixMs(now.wall_ms),
        boot_ms: now.boot_ms,
        boot: now.boot.clone(),
        server_ms: server,
        // Quartz clocks of phones stay within 50 ppm.
        plus_minus_ms: anchor.map(|anchor| anchor.plus_minus_ms + (now.boot_ms - anchor.boot_ms) / 20_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(boot: &str, boot_ms: u64) -> Now {
        Now { wall_ms: 5, boot_ms, boot: boot.into() }
    }

    #[test]
    fn the_servers_clock_runs_on_until_the_device_restarts() {
        let anchor = Anchor::new(1_000_000, 100, &now("a", 140));
        let later = at(Some(&anchor), &now("a", 20_140));
        assert_eq!((later.server_ms, later.plus_minus_ms), (Some(UnixMs(1_020_020)), Some(22)));
        assert_eq!(at(Some(&anchor), &now("b", 20_140)).server_ms, None, "a restart makes time uncertain");
        assert_eq!(
            at(Some(&anchor), &now("a", 1)).server_ms,
            None,
            "a boot clock that ran back is not believed"
        );
    }
}
