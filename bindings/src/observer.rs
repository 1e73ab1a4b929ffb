//! Being told that something changed.

use std::sync::{Mutex, PoisonError};

use crate::port::PortError;

/// Told after something changed; it then pulls the views that it shows.
#[uniffi::export(with_foreign)]
pub trait Observer: Send + Sync {
    /// Several changes may come as one call, on a thread of the core. `revision` is that of the newest. It may call
    /// back into the core. An error is ignored.
    fn on_change(&self, revision: u64) -> Result<(), PortError>;
}

/// An observation. It ends when it is cancelled or dropped.
#[derive(uniffi::Object)]
pub struct Subscription(Mutex<Option<courier_engine::Subscription>>);

impl Subscription {
    pub(crate) fn new(theirs: courier_engine::Subscription) -> Self {
        Self(Mutex::new(Some(theirs)))
    }
}

#[uniffi::export]
impl Subscription {
    /// Ends the observation. A call that is under way comes to its end.
    pub fn cancel(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
