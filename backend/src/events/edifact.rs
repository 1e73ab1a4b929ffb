//! The feed as UN/EDIFACT: an interchange (ISO 9735, syntax version 4, UTF-8) of IFTSTA messages of directory D.10B, one for each
//! event.
//!
//! What is taken back is a message of function 1, cancellation, which names the one that told it. A name or number that is
//! longer than its element is cut, and the message is lossy then.

use courier_domain::UnixMs;

use super::{Effect, Event, Written, instant};

/// Longest reference (1004, 1154) and name of a party (3036), in characters.
const LONG: usize = 70;
/// Longest name of who exchanges (0010).
const PARTY: usize = 35;
/// References of one status: 999 in all, less those of the shipment itself.
const PARCELS: usize = 990;
/// Status groups of one consignment.
const GROUPS: usize = 99;

/// Writes an interchange. There is at least one event.
pub(super) fn write(events: &[&Event], now: UnixMs) -> Written {
    let (first, last) = (events.first(), events.last().map_or(0, |event| event.n));
    let one = first.filter(|first| events.iter().all(|event| event.sender == first.sender));
    let receiver = one.map_or("ANY", |event| event.sender.as_str());
    let mut writer = Writer { text: String::from("UNA:+.?*'"), ..Writer::default() };
    let at = instant(now).unwrap_or_default();
    let (day, time) = (at.format("%Y%m%d").to_string(), at.format("%H%M").to_string());
    let reference = last.to_string();
    writer
        .put("UNB", &[&["UNOW", "4"], &["COURIER"], &[&cut(receiver, PARTY)], &[&day, &time], &[&reference]]);
    let mut lossy = false;
    for event in events {
        lossy |= message(&mut writer, event, now);
    }
    writer.put("UNZ", &[&[&events.len().to_string()], &[&reference]]);
    Written { text: writer.text, lossy }
}

/// One message; says whether it is lossy.
fn message(writer: &mut Writer, event: &Event, now: UnixMs) -> bool {
    writer.segments = 0;
    let number = event.n.to_string();
    let codes = event.codes.edifact;
    let is_cut =
        [&event.sender, &event.reference, &event.order_ref].iter().any(|text| cut(text, LONG) != **text)
            || event.parcels.len() > PARCELS * GROUPS;
    let lossy = codes.lossy || is_cut;
    writer.put("UNH", &[&[&number], &["IFTSTA", "D", "10B", "UN"]]);
    let function = if event.effect == Effect::TakenBack { "1" } else { "9" };
    writer.put("BGM", &[&["77"], &[&cut(&event.id, LONG)], &[function]]);
    writer.put("DTM", &[&["137", &time(now), "304"]]);
    writer.put("NAD", &[&["CZ"], &[], &[], &[&cut(&event.sender, LONG)]]);
    if let Some(told) = &event.takes_back {
        writer.put("RFF", &[&["ACW", &cut(told, LONG)]]);
    }
    writer.put("CNI", &[&["1"], &[&cut(&event.reference, LONG)]]);
    // A consignment has a status, whatever it consists of.
    let first = event.parcels.chunks(PARCELS).next().unwrap_or_default();
    let others = event.parcels.chunks(PARCELS).skip(1).take(GROUPS - 1);
    for parcels in [first].into_iter().chain(others) {
        let reason: &[&str] = match &codes.reason {
            Some(reason) => &[reason],
            None => &[],
        };
        writer.put("STS", &[&["1"], &[codes.status, "", "6"], reason]);
        writer.put("RFF", &[&["CN", event.shipment.as_str()]]);
        writer.put("RFF", &[&["ON", &cut(&event.order_ref, LONG)]]);
        for parcel in parcels {
            writer.put("RFF", &[&["CW", &cut(&parcel.barcode, LONG)]]);
        }
        writer.put("DTM", &[&["78", &time(event.happened_ms), "304"]]);
        let flag: &[&str] = if lossy { &["LOSSY", "", "ZZZ"] } else { &[] };
        writer.put("FTX", &[&["ACB"], &[], flag, &[event.outcome.word()]]);
    }
    let count = (writer.segments + 1).to_string();
    writer.put("UNT", &[&[&count], &[&number]]);
    lossy
}

/// Format 304: seconds, and a time zone of three letters.
fn time(ms: UnixMs) -> String {
    instant(ms).unwrap_or_default().format("%Y%m%d%H%M%SUTC").to_string()
}

/// As much of a text as fits. What is no character to print, in any language, becomes a space.
fn cut(text: &str, most: usize) -> String {
    let shown = |c: char| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c };
    text.chars().take(most).map(shown).collect()
}

#[derive(Default)]
struct Writer {
    text: String,
    /// Of the message at hand.
    segments: usize,
}

impl Writer {
    /// A segment of elements of components. Empty ones at the end are left out, as the syntax asks for.
    fn put(&mut self, tag: &str, elements: &[&[&str]]) {
        let filled = |element: &[&str]| element.iter().rposition(|component| !component.is_empty());
        let elements: Vec<_> = elements
            .iter()
            .map(|element| filled(element).map_or(&element[..0], |last| &element[..=last]))
            .collect();
        let end = elements.iter().rposition(|element| !element.is_empty()).map_or(0, |last| last + 1);
        self.text.push_str(tag);
        for element in &elements[..end] {
            self.text.push('+');
            for (no, component) in element.iter().enumerate() {
                if no > 0 {
                    self.text.push(':');
                }
                self.escaped(component);
            }
        }
        self.text.push('\'');
        self.segments += 1;
    }

    /// A release character goes before each character that would mean something.
    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            if matches!(c, '+' | ':' | '\'' | '?' | '*') {
                self.text.push('?');
            }
            self.text.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::events::codes::{self, OUTCOMES, Outcome};
    use crate::events::tests::event;

    /// Segments of elements of components, read by the rules of the syntax and nothing else.
    fn read(text: &str) -> Vec<Vec<Vec<String>>> {
        let text = text.strip_prefix("UNA:+.?*'").unwrap();
        let (mut segments, mut elements, mut components) = (Vec::new(), Vec::new(), vec![String::new()]);
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '?' => components.last_mut().unwrap().push(chars.next().unwrap()),
                ':' => components.push(String::new()),
                '+' | '\'' => {
                    elements.push(std::mem::replace(&mut components, vec![String::new()]));
                    if c == '\'' {
                        segments.push(std::mem::take(&mut elements));
                    }
                }
                '*' => panic!("a repetition in {text}"),
                c => components.last_mut().unwrap().push(c),
            }
        }
        assert!(elements.is_empty() && components == [""], "no end in {text}");
        segments
    }

    const NOW: UnixMs = UnixMs(1_795_503_602_000);

    #[test]
    fn a_whole_interchange_is_as_it_was_read_once_by_a_person() {
        let outcome = Outcome::Failed(courier_domain::Reason::CodeNotAvailable);
        let barcodes = ["B1".to_owned(), "it's+1".to_owned()];
        let written = write(&[&event(outcome, ["Käufer & Söhne", "r:1?", "o*1"], &barcodes)], NOW);
        assert!(written.lossy);
        let wanted = "UNA:+.?*'\
            UNB+UNOW:4+COURIER+Käufer & Söhne+20261124:0700+7'\
            UNH+7+IFTSTA:D:10B:UN'\
            BGM+77+epoch~7+9'\
            DTM+137:20261124070002UTC:304'\
            NAD+CZ+++Käufer & Söhne'\
            CNI+1+r?:1??'\
            STS+1+23::6+6'\
            RFF+CN:shipment'\
            RFF+ON:o?*1'\
            RFF+CW:B1'\
            RFF+CW:it?'s?+1'\
            DTM+78:20261124070000UTC:304'\
            FTX+ACB++LOSSY::ZZZ+code_not_available'\
            UNT+13+7'\
            UNZ+1+7'";
        assert_eq!(written.text, wanted);
    }

    #[test]
    fn what_does_not_fit_is_cut_and_told_as_lossy() {
        let outcome = Outcome::Handed(courier_domain::Receiver::Recipient);
        let fits = "ä".repeat(LONG);
        let barcodes = ["B".to_owned()];
        assert!(!write(&[&event(outcome, [&fits, &fits, &fits], &barcodes)], NOW).lossy);
        let long = format!("{fits}x");
        for texts in [[&long, &fits, &fits], [&fits, &long, &fits], [&fits, &fits, &long]] {
            let written = write(&[&event(outcome, texts.map(String::as_str), &barcodes)], NOW);
            assert!(written.lossy && !written.text.contains('x') && written.text.contains("LOSSY"));
        }
    }

    proptest! {
        #[test]
        fn whatever_strangers_write_stays_in_its_element(
            sender in any::<String>(),
            reference in "[+:'?*\u{0}-\u{ff}\u{2028}\u{202e}🚚]{0,200}",
            order_ref in "[+:'?*a]{0,200}",
            barcodes in proptest::collection::vec("[!-~]{1,64}", 0..4),
            no in 0..OUTCOMES.len(),
        ) {
            let outcome = OUTCOMES[no];
            let of = event(outcome, [&sender, &reference, &order_ref], &barcodes);
            let written = write(&[&of, &of], NOW);
            let segments = read(&written.text);
            let tags: Vec<_> = segments.iter().map(|segment| segment[0][0].as_str()).collect();
            let mut message = vec!["UNH", "BGM", "DTM", "NAD", "CNI", "STS", "RFF", "RFF"];
            message.extend(barcodes.iter().map(|_| "RFF"));
            message.extend(["DTM", "FTX", "UNT"]);
            let whole: Vec<_> = ["UNB"].into_iter().chain(message.clone()).chain(message.clone()).chain(["UNZ"]).collect();
            prop_assert_eq!(tags, whole);
            prop_assert!(!written.text.chars().any(char::is_control));
            let of_tag = |tag: &str| segments.iter().find(|segment| segment[0][0] == tag).unwrap();
            prop_assert_eq!(&of_tag("UNT")[1][0], &message.len().to_string());
            prop_assert_eq!(&of_tag("UNZ")[1][0], "2");
            let at = |segment: &[Vec<String>], element: usize| {
                segment.get(element).and_then(|it| it.first()).cloned().unwrap_or_default()
            };
            prop_assert_eq!(at(of_tag("NAD"), 4), cut(&sender, LONG));
            prop_assert_eq!(at(of_tag("CNI"), 2), cut(&reference, LONG));
            let read: Vec<_> = segments.iter().filter(|it| it[0][0] == "RFF" && it[1][0] == "CW").map(|it| it[1][1].clone()).collect();
            prop_assert_eq!(read, [barcodes.clone(), barcodes].concat());
            prop_assert!(segments.iter().flatten().flatten().all(|text| text.chars().count() <= LONG));
            let codes::Codes { edifact, .. } = outcome.codes();
            prop_assert!(written.lossy || !edifact.lossy);
        }
    }
}
