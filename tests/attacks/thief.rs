//! Somebody who has every byte and every key of a phone, and heard every byte that it said and was told.

use std::collections::BTreeSet;
use std::path::Path;

use courier_codes::encoding::decode;
use courier_codes::{RowAad, RowKey, read_jws};
use courier_domain::{FactBody, FactPayload, Verifier};
use courier_protocol::{Change, Object, RouteOp};
use courier_tests::phone::{Phone, files_of};
use courier_tests::wire::Wire;
use rusqlite::Connection;

/// Something that holds bytes.
pub(crate) struct Artefact {
    /// What it is.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

/// Everything that the thief has.
#[derive(Default)]
pub(crate) struct Loot {
    /// Files, rows as they open, messages, signed payloads, log lines.
    pub(crate) artefacts: Vec<Artefact>,
    /// What the phone compares entries with, from every place where it is.
    pub(crate) verifiers: Vec<Verifier>,
    /// The phone's facts.
    pub(crate) facts: Vec<FactPayload>,
    /// Private parts of facts as they travel.
    pub(crate) private_parts: Vec<String>,
    /// When each try was counted: id of the fact, boot clock.
    pub(crate) tries: Vec<(String, u64)>,
}

impl Loot {
    /// Takes everything. The phone may be running: its databases are copied with their logs.
    pub(crate) fn of(phone: &Phone, wire: Option<&Wire>) -> Self {
        let mut loot = Self::default();
        for (path, bytes) in phone.files() {
            loot.add(format!("file {}", path.file_name().unwrap().to_string_lossy()), bytes);
        }
        let copy = tempfile::tempdir().unwrap();
        for (path, bytes) in files_of(&phone.dir().join("data")) {
            std::fs::write(copy.path().join(path.file_name().unwrap()), bytes).unwrap();
        }
        let key = |name: &str| {
            let bytes = std::fs::read(phone.dir().join("secrets/secure").join(name)).ok();
            bytes.map(|bytes| RowKey::from_bytes(&bytes).unwrap())
        };
        loot.open_journal(&copy.path().join("journal.db"), &key("journal-key").unwrap());
        let caches: Vec<_> = ["cache-key-0", "cache-key-1"].into_iter().filter_map(key).collect();
        loot.open_route(&copy.path().join("route.db"), &caches);
        loot.add("log".into(), phone.log().join("\n").into_bytes());
        if let Some(wire) = wire {
            loot.listen(wire);
        }
        loot
    }

    fn add(&mut self, name: String, bytes: Vec<u8>) {
        self.artefacts.push(Artefact { name, bytes });
    }

    fn open_journal(&mut self, path: &Path, key: &RowKey) {
        let journal = Connection::open(path).unwrap();
        let mut open = |table: &str, id: &str, rev: u64, sealed: &[u8]| {
            let plain = key.open(&RowAad { table, id, rev }, sealed).expect("the thief has the key");
            self.add(format!("opened {table} {id}"), plain.to_vec());
            String::from_utf8_lossy(&plain).into_owned()
        };
        let mut parts = Vec::new();
        let sql = "SELECT id, seq, private FROM fact WHERE private IS NOT NULL";
        for (id, seq, sealed) in
            rows(&journal, sql, |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?)))
        {
            let part = open("fact", &id, seq, &sealed);
            parts.push((id, part));
        }
        for (stop, rev, sealed) in rows(&journal, "SELECT stop, rev, body FROM draft", |row| {
            Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?))
        }) {
            open("draft", &stop, rev, &sealed);
        }
        for (kid, inc, sealed) in rows(&journal, "SELECT kid, inc, key FROM day_key", |row| {
            Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?))
        }) {
            open("day_key", &kid, inc, &sealed);
        }
        for (id, part) in parts {
            self.add(format!("private part {id}"), decode(&part).unwrap());
            self.private_parts.push(part);
        }
        for jws in rows(&journal, "SELECT jws FROM fact ORDER BY inc, seq", |row| row.get::<_, String>(0)) {
            let payload = read_jws(&jws).unwrap().payload;
            self.facts.push(serde_json::from_slice(&payload).unwrap());
            self.add("fact".into(), payload);
        }
        for jws in rows(&journal, "SELECT jws FROM receipt", |row| row.get::<_, String>(0)) {
            self.add("receipt".into(), read_jws(&jws).unwrap().payload);
        }
        self.tries = rows(&journal, "SELECT id, boot_ms FROM try", |row| Ok((row.get(0)?, row.get(1)?)));
    }

    fn open_route(&mut self, path: &Path, keys: &[RowKey]) {
        let route = Connection::open(path).unwrap();
        for (kind, id, rev, sealed) in
            rows(&route, "SELECT kind, id, sealed_rev, sealed FROM object WHERE sealed IS NOT NULL", |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get(2)?,
                    row.get::<_, Vec<u8>>(3)?,
                ))
            })
        {
            let name = format!("{kind}/{id}");
            let aad = RowAad { table: "object", id: &name, rev };
            let plain =
                keys.iter().find_map(|key| key.open(&aad, &sealed).ok()).expect("the thief has the key");
            self.read_op(&serde_json::from_slice(&plain).unwrap());
            self.add(format!("opened {name}"), plain.to_vec());
        }
    }

    fn read_op(&mut self, op: &RouteOp) {
        if let Ok(Change::Put(object)) = op.read()
            && let Object::Verifier(verifier) = *object
        {
            self.verifiers.push(verifier);
        }
    }

    fn listen(&mut self, wire: &Wire) {
        for talk in wire.talks() {
            self.add("wire, asked".into(), talk.asked);
            self.add("wire, answered".into(), talk.answered);
        }
        for message in wire.exchanges().into_iter().flat_map(|(asked, answered)| [asked, answered]) {
            let body = String::from_utf8_lossy(&message.body).into_owned();
            // Every signed thing in a body, decoded.
            for part in body.split('"').filter(|part| part.matches('.').count() == 2) {
                if let Ok(jws) = read_jws(part) {
                    self.add("signed, on the wire".into(), jws.payload);
                }
            }
            if let Ok(changes) = serde_json::from_str::<courier_protocol::Changes>(&body) {
                changes.ops.iter().for_each(|op| self.read_op(op));
            }
            self.add("body, on the wire".into(), message.body);
        }
    }

    /// Every piece of evidence.
    pub(crate) fn evidence(&self) -> Vec<Vec<u8>> {
        let sealed = self.facts.iter().filter_map(|fact| match &fact.body {
            FactBody::CodeTried { evidence, .. } => evidence.as_ref(),
            _ => None,
        });
        sealed.map(|evidence| decode(evidence.as_str()).unwrap()).collect()
    }

    /// The verifiers of one attempt, each once.
    pub(crate) fn verifiers_of(&self, right: &Verifier) -> Vec<Verifier> {
        let mut found: Vec<Verifier> = Vec::new();
        for verifier in self.verifiers.iter().filter(|it| it.attempt == right.attempt) {
            if !found.contains(verifier) {
                found.push(verifier.clone());
            }
        }
        found
    }

    /// Every value of 32 bytes that is written somewhere in base64url or hex: hashes, commitments, keys.
    pub(crate) fn values_of_32_bytes(&self) -> BTreeSet<[u8; 32]> {
        let mut values = BTreeSet::new();
        for artefact in &self.artefacts {
            let is_text = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
            for word in
                artefact.bytes.split(|byte| !is_text(byte)).filter(|word| matches!(word.len(), 43 | 64))
            {
                let word = std::str::from_utf8(word).unwrap();
                let bytes = if word.len() == 43 { decode(word).ok() } else { unhex(word) };
                values.extend(bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()));
            }
        }
        values
    }
}

fn unhex(word: &str) -> Option<Vec<u8>> {
    (0..word.len()).step_by(2).map(|at| u8::from_str_radix(word.get(at..at + 2)?, 16).ok()).collect()
}

fn rows<T>(
    from: &Connection,
    sql: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let mut statement = from.prepare(sql).unwrap();
    let found: rusqlite::Result<Vec<T>> = statement.query_map([], read).unwrap().collect();
    found.unwrap()
}
