//! What came of looking: under headings, what is well, what is worth knowing, and what is wrong with what to do about it.

use serde::Serialize;

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// Nothing wrong, and worth knowing.
    Note,
    /// Not as it should be.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Finding {
    level: Level,
    what: String,
    /// What to do.
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

/// What belongs together.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Section {
    about: String,
    findings: Vec<Finding>,
}

/// See the module.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Report(Vec<Section>);

impl Report {
    /// What follows is about this.
    pub(super) fn about(&mut self, what: impl Into<String>) {
        self.0.push(Section { about: what.into(), findings: Vec::new() });
    }

    pub(super) fn ok(&mut self, what: impl Into<String>) {
        self.add(Level::Ok, what.into(), None);
    }

    pub(super) fn note(&mut self, what: impl Into<String>) {
        self.add(Level::Note, what.into(), None);
    }

    /// Worth knowing, with what to do about it.
    pub(super) fn advise(&mut self, what: impl Into<String>, advice: impl Into<String>) {
        self.add(Level::Note, what.into(), Some(advice.into()));
    }

    pub(super) fn wrong(&mut self, what: impl Into<String>, advice: impl Into<String>) {
        self.add(Level::Wrong, what.into(), Some(advice.into()));
    }

    fn add(&mut self, level: Level, what: String, advice: Option<String>) {
        if let Some(section) = self.0.last_mut() {
            section.findings.push(Finding { level, what, advice });
        }
    }

    /// How many things are wrong.
    pub(super) fn faults(&self) -> usize {
        self.0.iter().flat_map(|section| &section.findings).filter(|it| it.level == Level::Wrong).count()
    }

    /// To be read.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for section in &self.0 {
            lines.push(format!("{}:", section.about));
            for Finding { level, what, advice } in &section.findings {
                let sign = match level {
                    Level::Ok => "ok   ",
                    Level::Note => "note ",
                    Level::Wrong => "WRONG",
                };
                lines.push(format!("  {sign}  {what}"));
                lines.extend(advice.iter().map(|advice| format!("         → {advice}")));
            }
        }
        lines
    }
}
