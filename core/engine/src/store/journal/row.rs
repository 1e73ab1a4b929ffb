//! Rows of the journal as they are read and written.

use courier_domain::{AttemptId, FactHash, FactId, InstallId, StopId, Verdict};
use rusqlite::{Connection, Row, Transaction, params};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::clock::ServerTime;
use crate::store::{StoreError, number, stored};

pub(crate) const IDENTITY: &str =
    "SELECT install, inc, token, token_next, opens, courier, courier_name, evidence_key, epoch FROM identity";
pub(crate) const SERVER_TIME: &str = "SELECT server_ms, plus_minus_ms, boot_ms, boot FROM server_time";
pub(crate) const DAY_KEY: &str = "SELECT inc, kid, key FROM day_key";
pub(crate) const FACTS: &str = "SELECT inc, seq, id, hash, kind, jws, private FROM fact";
pub(crate) const ACKS: &str = "SELECT inc, seq, acked_wall, epoch, status, flags, verdict, why FROM ack";
pub(crate) const TRIES: &str = "SELECT id, attempts, stop, wall, boot_ms, boot FROM try";
pub(crate) const DRAFTS: &str = "SELECT stop, rev, body FROM draft";

/// Who this installation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) install: InstallId,
    pub(crate) inc: u32,
    pub(crate) token: String,
    pub(crate) token_next: String,
    pub(crate) opens: u64,
    /// Courier, sealed name, evidence key; absent before the enrolment.
    pub(crate) enrolment: Option<StoredEnrolment>,
    /// The server's epoch as last seen; empty before the first answer.
    pub(crate) epoch: String,
}

/// What the enrolment brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredEnrolment {
    pub(crate) courier: String,
    pub(crate) sealed_name: Vec<u8>,
    pub(crate) evidence_key: String,
}

/// The end of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: u64,
    pub(crate) hash: FactHash,
}

/// A fact to be written, or as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredFact {
    pub(crate) inc: u32,
    pub(crate) seq: u64,
    pub(crate) id: FactId,
    pub(crate) hash: FactHash,
    pub(crate) kind: String,
    pub(crate) jws: String,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::store::fact_log::as_text")]
    pub(crate) sealed_private: Option<Vec<u8>>,
}

/// A day key to be written with its `day_started`, and the stops whose drafts stay.
pub(crate) struct NewDay<'a> {
    pub(crate) key: SealedDayKey,
    pub(crate) stops: &'a [StopId],
}

/// A day key at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SealedDayKey {
    pub(crate) inc: u32,
    pub(crate) kid: String,
    pub(crate) sealed: Vec<u8>,
}

/// A counted entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Try {
    pub(crate) id: FactId,
    pub(crate) attempts: Vec<AttemptId>,
    pub(crate) stop: StopId,
    pub(crate) wall: i64,
    pub(crate) boot_ms: u64,
    pub(crate) boot: String,
}

/// What the server said of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ack {
    pub(crate) inc: u32,
    pub(crate) seq: u64,
    pub(crate) status: String,
    pub(crate) flags: Vec<String>,
    pub(crate) verdict: Option<(Verdict, String)>,
}

/// What is committed together with a fact.
pub(crate) enum Along<'a> {
    Nothing,
    /// The day that it starts.
    Day(NewDay<'a>),
    /// The incident that it tells.
    Incident(i64),
    /// What is left of a stop's draft once what was filled in is recorded.
    Draft(&'a SealedDraft),
}

/// A draft as it is stored.
pub(crate) struct SealedDraft {
    pub(crate) stop: StopId,
    pub(crate) rev: u64,
    pub(crate) body: Vec<u8>,
}

/// How many facts there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) facts: u64,
    pub(crate) pending: u64,
    pub(crate) tries: u64,
}

pub(super) fn put_draft(tx: &Connection, draft: &SealedDraft) -> Result<(), StoreError> {
    let sql = "INSERT INTO draft VALUES (?1, ?2, ?3) ON CONFLICT (stop) DO UPDATE SET rev = ?2, body = ?3";
    let SealedDraft { stop, rev, body } = draft;
    tx.prepare_cached(sql)?.execute(params![stop.as_str(), stored(*rev), body])?;
    Ok(())
}

pub(super) fn write_identity(tx: &Transaction<'_>, identity: &Identity) -> Result<(), StoreError> {
    let enrolment = identity.enrolment.as_ref();
    tx.execute(
        "INSERT INTO identity VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (one) DO UPDATE SET install = ?1, inc = ?2, token = ?3, token_next = ?4,
         opens = ?5, courier = ?6, courier_name = ?7, evidence_key = ?8, epoch = ?9",
        params![
            identity.install.as_str(),
            identity.inc,
            identity.token,
            identity.token_next,
            stored(identity.opens),
            enrolment.map(|it| &it.courier),
            enrolment.map(|it| &it.sealed_name),
            enrolment.map(|it| &it.evidence_key),
            identity.epoch,
        ],
    )?;
    Ok(())
}

pub(super) fn insert_fact(tx: &Transaction<'_>, fact: &StoredFact) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO fact VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(params![
        fact.inc,
        stored(fact.seq),
        fact.id.as_str(),
        fact.hash.as_str(),
        fact.kind,
        fact.jws,
        fact.sealed_private,
    ])?;
    Ok(())
}

/// A verdict that there is stays where the newer answer brings none.
pub(super) fn put_ack(
    tx: &Transaction<'_>,
    (inc, seq): (u32, u64),
    ack: &Ack,
    epoch: &str,
    wall: i64,
) -> Result<(), StoreError> {
    let verdict = ack.verdict.as_ref();
    tx.prepare_cached(
        "INSERT INTO ack VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (inc, seq) DO UPDATE
         SET epoch = ?4, status = ?5, flags = ?6, verdict = ifnull(?7, verdict), why = ifnull(?8, why)",
    )?
    .execute(params![
        inc,
        stored(seq),
        wall,
        epoch,
        ack.status,
        to_json(&ack.flags)?,
        verdict.map(|(verdict, _)| to_json(verdict)).transpose()?,
        verdict.map(|(_, why)| why),
    ])?;
    Ok(())
}

pub(super) fn insert_try(tx: &Transaction<'_>, it: &Try) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO try VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
        it.id.as_str(),
        to_json(&it.attempts)?,
        it.stop.as_str(),
        it.wall,
        stored(it.boot_ms),
        it.boot,
    ])?;
    Ok(())
}

pub(crate) fn read_identity(row: &Row<'_>) -> Result<Identity, StoreError> {
    let enrolment = match (row.get(5)?, row.get(6)?, row.get(7)?) {
        (Some(courier), Some(sealed_name), Some(evidence_key)) => {
            Some(StoredEnrolment { courier, sealed_name, evidence_key })
        }
        _ => None,
    };
    Ok(Identity {
        install: parse(InstallId::new(row.get::<_, String>(0)?))?,
        inc: row.get(1)?,
        token: row.get(2)?,
        token_next: row.get(3)?,
        opens: number(row.get(4)?),
        enrolment,
        epoch: row.get(8)?,
    })
}

pub(crate) fn read_server_time(row: &Row<'_>) -> rusqlite::Result<ServerTime> {
    Ok(ServerTime {
        server_ms: row.get(0)?,
        plus_minus_ms: number(row.get(1)?),
        boot_ms: number(row.get(2)?),
        boot: row.get(3)?,
    })
}

pub(crate) fn read_day_key(row: &Row<'_>) -> rusqlite::Result<SealedDayKey> {
    Ok(SealedDayKey { inc: row.get(0)?, kid: row.get(1)?, sealed: row.get(2)? })
}

pub(crate) fn read_try(row: &Row<'_>) -> Result<Try, StoreError> {
    Ok(Try {
        id: parse(FactId::new(row.get::<_, String>(0)?))?,
        attempts: from_json(&row.get::<_, String>(1)?)?,
        stop: parse(StopId::new(row.get::<_, String>(2)?))?,
        wall: row.get(3)?,
        boot_ms: number(row.get(4)?),
        boot: row.get(5)?,
    })
}

/// With the epoch and the wall clock under which it came.
pub(crate) fn read_ack(row: &Row<'_>) -> Result<(Ack, String, i64), StoreError> {
    let verdict = row.get::<_, Option<String>>(6)?.map(|text| from_json(&text)).transpose()?;
    let why: Option<String> = row.get(7)?;
    let ack = Ack {
        inc: row.get(0)?,
        seq: number(row.get(1)?),
        status: row.get(4)?,
        flags: from_json(&row.get::<_, String>(5)?)?,
        verdict: verdict.map(|verdict| (verdict, why.unwrap_or_default())),
    };
    Ok((ack, row.get(3)?, row.get(2)?))
}

pub(crate) fn read_fact(row: &Row<'_>) -> Result<StoredFact, StoreError> {
    Ok(StoredFact {
        inc: row.get(0)?,
        seq: number(row.get(1)?),
        id: parse(FactId::new(row.get::<_, String>(2)?))?,
        hash: parse(FactHash::new(row.get::<_, String>(3)?))?,
        kind: row.get(4)?,
        jws: row.get(5)?,
        sealed_private: row.get(6)?,
    })
}

pub(super) fn parse<T, E>(read: Result<T, E>) -> Result<T, StoreError> {
    read.map_err(|_| StoreError::Corrupt)
}

pub(super) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Other)
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt)
}
