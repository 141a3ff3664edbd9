//! Host functions in C's convention, which guests call with nothing of this library's in between.
//!
//! [`asm::raw_call_thunk`](super::asm::raw_call_thunk) calls the function itself and looks at its answer; Rust runs only if that is not
//! null, if the host left something suspended, or if the store's calls are watched.

use super::exec::Exec;
use super::func::{HostFunc, guarded};
use super::instance::Instance;
use crate::base::{Error, Result};
use crate::layout::{ValRaw, VmExec, VmHostFunc};
use core::ffi::c_void;
use std::marker::PhantomData;
use std::num::NonZeroUsize;

/// What is called: with its environment, who calls, and the slots and how many there are. Null is success; any other
/// answer goes to the closure that [`RawBody::new`] was given.
pub type RawFn = unsafe extern "C" fn(*mut c_void, *mut RawCaller<'_>, *mut ValRaw, usize) -> *mut c_void;

/// Who calls a [`RawFn`]; valid until that returns. The thunk makes one on its stack.
#[repr(C)]
pub struct RawCaller<'a> {
    exec: *const Exec,
    host_word: NonZeroUsize,
    extra: usize,
    _exec: PhantomData<&'a Exec>,
}

impl<'a> RawCaller<'a> {
    /// A stand-in for a call that does not run: it has no exec, but `extra`, a word of its maker's.
    pub fn stand_in(host_word: NonZeroUsize, extra: usize) -> RawCaller<'a> {
        RawCaller { exec: core::ptr::null(), host_word, extra, _exec: PhantomData }
    }

    fn of(exec: &'a Exec, host_word: NonZeroUsize) -> RawCaller<'a> {
        RawCaller { exec, ..RawCaller::stand_in(host_word, 0) }
    }

    /// The exec that runs the call; `None` in a stand-in.
    #[inline]
    pub fn exec(&self) -> Option<&'a Exec> {
        // SAFETY: null or an exec that is running for as long as the caller is valid.
        unsafe { self.exec.as_ref() }
    }

    /// The instance that made the call; `None` in a stand-in, and when the host itself made it.
    pub fn instance(&self) -> Option<&'a Instance> {
        self.exec()?.caller_instance()
    }

    /// [`Upcalls::host_word`](super::Upcalls::host_word) of the exec's owner.
    #[inline]
    pub fn host_word(&self) -> NonZeroUsize {
        self.host_word
    }

    /// What a stand-in was made with.
    pub fn extra(&self) -> usize {
        self.extra
    }
}

type Answered = dyn Fn(&Exec, *mut c_void) -> Error + Send + Sync;

/// A host function in C's convention, with what owns its environment.
pub struct RawBody {
    call: RawFn,
    env: *mut c_void,
    answered: Box<Answered>,
}

// SAFETY: whoever made the body promised that function and environment may be used by any thread.
unsafe impl Send for RawBody {}
// SAFETY: as above.
unsafe impl Sync for RawBody {}

impl RawBody {
    /// `answered` makes an error of an answer, or of null if the exec's owner has no word for the host, in which case nothing was
    /// called. What it owns lives as long as the body.
    ///
    /// # Safety
    /// - `call` may be called with `env` by any thread, as long as `answered` lives, and does not unwind;
    /// - it leaves results of the function's type in the slots if it answers null.
    pub unsafe fn new(
        call: RawFn,
        env: *mut c_void,
        answered: impl Fn(&Exec, *mut c_void) -> Error + Send + Sync + 'static,
    ) -> RawBody {
        RawBody { call, env, answered: Box::new(answered) }
    }

    pub(super) fn call(&self) -> Call {
        Call { function: Some(self.call), env: self.env }
    }

    /// What the thunk does.
    pub(super) fn run(&self, exec: &Exec, slots: &mut [ValRaw]) -> Result<()> {
        let Some(word) = NonZeroUsize::new(exec.owner_word()) else { return Err((self.answered)(exec, core::ptr::null_mut())) };
        let mut caller = RawCaller::of(exec, word);
        // SAFETY: promised to `new`; caller and slots live through the call.
        let answer = unsafe { (self.call)(self.env, &mut caller, slots.as_mut_ptr(), slots.len()) };
        if answer.is_null() { Ok(()) } else { Err((self.answered)(exec, answer)) }
    }
}

/// What the thunk reads of a [`RawBody`].
#[repr(C)]
pub(super) struct Call {
    pub(super) function: Option<RawFn>,
    pub(super) env: *mut c_void,
}

impl Call {
    /// Of functions that are no [`RawBody`], and have another thunk.
    pub(super) const NONE: Call = Call { function: None, env: core::ptr::null_mut() };
}

/// Rest of a call by [`asm::raw_call_thunk`](super::asm::raw_call_thunk) that needs one.
///
/// # Safety
/// - `exec` is running on this thread; `func` is the head of a live [`HostFunc`] whose [`RawBody`] has just given `answer`.
#[cold]
pub(super) unsafe extern "C" fn raw_call_ended(exec: *mut VmExec, func: *const VmHostFunc, answer: *mut c_void) {
    // SAFETY: the caller's.
    let (exec, func) = unsafe { (Exec::from_vm(exec), &*func.cast::<HostFunc>()) };
    let outcome = guarded(|| match func.raw_body() {
        Some(raw) if !answer.is_null() => Err((raw.answered)(exec, answer)),
        _ => Ok(()),
    });
    exec.abandon_suspended();
    if let Err(e) = outcome {
        exec.fail(e);
    }
}

// The thunk makes a caller by pushing three words.
const _: () = assert!(size_of::<RawCaller<'_>>() == 24);
const _: () = assert!(core::mem::offset_of!(RawCaller<'_>, host_word) == 8);
