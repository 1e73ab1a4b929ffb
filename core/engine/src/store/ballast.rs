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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::disk::PhoneDisk;

    #[test]
    fn the_room_is_given_up_once_and_taken_again_when_there_is_some() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(FILE);
        let mut ballast = Ballast::take(Arc::new(PhoneDisk), dir.path());
        assert!(ballast.is_held());
        assert_eq!(PhoneDisk.size(&file), Some(BYTES as u64));
        assert!(ballast.give_up());
        assert!(!ballast.is_held() && !file.exists());
        assert!(!ballast.give_up(), "it was given up before");
        std::fs::create_dir(&file).unwrap(); // in the way, as a full disk is
        ballast.take_again();
        assert!(!ballast.is_held());
        std::fs::remove_dir(&file).unwrap();
        ballast.take_again();
        assert!(ballast.is_held() && file.exists());
        std::fs::remove_file(&file).unwrap();
        assert!(ballast.give_up(), "somebody else gave it up");
    }
}
