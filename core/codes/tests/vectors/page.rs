//! `docs/protocol.md`: its examples are what the code reads and writes, and what is cryptographic in them is frozen.

use std::path::Path;

use courier_codes::kdf::{check_verifier, tag_of};
use courier_codes::{Code, Token};
use courier_domain::{FactPayload, PrivatePart};
use courier_protocol::{
    Assertion, Change, Changes, EnrolAnswer, EnrolProof, EnrolRequest, FactsAnswer, FactsRequest, Object,
    Problem, ProblemKind, ReceiptPayload, RouteOp, TokenAnswer, TokenRequest, digest,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

fn page() -> String {
    file("docs/protocol.md")
}

/// The blocks of JSON, each with the type that stands behind its fence.
fn examples(page: &str) -> Vec<(&str, Value)> {
    let blocks = page.split("```json ").skip(1);
    let blocks = blocks.map(|block| block.split_once("```").unwrap().0.split_once('\n').unwrap());
    blocks
        .map(|(name, json)| (name, serde_json::from_str(json).unwrap_or_else(|e| panic!("{name}: {e}"))))
        .collect()
}

fn example<T: DeserializeOwned>(name: &str) -> T {
    let page = page();
    let found = examples(&page).into_iter().find(|(known, _)| *known == name);
    serde_json::from_value(found.unwrap_or_else(|| panic!("no example of {name}")).1).unwrap()
}

/// Nothing in it is unknown, and nothing is missing.
fn is_what_is_written<T: DeserializeOwned + Serialize>(name: &str, json: &Value) {
    let read: T = serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(serde_json::to_value(read).unwrap(), *json, "{name} is written otherwise than the page says");
}

#[test]
fn every_example_of_the_page_is_read_and_written_as_it_stands_there() {
    let page = page();
    let examples = examples(&page);
    for (name, json) in &examples {
        match *name {
            "Problem" => is_what_is_written::<Problem>(name, json),
            "EnrolRequest" => is_what_is_written::<EnrolRequest>(name, json),
            "EnrolProof" => is_what_is_written::<EnrolProof>(name, json),
            "EnrolAnswer" => is_what_is_written::<EnrolAnswer>(name, json),
            "TokenRequest" => is_what_is_written::<TokenRequest>(name, json),
            "Assertion" => is_what_is_written::<Assertion>(name, json),
            "TokenAnswer" => is_what_is_written::<TokenAnswer>(name, json),
            "FactPayload" => is_what_is_written::<FactPayload>(name, json),
            "PrivatePart" => is_what_is_written::<PrivatePart>(name, json),
            "FactsRequest" => is_what_is_written::<FactsRequest>(name, json),
            "FactsAnswer" => is_what_is_written::<FactsAnswer>(name, json),
            "ReceiptPayload" => is_what_is_written::<ReceiptPayload>(name, json),
            "Changes" => is_what_is_written::<Changes>(name, json),
            "RouteOp" => is_what_is_written::<RouteOp>(name, json),
            other => panic!("{other} is no type that this test knows"),
        }
    }
    assert_eq!(examples.len(), 14);
}

#[test]
fn what_is_signed_on_the_page_is_frozen() {
    let page = page();
    let examples = examples(&page);
    for (name, vectors, at) in [
        ("EnrolRequest", "enrolment", "/vectors/request"),
        ("EnrolProof", "enrolment", "/vectors/payload"),
        ("TokenRequest", "assertion", "/vectors/request"),
        ("Assertion", "assertion", "/vectors/payload"),
        ("FactPayload", "facts", "/vectors/facts/5/payload"),
        ("ReceiptPayload", "receipt", "/vectors/payload"),
    ] {
        let kept: Value = serde_json::from_str(&file(&format!("tests/vectors/{vectors}.json"))).unwrap();
        let kept = match kept.pointer(at).unwrap() {
            Value::String(payload) => serde_json::from_str(payload).unwrap(),
            request => request.clone(),
        };
        let shown = examples.iter().find(|(known, _)| *known == name).unwrap();
        assert_eq!(shown.1, kept, "{name}");
    }
}

#[test]
fn every_long_value_of_the_page_is_a_frozen_one() {
    let kept: String =
        ["assertion", "enrolment", "evidence-v1", "facts", "private", "receipt", "tag", "token"]
            .map(|name| file(&format!("tests/vectors/{name}.json")))
            .concat();
    let changes: Changes = example("Changes");
    let token: TokenAnswer = example("TokenAnswer");
    let page = page();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let values = page
        .split(|c| !is_part(c))
        .filter(|word| word.len() >= 22 && word.contains(|c: char| c.is_ascii_digit()));
    let strange: Vec<_> = values
        .filter(|value| !kept.contains(value))
        .filter(|value| Some(*value) != changes.digest.as_deref() && **value != token.access_token)
        .collect();
    assert_eq!(strange, Vec::<&str>::new());
}

#[test]
fn the_route_of_the_page_has_its_digest_and_the_code_that_the_page_tells() {
    let changes: Changes = example("Changes");
    let lines = changes.ops.iter().map(|op| (op.kind.as_str(), op.id.as_str(), op.rev));
    assert_eq!(Some(digest(lines)), changes.digest);
    let mut verifiers = 0;
    for op in &changes.ops {
        let Change::Put(object) = op.read().unwrap() else { panic!("{} is no put", op.id) };
        if let Object::Verifier(verifier) = *object {
            verifiers += 1;
            check_verifier(&verifier).unwrap();
            assert_eq!(tag_of(&Code::parse("307628").unwrap(), &verifier).unwrap(), verifier.tag);
            let token = Token::parse("courier:1:B2ZZm3u6UXoKV86C65_UEg").unwrap();
            assert_eq!(verifier.token_sha256, Some(token.sha256()));
        }
    }
    assert_eq!((verifiers, changes.ops.len()), (1, 7));
}

#[test]
fn rules_are_numbered_in_order_and_every_problem_of_a_phone_is_on_the_page() {
    let page = page();
    let mut last = (0, 0);
    let mut rules = 0;
    for line in page.lines().filter(|line| line.starts_with("**P")) {
        let (section, rule) = line[3..].split_once("**").unwrap().0.split_once('.').unwrap();
        let next: (u32, u32) = (section.parse().unwrap(), rule.parse().unwrap());
        assert!(
            next == (last.0, last.1 + 1) || next == (last.0 + 1, 1),
            "{line} follows P{}.{}",
            last.0,
            last.1
        );
        (last, rules) = (next, rules + 1);
    }
    assert!(rules > 60, "{rules} rules");
    for kind in ProblemKind::ALL {
        let word = kind.uri().rsplit(':').next().unwrap();
        // Only the office is told that something is stale.
        let is_there = page.lines().any(|line| {
            line.starts_with(&format!("| {} |", kind.status())) && line.contains(&format!("`{word}`"))
        });
        assert!(is_there || *kind == ProblemKind::Stale, "{word} is missing");
    }
}
