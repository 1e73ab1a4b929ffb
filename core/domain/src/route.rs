//! What the office sends: the route and everything on it. Replaceable at any time, never edited on the phone.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::attempt::Verdict;
use crate::code::{CodeNeed, TRY_BUDGET};
use crate::id::{AttemptId, FactId, InstallId, ParcelId, RouteId, ShipmentId, StopId};
use crate::instruction::Instruction;
use crate::phone_number::PhoneNumber;
use crate::policy::Policy;
use crate::time::UnixMs;

/// The ordered stops of one courier on one delivery day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Its identifier.
    pub id: RouteId,
    /// The delivery day, in the local time of `tz`.
    pub day: NaiveDate,
    /// IANA name of the time zone. Instants are computed by the backend only.
    pub tz: String,
    /// The stops in the order given by the office.
    pub order: Vec<StopId>,
    /// A stop that stays first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_first: Option<StopId>,
    /// A stop that stays last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_last: Option<StopId>,
    /// The carrier's rules; without any, those of [`Policy::germany`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Box<Policy>>,
}

impl Route {
    /// When its day is over, wherever on earth it is: local days end at most 12 hours after that of UTC.
    pub fn is_over_by(&self) -> UnixMs {
        const HOUR_MS: i64 = 3_600_000;
        let begins = self.day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis();
        UnixMs(begins).plus_ms((24 + 12) * HOUR_MS)
    }
}

/// Seconds of travel between stops of a route, where somebody knows them; between others the phone reckons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TravelMatrix {
    /// The route.
    pub id: RouteId,
    /// Its rows, and as many columns.
    pub stops: Vec<StopId>,
    /// Row by row: from the first stop to each, from the second to each …
    pub seconds: Vec<u32>,
}

impl TravelMatrix {
    /// Most rows: more is no courier's day.
    pub const MOST_STOPS: usize = 400;
    /// Longest travel between two stops of a day, in seconds.
    pub const LONGEST_S: u32 = 86_400;

    /// Seconds from one of its stops to another.
    pub fn between(&self, from: &StopId, to: &StopId) -> Option<u32> {
        let place = |stop: &StopId| self.stops.iter().position(|other| other == stop);
        self.seconds.get(place(from)? * self.stops.len() + place(to)?).copied()
    }

    /// What is wrong with it, if anything.
    pub fn problem(&self) -> Option<&'static str> {
        let mut seen = std::collections::BTreeSet::new();
        let rows = self.stops.len();
        match () {
            () if rows > Self::MOST_STOPS => Some("stops: too many"),
            () if !self.stops.iter().all(|stop| seen.insert(stop)) => Some("stops: one is in it twice"),
            () if self.seconds.len() != rows * rows => Some("seconds: not a row and a column for each stop"),
            () if self.seconds.iter().any(|&it| it > Self::LONGEST_S) => Some("seconds: more than a day"),
            () => None,
        }
    }
}

/// A point on the earth, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pin {
    /// Degrees, −90 to 90.
    pub lat: f64,
    /// Degrees, −180 to 180.
    pub lon: f64,
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street.
    pub street: String,
    /// House number with additions.
    pub house: String,
    /// Postal code.
    pub postcode: String,
    /// Town.
    pub city: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// When a stop may be visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeWindow {
    /// First instant.
    pub from: UnixMs,
    /// Last instant.
    pub to: UnixMs,
}

/// One place to visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    /// Its identifier.
    pub id: StopId,
    /// Where.
    pub address: Address,
    /// Flat or floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flat: Option<String>,
    /// Where the door is.
    pub door_pin: Pin,
    /// Where the van stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parking_pin: Option<Pin>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<TimeWindow>,
    /// Expected time at the door, in seconds.
    pub service_s: u32,
    /// How to get to the door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_notes: Option<String>,
    /// Where the parcels lie in the van.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub van_place: Option<String>,
}

/// One physical piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// Its identifier.
    pub id: ParcelId,
    /// What may be scanned on its label.
    pub barcodes: Vec<String>,
}

/// Which try a shipment is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptRef {
    /// The attempt.
    pub id: AttemptId,
    /// 1 for the first.
    pub no: u32,
}

/// Wrong entries of one installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    /// The installation.
    pub install: InstallId,
    /// How many.
    pub n: u32,
}

/// What one sender sends one recipient, as a courier sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// Its identifier.
    pub id: ShipmentId,
    /// Where it goes.
    pub stop: StopId,
    /// The current attempt.
    pub attempt: AttemptRef,
    /// The name on the label.
    pub recipient_name: String,
    /// Whom to call when nobody opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient_phone: Option<PhoneNumber>,
    /// The customer's language, BCP 47.
    pub lang: String,
    /// Who sent it.
    pub sender_name: String,
    /// Its pieces, at least one.
    pub parcels: Vec<Parcel>,
    /// What recipient, sender and law allow.
    #[serde(default)]
    pub instructions: Vec<Instruction>,
    /// Whether it is handed over against a code.
    pub code: CodeNeed,
    /// Wrong entries that the backend knows of, from whichever phone.
    #[serde(default)]
    pub tries_used: u32,
    /// The same by the installation that made them, so that each phone adds those of the others to its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tries: Vec<Tries>,
    /// Wrong entries that the attempt allows in all: [`TRY_BUDGET`], and more once a code was replaced. It never goes
    /// down.
    #[serde(default = "first_budget", skip_serializing_if = "is_first_budget")]
    pub budget: u32,
}

fn first_budget() -> u32 {
    TRY_BUDGET
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
fn is_first_budget(budget: &u32) -> bool {
    *budget == TRY_BUDGET
}

/// Parcels of an attempt that somebody has, as the backend knows it: from whichever phone, or from the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The attempt.
    pub attempt: AttemptId,
    /// Its parcels that were handed over.
    pub parcels: Vec<DoneParcel>,
}

/// A parcel that somebody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoneParcel {
    /// The parcel.
    pub parcel: ParcelId,
    /// The fact that says so. A phone that did not make it learns that it was done elsewhere.
    pub fact: FactId,
}

/// A verdict on a fact, as the route lane brings it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictNotice {
    /// The fact.
    pub fact: FactId,
    /// What the judge decided.
    pub verdict: Verdict,
    /// Stable words why, such as `wrong-code`.
    pub why: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(rows: usize, seconds: Vec<u32>) -> TravelMatrix {
        let stops = (0..rows).map(|n| StopId::new(format!("s{n}")).unwrap()).collect();
        TravelMatrix { id: RouteId::new("route").unwrap(), stops, seconds }
    }

    #[test]
    fn a_matrix_has_a_row_and_a_column_for_each_stop_and_no_way_of_more_than_a_day() {
        let day = TravelMatrix::LONGEST_S;
        assert_eq!(matrix(0, vec![]).problem(), None);
        assert_eq!(matrix(3, vec![day; 9]).problem(), None);
        let most = TravelMatrix::MOST_STOPS;
        assert_eq!(matrix(most, vec![1; most * most]).problem(), None);
        let mut twice = matrix(2, vec![0; 4]);
        twice.stops[1] = twice.stops[0].clone();
        for (bad, word) in [
            (matrix(most + 1, vec![1; (most + 1) * (most + 1)]), "too many"),
            (twice, "twice"),
            (matrix(3, vec![0; 8]), "a row and a column"),
            (matrix(3, vec![0; 6]), "a row and a column"),
            (matrix(3, vec![0, 0, 0, 0, 0, 0, 0, 0, day + 1]), "more than a day"),
        ] {
            let problem = bad.problem();
            assert!(problem.is_some_and(|it| it.contains(word)), "{problem:?} instead of {word}");
        }
    }

    #[test]
    fn a_routes_day_ends_where_it_ends_last() {
        let json = r#"{"id": "r", "day": "2026-11-24", "tz": "Europe/Berlin", "order": []}"#;
        let route: Route = serde_json::from_str(json).unwrap();
        // 2026-11-25 12:00 UTC: midnight at the date line, west of it.
        assert_eq!(route.is_over_by(), UnixMs(1_795_608_000_000));
    }
}
