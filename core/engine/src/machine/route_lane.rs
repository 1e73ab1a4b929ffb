//! `GET /v1/route/changes`: what the office sends comes to the phone, whole checkpoints only.

use chrono::NaiveDate;
use courier_codes::RowKey;
use courier_protocol::header::{EPOCH, NEXT_DAY};
use courier_protocol::{Change, Changes, Object, OpKind, RouteOp, Scope};

use super::fold::Told;
use super::lane::Lane;
use super::open::cache_key_name;
use super::{MAX_WORD, Machine, Trouble};
use crate::clock::Now;
use crate::error::EngineError;
use crate::http::{HttpRequest, HttpResponse, MAX_BODY, Method, NetError, percent_encode};
use crate::planted::Bug;
use crate::store::StoreError;
use crate::store::route_cache::Apply;

/// Ops of one checkpoint, at most: a route of 200 stops has about 1,500. More is no route.
const MAX_OPS: usize = 20_000;
/// Pages of one checkpoint, at most.
const MAX_PAGES: usize = 200;
/// Bytes of all pages of one checkpoint, at most: two of the largest answers.
const MAX_FETCH: usize = 2 * MAX_BODY;
/// Of a server that does not know the route that is driven here, all of another one comes with each poll: so much rarer
/// they are.
const OTHER_ROUTE_POLLS: u64 = 15;
/// Longest type, identifier or reason of an object, in bytes.
const MAX_NAME: usize = 200;

/// Pages of a checkpoint that is not complete yet. They are only in memory: a kill fetches them again.
#[derive(Debug)]
struct Fetch {
    snapshot: bool,
    cursor: Option<String>,
    ops: Vec<RouteOp>,
    /// What each of them means.
    changes: Vec<Change>,
    pages: usize,
    /// Of all pages.
    bytes: usize,
}

#[derive(Debug, Default)]
pub(super) struct RouteLane {
    pub(super) lane: Lane,
    /// When the next poll is due, boot clock.
    pub(super) poll_at: u64,
    fetch: Option<Fetch>,
    /// The next fetch starts without a cursor.
    snapshot: bool,
    /// The day of a route that waits until the courier has closed this one.
    pub(super) next_day: Option<NaiveDate>,
}

impl RouteLane {
    /// What the phone has cannot be brought up to date: fetch all of it.
    pub(super) fn start_again(&mut self) {
        self.snapshot = true;
        self.fetch = None;
        self.poll_at = 0;
    }
}

/// What an answer was.
enum Answered {
    /// A page, and there is more.
    Page,
    /// The phone has what the server says.
    UpToDate,
    /// A route that has to wait.
    OtherRoute,
}

/// Why an answer is not applied.
enum Unusable {
    /// Hostile or broken: wait, then try again.
    Refuse(&'static str),
    /// It does not fit what the phone has: fetch everything.
    StartAgain(&'static str),
    /// The phone could not do its part.
    Phone(EngineError),
}

impl Machine {
    /// Milliseconds of the boot clock; a dismissed courier gets no route any more.
    pub(super) fn route_wanted_at(&self) -> Option<u64> {
        if self.has(Bug::RouteNeverAgain) && self.state.route().is_some() {
            return None;
        }
        let may = self.token.scope() != Some(Scope::Drain) || self.has(Bug::ScopeIgnored);
        may.then_some(self.route.poll_at)
    }

    pub(super) fn route_request(&mut self, now: &Now) -> HttpRequest {
        if self.route.fetch.is_none() {
            let stored =
                if self.route.snapshot { None } else { self.store.route.checkpoint().ok().flatten() };
            let cursor = stored.filter(|_| self.keys.cache.is_some()).map(|stored| stored.cursor);
            self.route.fetch = Some(Fetch {
                snapshot: cursor.is_none(),
                cursor,
                ops: Vec::new(),
                changes: Vec::new(),
                pages: 0,
                bytes: 0,
            });
        }
        let cursor = self.route.fetch.as_ref().and_then(|fetch| fetch.cursor.as_deref());
        let cursor = cursor.map(|cursor| format!("cursor={}", percent_encode(cursor)));
        // Whoever is on the road wants to know of this route, whatever else there is by now.
        let driven = self.state.route().filter(|_| self.is_on_the_road());
        let driven = driven.map(|(route, _)| format!("route={}", percent_encode(route.id.as_str())));
        let asked: Vec<_> = cursor.into_iter().chain(driven).collect();
        let mut path = String::from("/v1/route/changes");
        if !asked.is_empty() {
            path = format!("{path}?{}", asked.join("&"));
        }
        let request = self.random_text();
        let headers = self.headers(&request);
        let id = self.request_id();
        self.route.lane.sent(id, now);
        HttpRequest { id, method: Method::Get, path, headers, body: Vec::new() }
    }

    pub(super) fn route_received(&mut self, result: Result<HttpResponse, NetError>, now: &Now) {
        let Ok(answer) = result else {
            return self.route.lane.failed(now, self.rng.as_mut(), None);
        };
        let done = match answer.status {
            200 => self.route_page(&answer),
            // Proxies and portals say "nothing" too, but not in the name of our server.
            204 => match answer.header(EPOCH) {
                Some(epoch) => {
                    self.route.fetch = None;
                    self.route.snapshot = false;
                    self.hold(next_day(&answer));
                    self.learn_epoch(epoch).map(|()| Answered::UpToDate).map_err(Unusable::Phone)
                }
                None if self.has(Bug::PortalSaysNothingNew) => Ok(Answered::UpToDate),
                None => Err(Unusable::Refuse("not-an-answer")),
            },
            401 => {
                self.forget_token();
                if self.route.lane.may_renew() {
                    return;
                }
                self.note_refusal(&answer);
                return self.route.lane.failed(now, self.rng.as_mut(), answer.retry_after_ms());
            }
            410 => Err(Unusable::StartAgain("cursor-gone")),
            _ => {
                self.note_refusal(&answer);
                return self.route.lane.failed(now, self.rng.as_mut(), answer.retry_after_ms());
            }
        };
        self.route_done(done, &answer, now);
    }

    fn route_done(&mut self, done: Result<Answered, Unusable>, answer: &HttpResponse, now: &Now) {
        match done {
            Ok(answered) => {
                self.route.lane.succeeded();
                let wait = match answered {
                    Answered::Page => return,
                    Answered::UpToDate => 1,
                    Answered::OtherRoute => OTHER_ROUTE_POLLS,
                };
                // An epoch that changed with this answer asks for another fetch at once.
                if !self.route.snapshot {
                    self.route.poll_at = now.boot_ms + wait * self.config.poll_interval_ms;
                }
            }
            // A snapshot that asks for a snapshot would go round without a pause.
            Err(Unusable::StartAgain(why)) => {
                self.warn("route-from-the-start", &[why]);
                let was_snapshot = self.route.snapshot || self.is_fetching_snapshot();
                self.route.start_again();
                if was_snapshot {
                    self.traffic.problem = Some(Trouble::NotAnAnswer);
                    self.route.lane.failed(now, self.rng.as_mut(), answer.retry_after_ms());
                } else {
                    self.route.lane.succeeded();
                }
            }
            Err(Unusable::Refuse(why)) => {
                self.warn("route-refused", &[why]);
                self.traffic.problem = Some(Trouble::NotAnAnswer);
                self.route.fetch = None;
                self.route.lane.failed(now, self.rng.as_mut(), answer.retry_after_ms());
            }
            Err(Unusable::Phone(error)) => {
                self.warn("route-not-stored", &[&error.to_string()]);
                self.traffic.problem = Some(Trouble::Phone);
                self.route.fetch = None;
                self.route.lane.failed(now, self.rng.as_mut(), None);
            }
        }
    }

    fn is_fetching_snapshot(&self) -> bool {
        self.route.fetch.as_ref().is_some_and(|fetch| fetch.snapshot)
    }

    /// Takes one page, and with the last of them the checkpoint.
    fn route_page(&mut self, answer: &HttpResponse) -> Result<Answered, Unusable> {
        let refuse = Unusable::Refuse;
        if !answer.is_of_type("application/json") {
            return Err(refuse("not-an-answer"));
        }
        let page: Changes = serde_json::from_slice(&answer.body).map_err(|_| refuse("not-an-answer"))?;
        let mut fetch = self.route.fetch.take().ok_or(refuse("unasked"))?;
        if page.cursor.len() > MAX_WORD || fetch.pages >= MAX_PAGES {
            return Err(refuse("too-many-pages"));
        }
        fetch.bytes += answer.body.len();
        if fetch.bytes > MAX_FETCH {
            return Err(refuse("too-large"));
        }
        if fetch.ops.len() + page.ops.len() > MAX_OPS {
            return Err(refuse("too-many-ops"));
        }
        for op in &page.ops {
            fetch.changes.push(well_formed(op).ok_or(refuse("bad-op"))?);
        }
        fetch.pages += 1;
        fetch.ops.extend(page.ops);
        if page.more {
            fetch.cursor = Some(page.cursor);
            self.route.fetch = Some(fetch);
            return Ok(Answered::Page);
        }
        let digest = page.digest.as_deref().ok_or(refuse("no-digest"))?;
        if let Some(day) = self.other_day(&fetch.changes) {
            // Each day is sealed under its own key, and only a snapshot changes the key.
            if !fetch.snapshot {
                return Err(Unusable::StartAgain("new-day"));
            }
            if self.is_on_the_road() {
                self.hold(Some(day));
                self.route.snapshot = false;
                return self.learn_epoch(&page.epoch).map(|()| Answered::OtherRoute).map_err(Unusable::Phone);
            }
        }
        let was_snapshot = fetch.snapshot;
        let applied = self.apply_checkpoint(fetch, &page.cursor, digest, &page.epoch);
        applied.map_err(|error| match error {
            EngineError::Store(StoreError::Digest) if was_snapshot => Unusable::Refuse("wrong-digest"),
            EngineError::Store(StoreError::Digest) => Unusable::StartAgain("wrong-digest"),
            EngineError::Store(StoreError::Corrupt | StoreError::Sealed) => {
                self.keys.cache = None;
                let _ = self.store.replace_route();
                self.keep_learned();
                Unusable::StartAgain("corrupt")
            }
            error => Unusable::Phone(error),
        })?;
        self.route.snapshot = false;
        self.hold(next_day(answer));
        self.learn_epoch(&page.epoch).map_err(Unusable::Phone)?;
        Ok(Answered::UpToDate)
    }

    /// The day of the route that is brought, if it is another than the one that is here.
    fn other_day(&self, changes: &[Change]) -> Option<NaiveDate> {
        let (current, _) = self.state.route()?;
        changes.iter().find_map(|change| match change {
            Change::Put(object) => match object.as_ref() {
                Object::Route(it) if it.id != current.id || it.day != current.day => Some(it.day),
                _ => None,
            },
            _ => None,
        })
    }

    /// The day is begun and not closed, and something was done in it: it stays readable until the courier closes it.
    fn is_on_the_road(&self) -> bool {
        let day = self.state.day();
        day.started && !day.closed && self.state.is_anything_done() && !self.has(Bug::DayYanked)
    }

    /// What waits until the courier is done with this route.
    fn hold(&mut self, day: Option<NaiveDate>) {
        if self.route.next_day != day {
            self.route.next_day = day;
            self.changed();
            if day.is_some() {
                self.info("route-waits", &[]);
            }
        }
    }

    /// What waited for the end of the day is fetched.
    pub(super) fn day_closed(&mut self) {
        if self.route.next_day.take().is_some() {
            self.route.start_again();
        }
    }

    /// Ops and cursor in one transaction, then the fold again of what is stored: what is shown is what a restart would show.
    fn apply_checkpoint(
        &mut self,
        fetch: Fetch,
        cursor: &str,
        digest: &str,
        epoch: &str,
    ) -> Result<(), EngineError> {
        let Fetch { ops, changes, .. } = fetch;
        let count = ops.len();
        if fetch.snapshot {
            let before = self.store.route.checkpoint()?.map(|checkpoint| checkpoint.generation);
            let generation = before.unwrap_or(0) + 1;
            let key = RowKey::generate(&mut self.rng);
            self.ports.secure.put(cache_key_name(generation), key.to_bytes().as_ref())?;
            let apply = Apply { ops: &ops, cursor, digest, epoch, key: &key, snapshot: Some(generation) };
            let live = self.store.route.apply(&apply, &mut self.rng)?;
            self.keys.cache = Some(key);
            self.destroy_cache_key(generation + 1);
            if live == count {
                // Each op is an object, so what was read is what is stored: opening it all again takes half as long as all else.
                self.fold_with(ops.into_iter().zip(changes).map(|(op, change)| Told::put(op, change)))?;
            } else {
                self.fold()?;
            }
        } else {
            let key = self.keys.cache.as_ref().ok_or(StoreError::Sealed)?;
            let apply = Apply { ops: &ops, cursor, digest, epoch, key, snapshot: None };
            self.store.route.apply(&apply, &mut self.rng)?;
            self.fold()?;
        }
        self.changed();
        self.info("route-applied", &[&count.to_string()]);
        Ok(())
    }

    /// What the old key sealed is lost with it; what is left of its rows in the log file goes too. If that fails
    /// the rows are still sealed, and the next snapshot tries again.
    fn destroy_cache_key(&self, generation: u64) {
        if self.has(Bug::CacheKeyKept) {
            return;
        }
        let gone = self.ports.secure.delete(cache_key_name(generation)).is_ok();
        if !gone || self.store.route.truncate_log().is_err() {
            self.warn("old-route-not-purged", &[]);
        }
    }
}

/// The day of a route that waits behind the one that was asked for.
fn next_day(answer: &HttpResponse) -> Option<NaiveDate> {
    answer.header(NEXT_DAY)?.trim().parse().ok()
}

/// What an op means, if it can be kept: an unknown type can, a known type with data that do not fit it cannot. The
/// revision has to be one that SQLite can hold.
fn well_formed(op: &RouteOp) -> Option<Change> {
    let named = [op.kind.as_str(), op.id.as_str()]
        .iter()
        .all(|name| !name.is_empty() && name.len() <= MAX_NAME && !name.contains(['/', '\n', ' ']));
    let short = op.why.as_ref().is_none_or(|why| why.len() <= MAX_NAME);
    let complete = op.op == OpKind::Gone || op.data.is_some();
    let keepable = named && short && complete && i64::try_from(op.rev).is_ok();
    keepable.then(|| op.read().ok()).flatten()
}
