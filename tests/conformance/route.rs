//! What a phone has of its route, op by op.

use std::collections::BTreeMap;

use courier_codes::kdf::tag_of;
use courier_codes::{BadVerifier, Code};
use courier_domain::{AttemptId, Done, Shipment, Verifier};
use courier_engine::http::percent_encode;
use courier_engine::{HttpResponse, Method};
use courier_protocol::{Change, Changes, Object, ObjectKind, OpKind, RouteOp, digest};

use crate::phone::Phone;
use crate::report::{Check, Stop, broken, equal};
use crate::world::{World, read};

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    /// Where the next question goes on.
    pub(crate) cursor: String,
    /// How many answers the last checkpoint took.
    pub(crate) pages: usize,
    /// What the backend says the phone has now.
    pub(crate) told_digest: Option<String>,
    /// Everything that was put and not taken away.
    pub(crate) objects: BTreeMap<(String, String), RouteOp>,
}

/// Asks for changes.
pub(crate) fn ask(world: &mut World, phone: &Phone, cursor: Option<&str>) -> Result<HttpResponse, Stop> {
    let path = match cursor {
        Some(cursor) => format!("/v1/route/changes?cursor={}", percent_encode(cursor)),
        None => "/v1/route/changes".into(),
    };
    phone.ask(world, Method::Get, &path, &[], "")
}

impl Route {
    /// All of it.
    pub(crate) fn snapshot(world: &mut World, phone: &Phone) -> Result<Self, Stop> {
        let mut route = Self { cursor: String::new(), pages: 0, told_digest: None, objects: BTreeMap::new() };
        route.take_all(world, phone, None)?;
        Ok(route)
    }

    /// What changed since; nothing is an answer too.
    pub(crate) fn follow(&mut self, world: &mut World, phone: &Phone) -> Result<Vec<RouteOp>, Stop> {
        let cursor = self.cursor.clone();
        self.take_all(world, phone, Some(cursor))
    }

    fn take_all(
        &mut self,
        world: &mut World,
        phone: &Phone,
        mut cursor: Option<String>,
    ) -> Result<Vec<RouteOp>, Stop> {
        let mut ops = Vec::new();
        self.pages = 0;
        loop {
            let answer = ask(world, phone, cursor.as_deref())?;
            if answer.status == 204 && cursor.is_some() {
                break;
            }
            let page: Changes = read(&answer, 200)?;
            self.pages += 1;
            ops.extend(page.ops);
            cursor = Some(page.cursor);
            self.told_digest = page.digest;
            if !page.more {
                break;
            }
            if self.pages >= 200 {
                return Err(broken("at most 200 pages", "more"));
            }
        }
        if let Some(cursor) = cursor {
            self.cursor = cursor;
        }
        for op in &ops {
            let place = (op.kind.clone(), op.id.clone());
            match op.op {
                OpKind::Put => self.objects.insert(place, op.clone()),
                OpKind::Gone => self.objects.remove(&place),
            };
        }
        Ok(ops)
    }

    /// The digest that was told is that of what is here.
    pub(crate) fn is_up_to_date(&self) -> Check {
        let lines = self.objects.values().map(|op| (op.kind.as_str(), op.id.as_str(), op.rev));
        equal("the digest", &self.told_digest, &Some(digest(lines)))
    }

    /// The objects that can be read.
    pub(crate) fn read(&self) -> impl Iterator<Item = Object> + '_ {
        self.objects.values().filter_map(|op| match op.read() {
            Ok(Change::Put(object)) => Some(*object),
            _ => None,
        })
    }

    /// The shipment with this name on its label.
    pub(crate) fn shipment(&self, recipient: &str) -> Result<Shipment, Stop> {
        let mut all = self.read().filter_map(|object| match object {
            Object::Shipment(it) if it.recipient_name == recipient => Some(it),
            _ => None,
        });
        let missing = || {
            let kinds: Vec<_> = self.objects.keys().map(|(kind, _)| kind.as_str()).collect();
            broken(format!("a readable shipment for {recipient} on the route"), format!("{kinds:?}"))
        };
        all.next().ok_or_else(missing)
    }

    /// The verifiers of an attempt.
    pub(crate) fn verifiers(&self, attempt: &AttemptId) -> Vec<Verifier> {
        let all = self.read().filter_map(|object| match object {
            Object::Verifier(it) if it.attempt == *attempt => Some(it),
            _ => None,
        });
        all.collect()
    }

    /// The one verifier of an attempt that has one code.
    pub(crate) fn verifier(&self, attempt: &AttemptId) -> Result<Verifier, Stop> {
        let all = self.verifiers(attempt);
        let count = all.len();
        all.into_iter().next().ok_or_else(|| broken("a verifier of the attempt", format!("{count}")))
    }

    /// What is told of an attempt's parcels.
    pub(crate) fn done(&self, attempt: &AttemptId) -> Option<Done> {
        self.read().find_map(|object| match object {
            Object::Done(it) if it.attempt == *attempt => Some(it),
            _ => None,
        })
    }
}

/// The op about an object, if there is one.
pub(crate) fn op_of<'a>(ops: &'a [RouteOp], kind: ObjectKind, id: &str) -> Option<&'a RouteOp> {
    ops.iter().rev().find(|op| op.kind == kind.word() && op.id == id)
}

/// An object went away for this reason; any, if none is named.
pub(crate) fn is_gone(ops: &[RouteOp], kind: ObjectKind, id: &str, why: Option<&str>) -> Check {
    let op = op_of(ops, kind, id);
    let gone = op.filter(|op| op.op == OpKind::Gone);
    let fits = gone.is_some_and(|op| why.is_none_or(|why| op.why.as_deref() == Some(why)));
    if fits {
        return Ok(());
    }
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    Err(broken(format!("gone {} {id}{why}", kind.word()), format!("{op:?}")))
}

/// Wrong digits that fit a verifier's tag, or that do not.
pub(crate) fn wrong_digits(verifier: &Verifier, right: &str, fits: bool) -> Result<String, Stop> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let bad = |error: BadVerifier| broken("a verifier as P8.4 wants it", error.to_string());
    let search = |first: usize| -> Result<Option<String>, BadVerifier> {
        for number in (first..1_000_000).step_by(cores).take(20_000) {
            let text = format!("{number:06}");
            let Ok(code) = Code::parse(&text) else { continue };
            if text != right && (tag_of(&code, verifier)? == verifier.tag) == fits {
                return Ok(Some(text));
            }
        }
        Ok(None)
    };
    let found = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|first| scope.spawn(move || search(first))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(Ok(None))).collect::<Result<Vec<_>, _>>()
    });
    let mut found = found.map_err(bad)?.into_iter().flatten();
    found.next().ok_or_else(|| broken("other digits that fit the tag", "none among twenty thousand"))
}
