//! `blobs/`: photos and signatures until the server has them, each sealed in a file that is named by the hash of what is in
//! it. The folder is the list: no table can disagree with it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::StoreError;

/// The folder, and what is in it.
#[derive(Debug)]
pub(crate) struct Blobs {
    dir: PathBuf,
    names: BTreeSet<String>,
}

const UNFINISHED: &str = "tmp";

impl Blobs {
    /// Opens or makes the folder. What a kill left unfinished is removed.
    pub(super) fn open(dir: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(|_| StoreError::Io)?;
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(dir).map_err(|_| StoreError::Io)? {
            let path = entry.map_err(|_| StoreError::Io)?.path();
            if path.extension().is_some_and(|extension| extension == UNFINISHED) {
                fs::remove_file(&path).map_err(|_| StoreError::Io)?;
            } else if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
                names.insert(name.to_owned());
            }
        }
        Ok(Self { dir: dir.to_owned(), names })
    }

    /// The files' names, in order.
    pub(crate) fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// Writes a file. It is there as a whole, also after a power loss, when this returns.
    pub(crate) fn put(&mut self, name: &str, sealed: &[u8]) -> Result<(), StoreError> {
        let (path, unfinished) = (self.dir.join(name), self.dir.join(name).with_extension(UNFINISHED));
        let written = File::create(&unfinished)
            .and_then(|mut file| file.write_all(sealed).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&unfinished, &path))
            .and_then(|()| File::open(&self.dir)?.sync_all());
        if let Err(error) = written {
            let _ = fs::remove_file(&unfinished);
            return Err(if error.kind() == std::io::ErrorKind::StorageFull {
                StoreError::Full
            } else {
                StoreError::Io
            });
        }
        self.names.insert(name.to_owned());
        Ok(())
    }

    /// A file's bytes.
    pub(crate) fn get(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        fs::read(self.dir.join(name)).map_err(|_| StoreError::Io)
    }

    /// Removes a file; gone already is as good.
    pub(crate) fn remove(&mut self, name: &str) -> Result<(), StoreError> {
        match fs::remove_file(self.dir.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::Io),
            _ => {
                self.names.remove(name);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let mut blobs = Blobs::open(dir.path()).unwrap();
        blobs.put("one", b"whole").unwrap();
        fs::write(dir.path().join("two.tmp"), b"ha").unwrap();
        drop(blobs);
        let mut blobs = Blobs::open(dir.path()).unwrap();
        assert_eq!(blobs.names().iter().collect::<Vec<_>>(), ["one"]);
        assert_eq!(blobs.get("one").unwrap(), b"whole");
        assert!(!dir.path().join("two.tmp").exists());
        blobs.remove("one").unwrap();
        blobs.remove("one").unwrap();
        assert!(blobs.names().is_empty() && blobs.get("one").is_err());
    }
}
