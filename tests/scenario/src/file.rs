//! Scenario files. A word that nobody knows is an error: a check that is spelled wrong would check nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate};
use courier_domain::{Check, Excuse, KeepOrder, Reason, Receiver};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::{Result, failed};

/// A scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows.
    pub title: String,
    pub(crate) world: WorldPlan,
    #[serde(deserialize_with = "steps")]
    pub(crate) steps: Vec<Step>,
}

impl Scenario {
    /// Reads the text of a file.
    pub fn read(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(failed)
    }
}

/// What is there before the first step: a courier, and a phone that is enrolled.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorldPlan {
    /// When it begins.
    pub(crate) now: DateTime<FixedOffset>,
    /// The delivery day; default: the day of `now`.
    pub(crate) day: Option<NaiveDate>,
    /// Imported and published, the day begun, unless there is none: see [`crate::shipment`].
    #[serde(default)]
    pub(crate) shipments: Vec<Value>,
}

/// The reference of a shipment, which is its recipient's name too.
pub(crate) type Name = String;

#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) what: What,
    pub(crate) expect: Option<Expect>,
}

/// `{actor, do, expect?, why?}`; `why` is for readers.
fn steps<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Vec<Step>, D::Error> {
    let steps = Vec::<Map<String, Value>>::deserialize(from)?;
    let read = steps.into_iter().zip(1..).map(|(mut step, no)| {
        let expect = step.remove("expect");
        step.remove("why");
        let problem = |error: serde_json::Error| serde::de::Error::custom(format!("step {no}: {error}"));
        Ok(Step {
            expect: expect.map(serde_json::from_value).transpose().map_err(problem)?,
            what: serde_json::from_value(Value::Object(step)).map_err(problem)?,
        })
    });
    read.collect()
}

/// Who does what.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "actor", content = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum What {
    Courier(CourierDoes),
    /// The same courier with another phone, which is enrolled when it is used first. What is expected of doors, route and
    /// phone after such a step is expected of that phone.
    SecondPhone(SecondPhoneDoes),
    Customer(CustomerDoes),
    Office(OfficeDoes),
    Net(NetDoes),
    Time(TimeDoes),
    Phone(PhoneDoes),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum CourierDoes {
    StartDay,
    CloseDay,
    /// Finds every parcel in the van but those of `missing`, and `foreign` ones.
    CheckLoad {
        #[serde(default)]
        missing: Vec<Name>,
        #[serde(default)]
        foreign: Vec<String>,
    },
    Arrive(Name),
    /// Every parcel of the shipment.
    Scan(Name),
    ScanText {
        at: Name,
        barcode: String,
    },
    Enter {
        at: Name,
        code: CodeWord,
    },
    /// Photographs something at the door: a file of so many KiB, with a note of the camera in it.
    TakePhoto {
        at: Name,
        kib: usize,
    },
    /// Lets somebody sign.
    Sign(Name),
    /// Hands over, with whatever was taken there and may prove it.
    HandOver {
        at: Name,
        to: Receiver,
        /// Barcodes; none = every open parcel.
        #[serde(default)]
        parcels: Vec<String>,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        relation: Option<String>,
        #[serde(default)]
        flat: Option<String>,
        #[serde(default)]
        note: Option<String>,
        #[serde(default)]
        checks: Vec<Check>,
        #[serde(default)]
        without: Vec<Excuse>,
    },
    /// Fills in a handover and records nothing yet.
    FillIn {
        at: Name,
        to: Receiver,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        note: Option<String>,
    },
    NotDelivered {
        at: Name,
        reason: Reason,
        /// Barcodes; none = every open parcel.
        #[serde(default)]
        parcels: Vec<String>,
        #[serde(default)]
        note: Option<String>,
    },
    /// Adds whatever was taken there to the newest outcome.
    AddProof(Name),
    /// The newest outcome there.
    Withdraw(Name),
    Return(Vec<Name>),
    /// Asks for a new code.
    Reissue(Name),
    /// This stop comes next.
    Next(Name),
    /// This stop comes so many minutes from now, or after that.
    Later {
        at: Name,
        minutes: u32,
    },
    /// This stop comes last.
    Skip(Name),
    /// This stop is drawn to another place among the open ones, from 1.
    Drag {
        at: Name,
        position: u32,
    },
    /// The order that is proposed now.
    TakeProposal,
    KeepMine,
    /// A proposal that was there once, by its number.
    TakeOldProposal(u32),
    Prefer(KeepOrder),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum SecondPhoneDoes {
    Sync,
    Does(CourierDoes),
}

/// A code, said without digits.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum CodeWord {
    /// What the customer's page shows, or showed last.
    Right,
    /// A typo: one more than the right one.
    Wrong,
    /// Not the right one, but it fits the tag: only who has the phone's secrets finds it.
    Decoy,
    /// What the page showed before the last one.
    Old,
    /// The customer's QR.
    Qr,
    /// These characters.
    Text(String),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum CustomerDoes {
    /// Opens the tracking page.
    Look(Name),
    /// Sends this to the page's instructions, word for word.
    Instruct { of: Name, body: Value },
    /// Objects, on the tracking page.
    Dispute {
        of: Name,
        kind: String,
        #[serde(default)]
        text: Option<String>,
    },
    /// Asks for a new code, on the tracking page.
    Reissue(Name),
    /// Asks for a neighbour's own code, on the tracking page.
    NeighbourCode { of: Name, name: String },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum OfficeDoes {
    Import(Vec<Value>),
    /// Publishes the route of that day; default: the scenario's.
    Publish(Option<NaiveDate>),
    Cancel {
        shipment: Name,
        why: String,
    },
    Dismiss,
    /// Gives a shipment to another courier, who is hired if there is none of that name; `null` = to nobody yet.
    Reassign {
        shipment: Name,
        to: Option<String>,
    },
    /// Says in which order the stops of these shipments come.
    Reorder(Vec<Name>),
    /// The same, and the last of them stays the last.
    ReorderWithLast(Vec<Name>),
    /// Says how long it takes between these stops, row by row.
    PutMatrix {
        stops: Vec<Name>,
        seconds: Vec<Vec<u32>>,
    },
    /// Puts the stops of the route into a good order.
    Sequence,
    /// Hands a shipment over itself.
    Deliver(Name),
    /// Takes in the file that a phone exported last.
    TakeExport,
    /// Gives a shipment a new code.
    Reissue(Name),
    /// Copies the backend's folder.
    Backup,
    /// Puts the copy back, as an operator would.
    Restore,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum NetDoes {
    /// It works.
    Ok,
    /// No connection.
    Down,
    /// A captive portal answers 200 with a page of its own.
    Portal,
    /// The backend does its work, its answer is lost: for so many requests.
    LoseAnswers(u32),
    /// So many requests pass, then there is no connection.
    DownAfter(u32),
    /// The backend does its work and never answers.
    Silent,
    /// Another backend answers at the same address, until the net is `ok`.
    Foreign,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum TimeDoes {
    /// Seconds pass.
    Pass(u32),
    /// Time passes until then.
    Until(DateTime<FixedOffset>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum PhoneDoes {
    Sync,
    /// The app ends and starts.
    Restart,
    /// The device restarts, and the app with it.
    Reboot,
    /// The app is suspended, after it has handed in what it could, and comes back.
    Suspend,
    /// It is suspended while an exchange waits for its answer, and comes back: the net has to be `silent`.
    SuspendInSync,
    /// The app and all of its files are removed, and it is installed and enrolled anew.
    Reinstall,
    /// It is found on a straight way, every five seconds, while time passes. The answer is what the last fix led to, and
    /// what any of them has shown.
    Move {
        /// Latitude and longitude in degrees.
        from: (f64, f64),
        to: (f64, f64),
        seconds: u32,
        /// Metres.
        #[serde(default = "usual_accuracy")]
        accuracy_m: u32,
    },
    /// The courier leaves it; what is unsent goes into a file for the office, if that is wanted.
    LogOut {
        #[serde(default)]
        export: bool,
    },
}

fn usual_accuracy() -> u32 {
    12
}

/// What has to be seen after a step; see [`crate::expect`] for how it is compared.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Expect {
    /// What the step itself answers. A step that fails needs this.
    pub(crate) answer: Option<Value>,
    /// The phone's route.
    pub(crate) route: Option<Value>,
    /// The phone's doors, by shipment.
    pub(crate) doors: BTreeMap<Name, Value>,
    /// The phone's stops, by a shipment there.
    pub(crate) stops: BTreeMap<Name, Value>,
    /// The customers' pages.
    pub(crate) pages: BTreeMap<Name, Value>,
    /// What the shop is told of a shipment.
    pub(crate) shipments: BTreeMap<Name, Value>,
    /// What the sender reads of a shipment in each format: `{courier, edifact, epcis, upu}`, a list each.
    pub(crate) exports: BTreeMap<Name, Value>,
    /// Templates of the mails sent about a shipment so far, in their order.
    pub(crate) mails: BTreeMap<Name, Vec<String>>,
    /// The office's sums.
    pub(crate) totals: Option<Value>,
    /// What is on the phone.
    pub(crate) phone: Option<Value>,
    /// The signed facts of these shipments, and what the backend vouches for, can be verified without either.
    pub(crate) verified: Vec<Name>,
    /// These words are in no file of the phone.
    pub(crate) nowhere: Vec<String>,
    /// The digits of these shipments are the same in the mail and on the page, and in no file of the phone.
    pub(crate) secret: Vec<Name>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(step: &str) -> Result<Scenario> {
        Scenario::read(&format!(
            r#"{{"title": "t", "world": {{"now": "2026-11-24T08:00:00+01:00"}}, "steps": [{step}]}}"#
        ))
    }

    #[test]
    fn a_step_names_its_actor_and_what_they_do() {
        for good in [
            r#"{"actor": "courier", "do": "start_day"}"#,
            r#"{"actor": "courier", "do": {"enter": {"at": "Kaya", "code": "right"}}, "why": "it is"}"#,
            r#"{"actor": "courier", "do": {"hand_over": {"at": "Kaya", "to": {"place": "safe"}}}, "expect": {}}"#,
            r#"{"actor": "net", "do": {"lose_answers": 2}}"#,
        ] {
            assert!(with(good).is_ok(), "{good}: {:?}", with(good).err());
        }
    }

    #[test]
    fn a_word_that_nobody_knows_is_an_error_and_says_where() {
        for bad in [
            r#"{"actor": "courier", "do": "fly"}"#,
            r#"{"actor": "courier", "do": "start_day", "expct": {}}"#,
            r#"{"actor": "courier", "do": "start_day", "expect": {"dors": {}}}"#,
            r#"{"actor": "courier", "do": {"enter": {"at": "Kaya", "code": "right", "of": "Huber"}}}"#,
            r#"{"actor": "nobody", "do": "start_day"}"#,
        ] {
            assert!(with(bad).is_err_and(|error| error.0.contains("step 1")), "{bad} was read");
        }
    }
}
