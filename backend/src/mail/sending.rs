//! Sending what is due.

use std::sync::PoisonError;

use serde::Serialize;

use super::outbox::{Outbox, Unsent};
use crate::error::ServiceError;
use crate::log;
use crate::mail;
use crate::service::Service;
use crate::storage::MailRow;

/// Mails that are read from the database at once.
const MAILS_AT_ONCE: u32 = 100;
/// For how long a mail is kept from other backends beyond the time that sending it may take. Whoever has not sent it by
/// then has ended.
const CLAIM_MS: i64 = 60_000;

/// A mail that was sent, for tests and the demo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SentMail {
    /// Where it went.
    pub to: String,
    /// Which template.
    pub template: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

impl Service {
    /// A mail may be due: the worker is told. What was stored is answered, whatever becomes of the mails.
    pub(crate) fn mails_are_due(&self) {
        if self.config().mail.at_once {
            if let Err(error) = self.send_mails() {
                log::problem("mails", &error);
            }
            return;
        }
        self.mail_bell().ring();
    }

    /// Sends the mails that are due; says how many. A mail that fails is tried again later and holds up no other.
    pub fn send_mails(&self) -> Result<u64, ServiceError> {
        // One sender at a time: a mail that two of them send would be sent twice.
        let mut outbox = self.outbox().lock().unwrap_or_else(PoisonError::into_inner);
        let mut sent = 0;
        while !self.mail_bell().is_over() {
            let now = self.clock().now();
            let (rows, most) = if self.storage().is_shared() {
                let until = now.plus_ms(outbox.longest_ms() + CLAIM_MS);
                (self.storage().transact(|tx| tx.claim_mails(now, 1, until))?, 1)
            } else {
                (self.storage().look(|tx| tx.due_mails(now, MAILS_AT_ONCE))?, MAILS_AT_ONCE)
            };
            for row in &rows {
                if self.mail_bell().is_over() {
                    return Ok(sent);
                }
                match self.send_mail(row, &mut outbox)? {
                    Ok(()) => sent += 1,
                    // The others would fail as well.
                    Err(Unsent::Closed) => return Ok(sent),
                    Err(Unsent::Later | Unsent::Never) => {}
                }
            }
            if rows.len() < most as usize {
                outbox.close();
                break;
            }
        }
        Ok(sent)
    }

    fn send_mail(&self, row: &MailRow, outbox: &mut Outbox) -> Result<Result<(), Unsent>, ServiceError> {
        let composed = self.sealing(|seal| mail::open(row, seal)).and_then(|letter| {
            let words = mail::write(&letter, &row.lang, self.public_url());
            mail::compose(&row.id, &self.config().mail.from, &letter, words, self.clock().now())
        });
        let result = match composed {
            Ok(message) => outbox.send(&row.id, &message),
            Err(error) => {
                log::problem("mail", &format!("{}: {error}", row.id));
                Err(Unsent::Never)
            }
        };
        let (now, tries) = (self.clock().now(), row.tries.saturating_add(1));
        self.storage().transact(|tx| match result {
            Ok(()) => tx.mail_sent(&row.id, now),
            Err(Unsent::Later | Unsent::Closed) if tries < mail::MOST_TRIES => {
                tx.mail_failed(&row.id, tries, mail::next_try(tries, now))
            }
            Err(_) => tx.give_mail_up(&row.id, tries, now),
        })?;
        Ok(result)
    }

    /// The mails that were sent; those that are due are sent before.
    pub fn sent_mails(&self) -> Result<Vec<SentMail>, ServiceError> {
        self.send_mails()?;
        let rows = self.look(|tx, _| tx.sent_mails())?;
        rows.into_iter()
            .map(|row| {
                let letter = self.sealing(|seal| mail::open(&row, seal))?;
                let (subject, text) = mail::write(&letter, &row.lang, self.public_url());
                Ok(SentMail { to: letter.to, template: row.template, subject, text })
            })
            .collect()
    }
}
