//! Evidence files: photos and signatures come in parts, are checked against their names, and lie sealed on a shelf.
//!
//! No transaction is open while bytes go to the shelf or come from it: a slow disk, or a service far away, holds nobody up
//! but the phone whose file it is.

mod bucket;
mod folder;
mod turns;

use courier_codes::encoding::{decode_array, hash_of};
use courier_domain::{Base64Url, UnixMs};
use courier_protocol::ProblemKind;
use courier_protocol::blobs::Part;

use crate::config::Config;
use crate::error::ServiceError;
use crate::service::Service;
use crate::storage::{BlobRow, Installation, Tx};
use bucket::Bucket;
use folder::Folder;
use turns::Turns;

/// The folder in the data folder.
pub(crate) const FOLDER: &str = "blobs";
/// How long a file is kept, in milliseconds: 90 days.
pub const KEPT_MS: i64 = 90 * DAY_MS;
/// Bytes of new files that an installation may begin to send in 24 hours: a photo of 1 MiB at every door of a long day.
pub const MAX_PER_DAY: u64 = 256 << 20;

const DAY_MS: i64 = 24 * 3_600_000;
/// What a file is sealed as.
const SEALED_AS: &str = "blob";
/// What a part is sealed as where others keep it.
const PART_SEALED_AS: &str = "blob-part";

/// The name of a file: SHA-256 of its bytes, so nothing else gets into a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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

/// Whether there is what the configuration names. Nobody is spoken to.
pub(crate) fn check(config: &Config) -> Result<(), ServiceError> {
    config.files.as_ref().map_or(Ok(()), |files| Bucket::new(files).map(drop))
}

/// Where files lie: in the data folder, or in a bucket. With a bucket, what lies in the folder from before is still found.
pub(crate) struct Shelf {
    folder: Folder,
    bucket: Option<Bucket>,
    turns: Turns,
}

impl Shelf {
    /// As the configuration wants it. A bucket is first spoken to when it is needed.
    pub(crate) fn open(config: &Config) -> Result<Self, ServiceError> {
        Ok(Self {
            folder: Folder::open(&config.data_dir.join(FOLDER))?,
            bucket: config.files.as_ref().map(Bucket::new).transpose()?,
            turns: Turns::default(),
        })
    }

    /// How many bytes of an unfinished file are here.
    fn part_length(&self, name: &BlobName) -> Result<usize, ServiceError> {
        match &self.bucket {
            None => self.folder.part_length(name),
            Some(bucket) => Ok(bucket.parts(name)?.last().map_or(0, |part| part.to)),
        }
    }

    fn drop_parts(&self, name: &BlobName) -> Result<(), ServiceError> {
        self.folder.drop_part(name)?;
        self.bucket.as_ref().map_or(Ok(()), |bucket| bucket.drop_parts(name))
    }

    /// Puts a whole file in its place, durably.
    fn put(&self, name: &BlobName, sealed: Vec<u8>) -> Result<(), ServiceError> {
        match &self.bucket {
            None => self.folder.put(name, &sealed),
            Some(bucket) => bucket.put(name, sealed),
        }
    }

    fn get(&self, name: &BlobName) -> Result<Vec<u8>, ServiceError> {
        let found = self.bucket.as_ref().map_or(Ok(None), |bucket| bucket.get(name))?;
        found.map_or_else(|| self.folder.get(name), Ok)
    }

    /// Removes a file and what came of it; gone already is as good.
    fn remove(&self, name: &BlobName) -> Result<(), ServiceError> {
        self.drop_parts(name)?;
        self.folder.remove(name)?;
        self.bucket.as_ref().map_or(Ok(()), |bucket| bucket.remove(name))
    }
}

#[cfg(test)]
impl Shelf {
    /// What lies here and how it is called, parts too.
    pub(crate) fn everything(&self) -> Vec<(String, Vec<u8>)> {
        self.bucket.as_ref().map_or_else(|| self.folder.everything(), Bucket::everything)
    }
}

impl Service {
    /// How much of an evidence file is here.
    pub fn have_blob(&self, name: &BlobName) -> Result<Have, ServiceError> {
        match self.look(|tx, _| tx.blob(name.as_str()))? {
            Some(row) if row.complete => Ok(Have::Complete(row.size)),
            _ => self.shelf().part_length(name).map(Have::Bytes),
        }
    }

    /// Takes a part of an evidence file. Its bytes are durable once the file is complete.
    pub fn take_part(
        &self,
        from: &Installation,
        name: &BlobName,
        part: Part,
        bytes: &[u8],
    ) -> Result<Taken, ServiceError> {
        if bytes.len() != part.to - part.from {
            return Err(ServiceError::refused(
                ProblemKind::BadRequest,
                "content-range does not fit the body",
            ));
        }
        let shelf = self.shelf();
        let _turn = shelf.turns.take(name);
        let known = self.look(|tx, _| tx.blob(name.as_str()))?;
        if let Some(row) = known.as_ref().filter(|row| row.complete) {
            return Ok(Taken::Complete(row.size));
        }
        let here = shelf.part_length(name)?;
        if part.from != here {
            return Ok(Taken::Elsewhere(here));
        }
        let mut row = match known {
            Some(row) if row.size == part.of => row,
            known => self.transact(|tx, _, now| begin(tx, from, name, part.of, known, now))?,
        };
        if part.to < part.of {
            self.keep_part(name, part, bytes)?;
            return Ok(Taken::More(part.to));
        }
        // The last part is kept with all others or not at all: whatever fails, its phone sends it again.
        let mut whole = self.parts(name)?;
        whole.extend_from_slice(bytes);
        if hash_of(&whole).as_str() != name.as_str() {
            shelf.drop_parts(name)?;
            return Ok(Taken::WrongHash);
        }
        shelf.put(name, self.sealing(|seal| seal.seal(SEALED_AS, name.as_str(), &whole))?)?;
        row.complete = true;
        self.transact(|tx, _, _| tx.put_blob(&row))?;
        shelf.drop_parts(name)?;
        Ok(Taken::Complete(part.of))
    }

    fn keep_part(&self, name: &BlobName, part: Part, bytes: &[u8]) -> Result<(), ServiceError> {
        let Some(bucket) = &self.shelf().bucket else { return self.shelf().folder.append(name, bytes) };
        let id = part_id(name, part.from);
        bucket.put_part(name, part, self.sealing(|seal| seal.seal(PART_SEALED_AS, &id, bytes))?)
    }

    /// What has come of an unfinished file.
    fn parts(&self, name: &BlobName) -> Result<Vec<u8>, ServiceError> {
        let Some(bucket) = &self.shelf().bucket else { return self.shelf().folder.part(name) };
        let mut whole = Vec::new();
        for part in bucket.parts(name)? {
            let sealed = bucket.get_part(name, part)?;
            whole.extend(self.sealing(|seal| seal.open(PART_SEALED_AS, &part_id(name, part.from), &sealed))?);
        }
        Ok(whole)
    }

    /// A complete evidence file.
    pub fn blob(&self, name: &BlobName) -> Result<Option<Vec<u8>>, ServiceError> {
        if self.look(|tx, _| tx.blob(name.as_str()))?.is_none_or(|row| !row.complete) {
            return Ok(None);
        }
        let sealed = self.shelf().get(name)?;
        self.sealing(|seal| seal.open(SEALED_AS, name.as_str(), &sealed)).map(Some)
    }

    /// Removes evidence files that came more than 90 days ago, complete or not; returns how many.
    pub fn purge_blobs(&self) -> Result<usize, ServiceError> {
        let old = self.look(|tx, now| tx.blobs_before(now.plus_ms(-KEPT_MS)))?;
        for name in &old {
            if let Some(name) = BlobName::parse(name) {
                let _turn = self.shelf().turns.take(&name);
                self.shelf().remove(&name)?;
            }
            self.transact(|tx, _, _| tx.forget_blob(name))?;
        }
        Ok(old.len())
    }
}

fn fault(error: &dyn std::fmt::Display) -> ServiceError {
    ServiceError::fault(format!("evidence files: {error}"))
}

fn part_id(name: &BlobName, from: usize) -> String {
    format!("{}/{from}", name.as_str())
}

/// Notes that a file of this size comes, if its phone may still send as much today.
fn begin(
    tx: &mut Tx<'_>,
    from: &Installation,
    name: &BlobName,
    size: usize,
    known: Option<BlobRow>,
    now: UnixMs,
) -> Result<BlobRow, ServiceError> {
    let today = tx.blob_bytes_since(&from.install, now.plus_ms(-DAY_MS))?;
    if today + size as u64 > MAX_PER_DAY {
        return Err(ServiceError::refused(ProblemKind::TooMany, "too many evidence files in a day"));
    }
    let received_at = known.map_or(now, |row| row.received_at);
    let (sha256, install) = (name.as_str().to_owned(), from.install.clone());
    let row = BlobRow { sha256, install, size, received_at, complete: false };
    tx.put_blob(&row)?;
    Ok(row)
}
