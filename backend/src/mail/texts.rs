//! The words of the mails.

use super::{Letter, Mail};

/// Subject and text.
pub(super) fn write(letter: &Letter, lang: &str, link: &str) -> (String, String) {
    let german = lang == "de";
    let Letter { sender, order_ref, mail, .. } = letter;
    let (subject, body) = match mail {
        Mail::YourCode { day, digits } if german => (
            format!("Ihr Zustellcode für {sender}"),
            format!(
                "Ihre Sendung von {sender} (Bestellung {order_ref}) kommt am {}.\n\nIhr Code: {digits}\n\nNennen Sie ihn dem Zusteller erst an der Tür, von Angesicht zu Angesicht – nie am Telefon und nie über die Sprechanlage. Er gilt bis zum Ende dieses Tages.\n\nNimmt jemand anderes an? Geben Sie ihm diesen Code weiter.",
                day.format("%d.%m.%Y")
            ),
        ),
        Mail::YourCode { day, digits } => (
            format!("Your delivery code for {sender}"),
            format!(
                "Your shipment from {sender} (order {order_ref}) comes on {day}.\n\nYour code: {digits}\n\nTell it to the courier only at the door, face to face – never by phone or intercom. It is valid until the end of that day.\n\nIs somebody else receiving it? Pass this code on to them."
            ),
        ),
        Mail::AttemptFailed { next } if german => (
            format!("Ihre Sendung von {sender} konnte nicht zugestellt werden"),
            match next {
                Some(day) => format!(
                    "Wir versuchen es wieder am {}. Wenn ein Code nötig ist, bekommen Sie einen neuen; der alte gilt nicht mehr.",
                    day.format("%d.%m.%Y")
                ),
                None => "Wir melden uns, wie es weitergeht.".to_owned(),
            },
        ),
        Mail::AttemptFailed { next } => (
            format!("Your shipment from {sender} could not be delivered"),
            match next {
                Some(day) => format!(
                    "We try again on {day}. If a code is needed, you get a new one; the old one is no longer valid."
                ),
                None => "We will tell you how it goes on.".to_owned(),
            },
        ),
        Mail::StillComing {} if german => (
            format!("Ihre Sendung von {sender} kommt doch noch"),
            "Der Zustellversuch war nicht zu Ende. Es bleibt beim ursprünglichen Zustelltag; ein Code, den Sie dafür bekommen haben, gilt wieder.".to_owned(),
        ),
        Mail::StillComing {} => (
            format!("Your shipment from {sender} is still coming"),
            "The attempt was not over after all. The delivery day is the one from before; a code that you got for it is valid again.".to_owned(),
        ),
        Mail::CodeFrozen {} if german => (
            format!("Ihr Zustellcode für {sender} ist gesperrt"),
            "Es wurde ein falscher Code eingegeben. Ihr Code wurde vorsorglich gesperrt. Am nächsten Zustelltag bekommen Sie einen neuen.".to_owned(),
        ),
        Mail::CodeFrozen {} => (
            format!("Your delivery code for {sender} is frozen"),
            "A wrong code was entered. Your code was frozen as a precaution. You get a new one on the next delivery day.".to_owned(),
        ),
        Mail::Delivered {} if german => (
            format!("Ihre Sendung von {sender} ist übergeben"),
            format!("Die Sendung zur Bestellung {order_ref} wurde übergeben.\n\nWaren Sie das nicht? Antworten Sie auf diese Mail."),
        ),
        Mail::Delivered {} => (
            format!("Your shipment from {sender} was handed over"),
            format!("The shipment of order {order_ref} was handed over.\n\nWas that not you? Answer this mail."),
        ),
        Mail::AtNeighbour { name, flat } if german => (
            format!("Ihre Sendung von {sender} ist bei {name}"),
            format!("Bitte holen Sie sie bei {name}{} ab.", place(flat.as_ref())),
        ),
        Mail::AtNeighbour { name, flat } => (
            format!("Your shipment from {sender} is with {name}"),
            format!("Please fetch it from {name}{}.", place(flat.as_ref())),
        ),
    };
    let follow = if german { "Sendung verfolgen" } else { "Follow your shipment" };
    (subject, format!("{body}\n\n{follow}: {link}\n"))
}

fn place(flat: Option<&String>) -> String {
    flat.map(|flat| format!(" ({flat})")).unwrap_or_default()
}
