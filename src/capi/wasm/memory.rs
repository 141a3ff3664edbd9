//! Memories.

use super::super::ffi::{StorePtr, guard, guard_some};
use super::super::wasmtime::store::wasmtime_context_t;
use super::externs::wasm_extern_t;
use super::memorytype::wasm_memorytype_t;
use super::reference::{self, Class, Object, extern_object, wasm_ref_t};
use crate::runtime::{Extern, Memory};
use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::Arc;

/// A C `char` holding a byte; the header spells it out.
pub type byte_t = c_char;

/// A size of a memory in pages.
pub type wasm_memory_pages_t = u32;

/// A memory of a store.
#[cfg_attr(all(), repr(transparent))]
pub struct wasm_memory_t(wasm_ref_t);
extern_object!(wasm_memory_t, Memory, Memory);

/// Makes a memory of the store; NULL if there is no room or a limit is in the way. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_new(
    store: StorePtr<'_>,
    ty: Option<&wasm_memorytype_t>,
) -> Option<Box<wasm_memory_t>> {
    guard(|| {
        let ctx = store?.ctx();
        let ty = ty?.ty()?;
        crate::capi::wasmtime::memory::check_limits(&ty).ok()?;
        Some(Box::new(wasm_memory_t::new(ctx, Memory::new(ctx.store(), &ty).ok()?)))
    })
}

/// The type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_type(memory: Option<&wasm_memory_t>) -> Option<Box<wasm_memorytype_t>> {
    guard(|| wasm_memorytype_t::boxed(memory?.parts()?.1.ty()))
}

/// The address of the first byte; growing may move it.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_data(memory: Option<&mut wasm_memory_t>) -> *mut byte_t {
    guard_some(|| Some(memory?.parts()?.1.data_ptr().cast()))
}

/// The size in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_data_size(memory: Option<&wasm_memory_t>) -> usize {
    guard_some(|| Some(memory?.parts()?.1.data_size()))
}

/// The size in pages.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_size(memory: Option<&wasm_memory_t>) -> wasm_memory_pages_t {
    guard_some(|| Some(u32::try_from(memory?.parts()?.1.size()).unwrap_or(u32::MAX)))
}

/// Adds `delta` pages; false if there is no room or a limit is in the way.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_grow(memory: Option<&mut wasm_memory_t>, delta: wasm_memory_pages_t) -> bool {
    guard_some(|| {
        let (ctx, memory) = memory?.parts()?;
        Some(memory.grow(ctx.store(), u64::from(delta)).is_ok())
    })
}

/// Frees the handle; the memory lives on while anything else uses it. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_delete(it: Option<Box<wasm_memory_t>>) {
    guard(|| drop(it));
}

/// Another handle of the same memory, owned by the caller; host info is shared.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_copy(it: Option<&wasm_memory_t>) -> Option<Box<wasm_memory_t>> {
    guard(|| Some(Box::new(wasm_memory_t(it?.0.clone()))))
}

/// Whether both handles are of the same memory.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_same(a: Option<&wasm_memory_t>, b: Option<&wasm_memory_t>) -> bool {
    guard_some(|| Some(a?.0.same(&b?.0)))
}

/// The host's own pointer; NULL if none was set.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_get_host_info(it: Option<&wasm_memory_t>) -> *mut c_void {
    guard_some(|| Some(it?.0.host_info()))
}

/// Sets the host's own pointer, shared by all copies of the handle.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_set_host_info(it: Option<&mut wasm_memory_t>, info: *mut c_void) {
    guard(|| it.map(|it| it.0.set_host_info(info, None)).unwrap_or_default());
}

/// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
/// the pointer is replaced. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_set_host_info_with_finalizer(
    it: Option<&mut wasm_memory_t>,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard(|| it.map(|it| it.0.set_host_info(info, finalizer)).unwrap_or_default());
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_as_ref(it: Option<&mut wasm_memory_t>) -> *mut wasm_ref_t {
    guard_some(|| Some(ptr::from_mut(&mut it?.0)))
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_as_ref_const(it: Option<&wasm_memory_t>) -> *const wasm_ref_t {
    guard_some(|| Some(ptr::from_ref(&it?.0)))
}

/// The reference as a memory, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_memory(it: Option<&mut wasm_ref_t>) -> *mut wasm_memory_t {
    reference::view_mut(it, Class::Memory)
}

/// The reference as a memory, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_memory_const(it: Option<&wasm_ref_t>) -> *const wasm_memory_t {
    reference::view(it, Class::Memory)
}


/// The same object as an extern: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_as_extern(it: Option<&mut wasm_memory_t>) -> *mut wasm_extern_t {
    guard_some(|| Some(ptr::from_mut(&mut it?.0).cast()))
}

/// The same object as an extern: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memory_as_extern_const(it: Option<&wasm_memory_t>) -> *const wasm_extern_t {
    guard_some(|| Some(ptr::from_ref(&it?.0).cast()))
}

/// The extern as a memory, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_as_memory(it: Option<&mut wasm_extern_t>) -> *mut wasm_memory_t {
    guard_some(|| Some(reference::view_mut(Some(it?.reference_mut()), Class::Memory)))
}

/// The extern as a memory, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_as_memory_const(it: Option<&wasm_extern_t>) -> *const wasm_memory_t {
    guard_some(|| Some(reference::view(Some(it?.reference()), Class::Memory)))
}

