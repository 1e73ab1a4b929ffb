//! Carrying single exchanges between phone and backend. It knows no more of HTTP than where a request ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The request with its body; the connection is to be closed after it.
pub fn read_request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut bytes, mut part) = (Vec::new(), [0; 4_096]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        let read = client.read(&mut part).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let whole = end + length.unwrap_or(0usize);
    while bytes.len() < whole {
        let read = client.read(&mut part).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
    }
    let line = bytes.windows(2).position(|two| two == b"\r\n")? + 2;
    bytes.splice(line..line, b"connection: close\r\n".iter().copied());
    Some(bytes)
}

/// What the backend at `host:port` answers to it.
pub fn exchange(backend: &str, request: &[u8]) -> Option<Vec<u8>> {
    let mut server = TcpStream::connect(backend).ok()?;
    server.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    server.write_all(request).ok()?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).ok()?;
    (!answer.is_empty()).then_some(answer)
}
