//! A backup while the backend runs, and the way back.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::blobs::{self, BlobName};
use crate::config::Config;
use crate::entropy::{Entropy, ServiceClock};
use crate::error::ServiceError;
use crate::keys::Keys;
use crate::service::{DATABASE, Service};
use crate::storage::Storage;

/// What a folder of a backup holds.
const KEYS: &str = "keys.json";

/// Copies database, keys and evidence files into a new folder, complete or not at all. The backend may run meanwhile. A
/// database on a server is not copied: it is to be dumped before.
pub fn back_up(config: &Config, folder: &Path) -> Result<(), ServiceError> {
    let fault = |what: &str| ServiceError::fault(format!("backup: {what}"));
    if folder.exists() {
        return Err(fault("the folder exists: name a new one for each backup"));
    }
    let mut unfinished = folder.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    let work = || -> Result<(), ServiceError> {
        private_folder(&unfinished).map_err(|error| io(&error))?;
        let is_here = config.database.is_none();
        if is_here {
            Storage::back_up(&config.data_dir.join(DATABASE), &unfinished.join(DATABASE))?;
        }
        // Keys are only ever added: those that are there now open everything in the copy.
        copy(&config.keys_file(), &unfinished.join(KEYS)).map_err(|error| io(&error))?;
        // Files that came after the copy of the database are superfluous there, and none that it knows is missing.
        copy_files(&config.data_dir.join(blobs::FOLDER), &unfinished.join(blobs::FOLDER))
            .map_err(|error| io(&error))?;
        if is_here {
            sync(&unfinished.join(DATABASE)).map_err(|error| io(&error))?;
        }
        sync(&unfinished).map_err(|error| io(&error))?;
        fs::rename(&unfinished, folder).map_err(|error| io(&error))?;
        sync(parent(folder)).map_err(|error| io(&error))
    };
    let done = work();
    if done.is_err() {
        let _ = fs::remove_dir_all(&unfinished);
    }
    done
}

/// Puts a backup in place of a data folder that holds none. The epoch changes: phones offer again what they have handed
/// in since.
pub fn restore(config: Config, folder: &Path, clock: ServiceClock, rng: Entropy) -> Result<(), ServiceError> {
    let fault = |what: &str| ServiceError::fault(format!("restore: {what}"));
    if config.database.is_some() {
        return Err(fault(
            "the database is on a server: put its dump back there, keys.json and blobs in the data folder, and call `restored`",
        ));
    }
    let (database, keys) = (config.data_dir.join(DATABASE), config.keys_file());
    let (files, wal) = (config.data_dir.join(blobs::FOLDER), config.data_dir.join(format!("{DATABASE}-wal")));
    for file in [&database, &keys, &wal, &files] {
        if file.exists() {
            return Err(fault("there is a database in the data folder: move all of it away first"));
        }
    }
    for file in [DATABASE, KEYS] {
        if !folder.join(file).is_file() {
            return Err(fault("this folder holds no backup"));
        }
    }
    let mut rng = rng;
    // Nothing is put back that could not be used.
    Keys::load(&folder.join(KEYS), &mut rng)?;
    Storage::check(&folder.join(DATABASE))?;
    private_folder(&config.data_dir).map_err(|error| io(&error))?;
    copy_files(&folder.join(blobs::FOLDER), &files).map_err(|error| io(&error))?;
    copy(&folder.join(KEYS), &keys).map_err(|error| io(&error))?;
    copy(&folder.join(DATABASE), &database).map_err(|error| io(&error))?;
    sync(&config.data_dir).map_err(|error| io(&error))?;
    let public_url = config.public_url.clone().unwrap_or_default();
    Service::open(config, public_url, clock, rng)?.restored()
}

/// Moves everything from the database in the data folder to the configured server, while no backend runs; says how many
/// rows. The file stays, under another name.
pub fn move_to_server(config: &Config, rng: Entropy) -> Result<u64, ServiceError> {
    let fault = |what: &str| ServiceError::fault(format!("move: {what}"));
    let server = config.database.as_ref().ok_or_else(|| fault("[database] names no server"))?;
    let file = config.data_dir.join(DATABASE);
    if !file.is_file() {
        return Err(fault("there is no database in the data folder"));
    }
    let mut rng = rng;
    let rows = Storage::move_to_server(&file, server, &mut rng)?;
    fs::rename(&file, config.data_dir.join(format!("{DATABASE}.moved"))).map_err(|error| io(&error))?;
    sync(&config.data_dir).map_err(|error| io(&error))?;
    Ok(rows)
}

fn io(error: &std::io::Error) -> ServiceError {
    ServiceError::fault(format!("backup: {error}"))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Nobody else on the machine may read it.
fn private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::copy(from, to)?;
    sync(to)
}

/// Copies the complete evidence files; a folder that is not there has none. What has come in parts so far is left out:
/// phones begin it anew.
fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    private_folder(to)?;
    let found = match fs::read_dir(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    for file in found {
        let file = file?;
        let name = file.file_name();
        if name.to_str().and_then(BlobName::parse).is_none() {
            continue;
        }
        match copy(&file.path(), &to.join(&name)) {
            // It was purged meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            copied => copied?,
        }
    }
    sync(to)
}

fn sync(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}
