//! Text to binary.

use super::super::ffi::{CVec, guard_err, put, slice};
use super::super::wasm::bytes::wasm_byte_vec_t;
use super::error::wasmtime_error_t;
use crate::wasm;
use std::ffi::c_char;
use std::mem::MaybeUninit;

/// Translates a module's text of `wat_len` bytes and writes the binary to `ret`, which the caller frees.
/// A binary module is passed on as it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_wat2wasm(
    wat: *const c_char,
    wat_len: usize,
    ret: Option<&mut MaybeUninit<wasm_byte_vec_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        // SAFETY: the caller gives `wat_len` bytes.
        let text = unsafe { slice(wat.cast::<u8>(), wat_len)? };
        let binary = if text.starts_with(b"\0asm") { text.to_vec() } else { wasm::text::parse(text)? };
        put(ret, wasm_byte_vec_t::from_items(binary));
        Ok(())
    })
}
