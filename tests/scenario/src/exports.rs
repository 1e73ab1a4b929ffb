//! What a sender reads of a shipment, in every format.

use serde_json::{Value, json};

use crate::backend::Backend;
use crate::shipment::SENDER;
use crate::{Failure, Result, failed};

/// What each format says of a shipment, oldest first: our own events as they are, of the others the codes and the flag.
pub(crate) fn exports(backend: &Backend, name: &str) -> Result<Value> {
    let own: Vec<Value> = read(backend, "courier")?
        .lines()
        .map(serde_json::from_str)
        .collect::<std::result::Result<_, _>>()
        .map_err(failed)?;
    let own: Vec<_> = own.into_iter().filter(|event| event["reference"] == name).collect();
    let epcis = of(
        &json_of(backend, "epcis")?["epcisBody"]["eventList"],
        "courier:reference",
        name,
        |event| {
            json!({"biz_step": event["bizStep"], "disposition": event["disposition"], "lossy": event["courier:lossy"],
               "outcome": event["courier:outcome"]})
        },
    );
    let upu = of(
        &json_of(backend, "upu")?["events"],
        "reference",
        name,
        |event| json!({"event": event["event"], "lossy": event["lossy"], "outcome": event["outcome"]}),
    );
    Ok(
        json!({"courier": own, "edifact": edifact(&read(backend, "edifact")?, name), "epcis": epcis, "upu": upu}),
    )
}

fn read(backend: &Backend, format: &str) -> Result<String> {
    let answer = backend.get(&format!("/v1/events?format={format}&sender={SENDER}"), "*/*")?;
    match answer.status {
        200 | 204 => Ok(answer.body),
        status => Err(Failure(format!("the feed as {format}: {status} {}", answer.body))),
    }
}

fn json_of(backend: &Backend, format: &str) -> Result<Value> {
    let text = read(backend, format)?;
    if text.is_empty() { Ok(Value::Null) } else { serde_json::from_str(&text).map_err(failed) }
}

fn of(events: &Value, field: &str, name: &str, shown: impl Fn(&Value) -> Value) -> Vec<Value> {
    let all = events.as_array().into_iter().flatten();
    all.filter(|event| event[field] == name).map(shown).collect()
}

/// The statuses of the messages about a shipment. Names in scenarios have nothing in them that is escaped.
fn edifact(interchange: &str, name: &str) -> Vec<Value> {
    let messages = interchange.split("'UNH+").filter(|message| message.contains(&format!("'CNI+1+{name}'")));
    messages
        .filter_map(|message| {
            let segment = |tag: &str| {
                let start = message.split('\'').find(|segment| segment.starts_with(tag));
                start.map(|segment| segment.split('+').collect::<Vec<_>>())
            };
            let (status, text) = (segment("STS+")?, segment("FTX+")?);
            let code = |no: usize| status.get(no).and_then(|element| element.split(':').next());
            let lossy = text.get(3).is_some_and(|flag| flag.starts_with("LOSSY"));
            Some(json!({"status": code(2), "reason": code(3), "lossy": lossy, "outcome": text.get(4)}))
        })
        .collect()
}
