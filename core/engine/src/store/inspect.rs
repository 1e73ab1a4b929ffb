//! What lies in a data folder, for support: read without keys, and told without judging it.
//!
//! What is sealed stays sealed: only that it is there is told. Nothing is mended, migrated or refused here, and a table
//! that is damaged gives the rows that can be read. Tokens, keys and drafts are not read at all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use courier_domain::Verdict;
use rusqlite::Connection;

use super::fact_log::{FactLog, Logged};
use super::journal::StoredFact;
use super::salvage::{from_both_ends, open_damaged, rows};
use super::{Schemas, StoreError, connection, journal, number, phone_disk, route_cache};

/// The databases of a folder, by name, in the order in which they matter.
pub const DATABASES: [&str; 2] = [journal::FILE, route_cache::FILE];

/// What a folder holds.
#[derive(Debug)]
pub struct Contents {
    /// How each of [`DATABASES`] can be read.
    pub databases: [Database; 2],
    /// Whose folder it is, if the journal still says so.
    pub identity: Option<Identity>,
    /// The facts that can be read, by incarnation and number.
    pub facts: BTreeMap<(u32, u64), Fact>,
    /// What the server said of them, by the same.
    pub acks: BTreeMap<(u32, u64), Ack>,
    /// The server's last statement of what it has, by incarnation: a JWS.
    pub receipts: BTreeMap<u32, String>,
    /// Ids of entries of codes that were counted: each is that of a fact, or of one to come.
    pub tries: BTreeSet<String>,
    /// Doors that are half filled in.
    pub drafts: u64,
    /// What happened to this phone's storage.
    pub incidents: Vec<Incident>,
    /// What the logs beside the journal hold a second time.
    pub log: Log,
    /// How many objects of the office there are, those that are gone included. All are sealed.
    pub office_objects: u64,
}

/// How a database can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// What it is.
    pub state: State,
    /// The version of its schema, if it says one.
    pub version: Option<i32>,
    /// The newest that is known here.
    pub newest: i32,
}

/// What a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// There is none.
    Missing,
    /// No database, or one of somebody else.
    Foreign,
    /// Of a newer version: nothing of it is read.
    Newer,
    /// Not every page of it can be read. SQLite's own words.
    Damaged(String),
    /// Whole, as far as SQLite can tell.
    Whole,
}

/// Whose folder it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The installation.
    pub install: String,
    /// Its incarnation.
    pub inc: u32,
    /// How often it was opened.
    pub opens: u64,
    /// Whether it was made a courier's.
    pub is_enrolled: bool,
    /// The server's epoch as last seen; empty before the first answer.
    pub epoch: String,
}

/// A fact as it lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its id.
    pub id: String,
    /// The hash that it was committed with.
    pub hash: String,
    /// What kind it was committed as.
    pub kind: String,
    /// The signed bytes.
    pub jws: String,
    /// Whether its private part is there, sealed.
    pub has_private: bool,
}

/// What the server said of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// When, by the phone's wall clock.
    pub wall: i64,
    /// The server's epoch then; empty when the server asked for the fact again.
    pub epoch: String,
    /// `stored` or `parked`.
    pub status: String,
    /// Stable words.
    pub flags: Vec<String>,
    /// The judge's, and why.
    pub verdict: Option<(Verdict, String)>,
}

/// Something that happened to this phone's storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Stable word.
    pub kind: String,
    /// Facts that are lost by it.
    pub lost: u64,
    /// Whether a fact tells it.
    pub is_told: bool,
}

/// What is in the logs.
#[derive(Debug, Default)]
pub struct Log {
    /// Facts, by incarnation and number.
    pub facts: BTreeMap<(u32, u64), Fact>,
    /// Ids of counted entries.
    pub tries: BTreeSet<String>,
    /// The newest number of each incarnation that was written.
    pub heads: BTreeMap<u32, u64>,
}

/// Reads the folder `copy`. It has to be a copy that may be changed, since SQLite writes its own files beside a database
/// that it reads: the folder of a phone is evidence and stays as it is.
///
/// # Errors
/// A file that is there cannot be read.
pub fn read(copy: &Path) -> Result<Contents, StoreError> {
    let Schemas { journal: newest, route: newest_route } = super::SCHEMA_VERSIONS;
    let log = FactLog::new(phone_disk(), copy).read().map_err(|_| StoreError::Io)?;
    let (journal_is, journal) = open(&copy.join(journal::FILE), journal::APPLICATION, newest)?;
    let (route_is, route) = open(&copy.join(route_cache::FILE), route_cache::APPLICATION, newest_route)?;
    let mut contents = Contents {
        databases: [journal_is, route_is],
        identity: None,
        facts: BTreeMap::new(),
        acks: BTreeMap::new(),
        receipts: BTreeMap::new(),
        tries: BTreeSet::new(),
        drafts: 0,
        incidents: Vec::new(),
        log: log_of(log.into_iter().collect()),
        office_objects: 0,
    };
    if let Some(db) = journal {
        read_journal(&db, &mut contents)?;
    }
    if let Some(db) = route {
        let count = rows(&db, "SELECT count(*) FROM object", [], |row| Ok(number(row.get(0)?)))?;
        contents.office_objects = count.first().copied().unwrap_or(0);
    }
    Ok(contents)
}

/// The database, unless nothing of it is to be read.
fn open(file: &Path, application: i32, newest: i32) -> Result<(Database, Option<Connection>), StoreError> {
    let is = |state, version| Database { state, version, newest };
    if !file.exists() {
        return Ok((is(State::Missing, None), None));
    }
    let db = open_damaged(file)?;
    let number_of = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let numbers = (number_of("application_id"), number_of("user_version"));
    let (Ok(owner), Ok(version)) = numbers else {
        let error = numbers.0.and(numbers.1).map_or_else(StoreError::from, |_| StoreError::Other);
        return if error.is_of_the_moment() { Err(error) } else { Ok((is(State::Foreign, None), None)) };
    };
    if owner != application {
        return Ok((is(State::Foreign, Some(version)), None));
    }
    if version > newest {
        return Ok((is(State::Newer, Some(version)), None));
    }
    let checked = db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    let state = match checked {
        Ok(said) if said == "ok" => State::Whole,
        Ok(said) => State::Damaged(said),
        Err(error) => State::Damaged(error.to_string()),
    };
    Ok((is(state, Some(version)), Some(db)))
}

fn read_journal(db: &Connection, contents: &mut Contents) -> Result<(), StoreError> {
    contents.identity = rows(db, journal::IDENTITY, [], journal::read_identity)?.pop().map(|it| Identity {
        install: it.install.to_string(),
        inc: it.inc,
        opens: it.opens,
        is_enrolled: it.enrolment.is_some(),
        epoch: it.epoch,
    });
    // As text, not as what it should be: a row that is damaged is what support looks for.
    let fact = |row: &rusqlite::Row<'_>| {
        let fact = Fact {
            id: row.get(2)?,
            hash: row.get(3)?,
            kind: row.get(4)?,
            jws: row.get(5)?,
            has_private: row.get_ref(6)? != rusqlite::types::ValueRef::Null,
        };
        Ok(((row.get(0)?, number(row.get(1)?)), fact))
    };
    let order = ["inc, seq", "inc DESC, seq DESC"];
    contents.facts = from_both_ends(db, journal::FACTS, order, fact)?.into_iter().collect();
    contents.acks = from_both_ends(db, journal::ACKS, order, journal::read_ack)?
        .into_iter()
        .map(|(ack, epoch, wall)| {
            let journal::Ack { inc, seq, status, flags, verdict } = ack;
            ((inc, seq), Ack { wall, epoch, status, flags, verdict })
        })
        .collect();
    contents.receipts = rows(db, "SELECT inc, jws FROM receipt", [], |row| Ok((row.get(0)?, row.get(1)?)))?
        .into_iter()
        .collect();
    contents.tries = from_both_ends(db, "SELECT id FROM try", ["id", "id DESC"], |row| Ok(row.get(0)?))?
        .into_iter()
        .collect();
    contents.drafts = connection::amount(db, "draft", "0").map_or(0, |amount| amount.count);
    let incident = |row: &rusqlite::Row<'_>| {
        Ok(Incident { kind: row.get(0)?, lost: number(row.get(1)?), is_told: row.get(2)? })
    };
    let incidents = "SELECT kind, lost, fact IS NOT NULL FROM incident ORDER BY no";
    contents.incidents = rows(db, incidents, [], incident)?;
    Ok(())
}

fn log_of(logged: Logged) -> Log {
    Log {
        facts: logged.facts.into_iter().map(|(place, fact)| (place, of_log(fact))).collect(),
        tries: logged.tries.into_keys().collect(),
        heads: logged.heads,
    }
}

fn of_log(fact: StoredFact) -> Fact {
    let StoredFact { id, hash, kind, jws, sealed_private, .. } = fact;
    let (id, hash) = (id.to_string(), hash.to_string());
    Fact { id, hash, kind, jws, has_private: sealed_private.is_some() }
}

#[cfg(test)]
mod tests {
    use super::super::disk::with_ending;
    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_now_is_not_called_foreign() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let look = || open(&path, 7, 1).map(|(database, _)| database.state);
        assert_eq!(look(), Ok(State::Missing));
        let owner = Connection::open(&path).unwrap();
        owner
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA application_id = 7; CREATE TABLE t (x)")
            .unwrap();
        drop(owner);
        // Where SQLite's log would be is something that nobody can open as a file.
        let wal = with_ending(&path, "-wal");
        std::fs::create_dir(&wal).unwrap();
        assert_eq!(look(), Err(StoreError::Io));
        std::fs::remove_dir(&wal).unwrap();
        assert_eq!(look(), Ok(State::Whole));
        std::fs::write(&path, "no database, and long enough to be asked for what it is".repeat(20)).unwrap();
        assert_eq!(look(), Ok(State::Foreign));
    }
}
