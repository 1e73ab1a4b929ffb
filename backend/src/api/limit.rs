//! Who asks too often waits: counted per address and per subject in fixed windows, in bounded memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use courier_domain::UnixMs;
use courier_protocol::ProblemKind;
use sha2::{Digest, Sha256};

use super::answer::Refusal;
use crate::error::ServiceError;

/// Subjects that are remembered of each rule; beyond it the ones that are remembered longest are forgotten.
const MOST_SUBJECTS: usize = 10_000;
const MINUTE_MS: i64 = 60_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    /// Wrong passwords, keys and one-time links of an address.
    SecretsByAddress,
    /// Wrong passwords for a name, whoever tries.
    PasswordsByName,
    /// Wrong enrolment codes of an address. A depot's phones share one.
    EnrolmentsByAddress,
    /// Wrong enrolment codes of an installation.
    EnrolmentsByInstallation,
    /// Tracking pages that are not there, by address.
    TrackingByAddress,
    /// Anything about one tracking page.
    TrackingByToken,
}

impl Rule {
    /// How often, and in which time.
    fn allows(self) -> (u32, i64) {
        match self {
            Self::SecretsByAddress | Self::EnrolmentsByAddress => (20, MINUTE_MS),
            Self::PasswordsByName | Self::EnrolmentsByInstallation => (10, 5 * MINUTE_MS),
            Self::TrackingByAddress => (30, MINUTE_MS),
            Self::TrackingByToken => (120, MINUTE_MS),
        }
    }
}

/// Begin of the window, and how often since.
type Window = (UnixMs, u32);
/// Of a subject no more than a hash is kept.
type Subject = [u8; 16];

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<HashMap<Rule, HashMap<Subject, Window>>>);

impl Limits {
    /// Whether a subject may try now.
    pub(super) fn check(&self, rule: Rule, subject: &str, now: UnixMs) -> Result<(), Refusal> {
        let (most, length) = rule.allows();
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = held.get(&rule).and_then(|of_rule| of_rule.get(&hash_of(subject)));
        match window {
            Some((since, count)) if is_running(*since, now, length) && *count >= most => {
                let left_s = (since.0 + length - now.0).max(0) / 1000 + 1;
                Err(Refusal::too_many(u32::try_from(left_s).unwrap_or(u32::MAX)))
            }
            _ => Ok(()),
        }
    }

    /// A subject tried.
    pub(super) fn count(&self, rule: Rule, subject: &str, now: UnixMs) {
        let (_, length) = rule.allows();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_rule = held.entry(rule).or_default();
        let subject = hash_of(subject);
        if of_rule.len() >= MOST_SUBJECTS && !of_rule.contains_key(&subject) {
            of_rule.retain(|_, (since, _)| is_running(*since, now, length));
            if of_rule.len() >= MOST_SUBJECTS
                && let Some(oldest) = of_rule.iter().min_by_key(|(_, (since, _))| since.0).map(|(it, _)| *it)
            {
                of_rule.remove(&oldest);
            }
        }
        let window = of_rule.entry(subject).or_insert((now, 0));
        if !is_running(window.0, now, length) {
            *window = (now, 0);
        }
        window.1 = window.1.saturating_add(1);
    }

    /// A subject that was counted before it was known turned out to be right.
    pub(super) fn uncount(&self, rule: Rule, subject: &str) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = held.get_mut(&rule).and_then(|of_rule| of_rule.get_mut(&hash_of(subject))) {
            window.1 = window.1.saturating_sub(1);
        }
    }
}

impl Refusal {
    fn too_many(after_s: u32) -> Self {
        let error = ServiceError::refused(ProblemKind::TooMany, format!("wait {after_s} s"));
        Self { error, retry_after_s: Some(after_s) }
    }
}

/// The subject of an address. Who has one address of IPv6 has 2⁶⁴ of them.
pub(super) fn subject_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(it) => it.to_string(),
        IpAddr::V6(it) => match it.to_ipv4_mapped() {
            Some(it) => it.to_string(),
            None => format!("{:?}", &it.segments()[..4]),
        },
    }
}

fn hash_of(subject: &str) -> Subject {
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(subject)[..16]);
    short
}

fn is_running(since: UnixMs, now: UnixMs, length: i64) -> bool {
    now.0.abs_diff(since.0) < length.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_guesses_wrong_too_often_waits_and_nobody_else_does() {
        let limits = Limits::default();
        let rule = Rule::SecretsByAddress;
        for _ in 0..20 {
            assert!(limits.check(rule, "one", UnixMs(0)).is_ok());
            limits.count(rule, "one", UnixMs(0));
        }
        let refused = limits.check(rule, "one", UnixMs(50_500)).unwrap_err();
        assert_eq!(refused.retry_after_s, Some(10));
        assert!(limits.check(rule, "one", UnixMs(59_999)).is_err());
        assert!(limits.check(rule, "other", UnixMs(0)).is_ok());
        assert!(limits.check(Rule::TrackingByAddress, "one", UnixMs(0)).is_ok());
        assert!(limits.check(rule, "one", UnixMs(60_000)).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_the_ones_who_tried_last_are_remembered() {
        let limits = Limits::default();
        let rule = Rule::TrackingByAddress;
        for n in 0..2 * MOST_SUBJECTS {
            limits.count(rule, &n.to_string(), UnixMs(i64::try_from(n).unwrap()));
        }
        let held = limits.0.lock().unwrap();
        assert_eq!(held[&rule].len(), MOST_SUBJECTS);
        assert!(held[&rule].contains_key(&hash_of(&(2 * MOST_SUBJECTS - 1).to_string())));
    }

    #[test]
    fn a_whole_network_of_ipv6_is_one_subject_and_a_mapped_address_is_its_ipv4() {
        let of = |text: &str| subject_of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
    }
}
