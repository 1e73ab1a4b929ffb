//! The checks, by the sections of `docs/protocol.md`. Each is one rule of the page, or a part of one, and arranges its own day:
//! none rests on what another has left behind.

mod access;
mod chain;
mod codes;
mod conventions;
mod facts;
mod files;
mod judge;
mod restored;
mod route;

use crate::report::Check;
use crate::world::World;

/// A check.
pub(crate) struct Rule {
    /// The rule's number on the page.
    pub(crate) id: &'static str,
    /// What is looked at, as a sentence.
    pub(crate) title: &'static str,
    pub(crate) check: fn(&mut World) -> Check,
}

const SECTIONS: [(&str, &str); 9] = [
    ("P1", "1. Conventions"),
    ("P2", "2. Keys and signatures"),
    ("P3", "3. Enrolment"),
    ("P4", "4. Access tokens"),
    ("P5", "5. Facts"),
    ("P6", "6. What facts say, and the judge"),
    ("P7", "7. The route"),
    ("P8", "8. Codes"),
    ("P9", "9. Evidence files"),
];

impl Rule {
    /// The section of the page.
    pub(crate) fn section(&self) -> String {
        let number = self.id.split('.').next().unwrap_or_default();
        let known =
            SECTIONS.iter().find(|(id, _)| *id == number).map_or("10. After a restore", |(_, name)| name);
        format!("docs/protocol.md, {known}, {}", self.id)
    }
}

/// All of them, in the order of the page.
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    let modules = [
        conventions::RULES,
        access::RULES,
        facts::RULES,
        chain::RULES,
        judge::RULES,
        route::RULES,
        codes::RULES,
        files::RULES,
        restored::RULES,
    ];
    modules.into_iter().flatten()
}
