//! Photos and signatures: on the disk and on their stop's screen before anything is recorded about them, so that a camera
//! that ends the app loses nothing.

use std::io::Read;

use courier_codes::RowAad;
use courier_codes::encoding::hash_of;
use courier_domain::{FileKind, FileSource, ProofFile, StopId};
use zeroize::Zeroizing;

use super::Machine;
use crate::error::{EngineError, InvalidInput};
use crate::photo::{self, MAX_SOURCE};
use crate::receipt::CommandResult;
use crate::store::StoreError;

impl Machine {
    pub(super) fn take_file(
        &mut self,
        stop: &StopId,
        kind: FileKind,
        source: FileSource,
    ) -> Result<CommandResult, EngineError> {
        let bytes = Zeroizing::new(match source {
            FileSource::Jpeg(path) => photo::strip(&read(&path)?)?,
            FileSource::Bytes(bytes) => bytes,
        });
        let file = ProofFile { kind, sha256: hash_of(&bytes) };
        let name = file.sha256.as_str();
        if !self.store.blobs.names().contains(name) {
            let sealed = self.keys.journal.seal(&mut self.rng, &aad(name), &bytes);
            self.store.blobs.put(name, &sealed.map_err(|_| StoreError::Sealed)?)?;
        }
        let mut draft = self.state.draft(stop);
        if !draft.files.contains(&file) {
            draft.files.push(file.clone());
            self.save_draft(stop, draft)?;
        }
        Ok(CommandResult::FileTaken { file })
    }

    pub(super) fn drop_file(
        &mut self,
        stop: &StopId,
        file: &ProofFile,
    ) -> Result<CommandResult, EngineError> {
        let mut draft = self.state.draft(stop);
        draft.files.retain(|held| held != file);
        self.save_draft(stop, draft)?;
        self.remove_needless_files();
        Ok(CommandResult::Done { fact: None })
    }

    /// What no screen shows and no fact names: of a kill between file and screen, of a day that is over. What cannot be
    /// removed now is removed another time.
    pub(super) fn remove_needless_files(&mut self) {
        let needless: Vec<String> = self
            .store
            .blobs
            .names()
            .iter()
            .filter(|name| !self.state.is_file_needed(name))
            .cloned()
            .collect();
        for name in needless {
            if self.store.blobs.remove(&name).is_err() {
                self.warn("file-not-removed", &[&name]);
            }
        }
    }

    /// The bytes of a file, if they are what they were.
    pub(super) fn open_file(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let opened = self.keys.journal.open(&aad(name), &self.store.blobs.get(name)?).ok();
        Ok(opened.filter(|bytes| hash_of(bytes).as_str() == name))
    }
}

fn aad(name: &str) -> RowAad<'_> {
    RowAad { table: "blob", id: name, rev: 0 }
}

fn read(path: &str) -> Result<Zeroizing<Vec<u8>>, InvalidInput> {
    let mut bytes = Zeroizing::new(Vec::new());
    let file = std::fs::File::open(path).map_err(|_| InvalidInput::PhotoUnreadable)?;
    file.take(MAX_SOURCE + 1).read_to_end(&mut bytes).map_err(|_| InvalidInput::PhotoUnreadable)?;
    if bytes.len() as u64 > MAX_SOURCE { Err(InvalidInput::PhotoTooLarge) } else { Ok(bytes) }
}
