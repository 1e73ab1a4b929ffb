//! `facts-DAY.log`: the same bytes as in the journal a second time, for the day on which the journal breaks. `DAY` counts
//! days since 1970 (UTC) by the time inside the fact's id.
//!
//! Frames are appended and never synced by themselves: against a power loss there is the journal. Each has a mark, a
//! length and a CRC, so that what is left can be read around a hole. Private parts are sealed as in the journal.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Crc;
use serde::{Deserialize, Serialize};

use super::disk::Disk;
use super::journal::{Identity, StoredFact, Try};

/// Begins a frame. No text of ours holds its first byte, which is none of UTF-8.
const MARK: [u8; 4] = [0xff, b'f', b'c', b't'];
const HEAD: usize = MARK.len() + 8;
/// Longest payload that is believed, in bytes.
const LONGEST: usize = 1 << 20;
const IDENTITY: &str = "identity.log";
const MS_PER_DAY: u64 = 24 * 3_600_000;

/// What a frame holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Entry {
    /// A fact as committed.
    Fact(StoredFact),
    /// An entry of a code, counted.
    Try(Try),
    /// Who this phone is.
    Identity(Identity),
    /// The newest fact of an incarnation: so that it is known what is lost.
    Head(u32, u64),
}

/// The logs of a folder.
#[derive(Debug)]
pub(super) struct FactLog {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    /// Something could not be written: until the next start there is no second source for it.
    pub(super) incomplete: bool,
}

impl FactLog {
    pub(super) fn new(disk: Arc<dyn Disk>, dir: &Path) -> Self {
        Self { disk, dir: dir.to_owned(), incomplete: false }
    }

    /// Adds what is committed. What fails is noted and changes nothing: the journal has it.
    pub(super) fn add(&mut self, id: &str, entry: &Entry) {
        let file = self.dir.join(format!("facts-{}.log", day_of(id)));
        let mut added = frame(entry).and_then(|frame| self.disk.append(&file, &frame));
        if let Entry::Fact(fact) = entry {
            let head = frame(&Entry::Head(fact.inc, fact.seq));
            added = added.and(head.and_then(|head| self.disk.append(&self.dir.join(IDENTITY), &head)));
        }
        self.incomplete |= added.is_err();
    }

    /// Who this phone is and how far it is, in a file of its own, which begins again.
    pub(super) fn set_identity(&mut self, identity: &Identity, head: Option<(u32, u64)>) {
        let file = self.dir.join(IDENTITY);
        let head = head.map(|(inc, seq)| frame(&Entry::Head(inc, seq))).transpose();
        let written = frame(&Entry::Identity(identity.clone()))
            .and_then(|identity| Ok([identity, head?.unwrap_or_default()].concat()))
            // Not durable either: it is an older one then, or none.
            .and_then(|frame| self.disk.remove(&file).and_then(|()| self.disk.append(&file, &frame)));
        self.incomplete |= written.is_err();
    }

    /// Whether anything was ever logged here: then a journal without anything is a broken one.
    pub(super) fn is_any(&self) -> io::Result<bool> {
        Ok(self.disk.has(&self.dir.join(IDENTITY)) || !self.days()?.is_empty())
    }

    /// Everything that is left.
    pub(super) fn read(&self) -> io::Result<Vec<Entry>> {
        let files = self.days()?.into_iter().chain([IDENTITY.to_owned()]);
        let mut entries = Vec::new();
        for file in files {
            if self.disk.has(&self.dir.join(&file)) {
                entries.extend(entries_of(&self.disk.read(&self.dir.join(&file))?));
            }
        }
        Ok(entries)
    }

    /// Brings the logs down to what the journal still holds: `kept` says what stays of an entry.
    pub(super) fn purge(&self, mut kept: impl FnMut(&Entry) -> io::Result<Option<Entry>>) -> io::Result<()> {
        for name in self.days()? {
            let file = self.dir.join(name);
            let bytes = self.disk.read(&file)?;
            let mut left = Vec::new();
            for entry in entries_of(&bytes) {
                if let Some(entry) = kept(&entry)? {
                    left.extend(frame(&entry)?);
                }
            }
            if left.is_empty() {
                self.disk.remove(&file)?;
            } else if left != bytes {
                self.disk.replace(&file, &left)?;
            }
        }
        Ok(())
    }

    fn days(&self) -> io::Result<Vec<String>> {
        let mut names = self.disk.names(&self.dir)?;
        names
            .retain(|name| name.strip_prefix("facts-").is_some_and(|day| day.strip_suffix(".log").is_some()));
        names.sort();
        Ok(names)
    }
}

fn day_of(id: &str) -> u64 {
    let time = uuid::Uuid::parse_str(id).ok().and_then(|id| id.get_timestamp());
    time.map_or(0, |time| time.to_unix().0 * 1_000 / MS_PER_DAY)
}

fn frame(entry: &Entry) -> io::Result<Vec<u8>> {
    let payload = serde_json::to_vec(entry).map_err(io::Error::other)?;
    let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
    Ok([&MARK[..], &length.to_le_bytes(), &crc(&payload).to_le_bytes(), &payload].concat())
}

fn crc(payload: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(payload);
    crc.sum()
}

/// Every whole frame, also behind a hole.
fn entries_of(mut bytes: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    while let Some(at) = bytes.windows(MARK.len()).position(|window| window == MARK) {
        bytes = &bytes[at..];
        match payload_of(bytes) {
            Some(payload) => {
                entries.extend(serde_json::from_slice::<Entry>(payload).ok());
                bytes = &bytes[HEAD + payload.len()..];
            }
            None => bytes = &bytes[MARK.len()..],
        }
    }
    entries
}

fn payload_of(frame: &[u8]) -> Option<&[u8]> {
    let number = |at: usize| Some(u32::from_le_bytes(frame.get(at..at + 4)?.try_into().ok()?));
    let length = usize::try_from(number(MARK.len())?).ok().filter(|length| *length <= LONGEST)?;
    let payload = frame.get(HEAD..HEAD + length)?;
    (crc(payload) == number(MARK.len() + 4)?).then_some(payload)
}

/// Bytes as base64url, a third longer instead of four times.
pub(super) mod as_text {
    use courier_codes::encoding::{decode, encode};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(crate) fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
        bytes.as_ref().map(|bytes| encode(bytes)).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| decode(&text).map_err(|_| D::Error::custom("not base64url"))).transpose()
    }
}

/// The newest of each: facts by incarnation and number, tries by id, and the identity.
#[derive(Debug, Default)]
pub(super) struct Logged {
    pub(super) facts: BTreeMap<(u32, u64), StoredFact>,
    pub(super) tries: BTreeMap<String, Try>,
    pub(super) identity: Option<Identity>,
    /// The newest number of each incarnation.
    pub(super) heads: BTreeMap<u32, u64>,
}

impl FromIterator<Entry> for Logged {
    fn from_iter<T: IntoIterator<Item = Entry>>(entries: T) -> Self {
        let mut logged = Self::default();
        for entry in entries {
            match entry {
                Entry::Fact(fact) => drop(logged.facts.insert((fact.inc, fact.seq), fact)),
                Entry::Try(it) => drop(logged.tries.insert(it.id.to_string(), it)),
                Entry::Identity(identity) => logged.identity = Some(identity),
                Entry::Head(inc, seq) => {
                    let newest = logged.heads.entry(inc).or_default();
                    *newest = (*newest).max(seq);
                }
            }
        }
        logged
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::disk::PhoneDisk;
    use crate::store::journal::samples::identity;

    /// A fact's id (UUID, version 7).
    const ID: &str = "019ab4e5-f200-7000-8000-000000000001";

    #[test]
    fn the_day_of_a_log_is_that_of_the_facts_in_it() {
        let ms = 1_795_507_200_000_u64; // 2026-11-24 08:00 UTC
        let id = format!("{:08x}-{:04x}-7000-8000-000000000001", ms >> 16, ms & 0xffff);
        assert_eq!(day_of(&id), 20_781);
        assert_eq!(day_of("no id at all"), 0, "it is somewhere, then");
        assert_ne!(day_of(ID), 0);
    }

    /// CRC-32 of ISO 3309, as of gzip: its check value is public.
    #[test]
    fn a_frame_has_a_mark_a_length_and_a_crc() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        let payload = br#"{"head":[1,2]}"#;
        let framed = frame(&Entry::Head(1, 2)).unwrap();
        assert_eq!(framed[..8], [0xff, b'f', b'c', b't', 14, 0, 0, 0]);
        assert_eq!((&framed[8..12], &framed[12..]), (&crc(payload).to_le_bytes()[..], &payload[..]));
        assert_eq!(entries_of(&framed), [Entry::Head(1, 2)]);
    }

    #[test]
    fn what_is_whole_is_read_around_a_hole() {
        let framed = |seq| frame(&Entry::Head(1, seq)).unwrap();
        let mut bytes = [framed(1), framed(2), framed(3)].concat();
        let second = framed(1).len();
        bytes[second + HEAD] ^= 1;
        assert_eq!(entries_of(&bytes), [Entry::Head(1, 1), Entry::Head(1, 3)]);
        assert_eq!(entries_of(&bytes[5..]), [Entry::Head(1, 3)], "the beginning is lost");
        assert_eq!(entries_of(&bytes[..bytes.len() - 1]), [Entry::Head(1, 1)], "and so is the end");
    }

    #[test]
    fn a_log_that_could_not_be_written_says_so_until_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        let log = |dir: &Path| FactLog::new(Arc::new(PhoneDisk), dir);
        let mut good = log(dir.path());
        assert!(!good.is_any().unwrap());
        good.add(ID, &Entry::Head(1, 1));
        assert!(good.is_any().unwrap() && !good.incomplete);
        assert_eq!(good.read().unwrap(), [Entry::Head(1, 1)]);
        let mut nowhere = log(&dir.path().join("gone"));
        nowhere.add(ID, &Entry::Head(1, 1));
        assert!(nowhere.incomplete);
        let mut nowhere = log(&dir.path().join("gone"));
        nowhere.set_identity(&identity(1), Some((1, 1)));
        assert!(nowhere.incomplete);
        let whole = dir.path().join(format!("facts-{}.log", day_of(ID)));
        good.purge(|entry| Ok(Some(entry.clone()))).unwrap();
        assert!(whole.exists());
        good.purge(|_| Ok(None)).unwrap();
        assert!(!whole.exists() && !good.is_any().unwrap());
    }
}
