//! A delivery day as JSON. Each shipment is read by itself, so that every wrong one is named.

use chrono::NaiveDate;
use chrono_tz::Tz;
use courier_domain::Address;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Imported, ImportedPin, RowProblem};

/// A delivery day that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// The day.
    pub day: NaiveDate,
    /// Its time zone.
    pub tz: Tz,
    /// Who shall drive it, by name or identifier; absent = whoever's route is published first.
    pub courier: Option<String>,
    /// The shipments, each with its row.
    pub shipments: Vec<(u64, Imported)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    day: NaiveDate,
    tz: String,
    #[serde(rename = "depot", default)]
    _depot: Option<Depot>,
    #[serde(default)]
    courier: Option<String>,
    shipments: Vec<Value>,
}

/// Where the route begins. Read and checked; routes are driven in the given order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Depot {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "address")]
    _address: Address,
    #[serde(rename = "pin")]
    _pin: ImportedPin,
}

/// Reads a file. Every shipment that cannot be read is a problem with its row and field.
pub fn read_json(bytes: &[u8]) -> Result<Day, Vec<RowProblem>> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| vec![RowProblem::new(0, "", not_json(&error))])?;
    let file: File = read(value).map_err(|(field, problem)| vec![RowProblem::new(0, field, problem)])?;
    let rows = file.shipments.into_iter().zip(1..).map(|(value, row)| (row, value));
    Ok(Day { courier: file.courier, ..day_of(file.day, &file.tz, rows)? })
}

/// Where the JSON ends to be JSON, without quoting it.
fn not_json(error: &serde_json::Error) -> String {
    format!("not JSON: line {}, column {}", error.line(), error.column())
}

pub(super) fn day_of(
    day: NaiveDate,
    tz: &str,
    rows: impl Iterator<Item = (u64, Value)>,
) -> Result<Day, Vec<RowProblem>> {
    let mut problems = Vec::new();
    let tz: Tz = tz.parse().unwrap_or_else(|_| {
        problems.push(RowProblem::new(0, "tz", "not an IANA time zone such as Europe/Berlin"));
        Tz::UTC
    });
    let mut shipments = Vec::new();
    for (row, value) in rows {
        match read(value) {
            Ok(shipment) => shipments.push((row, shipment)),
            Err((field, problem)) => problems.push(RowProblem::new(row, field, problem)),
        }
    }
    if shipments.is_empty() && problems.is_empty() {
        problems.push(RowProblem::new(0, "shipments", "at least one is needed"));
    }
    if problems.is_empty() { Ok(Day { day, tz, courier: None, shipments }) } else { Err(problems) }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, (String, String)> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| (error.path().to_string(), error.into_inner().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_file_is_named_and_quoted_nowhere() {
        let problems = read_json(b"{\"secret").unwrap_err();
        assert_eq!((problems[0].row, problems[0].problem.as_str()), (0, "not JSON: line 1, column 8"));
        assert!(read_json(b"\xff\xfe").is_err());
        assert_eq!(
            read_json(br#"{"day":"2026-11-24","tz":"Mars","shipments":[]}"#).unwrap_err()[0].field,
            "tz"
        );
        let extra = br#"{"day":"2026-11-24","tz":"Europe/Berlin","shipments":[],"code":false}"#;
        assert!(read_json(extra).unwrap_err()[0].problem.contains("unknown field `code`"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, text in "\\PC{0,200}") {
            let _ = read_json(&bytes);
            let _ = read_json(text.as_bytes());
            let nested = serde_json::json!({"day": text, "tz": text, "shipments": [text, {"ref": text}]});
            prop_assert!(read_json(nested.to_string().as_bytes()).is_err());
        }
    }
}
