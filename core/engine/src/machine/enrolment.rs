//! `POST /v1/enrol`: the phone becomes a courier's.

use courier_codes::{EvidenceKey, RowAad};
use courier_protocol::header::TYP_ENROL;
use courier_protocol::{CourierInfo, EnrolAnswer, EnrolProof, EnrolRequest};

use super::lane::Lane;
use super::record::{DeviceSigner, to_json};
use super::{MAX_WORD, Machine, Trouble};
use crate::clock::Now;
use crate::error::{EngineError, InvalidInput};
use crate::http::{HttpRequest, HttpResponse, NetError};
use crate::store::StoreError;
use crate::store::journal::{Identity, StoredEnrolment};

const CODE_LEN: usize = 10;

/// One enrolment at a time. It is tried once: the person with the code is there, and decides.
#[derive(Default)]
pub(super) struct Enrolling {
    pub(super) lane: Lane,
    request: Option<HttpRequest>,
    outcome: Option<Result<CourierInfo, EngineError>>,
}

impl Machine {
    /// Begins an enrolment; [`Machine::next`] sends it, [`Machine::take_enrolment`] tells how it ended.
    ///
    /// A phone that belongs to a courier may be enrolled again for the same one when the server refuses it: a server that
    /// was put back from a backup does not know whom it has enrolled since.
    pub fn enrol(&mut self, code: &str) -> Result<(), EngineError> {
        if self.enrolled.is_some() && self.traffic.problem != Some(Trouble::Auth) {
            return Err(EngineError::EnrolledAlready);
        }
        let code = read_code(code).ok_or(InvalidInput::EnrolmentCode)?;
        let proof = EnrolProof { code: code.clone(), install: self.identity.install.clone() };
        let device_key = self.ports.device_key.as_ref();
        let body = EnrolRequest {
            code,
            install: self.identity.install.clone(),
            device_jwk: device_key.public()?,
            key: device_key.level(),
            platform: self.config.platform.clone(),
            app: self.config.app.clone(),
            proof: DeviceSigner::new(device_key)?.sign_checked(TYP_ENROL, &to_json(&proof)?)?,
        };
        let body = to_json(&body)?;
        let echo = self.random_text();
        self.enrolling.request = Some(self.post("/v1/enrol", &echo, body));
        self.enrolling.outcome = None;
        Ok(())
    }

    /// How the last enrolment ended, once.
    pub fn take_enrolment(&mut self) -> Option<Result<CourierInfo, EngineError>> {
        self.enrolling.outcome.take()
    }

    /// Whether the phone belongs to a courier.
    pub fn is_enrolled(&self) -> bool {
        self.enrolled.is_some()
    }

    pub(super) fn next_enrolment(&mut self, now: &Now) -> Option<HttpRequest> {
        let request = self.enrolling.request.take()?;
        self.enrolling.lane.sent(request.id, now);
        Some(request)
    }

    pub(super) fn enrolment_received(&mut self, result: Result<HttpResponse, NetError>) {
        self.enrolling.lane.succeeded();
        let outcome = match result {
            Err(_) => Err(EngineError::Offline),
            Ok(answer) if answer.status == 200 || answer.status == 201 => self.accept_enrolment(&answer),
            Ok(answer) if (400..500).contains(&answer.status) => {
                self.note_refusal(&answer);
                Err(EngineError::EnrolmentRefused)
            }
            Ok(answer) => {
                self.note_refusal(&answer);
                Err(EngineError::Offline)
            }
        };
        self.enrolling.outcome = Some(outcome);
    }

    fn accept_enrolment(&mut self, answer: &HttpResponse) -> Result<CourierInfo, EngineError> {
        let bad = EngineError::BadAnswer;
        if !answer.is_of_type("application/json") {
            return Err(bad("enrolment"));
        }
        let read: EnrolAnswer = serde_json::from_slice(&answer.body).map_err(|_| bad("enrolment"))?;
        if self.enrolled.as_ref().is_some_and(|enrolled| enrolled.courier != read.courier.id) {
            return Err(EngineError::EnrolledAlready);
        }
        let key = read.evidence_keys.first().ok_or(bad("evidence key"))?;
        EvidenceKey::from_base64(&key.x25519).map_err(|_| bad("evidence key"))?;
        if read.epoch.len() > MAX_WORD {
            return Err(bad("epoch"));
        }
        let aad = RowAad { table: "identity", id: read.courier.id.as_str(), rev: 1 };
        let sealed_name = self
            .keys
            .journal
            .seal(&mut self.rng, &aad, read.courier.name.as_bytes())
            .map_err(|_| StoreError::Sealed)?;
        let enrolment = StoredEnrolment {
            courier: read.courier.id.to_string(),
            sealed_name,
            evidence_key: key.x25519.as_str().to_owned(),
        };
        let epoch = if self.identity.epoch.is_empty() { &read.epoch } else { &self.identity.epoch };
        let identity = Identity { enrolment: Some(enrolment), epoch: epoch.clone(), ..self.identity.clone() };
        self.store.journal.set_identity(&identity)?;
        self.identity = identity;
        self.enrolled = self.read_enrolment()?;
        // Whoever enrols again may do so because the server was put back.
        self.learn_epoch(&read.epoch)?;
        self.traffic.problem = None;
        self.changed();
        self.info("enrolled", &[read.courier.id.as_str()]);
        Ok(read.courier)
    }
}

/// Base32 (RFC 4648) as a person types it: case, spaces and dashes do not count.
fn read_code(text: &str) -> Option<String> {
    let code: String =
        text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    let ok = code.len() == CODE_LEN && code.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'));
    ok.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enrolment_code_is_read_as_people_type_it() {
        assert_eq!(read_code(" abcde-23456 ").as_deref(), Some("ABCDE23456"));
        for bad in ["", "ABCDE2345", "ABCDE234567", "ABCDE01234", "ÄBCDE23456"] {
            assert_eq!(read_code(bad), None, "{bad:?} was taken");
        }
    }
}
