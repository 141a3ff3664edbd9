//! Memories that belong to no store and can be used by many at once.

use super::super::ffi::{guard, guard_err, guard_some, need, own, put};
use super::super::wasm::engine::wasm_engine_t;
use super::super::wasm::memorytype::wasm_memorytype_t;
use super::error::wasmtime_error_t;
use crate::base::{Error, Result};
use crate::runtime::Memory;
use std::mem::MaybeUninit;
use std::ptr;

/// A shared memory. Usable from all threads.
pub struct wasmtime_sharedmemory_t {
    memory: Memory,
}

impl wasmtime_sharedmemory_t {
    /// An owned handle as a word of a `wasmtime_extern_t`.
    pub(super) fn into_word(memory: Memory) -> u64 {
        Box::into_raw(Box::new(wasmtime_sharedmemory_t { memory })).expose_provenance() as u64
    }

    /// The memory behind such a word.
    pub(super) fn of_word<'a>(word: u64) -> Result<&'a Memory> {
        let it = ptr::with_exposed_provenance::<wasmtime_sharedmemory_t>(word as usize);
        // SAFETY: an extern of this kind holds NULL or a handle that is alive as long as the caller keeps it.
        match unsafe { it.as_ref() } {
            Some(it) => Ok(&it.memory),
            None => Err(Error::usage("shared memory handle is null")),
        }
    }

    /// Frees the handle behind such a word.
    pub(super) fn drop_word(word: u64) {
        let it = ptr::with_exposed_provenance_mut::<wasmtime_sharedmemory_t>(word as usize);
        // SAFETY: as for `of_word`; the caller forgets the word.
        drop(unsafe { own(it) });
    }
}

/// Makes a shared memory, written to `ret` and owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_sharedmemory_new(
    engine: Option<&wasm_engine_t>,
    ty: Option<&wasm_memorytype_t>,
    ret: Option<&mut MaybeUninit<Option<Box<wasmtime_sharedmemory_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ty = need(need(ty, "type")?.ty(), "type")?;
        let memory = Memory::new_shared(need(engine, "engine")?.engine(), &ty)?;
        put(ret, Some(Box::new(wasmtime_sharedmemory_t { memory })));
        Ok(())
    })
}

/// Frees the handle; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_sharedmemory_delete(memory: Option<Box<wasmtime_sharedmemory_t>>) {
    guard(|| drop(memory));
}

/// Another handle of the same memory, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_sharedmemory_clone(
    memory: Option<&wasmtime_sharedmemory_t>,
) -> Option<Box<wasmtime_sharedmemory_t>> {
    guard(|| Some(Box::new(wasmtime_sharedmemory_t { memory: memory?.memory.clone() })))
}

/// The memory's type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_sharedmemory_type(
    memory: Option<&wasmtime_sharedmemory_t>,
) -> Option<Box<wasm_memorytype_t>> {
    guard(|| wasm_memorytype_t::boxed(memory?.memory.ty()))
}

/// The address of the first byte; never moves.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_sharedmemory_data(memory: Option<&wasmtime_sharedmemory_t>) -> *mut u8 {
    guard_some(|| Some(memory?.memory.data_ptr()))
}

/// The size in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_sharedmemory_data_size(memory: Option<&wasmtime_sharedmemory_t>) -> usize {
    guard_some(|| Some(memory?.memory.data_size()))
}

/// The size in pages.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_sharedmemory_size(memory: Option<&wasmtime_sharedmemory_t>) -> u64 {
    guard_some(|| Some(memory?.memory.size()))
}

/// Adds `delta` pages and writes the size before, in pages, to `prev_size`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_sharedmemory_grow(
    memory: Option<&wasmtime_sharedmemory_t>,
    delta: u64,
    prev_size: Option<&mut MaybeUninit<u64>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let before = need(memory, "memory")?.memory.grow_shared(delta)?;
        put(prev_size, before);
        Ok(())
    })
}
