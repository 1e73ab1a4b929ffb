//! Rows at rest: XChaCha20-Poly1305, bound to the place where they are stored.

use chacha20poly1305::aead::{Aead, AeadInOut, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::planted::{self, Weakness};

const NONCE: usize = 24;
const TAG: usize = 16;

/// A key that seals rows. Destroying it destroys what it sealed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RowKey([u8; 32]);

/// Where a row is stored: a sealed row that was moved does not open.
#[derive(Debug, Clone, Copy)]
pub struct RowAad<'a> {
    /// Name of the table.
    pub table: &'a str,
    /// The row's identifier.
    pub id: &'a str,
    /// Its revision.
    pub rev: u64,
}

/// A row that does not open: changed, moved, or sealed with another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the row is changed, moved, or sealed with another key")]
pub struct BadRow;

impl RowAad<'_> {
    fn bytes(&self) -> Vec<u8> {
        const ROOM: usize = 128;
        let mut aad = Vec::with_capacity(ROOM);
        aad.extend(b"courier/row/v1\0");
        if planted::is(Weakness::RowsUnbound) {
            return aad;
        }
        for part in [self.table, self.id] {
            aad.extend((part.len() as u64).to_be_bytes());
            aad.extend(part.as_bytes());
        }
        aad.extend(self.rev.to_be_bytes());
        aad
    }
}

impl RowKey {
    /// A fresh key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// A stored key, 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadRow> {
        bytes.try_into().map(Self).map_err(|_| BadRow)
    }

    /// The key to be stored, 32 bytes.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }

    /// `24 random bytes ‖ ciphertext`. Random nonces of this length do not repeat.
    pub fn seal(&self, rng: &mut impl CryptoRng, aad: &RowAad<'_>, plain: &[u8]) -> Result<Vec<u8>, BadRow> {
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        if planted::is(Weakness::RowsInTheClear) {
            return Ok([&nonce[..], plain].concat());
        }
        let mut sealed = Vec::with_capacity(NONCE + plain.len() + TAG);
        sealed.extend(nonce);
        sealed.extend(plain);
        let tag = XChaCha20Poly1305::new((&self.0).into())
            .encrypt_inout_detached(&XNonce::from(nonce), &aad.bytes(), sealed[NONCE..].as_mut().into())
            .map_err(|_| BadRow)?;
        sealed.extend(tag);
        Ok(sealed)
    }

    /// What was sealed.
    pub fn open(&self, aad: &RowAad<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, BadRow> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(BadRow)?;
        if planted::is(Weakness::RowsInTheClear) {
            return Ok(Zeroizing::new(sealed.to_vec()));
        }
        XChaCha20Poly1305::new((&self.0).into())
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &aad.bytes() })
            .map(Zeroizing::new)
            .map_err(|_| BadRow)
    }
}
