//! SQLite's files on this thread's [`disk`](crate::disk), through SQLite's own interface for file systems.
//!
//! It promises SQLite nothing (no atomic writes, no order), so that SQLite does every sync that it would do on the worst disk.
//! Each thread has files of its own and one connection to each, so locks have nothing to do.

use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_void};
use std::sync::Once;

use rusqlite::ffi;

use crate::disk::{self, Op};

/// Bytes of a region of the WAL's index.
type Region = Vec<*mut c_void>;

/// What SQLite holds of an open file; its first field is SQLite's.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    name: *mut String,
    temporary: bool,
    regions: *mut Region,
}

/// Makes it the file system of every connection that is opened from now on in this process.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: nothing has opened a connection yet, and the option takes one number.
        let configured = unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0) };
        assert_eq!(
            configured,
            ffi::SQLITE_OK,
            "threads that count their memory together wait for each other"
        );
        // SAFETY: zero is a valid value for each field (numbers and optional pointers), and SQLite keeps the pointer, which
        // is never freed.
        unsafe {
            let mut vfs: ffi::sqlite3_vfs = std::mem::zeroed();
            vfs.iVersion = 2;
            vfs.szOsFile = c_int::try_from(size_of::<File>()).unwrap();
            vfs.mxPathname = 512;
            vfs.zName = c"power-loss".as_ptr();
            vfs.xOpen = Some(open);
            vfs.xDelete = Some(delete);
            vfs.xAccess = Some(access);
            vfs.xFullPathname = Some(full_path);
            vfs.xRandomness = Some(randomness);
            vfs.xSleep = Some(sleep);
            vfs.xCurrentTime = Some(time);
            vfs.xGetLastError = Some(last_error);
            vfs.xCurrentTimeInt64 = Some(time_ms);
            assert_eq!(ffi::sqlite3_vfs_register(Box::into_raw(Box::new(vfs)), 1), ffi::SQLITE_OK);
        }
    });
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(lock),
    xCheckReservedLock: Some(is_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

// SAFETY, for all of the following: SQLite calls them with pointers that are valid for the call, a file only between `open`
// and `close`, and the lengths that it names.

unsafe fn file<'a>(it: *mut ffi::sqlite3_file) -> &'a mut File {
    unsafe { &mut *it.cast::<File>() }
}

unsafe fn name_of<'a>(it: *mut ffi::sqlite3_file) -> &'a str {
    unsafe { &*file(it).name }
}

unsafe fn text(path: *const c_char) -> String {
    unsafe { CStr::from_ptr(path).to_string_lossy().into_owned() }
}

fn place(offset: i64) -> usize {
    usize::try_from(offset).unwrap()
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    it: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    unsafe {
        let temporary = path.is_null();
        let name = if temporary { format!("temporary-{it:p}") } else { text(path) };
        disk::with(|disk| disk.files.entry(name.clone()).or_default().len());
        let opened = file(it);
        opened.name = Box::into_raw(Box::new(name));
        opened.temporary = temporary;
        opened.regions = Box::into_raw(Box::default());
        opened.base.pMethods = &raw const METHODS;
        if !out_flags.is_null() {
            *out_flags = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(it: *mut ffi::sqlite3_file) -> c_int {
    unsafe {
        let name = name_of(it);
        if file(it).temporary {
            disk::with(|disk| disk.files.remove(name));
        }
        drop(Box::from_raw(file(it).name));
        drop(Box::from_raw(file(it).regions));
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(it: *mut ffi::sqlite3_file, to: *mut c_void, n: c_int, offset: i64) -> c_int {
    unsafe {
        let to = std::slice::from_raw_parts_mut(to.cast::<u8>(), usize::try_from(n).unwrap());
        let name = name_of(it);
        let had = disk::with(|disk| {
            let content = disk.files.get(name).map_or(&[][..], |content| content.as_slice());
            let from = content.get(place(offset)..).unwrap_or_default();
            let had = from.len().min(to.len());
            to[..had].copy_from_slice(&from[..had]);
            had
        });
        to[had..].fill(0);
        if had < to.len() { ffi::SQLITE_IOERR_SHORT_READ } else { ffi::SQLITE_OK }
    }
}

unsafe extern "C" fn write(it: *mut ffi::sqlite3_file, from: *const c_void, n: c_int, offset: i64) -> c_int {
    unsafe {
        let bytes = std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(n).unwrap()).to_vec();
        let file = name_of(it);
        disk::with(|disk| {
            let (end, size) =
                (place(offset) + bytes.len(), disk.files.get(file).map_or(0, |content| content.len()));
            if disk.take_room(end.saturating_sub(size)).is_err() {
                return ffi::SQLITE_FULL;
            }
            disk.carry_out(Op::Write { file: file.to_owned(), at: place(offset), bytes });
            ffi::SQLITE_OK
        })
    }
}

unsafe extern "C" fn truncate(it: *mut ffi::sqlite3_file, size: i64) -> c_int {
    let file = unsafe { name_of(it) };
    disk::with(|disk| disk.carry_out(Op::Truncate { file: file.to_owned(), size: place(size) }));
    ffi::SQLITE_OK
}

unsafe extern "C" fn sync(it: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    let file = unsafe { name_of(it) };
    disk::with(|disk| disk.carry_out(Op::Sync { file: file.to_owned() }));
    ffi::SQLITE_OK
}

unsafe extern "C" fn size(it: *mut ffi::sqlite3_file, to: *mut i64) -> c_int {
    unsafe {
        let name = name_of(it);
        let size = disk::with(|disk| disk.files.get(name).map_or(0, |content| content.len()));
        *to = i64::try_from(size).unwrap();
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(_: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn is_reserved(_: *mut ffi::sqlite3_file, to: *mut c_int) -> c_int {
    unsafe { *to = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    512
}

unsafe extern "C" fn characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    0
}

unsafe extern "C" fn shm_map(
    it: *mut ffi::sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    to: *mut *mut c_void,
) -> c_int {
    unsafe {
        let regions = &mut *file(it).regions;
        let (region, bytes) = (usize::try_from(region).unwrap(), usize::try_from(bytes).unwrap());
        while regions.len() <= region && extend != 0 {
            // Words, since SQLite reads it as such.
            let words = vec![0u64; bytes.div_ceil(8)].into_boxed_slice();
            regions.push(Box::into_raw(words).cast::<c_void>());
        }
        *to = regions.get(region).copied().unwrap_or(std::ptr::null_mut());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_lock(_: *mut ffi::sqlite3_file, _: c_int, _: c_int, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {}

unsafe extern "C" fn shm_unmap(it: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    unsafe {
        for region in (*file(it).regions).drain(..) {
            // Regions are of 32 KiB, always (SQLite's WALINDEX_PGSZ).
            drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(region.cast::<u64>(), (32 << 10) / 8)));
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, path: *const c_char, _: c_int) -> c_int {
    let file = unsafe { text(path) };
    disk::with(|disk| {
        if !disk.files.contains_key(&file) {
            return ffi::SQLITE_IOERR_DELETE_NOENT;
        }
        disk.carry_out(Op::Delete { file });
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    _: c_int,
    to: *mut c_int,
) -> c_int {
    unsafe {
        let name = text(path);
        *to = c_int::from(disk::with(|disk| disk.files.contains_key(&name)));
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_path(
    _: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    n: c_int,
    to: *mut c_char,
) -> c_int {
    unsafe {
        let path = CStr::from_ptr(path).to_bytes_with_nul();
        if path.len() > usize::try_from(n).unwrap() {
            return ffi::SQLITE_CANTOPEN;
        }
        std::ptr::copy_nonoverlapping(path.as_ptr().cast::<c_char>(), to, path.len());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, n: c_int, to: *mut c_char) -> c_int {
    // Always the same, so that a day repeats itself.
    unsafe { std::ptr::write_bytes(to, 7, usize::try_from(n).unwrap()) };
    n
}

unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, us: c_int) -> c_int {
    us
}

unsafe extern "C" fn time(_: *mut ffi::sqlite3_vfs, to: *mut f64) -> c_int {
    unsafe { *to = 2_461_000.5 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn time_ms(_: *mut ffi::sqlite3_vfs, to: *mut i64) -> c_int {
    unsafe { *to = 212_630_443_200_000 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn last_error(_: *mut ffi::sqlite3_vfs, _: c_int, _: *mut c_char) -> c_int {
    0
}
