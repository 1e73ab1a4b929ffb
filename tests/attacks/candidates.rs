//! A million candidates, and how many of them are left.
//!
//! Written after the description of the tag, not with the code that issues it.

use std::fmt::Write;

use courier_codes::encoding::decode;
use courier_domain::{KdfParams, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Codes that there are.
pub(crate) const ALL: u32 = 1_000_000;

/// How many of them have to stay in doubt. Ten bits leave 977 with a deviation of 31.
const ENOUGH: usize = 900;

/// The same, when a sample of one in ten stands for all: it has a deviation of 98.
const ENOUGH_OF_A_SAMPLE: usize = 600;

/// Every candidate, and one in ten for where all of them would only take longer.
pub(crate) const EVERY: u32 = 1;
pub(crate) const EVERY_TENTH: u32 = 10;

/// Looks at every n-th candidate instead. The planted weaknesses set it: they leave next to nothing, or show otherwise.
const STRIDE: &str = "COURIER_ATTACK_STRIDE";

/// Six digits.
pub(crate) fn digits(number: u32) -> String {
    format!("{number:06}")
}

/// The slow hash of every candidate under one salt: the attacker's expense, which no parameter makes prohibitive.
pub(crate) struct Hashes {
    every: u32,
    hashes: Vec<(u32, [u8; 32])>,
}

impl Hashes {
    /// Computes them, on two cores. A sample is one that has the right code in it.
    pub(crate) fn under(salt: &[u8], kdf: &KdfParams, right: &str, every: u32) -> Self {
        let every = std::env::var(STRIDE).map_or(every, |text| text.parse().unwrap());
        let first = right.parse::<u32>().unwrap() % every;
        let numbers: Vec<u32> = (first..ALL).step_by(usize::try_from(every).unwrap()).collect();
        let (first, second) = numbers.split_at(numbers.len() / 2);
        let (mut hashes, second) = std::thread::scope(|scope| {
            let other = scope.spawn(|| slow_hashes(second, salt, kdf));
            (slow_hashes(first, salt, kdf), other.join().unwrap())
        });
        hashes.extend(second);
        Self { every, hashes }
    }

    /// Fails unless the right code hides among enough others.
    pub(crate) fn assert_enough(&self, left: &[u32], right: &str, what: &str) {
        let enough = if self.every == 1 { ENOUGH } else { ENOUGH_OF_A_SAMPLE };
        let standing_for = left.len() * usize::try_from(self.every).unwrap();
        assert!(standing_for >= enough, "{what}: {standing_for} candidates are left");
        assert!(left.contains(&right.parse().unwrap()), "{what}: the right code was ruled out");
    }

    /// Candidates for which `stays` says so, found on two cores.
    pub(crate) fn filter(&self, stays: impl Fn(u32, &[u8; 32]) -> bool + Sync) -> Vec<u32> {
        let look = |part: &[(u32, [u8; 32])]| -> Vec<u32> {
            part.iter().filter(|(number, hash)| stays(*number, hash)).map(|(number, _)| *number).collect()
        };
        let (first, second) = self.hashes.split_at(self.hashes.len() / 2);
        std::thread::scope(|scope| {
            let other = scope.spawn(|| look(second));
            let mut left = look(first);
            left.extend(other.join().unwrap());
            left
        })
    }
}

fn slow_hashes(numbers: &[u32], salt: &[u8], kdf: &KdfParams) -> Vec<(u32, [u8; 32])> {
    let params = argon2::Params::new(kdf.m, kdf.t, kdf.p, Some(32)).unwrap();
    let mut memory = vec![argon2::Block::default(); params.block_count()];
    let argon = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    numbers
        .iter()
        .map(|number| {
            let mut hash = [0; 32];
            argon
                .hash_password_into_with_memory(digits(*number).as_bytes(), salt, &mut hash, &mut memory)
                .unwrap();
            (*number, hash)
        })
        .collect()
}

/// What a phone compares with, opened.
pub(crate) struct Tag {
    key: Vec<u8>,
    bound_to: Vec<u8>,
    k: u8,
    tag: u16,
}

impl Tag {
    /// Of a verifier.
    pub(crate) fn of(verifier: &Verifier) -> Self {
        let id = verifier.code_id.as_str();
        let mut bound_to = b"courier/tag/v1\0".to_vec();
        bound_to.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
        bound_to.extend(id.as_bytes());
        Self { key: decode(verifier.key.as_str()).unwrap(), bound_to, k: verifier.k, tag: verifier.tag }
    }

    /// Whether a slow hash fits it.
    pub(crate) fn fits(&self, slow_hash: &[u8; 32]) -> bool {
        let mut message = self.bound_to.clone();
        message.extend(slow_hash);
        let full = hmac(&self.key, &message);
        u16::from_be_bytes([full[0], full[1]]) >> (16 - self.k) == self.tag
    }
}

/// HMAC-SHA-256.
pub(crate) fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// SHA-256 of these parts, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// Bytes as hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
