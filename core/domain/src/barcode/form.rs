//! The forms of parcel numbers that are told apart.

use serde::{Deserialize, Serialize};

use super::check_digit::{mod10_3_1, mod10_4_9, mod37_36, s10, ups};

/// A form of a number on a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// GS1 serial shipping container code, 18 digits, also behind the application identifier 00.
    Sscc,
    /// UPU S10, such as `RB123456785GB`.
    S10,
    /// DHL Identcode, 12 digits: the parcel.
    Identcode,
    /// DHL Leitcode, 14 digits: the way to the address, on many parcels the same.
    Leitcode,
    /// DPD, 14 digits with a check character, or the whole barcode around them.
    Dpd,
    /// UPS, 18 characters that begin with `1Z`.
    Ups,
    /// USPS Intelligent Mail package barcode, 22 or 26 digits, also behind 420 and a ZIP code.
    Impb,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 7] =
        [Self::Sscc, Self::S10, Self::Identcode, Self::Leitcode, Self::Dpd, Self::Ups, Self::Impb];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sscc => "GS1 SSCC",
            Self::S10 => "UPU S10",
            Self::Identcode => "DHL Identcode",
            Self::Leitcode => "DHL Leitcode",
            Self::Dpd => "DPD",
            Self::Ups => "UPS",
            Self::Impb => "USPS IMpb",
        }
    }

    /// Whether it names one parcel. A routing code does not.
    pub fn names_a_parcel(self) -> bool {
        self != Self::Leitcode
    }

    /// Whether nothing else looks like it, so that a wrong check digit can only be a misreading. Numbers of 12, 14 or 15
    /// digits are in use by many.
    pub fn is_unmistakable(self) -> bool {
        matches!(self, Self::Sscc | Self::S10 | Self::Ups | Self::Impb)
    }
}

/// A form that a text looks like.
pub(super) struct Shape {
    pub(super) form: Form,
    /// The number itself, without what may stand around it.
    pub(super) key: String,
    /// The check digit is right, or the form has none.
    pub(super) is_right: bool,
}

/// Every form that a plain text looks like.
pub(super) fn shapes(text: &str) -> Vec<Shape> {
    let mut shapes = Vec::new();
    if !text.is_ascii() {
        return shapes;
    }
    let mut add = |form, key: &str, is_right| shapes.push(Shape { form, key: key.to_owned(), is_right });
    let bytes = text.as_bytes();
    let is_number = bytes.iter().all(u8::is_ascii_digit);
    match bytes.len() {
        18 if is_number => add(Form::Sscc, text, mod10_3_1(text)),
        20 if is_number && text.starts_with("00") => add(Form::Sscc, &text[2..], mod10_3_1(&text[2..])),
        12 if is_number => add(Form::Identcode, text, mod10_4_9(text)),
        14 if is_number => add(Form::Leitcode, text, mod10_4_9(text)),
        13 if is_s10(bytes) => add(Form::S10, text, s10(&text[2..11])),
        18 if text.starts_with("1Z") && bytes.iter().all(u8::is_ascii_alphanumeric) => {
            add(Form::Ups, text, ups(&text[2..]));
        }
        // The number on the label, with its check character.
        15 if bytes[..14].iter().all(u8::is_ascii_digit) => add(Form::Dpd, &text[..14], mod37_36(text)),
        // The barcode around it: `%`, destination of 7, number of 14, service of 3, country of 3; the check character
        // is only in what is printed below.
        28 if bytes[0] == b'%' && bytes[8..].iter().all(u8::is_ascii_digit) => {
            add(Form::Dpd, &text[8..22], true);
        }
        28 if bytes[7..27].iter().all(u8::is_ascii_digit) && bytes.iter().all(u8::is_ascii_alphanumeric) => {
            add(Form::Dpd, &text[7..21], mod37_36(text));
        }
        _ => {}
    }
    if is_number {
        shapes.extend(impb(text));
    }
    shapes
}

fn is_s10(bytes: &[u8]) -> bool {
    let letters = |part: &[u8]| part.iter().all(u8::is_ascii_uppercase);
    letters(&bytes[..2]) && bytes[2..11].iter().all(u8::is_ascii_digit) && letters(&bytes[11..])
}

/// USPS Publication 199: 22 or 26 digits that begin with 91 to 95, perhaps behind 420 and a ZIP code of 5 or 9.
fn impb(text: &str) -> Option<Shape> {
    let is_body = |body: &str| {
        matches!(body.len(), 22 | 26) && body.starts_with('9') && matches!(body.as_bytes()[1], b'1'..=b'5')
    };
    let behind = |zip: usize| text.strip_prefix("420").and_then(|rest| rest.get(zip..));
    let bodies = [Some(text), behind(5), behind(9)];
    let bodies: Vec<&str> = bodies.into_iter().flatten().filter(|body| is_body(body)).collect();
    let right = bodies.iter().find(|body| mod10_3_1(body));
    right.or(bodies.first()).map(|body| Shape {
        form: Form::Impb,
        key: (*body).to_owned(),
        is_right: right.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right_forms(text: &str) -> Vec<Form> {
        shapes(text).into_iter().filter(|shape| shape.is_right).map(|shape| shape.form).collect()
    }

    /// Numbers of public sources: `jkeen/tracking_number_data` (`couriers/*.json`, `test_numbers`), the examples of BWIPP
    /// for Identcode and Leitcode, the GS1 General Specifications, and the DHL number of paketda.de.
    const RIGHT: [(&str, Form); 23] = [
        ("106141412345678908", Form::Sscc),
        ("106141411928374657", Form::Sscc),
        ("340433836442636597", Form::Sscc),
        ("00340433836442636597", Form::Sscc),
        ("RB123456785GB", Form::S10),
        ("RB123456785US", Form::S10),
        ("563102430313", Form::Identcode),
        ("201298452277", Form::Identcode),
        ("21348075016401", Form::Leitcode),
        ("09980000020033F", Form::Dpd),
        ("09980000020034D", Form::Dpd),
        ("008182709980000020033350276C", Form::Dpd),
        ("008182709980000020045327276N", Form::Dpd),
        ("1Z5R89390357567127", Form::Ups),
        ("1Z879E930346834440", Form::Ups),
        ("1Z410E7W0392751591", Form::Ups),
        ("1Z8V92A70367203024", Form::Ups),
        ("9400111206206406260787", Form::Impb),
        ("9405803699300124287899", Form::Impb),
        ("92748931507708513018050063", Form::Impb),
        ("420221539101026837331000039521", Form::Impb),
        ("4201002334249200190132607600833457", Form::Impb),
        ("4201028200009261290113185417468510", Form::Impb),
    ];

    #[test]
    fn numbers_of_public_sources_have_the_right_check_digit() {
        for (text, form) in RIGHT {
            assert!(right_forms(text).contains(&form), "{text} is no {}", form.name());
        }
    }

    #[test]
    fn a_ups_number_ends_with_a_digit() {
        assert!(right_forms("1Z5R89390357567127").contains(&Form::Ups));
        // `F` counts as 7, too.
        assert_eq!(right_forms("1Z5R8939035756712F"), []);
    }

    #[test]
    fn every_form_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = Form::ALL.iter().map(|form| form.name()).collect();
        assert!(names.len() == Form::ALL.len() && !names.contains(""), "{names:?}");
    }

    #[test]
    fn every_form_has_a_number_of_a_public_source() {
        for form in Form::ALL {
            assert!(RIGHT.iter().any(|(_, of)| *of == form), "{form:?}");
        }
    }

    /// The same sources' `invalid` numbers, or the last digit changed.
    #[test]
    fn wrong_check_digits_are_told() {
        for text in [
            "106141412345678907",
            "RB123456786US",
            "563102430314",
            "201298452278",
            "21348075016402",
            "09980000020033D",
            "008182709980000020033350276A",
            "1Z1111111111111111",
            "9200000000000000000000",
            "4201028200009261290113185417468511",
        ] {
            let shapes = shapes(text);
            assert!(!shapes.is_empty() && right_forms(text).is_empty(), "{text}");
        }
    }

    /// As long as a form, and with something else in it.
    #[test]
    fn what_only_has_the_length_of_a_form_does_not_look_like_it() {
        for text in [
            "1061414123456789A8",
            "01340433836442636597",
            "0034043383644263659X",
            "5631024303A3",
            "213480750164A1",
            "R1123456785GB",
            "12123456785GB",
            "RB1234567X5GB",
            "RB12345678512",
            "2Z5R89390357567127",
            "1Z5R8939035756712-",
            "0998000002A033F",
            "%08182709980000020033350276C",
            "-08182709980000020033350276C",
            "LABEL-OF-SOMEBODY-0123456789",
            "8400111206206406260787",
            "9600111206206406260787",
            "940011120620640626078",
        ] {
            let forms: Vec<_> = shapes(text).into_iter().map(|shape| shape.form).collect();
            assert_eq!(forms, [], "{text}");
        }
    }

    #[test]
    fn of_a_dpd_barcode_the_number_inside_is_the_parcel() {
        let keys = |text: &str| shapes(text).into_iter().map(|it| (it.key, it.is_right)).collect::<Vec<_>>();
        assert_eq!(keys("%008182709980000020033350276"), [("09980000020033".to_owned(), true)]);
        assert_eq!(keys("0081827099800000200333502760"), [("09980000020033".to_owned(), false)]);
    }

    #[test]
    fn what_is_no_parcel_number_has_no_form() {
        for text in
            ["", "LABEL-KAYA", "1A5R89390357567127", "420000000000000000000000000000", "RB12345678GB", "ä"]
        {
            assert!(right_forms(text).is_empty(), "{text}");
        }
    }
}
