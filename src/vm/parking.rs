//! `memory.atomic.wait` and `notify`: threads parked by address.

use super::interrupt::{Interrupt, Waker};
use crate::base::Result;
use parking_lot::{Condvar, Mutex, MutexGuard};
use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// How a wait ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wait {
    Woken = 0,
    NotEqual = 1,
    TimedOut = 2,
    Interrupted = 3,
}

#[derive(Default)]
struct Waiter {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    notified: bool,
    interrupted: bool,
}

/// How often a waiter looks whether it may go on waiting.
const SLICE: Duration = Duration::from_millis(5);

/// Asked from time to time while a thread waits; an error ends the wait.
pub(super) type Look<'a> = &'a mut dyn FnMut() -> Result<()>;

type Queue = VecDeque<Arc<Waiter>>;

/// Waiters by address; one lock, since waits are rare and short under it.
static PARKED: LazyLock<Mutex<HashMap<usize, Queue>>> = LazyLock::new(Default::default);

/// Parks the thread until `address` is notified, `timeout` passes or the exec is interrupted, if `holds` (the comparison
/// with the expected value) is true while no notification can come in between. Without `look` nothing is asked.
pub(super) fn wait(
    address: usize,
    holds: impl FnOnce() -> bool,
    timeout: Option<Duration>,
    interrupt: &Interrupt,
    look: Option<Look<'_>>,
) -> Result<Wait> {
    let me = Arc::new(Waiter::default());
    {
        let mut parked = PARKED.lock();
        if !holds() {
            return Ok(Wait::NotEqual);
        }
        parked.entry(address).or_default().push_back(me.clone());
    }
    let for_waker = me.clone();
    let waker: Waker = Arc::new(move || {
        for_waker.state.lock().interrupted = true;
        for_waker.changed.notify_one();
    });
    let before = interrupt.set_waker(Some(waker));
    let ended = if interrupt.is_triggered() { Ok(Wait::Interrupted) } else { sleep(&me, timeout, look) };
    interrupt.set_waker(before);
    let last = unpark(address, &me, *ended.as_ref().unwrap_or(&Wait::Interrupted));
    ended.map(|_| last)
}

fn sleep(me: &Waiter, timeout: Option<Duration>, mut look: Option<Look<'_>>) -> Result<Wait> {
    // A timeout too far in the future to be represented is none.
    let deadline = timeout.and_then(|t| Instant::now().checked_add(t));
    let mut state = me.state.lock();
    loop {
        if state.notified {
            return Ok(Wait::Woken);
        }
        if state.interrupted {
            return Ok(Wait::Interrupted);
        }
        let now = Instant::now();
        if deadline.is_some_and(|at| at <= now) {
            return Ok(Wait::TimedOut);
        }
        match [deadline, look.is_some().then(|| now + SLICE)].into_iter().flatten().min() {
            None => me.changed.wait(&mut state),
            Some(at) => drop(me.changed.wait_until(&mut state, at)),
        }
        if let Some(look) = &mut look {
            // What is asked may take locks of its own, and time.
            MutexGuard::unlocked(&mut state, || look())?;
        }
    }
}

/// Takes a waiter that was not notified out of its queue; a notification that came at the last moment counts.
fn unpark(address: usize, me: &Arc<Waiter>, ended: Wait) -> Wait {
    if ended == Wait::Woken {
        return ended;
    }
    let mut parked = PARKED.lock();
    let Some(queue) = parked.get_mut(&address) else { return Wait::Woken };
    let Some(at) = queue.iter().position(|w| Arc::ptr_eq(w, me)) else { return Wait::Woken };
    queue.remove(at);
    if queue.is_empty() {
        parked.remove(&address);
    }
    ended
}

/// Wakes at most `count` waiters, the longest waiting first; returns how many.
pub(super) fn notify(address: usize, count: u32) -> u32 {
    let mut parked = PARKED.lock();
    let Some(queue) = parked.get_mut(&address) else { return 0 };
    let n = queue.len().min(count as usize);
    for waiter in queue.drain(..n) {
        waiter.state.lock().notified = true;
        waiter.changed.notify_one();
    }
    if queue.is_empty() {
        parked.remove(&address);
    }
    n as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiters_are_woken_time_out_or_find_another_value() {
        let i = Interrupt::new();
        assert_eq!(wait(8, || false, None, &i, None).unwrap(), Wait::NotEqual);
        assert_eq!(wait(8, || true, Some(Duration::from_millis(1)), &i, None).unwrap(), Wait::TimedOut);
        assert_eq!(notify(8, 1), 0);
        std::thread::scope(|s| {
            let t = s.spawn(|| wait(16, || true, None, &Interrupt::new(), None));
            while notify(16, u32::MAX) == 0 {
                std::thread::yield_now();
            }
            assert_eq!(t.join().unwrap().unwrap(), Wait::Woken);
        });
    }

    #[test]
    fn who_asks_while_waiting_can_end_the_wait() {
        let (i, mut asked) = (Interrupt::new(), 0);
        let mut look = || {
            asked += 1;
            if asked < 3 { Ok(()) } else { Err(crate::base::Error::host("enough")) }
        };
        assert!(wait(24, || true, None, &i, Some(&mut look)).is_err());
        assert_eq!((asked, notify(24, 1)), (3, 0));
    }
}
