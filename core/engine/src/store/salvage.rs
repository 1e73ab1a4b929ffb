//! A journal that is damaged: what is left of it is read row by row, around the holes, and put together with the log into
//! a whole one. The damaged files stay aside for a week.
//!
//! Nothing is decided by guessing. A fact counts if its bytes have its hash; of what is known to have been there and is not
//! had back, the number is told. The chain goes on as the next incarnation, since nobody knows its end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use courier_codes::{fact_hash, read_jws};
use courier_domain::FactPayload;
use courier_protocol::ReceiptPayload;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Params, Row};

use super::aside::Aside;
use super::disk::{Disk, with_ending};
use super::fact_log::{FactLog, Logged};
use super::journal::{self, Ack, Identity, Journal, SealedDayKey, StoredFact, Try};
use super::{StoreError, number, stored};
use crate::clock::ServerTime;

/// A journal that is being put together.
const COMING: &str = "journal.coming";
/// A whole one, which only has to take its place.
const WHOLE: &str = "journal.whole";
/// So far behind the last one that is known of numbers are believed, and tried.
const BEYOND: u64 = 64;

/// What could be had back, and from where.
#[derive(Debug, Default)]
pub(super) struct Salvaged {
    pub(super) identity: Option<Identity>,
    pub(super) facts: BTreeMap<(u32, u64), StoredFact>,
    pub(super) acks: BTreeMap<(u32, u64), (Ack, String, i64)>,
    pub(super) receipts: BTreeMap<u32, String>,
    pub(super) tries: BTreeMap<String, Try>,
    pub(super) drafts: BTreeMap<String, (u64, Vec<u8>)>,
    pub(super) day_key: Option<SealedDayKey>,
    pub(super) server_time: Option<ServerTime>,
    /// Facts that were there, are not any more, and that the server is not known to have.
    pub(super) lost: u64,
}

/// Puts what is left into a journal in place of the damaged one. A power loss at any point of it leaves the damaged one or
/// the whole one. Returns how many facts are lost.
pub(super) fn salvage(dir: &Path, disk: &Arc<dyn Disk>) -> Result<u64, StoreError> {
    finish(dir, disk.as_ref())?;
    let log = FactLog::new(Arc::clone(disk), dir);
    let logged = log.read().map_err(|_| StoreError::Io)?.into_iter().collect();
    let found = read_all(&dir.join(journal::FILE), disk.as_ref(), logged)?;
    let coming = dir.join(COMING);
    for ending in ["", "-wal", "-shm", "-journal"] {
        disk.remove(&with_ending(&coming, ending)).map_err(|_| StoreError::Io)?;
    }
    Journal::put_together(&coming, &found)?;
    disk.rename(&coming, &dir.join(WHOLE)).map_err(|_| StoreError::Io)?;
    finish(dir, disk.as_ref())?;
    Ok(found.lost)
}

/// Goes on where a power loss has cut [`salvage`] short.
pub(super) fn finish(dir: &Path, disk: &dyn Disk) -> Result<(), StoreError> {
    let (whole, journal) = (dir.join(WHOLE), dir.join(journal::FILE));
    if !disk.has(&whole) {
        return Ok(());
    }
    let done = (|| {
        let aside = Aside::new(disk, dir).place("journal")?;
        // The log first: SQLite would carry it out in whatever database has this name.
        for ending in ["-wal", "-shm", ""] {
            let file = with_ending(&journal, ending);
            if disk.has(&file) {
                disk.rename(&file, &with_ending(&aside, ending))?;
            }
        }
        disk.rename(&whole, &journal)
    })();
    done.map_err(|_: std::io::Error| StoreError::Io)
}

fn read_all(journal: &Path, disk: &dyn Disk, logged: Logged) -> Result<Salvaged, StoreError> {
    let mut found = Salvaged::default();
    let mut seen: BTreeSet<(u32, u64)> = logged.heads.iter().map(|(inc, seq)| (*inc, *seq)).collect();
    let damaged = if disk.has(journal) { Some(open_damaged(journal)?) } else { None };
    if let Some(db) = &damaged {
        read_small_tables(db, &mut found)?;
        read_facts(db, &logged, &mut found, &mut seen)?;
    }
    for (place, fact) in &logged.facts {
        seen.insert(*place);
        match found.facts.get_mut(place) {
            None => drop(found.facts.insert(*place, fact.clone())),
            // Of two private parts the one with a CRC is as it was written; one that was purged stays so.
            Some(had) if had.hash == fact.hash && had.sealed_private.is_some() => {
                had.sealed_private.clone_from(&fact.sealed_private);
            }
            Some(_) => {}
        }
    }
    for (id, it) in logged.tries {
        found.tries.entry(id).or_insert(it);
    }
    if found.identity.is_none() {
        found.identity = logged.identity;
    }
    let newest = found.facts.values().next_back();
    if found.identity.is_none() {
        found.identity = newest.and_then(identity_of);
    }
    if let Some(identity) = &mut found.identity {
        identity.inc = newest.map_or(0, |newest| newest.inc).max(identity.inc) + 1;
    }
    found.lost = count_lost(&found, &seen);
    Ok(found)
}

/// Every fact says whose it is. Whose phone that was has to be asked for again.
fn identity_of(fact: &StoredFact) -> Option<Identity> {
    let payload = read_jws(&fact.jws).ok()?.payload;
    let FactPayload { install, inc, .. } = serde_json::from_slice(&payload).ok()?;
    Some(Identity {
        install,
        inc,
        token: String::new(),
        token_next: String::new(),
        opens: 0,
        enrolment: None,
        epoch: String::new(),
    })
}

/// As it lies there: nothing of it is written over.
pub(super) fn open_damaged(journal: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(journal, flags)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // SQLite reads nothing of a file that is shorter than it says, except for whoever mends its schema.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)?;
    Ok(db)
}

/// Rows until the first that is damaged. A row that makes no sense is left out. A disk that cannot be read now is no
/// damage: then nothing is put together yet.
pub(super) fn rows<T>(
    db: &Connection,
    sql: &str,
    given: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    let all = || -> Result<(), StoreError> {
        let mut statement = db.prepare(sql)?;
        let mut rows = statement.query(given)?;
        while let Some(row) = rows.next()? {
            found.extend(read(row).ok());
        }
        Ok(())
    };
    match all() {
        Err(error) if error.is_of_the_moment() => Err(error),
        _ => Ok(found),
    }
}

/// The same from both ends, to come around one hole.
pub(super) fn from_both_ends<T>(
    db: &Connection,
    sql: &str,
    order: [&str; 2],
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    for order in order {
        found.extend(rows(db, &format!("{sql} ORDER BY {order}"), [], &read)?);
    }
    Ok(found)
}

fn place(row: &Row<'_>) -> Result<(u32, u64), StoreError> {
    Ok((row.get(0)?, number(row.get(1)?)))
}

fn read_small_tables(db: &Connection, found: &mut Salvaged) -> Result<(), StoreError> {
    found.identity = rows(db, journal::IDENTITY, [], journal::read_identity)?.pop();
    found.server_time = rows(db, journal::SERVER_TIME, [], |row| Ok(journal::read_server_time(row)?))?.pop();
    found.day_key = rows(db, journal::DAY_KEY, [], |row| Ok(journal::read_day_key(row)?))?.pop();
    found.receipts = rows(db, "SELECT inc, jws FROM receipt", [], |row| Ok((row.get(0)?, row.get(1)?)))?
        .into_iter()
        .collect();
    found.tries = from_both_ends(db, journal::TRIES, ["id", "id DESC"], journal::read_try)?
        .into_iter()
        .map(|it| (it.id.to_string(), it))
        .collect();
    let draft = |row: &Row<'_>| Ok((row.get(0)?, (number(row.get(1)?), row.get(2)?)));
    found.drafts = from_both_ends(db, journal::DRAFTS, ["stop", "stop DESC"], draft)?.into_iter().collect();
    found.acks = from_both_ends(db, journal::ACKS, ["inc, seq", "inc DESC, seq DESC"], journal::read_ack)?
        .into_iter()
        .map(|it| ((it.0.inc, it.0.seq), it))
        .collect();
    Ok(())
}

/// Whether a fact is where and as it was committed.
fn is_whole(fact: &StoredFact) -> bool {
    let payload = read_jws(&fact.jws).ok().map(|jws| jws.payload);
    let payload = payload.and_then(|bytes| serde_json::from_slice::<FactPayload>(&bytes).ok());
    fact_hash(&fact.jws) == fact.hash
        && payload.is_some_and(|it| (it.inc, it.seq, &it.id) == (fact.inc, fact.seq, &fact.id))
}

/// From both ends, and then each that is missing by itself. `seen` are those of which there is any trace.
fn read_facts(
    db: &Connection,
    logged: &Logged,
    found: &mut Salvaged,
    seen: &mut BTreeSet<(u32, u64)>,
) -> Result<(), StoreError> {
    for fact in from_both_ends(db, journal::FACTS, ["inc, seq", "inc DESC, seq DESC"], journal::read_fact)? {
        seen.insert((fact.inc, fact.seq));
        if is_whole(&fact) {
            found.facts.insert((fact.inc, fact.seq), fact);
        }
    }
    // The indexes hold the places, too, on other pages.
    for order in [["id", "id DESC"], ["hash", "hash DESC"]] {
        seen.extend(from_both_ends(db, "SELECT inc, seq FROM fact", order, place)?);
    }
    seen.extend(found.acks.keys());
    let last = newest_of_each(found, logged);
    // In a damaged page any number may stand.
    seen.retain(|(inc, seq)| last.get(inc).is_some_and(|last| *seq > 0 && *seq <= last + BEYOND));
    let fact_at = format!("{} WHERE inc = ?1 AND seq = ?2", journal::FACTS);
    let ack_at = format!("{} WHERE inc = ?1 AND seq = ?2", journal::ACKS);
    for (inc, last) in last {
        for seq in 1..=last + BEYOND {
            let (place, given) = ((inc, seq), (inc, stored(seq)));
            if !found.facts.contains_key(&place) && !logged.facts.contains_key(&place) {
                for fact in rows(db, &fact_at, given, journal::read_fact)? {
                    seen.insert(place);
                    if is_whole(&fact) {
                        found.facts.insert(place, fact);
                    }
                }
            }
            if !found.acks.contains_key(&place) {
                found
                    .acks
                    .extend(rows(db, &ack_at, given, journal::read_ack)?.into_iter().map(|it| (place, it)));
            }
        }
    }
    Ok(())
}

/// The newest number of each incarnation of which there is a whole fact, or a word in the log.
fn newest_of_each(found: &Salvaged, logged: &Logged) -> BTreeMap<u32, u64> {
    let mut newest = logged.heads.clone();
    for (inc, seq) in found.facts.keys().chain(logged.facts.keys()) {
        let newest = newest.entry(*inc).or_default();
        *newest = (*newest).max(*seq);
    }
    newest
}

/// Between the first and the last fact of which there is a trace, those that are gone; not those that the server has. What
/// was purged lies before the first.
fn count_lost(found: &Salvaged, seen: &BTreeSet<(u32, u64)>) -> u64 {
    let mut lost = 0;
    for inc in seen.iter().map(|(inc, _)| *inc).collect::<BTreeSet<_>>() {
        let receipt = found.receipts.get(&inc).and_then(|jws| read_jws(jws).ok());
        let receipt = receipt.and_then(|jws| serde_json::from_slice::<ReceiptPayload>(&jws.payload).ok());
        let handed_in = receipt.map_or(0, |receipt| receipt.seq);
        let of_inc = || seen.range((inc, 0)..=(inc, u64::MAX));
        let (first, last) = (of_inc().next(), of_inc().next_back());
        let (Some((_, first)), Some((_, last))) = (first, last) else { continue };
        let gone = (*first..=*last).filter(|seq| {
            *seq > handed_in
                && !found.facts.contains_key(&(inc, *seq))
                && !found.acks.contains_key(&(inc, *seq))
        });
        lost += gone.count() as u64;
    }
    lost
}

#[cfg(test)]
mod tests;
