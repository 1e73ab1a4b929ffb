//! What may become of a request on its way.

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
    /// It arrives twice; the second answer comes through.
    Twice,
    /// A portal answers in the server's place.
    Portal,
    /// A proxy answers with this.
    Status(u16),
    /// The answer is cut off.
    Cut,
    /// The answer to this request is that of an earlier one.
    Stale,
}

impl Fate {
    pub(crate) fn draw(rng: &mut ChaCha20Rng, calm: bool) -> Self {
        if calm {
            return Self::Arrives;
        }
        match rng.next_u32() % 40 {
            0..=3 => Self::Lost,
            4..=6 => Self::AnswerLost,
            7 => Self::Twice,
            8 | 9 => Self::Portal,
            10 => Self::Status(401),
            11 => Self::Status(403),
            12 => Self::Status(413),
            13 => Self::Status(429),
            14 => Self::Status(500),
            15 => Self::Status(502),
            16 => Self::Cut,
            17 => Self::Stale,
            _ => Self::Arrives,
        }
    }
}

/// Carries requests.
#[derive(Default)]
pub(crate) struct Network {
    /// The last good answer on a path.
    last: std::collections::BTreeMap<String, HttpResponse>,
}

impl Network {
    pub(crate) fn carry(
        &mut self,
        server: &mut Server,
        request: &HttpRequest,
        fate: Fate,
    ) -> Result<HttpResponse, NetError> {
        let path = request.path.split('?').next().unwrap().to_owned();
        match fate {
            Fate::Lost => Err(NetError::Timeout),
            Fate::AnswerLost => {
                let _ = server.answer(request);
                Err(NetError::Timeout)
            }
            Fate::Twice => {
                let _ = server.answer(request);
                Ok(server.answer(request))
            }
            Fate::Portal => Ok(page(200, "text/html", "<html>Welcome on board</html>")),
            Fate::Status(status) => Ok(page(status, "text/plain", "no")),
            Fate::Cut => {
                let mut answer = server.answer(request);
                answer.body.truncate(answer.body.len() / 2);
                Ok(answer)
            }
            Fate::Stale => match self.last.get(&path) {
                Some(earlier) => Ok(earlier.clone()),
                None => Err(NetError::Timeout),
            },
            Fate::Arrives => {
                let answer = server.answer(request);
                if path == "/v1/facts" && answer.status == 200 {
                    self.last.insert(path, answer.clone());
                }
                Ok(answer)
            }
        }
    }
}

fn page(status: u16, media_type: &str, body: &str) -> HttpResponse {
    HttpResponse {
        status,
        headers: vec![("content-type".into(), media_type.into())],
        body: body.as_bytes().to_vec(),
    }
}
