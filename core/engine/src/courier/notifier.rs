//! Telling shells that something changed, without ever making the writer wait for them.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

type Callback = Arc<dyn Fn(u64) + Send + Sync>;

#[derive(Default)]
struct Observers {
    next: u64,
    callbacks: BTreeMap<u64, Callback>,
}

type Shared = Arc<Mutex<Observers>>;

fn lock(observers: &Shared) -> MutexGuard<'_, Observers> {
    observers.lock().unwrap_or_else(PoisonError::into_inner)
}

enum Signal {
    Changed(u64),
    Stop,
}

/// Where the writer puts revisions.
#[derive(Clone)]
pub(super) struct Changes(Sender<Signal>);

impl Changes {
    pub(super) fn publish(&self, revision: u64) {
        let _ = self.0.send(Signal::Changed(revision));
    }
}

/// The thread that calls observers.
pub(super) struct Notifier {
    observers: Shared,
    signals: Sender<Signal>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Ends the observation when dropped.
pub struct Subscription {
    observers: Shared,
    id: u64,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        lock(&self.observers).callbacks.remove(&self.id);
    }
}

impl Notifier {
    pub(super) fn start() -> Self {
        let observers = Shared::default();
        let (signals, inbox) = mpsc::channel();
        let theirs = Arc::clone(&observers);
        // Without a thread nobody is told; what is committed is committed all the same.
        let thread = std::thread::Builder::new()
            .name("courier-notifier".into())
            .spawn(move || run(&theirs, &inbox))
            .ok();
        Self { observers, signals, thread: Mutex::new(thread) }
    }

    pub(super) fn signal(&self) -> Changes {
        Changes(self.signals.clone())
    }

    pub(super) fn subscribe(&self, callback: Callback) -> Subscription {
        let mut observers = lock(&self.observers);
        observers.next += 1;
        let id = observers.next;
        observers.callbacks.insert(id, callback);
        Subscription { observers: Arc::clone(&self.observers), id }
    }

    pub(super) fn stop(&self) {
        let _ = self.signals.send(Signal::Stop);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
        lock(&self.observers).callbacks.clear();
    }
}

fn run(observers: &Shared, inbox: &Receiver<Signal>) {
    while let Ok(Signal::Changed(mut newest)) = inbox.recv() {
        let mut stopped = false;
        while let Ok(signal) = inbox.try_recv() {
            match signal {
                Signal::Changed(revision) => newest = revision,
                Signal::Stop => stopped = true,
            }
        }
        let ids: Vec<u64> = lock(observers).callbacks.keys().copied().collect();
        for id in ids {
            // Called outside the lock: a callback may subscribe, unsubscribe, or pull a view. Looked up only now, so
            // that nobody is told whose observation ended while others were called.
            let Some(callback) = lock(observers).callbacks.get(&id).cloned() else { continue };
            // A shell that panics is told the next time too.
            let _ = catch_unwind(AssertUnwindSafe(|| callback(newest)));
        }
        if stopped {
            return;
        }
    }
}
