//! The 128-bit token that the customer shows as a QR.

use courier_domain::Base64Url;
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::code::Code;
use crate::encoding;
use crate::entry::InvalidCode;

/// What a QR starts with, so that a scanner app can tell it from other QRs.
pub const QR_PREFIX: &str = "courier:1:";

/// A token. It prints nowhere, is wiped when dropped and compares in constant time. It can't be derived from the
/// digits, nor they from it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Token([u8; 16]);

impl Token {
    /// Reads the text of the QR, or the 22 characters after [`QR_PREFIX`] as typed.
    pub fn parse(text: &str) -> Result<Self, InvalidCode> {
        let text = text.trim();
        let text = text.strip_prefix(QR_PREFIX).unwrap_or(text);
        encoding::decode_array(text).map(Self).map_err(|_| InvalidCode::NotAToken)
    }

    /// 128 random bits.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// base64url, 22 characters.
    pub fn encode(&self) -> Zeroizing<String> {
        Zeroizing::new(encoding::encode(&self.0))
    }

    /// What the QR holds.
    pub fn qr_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{QR_PREFIX}{}", *self.encode()))
    }

    /// What the phone compares with: a full hash, since 128 bits cannot be searched.
    pub fn sha256(&self) -> Base64Url {
        encoding::encode_typed(&Sha256::digest(self.0))
    }

    /// What [`crate::planted::Weakness::TokenOfDigits`] makes of a code.
    pub(crate) fn of_digits(code: &Code) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&Sha256::digest(code.bytes())[..16]);
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Token {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_bit_makes_another_token() {
        assert!(Token([7; 16]) == Token([7; 16]));
        let mut other = [7; 16];
        other[15] ^= 1;
        assert!(Token([7; 16]) != Token(other));
    }

    proptest! {
        #[test]
        fn a_token_reads_back_from_the_qr_and_from_typing(bytes: [u8; 16]) {
            let token = Token(bytes);
            prop_assert!(Token::parse(&token.qr_text()).is_ok_and(|read| read == token));
            let typed = format!(" {} ", *token.encode());
            prop_assert!(Token::parse(&typed).is_ok_and(|read| read == token));
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,40}") {
            let _ = Token::parse(&text);
        }
    }
}
