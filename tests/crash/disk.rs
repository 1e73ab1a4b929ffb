//! A disk that remembers what was done to it, and what it may look like after the power was lost.
//!
//! What was synced is there. Of what was written since, each write may be there, or not, or in part: disks reorder, and
//! tear at sectors. A deletion counts as done at once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
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
    /// Counts as done at once, like a deletion.
    Rename {
        from: String,
        to: String,
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
    /// Bytes of all files together, if it is a small one.
    pub(crate) room: Option<usize>,
}

thread_local! {
    static DISK: RefCell<Disk> = RefCell::default();
}

pub(crate) fn with<T>(work: impl FnOnce(&mut Disk) -> T) -> T {
    DISK.with_borrow_mut(work)
}

impl Disk {
    /// So much later that the system has written everything.
    pub(crate) fn settle(&mut self) {
        for file in self.files.keys().cloned().collect::<Vec<_>>() {
            self.carry_out(Op::Sync { file });
        }
    }

    /// Whether so many bytes more fit.
    pub(crate) fn take_room(&self, bytes: usize) -> io::Result<()> {
        let used = || self.files.values().map(|content| content.len()).sum::<usize>();
        let fits = self.room.is_none_or(|room| used() + bytes <= room);
        if fits { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    }

    pub(crate) fn carry_out(&mut self, op: Op) {
        apply(&mut self.files, &op);
        if self.recording && !(self.lies && matches!(op, Op::Sync { .. })) {
            self.log.push(op);
        }
    }
}

impl Op {
    /// The same, done to a file of this name.
    fn at(self, name: &str) -> Self {
        match self {
            Self::Write { at, bytes, .. } => Self::Write { file: name.to_owned(), at, bytes },
            Self::Truncate { size, .. } => Self::Truncate { file: name.to_owned(), size },
            other => other,
        }
    }
}

/// The files beside the databases, on the same disk as they.
#[derive(Debug)]
pub(crate) struct BesideDisk;

fn name(file: &Path) -> String {
    file.to_str().unwrap().to_owned()
}

impl courier_engine::Disk for BesideDisk {
    fn read(&self, file: &Path) -> io::Result<Vec<u8>> {
        let content = with(|disk| disk.files.get(&name(file)).map(|content| content.to_vec()));
        content.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn append(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        with(|disk| {
            disk.take_room(bytes.len())?;
            let at = disk.files.get(&name(file)).map_or(0, |content| content.len());
            disk.carry_out(Op::Write { file: name(file), at, bytes: bytes.to_vec() });
            Ok(())
        })
    }

    fn replace(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        let coming = format!("{}.tmp", name(file));
        with(|disk| {
            disk.take_room(bytes.len())?;
            disk.carry_out(Op::Write { file: coming.clone(), at: 0, bytes: bytes.to_vec() });
            disk.carry_out(Op::Sync { file: coming.clone() });
            disk.carry_out(Op::Rename { from: coming, to: name(file) });
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        with(|disk| disk.carry_out(Op::Rename { from: name(from), to: name(to) }));
        Ok(())
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        with(|disk| {
            if disk.files.contains_key(&name(file)) {
                disk.carry_out(Op::Delete { file: name(file) });
            }
        });
        Ok(())
    }

    fn names(&self, dir: &Path) -> io::Result<Vec<String>> {
        let names = |disk: &mut Disk| -> Vec<String> {
            let paths = disk.files.keys().map(Path::new).filter(|path| path.parent() == Some(dir));
            paths.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
        };
        Ok(with(names))
    }

    fn make_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn changed_ms(&self, file: &Path) -> Option<i64> {
        with(|disk| disk.files.contains_key(&name(file))).then_some(0)
    }

    fn size(&self, file: &Path) -> Option<u64> {
        with(|disk| disk.files.get(&name(file)).map(|content| content.len() as u64))
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
        Op::Rename { from, to } => {
            if let Some(content) = files.remove(from) {
                files.insert(to.clone(), content);
            }
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
    /// A disk on which all of this is sure.
    pub(crate) fn on(sure: Image) -> Self {
        Self { sure, unsure: BTreeMap::new() }
    }

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
            Op::Rename { from, to } => {
                apply(&mut self.sure.files, op);
                self.unsure.remove(to);
                let moved = self.unsure.remove(from).unwrap_or_default().into_iter().map(|op| op.at(to));
                let moved: Vec<_> = moved.collect();
                if !moved.is_empty() {
                    self.unsure.insert(to.clone(), moved);
                }
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

    /// An image, and what became of each thing that is unsure: two images of one operation for which that is the same are
    /// the same. The first has nothing of what is unsure, the second everything, the others what `rng` says.
    pub(crate) fn image(&self, nth: usize, rng: &mut ChaCha20Rng) -> (Image, Vec<u64>) {
        let mut image = self.sure.clone();
        let mut became = Vec::new();
        for op in self.unsure.values().flatten() {
            became.push(match nth {
                0 => NOTHING,
                1 => whole(&mut image.files, op),
                _ => perhaps(&mut image.files, op, rng),
            });
        }
        (image, became)
    }
}

const NOTHING: u64 = 0;

fn whole(files: &mut Files, op: &Op) -> u64 {
    apply(files, op);
    u64::MAX
}

fn perhaps(files: &mut Files, op: &Op, rng: &mut ChaCha20Rng) -> u64 {
    match (rng.next_u32() % 4, op) {
        (0, _) => NOTHING,
        (1, Op::Write { file, at, bytes }) if bytes.len() > SECTOR => {
            // A page has eight sectors; what is longer is torn in as many pieces as there are bits.
            let piece = bytes.len().div_ceil(32).next_multiple_of(SECTOR);
            let there = u64::from(rng.next_u32());
            for (n, part) in bytes.chunks(piece).enumerate().filter(|(n, _)| there >> n & 1 == 1) {
                apply(files, &Op::Write { file: file.clone(), at: at + n * piece, bytes: part.to_vec() });
            }
            there & ((1 << bytes.len().div_ceil(piece)) - 1)
        }
        _ => whole(files, op),
    }
}
