//! A delivery day as CSV: a row per parcel, item or instruction; rows with the same sender and ref are one shipment.
//! The columns are the dotted names of the JSON form.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::RowProblem;
use super::json::{Day, day_of};

/// The columns, in any order; those that are missing are empty.
const COLUMNS: [&str; 32] = [
    "day",
    "tz",
    "ref",
    "order_ref",
    "sender",
    "customer.email",
    "customer.lang",
    "recipient.name",
    "recipient.phone",
    "address.street",
    "address.house",
    "address.postcode",
    "address.city",
    "address.country",
    "flat",
    "pin.lat",
    "pin.lon",
    "parking_pin.lat",
    "parking_pin.lon",
    "van_place",
    "window.from",
    "window.to",
    "access_notes",
    "item.name",
    "item.value",
    "item.currency",
    "parcel.barcode",
    "instruction.kind",
    "instruction.name",
    "instruction.flat",
    "instruction.place",
    "instruction.text",
];

/// Columns that describe the shipment itself: the same in all of its rows.
const SHIPMENT: std::ops::Range<usize> = 2..23;

/// Reads a file. The row of a problem is its line.
pub fn read_csv(bytes: &[u8]) -> Result<Day, Vec<RowProblem>> {
    let mut reader = ::csv::ReaderBuilder::new().trim(::csv::Trim::All).from_reader(bytes);
    let file = |problem: String| vec![RowProblem::new(0, "", problem)];
    let header = reader.headers().map_err(|error| file(problem_of(&error)))?.clone();
    if let Some(unknown) = header.iter().find(|name| !COLUMNS.contains(name)) {
        return Err(vec![RowProblem::new(1, unknown, "not a column of an import")]);
    }
    let mut problems = Vec::new();
    let mut day: Option<(String, String)> = None;
    let mut shipments: Vec<(u64, Vec<String>, Map<String, Value>)> = Vec::new();
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, ::csv::Position::line);
                problems.push(RowProblem::new(line, "", problem_of(&error)));
                continue;
            }
        };
        let line = record.position().map_or(0, ::csv::Position::line);
        let cell = |name: &str| {
            let at = header.iter().position(|known| known == name);
            at.and_then(|at| record.get(at)).unwrap_or_default()
        };
        let this_day = (cell("day").to_owned(), cell("tz").to_owned());
        if day.get_or_insert_with(|| this_day.clone()) != &this_day {
            problems.push(RowProblem::new(line, "day", "a file holds one day in one time zone"));
        }
        let own: Vec<String> = COLUMNS[SHIPMENT].iter().map(|name| cell(name).to_owned()).collect();
        let name = (own[0].clone(), own[2].clone());
        let known = places.get(&name).and_then(|at| shipments.get_mut(*at));
        let shipment = if let Some((_, cells, shipment)) = known {
            if let Some(at) = cells.iter().zip(&own).position(|(one, other)| one != other) {
                let field = COLUMNS[SHIPMENT.start + at];
                problems.push(RowProblem::new(line, field, "differs from an earlier row of this shipment"));
            }
            shipment
        } else {
            let fresh = shipment_of(line, &cell, &mut problems);
            places.insert(name, shipments.len());
            shipments.push((line, own, fresh));
            &mut shipments.last_mut().unwrap_or_else(|| unreachable!("it was just pushed")).2
        };
        add_lists(shipment, line, &cell, &mut problems);
    }
    let (day, tz) = day.unwrap_or_default();
    let day: NaiveDate = day.parse().unwrap_or_else(|_| {
        problems.push(RowProblem::new(2, "day", "expected a day such as 2026-11-24"));
        NaiveDate::default()
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    day_of(day, &tz, shipments.into_iter().map(|(line, _, shipment)| (line, Value::Object(shipment))))
}

fn problem_of(error: &::csv::Error) -> String {
    match error.kind() {
        ::csv::ErrorKind::Utf8 { .. } => "not UTF-8".into(),
        ::csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} cells, the header has {expected_len}")
        }
        _ => "not CSV".into(),
    }
}

fn shipment_of<'a>(
    line: u64,
    cell: &impl Fn(&str) -> &'a str,
    problems: &mut Vec<RowProblem>,
) -> Map<String, Value> {
    let mut number = |name: &str| match cell(name).parse::<f64>() {
        Ok(number) if number.is_finite() => json!(number),
        _ => {
            problems.push(RowProblem::new(line, name, "expected degrees such as 52.5163"));
            json!(0)
        }
    };
    let pin = json!({"lat": number("pin.lat"), "lon": number("pin.lon")});
    let is_given = |name: &str| !cell(name).is_empty();
    let parking = (is_given("parking_pin.lat") || is_given("parking_pin.lon"))
        .then(|| json!({"lat": number("parking_pin.lat"), "lon": number("parking_pin.lon")}));
    let address: Map<String, Value> = ["street", "house", "postcode", "city", "country"]
        .into_iter()
        .map(|part| (part.to_owned(), json!(cell(&format!("address.{part}")))))
        .collect();
    let mut shipment = Map::new();
    for name in ["ref", "order_ref", "sender"] {
        shipment.insert(name.into(), json!(cell(name)));
    }
    shipment
        .insert("customer".into(), json!({"email": cell("customer.email"), "lang": cell("customer.lang")}));
    let mut recipient = json!({"name": cell("recipient.name")});
    if is_given("recipient.phone") {
        recipient["phone"] = json!(cell("recipient.phone"));
    }
    shipment.insert("recipient".into(), recipient);
    shipment.insert("address".into(), Value::Object(address));
    shipment.insert("pin".into(), pin);
    if let Some(pin) = parking {
        shipment.insert("parking_pin".into(), pin);
    }
    for name in ["flat", "access_notes", "van_place"] {
        if is_given(name) {
            shipment.insert(name.into(), json!(cell(name)));
        }
    }
    if is_given("window.from") || is_given("window.to") {
        shipment.insert("window".into(), json!({"from": cell("window.from"), "to": cell("window.to")}));
    }
    for name in ["items", "parcels", "instructions"] {
        shipment.insert(name.into(), json!([]));
    }
    shipment
}

/// Adds the row's item, parcel and instruction, unless an earlier row had the same.
fn add_lists<'a>(
    shipment: &mut Map<String, Value>,
    line: u64,
    cell: &impl Fn(&str) -> &'a str,
    problems: &mut Vec<RowProblem>,
) {
    let mut add = |list: &str, value: Value| {
        if let Some(Value::Array(values)) = shipment.get_mut(list)
            && !values.contains(&value)
        {
            values.push(value);
        }
    };
    if !cell("parcel.barcode").is_empty() {
        add("parcels", json!({"barcode": cell("parcel.barcode")}));
    }
    if !cell("item.value").is_empty() {
        match cell("item.value").parse::<u64>() {
            Ok(value) => {
                let mut item = json!({"value": value, "currency": cell("item.currency")});
                if !cell("item.name").is_empty() {
                    item["name"] = json!(cell("item.name"));
                }
                add("items", item);
            }
            Err(_) => {
                problems.push(RowProblem::new(line, "item.value", "expected minor units such as 49900"));
            }
        }
    }
    if !cell("instruction.kind").is_empty() {
        let data: Map<String, Value> = ["name", "flat", "place", "text"]
            .into_iter()
            .map(|part| (part, cell(&format!("instruction.{part}"))))
            .filter(|(_, text)| !text.is_empty())
            .map(|(part, text)| (part.to_owned(), json!(text)))
            .collect();
        add("instructions", json!({"kind": cell("instruction.kind"), "data": data}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADER: &str = "day,tz,ref,order_ref,sender,customer.email,customer.lang,recipient.name,address.street,\
address.house,address.postcode,address.city,address.country,pin.lat,pin.lon,item.value,item.currency,parcel.barcode,\
instruction.kind,instruction.name";

    fn row(reference: &str, value: &str, barcode: &str, street: &str) -> String {
        format!(
            "2026-11-24,Europe/Berlin,{reference},o-1,Feinwerk,a@b.example,de,Library,{street},1,10117,Berlin,DE,52.5,13.4,{value},EUR,{barcode},neighbour,Huber"
        )
    }

    #[test]
    fn rows_of_one_shipment_become_one() {
        let text =
            [HEADER, &row("r1", "100", "A", "Breite Str."), &row("r1", "100", "B", "Breite Str.")].join("\n");
        let day = read_csv(text.as_bytes()).unwrap();
        let (line, shipment) = &day.shipments[0];
        assert_eq!(
            (*line, shipment.parcels.len(), shipment.items.len(), shipment.instructions.len()),
            (2, 2, 1, 1)
        );
        assert_eq!(day.shipments.len(), 1);
    }

    #[test]
    fn where_the_van_stands_and_where_the_parcels_lie_may_be_told() {
        let row = |more: &str| format!("{}{more}", row("r1", "100", "A", "Breite Str."));
        let header = format!("{HEADER},parking_pin.lat,parking_pin.lon,van_place");
        let text = [header.as_str(), &row(",52.6,13.5,bag 3")].join("\n");
        let shipment = read_csv(text.as_bytes()).unwrap().shipments.remove(0).1;
        let parking = shipment.parking_pin.map(|pin| (pin.lat, pin.lon));
        assert_eq!((parking, shipment.van_place.as_deref()), (Some((52.6, 13.5)), Some("bag 3")));
        let half = read_csv([header.as_str(), &row(",52.6,,")].join("\n").as_bytes()).unwrap_err();
        assert_eq!(half[0].field, "parking_pin.lon");
        let none = read_csv([header.as_str(), &row(",,,")].join("\n").as_bytes()).unwrap();
        assert!(none.shipments[0].1.parking_pin.is_none() && none.shipments[0].1.van_place.is_none());
    }

    #[test]
    fn a_number_to_call_may_be_told() {
        let header = format!("{HEADER},recipient.phone");
        let row = |phone: &str| format!("{},{phone}", row("r1", "100", "A", "Breite Str."));
        let read = |phone: &str| read_csv([header.as_str(), &row(phone)].join("\n").as_bytes()).unwrap();
        let recipient = |phone: &str| read(phone).shipments.remove(0).1.recipient;
        assert_eq!(recipient("030 1234567").phone.as_deref(), Some("030 1234567"));
        assert_eq!(recipient("").phone, None);
    }

    #[test]
    fn every_wrong_row_is_named_with_its_line_and_field() {
        let text = [
            HEADER,
            &row("r1", "a lot", "A", "Breite Str."),
            &row("r2", "1", "B", "Breite Str."),
            &row("r2", "1", "C", "Schmale Str."),
            "too,few",
        ]
        .join("\n");
        let problems = read_csv(text.as_bytes()).unwrap_err();
        let named: Vec<_> = problems.iter().map(|it| (it.row, it.field.as_str())).collect();
        assert_eq!(named, [(2, "item.value"), (4, "address.street"), (5, "")]);
        let unknown = read_csv(b"day,code\n2026-11-24,no\n").unwrap_err();
        assert_eq!((unknown[0].row, unknown[0].field.as_str()), (1, "code"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, text in "\\PC{0,200}") {
            let _ = read_csv(&bytes);
            let _ = read_csv(format!("{HEADER}\n{text}").as_bytes());
        }
    }
}
