//! Room that is kept for handovers: a file that is given up when the disk is full.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::Disk;

const FILE: &str = "ballast";
/// A day's facts are about 1 MiB with their index and log.
const BYTES: usize = 2 << 20;

/// See the module.
#[derive(Debug)]
pub(crate) struct Ballast {
    disk: Arc<dyn Disk>,
    file: PathBuf,
    held: bool,
}

impl Ballast {
    /// Takes the room, unless it is taken or there is none.
    pub(super) fn take(disk: Arc<dyn Disk>, dir: &Path) -> Self {
        let file = dir.join(FILE);
        let mut ballast = Self { held: disk.has(&file), disk, file };
        ballast.take_again();
        ballast
    }

    /// Gives it up. False if there was none any more.
    pub(super) fn give_up(&mut self) -> bool {
        std::mem::replace(&mut self.held, false) && self.disk.remove(&self.file).is_ok()
    }

    /// Takes it again as soon as there is room.
    pub(crate) fn take_again(&mut self) {
        // Not zeros, which some file systems store as nothing.
        self.held = self.held || self.disk.replace(&self.file, &vec![0xa5; BYTES]).is_ok();
    }

    /// Whether the room is there.
    pub(crate) fn is_held(&self) -> bool {
        self.held
    }
}
