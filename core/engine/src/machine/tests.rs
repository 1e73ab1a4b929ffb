//! The machine against a server of a hundred lines, by hand: no network, no clock but ours.

#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_pass_by_value)]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex};

use courier_codes::{EvidenceContext, EvidenceSecret, IssueSpec, evidence, fact_hash, issue, read_jws};
use courier_domain::{
    AttemptId, CodeEntry, CodeId, CodeState, Command, FactBody, FactPayload, Jwk, KdfParams, LockedBy,
    Reason, Receiver, ReceiverDetails, Rejection, UnixMs, Verdict, VerdictNotice,
};
use courier_protocol::{
    Changes, CourierInfo, EnrolAnswer, EnrolRequest, EvidenceKeyInfo, FactResult, FactStatus, FactsAnswer,
    FactsRequest, Object, Problem, ProblemKind, RouteOp, Scope, TokenAnswer, Want, digest, header,
};
use rand_core::SeedableRng;
use serde_json::json;

use super::commands::plug::pull_at;
use super::*;
use crate::http::Method;
use crate::ports::software::{FileKey, FileSecrets, NoLog};
use crate::ports::{Clock, PortError};

const DAY: i64 = 86_400_000;
const MORNING: i64 = 1_800_000_000_000;

#[derive(Clone)]
struct HandClock(Arc<Mutex<Now>>);

impl Clock for HandClock {
    fn now(&self) -> Result<Now, PortError> {
        Ok(self.0.lock().unwrap().clone())
    }
}

impl HandClock {
    fn advance(&self, ms: u64) {
        let mut now = self.0.lock().unwrap();
        now.boot_ms += ms;
        now.wall_ms += i64::try_from(ms).unwrap();
    }
}

/// What the server does with the next requests.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Fine,
    LosesAnswer,
    Portal,
    WrongEcho,
    WrongHash,
    Unauthorized,
}

struct Server {
    mood: Cell<Mood>,
    epoch: String,
    secret: EvidenceSecret,
    ops: Vec<RouteOp>,
    stored: BTreeMap<String, String>,
    requests: u64,
    want: Option<Want>,
    wrong_digest: Cell<bool>,
    device: Option<Jwk>,
}

impl Server {
    fn answer(&mut self, request: &HttpRequest) -> Result<HttpResponse, NetError> {
        self.requests += 1;
        let (kind, status, body) = match (request.method, request.path.split('?').next().unwrap()) {
            (Method::Post, "/v1/enrol") => ("application/json", 200, self.enrol(&request.body)),
            (Method::Post, "/v1/token") => ("application/json", 200, self.token()),
            _ if self.mood.get() == Mood::Unauthorized => {
                self.mood.set(Mood::Fine);
                let problem = serde_json::to_vec(&Problem::new(ProblemKind::Unauthorized)).unwrap();
                (header::PROBLEM_MEDIA_TYPE, 401, problem)
            }
            _ if self.mood.get() == Mood::Portal => {
                ("text/html", 200, b"<h1>Welcome to the hotel</h1>".to_vec())
            }
            (Method::Post, "/v1/facts") => (header::FACTS_MEDIA_TYPE, 200, self.facts(request)),
            (Method::Get, "/v1/route/changes") => {
                let body = self.changes(&request.path);
                ("application/json", if body.is_empty() { 204 } else { 200 }, body)
            }
            other => panic!("nobody asks for {other:?}"),
        };
        if self.mood.get() == Mood::LosesAnswer && request.path == "/v1/facts" {
            return Err(NetError::Unreachable);
        }
        let mut headers = vec![("content-type".to_owned(), kind.to_owned())];
        if self.mood.get() != Mood::Portal {
            headers.push((header::SERVER_MS.into(), MORNING.to_string()));
            headers.push((header::EPOCH.into(), self.epoch.clone()));
        }
        Ok(HttpResponse { status, headers, body })
    }

    fn enrol(&mut self, body: &[u8]) -> Vec<u8> {
        let request: EnrolRequest = serde_json::from_slice(body).unwrap();
        let proof = read_jws(&request.proof).unwrap();
        proof.verify(&request.device_jwk, header::TYP_ENROL).unwrap();
        self.device = Some(request.device_jwk);
        let courier = CourierInfo { id: courier_domain::CourierId::new("c").unwrap(), name: "Ada".into() };
        let key = EvidenceKeyInfo { x25519: self.secret.public().to_base64() };
        let (epoch, server_ms) = (self.epoch.clone(), UnixMs(MORNING));
        serde_json::to_vec(&EnrolAnswer { courier, evidence_keys: vec![key], epoch, server_ms }).unwrap()
    }

    fn token(&self) -> Vec<u8> {
        serde_json::to_vec(&TokenAnswer {
            access_token: "t".into(),
            expires_in: 3600,
            scope: Scope::Full,
            epoch: self.epoch.clone(),
            server_ms: UnixMs(MORNING),
        })
        .unwrap()
    }

    fn facts(&mut self, request: &HttpRequest) -> Vec<u8> {
        let mut json = Vec::new();
        flate2::read::GzDecoder::new(&request.body[..]).read_to_end(&mut json).unwrap();
        let body: FactsRequest = serde_json::from_slice(&json).unwrap();
        let echo = request.headers.iter().find(|(name, _)| name == header::REQUEST).unwrap().1.clone();
        let results = body
            .facts
            .iter()
            .map(|item| {
                let hash = fact_hash(&item.jws);
                let dup = self.stored.insert(hash.as_str().into(), item.jws.clone()).is_some();
                let shown = if self.mood.get() == Mood::WrongHash { fact_hash("other") } else { hash };
                FactResult {
                    hash: shown,
                    id: None,
                    status: FactStatus::Stored,
                    dup,
                    flags: Vec::new(),
                    verdict: None,
                    want: self.want.take(),
                    after_ms: None,
                }
            })
            .collect();
        let request = if self.mood.get() == Mood::WrongEcho { "another".into() } else { echo };
        let (epoch, server_ms) = (self.epoch.clone(), UnixMs(MORNING));
        serde_json::to_vec(&FactsAnswer { request, epoch, server_ms, results, receipt: None }).unwrap()
    }

    fn changes(&self, path: &str) -> Vec<u8> {
        let from = path.split_once("cursor=").map_or(0, |(_, cursor)| cursor.parse::<usize>().unwrap());
        if from == self.ops.len() {
            return Vec::new();
        }
        let mut live = BTreeMap::new();
        for op in &self.ops {
            let key = (op.kind.as_str(), op.id.as_str());
            if op.why.is_some() {
                live.remove(&key)
            } else {
                live.insert(key, op.rev)
            };
        }
        let sum = digest(live.into_iter().map(|((kind, id), rev)| (kind, id, rev)));
        serde_json::to_vec(&Changes {
            epoch: self.epoch.clone(),
            server_ms: UnixMs(MORNING),
            cursor: self.ops.len().to_string(),
            more: false,
            ops: self.ops[from..].to_vec(),
            digest: Some(if self.wrong_digest.take() { "wrong".into() } else { sum }),
        })
        .unwrap()
    }

    fn payloads(&self) -> Vec<FactPayload> {
        let mut facts: Vec<FactPayload> = self
            .stored
            .values()
            .map(|jws| serde_json::from_slice(&read_jws(jws).unwrap().payload).unwrap())
            .collect();
        facts.sort_by_key(|fact| (fact.inc, fact.seq));
        facts
    }
}

struct World {
    dir: tempfile::TempDir,
    clock: HandClock,
    server: Server,
    machine: Option<Machine>,
    digits: String,
}

impl World {
    fn new() -> Self {
        let clock =
            HandClock(Arc::new(Mutex::new(Now { wall_ms: MORNING, boot_ms: 1_000, boot: "b".into() })));
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(5);
        let spec = IssueSpec {
            attempt: AttemptId::new("att").unwrap(),
            code_id: CodeId::new("code").unwrap(),
            holder: "recipient".into(),
            kdf: KdfParams { m: 8, t: 1, p: 1 },
            salt: [1; 16],
            k: 12,
            not_before: UnixMs(MORNING - DAY),
            not_after: UnixMs(MORNING + DAY),
        };
        let issued = issue(&mut rng, spec).unwrap();
        let address =
            json!({"street":"Breite Str.","house":"30","postcode":"10178","city":"Berlin","country":"DE"});
        let put = |kind: &str, id: &str, data: serde_json::Value| RouteOp {
            op: courier_protocol::OpKind::Put,
            kind: kind.into(),
            id: id.into(),
            rev: 7,
            why: None,
            data: Some(data),
        };
        let ops = vec![
            put("route", "r", json!({"day":"2027-01-15","tz":"Europe/Berlin","order":["s"]})),
            put("stop", "s", json!({"address":address,"door_pin":{"lat":52.5,"lon":13.4},"service_s":60})),
            put(
                "shipment",
                "sh",
                json!({"stop":"s","attempt":{"id":"att","no":1},"recipient_name":"Town Library","lang":"de",
                    "sender_name":"Feinwerk","parcels":[{"id":"p","barcodes":["BAR"]}],"code":"required"}),
            ),
            RouteOp::put(&Object::Verifier(issued.verifier), 7).unwrap(),
        ];
        let server = Server {
            mood: Cell::new(Mood::Fine),
            epoch: "one".into(),
            secret: EvidenceSecret::generate(&mut rng),
            ops,
            stored: BTreeMap::new(),
            requests: 0,
            want: None,
            wrong_digest: Cell::new(false),
            device: None,
        };
        let dir = tempfile::tempdir().unwrap();
        let digits = issued.code.digits().to_owned();
        let mut world = Self { dir, clock, server, machine: None, digits };
        world.restart();
        world
    }

    /// Enrolled, with the route, the day begun, the parcel scanned.
    fn at_the_door() -> Self {
        let mut world = Self::new();
        world.machine().begin_enrolment("ABCDE-23456").unwrap();
        world.exchange();
        assert_eq!(world.machine().finished_enrolment(), Some(Ok(())));
        world.sync();
        world.go(Command::StartDay).unwrap();
        world.go(Command::Arrive { stop: stop() }).unwrap();
        world.go(Command::Scan { stop: stop(), barcode: "BAR".into() }).unwrap();
        world
    }

    /// As after a kill: what is in memory is gone.
    fn restart(&mut self) {
        drop(self.machine.take());
        let mut rng = crate::entropy::from_seed(self.server.requests);
        let secrets = FileSecrets::new(&self.dir.path().join("secrets")).unwrap();
        let ports = Ports {
            clock: Box::new(self.clock.clone()),
            key: Box::new(FileKey::new(&secrets, &mut rng).unwrap()),
            secrets: Box::new(secrets),
            log: Box::new(NoLog),
        };
        let config = Config {
            data_dir: self.dir.path().join("data"),
            server: "http://127.0.0.1:1".into(),
            extra_roots_pem: None,
            platform: "test".into(),
            app: "test".into(),
            auto_sync: false,
            seed: None,
        };
        self.machine = Some(Machine::open(config, ports).unwrap());
    }

    fn machine(&mut self) -> &mut Machine {
        self.machine.as_mut().unwrap()
    }

    fn now(&self) -> Now {
        self.clock.now().unwrap()
    }

    fn go(&mut self, command: Command) -> Result<CommandResult, EngineError> {
        let now = self.now();
        self.machine().command(&command, &now).map(|receipt| receipt.result)
    }

    fn enter(&mut self, digits: &str) -> Result<CommandResult, EngineError> {
        self.go(Command::EnterCode { stop: stop(), entry: CodeEntry::Digits(digits.into()) })
    }

    fn hand_over(&mut self) -> Result<CommandResult, EngineError> {
        self.go(Command::HandOver {
            attempt: AttemptId::new("att").unwrap(),
            parcels: Vec::new(),
            receiver: Receiver::Household,
            details: ReceiverDetails { name: Some("Kim Canary".into()), ..ReceiverDetails::default() },
        })
    }

    /// Moves requests and answers until the machine waits.
    fn exchange(&mut self) {
        for _ in 0..50 {
            let now = self.now();
            match self.machine().next(&now).unwrap() {
                Step::Wait { .. } => return,
                Step::Send(request) => {
                    let answer = self.server.answer(&request);
                    self.clock.advance(20);
                    let now = self.now();
                    self.machine().received(request.id, answer, &now).unwrap();
                }
            }
        }
        panic!("the exchange never ends");
    }

    fn sync(&mut self) -> SyncReport {
        self.machine().begin_sync().unwrap();
        self.exchange();
        self.machine().finished_sync().unwrap().unwrap()
    }

    fn views(&mut self) -> String {
        let now = self.now();
        let machine = self.machine();
        format!("{:?}\n{:?}", machine.route_view(&now), machine.stop_view(&stop(), &now))
    }

    fn code_state(&mut self) -> CodeState {
        let now = self.now();
        self.machine().stop_view(&stop(), &now).unwrap().doors[0].code.clone().unwrap()
    }

    /// A code that does not fit the tag.
    fn wrong(&mut self) -> String {
        // Not 000000, which is part of many a number in the files that are searched for it.
        let verifier = self.machine().verifier(&CodeId::new("code").unwrap()).unwrap();
        (271_828..1_000_000u32)
            .map(|n| format!("{n:06}"))
            .find(|text| {
                let entry = courier_codes::Entry::parse(&CodeEntry::Digits(text.clone())).unwrap();
                courier_codes::check(&entry, std::slice::from_ref(&verifier)).unwrap().is_none()
            })
            .unwrap()
    }
}

fn stop() -> StopId {
    StopId::new("s").unwrap()
}

fn files(dir: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_day_offline_reaches_the_server_once_signed_and_chained() {
    let mut world = World::at_the_door();
    let wrong = world.wrong();
    assert_eq!(world.enter(&wrong), Ok(CommandResult::CodeWrong { tries_left: 4, wait_ms: 0 }));
    let digits = world.digits.clone();
    assert!(matches!(world.enter(&digits), Ok(CommandResult::CodeMatched { .. })));
    world.hand_over().unwrap();
    let before = world.views();
    world.restart();
    assert_eq!(world.views(), before, "a killed app comes back where it was");

    let report = world.sync();
    assert_eq!((report.acknowledged, report.pending, report.problem), (5, 0, None));
    let facts = world.server.payloads();
    let FactBody::DayStarted { day_jwk } = facts[0].body.clone() else {
        panic!("the day began with {facts:?}")
    };
    let by_id: BTreeMap<_, _> = world
        .server
        .stored
        .values()
        .map(|jws| (serde_json::from_slice::<FactPayload>(&read_jws(jws).unwrap().payload).unwrap().seq, jws))
        .collect();
    let mut prev = None;
    for (seq, jws) in by_id {
        let key = if seq == 1 { world.server.device.as_ref().unwrap() } else { &day_jwk };
        let payload = read_jws(jws).unwrap();
        let fact: FactPayload =
            serde_json::from_slice(payload.verify(key, header::TYP_FACT).unwrap()).unwrap();
        assert_eq!(fact.prev, prev, "the chain breaks at {seq}");
        prev = Some(fact_hash(jws));
    }
    let tried = facts.iter().rev().find(|fact| matches!(fact.body, FactBody::CodeTried { .. })).unwrap();
    let FactBody::CodeTried { evidence: Some(sealed), attempts, .. } = &tried.body else {
        panic!("no evidence")
    };
    let context = EvidenceContext { fact: &tried.id, install: &tried.install, attempts };
    let entry = evidence::open(sealed, &[world.server.secret], &context);
    assert!(matches!(entry, Ok(courier_codes::Entry::Digits(code)) if code.digits() == world.digits));
}

#[test]
fn digits_and_names_are_in_no_file() {
    let mut world = World::at_the_door();
    let (digits, wrong) = (world.digits.clone(), world.wrong());
    world.enter(&wrong).unwrap();
    world.enter(&digits).unwrap();
    world.hand_over().unwrap();
    let all = files(world.dir.path());
    assert!(
        all.iter().any(|(_, bytes)| contains(bytes, "handed_over")),
        "the search looks at the wrong files"
    );
    for (path, bytes) in all {
        for canary in [digits.as_str(), wrong.as_str(), "Canary", "Town Library", "Breite"] {
            assert!(!contains(&bytes, canary), "{canary} is in {}", path.display());
        }
    }
}

#[test]
fn two_hundred_kills_around_the_check_forgive_no_try() {
    let points = ["try-committed", "code-checked", "fact-committed"];
    for round in 0..200 {
        let mut world = World::at_the_door();
        let wrong = world.wrong();
        for miss in 1..=u32::try_from(round % 4 + 1).unwrap() {
            pull_at(points[(round + miss as usize) % points.len()]);
            assert!(world.enter(&wrong).is_err(), "the plug was not pulled");
            world.restart();
            world.clock.advance(200_000);
            assert_eq!(world.code_state(), CodeState::Needed { tries_left: 5 - miss, wait_ms: 0 });
        }
    }
}

#[test]
fn five_misses_lock_also_through_kills_and_the_exit_is_there() {
    let mut world = World::at_the_door();
    let wrong = world.wrong();
    for _ in 0..5 {
        pull_at("try-committed");
        world.enter(&wrong).unwrap_err();
        world.restart();
        world.clock.advance(200_000);
    }
    assert_eq!(world.code_state(), CodeState::Locked { by: LockedBy::TriesUsed });
    let digits = world.digits.clone();
    assert_eq!(
        world.enter(&digits),
        Err(EngineError::Rejected(Rejection::Locked { by: LockedBy::TriesUsed }))
    );
    world
        .go(Command::NotDelivered {
            attempt: AttemptId::new("att").unwrap(),
            parcels: Vec::new(),
            reason: Reason::TriesUsedUp,
            note: None,
        })
        .unwrap();
}

#[test]
fn an_unreadable_entry_uses_no_try() {
    let mut world = World::at_the_door();
    assert!(matches!(world.enter("12345"), Err(EngineError::Entry(_))));
    assert_eq!(world.code_state(), CodeState::Needed { tries_left: 5, wait_ms: 0 });
}

#[test]
fn what_is_no_answer_of_ours_acknowledges_nothing() {
    for mood in [Mood::LosesAnswer, Mood::Portal, Mood::WrongEcho, Mood::WrongHash] {
        let mut world = World::at_the_door();
        world.server.mood.set(mood);
        for _ in 0..2 {
            let report = world.sync();
            assert_eq!((report.acknowledged, report.pending), (0, 2));
            assert!(report.problem.is_some());
        }
        world.server.mood.set(Mood::Fine);
        assert_eq!(world.sync().acknowledged, 2);
        assert_eq!(world.server.stored.len(), 2, "each fact is there once");
    }
}

#[test]
fn a_refused_token_is_renewed_once_and_recording_goes_on() {
    let mut world = World::at_the_door();
    world.server.mood.set(Mood::Unauthorized);
    let report = world.sync();
    assert_eq!((report.acknowledged, report.problem), (2, None));
}

#[test]
fn a_restored_server_gets_everything_again_and_a_gap_is_filled() {
    let mut world = World::at_the_door();
    world.sync();
    world.server.stored.clear();
    world.server.epoch = "two".into();
    world.sync(); // sees the new epoch
    world.sync();
    assert_eq!(world.server.stored.len(), 2);

    world.server.stored.clear();
    world.server.want = Some(Want { from: 1, to: 2 });
    world.go(Command::CloseDay).unwrap();
    world.sync();
    world.sync();
    assert_eq!(world.server.payloads().iter().map(|fact| fact.seq).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_wrong_digest_and_a_hostile_verifier_change_nothing() {
    let mut world = World::at_the_door();
    let before = world.views();
    let hostile = world.server.ops[3].data.clone().map(|mut data| {
        data["k"] = json!(64);
        data
    });
    let op = RouteOp { rev: 9, data: hostile, ..world.server.ops[3].clone() };
    world.server.ops.push(op);
    assert_eq!(world.sync().problem.as_deref(), Some("hostile-route"));
    assert_eq!(world.views(), before);
    world.server.ops.pop();

    let fact = world.server.payloads().first().map(|fact| fact.id.clone()).unwrap();
    let notice = VerdictNotice { fact, verdict: Verdict::UnderReview, why: "tamper".into() };
    world.server.ops.push(RouteOp::put(&Object::Verdict(notice), 9).unwrap());
    world.server.wrong_digest.set(true);
    let report = world.sync();
    assert!(report.route_changed && report.problem.is_none(), "a snapshot mends a wrong digest: {report:?}");
}

#[test]
fn a_database_without_its_secret_goes_on_as_a_new_incarnation() {
    let mut world = World::at_the_door();
    let now = world.now();
    assert_eq!(world.machine().diagnostics(&now).unwrap().inc, 1);
    drop(world.machine.take());
    std::fs::remove_file(world.dir.path().join("secrets/incarnation.secret")).unwrap();
    world.restart();
    let now = world.now();
    assert_eq!(world.machine().diagnostics(&now).unwrap().inc, 2);
    world.go(Command::CloseDay).unwrap();
    world.sync();
    world.sync();
    let chain: Vec<_> = world.server.payloads().iter().map(|fact| (fact.inc, fact.seq)).collect();
    assert_eq!(chain, [(1, 1), (1, 2), (2, 1)]);
}

#[test]
fn route_db_can_be_deleted_at_any_time() {
    let mut world = World::at_the_door();
    let before = world.views();
    drop(world.machine.take());
    std::fs::write(world.dir.path().join("data/route.db"), b"not a database at all, just some text here")
        .unwrap();
    world.restart();
    world.sync();
    assert_eq!(world.views(), before);
}
