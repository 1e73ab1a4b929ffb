//! Time as the machine gets it, and the server's clock as it estimates it.

use courier_domain::{At, UnixMs};

use crate::ports::{Clock, PortError};

/// One reading of the phone's clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Now {
    /// The wall clock.
    pub wall: UnixMs,
    /// Milliseconds since the device started, sleep included.
    pub boot_ms: u64,
    /// Which start of the device that is.
    pub boot: String,
}

impl Now {
    /// Reads the clocks.
    pub fn read(clock: &dyn Clock) -> Result<Self, PortError> {
        Ok(Self { wall: UnixMs(clock.wall_ms()?), boot_ms: clock.boot_ms()?, boot: clock.boot_id()? })
    }
}

/// The server's clock at one moment of the boot clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerTime {
    pub(crate) server_ms: i64,
    pub(crate) plus_minus_ms: u64,
    pub(crate) boot_ms: u64,
    pub(crate) boot: String,
}

/// Boot clocks drift by up to 50 parts per million (the tolerance of phone crystals): 1 ms in 20 s.
const DRIFT: u64 = 20_000;

/// A server's clock outside the years 2020 to 2200 is no clock.
const PLAUSIBLE: std::ops::Range<i64> = 1_577_836_800_000..7_258_118_400_000;

impl ServerTime {
    /// What an answer tells that was asked for at `sent` of the boot clock. The server read its clock somewhere
    /// on the way, so the middle of the way is off by half of it at most.
    pub(crate) fn from_answer(server_ms: UnixMs, sent_boot_ms: u64, now: &Now) -> Option<Self> {
        let half_way = now.boot_ms.saturating_sub(sent_boot_ms).div_ceil(2);
        PLAUSIBLE.contains(&server_ms.0).then(|| Self {
            server_ms: server_ms.0.saturating_add_unsigned(half_way),
            plus_minus_ms: half_way,
            boot_ms: now.boot_ms,
            boot: now.boot.clone(),
        })
    }

    /// How far the estimate may be off now; `None` after a restart of the device.
    pub(crate) fn uncertainty(&self, now: &Now) -> Option<u64> {
        let since = now.boot_ms.checked_sub(self.boot_ms).filter(|_| now.boot == self.boot)?;
        Some(self.plus_minus_ms.saturating_add(since.div_ceil(DRIFT)))
    }
}

/// Now, by every clock, for a fact or a decision.
pub(crate) fn at(now: &Now, server: Option<&ServerTime>) -> At {
    let estimate = server.and_then(|server| {
        let plus_minus = server.uncertainty(now)?;
        let since = now.boot_ms.saturating_sub(server.boot_ms);
        Some((UnixMs(server.server_ms.saturating_add_unsigned(since)), plus_minus))
    });
    At {
        wall: now.wall,
        boot_ms: now.boot_ms,
        boot: now.boot.clone(),
        server_ms: estimate.map(|(ms, _)| ms),
        plus_minus_ms: estimate.map(|(_, plus_minus)| plus_minus),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(boot_ms: u64, boot: &str) -> Now {
        Now { wall: UnixMs(5), boot_ms, boot: boot.into() }
    }

    #[test]
    fn the_estimate_runs_with_the_boot_clock_and_grows_less_certain() {
        let server = ServerTime::from_answer(UnixMs(1_800_000_000_000), 1_000, &now(1_200, "one")).unwrap();
        let later = at(&now(21_200, "one"), Some(&server));
        assert_eq!(later.server_ms, Some(UnixMs(1_800_000_020_100)));
        assert_eq!(later.plus_minus_ms, Some(101));
    }

    #[test]
    fn a_restart_of_the_device_ends_the_estimate() {
        let server = ServerTime::from_answer(UnixMs(1_800_000_000_000), 1_000, &now(1_200, "one")).unwrap();
        assert_eq!(at(&now(9_000, "two"), Some(&server)).server_ms, None);
        assert_eq!(at(&now(100, "one"), Some(&server)).server_ms, None, "the boot clock went back");
    }

    #[test]
    fn an_impossible_clock_is_not_believed() {
        for ms in [0, -1, i64::MAX] {
            assert_eq!(ServerTime::from_answer(UnixMs(ms), 0, &now(0, "one")), None);
        }
    }
}
