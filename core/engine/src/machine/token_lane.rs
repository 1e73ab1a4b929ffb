//! `POST /v1/token`: access tokens, fetched when another lane needs one and kept in memory only.

use courier_codes::EvidenceKey;
use courier_domain::{Base64Url, UnixMs};
use courier_protocol::header::{PROTOCOL, PROTOCOL_VERSION, REQUEST, TYP_ASSERTION};
use courier_protocol::{Assertion, DrainCause, Scope, TokenAnswer, TokenRequest};
use zeroize::Zeroizing;

use super::lane::Lane;
use super::record::{DeviceSigner, to_json};
use super::{MAX_WORD, Machine, Trouble};
use crate::clock::Now;
use crate::error::EngineError;
use crate::http::{HttpRequest, HttpResponse, Method, NetError};
use crate::store::journal::{Identity, StoredEnrolment};

/// A token is replaced this long before it ends, so that it does not end on the way.
const MARGIN_MS: u64 = 30_000;

struct Token {
    text: Zeroizing<String>,
    scope: Scope,
    cause: Option<DrainCause>,
    /// Boot clock.
    until: u64,
}

#[derive(Default)]
pub(super) struct TokenLane {
    pub(super) lane: Lane,
    token: Option<Token>,
}

impl TokenLane {
    /// What the last token may be used for.
    pub(super) fn scope(&self) -> Option<Scope> {
        self.token.as_ref().map(|token| token.scope)
    }
}

impl TokenLane {
    /// Why the last token may only be used to hand in facts. A server that does not say so knew dismissals only.
    pub(super) fn limited_by(&self) -> Option<DrainCause> {
        let token = self.token.as_ref().filter(|token| token.scope == Scope::Drain)?;
        Some(token.cause.unwrap_or(DrainCause::Dismissed))
    }

    pub(super) fn forget_limited(&mut self) {
        self.token.take_if(|token| token.scope == Scope::Drain);
    }
}

impl Machine {
    pub(super) fn has_token(&self, now: &Now) -> bool {
        self.token.token.as_ref().is_some_and(|token| now.boot_ms < token.until)
    }

    pub(super) fn forget_token(&mut self) {
        self.token.token = None;
    }

    /// What every request carries.
    pub(super) fn headers(&self, request: &str) -> Vec<(String, String)> {
        let mut headers = vec![
            (PROTOCOL.to_owned(), PROTOCOL_VERSION.to_owned()),
            (REQUEST.to_owned(), request.to_owned()),
            ("accept-encoding".to_owned(), "gzip".to_owned()),
        ];
        if let Some(token) = &self.token.token {
            headers.push(("authorization".into(), format!("Bearer {}", token.text.as_str())));
        }
        headers
    }

    /// A POST of JSON. `echo` names the request for whoever answers it.
    pub(super) fn post(&mut self, path: &str, echo: &str, body: Vec<u8>) -> HttpRequest {
        let mut headers = self.headers(echo);
        headers.push(("content-type".into(), "application/json".into()));
        HttpRequest { id: self.request_id(), method: Method::Post, path: path.into(), headers, body }
    }

    pub(super) fn token_request(&mut self, now: &Now) -> Result<HttpRequest, EngineError> {
        self.forget_token();
        let best = self.at(now).best().ms();
        let assertion = Assertion {
            iss: self.identity.install.clone(),
            aud: self.config.server.clone(),
            iat: UnixMs(best.0),
            jti: self.random_text(),
        };
        let payload = to_json(&assertion)?;
        let signed = DeviceSigner::new(self.ports.device_key.as_ref())
            .and_then(|signer| signer.sign_checked(TYP_ASSERTION, &payload));
        let assertion = signed.inspect_err(|_| {
            // Facts go on being recorded without the device key; sending waits for it.
            self.token.lane.failed(now, self.rng.as_mut(), None);
        })?;
        let body = to_json(&TokenRequest { assertion })?;
        let echo = self.random_text();
        let request = self.post("/v1/token", &echo, body);
        self.token.lane.sent(request.id, now);
        Ok(request)
    }

    pub(super) fn token_received(&mut self, result: Result<HttpResponse, NetError>, now: &Now) {
        self.read_token(result, now);
        // Without a token the new code cannot be asked for, and nobody waits at a door for the next try.
        if self.reissuing.is_wanted() && !self.has_token(now) {
            self.reissuing.end(Err(EngineError::Offline));
        }
    }

    fn read_token(&mut self, result: Result<HttpResponse, NetError>, now: &Now) {
        let Ok(answer) = result else {
            return self.token.lane.failed(now, self.rng.as_mut(), None);
        };
        if answer.status != 200 {
            self.note_refusal(&answer);
            return self.token.lane.failed(now, self.rng.as_mut(), answer.retry_after_ms());
        }
        let read = answer
            .is_of_type("application/json")
            .then(|| serde_json::from_slice::<TokenAnswer>(&answer.body).ok())
            .flatten()
            .filter(|read| is_header_value(&read.access_token));
        let Some(read) = read else {
            self.traffic.problem = Some(Trouble::NotAnAnswer);
            self.warn("token-not-an-answer", &[]);
            return self.token.lane.failed(now, self.rng.as_mut(), answer.retry_after_ms());
        };
        let lives_ms = u64::from(read.expires_in) * 1_000;
        // A token shorter than the margin is used for half of its life.
        let until = now.boot_ms + lives_ms.saturating_sub(MARGIN_MS).max(lives_ms / 2);
        self.token.lane.succeeded();
        let (text, scope, cause) = (Zeroizing::new(read.access_token), read.scope, read.cause);
        self.token.token = Some(Token { text, scope, cause, until });
        if let Err(error) = self.learn_epoch(&read.epoch) {
            self.warn("epoch-not-stored", &[&error.to_string()]);
        }
        if let Some(key) = read.evidence_keys.first()
            && let Err(error) = self.learn_evidence_key(&key.x25519)
        {
            self.warn("evidence-key-not-taken", &[&error.to_string()]);
        }
    }

    /// The backend has another key to seal entries to. One that is none is not taken: the old one still opens.
    fn learn_evidence_key(&mut self, key: &Base64Url) -> Result<(), EngineError> {
        EvidenceKey::from_base64(key).map_err(|_| EngineError::BadAnswer("evidence key"))?;
        let Some(enrolment) = self.identity.enrolment.clone().filter(|it| it.evidence_key != key.as_str())
        else {
            return Ok(());
        };
        let enrolment = StoredEnrolment { evidence_key: key.as_str().to_owned(), ..enrolment };
        let identity = Identity { enrolment: Some(enrolment), ..self.identity.clone() };
        self.store.journal.set_identity(&identity)?;
        self.identity = identity;
        self.enrolled = self.read_enrolment()?;
        self.info("evidence-key-changed", &[]);
        Ok(())
    }
}

/// A bearer token (RFC 6750 § 2.1); anything else could add lines to a request.
fn is_header_value(token: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    (1..=MAX_WORD).contains(&token.len()) && token.bytes().all(allowed)
}
