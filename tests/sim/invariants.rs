//! What holds on a phone after every step of a day, whatever happened.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use courier_domain::{FactId, Standing};
use courier_engine::machine::Trouble;
use courier_protocol::ObjectKind;
use memchr::memmem;
use rusqlite::{Connection, OpenFlags, Params};

use crate::phone::Phone;
use crate::server::Server;

/// A promise that was broken.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Broken(pub(crate) String);

pub(crate) fn broken<T>(what: impl Into<String>) -> Result<T, Broken> {
    Err(Broken(what.into()))
}

/// What a phone has shown, and may not take back.
#[derive(Default)]
pub(crate) struct Known {
    /// The bytes of each fact by its hash.
    facts: BTreeMap<String, String>,
    /// What each of them has accepted, by its hash.
    read: BTreeMap<String, Option<String>>,
    tries: u64,
    /// Looks at entries, as far as they were counted when the files were last put back.
    looks_before: Option<u64>,
}

struct Row {
    inc: u32,
    seq: u64,
    hash: String,
    jws: String,
    acked_epoch: Option<String>,
}

/// A look into files, kept until they may be others: reading a schema anew for every look takes longer than living the day.
#[derive(Default)]
pub(crate) struct Look(OnceCell<Connection>);

impl Look {
    pub(crate) fn at(&self, path: &Path) -> &Connection {
        self.0.get_or_init(|| Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap())
    }

    /// Lets go of them.
    pub(crate) fn end(&mut self) {
        self.0.take();
    }
}

fn facts_of(journal: &Connection) -> Vec<Row> {
    let mut query = journal
        .prepare_cached(
            "SELECT inc, seq, hash, jws, epoch FROM fact LEFT JOIN ack USING (inc, seq) ORDER BY inc, seq",
        )
        .unwrap();
    let rows = query.query_map([], |row| {
        Ok(Row {
            inc: row.get(0)?,
            seq: row.get::<_, i64>(1)?.unsigned_abs(),
            hash: row.get(2)?,
            jws: row.get(3)?,
            acked_epoch: row.get(4)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn stored(server: &Server) -> BTreeMap<String, String> {
    let mut query = server.look().prepare_cached("SELECT hash, jws FROM fact").unwrap();
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

/// The one number that a query answers.
pub(crate) fn number(db: &Connection, sql: &str, given: impl Params) -> u64 {
    db.prepare_cached(sql).unwrap().query_row(given, |row| row.get(0)).unwrap()
}

/// How many facts count as handed in to the server of this epoch.
pub(crate) fn acknowledged(phone: &Phone, epoch: &str) -> u64 {
    number(phone.look(), "SELECT count(*) FROM ack WHERE epoch = ?1", [epoch])
}

/// Kinds of the facts that the phone has recorded of this kind.
pub(crate) fn count_of(phone: &Phone, kind: &str) -> u64 {
    number(phone.look(), "SELECT count(*) FROM fact WHERE kind = ?1", [kind])
}

/// Whether the phone can sign what happens.
pub(crate) fn has_day_key(phone: &Phone) -> bool {
    number(phone.look(), "SELECT count(*) FROM day_key WHERE inc = (SELECT inc FROM identity)", []) > 0
}

/// Nothing that a phone showed is gone or changed, its chain has no gap, no look at an entry was free, what it takes for
/// handed in is at the server, and no key of an old route is left.
pub(crate) fn check_phone(phone: &mut Phone, known: &mut Known, server: &Server) -> Result<(), Broken> {
    let journal = phone.look();
    let rows = facts_of(journal);
    let there: BTreeMap<_, _> = rows.iter().map(|row| (row.hash.clone(), row.jws.clone())).collect();
    for (hash, jws) in &known.facts {
        match there.get(hash) {
            None => return broken("a fact that was shown is gone"),
            Some(now) if now != jws => return broken("a fact that was shown is another"),
            Some(_) => {}
        }
    }
    if rows.windows(2).any(|two| two[0].inc == two[1].inc && two[1].seq != two[0].seq + 1) {
        return broken("the chain has a gap");
    }
    let at_the_server = stored(server);
    let epoch = server.service().epoch();
    let taken_for_stored = rows.iter().filter(|row| row.acked_epoch.as_deref() == Some(epoch));
    for row in taken_for_stored {
        if at_the_server.get(&row.hash) != Some(&row.jws) {
            return broken("a fact counts as handed in, and the server does not have it");
        }
    }
    let tries = number(journal, "SELECT count(*) FROM try", []);
    if tries < known.tries {
        return broken("a try was forgiven");
    }
    if count_of(phone, "code_tried") != tries {
        return broken("an entry was counted and has no fact");
    }
    let looks = phone.looks();
    let looks_before = *known.looks_before.get_or_insert(looks.saturating_sub(tries));
    if looks - looks_before > tries {
        return broken("a look at an entry was free");
    }
    if phone.cache_keys() > 1 {
        return broken("the key of an old route is still there");
    }
    accepts_no_code_twice(&rows, &mut known.read)?;
    known.facts = there;
    known.tries = tries;
    Ok(())
}

fn accepts_no_code_twice(rows: &[Row], read: &mut BTreeMap<String, Option<String>>) -> Result<(), Broken> {
    let mut accepted = BTreeSet::new();
    for row in rows {
        let code = read.entry(row.hash.clone()).or_insert_with(|| accepted_code(&row.jws));
        if code.clone().is_some_and(|code| !accepted.insert((row.inc, code))) {
            return broken("one phone has accepted a code twice");
        }
    }
    Ok(())
}

/// Attempts and code of an entry that matched.
fn accepted_code(jws: &str) -> Option<String> {
    let read = courier_codes::read_jws(jws).unwrap();
    let fact: serde_json::Value = serde_json::from_slice(&read.payload).unwrap();
    let is_match = fact["kind"] == "code_tried" && fact["body"]["result"] == "matched";
    is_match.then(|| format!("{} {}", fact["body"]["attempts"], fact["body"]["code_id"]))
}

/// With a network that works everything arrives, as it was written, and phone and server agree.
pub(crate) fn check_the_end(phone: &mut Phone, known: &Known, server: &Server) -> Result<(), Broken> {
    let pending = phone.machine().pending().map_err(|error| Broken(error.to_string()))?;
    if pending != 0 {
        return broken("facts were never handed in");
    }
    let at_the_server = stored(server);
    for (hash, jws) in &known.facts {
        if at_the_server.get(hash) != Some(jws) {
            return broken("a fact never arrived");
        }
    }
    let courier = &server.couriers[phone.courier];
    let db = server.look();
    let (dismissed, suspended): (bool, bool) = db
        .query_row(
            "SELECT dismissed_at IS NOT NULL, suspended_at IS NOT NULL FROM courier WHERE id = ?1",
            [courier.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let wanted = match (dismissed, suspended) {
        (true, _) => Some(Trouble::Dismissed),
        (_, true) => Some(Trouble::Suspended),
        _ => None,
    };
    let problem = phone.machine().traffic().problem;
    if problem != wanted {
        return broken(format!("the last contact ends in {problem:?} and not in {wanted:?}"));
    }
    if wanted.is_none() {
        agrees_with_the_route(phone, server)?;
        agrees_with_the_judge(phone, db)?;
    }
    Ok(())
}

/// What the phone shows is what the server tells now, unless another day waits.
fn agrees_with_the_route(phone: &mut Phone, server: &Server) -> Result<(), Broken> {
    let now = phone.now.clone();
    let Some(view) = phone.machine().route_view(&now) else { return broken("the route is gone") };
    if view.next_day.is_some() {
        return Ok(());
    }
    let courier = server.couriers[phone.courier].clone();
    let told = server.service().changes(&courier, None).map_err(|error| Broken(error.to_string()))?;
    let told = told.map(|changes| changes.ops).unwrap_or_default();
    let of = |kind: ObjectKind| -> BTreeMap<String, u64> {
        told.iter().filter(|op| op.kind == kind.word()).map(|op| (op.id.clone(), op.rev)).collect()
    };
    let state = phone.machine().state();
    let shipments: BTreeMap<_, _> = state
        .shipments()
        .filter(|held| held.gone.is_none())
        .map(|held| (held.object.id.to_string(), held.rev))
        .collect();
    if shipments != of(ObjectKind::Shipment) {
        return broken("the phone shows other shipments than the server tells");
    }
    let stops: BTreeMap<_, _> = state
        .stops_in_order()
        .into_iter()
        .filter(|held| held.gone.is_none())
        .map(|held| (held.object.id.to_string(), held.rev))
        .collect();
    if stops != of(ObjectKind::Stop) {
        return broken("the phone shows other stops than the server tells");
    }
    let rev = state.route().map(|(_, rev)| rev);
    if rev != of(ObjectKind::Route).values().next().copied() {
        return broken("the phone shows another order than the server tells");
    }
    Ok(())
}

/// How sure each fact is shown to be is what the judge says.
fn agrees_with_the_judge(phone: &mut Phone, db: &Connection) -> Result<(), Broken> {
    let mut query = db.prepare("SELECT fact, verdict FROM verdict ORDER BY n").unwrap();
    let verdicts: BTreeMap<String, String> =
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let mut query = phone.look().prepare("SELECT id FROM fact").unwrap();
    let ids: Vec<String> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    drop(query);
    for id in ids {
        let wanted = match verdicts.get(&id).map(String::as_str) {
            None => Standing::Stored,
            Some("confirmed") => Standing::Confirmed,
            Some("under_review") => Standing::UnderReview,
            Some(_) => Standing::Refuted,
        };
        let shown = phone.machine().state().standing_of(&FactId::new(id).unwrap());
        if shown != wanted {
            return broken(format!("a fact is shown as {shown:?} and is {wanted:?}"));
        }
    }
    Ok(())
}

/// More than a week later nothing of the day is left, and nothing personal ever lay there in the clear.
pub(crate) fn check_a_week_later(phone: &mut Phone, receiver: &str) -> Result<(), Broken> {
    let now = phone.now.clone();
    let left = phone.machine().diagnostics(&now).map_err(|error| Broken(error.to_string()))?;
    if left.route.is_some() || left.facts > u64::from(left.inc) || left.tries > u64::from(left.inc) {
        return broken("a week later the day is still on the phone");
    }
    for (path, bytes) in phone.files() {
        if memmem::find(&bytes, receiver.as_bytes()).is_some() {
            return broken(format!("a name is in {}", path.display()));
        }
    }
    Ok(())
}
