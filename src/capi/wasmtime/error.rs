//! Errors.

use super::super::ffi::{c_text, guard, guard_some, put};
use super::super::text;
use super::super::wasm::bytes::{wasm_byte_vec_t, wasm_name_t};
use super::super::wasm::frame::{self, wasm_frame_vec_t};
use crate::base::Error;
use std::ffi::{c_char, c_int};
use std::mem::MaybeUninit;

/// Why a function of this library failed; owned by whoever receives it.
pub struct wasmtime_error_t {
    error: Error,
}

impl wasmtime_error_t {
    #[cold]
    pub(in crate::capi) fn boxed(error: Error) -> Box<wasmtime_error_t> {
        Box::new(wasmtime_error_t { error })
    }

    pub(in crate::capi) fn error(&self) -> &Error {
        &self.error
    }

    pub(in crate::capi) fn into_error(self) -> Error {
        self.error
    }
}

/// An error with this NUL-terminated text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_error_new(message: *const c_char) -> Option<Box<wasmtime_error_t>> {
    guard(|| {
        // SAFETY: NULL or NUL-terminated.
        let error = unsafe { c_text(message, "message") }.map_or_else(|e| e, Error::host);
        Some(wasmtime_error_t::boxed(error))
    })
}

/// Frees an error; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_error_delete(error: Option<Box<wasmtime_error_t>>) {
    guard(|| drop(error));
}

/// Writes the error's text, without a terminator, to `message`, which the caller frees.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_error_message(
    error: Option<&wasmtime_error_t>,
    message: Option<&mut MaybeUninit<wasm_name_t>>,
) {
    guard(|| {
        let text = error.map(|e| text::message(&e.error)).unwrap_or_default();
        put(message, wasm_byte_vec_t::from_text(&text));
    });
}

/// The status with which a WASI program ended itself: true and `status` written if that is what the error
/// reports.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_error_exit_status(
    error: Option<&wasmtime_error_t>,
    status: Option<&mut MaybeUninit<c_int>>,
) -> bool {
    guard_some(|| {
        put(status, error?.error.exit_status()?);
        Some(true)
    })
}

/// Writes the guest frames that were active to `out`, innermost first; empty if none are known. The caller
/// frees the vector.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_error_wasm_trace(
    error: Option<&wasmtime_error_t>,
    out: Option<&mut MaybeUninit<wasm_frame_vec_t>>,
) {
    guard(|| put(out, frame::trace(error.map_or(&[], |e| e.error.frames()), None)));
}
