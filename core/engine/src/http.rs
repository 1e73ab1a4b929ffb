//! HTTP as data: what the machine asks for, and what came back.

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Names it for the answer.
    pub id: u64,
    /// GET or POST.
    pub method: Method,
    /// Path and query below the server's address.
    pub path: String,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// Empty for GET.
    pub body: Vec<u8>,
}

/// The methods that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// Status.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// Body, at most [`MAX_ANSWER`] bytes.
    pub body: Vec<u8>,
}

/// Longest answer that is read, in bytes: a route of thousands of stops.
pub const MAX_ANSWER: usize = 16 << 20;

/// No answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// Could not be reached, or the connection broke.
    #[error("unreachable")]
    Unreachable,
    /// Took too long.
    #[error("timeout")]
    Timeout,
    /// Longer than [`MAX_ANSWER`].
    #[error("the answer is too large")]
    TooLarge,
}

impl HttpResponse {
    /// The value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
