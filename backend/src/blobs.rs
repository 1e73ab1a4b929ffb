//! Evidence files: photos and signatures come in parts, are checked against their names, and lie sealed in a folder.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use courier_codes::encoding::{decode_array, hash_of};
use courier_domain::{Base64Url, UnixMs};
use courier_protocol::ProblemKind;
use courier_protocol::blobs::Part;

use crate::error::ServiceError;
use crate::seal::Sealer;
use crate::storage::{BlobRow, Installation, Tx};

/// The folder in the data folder.
pub(crate) const FOLDER: &str = "blobs";
/// How long a file is kept, in milliseconds: 90 days.
pub const KEPT_MS: i64 = 90 * DAY_MS;
/// Bytes of new files that an installation may begin to send in 24 hours: a photo of 1 MiB at every door of a long day.
pub const MAX_PER_DAY: u64 = 256 << 20;

const DAY_MS: i64 = 24 * 3_600_000;
const PART: &str = "part";
const UNFINISHED: &str = "tmp";

/// The name of a file: SHA-256 of its bytes, so nothing else gets into a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobName(Base64Url);

impl BlobName {
    /// A name, if it can be one.
    pub fn parse(text: &str) -> Option<Self> {
        decode_array::<32>(text).ok()?;
        Base64Url::new(text).ok().map(Self)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// How much of a file is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Have {
    /// All of it.
    Complete(usize),
    /// So many bytes.
    Bytes(usize),
}

/// What came of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The file is complete.
    Complete(usize),
    /// So many bytes are here, and more are to come.
    More(usize),
    /// The part does not begin where the file ends here, which is there.
    Elsewhere(usize),
    /// The bytes do not have this hash; all were dropped.
    WrongHash,
}

/// The folder.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Opens or makes it.
    pub fn open(dir: &Path) -> Result<Self, ServiceError> {
        fs::create_dir_all(dir).map_err(|error| fault(&error))?;
        Ok(Self(dir.to_owned()))
    }

    fn path(&self, name: &BlobName) -> PathBuf {
        self.0.join(name.as_str())
    }

    fn part(&self, name: &BlobName) -> PathBuf {
        self.path(name).with_extension(PART)
    }

    fn part_length(&self, name: &BlobName) -> Result<usize, ServiceError> {
        match fs::metadata(self.part(name)) {
            Ok(found) => Ok(usize::try_from(found.len()).unwrap_or(usize::MAX)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(fault(&error)),
        }
    }

    fn append(&self, name: &BlobName, bytes: &[u8]) -> Result<(), ServiceError> {
        let file = OpenOptions::new().create(true).append(true).open(self.part(name));
        file.and_then(|mut file| file.write_all(bytes)).map_err(|error| fault(&error))
    }

    /// Puts a whole file in its place, durably.
    fn put(&self, name: &BlobName, sealed: &[u8]) -> Result<(), ServiceError> {
        let unfinished = self.path(name).with_extension(UNFINISHED);
        File::create(&unfinished)
            .and_then(|mut file| file.write_all(sealed).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&unfinished, self.path(name)))
            .and_then(|()| File::open(&self.0)?.sync_all())
            .map_err(|error| fault(&error))
    }

    fn drop_part(&self, name: &BlobName) -> Result<(), ServiceError> {
        remove(&self.part(name))
    }

    /// Removes a file and what came of it; gone already is as good.
    pub fn remove(&self, name: &BlobName) -> Result<(), ServiceError> {
        self.drop_part(name)?;
        remove(&self.path(name))
    }
}

fn remove(path: &Path) -> Result<(), ServiceError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(fault(&error)),
        _ => Ok(()),
    }
}

fn fault(error: &std::io::Error) -> ServiceError {
    ServiceError::fault(format!("evidence files: {error}"))
}

/// How much of a file is here.
pub fn have(tx: &Tx<'_>, folder: &Folder, name: &BlobName) -> Result<Have, ServiceError> {
    Ok(match tx.blob(name.as_str())? {
        Some(row) if row.complete => Have::Complete(row.size),
        _ => Have::Bytes(folder.part_length(name)?),
    })
}

/// Takes a part of a file. Its bytes are durable once the file is complete.
pub fn take(
    tx: &mut Tx<'_>,
    folder: &Folder,
    from: &Installation,
    name: &BlobName,
    (part, bytes): (Part, &[u8]),
    seal: &mut Sealer<'_>,
    now: UnixMs,
) -> Result<Taken, ServiceError> {
    if bytes.len() != part.to - part.from {
        return Err(ServiceError::refused(ProblemKind::BadRequest, "content-range does not fit the body"));
    }
    let known = tx.blob(name.as_str())?;
    if let Some(row) = known.as_ref().filter(|row| row.complete) {
        return Ok(Taken::Complete(row.size));
    }
    let here = folder.part_length(name)?;
    if part.from != here {
        return Ok(Taken::Elsewhere(here));
    }
    if known.as_ref().is_none_or(|row| row.size != part.of) {
        let today = tx.blob_bytes_since(&from.install, now.plus_ms(-DAY_MS))?;
        if today + part.of as u64 > MAX_PER_DAY {
            return Err(ServiceError::refused(ProblemKind::TooMany, "too many evidence files in a day"));
        }
    }
    let received_at = known.map_or(now, |row| row.received_at);
    let (sha256, install) = (name.as_str().to_owned(), from.install.clone());
    let mut row = BlobRow { sha256, install, size: part.of, received_at, complete: false };
    folder.append(name, bytes)?;
    if part.to < part.of {
        tx.put_blob(&row)?;
        return Ok(Taken::More(part.to));
    }
    let whole = fs::read(folder.part(name)).map_err(|error| fault(&error))?;
    if hash_of(&whole).as_str() != name.as_str() {
        folder.drop_part(name)?;
        return Ok(Taken::WrongHash);
    }
    folder.put(name, &seal.seal("blob", name.as_str(), &whole)?)?;
    folder.drop_part(name)?;
    row.complete = true;
    tx.put_blob(&row)?;
    Ok(Taken::Complete(part.of))
}

/// The bytes of a complete file.
pub fn read(
    tx: &Tx<'_>,
    folder: &Folder,
    name: &BlobName,
    seal: &Sealer<'_>,
) -> Result<Option<Vec<u8>>, ServiceError> {
    if tx.blob(name.as_str())?.is_none_or(|row| !row.complete) {
        return Ok(None);
    }
    let sealed = fs::read(folder.path(name)).map_err(|error| fault(&error))?;
    seal.open("blob", name.as_str(), &sealed).map(Some)
}

/// Removes what came more than 90 days ago, complete or not; returns how many files that were.
pub fn purge(tx: &mut Tx<'_>, folder: &Folder, now: UnixMs) -> Result<usize, ServiceError> {
    let old = tx.blobs_before(now.plus_ms(-KEPT_MS))?;
    for name in &old {
        if let Some(name) = BlobName::parse(name) {
            folder.remove(&name)?;
        }
        tx.forget_blob(name)?;
    }
    Ok(old.len())
}
