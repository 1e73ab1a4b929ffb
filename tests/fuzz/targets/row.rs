//! Sealed rows. What comes from elsewhere does not open; what was sealed opens at its place only, and unchanged only.
#![no_main]

mod given;

use courier_codes::{RowAad, RowKey};
use given::Given;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, u64, u16, u8, &[u8])| {
    let (table, id, rev, at, flip, bytes) = input;
    let key = RowKey::from_bytes(&[7; 32]).unwrap();
    let place = RowAad { table, id, rev };
    assert!(key.open(&place, bytes).is_err(), "sealed by nobody");

    let mut sealed = key.seal(&mut Given(bytes), &place, bytes).unwrap();
    assert!(key.open(&place, &sealed).is_ok_and(|opened| *opened == bytes));
    assert!(key.open(&RowAad { rev: rev ^ 1, ..place }, &sealed).is_err());
    // The border between the names counts: moved by one character it is another place.
    if let Some(last) = table.chars().next_back() {
        let moved = format!("{last}{id}");
        let shorter = &table[..table.len() - last.len_utf8()];
        assert!(key.open(&RowAad { table: shorter, id: &moved, rev }, &sealed).is_err());
    }
    let at = usize::from(at) % sealed.len();
    sealed[at] ^= flip.max(1);
    assert!(key.open(&place, &sealed).is_err());
});
