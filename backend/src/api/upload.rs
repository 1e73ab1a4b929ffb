//! What a form with a file sends (RFC 7578), read whole from a body of bounded length. No more of it than our own forms
//! use: fields with a name, in the order in which they come.

use axum::http::{HeaderMap, header as http};

/// The fields of a form: name and bytes.
pub(super) type Fields<'a> = Vec<(String, &'a [u8])>;

/// What separates the fields, if a form with files was sent.
pub(super) fn boundary(headers: &HeaderMap) -> Option<&str> {
    let kind = headers.get(http::CONTENT_TYPE)?.to_str().ok()?;
    let rest = kind.strip_prefix("multipart/form-data")?;
    let given = rest.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    let given = given.trim_matches('"');
    // RFC 2046 § 5.1.1.
    (1..=70).contains(&given.len()).then_some(given)
}

/// Reads them; `None` if it is no such form.
pub(super) fn fields<'a>(boundary: &str, body: &'a [u8]) -> Option<Fields<'a>> {
    let first = format!("--{boundary}");
    let next = format!("\r\n{first}");
    let mut rest = body.strip_prefix(first.as_bytes())?;
    let mut fields = Vec::new();
    while !rest.starts_with(b"--") {
        let field = rest.strip_prefix(b"\r\n")?;
        let head_end = find(field, b"\r\n\r\n")?;
        let (head, content) = (&field[..head_end], &field[head_end + 4..]);
        let end = find(content, next.as_bytes())?;
        fields.push((name_of(head)?, &content[..end]));
        rest = &content[end + next.len()..];
    }
    Some(fields)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn name_of(head: &[u8]) -> Option<String> {
    let head = std::str::from_utf8(head).ok()?;
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let (_, name) = line.split_once(" name=\"")?;
    name.split_once('"').map(|(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_come_with_their_bytes_as_they_are() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--x\r\n\
            content-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\na,b\r\n\r\n--y\r\n\r\n--x--\r\n";
        let read = fields("x", body).unwrap();
        assert_eq!(read[0], ("csrf".into(), &b"abc"[..]));
        assert_eq!(read[1], ("file".into(), &b"a,b\r\n\r\n--y\r\n"[..]));
        assert_eq!(read.len(), 2);
        for cut in 0..body.len() - 4 {
            assert!(fields("x", &body[..cut]).is_none(), "cut at {cut}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, text in "(--x|\r\n|name=\"|[a-z]| ){0,20}") {
            let _ = fields("x", &bytes);
            let _ = fields("x", text.as_bytes());
        }
    }
}
