//! The route lane: ops are applied in one transaction when the checkpoint is complete and its digest right. Anything
//! else leads to a snapshot.

use courier_codes::RowAad;
use courier_codes::kdf::check_verifier;
use courier_domain::DayState;
use courier_protocol::{Change, Changes, Object, OpKind, RouteOp, digest};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::Machine;
use super::facts::retry_after_ms;
use super::lane::Sent;
use super::session::{json, problem_word, read};
use crate::config::ROUTE_POLL_MS;
use crate::error::EngineError;
use crate::http::{HttpRequest, HttpResponse, Method, NetError};
use crate::ports::Now;
use crate::store::route::StoredObject;

/// Ops in one checkpoint, at most. A server that sends more is not ours.
const MAX_OPS: usize = 50_000;

/// A checkpoint that is not complete yet.
#[derive(Debug)]
pub(super) struct Checkpoint {
    snapshot: bool,
    cursor: String,
    ops: Vec<RouteOp>,
}

impl Machine {
    pub(super) fn route_is_due(&mut self, now: &Now, facts_first: bool) -> bool {
        if !self.may_read_route() {
            self.route_lane.forced = false;
            return false;
        }
        // By hand, facts go first, so that the verdicts on them come in the same sync.
        let waits = self.route_lane.forced && (facts_first || self.facts_lane.forced);
        !waits && self.route_lane.may_send(self.config.auto_sync, now)
    }

    pub(super) fn route_request(&mut self, now: &Now) -> Result<Option<HttpRequest>, EngineError> {
        let cursor = match &self.checkpoint {
            Some(checkpoint) => Some(checkpoint.cursor.clone()),
            None => self.routes.cursor()?.filter(|(_, epoch)| *epoch == self.epoch).map(|(cursor, _)| cursor),
        };
        let path = match &cursor {
            Some(cursor) => format!("/v1/route/changes?cursor={cursor}"),
            None => "/v1/route/changes".into(),
        };
        let request = self.request(Method::Get, &path, Vec::new());
        let items = cursor.into_iter().collect();
        self.route_lane.sent(request.id, Sent { boot_ms: now.boot_ms, echo: String::new(), items });
        Ok(Some(request))
    }

    pub(super) fn route_received(
        &mut self,
        answer: Result<HttpResponse, NetError>,
        sent: &Sent,
        now: &Now,
    ) -> Result<(), EngineError> {
        let response = match answer {
            Ok(response) => response,
            Err(error) => {
                self.route_failed(error.to_string(), None, now);
                return Ok(());
            }
        };
        let ours = response.header(courier_protocol::header::EPOCH).is_some();
        match response.status {
            204 if ours => {
                self.see_server_of(&response, sent.boot_ms, now)?;
                self.route_done(now);
                Ok(())
            }
            401 if ours && self.route_lane.may_renew_token() => {
                self.forget_token();
                Ok(())
            }
            410 if ours => {
                self.start_again()?;
                Ok(())
            }
            _ => match read::<Changes>(&response) {
                Some(changes) if ours => {
                    self.see_server(changes.server_ms.0, &changes.epoch, sent.boot_ms, now)?;
                    self.take_changes(changes, sent.items.is_empty(), now)
                }
                _ => {
                    let floor = retry_after_ms(&response);
                    self.route_failed(problem_word(&response), floor, now);
                    Ok(())
                }
            },
        }
    }

    fn take_changes(&mut self, changes: Changes, first: bool, now: &Now) -> Result<(), EngineError> {
        let mut checkpoint = self.checkpoint.take().unwrap_or(Checkpoint {
            snapshot: first,
            cursor: String::new(),
            ops: Vec::new(),
        });
        checkpoint.ops.extend(changes.ops);
        checkpoint.cursor = changes.cursor;
        if checkpoint.ops.len() > MAX_OPS || !is_cursor(&checkpoint.cursor) {
            self.route_failed("hostile-route".into(), None, now);
            return Ok(());
        }
        if changes.more {
            self.checkpoint = Some(checkpoint);
            self.route_lane.succeeded(now, 0);
            return Ok(());
        }
        let Some(read) = self.read_ops(&checkpoint.ops)? else {
            self.route_failed("hostile-route".into(), None, now);
            return Ok(());
        };
        let objects: Vec<_> = read.iter().map(|(stored, _)| stored.clone()).collect();
        let applied = self.routes.apply(
            checkpoint.snapshot,
            &objects,
            (&checkpoint.cursor, &changes.epoch),
            |live| {
                let own = digest(live.iter().map(|(kind, id, rev)| (kind.as_str(), id.as_str(), *rev)));
                changes.digest.as_deref() == Some(own.as_str())
            },
        )?;
        if !applied {
            if checkpoint.snapshot {
                self.route_failed("wrong-digest".into(), None, now);
            } else {
                self.log("wrong-digest", &checkpoint.cursor);
                self.start_again()?;
            }
            return Ok(());
        }
        if checkpoint.snapshot {
            self.state.forget_route();
        }
        for (stored, change) in read {
            apply(&mut self.state, &stored, change);
        }
        self.report.route_changed = true;
        self.changed();
        self.route_done(now);
        Ok(())
    }

    /// Seals what has to be stored, next to what it means. `None`: an op that no honest server sends.
    fn read_ops(&mut self, ops: &[RouteOp]) -> Result<Option<Vec<(StoredObject, Change)>>, EngineError> {
        let mut read = Vec::with_capacity(ops.len());
        for op in ops {
            let Ok(change) = op.read() else {
                self.log("unreadable-op", &op.kind);
                return Ok(None);
            };
            if let Change::Put(object) = &change
                && let Object::Verifier(verifier) = object.as_ref()
                && check_verifier(verifier).is_err()
            {
                self.log("hostile-verifier", verifier.code_id.as_str());
                return Ok(None);
            }
            let data = match &op.data {
                Some(data) if op.op == OpKind::Put => {
                    let aad_id = aad_id(&op.kind, &op.id);
                    let aad = RowAad { table: "object", id: &aad_id, rev: op.rev };
                    let plain = Zeroizing::new(json(data)?);
                    let sealed = self
                        .cache_key
                        .seal(&mut self.rng, &aad, &plain)
                        .map_err(|_| EngineError::internal("seal"))?;
                    Some((op.rev, sealed))
                }
                _ => None,
            };
            let why = (op.op == OpKind::Gone).then(|| op.why.clone().unwrap_or_default());
            let stored = StoredObject { kind: op.kind.clone(), id: op.id.clone(), rev: op.rev, why, data };
            read.push((stored, change));
        }
        Ok(Some(read))
    }

    fn start_again(&mut self) -> Result<(), EngineError> {
        self.checkpoint = None;
        self.routes.forget_cursor()
    }

    fn route_done(&mut self, now: &Now) {
        self.route_lane.succeeded(now, ROUTE_POLL_MS);
        self.route_lane.forced = false;
    }

    fn route_failed(&mut self, problem: String, floor_ms: Option<u64>, now: &Now) {
        self.checkpoint = None;
        self.route_lane.failed(now, floor_ms, &mut self.rng);
        self.report.problem = Some(problem);
    }

    /// Folds what the office sent. Rows that do not open (another key, a moved row) count as not there, and the
    /// route is fetched again.
    pub(super) fn fold_route(&mut self, state: &mut DayState) -> Result<(), EngineError> {
        let mut broken = false;
        for stored in self.routes.objects()? {
            let Some((data_rev, sealed)) = stored.data.clone() else { continue };
            let put = RouteOp {
                op: OpKind::Put,
                kind: stored.kind.clone(),
                id: stored.id.clone(),
                rev: data_rev,
                why: None,
                data: self.open_object(&stored.kind, &stored.id, (data_rev, sealed)).ok(),
            };
            match put.read() {
                Ok(change) => {
                    apply(state, &StoredObject { rev: data_rev, why: None, ..stored.clone() }, change);
                }
                Err(_) => broken = true,
            }
            if let Some(why) = &stored.why {
                state.gone(&stored.kind, &stored.id, stored.rev, why);
            }
        }
        if broken {
            self.log("route-unreadable", "");
            self.routes.forget_cursor()?;
        }
        Ok(())
    }

    /// Folds the verdicts again, over what the first answers said.
    pub(super) fn fold_verdicts(&self, state: &mut DayState) -> Result<(), EngineError> {
        for stored in self.routes.objects()?.into_iter().filter(|stored| stored.kind == "verdict") {
            if let Some(data) = stored.data
                && let Ok(notice) = self.open_object(&stored.kind, &stored.id, data)
            {
                state.put_verdict(&notice);
            }
        }
        Ok(())
    }

    pub(super) fn open_object<T: DeserializeOwned>(
        &self,
        kind: &str,
        id: &str,
        (rev, sealed): (u64, Vec<u8>),
    ) -> Result<T, EngineError> {
        let unreadable = || EngineError::storage(format!("{kind} {id} is unreadable"));
        let aad_id = aad_id(kind, id);
        let aad = RowAad { table: "object", id: &aad_id, rev };
        let plain = self.cache_key.open(&aad, &sealed).map_err(|_| unreadable())?;
        serde_json::from_slice(&plain).map_err(|_| unreadable())
    }
}

fn apply(state: &mut DayState, stored: &StoredObject, change: Change) {
    match change {
        Change::Put(object) => match *object {
            Object::Route(it) => state.put_route(stored.rev, it),
            Object::Stop(it) => state.put_stop(stored.rev, it),
            Object::Shipment(it) => state.put_shipment(stored.rev, it),
            Object::Verifier(it) => state.put_verifier(stored.rev, &it),
            Object::Verdict(it) => state.put_verdict(&it),
        },
        Change::Gone { kind, why } => state.gone(kind.word(), &stored.id, stored.rev, &why),
        Change::Unknown => {}
    }
}

fn aad_id(kind: &str, id: &str) -> String {
    format!("{kind}/{id}")
}

/// A cursor goes into a path: only what needs no escaping there is taken.
fn is_cursor(text: &str) -> bool {
    (1..=200).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'))
}
