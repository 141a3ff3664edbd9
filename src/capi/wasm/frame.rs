//! Frames of a backtrace.

use super::super::ffi::{CVec, Owned, c_vec, guard, guard_some, vec};
use super::super::wasmtime::store::wasmtime_context_t;
use super::bytes::wasm_byte_vec_t;
use super::instance::wasm_instance_t;
use crate::base::FrameInfo;
use std::mem::MaybeUninit;
use std::sync::Arc;

/// One guest frame. It keeps the names it lends out.
#[derive(Clone)]
pub struct wasm_frame_t {
    info: FrameInfo,
    func_name: Option<Owned<wasm_byte_vec_t>>,
    module_name: Option<Owned<wasm_byte_vec_t>>,
    instance: Option<Arc<wasm_instance_t>>,
}

impl wasm_frame_t {
    /// A frame of a call in the store `home`.
    pub(in crate::capi) fn new(info: &FrameInfo, home: Option<&Arc<wasmtime_context_t>>) -> wasm_frame_t {
        let instance = |home: &Arc<wasmtime_context_t>| {
            home.store().sole_instance(info.code).map(|found| Arc::new(wasm_instance_t::new(home, found)))
        };
        let name = |n: &Option<std::sync::Arc<str>>| n.as_deref().map(wasm_byte_vec_t::from_text).map(Owned::new);
        wasm_frame_t {
            func_name: name(&info.func_name),
            module_name: name(&info.module_name),
            instance: home.and_then(instance),
            info: info.clone(),
        }
    }

    /// The function's raw name, if the module has one for it.
    pub(in crate::capi) fn func_name(&self) -> Option<*const wasm_byte_vec_t> {
        self.func_name.as_ref().map(Owned::as_ptr)
    }

    /// The module's name, if it has one.
    pub(in crate::capi) fn module_name(&self) -> Option<*const wasm_byte_vec_t> {
        self.module_name.as_ref().map(Owned::as_ptr)
    }
}

/// All frames as a vector that the caller owns.
pub(in crate::capi) fn trace(frames: &[FrameInfo], home: Option<&Arc<wasmtime_context_t>>) -> wasm_frame_vec_t {
    wasm_frame_vec_t::from_items(frames.iter().map(|f| Some(Box::new(wasm_frame_t::new(f, home)))).collect())
}

/// The instance that the frame ran in, borrowed from the frame. NULL if it is not known: if the store is gone or has
/// several instances of the module, and for traps of `wasmtime.h`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_frame_instance(it: Option<&wasm_frame_t>) -> *mut wasm_instance_t {
    guard_some(|| Some(Arc::as_ptr(it?.instance.as_ref()?).cast_mut()))
}

/// The function's index in its module.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_frame_func_index(it: Option<&wasm_frame_t>) -> u32 {
    guard_some(|| Some(it?.info.func_index))
}

/// Bytes from the start of the function's body, local declarations included; `SIZE_MAX` if unknown.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_frame_func_offset(it: Option<&wasm_frame_t>) -> usize {
    guard(|| it.and_then(|it| it.info.func_offset).unwrap_or(usize::MAX))
}

/// Bytes from the start of the module; `SIZE_MAX` if unknown.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_frame_module_offset(it: Option<&wasm_frame_t>) -> usize {
    guard(|| it.and_then(|it| it.info.module_offset).unwrap_or(usize::MAX))
}

/// Frees a frame; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_frame_delete(it: Option<Box<wasm_frame_t>>) {
    guard(|| drop(it));
}

/// A copy of a frame, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_frame_copy(it: Option<&wasm_frame_t>) -> Option<Box<wasm_frame_t>> {
    guard(|| it.map(|it| Box::new(it.clone())))
}


/// Elements and how many; the buffer belongs to this library.
#[repr(C)]
pub struct wasm_frame_vec_t {
    pub size: usize,
    pub data: *mut Option<Box<wasm_frame_t>>,
}
c_vec!(wasm_frame_vec_t, Option<Box<wasm_frame_t>>);

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_frame_vec_new_empty(out: Option<&mut MaybeUninit<wasm_frame_vec_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_frame_vec_new_uninitialized(out: Option<&mut MaybeUninit<wasm_frame_vec_t>>, size: usize) {
    vec::new_uninitialized(out, size);
}

/// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_vec_new(
    out: Option<&mut MaybeUninit<wasm_frame_vec_t>>,
    size: usize,
    data: *const Option<Box<wasm_frame_t>>,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, data) }
}

/// Makes `out` a deep copy of `from`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_frame_vec_copy(out: Option<&mut MaybeUninit<wasm_frame_vec_t>>, from: Option<&wasm_frame_vec_t>) {
    vec::copy(out, from);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_frame_vec_delete(vec: Option<&mut wasm_frame_vec_t>) {
    vec::delete(vec);
}

