//! Byte vectors, which are also names and messages.

use super::super::ffi::{CVec, c_vec, vec};
use std::mem::MaybeUninit;

/// A C `char` holding a byte; the header spells it out.
pub type wasm_byte_t = u8;

/// Names and messages are byte vectors.
pub type wasm_name_t = wasm_byte_vec_t;

/// Elements and how many; the buffer belongs to this library.
#[repr(C)]
pub struct wasm_byte_vec_t {
    pub size: usize,
    pub data: *mut wasm_byte_t,
}
c_vec!(wasm_byte_vec_t, wasm_byte_t);

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_byte_vec_new_empty(out: Option<&mut MaybeUninit<wasm_byte_vec_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_byte_vec_new_uninitialized(out: Option<&mut MaybeUninit<wasm_byte_vec_t>>, size: usize) {
    vec::new_uninitialized(out, size);
}

/// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_byte_vec_new(
    out: Option<&mut MaybeUninit<wasm_byte_vec_t>>,
    size: usize,
    data: *const wasm_byte_t,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, data) }
}

/// Makes `out` a deep copy of `from`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_byte_vec_copy(out: Option<&mut MaybeUninit<wasm_byte_vec_t>>, from: Option<&wasm_byte_vec_t>) {
    vec::copy(out, from);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_byte_vec_delete(vec: Option<&mut wasm_byte_vec_t>) {
    vec::delete(vec);
}


impl wasm_byte_vec_t {
    /// The text's bytes, without a terminator.
    pub(in crate::capi) fn from_text(text: &str) -> wasm_byte_vec_t {
        wasm_byte_vec_t::from_items(text.as_bytes().to_vec())
    }
}
