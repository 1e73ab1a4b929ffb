//! What follows from what happened to parcels. Outcomes are per parcel; an attempt is settled when each of its parcels
//! has one.

use courier_domain::code::TRY_BUDGET;
use courier_domain::{
    AttemptId, Done, DoneParcel, FactBody, FactId, NextStep, ParcelId, Policy, Reason, Receiver, Verdict,
};
use courier_protocol::{Object, ObjectKind};

use crate::days::{local_day, next_delivery_day};
use crate::error::ServiceError;
use crate::import::new_id;
use crate::issue::{end_code, mail_code};
use crate::judge::{AFTER_REMOVAL, Bench, NO_CODE, Ruling, STALE_CODE, decide, own_attempt, rule_on_code};
use crate::mail::{self, Mail};
use crate::planted::Bug;
use crate::publish::{attempt_of, shipment_of, time_zone};
use crate::storage::{AttemptRow, AttemptState, CodeStanding, OutcomeRow, ShipmentRow, Tx};

/// Why of a verdict that a person gave.
const DECIDED: &str = "decided";
/// Why of a withdrawal without an outcome that has an effect.
pub(crate) const NOTHING_TO_WITHDRAW: &str = "nothing-to-withdraw";

/// Parcels were handed over.
pub(crate) fn handed_over(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    attempt: &AttemptId,
    parcels: &[ParcelId],
    receiver: Receiver,
    code_try: Option<&FactId>,
) -> Result<Ruling, ServiceError> {
    let (row, shipment) = match grounds(tx, bench, attempt, parcels)? {
        Ok(grounds) => grounds,
        Err(ruling) => return Ok(ruling),
    };
    flag_if_changed(tx, bench, &shipment)?;
    let ruling = if shipment.cancelled.is_some() {
        bench.flag("cancelled");
        (Verdict::UnderReview, "cancelled")
    } else if row.state == AttemptState::Superseded {
        bench.flag(AFTER_REMOVAL);
        (Verdict::UnderReview, AFTER_REMOVAL)
    } else if shipment.code_required {
        rule_on_code(tx, attempt, receiver, code_try)?
    } else {
        (Verdict::Confirmed, "handed-over")
    };
    if ruling.1 == STALE_CODE {
        bench.flag(STALE_CODE);
    }
    let ruling = match &bench.removed {
        _ if ruling.0 == Verdict::Refuted => return Ok(ruling),
        Some(removed) if ruling.0 == Verdict::Confirmed => (Verdict::UnderReview, removed.word),
        _ => ruling,
    };
    let outcome = OutcomeRow { fact: bench.fact.id.clone(), attempt: attempt.clone(), failed: None };
    for parcel in open_of(tx, &row, parcels)? {
        tx.set_outcome(&parcel, Some(&outcome))?;
    }
    let state = settle(tx, bench, row, ruling.0)?;
    if ruling.0 == Verdict::Confirmed {
        tell(tx, bench, &shipment, receiver, state)?;
    }
    Ok(ruling)
}

/// The customer is told who has it, or, once and only of all of it, that it was delivered.
fn tell(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    shipment: &ShipmentRow,
    receiver: Receiver,
    state: AttemptState,
) -> Result<(), ServiceError> {
    let mail = match (receiver, &bench.private.name) {
        (Receiver::NamedNeighbour | Receiver::OtherNeighbour, Some(name)) => {
            Mail::AtNeighbour { name: name.clone(), flat: bench.private.flat.clone() }
        }
        _ if state == AttemptState::Delivered => Mail::Delivered {},
        _ => return Ok(()),
    };
    mail::queue(tx, shipment, &mail, bench.fact.id.as_str(), bench.now, bench.seal)
}

/// Rules again on the handover at hand, whose entry at the door came after it. Only one that missed its entry is ruled
/// on again: the entry itself is judged once.
pub(crate) fn reconsider(tx: &mut Tx<'_>, bench: &mut Bench<'_, '_>) -> Result<(), ServiceError> {
    let FactBody::HandedOver { attempt, receiver, code_try, .. } = &bench.fact.body else { return Ok(()) };
    let (receiver, fact) = (*receiver, &bench.fact.id);
    if !tx
        .verdict(fact)?
        .is_some_and(|judged| judged.verdict == Verdict::UnderReview && judged.why == NO_CODE)
    {
        return Ok(());
    }
    let ruling = rule_on_code(tx, attempt, receiver, code_try.as_ref())?;
    if ruling.1 == NO_CODE {
        return Ok(());
    }
    rule(tx, bench, ruling).map(|_| ())
}

/// A person decides about the handover at hand; says whether it counted until then. What does not count any more, or never
/// did, is not ruled on.
pub(crate) fn overrule(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    verdict: Verdict,
) -> Result<bool, ServiceError> {
    let FactBody::HandedOver { attempt, .. } = &bench.fact.body else { return Ok(false) };
    let Some(row) = own_attempt(tx, bench, attempt)? else { return Ok(false) };
    if handed_by(tx, &row, &bench.fact.id)?.is_empty() {
        return Ok(false);
    }
    rule(tx, bench, (verdict, DECIDED))
}

/// The parcels that a fact handed over, as far as that counts.
pub(crate) fn handed_by(
    tx: &Tx<'_>,
    attempt: &AttemptRow,
    fact: &FactId,
) -> Result<Vec<ParcelId>, ServiceError> {
    let all = tx.parcels(&attempt.shipment)?.into_iter();
    let own =
        all.filter(|it| it.is_handed() && it.outcome.as_ref().is_some_and(|outcome| outcome.fact == *fact));
    Ok(own.map(|parcel| parcel.id).collect())
}

/// Appends another ruling on the handover at hand, and does what follows from it; says whether the handover counted.
fn rule(tx: &mut Tx<'_>, bench: &mut Bench<'_, '_>, ruling: Ruling) -> Result<bool, ServiceError> {
    let FactBody::HandedOver { attempt, receiver, .. } = &bench.fact.body else { return Ok(false) };
    let (receiver, fact) = (*receiver, bench.fact.id.clone());
    decide(tx, bench, Some(attempt), ruling)?;
    let row = attempt_of(tx, attempt)?;
    let shipment = shipment_of(tx, &row.shipment)?;
    let own = handed_by(tx, &row, &fact)?;
    if own.is_empty() {
        return Ok(false); // It was withdrawn.
    }
    if ruling.0 == Verdict::Refuted {
        for parcel in &own {
            tx.set_outcome(parcel, None)?;
        }
    }
    let state = settle(tx, bench, row, ruling.0)?;
    if ruling.0 == Verdict::Confirmed {
        tell(tx, bench, &shipment, receiver, state)?;
    }
    Ok(true)
}

/// Parcels were not delivered. What follows from it follows once the attempt is settled.
pub(crate) fn not_delivered(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    attempt: &AttemptId,
    parcels: &[ParcelId],
    reason: Reason,
) -> Result<Ruling, ServiceError> {
    let (row, shipment) = match grounds(tx, bench, attempt, parcels)? {
        Ok(grounds) => grounds,
        Err(ruling) => return Ok(ruling),
    };
    flag_if_changed(tx, bench, &shipment)?;
    if row.state == AttemptState::Superseded {
        bench.flag(AFTER_REMOVAL);
        return Ok((Verdict::UnderReview, AFTER_REMOVAL));
    }
    // Somebody else has it now, and nothing follows from what happened here: the other courier drives on.
    if bench.removed.is_some() {
        return Ok((Verdict::Confirmed, "recorded"));
    }
    // The parcels are already on their way to the next attempt.
    if later(tx, &row)?.is_empty() {
        let outcome =
            OutcomeRow { fact: bench.fact.id.clone(), attempt: attempt.clone(), failed: Some(reason) };
        for parcel in open_of(tx, &row, parcels)? {
            tx.set_outcome(&parcel, Some(&outcome))?;
        }
        settle(tx, bench, AttemptRow { reason: Some(reason), ..row }, Verdict::Confirmed)?;
    }
    Ok((Verdict::Confirmed, "recorded"))
}

/// An outcome was a mistake: its parcels are with the courier again. A proven code stays proven. What has no effect
/// any more cannot be withdrawn: a failure whose next route is out, or a handover that did not count.
pub(crate) fn withdrawn(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    fact: &FactId,
) -> Result<(), ServiceError> {
    const NOTHING: Ruling = (Verdict::UnderReview, NOTHING_TO_WITHDRAW);
    let stored = tx.fact_by_id(fact)?.filter(|row| row.install == bench.fact.install);
    let attempt = match stored.and_then(|row| row.attempt) {
        Some(attempt) => own_attempt(tx, bench, &attempt)?,
        None => None,
    };
    let Some(attempt) = attempt else { return decide(tx, bench, None, NOTHING) };
    let mut parcels = tx.parcels(&attempt.shipment)?;
    parcels.retain(|parcel| parcel.outcome.as_ref().is_some_and(|outcome| outcome.fact == *fact));
    if parcels.is_empty() {
        return decide(tx, bench, Some(&attempt.id), NOTHING);
    }
    for parcel in &parcels {
        tx.set_outcome(&parcel.id, None)?;
    }
    let was = attempt.state;
    let id = attempt.id.clone();
    if settle(tx, bench, attempt, Verdict::Confirmed)?.is_awaited() && !was.is_awaited() {
        reopen(tx, bench, &id, was)?;
    }
    decide(tx, bench, Some(&id), (Verdict::Confirmed, "withdrawn"))
}

type Grounds = Result<(AttemptRow, ShipmentRow), Ruling>;

/// The attempt and the shipment that an outcome is about, if it can be about them.
fn grounds(
    tx: &Tx<'_>,
    bench: &mut Bench<'_, '_>,
    attempt: &AttemptId,
    parcels: &[ParcelId],
) -> Result<Grounds, ServiceError> {
    let Some(row) = own_attempt(tx, bench, attempt)? else {
        return Ok(Err((Verdict::UnderReview, "not-on-route")));
    };
    let known = tx.parcels(&row.shipment)?;
    if parcels.is_empty() || !parcels.iter().all(|id| known.iter().any(|parcel| parcel.id == *id)) {
        return Ok(Err((Verdict::UnderReview, "unknown-parcel")));
    }
    // Of two handovers of a parcel the first that was stored is effective.
    let mut named = known.iter().filter(|parcel| parcels.contains(&parcel.id));
    if named.clone().any(crate::storage::ParcelRow::is_handed) {
        bench.flag("already-delivered");
        if named.all(crate::storage::ParcelRow::is_handed) {
            return Ok(Err((Verdict::UnderReview, "already-delivered")));
        }
    }
    let shipment = shipment_of(tx, &row.shipment)?;
    Ok(Ok((row, shipment)))
}

/// Those of the named parcels that nobody has.
fn open_of(tx: &Tx<'_>, attempt: &AttemptRow, named: &[ParcelId]) -> Result<Vec<ParcelId>, ServiceError> {
    let known = tx.parcels(&attempt.shipment)?.into_iter();
    Ok(known.filter(|it| named.contains(&it.id) && !it.is_handed()).map(|it| it.id).collect())
}

/// Something was changed that the courier had not seen when it happened.
fn flag_if_changed(
    tx: &Tx<'_>,
    bench: &mut Bench<'_, '_>,
    shipment: &ShipmentRow,
) -> Result<(), ServiceError> {
    let Some(known) = bench.fact.stop_rev else { return Ok(()) };
    if tx.instructions(&shipment.id)?.iter().any(|given| given.rev > known) {
        bench.flag("changed-after");
    }
    Ok(())
}

/// Tells every phone on the attempt's route which of its parcels somebody has: whoever did not hand them over learns
/// that it was done elsewhere.
pub(crate) fn tell_done(tx: &mut Tx<'_>, attempt: &AttemptRow) -> Result<(), ServiceError> {
    let Some(route) = &attempt.route else { return Ok(()) };
    let all = tx.parcels(&attempt.shipment)?.into_iter().filter(|it| it.is_handed() && it.is_of(&attempt.id));
    let parcels: Vec<_> =
        all.filter_map(|it| Some(DoneParcel { parcel: it.id, fact: it.outcome?.fact })).collect();
    if parcels.is_empty() {
        return tx.take_object(route, ObjectKind::Done, attempt.id.as_str(), "withdrawn");
    }
    tx.put_object(route, &Object::Done(Done { attempt: attempt.id.clone(), parcels }))
}

/// Where the attempt stands by the outcomes of its parcels, and what follows when that changes. `current` is the
/// ruling on the fact at hand, which is not stored yet.
fn settle(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    mut attempt: AttemptRow,
    current: Verdict,
) -> Result<AttemptState, ServiceError> {
    let all = tx.parcels(&attempt.shipment)?;
    let mut certain = true;
    for outcome in all.iter().filter(|parcel| parcel.is_handed()).filter_map(|parcel| parcel.outcome.as_ref())
    {
        let verdict = if outcome.fact == bench.fact.id {
            Some(current)
        } else {
            tx.verdict(&outcome.fact)?.map(|judged| judged.verdict)
        };
        certain &= verdict == Some(Verdict::Confirmed);
    }
    let own: Vec<_> = all.iter().filter(|parcel| parcel.is_of(&attempt.id)).collect();
    attempt.state = if own.iter().any(|parcel| parcel.outcome.is_none()) {
        // What was taken off its route waits for the next one: nobody drives it now.
        if attempt.route.is_some() { AttemptState::Open } else { AttemptState::Planned }
    } else if own.iter().any(|parcel| !parcel.is_handed()) {
        AttemptState::Failed
    } else if certain {
        AttemptState::Delivered
    } else {
        AttemptState::Handed
    };
    if attempt.state != AttemptState::Failed {
        attempt.reason = None;
    }
    tx.put_attempt(&attempt)?;
    if !bench.config.planted.is(Bug::DoneNotTold) {
        tell_done(tx, &attempt)?;
    }
    match attempt.state {
        AttemptState::Failed => {
            let coded = shipment_of(tx, &attempt.shipment)?.code_required;
            let policy = bench.config.policy.rules();
            let mut reasons = own.iter().filter_map(|parcel| parcel.outcome.as_ref()?.failed);
            let again = reasons.any(|reason| is_tried_again(policy, reason, attempt.no, coded));
            fail(tx, bench, &attempt, again)?;
        }
        AttemptState::Delivered | AttemptState::Handed => {
            use_codes(tx, &attempt)?;
            supersede_later(tx, bench, &attempt)?;
        }
        AttemptState::Open | AttemptState::Planned | AttemptState::Superseded => {}
    }
    Ok(attempt.state)
}

/// Whether a parcel that failed so in the attempt `no` comes again by itself.
pub(crate) fn is_tried_again(policy: &Policy, reason: Reason, no: u32, coded: bool) -> bool {
    policy.next_step(reason, no, coded) == NextStep::NextDeliveryDay
}

/// The codes die, the next attempt is planned, the customer is told. A reason of the code leads to the next delivery
/// day unconditionally, however often.
fn fail(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    attempt: &AttemptRow,
    again: bool,
) -> Result<(), ServiceError> {
    kill_codes(tx, attempt, "attempt-failed")?;
    let shipment = shipment_of(tx, &attempt.shipment)?;
    if shipment.cancelled.is_some() {
        return Ok(());
    }
    let mut next = None;
    if again && later(tx, attempt)?.is_empty() {
        let day = day_after(tx, bench, attempt, &shipment)?;
        let last = tx.attempts(&attempt.shipment)?.iter().map(|it| it.no).max().unwrap_or(attempt.no);
        tx.put_attempt(&AttemptRow {
            id: new_id(bench.seal.rng)?,
            shipment: attempt.shipment.clone(),
            no: last + 1,
            day,
            route: None,
            stop: None,
            state: AttemptState::Planned,
            reason: None,
            tries_used: 0,
            budget: TRY_BUDGET,
            budget_rev: 0,
            courier: None,
        })?;
        next = Some(day);
    }
    let mail = Mail::AttemptFailed { next };
    mail::queue(tx, &shipment, &mail, bench.fact.id.as_str(), bench.now, bench.seal)
}

/// The next delivery day after an attempt. A fact may come days later: the day must not have passed, and today is
/// none any more when today's routes are out.
fn day_after(
    tx: &Tx<'_>,
    bench: &Bench<'_, '_>,
    attempt: &AttemptRow,
    shipment: &ShipmentRow,
) -> Result<chrono::NaiveDate, ServiceError> {
    let today = local_day(bench.now, time_zone(&shipment.tz)?);
    let yesterday = today.pred_opt().unwrap_or(today);
    let next = next_delivery_day(attempt.day.max(yesterday), &bench.config.days);
    if next == today && tx.is_published(today)? {
        return Ok(next_delivery_day(today, &bench.config.days));
    }
    Ok(next)
}

/// Later attempts that still count.
fn later(tx: &Tx<'_>, attempt: &AttemptRow) -> Result<Vec<AttemptRow>, ServiceError> {
    let mut rows = tx.attempts(&attempt.shipment)?;
    rows.retain(|row| row.no > attempt.no && row.state != AttemptState::Superseded);
    Ok(rows)
}

/// The attempt is open again: what its end had brought about is taken back.
fn reopen(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    attempt: &AttemptId,
    was: AttemptState,
) -> Result<(), ServiceError> {
    let attempt = attempt_of(tx, attempt)?;
    supersede_later(tx, bench, &attempt)?;
    let shipment = shipment_of(tx, &attempt.shipment)?;
    if let Some(why) = &shipment.cancelled {
        // While it was concluded, the office had nothing to take off the route.
        if let Some(route) = &attempt.route {
            tx.take_object(route, ObjectKind::Shipment, shipment.id.as_str(), why)?;
        }
        return Ok(());
    }
    for code in tx.codes_of(&attempt.id)? {
        let id = &code.verifier.code_id;
        match code.state {
            CodeStanding::Used => tx.set_code_state(id, CodeStanding::Proven)?,
            CodeStanding::Lapsed => {
                tx.set_code_state(id, CodeStanding::Live)?;
                if let Some(route) = &attempt.route {
                    tx.put_object(route, &Object::Verifier(code.verifier.clone()))?;
                }
                // Its mail may have been dropped before it was due.
                mail_code(tx, &attempt, &shipment, &code, &mut bench.mint())?;
            }
            CodeStanding::Live | CodeStanding::Proven | CodeStanding::Frozen | CodeStanding::Superseded => {}
        }
    }
    // Who was told that it failed is told that it did not.
    if was == AttemptState::Failed {
        mail::queue(tx, &shipment, &Mail::StillComing {}, bench.fact.id.as_str(), bench.now, bench.seal)?;
    }
    Ok(())
}

fn supersede_later(
    tx: &mut Tx<'_>,
    bench: &mut Bench<'_, '_>,
    attempt: &AttemptRow,
) -> Result<(), ServiceError> {
    for mut later in later(tx, attempt)? {
        if later.state.is_awaited() {
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

/// The code that was entered is used up, and the others of the attempt with it.
fn use_codes(tx: &mut Tx<'_>, attempt: &AttemptRow) -> Result<(), ServiceError> {
    let codes = tx.codes_of(&attempt.id)?;
    let proven = codes.iter().any(|code| code.state == CodeStanding::Proven);
    for code in codes {
        let id = &code.verifier.code_id;
        match code.state {
            CodeStanding::Proven => tx.set_code_state(id, CodeStanding::Used)?,
            CodeStanding::Live if proven => end_code(tx, attempt, id, CodeStanding::Lapsed, "used")?,
            _ => {}
        }
    }
    Ok(())
}

/// The codes of an attempt are dead from now on, also for the mail that would bring them.
pub(crate) fn kill_codes(tx: &mut Tx<'_>, attempt: &AttemptRow, why: &str) -> Result<(), ServiceError> {
    for code in tx.codes_of(&attempt.id)? {
        if code.is_live() {
            end_code(tx, attempt, &code.verifier.code_id, CodeStanding::Lapsed, why)?;
        }
    }
    Ok(())
}
