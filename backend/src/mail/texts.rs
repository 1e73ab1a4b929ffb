//! The words of the mails.

use super::{Letter, Mail};

/// Subject and text.
pub(super) fn write(letter: &Letter, lang: &str, link: &str) -> (String, String) {
    let german = lang == "de";
    let Letter { sender, order_ref, mail, .. } = letter;
    let (subject, body) = match mail {
        Mail::YourCode { day, digits, neighbour } if german => (
            match neighbour {
                None => format!("Ihr Zustellcode für {sender}"),
                Some(name) => format!("Der Zustellcode für {name} ({sender})"),
            },
            format!(
                "Ihre Sendung von {sender} (Bestellung {order_ref}) kommt am {}.\n\n{}\n\n{AT_THE_DOOR_DE}{}",
                day.format("%d.%m.%Y"),
                code_de(neighbour.as_ref(), digits),
                if neighbour.is_some() { "" } else { "\n\nNimmt jemand anderes an? Geben Sie ihm diesen Code weiter." }
            ),
        ),
        Mail::YourCode { day, digits, neighbour } => (
            match neighbour {
                None => format!("Your delivery code for {sender}"),
                Some(name) => format!("The delivery code for {name} ({sender})"),
            },
            format!(
                "Your shipment from {sender} (order {order_ref}) comes on {day}.\n\n{}\n\n{AT_THE_DOOR_EN}{}",
                code_en(neighbour.as_ref(), digits),
                if neighbour.is_some() { "" } else { "\n\nIs somebody else receiving it? Pass this code on to them." }
            ),
        ),
        Mail::CodeReplaced { day, digits, neighbour } if german => (
            format!("Neuer Zustellcode für {sender}"),
            format!(
                "Für Ihre Sendung von {sender} (Bestellung {order_ref}) am {} gibt es einen neuen Code; der alte gilt nicht mehr.\n\n{}\n\n{AT_THE_DOOR_DE}\n\nHaben Sie das nicht gewollt? Sagen Sie es uns auf der Seite der Sendung.",
                day.format("%d.%m.%Y"),
                code_de(neighbour.as_ref(), digits)
            ),
        ),
        Mail::CodeReplaced { day, digits, neighbour } => (
            format!("New delivery code for {sender}"),
            format!(
                "There is a new code for your shipment from {sender} (order {order_ref}) on {day}; the old one is no longer valid.\n\n{}\n\n{AT_THE_DOOR_EN}\n\nDid you not want that? Tell us on the page of the shipment.",
                code_en(neighbour.as_ref(), digits)
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
        Mail::CodeFrozen { disputed: true } if german => (
            format!("Ihr Zustellcode für {sender} ist gesperrt"),
            "Wir haben Ihren Code gesperrt, wie Sie es wollten. Für heute gibt es keinen weiteren; am nächsten Zustelltag bekommen Sie einen neuen.".to_owned(),
        ),
        Mail::CodeFrozen { disputed: true } => (
            format!("Your delivery code for {sender} is frozen"),
            "We froze your code, as you asked. There is no other one for today; you get a new one on the next delivery day.".to_owned(),
        ),
        Mail::CodeFrozen { disputed: false } if german => (
            format!("Ihr Zustellcode für {sender} ist gesperrt"),
            "Es wurde ein falscher Code eingegeben. Ihr Code wurde vorsorglich gesperrt. Am nächsten Zustelltag bekommen Sie einen neuen.".to_owned(),
        ),
        Mail::CodeFrozen { disputed: false } => (
            format!("Your delivery code for {sender} is frozen"),
            "A wrong code was entered. Your code was frozen as a precaution. You get a new one on the next delivery day.".to_owned(),
        ),
        Mail::Delivered {} if german => (
            format!("Ihre Sendung von {sender} ist übergeben"),
            format!("Die Sendung zur Bestellung {order_ref} wurde übergeben.\n\nWaren Sie das nicht? Sagen Sie es uns auf der Seite der Sendung."),
        ),
        Mail::Delivered {} => (
            format!("Your shipment from {sender} was handed over"),
            format!("The shipment of order {order_ref} was handed over.\n\nWas that not you? Tell us on the page of the shipment."),
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

const AT_THE_DOOR_DE: &str = "Nennen Sie ihn dem Zusteller erst an der Tür, von Angesicht zu Angesicht – nie am Telefon und nie über die Sprechanlage. Er gilt bis zum Ende dieses Tages.";
const AT_THE_DOOR_EN: &str = "Tell it to the courier only at the door, face to face – never by phone or intercom. It is valid until the end of that day.";

fn code_de(neighbour: Option<&String>, digits: &str) -> String {
    neighbour.map_or_else(|| format!("Ihr Code: {digits}"), |name| format!("Der Code für {name}: {digits}"))
}

fn code_en(neighbour: Option<&String>, digits: &str) -> String {
    neighbour.map_or_else(|| format!("Your code: {digits}"), |name| format!("The code for {name}: {digits}"))
}

fn place(flat: Option<&String>) -> String {
    flat.map(|flat| format!(" ({flat})")).unwrap_or_default()
}
