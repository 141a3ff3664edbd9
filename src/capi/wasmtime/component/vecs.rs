//! Vectors of values: lists, records, tuples, flags and maps. Buffers belong to this library.

use super::val::wasmtime_component_val_t;
use crate::capi::ffi::{CVec, c_vec, vec};
use crate::capi::wasm::bytes::wasm_name_t;
use std::mem::MaybeUninit;

/// A field of a record.
#[repr(C)]
pub struct wasmtime_component_valrecord_entry_t {
    name: wasm_name_t,
    val: wasmtime_component_val_t,
}

/// An entry of a map.
#[repr(C)]
#[derive(Clone, Default)]
pub struct wasmtime_component_valmap_entry_t {
    key: wasmtime_component_val_t,
    value: wasmtime_component_val_t,
}

impl Default for wasmtime_component_valrecord_entry_t {
    fn default() -> Self {
        wasmtime_component_valrecord_entry_t { name: wasm_name_t::null(), val: Default::default() }
    }
}

impl Clone for wasmtime_component_valrecord_entry_t {
    fn clone(&self) -> Self {
        wasmtime_component_valrecord_entry_t { name: self.name.deep_copy(), val: self.val.clone() }
    }
}

impl Drop for wasmtime_component_valrecord_entry_t {
    fn drop(&mut self) {
        drop(self.name.take());
    }
}

/// A name that frees itself: what a vector of flags holds.
#[repr(transparent)]
pub struct Flag(wasm_name_t);

impl Default for Flag {
    fn default() -> Self {
        Flag(wasm_name_t::null())
    }
}

impl Clone for Flag {
    fn clone(&self) -> Self {
        Flag(self.0.deep_copy())
    }
}

impl Drop for Flag {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

/// The elements of a list.
#[repr(C)]
pub struct wasmtime_component_vallist_t {
    size: usize,
    data: *mut wasmtime_component_val_t,
}
c_vec!(wasmtime_component_vallist_t, wasmtime_component_val_t);

/// Makes `out` a vector of the `size` elements at `ptr`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_component_vallist_new(
    out: Option<&mut MaybeUninit<wasmtime_component_vallist_t>>,
    size: usize,
    ptr: *const wasmtime_component_val_t,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, ptr) }
}

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_vallist_new_empty(out: Option<&mut MaybeUninit<wasmtime_component_vallist_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_vallist_new_uninit(
    out: Option<&mut MaybeUninit<wasmtime_component_vallist_t>>,
    size: usize,
) {
    vec::new_uninitialized(out, size);
}

/// Makes `dst` a deep copy of `src`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_vallist_copy(
    dst: Option<&mut MaybeUninit<wasmtime_component_vallist_t>>,
    src: Option<&wasmtime_component_vallist_t>,
) {
    vec::copy(dst, src);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_vallist_delete(value: Option<&mut wasmtime_component_vallist_t>) {
    vec::delete(value);
}

/// The fields of a record.
#[repr(C)]
pub struct wasmtime_component_valrecord_t {
    size: usize,
    data: *mut wasmtime_component_valrecord_entry_t,
}
c_vec!(wasmtime_component_valrecord_t, wasmtime_component_valrecord_entry_t);

/// Makes `out` a vector of the `size` elements at `ptr`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_component_valrecord_new(
    out: Option<&mut MaybeUninit<wasmtime_component_valrecord_t>>,
    size: usize,
    ptr: *const wasmtime_component_valrecord_entry_t,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, ptr) }
}

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valrecord_new_empty(out: Option<&mut MaybeUninit<wasmtime_component_valrecord_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valrecord_new_uninit(
    out: Option<&mut MaybeUninit<wasmtime_component_valrecord_t>>,
    size: usize,
) {
    vec::new_uninitialized(out, size);
}

/// Makes `dst` a deep copy of `src`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valrecord_copy(
    dst: Option<&mut MaybeUninit<wasmtime_component_valrecord_t>>,
    src: Option<&wasmtime_component_valrecord_t>,
) {
    vec::copy(dst, src);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valrecord_delete(value: Option<&mut wasmtime_component_valrecord_t>) {
    vec::delete(value);
}

/// The elements of a tuple.
#[repr(C)]
pub struct wasmtime_component_valtuple_t {
    size: usize,
    data: *mut wasmtime_component_val_t,
}
c_vec!(wasmtime_component_valtuple_t, wasmtime_component_val_t);

/// Makes `out` a vector of the `size` elements at `ptr`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_component_valtuple_new(
    out: Option<&mut MaybeUninit<wasmtime_component_valtuple_t>>,
    size: usize,
    ptr: *const wasmtime_component_val_t,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, ptr) }
}

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valtuple_new_empty(out: Option<&mut MaybeUninit<wasmtime_component_valtuple_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valtuple_new_uninit(
    out: Option<&mut MaybeUninit<wasmtime_component_valtuple_t>>,
    size: usize,
) {
    vec::new_uninitialized(out, size);
}

/// Makes `dst` a deep copy of `src`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valtuple_copy(
    dst: Option<&mut MaybeUninit<wasmtime_component_valtuple_t>>,
    src: Option<&wasmtime_component_valtuple_t>,
) {
    vec::copy(dst, src);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valtuple_delete(value: Option<&mut wasmtime_component_valtuple_t>) {
    vec::delete(value);
}

/// The names of the flags that are set.
#[repr(C)]
pub struct wasmtime_component_valflags_t {
    size: usize,
    data: *mut Flag,
}
c_vec!(wasmtime_component_valflags_t, Flag);

/// Makes `out` a vector of the `size` elements at `ptr`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_component_valflags_new(
    out: Option<&mut MaybeUninit<wasmtime_component_valflags_t>>,
    size: usize,
    ptr: *const wasm_name_t,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, ptr.cast::<Flag>()) }
}

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valflags_new_empty(out: Option<&mut MaybeUninit<wasmtime_component_valflags_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valflags_new_uninit(
    out: Option<&mut MaybeUninit<wasmtime_component_valflags_t>>,
    size: usize,
) {
    vec::new_uninitialized(out, size);
}

/// Makes `dst` a deep copy of `src`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valflags_copy(
    dst: Option<&mut MaybeUninit<wasmtime_component_valflags_t>>,
    src: Option<&wasmtime_component_valflags_t>,
) {
    vec::copy(dst, src);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valflags_delete(value: Option<&mut wasmtime_component_valflags_t>) {
    vec::delete(value);
}

/// The entries of a map.
#[repr(C)]
pub struct wasmtime_component_valmap_t {
    size: usize,
    data: *mut wasmtime_component_valmap_entry_t,
}
c_vec!(wasmtime_component_valmap_t, wasmtime_component_valmap_entry_t);

/// Makes `out` a vector of the `size` elements at `ptr`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_component_valmap_new(
    out: Option<&mut MaybeUninit<wasmtime_component_valmap_t>>,
    size: usize,
    ptr: *const wasmtime_component_valmap_entry_t,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, ptr) }
}

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valmap_new_empty(out: Option<&mut MaybeUninit<wasmtime_component_valmap_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valmap_new_uninit(
    out: Option<&mut MaybeUninit<wasmtime_component_valmap_t>>,
    size: usize,
) {
    vec::new_uninitialized(out, size);
}

/// Makes `dst` a deep copy of `src`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valmap_copy(
    dst: Option<&mut MaybeUninit<wasmtime_component_valmap_t>>,
    src: Option<&wasmtime_component_valmap_t>,
) {
    vec::copy(dst, src);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valmap_delete(value: Option<&mut wasmtime_component_valmap_t>) {
    vec::delete(value);
}
