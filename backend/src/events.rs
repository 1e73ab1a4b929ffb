//! What happened to shipments, for their senders to follow: a feed of what was judged, in our words and in those of others.

pub mod codes;
mod edifact;
mod epcis;
mod feed;
mod upu;

use chrono::{DateTime, NaiveDate, Utc};
use courier_domain::{AttemptId, FactId, ParcelId, Reason, Receiver, ShipmentId, UnixMs, Verdict};
use courier_protocol::ProblemKind;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::ServiceError;
use codes::{Codes, Outcome};
pub use feed::{MAX_EVENTS, Page, Wanted};
pub use upu::{UpuEvent, UpuEvents};

/// What an event changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It is so.
    Counts,
    /// Somebody has to look at it first: another event follows.
    Waits,
    /// What `takes_back` told is not so.
    TakenBack,
    /// Nothing.
    None,
}

/// A parcel of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EventParcel {
    /// Identifier.
    #[schemars(with = "String")]
    pub id: ParcelId,
    /// On its label.
    pub barcode: String,
}

/// Something that happened to parcels of a shipment, as it was judged. It holds no name of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Event {
    /// Identifier; as `after` it asks for what came later.
    pub id: String,
    /// What it changes.
    pub effect: Effect,
    /// The event that told what is taken back.
    pub takes_back: Option<String>,
    /// Who or what received; absent = it was not delivered.
    #[schemars(with = "Option<serde_json::Value>")]
    pub receiver: Option<Receiver>,
    /// Why it was not delivered; absent = it was.
    #[schemars(with = "Option<String>")]
    pub reason: Option<Reason>,
    /// When it happened, as well as the phone knew.
    #[schemars(with = "i64")]
    pub happened_ms: UnixMs,
    /// The phone knew the time from the server; else it is what its clock was set to.
    pub time_is_certain: bool,
    /// When it was judged.
    #[schemars(with = "i64")]
    pub judged_ms: UnixMs,
    /// Time zone of the address, IANA.
    pub tz: String,
    /// Whose shipment it is.
    pub sender: String,
    /// The sender's own reference.
    pub reference: String,
    /// The customer's order.
    pub order_ref: String,
    /// The shipment.
    #[schemars(with = "String")]
    pub shipment: ShipmentId,
    /// The attempt.
    #[schemars(with = "String")]
    pub attempt: AttemptId,
    /// 1 for the first.
    pub no: u32,
    /// Its delivery day.
    #[schemars(with = "String", extend("format" = "date"))]
    pub day: NaiveDate,
    /// Which parcels.
    pub parcels: Vec<EventParcel>,
    /// The fact that says so; `/v1/shipments/{id}/receipt` has it word for word.
    #[schemars(with = "String")]
    pub fact: FactId,
    /// What the judge or a person says of the fact, or, of a withdrawal, of that.
    #[schemars(with = "String")]
    pub verdict: Verdict,
    /// Why, a stable word.
    pub why: String,
    /// In code lists of others.
    pub codes: Codes,
    /// Number of the verdict.
    #[serde(skip)]
    n: u64,
    #[serde(skip)]
    outcome: Outcome,
}

impl Event {
    /// Whether it tells something that is certain: all that other formats have room for.
    fn is_told(&self) -> bool {
        matches!(self.effect, Effect::Counts | Effect::TakenBack)
    }
}

/// How the feed is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON, an event a line.
    Courier,
    /// UN/EDIFACT, a message an event.
    Edifact,
    /// GS1 EPCIS 2.0, JSON-LD.
    Epcis,
    /// JSON with the events of the UPU, one a parcel.
    Upu,
}

impl Format {
    const ALL: [(&str, Self); 4] =
        [("courier", Self::Courier), ("edifact", Self::Edifact), ("epcis", Self::Epcis), ("upu", Self::Upu)];

    /// Reads its word.
    pub fn read(word: &str) -> Result<Self, ServiceError> {
        let found = Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, format)| *format);
        found.ok_or_else(|| {
            let what = "format: one of courier, edifact, epcis, upu";
            ServiceError::refused(ProblemKind::BadRequest, what)
        })
    }

    /// Media type of what is written.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Courier => "application/jsonl",
            Self::Edifact => "application/edifact",
            Self::Epcis => "application/ld+json",
            Self::Upu => "application/json",
        }
    }
}

/// A page of the feed, written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Nothing in it, if there is nothing to tell.
    pub text: String,
    /// Something in it is less than we know.
    pub lossy: bool,
}

impl Page {
    /// Writes it. Ours tells everything; the others what is certain, and what is taken back of it.
    pub fn write(&self, format: Format, now: UnixMs) -> Result<Written, ServiceError> {
        let told: Vec<&Event> = self.events.iter().filter(|event| event.is_told()).collect();
        if self.events.is_empty() || told.is_empty() && format != Format::Courier {
            return Ok(Written { text: String::new(), lossy: false });
        }
        match format {
            Format::Courier => {
                let mut text = String::new();
                for event in &self.events {
                    text.push_str(&serde_json::to_string(event)?);
                    text.push('\n');
                }
                Ok(Written { text, lossy: false })
            }
            Format::Edifact => Ok(edifact::write(&told, now)),
            Format::Epcis => epcis::write(&told, now),
            Format::Upu => upu::write(&told),
        }
    }
}

/// An instant that can be written with four digits of a year. Phones may say any.
fn instant(ms: UnixMs) -> Option<DateTime<Utc>> {
    use chrono::Datelike as _;
    DateTime::from_timestamp_millis(ms.0).filter(|at| (0..=9999).contains(&at.year()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::events::codes::OUTCOMES;

    /// An event whose names and numbers are a stranger's.
    pub(super) fn event(
        outcome: Outcome,
        [sender, reference, order_ref]: [&str; 3],
        barcodes: &[String],
    ) -> Event {
        let id = |text: &str| text.to_owned().try_into().unwrap();
        Event {
            id: "epoch~7".into(),
            effect: Effect::Counts,
            takes_back: None,
            receiver: None,
            reason: None,
            happened_ms: UnixMs(1_795_503_600_000),
            time_is_certain: true,
            judged_ms: UnixMs(1_795_503_601_000),
            tz: "Europe/Berlin".into(),
            sender: sender.into(),
            reference: reference.into(),
            order_ref: order_ref.into(),
            shipment: ShipmentId::new("shipment").unwrap(),
            attempt: AttemptId::new("attempt").unwrap(),
            no: 1,
            day: "2026-11-24".parse().unwrap(),
            parcels: barcodes
                .iter()
                .map(|barcode| EventParcel { id: id("parcel"), barcode: barcode.clone() })
                .collect(),
            fact: FactId::new("fact").unwrap(),
            verdict: Verdict::Confirmed,
            why: "handed-over".into(),
            codes: outcome.codes(),
            n: 7,
            outcome,
        }
    }

    proptest! {
        #[test]
        fn whatever_strangers_write_is_one_value_in_json(
            sender in any::<String>(),
            reference in "[\"\\\\{}\u{0}-\u{ff}\u{2028}\u{202e}🚚]{0,200}",
            order_ref in any::<String>(),
            barcode in "[!-~]{1,64}",
            no in 0..OUTCOMES.len(),
        ) {
            let one = event(OUTCOMES[no], [&sender, &reference, &order_ref], std::slice::from_ref(&barcode));
            let page = Page { events: vec![one.clone(), one], cursor: "c".into(), more: false };
            let written = |format| page.write(format, UnixMs(1_795_503_602_000)).unwrap().text;
            let own = written(Format::Courier);
            let lines: Vec<Value> = own.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            prop_assert_eq!(lines.len(), 2);
            prop_assert!(!own.trim_end_matches('\n').chars().any(|c| c < ' ' && c != '\n'));
            let epcis: Value = serde_json::from_str(&written(Format::Epcis)).unwrap();
            let upu: Value = serde_json::from_str(&written(Format::Upu)).unwrap();
            for n in 0..2 {
                let told = &epcis["epcisBody"]["eventList"][n];
                prop_assert_eq!(&lines[n]["sender"], &sender);
                prop_assert_eq!(&told["courier:sender"], &sender);
                prop_assert_eq!(&lines[n]["order_ref"], &order_ref);
                prop_assert_eq!(&told["courier:orderReference"], &order_ref);
                prop_assert_eq!(&lines[n]["reference"], &reference);
                prop_assert_eq!(&told["courier:reference"], &reference);
                prop_assert_eq!(&upu["events"][n]["reference"], &reference);
                prop_assert_eq!(&upu["events"][n]["item"], &barcode);
                prop_assert_eq!(&told["courier:barcodes"], &json!([barcode]));
                // What becomes a URI is made of identifiers of ours or of digits.
                let epc = told["epcList"][0].as_str().unwrap();
                prop_assert!(epc.bytes().all(|b| b.is_ascii_alphanumeric() || b":/.-_".contains(&b)), "{}", epc);
            }
        }
    }
}
