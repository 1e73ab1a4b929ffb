//! Passwords of people: Argon2id with the parameters of RFC 9106 § 4 for little memory, stored as PHC strings.

use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use courier_protocol::ProblemKind;
use rand_core::Rng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::error::ServiceError;

/// 19 MiB, 2 passes, 1 lane.
const COST: (u32, u32, u32) = (19_456, 2, 1);
const SALT: usize = 16;
const HASH: usize = 32;

/// Lengths of a password that are taken, in characters. There are no other rules (NIST SP 800-63B § 5.1.1).
pub(crate) const LENGTH: std::ops::RangeInclusive<usize> = 12..=200;

/// One hash at a time: whoever tries many passwords at once may not use up the memory of the machine.
static HASHING: Mutex<()> = Mutex::new(());

/// Checks that a password may be chosen.
pub(crate) fn check(password: &str) -> Result<(), ServiceError> {
    if LENGTH.contains(&password.chars().count()) {
        return Ok(());
    }
    let what = format!("password: {} to {} characters", LENGTH.start(), LENGTH.end());
    Err(ServiceError::refused(ProblemKind::Refused, what))
}

/// What is stored of a password.
pub(crate) fn hash(password: &str, rng: &mut Entropy) -> Result<String, ServiceError> {
    let mut salt = [0; SALT];
    rng.fill_bytes(&mut salt);
    let (m, t, p) = COST;
    let hash = derive(password, &salt, COST).ok_or_else(|| ServiceError::fault("hashing a password"))?;
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(*hash));
    Ok(format!("$argon2id$v=19$m={m},t={t},p={p}${salt}${hash}"))
}

/// Whether a password is the one that was stored. Without a stored one it takes as long, and is none.
pub(crate) fn is_right(stored: Option<&str>, password: &str) -> bool {
    let Some((cost, salt, wanted)) = stored.and_then(read) else {
        let _ = derive(password, &[0; SALT], COST);
        return false;
    };
    derive(password, &salt, cost).is_some_and(|hash| hash.as_slice().ct_eq(&wanted).into())
}

type Cost = (u32, u32, u32);

fn read(stored: &str) -> Option<(Cost, Vec<u8>, Vec<u8>)> {
    let rest = stored.strip_prefix("$argon2id$v=19$m=")?;
    let (m, rest) = rest.split_once(",t=")?;
    let (t, rest) = rest.split_once(",p=")?;
    let mut parts = rest.split('$');
    let cost = (m.parse().ok()?, t.parse().ok()?, parts.next()?.parse().ok()?);
    let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    let hash = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    parts.next().is_none().then_some((cost, salt, hash))
}

fn derive(password: &str, salt: &[u8], (m, t, p): Cost) -> Option<Zeroizing<[u8; HASH]>> {
    let _one = HASHING.lock().unwrap_or_else(PoisonError::into_inner);
    let params = Params::new(m, t, p, Some(HASH)).ok()?;
    let mut hash = Zeroizing::new([0; HASH]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, hash.as_mut())
        .ok()?;
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::from_seed;

    #[test]
    fn a_password_is_known_by_its_hash_only_and_no_hash_comes_twice() {
        let mut rng = from_seed(1);
        let (one, other) =
            (hash("correct horse", &mut rng).unwrap(), hash("correct horse", &mut rng).unwrap());
        assert_ne!(one, other);
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && !one.contains("horse"), "{one}");
        assert!(is_right(Some(&one), "correct horse") && is_right(Some(&other), "correct horse"));
        let cut = &one[..one.len() - 4];
        for (stored, password) in [
            (Some(one.as_str()), "correct hors"),
            (None, "correct horse"),
            (Some(cut), "correct horse"),
            (Some("plain"), "plain"),
            (Some(""), ""),
        ] {
            assert!(!is_right(stored, password), "{stored:?} took {password:?}");
        }
    }

    /// Of the reference implementation: `echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1` (its test suite).
    #[test]
    fn it_reads_what_the_reference_implementation_writes() {
        let stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert!(is_right(Some(stored), "password"));
        assert!(!is_right(Some(stored), "Password"));
    }

    #[test]
    fn a_short_password_is_refused_and_a_long_one_too() {
        assert!(check("elevenchars").is_err() && check(&"x".repeat(201)).is_err());
        assert!(check("twelve chars").is_ok() && check(&"ü".repeat(200)).is_ok());
    }
}
