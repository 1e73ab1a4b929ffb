//! Facts, verdicts and times in words: what a receipt and a support case say of them. Nothing that names a person.

use chrono::{DateTime, SecondsFormat};
use courier_domain::{BestTime, FactBody, UnixMs, Verdict};

use crate::words::terms;

/// Identifiers only: what is personal is not in the signed part.
pub(crate) fn told(body: &FactBody) -> String {
    match body {
        FactBody::HandedOver { parcels, receiver, code_try, .. } => {
            let code = if code_try.is_some() { "against a code" } else { "without a code" };
            format!("{} parcels, {}, {code}", parcels.len(), terms().receiver(*receiver))
        }
        FactBody::NotDelivered { parcels, reason, .. } => {
            format!("{} parcels, {}", parcels.len(), terms().reason(*reason))
        }
        FactBody::CodeTried { result, .. } => format!("an entry, {result:?}").to_lowercase(),
        FactBody::Withdrawn { fact } => format!("takes back {fact}"),
        _ => "recorded".into(),
    }
}

pub(crate) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Confirmed => "confirmed",
        Verdict::UnderReview => "under review",
        Verdict::Refuted => "refuted",
    }
}

pub(crate) fn time(best: BestTime) -> String {
    match best {
        BestTime::Certain { ms, .. } => instant(ms),
        BestTime::Uncertain { ms } => format!("{} by an uncertain clock", instant(ms)),
    }
}

pub(crate) fn instant(at: UnixMs) -> String {
    let time = DateTime::from_timestamp_millis(at.0);
    time.map_or_else(|| format!("{} ms", at.0), |time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
}
