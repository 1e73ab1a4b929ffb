//! The judge: what a fact is worth, decided in the transaction that stores it.

use courier_codes::evidence::{self, BadEvidence};
use courier_codes::kdf::tag_of;
use courier_codes::planted::{self, Weakness};
use courier_codes::{Entry, EvidenceContext};
use courier_domain::{
    AttemptId, Base64Url, BestTime, CodeId, CodeTryResult, FactBody, FactId, FactPayload, PrivatePart,
    Receiver, RouteId, UnixMs, Verdict, VerdictNotice,
};
use courier_protocol::{FactVerdict, Object};

use crate::arrival;
use crate::config::Config;
use crate::error::ServiceError;
use crate::issue::{Mint, end_code, open_code};
use crate::keys::Keys;
use crate::mail::{self, Mail};
use crate::outcomes;
use crate::planted::Bug;
use crate::publish::{attempt_of, put_shipment, shipment_of};
use crate::seal::Sealer;
use crate::storage::{AttemptRow, AttemptState, CodeRow, CodeStanding, Installation, Tx};

/// Within this time a courier's second decoy is more than bad luck.
const MONTH_MS: i64 = 30 * 24 * 3_600_000;

/// Flag of what rests on a code that another had replaced.
pub(crate) const STALE_CODE: &str = "stale-code";

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
    /// What was entered at the door, if that was opened already.
    pub opened: Option<Result<Entry, BadEvidence>>,
    /// What has to be said of it.
    pub flags: Vec<String>,
    /// The last verdict on it.
    pub ruled: Option<FactVerdict>,
    /// The code that it proves.
    pub proved: Option<CodeId>,
    /// The office had taken the attempt off the courier's route when the fact came.
    pub removed: Option<Removed>,
}

/// An attempt that the office took off a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The route that it was on.
    pub route: RouteId,
    /// Whether the phone knew it when the fact was made.
    pub word: &'static str,
}

/// Flag of a fact that was made when the phone knew that the office had taken the shipment away.
pub(crate) const AFTER_REMOVAL: &str = "after-removal";
/// Flag of a fact that was made before.
pub(crate) const BEFORE_IT_WAS_KNOWN: &str = "reassigned-before-handover";

impl<'b> Bench<'_, 'b> {
    /// Says something of the fact, once.
    pub(crate) fn flag(&mut self, word: &str) {
        if !self.flags.iter().any(|known| known == word) {
            self.flags.push(word.into());
        }
    }

    /// What issuing needs.
    pub(crate) fn mint(&mut self) -> Mint<'_, 'b> {
        Mint { config: self.config, seal: self.seal, now: self.now }
    }
}

/// An entry at a door, as a fact tells it.
struct Entered<'a> {
    attempts: &'a [AttemptId],
    /// The code that the phone says it fits; none, if the phone could not check it.
    code: Option<&'a CodeId>,
    sealed: &'a Base64Url,
    /// The phone says that it fits.
    matched: bool,
}

/// Judges a fact and does what follows from it.
pub fn judge(tx: &mut Tx<'_>, bench: &mut Bench<'_, '_>) -> Result<(), ServiceError> {
    arrival::follow(tx, bench.from, bench.fact, bench.now)?;
    match bench.fact.body.clone() {
        FactBody::CodeTried { attempts, result, code_id, evidence, .. } => {
            let matched = result == CodeTryResult::Matched;
            match (result, &evidence) {
                (CodeTryResult::Matched | CodeTryResult::Unjudged, Some(sealed)) => {
                    let entered = Entered { attempts: &attempts, code: code_id.as_ref(), sealed, matched };
                    let ruling = judge_entry(tx, bench, &entered)?;
                    decide(tx, bench, attempts.first(), ruling)
                }
                (CodeTryResult::Mismatch | CodeTryResult::Interrupted, _) => {
                    for id in &attempts {
                        if let Some(attempt) = own_attempt(tx, bench, id)? {
                            count_miss(tx, bench, attempt)?;
                        }
                    }
                    Ok(())
                }
                (CodeTryResult::Matched | CodeTryResult::Unjudged, None) => {
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
    tx.add_verdict(fact, verdict, why, bench.proved.take().as_ref(), bench.now)?;
    bench.ruled = Some(FactVerdict { verdict, why: why.into() });
    if verdict == Verdict::UnderReview {
        tx.open_review(why, Some(fact), attempt, bench.now)?;
    }
    // It is told where the fact was made.
    let route = match (&bench.removed, attempt) {
        (Some(removed), _) => Some(removed.route.clone()),
        (None, Some(attempt)) => tx.route_of_attempt(attempt)?,
        (None, None) => None,
    };
    if let Some(route) = route {
        let notice = VerdictNotice { fact: fact.clone(), verdict, why: why.into() };
        tx.put_object(&route, &Object::Verdict(notice))?;
    }
    Ok(())
}

/// The attempt, if it is on a route of this courier, or was: what happened before the courier knew better stands.
pub(crate) fn own_attempt(
    tx: &Tx<'_>,
    bench: &mut Bench<'_, '_>,
    id: &AttemptId,
) -> Result<Option<AttemptRow>, ServiceError> {
    if let Some(attempt) = tx.attempt(id)?
        && let Some(route) = &attempt.route
        && tx.courier_of(route)?.is_some_and(|courier| courier == bench.from.courier)
    {
        return Ok(Some(attempt));
    }
    if bench.config.planted.is(Bug::RemovalForgotten) && tx.removal(id, &bench.from.courier)?.is_some() {
        return tx.attempt(id);
    }
    if let Some(attempt) = tx.attempt(id)?
        && let Some((route, rev)) = tx.removal(id, &bench.from.courier)?
    {
        let knew = bench.fact.stop_rev.is_some_and(|known| known >= rev);
        let word = if knew { AFTER_REMOVAL } else { BEFORE_IT_WAS_KNOWN };
        bench.flag(word);
        bench.removed = Some(Removed { route, word });
        return Ok(Some(attempt));
    }
    bench.flag("not-on-route");
    Ok(None)
}

fn count_miss(tx: &mut Tx<'_>, bench: &Bench<'_, '_>, mut attempt: AttemptRow) -> Result<(), ServiceError> {
    if bench.config.planted.is(Bug::MissForgotten) {
        return Ok(());
    }
    attempt.tries_used += 1;
    tx.add_miss(&attempt.id, &bench.fact.install)?;
    // Made before the phone knew of the newest code: it takes nothing from the budget that came with it.
    if bench.fact.stop_rev.is_some_and(|rev| rev < attempt.budget_rev) {
        attempt.budget += 1;
    }
    tx.put_attempt(&attempt)?;
    put_shipment(tx, &attempt)
}

/// The table of the judge: right or wrong, in time or not, live or not.
fn judge_entry(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    entered: &Entered<'_>,
) -> Result<Ruling, ServiceError> {
    const OF_ANOTHER: Ruling = (Verdict::UnderReview, "code-of-another-attempt");
    let claimed = match entered.code {
        Some(id) => match tx.code(id)? {
            Some(code) if entered.attempts.contains(&code.verifier.attempt) => Some(code),
            Some(_) => return Ok(OF_ANOTHER),
            None => return Ok((Verdict::UnderReview, "unknown-code")),
        },
        None => None,
    };
    let mut attempts = Vec::new();
    for id in entered.attempts {
        let Some(attempt) = own_attempt(tx, bench, id)? else { return Ok(OF_ANOTHER) };
        attempts.push(attempt);
    }
    let mut codes = Vec::new();
    for attempt in &attempts {
        codes.extend(tx.codes_of(&attempt.id)?);
    }
    if codes.is_empty() {
        return Ok((Verdict::UnderReview, "unknown-code"));
    }
    let opened = bench.opened.take().unwrap_or_else(|| {
        let fact = bench.fact;
        let context = EvidenceContext { fact: &fact.id, install: &fact.install, attempts: entered.attempts };
        evidence::open(entered.sealed, &bench.keys.evidence, &context)
    });
    let Ok(entry) = opened else {
        return Ok((Verdict::UnderReview, "evidence-unreadable"));
    };
    // Digits that no phone can check are counted here: nobody may try all of them.
    let blind = matches!(entry, Entry::Digits(_)) && codes.iter().all(|code| code.verifier.k == 0);
    if blind && attempts.iter().any(|attempt| attempt.tries_used >= attempt.budget) {
        return Ok((Verdict::Refuted, "tries-used"));
    }
    let mut right = Vec::new();
    for code in &codes {
        if is_right(bench, code, &entry)? {
            right.push(code);
        }
    }
    // Any live code of the attempts opens them, whichever the phone took it for.
    if let Some(code) = right.iter().find(|code| code.is_live()).or(right.first()) {
        return rule_on_right(tx, bench, code);
    }
    if is_right_next_door(tx, bench, &attempts, &entry)? {
        return Ok(OF_ANOTHER);
    }
    if blind {
        if entered.matched {
            tx.open_review("tamper", Some(&bench.fact.id), entered.attempts.first(), bench.now)?;
        }
        for attempt in attempts {
            count_miss(tx, bench, attempt)?;
        }
        return Ok((Verdict::Refuted, "wrong-entry"));
    }
    let suspects = match &claimed {
        Some(code) => std::slice::from_ref(code),
        None => codes.as_slice(),
    };
    if let Some(code) = suspects.iter().find(|code| fits_tag(code, &entry)) {
        return decoy(tx, bench, code);
    }
    tx.open_review("tamper", Some(&bench.fact.id), entered.attempts.first(), bench.now)?;
    Ok((Verdict::Refuted, "impossible-entry"))
}

fn rule_on_right(tx: &mut Tx<'_>, bench: &mut Bench<'_, '_>, code: &CodeRow) -> Result<Ruling, ServiceError> {
    let why = match code.state {
        _ if !in_window(bench, code) => "outside-its-day",
        CodeStanding::Live | CodeStanding::Proven => {
            tx.set_code_state(&code.verifier.code_id, CodeStanding::Proven)?;
            bench.proved = Some(code.verifier.code_id.clone());
            return Ok((Verdict::Confirmed, "right-code"));
        }
        CodeStanding::Used => "used-code",
        CodeStanding::Frozen => "frozen-code",
        CodeStanding::Superseded | CodeStanding::Lapsed => STALE_CODE,
    };
    bench.flags.push(why.into());
    Ok((Verdict::UnderReview, why))
}

fn is_right(bench: &Bench<'_, '_>, code: &CodeRow, entry: &Entry) -> Result<bool, ServiceError> {
    let (digits, token) = open_code(bench.seal, code)?;
    Ok(match entry {
        Entry::Digits(entered) => *entered == digits,
        Entry::Token(entered) => *entered == token,
    })
}

/// Whether the entry is the live code of another shipment at the same stop. Of two tags that an entry fits, one time in
/// 1,024, the phone takes the first: that must not make an honest courier a suspect.
fn is_right_next_door(
    tx: &Tx<'_>,
    bench: &Bench<'_, '_>,
    named: &[AttemptRow],
    entry: &Entry,
) -> Result<bool, ServiceError> {
    for stop in named.iter().filter_map(|attempt| attempt.stop.as_ref()) {
        for attempt in tx.attempts_at(stop)? {
            if attempt.state != AttemptState::Open || named.iter().any(|it| it.id == attempt.id) {
                continue;
            }
            for code in tx.codes_of(&attempt.id)? {
                if code.is_live() && is_right(bench, &code, entry)? {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

fn fits_tag(code: &CodeRow, entry: &Entry) -> bool {
    match entry {
        Entry::Digits(digits) => tag_of(digits, &code.verifier) == Ok(code.verifier.tag),
        Entry::Token(_) => false,
    }
}

/// A wrong entry that fits the tag is a decoy, or a very rare typo: the attempt's codes are frozen, the customer is told,
/// and the second at another attempt within a month suspends the courier.
fn decoy(tx: &mut Tx<'_>, bench: &mut Bench<'_, '_>, code: &CodeRow) -> Result<Ruling, ServiceError> {
    if planted::is(Weakness::DecoyForgiven) {
        return Ok((Verdict::Refuted, "wrong-code"));
    }
    let attempt = attempt_of(tx, &code.verifier.attempt)?;
    let (fact, courier) = (&bench.fact.id, &bench.from.courier);
    tx.open_review("decoy", Some(fact), Some(&attempt.id), bench.now)?;
    // A code that is dead already is not frozen: nothing is left to protect, and the customer needs no alarm.
    if code.is_live() {
        for live in tx.codes_of(&attempt.id)?.iter().filter(|code| code.is_live()) {
            end_code(tx, &attempt, &live.verifier.code_id, CodeStanding::Frozen, "frozen")?;
        }
        let shipment = shipment_of(tx, &attempt.shipment)?;
        let (mail, about) = (Mail::CodeFrozen { disputed: false }, code.verifier.code_id.as_str());
        mail::queue(tx, &shipment, &mail, about, bench.now, bench.seal)?;
    }
    let month_ago = bench.now.plus_ms(-MONTH_MS);
    if tx.other_decoys_of(courier, &attempt.id, month_ago)? >= 1 && !tx.is_suspended(courier)? {
        tx.open_review("two-decoys", Some(fact), Some(&attempt.id), bench.now)?;
        tx.suspend(courier, bench.now)?;
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
    let Some(judged) = tx.verdict(id)? else { return Ok((Verdict::UnderReview, NO_CODE)) };
    let code = match &judged.code {
        Some(code) => tx.code(code)?,
        None => None,
    };
    // A failure is confirmed too, as what it is: only an entry proves a code, and only that of its own attempt.
    let is_entry = tx.subject_of(id)?.is_some_and(|(kind, fallback)| {
        let about = code.as_ref().map(|code| &code.verifier.attempt).or(fallback.as_ref());
        kind == "code_tried" && about == Some(attempt)
    });
    Ok(match (judged.verdict, code.map(|code| code.state)) {
        _ if !is_entry => (Verdict::UnderReview, NO_CODE),
        // Since the entry somebody else came to know the code, or another took its place.
        (Verdict::Confirmed, Some(CodeStanding::Frozen)) => (Verdict::UnderReview, "frozen-code"),
        (Verdict::Confirmed, Some(CodeStanding::Superseded)) => (Verdict::UnderReview, STALE_CODE),
        (Verdict::Confirmed, _) => (Verdict::Confirmed, "right-code"),
        (Verdict::Refuted, _) => (Verdict::Refuted, "wrong-code"),
        (Verdict::UnderReview, _) => (Verdict::UnderReview, "code-under-review"),
    })
}
