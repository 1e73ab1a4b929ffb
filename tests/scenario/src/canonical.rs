//! One text for one value: no spaces, keys in the order of their bytes.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::{Result, failed};

/// The canonical text of `value`.
pub(crate) fn text(value: &impl Serialize) -> Result<String> {
    let value = serde_json::to_value(value).map_err(failed)?;
    let mut out = String::new();
    write(&value, &mut out);
    Ok(out)
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            // Not the map's own order, which another crate's features may change.
            let sorted: BTreeMap<_, _> = map.iter().collect();
            let members = sorted.into_iter().map(|(key, value)| (Some(key), value));
            list(members, ('{', '}'), out);
        }
        Value::Array(items) => list(items.iter().map(|value| (None, value)), ('[', ']'), out),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string());
        }
    }
}

fn list<'a>(
    items: impl Iterator<Item = (Option<&'a String>, &'a Value)>,
    (open, close): (char, char),
    out: &mut String,
) {
    out.push(open);
    for (n, (key, value)) in items.enumerate() {
        if n > 0 {
            out.push(',');
        }
        if let Some(key) = key {
            out.push_str(&Value::String(key.clone()).to_string());
            out.push(':');
        }
        write(value, out);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_at_every_depth_and_texts_are_escaped() {
        let value = json!({"b": [{"d": 1, "c": null}], "a": "\"ü\n"});
        assert_eq!(text(&value).unwrap(), r#"{"a":"\"ü\n","b":[{"c":null,"d":1}]}"#);
    }
}
