//! The format of the benchmark instances: whole numbers with white space between them. First how many stops, then a
//! row of travel costs for each, then `earliest latest service` for each. Stop 0 is where the tour begins and ends.

use courier_routing::problem::GREATEST_LATE_WEIGHT;
use courier_routing::{Finish, Matrix, Problem, Start, Stop};

/// A `latest` that is none.
const NO_WINDOW: i64 = 100_000_000;

/// Reads an instance. Lateness gets the greatest weight, because the published costs are of tours in time.
///
/// # Errors
/// Words for whoever called: which number is missing or out of range.
pub(crate) fn read(text: &str) -> Result<Problem, String> {
    let mut numbers = text.split_ascii_whitespace().zip(1..);
    let mut number = |what: &str| -> Result<i64, String> {
        let (word, place) = numbers.next().ok_or_else(|| format!("ends before {what}"))?;
        word.parse().map_err(|_| format!("number {place}: {word:?} is not {what}"))
    };
    let count = usize::try_from(number("the count of stops")?).map_err(|_| "a count below 0".to_owned())?;
    if count == 0 || count > courier_routing::problem::MOST_STOPS {
        return Err(format!("{count} stops"));
    }
    let mut cells = Vec::with_capacity(count * count);
    for _ in 0..count * count {
        cells.push(u32::try_from(number("a travel cost")?).map_err(|_| "a travel cost below 0".to_owned())?);
    }
    let travel = Matrix::from_rows(count, cells).ok_or("not a square of travel costs")?;
    let mut stops = Vec::with_capacity(count);
    for _ in 0..count {
        let (earliest, latest) = (number("an earliest time")?, number("a latest time")?);
        let service =
            u32::try_from(number("a service time")?).map_err(|_| "a service time below 0".to_owned())?;
        stops.push(Stop {
            earliest: (earliest > 0).then_some(earliest),
            latest: (latest < NO_WINDOW).then_some(latest),
            service_s: service,
            late_weight: GREATEST_LATE_WEIGHT,
            zone: None,
        });
    }
    if numbers.next().is_some() {
        return Err(format!("more than {count} stops need"));
    }
    let start = Start { at: 0, stop: Some(0) };
    let problem = Problem { start, finish: Finish::BackAtStart, ..Problem::new(travel, stops) };
    problem.check().map_err(|error| error.to_string())?;
    Ok(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_read() {
        let problem = read("2\n0 7\n9 0\n0 100000000 0\n3 20 5\n").unwrap();
        assert_eq!((problem.travel.at(0, 1), problem.travel.at(1, 0)), (7, 9));
        assert_eq!((problem.stops[0].latest, problem.stops[1].latest), (None, Some(20)));
        assert_eq!((problem.stops[1].earliest, problem.stops[1].service_s), (Some(3), 5));
    }

    #[test]
    fn what_is_wrong_with_an_instance_is_said() {
        for (text, says) in [
            ("", "ends before the count of stops"),
            ("two", "number 1: \"two\" is not the count of stops"),
            ("0", "0 stops"),
            ("5000", "5000 stops"),
            ("1 0 0 5", "ends before a service time"),
            ("1 -3 0 5 0", "a travel cost below 0"),
            ("1 0 9 5 0", "stop 0: its window, service time or weight is out of range"),
            ("1 0 0 5 0 1", "more than 1 stops need"),
        ] {
            assert_eq!(read(text).unwrap_err(), says, "{text:?}");
        }
    }
}
