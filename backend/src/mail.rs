//! Mails in German and English: queued in the transaction that causes them, each once, and spooled as `.eml` files.

mod texts;

use std::io::Write;
use std::path::Path;

use chrono::NaiveDate;
use courier_domain::{CodeId, UnixMs};
use lettre::Message;
use lettre::message::MultiPart;
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

/// Writes the letter as `NAME.eml` into the spool (RFC 5322), complete or not at all.
pub fn spool(
    dir: &Path,
    name: &str,
    from: &str,
    letter: &Letter,
    (subject, text): (String, String),
    now: UnixMs,
) -> Result<(), ServiceError> {
    let bad = |what: &str| ServiceError::fault(format!("mail: {what}"));
    let date = std::time::UNIX_EPOCH + std::time::Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    let html = maud::html! {
        (maud::DOCTYPE)
        body style="font-family:sans-serif;max-width:40em" {
            @for paragraph in text.split("\n\n") { p style="white-space:pre-line" { (paragraph) } }
        }
    };
    let message = Message::builder()
        .from(from.parse().map_err(|_| bad("sender"))?)
        .to(letter.to.parse().map_err(|_| bad("address"))?)
        .subject(subject)
        .date(date)
        .message_id(Some(format!("<{name}@courier>")))
        .multipart(MultiPart::alternative_plain_html(text, html.into_string()))
        .map_err(|_| bad("form"))?;
    let write = || {
        std::fs::create_dir_all(dir)?;
        let temporary = dir.join(format!(".{name}.new"));
        let mut file = std::fs::File::create(&temporary)?;
        file.write_all(&message.formatted())?;
        file.sync_all()?;
        std::fs::rename(&temporary, dir.join(format!("{name}.eml")))?;
        std::fs::File::open(dir)?.sync_all()
    };
    write().map_err(|error: std::io::Error| bad(&error.kind().to_string()))
}
