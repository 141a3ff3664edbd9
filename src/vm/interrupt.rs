//! Stopping an exec from any thread, also while it waits.

use super::exec::Exec;
use super::fault;
use crate::layout::{DUE, VmExec};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Wakes a thread that waits on behalf of an exec.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// A handle that stops an exec; outlives it harmlessly.
pub struct Interrupt {
    /// Null once the exec is gone. The lock keeps the exec alive while it is triggered.
    target: Mutex<*mut VmExec>,
    waker: Mutex<Option<Waker>>,
}

// SAFETY: of the target only atomic fields are touched, under the lock that `detach` needs too.
unsafe impl Send for Interrupt {}
// SAFETY: as above.
unsafe impl Sync for Interrupt {}

impl Interrupt {
    pub(super) fn new() -> Arc<Interrupt> {
        Arc::new(Interrupt { target: Mutex::new(core::ptr::null_mut()), waker: Mutex::new(None) })
    }

    pub(super) fn attach(&self, exec: *mut VmExec) {
        *self.target.lock() = exec;
    }

    pub(super) fn detach(&self) {
        *self.target.lock() = core::ptr::null_mut();
    }

    /// Makes the exec's running call trap with `interrupt` at its next epoch check or wait; if none is running, the
    /// next call. Any thread.
    ///
    /// Code without epoch checks is stopped too, by a signal to the thread that runs it, if that is computing in the guest
    /// when the signal arrives. Who has to be sure triggers again until the call is over.
    pub fn trigger(&self) {
        {
            let target = self.target.lock();
            if target.is_null() {
                return;
            }
            // SAFETY: not null, so the exec is alive until the lock is released; both fields are atomic.
            unsafe {
                (**target).interrupt.store(1, Ordering::SeqCst);
                (**target).due.store(DUE, Ordering::SeqCst);
                let thread = Exec::thread_of(*target);
                if thread != 0 {
                    fault::nudge(thread);
                }
            }
        }
        if let Some(wake) = self.waker.lock().clone() {
            wake();
        }
    }

    /// Whether an interrupt waits to be noticed.
    pub fn is_triggered(&self) -> bool {
        let target = self.target.lock();
        // SAFETY: as in `trigger`.
        !target.is_null() && unsafe { (**target).interrupt.load(Ordering::SeqCst) } != 0
    }

    /// Who is to be woken by [`Interrupt::trigger`]. A waiter sets its waker first and then asks
    /// [`Interrupt::is_triggered`], so that none is missed; it takes the waker back when done.
    pub fn set_waker(&self, waker: Option<Waker>) -> Option<Waker> {
        core::mem::replace(&mut *self.waker.lock(), waker)
    }
}
