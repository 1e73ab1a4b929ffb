//! What has to be seen after a step. An expectation names what matters and leaves out the rest.

use serde_json::Value;

/// Where `seen` is not as `wanted`, or nothing if it is.
///
/// Of an object the named members count, and `null` fits a member that is not there. A list fits item by item, all of
/// them. `{"$has": [...]}` fits a list in which each of these occurs.
pub(crate) fn difference(wanted: &Value, seen: &Value) -> Option<String> {
    at("", wanted, seen)
}

fn at(path: &str, wanted: &Value, seen: &Value) -> Option<String> {
    match (wanted, seen) {
        (Value::Object(members), _) if members.len() == 1 && members.contains_key("$has") => {
            let items = seen.as_array().map(Vec::as_slice).unwrap_or_default();
            let needed = members["$has"].as_array().map(Vec::as_slice).unwrap_or_default();
            let missing =
                needed.iter().find(|wanted| items.iter().all(|seen| at("", wanted, seen).is_some()));
            missing.map(|wanted| format!("{path}: {wanted} is not among {seen}"))
        }
        (Value::Object(members), Value::Object(have)) => members.iter().find_map(|(name, wanted)| {
            at(&format!("{path}.{name}"), wanted, have.get(name).unwrap_or(&Value::Null))
        }),
        (Value::Array(items), Value::Array(have)) if items.len() == have.len() => {
            let pairs = items.iter().zip(have).enumerate();
            pairs.map(|(n, (wanted, seen))| at(&format!("{path}[{n}]"), wanted, seen)).find_map(|found| found)
        }
        _ if wanted == seen => None,
        _ => Some(format!("{path}: {wanted} is expected, {seen} is there")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn named_members_count_and_others_do_not() {
        let seen = json!({"state": "open", "list": [{"a": 1, "b": 2}, 3], "more": true});
        for fits in [
            json!({"state": "open"}),
            json!({"gone": null}),
            json!({"list": [{"a": 1}, 3]}),
            json!({"list": {"$has": [{"b": 2}]}}),
        ] {
            assert_eq!(difference(&fits, &seen), None, "{fits}");
        }
        for wrong in [
            json!({"state": "closed"}),
            json!({"state": null}),
            json!({"missing": 1}),
            json!({"list": [{"a": 1}]}),
            json!({"list": [{"a": 2}, 3]}),
            json!({"list": {"$has": [4]}}),
            json!({"state": {"$has": ["open"]}}),
        ] {
            assert!(difference(&wrong, &seen).is_some(), "{wrong} fits");
        }
    }
}
