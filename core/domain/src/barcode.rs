//! Barcodes on labels: what was scanned or typed, which form it has, whether its check digit is right, and the keys by
//! which it is found among the parcels of the route.
//!
//! A check digit is no condition for a match: what is printed on a parcel of the route is right because it is printed
//! there. It tells what is not on the route apart: a parcel of somebody else, or a misreading.

mod check_digit;
mod form;
mod gs1;
mod index;

pub use check_digit::{mod10_3_1, s10};
pub use form::Form;
pub use gs1::{Element, elements};
pub use index::{BarcodeIndex, Place};

/// Longest text taken at once, in characters: every barcode of one label, a line each, or an element string that
/// carries an address.
pub const MAX_SCAN: usize = 512;

/// One barcode, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Barcode {
    /// What it is found by, the most exact first. Empty if nothing was read.
    pub keys: Vec<String>,
    /// The forms that it has, with the right check digit.
    pub forms: Vec<Form>,
    /// The forms that it would have with another check digit.
    pub misread: Vec<Form>,
}

impl Barcode {
    /// Reads one barcode as a scanner or a person gives it.
    pub fn read(text: &str) -> Self {
        let mut read = Self::default();
        for part in gs1::parcel_numbers(text) {
            read.take(&part);
        }
        let plain = plain(text);
        read.take(&plain);
        // Numbers are printed in groups and typed as printed: 56.310 243.031 3.
        let squeezed: String = plain.chars().filter(|c| !matches!(c, '-' | '.')).collect();
        if squeezed != plain && form::shapes(&squeezed).iter().any(|shape| shape.is_right) {
            read.take(&squeezed);
        }
        read
    }

    fn take(&mut self, text: &str) {
        for shape in form::shapes(text) {
            let forms = if shape.is_right { &mut self.forms } else { &mut self.misread };
            if !forms.contains(&shape.form) {
                forms.push(shape.form);
            }
            self.add_key(shape.key);
        }
        self.add_key(text.to_owned());
    }

    fn add_key(&mut self, key: String) {
        if !key.is_empty() && !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }
}

/// Every barcode of one label, a line each.
pub fn read_label(text: &str) -> Vec<Barcode> {
    text.lines().map(Barcode::read).filter(|barcode| !barcode.keys.is_empty()).collect()
}

/// A barcode without what differs between a scanner, a label and a keyboard: spaces, control characters, case,
/// brackets, and the symbology identifier that some scanners put in front (`]C1`, ISO/IEC 15424).
pub fn plain(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '(' | ')'))
        .collect::<String>()
        .to_uppercase();
    match plain.as_bytes() {
        [b']', b'A'..=b'Z', b'0'..=b'9', _, ..] => plain[3..].to_owned(),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn forms(text: &str) -> Vec<Form> {
        Barcode::read(text).forms
    }

    #[test]
    fn one_number_is_found_however_it_was_read() {
        for (printed, scanned) in [
            ("340433836442636597", "00340433836442636597"),
            ("00340433836442636597", "(00) 340433836442636597"),
            ("340433836442636597", "]C100340433836442636597"),
            ("340433836442636597", "]C142010117\u{1d}00340433836442636597"),
            ("563102430313", "56.310 243.031 3"),
            ("LABEL-KAYA", "]A0label-kaya"),
            ("09980000020033F", "09 9800 0002 0033"),
            ("09980000020033F", "%008182709980000020033350276"),
            ("9400111206206406260787", "420100239400111206206406260787"),
        ] {
            let (printed, scanned) = (Barcode::read(printed), Barcode::read(scanned));
            assert!(
                printed.keys.iter().any(|key| scanned.keys.contains(key)),
                "{printed:?} was not found by {scanned:?}"
            );
        }
    }

    #[test]
    fn what_differs_in_more_than_spelling_is_another_number() {
        for (one, other) in [("LABEL-1", "LABEL1"), ("563102430313", "563102430320"), ("A", "AA")] {
            let (one, other) = (Barcode::read(one), Barcode::read(other));
            assert!(!one.keys.iter().any(|key| other.keys.contains(key)), "{one:?} is found by {other:?}");
        }
    }

    #[test]
    fn a_label_is_read_line_by_line() {
        let label = read_label("21348075016401\r\n\n563102430313\n");
        let read: Vec<_> = label.iter().map(|barcode| barcode.forms.clone()).collect();
        assert_eq!(read, [vec![Form::Leitcode], vec![Form::Identcode]]);
        assert_eq!(read_label(" \n\t"), []);
    }

    #[test]
    fn a_wrong_digit_is_a_misreading_and_no_form() {
        let read = Barcode::read("RB123456786GB");
        assert_eq!((read.forms, read.misread), (vec![], vec![Form::S10]));
        assert_eq!(forms("RB123456785GB"), [Form::S10]);
    }

    proptest! {
        /// Whatever a scanner delivers, reading it ends, and reading what was read changes nothing.
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = String::from_utf8_lossy(&bytes);
            for barcode in read_label(&text) {
                let key = barcode.keys.last().cloned().unwrap_or_default();
                prop_assert!(plain(&key).len() <= key.len());
                prop_assert!(barcode.keys.iter().all(|key| !key.is_empty()));
            }
            let _ = elements(&text);
        }

        #[test]
        fn any_text_finds_itself(text in "\\PC{1,40}") {
            let (one, other) = (Barcode::read(&text), Barcode::read(&format!(" {text}\r")));
            prop_assert_eq!(one.keys, other.keys);
        }

        /// No single wrong digit passes where the arithmetic can tell: with the weights 2, 4, 5, 6 and 8 of the others it
        /// cannot always.
        #[test]
        fn one_wrong_digit_is_noticed(which in 0usize..4, at in 0usize..26, digit in 0u8..10) {
            let right = [
                "340433836442636597", "9400111206206406260787", "92748931507708513018050063",
                "09980000020033F",
            ][which];
            let mut wrong = right.to_owned().into_bytes();
            let at = at % wrong.len();
            prop_assume!(wrong[at].is_ascii_digit() && wrong[at] != b'0' + digit);
            wrong[at] = b'0' + digit;
            let wrong = String::from_utf8(wrong).unwrap();
            let form = forms(right)[0];
            prop_assert!(!forms(&wrong).contains(&form), "{} passes as {:?}", wrong, form);
        }
    }
}
