//! Mails that are to be sent, each once.

use courier_domain::UnixMs;
use rusqlite::params;

use super::Tx;
use crate::error::ServiceError;

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRow {
    /// Identifier.
    pub id: String,
    /// What makes it the same mail.
    pub dedupe: String,
    /// Which template.
    pub template: String,
    /// `de` or `en`.
    pub lang: String,
    /// Its variables, sealed.
    pub sealed: Vec<u8>,
    /// Not before.
    pub due: UnixMs,
}

impl Tx<'_> {
    /// Queues a mail, unless the same one is there.
    pub fn queue_mail(&mut self, row: &MailRow) -> Result<(), ServiceError> {
        let sql = "INSERT OR IGNORE INTO mail (id, dedupe, template, lang, sealed, due) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let given = params![row.id, row.dedupe, row.template, row.lang, row.sealed, row.due.0];
        self.db.prepare_cached(sql)?.execute(given)?;
        Ok(())
    }

    /// A mail is not needed any more, if it was not sent yet; says whether it was dropped.
    pub fn drop_mail(&mut self, dedupe: &str) -> Result<bool, ServiceError> {
        Ok(self.db.execute("DELETE FROM mail WHERE dedupe = ?1 AND sent IS NULL", [dedupe])? > 0)
    }

    /// Mails that are due, oldest first.
    pub fn due_mails(&self, now: UnixMs) -> Result<Vec<MailRow>, ServiceError> {
        self.mails_where("WHERE sent IS NULL AND due <= ?1 ORDER BY rowid", params![now.0])
    }

    /// Mails that were sent, oldest first.
    pub fn sent_mails(&self) -> Result<Vec<MailRow>, ServiceError> {
        self.mails_where("WHERE sent IS NOT NULL ORDER BY sent, rowid", params![])
    }

    fn mails_where(&self, rest: &str, given: &[&dyn rusqlite::ToSql]) -> Result<Vec<MailRow>, ServiceError> {
        let sql = format!("SELECT id, dedupe, template, lang, sealed, due FROM mail {rest}");
        let mut query = self.db.prepare_cached(&sql)?;
        let rows = query.query_map(given, |row| {
            Ok(MailRow {
                id: row.get(0)?,
                dedupe: row.get(1)?,
                template: row.get(2)?,
                lang: row.get(3)?,
                sealed: row.get(4)?,
                due: UnixMs(row.get(5)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A mail was sent.
    pub fn mail_sent(&mut self, id: &str, now: UnixMs) -> Result<(), ServiceError> {
        self.db.execute("UPDATE mail SET sent = ?2 WHERE id = ?1", params![id, now.0])?;
        Ok(())
    }
}
