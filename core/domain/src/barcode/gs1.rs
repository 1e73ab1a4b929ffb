//! GS1 element strings: several numbers in one barcode, each behind its application identifier (GS1 General
//! Specifications § 3). Only what is on parcel labels is known; anything else makes the whole string unreadable, since
//! what follows could be read wrongly.

/// One element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its application identifier, such as `00`.
    pub ai: String,
    /// What it says.
    pub data: String,
}

/// Ends an element of variable length (FNC1, as scanners deliver it).
const SEPARATOR: char = '\u{1d}';
/// Symbology identifiers (ISO/IEC 15424) of barcodes that hold element strings.
const GS1: [&str; 5] = ["]C1", "]e0", "]d2", "]Q3", "]J1"];

/// How long an element is.
enum Length {
    Digits(usize),
    UpTo(usize),
}

/// The elements of a string that says that it is one: by a symbology identifier, a separator or brackets. `None` if it
/// does not, or if it cannot be read to its end.
pub fn elements(text: &str) -> Option<Vec<Element>> {
    let text = text.trim(); // The separator is no white space.
    if text.starts_with('(') {
        return bracketed(text);
    }
    let marked = GS1.iter().find_map(|mark| text.strip_prefix(mark));
    let body = marked.or_else(|| text.contains(SEPARATOR).then_some(text))?;
    let mut rest = body.trim_start_matches(SEPARATOR);
    let mut elements = Vec::new();
    while !rest.is_empty() {
        let (ai, length) = identifier(rest)?;
        let (ai, data) = rest.split_at_checked(ai)?;
        let end = match length {
            Length::Digits(n) => n,
            Length::UpTo(_) => data.find(SEPARATOR).unwrap_or(data.len()),
        };
        let (data, after) = data.split_at_checked(end)?;
        elements.push(element(ai, data, &length)?);
        rest = after.trim_start_matches(SEPARATOR);
    }
    (!elements.is_empty()).then_some(elements)
}

/// As people write it: `(00)340433836442636597(420)10117`.
fn bracketed(text: &str) -> Option<Vec<Element>> {
    text.split('(')
        .skip(1)
        .map(|part| {
            let (ai, data) = part.split_once(')')?;
            let (ai, data) = (ai.trim(), data.split_whitespace().collect::<String>());
            let (known, length) = identifier(ai)?;
            if known == ai.len() { element(ai, &data, &length) } else { None }
        })
        .collect()
}

fn element(ai: &str, data: &str, length: &Length) -> Option<Element> {
    let fits = match length {
        Length::Digits(n) => data.len() == *n && data.bytes().all(|byte| byte.is_ascii_digit()),
        Length::UpTo(n) => {
            (1..=*n).contains(&data.len()) && data.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        }
    };
    fits.then(|| Element { ai: ai.to_owned(), data: data.to_owned() })
}

/// How long the application identifier at the beginning is, and its data.
fn identifier(text: &str) -> Option<(usize, Length)> {
    if text.bytes().take_while(u8::is_ascii_digit).count() < 2 {
        return None;
    }
    Some(match text.get(..2)? {
        "00" => (2, Length::Digits(18)),
        "01" | "02" => (2, Length::Digits(14)),
        "11" | "12" | "13" | "15" | "16" | "17" => (2, Length::Digits(6)),
        "20" => (2, Length::Digits(2)),
        "10" | "21" | "22" => (2, Length::UpTo(20)),
        "37" => (2, Length::UpTo(8)),
        "31" | "32" | "33" | "34" | "35" | "36" => (4, Length::Digits(6)),
        "40" if text.starts_with("402") => (3, Length::Digits(17)),
        "24" | "25" | "40" => (3, Length::UpTo(30)),
        "41" => (3, Length::Digits(13)),
        "42" if text.starts_with("422") => (3, Length::Digits(3)),
        "42" => (3, Length::UpTo(20)),
        "43" => (4, Length::UpTo(70)),
        "90" => (2, Length::UpTo(30)),
        "91" | "92" | "93" | "94" | "95" | "96" | "97" | "98" | "99" => (2, Length::UpTo(90)),
        _ => return None,
    })
}

/// The elements that name a parcel: an SSCC, and with 91 to 95 the number of USPS, which counts its identifier in.
pub(super) fn parcel_numbers(text: &str) -> Vec<String> {
    let number = |element: Element| match element.ai.as_str() {
        "00" => Some(element.data),
        "91" | "92" | "93" | "94" | "95" => Some(element.ai + &element.data),
        _ => None,
    };
    elements(text).unwrap_or_default().into_iter().filter_map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        elements(text).unwrap_or_default().into_iter().map(|it| (it.ai, it.data)).collect()
    }

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(ai, data)| ((*ai).to_owned(), (*data).to_owned())).collect()
    }

    #[test]
    fn elements_end_by_their_length_or_by_a_separator() {
        let wanted =
            pairs(&[("00", "340433836442636597"), ("420", "10117"), ("3301", "000123"), ("21", "A-7")]);
        assert_eq!(read("]C100340433836442636597420 10117\u{1d}330100012321A-7").len(), 4);
        assert_eq!(read("]C10034043383644263659742010117\u{1d}330100012321A-7"), wanted);
        assert_eq!(read("(00) 340433836442636597 (420)10117(3301)000123(21)A-7"), wanted);
    }

    /// GS1 General Specifications, figure 3.2-1: identifiers, how long they are and how long their data.
    #[test]
    fn every_known_identifier_is_as_long_as_it_is_specified() {
        for (ais, fixed, digits) in [
            (&["00"][..], true, 18),
            (&["01", "02"], true, 14),
            (&["11", "12", "13", "15", "16", "17"], true, 6),
            (&["20"], true, 2),
            (&["10", "21", "22"], false, 20),
            (&["37"], false, 8),
            (&["3102", "3202", "3302", "3402", "3502", "3602"], true, 6),
            (&["402"], true, 17),
            (&["400", "240", "251", "403"], false, 30),
            (&["410", "414"], true, 13),
            (&["422"], true, 3),
            (&["420", "421"], false, 20),
            (&["4300"], false, 70),
            (&["90"], false, 30),
            (&["91", "99"], false, 90),
        ] {
            for ai in ais {
                let data = "1".repeat(digits);
                let end = if fixed { "" } else { "\u{1d}" };
                let two = format!("  ]C1{ai}{data}{end}21X ");
                assert_eq!(read(&two), pairs(&[(ai, &data), ("21", "X")]), "{two:?}");
                let (more, less) = (format!("({ai}){data}1"), format!("({ai}){}", &data[1..]));
                assert_eq!(elements(&more), None, "{more:?}");
                assert_eq!(elements(&less).is_none(), fixed, "{less:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_to_its_end_is_not_read_at_all() {
        for text in [
            "",
            "00340433836442636597",
            "]C1",
            "]C1003404338364426365",
            "]C10034043383644263659X",
            "]C1880123",
            "]C1420",
            "()",
            "(00)34(",
            "(0)1",
            "(00 340433836442636597",
            "]C1\u{1d}\u{1d}",
            "\u{1d}ä",
        ] {
            assert_eq!(elements(text), None, "{text:?}");
        }
    }

    #[test]
    fn only_numbers_of_parcels_are_parcel_numbers() {
        assert_eq!(parcel_numbers("(01)04012345678901(21)7"), Vec::<String>::new());
        assert_eq!(parcel_numbers("]C142022153\u{1d}9101026837331000039521"), ["9101026837331000039521"]);
    }
}
