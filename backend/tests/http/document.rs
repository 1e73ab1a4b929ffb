//! The API's own document: every answer that a test gets is held against it.

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use serde_json::Value;

use crate::world::{Answer, Backend};

/// The document, and what was compiled of it.
pub(crate) struct Document {
    value: Value,
    schemas: Schemas,
    compiler: Compiler,
}

const NAME: &str = "http://backend.example/openapi.json";

impl Document {
    pub(crate) fn new(value: Value) -> Self {
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.add_resource(NAME, value.clone()).unwrap();
        Self { value, schemas: Schemas::new(), compiler }
    }

    fn compile(&mut self, pointer: &str) -> SchemaIndex {
        let place = format!("{NAME}#{}", pointer.replace('{', "%7B").replace('}', "%7D"));
        self.compiler
            .compile(&place, &mut self.schemas)
            .unwrap_or_else(|error| panic!("{pointer}: {error:?}"))
    }

    /// Panics unless the answer is one that the document knows.
    pub(crate) fn check(&mut self, method: &str, path: &str, answer: &Answer) {
        let path = path.split('?').next().unwrap();
        if path.starts_with("/test/") {
            return; // Only builds for tests have these.
        }
        // What is no path of ours, or no method of it, is answered before any operation is known.
        let Some(template) = self.template(path) else {
            assert!(answer.status >= 400, "{method} {path} is not in the document: {}", answer.head);
            return;
        };
        let method = method.to_ascii_lowercase();
        let Some(operation) = self.value["paths"][&template].get(&method) else {
            assert!(answer.status == 405 || method == "head", "{method} {path}: {}", answer.head);
            return;
        };
        let status = answer.status.to_string();
        let responses = operation["responses"].as_object().unwrap();
        let range = format!("{}XX", &status[..1]);
        let known = [status, range].into_iter().find(|known| responses.contains_key(known));
        let known =
            known.unwrap_or_else(|| panic!("{method} {path}: {} is not in the document", answer.status));
        let content = &responses[&known]["content"];
        if content.is_null() {
            assert!(answer.body.is_empty(), "{method} {path}: a body that is not in the document");
            return;
        }
        let media = answer.header("content-type").unwrap_or_default().split(';').next().unwrap().to_owned();
        assert!(content.get(&media).is_some(), "{method} {path}: {media} is not in the document");
        if method == "head" {
            assert!(answer.body.is_empty(), "head {path}: a body");
            return;
        }
        let values: Vec<Value> = match media.as_str() {
            "application/jsonl" => {
                answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
            }
            json if json.ends_with("json") => vec![answer.json()],
            _ => return,
        };
        let escape = |part: &str| part.replace('~', "~0").replace('/', "~1");
        let pointer = format!(
            "/paths/{}/{method}/responses/{known}/content/{}/schema",
            escape(&template),
            escape(&media)
        );
        let schema = self.compile(&pointer);
        for value in values {
            if let Err(error) = self.schemas.validate(&value, schema) {
                panic!("{method} {path} {}: {error:#}\n{}", answer.status, answer.text());
            }
        }
    }

    fn template(&self, path: &str) -> Option<String> {
        let parts: Vec<_> = path.split('/').collect();
        let paths = self.value["paths"].as_object().unwrap().keys();
        let mut fitting: Vec<_> = paths
            .filter(|template| {
                let of: Vec<_> = template.split('/').collect();
                of.len() == parts.len()
                    && of
                        .iter()
                        .zip(&parts)
                        .all(|(of, part)| of == part || (of.starts_with('{') && !part.is_empty()))
            })
            .collect();
        fitting.sort_by_key(|template| template.matches('{').count());
        fitting.first().map(|template| (*template).clone())
    }
}

#[test]
fn the_document_is_whole_and_tells_who_may_ask() {
    let backend = Backend::start();
    let document = backend.ask("GET", "/openapi.json", &[], b"").json();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["info"]["description"].as_str().unwrap().contains("urn:courier:problem:stale"));
    let text = document.to_string();
    assert!(!text.contains("/test/") && !text.contains("threshold"), "{text}");
    for (place, name) in [("/v1/import", "ImportReport"), ("/t/{token}", "Tracking")] {
        assert!(
            document["paths"][place].to_string().contains(&format!("#/components/schemas/{name}")),
            "{place}"
        );
    }
    let mut names = std::collections::BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(
                names.insert(operation["operationId"].as_str().unwrap()),
                "{path} {method}: one name twice"
            );
            assert!(operation["security"].is_array(), "{path} {method}");
        }
    }
    // Whom the document lets in is who is let in: nobody else gets anything but a refusal.
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let path = path.replace(['{', '}'], "");
            let answer = backend.ask(&method.to_uppercase(), &path, &[crate::world::JSON], b"{}");
            let is_open = operation["security"].as_array().unwrap().is_empty();
            let refused = matches!(answer.status, 401 | 403) || answer.header("location") == Some("/login");
            assert_eq!(!refused, is_open, "{method} {path}: {}", answer.head);
        }
    }
}

#[test]
fn an_answer_that_is_not_in_the_document_is_found_out() {
    let backend = Backend::start();
    let mut document = Document::new(backend.ask("GET", "/openapi.json", &[], b"").json());
    let answer = |status, kind: &str, body: &str| Answer {
        status,
        head: format!("HTTP/1.0 {status}\r\ncontent-type: {kind}\r\n\r\n"),
        body: body.into(),
    };
    let json = "application/json";
    let right = answer(200, json, "{\"id\":\"x\"}");
    document.check("POST", "/v1/couriers", &right);
    for wrong in [
        answer(200, json, "{\"id\":1}"),
        answer(200, json, "{\"id\":\"x\",\"more\":1}"),
        answer(200, "text/plain", "x"),
        answer(207, json, "{}"),
        answer(404, "application/problem+json", "{\"title\":\"x\"}"),
    ] {
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            document.check("POST", "/v1/couriers", &wrong);
        }));
        assert!(found.is_err(), "{} {}", wrong.status, wrong.text());
    }
}
