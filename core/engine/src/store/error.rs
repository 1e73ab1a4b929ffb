//! What a database can do wrong, without its words: SQLite's messages may quote what was to be stored.

use rusqlite::ErrorCode;

/// Why the store failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The file is damaged, or no database of ours.
    #[error("damaged, or not a database of this app")]
    Corrupt,
    /// Written by a newer version of the app. It stays as it is: install that version.
    #[error("of a newer version of this app")]
    Newer,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// Reading or writing failed; on a locked iPhone it means: wait.
    #[error("reading or writing failed")]
    Io,
    /// Another connection holds the database.
    #[error("the database is in use")]
    Busy,
    /// Another process, or another engine of this one, works on these data.
    #[error("in use by another app")]
    InUse,
    /// A rule of the schema forbids it.
    #[error("forbidden by the schema")]
    Forbidden,
    /// A row that does not open: changed, moved, or its key is gone.
    #[error("a sealed row does not open")]
    Sealed,
    /// SQLite is older than 3.51.3, or refused a setting.
    #[error("SQLite is not as it has to be")]
    Setup,
    /// What the office sent does not have the digest that it says.
    #[error("the digest of the route is wrong")]
    Digest,
    /// Anything else.
    #[error("the database failed")]
    Other,
}

impl StoreError {
    /// It says something of the disk now and nothing of the file, which may be read the next time.
    pub(super) fn is_of_the_moment(self) -> bool {
        matches!(self, Self::Io | Self::Busy | Self::Full)
    }

    /// A stable word for the log.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Corrupt => "corrupt",
            Self::Newer => "newer",
            Self::Full => "full",
            Self::Io => "io",
            Self::Busy => "busy",
            Self::InUse => "in-use",
            Self::Forbidden => "forbidden",
            Self::Sealed => "sealed",
            Self::Setup => "setup",
            Self::Digest => "digest",
            Self::Other => "other",
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::AuthorizationForStatementDenied,
            ) => Self::Io,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::ConstraintViolation) => Self::Forbidden,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    #[test]
    fn each_has_a_word_of_its_own() {
        use StoreError::{Busy, Corrupt, Digest, Forbidden, Full, InUse, Io, Newer, Other, Sealed, Setup};
        let all = [Corrupt, Newer, Full, Io, Busy, InUse, Forbidden, Sealed, Setup, Digest, Other];
        let words: std::collections::BTreeSet<_> = all.iter().map(|error| error.word()).collect();
        assert!(words.len() == all.len() && !words.contains(""), "{words:?}");
    }

    #[test]
    fn a_file_is_not_judged_by_what_its_disk_does_now() {
        use StoreError::{Busy, Corrupt, Full, Io, Newer, Other};
        assert!([Io, Busy, Full].into_iter().all(StoreError::is_of_the_moment));
        assert!(![Corrupt, Newer, Other].into_iter().any(StoreError::is_of_the_moment));
    }

    #[test]
    fn what_sqlite_says_becomes_what_is_done_about_it() {
        for (code, expected) in [
            (ffi::SQLITE_CORRUPT, StoreError::Corrupt),
            (ffi::SQLITE_NOTADB, StoreError::Corrupt),
            (ffi::SQLITE_FULL, StoreError::Full),
            (ffi::SQLITE_IOERR, StoreError::Io),
            (ffi::SQLITE_CANTOPEN, StoreError::Io),
            (ffi::SQLITE_PERM, StoreError::Io),
            (ffi::SQLITE_READONLY, StoreError::Io),
            (ffi::SQLITE_AUTH, StoreError::Io),
            (ffi::SQLITE_BUSY, StoreError::Busy),
            (ffi::SQLITE_LOCKED, StoreError::Busy),
            (ffi::SQLITE_CONSTRAINT, StoreError::Forbidden),
            (ffi::SQLITE_MISUSE, StoreError::Other),
        ] {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            assert_eq!(StoreError::from(error), expected, "{code}");
        }
        assert_eq!(StoreError::from(rusqlite::Error::QueryReturnedNoRows), StoreError::Other);
    }
}
