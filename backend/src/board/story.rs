//! One shipment from its import to its end, as it was recorded: by phones, the judge, the office and the customer.

use courier_domain::{AttemptId, FactBody, Instruction, PrivatePart, UnixMs, Verdict};

use crate::error::ServiceError;
use crate::facts::payload_of;
use crate::received::{Received, private_part, received};
use crate::seal::Sealer;
use crate::service::Service;
use crate::storage::{AttemptRow, FactRow, MailStanding, ParcelRow, ShipmentRow, Tx};
use crate::tracking::{self, State};

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A phone recorded something.
    Fact {
        /// As it came.
        row: Box<FactRow>,
        /// What it says, if it can be read.
        body: Option<FactBody>,
        /// What is personal about it, unless it was purged.
        private: PrivatePart,
        /// Whose phone it is.
        courier: String,
    },
    /// The judge or a person ruled on a fact.
    Verdict {
        /// What.
        verdict: Verdict,
        /// Why, a stable word.
        why: String,
    },
    /// Somebody was asked to look at something.
    Review {
        /// Its number.
        n: u64,
        /// Why, a stable word.
        cause: String,
    },
    /// Somebody decided.
    Decided {
        /// Which review.
        n: u64,
        /// What, a stable word.
        decision: String,
        /// What they wrote.
        note: Option<String>,
    },
    /// The customer objected.
    Dispute {
        /// To what, a stable word.
        kind: String,
        /// In their words.
        text: Option<String>,
    },
    /// A mail was sent, waits, or was given up.
    Mail(MailStanding),
    /// The office did something.
    Office(String),
}

/// A shipment and its story.
#[derive(Debug, Clone)]
pub struct Story {
    /// The shipment.
    pub row: ShipmentRow,
    /// Where it stands.
    pub state: State,
    /// Its parcels, and who has them.
    pub parcels: Vec<(ParcelRow, Option<Received>)>,
    /// Its attempts, and who drives each.
    pub attempts: Vec<(AttemptRow, Option<String>)>,
    /// What is to be heeded at the door.
    pub instructions: Vec<Instruction>,
    /// What happened, in the order in which the backend came to know it.
    pub events: Vec<(UnixMs, Event)>,
}

impl Service {
    /// A shipment and its story.
    pub fn story(&self, shipment: &ShipmentRow) -> Result<Story, ServiceError> {
        self.transact(|tx, seal, _| {
            let rows = tx.parcels(&shipment.id)?.into_iter();
            let parcels = rows.map(|row| received(tx, &row, seal).map(|received| (row, received)));
            let parcels = parcels.collect::<Result<_, _>>()?;
            let (mut attempts, mut events) = (Vec::new(), Vec::new());
            for attempt in tx.attempts(&shipment.id)? {
                of_attempt(tx, &attempt.id, seal, &mut events)?;
                let courier = match &attempt.route {
                    Some(route) => tx.courier_of(route)?,
                    None => attempt.courier.clone(),
                };
                let courier = courier.map(|id| tx.courier_name(&id)).transpose()?.flatten();
                attempts.push((attempt, courier));
            }
            for (kind, at, id) in tx.disputes_of(&shipment.id)? {
                let text = tracking::objection(tx, &id, seal)?;
                events.push((at, Event::Dispute { kind, text }));
            }
            let done = tx.audit_about(shipment.id.as_str())?;
            events.extend(done.into_iter().map(|(at, what)| (at, Event::Office(what))));
            events.sort_by_key(|(at, _)| *at);
            Ok(Story {
                state: tracking::state_of(tx, shipment)?,
                instructions: tx.instructions(&shipment.id)?,
                row: shipment.clone(),
                parcels,
                attempts,
                events,
            })
        })
    }
}

fn of_attempt(
    tx: &Tx<'_>,
    attempt: &AttemptId,
    seal: &Sealer<'_>,
    events: &mut Vec<(UnixMs, Event)>,
) -> Result<(), ServiceError> {
    let done = tx.audit_about(attempt.as_str())?;
    events.extend(done.into_iter().map(|(at, what)| (at, Event::Office(what))));
    let mut mailed = Vec::new();
    for code in tx.codes_of(attempt)? {
        mailed.extend(tx.mails_about(code.verifier.code_id.as_str())?);
    }
    for row in tx.facts_about(attempt)? {
        let (private, received_at) = (private_part(tx, &row.hash, seal)?, row.received_at);
        let courier = match tx.installation(&row.install)? {
            Some(phone) => tx.courier_name(&phone.courier)?,
            None => None,
        };
        let (id, body) = (row.id.clone(), payload_of(&row).map(|payload| payload.body));
        let courier = courier.unwrap_or_default();
        events.push((received_at, Event::Fact { row: Box::new(row), body, private, courier }));
        if let Some(id) = id {
            let verdicts = tx.verdicts(&id)?.into_iter();
            events.extend(verdicts.map(|it| (it.at, Event::Verdict { verdict: it.verdict, why: it.why })));
            mailed.extend(tx.mails_about(id.as_str())?);
        }
    }
    events.extend(
        mailed.into_iter().map(|mail| (mail.sent.or(mail.given_up).unwrap_or(mail.due), Event::Mail(mail))),
    );
    for review in tx.reviews_about(attempt)? {
        let n = review.n;
        events.push((review.row.opened, Event::Review { n, cause: review.row.cause }));
        if let Some((at, decision)) = review.decided {
            let sealed = tx.review_note(n)?;
            let plain = sealed.map(|sealed| seal.open("review", &n.to_string(), &sealed)).transpose()?;
            let note = plain.map(|plain| String::from_utf8_lossy(&plain).into_owned());
            events.push((at, Event::Decided { n, decision, note }));
        }
    }
    Ok(())
}
