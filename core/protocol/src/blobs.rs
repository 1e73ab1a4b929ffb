//! `HEAD` and `PUT /v1/blobs/{sha256}`: evidence files, named by what is in them. A `PUT` brings the bytes that follow those
//! the server has (`Content-Range`, RFC 9110 § 14.4), so that a cut upload goes on where it was.
//!
//! | answer | meaning |
//! | --- | --- |
//! | 200 to `HEAD`, 201 to `PUT` | the file is complete, and its hash was checked |
//! | 204 to `HEAD`, 202 to `PUT` | [`HAVE`](crate::header::HAVE) says how many bytes are there |
//! | 409 | the range does not begin there; `HAVE` says where |
//! | 422 | the bytes do not have this hash; all were dropped |
//!
//! Each carries [`REQUEST`](crate::header::REQUEST) as it was asked with: a portal does not.

/// Longest file, in bytes.
pub const MAX_FILE: usize = 2 << 20;
/// Longest part in one request, in bytes: half a minute on 70 kbit/s.
pub const MAX_PART: usize = 256 << 10;

/// Part of a file, as `Content-Range` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Offset of the first byte.
    pub from: usize,
    /// Offset after the last byte.
    pub to: usize,
    /// Length of the file.
    pub of: usize,
}

impl Part {
    /// What follows `from`, as much as fits into one request.
    pub fn after(from: usize, of: usize) -> Self {
        Self { from, to: of.min(from.saturating_add(MAX_PART)), of }
    }

    /// The header's value, such as `bytes 0-99/250`.
    pub fn to_header(self) -> String {
        format!("bytes {}-{}/{}", self.from, self.to.saturating_sub(1), self.of)
    }

    /// Reads the header's value; nothing if it names no bytes, too many of them, or a file that is too long.
    pub fn from_header(value: &str) -> Option<Self> {
        let (range, of) = value.strip_prefix("bytes ")?.split_once('/')?;
        let (from, last) = range.split_once('-')?;
        let number = |text: &str| {
            text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<usize>().ok()).flatten()
        };
        let part = Self { from: number(from)?, to: number(last)?.checked_add(1)?, of: number(of)? };
        let fits = part.from < part.to
            && part.to <= part.of
            && part.of <= MAX_FILE
            && part.to - part.from <= MAX_PART;
        fits.then_some(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_file_are_all_of_it_and_read_as_written() {
        let (mut have, mut parts) = (0, 0);
        while have < MAX_FILE {
            let part = Part::after(have, MAX_FILE);
            assert_eq!(Part::from_header(&part.to_header()), Some(part));
            assert_eq!(part.from, have);
            (have, parts) = (part.to, parts + 1);
        }
        assert_eq!((have, parts), (MAX_FILE, 8));
        assert_eq!(Part::after(5, 10).to_header(), "bytes 5-9/10");
    }

    #[test]
    fn what_is_no_part_of_a_file_is_refused() {
        for bad in [
            "",
            "bytes",
            "bytes 0-9",
            "bytes 0-9/*",
            "bytes */10",
            "bytes 5-4/10",
            "bytes 0-10/10",
            "bytes -1-4/10",
            "bytes +1-4/10",
            "octets 0-9/10",
            "bytes 0-9/2097153",
            "bytes 0-262144/300000",
            "bytes 0-18446744073709551615/10",
            "bytes 0-0/0",
        ] {
            assert_eq!(Part::from_header(bad), None, "{bad:?}");
        }
    }
}
