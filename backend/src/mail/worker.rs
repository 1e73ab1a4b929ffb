//! Sends mails beside everything else. Whoever queues one commits it and rings; nobody waits for it to be sent.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::log;
use crate::service::Service;

/// Mails come due by themselves too, such as those of the next morning.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Wakes the worker.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default, Clone, Copy)]
struct State {
    rung: bool,
    over: bool,
}

impl Bell {
    /// Something is due.
    pub(crate) fn ring(&self) {
        self.change(|state| state.rung = true);
    }

    /// Nothing is sent any more.
    fn end(&self) {
        self.change(|state| state.over = true);
    }

    /// Whether no further mail is to be begun.
    pub(crate) fn is_over(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).over
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits until it rings or a while has passed; says whether there is more to do.
    fn wait(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(state, LOOK_EVERY, |state| !state.rung && !state.over);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.rung = false;
        !state.over
    }
}

/// Sends the mails of a service until it is ended.
pub(crate) struct Worker {
    service: Arc<Service>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts sending.
    pub(crate) fn start(service: Arc<Service>) -> Self {
        let of = Arc::clone(&service);
        let thread = std::thread::spawn(move || {
            loop {
                if let Err(error) = of.send_mails() {
                    log::problem("mails", &error);
                }
                if !of.mail_bell().wait() {
                    break;
                }
            }
        });
        Self { service, thread: Some(thread) }
    }
}

/// The mail under way is finished; the others stay due.
impl Drop for Worker {
    fn drop(&mut self) {
        self.service.mail_bell().end();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
