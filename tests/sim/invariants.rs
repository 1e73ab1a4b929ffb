//! What holds after every step of a day, whatever happened.

use std::collections::BTreeMap;

use rusqlite::{Connection, OpenFlags};

use crate::phone::Phone;
use crate::server::Server;

/// A promise that was broken.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Broken(String);

fn broken(what: impl Into<String>) -> Result<(), Broken> {
    Err(Broken(what.into()))
}

/// What a phone has shown, and may not take back.
#[derive(Default)]
pub(crate) struct Known {
    /// The bytes of each fact by its hash.
    facts: BTreeMap<String, String>,
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

/// Flags that no honest phone ever earns.
const SHAME: [&str; 4] = ["chain-break", "id-conflict", "bad-signature", "private-mismatch"];
/// Earned by the first fact of an incarnation, if the server has never heard of the one before: a phone that was put back
/// twice. By any other fact it means two phones with one chain.
const FORK: &str = "sequence-fork";
/// Earned only while a server that was put back asks for what it has lost.
const GAP: &str = "gap";

fn read_only(path: &std::path::Path) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

fn facts_of(journal: &Connection) -> Vec<Row> {
    let mut query = journal
        .prepare(
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
    let db = read_only(&server.database());
    let mut query = db.prepare("SELECT hash, jws FROM fact").unwrap();
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

/// Nothing that a phone showed is gone or changed, its chain has no gap, no look at an entry was free, and what it takes for
/// handed in is at the server.
pub(crate) fn check_phone(phone: &mut Phone, known: &mut Known, server: &Server) -> Result<(), Broken> {
    let journal = read_only(&phone.journal());
    let rows = facts_of(&journal);
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
            return broken(format!("fact {} counts as handed in, and the server does not have it", row.seq));
        }
    }
    let count = |what: &str| -> u64 {
        journal.query_row(&format!("SELECT count(*) FROM {what}"), [], |row| row.get(0)).unwrap()
    };
    let tries = count("try");
    if tries < known.tries {
        return broken("a try was forgiven");
    }
    if count("fact WHERE kind = 'code_tried'") != tries {
        return broken("an entry was counted and has no fact");
    }
    let looks = phone.looks();
    let looks_before = *known.looks_before.get_or_insert(looks.saturating_sub(tries));
    if looks - looks_before > tries {
        return broken("a look at an entry was free");
    }
    known.facts = there;
    known.tries = tries;
    Ok(())
}

/// The server has nothing against an honest phone.
pub(crate) fn check_server(server: &Server) -> Result<(), Broken> {
    let db = read_only(&server.database());
    let mut query = db.prepare("SELECT kind, flags FROM fact WHERE flags <> '[]'").unwrap();
    let flagged = query.query_map([], |row| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, String>(1)?)));
    for (kind, flags) in flagged.unwrap().map(Result::unwrap) {
        let begins = kind.as_deref() == Some("day_started");
        let fork = (!begins).then_some(FORK);
        let shame = SHAME.into_iter().chain(fork).chain((!server.lost_something).then_some(GAP));
        if let Some(flag) = shame.into_iter().find(|flag| flags.contains(flag)) {
            return broken(format!("{} is flagged {flag}", kind.unwrap_or_default()));
        }
    }
    let twice: i64 = db
        .query_row("SELECT count(*) - count(DISTINCT id) FROM fact WHERE status = 'stored'", [], |row| {
            row.get(0)
        })
        .unwrap();
    if twice != 0 {
        return broken("a fact is there twice");
    }
    Ok(())
}

/// With a network that works everything arrives, as it was written.
pub(crate) fn check_the_end(phone: &mut Phone, known: &Known, server: &Server) -> Result<(), Broken> {
    let pending = phone.machine().pending().map_err(|error| Broken(error.to_string()))?;
    if pending != 0 {
        return broken(format!("{pending} facts were never handed in"));
    }
    let at_the_server = stored(server);
    for (hash, jws) in &known.facts {
        if at_the_server.get(hash) != Some(jws) {
            return broken("a fact never arrived");
        }
    }
    if let Some(problem) = phone.machine().traffic().problem {
        return broken(format!("the last contact was no success: {problem:?}"));
    }
    Ok(())
}
