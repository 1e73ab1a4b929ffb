//! `blobs/`: photos and signatures until the server has them, each sealed in a file that is named by the hash of what is in
//! it. The folder is the list: no table can disagree with it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Amount, Disk, StoreError};

/// The folder, and what is in it.
#[derive(Debug)]
pub(crate) struct Blobs {
    dir: PathBuf,
    names: BTreeSet<String>,
    disk: Arc<dyn Disk>,
}

/// How the name of a file ends that was not written to its end; see [`Disk::replace`].
const UNFINISHED: &str = ".tmp";

impl Blobs {
    /// Opens or makes the folder. What a kill left unfinished is removed.
    pub(super) fn open(dir: &Path, disk: &Arc<dyn Disk>) -> Result<Self, StoreError> {
        disk.make_folder(dir).map_err(|error| failed(&error))?;
        let names = disk.names(dir).map_err(|error| failed(&error))?;
        let (unfinished, names): (BTreeSet<_>, BTreeSet<_>) =
            names.into_iter().partition(|name| name.ends_with(UNFINISHED));
        for name in unfinished {
            disk.remove(&dir.join(name)).map_err(|error| failed(&error))?;
        }
        Ok(Self { dir: dir.to_owned(), names, disk: Arc::clone(disk) })
    }

    /// The files' names, in order.
    pub(crate) fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// How much there is.
    pub(crate) fn amount(&self) -> Amount {
        let bytes = self.names.iter().filter_map(|name| self.disk.size(&self.dir.join(name))).sum();
        Amount { count: self.names.len() as u64, bytes }
    }

    /// Writes a file. It is there as a whole, also after a power loss, when this returns. A full disk is an error: what is
    /// kept free is for facts.
    pub(crate) fn put(&mut self, name: &str, sealed: &[u8]) -> Result<(), StoreError> {
        self.disk.replace(&self.dir.join(name), sealed).map_err(|error| failed(&error))?;
        self.names.insert(name.to_owned());
        Ok(())
    }

    /// A file's bytes.
    pub(crate) fn get(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        self.disk.read(&self.dir.join(name)).map_err(|error| failed(&error))
    }

    /// Removes a file; gone already is as good.
    pub(crate) fn remove(&mut self, name: &str) -> Result<(), StoreError> {
        self.disk.remove(&self.dir.join(name)).map_err(|error| failed(&error))?;
        self.names.remove(name);
        Ok(())
    }
}

fn failed(error: &io::Error) -> StoreError {
    if error.kind() == io::ErrorKind::StorageFull { StoreError::Full } else { StoreError::Io }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::phone_disk;

    #[test]
    fn a_full_disk_is_told_from_one_that_fails() {
        assert_eq!(failed(&io::ErrorKind::StorageFull.into()), StoreError::Full);
        assert_eq!(failed(&io::ErrorKind::PermissionDenied.into()), StoreError::Io);
    }

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let (dir, disk) = (tempfile::tempdir().unwrap(), phone_disk());
        let mut blobs = Blobs::open(dir.path(), &disk).unwrap();
        blobs.put("one", b"whole").unwrap();
        std::fs::write(dir.path().join("two.tmp"), b"ha").unwrap();
        drop(blobs);
        let mut blobs = Blobs::open(dir.path(), &disk).unwrap();
        assert_eq!(blobs.names().iter().collect::<Vec<_>>(), ["one"]);
        assert_eq!(blobs.get("one").unwrap(), b"whole");
        assert!(!dir.path().join("two.tmp").exists());
        blobs.remove("one").unwrap();
        blobs.remove("one").unwrap();
        assert!(blobs.names().is_empty() && blobs.get("one").is_err());
    }
}
