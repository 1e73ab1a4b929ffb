//! The carrier's rules.

use std::path::PathBuf;

use courier_domain::Policy;
use serde::Deserialize;

use super::BadConfig;

/// The carrier's rules: one of the core's, or a file of one's own (`docs/door.md`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyConfig {
    /// One of [`Policy::BUILT_IN`]; without name and file phones follow `germany`.
    pub name: Option<String>,
    /// A JSON file.
    pub file: Option<PathBuf>,
    /// What the file says.
    #[serde(skip)]
    read: Option<Box<Policy>>,
}

impl PolicyConfig {
    /// Reads the file, if one is named.
    pub fn load(&mut self) -> Result<(), BadConfig> {
        let bad = |key: &str, problem: String| Err(BadConfig { place: format!("policy.{key}"), problem });
        match (&self.name, &self.file) {
            (Some(_), Some(_)) => bad("file", "either name or file".into()),
            (Some(name), None) if Policy::built_in(name).is_none() => {
                bad("name", format!("{} are allowed", Policy::BUILT_IN.join(", ")))
            }
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file).map_err(|error| error.to_string());
                match text.and_then(|text| Policy::parse(&text).map_err(|error| error.to_string())) {
                    Ok(policy) => {
                        self.read = Some(Box::new(policy));
                        Ok(())
                    }
                    Err(problem) => bad("file", format!("{}: {problem}", file.display())),
                }
            }
            _ => Ok(()),
        }
    }

    /// The rules.
    pub fn rules(&self) -> &Policy {
        match (&self.read, self.name.as_deref().and_then(Policy::built_in)) {
            (Some(read), _) => read,
            (None, Some(named)) => named,
            (None, None) => Policy::germany(),
        }
    }

    /// What routes bring to phones; those without any follow `germany`.
    pub fn for_phones(&self) -> Option<Box<Policy>> {
        (self.read.is_some() || self.name.is_some()).then(|| Box::new(self.rules().clone()))
    }
}
