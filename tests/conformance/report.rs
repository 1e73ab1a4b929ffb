//! What a check found, and how that is told.

use std::fmt::{Debug, Display};

use serde_json::{Value, json};

use crate::rules::Rule;

/// Why a check did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The rule is broken.
    Failed {
        /// What the rule wants.
        expected: String,
        /// What the backend did.
        seen: String,
    },
    /// It cannot be looked at here.
    NotApplicable(String),
}

/// What came of a check.
pub(crate) type Check = Result<(), Stop>;

/// The rule is broken.
pub(crate) fn broken(expected: impl Into<String>, seen: impl Into<String>) -> Stop {
    Stop::Failed { expected: expected.into(), seen: seen.into() }
}

/// Two things have to be the same.
pub(crate) fn equal<T: PartialEq + Debug>(what: &str, seen: &T, expected: &T) -> Check {
    if seen == expected {
        return Ok(());
    }
    Err(broken(format!("{what}: {expected:?}"), format!("{seen:?}")))
}

/// Something has to hold; `seen` is told if it does not.
pub(crate) fn holds(expected: &str, is_so: bool, seen: impl Display) -> Check {
    if is_so { Ok(()) } else { Err(broken(expected, seen.to_string())) }
}

/// All that was found.
#[derive(Default)]
pub(crate) struct Report {
    found: Vec<(&'static Rule, Check)>,
}

impl Report {
    pub(crate) fn add(&mut self, rule: &'static Rule, check: Check) {
        self.found.push((rule, check));
    }

    fn count(&self, is_one: impl Fn(&Check) -> bool) -> usize {
        self.found.iter().filter(|(_, check)| is_one(check)).count()
    }

    /// How many checks failed.
    pub(crate) fn failures(&self) -> usize {
        self.count(|check| matches!(check, Err(Stop::Failed { .. })))
    }

    /// For people: a line for each check, and what was expected and seen where it failed.
    pub(crate) fn line(rule: &Rule, check: &Check) -> String {
        let Rule { id, title, .. } = rule;
        match check {
            Ok(()) => format!("pass  {id:<6} {title}"),
            Err(Stop::Failed { expected, seen }) => format!(
                "FAIL  {id:<6} {title}\n               {}\n               expected: {expected}\n               seen:     {seen}",
                rule.section()
            ),
            Err(Stop::NotApplicable(why)) => format!("n/a   {id:<6} {title}\n               {why}"),
        }
    }

    /// The closing line.
    pub(crate) fn sum(&self) -> String {
        let (passed, failed) = (self.count(Result::is_ok), self.failures());
        format!("{passed} passed, {failed} failed, {} not applicable", self.found.len() - passed - failed)
    }

    /// For programs.
    pub(crate) fn to_json(&self, url: &str) -> Value {
        let checks = self.found.iter().map(|(rule, check)| {
            let (outcome, expected, seen, why) = match check {
                Ok(()) => ("pass", None, None, None),
                Err(Stop::Failed { expected, seen }) => ("fail", Some(expected), Some(seen), None),
                Err(Stop::NotApplicable(why)) => ("not_applicable", None, None, Some(why)),
            };
            json!({"rule": rule.id, "section": rule.section(), "title": rule.title, "outcome": outcome, "expected": expected,
                "seen": seen, "why": why})
        });
        json!({"url": url, "failed": self.failures(), "checks": checks.collect::<Vec<_>>()})
    }
}
