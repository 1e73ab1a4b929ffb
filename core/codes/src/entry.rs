//! What somebody entered at the door.

use courier_domain::CodeEntry;

use crate::code::Code;
use crate::token::Token;

/// A readable entry. Like its parts it prints nowhere.
#[derive(Clone, PartialEq, Eq)]
pub enum Entry {
    /// The six digits.
    Digits(Code),
    /// The token of the QR.
    Token(Token),
}

/// An entry that cannot be one. It uses no try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCode {
    /// Not exactly six decimal digits.
    #[error("a code has six digits")]
    NotSixDigits,
    /// Not the text of a customer's QR.
    #[error("this is not a delivery QR")]
    NotAToken,
}

impl Entry {
    /// Reads what the shell sent.
    pub fn parse(entry: &CodeEntry) -> Result<Self, InvalidCode> {
        match entry {
            CodeEntry::Digits(text) => Code::parse(text).map(Self::Digits),
            CodeEntry::Token(text) => Token::parse(text).map(Self::Token),
        }
    }
}
