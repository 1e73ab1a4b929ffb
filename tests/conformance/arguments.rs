//! What the program is told.

const USAGE: &str =
    "usage: courier-conformance [--only RULE,RULE…] [--json] [--ca FILE] [URL] -- ADAPTER [ARGUMENTS…]
       courier-conformance --list

  URL      where phones find the backend, https or on this machine; default: what the adapter says
  ADAPTER  a program that does what the backend's office does (docs/integrators.md)
  --only   rules, such as P5.10, or whole sections, such as P5
  --json   one JSON object instead of lines
  --ca     certificates of your own authority, PEM
  --list   the rules that are checked

Exit code: 0 = no rule failed, 1 = some did, 2 = nothing was checked.";

/// The arguments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) list: bool,
    pub(crate) json: bool,
    pub(crate) only: Vec<String>,
    pub(crate) ca: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) adapter: Vec<String>,
}

impl Arguments {
    /// Reads them, or says how they are written.
    pub(crate) fn read(mut given: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self::default();
        while let Some(word) = given.next() {
            match word.as_str() {
                "--list" => read.list = true,
                "--json" => read.json = true,
                "--only" => {
                    let names = given.next().ok_or(USAGE)?;
                    read.only.extend(names.split(',').map(str::to_owned));
                }
                "--ca" => {
                    let file = given.next().ok_or(USAGE)?;
                    let pem = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
                    read.ca = Some(pem);
                }
                "--" => {
                    read.adapter = given.by_ref().collect();
                }
                url if !url.starts_with('-') && read.url.is_none() => read.url = Some(word),
                _ => return Err(USAGE.into()),
            }
        }
        if read.list || !read.adapter.is_empty() { Ok(read) } else { Err(USAGE.into()) }
    }

    /// Whether a rule is to be checked.
    pub(crate) fn chooses(&self, id: &str) -> bool {
        let is_it =
            |name: &String| id == name || id.split_once('.').is_some_and(|(section, _)| section == name);
        self.only.is_empty() || self.only.iter().any(is_it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn an_adapter_has_its_own_arguments_and_without_one_nothing_is_checked() {
        let read_line = read("--only P5,P7.4 --json http://127.0.0.1:1 -- adapter --json x").unwrap();
        assert_eq!(read_line.url.as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(read_line.adapter, ["adapter", "--json", "x"]);
        assert!(read_line.chooses("P5.10") && read_line.chooses("P7.4"));
        assert!(!read_line.chooses("P7.5") && !read_line.chooses("P50.1"));
        for bad in ["", "http://127.0.0.1:1", "--only", "--unknown -- a", "http://a http://b -- a", "--"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
