//! What things are called on the office's pages.

use chrono::NaiveDate;
use courier_domain::{UnixMs, Verdict};

use super::reader::Lang;
use crate::board::Standing;
use crate::storage::AttemptState;
use crate::tracking::State;

pub(super) fn standing(lang: Lang, standing: Standing) -> &'static str {
    match standing {
        Standing::Unreported => lang.say("nicht gemeldet", "unreported"),
        Standing::Late => lang.say("verspätet", "late"),
        Standing::Open => lang.say("offen", "open"),
        Standing::Failed => lang.say("nicht zugestellt", "not delivered"),
        Standing::Handed => lang.say("übergeben, unbestätigt", "handed over, unconfirmed"),
        Standing::Delivered => lang.say("zugestellt", "delivered"),
        Standing::Empty => lang.say("nichts mehr zu tun", "nothing left to do"),
    }
}

/// Class of the style.
pub(super) fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::Unreported => "unreported",
        Standing::Late => "late",
        Standing::Open => "open",
        Standing::Failed => "failed",
        Standing::Handed => "handed",
        Standing::Delivered => "delivered",
        Standing::Empty => "empty",
    }
}

pub(super) fn attempt(lang: Lang, state: AttemptState) -> &'static str {
    match state {
        AttemptState::Planned => lang.say("geplant", "planned"),
        AttemptState::Open => lang.say("offen", "open"),
        AttemptState::Handed => lang.say("übergeben, unbestätigt", "handed over, unconfirmed"),
        AttemptState::Delivered => lang.say("zugestellt", "delivered"),
        AttemptState::Failed => lang.say("nicht zugestellt", "not delivered"),
        AttemptState::Superseded => lang.say("überholt", "superseded"),
    }
}

pub(super) fn state(lang: Lang, state: State) -> &'static str {
    match state {
        State::Announced => lang.say("angekündigt", "announced"),
        State::OnTheWay => lang.say("unterwegs", "on its way"),
        State::Frozen => lang.say("Code gesperrt", "code frozen"),
        State::HandedOver => lang.say("übergeben, unbestätigt", "handed over, unconfirmed"),
        State::Delivered => lang.say("zugestellt", "delivered"),
        State::NotDelivered => lang.say("nicht zugestellt", "not delivered"),
        State::Cancelled => lang.say("storniert", "cancelled"),
    }
}

pub(super) fn verdict(lang: Lang, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Confirmed => lang.say("bestätigt", "confirmed"),
        Verdict::UnderReview => lang.say("zu prüfen", "under review"),
        Verdict::Refuted => lang.say("widerlegt", "refuted"),
    }
}

/// Why something is reviewed or was ruled so. What has no words here is shown as its stable word.
pub(super) fn why(lang: Lang, word: &str) -> String {
    let (de, en) = match word {
        "tamper" => ("Hinweis auf Manipulation", "sign of tampering"),
        "decoy" => ("Köder statt des Codes eingegeben", "a decoy was entered instead of the code"),
        "two-decoys" => ("zwei Köder in 30 Tagen", "two decoys within 30 days"),
        "dispute-told-by-phone" => ("Code am Telefon gesagt", "code told by phone"),
        "dispute-not-received" => ("Kunde hat nichts bekommen", "customer has received nothing"),
        "dispute-not-me" => ("Kunde war es nicht", "customer says it was somebody else"),
        "unreadable-fact" => ("nicht lesbare Meldung", "a report that cannot be read"),
        "no-code" => ("übergeben ohne Code", "handed over without a code"),
        "no-evidence" => ("Eingabe ohne Beleg", "an entry without evidence"),
        "stale-code" => ("Code war ersetzt", "the code had been replaced"),
        "frozen-code" => ("Code war gesperrt", "the code was frozen"),
        "used-code" => ("Code war verbraucht", "the code was used up"),
        "outside-its-day" => ("außerhalb seines Tages", "outside its day"),
        "already-delivered" => ("war schon zugestellt", "was delivered already"),
        "after-removal" => ("nicht mehr auf dieser Tour", "not on this route any more"),
        "reassigned-before-handover" => ("inzwischen umverteilt", "reassigned in the meantime"),
        "cancelled" => ("war storniert", "was cancelled"),
        "wrong-code" => ("falscher Code", "wrong code"),
        "right-code" => ("richtiger Code", "right code"),
        "decided" => ("von einer Person entschieden", "decided by a person"),
        "handed-over" => ("übergeben", "handed over"),
        "recorded" => ("aufgezeichnet", "recorded"),
        "withdrawn" => ("zurückgenommen", "withdrawn"),
        _ => return word.to_owned(),
    };
    lang.say(de, en).to_owned()
}

/// What a phone recorded, by the word of its kind.
pub(super) fn fact(lang: Lang, kind: &str) -> String {
    let (de, en) = match kind {
        "code_tried" => ("Code eingegeben", "code entered"),
        "handed_over" => ("Übergeben", "handed over"),
        "not_delivered" => ("Nicht zugestellt", "not delivered"),
        "withdrawn" => ("Zurückgenommen", "withdrawn"),
        "proof_added" => ("Nachweis ergänzt", "proof added"),
        "arrived" => ("Angekommen", "arrived"),
        "incident" => ("Vorfall", "incident"),
        _ => return kind.to_owned(),
    };
    lang.say(de, en).to_owned()
}

/// A mail, by the word of its template.
pub(super) fn mail(lang: Lang, template: &str) -> String {
    let (de, en) = match template {
        "your_code" => ("Ihr Zustellcode", "your delivery code"),
        "code_replaced" => ("Neuer Zustellcode", "new delivery code"),
        "code_frozen" => ("Zustellcode gesperrt", "delivery code frozen"),
        "attempt_failed" => ("Konnte nicht zugestellt werden", "could not be delivered"),
        "still_coming" => ("Kommt doch noch", "still coming"),
        "delivered" => ("Übergeben", "handed over"),
        "at_neighbour" => ("Beim Nachbarn", "with a neighbour"),
        _ => return template.to_owned(),
    };
    lang.say(de, en).to_owned()
}

/// A decision, by its word.
pub(super) fn decision(lang: Lang, word: &str) -> String {
    let (de, en) = match word {
        "confirmed" => ("Übergabe gilt", "the handover counts"),
        "refuted" => ("Übergabe gilt nicht", "the handover does not count"),
        "seen" => ("gesehen", "seen"),
        _ => return word.to_owned(),
    };
    lang.say(de, en).to_owned()
}

pub(super) fn day(lang: Lang, day: NaiveDate) -> String {
    day.format(lang.say("%d.%m.%Y", "%Y-%m-%d")).to_string()
}

/// An instant, in the time of a place.
pub(super) fn at(lang: Lang, at: UnixMs, tz: chrono_tz::Tz) -> String {
    let local = chrono::DateTime::from_timestamp_millis(at.0).unwrap_or_default().with_timezone(&tz);
    local.format(lang.say("%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S")).to_string()
}

/// The time of an instant on the clocks of a place.
pub(super) fn clock(at: UnixMs, tz: &str) -> String {
    let tz: chrono_tz::Tz = tz.parse().unwrap_or(chrono_tz::UTC);
    chrono::DateTime::from_timestamp_millis(at.0)
        .unwrap_or_default()
        .with_timezone(&tz)
        .format("%H:%M")
        .to_string()
}

/// An instant for programs (RFC 3339).
pub(super) fn rfc3339(at: UnixMs) -> String {
    chrono::DateTime::from_timestamp_millis(at.0).unwrap_or_default().to_rfc3339()
}
