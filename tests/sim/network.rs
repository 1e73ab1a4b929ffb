//! What may become of a request on its way.

use std::collections::BTreeMap;

use courier_engine::{HttpRequest, HttpResponse, NetError};
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use crate::server::Server;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Arrives,
    /// It never arrives.
    Lost,
    /// It arrives, and the answer does not.
    AnswerLost,
    /// It arrives, and the answer comes much later, or when nobody waits for it any more.
    Late,
    /// It arrives twice; the second answer comes through.
    Twice,
    /// Half of it arrives.
    CutRequest,
    /// A portal answers in the server's place.
    Portal,
    /// A portal says "nothing" in the server's place.
    Nothing,
    /// Something answers in the server's form and with this request's name, and has not asked the server.
    Forged,
    /// A proxy answers with this.
    Status(u16),
    /// The server, or a proxy, wants to be left alone for half a minute.
    TooMany,
    /// The answer is cut off.
    Cut,
    /// The answer to this request is that of an earlier one.
    Stale,
}

/// What [`Fate::TooMany`] asks for, in milliseconds.
pub(crate) const PATIENCE_MS: u64 = 30_000;

impl Fate {
    pub(crate) fn draw(rng: &mut ChaCha20Rng) -> Self {
        match rng.next_u32() % 46 {
            0..=3 => Self::Lost,
            4..=6 => Self::AnswerLost,
            7 => Self::Late,
            8 => Self::Twice,
            9 => Self::Portal,
            10 => Self::Nothing,
            11 | 23 => Self::Forged,
            12 => Self::Status(401),
            13 => Self::Status(403),
            14 => Self::Status(410),
            15 => Self::Status(413),
            16 => Self::TooMany,
            17 => Self::Status(500),
            18 => Self::Status(502),
            19 => Self::Cut,
            20 | 21 | 24 => Self::Stale,
            22 => Self::CutRequest,
            _ => Self::Arrives,
        }
    }

    /// Whether the server itself answers this very request.
    pub(crate) fn is_answered(self) -> bool {
        matches!(self, Self::Arrives | Self::Twice | Self::Late)
    }
}

/// Carries requests.
#[derive(Default)]
pub(crate) struct Network {
    /// The last good answer on a path.
    last: BTreeMap<String, HttpResponse>,
    /// Bytes and requests that were carried, by path.
    pub(crate) traffic: BTreeMap<String, Traffic>,
}

/// What went over the air on one path, headers left out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Traffic {
    pub(crate) requests: u64,
    pub(crate) up: u64,
    pub(crate) down: u64,
}

pub(crate) fn path_of(request: &HttpRequest) -> String {
    request.path.split('?').next().unwrap().to_owned()
}

impl Network {
    /// What comes back; nothing yet for [`Fate::Late`], whose answer is the second.
    pub(crate) fn carry(
        &mut self,
        server: &mut Server,
        request: &HttpRequest,
        fate: Fate,
    ) -> (Option<Result<HttpResponse, NetError>>, Option<HttpResponse>) {
        let path = path_of(request);
        let answer = match fate {
            Fate::Lost => Err(NetError::Timeout),
            Fate::AnswerLost => {
                let answer = server.answer(request);
                self.remember(&path, &answer);
                Err(NetError::Timeout)
            }
            Fate::Late => return (None, Some(server.answer(request))),
            Fate::Twice => {
                let _ = server.answer(request);
                Ok(server.answer(request))
            }
            Fate::CutRequest => {
                let mut cut = request.clone();
                cut.body.truncate(cut.body.len() / 2);
                Ok(server.answer(&cut))
            }
            Fate::Portal => Ok(page(200, "text/html", "<html>Welcome on board</html>")),
            Fate::Nothing => Ok(page(204, "text/html", "")),
            Fate::Forged => Ok(forged(request)),
            Fate::Status(status) => Ok(page(status, "text/plain", "no")),
            Fate::TooMany => {
                let mut answer = page(429, "text/plain", "no");
                answer.headers.push(("retry-after".into(), (PATIENCE_MS / 1_000).to_string()));
                Ok(answer)
            }
            Fate::Cut => {
                let mut answer = server.answer(request);
                answer.body.truncate(answer.body.len() / 2);
                Ok(answer)
            }
            Fate::Stale => self.last.get(&path).cloned().ok_or(NetError::Timeout),
            Fate::Arrives => {
                let answer = server.answer(request);
                self.remember(&path, &answer);
                Ok(answer)
            }
        };
        let traffic = self.traffic.entry(path).or_default();
        traffic.requests += 1;
        traffic.up += request.body.len() as u64;
        traffic.down += answer.as_ref().map_or(0, |answer| answer.body.len() as u64);
        (Some(answer), None)
    }

    fn remember(&mut self, path: &str, answer: &HttpResponse) {
        if path == "/v1/facts" && answer.status == 200 {
            self.last.insert(path.to_owned(), answer.clone());
        }
    }
}

/// An answer in the server's form to as many facts as there can be, with hashes of nothing.
fn forged(request: &HttpRequest) -> HttpResponse {
    let results = (0..facts_in(request))
        .map(|_| serde_json::json!({"hash": "A".repeat(43), "status": "stored", "dup": false, "flags": []}));
    let answer = serde_json::json!({
        "request": request.header("courier-request").unwrap_or_default(), "epoch": "", "server_ms": 1_795_503_600_000i64,
        "results": results.collect::<Vec<_>>(),
    });
    page(200, "application/vnd.courier.facts+json", &answer.to_string())
}

fn facts_in(request: &HttpRequest) -> usize {
    use std::io::Read;
    let mut plain = String::new();
    let mut gzip = flate2::read::GzDecoder::new(request.body.as_slice());
    if gzip.read_to_string(&mut plain).is_err() {
        return 0;
    }
    let read: serde_json::Value = serde_json::from_str(&plain).unwrap_or_default();
    read["facts"].as_array().map_or(0, Vec::len)
}

fn page(status: u16, media_type: &str, body: &str) -> HttpResponse {
    HttpResponse {
        status,
        headers: vec![("content-type".into(), media_type.into())],
        body: body.as_bytes().to_vec(),
    }
}
