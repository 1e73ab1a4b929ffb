//! Everything of a phone after a day, and a million candidates. At least 900 have to stay for every code.

use std::collections::BTreeSet;

use courier_codes::encoding::decode;
use courier_domain::{CodeTryResult, FactBody, Verifier};

use crate::candidates::{EVERY, EVERY_TENTH, Hashes, Tag, digits, hex, hmac, sha256};
use crate::day::{CODED, Day};
use crate::thief::Loot;

#[test]
fn whoever_has_everything_of_a_phone_is_left_with_900_candidates_for_every_code() {
    let day = Day::play();
    let values: BTreeSet<_> = day.loot.iter().flat_map(Loot::values_of_32_bytes).collect();
    assert!(values.len() > 50, "only {} hashes were found", values.len());
    // Entered and handed over, entered after wrong ones, refuted for a decoy, never entered.
    for (at, every) in [(0, EVERY), (2, EVERY_TENTH), (4, EVERY_TENTH), (5, EVERY_TENTH)] {
        let (right, verifier) = &day.right[at];
        let stolen = day.loot[1].verifiers_of(verifier);
        assert!(stolen.contains(verifier), "the thief did not find the verifier of {}", CODED[at]);
        let known = Known::of(verifier);
        let hashes = Hashes::under(&known.salt, &verifier.kdf, right, every);
        let tag = Tag::of(verifier);
        let left = hashes.filter(|_, hash| tag.fits(hash));
        hashes.assert_enough(&left, right, &format!("the tag of {}", CODED[at]));
        let told = hashes
            .filter(|number, hash| known.digests(&digits(number), hash).iter().any(|it| values.contains(it)));
        assert!(told.is_empty(), "a hash tells the code of {}: {} candidates", CODED[at], told.len());
    }
}

/// What is stored beside a tag.
struct Known {
    salt: Vec<u8>,
    key: Vec<u8>,
    id: Vec<u8>,
}

impl Known {
    fn of(verifier: &Verifier) -> Self {
        let id = verifier.code_id.as_str().as_bytes().to_vec();
        Self {
            salt: decode(verifier.salt.as_str()).unwrap(),
            key: decode(verifier.key.as_str()).unwrap(),
            id,
        }
    }

    /// Whatever a program could have made of digits and what is stored beside them.
    fn digests(&self, text: &str, slow: &[u8; 32]) -> [[u8; 32]; 13] {
        let digits = text.as_bytes();
        let plain = sha256(&[digits]);
        let salted = sha256(&[&self.salt, digits]);
        [
            *slow,
            plain,
            salted,
            sha256(&[digits, &self.salt]),
            sha256(&[&self.id, digits]),
            sha256(&[slow]),
            // Tokens made of digits.
            sha256(&[&plain[..16]]),
            sha256(&[&salted[..16]]),
            sha256(&[&slow[..16]]),
            hmac(&self.key, digits),
            hmac(&self.key, slow),
            hmac(&self.salt, digits),
            sha256(&[&[0; 32], digits]),
        ]
    }
}

/// How digits may be written.
struct Written {
    how: &'static str,
    bytes: Vec<u8>,
    /// So short that it is somewhere by chance: then only counts if it is there for every code.
    short: bool,
}

fn written(text: &str) -> Vec<Written> {
    let digits: Vec<u8> = text.bytes().collect();
    let values: Vec<u8> = digits.iter().map(|digit| digit - b'0').collect();
    let number: u32 = text.parse().unwrap();
    let with = |between: &str| {
        digits.iter().map(|digit| char::from(*digit).to_string()).collect::<Vec<_>>().join(between)
    };
    let long = |how, bytes: Vec<u8>| Written { how, bytes, short: false };
    let short = |how, bytes: Vec<u8>| Written { how, bytes, short: true };
    let mut all = vec![
        long("ASCII", digits.clone()),
        long("ASCII, reversed", digits.iter().rev().copied().collect()),
        long("UTF-16, little endian", digits.iter().flat_map(|digit| [*digit, 0]).collect()),
        long("UTF-16, big endian", digits.iter().flat_map(|digit| [0, *digit]).collect()),
        long("hex", hex(&digits).into_bytes()),
        long("two groups", format!("{} {}", &text[..3], &text[3..]).into_bytes()),
        long("two groups with a dash", format!("{}-{}", &text[..3], &text[3..]).into_bytes()),
        long("with spaces", with(" ").into_bytes()),
        long("a list", with(",").into_bytes()),
        long("values of digits", values.clone()),
        short("BCD", values.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()),
        short("u32, little endian", number.to_le_bytes().to_vec()),
        short("u32, big endian", number.to_be_bytes().to_vec()),
        short("u64, little endian", u64::from(number).to_le_bytes().to_vec()),
        short("u64, big endian", u64::from(number).to_be_bytes().to_vec()),
        short("24 bits, as SQLite stores it", number.to_be_bytes()[1..].to_vec()),
        short("LEB128", vec![number as u8 | 0x80, (number >> 7) as u8 | 0x80, (number >> 14) as u8]),
        short(
            "varint of SQLite",
            vec![(number >> 14) as u8 | 0x80, (number >> 7) as u8 | 0x80, number as u8 & 0x7f],
        ),
    ];
    // In base64 a text looks different at each of three places; what its neighbours do not touch is looked for.
    for (shift, how) in [(0, "base64"), (1, "base64, shifted by one"), (2, "base64, shifted by two")] {
        let padded = [&vec![0; shift][..], &digits, &[0; 3]].concat();
        let encoded = courier_codes::encoding::encode(&padded).into_bytes();
        let (from, to) = ((shift * 8).div_ceil(6), (shift + digits.len()) * 8 / 6);
        all.push(long(how, encoded[from..to].to_vec()));
    }
    all
}

/// Where each of these is, if anywhere: one pass over everything, which stops to compare where two bytes begin one.
fn search(loot: &Loot, wanted: &[&[u8]]) -> Vec<Option<String>> {
    let mut beginning = vec![Vec::new(); 1 << 16];
    let first_two = |bytes: &[u8]| usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    for (number, bytes) in wanted.iter().enumerate() {
        beginning[first_two(bytes)].push(number);
    }
    let mut found = vec![None; wanted.len()];
    for artefact in &loot.artefacts {
        for at in 0..artefact.bytes.len().saturating_sub(1) {
            for number in &beginning[first_two(&artefact.bytes[at..])] {
                if artefact.bytes[at..].starts_with(wanted[*number]) {
                    found[*number].get_or_insert_with(|| artefact.name.clone());
                }
            }
        }
    }
    found
}

#[test]
fn no_artefact_holds_digits_in_any_writing() {
    let day = Day::play();
    let right: Vec<_> = day.right.iter().map(|(text, _)| text.clone()).collect();
    for loot in &day.loot {
        // The search has to be able to find something.
        assert!(search(loot, &[b"handed_over", b"Kim Berger"]).iter().all(Option::is_some));
        for (sort, codes) in [("right", &right), ("wrong", &day.wrong)] {
            let all: Vec<Vec<Written>> = codes.iter().map(|text| written(text)).collect();
            for way in 0..all[0].len() {
                let wanted: Vec<_> = all.iter().map(|code| &code[way].bytes[..]).collect();
                let found: Vec<_> = search(loot, &wanted).into_iter().flatten().collect();
                let Written { how, short, .. } = &all[0][way];
                let is_leak = if *short { found.len() == codes.len() } else { !found.is_empty() };
                assert!(!is_leak, "{} {sort} codes are written as {how}: {found:?}", found.len());
            }
        }
    }
}

#[test]
fn evidence_of_digits_and_of_a_token_look_alike_and_a_wrong_entry_leaves_none() {
    let day = Day::play();
    let evidence = day.loot[1].evidence();
    assert_eq!(evidence.len(), 4, "two codes, a token and a decoy fitted");
    let lengths: BTreeSet<_> = evidence.iter().map(Vec::len).collect();
    assert_eq!(lengths.len(), 1, "the length of evidence tells what was entered: {lengths:?}");
    // Version and name of the key, then the encapsulated key of HPKE: the same one twice would make of the ciphertext
    // something that candidates can be tried against.
    let encapsulated: BTreeSet<_> = evidence.iter().map(|it| it[9..41].to_vec()).collect();
    assert_eq!(encapsulated.len(), evidence.len(), "two pieces of evidence share their randomness");

    let mut misses = 0;
    for fact in &day.loot[1].facts {
        let FactBody::CodeTried { result, code_id, strength, evidence, .. } = &fact.body else { continue };
        if *result == CodeTryResult::Mismatch {
            misses += 1;
            let nothing = code_id.is_none() && strength.is_none() && evidence.is_none();
            assert!(nothing, "a wrong entry left something: {:?}", fact.body);
        }
        let counted = day.loot[1].tries.iter().find(|(id, _)| id == fact.id.as_str());
        assert_eq!(counted.unwrap().1, fact.at.boot_ms, "how long the check took is written down");
    }
    assert_eq!(misses, 6);
}
