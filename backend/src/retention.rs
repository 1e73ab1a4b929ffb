//! Personal data go when nobody needs them any more. What is signed stays, and holds no name.

use chrono::{Days, NaiveDate};
use courier_domain::UnixMs;
use serde::Serialize;

use crate::config::RetentionConfig;
use crate::days::local_day;
use crate::error::ServiceError;
use crate::service::Service;
use crate::storage::Tx;

const DAY_MS: i64 = 24 * 3_600_000;

/// What was purged, as counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Purged {
    /// Private parts of facts.
    pub private_parts: u64,
    /// Texts of disputes.
    pub dispute_texts: u64,
    /// Mails.
    pub mails: u64,
    /// Shipments that lost names, addresses and instructions.
    pub shipments: u64,
    /// Couriers that lost their names.
    pub couriers: u64,
    /// Evidence files.
    pub files: u64,
    /// Lines of the audit.
    pub audit: u64,
    /// Travel times by a service.
    pub travel_times: u64,
}

impl Service {
    /// Purges what is older than the configuration wants to keep.
    pub fn purge(&self) -> Result<Purged, ServiceError> {
        let mut purged = self.transact(|tx, _, now| {
            let purged = purge(tx, &self.config().retention, now)?;
            tx.set_purged_at(now)?;
            Ok(purged)
        })?;
        purged.files = self.purge_blobs()? as u64;
        self.storage().forget_for_good()?;
        Ok(purged)
    }

    /// The same, if it was not done for a day.
    pub fn purge_if_due(&self) -> Result<Option<Purged>, ServiceError> {
        let due = self.transact(|tx, _, now| {
            Ok(tx.purged_at()?.is_none_or(|last| now.0 < last.0 || now.0 - last.0 >= DAY_MS))
        })?;
        if due { self.purge().map(Some) } else { Ok(None) }
    }
}

fn purge(tx: &mut Tx<'_>, keep: &RetentionConfig, now: UnixMs) -> Result<Purged, ServiceError> {
    let before = |days: u32| days_before(now, days);
    tx.drop_expired(now)?;
    Ok(Purged {
        private_parts: tx.drop_private_parts(before(keep.private_days))?,
        dispute_texts: tx.drop_dispute_texts(before(keep.dispute_days))?,
        mails: tx.empty_mails(before(keep.mail_days))?,
        shipments: tx.forget_shipments(day_before(now, keep.shipment_days), now)?,
        couriers: tx.forget_couriers(before(keep.courier_days))?,
        files: 0,
        audit: tx.drop_audit(before(keep.audit_days))?,
        travel_times: tx.drop_travel_times(before(keep.travel_days))?,
    })
}

/// So many days of 24 hours earlier.
pub(crate) fn days_before(now: UnixMs, days: u32) -> UnixMs {
    now.plus_ms(-i64::from(days) * DAY_MS)
}

/// Delivery days are local; a day more or less does not matter here.
fn day_before(now: UnixMs, days: u32) -> NaiveDate {
    let today = local_day(now, chrono_tz::Tz::UTC);
    today.checked_sub_days(Days::new(days.into())).unwrap_or(today)
}
