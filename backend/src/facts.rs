//! Accepting facts. The server may flag a fact; it never drops, edits or reorders one.

mod batch;
mod chain;
mod stored;

use std::collections::BTreeMap;

use courier_codes::{Sign, private, read_jws, sign_jws, thumbprint};
use courier_domain::{AttemptId, FactBody, FactId, FactPayload, InstallId, Jwk, PrivatePart, UnixMs};
use courier_protocol::facts::MAX_FACTS;
use courier_protocol::{
    FactItem, FactResult, FactStatus, FactVerdict, FactsAnswer, FactsRequest, ProblemKind, ReceiptPayload,
    Want, header,
};

pub use batch::Incoming;
use stored::Stored;

use crate::config::Config;
use crate::error::ServiceError;
use crate::judge::{Bench, judge};
use crate::keys::Keys;
use crate::outcomes::{NOTHING_TO_WITHDRAW, reconsider};
use crate::planted::Bug;
use crate::received;
use crate::seal::Sealer;
use crate::storage::{BAD_SIGNATURE, FactRow, Installation, Storage, Tx};

/// What accepting needs beside the transaction.
pub struct Desk<'a, 'b> {
    /// Keys.
    pub keys: &'a Keys,
    /// Configuration.
    pub config: &'a Config,
    /// Sealing and randomness.
    pub seal: &'a mut Sealer<'b>,
    /// Now.
    pub now: UnixMs,
}

impl<'b> Desk<'_, 'b> {
    /// What the judge is shown of a fact.
    pub(crate) fn bench<'c>(
        &'c mut self,
        from: &'c Installation,
        fact: &'c FactPayload,
        private: PrivatePart,
    ) -> Bench<'c, 'b> {
        let (keys, config, now) = (self.keys, self.config, self.now);
        Bench {
            keys,
            config,
            seal: self.seal,
            now,
            from,
            fact,
            private,
            opened: None,
            flags: Vec::new(),
            ruled: None,
            proved: None,
            removed: None,
        }
    }
}

/// The keys of an installation's days by their thumbprints, as its device named them.
#[derive(Debug, Clone, Default)]
pub struct DayKeys(BTreeMap<String, Jwk>);

impl DayKeys {
    /// Those that are stored. Whether the device signed them was found out when they came.
    fn stored(tx: &Tx<'_>, from: &Installation) -> Result<Self, ServiceError> {
        let mut keys = Self::default();
        for row in tx.day_starts(&from.install)?.iter().filter(|row| row.is_signed()) {
            if let Some(FactPayload { body: FactBody::DayStarted { day_jwk }, .. }) = payload_of(row) {
                keys.add(&day_jwk);
            }
        }
        Ok(keys)
    }

    fn add(&mut self, key: &Jwk) {
        self.0.insert(thumbprint(key), key.clone());
    }

    fn find(&self, kid: &str) -> Option<&Jwk> {
        self.0.get(kid)
    }
}

/// Reads a batch: everything about it that takes no transaction of its own, or only a short one.
pub fn read<'a>(
    storage: &Storage,
    keys: &Keys,
    from: &Installation,
    request: &'a FactsRequest,
) -> Result<Vec<Incoming<'a>>, ServiceError> {
    if request.install != from.install {
        return Err(ServiceError::refused(ProblemKind::Forbidden, "facts of another installation"));
    }
    if request.facts.len() > MAX_FACTS {
        return Err(ServiceError::refused(ProblemKind::TooLarge, format!("at most {MAX_FACTS} facts")));
    }
    let mut known = storage.look(|tx| DayKeys::stored(tx, from))?;
    known.add(&from.device_jwk);
    let reader = batch::Reader { install: &from.install, keys: known, evidence: &keys.evidence };
    Ok(reader.read(&request.facts))
}

/// Stores a batch and judges it, in the caller's transaction. It is answered after the commit only.
pub fn accept(
    tx: &mut Tx<'_>,
    from: &Installation,
    request: &FactsRequest,
    batch: &[Incoming<'_>],
    echo: &str,
    desk: &mut Desk<'_, '_>,
) -> Result<FactsAnswer, ServiceError> {
    let mut stored = Stored::of(tx, from, batch)?;
    let epoch = tx.epoch()?;
    let mut results = Vec::with_capacity(batch.len());
    for incoming in batch {
        // A phone that does not know yet that this server was put back from a backup has perhaps handed in the beginning of
        // its day before: it offers everything again once it has read this answer.
        let is_early = request.epoch != epoch && is_of_an_unknown_day(incoming, &stored.days);
        results.push(if is_early {
            offer_again(incoming)
        } else {
            accept_one(tx, from, incoming, &mut stored, desk)?
        });
    }
    Ok(FactsAnswer {
        request: echo.to_owned(),
        epoch,
        server_ms: desk.now,
        results,
        receipt: receipt(tx, from, request.inc, desk)?,
    })
}

/// Signs how far the server has stored a chain.
fn receipt(
    tx: &Tx<'_>,
    from: &Installation,
    inc: u32,
    desk: &Desk<'_, '_>,
) -> Result<Option<String>, ServiceError> {
    let seq = tx.last_seq(&from.install, inc)?;
    let Some(head) = tx.facts_at(&from.install, inc, seq)?.into_iter().next() else { return Ok(None) };
    let payload =
        ReceiptPayload { install: from.install.clone(), inc, seq, hash: head.hash, server_ms: desk.now };
    sign_jws(header::TYP_RECEIPT, &serde_json::to_vec(&payload)?, &desk.keys.receipt)
        .map(Some)
        .map_err(|_| ServiceError::fault("signing a receipt"))
}

fn is_of_an_unknown_day(incoming: &Incoming<'_>, days: &DayKeys) -> bool {
    let (Some(read), Some(fact)) = (&incoming.read, &incoming.payload) else { return false };
    !matches!(fact.body, FactBody::DayStarted { .. }) && days.find(&read.kid).is_none()
}

fn offer_again(incoming: &Incoming<'_>) -> FactResult {
    FactResult {
        hash: incoming.hash.clone(),
        id: incoming.payload.as_ref().map(|fact| fact.id.clone()),
        status: FactStatus::Retry,
        dup: false,
        flags: Vec::new(),
        verdict: None,
        want: None,
        after_ms: None,
    }
}

fn accept_one(
    tx: &mut Tx<'_>,
    from: &Installation,
    incoming: &Incoming<'_>,
    stored: &mut Stored,
    desk: &mut Desk<'_, '_>,
) -> Result<FactResult, ServiceError> {
    let planted = desk.config.planted;
    let is_arrival = |fact: &FactPayload| matches!(fact.body, FactBody::Arrived {});
    if planted.is(Bug::QuietDrop) && incoming.payload.as_ref().is_some_and(is_arrival) {
        return Ok(answer(row(from, incoming, desk.now), false, None, None));
    }
    if let Some(known) = stored.fact(&incoming.hash) {
        if planted.is(Bug::RepeatRefused) {
            return Err(ServiceError::refused(ProblemKind::Conflict, "it is there already"));
        }
        let verdict = verdict_on(tx, known)?;
        return Ok(answer(known.clone(), true, None, verdict));
    }
    let mut row = row(from, incoming, desk.now);
    let (Some(read), Some(payload)) = (&incoming.read, &incoming.payload) else {
        row.place = place_of(from, incoming, &stored.days);
        stored.add(tx, &row, None)?;
        stored.head.forget();
        tx.open_review("unreadable-fact", None, None, desk.now)?;
        return Ok(answer(row, false, None, None));
    };
    // The device signs the beginning of a day, and the day's key the rest.
    let signer = match payload.body {
        FactBody::DayStarted { .. } => Some(&from.device_jwk),
        _ => stored.days.find(&read.kid),
    };
    let signed = signer.is_some_and(|key| incoming.is_signed_by(key));
    if !signed {
        row.flags.push(BAD_SIGNATURE.into());
    }
    let want = stored.head.check(tx, from, payload, &mut row)?;
    if planted.is(Bug::FactEdited) {
        row.jws.push('=');
    }
    let conflict = stored.has(&payload.id);
    if conflict {
        row.flags.push("id-conflict".into());
    }
    let private = private_part(incoming.item, payload, &mut row);
    let sealed = match &private {
        Some((bytes, _)) => Some(desk.seal.seal("fact", row.hash.as_str(), bytes)?),
        None => None,
    };
    let mut verdict = None;
    if signed && !conflict {
        let private = private.map(|(_, part)| part).unwrap_or_default();
        let mut bench = desk.bench(from, payload, private);
        bench.opened.clone_from(&incoming.opened);
        judge(tx, &mut bench)?;
        row.flags.append(&mut bench.flags);
        verdict = bench.ruled;
    } else if conflict {
        verdict = verdict_on(tx, &row)?; // on the first of them
    }
    for flag in [BAD_SIGNATURE, "chain-break", "sequence-fork", "id-conflict", "private-mismatch"] {
        if row.flags.iter().any(|known| known == flag) {
            tx.open_review("tamper", Some(&payload.id), row.attempt.as_ref(), desk.now)?;
            break;
        }
    }
    let mut first_of_its_key = false;
    if let FactBody::DayStarted { day_jwk } = &payload.body {
        first_of_its_key = stored.days.find(&thumbprint(day_jwk)).is_none();
        if signed {
            stored.days.add(day_jwk);
        }
    }
    stored.add(tx, &row, sealed.as_deref())?;
    stored.head.move_to(tx, from, payload, &row)?;
    if signed && !conflict {
        let came = Came { fact: payload, first_of_its_key, is_newest: stored.head.is_at(&row.hash) };
        catch_up(tx, from, &came, desk)?;
    }
    Ok(answer(row, false, want, verdict))
}

/// A fact that was stored.
struct Came<'a> {
    fact: &'a FactPayload,
    /// It names a key that nobody named before.
    first_of_its_key: bool,
    /// Nothing that was made after it is here, for sure.
    is_newest: bool,
}

/// A fact may come after those that rest on it, when this server was restored and asked for what it had lost: a day's
/// facts whose key nobody knew are judged once it is named, a handover again once its entry is there, and a withdrawal
/// once there is what it withdraws.
fn catch_up(
    tx: &mut Tx<'_>,
    from: &Installation,
    Came { fact: came, first_of_its_key, is_newest }: &Came<'_>,
    desk: &mut Desk<'_, '_>,
) -> Result<(), ServiceError> {
    let waiting = match &came.body {
        FactBody::DayStarted { day_jwk } if *first_of_its_key => {
            let mut rows = tx.unsigned_facts(&from.install)?;
            let kid = thumbprint(day_jwk);
            rows.retain(|row| {
                let read = read_jws(&row.jws).ok().filter(|read| read.kid == kid);
                read.is_some_and(|read| read.verify(day_jwk, header::TYP_FACT).is_ok())
            });
            rows
        }
        FactBody::CodeTried { attempts, .. } => {
            let mut rows = Vec::new();
            for attempt in attempts {
                rows.extend(tx.facts_about(attempt)?);
            }
            rows.retain(|row| row.kind.as_deref() == Some("handed_over"));
            rows
        }
        FactBody::HandedOver { .. } | FactBody::NotDelivered { .. } if !is_newest => {
            withdrawn_in_vain(tx, from, &came.id)?
        }
        _ => return Ok(()),
    };
    for row in waiting {
        let Some(fact) = payload_of(&row) else { continue };
        let rule = match (&came.body, &fact.body) {
            (FactBody::DayStarted { .. }, _) | (_, FactBody::Withdrawn { .. }) => judge,
            (_, FactBody::HandedOver { code_try: Some(entry), .. }) if *entry == came.id => reconsider,
            _ => continue,
        };
        // Of two facts with one identifier the first counts.
        if tx.fact_by_id(&fact.id)?.is_none_or(|first| first.hash != row.hash) {
            continue;
        }
        let private = received::private_part(tx, &row.hash, desk.seal)?;
        rule(tx, &mut desk.bench(from, &fact, private))?;
    }
    Ok(())
}

/// The withdrawal of an outcome that was not here yet; of several the first.
fn withdrawn_in_vain(
    tx: &Tx<'_>,
    from: &Installation,
    outcome: &FactId,
) -> Result<Vec<FactRow>, ServiceError> {
    for row in tx.withdrawals_of(outcome, &from.install)? {
        if verdict_on(tx, &row)?.is_some_and(|judged| judged.why == NOTHING_TO_WITHDRAW) {
            return Ok(vec![row]);
        }
    }
    Ok(Vec::new())
}

/// The last verdict on what the fact says.
fn verdict_on(tx: &Tx<'_>, row: &FactRow) -> Result<Option<FactVerdict>, ServiceError> {
    let Some(id) = &row.id else { return Ok(None) };
    Ok(tx.verdict(id)?.map(|judged| FactVerdict { verdict: judged.verdict, why: judged.why }))
}

fn answer(row: FactRow, dup: bool, want: Option<Want>, verdict: Option<FactVerdict>) -> FactResult {
    let status = if row.parked { FactStatus::Parked } else { FactStatus::Stored };
    FactResult { hash: row.hash, id: row.id, status, dup, flags: row.flags, verdict, want, after_ms: None }
}

fn row(from: &Installation, incoming: &Incoming<'_>, now: UnixMs) -> FactRow {
    let payload = incoming.payload.as_ref();
    FactRow {
        hash: incoming.hash.clone(),
        install: from.install.clone(),
        place: payload.map(|fact| (fact.inc, fact.seq)),
        id: payload.map(|fact| fact.id.clone()),
        kind: payload.map(|fact| fact.body.kind().to_owned()),
        attempt: payload.and_then(|fact| attempt_in(&fact.body)),
        jws: incoming.item.jws.clone(),
        received_at: now,
        parked: payload.is_none(),
        flags: Vec::new(),
    }
}

/// Where a fact that nobody here can read, such as one of a later version, stands in its chain: so that the next one
/// does not look as if something were missing. Only its signer may say so.
fn place_of(from: &Installation, incoming: &Incoming<'_>, days: &DayKeys) -> Option<(u32, u64)> {
    #[derive(serde::Deserialize)]
    struct Place {
        install: InstallId,
        inc: u32,
        seq: u64,
    }
    let read = incoming.read.as_ref()?;
    let place: Place = serde_json::from_slice(&read.payload).ok()?;
    let known = incoming.is_signed_by(days.find(&read.kid).unwrap_or(&from.device_jwk));
    let fits = place.install == from.install && i64::try_from(place.seq).is_ok();
    (known && fits).then_some((place.inc, place.seq))
}

/// What a stored fact says, if it could be read.
pub(crate) fn payload_of(row: &FactRow) -> Option<FactPayload> {
    serde_json::from_slice(&read_jws(&row.jws).ok()?.payload).ok()
}

fn attempt_in(body: &FactBody) -> Option<AttemptId> {
    match body {
        FactBody::HandedOver { attempt, .. } | FactBody::NotDelivered { attempt, .. } => {
            Some(attempt.clone())
        }
        FactBody::CodeTried { attempts, .. } => attempts.first().cloned(),
        _ => None,
    }
}

/// The private part, if it is what the fact commits to.
fn private_part(item: &FactItem, fact: &FactPayload, row: &mut FactRow) -> Option<(Vec<u8>, PrivatePart)> {
    match (&item.private, &fact.private) {
        (Some(packed), Some(commitment)) => {
            let bytes = private::unpack(packed, commitment).ok();
            let read = bytes.and_then(|bytes| {
                let part = serde_json::from_slice(&bytes).ok()?;
                Some((bytes, part))
            });
            if read.is_none() {
                row.flags.push("private-mismatch".into());
            }
            read
        }
        (None, None) => None,
        // A phone that cannot open it any more leaves it out; the fact itself still counts.
        (None, Some(_)) => {
            row.flags.push("private-missing".into());
            None
        }
        (Some(_), None) => {
            row.flags.push("private-mismatch".into());
            None
        }
    }
}

/// The public key that receipts are signed with.
pub fn receipt_jwk(keys: &Keys) -> Jwk {
    keys.receipt.jwk()
}
