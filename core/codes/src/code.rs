//! The six digits.

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::entry::InvalidCode;

/// How many digits a code has.
pub const DIGITS: usize = 6;

const CANDIDATES: u32 = 1_000_000;

/// A one-time code. It prints nowhere, is wiped when dropped and compares in constant time.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Code([u8; DIGITS]);

impl Code {
    /// Reads a code as a person says or types it: six decimal digits of any script, spaces and dashes ignored.
    pub fn parse(text: &str) -> Result<Self, InvalidCode> {
        let mut digits = [0; DIGITS];
        let mut count = 0;
        for c in text.chars().filter(|c| !is_separator(*c)) {
            *digits.get_mut(count).ok_or(InvalidCode::NotSixDigits)? = ascii_digit(c)?;
            count += 1;
        }
        if count == DIGITS { Ok(Self(digits)) } else { Err(InvalidCode::NotSixDigits) }
    }

    /// Uniform over 000000 to 999999.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        // Rejection sampling: the largest multiple of a million that fits, so that no code is more likely.
        let limit = u32::MAX - u32::MAX % CANDIDATES;
        loop {
            let drawn = rng.next_u32();
            if drawn < limit {
                return Self::from_number(drawn % CANDIDATES);
            }
        }
    }

    fn from_number(mut number: u32) -> Self {
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(number % 10).unwrap_or(0);
            number /= 10;
        }
        Self(digits)
    }

    /// The six ASCII digits: for mail, tracking page and key derivation only.
    pub fn digits(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(crate) fn bytes(&self) -> &[u8; DIGITS] {
        &self.0
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Code {}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}')
}

/// First digits of the scripts whose decimal digits keyboards and screens of couriers and customers show
/// (Unicode, general category Nd; each block holds 0 to 9 in order).
const ZEROS: [char; 21] = [
    '0', '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}', '\u{be6}',
    '\u{c66}', '\u{ce6}', '\u{d66}', '\u{de6}', '\u{e50}', '\u{ed0}', '\u{f20}', '\u{1040}', '\u{17e0}',
    '\u{1810}', '\u{ff10}',
];

fn ascii_digit(c: char) -> Result<u8, InvalidCode> {
    ZEROS
        .iter()
        .find_map(|zero| u32::from(c).checked_sub(u32::from(*zero)).filter(|value| *value < 10))
        .and_then(|value| u8::try_from(value).ok())
        .map(|value| b'0' + value)
        .ok_or(InvalidCode::NotSixDigits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    #[test]
    fn a_code_is_read_as_people_write_it() {
        for text in ["012345", "012 345", " 01-23-45 ", "012\u{2013}345", "٠١٢٣٤٥", "०१२३४५", "０１２３４５"]
        {
            assert_eq!(
                Code::parse(text).map(|code| code.digits().to_owned()).as_deref(),
                Ok("012345"),
                "{text}"
            );
        }
        for text in [
            "",
            "12345",
            "1234567",
            "12345a",
            "½23456",
            "一二三四五六",
            "12345.",
            "+12345",
            "12345:",
            "1234\u{66a}5",
        ] {
            assert!(Code::parse(text).is_err(), "{text:?} was read as a code");
        }
    }

    /// Draws these, one after the other.
    struct Draws(Vec<u32>);

    impl rand_core::TryRng for Draws {
        type Error = std::convert::Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(self.0.remove(0))
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            self.try_next_u32().map(u64::from)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            bytes.fill(0);
            Ok(())
        }
    }

    impl rand_core::TryCryptoRng for Draws {}

    #[test]
    fn what_is_drawn_beyond_the_last_whole_million_is_drawn_again() {
        let last = 4_293_999_999;
        for (drawn, code) in
            [(vec![0], "000000"), (vec![last], "999999"), (vec![last + 1, u32::MAX, 1_000_007], "000007")]
        {
            assert_eq!(Code::random(&mut Draws(drawn.clone())).digits(), code, "{drawn:?}");
        }
    }

    #[test]
    fn one_digit_makes_another_code() {
        assert!(Code::from_number(123_456) == Code::from_number(123_456));
        assert!(Code::from_number(123_456) != Code::from_number(123_457));
    }

    #[test]
    fn drawn_codes_are_spread_evenly() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut first = [0u32; 10];
        let mut last = [0u32; 10];
        for _ in 0..100_000 {
            let code = Code::random(&mut rng);
            first[usize::from(code.bytes()[0] - b'0')] += 1;
            last[usize::from(code.bytes()[5] - b'0')] += 1;
        }
        // Each count is binomial with mean 10,000 and deviation 95: six deviations never happen by chance.
        for count in first.into_iter().chain(last) {
            assert!((9_430..=10_570).contains(&count), "a digit came {count} times of 100,000");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC{0,20}") {
            let _ = Code::parse(&text);
        }

        #[test]
        fn every_number_reads_back(number in 0u32..CANDIDATES) {
            let text = format!("{number:06}");
            let code = Code::from_number(number);
            prop_assert_eq!(code.digits(), text.as_str());
            prop_assert!(Code::parse(&text).is_ok_and(|read| read == code));
        }
    }
}
