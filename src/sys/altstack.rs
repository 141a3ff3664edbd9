//! Alternate signal stacks. Stack overflow cannot be handled on the stack that overflowed, so every thread that
//! runs guest code needs one. A large enough one that somebody else installed (Go's runtime, the C host) stays.

use super::mem::{Access, Mapping, page_size};
use crate::base::{Error, ErrorKind, Result};
use std::cell::RefCell;

/// What a stack of ours has, in bytes.
const SIZE: usize = 64 << 10;
/// What the handler itself needs beside the kernel's frame.
const HANDLER: usize = 12 << 10;

thread_local! {
    static OWN: RefCell<Option<Own>> = const { RefCell::new(None) };
}

struct Own(Mapping);

impl Drop for Own {
    fn drop(&mut self) {
        let installed = query();
        if installed.is_some_and(|s| s.ss_sp as usize == self.0.base() + page_size()) {
            let off = libc::stack_t { ss_sp: core::ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
            // SAFETY: no handler runs on the stack now, since thread-local destructors do not run in handlers.
            unsafe { libc::sigaltstack(&off, core::ptr::null_mut()) };
        }
    }
}

fn query() -> Option<libc::stack_t> {
    let mut old = core::mem::MaybeUninit::<libc::stack_t>::zeroed();
    // SAFETY: asks only; `old` is written on success and valid when zero.
    unsafe { (libc::sigaltstack(core::ptr::null(), old.as_mut_ptr()) == 0).then(|| old.assume_init()) }
}

/// Smallest stack on which the kernel's frame (which grows with the CPU's registers) and the handler fit.
fn enough() -> usize {
    // SAFETY: reads the auxiliary vector.
    let frame = unsafe { libc::getauxval(libc::AT_MINSIGSTKSZ) } as usize;
    frame.max(2048) + HANDLER
}

/// Makes sure that the calling thread has a large enough alternate stack. Asks the system each time.
#[cold]
pub(super) fn ensure() -> Result<()> {
    let old = query().ok_or_else(|| Error::new(ErrorKind::Io, "failed to query the alternate signal stack"))?;
    if old.ss_flags & libc::SS_DISABLE == 0 && old.ss_size >= enough() {
        return Ok(());
    }
    let size = SIZE.max(enough() * 2);
    let map = Mapping::reserve(page_size() + size)?;
    map.protect(page_size(), map.len() - page_size(), Access::ReadWrite)?;
    let new = libc::stack_t {
        ss_sp: core::ptr::with_exposed_provenance_mut(map.base() + page_size()),
        ss_flags: 0,
        ss_size: map.len() - page_size(),
    };
    // SAFETY: the range is mapped and stays so until `Own` takes it out of use.
    if unsafe { libc::sigaltstack(&new, core::ptr::null_mut()) } != 0 {
        return Err(Error::new(ErrorKind::Io, "failed to install an alternate signal stack"));
    }
    // On a thread that is just ending the stack cannot be kept for later; it is leaked rather than left dangling.
    let mut own = Some(Own(map));
    let kept = OWN.try_with(|slot| *slot.borrow_mut() = own.take());
    if kept.is_err() {
        core::mem::forget(own);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_stack_is_left_alone() {
        std::thread::spawn(|| {
            let mut theirs = vec![0u8; enough()];
            let new = libc::stack_t { ss_sp: theirs.as_mut_ptr().cast(), ss_flags: 0, ss_size: theirs.len() };
            // SAFETY: `theirs` outlives its use, which ends below.
            assert_eq!(unsafe { libc::sigaltstack(&new, core::ptr::null_mut()) }, 0);
            ensure().unwrap();
            assert_eq!(query().unwrap().ss_sp, theirs.as_mut_ptr().cast());
            let off = libc::stack_t { ss_sp: core::ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
            // SAFETY: takes the stack out of use before it is freed.
            unsafe { libc::sigaltstack(&off, core::ptr::null_mut()) };
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_thread_without_one_gets_one() {
        std::thread::spawn(|| {
            let off = libc::stack_t { ss_sp: core::ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
            // SAFETY: nothing runs on it.
            unsafe { libc::sigaltstack(&off, core::ptr::null_mut()) };
            ensure().unwrap();
            assert!(query().unwrap().ss_size >= enough());
        })
        .join()
        .unwrap();
    }
}
