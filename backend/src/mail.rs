//! Mails in German and English: queued in the transaction that causes them, each once, and sent by a worker.

pub(crate) mod outbox;
mod sending;
mod texts;
pub(crate) mod worker;

pub use sending::SentMail;

use chrono::NaiveDate;
use courier_domain::{CodeId, UnixMs};
use lettre::Message;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use serde::{Deserialize, Serialize};

use crate::error::ServiceError;
use crate::import::new_id;
use crate::seal::Sealer;
use crate::storage::{MailRow, ShipmentRow, Tx};
use crate::tracking::token_of;

/// What a customer is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub enum Mail {
    /// The code of a delivery day.
    YourCode {
        /// The delivery day.
        day: NaiveDate,
        /// The six digits.
        digits: String,
        /// Whom it is for, if not for the recipient.
        #[serde(default)]
        neighbour: Option<String>,
    },
    /// A code in place of another.
    CodeReplaced {
        /// The delivery day.
        day: NaiveDate,
        /// The six digits.
        digits: String,
        /// Whom it is for, if not for the recipient.
        neighbour: Option<String>,
    },
    /// It was not delivered; the next try.
    AttemptFailed {
        /// The next delivery day, if there is one.
        next: Option<NaiveDate>,
    },
    /// Somebody entered a wrong code that looked right, or somebody else may know it: the code is dead.
    CodeFrozen {
        /// The customer said so.
        #[serde(default)]
        disputed: bool,
    },
    /// It was said to have failed, and did not.
    StillComing {},
    /// It was handed over.
    Delivered {},
    /// It is with somebody else.
    AtNeighbour {
        /// Who has it.
        name: String,
        /// Where.
        flat: Option<String>,
    },
}

/// A mail with everything that is needed to write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Where it goes.
    pub to: String,
    /// Who sent the shipment.
    pub sender: String,
    /// The customer's order.
    pub order_ref: String,
    /// Token of the tracking page.
    pub tracking: String,
    /// What it says.
    pub mail: Mail,
}

impl Mail {
    /// A stable word.
    pub fn template(&self) -> &'static str {
        match self {
            Self::YourCode { .. } => CODES[0],
            Self::CodeReplaced { .. } => CODES[1],
            Self::AttemptFailed { .. } => "attempt_failed",
            Self::StillComing {} => "still_coming",
            Self::CodeFrozen { .. } => "code_frozen",
            Self::Delivered {} => "delivered",
            Self::AtNeighbour { .. } => "at_neighbour",
        }
    }
}

/// The templates that bring a code.
const CODES: [&str; 2] = ["your_code", "code_replaced"];

/// What makes it the same mail.
fn dedupe(template: &str, about: &str) -> String {
    format!("{template}/{about}")
}

/// A code is not mailed any more, if it was not yet.
pub(crate) fn drop_code(tx: &mut Tx<'_>, code: &CodeId) -> Result<(), ServiceError> {
    CODES.iter().try_for_each(|template| tx.drop_mail(&dedupe(template, code.as_str())).map(|_| ()))
}

/// Queues a mail to the shipment's customer. `about` makes it the same mail when it is queued again.
pub fn queue(
    tx: &mut Tx<'_>,
    shipment: &ShipmentRow,
    mail: &Mail,
    about: &str,
    due: UnixMs,
    seal: &mut Sealer<'_>,
) -> Result<(), ServiceError> {
    let letter = Letter {
        to: shipment.customer_email.clone(),
        sender: shipment.sender.clone(),
        order_ref: shipment.order_ref.clone(),
        tracking: token_of(shipment, seal)?,
        mail: mail.clone(),
    };
    let id: courier_domain::FactId = new_id(seal.rng)?;
    let id = id.as_str().to_owned();
    tx.queue_mail(&MailRow {
        dedupe: dedupe(mail.template(), about),
        template: mail.template().into(),
        lang: shipment.lang.clone(),
        sealed: seal.seal("mail", &id, &serde_json::to_vec(&letter)?)?,
        due,
        tries: 0,
        id,
    })
}

/// Opens a stored mail.
pub fn open(row: &MailRow, seal: &Sealer<'_>) -> Result<Letter, ServiceError> {
    Ok(serde_json::from_slice(&seal.open("mail", &row.id, &row.sealed)?)?)
}

/// Subject and text of a letter.
pub fn write(letter: &Letter, lang: &str, public_url: &str) -> (String, String) {
    texts::write(letter, lang, &format!("{public_url}/t/{}", letter.tracking))
}

/// The letter as a mail (RFC 5322), as text and as HTML. Sent again it has the same identifier, by which mail programs
/// know it.
pub(crate) fn compose(
    name: &str,
    from: &str,
    letter: &Letter,
    (subject, text): (String, String),
    now: UnixMs,
) -> Result<Message, ServiceError> {
    let bad = |what: &str| ServiceError::fault(format!("mail: {what}"));
    let date = std::time::UNIX_EPOCH + std::time::Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    let from: Mailbox = from.parse().map_err(|_| bad("sender"))?;
    let html = maud::html! {
        (maud::DOCTYPE)
        body style="font-family:sans-serif;max-width:40em" {
            @for paragraph in text.split("\n\n") { p style="white-space:pre-line" { (paragraph) } }
        }
    };
    Message::builder()
        .message_id(Some(format!("<{name}@{}>", from.email.domain())))
        .from(from)
        .to(letter.to.parse().map_err(|_| bad("address"))?)
        .subject(subject)
        .date(date)
        .header(ByMachine)
        .multipart(MultiPart::alternative_plain_html(text, html.into_string()))
        .map_err(|_| bad("form"))
}

/// Nobody answers it by machine (RFC 3834).
#[derive(Debug, Clone)]
struct ByMachine;

impl Header for ByMachine {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// How often a mail is tried before it is given up: for about two and a half days.
pub(crate) const MOST_TRIES: u32 = 60;

/// When a mail is tried again that was tried so often: after one minute, two, four … and then every hour.
pub(crate) fn next_try(tries: u32, now: UnixMs) -> UnixMs {
    let minutes = 1_i64 << tries.saturating_sub(1).min(6);
    now.plus_ms(minutes.min(60) * 60_000)
}
