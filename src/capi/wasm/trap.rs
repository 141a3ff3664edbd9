//! Traps.

use super::super::ffi::{CVec, StorePtr, guard, guard_some, put};
use super::super::text;
use super::super::wasmtime::store::wasmtime_context_t;
use super::bytes::wasm_byte_vec_t;
use super::frame::{self, wasm_frame_t, wasm_frame_vec_t};
use super::reference::{self, Class, Object, wasm_ref_t};
use crate::base::{Error, ErrorKind};
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::{Arc, Weak};

/// A message with a terminating NUL.
pub type wasm_message_t = wasm_byte_vec_t;

/// Why a guest was stopped; owned by whoever receives it.
#[cfg_attr(all(), repr(transparent))]
pub struct wasm_trap_t(wasm_ref_t);

impl wasm_trap_t {
    #[cold]
    pub(in crate::capi) fn boxed(error: Error) -> Box<wasm_trap_t> {
        wasm_trap_t::of_call(error, Weak::new())
    }

    /// The trap that a call in a store came to: its frames know their instances as long as the store is there.
    #[cold]
    pub(super) fn of_call(error: Error, home: Weak<wasmtime_context_t>) -> Box<wasm_trap_t> {
        Box::new(wasm_trap_t(wasm_ref_t::new(Object::Trap(Arc::new(error), home))))
    }

    fn home(&self) -> Option<Arc<wasmtime_context_t>> {
        match self.0.object() {
            Object::Trap(_, home) => home.upgrade(),
            _ => None,
        }
    }

    /// The reason; `None` never happens for an object made by this library.
    pub(in crate::capi) fn error(&self) -> Option<&Error> {
        match self.0.object() {
            Object::Trap(error, _) => Some(error),
            _ => None,
        }
    }

    /// The reason, for a host function that hands the trap to its guest. If the host kept a copy, the guest
    /// gets the text and the code.
    #[cold]
    pub(in crate::capi) fn into_error(self) -> Error {
        let Object::Trap(error, _) = self.0.into_object() else { return Error::internal("not a trap") };
        Arc::try_unwrap(error).unwrap_or_else(|error| copy_error(&error))
    }
}

/// An error that says the same, without the frames.
fn copy_error(error: &Error) -> Error {
    let same = match (error.kind(), error.trap_number(), error.exit_status()) {
        (ErrorKind::Trap, Some(code), _) => Error::trap_from_number(code),
        (ErrorKind::Exit, _, Some(status)) => Some(Error::exit(status)),
        _ => None,
    };
    same.unwrap_or_else(|| {
        let mut texts = error.chain().iter().rev();
        let root = Error::new(error.kind(), texts.next().cloned().unwrap_or_default());
        texts.fold(root, |error, text| error.context(text.clone()))
    })
}

/// A trap with the given message, which should end in a NUL. Handed to the guest by a host function, it
/// stops the guest.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_trap_new(
    _store: StorePtr<'_>,
    message: Option<&wasm_message_t>,
) -> Option<Box<wasm_trap_t>> {
    guard(|| {
        let bytes = message.map_or(&[][..], CVec::as_slice);
        let text = bytes.strip_suffix(&[0]).unwrap_or(bytes);
        Some(wasm_trap_t::boxed(Error::host(String::from_utf8_lossy(text))))
    })
}

/// Writes the message, with a terminating NUL that the size counts, to `out`, which the caller frees.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_trap_message(
    trap: Option<&wasm_trap_t>,
    out: Option<&mut MaybeUninit<wasm_message_t>>,
) {
    guard(|| {
        let mut text = trap.and_then(wasm_trap_t::error).map(text::message).unwrap_or_default();
        text.push('\0');
        put(out, wasm_byte_vec_t::from_items(text.into_bytes()));
    });
}

/// The innermost guest frame, owned by the caller; NULL if none is known.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_trap_origin(trap: Option<&wasm_trap_t>) -> Option<Box<wasm_frame_t>> {
    guard(|| {
        let trap = trap?;
        Some(Box::new(wasm_frame_t::new(trap.error()?.frames().first()?, trap.home().as_ref())))
    })
}

/// Writes all guest frames, innermost first, to `out`, which the caller frees.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_trap_trace(
    trap: Option<&wasm_trap_t>,
    out: Option<&mut MaybeUninit<wasm_frame_vec_t>>,
) {
    guard(|| {
        let frames = trap.and_then(wasm_trap_t::error).map_or(&[][..], Error::frames);
        put(out, frame::trace(frames, trap.and_then(wasm_trap_t::home).as_ref()));
    });
}

/// Frees the handle; the trap lives on while anything else uses it. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_trap_delete(it: Option<Box<wasm_trap_t>>) {
    guard(|| drop(it));
}

/// Another handle of the same trap, owned by the caller; host info is shared.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_trap_copy(it: Option<&wasm_trap_t>) -> Option<Box<wasm_trap_t>> {
    guard(|| Some(Box::new(wasm_trap_t(it?.0.clone()))))
}

/// Whether both handles are of the same trap.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_trap_same(a: Option<&wasm_trap_t>, b: Option<&wasm_trap_t>) -> bool {
    guard_some(|| Some(a?.0.same(&b?.0)))
}

/// The host's own pointer; NULL if none was set.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_trap_get_host_info(it: Option<&wasm_trap_t>) -> *mut c_void {
    guard_some(|| Some(it?.0.host_info()))
}

/// Sets the host's own pointer, shared by all copies of the handle.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_trap_set_host_info(it: Option<&mut wasm_trap_t>, info: *mut c_void) {
    guard(|| it.map(|it| it.0.set_host_info(info, None)).unwrap_or_default());
}

/// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
/// the pointer is replaced.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_trap_set_host_info_with_finalizer(
    it: Option<&mut wasm_trap_t>,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard(|| it.map(|it| it.0.set_host_info(info, finalizer)).unwrap_or_default());
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_trap_as_ref(it: Option<&mut wasm_trap_t>) -> *mut wasm_ref_t {
    guard_some(|| Some(ptr::from_mut(&mut it?.0)))
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_trap_as_ref_const(it: Option<&wasm_trap_t>) -> *const wasm_ref_t {
    guard_some(|| Some(ptr::from_ref(&it?.0)))
}

/// The reference as a trap, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_trap(it: Option<&mut wasm_ref_t>) -> *mut wasm_trap_t {
    reference::view_mut(it, Class::Trap)
}

/// The reference as a trap, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_trap_const(it: Option<&wasm_ref_t>) -> *const wasm_trap_t {
    reference::view(it, Class::Trap)
}

