//! Which verdicts tell a sender something, and what.

use chrono::NaiveDate;
use courier_domain::{FactBody, FactPayload, ParcelId, Verdict};
use courier_protocol::ProblemKind;

use super::codes::Outcome;
use super::{Effect, Event, EventParcel, instant};
use crate::error::ServiceError;
use crate::facts::payload_of;
use crate::service::Service;
use crate::storage::{FactRow, NumberedVerdict, Tx};

/// Most events of a page.
pub const MAX_EVENTS: usize = 500;
/// Verdicts that are looked at for a page: a sender with few shipments does not hold up everybody else.
const LOOKED_AT: usize = 2_000;

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whose shipments; absent = everybody's.
    pub sender: Option<String>,
    /// What came after this cursor or event; absent = from the beginning.
    pub after: Option<String>,
    /// Attempts of this delivery day or a later one.
    pub from: Option<NaiveDate>,
    /// Attempts of this delivery day or an earlier one.
    pub until: Option<NaiveDate>,
    /// Most events, from 1 on; absent = [`MAX_EVENTS`].
    pub limit: Option<usize>,
}

/// A part of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Oldest first.
    pub events: Vec<Event>,
    /// Asks for what comes after them.
    pub cursor: String,
    /// There is more already.
    pub more: bool,
}

impl Service {
    /// What happened to shipments, in the order in which it was judged.
    pub fn events(&self, wanted: &Wanted) -> Result<Page, ServiceError> {
        self.look(|tx, _| page(tx, wanted))
    }
}

fn page(tx: &Tx<'_>, wanted: &Wanted) -> Result<Page, ServiceError> {
    let feed = Feed { tx, epoch: tx.epoch()? };
    let limit = wanted.limit.unwrap_or(MAX_EVENTS).clamp(1, MAX_EVENTS);
    let mut last = match &wanted.after {
        None => 0,
        Some(cursor) => feed.read_cursor(cursor)?,
    };
    let verdicts = tx.verdicts_after(last, LOOKED_AT)?;
    let mut events = Vec::new();
    for verdict in verdicts {
        if events.len() == limit {
            break;
        }
        last = verdict.n;
        events.extend(feed.event(verdict, wanted)?);
    }
    Ok(Page { events, cursor: feed.cursor(last), more: last < tx.last_verdict()? })
}

/// An outcome that was judged.
struct Judged {
    row: FactRow,
    fact: FactPayload,
}

struct Feed<'a, 'b> {
    tx: &'a Tx<'b>,
    epoch: String,
}

impl Feed<'_, '_> {
    /// It is of this backend, and of no time that a restored one has yet to come to.
    fn read_cursor(&self, text: &str) -> Result<u64, ServiceError> {
        let (epoch, n) = text.rsplit_once('~').unwrap_or_default();
        let n: u64 = n.parse().map_err(|_| {
            ServiceError::refused(ProblemKind::BadRequest, "after: no cursor and no event of this feed")
        })?;
        if epoch != self.epoch || n > self.tx.last_verdict()? {
            return Err(ServiceError::refused(ProblemKind::CursorGone, ""));
        }
        Ok(n)
    }

    fn cursor(&self, n: u64) -> String {
        format!("{}~{n}", self.epoch)
    }

    /// What a verdict tells, if it is about an outcome that is asked for.
    fn event(&self, verdict: NumberedVerdict, wanted: &Wanted) -> Result<Option<Event>, ServiceError> {
        let Some(said) = self.judged(&verdict)? else { return Ok(None) };
        let (taken, said) = match &said.fact.body {
            FactBody::Withdrawn { fact } => match self.tx.fact_by_id(fact)?.and_then(read) {
                Some(taken) if taken.row.install == said.row.install => (true, taken),
                _ => return Ok(None),
            },
            _ => (false, said),
        };
        let (attempt, parcels, outcome) = match &said.fact.body {
            FactBody::HandedOver { attempt, parcels, receiver, .. } => {
                (attempt, parcels, Outcome::Handed(*receiver))
            }
            FactBody::NotDelivered { attempt, parcels, reason } => {
                (attempt, parcels, Outcome::Failed(*reason))
            }
            _ => return Ok(None),
        };
        let Some(attempt) = self.tx.attempt(attempt)? else { return Ok(None) };
        let is_asked_for = wanted.from.is_none_or(|from| attempt.day >= from)
            && wanted.until.is_none_or(|until| attempt.day <= until);
        if !is_asked_for {
            return Ok(None);
        }
        let Some(shipment) = self.tx.shipment(&attempt.shipment)? else { return Ok(None) };
        if wanted.sender.as_ref().is_some_and(|sender| *sender != shipment.sender) {
            return Ok(None);
        }
        let (mut effect, takes_back) = self.effect(&said, &verdict, taken)?;
        let parcels = self.parcels(&said, &shipment.id, parcels)?;
        if parcels.is_empty() && effect == Effect::Counts {
            effect = Effect::None;
        }
        let at = said.fact.at.best();
        let known = instant(at.ms()).is_some();
        Ok(Some(Event {
            id: self.cursor(verdict.n),
            effect,
            takes_back: takes_back.map(|n| self.cursor(n)),
            receiver: match outcome {
                Outcome::Handed(receiver) => Some(receiver),
                Outcome::Failed(_) => None,
            },
            reason: match outcome {
                Outcome::Handed(_) => None,
                Outcome::Failed(reason) => Some(reason),
            },
            happened_ms: if known { at.ms() } else { said.row.received_at },
            time_is_certain: known && matches!(at, courier_domain::BestTime::Certain { .. }),
            judged_ms: verdict.at,
            tz: shipment.tz,
            sender: shipment.sender,
            reference: shipment.reference,
            order_ref: shipment.order_ref,
            shipment: shipment.id,
            attempt: attempt.id,
            no: attempt.no,
            day: attempt.day,
            parcels,
            fact: said.fact.id,
            verdict: verdict.verdict,
            why: verdict.why,
            codes: outcome.codes(),
            n: verdict.n,
            outcome,
        }))
    }

    /// The outcome, or what takes one back, that a verdict is about.
    fn judged(&self, verdict: &NumberedVerdict) -> Result<Option<Judged>, ServiceError> {
        let row = self.tx.fact_by_id(&verdict.fact)?;
        let kinds = ["handed_over", "not_delivered", "withdrawn"];
        Ok(row.filter(|row| row.kind.as_deref().is_some_and(|kind| kinds.contains(&kind))).and_then(read))
    }

    /// What a verdict changes of what was told of an outcome before, and which event told that.
    fn effect(
        &self,
        said: &Judged,
        verdict: &NumberedVerdict,
        taken: bool,
    ) -> Result<(Effect, Option<u64>), ServiceError> {
        let earlier = self.tx.verdicts(&said.fact.id)?;
        let earlier: Vec<_> = earlier.into_iter().filter(|it| it.n < verdict.n).collect();
        let told =
            earlier.iter().rev().take_while(|it| it.verdict == Verdict::Confirmed).last().map(|it| it.n);
        if taken {
            return Ok(match (verdict.verdict, told) {
                (Verdict::Confirmed, Some(told)) => (Effect::TakenBack, Some(told)),
                _ => (Effect::None, None),
            });
        }
        // Only what was judged before can have been taken back.
        if !earlier.is_empty() && self.is_withdrawn_before(said, verdict.n)? {
            return Ok((Effect::None, None));
        }
        Ok(match (verdict.verdict, told) {
            (Verdict::Confirmed, None) => (Effect::Counts, None),
            (Verdict::Confirmed, Some(_)) | (Verdict::Refuted, None) => (Effect::None, None),
            (Verdict::UnderReview, None) => (Effect::Waits, None),
            (Verdict::UnderReview | Verdict::Refuted, Some(told)) => (Effect::TakenBack, Some(told)),
        })
    }

    fn is_withdrawn_before(&self, said: &Judged, n: u64) -> Result<bool, ServiceError> {
        for row in self.tx.withdrawals_of(&said.fact.id, &said.row.install)? {
            let Some(id) = row.id else { continue };
            let verdicts = self.tx.verdicts(&id)?;
            if verdicts.iter().any(|it| it.n < n && it.verdict == Verdict::Confirmed) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The parcels that an outcome is about. Of two handovers of a parcel the first that was stored is the one that counts.
    fn parcels(
        &self,
        said: &Judged,
        shipment: &courier_domain::ShipmentId,
        named: &[ParcelId],
    ) -> Result<Vec<EventParcel>, ServiceError> {
        let twice = said.row.flags.iter().any(|flag| flag == "already-delivered");
        let all = self.tx.parcels(shipment)?.into_iter().filter(|parcel| named.contains(&parcel.id));
        let own = all.filter(|parcel| {
            let by = parcel.outcome.as_ref().filter(|_| parcel.is_handed()).map(|outcome| &outcome.fact);
            !twice || by.is_none_or(|by| *by == said.fact.id)
        });
        Ok(own.map(|parcel| EventParcel { id: parcel.id, barcode: parcel.barcode }).collect())
    }
}

fn read(row: FactRow) -> Option<Judged> {
    payload_of(&row).map(|fact| Judged { row, fact })
}
