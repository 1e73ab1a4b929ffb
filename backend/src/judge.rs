//! The judge: what a fact is worth, decided in the transaction that stores it.

use courier_codes::kdf::tag_of;
use courier_codes::{Code, Entry, EvidenceContext, Token, evidence};
use courier_domain::{
    AttemptId, BestTime, CodeId, CodeTryResult, FactBody, FactId, FactPayload, NextStep, ParcelId,
    PrivatePart, Reason, Receiver, UnixMs, Verdict, VerdictNotice,
};
use courier_protocol::{Object, ObjectKind};

use crate::config::Config;
use crate::days::next_delivery_day;
use crate::error::ServiceError;
use crate::import::new_id;
use crate::keys::Keys;
use crate::mail::{self, Mail};
use crate::publish::{attempt_of, put_shipment, shipment_of};
use crate::seal::Sealer;
use crate::storage::{AttemptRow, AttemptState, CodeRow, CodeStanding, Installation, Tx};

/// What lies before the judge.
pub struct Bench<'a, 'b> {
    /// Keys.
    pub keys: &'a Keys,
    /// Configuration.
    pub config: &'a Config,
    /// Sealing and randomness.
    pub seal: &'a mut Sealer<'b>,
    /// When it came.
    pub now: UnixMs,
    /// Whose it is.
    pub from: &'a Installation,
    /// The fact; its signature is right.
    pub fact: &'a FactPayload,
    /// What is personal about it.
    pub private: PrivatePart,
    /// What has to be said of it.
    pub flags: Vec<String>,
}

/// Judges a fact and does what follows from it.
pub fn judge(tx: &mut Tx<'_>, bench: &mut Bench<'_, '_>) -> Result<(), ServiceError> {
    match bench.fact.body.clone() {
        FactBody::CodeTried { attempts, result, code_id, evidence, .. } => {
            match (result, code_id, evidence) {
                (CodeTryResult::Matched, Some(code), Some(sealed)) => {
                    let verdict = judge_entry(tx, bench, &attempts, &code, &sealed)?;
                    decide(tx, bench, attempts.first(), verdict)
                }
                (CodeTryResult::Mismatch | CodeTryResult::Interrupted, ..) => {
                    count_miss(tx, bench, &attempts)
                }
                _ => {
                    bench.flags.push("no-evidence".into());
                    decide(tx, bench, attempts.first(), (Verdict::UnderReview, "no-evidence"))
                }
            }
        }
        FactBody::HandedOver { attempt, parcels, receiver, code_try, .. } => {
            let verdict = judge_handover(tx, bench, &attempt, &parcels, receiver, code_try.as_ref())?;
            decide(tx, bench, Some(&attempt), verdict)
        }
        FactBody::NotDelivered { attempt, parcels, reason } => {
            let verdict = not_delivered(tx, bench, &attempt, &parcels, reason)?;
            decide(tx, bench, Some(&attempt), verdict)
        }
        FactBody::Withdrawn { fact } => withdraw(tx, bench, &fact),
        FactBody::DayStarted { .. }
        | FactBody::LoadChecked { .. }
        | FactBody::Arrived {}
        | FactBody::ProofAdded { .. }
        | FactBody::RouteEdited { .. }
        | FactBody::Returned { .. }
        | FactBody::DayClosed {}
        | FactBody::Incident { .. } => Ok(()),
    }
}

type Ruling = (Verdict, &'static str);

/// Appends the verdict, and tells the phone by the route lane.
fn decide(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    attempt: Option<&AttemptId>,
    (verdict, why): Ruling,
) -> Result<(), ServiceError> {
    let fact = &bench.fact.id;
    tx.add_verdict(fact, verdict, why, bench.now)?;
    if verdict == Verdict::UnderReview {
        tx.open_review(why, Some(fact), attempt, bench.now)?;
    }
    let route = match attempt {
        Some(attempt) => tx.attempt(attempt)?.and_then(|attempt| attempt.route),
        None => None,
    };
    if let Some(route) = route {
        let notice = VerdictNotice { fact: fact.clone(), verdict, why: why.into() };
        tx.put_object(&route, &Object::Verdict(notice))?;
    }
    Ok(())
}

/// The attempt, if it is on a route of this courier.
fn own_attempt(
    tx: &Tx<'_>,
    bench: &mut Bench<'_, '_>,
    id: &AttemptId,
) -> Result<Option<AttemptRow>, ServiceError> {
    let attempt = tx.attempt(id)?;
    if let Some(attempt) = attempt
        && let Some(route) = &attempt.route
        && tx.route(route)?.is_some_and(|route| route.courier == bench.from.courier)
    {
        return Ok(Some(attempt));
    }
    bench.flags.push("not-on-route".into());
    Ok(None)
}

fn count_miss(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    attempts: &[AttemptId],
) -> Result<(), ServiceError> {
    for id in attempts {
        if let Some(mut attempt) = own_attempt(tx, bench, id)? {
            attempt.tries_used += 1;
            tx.put_attempt(&attempt)?;
            put_shipment(tx, &attempt)?;
        }
    }
    Ok(())
}

/// The table of the judge: right or wrong, in time or not, live or not.
fn judge_entry(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    attempts: &[AttemptId],
    code_id: &CodeId,
    sealed: &courier_domain::Base64Url,
) -> Result<Ruling, ServiceError> {
    let (Some(code), Some(id)) = (tx.code(code_id)?, attempts.first()) else {
        return Ok((Verdict::UnderReview, "unknown-code"));
    };
    if code.verifier.attempt != *id || own_attempt(tx, bench, id)?.is_none() {
        return Ok((Verdict::UnderReview, "code-of-another-attempt"));
    }
    let context = EvidenceContext { fact: &bench.fact.id, install: &bench.fact.install, attempts };
    let Ok(entry) = evidence::open(sealed, std::slice::from_ref(&bench.keys.evidence), &context) else {
        return Ok((Verdict::UnderReview, "evidence-unreadable"));
    };
    if !is_right(bench, code_id, &code, &entry)? {
        return wrong_entry(tx, bench, id, &code, &entry);
    }
    if !in_window(bench, &code) {
        return Ok((Verdict::UnderReview, "outside-its-day"));
    }
    match code.state {
        CodeStanding::Live | CodeStanding::Proven => {
            tx.set_code_state(code_id, CodeStanding::Proven)?;
            Ok((Verdict::Confirmed, "right-code"))
        }
        CodeStanding::Used => Ok((Verdict::UnderReview, "used-code")),
        CodeStanding::Frozen => Ok((Verdict::UnderReview, "frozen-code")),
        CodeStanding::Superseded => Ok((Verdict::UnderReview, "stale-code")),
    }
}

fn is_right(bench: &Bench<'_, '_>, id: &CodeId, code: &CodeRow, entry: &Entry) -> Result<bool, ServiceError> {
    let (digits, token) = open_code(bench.seal, id, code)?;
    Ok(match entry {
        Entry::Digits(entered) => *entered == digits,
        Entry::Token(entered) => *entered == token,
    })
}

/// The secrets of a code: to mail, show and judge only.
pub(crate) fn open_code(
    seal: &Sealer<'_>,
    id: &CodeId,
    code: &CodeRow,
) -> Result<(Code, Token), ServiceError> {
    let damaged = || ServiceError::fault("a stored code is damaged");
    let secrets = String::from_utf8(seal.open("code", id.as_str(), &code.sealed)?).map_err(|_| damaged())?;
    let (digits, token) = secrets.split_once(' ').ok_or_else(damaged)?;
    Ok((Code::parse(digits).map_err(|_| damaged())?, Token::parse(token).map_err(|_| damaged())?))
}

/// A wrong entry that fits the tag is a decoy, or a very rare typo: the code is frozen and the customer told. One
/// that does not fit was sent by a modified app only.
fn wrong_entry(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    attempt: &AttemptId,
    code: &CodeRow,
    entry: &Entry,
) -> Result<Ruling, ServiceError> {
    let fits = match entry {
        Entry::Digits(digits) => tag_of(digits, &code.verifier) == Ok(code.verifier.tag),
        Entry::Token(_) => false,
    };
    if !fits {
        tx.open_review("tamper", Some(&bench.fact.id), Some(attempt), bench.now)?;
        return Ok((Verdict::Refuted, "impossible-entry"));
    }
    tx.set_code_state(&code.verifier.code_id, CodeStanding::Frozen)?;
    let row = attempt_of(tx, attempt)?;
    if let Some(route) = &row.route {
        tx.take_object(route, ObjectKind::Verifier, code.verifier.code_id.as_str(), "frozen")?;
    }
    let shipment = shipment_of(tx, &row.shipment)?;
    mail::queue(tx, &shipment, &Mail::CodeFrozen {}, code.verifier.code_id.as_str(), bench.now, bench.seal)?;
    tx.open_review("decoy", Some(&bench.fact.id), Some(attempt), bench.now)?;
    Ok((Verdict::Refuted, "wrong-code"))
}

/// Whether the entry was made inside the code's day: by the time of the entry and its uncertainty, not by the time
/// of arrival. Where that time is uncertain, having arrived in time proves it.
fn in_window(bench: &Bench<'_, '_>, code: &CodeRow) -> bool {
    let (from, to) = (code.verifier.not_before.0, code.verifier.not_after.0);
    match bench.fact.at.best() {
        BestTime::Certain { ms, plus_minus_ms } => {
            let slack = i64::try_from(plus_minus_ms).unwrap_or(i64::MAX).min(300_000);
            (from.saturating_sub(slack)..=to.saturating_add(slack)).contains(&ms.0)
        }
        BestTime::Uncertain { .. } => (from..=to).contains(&bench.now.0),
    }
}

fn judge_handover(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    attempt: &AttemptId,
    parcels: &[ParcelId],
    receiver: Receiver,
    code_try: Option<&FactId>,
) -> Result<Ruling, ServiceError> {
    let Some(row) = own_attempt(tx, bench, attempt)? else {
        return Ok((Verdict::UnderReview, "not-on-route"));
    };
    let shipment = shipment_of(tx, &row.shipment)?;
    let known = tx.parcels(&row.shipment)?;
    if !parcels.iter().all(|id| known.iter().any(|parcel| parcel.id == *id)) {
        return Ok((Verdict::UnderReview, "unknown-parcel"));
    }
    if known.iter().any(|parcel| parcels.contains(&parcel.id) && parcel.handed_by.is_some()) {
        bench.flags.push("already-delivered".into());
        return Ok((Verdict::UnderReview, "already-delivered"));
    }
    let ruling = if shipment.cancelled.is_some() {
        bench.flags.push("cancelled".into());
        (Verdict::UnderReview, "cancelled")
    } else if shipment.code_required {
        rule_on_code(tx, attempt, receiver, code_try)?
    } else {
        (Verdict::Confirmed, "handed-over")
    };
    if ruling.0 != Verdict::Refuted {
        for parcel in parcels {
            tx.set_handed(parcel, Some(&bench.fact.id))?;
        }
        conclude(tx, bench, row, ruling.0)?;
    }
    if ruling.0 == Verdict::Confirmed {
        use_codes(tx, attempt)?;
        let mail = match (receiver, &bench.private.name) {
            (Receiver::NamedNeighbour | Receiver::OtherNeighbour, Some(name)) => {
                Mail::AtNeighbour { name: name.clone(), flat: bench.private.flat.clone() }
            }
            _ => Mail::Delivered {},
        };
        mail::queue(tx, &shipment, &mail, bench.fact.id.as_str(), bench.now, bench.seal)?;
    }
    Ok(ruling)
}

/// A coded parcel is delivered when the judge confirmed an entry for the same attempt.
fn rule_on_code(
    tx: &Tx<'_>,
    attempt: &AttemptId,
    receiver: Receiver,
    code_try: Option<&FactId>,
) -> Result<Ruling, ServiceError> {
    if !receiver.is_person() {
        return Ok((Verdict::UnderReview, "code-needs-person"));
    }
    let Some(id) = code_try else { return Ok((Verdict::UnderReview, "no-code")) };
    // A failure is confirmed too, as what it is: only an entry proves a code.
    let is_entry = tx.fact_by_id(id)?.is_some_and(|fact| {
        fact.kind.as_deref() == Some("code_tried") && fact.attempt.as_ref() == Some(attempt)
    });
    Ok(match tx.verdict(id)? {
        _ if !is_entry => (Verdict::UnderReview, "no-code"),
        Some((Verdict::Confirmed, _)) => (Verdict::Confirmed, "right-code"),
        Some((Verdict::Refuted, _)) => (Verdict::Refuted, "wrong-code"),
        Some((Verdict::UnderReview, _)) => (Verdict::UnderReview, "code-under-review"),
        None => (Verdict::UnderReview, "no-code"),
    })
}

/// Where the attempt stands after an outcome; a needless next attempt is taken back.
fn conclude(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    mut attempt: AttemptRow,
    verdict: Verdict,
) -> Result<(), ServiceError> {
    let open = tx.parcels(&attempt.shipment)?.iter().any(|parcel| parcel.handed_by.is_none());
    if open {
        return Ok(());
    }
    attempt.state =
        if verdict == Verdict::Confirmed { AttemptState::Delivered } else { AttemptState::Handed };
    attempt.reason = None;
    tx.put_attempt(&attempt)?;
    supersede_later(tx, bench, &attempt)
}

fn supersede_later(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    attempt: &AttemptRow,
) -> Result<(), ServiceError> {
    for mut later in tx.attempts(&attempt.shipment)?.into_iter().filter(|later| later.no > attempt.no) {
        if matches!(later.state, AttemptState::Planned | AttemptState::Open) {
            later.state = AttemptState::Superseded;
            tx.put_attempt(&later)?;
            kill_codes(tx, &later, "superseded")?;
            if let Some(route) = &later.route {
                tx.take_object(route, ObjectKind::Shipment, later.shipment.as_str(), "delivered")?;
            }
            bench.flags.push("supersedes-later-attempt".into());
        }
    }
    Ok(())
}

fn use_codes(tx: &mut Tx<'_>, attempt: &AttemptId) -> Result<(), ServiceError> {
    for code in tx.codes_of(attempt)? {
        if code.state == CodeStanding::Proven {
            tx.set_code_state(&code.verifier.code_id, CodeStanding::Used)?;
        }
    }
    Ok(())
}

/// The codes of an attempt are dead from now on.
fn kill_codes(tx: &mut Tx<'_>, attempt: &AttemptRow, why: &str) -> Result<(), ServiceError> {
    for code in tx.codes_of(&attempt.id)? {
        if matches!(code.state, CodeStanding::Live | CodeStanding::Proven) {
            tx.set_code_state(&code.verifier.code_id, CodeStanding::Superseded)?;
            if let Some(route) = &attempt.route {
                tx.take_object(route, ObjectKind::Verifier, code.verifier.code_id.as_str(), why)?;
            }
        }
    }
    Ok(())
}

/// Plans what follows. A reason of the code leads to the next delivery day unconditionally, however often.
fn not_delivered(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    attempt: &AttemptId,
    parcels: &[ParcelId],
    reason: Reason,
) -> Result<Ruling, ServiceError> {
    let Some(mut row) = own_attempt(tx, bench, attempt)? else {
        return Ok((Verdict::UnderReview, "not-on-route"));
    };
    let known = tx.parcels(&row.shipment)?;
    if !parcels.iter().all(|id| known.iter().any(|parcel| parcel.id == *id)) {
        return Ok((Verdict::UnderReview, "unknown-parcel"));
    }
    if known.iter().any(|parcel| parcels.contains(&parcel.id) && parcel.handed_by.is_some()) {
        bench.flags.push("already-delivered".into());
        return Ok((Verdict::UnderReview, "already-delivered"));
    }
    (row.state, row.reason) = (AttemptState::Failed, Some(reason));
    tx.put_attempt(&row)?;
    kill_codes(tx, &row, "attempt-failed")?;
    let shipment = shipment_of(tx, &row.shipment)?;
    let is_last = tx.attempts(&row.shipment)?.iter().all(|other| other.no <= row.no);
    let mut next = None;
    if reason.next_step() == NextStep::NextDeliveryDay && is_last && shipment.cancelled.is_none() {
        let day = next_delivery_day(row.day, &bench.config.days);
        tx.put_attempt(&AttemptRow {
            id: new_id(bench.seal.rng)?,
            shipment: row.shipment.clone(),
            no: row.no + 1,
            day,
            route: None,
            stop: None,
            state: AttemptState::Planned,
            reason: None,
            tries_used: 0,
        })?;
        next = Some(day);
    }
    let mail = Mail::AttemptFailed { next };
    mail::queue(tx, &shipment, &mail, bench.fact.id.as_str(), bench.now, bench.seal)?;
    Ok((Verdict::Confirmed, "recorded"))
}

/// An outcome was a mistake: its parcels are with the courier again. A proven code stays proven.
fn withdraw(tx: &mut Tx<'_>, bench: &mut Bench<'_, '_>, fact: &FactId) -> Result<(), ServiceError> {
    let withdrawn = tx.fact_by_id(fact)?.filter(|row| row.install == bench.fact.install);
    let attempt = match withdrawn.and_then(|row| row.attempt) {
        Some(attempt) => own_attempt(tx, bench, &attempt)?,
        None => None,
    };
    let Some(mut attempt) = attempt else {
        return decide(tx, bench, None, (Verdict::UnderReview, "nothing-to-withdraw"));
    };
    for parcel in tx.parcels(&attempt.shipment)? {
        if parcel.handed_by.as_ref() == Some(fact) {
            tx.set_handed(&parcel.id, None)?;
        }
    }
    (attempt.state, attempt.reason) = (AttemptState::Open, None);
    tx.put_attempt(&attempt)?;
    supersede_later(tx, bench, &attempt)?;
    for code in tx.codes_of(&attempt.id)? {
        let id = &code.verifier.code_id;
        match code.state {
            CodeStanding::Used => tx.set_code_state(id, CodeStanding::Proven)?,
            CodeStanding::Superseded => {
                tx.set_code_state(id, CodeStanding::Live)?;
                if let Some(route) = &attempt.route {
                    tx.put_object(route, &Object::Verifier(code.verifier.clone()))?;
                }
            }
            CodeStanding::Live | CodeStanding::Proven | CodeStanding::Frozen => {}
        }
    }
    decide(tx, bench, Some(&attempt.id), (Verdict::Confirmed, "withdrawn"))
}
