//! Evidence as the backend opens it. Nothing opens but what was sealed, beside the fact that it was sealed for.
#![no_main]

mod given;

use std::sync::LazyLock;

use courier_codes::encoding::{decode, encode_typed};
use courier_codes::{Entry, EvidenceContext, EvidenceSecret, evidence};
use courier_domain::{AttemptId, Base64Url, CodeEntry, FactId, InstallId};
use given::Given;
use libfuzzer_sys::fuzz_target;

static SECRET: LazyLock<[EvidenceSecret; 1]> =
    LazyLock::new(|| [EvidenceSecret::from_bytes(&[7; 32]).unwrap()]);

fuzz_target!(|input: (u16, u8, &str, &[u8])| {
    let (at, flip, text, bytes) = input;
    let (fact, install) = (FactId::new("fact-1").unwrap(), InstallId::new("install-1").unwrap());
    let attempts = [AttemptId::new("attempt-1").unwrap()];
    let context = EvidenceContext { fact: &fact, install: &install, attempts: &attempts };
    let open = |blob: &Base64Url, context: &EvidenceContext<'_>| evidence::open(blob, &*SECRET, context);

    if let Ok(text) = Base64Url::new(text) {
        assert!(open(&text, &context).is_err(), "sealed by nobody");
    }
    assert!(open(&encode_typed(bytes), &context).is_err(), "sealed by nobody");
    // With the right beginning, so that the fuzzer reaches the opening.
    let sealed =
        |entry: &Entry| evidence::seal(&mut Given(bytes), entry, SECRET[0].public(), &context).unwrap();
    let Ok(code) = Entry::parse(&CodeEntry::Digits("012345".into())) else { unreachable!() };
    let mut blob = decode(sealed(&code).as_str()).unwrap();
    let header = blob[..9].to_vec();
    assert!(open(&encode_typed(&[&header[..], bytes].concat()), &context).is_err(), "sealed by nobody");

    let entry = match Entry::parse(&CodeEntry::Digits(text.into())) {
        Ok(entry) => entry,
        Err(_) => Entry::parse(&CodeEntry::Token(text.into())).unwrap_or(code),
    };
    let other = sealed(&entry);
    assert!(open(&other, &context).is_ok_and(|opened| opened == entry));
    assert_eq!(other.as_str().len(), encode_typed(&blob).as_str().len(), "the length tells what was entered");
    let moved = FactId::new("fact-2").unwrap();
    assert!(open(&other, &EvidenceContext { fact: &moved, ..context }).is_err());

    let at = usize::from(at) % blob.len();
    blob[at] ^= flip.max(1);
    let changed = open(&encode_typed(&blob), &context);
    assert!(changed.is_err(), "changed at {at}");
});
