//! Memories and their types beyond `wasm.h`.

use super::super::ffi::{CBool, ContextPtr, guard, guard_err, guard_some, need, put, truth};
use super::super::wasm::memorytype::wasm_memorytype_t;
use super::error::wasmtime_error_t;
use super::externs::wasmtime_memory_t;
use super::store::wasmtime_context_t;
use crate::base::{Error, ErrorKind, Result};
use crate::runtime::Memory;
use crate::wasm::MemoryType;
use std::mem::MaybeUninit;

/// Whether sizes fit the index type and the page size.
pub(in crate::capi) fn check_limits(ty: &MemoryType) -> Result<()> {
    let invalid = |text: String| Err(Error::new(ErrorKind::Type, text));
    if ty.page_size_log2 != 16 && ty.page_size_log2 != 0 {
        return invalid(format!("invalid page size 2^{}: expected 2^0 or 2^16", ty.page_size_log2));
    }
    if ty.shared && ty.max.is_none() {
        return invalid("shared memory must have a maximum size".into());
    }
    if ty.max.is_some_and(|max| max < ty.min) {
        return invalid("memory minimum is greater than its maximum".into());
    }
    let bits = if ty.memory64 { 64 } else { 32 };
    let most = (1u128 << bits) >> ty.page_size_log2;
    if u128::from(ty.min.max(ty.max.unwrap_or(0))) > most {
        return invalid(format!("memory size must be at most {most} pages"));
    }
    Ok(())
}

/// A memory type, owned by the caller and written to `ret`: sizes in pages of `1 << page_size_log2` bytes,
/// which are 64 KiB (16) or single bytes (0).
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memorytype_new(
    min: u64,
    max_present: CBool,
    max: u64,
    is_64: CBool,
    shared: CBool,
    page_size_log2: u8,
    ret: Option<&mut MaybeUninit<Option<Box<wasm_memorytype_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let max = truth(max_present).then_some(max);
        let ty = MemoryType { memory64: truth(is_64), shared: truth(shared), page_size_log2, min, max };
        check_limits(&ty)?;
        put(ret, wasm_memorytype_t::boxed(ty));
        Ok(())
    })
}

/// The least size in pages.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memorytype_minimum(ty: Option<&wasm_memorytype_t>) -> u64 {
    guard_some(|| Some(ty?.ty()?.min))
}

/// The greatest size in pages: true and `max` written, or false if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memorytype_maximum(
    ty: Option<&wasm_memorytype_t>,
    max: Option<&mut MaybeUninit<u64>>,
) -> bool {
    guard_some(|| {
        put(max, ty?.ty()?.max?);
        Some(true)
    })
}

/// Whether addresses have 64 bits.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memorytype_is64(ty: Option<&wasm_memorytype_t>) -> bool {
    guard_some(|| Some(ty?.ty()?.memory64))
}

/// Whether threads may share the memory.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memorytype_isshared(ty: Option<&wasm_memorytype_t>) -> bool {
    guard_some(|| Some(ty?.ty()?.shared))
}

/// Bytes of a page.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memorytype_page_size(ty: Option<&wasm_memorytype_t>) -> u64 {
    guard_some(|| Some(ty?.ty()?.page_size()))
}

/// Bytes of a page as a power of two.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memorytype_page_size_log2(ty: Option<&wasm_memorytype_t>) -> u8 {
    guard_some(|| Some(ty?.ty()?.page_size_log2))
}

/// Makes a memory of the store and writes it to `ret`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memory_new(
    store: ContextPtr<'_>,
    ty: Option<&wasm_memorytype_t>,
    ret: Option<&mut MaybeUninit<wasmtime_memory_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(store, "store")?;
        let ty = need(need(ty, "type")?.ty(), "type")?;
        check_limits(&ty)?;
        put(ret, ctx.memory_handle(&Memory::new(ctx.store(), &ty)?));
        Ok(())
    })
}

/// The memory behind both arguments; nothing if either is NULL or they do not belong together.
fn find(store: Option<&wasmtime_context_t>, memory: Option<&wasmtime_memory_t>) -> Option<Memory> {
    store?.memory(memory?).ok()
}

/// The memory's type, owned by the caller; NULL if the memory is of another store.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memory_type(
    store: Option<&wasmtime_context_t>,
    memory: Option<&wasmtime_memory_t>,
) -> Option<Box<wasm_memorytype_t>> {
    guard(|| wasm_memorytype_t::boxed(find(store, memory)?.ty()))
}

/// The address of the memory's first byte; growing may move it.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memory_data(store: ContextPtr<'_>, memory: Option<&wasmtime_memory_t>) -> *mut u8 {
    guard_some(|| Some(find(store, memory)?.data_ptr()))
}

/// The memory's size in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memory_data_size(
    store: Option<&wasmtime_context_t>,
    memory: Option<&wasmtime_memory_t>,
) -> usize {
    guard_some(|| Some(find(store, memory)?.data_size()))
}

/// The memory's size in pages.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memory_size(
    store: Option<&wasmtime_context_t>,
    memory: Option<&wasmtime_memory_t>,
) -> u64 {
    guard_some(|| Some(find(store, memory)?.size()))
}

/// Bytes of a page.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memory_page_size(store: ContextPtr<'_>, memory: Option<&wasmtime_memory_t>) -> u64 {
    guard_some(|| Some(find(store, memory)?.ty().page_size()))
}

/// Bytes of a page as a power of two.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memory_page_size_log2(
    store: ContextPtr<'_>,
    memory: Option<&wasmtime_memory_t>,
) -> u8 {
    guard_some(|| Some(find(store, memory)?.ty().page_size_log2))
}

/// Adds `delta` pages and writes the size before, in pages, to `prev_size`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_memory_grow(
    store: ContextPtr<'_>,
    memory: Option<&wasmtime_memory_t>,
    delta: u64,
    prev_size: Option<&mut MaybeUninit<u64>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(store, "store")?;
        let before = ctx.memory(need(memory, "memory")?)?.grow(ctx.store(), delta)?;
        put(prev_size, before);
        Ok(())
    })
}
