//! Mails that are to be sent, each once.

use courier_domain::UnixMs;

use super::Tx;
use super::sql::{ToSql, params};
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
    /// How often it was tried.
    pub tries: u32,
}

impl Tx<'_> {
    /// Queues a mail, unless the same one is there.
    pub fn queue_mail(&mut self, row: &MailRow) -> Result<(), ServiceError> {
        let sql = "INSERT INTO mail (id, dedupe, template, lang, sealed, due) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (dedupe) DO NOTHING";
        let given = params![row.id, row.dedupe, row.template, row.lang, row.sealed, row.due.0];
        self.db.prepare_cached(sql)?.execute(given)?;
        Ok(())
    }

    /// A mail is not needed any more, if it was not sent yet; says whether it was dropped.
    pub fn drop_mail(&mut self, dedupe: &str) -> Result<bool, ServiceError> {
        Ok(self.db.change("DELETE FROM mail WHERE dedupe = ?1 AND sent IS NULL", [dedupe])? > 0)
    }

    /// Mails that are due and nobody's, oldest first, and no more than `most`.
    pub fn due_mails(&self, now: UnixMs, most: u32) -> Result<Vec<MailRow>, ServiceError> {
        let rest =
            "WHERE sent IS NULL AND due <= ?1 AND given_up IS NULL AND (claimed IS NULL OR claimed <= ?1)
                    ORDER BY due, rowid LIMIT ?2";
        self.mails_where(rest, params![now.0, most])
    }

    /// The same, for this sender alone: no other one gets them before `until`.
    pub fn claim_mails(
        &mut self,
        now: UnixMs,
        most: u32,
        until: UnixMs,
    ) -> Result<Vec<MailRow>, ServiceError> {
        let rows = self.due_mails(now, most)?;
        for row in &rows {
            self.db.execute("UPDATE mail SET claimed = ?2 WHERE id = ?1", params![row.id, until.0])?;
        }
        Ok(rows)
    }

    /// How many mails of each template are due by now or were sent.
    pub fn mail_counts(&self, now: UnixMs) -> Result<Vec<(String, u64)>, ServiceError> {
        let sql = "SELECT template, count(*) FROM mail WHERE sent IS NOT NULL OR tries > 0 OR due <= ?1
                   GROUP BY template ORDER BY template";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([now.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many mails wait although they are due, and how many were given up.
    pub fn unsent_mails(&self, now: UnixMs) -> Result<(u64, u64), ServiceError> {
        let sql = "SELECT count(*) FILTER (WHERE given_up IS NULL AND (due <= ?1 OR tries > 0)),
                   count(*) FILTER (WHERE given_up IS NOT NULL) FROM mail WHERE sent IS NULL";
        Ok(self.db.prepare_cached(sql)?.query_row([now.0], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// Mails that were sent and not purged, oldest first.
    pub fn sent_mails(&self) -> Result<Vec<MailRow>, ServiceError> {
        self.mails_where("WHERE sent IS NOT NULL AND length(sealed) > 0 ORDER BY sent, rowid", params![])
    }

    fn mails_where(&self, rest: &str, given: &[&dyn ToSql]) -> Result<Vec<MailRow>, ServiceError> {
        let sql = format!("SELECT id, dedupe, template, lang, sealed, due, tries FROM mail {rest}");
        let mut query = self.db.prepare_cached(&sql)?;
        let rows = query.query_map(given, |row| {
            Ok(MailRow {
                id: row.get(0)?,
                dedupe: row.get(1)?,
                template: row.get(2)?,
                lang: row.get(3)?,
                sealed: row.get(4)?,
                due: UnixMs(row.get(5)?),
                tries: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A mail could not be sent, and is tried again then.
    pub fn mail_failed(&mut self, id: &str, tries: u32, due: UnixMs) -> Result<(), ServiceError> {
        self.db.execute(
            "UPDATE mail SET tries = ?2, due = ?3, claimed = NULL WHERE id = ?1",
            params![id, tries, due.0],
        )?;
        Ok(())
    }

    /// A mail is not tried any more.
    pub fn give_mail_up(&mut self, id: &str, tries: u32, now: UnixMs) -> Result<(), ServiceError> {
        let sql = "UPDATE mail SET tries = ?2, given_up = ?3 WHERE id = ?1";
        self.db.execute(sql, params![id, tries, now.0])?;
        Ok(())
    }

    /// A mail was sent.
    pub fn mail_sent(&mut self, id: &str, now: UnixMs) -> Result<(), ServiceError> {
        self.db.execute("UPDATE mail SET sent = ?2 WHERE id = ?1", params![id, now.0])?;
        Ok(())
    }
}
