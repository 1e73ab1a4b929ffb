//! One door of the demo: who is there, what they say, and what the courier taps.

use courier_backend::service::Service;
use courier_codes::{Entry, check};
use courier_domain::attempt::{AttemptState, Closing};
use courier_domain::receiver::PlaceKind;
use courier_domain::{
    AttemptId, CodeEntry, Command, CourierId, Reason, Receiver, ReceiverDetails, Standing, StopId, Verifier,
};
use courier_engine::CommandResult;
use courier_protocol::{Change, Object};
use serde::{Deserialize, Serialize};

use super::files::{Act, Day};
use super::phone::Phone;
use super::{Outcome, words};

/// A door, with what the customer knows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Door {
    /// The sender's reference.
    pub(super) reference: String,
    /// The name on the label.
    pub(super) recipient: String,
    /// What happens.
    pub(super) act: Act,
    /// The customer's code, from the tracking page.
    pub(super) digits: Option<String>,
    /// A typo that the phone can tell.
    typo: String,
}

impl Door {
    /// The doors of the day, in the order of the route.
    pub(super) fn all(day: &Day, service: &Service, courier: &CourierId) -> Outcome<Vec<Self>> {
        let changes = service.changes(courier, None).map_err(words)?.ok_or("no route was published")?;
        let verifiers: Vec<Verifier> = changes
            .ops
            .iter()
            .filter_map(|op| match op.read().ok()? {
                Change::Put(object) => match *object {
                    Object::Verifier(verifier) => Some(verifier),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        day.shipments
            .iter()
            .map(|shipment| {
                let (row, attempts) =
                    service.find_shipment(Some(&shipment.sender), &shipment.reference).map_err(words)?;
                let token = service.tracking_token(&row).map_err(words)?;
                let code = service.tracking(&token).map_err(words)?.code;
                let planned = day.plan.doors.iter().find(|planned| planned.reference == shipment.reference);
                let verifier = verifiers
                    .iter()
                    .find(|verifier| attempts.iter().any(|attempt| attempt.id == verifier.attempt));
                Ok(Self {
                    reference: shipment.reference.clone(),
                    recipient: shipment.recipient.name.clone(),
                    act: planned.map_or(Act::Recipient, |planned| planned.act.clone()),
                    digits: code.map(|code| code.digits),
                    typo: verifier.map(typo).transpose()?.unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Plays the door; says in a line what happened.
    pub(super) fn visit(&self, phone: &Phone) -> Outcome<String> {
        let (stop, door) = phone.door(&self.recipient)?;
        phone.go(Command::Arrive { stop: stop.id.clone() })?;
        for parcel in &door.parcels {
            phone.go(Command::Scan { stop: stop.id.clone(), barcode: parcel.barcode.clone() })?;
        }
        let said = self.act_at(phone, &stop.id, &door.attempt)?;
        let address = format!("{} {}", stop.address.street, stop.address.house);
        Ok(format!(
            "{:>3}  {:<34} {:<52} {said}",
            stop.no,
            shorten(&address, 34),
            shorten(&self.recipient, 52)
        ))
    }

    fn act_at(&self, phone: &Phone, stop: &StopId, attempt: &AttemptId) -> Outcome<String> {
        let enter = |digits: &str| {
            let entry = CodeEntry::Digits(digits.to_owned());
            phone.go(Command::EnterCode { stop: stop.clone(), entry })
        };
        let hand = |receiver: Receiver, name: Option<&str>| {
            let details = ReceiverDetails { name: name.map(Into::into), ..ReceiverDetails::default() };
            Command::HandOver { attempt: attempt.clone(), parcels: Vec::new(), receiver, details }
        };
        let fail = |reason: Reason| {
            let attempt = attempt.clone();
            Command::NotDelivered { attempt, parcels: Vec::new(), reason, note: None }
        };
        let mut said = String::new();
        if self.act == Act::WrongThenRight {
            match enter(&self.typo)? {
                CommandResult::CodeWrong { tries_left, .. } => {
                    said = format!("wrong code, {tries_left} tries left; ");
                }
                other => return Err(format!("{}: a typo became {other:?}", self.recipient)),
            }
        }
        if self.act == Act::SafePlaceRefused {
            match phone.ask(hand(Receiver::Place(PlaceKind::Safe), None)) {
                Err(refused) => said = format!("safe place: {refused}; "),
                Ok(_) => return Err(format!("{}: a coded parcel went to a safe place", self.recipient)),
            }
        }
        if let Act::NotDelivered { reason } = self.act {
            phone.go(fail(reason))?;
            return Ok(format!("{said}not delivered: {reason:?}"));
        }
        if let Some(digits) = &self.digits {
            match enter(digits)? {
                CommandResult::CodeMatched { .. } => said += "code accepted, ",
                other => return Err(format!("{}: the right code became {other:?}", self.recipient)),
            }
        }
        if self.act == Act::MisTap {
            match phone.go(fail(Reason::NotHome))? {
                CommandResult::Done { fact: Some(fact) } => phone.go(Command::Withdraw { fact })?,
                other => return Err(format!("{}: a mis-tap became {other:?}", self.recipient)),
            };
            said += "mis-tap taken back, ";
        }
        let (receiver, name, to) = match &self.act {
            Act::Household { name } => (Receiver::Household, Some(name.as_str()), "the household"),
            Act::NamedNeighbour => (Receiver::NamedNeighbour, None, "the named neighbour"),
            Act::NamedPerson => (Receiver::NamedPerson, None, "the named person"),
            Act::SafePlace => (Receiver::Place(PlaceKind::Safe), None, "the safe place"),
            _ => (Receiver::Recipient, None, "the recipient"),
        };
        phone.go(hand(receiver, name))?;
        Ok(format!("{said}to {to}"))
    }

    /// Whether it ends with somebody having the parcels.
    pub(super) fn is_handed(&self) -> bool {
        !matches!(self.act, Act::NotDelivered { .. })
    }

    /// A door that was played before a kill is as it was.
    pub(super) fn check_after_restart(&self, phone: &Phone) -> Outcome<()> {
        let closing = if self.is_handed() { Closing::Handed } else { Closing::Failed };
        let expected = AttemptState::Closed { closing, standing: Standing::OnPhone };
        let (_, door) = phone.door(&self.recipient)?;
        if door.state == expected {
            return Ok(());
        }
        Err(format!("{}: {:?} after the kill", self.recipient, door.state))
    }
}

/// Digits that do not fit the tag. A typo that fits would freeze the code, which happens once in a thousand typos.
fn typo(verifier: &Verifier) -> Outcome<String> {
    for number in 100_000..1_000_000 {
        let text = format!("{number:06}");
        let entry = Entry::parse(&CodeEntry::Digits(text.clone())).map_err(words)?;
        if check(&entry, std::slice::from_ref(verifier)).map_err(words)?.is_none() {
            return Ok(text);
        }
    }
    Err("every code fits".into())
}

fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width - 1).chain(['…']).collect()
}
