//! Where a thread's stack is.

use std::cell::Cell;

/// Stack of a thread: lowest address and one past the highest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Bounds {
    pub(crate) low: usize,
    pub(crate) high: usize,
}

impl Bounds {
    pub(crate) fn contains(self, address: usize) -> bool {
        self.low <= address && address < self.high
    }
}

thread_local! {
    /// `low == 1`: not asked yet. Asking parses /proc/self/maps on a main thread, so it is done once.
    static BOUNDS: Cell<Bounds> = const { Cell::new(Bounds { low: 1, high: 0 }) };
}

/// Bounds of the calling thread's own stack, guard pages left out; an empty range if the system does not say.
pub(crate) fn stack_bounds() -> Bounds {
    let known = BOUNDS.get();
    if known.low != 1 {
        return known;
    }
    let found = ask().unwrap_or(Bounds { low: 0, high: 0 });
    BOUNDS.set(found);
    found
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
        let b = super::stack_bounds();
        assert!(b.contains(super::stack_pointer()), "{b:x?}");
        assert_eq!(b, super::stack_bounds());
    }
}
