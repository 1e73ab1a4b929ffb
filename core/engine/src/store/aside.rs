//! Where damaged files, and copies from before a migration, lie for a week: for whoever can read more of them. What is
//! personal in them is sealed as everywhere.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::Amount;
use super::disk::Disk;

const FOLDER: &str = "aside";
/// So many of each name are kept.
const KEPT: usize = 3;

/// See the module.
pub(super) struct Aside<'a> {
    disk: &'a dyn Disk,
    folder: PathBuf,
}

impl<'a> Aside<'a> {
    pub(super) fn new(disk: &'a dyn Disk, dir: &Path) -> Self {
        Self { disk, folder: dir.join(FOLDER) }
    }

    /// A free place for something of this name. The oldest of that name go.
    pub(super) fn place(&self, name: &str) -> io::Result<PathBuf> {
        self.disk.make_folder(&self.folder)?;
        let files = self.disk.names(&self.folder)?;
        let number =
            |file: &String| file.strip_prefix(name)?.strip_prefix('-')?.split('.').next()?.parse().ok();
        let numbers: BTreeSet<u64> = files.iter().filter_map(number).collect();
        let spare = numbers.len().saturating_sub(KEPT - 1);
        for old in numbers.iter().take(spare) {
            for file in files.iter().filter(|file| number(file) == Some(*old)) {
                self.disk.remove(&self.folder.join(file))?;
            }
        }
        let next = numbers.last().map_or(1, |last| last + 1);
        Ok(self.folder.join(format!("{name}-{next}.db")))
    }

    /// How much there is, and when the newest of it was changed, by the phone's wall clock.
    pub(super) fn amount(&self) -> io::Result<(Amount, Option<i64>)> {
        let files: Vec<_> =
            self.disk.names(&self.folder)?.into_iter().map(|name| self.folder.join(name)).collect();
        let bytes = files.iter().filter_map(|file| self.disk.size(file)).sum();
        let changed = files.iter().filter_map(|file| self.disk.changed_ms(file)).max();
        Ok((Amount { count: files.len() as u64, bytes }, changed))
    }

    /// Deletes what was changed more than `kept_ms` before `now_ms`, or has a date that cannot be.
    pub(super) fn purge(&self, now_ms: i64, kept_ms: i64) -> io::Result<()> {
        for name in self.disk.names(&self.folder)? {
            let file = self.folder.join(name);
            let age = self.disk.changed_ms(&file).map(|changed| now_ms.abs_diff(changed));
            if age.is_some_and(|age| age > kept_ms.unsigned_abs()) {
                self.disk.remove(&file)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::disk::PhoneDisk;

    #[test]
    fn of_each_name_the_newest_three_are_kept_with_what_belongs_to_them() {
        let dir = tempfile::tempdir().unwrap();
        let aside = Aside::new(&PhoneDisk, dir.path());
        for _ in 0..4 {
            for name in ["journal", "before"] {
                let place = aside.place(name).unwrap();
                PhoneDisk.append(&place, b"1").unwrap();
                PhoneDisk.append(&place.with_extension("db-wal"), b"22").unwrap();
            }
        }
        let mut names = PhoneDisk.names(&dir.path().join(FOLDER)).unwrap();
        names.sort();
        let kept = ["before", "journal"].iter().flat_map(|name| {
            (2..=4).flat_map(move |n| ["db", "db-wal"].map(|end| format!("{name}-{n}.{end}")))
        });
        assert_eq!(names, kept.collect::<Vec<_>>());
        let (amount, changed) = aside.amount().unwrap();
        assert_eq!((amount.count, amount.bytes), (12, 18));
        // Exactly as long as they are kept, and a moment longer, by a clock that may have been put back.
        let newest = changed.unwrap();
        for (now, left) in [(newest + 10, 12), (newest - 10, 12), (newest - 100_000, 0)] {
            aside.purge(now, 99_000).unwrap();
            assert_eq!(PhoneDisk.names(&dir.path().join(FOLDER)).unwrap().len(), left, "{}", now - newest);
        }
    }

    #[test]
    fn what_is_as_old_as_it_may_be_stays() {
        let dir = tempfile::tempdir().unwrap();
        let aside = Aside::new(&PhoneDisk, dir.path());
        let place = aside.place("journal").unwrap();
        PhoneDisk.append(&place, b"1").unwrap();
        let changed = PhoneDisk.changed_ms(&place).unwrap();
        aside.purge(changed + 5_000, 5_000).unwrap();
        assert!(place.exists());
        aside.purge(changed + 5_001, 5_000).unwrap();
        assert!(!place.exists());
    }
}
