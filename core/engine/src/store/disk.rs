//! Files beside the databases, as the store needs them: the log, the copies, the ballast. SQLite's own files are SQLite's.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// What the store asks of a disk. Tests bring one that loses power, or is full.
pub trait Disk: Debug + Send + Sync {
    /// The whole file.
    fn read(&self, file: &Path) -> io::Result<Vec<u8>>;
    /// Adds to the end of a file, which is made if it is not there. It need not be durable.
    fn append(&self, file: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Puts a file in place of the one that is there: afterwards, and after a power loss, there is either.
    fn replace(&self, file: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Gives a file another name, durably, in place of what has that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Deletes a file. It is no error if there is none.
    fn remove(&self, file: &Path) -> io::Result<()>;
    /// Names of the files in a folder; none if there is no folder.
    fn names(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Makes a folder, and those above it.
    fn make_folder(&self, dir: &Path) -> io::Result<()>;
    /// Milliseconds since 1970 of the last change, by the phone's wall clock; none if there is no such file.
    fn changed_ms(&self, file: &Path) -> Option<i64>;

    /// How many bytes are in a file; none if there is no such file.
    fn size(&self, file: &Path) -> Option<u64>;

    /// Whether there is such a file.
    fn has(&self, file: &Path) -> bool {
        self.changed_ms(file).is_some()
    }
}

/// The phone's own.
#[derive(Debug)]
pub(super) struct PhoneDisk;

fn sync_folder_of(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(dir) => File::open(dir)?.sync_all(),
        None => Ok(()),
    }
}

impl Disk for PhoneDisk {
    fn read(&self, file: &Path) -> io::Result<Vec<u8>> {
        fs::read(file)
    }

    fn append(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().create(true).append(true).open(file)?.write_all(bytes)
    }

    fn replace(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        let coming = with_ending(file, ".tmp");
        let written = File::create(&coming).and_then(|mut coming| {
            coming.write_all(bytes)?;
            coming.sync_all()
        });
        if let Err(error) = written {
            // On a full disk a part of it would take the room that others need.
            let _ = fs::remove_file(&coming);
            return Err(error);
        }
        self.rename(&coming, file)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        sync_folder_of(to)
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn names(&self, dir: &Path) -> io::Result<Vec<String>> {
        match fs::read_dir(dir) {
            Ok(entries) => {
                entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn make_folder(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    fn changed_ms(&self, file: &Path) -> Option<i64> {
        let changed = fs::metadata(file).ok()?.modified().ok()?;
        let since = changed.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        i64::try_from(since).ok()
    }

    fn size(&self, file: &Path) -> Option<u64> {
        Some(fs::metadata(file).ok()?.len())
    }
}

/// The path with something added to its last name.
pub(super) fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_no_error_and_everything_else_is() {
        let dir = tempfile::tempdir().unwrap();
        let (file, missing) = (dir.path().join("file"), dir.path().join("missing"));
        PhoneDisk.append(&file, b"12").unwrap();
        PhoneDisk.append(&file, b"3").unwrap();
        assert_eq!((PhoneDisk.read(&file).unwrap(), PhoneDisk.size(&file)), (b"123".to_vec(), Some(3)));
        assert_eq!((PhoneDisk.size(&missing), PhoneDisk.has(&missing)), (None, false));
        assert_eq!(PhoneDisk.names(&missing).unwrap(), [""; 0]);
        assert!(PhoneDisk.names(&file).is_err(), "a file is no folder");
        PhoneDisk.remove(&missing).unwrap();
        assert!(PhoneDisk.remove(dir.path()).is_err(), "a folder is no file");
        PhoneDisk.replace(&file, b"4").unwrap();
        assert_eq!(PhoneDisk.read(&file).unwrap(), b"4");
        assert_eq!(PhoneDisk.names(dir.path()).unwrap(), ["file"], "something is left of the replacement");
    }
}
