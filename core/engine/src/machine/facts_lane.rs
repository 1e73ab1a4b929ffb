//! `POST /v1/facts`: what happened goes to the server, until it says that it has it.

use std::io::Write;

use courier_codes::read_jws;
use courier_domain::{FactHash, FactId, UnixMs};
use courier_protocol::facts::{MAX_BODY, MAX_FACTS};
use courier_protocol::header::{FACTS_MEDIA_TYPE, TYP_RECEIPT};
use courier_protocol::{
    FactItem, FactResult, FactStatus, FactsAnswer, FactsRequest, Problem, ProblemKind, Want,
};
use flate2::{Compression, write::GzEncoder};

use super::lane::Lane;
use super::record::to_json;
use super::{Machine, Trouble};
use crate::clock::Now;
use crate::error::EngineError;
use crate::http::{HttpRequest, HttpResponse, NetError};
use crate::planted::{Bug, Planted};
use crate::store::journal::{Ack, StoredFact};

/// Longest list of flags kept of one answer, and longest flag or reason, in bytes.
const MAX_FLAGS: usize = 16;
const MAX_FLAG: usize = 64;
/// Longest receipt kept, in bytes.
const MAX_RECEIPT: usize = 8 << 10;
/// Room in a batch for what surrounds the facts, in bytes.
pub(super) const ENVELOPE: usize = 16 << 10;

/// What was sent in the request on its way.
#[derive(Debug)]
struct Sent {
    request: String,
    inc: u32,
    facts: Vec<(u64, FactId, FactHash)>,
}

/// Facts ready to be sent.
#[derive(Debug)]
struct Packed {
    epoch: String,
    inc: u32,
    facts: Vec<(u64, FactId, FactHash)>,
    body: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct FactsLane {
    pub(super) lane: Lane,
    sent: Option<Sent>,
    /// Facts in one request: halved when the server finds it too large, one at least.
    limit: usize,
    /// What follows the request on its way, packed while the server has its turn.
    ahead: Option<Packed>,
}

impl Default for FactsLane {
    fn default() -> Self {
        Self { lane: Lane::default(), sent: None, limit: MAX_FACTS, ahead: None }
    }
}

impl Machine {
    pub(super) fn facts_request(&mut self, now: &Now) -> Result<HttpRequest, EngineError> {
        let ahead = self.facts.ahead.take();
        let packed = match ahead {
            Some(packed) if self.is_next(&packed)? => packed,
            _ => self.pack(self.due(None)?)?,
        };
        let echo = self.random_text();
        let mut request = self.post("/v1/facts", &echo, packed.body);
        request.headers.push(("content-encoding".into(), "gzip".into()));
        self.traffic.sent += packed.facts.len() as u64;
        self.facts.sent = Some(Sent { request: echo, inc: packed.inc, facts: packed.facts });
        self.facts.lane.sent(request.id, now);
        self.watchdog.tried();
        Ok(request)
    }

    /// Packs what will be sent next while the server works on what was sent. Whether it really comes next is asked
    /// again before it goes. To be called after a request was sent; without it everything is the same, but slower.
    pub fn work_ahead(&mut self) {
        let Some(last) = self.facts.sent.as_ref().and_then(|sent| Some((sent.inc, sent.facts.last()?.0)))
        else {
            return;
        };
        if self.facts.ahead.is_some() {
            return;
        }
        // What is not full yet may get more until its turn comes.
        let full = self.due(Some(last)).ok().filter(|batch| batch.len() == MAX_FACTS);
        self.facts.ahead = full.and_then(|batch| self.pack(batch).ok());
    }

    fn is_next(&mut self, packed: &Packed) -> Result<bool, EngineError> {
        let first = packed.facts.first().map(|(seq, ..)| (packed.inc, *seq));
        Ok(packed.epoch == self.identity.epoch
            && packed.facts.len() <= self.facts.limit
            && self.store.journal.first_due(&self.identity.epoch)? == first)
    }

    /// What is to be sent, as much as fits into one request; after a place if one is named.
    fn due(&self, after: Option<(u32, u64)>) -> Result<Vec<StoredFact>, EngineError> {
        let (epoch, limit) = (&self.identity.epoch, self.facts.limit);
        let mut batch = self.store.journal.outbox(epoch, after, limit, MAX_BODY - ENVELOPE)?;
        if self.has(Bug::NewestFirst) {
            batch.reverse();
        }
        if self.has(Bug::OldChainForgotten) {
            batch.retain(|fact| fact.inc == self.identity.inc);
        }
        Ok(batch)
    }

    fn pack(&self, batch: Vec<StoredFact>) -> Result<Packed, EngineError> {
        let request = self.request_of(&batch);
        let body = gzip(&to_json(&request)?).map_err(|_| EngineError::Internal("gzip"))?;
        let facts = batch.into_iter().map(|fact| (fact.seq, fact.id, fact.hash)).collect();
        Ok(Packed { epoch: request.epoch, inc: request.inc, facts, body })
    }

    /// The request that hands in a batch.
    pub(super) fn request_of(&self, batch: &[StoredFact]) -> FactsRequest {
        let items = batch.iter().map(|fact| FactItem {
            jws: fact.jws.clone(),
            private: self
                .open_private(fact)
                .filter(|_| !self.has(Bug::PrivateForgotten))
                .map(|packed| packed.to_string()),
        });
        FactsRequest {
            install: self.identity.install.clone(),
            inc: batch.first().map_or(self.identity.inc, |fact| fact.inc),
            epoch: self.identity.epoch.clone(),
            facts: items.collect(),
        }
    }

    pub(super) fn facts_received(&mut self, result: Result<HttpResponse, NetError>, now: &Now) {
        let Some(sent) = self.facts.sent.take() else { return };
        let answer = match result {
            Ok(answer) if answer.status == 200 => answer,
            Ok(answer) if answer.status == 413 && self.has(Bug::TooLargeAcknowledged) => answer,
            Ok(answer) => return self.facts_refused(&answer, now),
            Err(_) => return self.facts.lane.failed(now, self.rng.as_mut(), None),
        };
        let Some(read) = read_answer(&answer, &sent, self.config.planted) else {
            // A portal page, an answer to somebody else, or a broken server: nothing is acknowledged.
            self.warn("facts-not-an-answer", &[]);
            self.traffic.problem = Some(Trouble::NotAnAnswer);
            return self.facts.lane.failed(now, self.rng.as_mut(), answer.retry_after_ms());
        };
        match self.acknowledge(&sent, &read, now) {
            Ok(Progress { acked: 0, asked_to_wait_ms, .. }) => {
                self.facts.lane.failed(now, self.rng.as_mut(), asked_to_wait_ms);
            }
            Ok(Progress { wanted, .. }) => {
                self.facts.lane.succeeded();
                // A server that keeps asking for what it was just given must not be answered without a pause.
                if wanted {
                    self.facts.lane.failed(now, self.rng.as_mut(), None);
                }
                self.facts.limit = MAX_FACTS;
                // Verdicts are asked for when all is handed in, not after each of many batches.
                if !self.store.journal.has_outbox(&self.identity.epoch).unwrap_or(false) {
                    self.route.poll_at = 0;
                }
            }
            Err(error) => {
                self.warn("acknowledgement-not-stored", &[&error.to_string()]);
                self.traffic.problem = Some(Trouble::Phone);
                self.facts.lane.failed(now, self.rng.as_mut(), None);
            }
        }
    }

    fn facts_refused(&mut self, answer: &HttpResponse, now: &Now) {
        match answer.status {
            401 => {
                self.forget_token();
                if self.facts.lane.may_renew() || self.has(Bug::TokenRenewedForEver) {
                    return;
                }
            }
            413 => self.facts.limit = (self.facts.limit / 2).max(1),
            _ => {}
        }
        self.note_refusal(answer);
        let asked_to_wait_ms = answer.retry_after_ms().filter(|_| !self.has(Bug::ServersWaitIgnored));
        self.facts.lane.failed(now, self.rng.as_mut(), asked_to_wait_ms);
    }

    /// Remembers what was wrong with an answer, for whoever looks.
    pub(super) fn note_refusal(&mut self, answer: &HttpResponse) {
        let dismissed = serde_json::from_slice::<Problem>(&answer.body)
            .is_ok_and(|problem| ProblemKind::from_uri(&problem.kind) == Some(ProblemKind::Dismissed));
        let trouble = match answer.status {
            403 if dismissed => Trouble::Dismissed,
            426 => Trouble::Outdated,
            401 | 403 => Trouble::Auth,
            200..=399 => Trouble::NotAnAnswer,
            status => Trouble::Status(status),
        };
        self.traffic.problem = Some(trouble);
        self.warn("refused", &[&answer.status.to_string()]);
    }

    fn acknowledge(&mut self, sent: &Sent, answer: &FactsAnswer, now: &Now) -> Result<Progress, EngineError> {
        self.learn_epoch(&answer.epoch)?;
        let mut acks = Vec::new();
        let mut acked = Vec::new();
        let mut asked_to_wait_ms = None;
        for ((seq, id, hash), result) in sent.facts.iter().zip(&answer.results) {
            if result.hash != *hash && !self.has(Bug::AcknowledgeWithoutHash) {
                self.warn("acknowledgement-of-another-fact", &[id.as_str()]);
                continue;
            }
            if result.status == FactStatus::Retry {
                asked_to_wait_ms = asked_to_wait_ms.max(result.after_ms);
                continue;
            }
            acks.push(ack(sent.inc, *seq, result));
            acked.push((id.clone(), result.verdict.as_ref().map(|it| it.verdict)));
        }
        let receipt = answer.receipt.as_deref().filter(|jws| is_receipt(jws)).map(|jws| (sent.inc, jws));
        self.store.journal.acknowledge(&acks, &self.identity.epoch, self.at(now).best().ms().0, receipt)?;
        let mut wanted = false;
        for Want { from, to } in answer.results.iter().filter_map(|result| result.want) {
            wanted |= self.store.journal.offer_again(sent.inc, from, to)? > 0;
        }
        if wanted {
            // What the server misses is not stored there, whatever it said before.
            self.fold()?;
        }
        for (id, verdict) in &acked {
            let verdict = self.believed(*verdict).filter(|_| !self.judged_by_route.contains(id));
            self.state.acknowledge(id, verdict);
        }
        if !acked.is_empty() {
            self.let_files_go();
            self.watchdog.worked();
            self.changed();
        }
        self.traffic.acked += acked.len() as u64;
        Ok(Progress {
            acked: acked.len(),
            wanted,
            asked_to_wait_ms: asked_to_wait_ms.map(|ms| ms.min(3_600_000)),
        })
    }
}

struct Progress {
    acked: usize,
    wanted: bool,
    asked_to_wait_ms: Option<u64>,
}

/// The answer, if it is one to this request: status, media type, echo and number of results all have to fit.
fn read_answer(answer: &HttpResponse, sent: &Sent, planted: Planted) -> Option<FactsAnswer> {
    let too_large = answer.status == 413 && planted.is(Bug::TooLargeAcknowledged);
    if planted.is(Bug::AcknowledgeAny200) || too_large {
        return Some(all_stored(sent));
    }
    if !answer.is_of_type(FACTS_MEDIA_TYPE) {
        return None;
    }
    let read: FactsAnswer = serde_json::from_slice(&answer.body).ok()?;
    let is_ours = read.request == sent.request || planted.is(Bug::AcknowledgeWithoutEcho);
    (is_ours && read.results.len() == sent.facts.len()).then_some(read)
}

/// What [`Bug::AcknowledgeAny200`] makes of an answer.
fn all_stored(sent: &Sent) -> FactsAnswer {
    let stored = |(_, id, hash): &(u64, FactId, FactHash)| FactResult {
        hash: hash.clone(),
        id: Some(id.clone()),
        status: FactStatus::Stored,
        dup: false,
        flags: Vec::new(),
        verdict: None,
        want: None,
        after_ms: None,
    };
    FactsAnswer {
        request: sent.request.clone(),
        epoch: String::new(),
        server_ms: UnixMs(0),
        results: sent.facts.iter().map(stored).collect(),
        receipt: None,
    }
}

fn ack(inc: u32, seq: u64, result: &FactResult) -> Ack {
    let short = |text: &str| text.chars().take(MAX_FLAG).collect::<String>();
    Ack {
        inc,
        seq,
        status: if result.status == FactStatus::Parked { "parked" } else { "stored" }.into(),
        flags: result.flags.iter().take(MAX_FLAGS).map(|flag| short(flag)).collect(),
        verdict: result.verdict.as_ref().map(|it| (it.verdict, short(&it.why))),
    }
}

/// The phone knows no key of the server to verify a receipt with; it keeps it as proof for whoever does.
fn is_receipt(jws: &str) -> bool {
    jws.len() <= MAX_RECEIPT && read_jws(jws).is_ok_and(|read| read.typ == TYP_RECEIPT)
}

/// Fast, since signed facts are base64 of what differs from fact to fact: more effort takes four times as long for
/// a few per cent.
pub(super) fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}
