//! Enrolment and access tokens.

use courier_codes::sign_jws;
use courier_domain::UnixMs;
use courier_protocol::{
    Assertion, EnrolAnswer, EnrolProof, EnrolRequest, Problem, Scope, TokenAnswer, TokenRequest, header,
};

use super::Machine;
use super::commands::PortKey;
use super::lane::Sent;
use super::open::random_text;
use crate::clock::Anchor;
use crate::error::EngineError;
use crate::http::{HttpRequest, HttpResponse, Method, NetError};
use crate::ports::Now;

/// An enrolment that is under way.
pub(super) struct Enrolment {
    code: String,
    pub(super) request: Option<u64>,
    sent_boot_ms: u64,
    outcome: Option<Result<(), EngineError>>,
}

/// An access token.
pub(super) struct Token {
    text: String,
    until_boot_ms: u64,
    scope: Scope,
}

impl Machine {
    /// Begins an enrolment with the code that the office gave.
    pub fn begin_enrolment(&mut self, code: &str) -> Result<(), EngineError> {
        let code: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let code = code.to_ascii_uppercase();
        if code.len() != 10 || !code.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7')) {
            return Err(EngineError::InvalidInput { what: "the enrolment code" });
        }
        self.enrolment = Some(Enrolment { code, request: None, sent_boot_ms: 0, outcome: None });
        Ok(())
    }

    /// How the enrolment ended, once it did.
    pub fn finished_enrolment(&mut self) -> Option<Result<(), EngineError>> {
        let outcome = self.enrolment.as_mut()?.outcome.take()?;
        self.enrolment = None;
        Some(outcome)
    }

    pub(super) fn enrolment_request(&mut self, now: &Now) -> Result<Option<HttpRequest>, EngineError> {
        let waiting = |it: &Enrolment| it.request.is_none() && it.outcome.is_none();
        let Some(code) = self.enrolment.as_ref().filter(|it| waiting(it)).map(|it| it.code.clone()) else {
            return Ok(None);
        };
        let device = PortKey::new(self.ports.key.as_ref())?;
        let proof = EnrolProof { code: code.clone(), install: self.install.clone() };
        let proof = sign_jws(header::TYP_ENROL, &json(&proof)?, &device)?;
        let body = EnrolRequest {
            code,
            install: self.install.clone(),
            device_jwk: courier_codes::Sign::jwk(&device),
            key: self.ports.key.level(),
            platform: self.config.platform.clone(),
            app: self.config.app.clone(),
            proof,
        };
        let request = self.request(Method::Post, "/v1/enrol", json(&body)?);
        if let Some(enrolment) = &mut self.enrolment {
            enrolment.request = Some(request.id);
            enrolment.sent_boot_ms = now.boot_ms;
        }
        Ok(Some(request))
    }

    pub(super) fn enrolled(&mut self, answer: Result<HttpResponse, NetError>, now: &Now) {
        let sent = self.enrolment.as_ref().map_or(0, |enrolment| enrolment.sent_boot_ms);
        let outcome = match answer {
            Err(_) => Err(EngineError::Offline),
            Ok(response) => match read::<EnrolAnswer>(&response) {
                Some(answer) => self.store_enrolment(&answer, sent, now),
                None => Err(refusal(&response)),
            },
        };
        if let Some(enrolment) = &mut self.enrolment {
            enrolment.request = None;
            enrolment.outcome = Some(outcome);
        }
    }

    fn store_enrolment(&mut self, answer: &EnrolAnswer, sent: u64, now: &Now) -> Result<(), EngineError> {
        let key =
            answer.evidence_keys.first().ok_or(EngineError::InvalidInput { what: "the server's answer" })?;
        let evidence = courier_codes::EvidenceKey::from_base64(&key.x25519)
            .map_err(|_| EngineError::InvalidInput { what: "the server's evidence key" })?;
        let anchor = Anchor::new(answer.server_ms.0, sent, now);
        self.journal.set_meta(&[
            ("courier", &json(&answer.courier)?),
            ("evidence-key", &json(&key.x25519)?),
            ("epoch", &json(&answer.epoch)?),
            ("anchor", &json(&anchor)?),
        ])?;
        self.evidence_key = Some(evidence);
        self.courier = Some(answer.courier.clone());
        self.epoch.clone_from(&answer.epoch);
        self.anchor = Some(anchor);
        self.token = None;
        self.changed();
        Ok(())
    }

    pub(super) fn has_token(&self, now: &Now) -> bool {
        self.token.as_ref().is_some_and(|token| now.boot_ms < token.until_boot_ms)
    }

    /// Whether the token reaches to the route.
    pub(super) fn may_read_route(&self) -> bool {
        self.token.as_ref().is_none_or(|token| token.scope == Scope::Full)
    }

    pub(super) fn token_request(&mut self, now: &Now) -> Result<Option<HttpRequest>, EngineError> {
        self.token_lane.forced = self.facts_lane.forced || self.route_lane.forced;
        if !self.token_lane.may_send(true, now) {
            return Ok(None);
        }
        let device = PortKey::new(self.ports.key.as_ref())?;
        let assertion = Assertion {
            iss: self.install.clone(),
            aud: self.config.server.clone(),
            iat: UnixMs(self.at(now).best().ms().0),
            jti: random_text(&mut self.rng, 16),
        };
        let assertion = sign_jws(header::TYP_ASSERTION, &json(&assertion)?, &device)?;
        let request = self.request(Method::Post, "/v1/token", json(&TokenRequest { assertion })?);
        self.token_lane.sent(request.id, sent(now));
        Ok(Some(request))
    }

    pub(super) fn token_received(
        &mut self,
        answer: Result<HttpResponse, NetError>,
        sent: &Sent,
        now: &Now,
    ) -> Result<(), EngineError> {
        let problem = match answer {
            Err(error) => error.to_string(),
            Ok(response) => {
                if let Some(answer) = read::<TokenAnswer>(&response) {
                    self.token = Some(Token {
                        text: answer.access_token,
                        // Renewed a minute early: a request under way must not see it end.
                        until_boot_ms: now.boot_ms + u64::from(answer.expires_in).saturating_sub(60) * 1000,
                        scope: answer.scope,
                    });
                    self.token_lane.succeeded(now, 0);
                    return self.see_server(answer.server_ms.0, &answer.epoch, sent.boot_ms, now);
                }
                // An assertion is refused when our clock is wrong: the answer tells the right time.
                self.see_server_of(&response, sent.boot_ms, now)?;
                problem_word(&response)
            }
        };
        self.token_lane.failed(now, None, &mut self.rng);
        self.facts_lane.failed(now, None, &mut self.rng);
        self.route_lane.failed(now, None, &mut self.rng);
        self.report.problem = Some(problem);
        Ok(())
    }

    /// The server refused the token: it is renewed once, then the lane backs off.
    pub(super) fn forget_token(&mut self) {
        self.token = None;
    }

    pub(super) fn request(&mut self, method: Method, path: &str, body: Vec<u8>) -> HttpRequest {
        let mut headers = vec![(header::PROTOCOL.to_owned(), header::PROTOCOL_VERSION.to_owned())];
        if method == Method::Post {
            headers.push(("content-type".into(), "application/json".into()));
        }
        if let Some(token) = &self.token {
            headers.push(("authorization".into(), format!("Bearer {}", token.text)));
        }
        HttpRequest { id: self.request_id(), method, path: path.into(), headers, body }
    }

    /// Takes the server's clock and epoch from the headers that every answer of it has.
    pub(super) fn see_server_of(
        &mut self,
        response: &HttpResponse,
        sent_boot_ms: u64,
        now: &Now,
    ) -> Result<(), EngineError> {
        let server_ms = response.header(header::SERVER_MS).and_then(|text| text.parse().ok());
        let epoch = response.header(header::EPOCH).map(str::to_owned);
        match (server_ms, epoch) {
            (Some(server_ms), Some(epoch)) => self.see_server(server_ms, &epoch, sent_boot_ms, now),
            _ => Ok(()),
        }
    }

    pub(super) fn see_server(
        &mut self,
        server_ms: i64,
        epoch: &str,
        sent_boot_ms: u64,
        now: &Now,
    ) -> Result<(), EngineError> {
        let anchor = Anchor::new(server_ms, sent_boot_ms, now);
        let was_stale = self.anchor.as_ref().is_none_or(|old| old.is_stale(now));
        if was_stale || self.epoch != epoch {
            self.journal.set_meta(&[("anchor", &json(&anchor)?), ("epoch", &json(&epoch)?)])?;
        }
        if self.epoch != epoch {
            // The server was restored: everything is offered again, and the route is fetched anew.
            epoch.clone_into(&mut self.epoch);
            self.routes.forget_cursor()?;
            self.log("epoch-changed", epoch);
        }
        self.anchor = Some(anchor);
        if was_stale {
            self.changed();
        }
        Ok(())
    }
}

pub(super) fn sent(now: &Now) -> Sent {
    Sent { boot_ms: now.boot_ms, echo: String::new(), items: Vec::new() }
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, EngineError> {
    serde_json::to_vec(value).map_err(|_| EngineError::internal("json"))
}

/// The body of a 200, if it is what was expected.
pub(super) fn read<T: serde::de::DeserializeOwned>(response: &HttpResponse) -> Option<T> {
    (response.status == 200).then(|| serde_json::from_slice(&response.body).ok()).flatten()
}

/// A stable word for an answer that was not the one expected.
pub(super) fn problem_word(response: &HttpResponse) -> String {
    let is_problem =
        response.header("content-type").is_some_and(|kind| kind.starts_with(header::PROBLEM_MEDIA_TYPE));
    let problem: Option<Problem> = is_problem.then(|| serde_json::from_slice(&response.body).ok()).flatten();
    match problem {
        Some(problem) => problem.kind.rsplit(':').next().unwrap_or_default().to_owned(),
        None => "not-our-server".into(),
    }
}

fn refusal(response: &HttpResponse) -> EngineError {
    match problem_word(response).as_str() {
        "not-our-server" | "internal" => EngineError::Offline,
        kind => EngineError::Auth { kind: kind.into() },
    }
}
