//! The judge: what a fact is worth, decided in the transaction that stores it.

use courier_codes::kdf::tag_of;
use courier_codes::planted::{self, Weakness};
use courier_codes::{Code, Entry, EvidenceContext, Token, evidence};
use courier_domain::{
    AttemptId, BestTime, CodeId, CodeTryResult, FactBody, FactId, FactPayload, PrivatePart, Receiver, UnixMs,
    Verdict, VerdictNotice,
};
use courier_protocol::{Object, ObjectKind};

use crate::config::Config;
use crate::error::ServiceError;
use crate::keys::Keys;
use crate::mail::{self, Mail};
use crate::outcomes;
use crate::publish::{attempt_of, put_shipment, shipment_of};
use crate::seal::Sealer;
use crate::storage::{AttemptRow, CodeRow, CodeStanding, Installation, Tx};

/// Within this time a courier's second decoy is more than bad luck.
const MONTH_MS: i64 = 30 * 24 * 3_600_000;

/// Why a coded handover without an entry is reviewed.
pub(crate) const NO_CODE: &str = "no-code";

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
            let verdict = outcomes::handed_over(tx, bench, &attempt, &parcels, receiver, code_try.as_ref())?;
            decide(tx, bench, Some(&attempt), verdict)
        }
        FactBody::NotDelivered { attempt, parcels, reason } => {
            let verdict = outcomes::not_delivered(tx, bench, &attempt, &parcels, reason)?;
            decide(tx, bench, Some(&attempt), verdict)
        }
        FactBody::Withdrawn { fact } => outcomes::withdrawn(tx, bench, &fact),
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

/// A verdict and its reason, a stable word.
pub(crate) type Ruling = (Verdict, &'static str);

/// Appends the verdict, and tells the phone by the route lane.
pub(crate) fn decide(
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
pub(crate) fn own_attempt(
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
    if planted::is(Weakness::DecoyForgiven) {
        return Ok((Verdict::Refuted, "wrong-code"));
    }
    // A code that is dead already is not frozen: nothing is left to protect, and the customer needs no alarm.
    if !matches!(code.state, CodeStanding::Live | CodeStanding::Proven) {
        tx.open_review("decoy", Some(&bench.fact.id), Some(attempt), bench.now)?;
        return Ok((Verdict::Refuted, "wrong-code"));
    }
    tx.set_code_state(&code.verifier.code_id, CodeStanding::Frozen)?;
    tx.drop_mail(&mail::dedupe(mail::YOUR_CODE, code.verifier.code_id.as_str()))?;
    let row = attempt_of(tx, attempt)?;
    if let Some(route) = &row.route {
        tx.take_object(route, ObjectKind::Verifier, code.verifier.code_id.as_str(), "frozen")?;
    }
    let shipment = shipment_of(tx, &row.shipment)?;
    mail::queue(tx, &shipment, &Mail::CodeFrozen {}, code.verifier.code_id.as_str(), bench.now, bench.seal)?;
    tx.open_review("decoy", Some(&bench.fact.id), Some(attempt), bench.now)?;
    // This one is not stored yet. An honest courier gets two in a month with 0.2 %.
    if tx.decoys_of(&bench.from.courier, bench.now.plus_ms(-MONTH_MS))? >= 1 {
        tx.open_review("two-decoys", Some(&bench.fact.id), Some(attempt), bench.now)?;
    }
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

/// A coded parcel is delivered when the judge confirmed an entry for the same attempt.
pub(crate) fn rule_on_code(
    tx: &Tx<'_>,
    attempt: &AttemptId,
    receiver: Receiver,
    code_try: Option<&FactId>,
) -> Result<Ruling, ServiceError> {
    if !receiver.is_person() {
        return Ok((Verdict::UnderReview, "code-needs-person"));
    }
    let Some(id) = code_try else { return Ok((Verdict::UnderReview, NO_CODE)) };
    // A failure is confirmed too, as what it is: only an entry proves a code.
    let is_entry = tx.fact_by_id(id)?.is_some_and(|fact| {
        fact.kind.as_deref() == Some("code_tried") && fact.attempt.as_ref() == Some(attempt)
    });
    Ok(match tx.verdict(id)? {
        _ if !is_entry => (Verdict::UnderReview, NO_CODE),
        Some((Verdict::Confirmed, _)) => (Verdict::Confirmed, "right-code"),
        Some((Verdict::Refuted, _)) => (Verdict::Refuted, "wrong-code"),
        Some((Verdict::UnderReview, _)) => (Verdict::UnderReview, "code-under-review"),
        None => (Verdict::UnderReview, NO_CODE),
    })
}
