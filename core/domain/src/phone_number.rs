//! A number that a courier may call.

use serde::{Deserialize, Serialize};

/// Fewest and most digits of a number: E.164 has at most 15, and four is the shortest extension of a house.
pub const DIGITS: std::ops::RangeInclusive<usize> = 4..=15;

/// A telephone number as a `tel:` address has it (RFC 3966 without visual separators): digits, and `+` before a country
/// code. Nothing else is one, so that a phone that dials it never takes it for a code of the network (`*#06#`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// A text that no phone can dial.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number: expected 4 to 15 digits, such as +49 30 1234567")]
pub struct NotAPhoneNumber;

impl PhoneNumber {
    /// Reads what people write: spaces, hyphens, full stops, slashes and brackets between the digits are left out (DIN 5008,
    /// E.123), `00` before the country code becomes `+`, and the `(0)` that is not dialled from abroad goes.
    pub fn new(text: &str) -> Result<Self, NotAPhoneNumber> {
        let text = text.trim();
        let (digits, international) = match text.strip_prefix('+').or_else(|| text.strip_prefix("00")) {
            Some(rest) => (digits_of(&rest.replacen("(0)", "", 1))?, true),
            None => match digits_of(text)? {
                digits if digits.starts_with("00") => (digits[2..].to_owned(), true),
                digits => (digits, false),
            },
        };
        // No country's code begins with 0.
        let is_one = DIGITS.contains(&digits.len()) && !(international && digits.starts_with('0'));
        let plus = if international { "+" } else { "" };
        if is_one { Ok(Self(format!("{plus}{digits}"))) } else { Err(NotAPhoneNumber) }
    }

    /// Digits, and `+` before a country code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Without what people write between them.
fn digits_of(text: &str) -> Result<String, NotAPhoneNumber> {
    // The last four are what word processors make of a space and a hyphen.
    let between = [' ', '-', '.', '/', '(', ')', '\u{a0}', '\u{202f}', '\u{2011}', '–'];
    let digits = text.replace(between, "");
    if digits.bytes().all(|b| b.is_ascii_digit()) { Ok(digits) } else { Err(NotAPhoneNumber) }
}

impl TryFrom<String> for PhoneNumber {
    type Error = NotAPhoneNumber;
    fn try_from(text: String) -> Result<Self, NotAPhoneNumber> {
        Self::new(&text)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> String {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<String> {
        PhoneNumber::new(text).ok().map(String::from)
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (written, dialled) in [
            ("+49 30 1234567", "+49301234567"),
            ("0049 (0)30 / 123 45-67", "+49301234567"),
            ("+49 (0) 30 1234567", "+49301234567"),
            ("(00) 49 30 1234567", "+49301234567"),
            ("(030) 1234567", "0301234567"),
            ("030/1234567", "0301234567"),
            ("+1.212.555.0100", "+12125550100"),
            ("\u{a0}+33\u{202f}1\u{202f}23\u{2011}45 ", "+3312345"),
            ("4711", "4711"),
        ] {
            assert_eq!(read(written).as_deref(), Some(dialled), "{written}");
        }
    }

    #[test]
    fn what_no_phone_should_dial_is_none() {
        let long = "1".repeat(16);
        for text in [
            "",
            "+",
            "911",
            "*#06#",
            "+49 30 12a",
            "tel:+4930123",
            "+0301234",
            "00",
            "12;ext=3",
            "١٢٣٤",
            &long,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_096, ..ProptestConfig::default() })]

        #[test]
        fn a_number_that_was_read_is_read_again_as_itself(text in "(\\+|00)?[0-9 ()/-]{3,18}") {
            if let Some(once) = read(&text) {
                prop_assert_eq!(read(&once), Some(once));
            }
        }
    }
}
