//! Work that is shared out to all cores.

use std::thread::available_parallelism;

/// Does `work` on each item. Fewer than `worth_a_thread` for each core are not worth one.
pub(crate) fn on_all_cores<T: Send>(items: &mut [T], worth_a_thread: usize, work: impl Fn(&mut T) + Sync) {
    let cores = available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(cores).max(worth_a_thread);
    if items.len() <= share {
        return items.iter_mut().for_each(work);
    }
    std::thread::scope(|scope| {
        for items in items.chunks_mut(share) {
            scope.spawn(|| items.iter_mut().for_each(&work));
        }
    });
}
