//! `POST /v1/attempts/{id}/reissue`: the courier asks for a new code for an attempt. It is mailed to the customer only;
//! what the phone gets is its verifier, by the route lane.

use courier_domain::{AttemptId, Rejection};
use serde::Serialize;

use super::Machine;
use super::lane::Lane;
use super::record::to_json;
use crate::clock::Now;
use crate::error::EngineError;
use crate::http::{HttpRequest, HttpResponse, NetError};

/// One request at a time. It is tried once: the courier is at the door and decides.
#[derive(Default)]
pub(super) struct Reissuing {
    pub(super) lane: Lane,
    wanted: Option<Wanted>,
    outcome: Option<Result<(), EngineError>>,
}

struct Wanted {
    attempt: AttemptId,
    /// The same for every repeat, so that a lost answer makes no second code.
    request_id: String,
}

#[derive(Serialize)]
struct Body<'a> {
    request_id: &'a str,
}

impl Reissuing {
    /// Whether a request waits to be sent.
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted.is_some()
    }

    /// It came to an end, one way or the other.
    pub(super) fn end(&mut self, outcome: Result<(), EngineError>) {
        self.wanted = None;
        self.outcome = Some(outcome);
    }
}

impl Machine {
    /// Begins to ask for a new code; [`Machine::next`] sends it, [`Machine::take_reissue`] tells how it ended.
    pub fn request_reissue(&mut self, attempt: &AttemptId) -> Result<(), EngineError> {
        if self.enrolled.is_none() {
            return Err(EngineError::NotEnrolled);
        }
        self.state.shipment_of(attempt).ok_or(EngineError::NotFound)?;
        let request_id = self.random_text();
        self.reissuing = Reissuing {
            wanted: Some(Wanted { attempt: attempt.clone(), request_id }),
            ..Reissuing::default()
        };
        self.token.lane.hurry();
        Ok(())
    }

    /// How the last request for a new code ended, once.
    pub fn take_reissue(&mut self) -> Option<Result<(), EngineError>> {
        self.reissuing.outcome.take()
    }

    pub(super) fn reissue_request(&mut self, now: &Now) -> Result<Option<HttpRequest>, EngineError> {
        let Some(Wanted { attempt, request_id }) = self.reissuing.wanted.take() else { return Ok(None) };
        let body = to_json(&Body { request_id: &request_id })?;
        let echo = self.random_text();
        let request = self.post(&format!("/v1/attempts/{attempt}/reissue"), &echo, body);
        self.reissuing.lane.sent(request.id, now);
        Ok(Some(request))
    }

    pub(super) fn reissue_received(&mut self, result: Result<HttpResponse, NetError>) {
        self.reissuing.lane.succeeded();
        let outcome = match result {
            Ok(answer) if answer.status == 202 => {
                // The verifier is on its way.
                self.route.lane.hurry();
                self.route.poll_at = 0;
                Ok(())
            }
            Ok(answer) if matches!(answer.status, 401 | 403) => {
                self.note_refusal(&answer);
                self.forget_token();
                Err(EngineError::NotEnrolled)
            }
            Ok(answer) if (400..500).contains(&answer.status) => {
                self.note_refusal(&answer);
                Err(Rejection::NoNewCode.into())
            }
            Ok(_) | Err(_) => Err(EngineError::Offline),
        };
        self.reissuing.end(outcome);
    }
}
