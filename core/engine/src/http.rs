//! Requests and answers as data, so that anything may carry them.

use std::io::Read;

/// HTTP methods that the phone uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// HEAD.
    Head,
    /// PUT.
    Put,
}

/// A request to be carried to the server.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The answer is given back under this number.
    pub id: u64,
    /// Method.
    pub method: Method,
    /// Path and query, from `/`.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Empty for GET and HEAD.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for HttpRequest {
    /// Without headers and body: they hold the token and what is personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpRequest")
            .field("id", &self.id)
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl HttpRequest {
    /// A header's value; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// An answer, from whoever gave it: not every answer comes from the server.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct HttpResponse {
    /// Status.
    pub status: u16,
    /// Names in any case.
    pub headers: Vec<(String, String)>,
    /// At most [`MAX_BODY`] bytes.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpResponse").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Longest answer read, in bytes. A route of 200 stops takes about 0.3 MB.
pub const MAX_BODY: usize = 16 << 20;

impl HttpResponse {
    /// A header's value; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// Whether the body says to be of this media type, parameters aside.
    pub fn is_of_type(&self, media_type: &str) -> bool {
        self.header("content-type")
            .and_then(|value| value.split(';').next())
            .is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media_type))
    }

    /// The answer with its body unpacked, if it came packed with gzip: no more than [`MAX_BODY`] of it, however small the
    /// packed one was. What is no gzip stays as it is, and then is no answer to anything.
    pub fn unpacked(mut self) -> Result<Self, NetError> {
        if !self.header("content-encoding").is_some_and(|encoding| encoding.eq_ignore_ascii_case("gzip")) {
            return Ok(self);
        }
        let mut plain = Vec::new();
        let mut gzip = flate2::read::GzDecoder::new(self.body.as_slice()).take(MAX_BODY as u64 + 1);
        if gzip.read_to_end(&mut plain).is_ok() {
            self.body = plain;
        }
        if self.body.len() > MAX_BODY { Err(NetError::TooLarge) } else { Ok(self) }
    }

    /// `Retry-After` in milliseconds, at most an hour, in either of its forms (RFC 9110 § 10.2.3).
    pub(crate) fn retry_after_ms(&self) -> Option<u64> {
        let value = self.header("retry-after")?.trim();
        let ms = match value.parse::<u64>() {
            Ok(seconds) => seconds.saturating_mul(1_000),
            Err(_) => self.ms_until(value)?,
        };
        Some(ms.min(3_600_000))
    }

    /// How long after this answer that is: counted by the clock that dated it, since the phone's may be wrong.
    fn ms_until(&self, date: &str) -> Option<u64> {
        let then = httpdate::parse_http_date(date).ok()?;
        let dated = httpdate::parse_http_date(self.header("date")?).ok()?;
        u64::try_from(then.duration_since(dated).unwrap_or_default().as_millis()).ok()
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// No connection.
    #[error("no connection")]
    Offline,
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// Longer than [`MAX_BODY`].
    #[error("the answer is too long")]
    TooLarge,
}

/// Encodes a query value (RFC 3986 § 2.3).
pub fn percent_encode(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opaque_cursor_cannot_break_out_of_the_query() {
        assert_eq!(percent_encode("a1-._~&x=é #"), "a1-._~%26x%3D%C3%A9%20%23");
    }

    #[test]
    fn a_media_type_is_compared_without_its_parameters() {
        let headers = vec![("Content-Type".into(), "application/JSON; charset=utf-8".into())];
        let answer = HttpResponse { headers, ..HttpResponse::default() };
        assert!(answer.is_of_type("application/json"));
        assert!(!answer.is_of_type("text/html"));
    }

    fn packed(body: &[u8]) -> HttpResponse {
        use std::io::Write;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(body).unwrap();
        HttpResponse {
            status: 200,
            headers: vec![("Content-Encoding".into(), "gzip".into())],
            body: gzip.finish().unwrap(),
        }
    }

    #[test]
    fn a_packed_body_is_unpacked_up_to_its_limit_and_a_bomb_is_none() {
        assert_eq!(packed(b"so it is").unpacked().unwrap().body, b"so it is");
        let bomb = packed(&vec![0; MAX_BODY + 1]);
        assert!(bomb.body.len() < 100_000);
        assert_eq!(bomb.unpacked(), Err(NetError::TooLarge));
        let mut cut = packed(b"so it is");
        cut.body.truncate(9);
        assert_eq!(cut.clone().unpacked().unwrap().body, cut.body, "half of it was taken for all");
    }

    fn asks_to_wait(retry_after: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = vec![("retry-after".into(), retry_after.into())];
        headers.extend(date.map(|date| ("Date".into(), date.into())));
        HttpResponse { headers, ..HttpResponse::default() }.retry_after_ms()
    }

    #[test]
    fn retry_after_is_bounded() {
        assert_eq!(asks_to_wait("7", None), Some(7_000));
        assert_eq!(asks_to_wait("99999999", None), Some(3_600_000));
        for nonsense in ["", "-1", "soon", "7.5"] {
            assert_eq!(asks_to_wait(nonsense, None), None, "{nonsense:?}");
        }
    }

    #[test]
    fn retry_after_as_a_date_is_counted_from_the_answers_own_date() {
        let dated = Some("Wed, 21 Oct 2026 07:27:00 GMT");
        for in_a_minute in
            ["Wed, 21 Oct 2026 07:28:00 GMT", "Wednesday, 21-Oct-26 07:28:00 GMT", "Wed Oct 21 07:28:00 2026"]
        {
            assert_eq!(asks_to_wait(in_a_minute, dated), Some(60_000), "{in_a_minute}");
            assert_eq!(
                asks_to_wait(in_a_minute, None),
                None,
                "without a date there is nothing to count from"
            );
        }
        assert_eq!(asks_to_wait("Wed, 21 Oct 2026 07:26:00 GMT", dated), Some(0), "a date that is over");
        assert_eq!(asks_to_wait("Thu, 21 Oct 2027 07:28:00 GMT", dated), Some(3_600_000));
    }
}
