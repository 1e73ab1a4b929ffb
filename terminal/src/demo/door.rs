//! One door of the demo: who is there, what they say, and what the courier taps.

use courier_backend::config::Config;
use courier_backend::import::Imported;
use courier_backend::service::Service;
use courier_codes::{Entry, check};
use courier_domain::attempt::{AttemptState, Closing};
use courier_domain::receiver::PlaceKind;
use courier_domain::view::{DoorView, StopView};
use courier_domain::{
    CodeEntry, CodeState, Command, CourierId, LockedBy, Reason, Receiver, ReceiverDetails, Standing, Verifier,
};
use courier_engine::CommandResult;
use courier_protocol::{Change, Object};
use serde::{Deserialize, Serialize};

use super::day::{Act, Day};
use super::stage::{News, Stage};
use super::{Outcome, go, sync, words};
use crate::phone::Phone;
use crate::words::terms;

/// A door, with what the customer knows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Door {
    /// The sender's reference.
    pub(super) reference: String,
    /// The name on the label.
    recipient: String,
    /// Whether the day's file has something in it that needs a code.
    pub(super) coded: bool,
    /// How many parcels.
    pub(super) parcels: u64,
    /// What happens.
    pub(super) act: Act,
    /// The customer's code, from the tracking page.
    digits: Option<String>,
    /// What somebody enters who does not know it: a typo that the phone can tell, or a decoy that it cannot.
    wrong: String,
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
                let digits = service.tracking(&token).map_err(words)?.code.map(|code| code.digits);
                let planned = day.plan.doors.iter().find(|planned| planned.reference == shipment.reference);
                let act = planned.map_or(Act::Recipient, |planned| planned.act.clone());
                let verifier = verifiers
                    .iter()
                    .find(|verifier| attempts.iter().any(|attempt| attempt.id == verifier.attempt));
                Ok(Self {
                    reference: shipment.reference.clone(),
                    recipient: shipment.recipient.name.clone(),
                    coded: needs_code(shipment, service.config()),
                    parcels: shipment.parcels.len() as u64,
                    wrong: wrong(&act, verifier, digits.as_deref())?,
                    act,
                    digits,
                })
            })
            .collect()
    }

    /// Plays the door, and tells in a line what happened.
    pub(super) fn visit(&self, phone: &Phone, stage: &Stage) -> Outcome<()> {
        let (stop, door) = self.find(phone)?;
        stage.tell(News::Door { stop: stop.id.clone(), recipient: self.recipient.clone() })?;
        go(phone, Command::Arrive { stop: stop.id.clone() })?;
        for parcel in &door.parcels {
            go(phone, Command::Scan { stop: stop.id.clone(), barcode: parcel.barcode.clone() })?;
        }
        stage.tell(News::Happens("scanned".into()))?;
        if self.coded {
            stage.tell(News::Happens("the code is asked for".into()))?;
        }
        stage.show(phone)?;
        stage.pause()?;
        let mut visit = Visit { door: self, phone, stage, stop, at: door, said: Vec::new() };
        visit.play()?;
        let address = format!("{} {}", visit.stop.address.street, visit.stop.address.house);
        stage.line(format!(
            "{:>3}  {:<34} {:<52} {}",
            visit.stop.no,
            shorten(&address, 34),
            shorten(&self.recipient, 52),
            visit.said.join(", ")
        ))?;
        stage.show(phone)
    }

    /// Hands in what happened, and tells what the judge says of it.
    pub(super) fn hand_in(&self, phone: &Phone, stage: &Stage) -> Outcome<()> {
        sync(phone)?;
        if let AttemptState::Closed { standing: is, .. } = self.find(phone)?.1.state {
            stage.tell(News::Happens(terms().standing(is)))?;
        }
        stage.show(phone)
    }

    fn find(&self, phone: &Phone) -> Outcome<(StopView, DoorView)> {
        let lines = phone.route().map_err(words)?.map(|route| route.stops).unwrap_or_default();
        for line in lines.iter().filter(|line| line.names.contains(&self.recipient)) {
            let stop = phone.stop(&line.id).map_err(words)?;
            if let Some(door) = stop.doors.iter().find(|door| door.recipient_name == self.recipient) {
                let door = door.clone();
                return Ok((stop, door));
            }
        }
        Err(format!("{} is not on the route", self.recipient))
    }

    /// Whether it ends with somebody having the parcels.
    pub(super) fn is_handed(&self) -> bool {
        !matches!(self.act, Act::NotDelivered { .. } | Act::Decoy)
    }

    /// Whether somebody has the parcels who had not the code.
    pub(super) fn is_refuted(&self) -> bool {
        self.act == Act::DecoyHandedOver
    }

    /// Whether the judge sees a code that fits the phone's ten bits and is wrong.
    pub(super) fn has_decoy(&self) -> bool {
        matches!(self.act, Act::Decoy | Act::DecoyHandedOver)
    }

    /// A door that was played before a kill is as it was.
    pub(super) fn check_after_restart(&self, phone: &Phone) -> Outcome<()> {
        let closing = if self.is_handed() { Closing::Handed } else { Closing::Failed };
        let expected = AttemptState::Closed { closing, standing: Standing::OnPhone };
        let (_, door) = self.find(phone)?;
        if door.state == expected {
            return Ok(());
        }
        Err(format!("{}: {:?} after the kill", self.recipient, door.state))
    }
}

/// The courier at a door.
struct Visit<'a> {
    door: &'a Door,
    phone: &'a Phone,
    stage: &'a Stage,
    stop: StopView,
    at: DoorView,
    said: Vec<String>,
}

impl Visit<'_> {
    fn play(&mut self) -> Outcome<()> {
        match &self.door.act {
            Act::NotDelivered { reason } => return self.fail(*reason),
            Act::Decoy => {
                self.enter_decoy()?;
                return self.find_it_frozen();
            }
            Act::DecoyHandedOver => self.enter_decoy()?,
            act => {
                if *act == Act::WrongThenRight {
                    self.enter_typo()?;
                }
                if *act == Act::SafePlaceRefused {
                    self.try_the_safe_place()?;
                }
                self.enter_the_code()?;
                if *act == Act::MisTap {
                    self.mis_tap()?;
                }
            }
        }
        self.hand_over()
    }

    fn say(&mut self, what: impl Into<String>) -> Outcome<()> {
        let what = what.into();
        self.said.push(what.clone());
        self.stage.tell(News::Happens(what))
    }

    fn enter(&self, digits: &str) -> Outcome<CommandResult> {
        let entry = CodeEntry::Digits(digits.to_owned());
        go(self.phone, Command::EnterCode { stop: self.stop.id.clone(), entry })
    }

    fn became<T>(&self, what: &str, result: &CommandResult) -> Outcome<T> {
        Err(format!("{}: {what} became {result:?}", self.door.recipient))
    }

    fn enter_the_code(&mut self) -> Outcome<()> {
        let Some(digits) = &self.door.digits else { return Ok(()) };
        match self.enter(digits)? {
            CommandResult::CodeMatched { .. } => self.say("code accepted"),
            other => self.became("the right code", &other),
        }
    }

    fn enter_typo(&mut self) -> Outcome<()> {
        match self.enter(&self.door.wrong)? {
            CommandResult::CodeWrong { tries_left, .. } => {
                self.say(format!("wrong code ({tries_left} tries left)"))
            }
            other => self.became("a typo", &other),
        }
    }

    fn enter_decoy(&mut self) -> Outcome<()> {
        match self.enter(&self.door.wrong)? {
            CommandResult::CodeMatched { .. } => self.say("patched client: decoy accepted provisionally"),
            other => self.became("a decoy", &other),
        }
    }

    /// Online the verdict is there before the parcel changes hands.
    fn find_it_frozen(&mut self) -> Outcome<()> {
        sync(self.phone)?;
        match self.door.find(self.phone)?.1.code {
            Some(CodeState::Locked { by: LockedBy::Frozen }) => {
                self.say("refuted by the judge, code frozen")?;
            }
            other => return Err(format!("{}: after a decoy the code is {other:?}", self.door.recipient)),
        }
        self.fail(Reason::CodeFrozen)
    }

    fn try_the_safe_place(&mut self) -> Outcome<()> {
        match self.phone.ask(self.handover(Receiver::Place(PlaceKind::Safe), None)) {
            Err(refused) => self.say(format!("safe place: {refused}")),
            Ok(_) => Err(format!("{}: a coded parcel went to a safe place", self.door.recipient)),
        }
    }

    fn mis_tap(&mut self) -> Outcome<()> {
        match go(self.phone, self.failure(Reason::NotHome))? {
            CommandResult::Done { fact: Some(fact) } => go(self.phone, Command::Withdraw { fact })?,
            other => return self.became("a mis-tap", &other),
        };
        self.say("mis-tap taken back")
    }

    fn fail(&mut self, reason: Reason) -> Outcome<()> {
        go(self.phone, self.failure(reason))?;
        self.say(format!("not delivered: {}", terms().reason(reason)))
    }

    fn hand_over(&mut self) -> Outcome<()> {
        let (receiver, name, to) = match &self.door.act {
            Act::Household { name } => (Receiver::Household, Some(name.as_str()), "the household"),
            Act::NamedNeighbour => (Receiver::NamedNeighbour, None, "the named neighbour"),
            Act::NamedPerson => (Receiver::NamedPerson, None, "the named person"),
            Act::SafePlace => (Receiver::Place(PlaceKind::Safe), None, "the safe place"),
            _ => (Receiver::Recipient, None, "the recipient"),
        };
        go(self.phone, self.handover(receiver, name))?;
        self.say(format!("to {to}"))
    }

    fn handover(&self, receiver: Receiver, name: Option<&str>) -> Command {
        let details = ReceiverDetails { name: name.map(Into::into), ..ReceiverDetails::default() };
        Command::HandOver { attempt: self.at.attempt.clone(), parcels: Vec::new(), receiver, details }
    }

    fn failure(&self, reason: Reason) -> Command {
        Command::NotDelivered { attempt: self.at.attempt.clone(), parcels: Vec::new(), reason, note: None }
    }
}

/// The service's rule, said once more for what the backend is compared with.
fn needs_code(shipment: &Imported, config: &Config) -> bool {
    let thresholds = &config.code.threshold;
    shipment.items.iter().any(|item| thresholds.get(&item.currency).is_some_and(|limit| item.value > *limit))
}

/// What somebody enters at this door who does not know the code.
fn wrong(act: &Act, verifier: Option<&Verifier>, right: Option<&str>) -> Outcome<String> {
    let Some(verifier) = verifier else { return Ok(String::new()) };
    match act {
        // A typo that fits would freeze the code, which happens once in a thousand typos.
        Act::WrongThenRight => candidate(verifier, right, false),
        // A thousand times the slow hash: what a patched client does with the verifier.
        Act::Decoy | Act::DecoyHandedOver => candidate(verifier, right, true),
        _ => Ok(String::new()),
    }
}

/// Digits other than the right ones that fit the tag, or do not.
fn candidate(verifier: &Verifier, right: Option<&str>, fitting: bool) -> Outcome<String> {
    for number in 100_000..1_000_000 {
        let text = format!("{number:06}");
        let entry = Entry::parse(&CodeEntry::Digits(text.clone())).map_err(words)?;
        let fits = check(&entry, std::slice::from_ref(verifier)).map_err(words)?.is_some();
        if fits == fitting && Some(text.as_str()) != right {
            return Ok(text);
        }
    }
    Err("no such code".into())
}

fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width - 1).chain(['…']).collect()
}
