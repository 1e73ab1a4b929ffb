//! A disk that remembers what was done to it, and what it may look like after the power was lost.
//!
//! What was synced is there. Of what was written since, each write may be there, or not, or in part: disks reorder, and
//! tear at sectors. A deletion counts as done at once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

/// What a disk writes as a whole, in bytes.
const SECTOR: usize = 512;

/// One thing that was done.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Write {
        file: String,
        at: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        file: String,
        size: usize,
    },
    Sync {
        file: String,
    },
    Delete {
        file: String,
    },
    /// The secure store keeps a secret, or forgets it; it promises to be durable at once.
    Keep {
        name: String,
        secret: Option<Vec<u8>>,
    },
    /// Something was promised to whoever looks at the phone.
    Promise(Promise),
    /// So many facts are stored at the server.
    Stored(usize),
}

/// What must be there from now on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Promise {
    /// Facts, counted in the order of their chain.
    pub(crate) facts: usize,
    /// Entries of codes.
    pub(crate) tries: u64,
    /// So many of the facts are old enough to go, once the server has them.
    pub(crate) may_go: usize,
    /// When, by the boot clock, in milliseconds.
    pub(crate) boot_ms: u64,
}

pub(crate) type Files = BTreeMap<String, Arc<Vec<u8>>>;

/// The files of this thread, and what was done to them.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    pub(crate) files: Files,
    pub(crate) log: Vec<Op>,
    pub(crate) recording: bool,
    /// Says that it synced, and did not.
    pub(crate) lies: bool,
}

thread_local! {
    static DISK: RefCell<Disk> = RefCell::default();
}

pub(crate) fn with<T>(work: impl FnOnce(&mut Disk) -> T) -> T {
    DISK.with_borrow_mut(work)
}

impl Disk {
    pub(crate) fn carry_out(&mut self, op: Op) {
        apply(&mut self.files, &op);
        if self.recording && !(self.lies && matches!(op, Op::Sync { .. })) {
            self.log.push(op);
        }
    }
}

fn apply(files: &mut Files, op: &Op) {
    match op {
        Op::Write { file, at, bytes } => {
            let content = Arc::make_mut(files.entry(file.clone()).or_default());
            content.resize(content.len().max(at + bytes.len()), 0);
            content[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        Op::Truncate { file, size } => Arc::make_mut(files.entry(file.clone()).or_default()).resize(*size, 0),
        Op::Delete { file } => {
            files.remove(file);
        }
        Op::Sync { .. } | Op::Keep { .. } | Op::Promise(_) | Op::Stored(_) => {}
    }
}

/// A phone after a power loss.
#[derive(Debug, Clone, Default)]
pub(crate) struct Image {
    pub(crate) files: Files,
    pub(crate) secrets: BTreeMap<String, Vec<u8>>,
    pub(crate) promise: Promise,
    pub(crate) stored: usize,
}

/// Goes through a log and shows what may be left at each point of it.
#[derive(Default)]
pub(crate) struct PowerLosses {
    /// What is there for sure.
    sure: Image,
    /// What was done since the last sync of each file, in its order.
    unsure: BTreeMap<String, Vec<Op>>,
}

impl PowerLosses {
    /// One operation more.
    pub(crate) fn after(&mut self, op: &Op) {
        match op {
            Op::Write { file, .. } | Op::Truncate { file, .. } => {
                self.unsure.entry(file.clone()).or_default().push(op.clone());
            }
            Op::Sync { file } => {
                for op in self.unsure.remove(file).unwrap_or_default() {
                    apply(&mut self.sure.files, &op);
                }
            }
            Op::Delete { file } => {
                self.unsure.remove(file);
                apply(&mut self.sure.files, op);
            }
            Op::Keep { name, secret: Some(secret) } => {
                self.sure.secrets.insert(name.clone(), secret.clone());
            }
            Op::Keep { name, secret: None } => {
                self.sure.secrets.remove(name);
            }
            Op::Promise(promise) => self.sure.promise = *promise,
            Op::Stored(facts) => self.sure.stored = *facts,
        }
    }

    /// Whether more than one image is possible here.
    pub(crate) fn is_anything_unsure(&self) -> bool {
        !self.unsure.is_empty()
    }

    /// An image. The first has nothing of what is unsure, the second everything, the others what `rng` says.
    pub(crate) fn image(&self, nth: usize, rng: &mut ChaCha20Rng) -> Image {
        let mut image = self.sure.clone();
        for op in self.unsure.values().flatten() {
            match nth {
                0 => {}
                1 => apply(&mut image.files, op),
                _ => apply_perhaps(&mut image.files, op, rng),
            }
        }
        image
    }
}

fn apply_perhaps(files: &mut Files, op: &Op, rng: &mut ChaCha20Rng) {
    match (rng.next_u32() % 4, op) {
        (0, _) => {}
        (1, Op::Write { file, at, bytes }) => {
            for (n, sector) in bytes.chunks(SECTOR).enumerate() {
                if rng.next_u32().is_multiple_of(2) {
                    let part = Op::Write { file: file.clone(), at: at + n * SECTOR, bytes: sector.to_vec() };
                    apply(files, &part);
                }
            }
        }
        _ => apply(files, op),
    }
}
