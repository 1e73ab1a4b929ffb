//! Waiting for what another thread drives.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// Wakes a thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for an answer of a connection, which another thread drives. Unlike a runtime's own way to block, this may be
/// done on any thread.
pub(crate) fn wait<T>(answer: impl Future<Output = T>) -> T {
    let mut answer = pin!(answer);
    loop {
        if let Poll::Ready(answer) = poll_once(answer.as_mut()) {
            return answer;
        }
        thread::park();
    }
}

/// Asks, and takes the answer only if it is there already. This thread is woken when it comes.
pub(crate) fn poll_once<T>(answer: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Poll<T> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    answer.poll(&mut Context::from_waker(&waker))
}

/// Waits for what [`poll_once`] did not have yet.
pub(crate) fn wait_on<T>(at_once: Poll<T>, answer: impl Future<Output = T>) -> T {
    match at_once {
        Poll::Ready(answer) => answer,
        Poll::Pending => wait(answer),
    }
}
