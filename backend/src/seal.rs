//! Sealing what the backend must be able to show again: digits, tokens, variables of mails, private parts.

use courier_codes::{RowAad, RowKey};

use crate::entropy::Entropy;
use crate::error::ServiceError;

/// A key and randomness, together for the length of a transaction.
pub struct Sealer<'a> {
    /// The key.
    pub key: &'a RowKey,
    /// Randomness, also for identifiers.
    pub rng: &'a mut Entropy,
}

impl Sealer<'_> {
    /// Seals the value of `id` in `table`.
    pub fn seal(&mut self, table: &str, id: &str, plain: &[u8]) -> Result<Vec<u8>, ServiceError> {
        let aad = RowAad { table, id, rev: 0 };
        self.key.seal(self.rng, &aad, plain).map_err(|_| ServiceError::fault("sealing failed"))
    }

    /// Opens what [`Sealer::seal`] sealed.
    pub fn open(&self, table: &str, id: &str, sealed: &[u8]) -> Result<Vec<u8>, ServiceError> {
        let aad = RowAad { table, id, rev: 0 };
        let plain =
            self.key.open(&aad, sealed).map_err(|_| ServiceError::fault("a sealed value does not open"))?;
        Ok(plain.to_vec())
    }
}
