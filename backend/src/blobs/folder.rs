//! Files in a folder of this machine's.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::{BlobName, fault};
use crate::error::ServiceError;

const PART: &str = "part";
const UNFINISHED: &str = "tmp";

/// The folder.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Opens or makes it.
    pub(super) fn open(dir: &Path) -> Result<Self, ServiceError> {
        fs::create_dir_all(dir).map_err(|error| fault(&error))?;
        Ok(Self(dir.to_owned()))
    }

    fn path(&self, name: &BlobName) -> PathBuf {
        self.0.join(name.as_str())
    }

    fn part_path(&self, name: &BlobName) -> PathBuf {
        self.path(name).with_extension(PART)
    }

    pub(super) fn part_length(&self, name: &BlobName) -> Result<usize, ServiceError> {
        match fs::metadata(self.part_path(name)) {
            Ok(found) => Ok(usize::try_from(found.len()).unwrap_or(usize::MAX)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(fault(&error)),
        }
    }

    pub(super) fn append(&self, name: &BlobName, bytes: &[u8]) -> Result<(), ServiceError> {
        let file = OpenOptions::new().create(true).append(true).open(self.part_path(name));
        file.and_then(|mut file| file.write_all(bytes)).map_err(|error| fault(&error))
    }

    /// What was appended.
    pub(super) fn part(&self, name: &BlobName) -> Result<Vec<u8>, ServiceError> {
        match fs::read(self.part_path(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(|error| fault(&error)),
        }
    }

    pub(super) fn drop_part(&self, name: &BlobName) -> Result<(), ServiceError> {
        remove(&self.part_path(name))
    }

    /// Puts a whole file in its place, durably.
    pub(super) fn put(&self, name: &BlobName, sealed: &[u8]) -> Result<(), ServiceError> {
        let unfinished = self.path(name).with_extension(UNFINISHED);
        File::create(&unfinished)
            .and_then(|mut file| file.write_all(sealed).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&unfinished, self.path(name)))
            .and_then(|()| File::open(&self.0)?.sync_all())
            .map_err(|error| fault(&error))
    }

    pub(super) fn get(&self, name: &BlobName) -> Result<Vec<u8>, ServiceError> {
        fs::read(self.path(name)).map_err(|error| fault(&error))
    }

    pub(super) fn remove(&self, name: &BlobName) -> Result<(), ServiceError> {
        remove(&self.path(name))
    }
}

#[cfg(test)]
impl Folder {
    pub(super) fn everything(&self) -> Vec<(String, Vec<u8>)> {
        let files = fs::read_dir(&self.0).unwrap().map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())
        });
        files.collect()
    }
}

fn remove(path: &Path) -> Result<(), ServiceError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(fault(&error)),
        _ => Ok(()),
    }
}
