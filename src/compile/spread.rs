//! The functions of a module on all threads, the largest first.
//!
//! Most modules have a few functions that take as long as all others together. A thread that comes to one of them last leaves
//! the other threads with nothing to do. So each takes the largest of those left. The thread that asks works, too: it
//! begins at once, while the others still wake up.

use crate::base::{Error, Result};
use parking_lot::Mutex;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Maps items, on all threads if `parallel`; `sizes` says how much work each of them is. The error reported is that of the first
/// bad item, with its number, so that it does not depend on the threads.
pub(super) fn spread<T: Send, U: Send>(
    parallel: bool,
    sizes: &[usize],
    items: Vec<T>,
    f: impl Fn(T) -> Result<U> + Sync,
) -> Result<Vec<U>, (u32, Error)> {
    let helpers = if parallel { rayon::current_num_threads().min(items.len()).saturating_sub(1) } else { 0 };
    if helpers == 0 {
        return items.into_iter().enumerate().map(|(i, item)| f(item).map_err(|e| (i as u32, e))).collect();
    }
    let queue = Queue::new(sizes, items);
    let done = Mutex::new(Vec::with_capacity(sizes.len()));
    let work = || {
        let mut mine = Vec::new();
        while let Some((i, item)) = queue.next() {
            mine.push((i, f(item)));
        }
        done.lock().append(&mut mine);
    };
    rayon::in_place_scope(|scope| {
        for _ in 0..helpers {
            scope.spawn(|_| work());
        }
        work();
    });
    let mut done = done.into_inner();
    done.sort_unstable_by_key(|d| d.0);
    done.into_iter().map(|(i, result)| result.map_err(|e| (i, e))).collect()
}

/// Whether there are threads to compile on: the system may refuse to start any, and a forked child has none of its
/// parent's.
pub(super) fn threads_are_there() -> bool {
    static STARTED_IN: OnceLock<Option<u32>> = OnceLock::new();
    let started_in = STARTED_IN.get_or_init(|| match rayon::ThreadPoolBuilder::new().build_global() {
        Err(e) if std::error::Error::source(&e).is_some() => None,
        // Ours, or somebody's who was here before.
        _ => Some(std::process::id()),
    });
    *started_in == Some(std::process::id())
}

/// Items that nobody has taken yet.
struct Queue<T> {
    /// Each with its number, by falling size.
    items: Vec<Mutex<Option<(u32, T)>>>,
    taken: AtomicUsize,
}

impl<T> Queue<T> {
    fn new(sizes: &[usize], items: Vec<T>) -> Queue<T> {
        let mut items: Vec<(u32, T)> = (0..).zip(items).collect();
        items.sort_by_key(|item| core::cmp::Reverse(sizes[item.0 as usize]));
        Queue { items: items.into_iter().map(|item| Mutex::new(Some(item))).collect(), taken: AtomicUsize::new(0) }
    }

    /// The largest item left.
    fn next(&self) -> Option<(u32, T)> {
        self.items.get(self.taken.fetch_add(1, Ordering::Relaxed))?.lock().take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_item_is_taken_first() {
        let queue = Queue::new(&[3, 9, 3, 7], vec!['a', 'b', 'c', 'd']);
        let order: Vec<_> = core::iter::from_fn(|| queue.next()).collect();
        assert_eq!(order, [(1, 'b'), (3, 'd'), (0, 'a'), (2, 'c')]);
        assert!(queue.next().is_none());
    }

    #[test]
    fn results_come_in_the_order_of_items_and_the_first_error_is_reported() {
        let sizes: Vec<usize> = (0..1000).map(|i| i * 7919 % 101).collect();
        for parallel in [false, true] {
            let doubled = spread(parallel, &sizes, (0..1000).collect(), |i: usize| Ok(2 * i));
            assert_eq!(doubled.ok(), Some((0..1000).map(|i| 2 * i).collect()));
            let odd = |i: usize| if i >= 300 && i % 2 == 1 { Err(Error::internal(i.to_string())) } else { Ok(()) };
            let failed = spread(parallel, &sizes, (0..1000).collect(), odd).map_err(|e| e.0);
            assert_eq!(failed, Err(301));
        }
    }
}
