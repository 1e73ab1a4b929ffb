//! The files of the demo: a day to import, and a plan of what happens at its doors.

use chrono::NaiveDate;
use chrono_tz::Tz;
use courier_backend::days::{at_hour, local_day};
use courier_backend::entropy::ServiceClock;
use courier_backend::import::Imported;
use courier_domain::UnixMs;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Outcome, words};

const DAY: &str = include_str!("../../demo/day.json");
const PLAN: &str = include_str!("../../demo/plan.json");

/// The day, moved to today.
pub(super) struct Day {
    /// The delivery day: today at the delivery addresses.
    pub(super) date: NaiveDate,
    /// How far the office's clock is ahead of the machine's while it is played.
    pub(super) ahead_ms: i64,
    /// The file to import.
    pub(super) import: String,
    /// Its shipments, in the order of the route.
    pub(super) shipments: Vec<Imported>,
    /// What happens.
    pub(super) plan: Plan,
}

/// What happens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// Where the network is away.
    pub(super) offline: Run,
    /// After which shipment the app is killed.
    pub(super) kill_after: String,
    /// The doors that are special.
    pub(super) doors: Vec<Planned>,
}

/// A run of shipments, both ends included.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    /// First.
    pub(super) from: String,
    /// Last.
    pub(super) to: String,
}

/// A special door.
#[derive(Deserialize)]
pub(super) struct Planned {
    /// Which shipment.
    #[serde(rename = "ref")]
    pub(super) reference: String,
    /// What happens there.
    #[serde(flatten)]
    pub(super) act: Act,
}

/// What happens at a door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub(super) enum Act {
    /// The recipient takes it, with the code where there is one.
    Recipient,
    /// A wrong code first.
    WrongThenRight,
    /// Somebody of the household takes it.
    Household {
        /// Who.
        name: String,
    },
    /// The neighbour of the instructions takes it.
    NamedNeighbour,
    /// The one person of the instructions takes it.
    NamedPerson,
    /// It is left in the place of the instructions.
    SafePlace,
    /// The place of the instructions is refused, since it needs a code; the recipient takes it.
    SafePlaceRefused,
    /// It is not delivered.
    NotDelivered {
        /// Why.
        reason: courier_domain::Reason,
    },
    /// A wrong tap, taken back; then the recipient takes it.
    MisTap,
    /// A patched client enters a code that fits the phone's ten bits and is not the right one. The judge refutes it
    /// at once, the code is frozen, nothing is handed over.
    Decoy,
    /// The same without a network: it is handed over, and refuted afterwards.
    DecoyHandedOver,
}

impl Day {
    pub(super) fn read() -> Outcome<Self> {
        let mut file: Value = serde_json::from_str(DAY).map_err(words)?;
        let tz: Tz = file["tz"].as_str().unwrap_or_default().parse().map_err(words)?;
        let now = ServiceClock::System.now();
        let date = local_day(now, tz);
        file["day"] = Value::String(date.to_string());
        let shipments = serde_json::from_value(file["shipments"].clone()).map_err(words)?;
        let plan = serde_json::from_str(PLAN).map_err(words)?;
        Ok(Self { date, ahead_ms: ahead_ms(now, tz), import: file.to_string(), shipments, plan })
    }
}

/// Codes are mailed from six in the morning and end at midnight: a day that is played at night is played at eight. The phone
/// goes by the office's clock.
fn ahead_ms(now: UnixMs, tz: Tz) -> i64 {
    let day = local_day(now, tz);
    let waking = at_hour(day, 6, tz)..at_hour(day, 23, tz);
    if waking.contains(&now) { 0 } else { at_hour(day, 8, tz).0 - now.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_is_played_at_night_is_played_at_eight_of_the_same_day() {
        const HOUR: i64 = 3_600_000;
        let tz = chrono_tz::Europe::Berlin;
        // 2026-11-26, 00:00 in Berlin.
        let midnight = UnixMs(1_795_647_600_000);
        for (hour, ahead) in [(0, 8), (5, 3), (6, 0), (12, 0), (22, 0), (23, -15)] {
            let now = midnight.plus_ms(hour * HOUR);
            assert_eq!(ahead_ms(now, tz), ahead * HOUR, "at {hour}");
            assert_eq!(local_day(now.plus_ms(ahead * HOUR), tz), local_day(now, tz));
        }
    }
}
