//! The facts lane: what was recorded goes to the server, as the bytes first written, until the server says that it
//! has it, and says so in its own words.

use std::io::Write;

use courier_codes::RowAad;
use courier_protocol::facts::MAX_FACTS;
use courier_protocol::{FactItem, FactStatus, FactsAnswer, FactsRequest, header};

use super::Machine;
use super::lane::Sent;
use super::open::{random_text, verdict_word};
use super::session::{json, problem_word};
use crate::error::EngineError;
use crate::http::{HttpRequest, HttpResponse, Method, NetError};
use crate::ports::Now;
use crate::store::journal::StoredFact;

/// Bytes of facts in one request before compression.
const BATCH_BYTES: usize = 1 << 20;

impl Machine {
    pub(super) fn facts_are_due(&mut self, now: &Now) -> Result<bool, EngineError> {
        let pending = self.journal.unsent_count(&self.epoch)? > 0;
        if !pending {
            self.facts_lane.forced = false;
        }
        Ok(pending && self.facts_lane.may_send(self.config.auto_sync, now))
    }

    pub(super) fn facts_request(&mut self, now: &Now) -> Result<Option<HttpRequest>, EngineError> {
        let batch = self.batch()?;
        let Some(inc) = batch.first().map(|fact| fact.inc) else { return Ok(None) };
        let items = batch.iter().map(|fact| fact.hash.as_str().to_owned()).collect();
        let facts = batch
            .into_iter()
            .map(|fact| FactItem { private: self.packed_private(&fact), jws: fact.jws })
            .collect();
        let body = FactsRequest { install: self.install.clone(), inc, epoch: self.epoch.clone(), facts };
        let echo = random_text(&mut self.rng, 16);
        let mut request = self.request(Method::Post, "/v1/facts", gzip(&json(&body)?)?);
        request.headers.push(("content-encoding".into(), "gzip".into()));
        request.headers.push((header::REQUEST.into(), echo.clone()));
        self.facts_lane.sent(request.id, Sent { boot_ms: now.boot_ms, echo, items });
        Ok(Some(request))
    }

    /// The oldest unsent facts of one incarnation.
    fn batch(&self) -> Result<Vec<StoredFact>, EngineError> {
        let mut batch = self.journal.unsent(&self.epoch, MAX_FACTS)?;
        if let Some(inc) = batch.first().map(|fact| fact.inc) {
            batch.retain(|fact| fact.inc == inc);
        }
        let mut bytes = 0;
        let fits = batch
            .iter()
            .take_while(|fact| {
                bytes += fact.jws.len() + fact.private.as_ref().map_or(0, Vec::len) * 2;
                bytes <= BATCH_BYTES
            })
            .count();
        batch.truncate(fits.max(1));
        Ok(batch)
    }

    fn packed_private(&self, fact: &StoredFact) -> Option<String> {
        let aad = RowAad { table: "fact", id: fact.id.as_str(), rev: fact.seq };
        let packed = self.journal_key.open(&aad, fact.private.as_ref()?).ok()?;
        String::from_utf8(packed.to_vec()).ok()
    }

    pub(super) fn facts_received(
        &mut self,
        answer: Result<HttpResponse, NetError>,
        sent: &Sent,
        now: &Now,
    ) -> Result<(), EngineError> {
        let response = match answer {
            Ok(response) => response,
            Err(error) => {
                self.facts_failed(error.to_string(), None, now);
                return Ok(());
            }
        };
        if response.status == 401 && self.facts_lane.may_renew_token() {
            self.forget_token();
            return Ok(());
        }
        let Some(answer) = believe(&response, sent) else {
            let floor = retry_after_ms(&response);
            self.see_server_of(&response, sent.boot_ms, now)?;
            self.facts_failed(problem_word(&response), floor, now);
            return Ok(());
        };
        self.see_server(answer.server_ms.0, &answer.epoch, sent.boot_ms, now)?;
        self.store_answer(&answer, now)
    }

    fn store_answer(&mut self, answer: &FactsAnswer, now: &Now) -> Result<(), EngineError> {
        let sent = self.journal.unsent(&self.epoch, MAX_FACTS)?;
        let (mut acknowledged, mut news) = (Vec::new(), Vec::new());
        let mut after_ms = None;
        for result in &answer.results {
            let status = match result.status {
                FactStatus::Stored => "stored",
                FactStatus::Parked => "parked",
                FactStatus::Retry => {
                    after_ms = after_ms.max(Some(result.after_ms.unwrap_or(1_000)));
                    continue;
                }
            };
            let verdict = result.verdict.as_ref().map(|it| it.verdict);
            acknowledged.push((result.hash.clone(), status, verdict.map(|it| verdict_word(it).to_owned())));
            let known = sent.iter().find(|fact| fact.hash == result.hash);
            news.extend(known.map(|fact| (fact.id.clone(), verdict)));
        }
        self.journal.acknowledge(&answer.epoch, &acknowledged)?;
        for (id, verdict) in news {
            self.state.acknowledge(&id, verdict);
        }
        for want in answer.results.iter().filter_map(|result| result.want) {
            self.journal.offer_again(self.inc, want.from, want.to)?;
        }
        self.report.acknowledged += acknowledged.len() as u64;
        self.changed();
        match after_ms {
            Some(after) => self.facts_failed("retry".into(), Some(after), now),
            None => self.facts_lane.succeeded(now, 0),
        }
        // Verdicts on what was just handed in come by the route lane.
        self.route_lane.succeeded(now, 0);
        Ok(())
    }

    fn facts_failed(&mut self, problem: String, floor_ms: Option<u64>, now: &Now) {
        self.facts_lane.failed(now, floor_ms, &mut self.rng);
        self.report.problem = Some(problem);
    }
}

/// The answer, if it is one: HTTP 200, our media type, the echo of this very request, and every item's hash. A
/// captive portal answers 200 too.
fn believe(response: &HttpResponse, sent: &Sent) -> Option<FactsAnswer> {
    let kind = response.header("content-type")?;
    if response.status != 200 || kind.split(';').next()?.trim() != header::FACTS_MEDIA_TYPE {
        return None;
    }
    let answer: FactsAnswer = serde_json::from_slice(&response.body).ok()?;
    let same_items = answer.results.len() == sent.items.len()
        && answer.results.iter().zip(&sent.items).all(|(result, hash)| result.hash.as_str() == hash);
    (answer.request == sent.echo && same_items).then_some(answer)
}

/// `Retry-After` in milliseconds (RFC 9110 § 10.2.3, the form in seconds).
pub(super) fn retry_after_ms(response: &HttpResponse) -> Option<u64> {
    response.header("retry-after")?.trim().parse::<u64>().ok().map(|seconds| seconds.saturating_mul(1000))
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, EngineError> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(|_| EngineError::internal("gzip"))
}
