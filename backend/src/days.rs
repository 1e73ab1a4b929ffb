//! Delivery days and local midnights. Only the backend computes them; phones get instants.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use courier_domain::{TimeWindow, UnixMs};

use crate::config::DaysConfig;

/// The first instant at or after a local time. Where clocks are set forward and the time does not exist, that is
/// the end of the gap; where it exists twice, the first.
fn instant(local: NaiveDateTime, tz: Tz) -> UnixMs {
    let mut local = local;
    loop {
        if let Some(found) = tz.from_local_datetime(&local).earliest() {
            return UnixMs(found.timestamp_millis());
        }
        local += chrono::TimeDelta::minutes(15);
    }
}

/// First and last instant of a local day.
pub fn whole_day(day: NaiveDate, tz: Tz) -> TimeWindow {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    let midnight = |day: NaiveDate| instant(day.and_time(NaiveTime::MIN), tz);
    TimeWindow { from: midnight(day), to: midnight(next).plus_ms(-1) }
}

/// An hour of a local day.
pub fn at_hour(day: NaiveDate, hour: u32, tz: Tz) -> UnixMs {
    instant(day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN)), tz)
}

/// A time of a local day.
pub fn at_time(day: NaiveDate, time: NaiveTime, tz: Tz) -> UnixMs {
    instant(day.and_time(time), tz)
}

/// The local day of an instant.
pub fn local_day(at: UnixMs, tz: Tz) -> NaiveDate {
    DateTime::from_timestamp_millis(at.0).unwrap_or_default().with_timezone(&tz).date_naive()
}

/// The first delivery day after `day`.
pub fn next_delivery_day(day: NaiveDate, config: &DaysConfig) -> NaiveDate {
    let mut next = day;
    // A year without a delivery day is a mistake of the configuration; the day after is better than none.
    for _ in 0..366 {
        next = next.checked_add_days(Days::new(1)).unwrap_or(next);
        if config.weekdays.contains(&next.weekday()) && !config.holidays.contains(&next) {
            return next;
        }
    }
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_ends_at_local_midnight_also_when_clocks_are_set() {
        let hours = |text: &str, tz: Tz| {
            let window = whole_day(day(text), tz);
            (window.to.0 + 1 - window.from.0) / 3_600_000
        };
        assert_eq!(hours("2026-11-24", Tz::Europe__Berlin), 24);
        assert_eq!(hours("2026-03-29", Tz::Europe__Berlin), 23);
        assert_eq!(hours("2026-10-25", Tz::Europe__Berlin), 25);
        // Midnight itself does not exist here: the day begins at one o'clock.
        assert_eq!(hours("2026-04-24", Tz::Africa__Cairo), 23);
    }

    #[test]
    fn the_next_delivery_day_jumps_sundays_and_holidays() {
        let mut config = DaysConfig::default();
        assert_eq!(next_delivery_day(day("2026-11-28"), &config), day("2026-11-30"));
        config.holidays.push(day("2026-11-30"));
        assert_eq!(next_delivery_day(day("2026-11-28"), &config), day("2026-12-01"));
    }
}
