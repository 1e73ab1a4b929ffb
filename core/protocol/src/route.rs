//! The route lane: `GET /v1/route/changes?cursor=&route=`.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use courier_domain::{Done, Route, Shipment, Stop, TravelMatrix, UnixMs, VerdictNotice, Verifier};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::data::Data;

/// What changed since a cursor. A call without a cursor is answered with a snapshot: `put`s only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// See [`crate::header::EPOCH`].
    pub epoch: String,
    /// The server's clock.
    pub server_ms: UnixMs,
    /// To be sent next time. Opaque.
    pub cursor: String,
    /// Whether the next call brings more of the same checkpoint; nothing is applied before it is complete.
    pub more: bool,
    /// In the order in which they apply.
    pub ops: Vec<RouteOp>,
    /// [`digest`] over everything that the phone has after the checkpoint; absent while `more`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteOp {
    /// Put or gone.
    pub op: OpKind,
    /// Type of the object, see [`ObjectKind`]. Unknown types are kept for the digest and otherwise ignored.
    #[serde(rename = "type")]
    pub kind: String,
    /// Identifier of the object, unique within its type.
    pub id: String,
    /// Revision at which it changed: one counter for everything.
    pub rev: u64,
    /// Stable word why it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The object without its `id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
}

/// What an op does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpKind {
    /// The object is now like this.
    Put,
    /// The object is no longer on this route.
    Gone,
}

/// The types of objects of version 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// [`Route`].
    Route,
    /// [`Stop`].
    Stop,
    /// [`Shipment`].
    Shipment,
    /// [`Verifier`]; its id is the code's.
    Verifier,
    /// [`VerdictNotice`]; its id is the fact's.
    Verdict,
    /// [`Done`]; its id is the attempt's.
    Done,
    /// [`TravelMatrix`]; its id is the route's.
    Matrix,
}

impl ObjectKind {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Stop => "stop",
            Self::Shipment => "shipment",
            Self::Verifier => "verifier",
            Self::Verdict => "verdict",
            Self::Done => "done",
            Self::Matrix => "matrix",
        }
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Route, Self::Stop, Self::Shipment, Self::Verifier, Self::Verdict, Self::Done, Self::Matrix]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// An object of the route.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// The route itself.
    Route(Route),
    /// A stop.
    Stop(Stop),
    /// A shipment.
    Shipment(Shipment),
    /// A verifier.
    Verifier(Verifier),
    /// A verdict on a fact.
    Verdict(VerdictNotice),
    /// Parcels that somebody has.
    Done(Done),
    /// Times between stops.
    Matrix(TravelMatrix),
}

/// An op that was understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The object is now like this.
    Put(Box<Object>),
    /// The object is no longer on this route.
    Gone {
        /// Which type.
        kind: ObjectKind,
        /// Stable word why.
        why: String,
    },
    /// A type that this version does not know.
    Unknown,
}

/// An op that could not be understood.
#[derive(Debug, thiserror::Error)]
pub enum BadOp {
    /// A put without data, or with data that is no object.
    #[error("{kind} {id}: no data")]
    NoData {
        /// Type of the object.
        kind: String,
        /// Its identifier.
        id: String,
    },
    /// The data do not fit the type.
    #[error("{kind} {id}: the data do not fit the type")]
    Data {
        /// Type of the object.
        kind: String,
        /// Its identifier.
        id: String,
        /// What does not fit. It may quote personal data: not for logs.
        source: serde_json::Error,
    },
    /// The data speak of another object.
    #[error("{kind} {id}: the data are of another object")]
    OtherObject {
        /// Type of the object.
        kind: String,
        /// Its identifier.
        id: String,
    },
}

impl Object {
    /// Its type.
    pub fn kind(&self) -> ObjectKind {
        match self {
            Self::Route(_) => ObjectKind::Route,
            Self::Stop(_) => ObjectKind::Stop,
            Self::Shipment(_) => ObjectKind::Shipment,
            Self::Verifier(_) => ObjectKind::Verifier,
            Self::Verdict(_) => ObjectKind::Verdict,
            Self::Done(_) => ObjectKind::Done,
            Self::Matrix(_) => ObjectKind::Matrix,
        }
    }

    /// Its identifier.
    pub fn id(&self) -> &str {
        match self {
            Self::Route(it) => it.id.as_str(),
            Self::Stop(it) => it.id.as_str(),
            Self::Shipment(it) => it.id.as_str(),
            Self::Verifier(it) => it.code_id.as_str(),
            Self::Verdict(it) => it.fact.as_str(),
            Self::Done(it) => it.attempt.as_str(),
            Self::Matrix(it) => it.id.as_str(),
        }
    }

    /// The object without its `id`, as it travels in an op.
    pub fn data(&self) -> serde_json::Result<Data> {
        let mut value = match self {
            Self::Route(it) => serde_json::to_value(it),
            Self::Stop(it) => serde_json::to_value(it),
            Self::Shipment(it) => serde_json::to_value(it),
            Self::Verifier(it) => serde_json::to_value(it),
            Self::Verdict(it) => serde_json::to_value(it),
            Self::Done(it) => serde_json::to_value(it),
            Self::Matrix(it) => serde_json::to_value(it),
        }?;
        if let Some(map) = value.as_object_mut() {
            map.remove("id");
        }
        Data::of(&value)
    }
}

impl RouteOp {
    /// The op that puts `object`.
    pub fn put(object: &Object, rev: u64) -> serde_json::Result<Self> {
        Ok(Self {
            op: OpKind::Put,
            kind: object.kind().word().into(),
            id: object.id().into(),
            rev,
            why: None,
            data: Some(object.data()?),
        })
    }

    /// The op that takes an object away.
    pub fn gone(kind: ObjectKind, id: impl Into<String>, rev: u64, why: impl Into<String>) -> Self {
        Self {
            op: OpKind::Gone,
            kind: kind.word().into(),
            id: id.into(),
            rev,
            why: Some(why.into()),
            data: None,
        }
    }

    /// What the op means.
    pub fn read(&self) -> Result<Change, BadOp> {
        let Some(kind) = ObjectKind::from_word(&self.kind) else { return Ok(Change::Unknown) };
        if self.op == OpKind::Gone {
            return Ok(Change::Gone { kind, why: self.why.clone().unwrap_or_default() });
        }
        let Some(data) = self.data.as_ref().filter(|data| data.is_object()) else {
            return Err(BadOp::NoData { kind: self.kind.clone(), id: self.id.clone() });
        };
        let object = match kind {
            ObjectKind::Route => Object::Route(self.object(data.read_with_id(&self.id))?),
            ObjectKind::Stop => Object::Stop(self.object(data.read_with_id(&self.id))?),
            ObjectKind::Shipment => Object::Shipment(self.object(data.read_with_id(&self.id))?),
            ObjectKind::Verifier => Object::Verifier(self.object(data.read())?),
            ObjectKind::Verdict => Object::Verdict(self.object(data.read())?),
            ObjectKind::Done => Object::Done(self.object(data.read())?),
            ObjectKind::Matrix => Object::Matrix(self.object(data.read_with_id(&self.id))?),
        };
        if object.id() != self.id {
            return Err(BadOp::OtherObject { kind: self.kind.clone(), id: self.id.clone() });
        }
        Ok(Change::Put(Box::new(object)))
    }

    fn object<T: DeserializeOwned>(&self, read: serde_json::Result<T>) -> Result<T, BadOp> {
        read.map_err(|source| BadOp::Data { kind: self.kind.clone(), id: self.id.clone(), source })
    }
}

/// SHA-256, base64url, over the sorted lines `type SP id SP rev LF` of everything that is on a phone and not
/// gone. Both sides compute it, so a lost or doubled op is noticed at once.
pub fn digest<'a>(objects: impl IntoIterator<Item = (&'a str, &'a str, u64)>) -> String {
    let mut objects: Vec<_> = objects.into_iter().collect();
    objects.sort_unstable();
    let mut digest = SortedDigest::default();
    for (kind, id, rev) in objects {
        digest.add(kind, id, rev);
    }
    digest.finish()
}

/// The [`digest`] of objects that come sorted by type and identifier, byte by byte, as a database has them.
#[derive(Debug, Default)]
pub struct SortedDigest {
    hash: Sha256,
    line: String,
}

impl SortedDigest {
    /// The next object.
    pub fn add(&mut self, kind: &str, id: &str, rev: u64) {
        self.line.clear();
        // Writing into a string does not fail.
        let _ = writeln!(self.line, "{kind} {id} {rev}");
        self.hash.update(&self.line);
    }

    /// Of all that came.
    pub fn finish(self) -> String {
        URL_SAFE_NO_PAD.encode(self.hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route_op() -> RouteOp {
        serde_json::from_str(
            r#"{"op":"put","type":"route","id":"r1","rev":7,"data":{"day":"2026-11-24","tz":"Europe/Berlin","order":["s1"]}}"#,
        )
        .unwrap()
    }

    #[test]
    fn an_object_travels_without_its_id_and_comes_back_with_it() {
        let Change::Put(object) = route_op().read().unwrap() else { panic!("not a put") };
        assert_eq!(object.id(), "r1");
        assert_eq!(RouteOp::put(&object, 7).unwrap(), route_op());
    }

    #[test]
    fn an_id_among_the_data_is_not_the_objects() {
        let mut op = route_op();
        op.data = Some(
            serde_json::from_str(
                r#" { "id" : "r2", "day": "2026-11-24", "tz": "Europe/Berlin", "order": [] } "#,
            )
            .unwrap(),
        );
        let Change::Put(object) = op.read().unwrap() else { panic!("not a put") };
        assert_eq!(object.id(), "r1");
        op.data = Some(serde_json::from_str("{ }").unwrap());
        assert!(matches!(op.read(), Err(BadOp::Data { .. })));
        op.data = Some(serde_json::from_str("[]").unwrap());
        assert!(matches!(op.read(), Err(BadOp::NoData { .. })));
    }

    #[test]
    fn wrong_data_are_named_and_unknown_types_are_not_an_error() {
        let mut op = route_op();
        op.data = None;
        assert!(matches!(op.read(), Err(BadOp::NoData { .. })));
        op.data = Some(Data::of(&serde_json::json!({"day": 3})).unwrap());
        assert!(matches!(op.read(), Err(BadOp::Data { .. })));
        op.kind = "weather".into();
        assert_eq!(op.read().unwrap(), Change::Unknown);
    }

    #[test]
    fn a_verifier_of_another_code_is_refused() {
        let op: RouteOp = serde_json::from_str(
            r#"{"op":"put","type":"verdict","id":"f1","rev":1,"data":{"fact":"f2","verdict":"confirmed","why":"right-code"}}"#,
        )
        .unwrap();
        assert!(matches!(op.read(), Err(BadOp::OtherObject { .. })));
    }

    #[test]
    fn the_digest_does_not_depend_on_the_order_but_on_every_part() {
        let one = digest([("stop", "a", 1), ("stop", "b", 2)]);
        assert_eq!(one, digest([("stop", "b", 2), ("stop", "a", 1)]));
        for other in [
            digest([("stop", "a", 1)]),
            digest([("stop", "a", 1), ("stop", "b", 3)]),
            digest([("shipment", "a", 1), ("stop", "b", 2)]),
            digest([("stop", "a", 1), ("stop", "b", 2), ("stop", "b", 2)]),
        ] {
            assert_ne!(one, other);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_op_makes_reading_panic(text in "\\PC{0,200}", kind in "route|stop|shipment|verifier|verdict|done|matrix|x") {
            let data = serde_json::json!({"day": text, "address": text, "attempt": {"id": text, "no": 1}});
            let data = Data::of(&data).unwrap();
            let op = RouteOp { op: OpKind::Put, kind, id: text, rev: 1, why: None, data: Some(data) };
            let _ = op.read();
        }
    }
}
