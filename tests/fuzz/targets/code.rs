//! What is entered at the door: digits or a QR. What is read as a code is one, and reads back from its own text.
#![no_main]

use courier_codes::Entry;
use courier_domain::CodeEntry;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(Entry::Digits(code)) = Entry::parse(&CodeEntry::Digits(text.into())) {
        let digits = code.digits();
        assert!(digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit()));
        assert!(
            Entry::parse(&CodeEntry::Digits(digits.into()))
                .is_ok_and(|again| again == Entry::Digits(code.clone()))
        );
        // Nothing but six digits and what may stand between them.
        assert_eq!(text.chars().filter(|c| c.is_numeric()).count(), 6);
    }
    if let Ok(Entry::Token(token)) = Entry::parse(&CodeEntry::Token(text.into())) {
        let typed = text.trim();
        assert_eq!(typed.strip_prefix("courier:1:").unwrap_or(typed), *token.encode());
        let again = Entry::parse(&CodeEntry::Token(token.qr_text().to_string()));
        assert!(again.is_ok_and(|again| again == Entry::Token(token)));
    }
});
