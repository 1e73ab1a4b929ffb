//! The log: a line of JSON for each event, on standard error. Nothing in it is personal: events are stable words, and
//! what they are about are identifiers and counts.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

/// Something went wrong that an operator should look at.
pub(crate) fn problem(event: &str, what: &dyn std::fmt::Display) {
    write(line("problem", event, &[("what", what.to_string().into())]));
}

/// Something happened.
pub(crate) fn event(event: &str, fields: &[(&str, Value)]) {
    write(line("info", event, fields));
}

fn line(level: &str, event: &str, fields: &[(&str, Value)]) -> String {
    let at_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let mut line = Map::new();
    line.insert("at_ms".into(), u64::try_from(at_ms).unwrap_or(u64::MAX).into());
    line.insert("level".into(), level.into());
    line.insert("event".into(), event.into());
    line.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Value::Object(line).to_string()
}

fn write(mut line: String) {
    line.push('\n');
    // A log that nobody takes stops nothing.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_of_json_whatever_is_in_it() {
        let line = line("info", "a\nb", &[("what", "\"\n\u{1b}[31m".into())]);
        assert!(!line.contains('\n') && !line.contains('\u{1b}'), "{line}");
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&read["event"], &read["what"]), (&"a\nb".into(), &"\"\n\u{1b}[31m".into()));
    }
}
