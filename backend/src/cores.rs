//! Work that is shared out to all cores.

use std::panic::resume_unwind;
use std::thread::{available_parallelism, scope};

/// What `work` makes of each item, in their order. Fewer than `worth_a_thread` for each core are not worth one.
pub(crate) fn on_all_cores<T: Send, R: Send>(
    items: Vec<T>,
    worth_a_thread: usize,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let cores = available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(cores).max(worth_a_thread);
    if items.len() <= share {
        return items.into_iter().map(work).collect();
    }
    let (mut items, work) = (items.into_iter(), &work);
    scope(|scope| {
        let workers: Vec<_> = (0..cores)
            .map(|_| items.by_ref().take(share).collect::<Vec<_>>())
            .map(|share| scope.spawn(move || share.into_iter().map(work).collect::<Vec<_>>()))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}
