//! The API's document (OpenAPI 3.1), made from the same list as the router: a route that is not in it cannot be added.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use courier_protocol::{ProblemKind, header};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::App;
use super::schema::Problem;

const JSON: &str = "application/json";
const HTML: &str = "text/html";
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Auth {
    /// Anybody; the tracking page's token stands in its path.
    Nobody,
    /// A phone, with its access token.
    Phone,
    /// A shop or the office, with a key; the office in a session too.
    Shop,
    /// The office, with a key or in a session.
    Office,
    /// Who reads figures, or the office.
    Metrics,
    /// The office, or a phone.
    OfficeOrPhone,
    /// Somebody in a session.
    Session,
}

type MakeSchema = fn(&mut SchemaGenerator) -> Schema;
/// Media type, and schema of what is of it.
type Body = (&'static str, MakeSchema);

/// What a route takes and answers.
pub(super) struct Operation {
    name: &'static str,
    what: &'static str,
    auth: Auth,
    parameters: Vec<(&'static str, &'static str, bool, &'static str)>,
    bodies: Vec<Body>,
    answers: Vec<(u16, &'static str, Option<Body>)>,
}

impl Operation {
    pub(super) fn new(name: &'static str, auth: Auth, what: &'static str) -> Self {
        Self { name, what, auth, parameters: Vec::new(), bodies: Vec::new(), answers: Vec::new() }
    }

    pub(super) fn query(mut self, name: &'static str, what: &'static str) -> Self {
        self.parameters.push(("query", name, false, what));
        self
    }

    pub(super) fn header(mut self, name: &'static str, what: &'static str) -> Self {
        self.parameters.push(("header", name, true, what));
        self
    }

    pub(super) fn may_header(mut self, name: &'static str, what: &'static str) -> Self {
        self.parameters.push(("header", name, false, what));
        self
    }

    /// Takes JSON.
    pub(super) fn takes<T: JsonSchema>(self) -> Self {
        self.takes_as::<T>(JSON)
    }

    /// Takes a form of a page.
    pub(super) fn takes_form<T: JsonSchema>(self) -> Self {
        self.takes_as::<T>(FORM)
    }

    pub(super) fn takes_as<T: JsonSchema>(mut self, media: &'static str) -> Self {
        self.bodies.push((media, |generator| generator.subschema_for::<T>()));
        self
    }

    /// Answers JSON.
    pub(super) fn gives<T: JsonSchema>(self, status: u16, what: &'static str) -> Self {
        self.gives_as::<T>(status, JSON, what)
    }

    pub(super) fn gives_as<T: JsonSchema>(
        mut self,
        status: u16,
        media: &'static str,
        what: &'static str,
    ) -> Self {
        self.answers.push((status, what, Some((media, |generator| generator.subschema_for::<T>()))));
        self
    }

    /// Answers a page.
    pub(super) fn page(self) -> Self {
        self.gives_as::<String>(200, HTML, "a page")
    }

    /// Answers without a body.
    pub(super) fn done(mut self, status: u16, what: &'static str) -> Self {
        self.answers.push((status, what, None));
        self
    }

    fn document(&self, path: &str, generator: &mut SchemaGenerator) -> Value {
        let mut parameters: Vec<_> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| parameter("path", name, true, "see the path"))
            .collect();
        let given =
            self.parameters.iter().map(|(place, name, needed, what)| parameter(place, name, *needed, what));
        parameters.extend(given);
        let mut operation = json!({
            "operationId": self.name, "summary": self.what, "parameters": parameters,
            "security": self.security(), "responses": self.responses(generator),
        });
        if !self.bodies.is_empty() {
            let content: Map<_, _> = self
                .bodies
                .iter()
                .map(|(media, schema)| ((*media).to_owned(), json!({ "schema": schema(generator) })))
                .collect();
            operation["requestBody"] = json!({"required": true, "content": content});
        }
        operation
    }

    fn responses(&self, generator: &mut SchemaGenerator) -> Value {
        let problem = generator.subschema_for::<Problem>();
        let problems = json!({
            header::PROBLEM_MEDIA_TYPE: {"schema": problem}, HTML: {"schema": {"type": "string"}}
        });
        let mut responses: BTreeMap<String, Value> = BTreeMap::new();
        for (status, what, body) in &self.answers {
            let of = responses.entry(status.to_string()).or_insert_with(|| json!({ "description": what }));
            let Some((media, schema)) = body else { continue };
            of["content"][*media] = json!({ "schema": schema(generator) });
            if *status >= 400 {
                of["content"][header::PROBLEM_MEDIA_TYPE] = problems[header::PROBLEM_MEDIA_TYPE].clone();
                of["content"][HTML] = problems[HTML].clone();
            }
        }
        for (range, what) in [("4XX", "refused, and why"), ("5XX", "a fault of the server")] {
            responses.insert(range.into(), json!({"description": what, "content": problems}));
        }
        json!(responses)
    }

    fn security(&self) -> Value {
        match self.auth {
            Auth::Nobody => json!([]),
            Auth::Phone => json!([{"phone": []}]),
            Auth::Shop | Auth::Office | Auth::Metrics => json!([{"key": []}, {"session": []}]),
            Auth::OfficeOrPhone => json!([{"key": []}, {"session": []}, {"phone": []}]),
            Auth::Session => json!([{"session": []}]),
        }
    }
}

fn parameter(place: &str, name: &str, needed: bool, what: &str) -> Value {
    json!({"in": place, "name": name, "required": needed, "description": what, "schema": {"type": "string"}})
}

/// Routes, and what is told of them.
pub(super) struct Routes {
    router: Router<App>,
    told: Vec<Told>,
}

/// A method, the path that takes it, and what is told of the two.
type Told = (&'static str, &'static str, Operation);

impl Routes {
    /// Begins with routes that no document tells of, which only builds for tests have.
    pub(super) fn new(router: Router<App>) -> Self {
        Self { router, told: Vec::new() }
    }

    /// Adds a route for one method.
    pub(super) fn add(
        mut self,
        method: &'static str,
        path: &'static str,
        handler: MethodRouter<App>,
        operation: Operation,
    ) -> Self {
        self.told.push((method, path, operation));
        self.router = self.router.route(path, handler);
        self
    }

    /// Does something to the routes so far.
    pub(super) fn map(mut self, change: impl FnOnce(Router<App>) -> Router<App>) -> Self {
        self.router = change(self.router);
        self
    }

    /// The router, and the document.
    pub(super) fn finish(self) -> (Router<App>, Document) {
        (self.router, Document { told: self.told, made: OnceLock::new() })
    }
}

/// The API's document. It is made when somebody first asks for it: a start that nobody asks has no use for it.
#[derive(Default)]
pub(crate) struct Document {
    told: Vec<Told>,
    made: OnceLock<Value>,
}

impl Document {
    pub(super) fn get(&self) -> &Value {
        self.made.get_or_init(|| self.make())
    }

    fn make(&self) -> Value {
        let settings = SchemaSettings::draft2020_12().with(|it| {
            it.definitions_path = "/components/schemas".into();
            it.meta_schema = None;
        });
        let mut generator = settings.into_generator();
        let mut paths: BTreeMap<_, Map<_, _>> = BTreeMap::new();
        for (method, path, operation) in &self.told {
            let told = operation.document(path, &mut generator);
            paths.entry(path).or_default().insert((*method).to_owned(), told);
        }
        let schemas = generator.take_definitions(true);
        let kinds: Vec<_> = ProblemKind::ALL
            .iter()
            .map(|kind| format!("- `{}` ({}): {}", kind.uri(), kind.status(), kind.title()))
            .collect();
        let what = format!(
            "Every answer carries `{}` and `{}`. Refusals are problem documents (RFC 9457); their stable types:\n\n{}",
            header::SERVER_MS,
            header::EPOCH,
            kinds.join("\n")
        );
        json!({
            "openapi": "3.1.0",
            "info": {"title": "Courier backend", "version": env!("CARGO_PKG_VERSION"), "description": what,
                     "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"}},
            "paths": paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": {
                    "key": {"type": "http", "scheme": "bearer", "description": "a key of a program, made by an admin"},
                    "phone": {"type": "http", "scheme": "bearer", "description": "an access token of /v1/token"},
                    "session": {"type": "apiKey", "in": "cookie", "name": "courier_session",
                                "description": "a login; behind https it is called __Host-courier_session. Calls that change something send x-csrf-token too"},
                }
            }
        })
    }
}

/// The document.
pub(super) async fn show(State(app): State<App>) -> Response {
    axum::Json(app.document.get()).into_response()
}
