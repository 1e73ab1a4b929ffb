//! One at a time for each file: a phone that has given up waiting may send again what is still being taken in.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, PoisonError};

use super::BlobName;

/// Who is being served.
#[derive(Default)]
pub(super) struct Turns {
    taken: Mutex<BTreeSet<BlobName>>,
    given_back: Condvar,
}

/// It is somebody's turn until this is dropped.
pub(super) struct Turn<'a> {
    of: &'a Turns,
    name: BlobName,
}

impl Turns {
    /// Waits until nobody else is at this file.
    pub(super) fn take(&self, name: &BlobName) -> Turn<'_> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = self
            .given_back
            .wait_while(taken, |taken| taken.contains(name))
            .unwrap_or_else(PoisonError::into_inner);
        taken.insert(name.clone());
        Turn { of: self, name: name.clone() }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.of.taken.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
        self.of.given_back.notify_all();
    }
}
