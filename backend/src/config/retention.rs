//! How long personal data are kept.

use serde::Deserialize;

use super::BadConfig;

/// How long personal data are kept, in days of 24 hours. What is signed is kept for ever: it holds no name.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionConfig {
    /// Names and flats of receivers and notes of couriers, after they were handed in.
    pub private_days: u32,
    /// What customers said in their disputes.
    pub dispute_days: u32,
    /// Mails, after they were sent or given up.
    pub mail_days: u32,
    /// Names, addresses and instructions of shipments, after their last delivery day.
    pub shipment_days: u32,
    /// Names of couriers, after they were dismissed.
    pub courier_days: u32,
    /// The audit of the office.
    pub audit_days: u32,
    /// Travel times by a service, with the coordinates that they are between.
    pub travel_days: u32,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        Self {
            private_days: 90,
            dispute_days: 180,
            mail_days: 30,
            shipment_days: 365,
            courier_days: 365,
            audit_days: 730,
            travel_days: 7,
        }
    }
}

impl RetentionConfig {
    pub(super) fn check(&self) -> Result<(), BadConfig> {
        let days = &self;
        for (name, days) in [
            ("retention.private_days", days.private_days),
            ("retention.dispute_days", days.dispute_days),
            ("retention.mail_days", days.mail_days),
            ("retention.shipment_days", days.shipment_days),
            ("retention.courier_days", days.courier_days),
            ("retention.audit_days", days.audit_days),
            ("retention.travel_days", days.travel_days),
        ] {
            if !(1..=36_500).contains(&days) {
                let problem = "1 to 36500 days are allowed".to_owned();
                return Err(BadConfig { place: name.into(), problem });
            }
        }
        Ok(())
    }
}
