//! A small server in memory: it stores facts, publishes a route, and misbehaves when told to.

use std::collections::{BTreeMap, VecDeque};
use std::io::Read;

use courier_codes::encoding::hash_of;
use courier_codes::{EvidenceSecret, Issued, SigningKey, fact_hash, read_jws, sign_jws};
use courier_domain::{CourierId, FactBody, FactPayload, InstallId, Jwk, UnixMs, Verdict, VerdictNotice};
use courier_engine::{HttpRequest, HttpResponse, Method};
use courier_protocol::blobs::Part;
use courier_protocol::header::{
    EPOCH, FACTS_MEDIA_TYPE, HAVE, NEXT_DAY, REQUEST, SERVER_MS, TYP_ASSERTION, TYP_FACT, TYP_RECEIPT,
};
use courier_protocol::{
    Assertion, Changes, CourierInfo, DrainCause, EnrolAnswer, EnrolRequest, EvidenceKeyInfo, FactResult,
    FactStatus, FactVerdict, FactsAnswer, FactsRequest, Object, ObjectKind, ReceiptPayload, RouteOp, Scope,
    TokenAnswer, TokenRequest, Want, digest,
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

pub(crate) const SERVER: &str = "https://courier.example";
pub(crate) const ENROLMENT: &str = "ABCDE-23456";

/// What goes wrong with the next request of a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It arrives, and the answer is lost.
    LoseAnswer,
    /// It does not arrive.
    Offline,
    /// Somebody else answers 200 with a page.
    Portal,
    /// The same page under our media type.
    PortalWithOurType,
    /// The token is refused.
    Unauthorized,
    /// An error of this status, with seconds to wait.
    Status(u16, Option<u32>),
    /// The results come in another order.
    Shuffled,
    /// The results name other facts.
    OtherHashes,
    /// The answer is that to another request.
    OtherRequest,
    /// Stored nothing, says to come again.
    Retry(u64),
    /// Asks for this range again.
    Want(u64, u64),
    /// The right answer under another media type.
    OtherType,
    /// "Nothing", said by somebody else.
    Nothing,
    /// This body instead of the answer's.
    Body(String),
    /// A redirect of this status to there.
    Redirect(u16, String),
}

pub(crate) struct Held {
    pub(crate) payload: FactPayload,
    pub(crate) private: Option<String>,
}

pub(crate) struct Backend {
    /// Its own address, which tokens have to be asked for.
    pub(crate) url: String,
    pub(crate) epoch: String,
    pub(crate) ms: i64,
    pub(crate) evidence: EvidenceSecret,
    pub(crate) stored: BTreeMap<String, Held>,
    /// How many items arrived, repeats included.
    pub(crate) arrivals: usize,
    pub(crate) facts_faults: VecDeque<Fault>,
    pub(crate) route_faults: VecDeque<Fault>,
    pub(crate) token_faults: VecDeque<Fault>,
    pub(crate) reissue_faults: VecDeque<Fault>,
    pub(crate) blob_faults: VecDeque<Fault>,
    /// What it has of evidence files, by name.
    pub(crate) blobs: BTreeMap<String, Vec<u8>>,
    /// Bytes of them that arrived, repeats included.
    pub(crate) blob_bytes: usize,
    /// Paths and bodies of the requests for a new code.
    pub(crate) reissues: Vec<(String, String)>,
    /// What the next token brings.
    pub(crate) new_evidence_keys: Vec<EvidenceKeyInfo>,
    pub(crate) tokens: u32,
    pub(crate) token_requests: u32,
    pub(crate) scope: Scope,
    pub(crate) cause: Option<DrainCause>,
    pub(crate) page: usize,
    pub(crate) oldest_cursor: u64,
    /// The day that waits behind a route that the phone names.
    pub(crate) next_day: Option<String>,
    pub(crate) enrolled: Option<(InstallId, Jwk)>,
    /// Verdicts on facts, by kind of fact, given with the answer.
    pub(crate) verdict: Option<Verdict>,
    objects: Vec<(RouteOp, Option<RouteOp>)>,
    pub(crate) rev: u64,
    key: SigningKey,
}

impl Backend {
    pub(crate) fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(99);
        Self {
            url: SERVER.into(),
            epoch: "epoch-1".into(),
            ms: 1_800_000_000_000,
            evidence: EvidenceSecret::generate(&mut rng),
            stored: BTreeMap::new(),
            arrivals: 0,
            facts_faults: VecDeque::new(),
            route_faults: VecDeque::new(),
            token_faults: VecDeque::new(),
            reissue_faults: VecDeque::new(),
            blob_faults: VecDeque::new(),
            blobs: BTreeMap::new(),
            blob_bytes: 0,
            reissues: Vec::new(),
            new_evidence_keys: Vec::new(),
            tokens: 0,
            token_requests: 0,
            scope: Scope::Full,
            cause: None,
            page: usize::MAX,
            oldest_cursor: 0,
            next_day: None,
            enrolled: None,
            verdict: None,
            objects: Vec::new(),
            rev: 10,
            key: SigningKey::generate(&mut rng),
        }
    }

    /// Publishes an object, or a newer form of it.
    pub(crate) fn put(&mut self, object: &Object) {
        self.rev += 1;
        let op = RouteOp::put(object, self.rev).unwrap();
        self.put_op(op);
    }

    pub(crate) fn put_op(&mut self, op: RouteOp) {
        self.objects.retain(|(put, _)| (&put.kind, &put.id) != (&op.kind, &op.id));
        self.objects.push((op, None));
    }

    pub(crate) fn take_away(&mut self, kind: ObjectKind, id: &str, why: &str) {
        self.rev += 1;
        let gone = RouteOp::gone(kind, id, self.rev, why);
        let held = self.objects.iter_mut().find(|(put, _)| put.kind == kind.word() && put.id == id);
        held.unwrap().1 = Some(gone);
    }

    /// Revisions of what is on the route, by type and identifier.
    pub(crate) fn live(&self) -> BTreeMap<(String, String), u64> {
        let live = self.objects.iter().filter(|(_, gone)| gone.is_none());
        live.map(|(put, _)| ((put.kind.clone(), put.id.clone()), put.rev)).collect()
    }

    /// Whether this is on the route.
    pub(crate) fn has(&self, kind: ObjectKind, id: &str) -> bool {
        self.live().contains_key(&(kind.word().to_owned(), id.to_owned()))
    }

    pub(crate) fn forget_route(&mut self) {
        self.objects.clear();
    }

    pub(crate) fn judge(&mut self, fact: &courier_domain::FactId, verdict: Verdict) {
        self.put(&Object::Verdict(VerdictNotice { fact: fact.clone(), verdict, why: "test".into() }));
    }

    pub(crate) fn publish_code(&mut self, issued: &Issued) {
        self.put(&Object::Verifier(issued.verifier.clone()));
    }

    /// Facts in the order of their chain.
    pub(crate) fn chain(&self) -> Vec<&Held> {
        let mut chain: Vec<_> = self.stored.values().collect();
        chain.sort_by_key(|held| (held.payload.inc, held.payload.seq));
        chain
    }

    /// `None`: no answer arrives.
    pub(crate) fn answer(&mut self, request: &HttpRequest) -> Option<HttpResponse> {
        let faults = match request.path.split('?').next().unwrap() {
            "/v1/facts" => &mut self.facts_faults,
            "/v1/route/changes" => &mut self.route_faults,
            "/v1/token" => &mut self.token_faults,
            path if path.ends_with("/reissue") => &mut self.reissue_faults,
            path if path.starts_with("/v1/blobs/") => &mut self.blob_faults,
            _ => &mut VecDeque::new(),
        };
        let fault = faults.pop_front();
        match fault {
            Some(Fault::Offline) => return None,
            Some(Fault::Nothing) => return Some(HttpResponse { status: 204, ..HttpResponse::default() }),
            Some(Fault::Portal) => return Some(page("text/html", "<html>Please sign in</html>")),
            Some(Fault::PortalWithOurType) => return Some(page(FACTS_MEDIA_TYPE, "<html></html>")),
            Some(Fault::Unauthorized) => {
                return Some(self.with_headers(401, "application/problem+json", "{}"));
            }
            Some(Fault::Status(status, after)) => {
                let mut answer = self.with_headers(status, "application/problem+json", "{}");
                answer.headers.extend(after.map(|after| ("Retry-After".to_owned(), after.to_string())));
                return Some(answer);
            }
            Some(Fault::Redirect(status, to)) => {
                let mut answer = page("text/html", "");
                answer.status = status;
                answer.headers.push(("Location".into(), to));
                return Some(answer);
            }
            Some(Fault::Body(body)) => return Some(self.with_headers(200, "application/json", &body)),
            _ => {}
        }
        let lost = fault == Some(Fault::LoseAnswer);
        let answer = match request.path.split('?').next().unwrap() {
            "/v1/enrol" => self.enrol(request),
            "/v1/token" => self.token(request),
            "/v1/facts" => self.facts(request, fault.as_ref()),
            "/v1/route/changes" => self.changes(request),
            path if path.ends_with("/reissue") => {
                self.reissues.push((path.into(), String::from_utf8(request.body.clone()).unwrap()));
                self.with_headers(202, "", "")
            }
            path if path.starts_with("/v1/blobs/") => self.blob(request, fault.as_ref()),
            other => panic!("asked for {other}"),
        };
        (!lost).then_some(answer)
    }

    fn blob(&mut self, request: &HttpRequest, fault: Option<&Fault>) -> HttpResponse {
        let name = request.path.rsplit('/').next().unwrap().to_owned();
        let held = self.blobs.entry(name.clone()).or_default();
        let part = request.header("content-range").map(|value| Part::from_header(value).unwrap());
        let is_whole = |bytes: &[u8]| hash_of(bytes).as_str() == name;
        let status = match (request.method, part) {
            (Method::Head, None) if is_whole(held) => 200,
            (Method::Head, None) => 204,
            (Method::Put, Some(part)) if part.from != held.len() => 409,
            (Method::Put, Some(part)) => {
                assert_eq!(request.body.len(), part.to - part.from);
                self.blob_bytes += request.body.len();
                held.extend(&request.body);
                match (part.to == part.of, is_whole(held)) {
                    (true, true) => 201,
                    (true, false) => 422,
                    (false, _) => 202,
                }
            }
            other => panic!("{other:?} to a file"),
        };
        if status == 422 {
            held.clear();
        }
        let have = held.len();
        let mut answer = self.with_headers(status, "", "");
        answer.headers.push((HAVE.into(), have.to_string()));
        let echo = request.header(REQUEST).unwrap();
        let other = fault == Some(&Fault::OtherRequest);
        answer.headers.push((REQUEST.into(), if other { "another".into() } else { echo.into() }));
        answer
    }

    fn with_headers(&self, status: u16, media_type: &str, body: &str) -> HttpResponse {
        let mut answer = page(media_type, body);
        answer.status = status;
        answer.headers.push(("Courier-Server-Ms".into(), self.ms.to_string()));
        answer.headers.push((EPOCH.into(), self.epoch.clone()));
        assert_eq!(SERVER_MS, "courier-server-ms");
        answer
    }

    fn json(&self, media_type: &str, body: &impl serde::Serialize) -> HttpResponse {
        self.with_headers(200, media_type, &serde_json::to_string(body).unwrap())
    }

    fn enrol(&mut self, request: &HttpRequest) -> HttpResponse {
        let asked: EnrolRequest = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(asked.code, ENROLMENT.replace('-', ""));
        let proof = read_jws(&asked.proof).unwrap();
        proof.verify(&asked.device_jwk, courier_protocol::header::TYP_ENROL).unwrap();
        self.enrolled = Some((asked.install, asked.device_jwk));
        let x25519 = self.evidence.public().to_base64();
        self.json(
            "application/json",
            &EnrolAnswer {
                courier: CourierInfo {
                    id: CourierId::new("courier-1").unwrap(),
                    name: "Kim Rosenbaum".into(),
                },
                evidence_keys: vec![EvidenceKeyInfo { x25519 }],
                epoch: self.epoch.clone(),
                server_ms: UnixMs(self.ms),
            },
        )
    }

    fn token(&mut self, request: &HttpRequest) -> HttpResponse {
        let asked: TokenRequest = serde_json::from_slice(&request.body).unwrap();
        let (install, jwk) = self.enrolled.as_ref().expect("a token before the enrolment");
        let assertion = read_jws(&asked.assertion).unwrap();
        let assertion: Assertion =
            serde_json::from_slice(assertion.verify(jwk, TYP_ASSERTION).unwrap()).unwrap();
        assert_eq!((&assertion.iss, assertion.aud.as_str()), (install, self.url.as_str()));
        self.tokens += 1;
        self.token_requests += 1;
        self.json(
            "application/json",
            &TokenAnswer {
                access_token: format!("token-{}", self.tokens),
                expires_in: 3_600,
                scope: self.scope,
                cause: self.cause,
                evidence_keys: self.new_evidence_keys.clone(),
                epoch: self.epoch.clone(),
                server_ms: UnixMs(self.ms),
            },
        )
    }

    fn facts(&mut self, request: &HttpRequest, fault: Option<&Fault>) -> HttpResponse {
        assert_eq!(request.header("authorization").unwrap(), format!("Bearer token-{}", self.tokens));
        let mut body = String::new();
        flate2::read::GzDecoder::new(&request.body[..]).read_to_string(&mut body).unwrap();
        let batch: FactsRequest = serde_json::from_str(&body).unwrap();
        assert!(!batch.facts.is_empty(), "an empty batch was sent");
        self.arrivals += batch.facts.len();
        let mut results = Vec::new();
        for item in &batch.facts {
            let hash = fact_hash(&item.jws);
            let payload: FactPayload = serde_json::from_slice(&read_jws(&item.jws).unwrap().payload).unwrap();
            let status =
                if matches!(fault, Some(Fault::Retry(_))) { FactStatus::Retry } else { FactStatus::Stored };
            let dup = self.stored.contains_key(hash.as_str());
            let judged = matches!(payload.body, FactBody::HandedOver { .. });
            let result = FactResult {
                hash: hash.clone(),
                id: Some(payload.id.clone()),
                status,
                dup,
                flags: Vec::new(),
                verdict: self
                    .verdict
                    .filter(|_| judged)
                    .map(|verdict| FactVerdict { verdict, why: "right-code".into() }),
                want: None,
                after_ms: None,
            };
            if status == FactStatus::Stored {
                self.check_signature(&item.jws, &payload);
                self.stored.insert(hash.to_string(), Held { payload, private: item.private.clone() });
            }
            results.push(result);
        }
        let mut echo = request.header(REQUEST).unwrap().to_owned();
        match fault {
            Some(Fault::Shuffled) => results.reverse(),
            Some(Fault::OtherHashes) => {
                for result in &mut results {
                    result.hash = fact_hash("other");
                }
            }
            Some(Fault::OtherRequest) => echo = "another".into(),
            Some(Fault::Retry(after)) => {
                for result in &mut results {
                    result.after_ms = Some(*after);
                }
            }
            Some(Fault::Want(from, to)) => results[0].want = Some(Want { from: *from, to: *to }),
            _ => {}
        }
        let receipt = self.chain().last().map(|head| ReceiptPayload {
            install: head.payload.install.clone(),
            inc: head.payload.inc,
            seq: head.payload.seq,
            hash: fact_hash("head"),
            server_ms: UnixMs(self.ms),
        });
        let receipt =
            receipt.map(|it| sign_jws(TYP_RECEIPT, &serde_json::to_vec(&it).unwrap(), &self.key).unwrap());
        let answer = FactsAnswer {
            request: echo,
            epoch: self.epoch.clone(),
            server_ms: UnixMs(self.ms),
            results,
            receipt,
        };
        let other = matches!(fault, Some(Fault::OtherType));
        self.json(if other { "application/json" } else { FACTS_MEDIA_TYPE }, &answer)
    }

    /// Every fact is signed by the key that the chain names; the first of a day by the device key.
    fn check_signature(&self, jws: &str, payload: &FactPayload) {
        let read = read_jws(jws).unwrap();
        let device = self.enrolled.as_ref().map(|(_, jwk)| jwk.clone());
        let day = self.stored.values().filter_map(|held| match &held.payload.body {
            FactBody::DayStarted { day_jwk } if held.payload.inc == payload.inc => Some(day_jwk.clone()),
            _ => None,
        });
        let keys: Vec<Jwk> = match payload.body {
            FactBody::DayStarted { .. } => device.into_iter().collect(),
            _ => day.collect(),
        };
        let signed = keys.is_empty() || keys.iter().any(|key| read.verify(key, TYP_FACT).is_ok());
        assert!(signed, "fact {} is signed by no key of its chain", payload.seq);
    }

    fn changes(&mut self, request: &HttpRequest) -> HttpResponse {
        let asked = request.path.split_once('?').map_or("", |(_, asked)| asked);
        let named = |name| asked.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let mut answer = self.changes_since(named("cursor"));
        let is_here = named("route").is_some_and(|route| self.has(ObjectKind::Route, route));
        let next_day = self.next_day.clone().filter(|_| is_here && answer.status < 400);
        answer.headers.extend(next_day.map(|day| (NEXT_DAY.to_owned(), day)));
        answer
    }

    fn changes_since(&self, cursor: Option<&str>) -> HttpResponse {
        if self.objects.is_empty() {
            let status = if cursor.is_some() { 410 } else { 204 };
            return self.with_headers(status, "application/problem+json", "{}");
        }
        let (since, from) = match cursor {
            None => (0, 0),
            Some(cursor) => {
                let (rev, from) = cursor.split_once('.').unwrap();
                (rev.parse::<u64>().unwrap(), from.parse::<usize>().unwrap())
            }
        };
        if cursor.is_some() && since != 0 && since < self.oldest_cursor {
            return self.with_headers(410, "application/problem+json", "{}");
        }
        let mut ops: Vec<RouteOp> = self
            .objects
            .iter()
            .filter_map(|(put, gone)| match gone {
                Some(gone) if since > 0 => Some(gone.clone()),
                Some(_) => None,
                None => Some(put.clone()),
            })
            .filter(|op| op.rev > since)
            .collect();
        ops.sort_by_key(|op| op.rev);
        if ops.is_empty() && since > 0 {
            return self.with_headers(204, "", "");
        }
        let page: Vec<_> = ops.iter().skip(from).take(self.page).cloned().collect();
        let more = from + page.len() < ops.len();
        let live = self.objects.iter().filter(|(_, gone)| gone.is_none());
        let digest = digest(live.map(|(put, _)| (put.kind.as_str(), put.id.as_str(), put.rev)));
        let cursor = if more { format!("{since}.{}", from + page.len()) } else { format!("{}.0", self.rev) };
        let body = Changes {
            epoch: self.epoch.clone(),
            server_ms: UnixMs(self.ms),
            cursor,
            more,
            ops: page,
            digest: (!more).then_some(digest),
        };
        self.json("application/json", &body)
    }
}

fn page(media_type: &str, body: &str) -> HttpResponse {
    HttpResponse {
        status: 200,
        headers: vec![("Content-Type".into(), media_type.into())],
        body: body.as_bytes().to_vec(),
    }
}
