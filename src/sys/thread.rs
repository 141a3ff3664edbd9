//! What a thread knows of itself: its number, its stack, what runs on it.

use crate::base::Result;
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

/// Stack of a thread: lowest address and one past the highest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Bounds {
    pub(crate) low: usize,
    pub(crate) high: usize,
}

impl Bounds {
    #[inline]
    pub(crate) fn contains(self, address: usize) -> bool {
        self.low <= address && address < self.high
    }
}

/// What a thread knows of itself. It is in one place because each look-up of thread-local data is a function call in
/// a shared library, and a call into a guest can afford one.
pub(crate) struct Here {
    /// What runs on the thread now, in terms of whoever sets it; null: nothing.
    pub(crate) current: Cell<*const ()>,
    /// Whether the rest is known.
    ready: Cell<bool>,
    number: Cell<i32>,
    bounds: Cell<Bounds>,
}

thread_local! {
    static HERE: Here = const {
        Here {
            current: Cell::new(core::ptr::null()),
            ready: Cell::new(false),
            number: Cell::new(0),
            bounds: Cell::new(Bounds { low: 0, high: 0 }),
        }
    };
}

/// The calling thread's record, prepared or not. Async-signal-safe once the thread has asked for it before.
#[inline]
pub(crate) fn here() -> &'static Here {
    // SAFETY: the record is there until the thread ends, having no destructor; not being `Sync`, it is used by this
    // thread only.
    HERE.with(|here| unsafe { &*core::ptr::from_ref(here) })
}

impl Here {
    /// Makes the thread fit to run guests: its number and stack are known and faults can be handled on it.
    #[inline]
    pub(crate) fn prepare(&self) -> Result<()> {
        if self.ready.get() { Ok(()) } else { self.get_ready() }
    }

    /// Asking for the stack parses /proc/self/maps on a main thread, so it is done once.
    #[cold]
    fn get_ready(&self) -> Result<()> {
        super::altstack::ensure()?;
        watch_forks();
        self.number.set(number());
        self.bounds.set(ask().unwrap_or(Bounds { low: 0, high: 0 }));
        self.ready.set(true);
        Ok(())
    }

    /// The system's number of this thread, once prepared.
    #[inline]
    pub(crate) fn number(&self) -> i32 {
        self.number.get()
    }

    /// Bounds of the thread's own stack, guard pages left out, once prepared; an empty range if the system does not say.
    #[inline]
    pub(crate) fn bounds(&self) -> Bounds {
        self.bounds.get()
    }
}

/// Forks between the process that first called [`watch_forks`] and this one. What a thread began under another number it does not
/// go on with: the child has none of the other threads. Async-signal-safe.
pub(crate) fn forks() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

static FORKS: AtomicU32 = AtomicU32::new(0);

/// A forked child's only thread has another number than the one it is a copy of: it has to ask again.
pub(crate) fn watch_forks() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    extern "C" fn in_child() {
        here().ready.set(false);
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    ONCE.call_once(|| {
        // SAFETY: the handler stores to a thread-local that needs no set-up, which may be done there. Without room for it,
        // interruptions do not reach a child's guests at once, and nothing else is wrong.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}

#[cold]
fn ask() -> Option<Bounds> {
    let mut attr = core::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
    let (mut low, mut size, mut guard) = (core::ptr::null_mut(), 0, 0);
    // SAFETY: `attr` is initialised by pthread_getattr_np before it is read, and destroyed once.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attr.as_mut_ptr()) != 0 {
            return None;
        }
        let ok = libc::pthread_attr_getstack(attr.as_ptr(), &mut low, &mut size) == 0;
        if libc::pthread_attr_getguardsize(attr.as_ptr(), &mut guard) != 0 {
            guard = 0;
        }
        libc::pthread_attr_destroy(attr.as_mut_ptr());
        if !ok {
            return None;
        }
    }
    let low = low as usize;
    // glibc counts the guard outside the stack it reports, other C libraries inside: leaving it out twice is harmless.
    Some(Bounds { low: low + guard.min(size / 4), high: low + size })
}

/// The system's number of the calling thread.
pub(crate) fn number() -> i32 {
    // SAFETY: asks only.
    unsafe { libc::gettid() }
}

/// An address in the caller's frame or just below.
#[inline(always)]
pub(crate) fn stack_pointer() -> usize {
    let sp: usize;
    // SAFETY: reads a register.
    unsafe { core::arch::asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    sp
}

#[cfg(test)]
mod tests {
    #[test]
    fn own_frame_is_inside_the_bounds() {
        let here = super::here();
        here.prepare().unwrap();
        let b = here.bounds();
        assert!(b.contains(super::stack_pointer()), "{b:x?}");
        assert_ne!(here.number(), 0);
    }
}
