//! Faults that a backend could have, each with the rule that has to find it.

use courier_codes::fact_hash;
use courier_protocol::header::{EPOCH, FACTS_MEDIA_TYPE, REQUEST, SERVER_MS};
use serde_json::{Value, json};

use crate::proxy::{Answer, Ask, Fault, Memory};

type Carry<'a> = &'a dyn Fn() -> Answer;

pub(crate) const ALL: &[(&str, &str, Fault)] = &[
    ("no clock in a 204", "P1.4", |_, _, carry| match carry() {
        answer if answer.status == 204 => answer.without(SERVER_MS),
        answer => answer,
    }),
    ("refusals as pages", "P1.7", |_, _, carry| match carry() {
        answer if answer.status >= 400 => answer.with("content-type", "text/html"),
        answer => answer,
    }),
    ("a receipt that somebody else signed", "P2.5", |_, _, carry| {
        carry().json(|json| {
            let signed = json["receipt"]
                .as_str()
                .and_then(|jws| jws.rsplit_once('.'))
                .map(|(head, _)| head.to_owned());
            if let Some(head) = signed {
                json["receipt"] = format!("{head}.{}", "A".repeat(86)).into();
            }
        })
    }),
    ("nobody counts enrolment codes", "P3.6", |_, _, carry| match carry() {
        answer if answer.status == 429 => Answer { status: 422, ..answer },
        answer => answer,
    }),
    ("an assertion is taken again", "P4.3", |memory, ask, carry| {
        if !ask.line.starts_with("POST /v1/token") {
            return carry();
        }
        memory.answers.entry(ask.body.clone()).or_insert_with(carry).clone()
    }),
    ("an unknown token is forbidden", "P4.4", |_, _, carry| match carry() {
        answer if answer.status == 401 => Answer { status: 403, ..answer },
        answer => answer,
    }),
    ("a dismissed courier is told nothing of it", "P4.5", |_, _, carry| {
        carry().json(|json| {
            if json["scope"] == "drain" {
                json["scope"] = "full".into();
            }
        })
    }),
    ("another request is echoed", "P5.6", |_, _, carry| {
        carry().json(|json| {
            if json["request"].is_string() {
                json["request"] = "another".into();
            }
        })
    }),
    ("facts are answered as plain JSON", "P5.6", |_, _, carry| match carry() {
        answer if answer.headers.iter().any(|(_, value)| value == FACTS_MEDIA_TYPE) => {
            answer.with("content-type", "application/json")
        }
        answer => answer,
    }),
    ("results come in another order", "P5.6", |_, _, carry| {
        carry().json(|json| json["results"].as_array_mut().into_iter().for_each(|all| all.reverse()))
    }),
    ("facts are acknowledged and not stored", "P5.7", acknowledged_and_not_stored),
    ("a double is not told", "P5.8", |_, _, carry| carry().results(|result| result["dup"] = false.into())),
    ("what is parked counts as stored", "P5.9", |_, _, carry| {
        carry().results(|result| result["status"] = "stored".into())
    }),
    ("a gap is not told", "P5.10", |_, _, carry| carry().results(|result| drop_flag(result, "gap"))),
    ("nothing is asked for after a gap", "P5.10", |_, _, carry| {
        carry().results(|result| {
            result.as_object_mut().unwrap().remove("want");
        })
    }),
    ("a fork is not told", "P5.11", |_, _, carry| {
        carry().results(|result| drop_flag(result, "sequence-fork"))
    }),
    ("two facts of one id are not told", "P5.13", |_, _, carry| {
        carry().results(|result| drop_flag(result, "id-conflict"))
    }),
    ("everything is signed", "P5.14", |_, _, carry| {
        carry().results(|result| drop_flag(result, "bad-signature"))
    }),
    ("there is no receipt", "P5.17", |_, _, carry| {
        carry().json(|json| {
            json.as_object_mut().unwrap().remove("receipt");
        })
    }),
    ("what has to come again counts as stored", "P5.19", |_, _, carry| {
        carry().results(|result| result["status"] = "stored".into())
    }),
    ("every entry is right", "P6.3", |_, _, carry| {
        carry().results(|result| {
            if !result["verdict"].is_null() {
                result["verdict"] = json!({"verdict": "confirmed", "why": "right-code"});
            }
        })
    }),
    ("wrong entries are forgotten", "P6.5", |_, _, carry| {
        carry().ops(|ops| {
            for op in ops.iter_mut().filter(|op| op["type"] == "shipment" && op["op"] == "put") {
                op["data"]["tries_used"] = 0.into();
                op["data"].as_object_mut().unwrap().remove("tries");
            }
        })
    }),
    ("nobody learns who has a parcel", "P6.9", |_, _, carry| {
        carry().ops(|ops| ops.retain(|op| op["type"] != "done"))
    }),
    ("a digest of something else", "P7.4", |_, _, carry| {
        carry().json(|json| {
            if json["digest"].is_string() {
                json["digest"] = "A".repeat(43).into();
            }
        })
    }),
    ("a cursor of nobody is answered with nothing new", "P7.6", |_, _, carry| match carry() {
        answer if answer.status == 410 => Answer { status: 204, body: Vec::new(), ..answer },
        answer => answer,
    }),
    ("an empty poll without the epoch", "P7.7", |_, _, carry| match carry() {
        answer if answer.status == 204 => answer.without(EPOCH),
        answer => answer,
    }),
    ("tombstones get lost", "P7.10", |_, _, carry| carry().ops(|ops| ops.retain(|op| op["op"] != "gone"))),
    ("a tag of other digits", "P8.2", |_, _, carry| {
        change_verifiers(carry, |data| data["tag"] = (data["tag"].as_u64().unwrap() ^ 1).into())
    }),
    ("a hash that takes all the memory of a phone", "P8.4", |_, _, carry| {
        change_verifiers(carry, |data| data["kdf"]["m"] = 4_194_304.into())
    }),
    ("a code that is valid for ever", "P8.6", |_, _, carry| {
        change_verifiers(carry, |data| data["not_after"] = 7_258_118_400_000i64.into())
    }),
    ("nobody checks files", "P9.5", |_, _, carry| match carry() {
        answer if answer.status == 422 => Answer { status: 201, ..answer },
        answer => answer,
    }),
    ("answers about files are nobody's", "P9.6", |_, _, carry| carry().without(REQUEST)),
    ("a restored backend keeps its epoch", "P10.1", |memory, _, carry| {
        let answer = carry();
        let told = answer.headers.iter().find(|(name, _)| name == EPOCH).map(|(_, value)| value.clone());
        let epoch = memory.epoch.get_or_insert(told.unwrap_or_default()).clone();
        answer.json(|json| {
            if json["epoch"].is_string() {
                json["epoch"] = epoch.into();
            }
        })
    }),
];

fn drop_flag(result: &mut Value, word: &str) {
    result["flags"].as_array_mut().unwrap().retain(|flag| flag != word);
}

fn change_verifiers(carry: Carry<'_>, change: impl Fn(&mut Value)) -> Answer {
    carry().ops(|ops| {
        for op in ops.iter_mut().filter(|op| op["type"] == "verifier" && op["op"] == "put") {
            change(&mut op["data"]);
        }
    })
}

/// What comes for the first time is acknowledged by the proxy itself.
fn acknowledged_and_not_stored(memory: &mut Memory, ask: &Ask, carry: Carry<'_>) -> Answer {
    let batch = serde_json::from_slice::<Value>(&ask.body).unwrap_or_default();
    if !ask.line.starts_with("POST /v1/facts") || memory.answers.contains_key(&ask.body) {
        return carry();
    }
    let results = batch["facts"].as_array().into_iter().flatten().map(|item| {
        let hash = fact_hash(item["jws"].as_str().unwrap());
        json!({"hash": hash, "status": "stored", "dup": false, "flags": []})
    });
    let said = json!({"request": "?", "epoch": batch["epoch"], "server_ms": 1_795_503_600_000i64,
        "results": results.collect::<Vec<_>>()});
    let answer = Answer {
        status: 200,
        headers: vec![("content-type".into(), FACTS_MEDIA_TYPE.into())],
        body: said.to_string().into_bytes(),
    };
    memory.answers.insert(ask.body.clone(), answer.clone());
    answer
}
