//! A new phone.

use courier_protocol::OfficeQr;

/// What the office shows for a new phone as a QR code.
#[uniffi::remote(Record)]
pub struct OfficeQr {
    /// The server's address.
    server: String,
    /// The enrolment code.
    code: String,
}

/// Reads what was scanned, however the scanner ends its lines; nothing of any other QR code. Show the server before it is
/// asked for anything: whether it may be, and whether it takes the code, is found out then.
#[uniffi::export]
pub fn office_qr(text: &str) -> Option<OfficeQr> {
    OfficeQr::read(text)
}
